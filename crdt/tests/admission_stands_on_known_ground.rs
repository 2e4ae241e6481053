//! Admission lets in exactly what is new and stands on what is known, and never makes anything wait inside a document.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod fixtures;

use std::cell::RefCell;

use crdt::known::{Admit, Known, News};
use crdt::ranges::{ClientId, Clock, Ranges, StateVector};
use crdt::scan::{Refusal, scan};
use crdt::state::{State, materialise};
use fixtures::set;

type Id = (u8, u8);

/// Text at the start of the root "t".
fn root(text: &str) -> Vec<u8> {
    [&[4, 1, 1, b't', text.len() as u8], text.as_bytes()].concat()
}

/// Text behind one element.
fn after(origin: Id, text: &str) -> Vec<u8> {
    [&[0x84, origin.0, origin.1, text.len() as u8], text.as_bytes()].concat()
}

/// Text between two elements.
fn between(origin: Id, right: Id, text: &str) -> Vec<u8> {
    [&[0xc4, origin.0, origin.1, right.0, right.1, text.len() as u8], text.as_bytes()].concat()
}

/// Text in an element.
fn inside(parent: Id, text: &str) -> Vec<u8> {
    [&[4, 0, parent.0, parent.1, text.len() as u8], text.as_bytes()].concat()
}

/// A list in the root "t".
fn list() -> Vec<u8> {
    vec![7, 1, 1, b't', 0]
}

fn garbage(len: u8) -> Vec<u8> {
    vec![0, len]
}

fn hole(len: u8) -> Vec<u8> {
    vec![10, len]
}

fn section(client: u8, clock: u8, structs: &[Vec<u8>]) -> Vec<u8> {
    [vec![structs.len() as u8, client, clock], structs.concat()].concat()
}

fn update(sections: &[Vec<u8>], deleted: &[(ClientId, std::ops::Range<Clock>)]) -> Vec<u8> {
    [vec![sections.len() as u8], sections.concat(), set(deleted).encode()].concat()
}

/// A document that knows client 1 up to 5, of which 1 to 3 are deleted, and client 2 up to 2.
fn five_and_two() -> Known {
    Known::new([(1, 5), (2, 2)].into_iter().collect(), set(&[(1, 1..3)]))
}

struct Case {
    name: &'static str,
    update: Vec<u8>,
    foreign: &'static [ClientId],
    /// Whether news are the whole input, byte for byte.
    whole: bool,
    answer: Admit,
}

fn news(inserted: &[(ClientId, std::ops::Range<Clock>)], deleted: &[(ClientId, std::ops::Range<Clock>)]) -> Admit {
    Admit::News(News { inserted: set(inserted), deleted: set(deleted), ..News::default() })
}

fn with(answer: Admit, missing: bool, foreign: &[ClientId]) -> Admit {
    match answer {
        Admit::News(news) => Admit::News(News { missing, foreign: foreign.to_vec(), ..news }),
        other => other,
    }
}

fn case(name: &'static str, update: Vec<u8>, whole: bool, answer: Admit) -> Case {
    Case { name, update, foreign: &[], whole, answer }
}

fn foreign(name: &'static str, foreign: &'static [ClientId], update: Vec<u8>, answer: Admit) -> Case {
    Case { name, update, foreign, whole: false, answer }
}

/// What is in order, or not new.
fn plain_cases() -> Vec<Case> {
    vec![
        case("nothing at all", vec![0, 0], false, Admit::Nothing),
        case("the next letter", update(&[section(1, 5, &[after((1, 4), "x")])], &[]), true, news(&[(1, 5..6)], &[])),
        case("a new client", update(&[section(9, 0, &[root("new")])], &[]), true, news(&[(9, 0..3)], &[])),
        case("known text", update(&[section(1, 3, &[after((1, 2), "de")])], &[]), false, Admit::Nothing),
        case(
            "known and new in one struct",
            update(&[section(1, 3, &[after((1, 2), "defg")])], &[]),
            false,
            news(&[(1, 5..7)], &[]),
        ),
        case(
            "known and new in two structs",
            update(&[section(1, 3, &[after((1, 2), "de"), after((2, 1), "fg")])], &[]),
            false,
            news(&[(1, 5..7)], &[]),
        ),
        case(
            "one client known, the other new",
            update(&[section(2, 2, &[after((1, 4), "x")]), section(1, 0, &[root("abcde")])], &[]),
            false,
            news(&[(2, 2..3)], &[]),
        ),
        case("a deletion", update(&[], &[(1, 0..1)]), true, news(&[], &[(1, 0..1)])),
        case("a known deletion", update(&[], &[(1, 1..3)]), false, Admit::Nothing),
        case("a deletion known in part", update(&[], &[(1, 2..5)]), false, news(&[], &[(1, 3..5)])),
        case(
            "a letter and its own deletion",
            update(&[section(1, 5, &[after((1, 4), "x")])], &[(1, 5..6)]),
            true,
            news(&[(1, 5..6)], &[(1, 5..6)]),
        ),
        case(
            "a letter and the whole delete set",
            update(&[section(1, 5, &[after((1, 4), "x")])], &[(1, 1..3)]),
            false,
            news(&[(1, 5..6)], &[]),
        ),
        case(
            "garbage counts as deleted",
            update(&[section(9, 0, &[garbage(4)])], &[]),
            true,
            news(&[(9, 0..4)], &[(9, 0..4)]),
        ),
        case(
            "garbage depends on nothing, known or new",
            update(&[section(1, 3, &[garbage(9)])], &[(1, 3..12)]),
            false,
            news(&[(1, 5..12)], &[(1, 3..12)]),
        ),
        case(
            "two new clients that stand on each other in turn",
            update(
                &[
                    section(9, 0, &[root("a"), after((8, 0), "c")]),
                    section(8, 0, &[after((9, 0), "b"), between((9, 1), (9, 0), "d")]),
                ],
                &[],
            ),
            true,
            news(&[(8, 0..2), (9, 0..2)], &[]),
        ),
    ]
}

/// What lacks something.
fn missing_cases() -> Vec<Case> {
    vec![
        case("a later letter", update(&[section(1, 6, &[after((1, 5), "x")])], &[]), false, Admit::Gap),
        case("behind an unknown element", update(&[section(9, 0, &[after((2, 2), "x")])], &[]), false, Admit::Gap),
        case("before one", update(&[section(9, 0, &[between((1, 0), (7, 0), "x")])], &[]), false, Admit::Gap),
        case("inside one", update(&[section(9, 0, &[inside((7, 0), "x")])], &[]), false, Admit::Gap),
        case("a deletion of it", update(&[], &[(7, 0..1)]), false, Admit::Gap),
        case(
            "a deletion that reaches beyond what is known",
            update(&[], &[(1, 4..9)]),
            false,
            with(news(&[], &[(1, 4..5)]), true, &[]),
        ),
        case(
            "a deletion of what the update brings, and more",
            update(&[section(9, 0, &[root("ab")])], &[(9, 1..3)]),
            false,
            with(news(&[(9, 0..2)], &[(9, 1..2)]), true, &[]),
        ),
        case(
            "a hole: what is in front of it",
            update(&[section(1, 5, &[after((1, 4), "x"), hole(2), after((1, 4), "y")])], &[]),
            false,
            with(news(&[(1, 5..6)], &[]), true, &[]),
        ),
        case(
            "a hole in what is known is none",
            update(&[section(1, 1, &[after((1, 0), "b"), hole(2), after((1, 3), "efg")])], &[]),
            false,
            news(&[(1, 5..7)], &[]),
        ),
        case(
            "a hole at the end hides nothing",
            update(&[section(1, 5, &[after((1, 4), "x"), hole(2)])], &[]),
            false,
            news(&[(1, 5..6)], &[]),
        ),
        case("only a hole", update(&[section(1, 5, &[hole(2)])], &[]), false, Admit::Nothing),
        case("a hole in front", update(&[section(1, 5, &[hole(2), after((1, 4), "x")])], &[]), false, Admit::Gap),
        case(
            "the first of two, because the second stands on nothing",
            update(&[section(9, 0, &[root("a"), after((7, 3), "b"), after((9, 0), "c")])], &[]),
            false,
            with(news(&[(9, 0..1)], &[]), true, &[]),
        ),
        case(
            "all that stands on what is missing",
            update(&[section(9, 0, &[after((8, 1), "a")]), section(8, 0, &[root("b"), after((7, 0), "c")])], &[]),
            false,
            with(news(&[(8, 0..1)], &[]), true, &[]),
        ),
        case(
            "known in part, and its right neighbour is missing",
            update(&[section(1, 3, &[between((1, 2), (7, 0), "defg")])], &[]),
            false,
            Admit::Gap,
        ),
        case(
            "known in part: where its front stands is no matter",
            update(&[section(1, 3, &[after((7, 0), "defg")])], &[]),
            false,
            news(&[(1, 5..7)], &[]),
        ),
    ]
}

/// What is under somebody else's client id.
fn foreign_cases() -> Vec<Case> {
    vec![
        foreign("text under another's id", &[1], update(&[section(1, 5, &[after((1, 4), "x")])], &[]), {
            Admit::Foreign(vec![1])
        }),
        foreign(
            "another's text that is known",
            &[1],
            update(&[section(2, 2, &[after((1, 4), "x")]), section(1, 0, &[root("abcde")])], &[]),
            news(&[(2, 2..3)], &[]),
        ),
        Case {
            whole: true,
            ..foreign(
                "a deletion of another's text",
                &[1, 2],
                update(&[], &[(1, 0..1), (2, 0..2)]),
                news(&[], &[(1, 0..1), (2, 0..2)]),
            )
        },
        foreign(
            "one's own and another's",
            &[1],
            update(&[section(2, 2, &[after((2, 1), "x")]), section(1, 5, &[after((1, 4), "y")])], &[]),
            with(news(&[(2, 2..3)], &[]), false, &[1]),
        ),
        foreign(
            "one's own that stands on another's, which is nobody's fault",
            &[1],
            update(
                &[section(2, 2, &[after((2, 1), "x"), after((1, 5), "z")]), section(1, 5, &[after((1, 4), "y")])],
                &[(1, 5..6), (2, 3..4)],
            ),
            with(news(&[(2, 2..3)], &[]), false, &[1]),
        ),
        foreign(
            "another's, and a deletion of what nobody has",
            &[1],
            update(&[section(1, 5, &[after((1, 4), "y")])], &[(1, 0..1), (7, 0..1)]),
            with(news(&[], &[(1, 0..1)]), true, &[1]),
        ),
        foreign(
            "two others'",
            &[1, 9],
            update(&[section(9, 0, &[root("x")]), section(1, 5, &[after((1, 4), "y")])], &[]),
            Admit::Foreign(vec![9, 1]),
        ),
        foreign(
            "another's and a gap",
            &[1],
            update(&[section(9, 4, &[root("x")]), section(1, 5, &[after((1, 4), "y")])], &[]),
            Admit::Gap,
        ),
    ]
}

#[test]
fn admission_stands_on_known_ground() {
    let cases = plain_cases().into_iter().chain(missing_cases()).chain(foreign_cases()).collect::<Vec<_>>();
    for Case { name, update, foreign, whole, answer } in &cases {
        let scan = scan(update).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        let mut known = five_and_two();
        let asked = RefCell::new(vec![]);
        let is_foreign = |client| {
            asked.borrow_mut().push(client);
            foreign.contains(&client)
        };
        let mut given = known.admit(update, &scan, &is_foreign);
        if let Admit::News(news) = &mut given {
            assert_eq!(news.bytes.is_none(), *whole, "{name}");
            if let Some(bytes) = news.bytes.take() {
                let said = crdt::scan::scan(&bytes).unwrap_or_else(|refusal| panic!("{name}: {refusal}: {bytes:?}"));
                assert_eq!(said.inserted(), &news.inserted, "{name}");
                assert!(!said.has_holes(), "{name}: nothing that is stored has a hole");
                let deleted = news.deleted.subtract(said.buried());
                assert_eq!(said.deleted().subtract(said.buried()), deleted, "{name}");
            }
        }
        assert_eq!(&given, answer, "{name}");
        let mut asked = asked.into_inner();
        let asked_count = asked.len();
        asked.dedup();
        assert_eq!(asked.len(), asked_count, "{name}: asked twice");
        assert!(asked.iter().all(|client| scan.clients().any(|one| one == *client)), "{name}");
        check_flight(name, known, &given);
    }
    println!("{} cases", cases.len());
    assert!(cases.len() >= 35);
}

/// What was admitted is in flight, is known on commit, and leaves no trace when it is dropped.
fn check_flight(name: &str, mut known: Known, given: &Admit) {
    let before = five_and_two();
    let mut dropped = known.clone();
    dropped.rollback();
    assert!(!dropped.in_flight() && dropped.state_vector() == before.state_vector(), "{name}");
    assert_eq!(dropped.deleted(), before.deleted(), "{name}");

    assert_eq!(known.in_flight(), matches!(given, Admit::News(_)), "{name}");
    assert_eq!(known.state_vector(), before.state_vector(), "{name}: not before the commit");
    known.commit();
    assert!(!known.in_flight(), "{name}");
    let Admit::News(news) = given else {
        assert_eq!((known.state_vector(), known.deleted()), (before.state_vector(), before.deleted()), "{name}");
        return;
    };
    let mut vector = before.state_vector().clone();
    news.inserted.iter().for_each(|(client, ranges)| vector.raise(client, ranges[0].end));
    assert_eq!(known.state_vector(), &vector, "{name}");
    assert_eq!(known.deleted().len_total(), before.deleted().len_total() + news.deleted.len_total(), "{name}");
}

/// Both would wait for the other for ever, in Yjs and in yrs, and in every encoded state.
#[test]
fn two_that_wait_for_each_other_are_refused_before_admission() {
    let circle = update(&[section(6, 0, &[after((5, 0), "a")]), section(5, 0, &[after((6, 0), "b")])], &[]);
    assert_eq!(circle.len(), 18);
    assert_eq!(scan(&circle).err(), Some(Refusal::DependencyCycle));
}

fn admit(known: &mut Known, update: &[u8]) -> Admit {
    known.admit(update, &scan(update).unwrap(), &|_| false)
}

/// The second of two updates stands on the first; the transaction fails; the second alone is a gap.
#[test]
fn what_stood_on_a_dropped_update_is_a_gap_again() {
    let first = update(&[section(9, 0, &[root("a")])], &[]);
    let second = update(&[section(9, 1, &[after((9, 0), "b")])], &[(9, 0..1)]);
    let mut known = five_and_two();
    assert_eq!(admit(&mut known, &first), news(&[(9, 0..1)], &[]));
    assert_eq!(admit(&mut known, &second), news(&[(9, 1..2)], &[(9, 0..1)]));
    assert_eq!(admit(&mut known, &second), Admit::Nothing, "the same again, while it is in flight");
    known.rollback();
    assert_eq!(admit(&mut known, &second), Admit::Gap);
    assert_eq!(admit(&mut known, &first), news(&[(9, 0..1)], &[]));
    known.commit();
    assert_eq!(admit(&mut known, &second), news(&[(9, 1..2)], &[(9, 0..1)]));
    known.commit();
    assert_eq!(admit(&mut known, &second), Admit::Nothing);
    assert_eq!((known.state_vector().get(9), known.deleted().of(9)), (2, [0..1].as_slice()));
}

/// Of two concurrent settings of one attribute the loser dies without a delete set that says so. A reader who syncs
/// back what he saw has no news for a room that took its deletions from the materialised state.
#[test]
fn deletions_learned_from_a_state_are_no_news() {
    let set_by = |client: u8| update(&[section(client, 0, &[vec![0x28, 1, 1, b'm', 1, b'k', 1, 125, client]])], &[]);
    let updates = [set_by(1), set_by(2)];
    let mut known = Known::default();
    for update in &updates {
        assert!(matches!(admit(&mut known, update), Admit::News(News { bytes: None, .. })));
    }
    known.commit();
    let state = materialise(None, &[&updates[0], &updates[1]]).unwrap();
    assert_eq!(state.deleted, set(&[(1, 0..1)]));
    let step2 = update(&[section(2, 0, &[vec![0x28, 1, 1, b'm', 1, b'k', 1, 125, 2]])], &[(1, 0..1)]);
    assert!(matches!(admit(&mut known.clone(), &step2), Admit::News(_)), "before the state was looked at");
    known.learn_deleted(&state.deleted);
    assert_eq!(admit(&mut known, &step2), Admit::Nothing);
}

/// An update that names a text as the parent of another passes the scanner, which sees one update at a time. Yjs 13.6
/// makes garbage of it and of what stands on it; yrs refuses the whole document.
#[test]
fn what_has_no_place_is_buried_and_the_document_lives() {
    let honest = update(&[section(1, 0, &[root("abc")]), section(4, 0, &[list()])], &[]);
    let hostile = update(&[section(2, 0, &[inside((1, 1), "in a text"), after((2, 3), "behind it")])], &[]);
    let later = update(&[section(3, 0, &[after((1, 2), "d"), inside((4, 0), "in a list")])], &[]);
    let both = update(&[section(2, 0, &[inside((1, 1), "x")]), section(1, 0, &[root("abc")])], &[]);
    let mut known = Known::default();
    for update in [&honest, &hostile, &later] {
        assert!(matches!(admit(&mut known, update), Admit::News(_)));
    }
    known.commit();
    let State { state_vector, deleted, update } = materialise(None, &[&honest, &hostile, &later]).unwrap();
    assert_eq!(&state_vector, known.state_vector());
    assert_eq!(deleted, set(&[(2, 0..18)]));
    assert_eq!(materialise(Some(&update), &[&hostile]).unwrap().deleted, deleted, "and stays buried");
    assert_eq!(materialise(None, &[&both]).unwrap().deleted, set(&[(2, 0..1)]), "in one update too");
}

/// Real updates in any order, repeated, with what was left behind sent again: all of it gets in, once.
#[test]
fn relayed_and_repeated_updates_get_in_once() {
    let vectors = fixtures::vectors();
    let mut dice = fixtures::Dice::new(40);
    let (mut gaps, mut nothing, mut partial) = (0, 0, 0);
    for _ in 0..200 {
        let mut known = Known::default();
        let mut left: Vec<_> = vectors.iter().collect();
        let (mut inserted, mut deleted) = (Ranges::new(), Ranges::new());
        for _ in 0..20 * vectors.len() {
            let vector = left[dice.roll(left.len())];
            let answer = admit(&mut known, &vector.update);
            gaps += usize::from(answer == Admit::Gap);
            nothing += usize::from(answer == Admit::Nothing);
            if let Admit::News(news) = answer {
                partial += usize::from(news.bytes.is_some());
                assert!(news.inserted.intersect(&inserted).is_empty(), "{} twice", vector.name);
                assert!(news.deleted.intersect(&deleted).is_empty(), "{} twice", vector.name);
                inserted.union_with(&news.inserted);
                deleted.union_with(&news.deleted);
                left.push(vector);
            }
            if dice.roll(4) == 0 {
                known.commit();
            }
        }
        known.commit();
        let reached: StateVector = inserted.iter().map(|(client, ranges)| (client, ranges[0].end)).collect();
        assert!(inserted.iter().all(|(_, ranges)| ranges.len() == 1 && ranges[0].start == 0));
        assert_eq!((known.state_vector(), known.deleted()), (&reached, &deleted));
    }
    println!("{gaps} gaps, {nothing} with nothing new, {partial} in part");
    assert!(gaps > 1_000 && nothing > 1_000 && partial > 1_000);
}

/// A hundred thousand clients, and deletions between a hundred thousand others: milliseconds, not minutes.
#[test]
fn large_updates_take_linear_time() {
    let number = |bytes: &mut Vec<u8>, mut value: u32| {
        while value > 127 {
            bytes.push(value as u8 | 128);
            value >>= 7;
        }
        bytes.push(value as u8);
    };
    let count = 100_000;
    let mut crowd = vec![];
    number(&mut crowd, count);
    for client in 0..count {
        crowd.push(1);
        number(&mut crowd, client);
        crowd.extend([0, 4, 1, 1, b't', 1, b'a']);
    }
    crowd.push(0);
    let mut known = Known::new([(1 << 40, 4 * count)].into_iter().collect(), Ranges::new());
    for round in 0..2 {
        match admit(&mut known, &crowd) {
            Admit::News(news) => assert!(round == 0 && news.inserted.len_total() == u64::from(count)),
            answer => assert!(round == 1 && answer == Admit::Nothing),
        }
        known.commit();
    }
    for offset in [0, 2] {
        let mut deleted = Ranges::new();
        (0..count).for_each(|at| deleted.insert(1 << 40, 4 * at + offset..4 * at + offset + 1));
        let update = [vec![0], deleted.encode()].concat();
        assert!(matches!(admit(&mut known, &update), Admit::News(News { bytes: None, .. })));
        known.commit();
        assert_eq!(admit(&mut known, &update), Admit::Nothing);
    }
    assert_eq!(known.deleted().len_total(), 2 * u64::from(count));
    println!("{count} clients, {count} deletions between {count} others");
}
