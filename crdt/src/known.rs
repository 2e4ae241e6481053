//! Causal admission: what a document knows, and what of an update is news to it.
//!
//! Only what stands on known ground is admitted, so that nothing is ever pending anywhere: of each client a prefix
//! without holes, every struct after all it depends on, deletions of what is known. The rest stays with its sender.

use crate::ranges::{ClientId, Ranges, StateVector};
use crate::scan::order::{Outside, Stuck, Walk};
use crate::scan::{Scan, cut};

/// What a document knows: how far it has each client's structs, and what of them is deleted.
///
/// It has a committed part and a part in flight: admitted, and being written to the log. Admission builds on both.
#[derive(Clone, Debug, Default)]
pub struct Known {
    vector: StateVector,
    deleted: Ranges,
    /// Clocks of the clients that have structs in flight.
    flight: StateVector,
    flight_deleted: Ranges,
}

/// What to do with an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admit {
    /// Some or all of it is new, and can be stored and shown to others.
    News(News),
    /// All of it is known.
    Nothing,
    /// Nothing of it can be admitted yet: what it stands on is missing.
    Gap,
    /// Nothing is left once the ranges under these client ids, which are others', and what depends on them are cut.
    Foreign(Vec<ClientId>),
}

/// The part of an update that is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The update that says only what is new; `None` when that is the whole input, byte for byte.
    pub bytes: Option<Vec<u8>>,
    /// The new ranges.
    pub inserted: Ranges,
    /// The newly deleted ranges, with those that arrive already deleted.
    pub deleted: Ranges,
    /// A part stayed behind for want of what it depends on.
    pub missing: bool,
    /// Client ids whose new ranges were cut out because they are others'.
    pub foreign: Vec<ClientId>,
}

impl Known {
    /// A document with this state vector, of which these ranges are deleted. Nothing is in flight.
    pub fn new(vector: StateVector, deleted: Ranges) -> Known {
        Known { vector, deleted, ..Known::default() }
    }

    /// Takes what is new of an update into the part in flight. `foreign` is asked once for every client id that has new
    /// ranges, whether that id is somebody else's. `scan` must be made from `update`.
    pub fn admit(&mut self, update: &[u8], scan: &Scan, foreign: &dyn Fn(ClientId) -> bool) -> Admit {
        let clock = |client| self.vector.get(client).max(self.flight.get(client));
        let mut walk = Walk::new(update, scan, Outside::Known(&clock));
        let mut strangers = Vec::new();
        for (at, section) in scan.sections().iter().enumerate() {
            if section.end > walk.reach(at) && foreign(section.client) {
                strangers.push(section.client);
                walk.close(at, Stuck::Foreign);
            }
        }
        walk.run();

        let mut inserted = Ranges::new();
        let mut missing = false;
        for (at, section) in scan.sections().iter().enumerate().rev() {
            inserted.push(section.client, clock(section.client)..walk.reach(at));
            missing |= matches!(walk.stuck(at), Some(Stuck::Missing | Stuck::Cycle));
        }
        let (mut deleted, unknown) = self.new_deletions(scan, &walk);
        missing |= unknown;
        let whole = !scan.has_holes() && inserted == *scan.inserted() && deleted == *scan.deleted();
        let bytes = (!whole).then(|| cut(update, scan, &inserted, &deleted));
        if !scan.buried().is_empty() {
            deleted.union_with(&scan.buried().intersect(&inserted));
        }
        if inserted.is_empty() && deleted.is_empty() {
            return match strangers.is_empty() {
                _ if missing => Admit::Gap,
                true => Admit::Nothing,
                false => Admit::Foreign(strangers),
            };
        }
        let ends = inserted.iter().filter_map(|(client, ranges)| Some((client, ranges.last()?.end)));
        self.flight.raise_all(&ends.collect());
        self.flight_deleted.union_with(&deleted);
        Admit::News(News { bytes, inserted, deleted, missing, foreign: strangers })
    }

    /// The deletions of what is known after the walk that are not known yet, and whether others were cut off because
    /// what they delete is missing.
    fn new_deletions(&self, scan: &Scan, walk: &Walk<'_>) -> (Ranges, bool) {
        if scan.deleted().is_empty() {
            return (Ranges::new(), false);
        }
        let clock = |client| match scan.section_of(client) {
            Some(at) => walk.reach(at),
            None => self.vector.get(client).max(self.flight.get(client)),
        };
        let mut unknown = false;
        for (client, ranges) in scan.deleted().iter() {
            let end = ranges.last().map_or(0, |range| range.end);
            let foreign = |at: usize| walk.stuck(at) == Some(Stuck::Foreign) && end <= scan.sections()[at].end;
            unknown |= end > clock(client) && !scan.section_of(client).is_some_and(foreign);
        }
        let reachable = scan.deleted().below(clock);
        (reachable.subtract(&self.deleted).subtract(&self.flight_deleted), unknown)
    }

    /// What is in flight becomes committed.
    pub fn commit(&mut self) {
        self.vector.raise_all(&std::mem::take(&mut self.flight));
        self.deleted.union_with(&std::mem::take(&mut self.flight_deleted));
    }

    /// What is in flight is dropped, as if it had never been admitted.
    pub fn rollback(&mut self) {
        (self.flight, self.flight_deleted) = (StateVector::new(), Ranges::new());
    }

    /// Whether something was admitted and neither committed nor dropped yet.
    pub fn in_flight(&self) -> bool {
        !self.flight.is_empty() || !self.flight_deleted.is_empty()
    }

    /// The committed clocks.
    pub fn state_vector(&self) -> &StateVector {
        &self.vector
    }

    /// The committed deletions.
    pub fn deleted(&self) -> &Ranges {
        &self.deleted
    }

    /// Adds deletions that no update spells out, taken from a materialised state: integrating an update deletes by
    /// itself, for example the loser of two concurrent settings of one attribute.
    pub fn learn_deleted(&mut self, deleted: &Ranges) {
        self.deleted.union_with(deleted);
    }
}
