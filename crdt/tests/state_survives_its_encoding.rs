//! A state is the whole document, without what was deleted; its snapshot gives it back or says that it cannot.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod replica;

use crdt::scan::Refusal;
use crdt::state::{STATE_BYTES_MAX, Snapshot, State, StateError, materialise};
use proptest::prelude::*;
use replica::{Dice, Replica};

/// Many edits of one person, and the document they make.
fn edited(edits: usize) -> (Vec<Vec<u8>>, Replica) {
    let (replica, mut dice) = (Replica::new(3_735_928_559), Dice(7));
    ((0..edits).filter_map(|_| replica.edit(&mut dice)).collect(), replica)
}

fn borrowed(updates: &[Vec<u8>]) -> Vec<&[u8]> {
    updates.iter().map(Vec::as_slice).collect()
}

#[test]
fn a_state_is_the_whole_document() {
    let (updates, replica) = edited(2_500);
    assert!(updates.len() > 2_000, "more than two transactions");
    let state = materialise(None, &borrowed(&updates)).unwrap();
    assert_eq!(Replica::of(&state.update).shown(), replica.shown());
    assert_eq!(state.state_vector, replica.vector());
    assert_eq!(replica.difference(&state.state_vector)[0], 0, "the replica has nothing that the state lacks");

    let (first, rest) = updates.split_at(1_200);
    let base = materialise(None, &borrowed(first)).unwrap();
    let continued = materialise(Some(&base.update), &borrowed(rest)).unwrap();
    assert_eq!((&continued.state_vector, &continued.deleted), (&state.state_vector, &state.deleted));
    assert_eq!(Replica::of(&continued.update).shown(), replica.shown());
}

#[test]
fn a_base_without_a_tail_is_handed_back() {
    let (updates, _) = edited(100);
    let state = materialise(None, &borrowed(&updates)).unwrap();
    assert_eq!(materialise(Some(&state.update), &[]), Ok(state));
    let empty = State { update: vec![0, 0], ..State::default() };
    assert_eq!(materialise(None, &[]), Ok(empty.clone()));
    assert_eq!(materialise(None, &[&[0, 0]]), Ok(empty));
}

#[test]
fn what_was_deleted_is_gone() {
    // Client 1 types "secret" into text `t`; then a delete set of it.
    let typed = [&[1, 1, 1, 0, 4, 1, 1, b't', 6][..], b"secret", &[0]].concat();
    let deleted = [0, 1, 1, 1, 0, 6];
    let state = materialise(None, &[&typed, &deleted]).unwrap();
    assert!(!state.update.windows(6).any(|window| window == b"secret"));
    assert_eq!((state.state_vector.get(1), state.deleted.len_total()), (6, 6));
}

#[test]
fn a_part_of_a_document_is_no_state() {
    // "x" of client 1 after an element of client 2 that is not there.
    let dangling = [1, 1, 1, 0, 0x84, 2, 0, 1, b'x', 0];
    assert_eq!(materialise(None, &[&dangling]), Err(StateError::Pending));
    // A deletion of what is not there.
    assert_eq!(materialise(None, &[&[0, 1, 1, 1, 0, 6]]), Err(StateError::Pending));
    // A client that begins at clock 3, and one with a Skip.
    let late = [1, 1, 1, 3, 4, 1, 1, b't', 1, b'x', 0];
    assert_eq!(materialise(None, &[&late]), Err(StateError::Pending));
    assert_eq!(materialise(Some(&late), &[]), Err(StateError::Pending));
    assert_eq!(materialise(Some(&[1, 2, 1, 0, 10, 3, 4, 1, 1, b't', 1, b'x', 0]), &[]), Err(StateError::Pending));
    assert_eq!(materialise(Some(&[1]), &[]), Err(StateError::Scan(Refusal::CountTooLarge)));
}

#[test]
fn a_snapshot_gives_the_state_back() {
    let (updates, _) = edited(1_000);
    let state = materialise(None, &borrowed(&updates)).unwrap();
    for state in [state, State { update: vec![0, 0], ..State::default() }] {
        let snapshot = Snapshot::encode(&state);
        assert_eq!(&snapshot[..5], b"STET\x01");
        assert_eq!(Snapshot::decode(&snapshot), Ok(state.clone()));
        assert_eq!(Snapshot::known(&snapshot), Ok((state.state_vector.clone(), state.deleted.clone())));
        assert_eq!(Snapshot::encode(&state), snapshot);
    }
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let (updates, _) = edited(300);
    let state = materialise(None, &borrowed(&updates)).unwrap();
    let snapshot = Snapshot::encode(&state);
    assert!(snapshot.len() < state.update.len(), "compressed");
    for length in 0..snapshot.len() {
        assert!(Snapshot::decode(&snapshot[..length]).is_err(), "cut off at {length}");
    }
    let body = snapshot.len() - 200;
    for at in (0..46).chain(body..snapshot.len()) {
        let mut damaged = snapshot.clone();
        damaged[at] ^= 0x10;
        // zstd has a few bits that mean nothing.
        let decoded = Snapshot::decode(&damaged);
        assert!(decoded.is_err() || (at >= body && decoded == Ok(state.clone())), "a flipped bit at {at}");
    }
    // Lengths that nothing stands behind reserve nothing.
    for at in [22, 30, 38] {
        let mut greedy = snapshot.clone();
        greedy[at..at + 8].copy_from_slice(&(STATE_BYTES_MAX as u64 + 1).to_le_bytes());
        assert_eq!(Snapshot::decode(&greedy), Err(StateError::TooLarge));
        greedy[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(Snapshot::known(&greedy), Err(StateError::TooLarge));
    }
}

proptest! {
    #[test]
    fn random_bytes_are_no_snapshot(
        rest in prop::collection::vec(any::<u8>(), 0..200),
        lengths in prop::array::uniform3(0u64..200),
    ) {
        let _ = Snapshot::decode(&rest);
        let mut front = [b"STET\x01\x01".as_slice(), &[0; 16]].concat();
        lengths.iter().for_each(|length| front.extend_from_slice(&length.to_le_bytes()));
        prop_assert!(Snapshot::decode(&[front, rest].concat()).is_err());
    }
}
