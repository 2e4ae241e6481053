//! P4, its core: when a right is gone, the sockets of its holder close within a second and none of his edits commit.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::update::{Place, insert};
use tests::{Client, Socket};

use crate::{ada_and_ben, text_now};

#[tokio::test(flavor = "multi_thread")]
async fn removal_closes_his_socket_and_takes_no_more_edits() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let ticket = ben.ticket(&document).await;
    let (mut his, _) = Socket::join(&ticket).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    his.send_update(&insert(801, 0, Place::Root, "while he may")).await;
    hers.until_text(json!({ "contains": "while he may" })).await;

    let removed = Instant::now();
    ada.unshare(&document, &ben).await;
    his.try_send(tokio_tungstenite::tungstenite::Message::binary(tests::socket::update_frame(&insert(
        801,
        12,
        Place::After(801, 11),
        "too late",
    ))))
    .await;
    let (code, reason) = his.closed().await;
    println!("closed with {code} {reason} after {} ms", removed.elapsed().as_millis());
    assert_eq!(code, 4403, "{reason}");
    assert!(removed.elapsed() < Duration::from_secs(1));
    // His ticket has not expired, but it opens nothing.
    assert_eq!(Socket::open(&ticket).await.closed().await.0, 4403);
    hers.insert(" and Ada goes on").await;
    hers.saved().await;
    let text = text_now(&ada.ticket(&document).await).await;
    assert!(text.contains("while he may") && !text.contains("too late"), "{text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_made_viewer_reads_on_and_writes_no_more() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let (mut his, _) = Socket::join(&ben.ticket(&document).await).await;
    his.send_update(&insert(802, 0, Place::Root, "first")).await;
    his.update_with("first").await;
    ada.share(&document, &ben, "viewer").await;
    his.try_send(tokio_tungstenite::tungstenite::Message::binary(tests::socket::update_frame(&insert(
        802,
        5,
        Place::After(802, 4),
        "second",
    ))))
    .await;
    assert_eq!(his.closed().await.0, 4403);

    let ticket = ben.ticket(&document).await;
    assert_eq!(ticket.role, "viewer");
    let viewer = Client::open("ben", &ticket).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    hers.insert(" from Ada").await;
    viewer.until_text(json!({ "contains": "from Ada", "lacks": "second" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_closes_the_sockets_of_the_session() {
    let (_server, _ada, ben, document) = ada_and_ben(&[]).await;
    let ticket = ben.ticket(&document).await;
    let (mut his, _) = Socket::join(&ticket).await;
    assert_eq!(ben.post("/api/auth/logout", json!({})).await.0, 204);
    assert_eq!(his.closed().await.0, 4401);
    assert_eq!(Socket::open(&ticket).await.closed().await.0, 4401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_ticket_asks_for_a_new_one() {
    let (_server, _ada, ben, document) = ada_and_ben(&[("STET_TICKET_LIFETIME", "1s")]).await;
    let ticket = ben.ticket(&document).await;
    tests::eventually("the ticket to expire", || async {
        let mut socket = Socket::open(&ticket).await;
        socket.send(&tests::socket::sync_step1(&[0])).await;
        matches!(first_word(&mut socket).await, Some(4501))
    })
    .await;
    // A new one opens it; nothing else has changed.
    Socket::join(&ben.ticket(&document).await).await;
    // Broken tickets are no better than expired ones, and say so with a code.
    for bad in ["", "x.y.z", &ticket.ticket[..ticket.ticket.len() - 3]] {
        let mut forged = ticket.clone();
        forged.ticket = bad.to_string();
        let (code, reason) = Socket::open(&forged).await.closed().await;
        assert!([4401, 4501].contains(&code), "{bad:?}: {code} {reason}");
    }
}

/// The close code, if the socket is closed before it is answered.
async fn first_word(socket: &mut Socket) -> Option<u16> {
    use tests::socket::{Frame, Next};
    loop {
        match socket.next().await {
            Next::Closed(code, _) => return Some(code),
            Next::Frame(Frame::SyncStep2(_)) => return None,
            Next::Frame(_) => {}
        }
    }
}
