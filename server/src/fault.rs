//! Fault points: places where a test may hold back or break what otherwise always works. They exist in development
//! builds only; in a release build every call is empty.
//!
//! `STET_FAULT=commit_delay_ms:3000` holds every commit of updates back for three seconds. `commit_lost_at:N` drops the
//! N-th commit as a failing disk would, `commit_unheard_at:N` makes it but lets nobody hear of it, as a connection that
//! breaks during COMMIT. Several are separated by commas.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Waits before a commit when the test says so.
pub async fn before_commit() {
    if let Some(milliseconds) = value("commit_delay_ms") {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
}

/// What becomes of a commit.
pub enum Fate {
    /// It is made, and its outcome told.
    Told,
    /// It is not made, and nothing is told.
    Lost,
    /// It is made, and nothing is told.
    Unheard,
}

/// What shall become of the next commit.
pub fn fate() -> Fate {
    let Some(at) = value("commit_lost_at").or(value("commit_unheard_at")) else { return Fate::Told };
    static COMMITS: AtomicU64 = AtomicU64::new(0);
    match COMMITS.fetch_add(1, Ordering::Relaxed) + 1 == at {
        false => Fate::Told,
        true if value("commit_lost_at").is_some() => Fate::Lost,
        true => Fate::Unheard,
    }
}

#[cfg(debug_assertions)]
fn value(name: &str) -> Option<u64> {
    use std::sync::OnceLock;
    static FAULTS: OnceLock<Vec<(String, u64)>> = OnceLock::new();
    let faults = FAULTS.get_or_init(|| {
        let text = std::env::var("STET_FAULT").unwrap_or_default();
        text.split(',')
            .filter_map(|fault| {
                let (name, value) = fault.split_once(':')?;
                Some((name.trim().to_owned(), value.trim().parse().ok()?))
            })
            .collect()
    });
    faults.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
}

#[cfg(not(debug_assertions))]
const fn value(_: &str) -> Option<u64> {
    None
}
