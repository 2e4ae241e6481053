//! How somebody gets the present. A join is taken at the committed seq J; it gets the state of a seq S ≥ J, then every
//! update after S, in order, and nothing before. So nobody is sent text that was deleted before he joined.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use crdt::ranges::StateVector;
use crdt::state::State;
use crdt::{frame, scan};
use storage::Seq;
use tokio::sync::oneshot;
use tracing::{error, warn};

use super::Room;
use super::people::Phase;
use crate::limits::TAIL_BYTES_MIN;
use crate::materialise::MaterialiseError;
use crate::peer::{Sent, binary_frame, put_binary_frame};
use crate::rooms::RoomError;

/// Somebody who waits for a state of at least a seq.
pub(super) struct Joining {
    who: Joiner,
    at_least: Seq,
}

enum Joiner {
    /// A connection, with what it says it has.
    Peer { id: u64, vector: StateVector },
    /// A call of the API.
    Call(oneshot::Sender<Result<(Arc<State>, Seq), RoomError>>),
    /// The room itself, which ends and wants to write its snapshot.
    Ending,
}

impl Room {
    pub(super) fn sync(&mut self, id: u64, vector: StateVector) {
        if let Some(slot) = self.slots.get_mut(&id) {
            if slot.phase == Phase::Greeted {
                slot.phase = Phase::Joining;
            }
            self.wait_for_state(Joiner::Peer { id, vector });
        }
    }

    pub(super) fn ask_state(&mut self, answer: oneshot::Sender<Result<(Arc<State>, Seq), RoomError>>) {
        self.wait_for_state(Joiner::Call(answer));
    }

    pub(super) fn ask_state_for_ending(&mut self) {
        self.wait_for_state(Joiner::Ending);
    }

    fn wait_for_state(&mut self, who: Joiner) {
        if let Joiner::Peer { id, .. } = &who {
            // Asking again replaces the question: one answer is owed.
            self.joining.retain(|joining| !matches!(&joining.who, Joiner::Peer { id: other, .. } if other == id));
        }
        self.joining.push(Joining { who, at_least: self.head });
    }

    /// Serves those who can be served, and starts one materialisation for the others. Who comes during one waits for
    /// the next.
    pub(super) fn start_materialising(&mut self) {
        self.serve_joining();
        let wanted = !self.joining.is_empty() || !self.parked.is_empty();
        if wanted && self.materialising.is_none() {
            self.materialise();
        }
    }

    fn materialise(&mut self) {
        let seq = self.head;
        let base = (self.base_seq > Seq(0)).then(|| Arc::clone(&self.base));
        let tail: Vec<Bytes> = self.tail.iter().map(|update| update.bytes.clone()).collect();
        let materialiser = self.around.materialiser.clone();
        self.materialising = Some(tokio::spawn(async move { (seq, materialiser.materialise(base, tail).await) }));
    }

    /// Folds a long tail into the state in memory, so that the next join has little to do.
    pub(super) fn fold_if_long(&mut self) {
        if self.tail_bytes > TAIL_BYTES_MIN.max(self.base.update.len()) && self.materialising.is_none() {
            self.materialise();
        }
    }

    pub(super) fn materialised(&mut self, done: Option<(Seq, Result<State, MaterialiseError>)>) {
        match done {
            Some((seq, Ok(state))) => self.rebase(seq, state),
            Some((seq, Err(failure))) => self.no_state(seq, &failure),
            None => self.no_state(self.head, &MaterialiseError::BrokenOff),
        }
    }

    fn rebase(&mut self, seq: Seq, state: State) {
        self.known.learn_deleted(&state.deleted);
        self.base = Arc::new(state);
        self.base_seq = seq;
        self.base_frame = None;
        let first_after = self.tail.iter().position(|update| update.seq > seq).unwrap_or(self.tail.len());
        self.tail.drain(..first_after);
        self.tail_bytes = self.tail.iter().map(|update| update.bytes.len()).sum();
        self.serve_joining();
        self.unpark();
    }

    /// The document is whole in the log, only its state cannot be made: nobody is served something else instead.
    fn no_state(&mut self, seq: Seq, failure: &MaterialiseError) {
        error!(document = %self.document, seq = seq.0, %failure, "no state could be made");
        for joining in std::mem::take(&mut self.joining) {
            match joining.who {
                Joiner::Peer { id, .. } => {
                    if let Some(slot) = self.slots.get(&id) {
                        slot.peer.close(1011, "document_unreadable");
                    }
                }
                Joiner::Call(answer) => {
                    let _ = answer.send(Err(RoomError::Unavailable));
                }
                Joiner::Ending => self.snapshot_failed(),
            }
        }
        self.send_parked_away(1011, "document_unreadable");
    }

    fn serve_joining(&mut self) {
        let base_seq = self.base_seq;
        let (ready, waiting) =
            std::mem::take(&mut self.joining).into_iter().partition(|joining| joining.at_least <= base_seq);
        self.joining = waiting;
        let ready: Vec<Joining> = ready;
        for joining in ready {
            match joining.who {
                Joiner::Peer { id, vector } => self.serve(id, &vector),
                Joiner::Call(answer) => {
                    let _ = answer.send(Ok((Arc::clone(&self.base), self.base_seq)));
                }
                Joiner::Ending => self.write_snapshot(),
            }
        }
    }

    /// Sends the state as SyncStep2, then what was committed since.
    fn serve(&mut self, id: u64, vector: &StateVector) {
        let Some(frames) = self.first_sync(vector) else {
            warn!(document = %self.document, "the state does not scan");
            if let Some(slot) = self.slots.get(&id) {
                slot.peer.close(1011, "document_unreadable");
            }
            return;
        };
        let base_seq = self.base_seq;
        if let Some(slot) = self.slots.get_mut(&id) {
            // Full: the answer to an earlier question still waits, and what follows it covers this one too.
            let sent = slot.peer.send_first(&frames);
            if sent == Sent::Yes && slot.phase != Phase::Live {
                slot.position = base_seq;
                self.send_tail(id);
            }
        }
    }

    fn first_sync(&mut self, vector: &StateVector) -> Option<Bytes> {
        if vector.iter().next().is_some() {
            let scanned = scan::scan(&self.base.update).ok()?;
            let difference = scan::difference(&self.base.update, &scanned, vector);
            return Some(binary_frame(&frame::sync_step2(&difference)));
        }
        let base = &self.base;
        Some(self.base_frame.get_or_insert_with(|| binary_frame(&frame::sync_step2(&base.update))).clone())
    }

    /// The outbox of somebody who was behind has drained: he goes on from his position.
    pub(super) fn catch_up(&mut self, id: u64) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        if slot.phase != Phase::Behind {
            return;
        }
        if slot.position < self.base_seq {
            // What he lacks was folded into the state: he gets that, whole.
            slot.phase = Phase::Joining;
            self.wait_for_state(Joiner::Peer { id, vector: StateVector::default() });
            return;
        }
        self.send_tail(id);
    }

    /// Sends the tail after the peer's position and makes him live.
    fn send_tail(&mut self, id: u64) {
        let head = self.head;
        let Some(slot) = self.slots.get_mut(&id) else { return };
        slot.phase = Phase::Live;
        let from = self.tail.partition_point(|update| update.seq <= slot.position);
        let mut rest = self.tail.iter().skip(from).peekable();
        while slot.phase == Phase::Live
            && let Some(first) = rest.next()
        {
            // Updates of one row share a seq and go together, so that a position never stops inside a row.
            let mut frames = BytesMut::new();
            put_binary_frame(&mut frames, &frame::update(&first.bytes));
            let mut seq = first.seq;
            while let Some(next) = rest.next_if(|next| next.seq == seq || frames.len() < CATCH_UP_FRAMES_BYTES) {
                seq = next.seq;
                put_binary_frame(&mut frames, &frame::update(&next.bytes));
            }
            slot.deliver(&frames.freeze(), seq);
        }
        if slot.phase == Phase::Live {
            slot.position = head;
        }
    }
}

/// Updates of a catch-up that go out in one system call, in bytes.
const CATCH_UP_FRAMES_BYTES: usize = 64 * 1024;
