//! P6: who wrote what comes from the authenticated connection, never from what a client claims; presence carries the
//! name the server knows.

use serde_json::json;
use tests::socket::{Frame, Next, contains, presence_frame, presence_states, sync_step1};
use tests::update::{Place, insert};
use tests::{Client, Person, Server, Socket};

use crate::{ada_and_a_document, text_now};

const FORGED: &str = "forged-words";

async fn ada_and_eve() -> (Server, Person, Person, String) {
    let (server, ada, document) = ada_and_a_document(&[]).await;
    let eve = Person::register(&server, "eve").await;
    ada.share(&document, &eve, "editor").await;
    (server, ada, eve, document)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_presence_name_is_overwritten() {
    let (_server, ada, eve, document) = ada_and_eve().await;
    let (mut watching, _) = Socket::join(&ada.ticket(&document).await).await;
    let (mut forging, _) = Socket::join(&eve.ticket(&document).await).await;
    let state = json!({ "user": { "id": ada.id, "name": "ada", "color": "#000000" }, "cursor": null }).to_string();
    forging.send(&presence_frame(31, 1, &state)).await;
    let shown = presence_of(&mut watching, 31).await;
    assert_eq!(shown["user"]["id"], eve.id.as_str(), "{shown}");
    assert!(!shown["user"]["name"].as_str().expect("a name").contains("ada"), "{shown}");
    // The forger sees it too: what comes back is what everybody is shown.
    let echoed = presence_of(&mut forging, 31).await;
    assert_eq!(echoed["user"]["id"], eve.id.as_str(), "{echoed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_under_somebody_elses_id_is_dropped() {
    let (_server, ada, eve, document) = ada_and_eve().await;
    let (mut ada_socket, _) = Socket::join(&ada.ticket(&document).await).await;
    ada_socket.send(&presence_frame(32, 1, r#"{"cursor":"of ada"}"#)).await;
    presence_of(&mut ada_socket, 32).await;
    let (mut eve_socket, _) = Socket::join(&eve.ticket(&document).await).await;
    eve_socket.send(&presence_frame(32, 7, r#"{"cursor":"of eve"}"#)).await;
    eve_socket.send(&presence_frame(33, 1, r#"{"cursor":"her own"}"#)).await;
    // Her own id arrives, so the forged one before it has been dealt with.
    let mut about_ada = Vec::new();
    'watch: loop {
        if let Next::Frame(Frame::Presence(payload)) = ada_socket.next().await {
            for (client, state) in presence_states(&payload) {
                match client {
                    32 => about_ada.push(state),
                    33 => break 'watch,
                    _ => {}
                }
            }
        }
    }
    assert!(!about_ada.iter().any(|state| state.contains("of eve") || state == "null"), "{about_ada:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_under_a_strangers_client_id() {
    let (mut server, ada, eve, document) = ada_and_eve().await;
    let author = Client::open("ada", &ada.ticket(&document).await).await;
    author.insert("mine").await;
    author.saved().await;

    let (mut forging, _) = Socket::join(&eve.ticket(&document).await).await;
    forging.send_update(&insert(author.id, 4, Place::After(author.id, 3), FORGED)).await;
    let told = forging.denied().await;
    assert!(told.contains("foreign_ranges"), "told {told:?}");
    // She keeps her socket and may write under her own id.
    forging.send_update(&insert(555, 0, Place::Root, "her own")).await;
    forging.update_with("her own").await;
    author.until_text(json!({ "contains": "her own", "lacks": FORGED })).await;

    // What comes with it and stands on it is cut out as well; the rest of the message is taken.
    forging.send_update(&insert(556, 0, Place::After(author.id, 3), "honest")).await;
    forging.update_with("honest").await;
    author.insert(" and more").await;
    author.saved().await;

    author.kill().await;
    server.kill().await;
    server.restart().await;
    let kept = text_now(&ada.ticket(&document).await).await;
    assert!(kept.contains("mine") && kept.contains("her own") && kept.contains(" and more"), "{kept:?}");
    assert!(!kept.contains(FORGED), "the forged words were committed: {kept:?}");
    let (_, _, stored) = ada.get_raw(&format!("/api/documents/{document}?format=yjs")).await;
    assert!(!contains(&stored, FORGED.as_bytes()));
    assert!(!contains(&database(&server), FORGED.as_bytes()), "the forged words are in the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announced_id_cannot_be_squatted_before_its_owners_first_edit() {
    let (_server, ada, eve, document) = ada_and_eve().await;
    // Her presence names the id; she has not typed yet.
    let author = Client::open("ada", &ada.ticket(&document).await).await;
    let (mut watching, _) = Socket::join(&eve.ticket(&document).await).await;
    presence_of(&mut watching, author.id).await;

    watching.send_update(&insert(author.id, 0, Place::Root, FORGED)).await;
    let told = watching.denied().await;
    assert!(told.contains("foreign_ranges"), "told {told:?}");
    author.insert("the true first words").await;
    author.saved().await;
    watching.update_with("the true first words").await;
    watching.send(&sync_step1(&[0])).await;
    let state = watching.sync_step2().await;
    assert!(contains(&state, b"the true first words") && !contains(&state, FORGED.as_bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_one_person_may_share_and_relay() {
    let (_server, ada, _eve, document) = ada_and_eve().await;
    let ticket = ada.ticket(&document).await;
    let (mut one, _) = Socket::join(&ticket).await;
    let (mut other, _) = Socket::join(&ticket).await;
    one.send_update(&insert(600, 0, Place::Root, "typed in one")).await;
    one.update_with("typed in one").await;
    // The second tab goes on with the same client id, as a browser does that has handed its document over.
    other.send_update(&insert(600, 12, Place::After(600, 11), ", relayed by the other")).await;
    one.update_with("relayed by the other").await;
}

async fn presence_of(socket: &mut Socket, client: u64) -> serde_json::Value {
    loop {
        match socket.next().await {
            Next::Frame(Frame::Presence(payload)) => {
                let state = presence_states(&payload).into_iter().find(|(id, state)| *id == client && state != "null");
                if let Some((_, state)) = state {
                    return serde_json::from_str(&state).expect("presence is JSON");
                }
            }
            Next::Frame(_) => {}
            Next::Closed(code, reason) => panic!("closed with {code} {reason:?} before presence of {client}"),
        }
    }
}

/// All bytes of the database and its write-ahead log.
fn database(server: &Server) -> Vec<u8> {
    let read = |name: &str| std::fs::read(server.data().join(name)).unwrap_or_default();
    [read("stet.db"), read("stet.db-wal")].concat()
}
