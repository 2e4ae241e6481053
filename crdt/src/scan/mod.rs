//! The scanner: what an update says, read from its bytes alone, or a refusal.
//!
//! No byte from a client reaches yrs, the log or another client without passing here. The rules are stricter than the
//! Yjs format needs: they refuse what no real client writes and what a decoder somewhere cannot survive (a client id in
//! two sections, values nested ten thousand deep, counts without contents, clocks above 2^31). What is accepted has an
//! order: there is a way to go through the structs in which each comes after those it depends on, assuming that
//! everything outside the update is known. Whether it is known is asked by [`crate::known`].

mod bury;
mod cut;
pub(crate) mod order;
pub(crate) mod read;

use smallvec::SmallVec;

pub(crate) use bury::bury_orphans;
pub use cut::{cut, difference};

use crate::ranges::{ClientId, Clock, Ranges};
use order::{Outside, Stuck, Walk};
use read::Reader;

/// Largest update in bytes that is looked at; offsets are kept in 32 bits.
pub const UPDATE_BYTES_MAX: usize = 1 << 30;
/// Client ids and all other numbers stay below 2^53, what JavaScript counts exactly.
pub const CLIENT_ID_BITS_MAX: u32 = 53;
/// Clocks, and clock + length, stay below 2^31: yrs computes with i32.
pub const CLOCK_MAX: u64 = 1 << 31;
/// How deep a value of a map or array may nest lists and maps.
pub const ANY_DEPTH_MAX: u32 = 64;

pub(crate) const GC: u8 = 0;
pub(crate) const DELETED: u8 = 1;
pub(crate) const STRING: u8 = 4;
pub(crate) const TYPE: u8 = 7;
pub(crate) const ANY: u8 = 8;
pub(crate) const SKIP: u8 = 10;
/// The bits of an info byte that say what kind of content follows.
pub(crate) const KIND_BITS: u8 = 0x1f;
pub(crate) const HAS_ORIGIN: u8 = 0x80;
pub(crate) const HAS_RIGHT_ORIGIN: u8 = 0x40;
pub(crate) const HAS_PARENT_SUB: u8 = 0x20;

/// Why bytes from outside are not taken.
#[derive(thiserror::Error, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Larger than the limit for its kind.
    #[error("the input is larger than allowed")]
    TooLarge,
    /// More entries than the limit for its kind.
    #[error("more entries than allowed")]
    TooMany,
    /// The input ends inside something.
    #[error("the input ends too early")]
    Truncated,
    /// Bytes follow the end.
    #[error("bytes follow the end of the input")]
    TrailingBytes,
    /// A number above 2^53 or not in its shortest form.
    #[error("a number is too large or not in its shortest form")]
    BadNumber,
    /// A count that the remaining bytes cannot hold.
    #[error("a count is larger than the input")]
    CountTooLarge,
    /// A text that is not UTF-8.
    #[error("a text is not UTF-8")]
    InvalidUtf8,
    /// An embed, a format or a presence state that is not JSON.
    #[error("a value is not JSON")]
    InvalidJson,
    /// Values nested deeper than [`ANY_DEPTH_MAX`].
    #[error("a value is nested too deep")]
    TooDeep,
    /// A value of a kind that does not exist.
    #[error("a value has an unknown kind")]
    UnknownValue,
    /// A message of a kind that does not exist or is not expected here.
    #[error("a message has an unknown kind")]
    UnknownMessage,
    /// A client id in two sections, or twice in a delete set or state vector.
    #[error("a client id appears twice")]
    RepeatedClient,
    /// A section without structs, or a client in a delete set without ranges.
    #[error("a section is empty")]
    EmptySection,
    /// A struct or a deleted range of length 0.
    #[error("a struct has no length")]
    EmptyStruct,
    /// A clock, or clock + length, of 2^31 or more.
    #[error("a clock is too large")]
    ClockTooLarge,
    /// An info byte that no client writes.
    #[error("a struct has an unknown kind")]
    UnknownStruct,
    /// ContentJSON, which Yjs wrote before version 13 and yrs cannot read.
    #[error("content in the form used before Yjs 13")]
    LegacyJson,
    /// A document inside the document; permissions are per document.
    #[error("a subdocument")]
    Subdocument,
    /// A shared type that does not exist or that yrs cannot read (XmlHook).
    #[error("a shared type is unknown")]
    UnknownType,
    /// A parent that is neither a root nor an id.
    #[error("a parent is neither a root name nor an id")]
    UnknownParent,
    /// A struct that refers to itself or to a later one of its own client.
    #[error("a struct refers to a later one")]
    ForwardReference,
    /// Structs that wait for each other.
    #[error("structs depend on each other in a circle")]
    DependencyCycle,
    /// Deleted ranges that overlap or do not ascend.
    #[error("deleted ranges are not in order")]
    DeleteSetOrder,
}

impl Refusal {
    /// A stable name for clients, logs and close reasons.
    pub fn code(&self) -> &'static str {
        match self {
            Refusal::TooLarge => "too_large",
            Refusal::TooMany => "too_many",
            Refusal::Truncated => "truncated",
            Refusal::TrailingBytes => "trailing_bytes",
            Refusal::BadNumber => "bad_number",
            Refusal::CountTooLarge => "count_too_large",
            Refusal::InvalidUtf8 => "invalid_utf8",
            Refusal::InvalidJson => "invalid_json",
            Refusal::TooDeep => "too_deep",
            Refusal::UnknownValue => "unknown_value",
            Refusal::UnknownMessage => "unknown_message",
            Refusal::RepeatedClient => "repeated_client",
            Refusal::EmptySection => "empty_section",
            Refusal::EmptyStruct => "empty_struct",
            Refusal::ClockTooLarge => "clock_too_large",
            Refusal::UnknownStruct => "unknown_struct",
            Refusal::LegacyJson => "legacy_json",
            Refusal::Subdocument => "subdocument",
            Refusal::UnknownType => "unknown_type",
            Refusal::UnknownParent => "unknown_parent",
            Refusal::ForwardReference => "forward_reference",
            Refusal::DependencyCycle => "dependency_cycle",
            Refusal::DeleteSetOrder => "delete_set_order",
        }
    }
}

/// The id of one element: who inserted it, and the how-manieth of his it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id {
    pub(crate) client: ClientId,
    pub(crate) clock: Clock,
}

/// The structs of one client in an update.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) client: ClientId,
    /// The clock of the first struct.
    pub(crate) start: Clock,
    /// The clock after the last struct that is not a Skip; `start` when there is none.
    pub(crate) end: Clock,
    /// Where its structs lie in [`Scan::structs`].
    pub(crate) structs: std::ops::Range<usize>,
}

/// One struct: its clocks and where its bytes are. What it depends on is read again from the bytes when needed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Struct {
    pub(crate) clock: Clock,
    pub(crate) len: Clock,
    pub(crate) at: u32,
    pub(crate) at_end: u32,
}

impl Struct {
    pub(crate) fn end(&self) -> Clock {
        self.clock + self.len
    }
}

/// What an update says. Belongs to exactly the bytes it was made from.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    sections: SmallVec<[Section; 1]>,
    structs: SmallVec<[Struct; 2]>,
    inserted: Ranges,
    buried: Ranges,
    deleted: Ranges,
    holes: bool,
    text_units_max: Clock,
}

impl Scan {
    /// What the update inserts, without holes.
    pub fn inserted(&self) -> &Ranges {
        &self.inserted
    }

    /// The update's delete set, as written.
    pub fn deleted(&self) -> &Ranges {
        &self.deleted
    }

    /// The part of [`Scan::inserted`] that arrives already deleted (collected garbage, deleted content), whether or not
    /// the delete set says so.
    pub fn buried(&self) -> &Ranges {
        &self.buried
    }

    /// Whether Skips mark ranges that the sender knows of and does not send.
    pub fn has_holes(&self) -> bool {
        self.holes
    }

    /// Whether the update says nothing at all, like the two bytes `0 0`.
    pub fn is_empty(&self) -> bool {
        self.inserted.is_empty() && self.deleted.is_empty()
    }

    /// How many structs the update has, Skips included.
    pub fn struct_count(&self) -> usize {
        self.structs.len()
    }

    /// The client ids that insert something, ascending.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.inserted.clients()
    }

    /// The longest run of text in one struct, in UTF-16 units.
    pub fn text_units_max(&self) -> Clock {
        self.text_units_max
    }

    /// Sections, client ids descending.
    pub(crate) fn sections(&self) -> &[Section] {
        &self.sections
    }

    pub(crate) fn structs_of(&self, section: &Section) -> &[Struct] {
        &self.structs[section.structs.clone()]
    }

    pub(crate) fn section_of(&self, client: ClientId) -> Option<usize> {
        self.sections.binary_search_by(|section| client.cmp(&section.client)).ok()
    }
}

/// Reads an update of format v1. Skip is legal and marks a hole.
pub fn scan(update: &[u8]) -> Result<Scan, Refusal> {
    if update.len() > UPDATE_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    let mut reader = Reader::new(update);
    let mut scan = Scan::default();
    for _ in 0..reader.count()? {
        read_section(&mut reader, &mut scan)?;
    }
    scan.deleted = Ranges::read(&mut reader)?;
    reader.finish()?;
    if scan.sections.len() > 1 {
        prove_order(update, &mut scan)?;
    }
    Ok(scan)
}

/// Every client once, and a way through all structs. With one section, [`Header::check`] has proven it already.
fn prove_order(update: &[u8], scan: &mut Scan) -> Result<(), Refusal> {
    scan.inserted.settle()?;
    scan.buried.settle()?;
    if !scan.sections.is_sorted_by(|a, b| a.client > b.client) {
        scan.sections.sort_unstable_by_key(|section| std::cmp::Reverse(section.client));
        if scan.sections.windows(2).any(|pair| pair[0].client == pair[1].client) {
            return Err(Refusal::RepeatedClient);
        }
    }
    let mut walk = Walk::new(update, scan, Outside::Assumed);
    walk.run();
    if walk.any_stuck(Stuck::Cycle) { Err(Refusal::DependencyCycle) } else { Ok(()) }
}

fn read_section(reader: &mut Reader<'_>, scan: &mut Scan) -> Result<(), Refusal> {
    let count = reader.count()?;
    if count == 0 {
        return Err(Refusal::EmptySection);
    }
    let client = reader.client()?;
    let start = reader.clock()?;
    let first = scan.structs.len();
    let mut clock = start;
    // The run of inserted clocks that is being read; a Skip ends it.
    let mut run = start;
    let mut end = start;
    for _ in 0..count {
        let at = reader.at();
        let info = reader.byte()?;
        let len = read_struct(reader, scan, Id { client, clock }, info)?;
        let after = u64::from(clock) + u64::from(len);
        if after >= CLOCK_MAX {
            return Err(Refusal::ClockTooLarge);
        }
        scan.structs.push(Struct { clock, len, at, at_end: reader.at() });
        if info == SKIP {
            scan.inserted.push(client, run..clock);
            scan.holes = true;
            run = after as Clock;
        } else {
            if matches!(info & KIND_BITS, GC | DELETED) {
                scan.buried.push(client, clock..after as Clock);
            }
            end = after as Clock;
        }
        clock = after as Clock;
    }
    scan.inserted.push(client, run..clock);
    scan.sections.push(Section { client, start, end, structs: first..scan.structs.len() });
    Ok(())
}

/// Reads one struct after its info byte; answers its length in clocks.
#[inline]
fn read_struct(reader: &mut Reader<'_>, scan: &mut Scan, id: Id, info: u8) -> Result<Clock, Refusal> {
    if info == GC || info == SKIP {
        return reader.len();
    }
    Header::read(reader, info)?.check(id)?;
    let kind = info & KIND_BITS;
    let len = read_content(reader, kind)?;
    if kind == STRING {
        scan.text_units_max = scan.text_units_max.max(len);
    }
    Ok(len)
}

/// Reads the content of an item; answers its length in clocks.
fn read_content(reader: &mut Reader<'_>, kind: u8) -> Result<Clock, Refusal> {
    match kind {
        DELETED => return reader.len(),
        STRING => return text_units(reader.text()?).map_err(|()| Refusal::EmptyStruct),
        ANY => {
            let count = reader.count()?;
            for _ in 0..count {
                reader.any(1)?;
            }
            return if count == 0 { Err(Refusal::EmptyStruct) } else { Ok(count as Clock) };
        }
        2 => return Err(Refusal::LegacyJson),
        3 => drop(reader.buffer()?),
        5 => reader.json()?,
        6 => {
            reader.text()?;
            reader.json()?;
        }
        TYPE => match reader.number()? {
            // An XmlElement says its node name. So does an XmlHook (5), but yrs does not read it.
            3 => drop(reader.text()?),
            0..=2 | 4 | 6 => {}
            _ => return Err(Refusal::UnknownType),
        },
        9 => return Err(Refusal::Subdocument),
        _ => return Err(Refusal::UnknownStruct),
    }
    Ok(1)
}

/// The length of a text in UTF-16 units, Yjs's measure; an error when it is empty.
fn text_units(text: &str) -> Result<Clock, ()> {
    match text.len() {
        0 => Err(()),
        1 => Ok(1),
        _ => Ok(text.bytes().map(|byte| Clock::from(byte & 0xc0 != 0x80) + Clock::from(byte >= 0xf0)).sum()),
    }
}

/// The front of an item: what it stands beside and in.
pub(crate) struct Header {
    pub(crate) origin: Option<Id>,
    pub(crate) right_origin: Option<Id>,
    pub(crate) parent: Option<Id>,
}

impl Header {
    /// Reads the front of an item after its info byte, up to its content.
    #[inline]
    pub(crate) fn read(reader: &mut Reader<'_>, info: u8) -> Result<Header, Refusal> {
        let mut header = Header { origin: None, right_origin: None, parent: None };
        if info & HAS_ORIGIN != 0 {
            header.origin = Some(read_id(reader)?);
        }
        if info & HAS_RIGHT_ORIGIN != 0 {
            header.right_origin = Some(read_id(reader)?);
        }
        if info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN) == 0 {
            match reader.number()? {
                0 => header.parent = Some(read_id(reader)?),
                1 => drop(reader.text()?),
                _ => return Err(Refusal::UnknownParent),
            }
            if info & HAS_PARENT_SUB != 0 {
                reader.text()?;
            }
        }
        Ok(header)
    }

    /// Everything that has to be there first.
    pub(crate) fn dependencies(&self) -> impl Iterator<Item = Id> {
        [self.origin, self.right_origin, self.parent].into_iter().flatten()
    }

    fn check(&self, id: Id) -> Result<(), Refusal> {
        let forward = |dependency: Id| dependency.client == id.client && dependency.clock >= id.clock;
        if self.dependencies().any(forward) { Err(Refusal::ForwardReference) } else { Ok(()) }
    }
}

fn read_id(reader: &mut Reader<'_>) -> Result<Id, Refusal> {
    Ok(Id { client: reader.client()?, clock: reader.clock()? })
}
