//! Garbage in place of what has no place: structs whose parent is not a shared type.
//!
//! No real client makes them, no single update shows them (the parent may have come long before), and Yjs turns them
//! into garbage where yrs gives up on the whole document. So the same is done here before yrs is asked again.

use std::collections::HashSet;

use super::read::{Reader, write_number};
use super::{GC, Header, Id, KIND_BITS, Refusal, SKIP, Scan, Struct, TYPE, scan};

/// The updates of a document, in the order of their commit, with garbage of the same length in place of every struct
/// that names a parent which is not a shared type.
pub(crate) fn bury_orphans(updates: &[&[u8]]) -> Result<Vec<Vec<u8>>, Refusal> {
    let mut types = HashSet::new();
    let mut buried = Vec::with_capacity(updates.len());
    for update in updates {
        let scan = scan(update)?;
        each_struct(&scan, |id, piece| {
            if update.get(piece.at as usize).is_some_and(|info| *info & KIND_BITS == TYPE) {
                types.insert(id);
            }
        });
        let mut orphans = Vec::new();
        each_struct(&scan, |_, piece| {
            if parent(update, piece).is_some_and(|parent| !types.contains(&parent)) {
                orphans.push(*piece);
            }
        });
        // The scan need not keep sections in the order of their bytes.
        orphans.sort_unstable_by_key(|piece| piece.at);
        let mut bytes = Vec::with_capacity(update.len());
        let mut copied = 0;
        for orphan in orphans {
            bytes.extend_from_slice(update.get(copied..orphan.at as usize).unwrap_or_default());
            bytes.push(GC);
            write_number(&mut bytes, u64::from(orphan.len));
            copied = orphan.at_end as usize;
        }
        bytes.extend_from_slice(update.get(copied..).unwrap_or_default());
        buried.push(bytes);
    }
    Ok(buried)
}

fn each_struct(scan: &Scan, mut visit: impl FnMut(Id, &Struct)) {
    for section in scan.sections() {
        for piece in scan.structs_of(section) {
            visit(Id { client: section.client, clock: piece.clock }, piece);
        }
    }
}

/// The id that a struct names as its parent.
fn parent(update: &[u8], piece: &Struct) -> Option<Id> {
    let mut reader = Reader::starting_at(update, piece.at);
    let info = reader.byte().ok().filter(|info| !matches!(*info, GC | SKIP))?;
    Header::read(&mut reader, info).ok()?.parent
}
