//! What was written without a connection arrives, also from a client that itself waits for somebody else's edits.

use serde_json::json;
use tests::socket::{Frame, Next, sync_step1, sync_step2};
use tests::update::{Place, insert, write_bytes, write_number};
use tests::{Client, Socket};

use crate::{ada_and_ben, text_now};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_write_offline_and_meet() {
    let (mut server, ada, ben, document) = ada_and_ben(&[]).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    hers.insert("start. ").await;
    his.until_text(json!({ "contains": "start" })).await;
    server.kill().await;
    for (client, word) in [(&hers, "ada"), (&his, "ben")] {
        for n in 0..50 {
            client.insert(&format!("{word}{n} ")).await;
        }
        client.ask("delete", json!({ "at": 0, "length": 1 })).await;
    }
    server.restart().await;
    hers.saved().await;
    his.saved().await;
    let text = text_now(&ada.ticket(&document).await).await;
    for client in [&hers, &his] {
        client.until_text(json!({ "equals": text })).await;
    }
    assert!(text.starts_with("tart. ") && text.contains("ada49 ") && text.contains("ben49 "), "{text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_update_with_a_hole_the_whole_part_is_taken() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let (mut socket, _) = Socket::join(&ben.ticket(&document).await).await;
    // Item, Skip, Item of one client, as Yjs writes it when something is parked.
    let mut update = Vec::new();
    for number in [1, 3, 700, 0] {
        write_number(&mut update, number);
    }
    update.push(4);
    write_number(&mut update, 1);
    write_bytes(&mut update, b"text");
    write_bytes(&mut update, b"before");
    update.push(10);
    write_number(&mut update, 4);
    update.push(4 | 128);
    write_number(&mut update, 700);
    write_number(&mut update, 9);
    write_bytes(&mut update, b"behind the hole");
    write_number(&mut update, 0);
    socket.send(&sync_step2(&update)).await;
    socket.send(&sync_step1(&[0])).await;
    let state = socket.sync_step2().await;
    assert!(tests::socket::contains(&state, b"before"), "the closed part was thrown away");
    assert!(!tests::socket::contains(&state, b"behind the hole"), "a part with a hole before it was shown");

    // The hole is filled: then the client's next SyncStep2 brings the rest.
    socket.send_update(&insert(700, 6, Place::After(700, 5), "hole")).await;
    socket.send(&sync_step2(&update)).await;
    let reader = Client::open("ada", &ada.ticket(&document).await).await;
    reader.until_text(json!({ "equals": "beforeholebehind the hole" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_whose_base_is_unknown_is_asked_for_once() {
    let (_server, _ada, ben, document) = ada_and_ben(&[]).await;
    let (mut socket, _) = Socket::join(&ben.ticket(&document).await).await;
    for clock in [10, 11, 12] {
        socket.send_update(&insert(710, clock, Place::After(710, clock - 1), "x")).await;
    }
    socket.send(&sync_step1(&[0])).await;
    let mut asked = 0;
    loop {
        match socket.next().await {
            Next::Frame(Frame::SyncStep1(_)) => asked += 1,
            Next::Frame(Frame::SyncStep2(_)) => break,
            Next::Frame(Frame::Update(_)) => panic!("an update without its base was acknowledged"),
            Next::Frame(_) => {}
            Next::Closed(code, reason) => panic!("an honest gap was refused: {code} {reason:?}"),
        }
    }
    assert_eq!(asked, 1, "questions for the missing part");
    let mut whole = insert(710, 0, Place::Root, "0123456789xxx");
    whole = sync_step2(&whole);
    socket.send(&whole).await;
    let update = socket.update_with("0123456789").await;
    assert!(tests::socket::contains(&update, b"xxx"));
}
