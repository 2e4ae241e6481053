//! P5: a joining reader never receives text that was deleted before he joined. Every byte of his socket is searched.

use serde_json::json;
use tests::person::Ticket;
use tests::socket::{Frame, Next, contains, sync_step1, update_frame};
use tests::update::{Place, delete, insert};
use tests::{Client, Person, Server, Socket};

use crate::{a_snapshot, ada_and_a_document};

const GONE: &str = "the-struck-passage";
const KEPT: &str = "what stays";

/// Types both texts and strikes one, as two commits.
async fn write_and_strike(ada: &Person, document: &str) -> Client {
    let client = Client::open("ada", &ada.ticket(document).await).await;
    client.insert(KEPT).await;
    client.insert(GONE).await;
    client.saved().await;
    client.ask("delete", json!({ "at": KEPT.len(), "length": GONE.len() })).await;
    client.saved().await;
    client
}

/// All bytes that a newcomer gets until he has the present and one live edit.
async fn all_bytes_of_a_joiner(ticket: &Ticket, author: &Client) -> Vec<u8> {
    let (mut socket, state) = Socket::join(ticket).await;
    assert!(contains(&state, KEPT.as_bytes()), "the present is there");
    author.ask("insert", json!({ "at": 0, "text": "live-edit " })).await;
    socket.update_with("live-edit ").await;
    socket.received
}

async fn reader_of(server: &Server, ada: &Person, document: &str) -> Person {
    let ben = Person::register(server, "ben").await;
    ada.share(document, &ben, "viewer").await;
    ben
}

#[tokio::test(flavor = "multi_thread")]
async fn in_an_open_room_after_eviction_and_after_a_restart() {
    let (mut server, ada, document) = ada_and_a_document(&[("STET_ROOM_IDLE", "1s")]).await;
    let ben = reader_of(&server, &ada, &document).await;
    let mut searched = 0;

    let author = write_and_strike(&ada, &document).await;
    let bytes = all_bytes_of_a_joiner(&ben.ticket(&document).await, &author).await;
    assert!(!contains(&bytes, GONE.as_bytes()), "struck text reached a joiner of an open room");
    searched += bytes.len();

    author.kill().await;
    a_snapshot(&server).await;
    let author = Client::open("ada", &ada.ticket(&document).await).await;
    let bytes = all_bytes_of_a_joiner(&ben.ticket(&document).await, &author).await;
    assert!(!contains(&bytes, GONE.as_bytes()), "struck text reached a joiner of an opened snapshot");
    searched += bytes.len();

    author.kill().await;
    server.kill().await;
    server.restart().await;
    let author = Client::open("ada", &ada.ticket(&document).await).await;
    let bytes = all_bytes_of_a_joiner(&ben.ticket(&document).await, &author).await;
    assert!(!contains(&bytes, GONE.as_bytes()), "struck text reached a joiner after a restart");
    searched += bytes.len();
    println!("{searched} bytes of three joiners searched");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_author_types_and_strikes() {
    let (server, ada, document) = ada_and_a_document(&[]).await;
    let ben = reader_of(&server, &ada, &document).await;
    let ticket = ben.ticket(&document).await;
    let (mut author, _) = Socket::join(&ada.ticket(&document).await).await;
    author.send_update(&insert(900, 0, Place::Root, KEPT)).await;
    let mut clock = KEPT.len() as u64;
    let mut place = Place::After(900, clock - 1);
    let mut joiners = Vec::new();
    for round in 0..30 {
        let word = format!("struck-{round:03}");
        author.send_update(&insert(900, clock, place, &word)).await;
        author.send_update(&delete(900, clock, word.len() as u64)).await;
        clock += word.len() as u64;
        place = Place::After(900, clock - 1);
        // The deletion has committed when a later word of the author has come back.
        let after = format!("kept-{round:03}");
        author.send_update(&insert(900, clock, place, &after)).await;
        clock += after.len() as u64;
        place = Place::After(900, clock - 1);
        author.update_with(&after).await;
        let ticket = ticket.clone();
        joiners.push(tokio::spawn(async move {
            let (mut socket, _) = Socket::join(&ticket).await;
            socket.update_with("the-end").await;
            (round, socket.received)
        }));
    }
    // Last words until everybody has joined and seen one.
    let mut last = 0;
    while !joiners.iter().all(|joiner| joiner.is_finished()) {
        let word = format!("the-end-{last}");
        author.send_update(&insert(900, clock, place, &word)).await;
        clock += word.len() as u64;
        place = Place::After(900, clock - 1);
        author.update_with(&word).await;
        last += 1;
    }
    for joiner in joiners {
        let (round, bytes) = joiner.await.expect("the joiner did not panic");
        for before in 0..=round {
            let word = format!("struck-{before:03}");
            assert!(!contains(&bytes, word.as_bytes()), "{word} was struck before joiner {round} came");
        }
    }
    println!("30 joiners during typing, {last} last words");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_claims_an_old_vector_gets_no_past() {
    let (server, ada, document) = ada_and_a_document(&[]).await;
    let ben = reader_of(&server, &ada, &document).await;
    let (mut author, _) = Socket::join(&ada.ticket(&document).await).await;
    author.send_update(&insert(901, 0, Place::Root, KEPT)).await;
    author.update_with(KEPT).await;
    author.send_update(&insert(901, KEPT.len() as u64, Place::After(901, KEPT.len() as u64 - 1), GONE)).await;
    author.send_update(&delete(901, KEPT.len() as u64, GONE.len() as u64)).await;
    author.send(&sync_step1(&[0])).await;
    author.sync_step2().await;

    // One client, `KEPT.len()` clocks: what somebody knows who left before the second sentence.
    let mut vector = vec![1];
    tests::update::write_number(&mut vector, 901);
    tests::update::write_number(&mut vector, KEPT.len() as u64);
    let mut socket = Socket::open(&ben.ticket(&document).await).await;
    socket.send(&sync_step1(&vector)).await;
    socket.sync_step2().await;
    author.send(&update_frame(&insert(902, 0, Place::Root, "afterwards"))).await;
    socket.update_with("afterwards").await;
    assert!(!contains(&socket.received, GONE.as_bytes()), "struck text reached a reader who was away");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_format_over_http_shows_it() {
    let (server, ada, document) = ada_and_a_document(&[]).await;
    let ben = reader_of(&server, &ada, &document).await;
    let author = Client::open("ada", &ada.ticket(&document).await).await;
    author
        .ask(
            "blocks",
            json!({ "blocks": [{ "name": "paragraph", "text": KEPT }, { "name": "paragraph", "text": GONE }] }),
        )
        .await;
    author.saved().await;
    author.ask("remove_blocks", json!({ "at": 1, "length": 1 })).await;
    author.saved().await;
    for format in ["json", "markdown", "html", "text", "yjs"] {
        let (status, _, body) = ben.get_raw(&format!("/api/documents/{document}?format={format}")).await;
        assert_eq!(status, 200, "{format}");
        assert!(contains(&body, KEPT.as_bytes()), "{format} lacks the present");
        assert!(!contains(&body, GONE.as_bytes()), "{format} shows struck text");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_answers_before_anything_live() {
    let (_server, ada, document) = ada_and_a_document(&[]).await;
    let ticket = ada.ticket(&document).await;
    let (mut author, _) = Socket::join(&ticket).await;
    author.send_update(&insert(903, 0, Place::Root, "first")).await;
    author.update_with("first").await;
    let mut socket = Socket::open(&ticket).await;
    author.send_update(&insert(903, 5, Place::After(903, 4), "second")).await;
    author.update_with("second").await;
    socket.send(&sync_step1(&[0])).await;
    let mut states = 0;
    while states == 0 {
        match socket.next().await {
            Next::Frame(Frame::SyncStep2(state)) => {
                assert!(contains(&state, b"second"));
                states += 1;
            }
            Next::Frame(Frame::Update(update)) => panic!("an update of {} bytes before the state", update.len()),
            Next::Frame(_) => {}
            Next::Closed(code, reason) => panic!("closed with {code} {reason:?}"),
        }
    }
}
