//! The map of open rooms, and the server's way to them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use acl::{ActorId, DocumentId, SessionId};
use bytes::Bytes;
use crdt::presence::Status;
use crdt::scan::scan;
use crdt::state::State;
use storage::{Seq, Storage};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;
use tracing::warn;

use crate::auth::Holder;
use crate::limits::{JOIN_TRIES_MAX, SHUTDOWN_WAIT};
use crate::log_writer::LogWriter;
use crate::materialise::Materialiser;
use crate::peer::Peer;
use crate::room::{self, Author, Command, Door, Incoming, Surroundings};

/// All open rooms of this node.
#[derive(Clone)]
pub struct Rooms {
    inner: Arc<Inner>,
}

struct Inner {
    open: Mutex<Open>,
    /// A room has left the map.
    left: Notify,
    storage: Storage,
    writer: LogWriter,
    materialiser: Materialiser,
    idle: Duration,
}

#[derive(Default)]
struct Open {
    rooms: HashMap<DocumentId, Door>,
    stopping: bool,
}

/// Why a room could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoomError {
    /// There is no such document, or it is in the trash.
    #[error("the document is gone")]
    Gone,
    /// The room has as many connections as it takes.
    #[error("the room is full")]
    Full,
    /// The edit rests on something that the document does not hold.
    #[error("the edit does not fit the document")]
    Conflict,
    /// Its author may not write.
    #[error("the author may not write")]
    Forbidden,
    /// The edit is not one that the scanner lets pass.
    #[error("the edit was refused: {0}")]
    Refused(&'static str),
    /// Storage or the server cannot serve right now; it is worth trying again.
    #[error("the document cannot be served right now")]
    Unavailable,
}

impl Rooms {
    /// A map without rooms, and the writer of their log.
    pub fn start(storage: Storage, idle: Duration) -> Rooms {
        let writer = LogWriter::start(storage.clone());
        let inner = Inner {
            open: Mutex::default(),
            left: Notify::new(),
            storage,
            writer,
            materialiser: Materialiser::new(),
            idle,
        };
        Rooms { inner: Arc::new(inner) }
    }

    /// Brings a connection in and gives the way to its room.
    ///
    /// # Errors
    /// When the document is gone, full, or cannot be loaded.
    pub async fn join(&self, document: DocumentId, peer: &Arc<Peer>, holder: &Holder) -> Result<Door, RoomError> {
        for _ in 0..JOIN_TRIES_MAX {
            let room = self.room(document)?;
            let (answer, answered) = oneshot::channel();
            let join = Command::Join { peer: Arc::clone(peer), holder: Box::new(holder.clone()), answer };
            if room.send(join).await.is_ok()
                && let Ok(joined) = answered.await
            {
                return joined.map(|()| room);
            }
        }
        Err(RoomError::Unavailable)
    }

    /// The committed present of a document and its seq.
    ///
    /// # Errors
    /// When the document is gone or cannot be loaded.
    pub async fn state(&self, document: DocumentId) -> Result<(Arc<State>, Seq), RoomError> {
        for _ in 0..JOIN_TRIES_MAX {
            let (answer, answered) = oneshot::channel();
            if self.room(document)?.send(Command::State { answer }).await.is_ok()
                && let Ok(state) = answered.await
            {
                return state;
            }
        }
        Err(RoomError::Unavailable)
    }

    /// Commits an edit of the server's own making; it takes the same steps as one from a socket.
    ///
    /// # Errors
    /// When the scanner refuses it, it does not fit, or the document is gone or cannot be loaded. `Unavailable` leaves
    /// open whether the edit was committed.
    pub async fn edit(&self, document: DocumentId, author: Author, update: Vec<u8>) -> Result<Seq, RoomError> {
        let scanned = scan(&update).map_err(|refusal| RoomError::Refused(refusal.code()))?;
        let room = self.room(document)?;
        let held = room.hold(update.len()).await.map_err(|_| RoomError::Unavailable)?;
        let incoming = Incoming { bytes: Bytes::from(update), scan: scanned, whole: false, _held: held };
        let (answer, answered) = oneshot::channel();
        let edit = Command::Edit { author, incoming: Box::new(incoming), answer };
        room.send(edit).await.map_err(|_| RoomError::Unavailable)?;
        answered.await.map_err(|_| RoomError::Unavailable)?
    }

    /// Rights on a document moved: its room checks everybody again.
    pub fn access_changed(&self, document: DocumentId) {
        self.tell(document, Command::AccessChanged);
    }

    /// A document went to the trash: its sockets close with 4404.
    pub fn trashed(&self, document: DocumentId) {
        self.tell(document, Command::Trashed);
    }

    /// Says that a person is online, idle or offline in a document.
    pub fn set_status(&self, document: DocumentId, actor: ActorId, status: Status) {
        self.tell(document, Command::SetStatus { actor, status });
    }

    /// A session ended: its sockets close with 4401, whatever document they are in.
    pub fn session_ended(&self, session: SessionId) {
        for room in self.all() {
            tokio::spawn(async move { drop(room.send(Command::SessionEnded(session)).await) });
        }
    }

    /// Closes all rooms: what was taken commits, snapshots are written, everybody is told to come back.
    pub async fn shutdown(&self) {
        self.lock().stopping = true;
        for room in self.all() {
            tokio::spawn(async move { drop(room.send(Command::Shutdown).await) });
        }
        let all_left = async {
            loop {
                let left = self.inner.left.notified();
                if self.lock().rooms.is_empty() {
                    return;
                }
                left.await;
            }
        };
        if timeout(SHUTDOWN_WAIT, all_left).await.is_err() {
            warn!(open = self.lock().rooms.len(), "rooms were still busy at shutdown; the log holds everything");
        }
    }

    /// Takes a room out of the map if no command waits for it. The room asks; a join that comes later opens a new one.
    pub(crate) fn retire(&self, document: DocumentId, commands: &mpsc::Receiver<Command>) -> bool {
        let mut open = self.lock();
        if !commands.is_empty() {
            return false;
        }
        open.rooms.remove(&document);
        drop(open);
        self.inner.left.notify_waiters();
        true
    }

    /// Takes a room out of the map that has ended otherwise.
    pub(crate) fn forget(&self, document: DocumentId) {
        let mut open = self.lock();
        if open.rooms.get(&document).is_some_and(Door::is_closed) {
            open.rooms.remove(&document);
        }
        drop(open);
        self.inner.left.notify_waiters();
    }

    fn room(&self, document: DocumentId) -> Result<Door, RoomError> {
        let mut open = self.lock();
        if open.stopping {
            return Err(RoomError::Unavailable);
        }
        match open.rooms.entry(document) {
            Entry::Occupied(room) if !room.get().is_closed() => Ok(room.get().clone()),
            Entry::Occupied(mut closed) => {
                let room = room::open(document, self.surroundings());
                closed.insert(room.clone());
                Ok(room)
            }
            Entry::Vacant(free) => Ok(free.insert(room::open(document, self.surroundings())).clone()),
        }
    }

    /// Tells an open room something that must not be lost; there is nothing to tell when none is open.
    fn tell(&self, document: DocumentId, command: Command) {
        let room = self.lock().rooms.get(&document).cloned();
        if let Some(room) = room {
            tokio::spawn(async move { drop(room.send(command).await) });
        }
    }

    fn all(&self) -> Vec<Door> {
        self.lock().rooms.values().cloned().collect()
    }

    fn surroundings(&self) -> Surroundings {
        Surroundings {
            storage: self.inner.storage.clone(),
            writer: self.inner.writer.clone(),
            materialiser: self.inner.materialiser.clone(),
            rooms: self.clone(),
            idle: self.inner.idle,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.inner.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
