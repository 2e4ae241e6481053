//! A thousand pastes one after the other become one text. Merging them in one transaction took two gigabytes.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crdt::state::materialise;

const PASTES: u64 = 1_000;
const PASTE_BYTES: u64 = 4_096;
/// Twenty times the encoded size, as everywhere.
const GROWTH_BYTES_MAX: u64 = 20 * PASTES * PASTE_BYTES;

fn varint(mut number: u64, update: &mut Vec<u8>) {
    while number >= 128 {
        update.push((number & 127) as u8 | 128);
        number >>= 7;
    }
    update.push(number as u8);
}

/// One item of text behind the one before it, as Yjs writes it.
fn paste(clock: u64, text: &str) -> Vec<u8> {
    const CLIENT: u64 = 3_141_592_653;
    let mut update = vec![1, 1];
    varint(CLIENT, &mut update);
    varint(clock, &mut update);
    if clock == 0 {
        update.extend([4, 1, 7]);
        update.extend(b"default");
    } else {
        update.push(0x84);
        varint(CLIENT, &mut update);
        varint(clock - 1, &mut update);
    }
    varint(text.len() as u64, &mut update);
    update.extend(text.as_bytes());
    update.push(0);
    update
}

/// The most memory that this process has had.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

#[test]
fn a_thousand_pastes_in_a_row() {
    let text = "x".repeat(PASTE_BYTES as usize);
    let pastes: Vec<Vec<u8>> = (0..PASTES).map(|number| paste(number * PASTE_BYTES, &text)).collect();
    let tail: Vec<&[u8]> = pastes.iter().map(Vec::as_slice).collect();
    let before = peak_bytes();
    let state = materialise(None, &tail).unwrap();
    let growth = peak_bytes() - before;
    println!("{} bytes of state, {growth} bytes more at the peak", state.update.len());
    assert!(state.update.len() as u64 > PASTES * PASTE_BYTES, "the text is all there");
    assert!(growth < GROWTH_BYTES_MAX, "{growth} bytes");
}
