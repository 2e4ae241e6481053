//! Yjs updates (format v1) made by hand: for load without Yjs in the driver, and for what no honest client would send.

/// Where a piece of text goes.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// The first piece of the root text `text`.
    Root,
    /// Behind the character with this id (client, clock).
    After(u64, u64),
}

/// An update with one piece of text by `client`, whose first UTF-16 unit has the clock `clock`.
pub fn insert(client: u64, clock: u64, place: Place, words: &str) -> Vec<u8> {
    let mut update = Vec::with_capacity(words.len() + 32);
    write_number(&mut update, 1);
    write_number(&mut update, 1);
    write_number(&mut update, client);
    write_number(&mut update, clock);
    write_item(&mut update, place, words);
    write_number(&mut update, 0);
    update
}

/// Writes one text item: content kind 4, with an origin (bit 128) or as a child of a root type.
fn write_item(update: &mut Vec<u8>, place: Place, words: &str) {
    match place {
        Place::Root => {
            update.push(4);
            write_number(update, 1);
            write_bytes(update, b"text");
        }
        Place::After(client, clock) => {
            update.push(4 | 128);
            write_number(update, client);
            write_number(update, clock);
        }
    }
    write_bytes(update, words.as_bytes());
}

/// An update that only deletes: clocks `from..from + length` of one client.
pub fn delete(client: u64, from: u64, length: u64) -> Vec<u8> {
    let mut update = Vec::new();
    for number in [0, 1, client, 1, from, length] {
        write_number(&mut update, number);
    }
    update
}

/// Two structs of one update whose origins name each other.
pub fn cycle(one: u64, other: u64) -> Vec<u8> {
    let mut update = Vec::new();
    write_number(&mut update, 2);
    for (client, origin) in [(one, other), (other, one)] {
        for number in [1, client, 0] {
            write_number(&mut update, number);
        }
        write_item(&mut update, Place::After(origin, 0), "x");
    }
    write_number(&mut update, 0);
    update
}

/// A number in 7-bit groups, the least first.
pub fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// A length and that many bytes.
pub fn write_bytes(bytes: &mut Vec<u8>, body: &[u8]) {
    write_number(bytes, body.len() as u64);
    bytes.extend_from_slice(body);
}

/// Reads a number and moves on; `None` at the end of the bytes.
pub fn read_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}
