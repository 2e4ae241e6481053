//! Snapshots: a document's whole present as one object, and the row that points to the newest.
//!
//! The order is: note the attempt, write the object, read it back, move the pointer. A crash after any of these
//! leaves the old pointer with its object and, at worst, an object that nobody names and the attempt that says so.

use acl::audit::Hash;
use acl::{DocumentId, Moment};
use bytes::Bytes;
use uuid::Uuid;

use crate::Storage;
use crate::database::damaged;
use crate::error::StorageError;
use crate::update_log::Seq;
use crate::value::{Record, Row, values};

/// Where a snapshot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotPointer {
    /// The row of the log up to which it holds everything.
    pub seq: Seq,
    /// The key of its object.
    pub key: String,
}

impl Storage {
    /// Keeps `bytes` as the snapshot of everything up to row `seq`. Durable when it returns, and then the snapshot
    /// of the document, unless a newer one was there already: then `None`.
    ///
    /// # Errors
    /// The object could not be written or reads back different, or there is no such row. The old snapshot stands.
    pub async fn put_snapshot(
        &self,
        document: DocumentId,
        seq: Seq,
        bytes: Bytes,
        now: Moment,
    ) -> Result<Option<SnapshotPointer>, StorageError> {
        let pointer = SnapshotPointer { seq, key: format!("documents/{document}/{seq}-{}.snapshot", Uuid::now_v7()) };
        self.begin_attempt(document, &pointer, bytes.len(), now).await?;
        let moved = match self.write_and_compare(&pointer.key, bytes).await {
            Ok(()) => self.point(document, &pointer, now).await,
            Err(error) => Err(error),
        };
        if !matches!(moved, Ok(true)) {
            self.bury_attempt(&pointer.key, now).await?;
        }
        moved.map(|moved| moved.then_some(pointer))
    }

    /// The bytes of a snapshot.
    pub async fn get_snapshot(&self, pointer: &SnapshotPointer) -> Result<Bytes, StorageError> {
        Ok(self.objects().get(&pointer.key).await?)
    }

    async fn begin_attempt(
        &self,
        document: DocumentId,
        pointer: &SnapshotPointer,
        byte_count: usize,
        now: Moment,
    ) -> Result<(), StorageError> {
        const SQL: &str = "insert into snapshot_attempts (object_key, document_id, seq, byte_count, state, started_at)
            values ($1, $2, $3, $4, 'started', $5)";
        let mut transaction = self.database().begin().await?;
        let values = values![pointer.key.as_str(), document, pointer.seq, byte_count as i64, now];
        transaction.execute(SQL, values).await?;
        Ok(transaction.commit().await?)
    }

    async fn write_and_compare(&self, key: &str, bytes: Bytes) -> Result<(), StorageError> {
        self.objects().put(key, bytes.clone()).await?;
        if self.objects().get(key).await? == bytes {
            Ok(())
        } else {
            Err(StorageError::ReadBack { key: key.to_owned() })
        }
    }

    /// Moves the pointer forward, never back; says whether it moved.
    async fn point(&self, document: DocumentId, to: &SnapshotPointer, now: Moment) -> Result<bool, StorageError> {
        const SELECT: &str = "select h.snapshot_seq, h.snapshot_key, u.chain_hash,
              (select coalesce(sum(length(bytes)), 0) from updates where document_id = $1 and seq > $2) as tail_bytes
            from document_heads h left join updates u on u.document_id = $1 and u.seq = $2 where h.document_id = $1";
        const POINT: &str = "update document_heads set snapshot_seq = $2, snapshot_key = $3, snapshot_chain_hash = $4,
            tail_bytes = $5 where document_id = $1";
        const SETTLE: &str = "update snapshot_attempts set state = $2, ended_at = $3 where object_key = $1";

        let mut transaction = self.database().begin().await?;
        let Some(old): Option<OldPointer> = transaction.optional(SELECT, values![document, to.seq]).await? else {
            return damaged("a snapshot of a document that does not exist");
        };
        if old.seq.is_some_and(|seq| seq >= to.seq) {
            return Ok(false);
        }
        let Some(chain_hash) = old.chain_hash_at_new else {
            return damaged("a snapshot beyond the end of its log");
        };
        let values = values![document, to.seq, to.key.as_str(), chain_hash, old.tail_bytes_after_new];
        transaction.execute(POINT, values).await?;
        transaction.execute(SETTLE, values![to.key.as_str(), "current", now]).await?;
        if let Some(key) = old.key {
            transaction.execute(SETTLE, values![key, "dead", now]).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    async fn bury_attempt(&self, key: &str, now: Moment) -> Result<(), StorageError> {
        const SQL: &str = "update snapshot_attempts set state = 'dead', ended_at = $2
            where object_key = $1 and state = 'started'";
        let mut transaction = self.database().begin().await?;
        transaction.execute(SQL, values![key, now]).await?;
        Ok(transaction.commit().await?)
    }
}

struct OldPointer {
    seq: Option<Seq>,
    key: Option<String>,
    chain_hash_at_new: Option<Hash>,
    tail_bytes_after_new: i64,
}

impl Record for OldPointer {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.get("snapshot_seq")?,
            key: row.get("snapshot_key")?,
            chain_hash_at_new: row.get("chain_hash")?,
            tail_bytes_after_new: row.get("tail_bytes")?,
        })
    }
}
