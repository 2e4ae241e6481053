//! A whole recorded paper typed in, many keystrokes in flight.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::json;
use tests::frames::{masked, next_frame, open};
use tests::socket::update_frame;
use tests::update::read_number;
use tests::{Client, folder};
use tokio::process::Command;

use crate::Plan;
use crate::fan_out::{take_part, write};
use crate::report::Row;
use crate::subject::{Kind, Room, Subject};

const TRACE: &str = "automerge-paper";
const IN_FLIGHT: usize = 256;

pub async fn run(kind: Kind, plan: &Plan) -> Vec<Row> {
    let recorded = recorded().await;
    let updates = &recorded[..recorded.len().min(plan.trace_edits_max)];
    let mut subject = Subject::start(kind).await;
    let room = subject.new_room("trace").await;
    let cpu_before = subject.cpu();
    let started = Instant::now();
    let latencies = type_in(kind, &room, updates).await;
    let took = started.elapsed();
    tokio::time::sleep(plan.settle).await;
    let cpu = subject.cpu() - cpu_before;
    let name = format!("{TRACE} typed in, {IN_FLIGHT} in flight ({} edits)", updates.len());
    let mut row = Row::new(&name, kind, updates.len() as u64, cpu, latencies);
    row.per_second = Some(updates.len() as f64 / took.as_secs_f64());
    row.memory_peak_bytes = subject.memory_peak_bytes();
    row.disk_bytes = subject.disk_bytes();
    if kind == Kind::Stet && updates.len() == recorded.len() {
        check_equal(&mut subject, &room).await;
    }
    vec![row]
}

/// Sends updates through one socket, at most [`IN_FLIGHT`] of them without their echo; how long each echo took.
pub async fn type_in(kind: Kind, room: &Room, updates: &[Vec<u8>]) -> Vec<Duration> {
    let (stream, mut buffer) = open(&room.host, &room.path).await.expect("the socket opens");
    if kind == Kind::Stet {
        take_part(&stream, &mut buffer).await;
    }
    let mut owed: VecDeque<Instant> = VecDeque::new();
    let mut latencies = Vec::with_capacity(updates.len());
    let mut rest = updates.iter();
    let mut batch = Vec::new();
    loop {
        batch.clear();
        while owed.len() < IN_FLIGHT {
            let Some(update) = rest.next() else { break };
            batch.extend(masked(&update_frame(update)));
            owed.push_back(Instant::now());
        }
        if !batch.is_empty() {
            write(&stream, &batch).await;
        }
        if owed.is_empty() {
            return latencies;
        }
        let frame = next_frame(&stream, &mut buffer).await.expect("a readable socket").expect("an open socket");
        // Echoes come in the order of the keystrokes.
        if frame.binary && frame.payload.starts_with(&[0, 2]) && frame.payload[..] != [0, 2, 2, 0, 0] {
            latencies.push(owed.pop_front().expect("an echo is owed").elapsed());
        }
    }
}

/// The updates that stock Yjs makes of the trace, one per keystroke, made once by Node.
async fn recorded() -> Vec<Vec<u8>> {
    let file = folder().join("out").join(format!("{TRACE}.updates"));
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("tests/out can be made");
    if !file.exists() {
        let made = Command::new("node").arg(folder().join("clients/record.mjs")).arg(TRACE).arg(&file).status().await;
        assert!(made.expect("node starts").success(), "node records the trace");
    }
    let bytes = std::fs::read(&file).expect("the record can be read");
    let mut rest = &bytes[..];
    let mut updates = Vec::new();
    while let Some(length) = read_number(&mut rest) {
        let (update, after) = rest.split_at(length as usize);
        updates.push(update.to_vec());
        rest = after;
    }
    updates
}

async fn check_equal(subject: &mut Subject, room: &Room) {
    subject.restart(room).await;
    let (_, person) = subject.keeps().expect("only Stet keeps documents");
    let reader = Client::open("reader", &person.ticket(&room.document).await).await;
    let equal = reader.ask_within(Duration::from_secs(60), "equals_trace", json!({ "trace": TRACE })).await;
    assert_eq!(equal, true, "the text differs after kill -9 and a restart");
    eprintln!("the text is equal after kill -9 and a restart");
}
