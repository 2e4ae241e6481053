//! How long a newcomer waits for a document at rest that several people have written.

use std::time::{Duration, Instant};

use tests::frames::open;
use tests::update::{Place, insert};

use crate::Plan;
use crate::fan_out::take_part;
use crate::report::Row;
use crate::subject::{Kind, Room, Subject};
use crate::trace::type_in;

/// One after another in a warm server, all at once, and the first one after a restart.
pub async fn run(plan: &Plan) -> Vec<Row> {
    let mut subject = Subject::start(Kind::Stet).await;
    let room = subject.new_room("join").await;
    type_in(Kind::Stet, &room, &written_by_turns(plan.join_pieces)).await;
    subject.rest().await;
    let subject = &mut subject;
    let room = subject.restart(&room).await;
    join(&room).await;
    let cpu_before = subject.cpu();
    let mut latencies = Vec::new();
    let mut bytes = 0;
    for _ in 0..plan.joins {
        let (took, length) = join(&room).await;
        latencies.push(took);
        bytes = length;
    }
    let cpu = subject.cpu() - cpu_before;
    let size = bytes / 1000;
    let warm = with_memory(
        Row::new(&format!("join of {size} kB, warm"), Kind::Stet, plan.joins as u64, cpu, latencies),
        subject,
    );

    let cpu_before = subject.cpu();
    let at_once = futures_util::future::join_all((0..plan.joins).map(|_| join(&room))).await;
    let cpu = subject.cpu() - cpu_before;
    let latencies = at_once.into_iter().map(|(took, _)| took).collect();
    let name = format!("join of {size} kB, {} at once", plan.joins);
    let crowd = with_memory(Row::new(&name, Kind::Stet, plan.joins as u64, cpu, latencies), subject);

    let mut latencies = Vec::new();
    let mut cpu = Duration::ZERO;
    for _ in 0..3 {
        let room = subject.restart(&room).await;
        let cpu_before = subject.cpu();
        latencies.push(join(&room).await.0);
        cpu += subject.cpu() - cpu_before;
    }
    let cold = with_memory(
        Row::new(&format!("join of {size} kB, first after a restart"), Kind::Stet, 3, cpu, latencies),
        subject,
    );
    vec![warm, crowd, cold]
}

/// Updates of five people who write behind each other, so that no piece can be joined with the one before it.
fn written_by_turns(pieces: usize) -> Vec<Vec<u8>> {
    const PEOPLE: usize = 5;
    const LETTERS: u64 = 24;
    let mut clocks = [0; PEOPLE];
    let mut place = Place::Root;
    let mut updates = Vec::with_capacity(pieces);
    for piece in 0..pieces {
        let (client, clock) = (1_000_000_000 + (piece % PEOPLE) as u64, clocks[piece % PEOPLE]);
        updates.push(insert(client, clock, place, &format!("{piece:0width$}", width = LETTERS as usize)));
        clocks[piece % PEOPLE] += LETTERS;
        place = Place::After(client, clocks[piece % PEOPLE] - 1);
    }
    updates
}

/// From the first packet to the whole state.
async fn join(room: &Room) -> (Duration, usize) {
    let started = Instant::now();
    let (stream, mut buffer) = open(&room.host, &room.path).await.expect("the socket opens");
    let bytes = take_part(&stream, &mut buffer).await;
    (started.elapsed(), bytes)
}

fn with_memory(mut row: Row, subject: &Subject) -> Row {
    row.memory_peak_bytes = subject.memory_peak_bytes();
    row.disk_bytes = subject.disk_bytes();
    row
}
