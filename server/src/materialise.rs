//! Turning a base and its tail into a state, off the rooms' tasks: on a blocking thread, and under a permit for memory,
//! because a live document takes up to twenty times its encoded bytes.

use std::sync::Arc;

use bytes::Bytes;
use crdt::state::{self, State, StateError};
use tokio::sync::Semaphore;

use crate::limits::{MATERIALISE_BYTES_MAX, MATERIALISE_FACTOR};

/// Hands out memory for materialisations, in kilobytes.
#[derive(Clone)]
pub struct Materialiser {
    kilobytes: Arc<Semaphore>,
}

/// Why no state came out.
#[derive(Debug, thiserror::Error)]
pub enum MaterialiseError {
    /// The stored updates do not make a document.
    #[error("the stored updates do not make a document: {0}")]
    State(#[from] StateError),
    /// The thread that did the work died, or the server is ending.
    #[error("materialising was broken off")]
    BrokenOff,
}

impl Materialiser {
    /// A materialiser with the whole budget free.
    pub fn new() -> Materialiser {
        Materialiser { kilobytes: Arc::new(Semaphore::new(MATERIALISE_BYTES_MAX / 1024)) }
    }

    /// Applies `tail` to `base`. Waits for memory first.
    ///
    /// # Errors
    /// When the bytes make no document, or the work was broken off.
    pub async fn materialise(&self, base: Option<Arc<State>>, tail: Vec<Bytes>) -> Result<State, MaterialiseError> {
        let encoded = base.as_ref().map_or(0, |base| base.update.len()) + tail.iter().map(Bytes::len).sum::<usize>();
        // A document that would need more than the whole budget waits for all of it.
        let cost = (encoded * MATERIALISE_FACTOR).clamp(1024, MATERIALISE_BYTES_MAX) / 1024;
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        let memory =
            Arc::clone(&self.kilobytes).acquire_many_owned(cost).await.map_err(|_| MaterialiseError::BrokenOff)?;
        let work = tokio::task::spawn_blocking(move || {
            let _memory = memory;
            let tail: Vec<&[u8]> = tail.iter().map(Bytes::as_ref).collect();
            state::materialise(base.as_deref().map(|base| base.update.as_slice()), &tail)
        });
        Ok(work.await.map_err(|_| MaterialiseError::BrokenOff)??)
    }
}
