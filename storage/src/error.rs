//! What can go wrong beneath every call. Errors of one act stand beside that act and wrap this one.

/// The database or the object store failed, or holds something that cannot have been written by this program.
#[derive(thiserror::Error, Debug)]
pub enum StorageError {
    /// The database refused or did not answer.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The object store refused or did not answer.
    #[error("object store: {0}")]
    Objects(#[from] object_store::Error),
    /// An object was written and reads back as something else.
    #[error("the object {key} reads back different from what was written")]
    ReadBack {
        /// The key of the object.
        key: String,
    },
    /// A stored thing breaks a rule that every write keeps.
    #[error("stored data is damaged: {0}")]
    Damaged(&'static str),
}

/// Why the storage could not be opened.
#[derive(thiserror::Error, Debug)]
pub enum StartError {
    /// The data folder cannot be made or written to.
    #[error("cannot write to the data folder {}: {source}", path.display())]
    DataFolder {
        /// The folder.
        path: std::path::PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The database was last opened by a newer version of this program.
    #[error("the database is newer than this program (it has migration {migration}); start the newer version")]
    NewerDatabase {
        /// The first migration that this program does not know.
        migration: i64,
    },
    /// The database could not be brought to this version.
    #[error("cannot bring the database up to date: {0}")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database cannot be opened.
    #[error("cannot open the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The object store cannot be opened or written to.
    #[error("cannot write to the object store: {0}")]
    Objects(#[from] object_store::Error),
}
