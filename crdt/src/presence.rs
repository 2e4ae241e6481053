//! The presence of one room: who is there, with which cursor. Never stored; pure, so the time is an argument
//! (milliseconds of any clock that does not run backwards).
//!
//! The payload is y-protocols' awareness: a count, then per entry client id, clock, JSON (`null`: gone). Stock clients
//! take an entry when its clock is above the one they know, or equal with `null`. Three habits of theirs shape the
//! rules:
//!
//! - They send back every entry they receive (y-websocket 3.1.0, `_awarenessUpdateHandler`). So a frame may carry the
//!   whole room; entries that are not news cost a look at their clock, and are nobody's offence.
//! - They renew their own entry every 15 s and count what comes back as a sign of life. So a renewal is published to
//!   its sender too, under its own clock: a higher one would roll back his cursor.
//! - After a reconnect they announce the clock they had. If that was removed meanwhile, everybody ignores it; its
//!   `null`, sent to the owner alone, makes him announce the next clock at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::frame::write_bytes;
use crate::ranges::ClientId;
use crate::scan::Refusal;
use crate::scan::read::{Reader, write_number};

/// Longest wait between a peer's leaving and the removal of its entries, in milliseconds: a reload is not a farewell.
pub const REMOVAL_WAIT_MS: u64 = 2_000;
/// An entry that was not renewed for this long is removed, in milliseconds. Stock clients do the same.
pub const RENEWAL_TIMEOUT_MS: u64 = 30_000;
/// A state unchanged for this long is shown as idle, in milliseconds.
pub const IDLE_AFTER_MS: u64 = 5 * 60_000;
/// A removed entry's clock and owner are remembered for this long, in milliseconds.
pub const REMOVED_KEEP_MS: u64 = 10 * 60_000;
/// Longest JSON of one state, in bytes.
pub const STATE_BYTES_MAX: usize = 8_192;
/// Entries of a frame that may change anything; more are dropped. Tabs of one browser announce each other.
pub const ENTRIES_PER_FRAME_MAX: usize = 8;
/// Entries that one peer may own; more are dropped.
pub const ENTRIES_PER_PEER_MAX: usize = 32;
/// Entries of a room, removed ones included; more are dropped. Also how many people's statuses are kept.
pub const ENTRIES_PER_ROOM_MAX: usize = 10_000;

/// Whose presence a peer announces, as the server knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The actor.
    pub person: u128,
    /// What stands under `user` in every state of his: `{id, name, color}`. For a nameless guest not an object.
    pub user: Value,
}

/// How a person is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// There. Idle all the same after [`IDLE_AFTER_MS`] without a changed state.
    #[default]
    Online,
    /// There, but away; until he says otherwise.
    Idle,
    /// Not shown.
    Offline,
}

impl Status {
    /// As in `user.status`, and over HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Online => "online",
            Status::Idle => "idle",
            Status::Offline => "offline",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Status::Online, Status::Idle, Status::Offline].into_iter().find(|status| status.as_str() == text).ok_or(())
    }
}

/// What became of an announcement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announced {
    /// Client ids whose entry this frame changed; all of them the announcer's.
    pub ids: Vec<ClientId>,
    /// Client ids of other people for which the frame had news; left as they were.
    pub foreign: Vec<ClientId>,
    /// How many entries were left out because a bound was reached.
    pub dropped: usize,
    /// A payload for the sender alone: he announced a clock that was removed.
    pub answer: Option<Vec<u8>>,
}

/// The presence of one room.
#[derive(Debug, Default)]
pub struct Presence {
    entries: BTreeMap<ClientId, Entry>,
    /// Which entries each connected peer owns.
    peers: BTreeMap<u64, Vec<ClientId>>,
    /// Statuses that people chose; online is not kept.
    statuses: BTreeMap<u128, Status>,
    changed: BTreeSet<ClientId>,
    /// No entry is due before; may be too early after a renewal, never too late.
    next_due_ms: Option<u64>,
}

#[derive(Debug)]
struct Entry {
    /// Owns this id: announced it first.
    person: u128,
    clock: u64,
    /// None: removed, and remembered for a while.
    state: Option<Shown>,
    due_ms: u64,
}

#[derive(Debug)]
struct Shown {
    /// The peer whose leaving removes the entry; None while it waits for a return.
    peer: Option<u64>,
    /// The JSON as the client sent it.
    announced: Box<str>,
    /// The JSON as the room sees it: `user` is the server's.
    json: Box<str>,
    /// The status in `json`.
    status: Status,
    changed_ms: u64,
}

/// One entry of a payload, still borrowed from it.
struct Heard<'a> {
    client: ClientId,
    clock: u64,
    /// None: `null`.
    json: Option<&'a str>,
}

impl Presence {
    /// Nobody is there.
    pub fn new() -> Presence {
        Presence::default()
    }

    /// Takes a payload from a peer. Numbers of peers are never used again after they left.
    ///
    /// # Errors
    /// When the payload does not read, or a state of the announcer's is no object or above [`STATE_BYTES_MAX`]. Entries
    /// before the bad one stay announced.
    pub fn announce(
        &mut self,
        peer: u64,
        identity: &Identity,
        payload: &[u8],
        now_ms: u64,
    ) -> Result<Announced, Refusal> {
        let mut announced = Announced::default();
        let mut answered = Vec::new();
        let mut reader = Reader::new(payload);
        let count = reader.count()?;
        if count > ENTRIES_PER_ROOM_MAX as u64 {
            return Err(Refusal::TooMany);
        }
        for _ in 0..count {
            let heard = Heard { client: reader.client()?, clock: reader.number()?, json: Some(reader.text()?) };
            let heard = Heard { json: heard.json.filter(|json| *json != "null"), ..heard };
            self.hear(peer, identity, &heard, now_ms, &mut announced, &mut answered)?;
        }
        reader.finish()?;
        announced.answer = (!answered.is_empty()).then(|| self.payload(answered.into_iter()));
        Ok(announced)
    }

    fn hear(
        &mut self,
        peer: u64,
        identity: &Identity,
        heard: &Heard<'_>,
        now_ms: u64,
        announced: &mut Announced,
        answered: &mut Vec<ClientId>,
    ) -> Result<(), Refusal> {
        let room_is_full = self.entries.len() >= ENTRIES_PER_ROOM_MAX;
        let Some(entry) = self.entries.get_mut(&heard.client) else {
            match heard.json {
                Some(_) if room_is_full => announced.dropped += 1,
                Some(json) => self.accept(peer, identity, heard, json, now_ms, announced)?,
                // Gone, and never heard of: nothing to remember.
                None => {}
            }
            return Ok(());
        };
        let news = heard.clock > entry.clock;
        if entry.person != identity.person {
            if news {
                announced.foreign.push(heard.client);
            }
            return Ok(());
        }
        match (heard.json, &mut entry.state) {
            (Some(json), _) if news => self.accept(peer, identity, heard, json, now_ms, announced)?,
            (Some(_), None) => answered.push(heard.client),
            (Some(_), Some(_)) => self.take_over(peer, heard.client, now_ms),
            (None, Some(shown)) if shown.peer == Some(peer) && heard.clock >= entry.clock => {
                entry.clock = heard.clock;
                self.remove(heard.client, now_ms);
                announced.ids.push(heard.client);
            }
            (None, _) => {}
        }
        Ok(())
    }

    /// News of the announcer's own id.
    fn accept(
        &mut self,
        peer: u64,
        identity: &Identity,
        heard: &Heard<'_>,
        json: &str,
        now_ms: u64,
        announced: &mut Announced,
    ) -> Result<(), Refusal> {
        let before = self.entries.get(&heard.client).and_then(|entry| entry.state.as_ref());
        let owner = before.and_then(|shown| shown.peer);
        let owned = self.peers.get(&peer).map_or(0, Vec::len);
        // A tab that is there in its own right is not lost to the sibling that repeats it.
        let takes_over = owner.is_none() || (owner != Some(peer) && owned == 0);
        if announced.ids.len() >= ENTRIES_PER_FRAME_MAX || (takes_over && owned >= ENTRIES_PER_PEER_MAX) {
            announced.dropped += 1;
            return Ok(());
        }
        let same = before.filter(|shown| *shown.announced == *json);
        let changed_ms = same.map_or(now_ms, |shown| shown.changed_ms);
        let status = self.status_of(identity.person, changed_ms, now_ms);
        let shown_json = match same {
            Some(shown) if shown.status == status => shown.json.clone(),
            _ => dressed(json, &identity.user, status)?,
        };
        let shown = Shown { peer: owner, announced: json.into(), json: shown_json, status, changed_ms };
        let due_ms = now_ms + RENEWAL_TIMEOUT_MS;
        let entry = Entry { person: identity.person, clock: heard.clock, state: Some(shown), due_ms };
        self.entries.insert(heard.client, entry);
        self.due_at(due_ms);
        if takes_over {
            self.own(peer, heard.client);
        }
        if status != Status::Offline {
            self.changed.insert(heard.client);
        }
        announced.ids.push(heard.client);
        Ok(())
    }

    /// A return under a clock that is known: nothing to tell the others, but the entry now lives with the new peer.
    fn take_over(&mut self, peer: u64, client: ClientId, now_ms: u64) {
        let owned = self.peers.get(&peer).map_or(0, Vec::len);
        let Some(entry) = self.entries.get_mut(&client) else { return };
        let Some(shown) = &entry.state else { return };
        let is_free = shown.peer.is_none() && owned < ENTRIES_PER_PEER_MAX;
        if is_free || (shown.peer != Some(peer) && owned == 0) {
            entry.due_ms = now_ms + RENEWAL_TIMEOUT_MS;
            self.own(peer, client);
        }
    }

    fn own(&mut self, peer: u64, client: ClientId) {
        let Some(shown) = self.entries.get_mut(&client).and_then(|entry| entry.state.as_mut()) else { return };
        let former = shown.peer.replace(peer);
        if let Some(owned) = former.and_then(|former| self.peers.get_mut(&former)) {
            owned.retain(|id| *id != client);
        }
        self.peers.entry(peer).or_default().push(client);
    }

    /// A peer's connection ended. Its entries are removed after [`REMOVAL_WAIT_MS`] unless they return.
    pub fn leave(&mut self, peer: u64, now_ms: u64) {
        for client in self.peers.remove(&peer).unwrap_or_default() {
            let Some(entry) = self.entries.get_mut(&client) else { continue };
            let Some(shown) = &mut entry.state else { continue };
            shown.peer = None;
            entry.due_ms = entry.due_ms.min(now_ms + REMOVAL_WAIT_MS);
            let due_ms = entry.due_ms;
            self.due_at(due_ms);
        }
    }

    /// Forgets an entry without a trace: the id turned out to be bound to somebody else.
    pub fn forget(&mut self, client: ClientId) {
        let Some(entry) = self.entries.remove(&client) else { return };
        self.changed.remove(&client);
        let peer = entry.state.and_then(|shown| shown.peer);
        if let Some(owned) = peer.and_then(|peer| self.peers.get_mut(&peer)) {
            owned.retain(|id| *id != client);
        }
    }

    /// When [`Presence::tick`] has something to do, in milliseconds. None: never, as things are.
    pub fn next_deadline(&self) -> Option<u64> {
        self.next_due_ms
    }

    /// Removes what is due, and gives what [`Presence::take_changed`] would give then, or an empty payload.
    pub fn tick(&mut self, now_ms: u64) -> Vec<u8> {
        if self.next_due_ms.is_some_and(|due_ms| due_ms <= now_ms) {
            let due = self.entries.iter().filter(|(_, entry)| entry.due_ms <= now_ms);
            for client in due.map(|(client, _)| *client).collect::<Vec<_>>() {
                self.remove(client, now_ms);
            }
            self.next_due_ms = self.entries.values().map(|entry| entry.due_ms).min();
        }
        self.take_changed().unwrap_or_default()
    }

    /// Takes a state away, or, the second time, the memory of it.
    fn remove(&mut self, client: ClientId, now_ms: u64) {
        let Some(entry) = self.entries.get_mut(&client) else { return };
        let Some(shown) = entry.state.take() else {
            self.entries.remove(&client);
            return;
        };
        entry.due_ms = now_ms + REMOVED_KEEP_MS;
        let due_ms = entry.due_ms;
        if let Some(owned) = shown.peer.and_then(|peer| self.peers.get_mut(&peer)) {
            owned.retain(|id| *id != client);
        }
        self.due_at(due_ms);
        self.changed.insert(client);
    }

    fn due_at(&mut self, due_ms: u64) {
        self.next_due_ms = Some(self.next_due_ms.map_or(due_ms, |next| next.min(due_ms)));
    }

    /// One payload for all peers: the newest state of every entry that changed since the last take.
    pub fn take_changed(&mut self) -> Option<Vec<u8>> {
        let changed = std::mem::take(&mut self.changed);
        (!changed.is_empty()).then(|| self.payload(changed.into_iter()))
    }

    /// Everybody who is shown, for a peer that joins.
    pub fn everybody(&self) -> Vec<u8> {
        let shown = |entry: &Entry| entry.state.as_ref().is_some_and(|shown| shown.status != Status::Offline);
        self.payload(self.entries.iter().filter(|(_, entry)| shown(entry)).map(|(client, _)| *client))
    }

    /// What a person chose to be shown as. Peers hear of offline at once; of the rest with his next renewal, because
    /// they take only `null` under a clock they know.
    pub fn set_status(&mut self, person: u128, status: Status, now_ms: u64) {
        match status {
            Status::Online => drop(self.statuses.remove(&person)),
            _ if self.statuses.len() < ENTRIES_PER_ROOM_MAX || self.statuses.contains_key(&person) => {
                self.statuses.insert(person, status);
            }
            _ => return,
        }
        for (client, entry) in self.entries.iter_mut().filter(|(_, entry)| entry.person == person) {
            let Some(shown) = &mut entry.state else { continue };
            if status == Status::Online {
                shown.changed_ms = now_ms;
            }
            if shown.status != status {
                shown.status = status;
                shown.json = with_status(&shown.json, status);
                self.changed.insert(*client);
            }
        }
    }

    fn status_of(&self, person: u128, changed_ms: u64, now_ms: u64) -> Status {
        match self.statuses.get(&person) {
            Some(chosen) => *chosen,
            None if now_ms.saturating_sub(changed_ms) >= IDLE_AFTER_MS => Status::Idle,
            None => Status::Online,
        }
    }

    fn payload(&self, clients: impl Iterator<Item = ClientId>) -> Vec<u8> {
        let entries = clients.filter_map(|client| Some((client, self.entries.get(&client)?))).collect::<Vec<_>>();
        let json_bytes: usize = entries.iter().map(|(_, entry)| entry.json().len()).sum();
        let mut out = Vec::with_capacity(10 + json_bytes + entries.len() * 20);
        write_number(&mut out, entries.len() as u64);
        for (client, entry) in entries {
            write_number(&mut out, client);
            write_number(&mut out, entry.clock);
            write_bytes(&mut out, entry.json().as_bytes());
        }
        out
    }
}

impl Entry {
    fn json(&self) -> &str {
        match &self.state {
            Some(shown) if shown.status != Status::Offline => &shown.json,
            _ => "null",
        }
    }
}

/// A client's state with the server's `user` in it.
fn dressed(json: &str, user: &Value, status: Status) -> Result<Box<str>, Refusal> {
    if json.len() > STATE_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    let mut state: Map<String, Value> = serde_json::from_str(json).map_err(|_| Refusal::InvalidJson)?;
    let mut user = user.as_object().cloned().unwrap_or_default();
    user.insert("status".into(), status.as_str().into());
    state.insert("user".into(), Value::Object(user));
    Ok(Value::Object(state).to_string().into())
}

/// A dressed state under another status.
fn with_status(json: &str, status: Status) -> Box<str> {
    let mut state: Value = serde_json::from_str(json).unwrap_or_default();
    state["user"]["status"] = status.as_str().into();
    state.to_string().into()
}
