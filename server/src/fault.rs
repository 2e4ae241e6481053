//! Fault points: places where a test may hold back or break what otherwise always works. They exist in development
//! builds only; in a release build every call is empty.
//!
//! `STET_FAULT=commit_delay_ms:3000` holds every commit of updates back for three seconds. Several are separated by
//! commas.

use std::time::Duration;

/// Waits before a commit when the test says so.
pub async fn before_commit() {
    if let Some(milliseconds) = value("commit_delay_ms") {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
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
