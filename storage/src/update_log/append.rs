//! The hot path: one transaction for the batches of all rooms. What cannot be written is left out, not failed on.

use std::collections::HashMap;
use std::sync::LazyLock;

use acl::audit::{Hash, Link, Update, content_hash};
use acl::{ActorId, DocumentId, Moment};

use super::{Append, Appended, Row, Seq};
use crate::Storage;
use crate::database::{Bulk, Database, Piece, Transaction, is_busy};
use crate::error::StorageError;
use crate::value::{self, Record, Value, values};

static SELECT_HEADS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "select document_id, seq, acl_version, chain_hash, updated_at, tail_bytes, trashed
         from document_heads where (document_id) in (values",
        1,
        ") order by document_id",
    )
});
static SELECT_CLIENT_IDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "select c.document_id, c.client_id, c.actor_id from (values",
        2,
        ") as v join client_ids c on c.document_id = v.column1 and c.client_id = v.column2",
    )
});
static INSERT_UPDATES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "insert into updates (document_id, seq, actor_id, on_behalf_of, via_link_id, connection, at, kind, ranges,
         salt, chain_hash, bytes) select * from (values",
        12,
        ") as v where v.column1 is not null",
    )
});
static INSERT_CLIENT_IDS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "insert into client_ids (document_id, client_id, actor_id) select * from (values",
        3,
        ") as v where v.column1 is not null",
    )
});
static UPDATE_HEADS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "update document_heads set seq = v.column2, chain_hash = v.column3, updated_at = v.column4,
         tail_bytes = v.column5 from (values",
        5,
        ") as v where document_heads.document_id = v.column1",
    )
});

impl Storage {
    /// Writes what can be written of a batch, durably, in one transaction, and tells each room what became of its
    /// part, in the order of the batch. When the database fails, the batch is run again one document at a time, so
    /// that one room's trouble is its own.
    ///
    /// # Errors
    /// The database failed on every part. Nothing is known to be written: look at the head before anything else.
    pub async fn append(&self, batch: &[Append]) -> Result<Vec<Appended>, StorageError> {
        let error = match self.append_together(batch).await {
            Ok(appended) => return Ok(appended),
            Err(error) if is_busy(&error) => return Ok(vec![Appended::Busy; batch.len()]),
            Err(error) => error,
        };
        tracing::error!(%error, documents = batch.len(), "a batch could not be appended");
        if batch.len() == 1 {
            return Err(error.into());
        }
        let mut appended = Vec::with_capacity(batch.len());
        for part in batch {
            appended.push(match self.append_together(std::slice::from_ref(part)).await {
                Ok(alone) => alone.into_iter().next().unwrap_or(Appended::Failed),
                Err(error) if is_busy(&error) => Appended::Busy,
                Err(error) => {
                    tracing::error!(%error, document = %part.document, "an append failed");
                    Appended::Failed
                }
            });
        }
        if appended.iter().all(|one| *one == Appended::Failed) { Err(error.into()) } else { Ok(appended) }
    }

    async fn append_together(&self, batch: &[Append]) -> Result<Vec<Appended>, sqlx::Error> {
        let Some((mut transaction, mut state)) = Locked::read(self.database(), batch).await? else {
            return Ok(vec![]);
        };
        let mut written = Written::default();
        let appended = batch.iter().map(|append| state.decide(append, &mut written)).collect();
        written.heads = state.heads.into_iter().filter(|(_, head)| head.moved).collect();
        written.claim(&mut transaction).await?;
        transaction.commit_with(written.pieces()).await?;
        Ok(appended)
    }
}

/// What the decisions rest on; nobody else can change it while the transaction is open.
struct Locked {
    heads: HashMap<DocumentId, LockedHead>,
    client_ids: HashMap<(DocumentId, u64), ActorId>,
}

struct LockedHead {
    seq: Seq,
    acl_version: i64,
    chain_hash: Hash,
    updated_at: Moment,
    tail_bytes: i64,
    trashed: bool,
    moved: bool,
}

/// Everything to be written, for all documents at once.
#[derive(Default)]
struct Written<'a> {
    rows: Vec<NumberedRow<'a>>,
    claims: Vec<(DocumentId, u64, ActorId)>,
    heads: Vec<(DocumentId, LockedHead)>,
}

struct NumberedRow<'a> {
    document: DocumentId,
    seq: Seq,
    at: Moment,
    salt: [u8; 32],
    chain_hash: Hash,
    row: &'a Row,
}

impl Locked {
    /// Begins and reads; nothing for an empty batch.
    async fn read(database: &Database, batch: &[Append]) -> Result<Option<(Transaction, Self)>, sqlx::Error> {
        let mut documents: Vec<DocumentId> = batch.iter().map(|append| append.document).collect();
        documents.sort_unstable();
        let mut pieces = SELECT_HEADS.pieces(&documents, |document, values| values.push((*document).into()));
        let Some(first) = pieces.next() else { return Ok(None) };
        let (mut transaction, rows) = database.begin_with(first).await?;
        let mut heads: HashMap<DocumentId, LockedHead> = rows.into_iter().collect();
        for piece in pieces {
            let rows: Vec<(DocumentId, LockedHead)> = transaction.all(piece.sql, piece.values).await?;
            heads.extend(rows);
        }

        let claimed: Vec<(DocumentId, u64)> = batch
            .iter()
            .flat_map(|append| append.claims.iter().map(|(client, _)| (append.document, *client)))
            .collect();
        let mut client_ids = HashMap::with_capacity(claimed.len());
        let columns = |(document, client): &(DocumentId, u64), values: &mut Vec<Value>| {
            values.extend(values![*document, client.cast_signed()]);
        };
        for piece in SELECT_CLIENT_IDS.pieces(&claimed, columns) {
            let rows: Vec<Bound> = transaction.all(piece.sql, piece.values).await?;
            client_ids.extend(rows.into_iter().map(|row| ((row.document, row.client), row.actor)));
        }
        Ok(Some((transaction, Self { heads, client_ids })))
    }

    /// Decides on one room's part and, if it goes through, moves the head and notes what is to be written.
    fn decide<'a>(&mut self, append: &'a Append, written: &mut Written<'a>) -> Appended {
        let Some(head) = self.heads.get_mut(&append.document).filter(|head| !head.trashed) else {
            return Appended::Gone;
        };
        if head.acl_version != append.acl_version {
            return Appended::RightsChanged { acl_version: head.acl_version };
        }
        if head.seq != append.expected_seq {
            return Appended::Behind { seq: head.seq };
        }
        let owner_of = |client: u64| self.client_ids.get(&(append.document, client)).copied();
        let foreign = append.claims.iter().filter_map(|(client, actor)| {
            owner_of(*client).filter(|owner| owner != actor).map(|owner| (*client, owner))
        });
        let foreign: Vec<(u64, ActorId)> = foreign.collect();
        if !foreign.is_empty() {
            return Appended::Foreign(foreign);
        }
        for (client, actor) in &append.claims {
            if self.client_ids.insert((append.document, *client), *actor).is_none() {
                written.claims.push((append.document, *client, *actor));
            }
        }
        let first = Seq(head.seq.0 + 1);
        written.rows.extend(append.rows.iter().map(|row| head.advance(append.document, row)));
        Appended::Committed { first, last: head.seq }
    }
}

impl LockedHead {
    /// Numbers, dates and chains the next row.
    fn advance<'a>(&mut self, document: DocumentId, row: &'a Row) -> NumberedRow<'a> {
        let salt = rand::random();
        // Clocks of machines differ, the history of a document does not run backwards.
        let at = row.at.max(self.updated_at);
        let seq = Seq(self.seq.0 + 1);
        let update = Update {
            document,
            seq: seq.0,
            content: content_hash(&salt, &row.bytes),
            actor: row.actor,
            on_behalf_of: row.on_behalf_of,
            via_link: row.via_link,
            at,
            kind: row.kind.as_str(),
        };
        let chain_hash = update.link(&self.chain_hash);
        self.seq = seq;
        self.chain_hash = chain_hash;
        self.updated_at = at;
        self.tail_bytes += row.bytes.len() as i64;
        self.moved = true;
        NumberedRow { document, seq, at, salt, chain_hash, row }
    }
}

impl Written<'_> {
    /// Client ids are claimed rarely: not worth a text for each combination of sizes.
    async fn claim(&self, transaction: &mut Transaction) -> Result<(), sqlx::Error> {
        let columns = |(document, client, actor): &(DocumentId, u64, ActorId), values: &mut Vec<Value>| {
            values.extend(values![*document, client.cast_signed(), *actor]);
        };
        for piece in INSERT_CLIENT_IDS.pieces(&self.claims, columns) {
            transaction.execute(piece.sql, piece.values).await?;
        }
        Ok(())
    }

    fn pieces(&self) -> impl Iterator<Item = Piece> {
        let columns = |(document, head): &(DocumentId, LockedHead), values: &mut Vec<Value>| {
            values.extend(values![*document, head.seq, head.chain_hash, head.updated_at, head.tail_bytes]);
        };
        INSERT_UPDATES.pieces(&self.rows, NumberedRow::columns).chain(UPDATE_HEADS.pieces(&self.heads, columns))
    }
}

impl NumberedRow<'_> {
    fn columns(&self, values: &mut Vec<Value>) {
        let Row { actor, on_behalf_of, via_link, connection, kind, ranges, bytes, .. } = self.row;
        values.extend(values![
            self.document,
            self.seq,
            *actor,
            *on_behalf_of,
            *via_link,
            *connection,
            self.at,
            kind.as_str(),
            ranges.clone(),
            self.salt,
            self.chain_hash,
            bytes.clone(),
        ]);
    }
}

impl Record for (DocumentId, LockedHead) {
    fn read(row: &value::Row) -> Result<Self, sqlx::Error> {
        let head = LockedHead {
            seq: row.get("seq")?,
            acl_version: row.get("acl_version")?,
            chain_hash: row.get("chain_hash")?,
            updated_at: row.get("updated_at")?,
            tail_bytes: row.get("tail_bytes")?,
            trashed: row.get("trashed")?,
            moved: false,
        };
        Ok((row.get("document_id")?, head))
    }
}

struct Bound {
    document: DocumentId,
    client: u64,
    actor: ActorId,
}

impl Record for Bound {
    fn read(row: &value::Row) -> Result<Self, sqlx::Error> {
        let client = row.get::<i64>("client_id")?.cast_unsigned();
        Ok(Self { document: row.get("document_id")?, client, actor: row.get("actor_id")? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StorageConfig;

    struct Step(String);

    impl Record for Step {
        fn read(row: &value::Row) -> Result<Self, sqlx::Error> {
            row.get("detail").map(Self)
        }
    }

    /// A scan of a table in the hot path costs nothing in tests and everything in a database that has grown.
    #[tokio::test]
    async fn no_statement_of_an_append_scans_a_table() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(StorageConfig { data: folder.path().to_path_buf() }).await.unwrap();
        let mut searches = 0;
        for (bulk, columns) in [(&SELECT_HEADS, 1), (&SELECT_CLIENT_IDS, 2), (&UPDATE_HEADS, 5)] {
            for size in [1, 2, 128] {
                let nulls = |(): &(), values: &mut Vec<Value>| values.extend(vec![Value::Int(None); columns]);
                let piece = bulk.pieces(&[(); 128][..size], nulls).next().unwrap();
                let sql = crate::database::composed(format!("explain query plan {}", piece.sql));
                let plan: Vec<Step> = storage.database().all(sql, piece.values).await.unwrap();
                for Step(step) in plan {
                    let scanned = step.strip_prefix("SCAN ").filter(|what| !what.contains("ROW") && *what != "v");
                    assert_eq!(scanned, None, "only the given values may be scanned");
                    searches += usize::from(step.starts_with("SEARCH") && step.contains("USING PRIMARY KEY"));
                }
            }
        }
        println!("{searches} searches by primary key");
        assert_eq!(searches, 9);
    }
}
