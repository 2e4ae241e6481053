//! Real writing, typed through stock clients one keystroke a frame, is the recorded text after a restart.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{Client, Person, Server};

use crate::ada_and_ben;

const IN_FLIGHT: u64 = 256;
const TRACE_TIME: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn automerge_paper() {
    typed_and_read_back("automerge-paper").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rustcode() {
    typed_and_read_back("rustcode").await;
}

async fn typed_and_read_back(trace: &str) {
    let mut server = Server::start().await;
    let ada = Person::register(&server, "ada").await;
    let document = ada.new_document(trace).await;
    let author = Client::open("ada", &ada.ticket(&document).await).await;
    let started = Instant::now();
    let typed = author.ask_within(TRACE_TIME, "type_trace", json!({ "trace": trace, "in_flight": IN_FLIGHT })).await;
    let took = started.elapsed();
    assert_eq!(typed["matches"], true, "the author's own text differs");
    let edits = typed["edits"].as_u64().expect("a count");
    author.kill().await;
    server.kill().await;
    server.restart().await;

    let reader = Client::open("reader", &ada.ticket(&document).await).await;
    assert_eq!(reader.ask("equals_trace", json!({ "trace": trace })).await, true, "{trace} came back different");
    println!(
        "{trace}: {edits} transactions typed in {:.1} s ({:.0}/s), equal after kill -9 and restart",
        took.as_secs_f64(),
        edits as f64 / took.as_secs_f64()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn friendsforever_by_its_two_people_at_once() {
    let trace = "friendsforever";
    let (mut server, ada, ben, document) = ada_and_ben(&[]).await;
    let ids = [1001, 2002];
    let mut clients = Vec::new();
    for (person, id) in [&ada, &ben].into_iter().zip(ids) {
        let mut client = Client::start(&person.name);
        client.connect(&person.ticket(&document).await, json!({ "client_id": id })).await;
        client.ask("synced", json!({})).await;
        clients.push(client);
    }
    let started = Instant::now();
    let play = |agent: usize| {
        let command = json!({ "trace": trace, "agent": agent, "clients": ids, "in_flight": IN_FLIGHT });
        let client = &clients[agent];
        async move { client.ask_within(TRACE_TIME, "type_agent", command).await }
    };
    let (one, other) = tokio::join!(play(0), play(1));
    println!("{trace} in {:.1} s: {one} and {other}", started.elapsed().as_secs_f64());
    for agent in [&one, &other] {
        assert_eq!(agent["matches"], true, "an agent's text differs at the end");
        assert!(agent["merges"].as_u64() > Some(1000), "the agents hardly met");
    }
    for client in clients {
        client.kill().await;
    }
    server.kill().await;
    server.restart().await;
    let reader = Client::open("reader", &ada.ticket(&document).await).await;
    assert_eq!(reader.ask("equals_trace", json!({ "trace": trace })).await, true, "{trace} came back different");
}
