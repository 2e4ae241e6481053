//! The only door to yrs (with [`crate::content`]): makes the present of a document from a base and a tail, and the
//! bytes in which it is kept.
//!
//! yrs 0.28.1 is given only what was scanned and admitted: it has a use-after-free and endless loops reachable from
//! bytes, and loses honest edits that arrive before what they depend on. Every fresh state is then checked: nothing may
//! be pending, and what was encoded must say the same as the document it was encoded from.

use yrs::error::UpdateError;
use yrs::updates::decoder::Decode;
use yrs::{ClientID, Doc, OffsetKind, Options, ReadTxn, Transact, Update};

use crate::ranges::{Ranges, StateVector};
use crate::scan;

/// Largest state, as an update in format v1, in bytes.
pub const STATE_BYTES_MAX: usize = 256 * 1_024 * 1_024;
/// A document at one seq: what a reader is sent and what a room knows. Deleted content is gone from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The whole document as one update (v1).
    pub update: Vec<u8>,
    /// How far it knows each client.
    pub state_vector: StateVector,
    /// Everything deleted in it, also what integration deleted by itself.
    pub deleted: Ranges,
}

/// Why there is no state.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
pub enum StateError {
    /// An input, or what yrs encoded, does not pass the scanner.
    #[error("an update is refused: {0}")]
    Scan(#[from] scan::Refusal),
    /// yrs cannot read what the scanner accepted.
    #[error("yrs cannot decode an update: {0}")]
    Decode(String),
    /// A struct names a parent that is not a shared type, also after those were buried.
    #[error("a struct has no place in the document")]
    Orphan,
    /// Something waits for what is missing, so the inputs were not a whole document.
    #[error("a part of the document waits for what is missing")]
    Pending,
    /// The encoded state says something else than the document.
    #[error("the encoded state differs from the document")]
    Unfaithful,
    /// The state is above [`STATE_BYTES_MAX`].
    #[error("the state is too large")]
    TooLarge,
    /// The bytes are no snapshot, or of a format or compression not known here.
    #[error("the bytes are not a snapshot: {0}")]
    NotASnapshot(&'static str),
}

impl StateError {
    /// The stable code for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            StateError::Scan(_) => "state_scan",
            StateError::Decode(_) => "state_decode",
            StateError::Orphan => "state_orphan",
            StateError::Pending => "state_pending",
            StateError::Unfaithful => "state_unfaithful",
            StateError::TooLarge => "state_too_large",
            StateError::NotASnapshot(_) => "state_not_a_snapshot",
        }
    }
}

/// The present of a document: `base` (an earlier state) and the updates after it, in the order of their commit. Every
/// input was scanned and admitted. A base without a tail is handed back byte for byte, without yrs.
///
/// Takes up to 20 times the state's size in memory and some 10 ms for a long document, so not for the hot path.
///
/// # Errors
/// Any of [`StateError`]: the inputs are then not a document, and nothing may be stored in its place.
pub fn materialise(base: Option<&[u8]>, tail: &[&[u8]]) -> Result<State, StateError> {
    if tail.is_empty() {
        return State::of(base.unwrap_or(&[0, 0]).to_vec());
    }
    let updates: Vec<&[u8]> = base.into_iter().chain(tail.iter().copied()).collect();
    let doc = match integrate(&updates) {
        // Yjs makes garbage of a struct whose parent is not a shared type, and so is done here.
        Err(StateError::Orphan) => integrate(&scan::bury_orphans(&updates)?)?,
        integrated => integrated?,
    };
    let transaction = doc.transact();
    if transaction.has_missing_updates() {
        return Err(StateError::Pending);
    }
    let state = State::of(transaction.encode_diff_v1(&yrs::StateVector::default()))?;
    let says_the_same = transaction.state_vector().len() == state.state_vector.len()
        && transaction.state_vector().iter().all(|(client, clock)| state.state_vector.get(client.get()) == *clock);
    if says_the_same { Ok(state) } else { Err(StateError::Unfaithful) }
}

/// A document of these updates, in their order, each in a transaction of its own: within one transaction yrs keeps every
/// intermediate text that it merges, two gigabytes for a thousand pastes of 4 kB one after the other.
fn integrate<U: AsRef<[u8]>>(updates: &[U]) -> Result<Doc, StateError> {
    let doc = document();
    for update in updates {
        let update = update.as_ref();
        debug_assert!(scan::scan(update).is_ok(), "yrs must never see bytes that were not scanned");
        let update = Update::decode_v1(update).map_err(|error| StateError::Decode(error.to_string()))?;
        // The only error there is (yrs:src/error.rs).
        doc.transact_mut().apply_update(update).map_err(|UpdateError::InvalidParent(..)| StateError::Orphan)?;
    }
    Ok(doc)
}

/// An empty document as the server makes them: offsets as JavaScript counts, deleted content dropped, no identity.
fn document() -> Doc {
    let mut options = Options::with_guid_and_client_id("".into(), ClientID::new(0));
    options.offset_kind = OffsetKind::Utf16;
    options.skip_gc = false;
    Doc::with_options(options)
}

impl State {
    /// The state that an update is by itself. The update must be a whole document: every client from clock 0, no hole.
    ///
    /// # Errors
    /// `Scan`, `Pending` or `TooLarge`.
    pub fn of(update: Vec<u8>) -> Result<State, StateError> {
        if update.len() > STATE_BYTES_MAX {
            return Err(StateError::TooLarge);
        }
        let scan = scan::scan(&update)?;
        let mut state_vector = StateVector::default();
        for (client, ranges) in scan.inserted().iter() {
            match ranges {
                [range] if range.start == 0 => state_vector.raise(client, range.end),
                _ => return Err(StateError::Pending),
            }
        }
        let deleted = scan.deleted().clone();
        Ok(State { update, state_vector, deleted })
    }
}

/// A stored state. The state vector and the delete set stand in front, uncompressed, so that a room opens and a reader
/// is answered without yrs and without reading the rest.
///
/// | bytes | what |
/// |---|---|
/// | 0..4 | `STET` |
/// | 4 | format, 1 |
/// | 5 | compression of the update: 0 none, 1 zstd |
/// | 6..22 | id of the key it is encrypted with; zero: not encrypted |
/// | 22..30 | length of the state vector, little-endian like the next two |
/// | 30..38 | length of the delete set |
/// | 38..46 | length of the update before compression |
/// | 46.. | state vector (v1), delete set (v1), update (v1, compressed) |
pub struct Snapshot;

const MAGIC: &[u8; 4] = b"STET";
const FORMAT: u8 = 1;
const UNCOMPRESSED: u8 = 0;
const ZSTD: u8 = 1;
const HEADER_BYTES: usize = 46;
/// Higher levels save 10 % at five times the time.
const ZSTD_LEVEL: i32 = 3;

/// What stands in front of a snapshot, with the rest still compressed.
struct Parts<'a> {
    known: (StateVector, Ranges),
    compression: u8,
    update_bytes: usize,
    body: &'a [u8],
}

impl Snapshot {
    /// The bytes of a snapshot; equal for equal states.
    pub fn encode(state: &State) -> Vec<u8> {
        let compressed = compress(&state.update);
        let (compression, body) = match &compressed {
            Some(body) => (ZSTD, body),
            None => (UNCOMPRESSED, &state.update),
        };
        let state_vector = state.state_vector.encode();
        let deleted = state.deleted.encode();
        let mut out = Vec::with_capacity(HEADER_BYTES + state_vector.len() + deleted.len() + body.len());
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&[FORMAT, compression]);
        out.extend_from_slice(&[0; 16]);
        for length in [state_vector.len(), deleted.len(), state.update.len()] {
            out.extend_from_slice(&(length as u64).to_le_bytes());
        }
        out.extend_from_slice(&state_vector);
        out.extend_from_slice(&deleted);
        out.extend_from_slice(body);
        out
    }

    /// What the document knows and has deleted, without reading the update.
    ///
    /// # Errors
    /// `NotASnapshot`, or `Scan` when the state vector or the delete set does not read.
    pub fn known(snapshot: &[u8]) -> Result<(StateVector, Ranges), StateError> {
        Ok(parts(snapshot)?.known)
    }

    /// The state, exactly as it was encoded.
    ///
    /// # Errors
    /// As [`Snapshot::known`]; `NotASnapshot` too when the update does not decompress to what the front says.
    pub fn decode(snapshot: &[u8]) -> Result<State, StateError> {
        let Parts { known: (state_vector, deleted), compression, update_bytes, body } = parts(snapshot)?;
        let update = match compression {
            UNCOMPRESSED => body.to_vec(),
            _ => zstd::bulk::decompress(body, update_bytes)
                .map_err(|_| StateError::NotASnapshot("does not decompress"))?,
        };
        if update.len() != update_bytes {
            return Err(StateError::NotASnapshot("another length than promised"));
        }
        Ok(State { update, state_vector, deleted })
    }
}

fn parts(snapshot: &[u8]) -> Result<Parts<'_>, StateError> {
    let (header, rest) = snapshot.split_at_checked(HEADER_BYTES).ok_or(StateError::NotASnapshot("too short"))?;
    let compression = match header[4..22] {
        _ if header[..4] != MAGIC[..] => return Err(StateError::NotASnapshot("another magic")),
        [FORMAT, compression @ (UNCOMPRESSED | ZSTD), ref key @ ..] if key.iter().all(|byte| *byte == 0) => compression,
        _ => return Err(StateError::NotASnapshot("another format, compression or key")),
    };
    let (state_vector, rest) = split(rest, length(header, 22)?)?;
    let (deleted, body) = split(rest, length(header, 30)?)?;
    let update_bytes = length(header, 38)?;
    let known = (StateVector::decode(state_vector)?, Ranges::decode(deleted)?);
    Ok(Parts { known, compression, update_bytes, body })
}

/// A length from the header. The bound holds for what is reserved before decompressing.
fn length(header: &[u8], at: usize) -> Result<usize, StateError> {
    let bytes = header.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
    let length = bytes.map(u64::from_le_bytes).and_then(|length| usize::try_from(length).ok());
    length.filter(|length| *length <= STATE_BYTES_MAX).ok_or(StateError::TooLarge)
}

fn split(bytes: &[u8], at: usize) -> Result<(&[u8], &[u8]), StateError> {
    bytes.split_at_checked(at).ok_or(StateError::NotASnapshot("cut off"))
}

/// With zstd's checksum, so that a flipped bit in the object store is found. None when it would not get smaller.
fn compress(update: &[u8]) -> Option<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL).ok()?;
    compressor.include_checksum(true).ok()?;
    compressor.compress(update).ok().filter(|compressed| compressed.len() < update.len())
}
