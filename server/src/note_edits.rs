//! Writes the "edited" events: keystrokes write none, a sweep over the documents that moved does, one event for each
//! document and person.

use std::time::Duration;

use storage::Storage;
use tokio::time::{MissedTickBehavior, interval};

/// How late an event may be.
const EVERY: Duration = Duration::from_secs(5);

/// Documents in one transaction. It is short, because appends wait for it.
const DOCUMENTS_MAX: usize = 20;

/// Starts the task; it ends with the process. What it did not come to is noted after the next start.
pub fn start(storage: Storage) {
    tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            while more(&storage).await {
                tokio::task::yield_now().await;
            }
        }
    });
}

async fn more(storage: &Storage) -> bool {
    match storage.note_edits(DOCUMENTS_MAX).await {
        Ok(noted) => noted == DOCUMENTS_MAX,
        Err(error) => {
            tracing::warn!(%error, "edits were not noted; the next sweep tries again");
            false
        }
    }
}
