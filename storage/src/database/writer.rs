//! The one connection that writes, and transactions on it. Each call of a statement is a trip to SQLite's thread and
//! back, which costs more than most statements; so a text may hold several.

use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr, SqlStr};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::bulk::Piece;
use super::{ACQUIRE_TIMEOUT, query, read};
use crate::value::{Record, Value};

/// Writers queue here in order, instead of failing each other with "busy".
#[derive(Clone)]
pub(super) struct Writer {
    line: Arc<Mutex<Line>>,
    newest_event: watch::Sender<i64>,
}

struct Line {
    options: SqliteConnectOptions,
    /// None once closed.
    connection: Option<SqliteConnection>,
    /// A transaction was begun, and it is not known that it ended.
    open: bool,
}

/// A transaction that writes. Dropped without a commit, it never was.
pub(crate) struct Transaction {
    line: OwnedMutexGuard<Line>,
    newest_event: Option<i64>,
    announce: watch::Sender<i64>,
}

impl Writer {
    pub(super) async fn open(
        options: SqliteConnectOptions,
        newest_event: watch::Sender<i64>,
    ) -> Result<Self, sqlx::Error> {
        let connection = Some(options.connect().await?);
        Ok(Self { line: Arc::new(Mutex::new(Line { options, connection, open: false })), newest_event })
    }

    /// Begins after every other that was begun here.
    pub(super) async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        let mut transaction = self.transaction().await?;
        transaction.execute("begin immediate", vec![]).await?;
        Ok(transaction)
    }

    /// Begins and reads in one trip.
    pub(super) async fn begin_with<T: Record>(&self, piece: Piece) -> Result<(Transaction, Vec<T>), sqlx::Error> {
        let mut transaction = self.transaction().await?;
        let sql = AssertSqlSafe(format!("begin immediate; {}", piece.sql));
        let rows = transaction.all(sql, piece.values).await?;
        Ok((transaction, rows))
    }

    async fn transaction(&self) -> Result<Transaction, sqlx::Error> {
        let waiting = tokio::time::timeout(ACQUIRE_TIMEOUT, self.line.clone().lock_owned());
        let mut line = waiting.await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        line.settle().await?;
        line.open = true;
        Ok(Transaction { line, newest_event: None, announce: self.newest_event.clone() })
    }

    /// Nobody writes from here until the answer is dropped.
    pub(super) async fn pause(&self) -> impl Drop {
        self.line.clone().lock_owned().await
    }

    /// Lets the running transaction end, and closes the connection. Later transactions fail.
    pub(super) async fn close(&self) {
        let mut line = self.line.lock().await;
        let Some(connection) = line.connection.take() else { return };
        if let Err(error) = connection.close().await {
            tracing::warn!(%error, "the database was not closed in order");
        }
    }
}

impl Line {
    fn connection(&mut self) -> Result<&mut SqliteConnection, sqlx::Error> {
        self.connection.as_mut().ok_or(sqlx::Error::PoolClosed)
    }

    /// Ends what was begun here and did not come to its end. A connection that cannot do that is replaced; closing it
    /// rolls back as well.
    async fn settle(&mut self) -> Result<(), sqlx::Error> {
        if !self.open {
            return Ok(());
        }
        if let Err(error) = query("rollback".into_sql_str(), vec![]).execute(self.connection()?).await
            && !is_not_in_transaction(&error)
        {
            tracing::error!(%error, "a transaction could not be rolled back; its connection is replaced");
            self.connection = Some(self.options.connect().await?);
        }
        self.open = false;
        Ok(())
    }
}

/// Whether a rollback found nothing to roll back: the transaction did not begin, or it has committed after its caller
/// had gone, or SQLite rolled back by itself.
fn is_not_in_transaction(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.message() == "cannot rollback - no transaction is active")
}

impl Transaction {
    /// All rows of a query.
    pub(crate) async fn all<T: Record>(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<T>, sqlx::Error> {
        let rows = query(sql.into_sql_str(), values).fetch_all(self.line.connection()?).await?;
        rows.into_iter().map(read).collect()
    }

    /// The one row of a query, if there is one.
    pub(crate) async fn optional<T: Record>(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<T>, sqlx::Error> {
        query(sql.into_sql_str(), values).fetch_optional(self.line.connection()?).await?.map(read).transpose()
    }

    /// Runs a statement and gives the number of rows that it changed.
    pub(crate) async fn execute(&mut self, sql: impl SqlSafeStr, values: Vec<Value>) -> Result<u64, sqlx::Error> {
        Ok(query(sql.into_sql_str(), values).execute(self.line.connection()?).await?.rows_affected())
    }

    /// Remembers an event of this transaction, to be announced when it has committed.
    pub(crate) fn wrote_event(&mut self, seq: i64) {
        self.newest_event = self.newest_event.max(Some(seq));
    }

    /// Makes it so, then tells those who wait for events.
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        if self.newest_event.is_none() {
            return self.end("commit".into_sql_str(), vec![]).await;
        }
        // A task of its own: a caller who goes away now (a closed tab ends its request) stops neither the commit nor
        // the telling.
        tokio::spawn(self.end("commit".into_sql_str(), vec![])).await.map_err(std::io::Error::from)?
    }

    /// Writes and commits, in one trip if the pieces are small. Full ones go by themselves, so that the texts to be
    /// prepared stay few.
    pub(crate) async fn commit_with(mut self, pieces: impl IntoIterator<Item = Piece>) -> Result<(), sqlx::Error> {
        let (mut last, mut last_values) = (String::new(), Vec::new());
        for mut piece in pieces {
            if piece.full {
                self.execute(piece.sql, piece.values).await?;
            } else {
                last.push_str(piece.sql);
                last.push(';');
                last_values.append(&mut piece.values);
            }
        }
        last.push_str("commit");
        self.end(AssertSqlSafe(last).into_sql_str(), last_values).await
    }

    async fn end(mut self, sql: SqlStr, values: Vec<Value>) -> Result<(), sqlx::Error> {
        query(sql, values).execute(self.line.connection()?).await?;
        self.line.open = false;
        if let Some(seq) = self.newest_event {
            self.announce.send_if_modified(|newest| std::mem::replace(newest, seq.max(*newest)) < seq);
        }
        Ok(())
    }
}

impl Drop for Transaction {
    /// Rolls back what did not commit, soon: until then other processes cannot write. Whoever is next in line does it
    /// if he comes first.
    fn drop(&mut self) {
        if !self.line.open {
            return;
        }
        let line = Arc::clone(OwnedMutexGuard::mutex(&self.line));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = line.lock().await.settle().await {
                    tracing::error!(%error, "the connection that writes is gone; the next transaction tries again");
                }
            });
        }
    }
}
