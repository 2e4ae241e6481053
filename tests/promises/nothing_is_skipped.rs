//! P2: a reader that falls behind is caught up from its position or closed with a reason; memory per connection is
//! bounded.

use std::time::Duration;

use serde_json::json;
use tests::update::{Place, insert};
use tests::{Client, Server, Socket};

use crate::ada_and_ben;

const PIECES: u64 = 1_500;
const PIECE_BYTES: usize = 16 * 1024;
const SLOW_READERS: usize = 6;
/// The outbox of a slow connection holds 1 MiB; the rest is room for what the allocator keeps.
const PER_READER_KB_MAX: u64 = 4 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn slow_readers_get_everything_or_a_reason() {
    let without_kb = write_beside(0).await;
    let with_kb = write_beside(SLOW_READERS).await;
    let written_kb = PIECES * PIECE_BYTES as u64 / 1024;
    println!(
        "memory grew by {without_kb} kB without slow readers and by {with_kb} kB with {SLOW_READERS}, for {written_kb} kB written"
    );
    // An unbounded queue would hold for each what the socket's own buffers do not. One copy of the document more or less
    // is a matter of when the room folded its tail last.
    assert!(with_kb < without_kb + SLOW_READERS as u64 * PER_READER_KB_MAX + written_kb);
    assert!(
        without_kb < written_kb * 20,
        "a document takes up to 20 times its size while it is materialised, not more"
    );
}

/// Writes much beside so many readers who do not read, until all are whole again; how much the server's memory grew.
async fn write_beside(slow_readers: usize) -> u64 {
    let (server, ada, ben, document) = ada_and_ben(&[]).await;
    let ticket = ben.ticket(&document).await;
    let mut slow = Vec::new();
    for _ in 0..slow_readers {
        let reader = Client::open("slow", &ticket).await;
        reader.ask("stop_reading", json!({})).await;
        slow.push(reader);
    }
    let healthy = Client::open("healthy", &ticket).await;
    let before_kb = memory_kb(&server, "VmRSS");

    let (mut writer, _) = Socket::join(&ada.ticket(&document).await).await;
    let mut place = Place::Root;
    let mut last = String::new();
    for piece in 0..PIECES {
        // The writer reads its echoes, as a client does.
        while writer.next_within(Duration::ZERO).await.is_some() {}
        last = format!("{piece:06}{}", "x".repeat(PIECE_BYTES - 6));
        // Two ids by turns: the pieces of one would melt into one string, which Yjs copies whole at each further one.
        let (client, clock) = (501 + piece % 2, piece / 2 * PIECE_BYTES as u64);
        writer.send_update(&insert(client, clock, place, &last)).await;
        place = Place::After(client, clock + PIECE_BYTES as u64 - 1);
    }
    writer.update_with(&last[..12]).await;
    let length = PIECES * PIECE_BYTES as u64;
    healthy.ask("until_length", json!({ "length": length })).await;
    let grown_kb = memory_kb(&server, "VmHWM").saturating_sub(before_kb);
    let whole = healthy.text().await;
    assert_eq!(whole.len() as u64, length);
    let mut closed = 0;
    for reader in &slow {
        reader.ask("read_on", json!({})).await;
        reader.ask_within(Duration::from_secs(60), "until_length", json!({ "length": length })).await;
        assert!(reader.text().await == whole, "a slow reader was given something else");
        let closes = reader.ask("closes", json!({})).await;
        for close in closes.as_array().expect("a list") {
            assert!(!close["reason"].as_str().unwrap_or("").is_empty(), "closed without a reason: {close}");
            closed += 1;
        }
        assert_eq!(reader.ask("pending", json!({})).await, false, "a hole is left in a slow reader");
    }
    println!("all {slow_readers} slow readers are whole; {closed} closes with a reason on the way");
    grown_kb
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_joins_in_the_middle_of_typing_misses_nothing() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let writer = Client::open("ada", &ada.ticket(&document).await).await;
    writer.ask("type", json!({ "name": "a", "burst": 3, "pause_ms": 1 })).await;
    let mut readers = Vec::new();
    for _ in 0..8 {
        readers.push(Client::open("ben", &ben.ticket(&document).await).await);
    }
    writer.ask("stop_typing", json!({})).await;
    writer.saved().await;
    let whole = writer.text().await;
    assert!(whole.len() > 100);
    for reader in &readers {
        reader.until_text(json!({ "equals": whole })).await;
    }
    println!("8 readers joined while {} edits were typed; all have all of them", whole.matches(';').count());
}

fn memory_kb(server: &Server, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).expect("the server runs");
    let value = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':')).expect("the line is there");
    value.trim().trim_end_matches(" kB").parse().expect("a number")
}
