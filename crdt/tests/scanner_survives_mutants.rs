//! Whatever the scanner accepts, yrs reads the same way; whatever admission lets in, yrs integrates without a rest.

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

#[test]
fn what_is_admitted_integrates_without_a_rest() {
    let vectors = fixtures::vectors();
    let updates: Vec<Vec<u8>> = vectors.iter().map(|vector| vector.update.clone()).collect();
    let mut dice = Dice::new(21);
    let (mut admitted, mut trimmed, mut gaps) = (0, 0, 0);
    for _ in 0..MUTANTS {
        let mutant = mutate(&mut dice, &updates);
        let Ok(scan) = scan(&mutant) else { continue };
        let mut known = Known::default();
        match known.admit(&mutant, &scan, &|_| false) {
            Admit::News(news) => {
                admitted += 1;
                trimmed += usize::from(news.bytes.is_some());
                known.commit();
                let bytes = news.bytes.as_deref().unwrap_or(&mutant);
                let state = materialise(None, &[bytes]).unwrap_or_else(|error| panic!("{error}: {mutant:02x?}"));
                assert_eq!(known.state_vector(), &state.state_vector, "{mutant:02x?}");
                let unknown = known.deleted().subtract(&state.deleted);
                assert!(unknown.is_empty(), "yrs has not deleted {unknown:?}: {mutant:02x?}");
            }
            Admit::Gap => gaps += 1,
            Admit::Nothing => assert!(scan.is_empty()),
            Admit::Foreign(_) => panic!("nobody is foreign"),
        }
    }
    println!("{admitted} mutants admitted, {trimmed} of them in part; {gaps} gaps");
    assert!(admitted > 500 && trimmed > 100 && gaps > 100);
}
