//! Who is here, and who may still be: connections, their rights, and presence.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use acl::{Access, Action, ActorId, Moment, SessionId, may};
use bytes::Bytes;
use crdt::frame;
use crdt::presence::Status;
use storage::Seq;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::{info, warn};

use super::{Flow, Room};
use crate::auth::Holder;
use crate::clock;
use crate::limits::{PEERS_PER_ROOM_MAX, PRESENCE_TICK};
use crate::peer::{Peer, binary_frame};
use crate::rooms::RoomError;

/// One connection in the room.
pub(super) struct Slot {
    pub(super) peer: Arc<Peer>,
    pub(super) holder: Holder,
    pub(super) access: Access,
    pub(super) phase: Phase,
    /// All updates up to here were sent.
    pub(super) position: Seq,
    /// A SyncStep1 of ours waits for its answer.
    pub(super) asked: bool,
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is in, and has not asked for the document yet.
    Greeted,
    /// It waits for a state; nothing live is sent before.
    Joining,
    /// It has all up to its position and gets what comes.
    Live,
    /// Its outbox was full; it goes on from its position once that has drained.
    Behind,
}

/// The rights of everybody here, read at one version.
pub(super) type AccessRead = Result<(i64, HashMap<ActorId, Option<Access>>), storage::StorageError>;

impl Room {
    pub(super) fn join(&mut self, peer: Arc<Peer>, holder: Holder, answer: oneshot::Sender<Result<(), RoomError>>) {
        let refused = match () {
            () if self.ending.stopping => Some(RoomError::Unavailable),
            () if self.slots.len() >= PEERS_PER_ROOM_MAX => Some(RoomError::Full),
            () => None,
        };
        if let Some(refused) = refused {
            let _ = answer.send(Err(refused));
            return;
        }
        if answer.send(Ok(())).is_err() {
            return;
        }
        self.ending.stay();
        if holder.acl_version != self.acl_version {
            self.read_access();
        }
        let slot =
            Slot { access: holder.access, phase: Phase::Greeted, position: self.base_seq, asked: false, holder, peer };
        self.ask_for_offline_edits(&slot);
        slot.peer.send(&binary_frame(&frame::presence(&self.presence.everybody())));
        self.slots.insert(slot.peer.id, slot);
    }

    /// Says what is committed here; whoever has more sends it, and sees by it what of his is safe.
    fn ask_for_offline_edits(&self, slot: &Slot) {
        if may(slot.access.role, Action::Write) {
            slot.peer.send(&binary_frame(&frame::sync_step1(self.known.state_vector())));
        }
    }

    pub(super) fn leave(&mut self, id: u64) {
        if self.slots.remove(&id).is_some() {
            self.presence.leave(id, self.now_ms());
            self.presence_changed();
        }
        if self.slots.is_empty() {
            self.ending.plan();
        }
    }

    pub(super) fn send_everybody_away(&mut self, code: u16, reason: &str) {
        let all: Vec<u64> = self.slots.keys().copied().collect();
        for id in all {
            self.send_away(id, code, reason);
        }
    }

    /// Ends a connection whose right or session has ended, and with it what waits of its updates.
    fn end(&mut self, id: u64, code: u16, reason: &str) {
        self.drop_updates_of(id);
        self.send_away(id, code, reason);
    }

    fn send_away(&mut self, id: u64, code: u16, reason: &str) {
        if let Some(slot) = self.slots.get(&id) {
            slot.peer.close(code, reason);
        }
        self.leave(id);
    }

    pub(super) fn trashed(&mut self) -> Flow {
        self.send_everybody_away(4404, "document_gone");
        Flow::End
    }

    // Presence

    pub(super) fn announce(&mut self, id: u64, payload: &Bytes) {
        let now_ms = self.now_ms();
        let Some(slot) = self.slots.get(&id) else { return };
        match self.presence.announce(id, &slot.holder.identity, payload, now_ms) {
            Ok(announced) => {
                if let Some(answer) = &announced.answer {
                    slot.peer.send(&binary_frame(&frame::presence(answer)));
                }
                let (actor, writes) = (slot.holder.actor, may(slot.access.role, Action::Write));
                for client in announced.ids {
                    match self.owners.entry(client) {
                        Entry::Occupied(owner) if *owner.get() != actor => self.presence.forget(client),
                        Entry::Occupied(_) => {}
                        Entry::Vacant(free) => {
                            free.insert(actor);
                            if writes {
                                self.reservations.push((client, actor));
                            }
                        }
                    }
                }
                self.presence_changed();
            }
            Err(refusal) => {
                info!(document = %self.document, actor = %slot.holder.actor, code = refusal.code(), "presence refused");
                slot.peer.close(4400, refusal.code());
            }
        }
    }

    pub(super) fn tell_presence(&self, id: u64) {
        if let Some(slot) = self.slots.get(&id) {
            slot.peer.send(&binary_frame(&frame::presence(&self.presence.everybody())));
        }
    }

    pub(super) fn set_status(&mut self, actor: ActorId, status: Status) {
        self.presence.set_status(actor.uuid().as_u128(), status, self.now_ms());
        self.presence_changed();
    }

    fn presence_changed(&mut self) {
        self.presence_due.get_or_insert_with(|| Instant::now() + PRESENCE_TICK);
    }

    /// Sends the newest presence of everybody who changed, as one frame for all. Whoever is behind misses it: presence
    /// is the first thing that a slow socket goes without.
    pub(super) fn tick_presence(&mut self, now: Instant) {
        let due = self.presence_due.is_some_and(|due| due <= now);
        let now_ms = self.now_ms();
        if !due && self.presence.next_deadline().is_none_or(|at_ms| at_ms > now_ms) {
            return;
        }
        self.presence_due = None;
        let payload = self.presence.tick(now_ms);
        if payload.is_empty() {
            return;
        }
        let frames = binary_frame(&frame::presence(&payload));
        for slot in self.slots.values().filter(|slot| slot.phase != Phase::Behind) {
            slot.peer.send(&frames);
        }
    }

    // Rights

    /// Reads the rights of everybody here anew; until they are known nothing is appended.
    pub(super) fn read_access(&mut self) {
        if self.reading_access.is_some() {
            self.access_is_stale = true;
            return;
        }
        self.access_is_stale = false;
        let people = self.slots.values().map(|slot| slot.holder.actor);
        let actors: HashSet<ActorId> = people.chain(self.authors()).collect();
        let (storage, document) = (self.around.storage.clone(), self.document);
        self.reading_access = Some(tokio::spawn(async move {
            let now = clock::now();
            let mut rights = HashMap::new();
            let version = storage.versions(&[document]).await?.first().map_or(0, |versions| versions.acl_version);
            for actor in actors {
                let access = storage.access(actor, document, now).await?.filter(|found| !found.trashed);
                rights.insert(actor, access.map(|found| found.access));
            }
            Ok((version, rights))
        }));
    }

    pub(super) fn access_read(&mut self, read: Option<AccessRead>) {
        match read {
            Some(Ok((version, rights))) => self.apply_access(version, &rights),
            Some(Err(failure)) => {
                warn!(document = %self.document, %failure, "rights could not be read");
                self.send_everybody_away(1013, "storage_unavailable");
            }
            None => self.send_everybody_away(1011, "internal"),
        }
        if self.access_is_stale {
            self.read_access();
        }
    }

    /// The version was read first: should rights have moved while they were read, the next append says so.
    fn apply_access(&mut self, version: i64, rights: &HashMap<ActorId, Option<Access>>) {
        self.acl_version = version;
        self.recheck_authors(rights);
        let mut risen = Vec::new();
        let mut gone = Vec::new();
        for (id, slot) in &mut self.slots {
            match rights.get(&slot.holder.actor) {
                Some(Some(access)) => {
                    let could_write = may(slot.access.role, Action::Write);
                    slot.access = *access;
                    if !could_write && may(access.role, Action::Write) {
                        risen.push(*id);
                    }
                }
                Some(None) => gone.push(*id),
                // He came in while the rights were read; the version that he was admitted at tells whether they moved.
                None => self.access_is_stale |= slot.holder.acl_version < version,
            }
        }
        for id in gone {
            self.end(id, 4403, "access_ended");
        }
        for id in risen {
            if let Some(slot) = self.slots.get(&id) {
                self.ask_for_offline_edits(slot);
            }
        }
    }

    pub(super) fn end_session(&mut self, session: SessionId) {
        let ended: Vec<u64> =
            self.slots.iter().filter(|(_, slot)| slot.holder.session == Some(session)).map(|(id, _)| *id).collect();
        for id in ended {
            self.end(id, 4401, "signed_out");
        }
    }

    /// When the first right here runs out.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        let now = clock::now();
        let first = self.slots.values().map(Slot::until).min()?;
        let left = u64::try_from(first.0.saturating_sub(now.0)).unwrap_or(0);
        Some(Instant::now() + std::time::Duration::from_micros(left))
    }

    pub(super) fn expire_access(&mut self) {
        let now = clock::now();
        let over = self.slots.iter().filter(|(_, slot)| slot.until() <= now);
        let over: Vec<(u64, bool)> = over.map(|(id, slot)| (*id, slot.holder.until <= now)).collect();
        for (id, session_over) in over {
            match session_over {
                true => self.end(id, 4501, "ticket_expired"),
                false => self.end(id, 4403, "access_ended"),
            }
        }
    }
}

impl Slot {
    /// The earlier end of session and right.
    pub(super) fn until(&self) -> Moment {
        self.access.until.map_or(self.holder.until, |until| until.min(self.holder.until))
    }
}
