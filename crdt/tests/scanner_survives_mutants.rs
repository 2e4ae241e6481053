//! Whatever the scanner accepts, yrs reads the same way; whatever admission lets in, yrs integrates without a rest.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod fixtures;

use crdt::known::{Admit, Known};
use crdt::scan::{cut, scan};
use crdt::state::materialise;
use fixtures::{Dice, read_by_yrs};

const MUTANTS: usize = 200_000;

/// Flips, replaces, inserts, removes, cuts off, or splices in a piece of another update; one to three times.
fn mutate(dice: &mut Dice, updates: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = updates[dice.roll(updates.len())].clone();
    for _ in 0..1 + dice.roll(6) / 4 {
        let at = dice.roll(bytes.len().max(1));
        if bytes.is_empty() {
            break;
        }
        match dice.roll(8) {
            0 | 1 => bytes[at] ^= 1 << dice.roll(8),
            2 => bytes[at] = [0, 1, 2, 7, 10, 0x7f, 0x80, 0xff][dice.roll(8)],
            3 => bytes[at] = dice.roll(256) as u8,
            4 => bytes.insert(at, dice.roll(256) as u8),
            5 => drop(bytes.remove(at)),
            6 => bytes.truncate(at),
            _ => {
                let other = &updates[dice.roll(updates.len())];
                let from = dice.roll(other.len());
                let piece = &other[from..(from + 1 + dice.roll(12)).min(other.len())];
                let end = (at + dice.roll(12)).min(bytes.len());
                drop(bytes.splice(at..end, piece.iter().copied()));
            }
        }
    }
    bytes
}

#[test]
fn what_is_accepted_is_read_the_same_by_yrs() {
    let updates: Vec<Vec<u8>> = fixtures::vectors().into_iter().map(|vector| vector.update).collect();
    let mut dice = Dice::new(20);
    let (mut accepted, mut holes) = (0, 0);
    for _ in 0..MUTANTS {
        let mutant = mutate(&mut dice, &updates);
        let Ok(scan) = scan(&mutant) else { continue };
        accepted += 1;
        holes += usize::from(scan.has_holes());
        let read = read_by_yrs(&mutant).unwrap_or_else(|error| panic!("yrs: {error}: {mutant:02x?}"));
        assert_eq!(read, (scan.inserted().clone(), scan.deleted().clone()), "{mutant:02x?}");
        let whole = cut(&mutant, &scan, scan.inserted(), scan.deleted());
        let again = crdt::scan::scan(&whole).unwrap_or_else(|refusal| panic!("{refusal}: {mutant:02x?}"));
        assert_eq!((again.inserted(), again.deleted()), (scan.inserted(), scan.deleted()), "{mutant:02x?}");
    }
    println!(
        "{accepted} of {MUTANTS} mutants accepted ({:.1} %), {holes} with holes",
        100.0 * accepted as f64 / MUTANTS as f64
    );
    assert!(accepted >= MUTANTS / 20 && holes > 100);
}

/// Documents of several updates, some of them mutants that build on the others: whatever admission lets in makes a
/// document that can be read, knows what `Known` knows, and can be stored and opened again.
#[test]
fn what_is_admitted_integrates_without_a_rest() {
    let updates: Vec<Vec<u8>> = fixtures::vectors().into_iter().map(|vector| vector.update).collect();
    let mut dice = Dice::new(21);
    let (mut documents, mut mutants, mut trimmed, mut gaps, mut unstable) = (0, 0, 0, 0, 0);
    for _ in 0..MUTANTS / 4 {
        let mut known = Known::default();
        let mut admitted: Vec<Vec<u8>> = vec![];
        // Neighbours in the list mostly belong to one document, in the order of their making.
        let start = dice.roll(updates.len());
        let family = &updates[start..(start + 1 + dice.roll(12)).min(updates.len())];
        for turn in 0..2 * family.len() {
            let hostile = turn % 2 == 1;
            let update = if hostile { mutate(&mut dice, family) } else { family[turn / 2].clone() };
            let Ok(scan) = scan(&update) else { continue };
            match known.admit(&update, &scan, &|_| false) {
                Admit::News(news) => {
                    mutants += usize::from(hostile);
                    trimmed += usize::from(news.bytes.is_some());
                    admitted.push(news.bytes.unwrap_or(update));
                }
                Admit::Gap => gaps += 1,
                Admit::Nothing => {}
                Admit::Foreign(_) => panic!("nobody is foreign"),
            }
        }
        known.commit();
        documents += usize::from(admitted.len() > 1);
        let tail: Vec<&[u8]> = admitted.iter().map(Vec::as_slice).collect();
        let state = materialise(None, &tail).unwrap_or_else(|error| panic!("{error}: {tail:02x?}"));
        assert_eq!(known.state_vector(), &state.state_vector, "{tail:02x?}");
        let unknown = known.deleted().subtract(&state.deleted);
        assert!(unknown.is_empty(), "yrs has not deleted {unknown:?}: {tail:02x?}");
        let again = materialise(Some(&state.update), &[&[0, 0]]).unwrap_or_else(|error| panic!("{error}: {tail:02x?}"));
        assert_eq!(again.state_vector, state.state_vector, "{tail:02x?}");
        // A struct of several elements under one key, which no client writes, is deleted in part by each reading.
        unstable += usize::from(again.deleted != state.deleted);
        known.learn_deleted(&state.deleted);
        let whole = crdt::scan::scan(&state.update).unwrap();
        assert_eq!(known.admit(&state.update, &whole, &|_| false), Admit::Nothing, "{tail:02x?}");
    }
    println!("{documents} documents of several updates; {mutants} mutants admitted; {trimmed} in part, {gaps} gaps");
    println!("{unstable} documents have more deleted after reading them again");
    assert!(unstable < documents / 1_000);
    assert!(documents > 20_000 && mutants > 10_000 && trimmed > 1_000 && gaps > 1_000);
}
