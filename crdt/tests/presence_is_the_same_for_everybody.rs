//! Stock clients that come, go, move, reload and lose their network see within one renewal exactly who is there.
//!
//! The clients are models of y-protocols' `awareness.js` 1.0.7 and y-websocket's 3.1.0 use of it: they send back
//! whatever they take in, renew every 15 s, forget the others on a close, and answer their own `null` with the next
//! clock.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod awareness;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use awareness::{payload, read};
use crdt::presence::{Identity, Presence, REMOVAL_WAIT_MS};
use proptest::prelude::*;
use serde_json::{Value, json};

const RENEWAL_MS: u64 = 15_000;

struct Client {
    id: u64,
    /// The number of its connection, and what the server sent on it.
    connection: Option<(u64, VecDeque<Vec<u8>>)>,
    cursor: u64,
    renewed_ms: u64,
    /// Clock and state of everybody it knows; its own clock is in here too.
    clocks: BTreeMap<u64, u64>,
    states: BTreeMap<u64, Value>,
}

impl Client {
    fn new(id: u64) -> Client {
        let clocks = BTreeMap::from([(id, 1)]);
        Client { id, connection: None, cursor: 0, renewed_ms: 0, clocks, states: BTreeMap::new() }
    }

    /// `setLocalState`: the next clock.
    fn touch(&mut self, now_ms: u64) {
        *self.clocks.get_mut(&self.id).unwrap() += 1;
        self.renewed_ms = now_ms;
    }

    fn payload_of(&self, ids: &[u64]) -> Vec<u8> {
        let own = json!({"cursor": self.cursor});
        let state =
            |id: &u64| if *id == self.id { own.clone() } else { self.states.get(id).cloned().unwrap_or_default() };
        let entries: Vec<_> = ids.iter().map(|id| (*id, self.clocks[id], state(id).to_string())).collect();
        payload(&entries.iter().map(|(id, clock, json)| (*id, *clock, json.as_str())).collect::<Vec<_>>())
    }

    /// `applyAwarenessUpdate`; answers with what the client sends back.
    fn apply(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut touched = Vec::new();
        for (id, clock, state) in read(bytes) {
            let known = self.clocks.get(&id).copied().unwrap_or(0);
            let is_there = if id == self.id { true } else { self.states.contains_key(&id) };
            if known < clock || (known == clock && state.is_null() && is_there) {
                let lives = id == self.id && state.is_null();
                self.clocks.insert(id, clock + u64::from(lives));
                if id != self.id {
                    match state {
                        Value::Null => drop(self.states.remove(&id)),
                        state => drop(self.states.insert(id, state)),
                    }
                }
                touched.push(id);
            }
        }
        (!touched.is_empty()).then(|| self.payload_of(&touched))
    }
}

struct World {
    now_ms: u64,
    presence: Presence,
    clients: Vec<Client>,
    connections: u64,
    /// How often a client was told that its clock had been removed.
    answers: usize,
}

impl World {
    fn new(people: u64) -> World {
        let clients = (0..people).map(|at| Client::new(1_000 + at)).collect();
        World { now_ms: 0, presence: Presence::new(), clients, connections: 0, answers: 0 }
    }

    fn hear(&mut self, at: usize, bytes: &[u8]) {
        let Some((peer, inbox)) = &mut self.clients[at].connection else { return };
        let identity = Identity { person: at as u128, user: json!({"name": at}) };
        let announced = self.presence.announce(*peer, &identity, bytes, self.now_ms).unwrap();
        assert!(announced.ids.iter().all(|id| *id == 1_000 + at as u64));
        assert_eq!((announced.foreign, announced.dropped), (vec![], 0));
        self.answers += usize::from(announced.answer.is_some());
        inbox.extend(announced.answer);
    }

    fn connect(&mut self, at: usize) {
        self.connections += 1;
        let client = &mut self.clients[at];
        client.connection = Some((self.connections, VecDeque::from([self.presence.everybody()])));
        let own = client.payload_of(&[client.id]);
        self.hear(at, &own);
    }

    /// The client knows at once; the server now, or only by the missing renewals.
    fn disconnect(&mut self, at: usize, server_hears: bool) {
        let Some((peer, _)) = self.clients[at].connection.take() else { return };
        self.clients[at].states.clear();
        if server_hears {
            self.presence.leave(peer, self.now_ms);
        }
    }

    fn step(&mut self, ms: u64) {
        self.now_ms += ms;
        for at in 0..self.clients.len() {
            let client = &mut self.clients[at];
            if self.now_ms - client.renewed_ms >= RENEWAL_MS {
                client.touch(self.now_ms);
                let own = client.payload_of(&[client.id]);
                self.hear(at, &own);
            }
        }
        self.settle();
    }

    /// Delivers until nobody has anything to say; a world that talks for ever is wrong.
    fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 20, "clients and server answer each other for ever");
            // The room ticks when the deadline says so, or something was announced.
            let changed = self.presence.tick(self.now_ms);
            let mut quiet = changed.is_empty();
            for at in 0..self.clients.len() {
                let Some((_, inbox)) = &mut self.clients[at].connection else { continue };
                inbox.extend((!changed.is_empty()).then(|| changed.clone()));
                let waiting = std::mem::take(inbox);
                quiet &= waiting.is_empty();
                for bytes in waiting {
                    if let Some(back) = self.clients[at].apply(&bytes) {
                        self.hear(at, &back);
                    }
                }
            }
            if quiet {
                return;
            }
        }
    }

    fn check(&self) {
        let there: BTreeSet<u64> = self.clients.iter().filter(|c| c.connection.is_some()).map(|c| c.id).collect();
        for client in self.clients.iter().filter(|client| client.connection.is_some()) {
            let mut seen: BTreeSet<u64> = client.states.keys().copied().collect();
            seen.insert(client.id);
            assert_eq!(seen, there, "{} sees the wrong people", client.id);
            for (id, state) in &client.states {
                let theirs = &self.clients[(*id - 1_000) as usize];
                assert_eq!(state["cursor"], theirs.cursor, "an old cursor");
                assert_eq!(client.clocks[id], theirs.clocks[id], "a clock that its owner does not have");
                assert_eq!(state["user"]["name"], *id - 1_000);
            }
        }
    }
}

/// (what, who, milliseconds until the next)
fn script() -> impl Strategy<Value = Vec<(u8, usize, u64)>> {
    let pause = prop_oneof![Just(0u64), 1u64..200, 500u64..4_000, 10_000u64..40_000];
    prop::collection::vec((0u8..6, 0usize..6, pause), 5..60)
}

#[test]
fn within_one_renewal() {
    let answers = std::cell::Cell::new(0usize);
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&script(), |script| {
        let mut world = World::new(6);
        for (what, at, pause_ms) in script {
            let is_connected = world.clients[at].connection.is_some();
            match (what, is_connected) {
                (0 | 1, true) => world.disconnect(at, what == 0),
                (2, true) => {
                    // A quick reconnect: the server hears of the end only after the new beginning.
                    let old = world.clients[at].connection.as_ref().unwrap().0;
                    world.disconnect(at, false);
                    world.connect(at);
                    world.presence.leave(old, world.now_ms);
                }
                (_, true) => {
                    let now_ms = world.now_ms;
                    let client = &mut world.clients[at];
                    client.cursor += 1;
                    client.touch(now_ms);
                    let own = client.payload_of(&[client.id]);
                    world.hear(at, &own);
                }
                (_, false) => world.connect(at),
            }
            world.settle();
            world.step(pause_ms);
        }
        // A renewal of everybody, and the time-out of those whose end nobody heard of.
        for _ in 0..8 {
            world.step(RENEWAL_MS / 3);
        }
        world.step(REMOVAL_WAIT_MS);
        world.check();
        answers.set(answers.get() + world.answers);
        Ok(())
    });
    outcome.unwrap();
    println!("{} announcements of a removed clock were answered", answers.get());
    assert!(answers.get() > 40, "the case of the removed clock was hardly met");
}
