//! Parts of an update, cut out of its bytes. A struct is sliced as Yjs slices it when it writes from the middle.

use std::ops::Range;

use super::read::{Reader, write_number};
use super::{ANY, DELETED, GC, HAS_ORIGIN, Header, KIND_BITS, Refusal, SKIP, STRING, Scan, Section, Struct};
use crate::ranges::{Clock, Ranges, StateVector};

/// The structs of `keep` and the deletions of `keep_deleted` that the update has, as an update.
///
/// Structs that are left out between kept ones of the same client become a Skip. `scan` must be made from `update`.
pub fn cut(update: &[u8], scan: &Scan, keep: &Ranges, keep_deleted: &Ranges) -> Vec<u8> {
    let mut sections = Sections::new(update);
    for section in scan.sections() {
        let structs = scan.structs_of(section);
        for kept in keep.of(section.client) {
            let first = structs.partition_point(|piece| piece.end() <= kept.start);
            for piece in structs[first..].iter().take_while(|piece| piece.clock < kept.end) {
                sections.keep(piece, kept.start.max(piece.clock)..kept.end.min(piece.end()), section.client);
            }
        }
        sections.close(section);
    }
    let deleted = scan.deleted().intersect(keep_deleted);
    sections.finish(&deleted)
}

/// What a document with this state vector lacks: the structs above it, and the whole delete set, because a vector says
/// nothing about deletions. The same in effect as Yjs's `encodeStateAsUpdate(doc, vector)`.
pub fn difference(update: &[u8], scan: &Scan, vector: &StateVector) -> Vec<u8> {
    let mut sections = Sections::new(update);
    for section in scan.sections() {
        let known = vector.get(section.client);
        let structs = scan.structs_of(section);
        let first = structs.partition_point(|piece| piece.end() <= known);
        for piece in &structs[first..] {
            sections.keep(piece, known.max(piece.clock)..piece.end(), section.client);
        }
        sections.close(section);
    }
    sections.finish(scan.deleted())
}

/// An update in the making. Neighbouring whole structs are copied in one piece.
struct Sections<'a> {
    update: &'a [u8],
    count: u64,
    out: Vec<u8>,
    structs: Vec<u8>,
    structs_count: u64,
    /// The clocks of the section written so far.
    clocks: Option<Range<Clock>>,
    /// Bytes of the input to be copied next.
    run: Range<usize>,
}

impl<'a> Sections<'a> {
    fn new(update: &'a [u8]) -> Sections<'a> {
        Sections { update, count: 0, out: vec![], structs: vec![], structs_count: 0, clocks: None, run: 0..0 }
    }

    /// Adds the part of a struct that lies in `part`, after all that was added before.
    fn keep(&mut self, piece: &Struct, part: Range<Clock>, client: u64) {
        let bytes = piece.at as usize..piece.at_end as usize;
        let info = self.update.get(bytes.start).copied().unwrap_or(SKIP);
        // A Skip is not content; it is written again when something follows it.
        if info == SKIP || part.is_empty() {
            return;
        }
        let end = self.clocks.as_ref().map_or(part.start, |clocks| clocks.end);
        if end < part.start {
            self.flush();
            self.structs.push(SKIP);
            write_number(&mut self.structs, u64::from(part.start - end));
            self.structs_count += 1;
        }
        if part == (piece.clock..piece.end()) {
            if self.run.end != bytes.start {
                self.flush();
                self.run.start = bytes.start;
            }
            self.run.end = bytes.end;
        } else {
            self.flush();
            if self.slice(piece, &part, client).is_err() {
                return;
            }
        }
        self.structs_count += 1;
        self.clocks = Some(self.clocks.as_ref().map_or(part.start, |clocks| clocks.start)..part.end);
    }

    fn flush(&mut self) {
        self.structs.extend_from_slice(self.update.get(self.run.clone()).unwrap_or_default());
        self.run = 0..0;
    }

    /// Ends a section; one without structs is not written.
    fn close(&mut self, section: &Section) {
        self.flush();
        if let Some(clocks) = self.clocks.take() {
            self.count += 1;
            write_number(&mut self.out, self.structs_count);
            write_number(&mut self.out, section.client);
            write_number(&mut self.out, u64::from(clocks.start));
            self.out.append(&mut self.structs);
        }
        self.structs_count = 0;
    }

    fn finish(self, deleted: &Ranges) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.out.len() + 16);
        write_number(&mut bytes, self.count);
        bytes.extend_from_slice(&self.out);
        deleted.encode_into(&mut bytes);
        bytes
    }

    /// Writes a part of one struct. What loses its front stands behind that front: it gets it as origin, keeps its
    /// right origin, and needs no parent.
    fn slice(&mut self, piece: &Struct, part: &Range<Clock>, client: u64) -> Result<(), Refusal> {
        let mut reader = Reader::starting_at(self.update, piece.at);
        let info = reader.byte()?;
        if info == GC {
            self.structs.push(GC);
            write_number(&mut self.structs, u64::from(part.end - part.start));
            return Ok(());
        }
        let header = Header::read(&mut reader, info)?;
        let content_at = reader.at() as usize;
        let content = self.update.get(content_at..piece.at_end as usize).ok_or(Refusal::Truncated)?;
        if part.start > piece.clock {
            self.structs.push(info | HAS_ORIGIN);
            write_number(&mut self.structs, client);
            write_number(&mut self.structs, u64::from(part.start - 1));
            if let Some(right) = header.right_origin {
                write_number(&mut self.structs, right.client);
                write_number(&mut self.structs, u64::from(right.clock));
            }
        } else {
            self.structs.extend_from_slice(&self.update[piece.at as usize..content_at]);
        }
        slice_content(&mut self.structs, info & KIND_BITS, content, part.start - piece.clock..part.end - piece.clock)
    }
}

/// Writes the elements of a content from one offset to another.
fn slice_content(out: &mut Vec<u8>, kind: u8, content: &[u8], part: Range<Clock>) -> Result<(), Refusal> {
    let mut reader = Reader::new(content);
    match kind {
        DELETED => write_number(out, u64::from(part.end - part.start)),
        STRING => slice_text(out, reader.text()?, part),
        ANY => {
            reader.count()?;
            for _ in 0..part.start {
                reader.any(1)?;
            }
            let start = reader.at() as usize;
            for _ in part.clone() {
                reader.any(1)?;
            }
            write_number(out, u64::from(part.end - part.start));
            out.extend_from_slice(&content[start..reader.at() as usize]);
        }
        // Everything else has length 1 and is never cut.
        _ => out.extend_from_slice(content),
    }
    Ok(())
}

/// Cuts a text at UTF-16 offsets. Half a surrogate pair becomes U+FFFD, which is what Yjs makes of it.
fn slice_text(out: &mut Vec<u8>, text: &str, part: Range<Clock>) {
    let mut sliced = String::with_capacity(text.len());
    let mut units = 0;
    for letter in text.chars() {
        let end = units + letter.len_utf16() as Clock;
        if part.start <= units && end <= part.end {
            sliced.push(letter);
        } else if part.start < end && units < part.end {
            sliced.push(char::REPLACEMENT_CHARACTER);
        }
        units = end;
    }
    write_number(out, sliced.len() as u64);
    out.extend_from_slice(sliced.as_bytes());
}
