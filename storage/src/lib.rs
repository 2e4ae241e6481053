//! What is kept: the log of updates, snapshots, documents, people, sessions, grants, events and the audit log.
//!
//! Updates and snapshots are bytes here: nothing in this crate decodes them. Time is an argument of every act; only
//! salts and the names of objects are drawn from the system's randomness.

mod access;
mod audit_log;
mod database;
mod documents;
mod error;
mod events;
mod grants;
mod instance;
mod lists;
mod objects;
mod sessions;
mod snapshots;
mod update_log;
mod users;
mod value;

use std::path::PathBuf;
use std::sync::Arc;

pub use access::{DocumentAccess, Versions};
pub use audit_log::AuditRow;
pub use database::Checkpoint;
pub use documents::{CreateDocumentError, Document, DocumentError, NewDocument};
pub use error::{StartError, StorageError};
pub use events::{Event, kind};
pub use grants::{GrantError, Granted};
pub use lists::{ListQuery, Page, Sort, View};
pub use sessions::{NewSession, RefreshError, Session};
pub use snapshots::SnapshotPointer;
pub use update_log::{Append, Appended, Head, LoggedRow, OpenError, OpenLog, Row, Seq, UpdateKind};
pub use users::{CreateUserError, NewUser, ProfileChange, Standing, User};

/// Where things are kept.
#[derive(Clone, Debug)]
pub struct StorageConfig {
    /// The folder of the database file (`stet.db`) and of the objects (`objects/`). Made if it is not there.
    pub data: PathBuf,
}

/// The one door to everything that is kept. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    inner: Arc<Inner>,
}

struct Inner {
    database: database::Database,
    objects: objects::Objects,
}

impl Storage {
    /// Opens the data folder, makes what is missing and brings the database to this version of the program.
    pub async fn open(config: StorageConfig) -> Result<Self, StartError> {
        let data_folder = |source| StartError::DataFolder { path: config.data.clone(), source };
        tokio::fs::create_dir_all(&config.data).await.map_err(data_folder)?;
        // The database would say only "unable to open database file".
        let probe = config.data.join("stet.probe");
        tokio::fs::write(&probe, b"").await.map_err(data_folder)?;
        tokio::fs::remove_file(&probe).await.map_err(data_folder)?;

        let objects = objects::Objects::open(&config.data.join("objects")).await?;
        let database = database::Database::open(&config.data.join("stet.db")).await?;
        Ok(Self { inner: Arc::new(Inner { database, objects }) })
    }

    /// Moves what can be moved from SQLite's write-ahead log into its file. Nothing else does; a task calls it every
    /// few seconds, so that no commit has to.
    pub async fn checkpoint(&self) -> Result<Checkpoint, StorageError> {
        Ok(self.database().checkpoint().await?)
    }

    /// Finishes what is running and closes every connection. Later calls fail.
    pub async fn close(&self) {
        self.database().close().await;
    }

    fn database(&self) -> &database::Database {
        &self.inner.database
    }

    fn objects(&self) -> &objects::Objects {
        &self.inner.objects
    }
}
