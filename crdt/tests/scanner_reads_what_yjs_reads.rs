//! The scanner reads in every real update what Yjs itself reads in it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod fixtures;

use crdt::scan::scan;

#[test]
fn scanner_reads_what_yjs_reads() {
    let vectors = fixtures::vectors();
    let (mut holes, mut deletions, mut several) = (0, 0, 0);
    for vector in &vectors {
        let scan = scan(&vector.update).unwrap_or_else(|refusal| panic!("{}: {refusal}", vector.name));
        assert_eq!(scan.inserted(), &vector.inserted, "{}", vector.name);
        assert_eq!(scan.deleted(), &vector.deleted, "{}", vector.name);
        assert_eq!(scan.has_holes(), vector.holes, "{}", vector.name);
        assert_eq!(scan.is_empty(), vector.name == "nothing", "{}", vector.name);
        assert!(scan.clients().eq(vector.inserted.clients()), "{}", vector.name);
        assert!(scan.inserted().subtract(scan.buried()).len_total() <= scan.inserted().len_total());
        holes += usize::from(scan.has_holes());
        deletions += usize::from(!scan.deleted().is_empty());
        several += usize::from(scan.clients().count() > 1);
    }
    println!(
        "{} updates; {holes} with holes, {deletions} with deletions, {several} with several clients",
        vectors.len()
    );
    assert!(vectors.len() >= 40 && holes >= 4 && deletions >= 15 && several >= 4);
}

#[test]
fn scanner_agrees_with_yrs_on_real_updates() {
    for vector in fixtures::vectors() {
        let (inserted, deleted) = fixtures::read_by_yrs(&vector.update).unwrap();
        assert_eq!((inserted, deleted), (vector.inserted, vector.deleted), "{}", vector.name);
    }
}

#[test]
fn texts_are_measured_in_utf16_units() {
    let longest = |name: &str| {
        let vector = fixtures::vectors().into_iter().find(|vector| vector.name == name).unwrap();
        scan(&vector.update).unwrap().text_units_max()
    };
    assert_eq!(longest("a word in between"), "einwörtig".encode_utf16().count() as u32);
    assert_eq!(longest("emoji and umlauts"), "👩‍👩‍👧 äöü ß 🇩🇪".encode_utf16().count() as u32);
}
