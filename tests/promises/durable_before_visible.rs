//! P1: an update is acknowledged to its author and shown to others only after its transaction has committed.

use std::time::{Duration, Instant};

use tests::Socket;
use tests::socket::{Frame, Next, contains};
use tests::update::{Place, delete, insert};

use crate::ada_and_ben;

const HELD_BACK: Duration = Duration::from_millis(3000);
/// Less than the delay by what a busy machine may need to get around to looking.
const SILENT_FOR: Duration = Duration::from_millis(2500);

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_an_edit_while_its_commit_is_held_back() {
    let (_server, ada, ben, document) = ada_and_ben(&[("STET_FAULT", "commit_delay_ms:3000")]).await;
    let (mut ada_socket, _) = Socket::join(&ada.ticket(&document).await).await;
    let (mut ben_socket, _) = Socket::join(&ben.ticket(&document).await).await;

    let sent = Instant::now();
    ada_socket.send_update(&insert(77, 0, Place::Root, "not yet")).await;
    let (ada_saw, ben_saw) = tokio::join!(updates_within(&mut ada_socket), updates_within(&mut ben_socket));
    assert_eq!((ada_saw, ben_saw), (0, 0), "updates that left before the commit (to Ada, to Ben)");

    // What is asked for over HTTP, and a newcomer, see the committed present only.
    let (_, _, stored) = ada.get_raw(&format!("/api/documents/{document}?format=yjs")).await;
    assert!(!contains(&stored, b"not yet") || sent.elapsed() >= HELD_BACK, "HTTP shows an edit before its commit");

    ada_socket.update_with("not yet").await;
    ben_socket.update_with("not yet").await;
    let took = sent.elapsed();
    println!("the echo left {} ms after the edit", took.as_millis());
    assert!(took >= HELD_BACK, "acknowledged after {} ms", took.as_millis());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_edit_is_not_acknowledged_by_the_one_in_flight() {
    let (_server, ada, ben, document) = ada_and_ben(&[("STET_FAULT", "commit_delay_ms:3000")]).await;
    let (mut first, _) = Socket::join(&ada.ticket(&document).await).await;
    let (mut second, _) = Socket::join(&ada.ticket(&document).await).await;
    let (mut bens, _) = Socket::join(&ben.ticket(&document).await).await;

    // The second tab relays what the first one has just sent: no news, yet nothing it rests on has committed.
    let sent = Instant::now();
    let words = insert(78, 0, Place::Root, "twice");
    first.send_update(&words).await;
    second.send_update(&words).await;
    let (one, two) = tokio::join!(updates_within(&mut first), updates_within(&mut second));
    assert_eq!((one, two), (0, 0), "acknowledgements before the commit (first tab, second tab)");
    second.update_with("twice").await;
    bens.update_with("twice").await;
    assert!(sent.elapsed() >= HELD_BACK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_held_back_like_an_insertion() {
    let (mut server, ada, ben, document) = ada_and_ben(&[]).await;
    let (mut ada_socket, _) = Socket::join(&ada.ticket(&document).await).await;
    ada_socket.send_update(&insert(79, 0, Place::Root, "to be struck")).await;
    ada_socket.update_with("to be struck").await;
    server.kill().await;
    server.set("STET_FAULT", "commit_delay_ms:3000");
    server.restart().await;

    let (mut ada_socket, _) = Socket::join(&ada.ticket(&document).await).await;
    let (mut ben_socket, state) = Socket::join(&ben.ticket(&document).await).await;
    assert!(contains(&state, b"to be struck"), "the first edit was there before the restart");
    let sent = Instant::now();
    ada_socket.send_update(&delete(79, 0, 5)).await;
    let (ada_saw, ben_saw) = tokio::join!(updates_within(&mut ada_socket), updates_within(&mut ben_socket));
    assert_eq!((ada_saw, ben_saw), (0, 0), "updates that left before the commit (to Ada, to Ben)");
    while !matches!(ben_socket.next().await, Next::Frame(Frame::Update(_))) {}
    assert!(sent.elapsed() >= HELD_BACK);
}

/// How many updates that say anything come within the silent time.
async fn updates_within(socket: &mut Socket) -> usize {
    let until = Instant::now() + SILENT_FOR;
    let mut updates = 0;
    while let Some(next) = socket.next_within(until.saturating_duration_since(Instant::now())).await {
        match next {
            Next::Frame(Frame::Update(update) | Frame::SyncStep2(update)) if update != [0, 0] => updates += 1,
            Next::Frame(_) => {}
            Next::Closed(code, reason) => panic!("closed with {code} {reason:?}"),
        }
    }
    updates
}
