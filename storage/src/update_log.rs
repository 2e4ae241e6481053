//! The log of updates, and the only writer of its table: append a batch, open a document, read on.

mod append;
mod open;

use std::fmt;
use std::str::FromStr;

use acl::{ActorId, DocumentId, LinkId, Moment};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use open::{Head, LoggedRow, OpenError, OpenLog};

/// The number of a row in the log of its document. The first row has 1; a document without rows is at 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub i64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What one room wants to have written.
#[derive(Clone, Debug)]
pub struct Append {
    /// The document.
    pub document: DocumentId,
    /// The head that the room knows; the rows follow it.
    pub expected_seq: Seq,
    /// The version of the rights by which the room let the authors write.
    pub acl_version: i64,
    /// Client ids that appear for the first time, and whose they are.
    pub claims: Vec<(u64, ActorId)>,
    /// What to write, in order. May be empty: then only the claims are made.
    pub rows: Vec<Row>,
}

/// The updates that one author has in a batch. The bytes are opaque here.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who wrote them.
    pub actor: ActorId,
    /// For whom, when a program wrote them.
    pub on_behalf_of: Option<ActorId>,
    /// The share link that gave the right.
    pub via_link: Option<LinkId>,
    /// The connection they came from.
    pub connection: Uuid,
    /// When they were admitted. What is stored is never before the row in front of it.
    pub at: Moment,
    /// What kind of change it is.
    pub kind: UpdateKind,
    /// The new clock ranges in them.
    pub ranges: Vec<u8>,
    /// The updates.
    pub bytes: Vec<u8>,
}

/// What became of one [`Append`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Everything is durable under these numbers. Without rows, `first` is one above `last`.
    Committed {
        /// The number of the first row.
        first: Seq,
        /// The number of the last row, and the head now.
        last: Seq,
    },
    /// The head is another one: somebody else wrote. Read on, admit again, append again.
    Behind {
        /// The head.
        seq: Seq,
    },
    /// The rights have changed: check the authors again.
    RightsChanged {
        /// The version now.
        acl_version: i64,
    },
    /// Some of the client ids belong to others, who are named.
    Foreign(Vec<(u64, ActorId)>),
    /// Somebody else held what was needed; nothing was written. Try again.
    Busy,
    /// There is no such document, or it is in the trash.
    Gone,
    /// The database failed on this document, while the others of the batch went through. Nothing was written.
    Failed,
}

/// What kind of change a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpdateKind {
    /// Somebody typed, or a program edited.
    Edit,
    /// Content that came from elsewhere: a file, a new document's text.
    Import,
    /// A past moment brought back.
    Restore,
}

impl UpdateKind {
    const ALL: [UpdateKind; 3] = [UpdateKind::Edit, UpdateKind::Import, UpdateKind::Restore];

    /// The name in the database, which the chain covers.
    pub const fn as_str(self) -> &'static str {
        match self {
            UpdateKind::Edit => "edit",
            UpdateKind::Import => "import",
            UpdateKind::Restore => "restore",
        }
    }
}

impl FromStr for UpdateKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        UpdateKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}
