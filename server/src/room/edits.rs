//! The road of a keystroke, in named stages: authorise, admit, append, publish.

use std::collections::{HashMap, VecDeque};

use acl::{Access, Action, ActorId, Moment, may};
use bytes::{Bytes, BytesMut};
use crdt::known::{Admit, News};
use crdt::ranges::{ClientId, Ranges};
use crdt::{frame, row};
use storage::{Append, Appended, Row, Seq, UpdateKind};
use tokio::sync::oneshot;
use tracing::{info, warn};

use super::people::{Phase, Slot};
use super::{Author, Flow, Incoming, Room, TailUpdate};
use crate::clock;
use crate::limits::{BATCH_UPDATES_MAX, CATCH_UP_BYTES_MAX, DOCUMENT_BYTES_MAX};
use crate::log_writer::Outcome;
use crate::peer::{Sent, binary_frame, put_binary_frame};
use crate::rooms::RoomError;

/// An update that waits to be admitted. It is its author's, whether or not his connection lasts until its turn.
pub(super) struct Work {
    author: Author,
    /// When the author's right or session ends by itself.
    until: Moment,
    origin: Origin,
    incoming: Incoming,
    /// The head when this came in: what its sender can have seen.
    seen: Seq,
}

/// Where an answer goes.
enum Origin {
    Peer(u64),
    Call(oneshot::Sender<Result<Seq, RoomError>>),
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
    /// These bytes are new; they stand in this row of the batch. `cut`: the sender's update said more, all of it known.
    News { bytes: Bytes, row: usize, cut: bool },
    /// Nothing in it is new; all it rests on commits with the batch at the latest.
    Nothing,
}

/// Consecutive updates of one author, which share a row of the log.
struct Packed {
    author: Author,
    updates: Vec<Bytes>,
    inserted: Ranges,
    deleted: Ranges,
}

#[derive(Default)]
struct Batch {
    rows: Vec<Packed>,
    admitted: Vec<Admitted>,
    claims: Vec<(ClientId, ActorId)>,
}

impl Room {
    pub(super) fn update(&mut self, peer: u64, incoming: Incoming) {
        let seen = self.head;
        let Some(slot) = self.slots.get_mut(&peer) else { return };
        if incoming.whole {
            slot.asked = false;
        }
        let author = Author {
            actor: slot.holder.actor,
            connection: slot.peer.connection,
            access: slot.access,
            kind: UpdateKind::Edit,
        };
        let until = slot.until();
        self.waiting.push_back(Work { author, until, origin: Origin::Peer(peer), incoming, seen });
    }

    pub(super) fn edit(&mut self, author: Author, incoming: Incoming, answer: oneshot::Sender<Result<Seq, RoomError>>) {
        let until = author.access.until.unwrap_or(Moment(i64::MAX));
        let origin = Origin::Call(answer);
        self.waiting.push_back(Work { author, until, origin, incoming, seen: self.head });
    }

    /// Admits what has gathered and sends it to the log, unless a commit is under way already. What brings nothing new
    /// needs no commit and is answered at once.
    pub(super) fn start_batch(&mut self) {
        while self.in_flight.is_none()
            && self.reading_access.is_none()
            && !(self.waiting.is_empty() && self.reservations.is_empty())
        {
            let mut batch = Batch { claims: std::mem::take(&mut self.reservations), ..Batch::default() };
            let now = clock::now();
            for _ in 0..BATCH_UPDATES_MAX {
                let Some(work) = self.waiting.pop_front() else { break };
                self.take_in(work, now, &mut batch);
            }
            if batch.rows.is_empty() && batch.claims.is_empty() {
                self.publish(batch.admitted, self.head);
            } else {
                self.append(batch, now);
            }
        }
    }

    /// Stages 1 and 2 for one update: may its author write, and what in it is new?
    fn take_in(&mut self, work: Work, now: Moment, batch: &mut Batch) {
        if !self.authorise(&work, now) {
            work.fail(RoomError::Forbidden);
            return;
        }
        if self.must_be_fresher(&work) {
            self.parked.push(work);
            return;
        }
        if self.base.update.len() + self.tail_bytes + work.incoming.bytes.len() > DOCUMENT_BYTES_MAX {
            self.refuse(&work, 4413, "document_too_large");
            work.fail(RoomError::Refused("document_too_large"));
            return;
        }
        let (owners, actor) = (&self.owners, work.author.actor);
        let foreign = |client: ClientId| owners.get(&client).is_some_and(|owner| *owner != actor);
        match self.known.admit(&work.incoming.bytes, &work.incoming.scan, &foreign) {
            Admit::News(news) => self.take_news(work, news, batch),
            Admit::Nothing => batch.admitted.push(Admitted { work, verdict: Verdict::Nothing }),
            Admit::Gap => {
                self.ask_for_the_rest(&work);
                work.fail(RoomError::Conflict);
            }
            Admit::Foreign(clients) => {
                self.tell_foreign(&work, &clients);
                work.fail(RoomError::Conflict);
            }
        }
    }

    /// Stage 1. A reader may say again what everybody has. His editor may also tidy formatting marks away that two others
    /// left behind: he is told that it counts for nothing. Text of his ends the connection.
    fn authorise(&self, work: &Work, now: Moment) -> bool {
        if now >= work.until {
            return false;
        }
        if may(work.author.access.role, Action::Write) || !self.adds_something(work) {
            return true;
        }
        info!(document = %self.document, actor = %work.author.actor, "a reader tried to write");
        if self.adds_text(&work.incoming) {
            self.refuse(work, 4403, "read_only");
        } else if let Some(slot) = self.slot_of(work) {
            slot.peer.send(&binary_frame(&frame::permission_denied("read_only")));
        }
        false
    }

    /// Ends the connection that an update came from, if it is still there.
    fn refuse(&self, work: &Work, code: u16, reason: &'static str) {
        if let Some(slot) = self.slot_of(work) {
            slot.peer.send(&binary_frame(&frame::permission_denied(reason)));
            slot.peer.close(code, reason);
        }
    }

    fn slot_of(&self, work: &Work) -> Option<&Slot> {
        match work.origin {
            Origin::Peer(id) => self.slots.get(&id),
            Origin::Call(_) => None,
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
    /// deletions, and something came in since the last materialised state, a fresh one may hold them already.
    fn must_be_fresher(&self, Work { incoming, seen, .. }: &Work) -> bool {
        incoming.whole && *seen > self.base_seq && !self.adds_text(incoming) && self.adds_deletions(incoming)
    }

    fn take_news(&mut self, work: Work, news: News, batch: &mut Batch) {
        let author = work.author;
        for client in news.inserted.clients() {
            if self.owners.insert(client, author.actor).is_none() {
                batch.claims.push((client, author.actor));
            }
        }
        if !news.foreign.is_empty() {
            self.tell_foreign(&work, &news.foreign);
        }
        if news.missing {
            self.ask_for_the_rest(&work);
        }
        let cut = news.bytes.is_some() && !news.missing && news.foreign.is_empty();
        // The frame's buffer is larger than the update; a copy of the right size is what the tail keeps.
        let bytes = news.bytes.map_or_else(|| Bytes::copy_from_slice(&work.incoming.bytes), Bytes::from);
        match batch.rows.last_mut() {
            Some(row) if row.author.is_same_hand(&author) => {
                row.updates.push(bytes.clone());
                row.inserted.union_with(&news.inserted);
                row.deleted.union_with(&news.deleted);
            }
            _ => batch.rows.push(Packed {
                author,
                updates: vec![bytes.clone()],
                inserted: news.inserted,
                deleted: news.deleted,
            }),
        }
        let row = batch.rows.len() - 1;
        batch.admitted.push(Admitted { work, verdict: Verdict::News { bytes, row, cut } });
    }

    /// Asks a connection for all it has, once until it answers, and never in answer to a SyncStep2.
    fn ask_for_the_rest(&mut self, work: &Work) {
        let Origin::Peer(id) = work.origin else { return };
        let vector = self.known.state_vector();
        if let Some(slot) = self.slots.get_mut(&id)
            && !work.incoming.whole
            && !slot.asked
        {
            slot.asked = slot.peer.send(&binary_frame(&frame::sync_step1(vector))) == Sent::Yes;
        }
    }

    /// Somebody wrote under another person's client id. He is told and keeps his socket.
    fn tell_foreign(&self, work: &Work, clients: &[ClientId]) {
        warn!(document = %self.document, actor = %work.author.actor, ?clients, "foreign ranges were left out");
        if let Some(slot) = self.slot_of(work) {
            slot.peer.send(&binary_frame(&frame::permission_denied("foreign_ranges")));
        }
    }

    /// Stage 3: hands the batch to the log writer.
    fn append(&mut self, batch: Batch, at: Moment) {
        let rows = batch.rows.iter().map(|packed| Row {
            actor: packed.author.actor,
            on_behalf_of: None,
            via_link: None,
            connection: packed.author.connection,
            at,
            kind: packed.author.kind,
            ranges: [packed.inserted.encode(), packed.deleted.encode()].concat(),
            bytes: row::pack(packed.updates.iter().map(Bytes::as_ref)),
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
                    // A position never stops inside a row, so its updates go together.
                    let mut frames = BytesMut::new();
                    updates.iter().for_each(|bytes| put_binary_frame(&mut frames, &frame::update(bytes)));
                    self.broadcast(&frames.freeze(), row.seq);
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
            if let Verdict::News { bytes, row, .. } = verdict {
                let seq = Seq(first.0 + *row as i64);
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
            let (seq, confirm) = match verdict {
                Verdict::News { row, cut, .. } => (Seq(first.0 + row as i64), cut),
                Verdict::Nothing => (self.head, true),
            };
            match work.origin {
                Origin::Peer(id) if confirm => self.echo(id, &work.incoming),
                Origin::Peer(_) => {}
                // Whoever asked may have gone; the edit stands.
                Origin::Call(answer) => drop(answer.send(Ok(seq))),
            }
        }
    }

    /// What was known already is confirmed to its sender alone. If his outbox is full, he is given the whole state once
    /// it has drained, which confirms it as well.
    fn echo(&mut self, id: u64, incoming: &Incoming) {
        if !incoming.scan.is_empty()
            && let Some(slot) = self.slots.get_mut(&id)
            && slot.peer.send(&binary_frame(&frame::update(&incoming.bytes))) == Sent::Full
        {
            slot.position = Seq(-1);
            slot.phase = Phase::Behind;
            slot.peer.mark_behind();
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
        let works = batch.admitted.into_iter().map(|admitted| admitted.work);
        for work in works.chain(self.waiting.drain(..)).chain(self.parked.drain(..)) {
            work.fail(error.clone());
        }
    }

    /// The authors of updates that wait.
    pub(super) fn authors(&self) -> impl Iterator<Item = ActorId> {
        self.waiting.iter().chain(&self.parked).map(|work| work.author.actor)
    }

    /// Rights moved: updates that wait are judged by what their authors may now, and dropped where nothing is left.
    pub(super) fn recheck_authors(&mut self, rights: &HashMap<ActorId, Option<Access>>) {
        let parked = std::mem::take(&mut self.parked);
        for mut work in std::mem::take(&mut self.waiting).into_iter().chain(parked) {
            match rights.get(&work.author.actor) {
                Some(Some(access)) => work.author.access = *access,
                Some(None) => {
                    work.fail(RoomError::Forbidden);
                    continue;
                }
                // It came in while the rights were read.
                None => self.access_is_stale = true,
            }
            self.waiting.push_back(work);
        }
    }

    /// Drops what waits of a connection whose right or session has ended.
    pub(super) fn drop_updates_of(&mut self, peer: u64) {
        let stays = |work: &Work| !matches!(work.origin, Origin::Peer(id) if id == peer);
        self.waiting.retain(stays);
        self.parked.retain(stays);
    }

    /// Puts parked updates back, to be judged against the fresh state.
    pub(super) fn unpark(&mut self) {
        self.waiting.extend(std::mem::take(&mut self.parked));
    }

    /// There will be no fresh state: whoever waits to be judged by it comes back another time.
    pub(super) fn send_parked_away(&mut self, code: u16, reason: &'static str) {
        for work in std::mem::take(&mut self.parked) {
            self.refuse(&work, code, reason);
            work.fail(RoomError::Unavailable);
        }
    }
}

impl Work {
    /// Tells a call of the API that its edit did not go in.
    fn fail(self, error: RoomError) {
        if let Origin::Call(answer) = self.origin {
            let _ = answer.send(Err(error));
        }
    }
}

impl Author {
    fn is_same_hand(&self, other: &Author) -> bool {
        (self.actor, self.connection, self.kind) == (other.actor, other.connection, other.kind)
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
}
