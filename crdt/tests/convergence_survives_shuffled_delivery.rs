//! Whatever order updates arrive in, and though the server forgets everything but its bytes in the middle, the server
//! and everybody end with the same document.
//!
//! `STET_CONVERGENCE_RUNS` sets how many runs (10,000); the number of a failed one is in the message.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail as tests do")]

mod replica;

use crdt::known::{Admit, Known};
use crdt::ranges::StateVector;
use crdt::scan::{difference, scan};
use crdt::state::{Snapshot, State, materialise};
use replica::{Dice, Replica};

/// A room without sockets: what is admitted, in its order, after the last snapshot.
#[derive(Default)]
struct Server {
    base: Option<Vec<u8>>,
    tail: Vec<Vec<u8>>,
    known: Known,
    gaps: usize,
    partial: usize,
}

impl Server {
    /// Takes an update; at a gap asks the sender for everything the server lacks.
    fn receive(&mut self, update: &[u8], sender: &Replica) {
        if !self.admit(update) {
            self.gaps += 1;
            let answer = sender.difference(self.known.state_vector());
            assert!(self.admit(&answer), "the sender has everything that his update stands on");
        }
    }

    /// Whether nothing is missing any more.
    fn admit(&mut self, update: &[u8]) -> bool {
        let scan = scan(update).unwrap();
        match self.known.admit(update, &scan, &|_| false) {
            Admit::News(news) => {
                self.partial += usize::from(news.bytes.is_some());
                self.tail.push(news.bytes.unwrap_or_else(|| update.to_vec()));
                self.known.commit();
                !news.missing
            }
            Admit::Nothing => true,
            Admit::Gap => false,
            Admit::Foreign(clients) => panic!("nobody is foreign here: {clients:?}"),
        }
    }

    fn state(&self) -> State {
        let tail: Vec<&[u8]> = self.tail.iter().map(Vec::as_slice).collect();
        let state = materialise(self.base.as_deref(), &tail).unwrap();
        assert_eq!(&state.state_vector, self.known.state_vector());
        assert!(self.known.deleted().subtract(&state.deleted).is_empty(), "a deletion is lost");
        state
    }

    /// Compaction and a restart: only the bytes of a snapshot are left.
    fn reload(&mut self) {
        let state = self.state();
        let snapshot = Snapshot::encode(&state);
        let (state_vector, deleted) = Snapshot::known(&snapshot).unwrap();
        assert_eq!((&state_vector, &deleted), (&state.state_vector, &state.deleted));
        let restored = Snapshot::decode(&snapshot).unwrap();
        assert_eq!(restored, state);
        // The encoding of a state, loaded again, is the same document.
        let again = materialise(Some(&state.update), &[&[0, 0]]).unwrap();
        assert_eq!((again.state_vector, again.deleted), (state.state_vector, state.deleted));
        self.base = Some(restored.update);
        self.tail.clear();
        self.known = Known::new(state_vector, deleted);
    }
}

/// What one run met.
#[derive(Default)]
struct Met {
    gaps: usize,
    partial: usize,
    implied: bool,
}

fn run(number: u64) -> Met {
    let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let people: Vec<_> = (0..2 + dice.below(3))
        .map(|at| Replica::new(at as u64 + ((dice.below(1 << 20) as u64) << dice.below(30)) * 8))
        .collect();
    let mut server = Server::default();
    // Updates on their way, with the number of their sender.
    let mut underway: Vec<(usize, Vec<u8>)> = Vec::new();
    let edits = 10 + dice.below(51);
    for edit in 0..edits {
        let at = dice.below(people.len());
        underway.extend(people[at].edit(&mut dice).map(|update| (at, update)));
        if dice.below(3) == 0 {
            // Two people meet without the server, as tabs of one browser do.
            let other = dice.below(people.len());
            people[at].apply(&people[other].difference(&people[at].vector()));
        }
        if dice.below(3) == 0 && !underway.is_empty() {
            let (sender, update) = underway.swap_remove(dice.below(underway.len()));
            server.receive(&update, &people[sender]);
        }
        if edit == edits / 2 {
            server.reload();
        }
    }
    while !underway.is_empty() {
        let (sender, update) = underway.swap_remove(dice.below(underway.len()));
        server.receive(&update, &people[sender]);
    }
    let implied = server.state().deleted != *server.known.deleted();
    finish(&mut server, &people);
    Met { gaps: server.gaps, partial: server.partial, implied }
}

/// Everybody joins: takes what he lacks, and has nothing that the server lacks.
fn finish(server: &mut Server, people: &[Replica]) {
    let state = server.state();
    let scanned = scan(&state.update).unwrap();
    let shown = Replica::of(&state.update).shown();
    for person in people {
        let lacking = difference(&state.update, &scanned, &person.vector());
        assert_eq!(person.difference(server.known.state_vector())[0], 0, "the server lacks what was sent to it");
        person.apply(&lacking);
        assert_eq!(person.shown(), shown);
        assert_eq!(person.vector(), state.state_vector);
        // His whole document says nothing new, once the deletions that integration made are learnt.
        server.known.learn_deleted(&state.deleted);
        let whole = person.difference(&StateVector::new());
        assert_eq!(server.known.admit(&whole, &scan(&whole).unwrap(), &|_| false), Admit::Nothing);
    }
}

#[test]
fn convergence_survives_shuffled_delivery() {
    let runs = std::env::var("STET_CONVERGENCE_RUNS").map_or(10_000, |runs| runs.parse().unwrap());
    let (mut with_gap, mut partial, mut implied) = (0, 0, 0);
    for number in 0..runs {
        let met = std::panic::catch_unwind(|| run(number)).unwrap_or_else(|_| panic!("run {number} failed"));
        with_gap += u64::from(met.gaps > 0);
        partial += u64::from(met.partial > 0);
        implied += u64::from(met.implied);
    }
    println!("{runs} runs: {with_gap} met a gap, {partial} a partly known update, {implied} an implied deletion");
    assert!(with_gap * 100 >= runs * 30, "too few runs met a gap");
    assert!(partial > 0 && implied > 0);
}
