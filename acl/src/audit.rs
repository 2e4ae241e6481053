//! The hash chains that make history provable: one per document over its updates, one over the audit log.
//!
//! Every link is `SHA-256(domain ‖ previous ‖ fields)`, each field preceded by its length, so that no two different
//! entries can be written as the same bytes.

use sha2::{Digest, Sha256};

use crate::id::{ActorId, DocumentId, LinkId};
use crate::moment::Moment;

/// A link of a chain.
pub type Hash = [u8; 32];

/// What the first entry of a chain stands on.
pub const GENESIS: Hash = [0; 32];

const UPDATE_DOMAIN: &[u8] = b"stet update chain 1";
const ENTRY_DOMAIN: &[u8] = b"stet audit chain 1";
const CONTENT_DOMAIN: &[u8] = b"stet update content 1";

/// Something that stands in a chain.
pub trait Link {
    /// Its number; entries of one chain are numbered without gaps.
    fn seq(&self) -> i64;

    /// The link it makes with the one before it.
    fn link(&self, previous: &Hash) -> Hash;
}

/// What the chain of a document says about one update.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// The document.
    pub document: DocumentId,
    /// The number of the update in the document.
    pub seq: i64,
    /// [`content_hash`] of its bytes.
    pub content: Hash,
    /// Who wrote it.
    pub actor: ActorId,
    /// For whom, when a program wrote it.
    pub on_behalf_of: Option<ActorId>,
    /// The share link that gave the right.
    pub via_link: Option<LinkId>,
    /// When it was committed.
    pub at: Moment,
    /// What kind of change it is.
    pub kind: &'a str,
}

/// One row of the audit log.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The number of the row.
    pub seq: i64,
    /// When it happened.
    pub at: Moment,
    /// Who did it; nobody for an attempt to sign in as somebody unknown.
    pub actor: Option<ActorId>,
    /// The document it is about.
    pub document: Option<DocumentId>,
    /// What happened.
    pub kind: &'a str,
    /// The particulars, as the exact JSON text that is stored.
    pub payload: &'a str,
}

/// The salted hash of an update's bytes. An erased keystroke is some twenty known bytes and one character: without
/// the salt, which is erased with it, its hash would give it back in microseconds.
pub fn content_hash(salt: &[u8; 32], bytes: &[u8]) -> Hash {
    Chained::new(CONTENT_DOMAIN).field(salt).field(bytes).finish()
}

impl Link for Update<'_> {
    fn seq(&self) -> i64 {
        self.seq
    }

    fn link(&self, previous: &Hash) -> Hash {
        Chained::new(UPDATE_DOMAIN)
            .field(previous)
            .field(self.document.uuid().as_bytes())
            .field(&self.seq.to_be_bytes())
            .field(&self.content)
            .field(self.actor.uuid().as_bytes())
            .optional(self.on_behalf_of.map(|actor| actor.uuid().into_bytes()))
            .optional(self.via_link.map(|link| link.uuid().into_bytes()))
            .field(&self.at.0.to_be_bytes())
            .field(self.kind.as_bytes())
            .finish()
    }
}

impl Link for Entry<'_> {
    fn seq(&self) -> i64 {
        self.seq
    }

    fn link(&self, previous: &Hash) -> Hash {
        Chained::new(ENTRY_DOMAIN)
            .field(previous)
            .field(&self.seq.to_be_bytes())
            .field(&self.at.0.to_be_bytes())
            .optional(self.actor.map(|actor| actor.uuid().into_bytes()))
            .optional(self.document.map(|document| document.uuid().into_bytes()))
            .field(self.kind.as_bytes())
            .field(self.payload.as_bytes())
            .finish()
    }
}

/// Where a chain does not hold.
#[derive(thiserror::Error, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The entry after `after` is missing, or stands in the wrong place.
    #[error("the chain has no entry after {after}")]
    Gap {
        /// The last entry in its place.
        after: i64,
    },
    /// The entry is not the one that was chained.
    #[error("entry {seq} is not the one that was chained")]
    Changed {
        /// Its number.
        seq: i64,
    },
}

/// Verifies a run of entries that follows entry number `after`, whose link is `previous`, and gives the last link.
/// Each entry comes with the link that was stored for it.
pub fn verify_run<L: Link>(
    after: i64,
    previous: Hash,
    run: impl IntoIterator<Item = (L, Hash)>,
) -> Result<Hash, Broken> {
    let (mut last, mut previous) = (after, previous);
    for (entry, stored) in run {
        if Some(entry.seq()) != last.checked_add(1) {
            return Err(Broken::Gap { after: last });
        }
        last = entry.seq();
        previous = entry.link(&previous);
        if previous != stored {
            return Err(Broken::Changed { seq: last });
        }
    }
    Ok(previous)
}

/// A hash under construction.
struct Chained(Sha256);

impl Chained {
    fn new(domain: &[u8]) -> Self {
        Self(Sha256::new()).field(domain)
    }

    fn field(mut self, bytes: &[u8]) -> Self {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
        self
    }

    /// No id has no bytes, so an absent one cannot be taken for any other.
    fn optional(self, id: Option<[u8; 16]>) -> Self {
        match id {
            Some(id) => self.field(&id),
            None => self.field(&[]),
        }
    }

    fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn update(seq: i64) -> Update<'static> {
        Update {
            document: DocumentId::from_uuid(Uuid::from_u128(1)),
            seq,
            content: content_hash(&[7; 32], &seq.to_be_bytes()),
            actor: ActorId::from_uuid(Uuid::from_u128(2)),
            on_behalf_of: None,
            via_link: Some(LinkId::from_uuid(Uuid::from_u128(3))),
            at: Moment(1_000 + seq),
            kind: "edit",
        }
    }

    fn chain(length: i64) -> Vec<(Update<'static>, Hash)> {
        let mut previous = GENESIS;
        let mut run = Vec::new();
        for seq in 1..=length {
            previous = update(seq).link(&previous);
            run.push((update(seq), previous));
        }
        run
    }

    #[test]
    fn an_untouched_run_verifies_from_any_entry() {
        let run = chain(100);
        let last = run[99].1;
        assert_eq!(verify_run(0, GENESIS, run.clone()), Ok(last));
        assert_eq!(verify_run(40, run[39].1, run[40..].to_vec()), Ok(last));
        assert_eq!(verify_run::<Update>(0, GENESIS, []), Ok(GENESIS));
    }

    #[test]
    fn every_kind_of_tampering_with_an_update_is_found() {
        type Tamper = fn(&mut Update<'static>);
        let tampers: [Tamper; 7] = [
            |u| u.document = DocumentId::from_uuid(Uuid::from_u128(9)),
            |u| u.content = content_hash(&[7; 32], b"other"),
            |u| u.actor = ActorId::from_uuid(Uuid::from_u128(9)),
            |u| u.on_behalf_of = Some(ActorId::from_uuid(Uuid::from_u128(3))),
            // The same sixteen bytes one field further on.
            |u| (u.on_behalf_of, u.via_link) = (Some(ActorId::from_uuid(Uuid::from_u128(3))), None),
            |u| u.at = Moment(5),
            |u| u.kind = "import",
        ];
        for tamper in tampers {
            let mut run = chain(10);
            tamper(&mut run[4].0);
            assert_eq!(verify_run(0, GENESIS, run), Err(Broken::Changed { seq: 5 }));
        }
    }

    #[test]
    fn missing_swapped_and_renumbered_entries_are_found() {
        let mut missing = chain(10);
        missing.remove(4);
        assert_eq!(verify_run(0, GENESIS, missing), Err(Broken::Gap { after: 4 }));

        let mut swapped = chain(10);
        swapped.swap(4, 5);
        assert_eq!(verify_run(0, GENESIS, swapped), Err(Broken::Gap { after: 4 }));

        let mut renumbered = chain(10);
        renumbered.remove(4);
        for (entry, _) in &mut renumbered[4..] {
            entry.seq -= 1;
        }
        assert_eq!(verify_run(0, GENESIS, renumbered), Err(Broken::Changed { seq: 5 }));
    }

    #[test]
    fn tampering_with_an_audit_row_is_found() {
        let entry = Entry {
            seq: 1,
            at: Moment(1),
            actor: None,
            document: None,
            kind: "sign_in.failed",
            payload: r#"{"name":"x"}"#,
        };
        let link = entry.link(&GENESIS);
        assert_eq!(verify_run(0, GENESIS, [(entry, link)]), Ok(link));
        let someone = Some(ActorId::from_uuid(Uuid::from_u128(1)));
        let changed = [
            Entry { at: Moment(2), ..entry },
            Entry { actor: someone, ..entry },
            Entry { document: Some(DocumentId::from_uuid(Uuid::from_u128(1))), ..entry },
            Entry { kind: "sign_in", ..entry },
            Entry { payload: "{}", ..entry },
            // A border between two fields moved by one byte.
            Entry { kind: "sign_in.faile", payload: r#"d{"name":"x"}"#, ..entry },
        ];
        for changed in changed {
            assert_eq!(verify_run(0, GENESIS, [(changed, link)]), Err(Broken::Changed { seq: 1 }));
        }
    }

    #[test]
    fn another_salt_gives_another_content_hash() {
        assert_ne!(content_hash(&[1; 32], b"a"), content_hash(&[2; 32], b"a"));
    }
}
