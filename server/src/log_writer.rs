//! The one writer of the update log in this process. While a commit is on its way to the disk the next batch gathers, so
//! the disk's own pace groups the commits of all rooms and no timer needs tuning.

use std::sync::Arc;

use storage::{Append, Appended, Storage, StorageError};
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use crate::fault::{self, Fate};
use crate::limits::{COMMIT_BYTES_MAX, COMMIT_ROOMS_MAX};

/// Takes appends from rooms. Each room has at most one on its way, so the queue is bounded by the number of rooms.
#[derive(Clone)]
pub struct LogWriter {
    appends: mpsc::UnboundedSender<Request>,
}

/// What became of a room's append. The error is shared by all rooms of a failed commit.
pub type Outcome = Result<Appended, Arc<StorageError>>;

struct Request {
    append: Append,
    answer: oneshot::Sender<Outcome>,
}

impl LogWriter {
    /// Starts the writer's task; it ends when the last room has gone.
    pub fn start(storage: Storage) -> LogWriter {
        let (appends, requests) = mpsc::unbounded_channel();
        tokio::spawn(write(storage, requests));
        LogWriter { appends }
    }

    /// Hands one room's part of the next commit over. The answer comes after the commit; a dropped answer means that
    /// the writer has ended.
    pub fn append(&self, append: Append) -> oneshot::Receiver<Outcome> {
        let (answer, outcome) = oneshot::channel();
        // A failed send drops the answer, which is how the room learns of it.
        let _ = self.appends.send(Request { append, answer });
        outcome
    }
}

async fn write(storage: Storage, mut requests: mpsc::UnboundedReceiver<Request>) {
    let mut left_over = None;
    loop {
        let Some(first) = next(&mut left_over, &mut requests).await else { return };
        let mut bytes = size(&first);
        let mut batch = vec![first.append];
        let mut answers = vec![first.answer];
        while batch.len() < COMMIT_ROOMS_MAX {
            let Ok(request) = requests.try_recv() else { break };
            bytes += size(&request);
            if bytes > COMMIT_BYTES_MAX {
                left_over = Some(request);
                break;
            }
            batch.push(request.append);
            answers.push(request.answer);
        }
        fault::before_commit().await;
        match fault::fate() {
            Fate::Told => tell(storage.append(&batch).await, answers),
            // A dropped answer is an unknown outcome: the rooms end, and their next opening reads the log.
            Fate::Lost => drop(answers),
            Fate::Unheard => drop((storage.append(&batch).await, answers)),
        }
    }
}

async fn next(left_over: &mut Option<Request>, requests: &mut mpsc::UnboundedReceiver<Request>) -> Option<Request> {
    match left_over.take() {
        Some(request) => Some(request),
        None => requests.recv().await,
    }
}

/// A room that closed while its append was on its way does not hear the outcome; the log holds it all the same.
fn tell(committed: Result<Vec<Appended>, StorageError>, answers: Vec<oneshot::Sender<Outcome>>) {
    match committed {
        Ok(outcomes) => {
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                let _ = answer.send(Ok(outcome));
            }
        }
        Err(failure) => {
            error!(rooms = answers.len(), %failure, "a commit of updates failed");
            let failure = Arc::new(failure);
            for answer in answers {
                let _ = answer.send(Err(Arc::clone(&failure)));
            }
        }
    }
}

fn size(request: &Request) -> usize {
    request.append.rows.iter().map(|row| row.bytes.len()).sum()
}
