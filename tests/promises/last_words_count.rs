//! An edit counts also when its author closes the socket right behind it: the last key before the tab goes, a program
//! that writes and leaves, a server that is told to stop.

use tests::socket::{Frame, Next, contains, presence_states};
use tests::update::{Place, insert};
use tests::{Person, Server, Socket, eventually};
use tokio_tungstenite::tungstenite::Message;

const ROUNDS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_followed_by_a_close() {
    for delay in [None, Some(("STET_FAULT", "commit_delay_ms:300"))] {
        let server = Server::start_with(delay.as_slice()).await;
        let ada = Person::register(&server, "ada").await;
        let mut documents = Vec::new();
        for number in 0..ROUNDS {
            let document = ada.new_document("Last words").await;
            let (mut socket, _) = Socket::join(&ada.ticket(&document).await).await;
            socket.send_update(&insert(900 + number, 0, Place::Root, "last words")).await;
            socket.try_send(Message::Close(None)).await;
            documents.push(document);
        }
        all_are_there(&ada, &documents).await;
        println!("{ROUNDS} edits followed by a close, all there (fault: {delay:?})");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_followed_by_the_end_of_the_server() {
    let mut server = Server::start_with(&[("STET_FAULT", "commit_delay_ms:300")]).await;
    let ada = Person::register(&server, "ada").await;
    let document = ada.new_document("Last words").await;
    let (mut socket, _) = Socket::join(&ada.ticket(&document).await).await;
    socket.send_update(&insert(950, 0, Place::Root, "last words")).await;
    // A presence that comes back says that the update in front of it has been read.
    socket.send(&tests::socket::presence_frame(950, 1, r#"{"here":true}"#)).await;
    let mut heard = false;
    while !heard {
        match socket.next().await {
            Next::Frame(Frame::Presence(payload)) => {
                heard = presence_states(&payload).iter().any(|(client, _)| *client == 950);
            }
            Next::Frame(_) => {}
            Next::Closed(code, reason) => panic!("closed with {code} {reason:?}"),
        }
    }
    assert!(server.stop().await.success(), "SIGTERM is an orderly end");
    server.restart().await;
    all_are_there(&ada, &[document]).await;
}

async fn all_are_there(ada: &Person, documents: &[String]) {
    for document in documents {
        let ticket = ada.ticket(document).await;
        let ticket = &ticket;
        eventually("the last words", || async move { contains(&Socket::join(ticket).await.1, b"last words") }).await;
    }
}
