//! How a room begins: snapshot, then the rows after it, everything checked. A load that fails refuses the joins; it
//! never becomes an empty document.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use acl::DocumentId;
use bytes::Bytes;
use crdt::known::{Admit, Known};
use crdt::presence::Presence;
use crdt::ranges::{Ranges, StateVector};
use crdt::row;
use crdt::scan::scan;
use crdt::state::{Snapshot, State};
use storage::{LoggedRow, OpenError, OpenLog, Seq};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{debug, error};

use super::ending::Ending;
use super::{Command, Room, Surroundings, TailUpdate};
use crate::rooms::{RoomError, Rooms};

/// Loads the document, then lives. A failure is told to everybody who waits.
pub(super) async fn run(document: DocumentId, around: Surroundings, mut commands: mpsc::Receiver<Command>) {
    // Dropped after the room, so also when its task panics: the next join opens the document anew.
    let _forget = Forget { document, rooms: around.rooms.clone() };
    match load(document, &around).await {
        Ok((log, base)) => {
            let mut room = Room::new(document, around, commands, &log, base);
            match log.rows.iter().try_for_each(|row| room.take_row(row).map(drop)) {
                Ok(()) => room.run().await,
                Err(code) => {
                    error!(%document, code, "a row of the log cannot be taken in");
                    refuse(&mut room.commands, &RoomError::Unavailable).await;
                }
            }
        }
        Err(failure) => refuse(&mut commands, &failure).await,
    }
}

struct Forget {
    document: DocumentId,
    rooms: Rooms,
}

impl Drop for Forget {
    fn drop(&mut self) {
        self.rooms.forget(self.document);
    }
}

async fn load(document: DocumentId, around: &Surroundings) -> Result<(OpenLog, State), RoomError> {
    let log = around.storage.open_log(document).await.map_err(|failure| match failure {
        OpenError::Gone | OpenError::NotFound => RoomError::Gone,
        other => {
            error!(%document, failure = %other, "the log cannot be opened");
            RoomError::Unavailable
        }
    })?;
    let Some(pointer) = &log.head.snapshot else {
        return Ok((log, empty()));
    };
    let bytes = around.storage.get_snapshot(pointer).await.map_err(|failure| {
        error!(%document, seq = pointer.seq.0, %failure, "the snapshot cannot be read");
        RoomError::Unavailable
    })?;
    let state = Snapshot::decode(&bytes).map_err(|failure| {
        error!(%document, seq = pointer.seq.0, %failure, "the snapshot cannot be decoded");
        RoomError::Unavailable
    })?;
    Ok((log, state))
}

async fn refuse(commands: &mut mpsc::Receiver<Command>, failure: &RoomError) {
    commands.close();
    while let Some(command) = commands.recv().await {
        match command {
            Command::Join { answer, .. } => drop(answer.send(Err(failure.clone()))),
            Command::Edit { answer, .. } => drop(answer.send(Err(failure.clone()))),
            Command::State { answer } => drop(answer.send(Err(failure.clone()))),
            _ => {}
        }
    }
}

/// The state of a document in which nobody has written.
fn empty() -> State {
    State { update: vec![0, 0], state_vector: StateVector::default(), deleted: Ranges::default() }
}

impl Room {
    fn new(
        document: DocumentId,
        around: Surroundings,
        commands: mpsc::Receiver<Command>,
        log: &OpenLog,
        base: State,
    ) -> Room {
        let base_seq = log.head.snapshot.as_ref().map_or(Seq(0), |pointer| pointer.seq);
        debug!(%document, seq = log.head.seq.0, base = base_seq.0, "room opened");
        Room {
            document,
            commands,
            head: base_seq,
            acl_version: log.head.acl_version,
            known: Known::new(base.state_vector.clone(), base.deleted.clone()),
            owners: HashMap::new(),
            reservations: Vec::new(),
            base: Arc::new(base),
            base_seq,
            base_frame: None,
            tail: VecDeque::new(),
            tail_bytes: 0,
            waiting: VecDeque::new(),
            in_flight: None,
            parked: Vec::new(),
            joining: Vec::new(),
            materialising: None,
            reading_access: None,
            access_is_stale: false,
            slots: HashMap::new(),
            presence: Presence::default(),
            presence_due: None,
            began: Instant::now(),
            ending: Ending::after(around.idle),
            snapshot_seq: base_seq,
            around,
        }
    }

    /// Takes a committed row in: into what is known and into the tail. Gives its updates back.
    pub(super) fn take_row(&mut self, logged: &LoggedRow) -> Result<Vec<Bytes>, &'static str> {
        let updates = row::unpack(&logged.bytes).map_err(|refusal| refusal.code())?;
        let mut taken = Vec::with_capacity(updates.len());
        for update in updates {
            let scanned = scan(update).map_err(|refusal| refusal.code())?;
            match self.known.admit(update, &scanned, &|_| false) {
                Admit::News(news) if !news.missing => {
                    let bytes = Bytes::copy_from_slice(update);
                    self.tail_bytes += bytes.len();
                    self.tail.push_back(TailUpdate { seq: logged.seq, bytes: bytes.clone() });
                    taken.push(bytes);
                }
                // Implied deletions that a later state taught may make a logged deletion known already.
                Admit::Nothing => {}
                Admit::News(_) | Admit::Gap | Admit::Foreign(_) => return Err("row_out_of_order"),
            }
        }
        self.known.commit();
        self.head = logged.seq;
        Ok(taken)
    }
}
