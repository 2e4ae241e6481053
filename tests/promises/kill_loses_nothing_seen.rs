//! P1: `kill -9` at any instant loses nothing that anyone has seen.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{Client, Dice, Person, Server, now_ms};

use crate::{ada_and_ben, text_now};

const ROUNDS: usize = 20;
const SEEN_MIN: usize = 200;
/// A round whose kill met no edit in flight proves less and is played again; so many may be.
const REPEATS_MAX: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn twenty_kills_while_two_people_type() {
    let (mut server, ada, ben, _) = ada_and_ben(&[]).await;
    let mut dice = Dice::from_environment("twenty_kills_while_two_people_type");
    let mut repeats = 0;
    let mut round = 1;
    while round <= ROUNDS {
        let document = ada.new_document(&format!("Round {round}")).await;
        ada.share(&document, &ben, "editor").await;
        if one_round(round, &mut server, (&ada, &ben), &document, dice.below(400)).await >= 1 {
            round += 1;
        } else {
            repeats += 1;
            assert!(repeats <= REPEATS_MAX, "too few rounds met an edit in flight");
        }
    }
    println!("{ROUNDS} rounds with edits in flight, {repeats} played again");
}

/// Plays one round; the edits that were in flight at the kill.
async fn one_round(
    round: usize,
    server: &mut Server,
    (ada, ben): (&Person, &Person),
    document: &str,
    wait_ms: u64,
) -> u64 {
    let one = Client::open("ada", &ada.ticket(document).await).await;
    let other = Client::open("ben", &ben.ticket(document).await).await;
    for client in [&one, &other] {
        client.ask("type", json!({ "name": client.name, "burst": 10, "pause_ms": 2 })).await;
    }
    one.ask("shown", json!({ "at_least": SEEN_MIN })).await;
    other.ask("shown", json!({ "at_least": SEEN_MIN })).await;
    // Not a wait for an event: the moment of the kill is what is drawn by lot.
    tokio::time::sleep(Duration::from_millis(wait_ms)).await;

    let killed_at = now_ms();
    server.kill().await;
    let mut seen = HashSet::new();
    let mut in_flight = 0;
    for client in [&one, &other] {
        client.ask("closed", json!({})).await;
        client.ask("stop_typing", json!({})).await;
        let report = client.ask("seen", json!({ "killed_at_ms": killed_at })).await;
        in_flight += report["in_flight"].as_u64().expect("a count");
        let shown = report["shown"].as_array().expect("a list");
        assert!(shown.len() >= SEEN_MIN);
        seen.extend(shown.iter().filter_map(Value::as_str).map(str::to_string));
        seen.extend((0..report["echoed"].as_u64().expect("a count")).map(|n| format!("{}{n}", client.name)));
    }
    // All client state is thrown away: what is there afterwards is what the server has kept.
    one.kill().await;
    other.kill().await;
    server.restart().await;

    let text = text_now(&ada.ticket(document).await).await;
    let kept: HashSet<&str> = text.split(';').collect();
    let missing: Vec<&String> = seen.iter().filter(|token| !kept.contains(token.as_str())).collect();
    println!(
        "round {round}: killed after {wait_ms} ms more, {} edits seen or acknowledged, {in_flight} in flight, {} kept, {} missing",
        seen.len(),
        kept.len() - 1,
        missing.len()
    );
    assert!(missing.is_empty(), "round {round} lost what had been seen: {:?}", &missing[..missing.len().min(10)]);
    in_flight
}
