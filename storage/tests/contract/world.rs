//! A storage in a folder of its own, with people, documents and a clock that only this test moves.

use std::sync::atomic::{AtomicI64, Ordering};

use acl::{ActorId, DocumentId, Moment, Role, UserId};
use sqlx::{Connection, SqliteConnection};
use storage::{Append, Appended, NewDocument, NewUser, Row, Seq, Standing, Storage, StorageConfig, UpdateKind, User};
use tempfile::TempDir;
use uuid::Uuid;

/// The engines that keep the contract.
#[derive(Clone, Copy, Debug)]
pub enum Engine {
    Sqlite,
}

/// Runs a test on every engine, each time in a new world.
pub async fn on_every_engine(test: impl AsyncFn(&World)) {
    for engine in [Engine::Sqlite] {
        println!("on {engine:?}");
        test(&World::new().await).await;
    }
}

pub struct World {
    pub storage: Storage,
    pub folder: TempDir,
    clock: AtomicI64,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(StorageConfig { data: folder.path().to_path_buf() }).await.unwrap();
        Self { storage, folder, clock: AtomicI64::new(1_800_000_000_000_000) }
    }

    /// Closes and opens the storage, as a restart does.
    pub async fn restarted(&self) -> Storage {
        self.storage.close().await;
        self.another().await
    }

    /// The storage opened once more, beside the first, as another process does.
    pub async fn another(&self) -> Storage {
        Storage::open(StorageConfig { data: self.folder.path().to_path_buf() }).await.unwrap()
    }

    /// Each look at the clock is a millisecond later.
    pub fn now(&self) -> Moment {
        Moment(self.clock.fetch_add(1_000, Ordering::Relaxed))
    }

    pub fn pass_seconds(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    pub async fn person(&self, name: &str) -> User {
        self.storage.create_user(&new_user(name), self.now()).await.unwrap()
    }

    pub async fn document(&self, owner: &User, title: &str) -> DocumentId {
        let id = DocumentId::from_uuid(Uuid::now_v7());
        let new = NewDocument { id, title: title.into(), owner: owner.id };
        self.storage.create_document(&new, self.now()).await.unwrap();
        id
    }

    pub async fn give(&self, document: DocumentId, user: &User, role: Role, by: &User) {
        self.storage.put_grant(document, user.id, role, None, by.id.into(), self.now()).await.unwrap();
    }

    /// Appends one row to a document, wherever its head is.
    pub async fn write(&self, document: DocumentId, author: &User, bytes: &[u8]) -> Seq {
        let head = self.storage.open_log(document).await.unwrap().head;
        let append = Append { acl_version: head.acl_version, ..append(document, head.seq.0, author.id, &[bytes]) };
        match self.storage.append(&[append]).await.unwrap().remove(0) {
            Appended::Committed { last, .. } => last,
            other => panic!("not written: {other:?}"),
        }
    }

    /// Changes the database behind the storage's back.
    pub async fn tamper(&self, sql: &'static str) -> u64 {
        let mut connection = self.behind_the_back().await;
        let changed = sqlx::query(sql).execute(&mut connection).await.unwrap().rows_affected();
        connection.close().await.unwrap();
        changed
    }

    /// Begins to write behind the storage's back, until the answer is dropped.
    pub async fn hold_the_writer(&self) -> SqliteConnection {
        let mut connection = self.behind_the_back().await;
        sqlx::query("begin immediate").execute(&mut connection).await.unwrap();
        connection
    }

    async fn behind_the_back(&self) -> SqliteConnection {
        let file = self.folder.path().join("stet.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).foreign_keys(false);
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}

pub fn new_user(name: &str) -> NewUser {
    NewUser {
        id: UserId::from_uuid(Uuid::now_v7()),
        username: name.into(),
        email: format!("{name}@example.org"),
        display_name: name.into(),
        color: "#3366cc".into(),
        password_hash: "$argon2id$not-verified-here".into(),
        standing: Standing::Member,
    }
}

/// Rows by one author, after row `expected`, under acl_version 0.
pub fn append(document: DocumentId, expected: i64, author: impl Into<ActorId>, rows: &[&[u8]]) -> Append {
    let actor = author.into();
    let row = |bytes: &&[u8]| Row {
        actor,
        on_behalf_of: None,
        via_link: None,
        connection: Uuid::from_u128(7),
        at: Moment(1_800_000_100_000_000),
        kind: UpdateKind::Edit,
        ranges: vec![1, 2, 3],
        bytes: bytes.to_vec(),
    };
    Append {
        document,
        expected_seq: Seq(expected),
        acl_version: 0,
        claims: vec![],
        rows: rows.iter().map(row).collect(),
    }
}

pub fn committed(first: i64, last: i64) -> Appended {
    Appended::Committed { first: Seq(first), last: Seq(last) }
}
