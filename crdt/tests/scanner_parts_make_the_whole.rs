//! Parts cut out of an update make the whole again, and a difference brings a reader exactly what he lacks.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod fixtures;

use crdt::known::{Admit, Known};
use crdt::ranges::{Ranges, StateVector};
use crdt::scan::{cut, difference, scan};
use fixtures::{Dice, Vector, content, document, set};
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{ReadTxn, Transact};

/// The committed updates that are whole documents: every client from its first clock, and nothing else needed.
fn wholes() -> Vec<Vector> {
    let is_whole = |vector: &Vector| {
        let from_zero = vector.inserted.iter().all(|(_, ranges)| ranges.len() == 1 && ranges[0].start == 0);
        from_zero && vector.inserted.len_total() > 1 && {
            let doc = document([vector.update.as_slice()]);
            !doc.transact().has_missing_updates()
        }
    };
    fixtures::vectors().into_iter().filter(is_whole).collect()
}

/// A random clock for every client.
fn random_vector(dice: &mut Dice, inserted: &Ranges) -> StateVector {
    inserted.iter().map(|(client, ranges)| (client, dice.roll(ranges[0].end as usize + 1) as u32)).collect()
}

fn below(whole: &Ranges, vector: &StateVector) -> Ranges {
    whole.below(|client| vector.get(client))
}

/// Whether a border fell into a letter of two UTF-16 units. Then the parts say something else than the whole.
fn is_letter_halved(whole: &[u8], parts: &[&[u8]]) -> bool {
    let count = |bytes: &[u8]| bytes.windows(3).filter(|three| three == b"\xef\xbf\xbd").count();
    parts.iter().map(|part| count(part)).sum::<usize>() > count(whole)
}

/// Whether a border fell inside a struct. Then the parts have more structs than the whole.
fn is_sliced(whole: &[u8], parts: &[&[u8]]) -> bool {
    let count = |bytes: &[u8]| scan(bytes).unwrap().struct_count();
    parts.iter().map(|part| count(part)).sum::<usize>() > count(whole)
}

#[test]
fn two_parts_make_the_whole() {
    let mut dice = Dice::new(30);
    let (mut cuts, mut sliced, mut one_by_one) = (0, 0, 0);
    for vector in wholes() {
        let update = &vector.update;
        let scan_whole = scan(update).unwrap();
        let expected = content(&document([update.as_slice()]));
        for _ in 0..400 {
            let lower = below(scan_whole.inserted(), &random_vector(&mut dice, &vector.inserted));
            let upper = scan_whole.inserted().subtract(&lower);
            let below_part = cut(update, &scan_whole, &lower, &Ranges::new());
            let above_part = cut(update, &scan_whole, &upper, scan_whole.deleted());
            for (part, ranges) in [(&below_part, &lower), (&above_part, &upper)] {
                let scan_part = scan(part).unwrap();
                assert_eq!((scan_part.inserted(), scan_part.has_holes()), (ranges, false), "{}", vector.name);
            }
            if is_letter_halved(update, &[&below_part, &above_part]) {
                continue;
            }
            // The lower part may stand on the upper one; then they go in as one.
            let stands = match Known::default().admit(&below_part, &scan(&below_part).unwrap(), &|_| false) {
                Admit::News(news) => !news.missing,
                answer => answer == Admit::Nothing,
            };
            let merged = yrs::merge_updates_v1([below_part.as_slice(), above_part.as_slice()]).unwrap();
            assert_eq!(content(&document([merged.as_slice()])), expected, "{}", vector.name);
            if stands {
                assert_eq!(content(&document([below_part.as_slice(), &above_part])), expected, "{}", vector.name);
            }
            one_by_one += usize::from(stands);
            cuts += 1;
            sliced += usize::from(is_sliced(update, &[&below_part, &above_part]));
        }
    }
    println!("{cuts} cuts, {sliced} of them inside a struct; {one_by_one} applied one by one");
    assert!(cuts >= 4_000 && sliced > 1_000 && one_by_one > 1_000);
}

#[test]
fn a_part_in_the_middle_leaves_a_skip_only_where_it_must() {
    let mut dice = Dice::new(31);
    let (mut skips, mut whole) = (0, 0);
    for vector in wholes() {
        let scan_whole = scan(&vector.update).unwrap();
        for _ in 0..200 {
            let mut keep = Ranges::new();
            for (client, ranges) in vector.inserted.iter() {
                for _ in 0..dice.roll(4) {
                    let start = dice.roll(ranges[0].end as usize) as u32;
                    keep.insert(client, start..start + 1 + dice.roll(8) as u32);
                }
            }
            let part = cut(&vector.update, &scan_whole, &keep, &keep);
            let scan_part = scan(&part).unwrap();
            let kept = scan_whole.inserted().intersect(&keep);
            assert_eq!(scan_part.inserted(), &kept, "{}", vector.name);
            assert_eq!(scan_part.deleted(), &scan_whole.deleted().intersect(&keep));
            assert_eq!(scan_part.has_holes(), kept.iter().any(|(_, ranges)| ranges.len() > 1));
            skips += usize::from(scan_part.has_holes());
            whole += usize::from(!scan_part.has_holes() && !scan_part.is_empty());
        }
    }
    println!("{skips} parts with holes, {whole} without");
    assert!(skips > 500 && whole > 500);
}

/// A letter of two UTF-16 units that a border falls into becomes U+FFFD on both sides, as in Yjs.
#[test]
fn a_border_inside_an_emoji_makes_two_replacement_characters() {
    let update = fixtures::from_hex("01 01 07 00 04 01 04 74657874 06 61 f09f9982 62 00");
    let whole = scan(&update).unwrap();
    assert_eq!(whole.inserted(), &set(&[(7, 0..4)]));
    let part = |range| cut(&update, &whole, &set(&[(7, range)]), &Ranges::new());
    assert_eq!(part(0..2), fixtures::from_hex("01 01 07 00 04 01 04 74657874 04 61 efbfbd 00"));
    assert_eq!(part(2..4), fixtures::from_hex("01 01 07 02 84 07 01 04 efbfbd 62 00"));
    assert_eq!(part(1..3), fixtures::from_hex("01 01 07 01 84 07 00 04 f09f9982 00"));
    assert_eq!(part(0..4), update, "the whole is the input");
    assert_eq!(part(4..9), [0, 0], "nothing is the empty update");
}

#[test]
fn a_difference_brings_exactly_what_is_lacking() {
    let mut dice = Dice::new(32);
    let (mut differences, mut equal) = (0, 0);
    for vector in wholes() {
        let update = &vector.update;
        let scan_whole = scan(update).unwrap();
        let doc = document([update.as_slice()]);
        let expected = content(&doc);
        for _ in 0..200 {
            let reader = random_vector(&mut dice, &vector.inserted);
            let ours = difference(update, &scan_whole, &reader);
            let scan_ours = scan(&ours).unwrap();
            let lacking = scan_whole.inserted().subtract(&below(scan_whole.inserted(), &reader));
            assert_eq!((scan_ours.inserted(), scan_ours.deleted()), (&lacking, scan_whole.deleted()));

            let theirs = yrs::StateVector::decode_v1(&reader.encode()).unwrap();
            assert_eq!(theirs.encode_v1().len(), reader.encode().len());
            let theirs = doc.transact().encode_diff_v1(&theirs);
            let scan_theirs = scan(&theirs).unwrap();
            assert_eq!(scan_ours.inserted(), scan_theirs.inserted(), "{}", vector.name);
            equal += usize::from(ours == theirs);

            let base = cut(update, &scan_whole, &below(scan_whole.inserted(), &reader), &Ranges::new());
            if is_letter_halved(update, &[&base, &ours]) {
                continue;
            }
            for rest in [&ours, &theirs] {
                assert_eq!(content(&document([base.as_slice(), rest])), expected, "{}", vector.name);
            }
            differences += 1;
        }
    }
    println!("{differences} differences, {equal} of them the same bytes as yrs writes");
    assert!(differences >= 2_000 && equal > 500);
}

/// Yjs wrote both of these from one document, one whole and one after a vector inside a struct.
#[test]
fn a_difference_is_byte_for_byte_what_yjs_writes() {
    let vectors = fixtures::vectors();
    let update = |name: &str| &vectors.iter().find(|vector| vector.name == name).unwrap().update;
    let whole = update("the whole document");
    let reader: StateVector = [(2147483646, 5)].into_iter().collect();
    let rest = difference(whole, &scan(whole).unwrap(), &reader);
    assert_eq!(&rest, update("the rest after a vector inside a struct"));

    let parked = update("a client with parked updates");
    let reader: StateVector = [(21, 2)].into_iter().collect();
    let rest = difference(parked, &scan(parked).unwrap(), &reader);
    assert_eq!(&rest, update("a client with parked updates, after a vector"));
}
