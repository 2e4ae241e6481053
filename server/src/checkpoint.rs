//! Moves the write-ahead log of the embedded database into its file, off the commit path: a commit that had to do it
//! would be the one that everybody waits for.

use storage::Storage;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, warn};

use crate::limits::CHECKPOINT_EVERY;

/// Starts the task; it ends with the process.
pub fn start(storage: Storage) {
    tokio::spawn(async move {
        let mut ticks = interval(CHECKPOINT_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match storage.checkpoint().await {
                Ok(done) if done.log_pages > 0 => {
                    debug!(pages = done.log_pages, moved = done.moved_pages, "checkpoint")
                }
                Ok(_) => {}
                Err(failure) => warn!(%failure, "a checkpoint failed; the log grows until one succeeds"),
            }
        }
    });
}
