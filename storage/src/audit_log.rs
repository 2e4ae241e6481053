//! What must be proved: a hash chain over who did what to rights, accounts and documents.

use acl::audit::{Broken, Entry, GENESIS, Hash, Link, verify_run};
use acl::{ActorId, DocumentId, Moment};
use serde_json::Value as Json;

use crate::Storage;
use crate::database::Transaction;
use crate::error::StorageError;
use crate::value::{Record, Row, values};

/// A row of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Its number; there are no gaps.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who; nobody for a failed attempt to sign in.
    pub actor: Option<ActorId>,
    /// The document it is about.
    pub document: Option<DocumentId>,
    /// What happened: one of [`kind`](crate::kind).
    pub kind: String,
    /// The particulars, as the exact JSON text that was hashed.
    pub payload: String,
    /// The link of the chain.
    pub chain_hash: Hash,
}

/// Rows of one read.
const ROWS_MAX: usize = 1_000;

impl Storage {
    /// Rows after number `since`, in order, at most `limit` of them (and at most 1,000).
    pub async fn read_audit_log(&self, since: i64, limit: usize) -> Result<Vec<AuditRow>, StorageError> {
        const SQL: &str = "select seq, at, actor_id, document_id, kind, payload, chain_hash
            from audit_log where seq > $1 order by seq limit $2";
        Ok(self.database().all(SQL, values![since, limit.min(ROWS_MAX) as i64]).await?)
    }

    /// Verifies the whole audit log: its number of rows, or where it is broken.
    pub async fn verify_audit_log(&self) -> Result<Result<i64, Broken>, StorageError> {
        let (mut last, mut previous) = (0, GENESIS);
        loop {
            let rows = self.read_audit_log(last, ROWS_MAX).await?;
            let Some(end) = rows.last().map(|row| row.seq) else { return Ok(Ok(last)) };
            previous = match verify_run(last, previous, rows.iter().map(|row| (row.entry(), row.chain_hash))) {
                Ok(link) => link,
                Err(broken) => return Ok(Err(broken)),
            };
            last = end;
        }
    }
}

impl Transaction {
    /// Writes a row of the audit log. The transaction holds the writer, so nobody else extends the chain meanwhile.
    pub(crate) async fn audit(
        &mut self,
        at: Moment,
        actor: Option<ActorId>,
        document: Option<DocumentId>,
        kind: &'static str,
        payload: Json,
    ) -> Result<(), sqlx::Error> {
        let last: Option<Last> =
            self.optional("select seq, chain_hash from audit_log order by seq desc limit 1", vec![]).await?;
        let (seq, previous) = last.map_or((1, GENESIS), |last| (last.seq + 1, last.chain_hash));
        let payload = payload.to_string();
        let link = Entry { seq, at, actor, document, kind, payload: &payload }.link(&previous);
        const SQL: &str = "insert into audit_log (seq, at, actor_id, document_id, kind, payload, chain_hash)
            values ($1, $2, $3, $4, $5, $6, $7)";
        self.execute(SQL, values![seq, at, actor, document, kind, payload, link]).await?;
        Ok(())
    }
}

impl AuditRow {
    fn entry(&self) -> Entry<'_> {
        Entry {
            seq: self.seq,
            at: self.at,
            actor: self.actor,
            document: self.document,
            kind: &self.kind,
            payload: &self.payload,
        }
    }
}

impl Record for AuditRow {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.get("seq")?,
            at: row.get("at")?,
            actor: row.get("actor_id")?,
            document: row.get("document_id")?,
            kind: row.get("kind")?,
            payload: row.get("payload")?,
            chain_hash: row.get("chain_hash")?,
        })
    }
}

struct Last {
    seq: i64,
    chain_hash: Hash,
}

impl Record for Last {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self { seq: row.get("seq")?, chain_hash: row.get("chain_hash")? })
    }
}
