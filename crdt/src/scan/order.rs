//! The way through an update: one cursor per client, and a struct is passed only after what it depends on.
//!
//! The scanner walks to prove that there is a way at all (`Outside::Assumed`), admission walks to see how far it leads
//! from what a document knows (`Outside::Known`). A walk visits each struct once, and once more for every dependency it
//! has to wait for, so it is linear whatever the update says.

use smallvec::{SmallVec, smallvec};

use super::read::Reader;
use super::{GC, Header, Id, SKIP, Scan, Section, Struct};
use crate::ranges::{ClientId, Clock};

/// What counts as there besides the structs that were passed.
pub(crate) enum Outside<'a> {
    /// Everything the update does not bring itself, holes included.
    Assumed,
    /// What is below the clock that the document knows of a client; holes stop a cursor.
    Known(&'a dyn Fn(ClientId) -> Clock),
}

/// Why a cursor goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stuck {
    /// Structs wait for each other.
    Cycle,
    /// Something is not there yet.
    Missing,
    /// This client's structs, or some they depend on, are not the sender's to send.
    Foreign,
}

/// One client's position.
#[derive(Clone, Copy)]
struct Cursor {
    /// Everything below is there.
    reach: Clock,
    /// The next struct, counted from the start of the section.
    next: usize,
    stuck: Option<Stuck>,
    /// On the stack of those that wait for another.
    waiting: bool,
}

enum Step {
    Done,
    Stuck(Stuck),
    /// The section that must get beyond the clock first.
    Waits(usize, Clock),
}

pub(crate) struct Walk<'a> {
    update: &'a [u8],
    scan: &'a Scan,
    outside: Outside<'a>,
    cursors: SmallVec<[Cursor; 2]>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(update: &'a [u8], scan: &'a Scan, outside: Outside<'a>) -> Walk<'a> {
        let mut cursors = smallvec![];
        for section in scan.sections() {
            let reach = match &outside {
                Outside::Assumed => section.start,
                Outside::Known(clock) => clock(section.client),
            };
            let next = scan.structs_of(section).partition_point(|piece| piece.end() <= reach);
            cursors.push(Cursor { reach, next, stuck: None, waiting: false });
        }
        Walk { update, scan, outside, cursors }
    }

    /// Closes a section before the walk: nothing of it passes.
    pub(crate) fn close(&mut self, section: usize, why: Stuck) {
        self.cursors[section].stuck = Some(why);
    }

    /// Moves every cursor as far as it goes.
    pub(crate) fn run(&mut self) {
        let mut stack: SmallVec<[(usize, Clock); 4]> = smallvec![];
        for section in 0..self.cursors.len() {
            stack.push((section, Clock::MAX));
            while let Some(&(top, target)) = stack.last() {
                match self.advance(top, target) {
                    Step::Waits(on, clock) if !self.cursors[on].waiting && on != top => {
                        self.cursors[top].waiting = true;
                        stack.push((on, clock));
                        continue;
                    }
                    Step::Waits(..) => self.close(top, Stuck::Cycle),
                    Step::Stuck(why) => self.close(top, why),
                    Step::Done => {}
                }
                stack.pop();
                if let Some(&(below, _)) = stack.last() {
                    self.cursors[below].waiting = false;
                }
            }
        }
    }

    /// The clock up to which a section's client is there.
    pub(crate) fn reach(&self, section: usize) -> Clock {
        self.cursors[section].reach
    }

    /// Why a section got no further; `None` when it got to its end.
    pub(crate) fn stuck(&self, section: usize) -> Option<Stuck> {
        self.cursors[section].stuck
    }

    pub(crate) fn any_stuck(&self, why: Stuck) -> bool {
        self.cursors.iter().any(|cursor| cursor.stuck == Some(why))
    }

    /// Moves one cursor beyond the target clock or to its end.
    fn advance(&mut self, at: usize, target: Clock) -> Step {
        let section = &self.scan.sections()[at];
        let structs = self.scan.structs_of(section);
        let Cursor { mut reach, mut next, stuck, .. } = self.cursors[at];
        if let Some(why) = stuck {
            return Step::Stuck(why);
        }
        let step = loop {
            let Some(piece) = structs.get(next).filter(|_| reach <= target && reach < section.end) else {
                break Step::Done;
            };
            match self.step(section, reach, piece) {
                Step::Done => (reach, next) = (piece.end(), next + 1),
                other => break other,
            }
            self.cursors[at].reach = reach;
        };
        self.cursors[at].next = next;
        step
    }

    /// Whether the next struct of a section can be passed.
    fn step(&self, section: &Section, reach: Clock, piece: &Struct) -> Step {
        let mut reader = Reader::starting_at(self.update, piece.at);
        let Ok(info) = reader.byte() else { return Step::Stuck(Stuck::Missing) };
        let known = matches!(self.outside, Outside::Known(_));
        if known && (info == SKIP || piece.clock > reach) {
            return Step::Stuck(Stuck::Missing);
        }
        if info == SKIP || info == GC {
            return Step::Done;
        }
        let Ok(mut header) = Header::read(&mut reader, info) else { return Step::Stuck(Stuck::Missing) };
        if known && piece.clock < reach {
            // Its front is known already; the rest stands behind that front, wherever it is.
            (header.origin, header.parent) = (None, None);
        }
        let waits = |id: Id| (id.client != section.client || id.clock >= reach).then(|| self.waits_for(id));
        header.dependencies().filter_map(waits).find(|step| !matches!(step, Step::Done)).unwrap_or(Step::Done)
    }

    fn waits_for(&self, id: Id) -> Step {
        if let Some(on) = self.scan.section_of(id.client) {
            let cursor = &self.cursors[on];
            if id.clock < cursor.reach {
                return Step::Done;
            }
            if id.clock < self.scan.sections()[on].end {
                return cursor.stuck.map_or(Step::Waits(on, id.clock), Step::Stuck);
            }
        }
        match &self.outside {
            Outside::Known(clock) if id.clock >= clock(id.client) => Step::Stuck(Stuck::Missing),
            _ => Step::Done,
        }
    }
}
