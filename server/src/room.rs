//! One open document: one task, one closed enum of everything that can happen to it, one loop that matches it. The room
//! is the only writer of its document on this node. It knows the document as ranges ([`Known`]), never as a live
//! document; yrs runs elsewhere, when somebody joins.
//!
//! `edits.rs` is the road of a keystroke, `joins.rs` how somebody gets the present, `people.rs` who is here and who may
//! still be, `ending.rs` how a room leaves.

mod edits;
mod ending;
mod joins;
mod opening;
mod people;

use std::collections::{HashMap, VecDeque};
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use acl::{Access, ActorId, DocumentId, SessionId};
use bytes::Bytes;
use crdt::known::Known;
use crdt::presence::{Presence, Status};
use crdt::ranges::{ClientId, StateVector};
use crdt::scan::Scan;
use crdt::state::State;
use storage::{Seq, Storage, UpdateKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::auth::Holder;
use crate::limits::{ROOM_COMMANDS_MAX, UPDATE_OVERHEAD_BYTES, WAITING_BYTES_MAX};
use crate::log_writer::LogWriter;
use crate::materialise::{MaterialiseError, Materialiser};
use crate::peer::Peer;
use crate::rooms::{RoomError, Rooms};

use edits::{InFlight, Work};
use ending::Ending;
use joins::Joining;
use people::{AccessRead, Slot};

/// Everything that can happen to an open document from outside.
pub enum Command {
    /// A connection comes in.
    Join { peer: Arc<Peer>, holder: Box<Holder>, answer: oneshot::Sender<Result<(), RoomError>> },
    /// A connection says what it has and asks for the rest (SyncStep1).
    Sync { peer: u64, vector: StateVector },
    /// A connection sends an update.
    Update { peer: u64, incoming: Box<Incoming> },
    /// A connection announces presence.
    Presence { peer: u64, payload: Bytes },
    /// A connection asks who is here.
    QueryPresence { peer: u64 },
    /// The outbox of a connection that was behind has drained.
    Drained { peer: u64 },
    /// A connection is gone.
    Leave { peer: u64 },
    /// The server itself edits on somebody's behalf: an import, a restore, a call of the API.
    Edit { author: Author, incoming: Box<Incoming>, answer: oneshot::Sender<Result<Seq, RoomError>> },
    /// Somebody wants the committed present.
    State { answer: oneshot::Sender<Result<(Arc<State>, Seq), RoomError>> },
    /// A person says through the API that he is online, idle or offline.
    SetStatus { actor: ActorId, status: Status },
    /// Rights on the document moved.
    AccessChanged,
    /// A session was ended.
    SessionEnded(SessionId),
    /// The document is in the trash.
    Trashed,
    /// The server stops.
    Shutdown,
}

/// A scanned update on its way in.
pub struct Incoming {
    /// The update, v1.
    pub bytes: Bytes,
    /// What the scanner says of it.
    pub scan: Scan,
    /// It came as a SyncStep2: all that the sender has, not an act of the moment.
    pub whole: bool,
    /// Its share of the bytes that may wait for the room; given back when the update is done with.
    pub _held: OwnedSemaphorePermit,
}

/// Who edits.
#[derive(Debug, Clone, Copy)]
pub struct Author {
    /// The person or program.
    pub actor: ActorId,
    /// Names the connection or the call in the log.
    pub connection: Uuid,
    /// The right under which he edits.
    pub access: Access,
    /// What kind of edit the log shall call it.
    pub kind: UpdateKind,
}

/// What all rooms share.
#[derive(Clone)]
pub struct Surroundings {
    pub storage: Storage,
    pub writer: LogWriter,
    pub materialiser: Materialiser,
    pub rooms: Rooms,
    /// How long a room without people stays open.
    pub idle: Duration,
}

/// The room of one document.
pub struct Room {
    document: DocumentId,
    around: Surroundings,
    commands: mpsc::Receiver<Command>,

    /// The last committed seq.
    head: Seq,
    /// The version of rights at which everybody here was checked.
    acl_version: i64,
    /// What is committed, and what is on its way.
    known: Known,
    /// Who owns which client id, as far as it was seen here.
    owners: HashMap<ClientId, ActorId>,
    /// Client ids seen in presence that storage does not know of yet.
    reservations: Vec<(ClientId, ActorId)>,

    /// The newest materialised state, and the seq it stands for.
    base: Arc<State>,
    base_seq: Seq,
    /// The base as one framed SyncStep2, shared by all who lack everything.
    base_frame: Option<Bytes>,
    /// The committed updates after the base.
    tail: VecDeque<TailUpdate>,
    tail_bytes: usize,

    waiting: VecDeque<Work>,
    in_flight: Option<InFlight>,
    /// Updates that can only be judged against a fresher state.
    parked: Vec<Work>,

    joining: Vec<Joining>,
    materialising: Option<JoinHandle<(Seq, Result<State, MaterialiseError>)>>,
    reading_access: Option<JoinHandle<AccessRead>>,
    access_is_stale: bool,

    slots: HashMap<u64, Slot>,
    presence: Presence,
    presence_due: Option<Instant>,
    began: Instant,

    ending: Ending,
    snapshot_seq: Seq,
}

/// A committed update that the base does not hold yet.
struct TailUpdate {
    seq: Seq,
    bytes: Bytes,
}

/// What ends the loop of a room.
enum Flow {
    On,
    End,
}

/// The way into a room.
#[derive(Clone)]
pub struct Door {
    commands: mpsc::Sender<Command>,
    bytes: Arc<Semaphore>,
}

/// The room has ended; the next opening has everything that was committed.
#[derive(Debug)]
pub struct Ended;

/// Opens the room of a document; commands wait until it has loaded.
pub fn open(document: DocumentId, around: Surroundings) -> Door {
    let (sender, commands) = mpsc::channel(ROOM_COMMANDS_MAX);
    tokio::spawn(opening::run(document, around, commands));
    Door { commands: sender, bytes: Arc::new(Semaphore::new(WAITING_BYTES_MAX)) }
}

impl Door {
    /// Hands a command over; waits while the room has as many as it takes.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn send(&self, command: Command) -> Result<(), Ended> {
        self.commands.send(command).await.map_err(|_| Ended)
    }

    /// Waits until the room takes an update of so many bytes.
    ///
    /// # Errors
    /// [`Ended`].
    pub async fn hold(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Ended> {
        let share = (bytes + UPDATE_OVERHEAD_BYTES).min(WAITING_BYTES_MAX);
        let share = u32::try_from(share).unwrap_or(u32::MAX);
        Arc::clone(&self.bytes).acquire_many_owned(share).await.map_err(|_| Ended)
    }

    /// Whether the room has ended.
    pub fn is_closed(&self) -> bool {
        self.commands.is_closed()
    }
}

impl Room {
    /// Lives until nobody is left.
    async fn run(mut self) {
        while let Flow::On = self.turn().await {
            self.start_batch();
            self.start_materialising();
            self.end_when_quiet();
        }
        self.commands.close();
        // Whoever still waits in the queue opens the room anew: his answer is dropped with the command.
    }

    /// Waits for one thing to happen, then takes what else is there without waiting.
    async fn turn(&mut self) -> Flow {
        let deadline = self.deadline();
        let flow = tokio::select! {
            biased;
            outcome = async { match &mut self.in_flight { Some(batch) => (&mut batch.outcome).await, None => pending().await } } => {
                self.appended(outcome).await
            }
            done = some(&mut self.materialising) => { self.materialised(done); Flow::On }
            read = some(&mut self.reading_access) => { self.access_read(read); Flow::On }
            written = some(&mut self.ending.writing) => { self.snapshot_written(written); Flow::On }
            command = self.commands.recv() => match command {
                Some(command) => self.handle(command),
                None => Flow::End,
            },
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => self.clock_struck(),
        };
        if let Flow::End = flow {
            return Flow::End;
        }
        for _ in 0..ROOM_COMMANDS_MAX {
            let Ok(command) = self.commands.try_recv() else { break };
            if let Flow::End = self.handle(command) {
                return Flow::End;
            }
        }
        Flow::On
    }

    fn handle(&mut self, command: Command) -> Flow {
        match command {
            Command::Join { peer, holder, answer } => self.join(peer, *holder, answer),
            Command::Sync { peer, vector } => self.sync(peer, vector),
            Command::Update { peer, incoming } => self.update(peer, *incoming),
            Command::Presence { peer, payload } => self.announce(peer, &payload),
            Command::QueryPresence { peer } => self.tell_presence(peer),
            Command::Drained { peer } => self.catch_up(peer),
            Command::Leave { peer } => self.leave(peer),
            Command::Edit { author, incoming, answer } => self.edit(author, *incoming, answer),
            Command::State { answer } => self.ask_state(answer),
            Command::SetStatus { actor, status } => self.set_status(actor, status),
            Command::AccessChanged => self.read_access(),
            Command::SessionEnded(session) => self.end_session(session),
            Command::Trashed => return self.trashed(),
            Command::Shutdown => self.shut_down(),
        }
        Flow::On
    }

    /// The next moment at which something is due.
    fn deadline(&self) -> Option<Instant> {
        let presence = self.presence.next_deadline().map(|at_ms| self.began + Duration::from_millis(at_ms));
        [self.presence_due, presence, self.ending.due, self.next_expiry()].into_iter().flatten().min()
    }

    fn clock_struck(&mut self) -> Flow {
        let now = Instant::now();
        self.tick_presence(now);
        self.expire_access();
        if self.ending.due.is_some_and(|due| due <= now) {
            return self.try_to_end();
        }
        Flow::On
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Nothing is on its way and nobody waits.
    fn is_quiet(&self) -> bool {
        self.slots.is_empty()
            && self.waiting.is_empty()
            && self.parked.is_empty()
            && self.in_flight.is_none()
            && self.joining.is_empty()
            && self.materialising.is_none()
            && self.reading_access.is_none()
    }
}

impl Drop for Room {
    /// A room that ends in any other way than by its own rules (a panic of its task) sends its people away; they find
    /// everything that was committed on their return.
    fn drop(&mut self) {
        self.send_everybody_away(1011, "internal");
    }
}

/// The result of background work that may not be under way; a panic in it counts as broken off.
async fn some<T>(work: &mut Option<JoinHandle<T>>) -> Option<T> {
    match work {
        Some(handle) => {
            let result = handle.await.ok();
            *work = None;
            result
        }
        None => pending().await,
    }
}
