//! Clock ranges per client id, and state vectors: what an update inserts, what a document knows, what is deleted.
//!
//! Both are sorted lists that stay on the stack while they are small: an update nearly always has one client and one
//! range, and the scanner makes one of these for every keystroke.

use std::ops::Range;

use smallvec::SmallVec;

use crate::scan::Refusal;
use crate::scan::read::{Reader, write_number};

/// A Yjs client id: one replica, for example one open tab. Below 2^53.
pub type ClientId = u64;
/// A position in the sequence of everything one client ever inserted. Below 2^31.
pub type Clock = u32;

/// Most entries a state vector from outside may hold.
pub const STATE_VECTOR_ENTRIES_MAX: u64 = 100_000;

/// Up to so many entries are put into their places in a sorted list one by one.
const ONE_BY_ONE_MAX: usize = 4;

type ClientRanges = SmallVec<[Range<Clock>; 2]>;
type ClientLists = SmallVec<[(ClientId, ClientRanges); 1]>;

/// Sorted, disjoint, coalesced clock ranges per client (inserted ranges, delete sets).
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Ranges {
    /// Ascending by client; no client has an empty list.
    clients: ClientLists,
}

impl Ranges {
    /// Nothing.
    pub fn new() -> Ranges {
        Ranges::default()
    }

    /// Adds a range; an empty one changes nothing.
    pub fn insert(&mut self, client: ClientId, range: Range<Clock>) {
        if range.is_empty() {
            return;
        }
        match self.position(client) {
            Ok(at) => insert_into(&mut self.clients[at].1, range),
            Err(at) => self.clients.insert(at, (client, SmallVec::from_iter([range]))),
        }
    }

    /// Whether every clock of the range is in the set. An empty range always is.
    pub fn contains_range(&self, client: ClientId, range: Range<Clock>) -> bool {
        let ranges = self.of(client);
        let at = ranges.partition_point(|known| known.end <= range.start);
        range.is_empty() || ranges.get(at).is_some_and(|known| known.start <= range.start && range.end <= known.end)
    }

    /// What is in this set and not in the other.
    pub fn subtract(&self, other: &Ranges) -> Ranges {
        self.combine(other, |mine, theirs, kept| {
            let mut theirs = theirs.iter().peekable();
            for range in mine {
                let mut start = range.start;
                while theirs.next_if(|taken| taken.end <= start).is_some() {}
                // A taken range may reach into the next of mine, so it is only passed when it ends inside this one.
                while let Some(taken) = theirs.peek().filter(|taken| taken.start < range.end) {
                    if start < taken.start {
                        kept.push(start..taken.start);
                    }
                    start = taken.end.max(start);
                    if taken.end > range.end {
                        break;
                    }
                    theirs.next();
                }
                if start < range.end {
                    kept.push(start..range.end);
                }
            }
        })
    }

    /// What is in both sets.
    pub fn intersect(&self, other: &Ranges) -> Ranges {
        self.combine(other, |mine, theirs, kept| {
            let mut theirs = theirs.iter().peekable();
            for range in mine {
                while theirs.next_if(|other| other.end <= range.start).is_some() {}
                while let Some(other) = theirs.peek().filter(|other| other.start < range.end) {
                    kept.push(range.start.max(other.start)..range.end.min(other.end));
                    if other.end > range.end {
                        break;
                    }
                    theirs.next();
                }
            }
        })
    }

    /// Adds everything of the other set.
    pub fn union_with(&mut self, other: &Ranges) {
        let mut new = ClientLists::new();
        for (client, added) in other.iter() {
            match self.position(client) {
                Err(_) => new.push((client, SmallVec::from(added))),
                Ok(at) => union_into(&mut self.clients[at].1, added),
            }
        }
        insert_sorted(&mut self.clients, new, |(client, _)| *client);
    }

    /// The part of every client's ranges that lies below its clock.
    pub fn below(&self, clock: impl Fn(ClientId) -> Clock) -> Ranges {
        let mut clients = ClientLists::new();
        for (client, ranges) in self.iter() {
            let end = clock(client);
            let whole = ranges.partition_point(|range| range.end <= end);
            let mut kept = ClientRanges::from(&ranges[..whole]);
            kept.extend(ranges.get(whole).filter(|range| range.start < end).map(|range| range.start..end));
            if !kept.is_empty() {
                clients.push((client, kept));
            }
        }
        Ranges { clients }
    }

    /// Appends while reading an update: a client's ranges come ascending, the clients in any order. To be followed by
    /// [`Ranges::settle`]; inserting each client in its place would take a hostile update quadratic time.
    pub(crate) fn push(&mut self, client: ClientId, range: Range<Clock>) {
        match self.clients.last_mut() {
            _ if range.is_empty() => {}
            Some((last, ranges)) if *last == client => match ranges.last_mut() {
                Some(last) if last.end == range.start => last.end = range.end,
                _ => ranges.push(range),
            },
            _ => self.clients.push((client, SmallVec::from_iter([range]))),
        }
    }

    /// Sorts what [`Ranges::push`] appended; refuses a client that came twice.
    pub(crate) fn settle(&mut self) -> Result<(), Refusal> {
        settle(&mut self.clients, |(client, _)| *client)
    }

    /// Whether the set holds nothing.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty()
    }

    /// The client ids that have a range, ascending.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.clients.iter().map(|(client, _)| *client)
    }

    /// Every client's ranges, clients and ranges ascending.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, &[Range<Clock>])> {
        self.clients.iter().map(|(client, ranges)| (*client, ranges.as_slice()))
    }

    /// The ranges of one client, ascending.
    pub fn of(&self, client: ClientId) -> &[Range<Clock>] {
        self.position(client).map_or(&[], |at| &self.clients[at].1)
    }

    /// How many clocks the ranges cover together.
    pub fn len_total(&self) -> u64 {
        self.iter().flat_map(|(_, ranges)| ranges).map(|range| u64::from(range.end - range.start)).sum()
    }

    /// The bytes of a Yjs delete set, format v1, client ids descending as Yjs writes them.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.clients.len() * 8);
        self.encode_into(&mut bytes);
        bytes
    }

    pub(crate) fn encode_into(&self, bytes: &mut Vec<u8>) {
        write_number(bytes, self.clients.len() as u64);
        for (client, ranges) in self.clients.iter().rev() {
            write_number(bytes, *client);
            write_number(bytes, ranges.len() as u64);
            for range in ranges {
                write_number(bytes, u64::from(range.start));
                write_number(bytes, u64::from(range.end - range.start));
            }
        }
    }

    /// Reads what [`Ranges::encode`] or Yjs wrote; the whole input, and nothing a real client would not write.
    pub fn decode(bytes: &[u8]) -> Result<Ranges, Refusal> {
        let mut reader = Reader::new(bytes);
        let ranges = Ranges::read(&mut reader)?;
        reader.finish()?;
        Ok(ranges)
    }

    /// Reads a delete set from the middle of an update. Every entry costs the sender at least two bytes, so what is
    /// reserved follows what was read, never a count.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Ranges, Refusal> {
        let mut clients = SmallVec::new();
        for _ in 0..reader.count()? {
            let client = reader.client()?;
            let mut ranges = ClientRanges::new();
            for _ in 0..reader.count()? {
                let range = reader.range()?;
                match ranges.last_mut() {
                    Some(last) if range.start < last.end => return Err(Refusal::DeleteSetOrder),
                    Some(last) if range.start == last.end => last.end = range.end,
                    _ => ranges.push(range),
                }
            }
            if ranges.is_empty() {
                return Err(Refusal::EmptySection);
            }
            clients.push((client, ranges));
        }
        settle(&mut clients, |(client, _)| *client)?;
        Ok(Ranges { clients })
    }

    fn position(&self, client: ClientId) -> Result<usize, usize> {
        self.clients.binary_search_by_key(&client, |(id, _)| *id)
    }

    /// Builds a set from this one, client by client; `make` gets both sides' ranges and pushes ascending ones.
    fn combine(&self, other: &Ranges, make: impl Fn(&[Range<Clock>], &[Range<Clock>], &mut ClientRanges)) -> Ranges {
        let mut clients = SmallVec::new();
        for (client, mine) in self.iter() {
            let mut kept = ClientRanges::new();
            make(mine, other.of(client), &mut kept);
            if !kept.is_empty() {
                clients.push((client, kept));
            }
        }
        Ranges { clients }
    }
}

fn insert_into(ranges: &mut ClientRanges, range: Range<Clock>) {
    let first = ranges.partition_point(|known| known.end < range.start);
    let touching = ranges[first..].partition_point(|known| known.start <= range.end);
    if touching == 0 {
        ranges.insert(first, range);
        return;
    }
    let last = first + touching - 1;
    ranges[first] = ranges[first].start.min(range.start)..ranges[last].end.max(range.end);
    ranges.drain(first + 1..=last);
}

/// A few ranges go in one by one (a keystroke's deletions into a large set); many are merged in one pass, because every
/// single one moves all behind it.
fn union_into(ranges: &mut ClientRanges, added: &[Range<Clock>]) {
    if added.len() <= ONE_BY_ONE_MAX {
        added.iter().for_each(|range| insert_into(ranges, range.clone()));
        return;
    }
    let mut all: ClientRanges = ranges.iter().chain(added).cloned().collect();
    all.sort_by_key(|range| range.start);
    all.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    *ranges = all;
}

/// How far a document knows each client: everything below the clock.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct StateVector {
    /// Ascending by client; clocks are above 0.
    clocks: SmallVec<[(ClientId, Clock); 2]>,
}

impl StateVector {
    /// Knows nothing.
    pub fn new() -> StateVector {
        StateVector::default()
    }

    /// The first clock of this client that is not known; 0 for a client never heard of.
    pub fn get(&self, client: ClientId) -> Clock {
        self.position(client).map_or(0, |at| self.clocks[at].1)
    }

    /// Knows this client up to `clock`; a lower clock than the known one changes nothing.
    pub fn raise(&mut self, client: ClientId, clock: Clock) {
        match self.position(client) {
            Ok(at) => self.clocks[at].1 = self.clocks[at].1.max(clock),
            Err(at) if clock > 0 => self.clocks.insert(at, (client, clock)),
            Err(_) => {}
        }
    }

    /// Knows everything the other knows, too.
    pub fn raise_all(&mut self, other: &StateVector) {
        let mut new = SmallVec::<[(ClientId, Clock); 2]>::new();
        for (client, clock) in other.iter() {
            match self.position(client) {
                Ok(at) => self.clocks[at].1 = self.clocks[at].1.max(clock),
                Err(_) => new.push((client, clock)),
            }
        }
        insert_sorted(&mut self.clocks, new, |(client, _)| *client);
    }

    /// Every client and its clock, ascending by client.
    pub fn iter(&self) -> impl Iterator<Item = (ClientId, Clock)> {
        self.clocks.iter().copied()
    }

    /// How many clients are known.
    pub fn len(&self) -> usize {
        self.clocks.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.clocks.is_empty()
    }

    /// Whether everything the other knows is known here. Says nothing about deletions.
    pub fn covers(&self, other: &StateVector) -> bool {
        other.iter().all(|(client, clock)| self.get(client) >= clock)
    }

    /// The bytes of a Yjs state vector, format v1, client ids descending as Yjs writes them.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.clocks.len() * 8);
        write_number(&mut bytes, self.clocks.len() as u64);
        for (client, clock) in self.clocks.iter().rev() {
            write_number(&mut bytes, *client);
            write_number(&mut bytes, u64::from(*clock));
        }
        bytes
    }

    /// Reads a state vector, the whole input; at most [`STATE_VECTOR_ENTRIES_MAX`] entries, each client once.
    pub fn decode(bytes: &[u8]) -> Result<StateVector, Refusal> {
        let mut reader = Reader::new(bytes);
        let count = reader.count()?;
        if count > STATE_VECTOR_ENTRIES_MAX {
            return Err(Refusal::TooMany);
        }
        let mut clocks = SmallVec::new();
        for _ in 0..count {
            clocks.push((reader.client()?, reader.clock()?));
        }
        reader.finish()?;
        settle(&mut clocks, |(client, _)| *client)?;
        clocks.retain(|(_, clock)| *clock > 0);
        Ok(StateVector { clocks })
    }

    fn position(&self, client: ClientId) -> Result<usize, usize> {
        self.clocks.binary_search_by_key(&client, |(id, _)| *id)
    }
}

impl FromIterator<(ClientId, Clock)> for StateVector {
    fn from_iter<I: IntoIterator<Item = (ClientId, Clock)>>(entries: I) -> StateVector {
        let mut clocks: SmallVec<[(ClientId, Clock); 2]> =
            entries.into_iter().filter(|(_, clock)| *clock > 0).collect();
        clocks.sort_unstable_by_key(|&(client, clock)| (client, std::cmp::Reverse(clock)));
        clocks.dedup_by_key(|(client, _)| *client);
        StateVector { clocks }
    }
}

/// Sorts by client; refuses a client that is there twice.
fn settle<A: smallvec::Array>(list: &mut SmallVec<A>, client: impl Fn(&A::Item) -> ClientId) -> Result<(), Refusal> {
    if list.is_sorted_by(|a, b| client(a) < client(b)) {
        return Ok(());
    }
    list.sort_unstable_by_key(&client);
    let repeated = list.windows(2).any(|pair| client(&pair[0]) == client(&pair[1]));
    if repeated { Err(Refusal::RepeatedClient) } else { Ok(()) }
}

/// Adds entries of new clients, ascending: a few in their places, many by sorting once.
fn insert_sorted<A: smallvec::Array>(list: &mut SmallVec<A>, new: SmallVec<A>, client: impl Fn(&A::Item) -> ClientId) {
    if new.len() <= ONE_BY_ONE_MAX {
        for entry in new {
            let at = list.partition_point(|known| client(known) < client(&entry));
            list.insert(at, entry);
        }
    } else {
        list.extend(new);
        list.sort_by_key(client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A set as a list of clocks, to compare with.
    fn clocks(ranges: &Ranges) -> Vec<(ClientId, Clock)> {
        ranges
            .iter()
            .flat_map(|(client, list)| list.iter().cloned().flatten().map(move |clock| (client, clock)))
            .collect()
    }

    fn random_ranges(next: &mut impl FnMut(u64) -> u64, count: u64) -> Ranges {
        let mut ranges = Ranges::new();
        for _ in 0..count {
            let start = next(60) as Clock;
            ranges.insert(next(7), start..start + next(6) as Clock);
        }
        ranges
    }

    #[test]
    fn sets_of_ranges_are_sets_of_clocks() {
        let mut seed = 7u64;
        let mut next = move |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        let mut overlapping = 0;
        for round in 0..2_000 {
            let (a, b) = (random_ranges(&mut next, round % 40), random_ranges(&mut next, 20));
            let (in_a, in_b) = (clocks(&a), clocks(&b));
            let both: Vec<_> = in_a.iter().copied().filter(|id| in_b.contains(id)).collect();
            overlapping += u32::from(!both.is_empty());
            assert_eq!(clocks(&a.intersect(&b)), both);
            assert_eq!(
                clocks(&a.subtract(&b)),
                in_a.iter().copied().filter(|id| !in_b.contains(id)).collect::<Vec<_>>()
            );
            assert_eq!(clocks(&a.below(|client| client as Clock * 9)), {
                in_a.iter().copied().filter(|(client, clock)| u64::from(*clock) < client * 9).collect::<Vec<_>>()
            });
            let mut union = a.clone();
            union.union_with(&b);
            let mut all = [in_a.clone(), in_b].concat();
            all.sort_unstable();
            all.dedup();
            assert_eq!(clocks(&union), all);
            assert_eq!(union.len_total(), all.len() as u64);
            assert_eq!(Ranges::decode(&union.encode()), Ok(union.clone()), "coalesced and sorted as a delete set is");
            for (client, ranges) in union.iter() {
                assert!(ranges.iter().all(|range| union.contains_range(client, range.clone())));
                assert!(ranges.iter().all(|range| !union.contains_range(client, range.start..range.end + 1)));
            }
        }
        println!("{overlapping} of 2000 pairs overlap");
        assert!(overlapping > 1_000);
    }

    #[test]
    fn delete_sets_of_no_real_client_are_refused() {
        let cases: [(&[u8], Refusal); 8] = [
            (&[1, 7, 2, 5, 2, 6, 1], Refusal::DeleteSetOrder),
            (&[1, 7, 2, 5, 2, 0, 1], Refusal::DeleteSetOrder),
            (&[1, 7, 1, 5, 0], Refusal::EmptyStruct),
            (&[1, 7, 0, 0], Refusal::EmptySection),
            (&[2, 7, 1, 0, 1, 7, 1, 1, 1], Refusal::RepeatedClient),
            (&[1, 7, 1, 0xff, 0xff, 0xff, 0xff, 7, 1], Refusal::ClockTooLarge),
            (&[1, 7, 1, 0, 1, 0], Refusal::TrailingBytes),
            (&[0xff, 0xff, 0xff, 0xff, 7], Refusal::CountTooLarge),
        ];
        for (bytes, refusal) in cases {
            assert_eq!(Ranges::decode(bytes), Err(refusal), "{bytes:?}");
        }
        let touching = Ranges::decode(&[1, 7, 2, 5, 2, 7, 1]).unwrap();
        assert_eq!(touching.of(7), [5..8], "touching ranges are one");
    }

    #[test]
    fn state_vectors_keep_the_highest_clocks() {
        let mut vector: StateVector = [(9, 3), (2, 5), (9, 1), (4, 0)].into_iter().collect();
        assert_eq!(vector.iter().collect::<Vec<_>>(), [(2, 5), (9, 3)]);
        assert_eq!(vector.encode(), [2, 9, 3, 2, 5], "descending, as Yjs writes it");
        assert_eq!(StateVector::decode(&[3, 2, 5, 9, 3, 4, 0]), Ok(vector.clone()), "any order; clock 0 says nothing");
        assert_eq!(StateVector::decode(&[2, 2, 5, 2, 6]), Err(Refusal::RepeatedClient));
        assert_eq!(StateVector::decode(&[0xff, 0xff, 0xff, 0xff, 7]), Err(Refusal::CountTooLarge));
        let many = [vec![0xa1, 0x8d, 0x06], vec![0; 300_000]].concat();
        assert_eq!(StateVector::decode(&many), Err(Refusal::TooMany), "100,001 entries");

        let higher: StateVector = (0..20).map(|client| (client, 4)).collect();
        assert!(!vector.covers(&higher));
        vector.raise_all(&higher);
        assert!(vector.covers(&higher));
        assert_eq!((vector.get(2), vector.get(9), vector.get(0), vector.len()), (5, 4, 4, 20));
        vector.raise(30, 0);
        assert_eq!(vector.len(), 20);
    }
}
