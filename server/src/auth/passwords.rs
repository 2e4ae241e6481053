//! Hashes and compares passwords, a few at a time: one takes 19 MiB and tens of milliseconds of a core.

use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use acl::password;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use crate::error::{Answer, ApiError};

/// How long a request waits for its turn before it is told to come back.
const TURN_WAIT: Duration = Duration::from_secs(20);

/// Takes turns at the machine's cores.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    /// One hash at a time for every two cores, so that a flood of sign-ins leaves room for the documents.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { turns: Arc::new(Semaphore::new((cores / 2).max(1))) }
    }

    /// The hash of a new password.
    pub async fn hash(&self, password: String) -> Answer<String> {
        let turn = self.turn().await?;
        let salt = rand::random();
        let hashed = spawn_blocking(move || {
            let _turn = turn;
            password::hash(&password, &salt)
        });
        hashed.await.map_err(ApiError::internal)?.map_err(ApiError::internal)
    }

    /// Whether the password is the one behind `phc`. Without one, the same work is done and the answer is no: how long
    /// it takes does not tell whether there is such a user.
    pub async fn matches(&self, password: String, phc: Option<String>) -> Answer<bool> {
        let turn = self.turn().await?;
        let compared = spawn_blocking(move || {
            let _turn = turn;
            let matches = password::verify(&password, phc.as_deref().unwrap_or(password::DUMMY_HASH));
            matches && phc.is_some()
        });
        compared.await.map_err(ApiError::internal)
    }

    async fn turn(&self) -> Answer<OwnedSemaphorePermit> {
        match tokio::time::timeout(TURN_WAIT, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(turn) => turn.map_err(ApiError::internal),
            Err(_) => Err(ApiError::unavailable("too many passwords wait to be compared")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let passwords = Passwords::new();
        let phc = passwords.hash("correct horse".into()).await.unwrap();
        assert!(passwords.matches("correct horse".into(), Some(phc.clone())).await.unwrap());
        assert!(!passwords.matches("wrong horse".into(), Some(phc)).await.unwrap());
        assert!(!passwords.matches("correct horse".into(), None).await.unwrap());
    }
}
