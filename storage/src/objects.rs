//! The object store: immutable bytes under keys that are never reused.

use std::path::Path as FilePath;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use uuid::Uuid;

use crate::error::StartError;

pub(crate) struct Objects(Box<dyn ObjectStore>);

impl Objects {
    /// Opens a local folder, which is made if need be, and writes to it once: better to hear now than when the first
    /// snapshot is due.
    pub(crate) async fn open(folder: &FilePath) -> Result<Self, StartError> {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|source| StartError::DataFolder { path: folder.to_path_buf(), source })?;
        let objects = Self(Box::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)));
        let probe = format!("probe/{}", Uuid::now_v7());
        objects.put(&probe, Bytes::from_static(b"stet")).await?;
        objects.0.delete(&Path::from(probe)).await?;
        Ok(objects)
    }

    /// Writes an object that is not there yet. Durable when it returns.
    pub(crate) async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Error> {
        self.0.put_opts(&Path::from(key), PutPayload::from(bytes), PutMode::Create.into()).await?;
        Ok(())
    }

    /// The bytes of an object.
    pub(crate) async fn get(&self, key: &str) -> Result<Bytes, Error> {
        self.0.get(&Path::from(key)).await?.bytes().await
    }
}
