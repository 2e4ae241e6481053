//! Reading the log: a document as a room opens it, what came since, and the proof that nothing was touched.

use acl::audit::{Broken, GENESIS, Hash, Update, content_hash, verify_run};
use acl::{ActorId, DocumentId, LinkId, Moment};
use uuid::Uuid;

use super::{Seq, UpdateKind};
use crate::Storage;
use crate::error::StorageError;
use crate::snapshots::SnapshotPointer;
use crate::value::{self, Column, Record, values};

/// Everything a room needs to open a document, as of one moment.
#[derive(Clone, Debug)]
pub struct OpenLog {
    /// Where the document stands.
    pub head: Head,
    /// The rows after the snapshot, or all rows if there is none.
    pub rows: Vec<LoggedRow>,
}

/// Where a document stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The number of the last row.
    pub seq: Seq,
    /// Grows with every change of rights.
    pub acl_version: i64,
    /// Grows when content was replaced under everybody's feet: clients must start afresh.
    pub epoch: i64,
    /// The version of the document schema that the content follows.
    pub schema_version: i64,
    /// The newest snapshot.
    pub snapshot: Option<SnapshotPointer>,
    /// Bytes of the updates after that snapshot.
    pub tail_bytes: i64,
    /// When somebody last wrote.
    pub updated_at: Moment,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedRow {
    /// Its number.
    pub seq: Seq,
    /// Who wrote it.
    pub actor: ActorId,
    /// For whom, when a program wrote it.
    pub on_behalf_of: Option<ActorId>,
    /// The share link that gave the right.
    pub via_link: Option<LinkId>,
    /// The connection it came from.
    pub connection: Uuid,
    /// When it was written; never before the row in front of it.
    pub at: Moment,
    /// What kind of change it is.
    pub kind: UpdateKind,
    /// The new clock ranges in it.
    pub ranges: Vec<u8>,
    /// The updates.
    pub bytes: Vec<u8>,
}

/// Why a document cannot be opened.
#[derive(thiserror::Error, Debug)]
pub enum OpenError {
    /// There is no such document.
    #[error("there is no such document")]
    NotFound,
    /// It is in the trash.
    #[error("the document is in the trash")]
    Gone,
    /// What is stored is not what was written. Nobody may join: a smaller document must not replace a larger one.
    #[error("the log of the document is damaged: {0}")]
    Damaged(Broken),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// Rows of one read.
const READ_ROWS_MAX: i64 = 1_000;

const COLUMNS: &str = "seq, actor_id, on_behalf_of, via_link_id, connection, at, kind, ranges, salt, chain_hash, bytes";

impl Storage {
    /// Opens the log of a document: its head and the rows after its snapshot, read at one moment, numbered without
    /// gaps, and chained from the snapshot to the head.
    pub async fn open_log(&self, document: DocumentId) -> Result<OpenLog, OpenError> {
        let (head, rows) = self.read_tail(document).await?;
        let head = head.ok_or(OpenError::NotFound)?;
        if head.trashed {
            return Err(OpenError::Gone);
        }
        let start = head.head.snapshot.as_ref().map_or(Seq(0), |snapshot| snapshot.seq);
        let end = rows.last().map_or(start, |row| row.row.seq);
        let links = rows.iter().map(|row| row.link(document));
        let link = verify_run(start.0, head.snapshot_chain_hash, links).map_err(OpenError::Damaged)?;
        if end != head.head.seq {
            return Err(OpenError::Damaged(Broken::Gap { after: end.0 }));
        }
        if link != head.chain_hash {
            return Err(OpenError::Damaged(Broken::Changed { seq: end.0 }));
        }
        Ok(OpenLog { head: head.head, rows: rows.into_iter().map(|row| row.row).collect() })
    }

    /// Rows after number `since`, in order, with at most `bytes_max` bytes of updates together, but always one row if
    /// there is one. Fewer than 1,001 rows.
    pub async fn read_since(
        &self,
        document: DocumentId,
        since: Seq,
        bytes_max: usize,
    ) -> Result<Vec<LoggedRow>, StorageError> {
        let rows = self.read_chained(document, since, bytes_max).await?;
        Ok(rows.into_iter().map(|row| row.row).collect())
    }

    /// Verifies the whole chain of a document: the number of its last row, or where it is broken. `None` if there is
    /// no such document.
    pub async fn verify_log(&self, document: DocumentId) -> Result<Option<Result<Seq, Broken>>, StorageError> {
        const PAGE_BYTES: usize = 4 << 20;
        let Some(head) = self.read_head(document).await? else { return Ok(None) };
        let (mut last, mut link) = (Seq(0), GENESIS);
        while last < head.head.seq {
            let mut rows = self.read_chained(document, last, PAGE_BYTES).await?;
            // Rows that were written since the head was read are another call's business.
            rows.retain(|row| row.row.seq <= head.head.seq);
            let Some(end) = rows.last().map(|row| row.row.seq) else {
                return Ok(Some(Err(Broken::Gap { after: last.0 })));
            };
            link = match verify_run(last.0, link, rows.iter().map(|row| row.link(document))) {
                Ok(link) => link,
                Err(broken) => return Ok(Some(Err(broken))),
            };
            last = end;
        }
        let whole = last == head.head.seq && link == head.chain_hash;
        Ok(Some(if whole { Ok(last) } else { Err(Broken::Changed { seq: last.0 }) }))
    }

    async fn read_tail(&self, document: DocumentId) -> Result<(Option<StoredHead>, Vec<ChainedRow>), sqlx::Error> {
        let mut moment = self.database().begin_read().await?;
        let head: Option<StoredHead> = moment.optional(SELECT_HEAD, values![document]).await?;
        let Some(head) = head else { return Ok((None, vec![])) };
        let start = head.head.snapshot.as_ref().map_or(Seq(0), |snapshot| snapshot.seq);
        let sql = crate::database::composed(format!(
            "select {COLUMNS} from updates where document_id = $1 and seq > $2 order by seq"
        ));
        let rows = moment.all(sql, values![document, start]).await?;
        Ok((Some(head), rows))
    }

    async fn read_head(&self, document: DocumentId) -> Result<Option<StoredHead>, sqlx::Error> {
        self.database().optional(SELECT_HEAD, values![document]).await
    }

    async fn read_chained(
        &self,
        document: DocumentId,
        since: Seq,
        bytes_max: usize,
    ) -> Result<Vec<ChainedRow>, sqlx::Error> {
        // The sum runs inside the engine, so that no more bytes are handed over than were asked for.
        let sql = crate::database::composed(format!(
            "select {COLUMNS} from (
               select *, sum(length(bytes)) over (order by seq) as bytes_so_far from updates
               where document_id = $1 and seq > $2 order by seq limit {READ_ROWS_MAX}) as page
             where bytes_so_far <= $3 or seq = $2 + 1 order by seq"
        ));
        let bytes_max = i64::try_from(bytes_max).unwrap_or(i64::MAX);
        self.database().all(sql, values![document, since, bytes_max]).await
    }
}

const SELECT_HEAD: &str = "select seq, acl_version, epoch, schema_version, trashed, chain_hash, updated_at, tail_bytes,
    snapshot_seq, snapshot_key, snapshot_chain_hash from document_heads where document_id = $1";

struct StoredHead {
    head: Head,
    trashed: bool,
    chain_hash: Hash,
    /// The link that the first row after the snapshot stands on.
    snapshot_chain_hash: Hash,
}

/// A row with what its link is made of.
struct ChainedRow {
    row: LoggedRow,
    salt: [u8; 32],
    chain_hash: Hash,
}

impl ChainedRow {
    fn link(&self, document: DocumentId) -> (Update<'static>, Hash) {
        let row = &self.row;
        let update = Update {
            document,
            seq: row.seq.0,
            content: content_hash(&self.salt, &row.bytes),
            actor: row.actor,
            on_behalf_of: row.on_behalf_of,
            via_link: row.via_link,
            at: row.at,
            kind: row.kind.as_str(),
        };
        (update, self.chain_hash)
    }
}

impl Record for StoredHead {
    fn read(row: &value::Row) -> Result<Self, sqlx::Error> {
        let snapshot = row.get::<Option<Seq>>("snapshot_seq")?.zip(row.get::<Option<String>>("snapshot_key")?);
        let head = Head {
            seq: row.get("seq")?,
            acl_version: row.get("acl_version")?,
            epoch: row.get("epoch")?,
            schema_version: row.get("schema_version")?,
            snapshot: snapshot.map(|(seq, key)| SnapshotPointer { seq, key }),
            tail_bytes: row.get("tail_bytes")?,
            updated_at: row.get("updated_at")?,
        };
        Ok(Self {
            head,
            trashed: row.get("trashed")?,
            chain_hash: row.get("chain_hash")?,
            snapshot_chain_hash: row.get::<Option<Hash>>("snapshot_chain_hash")?.unwrap_or(GENESIS),
        })
    }
}

impl Record for ChainedRow {
    fn read(row: &value::Row) -> Result<Self, sqlx::Error> {
        let logged = LoggedRow {
            seq: row.get("seq")?,
            actor: row.get("actor_id")?,
            on_behalf_of: row.get("on_behalf_of")?,
            via_link: row.get("via_link_id")?,
            connection: row.get("connection")?,
            at: row.get("at")?,
            kind: row.get("kind")?,
            ranges: row.get("ranges")?,
            bytes: row.get("bytes")?,
        };
        Ok(Self { row: logged, salt: row.get("salt")?, chain_hash: row.get("chain_hash")? })
    }
}

impl Column for UpdateKind {
    type Stored = String;

    fn from_stored(stored: String) -> Option<Self> {
        stored.parse().ok()
    }
}
