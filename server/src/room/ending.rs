//! How a room leaves: when nobody is here and nothing is on its way, it writes its snapshot and goes. It takes commands
//! all the while; somebody who comes keeps it open.

use std::time::Duration;

use bytes::Bytes;
use crdt::state::Snapshot;
use storage::Seq;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{debug, warn};

use super::{Flow, Room};
use crate::clock;
use crate::limits::SNAPSHOT_TRIES_MAX;

/// What a room knows of its own end.
pub(super) struct Ending {
    /// When the room shall try to end, if nobody comes.
    pub(super) due: Option<Instant>,
    /// The snapshot that is being written.
    pub(super) writing: Option<JoinHandle<(Seq, Result<(), String>)>>,
    idle: Duration,
    tries: u32,
    /// A state for the snapshot was asked for.
    asked: bool,
    /// The server stops: there is no waiting for people, and nobody comes in.
    pub(super) stopping: bool,
}

impl Ending {
    /// A room that nobody has entered ends after `idle`.
    pub(super) fn after(idle: Duration) -> Ending {
        Ending { due: Some(Instant::now() + idle), writing: None, idle, tries: 0, asked: false, stopping: false }
    }

    pub(super) fn plan(&mut self) {
        let wait = if self.stopping { Duration::ZERO } else { self.idle };
        self.due = Some(Instant::now() + wait);
    }

    pub(super) fn stay(&mut self) {
        self.due = None;
        self.tries = 0;
    }
}

impl Room {
    pub(super) fn shut_down(&mut self) {
        self.send_everybody_away(1012, "restarting");
        self.ending.stopping = true;
        self.ending.plan();
    }

    /// Ends the room if it is quiet and its snapshot stands; otherwise takes the next step towards that.
    pub(super) fn try_to_end(&mut self) -> Flow {
        self.ending.due = None;
        if !self.slots.is_empty() || self.ending.writing.is_some() || self.ending.asked {
            return Flow::On;
        }
        if !self.is_quiet() {
            // A room that stops ends when it is quiet, and not by the clock.
            if !self.ending.stopping {
                self.ending.plan();
            }
            return Flow::On;
        }
        if self.head > self.snapshot_seq && self.ending.tries < SNAPSHOT_TRIES_MAX {
            self.ending.asked = true;
            self.ask_state_for_ending();
            return Flow::On;
        }
        if self.around.rooms.retire(self.document, &self.commands) {
            debug!(document = %self.document, seq = self.head.0, "room ended");
            return Flow::End;
        }
        self.ending.plan();
        Flow::On
    }

    /// While the server stops there is nobody to wait for, only work.
    pub(super) fn end_when_quiet(&mut self) {
        let ending = &self.ending;
        if ending.stopping && ending.due.is_none() && ending.writing.is_none() && !ending.asked && self.is_quiet() {
            self.ending.plan_now();
        }
    }

    pub(super) fn write_snapshot(&mut self) {
        self.ending.asked = false;
        let (storage, document) = (self.around.storage.clone(), self.document);
        let (seq, state) = (self.base_seq, std::sync::Arc::clone(&self.base));
        self.ending.writing = Some(tokio::spawn(async move {
            let encoded = tokio::task::spawn_blocking(move || Snapshot::encode(&state)).await;
            let written = match encoded {
                Ok(bytes) => storage
                    .put_snapshot(document, seq, Bytes::from(bytes), clock::now())
                    .await
                    .map_err(|failure| failure.to_string()),
                Err(failure) => Err(failure.to_string()),
            };
            (seq, written.map(drop))
        }));
    }

    pub(super) fn snapshot_written(&mut self, written: Option<(Seq, Result<(), String>)>) {
        match written {
            Some((seq, Ok(()))) => {
                self.snapshot_seq = seq;
                self.ending.tries = 0;
            }
            Some((_, Err(failure))) => {
                warn!(document = %self.document, failure, "the snapshot was not written; the log holds everything");
                self.ending.tries += 1;
            }
            None => self.ending.tries += 1,
        }
        if self.slots.is_empty() {
            self.ending.plan_now();
        }
    }

    pub(super) fn snapshot_failed(&mut self) {
        self.ending.asked = false;
        self.ending.tries += 1;
        if self.slots.is_empty() {
            self.ending.plan_now();
        }
    }
}

impl Ending {
    fn plan_now(&mut self) {
        self.due = Some(Instant::now());
    }
}
