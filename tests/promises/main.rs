//! What Stet promises, tried from outside: every module starts servers of its own and speaks HTTP and WebSocket to them.
//! A module's name says the promise. Ada and Ben are the two people of most stories, Eve is up to something.

mod a_failed_commit_costs_nobody_anything;
mod accounts_tell_strangers_nothing;
mod authorship_cannot_be_forged;
mod bad_input_names_its_field;
mod bad_starts_end_in_one_line;
mod deletions_reach_the_absent;
mod documents_rest_and_return;
mod durable_before_visible;
mod events_tell_what_happened;
mod hostile_frames_are_refused;
mod joiners_get_the_present_not_the_past;
mod kill_loses_nothing_seen;
mod last_words_count;
mod nothing_is_skipped;
mod offline_work_arrives;
mod presence_is_truthful;
mod recorded_traces_come_back_whole;
mod removed_people_are_out;
mod rooms_come_and_go;
mod synced_to_disk_before_acknowledged;

use serde_json::json;
use tests::person::Ticket;
use tests::{Person, Server};

/// A server, Ada, and a document of hers.
pub async fn ada_and_a_document(settings: &[(&str, &str)]) -> (Server, Person, String) {
    let server = Server::start_with(settings).await;
    let ada = Person::register(&server, "ada").await;
    let document = ada.new_document("Minutes").await;
    (server, ada, document)
}

/// The same with Ben, who may edit it.
pub async fn ada_and_ben(settings: &[(&str, &str)]) -> (Server, Person, Person, String) {
    let (server, ada, document) = ada_and_a_document(settings).await;
    let ben = Person::register(&server, "ben").await;
    ada.share(&document, &ben, "editor").await;
    (server, ada, ben, document)
}

/// The committed number of the document's last change.
pub async fn seq_of(person: &Person, document: &str) -> i64 {
    let (status, body) = person.get(&format!("/api/documents/{document}")).await;
    assert_eq!(status, 200, "{body}");
    body["document"]["seq"].as_i64().expect("a seq")
}

/// What a client that joins now is shown as the text.
pub async fn text_now(ticket: &Ticket) -> String {
    let reader = tests::Client::open("reader", ticket).await;
    let text = reader.text().await;
    reader.ask("quit", json!({})).await;
    text
}

/// Waits until a room has closed and left a snapshot (with `STET_ROOM_IDLE` of a second, and nobody in it).
pub async fn a_snapshot(server: &Server) {
    tests::eventually("a room to close with a snapshot", || async { !objects_of(server).is_empty() }).await;
}

/// The paths of all stored objects.
pub fn objects_of(server: &Server) -> Vec<String> {
    fn below(folder: &std::path::Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path.display().to_string()] }).collect()
    }
    below(&server.data().join("objects"))
}
