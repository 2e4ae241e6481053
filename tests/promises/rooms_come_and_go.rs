//! A room opens once, is evicted when nobody is in it, and leaves a snapshot from which it opens again.

use serde_json::json;
use tests::socket::contains;
use tests::{Client, Socket};

use crate::{a_snapshot, ada_and_ben, objects_of, seq_of};

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_room_is_evicted_and_opens_again_as_it_was() {
    let (mut server, ada, ben, document) = ada_and_ben(&[("STET_ROOM_IDLE", "1s")]).await;
    let ticket = ada.ticket(&document).await;
    let mut expected = String::new();
    for round in 0..3 {
        let client = Client::open("ada", &ticket).await;
        client.until_text(json!({ "equals": expected })).await;
        client.insert(&format!("round {round}. ")).await;
        client.saved().await;
        expected = client.text().await;
        client.kill().await;
        let objects = objects_of(&server).len();
        tests::eventually("another snapshot", || async { objects_of(&server).len() > objects }).await;
    }
    let seq = seq_of(&ada, &document).await;
    server.kill().await;
    server.restart().await;
    let reader = Client::open("ben", &ben.ticket(&document).await).await;
    reader.until_text(json!({ "equals": expected })).await;
    assert_eq!(seq_of(&ada, &document).await, seq);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_first_visitors_at_once_get_one_room() {
    let (mut server, ada, ben, document) = ada_and_ben(&[("STET_LOG", "debug")]).await;
    let author = Client::open("ada", &ada.ticket(&document).await).await;
    author.insert("here already").await;
    author.saved().await;
    author.kill().await;
    server.stop().await;
    server.restart().await;

    let tickets = [ada.ticket(&document).await, ben.ticket(&document).await];
    let logged_before = server.log().len();
    let visits = (0..20).map(|visit| {
        let ticket = tickets[visit % 2].clone();
        tokio::spawn(async move { Socket::join(&ticket).await })
    });
    let mut sockets = Vec::new();
    for visit in visits.collect::<Vec<_>>() {
        let (socket, state) = visit.await.expect("the visitor did not panic");
        assert!(contains(&state, b"here already"));
        sockets.push(socket);
    }
    // They are in one and the same room: what one says reaches all.
    sockets[0].send_update(&tests::update::insert(950, 0, tests::update::Place::Root, "said once")).await;
    for socket in &mut sockets {
        socket.update_with("said once").await;
    }
    let log = server.log();
    let opened =
        log[logged_before..].lines().filter(|line| line.contains("room opened") && line.contains(&document)).count();
    assert_eq!(
        opened, 1,
        "the room was opened {opened} times (lines `room opened` with the document's id at level debug)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_says_so_and_writes_the_snapshot() {
    let (mut server, ada, _ben, document) = ada_and_ben(&[]).await;
    let ticket = ada.ticket(&document).await;
    let client = Client::open("ada", &ticket).await;
    client.insert("last words").await;
    client.saved().await;
    let (mut socket, _) = Socket::join(&ticket).await;
    let (status, (code, reason)) = tokio::join!(server.stop(), socket.closed());
    assert!(status.success(), "{status}");
    assert_eq!(code, 1012, "{reason}");
    assert!(!objects_of(&server).is_empty(), "no snapshot was left");
    server.restart().await;
    // The stock client comes back by itself.
    client.insert(" and more").await;
    client.saved().await;
    let (_, state) = Socket::join(&ticket).await;
    assert!(contains(&state, b"last words") && contains(&state, b" and more"));
    a_snapshot(&server).await;
}
