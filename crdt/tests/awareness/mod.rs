//! The other end of presence: awareness payloads as y-protocols 1.0.7 writes and reads them.

use serde_json::Value;

/// A payload of entries (client id, clock, JSON).
pub fn payload(entries: &[(u64, u64, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    write_number(&mut out, entries.len() as u64);
    for (client, clock, json) in entries {
        write_number(&mut out, *client);
        write_number(&mut out, *clock);
        write_number(&mut out, json.len() as u64);
        out.extend_from_slice(json.as_bytes());
    }
    out
}

/// The entries of a payload; no bytes have none.
pub fn read(mut payload: &[u8]) -> Vec<(u64, u64, Value)> {
    let rest = &mut payload;
    let count = if rest.is_empty() { 0 } else { number(rest) };
    let mut entries = Vec::new();
    for _ in 0..count {
        let (client, clock, length) = (number(rest), number(rest), number(rest));
        let (json, after) = rest.split_at(length as usize);
        *rest = after;
        entries.push((client, clock, serde_json::from_slice(json).unwrap()));
    }
    assert!(rest.is_empty());
    entries
}

fn number(rest: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0);
    loop {
        let (byte, after) = rest.split_first().unwrap();
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if *byte < 0x80 {
            return value;
        }
    }
}

fn write_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
