//! P3: no bytes from a client reach a document unscanned. A malformed or hostile frame gets a close code and a reason;
//! the log names the reason and none of the text; the room and other rooms go on.

use tests::socket::{Frame, Next, sync_step1, sync_step2, update_frame};
use tests::update::{Place, cycle, delete, insert, write_bytes, write_number};
use tests::{Client, Dice, Person, Socket};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use crate::ada_and_a_document;

/// Stands in every hostile text and must not stand in the log.
const SECRET: &str = "swordfish";

struct Case {
    what: &'static str,
    message: Message,
    code: u16,
}

fn binary(what: &'static str, bytes: Vec<u8>) -> Case {
    Case { what, message: Message::Binary(Bytes::from(bytes)), code: 4400 }
}

fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case { what: "a text frame", message: Message::text(SECRET), code: 4400 },
        Case {
            what: "a frame of more than 16 MiB",
            message: Message::Binary(Bytes::from(vec![0; 16 * 1024 * 1024 + 1])),
            code: 4413,
        },
        binary("an empty frame", vec![]),
        binary("an unknown message type", [&[77][..], SECRET.as_bytes()].concat()),
        binary("an unknown sync step", vec![0, 9, 0]),
        binary("a sync message without a body", vec![0, 2]),
        binary("a length beyond the end", vec![0, 2, 0xff, 0xff, 0x03, 1]),
        binary("a number without end", [&[0, 2][..], &[0xff; 12]].concat()),
        binary("bytes after the message", [update_frame(&insert(1, 0, Place::Root, SECRET)), vec![1, 2, 3]].concat()),
        binary("a state vector that lies about its length", sync_step1(&[0xff, 0xff, 0xff, 0x7f])),
        binary("an update that ends early", cut_short(&insert(1, 0, Place::Root, SECRET))),
        binary("an update with bytes after it", update_frame(&[insert(1, 0, Place::Root, SECRET), vec![9]].concat())),
        binary("an update of a billion clients", update_frame(&numbers(&[1_000_000_000, 1, 5, 0]))),
        binary("an update of a billion structs", update_frame(&numbers(&[1, 1_000_000_000, 5, 0]))),
        binary("a deletion of a billion ranges", update_frame(&numbers(&[0, 1, 5, 1_000_000_000]))),
        binary("a deletion that overflows", update_frame(&delete(5, u64::from(u32::MAX), u64::from(u32::MAX)))),
        binary("two structs that need each other", update_frame(&cycle(900, 901))),
        binary("the same as a second sync step", sync_step2(&cycle(902, 903))),
        binary("a subdocument", update_frame(&item_of_kind(9))),
        binary("an unknown kind of content", update_frame(&item_of_kind(27))),
        binary("random bytes", update_frame(SECRET.as_bytes())),
    ];
    let mut not_utf8 = insert(1, 0, Place::Root, SECRET);
    let at = not_utf8.len() - 2;
    not_utf8[at] = 0xff;
    cases.push(binary("text that is not UTF-8", update_frame(&not_utf8)));
    cases
}

fn cut_short(update: &[u8]) -> Vec<u8> {
    update_frame(&update[..update.len() - 4])
}

fn numbers(numbers: &[u64]) -> Vec<u8> {
    let mut bytes = Vec::new();
    numbers.iter().for_each(|number| write_number(&mut bytes, *number));
    bytes
}

fn item_of_kind(kind: u8) -> Vec<u8> {
    let mut update = numbers(&[1, 1, 800, 0]);
    update.push(kind);
    write_number(&mut update, 1);
    write_bytes(&mut update, b"text");
    write_bytes(&mut update, SECRET.as_bytes());
    update.extend([0, 0]);
    update
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hostile_frame_is_answered_and_hurts_nobody() {
    let (server, ada, document) = ada_and_a_document(&[]).await;
    let eve = Person::register(&server, "eve").await;
    ada.share(&document, &eve, "editor").await;
    let elsewhere = ada.new_document("Elsewhere").await;
    let neighbours = Neighbours::open(&ada, &document, &elsewhere).await;
    let process = server.pid();

    let mut met = 0;
    for case in cases() {
        let (mut socket, _) = Socket::join(&eve.ticket(&document).await).await;
        let logged_before = server.log().len();
        socket.try_send(case.message).await;
        let (code, reason) = socket.closed().await;
        println!("{}: {code} {reason}", case.what);
        assert_eq!(code, case.code, "{}: {reason}", case.what);
        assert!(is_stable_code(&reason), "{}: the reason {reason:?} is no stable code", case.what);
        // The line is written before or just after the close frame: it is waited for.
        tests::eventually("a log line with the reason", || async { server.log()[logged_before..].contains(&reason) })
            .await;
        neighbours.type_on().await;
        met += 1;
    }
    assert!(!server.log().contains(SECRET), "the log holds text of a document");
    assert_eq!(server.pid(), process);
    println!("{met} hostile frames refused, {} edits typed beside them", neighbours.typed());
}

#[tokio::test(flavor = "multi_thread")]
async fn random_mutants_hurt_nobody() {
    let (server, ada, document) = ada_and_a_document(&[]).await;
    let eve = Person::register(&server, "eve").await;
    ada.share(&document, &eve, "editor").await;
    let elsewhere = ada.new_document("Elsewhere").await;
    let neighbours = Neighbours::open(&ada, &document, &elsewhere).await;

    let mut dice = Dice::from_environment("random_mutants_hurt_nobody");
    let ticket = eve.ticket(&document).await;
    let (mut closed, mut stayed) = (0, 0);
    for number in 0..400u64 {
        let mut frame = update_frame(&insert(60_000 + number, 0, Place::Root, SECRET));
        for _ in 0..=dice.below(2) {
            let at = dice.below(frame.len() as u64) as usize;
            match dice.below(6) {
                0 => frame[at] = dice.roll() as u8,
                1 => drop(frame.remove(at)),
                2 => frame.insert(at, dice.roll() as u8),
                // A bit in the text or in an id leaves an update that can be read.
                _ => frame[at] ^= 1 << dice.below(8),
            }
        }
        let (mut socket, _) = Socket::join(&ticket).await;
        socket.try_send(Message::Binary(Bytes::from(frame))).await;
        // A question whose answer shows that the frame has been dealt with.
        socket.try_send(Message::Binary(Bytes::from(sync_step1(&[0])))).await;
        match outcome(&mut socket).await {
            Some((code, reason)) => {
                assert!((4400..4500).contains(&code) && is_stable_code(&reason), "mutant {number}: {code} {reason:?}");
                closed += 1;
            }
            None => stayed += 1,
        }
        if number % 50 == 0 {
            neighbours.type_on().await;
        }
    }
    neighbours.type_on().await;
    println!("{closed} mutants closed their socket, {stayed} were taken or ignored");
    assert!(closed >= 20 && stayed >= 20, "the mutants are too much alike");
    assert!(!server.log().contains(SECRET), "the log holds text of a document");

    let (status, _, _) = ada.get_raw(&format!("/api/documents/{document}?format=json")).await;
    assert_eq!(status, 200, "the document can still be read");
}

/// The close, or nothing if the question was answered.
async fn outcome(socket: &mut Socket) -> Option<(u16, String)> {
    loop {
        match socket.next().await {
            Next::Frame(Frame::SyncStep2(_)) => return None,
            Next::Frame(_) => {}
            Next::Closed(code, reason) => return Some((code, reason)),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_writes_is_shown_out() {
    let (server, ada, document) = ada_and_a_document(&[]).await;
    let eve = Person::register(&server, "eve").await;
    ada.share(&document, &eve, "viewer").await;
    let neighbours = Neighbours::open(&ada, &document, &document).await;
    let (mut socket, _) = Socket::join(&eve.ticket(&document).await).await;
    // What a stock client sends unasked, a second step without news, is no offence.
    socket.send(&sync_step2(&[0, 0])).await;
    socket.send(&sync_step1(&[0])).await;
    socket.sync_step2().await;

    socket.send_update(&insert(4242, 0, Place::Root, SECRET)).await;
    let (code, reason) = socket.closed().await;
    assert_eq!(code, 4403, "{reason}");
    neighbours.type_on().await;
    assert!(!neighbours.text().await.contains(SECRET));
}

fn is_stable_code(reason: &str) -> bool {
    let word = reason.split([':', ' ']).next().unwrap_or("");
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Two stock clients in the attacked document and two in another one, which must be able to go on at any time.
struct Neighbours {
    pairs: [(Client, Client); 2],
    typed: std::sync::atomic::AtomicUsize,
}

impl Neighbours {
    async fn open(ada: &Person, here: &str, elsewhere: &str) -> Neighbours {
        let (here, elsewhere) = (ada.ticket(here).await, ada.ticket(elsewhere).await);
        let pairs = [
            (Client::open("here", &here).await, Client::open("here too", &here).await),
            (Client::open("elsewhere", &elsewhere).await, Client::open("elsewhere too", &elsewhere).await),
        ];
        Neighbours { pairs, typed: Default::default() }
    }

    async fn type_on(&self) {
        for (writer, reader) in &self.pairs {
            let number = self.typed.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let words = format!("edit {number}; ");
            writer.insert(&words).await;
            reader.until_text(serde_json::json!({ "contains": words })).await;
        }
    }

    fn typed(&self) -> usize {
        self.typed.load(std::sync::atomic::Ordering::Relaxed)
    }

    async fn text(&self) -> String {
        self.pairs[0].1.text().await
    }
}
