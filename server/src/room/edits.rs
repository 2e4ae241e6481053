//! The road of a keystroke, in named stages: authorise, admit, append, publish.

use std::collections::{HashMap, VecDeque};

use acl::{Access, Action, ActorId, may};
use bytes::{Bytes, BytesMut};
use crdt::known::{Admit, News};
use crdt::ranges::{ClientId, Ranges};
use crdt::{frame, row};
use storage::{Append, Appended, Row, Seq, UpdateKind};
use tokio::sync::oneshot;
use tracing::{info, warn};
use uuid::Uuid;

use super::people::{Phase, Slot};
use super::{Author, Flow, Incoming, Room, TailUpdate};
use crate::clock;
use crate::limits::{BATCH_UPDATES_MAX, CATCH_UP_BYTES_MAX};
use crate::log_writer::Outcome;
use crate::peer::{Sent, binary_frame, put_binary_frame};
use crate::rooms::RoomError;

/// An update that waits to be admitted.
pub(super) struct Work {
    source: Source,
    incoming: Incoming,
    /// The last seq that had brought text when this came in: what its sender can have seen.
    seen: Seq,
}

enum Source {
    Peer(u64),
    Call { author: Author, answer: oneshot::Sender<Result<Seq, RoomError>> },
}

/// The batch whose commit is awaited.
pub(super) struct InFlight {
    pub(super) outcome: oneshot::Receiver<Outcome>,
    admitted: Vec<Admitted>,
    claims: Vec<(ClientId, ActorId)>,
}

/// An update that was admitted to the batch, with what shall happen once the batch has committed.
struct Admitted {
    work: Work,
    verdict: Verdict,
}

enum Verdict {
    /// These bytes are new; they stand in this row of the batch.
    News { bytes: Bytes, row: usize, insertion: bool },
    /// Nothing in it is new; all it rests on commits with the batch at the latest.
    Nothing,
}

/// The author of consecutive updates, which share a row of the log.
#[derive(PartialEq, Eq)]
struct Hand {
    actor: ActorId,
    connection: Uuid,
    kind: UpdateKind,
}

struct Batch {
    rows: Vec<(Hand, Vec<Bytes>, Ranges, Ranges)>,
    admitted: Vec<Admitted>,
    claims: Vec<(ClientId, ActorId)>,
}

impl Room {
    pub(super) fn update(&mut self, peer: u64, incoming: Incoming) {
        if let Some(slot) = self.slots.get_mut(&peer) {
            if incoming.whole {
                slot.asked = false;
            }
            self.queue(Work { source: Source::Peer(peer), incoming, seen: self.newest_insertion });
        }
    }

    pub(super) fn edit(&mut self, author: Author, incoming: Incoming, answer: oneshot::Sender<Result<Seq, RoomError>>) {
        self.queue(Work { source: Source::Call { author, answer }, incoming, seen: self.newest_insertion });
    }

    fn queue(&mut self, work: Work) {
        self.waiting_bytes += work.incoming.bytes.len();
        self.waiting.push_back(work);
    }

    /// Admits what has gathered and sends it to the log, unless a commit is under way already.
    pub(super) fn start_batch(&mut self) {
        if self.in_flight.is_some() || self.reading_access.is_some() {
            return;
        }
        if self.waiting.is_empty() && self.reservations.is_empty() {
            return;
        }
        let mut batch =
            Batch { rows: Vec::new(), admitted: Vec::new(), claims: std::mem::take(&mut self.reservations) };
        for _ in 0..BATCH_UPDATES_MAX {
            let Some(work) = self.waiting.pop_front() else { break };
            self.waiting_bytes = self.waiting_bytes.saturating_sub(work.incoming.bytes.len());
            self.take_in(work, &mut batch);
        }
        if batch.rows.is_empty() && batch.claims.is_empty() {
            // Nothing to commit, so nothing to wait for.
            self.publish(batch.admitted, self.head);
            return;
        }
        self.append(batch);
    }

    /// Stages 1 and 2 for one update: may its author write, and what in it is new?
    fn take_in(&mut self, work: Work, batch: &mut Batch) {
        let Some(hand) = self.authorise(&work) else {
            if let Source::Call { answer, .. } = work.source {
                let _ = answer.send(Err(RoomError::Forbidden));
            }
            return;
        };
        if self.must_be_fresher(&work) {
            self.parked.push(work);
            return;
        }
        let owners = &self.owners;
        let foreign = |client: ClientId| owners.get(&client).is_some_and(|owner| *owner != hand.actor);
        match self.known.admit(&work.incoming.bytes, &work.incoming.scan, &foreign) {
            Admit::News(news) => self.take_news(work, hand, news, batch),
            Admit::Nothing => batch.admitted.push(Admitted { work, verdict: Verdict::Nothing }),
            Admit::Gap => self.answer_gap(work),
            Admit::Foreign(clients) => self.answer_foreign(&work, &clients),
        }
    }

    /// Stage 1. A reader may say again what everybody has; anything else ends his connection.
    fn authorise(&self, work: &Work) -> Option<Hand> {
        match &work.source {
            Source::Peer(id) => {
                let slot = self.slots.get(id)?;
                if !may(slot.access.role, Action::Write) && self.adds_something(work) {
                    info!(document = %self.document, actor = %slot.holder.actor, "a reader tried to write");
                    slot.refuse("read_only");
                    return None;
                }
                Some(Hand { actor: slot.holder.actor, connection: slot.peer.connection, kind: UpdateKind::Edit })
            }
            Source::Call { author, .. } => may(author.access.role, Action::Write).then_some(Hand {
                actor: author.actor,
                connection: author.connection,
                kind: author.kind,
            }),
        }
    }

    fn adds_something(&self, work: &Work) -> bool {
        self.adds_text(&work.incoming) || (self.adds_deletions(&work.incoming) && !self.must_be_fresher(work))
    }

    fn adds_text(&self, incoming: &Incoming) -> bool {
        let vector = self.known.state_vector();
        incoming
            .scan
            .inserted()
            .iter()
            .any(|(client, ranges)| ranges.iter().any(|range| range.end > vector.get(client)))
    }

    fn adds_deletions(&self, incoming: &Incoming) -> bool {
        !incoming.scan.deleted().subtract(self.known.deleted()).is_empty()
    }

    /// Integration deletes by itself, and no delete set on the wire says so. When all that a SyncStep2 brings is
    /// deletions, and text came in since the last materialised state, that state may hold them already.
    fn must_be_fresher(&self, Work { incoming, seen, .. }: &Work) -> bool {
        incoming.whole && *seen > self.base_seq && !self.adds_text(incoming) && self.adds_deletions(incoming)
    }

    fn take_news(&mut self, work: Work, hand: Hand, news: News, batch: &mut Batch) {
        for client in news.inserted.clients() {
            if self.owners.insert(client, hand.actor).is_none() {
                batch.claims.push((client, hand.actor));
            }
        }
        if !news.foreign.is_empty() {
            self.answer_foreign(&work, &news.foreign);
        }
        if news.missing {
            self.ask_for_the_rest(&work);
        }
        // The frame's buffer is larger than the update; a copy of the right size is what the tail keeps.
        let bytes = news.bytes.map_or_else(|| Bytes::copy_from_slice(&work.incoming.bytes), Bytes::from);
        let insertion = !news.inserted.is_empty();
        match batch.rows.last_mut() {
            Some((last, updates, inserted, deleted)) if *last == hand => {
                updates.push(bytes.clone());
                inserted.union_with(&news.inserted);
                deleted.union_with(&news.deleted);
            }
            _ => batch.rows.push((hand, vec![bytes.clone()], news.inserted, news.deleted)),
        }
        let row = batch.rows.len() - 1;
        batch.admitted.push(Admitted { work, verdict: Verdict::News { bytes, row, insertion } });
    }

    fn answer_gap(&mut self, work: Work) {
        match work.source {
            Source::Peer(_) => self.ask_for_the_rest(&work),
            Source::Call { answer, .. } => {
                let _ = answer.send(Err(RoomError::Conflict));
            }
        }
    }

    /// Asks a connection for all it has, once until it answers, and never in answer to a SyncStep2.
    fn ask_for_the_rest(&mut self, work: &Work) {
        let Source::Peer(id) = work.source else { return };
        let vector = self.known.state_vector();
        if let Some(slot) = self.slots.get_mut(&id)
            && !work.incoming.whole
            && !slot.asked
        {
            slot.asked = true;
            slot.peer.send(&binary_frame(&frame::sync_step1(vector)));
        }
    }

    /// Somebody wrote under another person's client id. He is told and keeps his socket.
    fn answer_foreign(&self, work: &Work, clients: &[ClientId]) {
        if let Source::Peer(id) = &work.source
            && let Some(slot) = self.slots.get(id)
        {
            warn!(document = %self.document, actor = %slot.holder.actor, ?clients, "foreign ranges were left out");
            slot.peer.send(&binary_frame(&frame::permission_denied("foreign_ranges")));
        }
    }

    /// Stage 3: hands the batch to the log writer.
    fn append(&mut self, batch: Batch) {
        let at = clock::now();
        let rows = batch.rows.iter().map(|(hand, updates, inserted, deleted)| Row {
            actor: hand.actor,
            on_behalf_of: None,
            via_link: None,
            connection: hand.connection,
            at,
            kind: hand.kind,
            ranges: [inserted.encode(), deleted.encode()].concat(),
            bytes: row::pack(updates.iter().map(Bytes::as_ref)),
        });
        let append = Append {
            document: self.document,
            expected_seq: self.head,
            acl_version: self.acl_version,
            claims: batch.claims.clone(),
            rows: rows.collect(),
        };
        let outcome = self.around.writer.append(append);
        self.in_flight = Some(InFlight { outcome, admitted: batch.admitted, claims: batch.claims });
    }

    /// The log has answered.
    pub(super) async fn appended(&mut self, outcome: Result<Outcome, oneshot::error::RecvError>) -> Flow {
        let Some(batch) = self.in_flight.take() else { return Flow::On };
        match outcome {
            Ok(Ok(Appended::Committed { last, first })) => {
                self.known.commit();
                self.keep(&batch.admitted, first);
                self.head = last;
                self.publish(batch.admitted, first);
                self.fold_if_long();
                Flow::On
            }
            Ok(Ok(Appended::Gone)) => {
                self.give_up(batch, &RoomError::Gone);
                self.trashed()
            }
            Ok(Err(_)) | Err(_) | Ok(Ok(Appended::Failed)) => {
                // The outcome of the commit is not known. The log alone says what happened, so everybody leaves and
                // the next opening reads it.
                self.give_up(batch, &RoomError::Unavailable);
                self.send_everybody_away(1013, "storage_unavailable");
                Flow::End
            }
            Ok(Ok(refused)) => self.try_again(batch, refused).await,
        }
    }

    /// Drops the in-flight part, learns what stood in the way, and admits again what is left.
    async fn try_again(&mut self, batch: InFlight, refused: Appended) -> Flow {
        self.known.rollback();
        self.reservations.extend(batch.claims);
        let mut again: VecDeque<Work> = batch.admitted.into_iter().map(|admitted| admitted.work).collect();
        self.waiting_bytes += again.iter().map(|work| work.incoming.bytes.len()).sum::<usize>();
        again.append(&mut self.waiting);
        self.waiting = again;
        match refused {
            Appended::Foreign(owners) => {
                self.reservations.retain(|(client, _)| owners.iter().all(|(foreign, _)| foreign != client));
                for (client, owner) in owners {
                    self.presence.forget(client);
                    self.owners.insert(client, owner);
                }
            }
            Appended::RightsChanged { .. } => self.read_access(),
            Appended::Behind { .. } => return self.read_the_log().await,
            Appended::Busy | Appended::Failed | Appended::Committed { .. } | Appended::Gone => {}
        }
        Flow::On
    }

    /// Another node has written: takes its rows in before anything else.
    async fn read_the_log(&mut self) -> Flow {
        let rows = match self.around.storage.read_since(self.document, self.head, CATCH_UP_BYTES_MAX).await {
            Ok(rows) => rows,
            Err(failure) => {
                warn!(document = %self.document, %failure, "the log could not be read");
                self.send_everybody_away(1013, "storage_unavailable");
                return Flow::End;
            }
        };
        for row in rows {
            match self.take_row(&row) {
                Ok(updates) => {
                    for bytes in updates {
                        self.broadcast(&binary_frame(&frame::update(&bytes)), row.seq);
                    }
                }
                Err(code) => {
                    warn!(document = %self.document, seq = row.seq.0, code, "a row of the log cannot be taken in");
                    self.send_everybody_away(1011, "internal");
                    return Flow::End;
                }
            }
        }
        Flow::On
    }

    /// Keeps the committed updates in the tail.
    fn keep(&mut self, admitted: &[Admitted], first: Seq) {
        for Admitted { verdict, .. } in admitted {
            if let Verdict::News { bytes, row, insertion } = verdict {
                let seq = Seq(first.0 + *row as i64);
                if *insertion {
                    self.newest_insertion = seq;
                }
                self.tail_bytes += bytes.len();
                self.tail.push_back(TailUpdate { seq, bytes: bytes.clone() });
            }
        }
    }

    /// Stage 4: the same bytes, framed once, to everybody, the author included: his echo is his acknowledgement. All
    /// updates of the batch go to each socket in one system call.
    fn publish(&mut self, admitted: Vec<Admitted>, first: Seq) {
        let mut frames = BytesMut::new();
        for Admitted { verdict, .. } in &admitted {
            if let Verdict::News { bytes, .. } = verdict {
                put_binary_frame(&mut frames, &frame::update(bytes));
            }
        }
        if !frames.is_empty() {
            self.broadcast(&frames.freeze(), self.head);
        }
        for Admitted { work, verdict } in admitted {
            match (work.source, verdict) {
                (Source::Peer(id), Verdict::Nothing) => self.echo(id, &work.incoming),
                (Source::Peer(_), Verdict::News { .. }) => {}
                (Source::Call { answer, .. }, Verdict::News { row, .. }) => {
                    let _ = answer.send(Ok(Seq(first.0 + row as i64)));
                }
                (Source::Call { answer, .. }, Verdict::Nothing) => {
                    let _ = answer.send(Ok(self.head));
                }
            }
        }
    }

    /// What was known already is confirmed to its sender alone.
    fn echo(&self, id: u64, incoming: &Incoming) {
        if !incoming.scan.is_empty()
            && let Some(slot) = self.slots.get(&id)
        {
            slot.peer.send(&binary_frame(&frame::update(&incoming.bytes)));
        }
    }

    /// Sends to everybody who is up to date; whoever cannot take it is caught up later from his position.
    fn broadcast(&mut self, frames: &Bytes, seq: Seq) {
        for slot in self.slots.values_mut().filter(|slot| slot.phase == Phase::Live) {
            slot.deliver(frames, seq);
        }
    }

    fn give_up(&mut self, batch: InFlight, error: &RoomError) {
        self.known.rollback();
        let works = batch.admitted.into_iter().map(|admitted| admitted.work).chain(self.waiting.drain(..));
        for work in works {
            if let Source::Call { answer, .. } = work.source {
                let _ = answer.send(Err(error.clone()));
            }
        }
        self.waiting_bytes = 0;
    }

    /// The authors of waiting calls.
    pub(super) fn callers(&self) -> impl Iterator<Item = ActorId> {
        self.waiting.iter().filter_map(|work| match &work.source {
            Source::Call { author, .. } => Some(author.actor),
            Source::Peer(_) => None,
        })
    }

    /// Rights moved: a waiting call whose author lost his is refused.
    pub(super) fn recheck_callers(&mut self, rights: &HashMap<ActorId, Option<Access>>) {
        for work in std::mem::take(&mut self.waiting) {
            match work.source {
                Source::Call { mut author, answer } => match rights.get(&author.actor) {
                    Some(Some(access)) => {
                        author.access = *access;
                        self.waiting.push_back(Work { source: Source::Call { author, answer }, ..work });
                    }
                    Some(None) => {
                        self.waiting_bytes = self.waiting_bytes.saturating_sub(work.incoming.bytes.len());
                        let _ = answer.send(Err(RoomError::Forbidden));
                    }
                    None => {
                        self.access_is_stale = true;
                        self.waiting.push_back(Work { source: Source::Call { author, answer }, ..work });
                    }
                },
                Source::Peer(_) => self.waiting.push_back(work),
            }
        }
    }

    /// Puts parked updates back, to be judged against the fresh state.
    pub(super) fn unpark(&mut self) {
        for work in std::mem::take(&mut self.parked) {
            self.queue(work);
        }
    }
}

impl Slot {
    /// Sends frames that end at `seq`, or marks the peer as behind.
    pub(super) fn deliver(&mut self, frames: &Bytes, seq: Seq) {
        match self.peer.send(frames) {
            Sent::Yes => self.position = seq,
            Sent::Full => {
                self.phase = Phase::Behind;
                self.peer.mark_behind();
            }
            Sent::Closed => {}
        }
    }

    /// Ends the connection of somebody who wrote without the right to.
    fn refuse(&self, reason: &'static str) {
        self.peer.send(&binary_frame(&frame::permission_denied(reason)));
        self.peer.close(4403, reason);
    }
}
