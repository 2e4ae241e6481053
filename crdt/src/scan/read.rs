//! Numbers, texts and values as lib0 writes them, read from bytes that nobody vouches for.
//!
//! Only the shortest form of a number is taken: every real client writes it, and then equal updates are equal bytes.

use std::fmt::{self, Formatter};
use std::ops::Range;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{ANY_DEPTH_MAX, CLIENT_ID_BITS_MAX, CLOCK_MAX, Refusal};
use crate::ranges::{ClientId, Clock};

/// A cursor over bytes from outside.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    /// A cursor that starts at a byte offset of the same input.
    pub(crate) fn starting_at(bytes: &'a [u8], at: u32) -> Reader<'a> {
        Reader { bytes, at: (at as usize).min(bytes.len()) }
    }

    /// The offset of the next byte. Inputs are below 4 GiB: [`super::scan`] refuses larger ones.
    pub(crate) fn at(&self) -> u32 {
        self.at as u32
    }

    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// The end of the input, or a refusal.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        if self.left() == 0 { Ok(()) } else { Err(Refusal::TrailingBytes) }
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Result<u8, Refusal> {
        let byte = *self.bytes.get(self.at).ok_or(Refusal::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], Refusal> {
        let end = self.at.checked_add(len).ok_or(Refusal::Truncated)?;
        let bytes = self.bytes.get(self.at..end).ok_or(Refusal::Truncated)?;
        self.at = end;
        Ok(bytes)
    }

    /// A varUint of at most 53 bits.
    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Refusal> {
        let first = self.byte()?;
        if first < 0x80 { Ok(u64::from(first)) } else { self.number_rest(u64::from(first & 0x7f)) }
    }

    fn number_rest(&mut self, mut value: u64) -> Result<u64, Refusal> {
        let mut shift = 7;
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return if byte == 0 || value >> CLIENT_ID_BITS_MAX != 0 { Err(Refusal::BadNumber) } else { Ok(value) };
            }
            if shift > CLIENT_ID_BITS_MAX {
                return Err(Refusal::BadNumber);
            }
        }
    }

    /// How many things follow. Each takes at least one byte, so more than the bytes left is a lie.
    #[inline]
    pub(crate) fn count(&mut self) -> Result<u64, Refusal> {
        let count = self.number()?;
        if count > self.left() as u64 { Err(Refusal::CountTooLarge) } else { Ok(count) }
    }

    #[inline]
    pub(crate) fn client(&mut self) -> Result<ClientId, Refusal> {
        self.number()
    }

    #[inline]
    pub(crate) fn clock(&mut self) -> Result<Clock, Refusal> {
        let clock = self.number()?;
        if clock < CLOCK_MAX { Ok(clock as Clock) } else { Err(Refusal::ClockTooLarge) }
    }

    /// A length of at least 1 in clocks.
    #[inline]
    pub(crate) fn len(&mut self) -> Result<Clock, Refusal> {
        match self.clock()? {
            0 => Err(Refusal::EmptyStruct),
            len => Ok(len),
        }
    }

    /// A clock and a length.
    pub(crate) fn range(&mut self) -> Result<Range<Clock>, Refusal> {
        let start = self.clock()?;
        let end = u64::from(start) + u64::from(self.len()?);
        if end < CLOCK_MAX { Ok(start..end as Clock) } else { Err(Refusal::ClockTooLarge) }
    }

    pub(crate) fn buffer(&mut self) -> Result<&'a [u8], Refusal> {
        let len = self.number()?;
        if len > self.left() as u64 { Err(Refusal::Truncated) } else { self.take(len as usize) }
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Refusal> {
        std::str::from_utf8(self.buffer()?).map_err(|_| Refusal::InvalidUtf8)
    }

    /// A text that must parse as JSON. The parser's own limit bounds the depth (128).
    pub(crate) fn json(&mut self) -> Result<(), Refusal> {
        let text = self.text()?;
        // What marks carry nearly always.
        if matches!(text, "null" | "true" | "{}") {
            return Ok(());
        }
        serde_json::from_str(text).map(|Json| ()).map_err(|_| Refusal::InvalidJson)
    }

    /// One value of lib0's `writeAny`, nested at most [`ANY_DEPTH_MAX`] deep.
    pub(crate) fn any(&mut self, depth: u32) -> Result<(), Refusal> {
        if depth > ANY_DEPTH_MAX {
            return Err(Refusal::TooDeep);
        }
        match self.byte()? {
            120 | 121 | 126 | 127 => {}
            125 => self.signed()?,
            124 => drop(self.take(4)?),
            122 | 123 => drop(self.take(8)?),
            119 => drop(self.text()?),
            118 => {
                for _ in 0..self.count()? {
                    self.text()?;
                    self.any(depth + 1)?;
                }
            }
            117 => {
                for _ in 0..self.count()? {
                    self.any(depth + 1)?;
                }
            }
            116 => drop(self.buffer()?),
            _ => return Err(Refusal::UnknownValue),
        }
        Ok(())
    }

    /// A varInt: six bits and a sign in the first byte. At most 53 bits.
    fn signed(&mut self) -> Result<(), Refusal> {
        let first = self.byte()?;
        if first & 0x80 == 0 {
            return Ok(());
        }
        let mut shift = 6;
        loop {
            let byte = self.byte()?;
            shift += 7;
            if byte < 0x80 {
                return if byte == 0 { Err(Refusal::BadNumber) } else { Ok(()) };
            }
            if shift > CLIENT_ID_BITS_MAX {
                return Err(Refusal::BadNumber);
            }
        }
    }
}

/// Reads a JSON value and keeps nothing of it. Refuses what yrs cannot hold: whole numbers above i64.
struct Json;

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(Json)
    }
}

impl<'de> Visitor<'de> for Json {
    type Value = Json;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value with whole numbers of 64 bits")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
        Ok(Json)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Json, E> {
        i64::try_from(number).map(|_| Json).map_err(E::custom)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json)
    }

    fn visit_str<E>(self, _: &str) -> Result<Json, E> {
        Ok(Json)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        while list.next_element::<Json>()?.is_some() {}
        Ok(Json)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        while map.next_entry::<Json, Json>()?.is_some() {}
        Ok(Json)
    }
}

/// Writes a varUint.
pub(crate) fn write_number(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}
