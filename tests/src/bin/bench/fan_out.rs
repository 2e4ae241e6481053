//! Many people, each update to everybody in its document.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tests::frames::{masked, next_frame, open};
use tests::socket::{contains, sync_step1, update_frame};
use tests::update::{Place, insert};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::Plan;
use crate::report::Row;
use crate::subject::{Kind, Room, Subject};

pub struct Load {
    /// What `--only` calls it.
    pub key: &'static str,
    pub name: String,
    pub documents: usize,
    pub people: usize,
    pub writers: usize,
    pub per_second: u64,
}

/// The loads of the issue; the short form has fewer documents and people.
pub fn loads(plan: &Plan) -> Vec<Load> {
    let shrink = if plan.short { 10 } else { 1 };
    let load = |key, documents: usize, people: usize, writers, per_second| Load {
        key,
        name: format!("{documents} documents x {people} people, {writers} write {per_second}/s"),
        documents,
        people,
        writers,
        per_second,
    };
    vec![load("200x5", 200 / shrink, 5, 5, 1), load("1x300", 1, 300 / shrink, 5, 10)]
}

/// One who writes: his socket, his client id, and when he sent each of his updates.
struct Writer {
    stream: Rc<TcpStream>,
    client: u64,
    clock: u64,
    sent: Vec<Instant>,
}

/// What all tasks of one run share; the driver has one thread.
struct Shared {
    writers: RefCell<Vec<Writer>>,
    latencies: RefCell<Vec<Duration>>,
    delivered: RefCell<u64>,
    wrong: RefCell<Vec<String>>,
    news: Notify,
}

/// The text of an update: who sent it, and which of his it is.
const MARK: usize = 11;

fn mark(writer: usize, number: usize) -> String {
    format!("~{writer:04x}{number:06x}")
}

pub async fn run(kind: Kind, load: &Load, plan: &Plan) -> Vec<Row> {
    tokio::task::LocalSet::new().run_until(run_local(kind, load, plan)).await
}

async fn run_local(kind: Kind, load: &Load, plan: &Plan) -> Vec<Row> {
    let subject = Subject::start(kind).await;
    let shared = Rc::new(Shared {
        writers: RefCell::default(),
        latencies: RefCell::default(),
        delivered: RefCell::default(),
        wrong: RefCell::default(),
        news: Notify::new(),
    });
    let mut rooms = Vec::new();
    for document in 0..load.documents {
        let room = subject.new_room(&format!("bench-{document}")).await;
        for person in 0..load.people {
            join(kind, &room, &shared, document * load.writers..(document + 1) * load.writers, person < load.writers)
                .await;
        }
        rooms.push(room);
    }

    send_for(load, &shared, plan.warm_up_seconds).await;
    all_delivered(load, &shared).await;
    shared.latencies.borrow_mut().clear();
    let delivered_before = *shared.delivered.borrow();
    let cpu_before = subject.cpu();
    send_for(load, &shared, plan.seconds).await;
    all_delivered(load, &shared).await;
    tokio::time::sleep(plan.settle).await;
    let cpu = subject.cpu() - cpu_before;
    let delivered = *shared.delivered.borrow() - delivered_before;

    let wrong = shared.wrong.take();
    assert!(wrong.is_empty(), "{}: {} wrong deliveries, such as {}", kind.name(), wrong.len(), wrong[0]);
    let mut row = Row::new(&load.name, kind, delivered, cpu, shared.latencies.take());
    row.memory_peak_bytes = subject.memory_peak_bytes();
    row.disk_bytes = subject.disk_bytes();
    check_kept(subject, &rooms, &shared, load).await;
    vec![row]
}

/// Opens one socket and leaves a task behind that counts what arrives.
async fn join(kind: Kind, room: &Room, shared: &Rc<Shared>, writers: std::ops::Range<usize>, writes: bool) {
    let (stream, mut buffer) = open(&room.host, &room.path).await.expect("the socket opens");
    let stream = Rc::new(stream);
    if kind == Kind::Stet {
        take_part(&stream, &mut buffer).await;
    }
    if writes {
        let mut all = shared.writers.borrow_mut();
        let client = 1_000_000_000 + all.len() as u64 * 7919;
        all.push(Writer { stream: stream.clone(), client, clock: 0, sent: Vec::new() });
    }
    tokio::task::spawn_local(read(stream, buffer, shared.clone(), writers));
}

/// What a new client does first: it asks for the present and waits for it.
pub async fn take_part(stream: &TcpStream, buffer: &mut BytesMut) -> usize {
    write(stream, &masked(&sync_step1(&[0]))).await;
    loop {
        let frame = next_frame(stream, buffer).await.expect("a readable socket").expect("an open socket");
        if frame.binary && frame.payload.starts_with(&[0, 1]) {
            return frame.payload.len();
        }
    }
}

pub async fn write(stream: &TcpStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        stream.writable().await.expect("an open socket");
        match stream.try_write(bytes) {
            Ok(sent) => bytes = &bytes[sent..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => panic!("the socket takes nothing: {error}"),
        }
    }
}

/// Counts updates; each writer's must come once and in order.
async fn read(stream: Rc<TcpStream>, mut buffer: BytesMut, shared: Rc<Shared>, writers: std::ops::Range<usize>) {
    let mut next = vec![0usize; writers.len()];
    while let Ok(Some(frame)) = next_frame(&stream, &mut buffer).await {
        let Some((writer, number)) = frame.binary.then(|| read_mark(&frame.payload)).flatten() else { continue };
        let now = Instant::now();
        let sent = shared.writers.borrow().get(writer).and_then(|writer| writer.sent.get(number).copied());
        let expected = writers.contains(&writer).then(|| &mut next[writer - writers.start]);
        match (sent, expected) {
            (Some(sent), Some(expected)) if *expected == number => {
                *expected += 1;
                shared.latencies.borrow_mut().push(now - sent);
                *shared.delivered.borrow_mut() += 1;
            }
            _ => shared.wrong.borrow_mut().push(format!("update {number} of writer {writer} out of order")),
        }
        shared.news.notify_one();
    }
}

/// The mark stands at the end of an update, before its empty delete set.
fn read_mark(payload: &[u8]) -> Option<(usize, usize)> {
    if !payload.starts_with(&[0, 2]) {
        return None;
    }
    let text = std::str::from_utf8(payload.get(payload.len().checked_sub(MARK + 1)?..payload.len() - 1)?).ok()?;
    let digits = text.strip_prefix('~')?;
    Some((usize::from_str_radix(digits.get(..4)?, 16).ok()?, usize::from_str_radix(digits.get(4..)?, 16).ok()?))
}

/// Sends at the load's rate, the writers evenly spread over the period.
async fn send_for(load: &Load, shared: &Shared, seconds: u64) {
    let writers = load.documents * load.writers;
    let sends = writers as u64 * load.per_second * seconds;
    let between = Duration::from_secs(seconds).div_f64(sends as f64);
    let start = Instant::now();
    for send in 0..sends {
        let due = start + between.mul_f64(send as f64);
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        send_one(shared, send as usize % writers);
    }
}

fn send_one(shared: &Shared, index: usize) {
    let mut writers = shared.writers.borrow_mut();
    let writer = &mut writers[index];
    let place = if writer.clock == 0 { Place::Root } else { Place::After(writer.client, writer.clock - 1) };
    let text = mark(index, writer.sent.len());
    let frame = masked(&update_frame(&insert(writer.client, writer.clock, place, &text)));
    writer.clock += MARK as u64;
    writer.sent.push(Instant::now());
    let sent = writer.stream.try_write(&frame);
    assert!(sent.as_ref().is_ok_and(|sent| *sent == frame.len()), "the driver's own socket is full: {sent:?}");
}

/// Waits until every update has reached everybody in its document; says what is missing after 30 s without news.
async fn all_delivered(load: &Load, shared: &Shared) {
    let owed: u64 = shared.writers.borrow().iter().map(|writer| writer.sent.len() as u64 * load.people as u64).sum();
    while *shared.delivered.borrow() < owed && shared.wrong.borrow().is_empty() {
        let news = tokio::time::timeout(Duration::from_secs(30), shared.news.notified()).await;
        assert!(news.is_ok(), "{} of {owed} deliveries are missing", owed - *shared.delivered.borrow());
    }
}

/// After `kill -9` and a restart, everything that was delivered is there.
async fn check_kept(mut subject: Subject, rooms: &[Room], shared: &Shared, load: &Load) {
    if subject.keeps().is_none() {
        return;
    }
    let mut checked = 0;
    for (document, room) in rooms.iter().enumerate().take(5) {
        let room = if document == 0 { subject.restart(room).await } else { reopen(&subject, room).await };
        let (stream, mut buffer) = open(&room.host, &room.path).await.expect("the socket opens");
        write(&stream, &masked(&sync_step1(&[0]))).await;
        let state = loop {
            let frame = next_frame(&stream, &mut buffer).await.expect("a readable socket").expect("an open socket");
            if frame.payload.starts_with(&[0, 1]) {
                break frame.payload;
            }
        };
        let writers = shared.writers.borrow();
        for (index, writer) in writers.iter().enumerate().skip(document * load.writers).take(load.writers) {
            for number in [0, writer.sent.len() / 2, writer.sent.len() - 1] {
                assert!(
                    contains(&state, mark(index, number).as_bytes()),
                    "{} is lost after kill -9",
                    mark(index, number)
                );
                checked += 1;
            }
        }
    }
    eprintln!("{checked} updates looked up after kill -9 and a restart, all there");
}

async fn reopen(subject: &Subject, room: &Room) -> Room {
    let (server, person) = subject.keeps().expect("only Stet keeps documents");
    let ticket = person.ticket(&room.document).await;
    Room {
        host: server.address(),
        path: format!("/api/collaborate/{}?ticket={}", room.document, ticket.ticket),
        document: room.document.clone(),
    }
}
