//! The engine: connections, transactions, statements, and which constraint an error names. Everything that differs
//! between SQLite and another engine is in this file, in the folder of its name and in `value.rs`.

mod bulk;
mod writer;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqlSafeStr, SqlStr};
use tokio::sync::watch;

pub(crate) use self::bulk::{Bulk, Piece};
pub(crate) use self::writer::Transaction;
use self::writer::Writer;
use crate::error::{StartError, StorageError};
use crate::value::{Record, Row, Value};

/// Connections that only read.
const READERS_MAX: u32 = 8;
/// How long a connection waits for another process (the command line beside a server) to finish writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a call waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long appends may be held up for readers of an old state when the write-ahead log is to begin anew.
const RESTART_TIMEOUT: Duration = Duration::from_millis(20);
/// Pages in the write-ahead log, of 4 KiB, beyond which it is made to begin anew. It does so by itself only when a
/// checkpoint ends between two commits, and a busy server has no such moment: the log would grow for ever, and each
/// commit would pay for new blocks.
const LOG_PAGES_MAX: i64 = 4_096;
/// Prepared statements kept by one connection.
const STATEMENTS_MAX: usize = 256;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/sqlite");

/// One connection that writes; some that read, see the last commit and hold up nobody; and one that moves the
/// write-ahead log into the file.
pub(crate) struct Database {
    writer: Writer,
    readers: SqlitePool,
    checkpoints: SqlitePool,
    newest_event: watch::Sender<i64>,
}

/// Several statements that see one moment.
pub(crate) struct ReadTransaction(sqlx::Transaction<'static, Sqlite>);

impl Database {
    /// Opens the file, making it first if need be, and brings it to this version.
    pub(crate) async fn open(file: &Path) -> Result<Self, StartError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .statement_cache_capacity(STATEMENTS_MAX)
            .pragma("wal_autocheckpoint", "0");
        migrate(options.connect().await?).await?;
        let newest_event = watch::Sender::new(0);
        let writer = Writer::open(options.clone(), newest_event.clone()).await?;
        let readers = pool(READERS_MAX).connect_with(options.clone().pragma("query_only", "on")).await?;
        let checkpoints = pool(1).connect_lazy_with(options.busy_timeout(RESTART_TIMEOUT));
        let database = Self { writer, readers, checkpoints, newest_event };
        let newest: Option<Newest> =
            database.optional("select coalesce(max(seq), 0) as seq from events", vec![]).await?;
        database.newest_event.send_replace(newest.map_or(0, |newest| newest.0));
        Ok(database)
    }

    /// All rows of a query that sees the last commit.
    pub(crate) async fn all<T: Record>(&self, sql: impl SqlSafeStr, values: Vec<Value>) -> Result<Vec<T>, sqlx::Error> {
        query(sql.into_sql_str(), values).fetch_all(&self.readers).await?.into_iter().map(read).collect()
    }

    /// The one row of a query that sees the last commit, if there is one.
    pub(crate) async fn optional<T: Record>(
        &self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<T>, sqlx::Error> {
        query(sql.into_sql_str(), values).fetch_optional(&self.readers).await?.map(read).transpose()
    }

    /// Begins a transaction that writes, after every other that was begun here.
    pub(crate) async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        self.writer.begin().await
    }

    /// Begins a transaction that writes, and runs its first query in the same trip.
    pub(crate) async fn begin_with<T: Record>(&self, piece: Piece) -> Result<(Transaction, Vec<T>), sqlx::Error> {
        self.writer.begin_with(piece).await
    }

    /// Begins a transaction that only reads. Keep it short: while it is open the write-ahead log cannot shrink.
    pub(crate) async fn begin_read(&self) -> Result<ReadTransaction, sqlx::Error> {
        Ok(ReadTransaction(self.readers.begin_with("begin deferred").await?))
    }

    /// The number of the newest committed event.
    pub(crate) fn newest_event(&self) -> watch::Receiver<i64> {
        self.newest_event.subscribe()
    }

    /// Moves what can be moved from the write-ahead log into the database file, waiting for nobody. If the log is
    /// large, the rest, which is small by then, is moved while no one writes, so that the next commit begins it anew.
    pub(crate) async fn checkpoint(&self) -> Result<Checkpoint, sqlx::Error> {
        let run = |sql: &'static str| query(sql.into_sql_str(), vec![]).fetch_one(&self.checkpoints);
        let done: Checkpoint = run("pragma wal_checkpoint(passive)").await.and_then(read)?;
        if done.log_pages > LOG_PAGES_MAX {
            let _line = self.writer.pause().await;
            return run("pragma wal_checkpoint(restart)").await.and_then(read);
        }
        Ok(done)
    }

    /// Lets every connection finish, and closes the file.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.checkpoints.close().await;
        self.writer.close().await;
    }
}

impl ReadTransaction {
    /// All rows of a query.
    pub(crate) async fn all<T: Record>(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<T>, sqlx::Error> {
        query(sql.into_sql_str(), values).fetch_all(&mut *self.0).await?.into_iter().map(read).collect()
    }

    /// The one row of a query, if there is one.
    pub(crate) async fn optional<T: Record>(
        &mut self,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<T>, sqlx::Error> {
        query(sql.into_sql_str(), values).fetch_optional(&mut *self.0).await?.map(read).transpose()
    }
}

/// How far a checkpoint came, in pages of 4 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Pages in the write-ahead log.
    pub log_pages: i64,
    /// Pages of it that are in the database file now.
    pub moved_pages: i64,
}

impl Record for Checkpoint {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self { log_pages: row.get("log")?, moved_pages: row.get("checkpointed")? })
    }
}

/// A constraint that an act of a person can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Constraint {
    Username,
    Email,
    DocumentId,
}

/// Which of the known constraints an error is about.
pub(crate) fn violated(error: &sqlx::Error) -> Option<Constraint> {
    let error = error.as_database_error().filter(|error| error.is_unique_violation())?;
    // SQLite names the columns: "UNIQUE constraint failed: users.email_key".
    match error.message().rsplit(' ').next()? {
        "users.username_key" => Some(Constraint::Username),
        "users.email_key" => Some(Constraint::Email),
        "documents.id" => Some(Constraint::DocumentId),
        _ => None,
    }
}

/// Whether an error says that somebody else holds what is needed, and that trying again is right.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: i32 = 5;
    match error {
        sqlx::Error::PoolTimedOut => true,
        // The low byte is the error, the rest says more about it.
        sqlx::Error::Database(error) => {
            error.code().and_then(|code| code.parse::<i32>().ok()).is_some_and(|code| code & 0xff == SQLITE_BUSY)
        }
        _ => false,
    }
}

/// A text put together from constants of this crate, never from what somebody sent.
pub(crate) fn composed(sql: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(sql)
}

struct Newest(i64);

impl Record for Newest {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        row.get("seq").map(Self)
    }
}

fn pool(connections_max: u32) -> SqlitePoolOptions {
    // A connection to a file does not go stale: no ping before use, no closing when idle.
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

async fn migrate(mut connection: SqliteConnection) -> Result<(), StartError> {
    use sqlx::migrate::MigrateError::{VersionMissing, VersionTooNew};
    MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
        VersionMissing(migration) | VersionTooNew(migration, _) => StartError::NewerDatabase { migration },
        other => StartError::Migration(other),
    })?;
    Ok(connection.close().await?)
}

fn query(sql: SqlStr, values: Vec<Value>) -> sqlx::query::Query<'static, Sqlite, SqliteArguments> {
    values.into_iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Int(value) => query.bind(value),
        Value::Bool(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
        Value::Id(value) => query.bind(value),
    })
}

fn read<T: Record>(row: sqlx::sqlite::SqliteRow) -> Result<T, sqlx::Error> {
    T::read(&Row::from(row))
}

/// A rule that every write keeps was broken.
pub(crate) fn damaged<T>(what: &'static str) -> Result<T, StorageError> {
    Err(StorageError::Damaged(what))
}
