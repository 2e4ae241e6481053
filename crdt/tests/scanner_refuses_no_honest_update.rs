//! No update made by real Yjs is refused, and in the order in which they were made, every one is admitted whole.
//!
//! Node writes the updates (`tests/clients/fixtures/histories.mjs`): rich text with tables and lists, undo and redo,
//! merges, states of clients with parked updates, and the recorded traces. `STET_HISTORIES` sets how many histories.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod fixtures;

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crdt::known::{Admit, Known};
use crdt::scan::{Scan, scan};
use crdt::state::materialise;
use fixtures::Dice;

const HISTORIES_DEFAULT: usize = 5_000;
/// Every so many histories are also delivered in random order and materialised.
const SHUFFLED_EVERY: usize = 10;

const NEW_DOCUMENT: u8 = 0;
const LIVE: u8 = 1;
const RELAYED: u8 = 2;
const LOOSE: u8 = 3;

/// How often each case was met.
#[derive(Default, Debug)]
struct Tally {
    documents: usize,
    updates: usize,
    live: usize,
    live_known: usize,
    relayed: usize,
    relayed_implied: usize,
    loose: usize,
    loose_holes: usize,
    loose_gaps: usize,
    sliced: usize,
    shuffled: usize,
    shuffled_gaps: usize,
    refused: Vec<String>,
}

/// One document on the server's side.
#[derive(Default)]
struct Document {
    name: String,
    known: Known,
    live: Vec<Vec<u8>>,
}

#[test]
fn scanner_refuses_no_honest_update() {
    let histories = std::env::var("STET_HISTORIES").map_or(HISTORIES_DEFAULT, |count| count.parse().unwrap());
    let (mut node, mut stream) = start_node(histories);
    let mut tally = Tally::default();
    let mut document = Document::default();
    while let Some((kind, bytes)) = read_record(&mut stream) {
        if kind == NEW_DOCUMENT {
            finish(&mut document, &mut tally);
            document = Document { name: String::from_utf8(bytes).unwrap(), ..Document::default() };
            tally.documents += 1;
            continue;
        }
        tally.updates += 1;
        let scan = match scan(&bytes) {
            Ok(scan) => scan,
            Err(refusal) => {
                tally.refused.push(format!("{}: {refusal}: {bytes:02x?}", document.name));
                continue;
            }
        };
        match kind {
            LIVE => admit_live(&mut document, bytes, &scan, &mut tally),
            RELAYED => admit_relayed(&mut document, &bytes, &scan, &mut tally),
            LOOSE => admit_loose(&document, &bytes, &scan, &mut tally),
            other => panic!("a record of kind {other}"),
        }
    }
    finish(&mut document, &mut tally);
    assert!(node.wait().unwrap().success(), "the generator failed");
    report(&tally, histories);
}

fn report(tally: &Tally, histories: usize) {
    println!("{histories} histories and 3 traces, {} updates, {} refused", tally.updates, tally.refused.len());
    println!("{tally:?}");
    assert!(tally.refused.is_empty(), "{}", tally.refused[0]);
    assert_eq!(tally.documents, histories + 3);
    assert!(tally.live > 300_000 && tally.relayed > histories && tally.loose > histories);
    assert!(tally.loose_holes > histories / 10 && tally.loose_gaps > histories / 10 && tally.sliced > histories / 10);
    assert!(tally.shuffled >= histories / SHUFFLED_EVERY && tally.shuffled_gaps > tally.shuffled);
}

/// In order, everything stands on known ground: the bytes go on as they are, unless a deletion was known already.
fn admit_live(document: &mut Document, bytes: Vec<u8>, scan: &Scan, tally: &mut Tally) {
    tally.live += 1;
    match document.known.admit(&bytes, scan, &|_| false) {
        Admit::News(news) => {
            assert!(!news.missing, "{}: {bytes:02x?}", document.name);
            assert_eq!(&news.inserted, scan.inserted(), "{}: {bytes:02x?}", document.name);
            assert!(news.bytes.is_none() || !scan.deleted().is_empty());
            document.live.push(news.bytes.unwrap_or(bytes));
        }
        Admit::Nothing => tally.live_known += 1,
        other => panic!("{}: {other:?} of {bytes:02x?}", document.name),
    }
    document.known.commit();
}

/// What others sent before holds no new struct; at most deletions that integration made by itself.
fn admit_relayed(document: &mut Document, bytes: &[u8], scan: &Scan, tally: &mut Tally) {
    tally.relayed += 1;
    match document.known.admit(bytes, scan, &|_| false) {
        Admit::Nothing => {}
        Admit::News(news) => {
            assert!(news.inserted.is_empty() && !news.missing, "{}: {news:?}", document.name);
            tally.relayed_implied += 1;
        }
        other => panic!("{}: {other:?} of {bytes:02x?}", document.name),
    }
    document.known.rollback();
}

/// Whatever a client holds, what is admitted of it has no hole and scans again.
fn admit_loose(document: &Document, bytes: &[u8], scan_whole: &Scan, tally: &mut Tally) {
    tally.loose += 1;
    tally.loose_holes += usize::from(scan_whole.has_holes());
    for mut known in [Known::default(), document.known.clone()] {
        match known.admit(bytes, scan_whole, &|_| false) {
            Admit::News(news) => {
                let Some(cut) = news.bytes else { continue };
                let scan_cut = scan(&cut).unwrap_or_else(|refusal| panic!("{}: {refusal}", document.name));
                assert_eq!((scan_cut.inserted(), scan_cut.has_holes()), (&news.inserted, false));
                tally.sliced += 1;
            }
            Admit::Gap => tally.loose_gaps += 1,
            Admit::Nothing => {}
            Admit::Foreign(_) => panic!("nobody is foreign"),
        }
    }
}

/// Some documents also arrive in random order, each part as soon as it stands; yrs makes the same of both.
fn finish(document: &mut Document, tally: &mut Tally) {
    if !document.name.starts_with("history") || !tally.documents.is_multiple_of(SHUFFLED_EVERY) {
        return;
    }
    let in_order: Vec<&[u8]> = document.live.iter().map(Vec::as_slice).collect();
    let expected = materialise(None, &in_order).unwrap();
    assert_eq!(&expected.state_vector, document.known.state_vector(), "{}", document.name);
    assert!(document.known.deleted().subtract(&expected.deleted).is_empty(), "{}", document.name);

    let mut dice = Dice::new(tally.documents as u64);
    let mut known = Known::default();
    let mut waiting = document.live.clone();
    let mut admitted: Vec<Vec<u8>> = vec![];
    while !waiting.is_empty() {
        let at = dice.roll(waiting.len());
        match known.admit(&waiting[at], &scan(&waiting[at]).unwrap(), &|_| false) {
            Admit::News(news) => {
                let bytes = if news.missing { waiting[at].clone() } else { waiting.swap_remove(at) };
                admitted.push(news.bytes.unwrap_or(bytes));
            }
            Admit::Nothing => drop(waiting.swap_remove(at)),
            _ => tally.shuffled_gaps += 1,
        }
        known.commit();
    }
    let shuffled: Vec<&[u8]> = admitted.iter().map(Vec::as_slice).collect();
    let state = materialise(None, &shuffled).unwrap();
    assert_eq!((&state.state_vector, &state.deleted), (&expected.state_vector, &expected.deleted), "{}", document.name);
    let content = |update: &[u8]| fixtures::content(&fixtures::document([update]));
    assert_eq!(content(&state.update), content(&expected.update), "{}", document.name);
    tally.shuffled += 1;
}

fn start_node(histories: usize) -> (Child, BufReader<ChildStdout>) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let modules: PathBuf = tests.join("clients/node_modules/yjs");
    assert!(modules.exists(), "this test needs Yjs in tests/clients/node_modules: run `npm ci` in tests/clients");
    let node = Command::new("node")
        .arg(tests.join("clients/fixtures/histories.mjs"))
        .arg(histories.to_string())
        .arg(tests.join("traces"))
        .stdout(Stdio::piped())
        .spawn();
    let mut node = node.unwrap_or_else(|error| panic!("this test needs Node.js as `node` in the path: {error}"));
    let stream = BufReader::with_capacity(1 << 20, node.stdout.take().unwrap());
    (node, stream)
}

/// One record of the stream; none at its end.
fn read_record(stream: &mut impl Read) -> Option<(u8, Vec<u8>)> {
    let mut byte = [0];
    if stream.read(&mut byte).unwrap() == 0 {
        return None;
    }
    let kind = byte[0];
    let (mut len, mut shift) = (0, 0);
    loop {
        stream.read_exact(&mut byte).unwrap();
        len |= usize::from(byte[0] & 0x7f) << shift;
        shift += 7;
        if byte[0] < 0x80 {
            break;
        }
    }
    let mut bytes = vec![0; len];
    stream.read_exact(&mut bytes).unwrap();
    Some((kind, bytes))
}
