//! Every known attack on a decoder is refused by its own code, and costs the scanner nothing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod fixtures;

use crdt::ranges::{Ranges, StateVector};
use crdt::scan::{Refusal, scan};
use fixtures::from_hex;

/// What the other tests of this file, running beside, may need in kB. The smallest bomb would reserve a hundred times more.
const RESERVED_KB_MAX: usize = 256 * 1024;

/// One struct of client 7 at clock 0 in the root "t", written as hex after the section's front `01 01 07 00`.
fn one(content: &str) -> Vec<u8> {
    from_hex(&format!("01 01 07 00 {content} 00"))
}

fn nested_lists(depth: usize) -> Vec<u8> {
    let lists = [117, 1].repeat(depth - 1);
    [from_hex("01 01 07 00 08 01 01 74 01"), lists, vec![117, 0, 0]].concat()
}

/// Bytes that pass for a Yjs snapshot (delete set, state vector) are no update.
fn snapshot() -> Vec<u8> {
    from_hex("01 07 02 00 01 05 03 01 07 0b")
}

fn attacks() -> Vec<(&'static str, Vec<u8>, Refusal)> {
    let json = |depth: usize| {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        [
            from_hex("01 01 07 00 05 01 01 74"),
            vec![text.len() as u8 | 0x80, (text.len() >> 7) as u8],
            text.into(),
            vec![0],
        ]
        .concat()
    };
    vec![
        (
            "a client in two sections: use after free in yrs",
            from_hex("02 01 07 00 04 01 04 74657874 03 616263 01 07 00 04 01 04 74657874 03 78797a 00"),
            Refusal::RepeatedClient,
        ),
        ("values nested 10,000 deep: stack overflow", nested_lists(10_000), Refusal::TooDeep),
        ("values nested 65 deep", nested_lists(65), Refusal::TooDeep),
        ("JSON nested 129 deep", json(129), Refusal::InvalidJson),
        ("250,000,000 sections: 22 GB reserved", from_hex("80e59a77"), Refusal::CountTooLarge),
        ("250,000,000 structs", from_hex("01 80e59a77 07 00"), Refusal::CountTooLarge),
        ("250,000,000 values", one("08 01 01 74 80e59a77"), Refusal::CountTooLarge),
        ("250,000,000 entries in a map", one("08 01 01 74 01 76 80e59a77"), Refusal::CountTooLarge),
        ("250,000,000 deleted ranges", from_hex("00 01 07 80e59a77"), Refusal::CountTooLarge),
        ("a text of 250,000,000 bytes", one("04 01 01 74 80e59a77"), Refusal::Truncated),
        ("ContentJSON: yrs reads one string too many", one("02 01 01 61 01 03 227822"), Refusal::LegacyJson),
        ("info bit 0x10: Yjs throws", one("14 01 01 74 01 61"), Refusal::UnknownStruct),
        ("kind 11", one("0b 01 01 74 01 61"), Refusal::UnknownStruct),
        ("garbage with an origin", one("80 06 00 01"), Refusal::UnknownStruct),
        ("GC with a flag", one("20 01 01 74 01 61 01"), Refusal::UnknownStruct),
        ("Skip with a flag", one("2a 01 01 74 01 61 01"), Refusal::UnknownStruct),
        ("clock 2^31", from_hex("01 01 07 8080808008 04 01 01 74 01 61 00"), Refusal::ClockTooLarge),
        ("clock + length 2^31", from_hex("01 01 07 ffffffff07 04 01 01 74 01 61 00"), Refusal::ClockTooLarge),
        ("a struct of 2^31", one("00 8080808008"), Refusal::ClockTooLarge),
        ("a deletion that ends at 2^31", from_hex("00 01 07 01 ffffffff07 01"), Refusal::ClockTooLarge),
        ("bytes after the end", [one("04 01 01 74 01 61"), vec![0]].concat(), Refusal::TrailingBytes),
        ("a snapshot in place of an update", snapshot(), Refusal::UnknownParent),
        ("an empty input", vec![], Refusal::Truncated),
        ("a client id of 2^53", from_hex("01 01 8080808080808010 00 04 01 01 74 01 61 00"), Refusal::BadNumber),
        ("a number of eleven bytes", from_hex("01 01 8080808080808080808001 00 00 01 00"), Refusal::BadNumber),
        ("a number longer than it needs to be", from_hex("01 01 8700 00 04 01 01 74 01 61 00"), Refusal::BadNumber),
        ("a section without structs", from_hex("01 00 07 00 00"), Refusal::EmptySection),
        ("an empty text", one("04 01 01 74 00"), Refusal::EmptyStruct),
        ("no values", one("08 01 01 74 00"), Refusal::EmptyStruct),
        ("garbage of length 0", one("00 00"), Refusal::EmptyStruct),
        ("a hole of length 0", one("0a 00"), Refusal::EmptyStruct),
        ("deleted content of length 0", one("01 01 01 74 00"), Refusal::EmptyStruct),
        ("a text that is no UTF-8", one("04 01 01 74 02 c328"), Refusal::InvalidUtf8),
        ("half a surrogate pair as bytes", one("04 01 01 74 03 eda080"), Refusal::InvalidUtf8),
        ("an embed that is no JSON", one("05 01 01 74 03 7b7d7d"), Refusal::InvalidJson),
        ("a format that is no JSON", one("06 01 01 74 01 62 02 2f2f"), Refusal::InvalidJson),
        ("JSON with half a surrogate pair", one("05 01 01 74 08 225c756438303022"), Refusal::InvalidJson),
        (
            "JSON with 10^19: yrs holds no such number",
            one("05 01 01 74 14 3130303030303030303030303030303030303030"),
            Refusal::InvalidJson,
        ),
        ("a subdocument", one("09 01 01 74 01 61 76 00"), Refusal::Subdocument),
        ("a weak link", one("07 01 01 74 07 00 07 00"), Refusal::UnknownType),
        ("an XmlHook: yrs does not read its name", one("07 01 01 74 05 01 61"), Refusal::UnknownType),
        ("a value of unknown kind", one("08 01 01 74 01 73"), Refusal::UnknownValue),
        ("a parent that is neither root nor id", one("04 02 01 74 01 61"), Refusal::UnknownParent),
        ("an item behind itself", one("84 07 00 01 61"), Refusal::ForwardReference),
        ("an item in a later one of its client", one("04 00 07 09 01 61"), Refusal::ForwardReference),
        (
            "two that wait for each other: pending for ever",
            from_hex("02 01 06 00 84 05 00 01 61 01 05 00 84 06 00 01 62 00"),
            Refusal::DependencyCycle,
        ),
        (
            "three in a circle, through right origin and parent",
            from_hex("03 01 07 00 84 06 00 01 61 01 06 00 44 05 00 01 62 01 05 00 04 00 07 00 01 63 00"),
            Refusal::DependencyCycle,
        ),
        (
            "a circle through the order of a client's own structs",
            from_hex("02 02 06 00 84 05 01 01 61 04 01 01 74 01 61 02 05 00 84 06 01 01 62 04 01 01 74 01 61 00"),
            Refusal::DependencyCycle,
        ),
        ("deletions that overlap", from_hex("00 01 07 02 05 02 06 01"), Refusal::DeleteSetOrder),
        ("a client twice in the delete set", from_hex("00 02 07 01 00 01 07 01 02 01"), Refusal::RepeatedClient),
    ]
}

#[test]
fn every_attack_is_refused_by_its_own_code() {
    let attacks = attacks();
    let before = reserved_peak_kb();
    let mut met = std::collections::BTreeSet::new();
    for (name, bytes, refusal) in &attacks {
        assert_eq!(scan(bytes).err(), Some(*refusal), "{name}");
        met.insert(refusal.code());
    }
    let reserved = reserved_peak_kb() - before;
    assert!(reserved < RESERVED_KB_MAX, "{reserved} kB reserved");
    println!("{} attacks, {} different codes: {met:?}", attacks.len(), met.len());
    assert!(met.len() >= 20);
}

#[test]
fn vectors_and_delete_sets_with_huge_counts_reserve_nothing() {
    let before = reserved_peak_kb();
    let bombs = ["80e59a77", "80e59a7700000000"];
    for bomb in bombs {
        assert_eq!(StateVector::decode(&from_hex(bomb)), Err(Refusal::CountTooLarge));
        assert_eq!(Ranges::decode(&from_hex(bomb)), Err(Refusal::CountTooLarge));
    }
    let reserved = reserved_peak_kb() - before;
    assert!(reserved < RESERVED_KB_MAX, "{reserved} kB reserved");
    println!("{} bombs", bombs.len());
}

#[test]
fn what_is_just_inside_the_limits_is_taken() {
    let cases = [
        ("values nested 64 deep", nested_lists(64)),
        ("the largest client id", from_hex("01 01 ffffffffffffff0f 00 04 01 01 74 01 61 00")),
        ("the largest clock", from_hex("01 01 07 feffffff07 04 01 01 74 01 61 00")),
        ("a number in JSON of 2^63 - 1", one("05 01 01 74 13 39323233333732303336383534373735383037")),
        ("a hole in front and one at the end", from_hex("01 03 07 00 0a 02 04 01 01 74 01 61 0a 02 00")),
        (
            "sections in an order that Yjs does not write",
            from_hex("02 01 05 00 04 01 01 74 01 61 01 06 00 84 05 00 01 62 00"),
        ),
        ("each stands behind the other's earlier struct", {
            from_hex("02 02 06 00 84 05 00 01 61 84 05 01 01 61 02 05 00 04 01 01 74 01 62 84 06 00 01 62 00")
        }),
    ];
    for (name, bytes) in &cases {
        scan(bytes).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    }
    println!("{} at a limit", cases.len());
}

/// Ten thousand clients that each wait for the next, and as many structs that wait for each other's client in turn:
/// the walk is linear, so these take milliseconds and not minutes.
#[test]
fn long_chains_of_dependencies_take_linear_time() {
    let number = |bytes: &mut Vec<u8>, mut value: usize| {
        while value > 127 {
            bytes.push(value as u8 | 128);
            value >>= 7;
        }
        bytes.push(value as u8);
    };
    let chain = |clients: usize, depends_on: &dyn Fn(usize) -> usize| {
        let mut bytes = vec![];
        number(&mut bytes, clients);
        for client in 0..clients {
            bytes.push(1);
            number(&mut bytes, client);
            bytes.extend([0, 0x84]);
            number(&mut bytes, depends_on(client));
            bytes.extend([0, 1, b'a']);
        }
        bytes.push(0);
        bytes
    };
    let clients = 100_000;
    let up = chain(clients, &|client| client + 1);
    assert_eq!(scan(&up).unwrap().inserted().len_total(), clients as u64);
    let down = chain(clients, &|client| if client == 0 { clients } else { client - 1 });
    assert_eq!(scan(&down).unwrap().clients().count(), clients);
    let circle = chain(clients, &|client| (client + 1) % clients);
    assert_eq!(scan(&circle).err(), Some(Refusal::DependencyCycle));
    println!("3 chains of {clients} clients");
}

/// The most address space this process ever had, in kB. Reserved memory counts, touched or not.
fn reserved_peak_kb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmPeak:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
