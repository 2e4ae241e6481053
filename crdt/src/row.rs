//! One row of the update log: the updates that one author has in a batch of one document, in their order, each behind
//! its length as a varUint. Packing spares a row, a hash and a seq for each keystroke.

use crate::frame::write_bytes;
use crate::scan::Refusal;
use crate::scan::read::Reader;

/// Packs updates into the bytes of one row. No update is altered: [`unpack`] gives them back byte for byte.
pub fn pack<'a>(updates: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut row = Vec::new();
    for update in updates {
        write_bytes(&mut row, update);
    }
    row
}

/// The updates of a row, borrowed from it.
///
/// # Errors
/// When the row is not what [`pack`] makes.
pub fn unpack(row: &[u8]) -> Result<Vec<&[u8]>, Refusal> {
    let mut reader = Reader::new(row);
    let mut updates = Vec::new();
    while reader.left() > 0 {
        updates.push(reader.buffer()?);
    }
    Ok(updates)
}
