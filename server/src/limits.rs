//! Every bound of the server in one place, each with its unit. A bound that is hit answers with a code of its own and
//! never in silence; the ones that honest people can meet are settings in `config.rs` with these as defaults.

use std::time::Duration;

/// Largest WebSocket message taken from a client, in bytes. Two megabytes of offline edits with an image as data URL
/// must fit; more is closed with `frame_too_large`.
pub const FRAME_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What tungstenite reads from the socket at once, in bytes. It is held by every connection for its whole life.
pub const READ_BUFFER_BYTES: usize = 4 * 1024;

/// Frames taken from one socket before its task lets others run.
pub const FRAMES_PER_TURN_MAX: usize = 32;

/// What a frame that waits costs beside its bytes.
pub const FRAME_OVERHEAD_BYTES: usize = 64;

/// What may wait for one slow socket, in bytes. Beyond it the peer is marked as behind and is caught up from its
/// position when the socket has drained.
pub const OUTBOX_BYTES_MAX: usize = 1024 * 1024;

/// A socket that takes nothing for this long while something waits for it is closed with `try_again`.
pub const NO_PROGRESS: Duration = Duration::from_secs(30);

/// How often a socket's task looks at its clocks.
pub const SOCKET_TICK: Duration = Duration::from_secs(10);

/// A socket from which nothing came for this long, not even the answer to a ping, is dropped.
pub const SILENCE: Duration = Duration::from_secs(60);

/// How long a closing socket may take to send what waits and to say goodbye.
pub const GOODBYE: Duration = Duration::from_secs(3);

/// Commands that may wait for one room. A socket whose room is full is not read: the rate of its writer falls to what
/// the disk takes, and nothing is refused.
pub const ROOM_COMMANDS_MAX: usize = 256;

/// Updates in one batch of one room.
pub const BATCH_UPDATES_MAX: usize = 2048;

/// Bytes of updates that may wait for one room, in its queue and for the commit in flight; a socket whose update would
/// pass it is not read until there is space.
pub const WAITING_BYTES_MAX: usize = 32 * 1024 * 1024;

/// What a waiting update costs beside its bytes: its scan and its place in the queue.
pub const UPDATE_OVERHEAD_BYTES: usize = 512;

/// Largest document, in bytes of its state and the updates since. An update that would pass it is refused with
/// `document_too_large`, while the document can still be materialised within its budget.
pub const DOCUMENT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Rooms served by one commit.
pub const COMMIT_ROOMS_MAX: usize = 512;

/// Bytes of updates in one commit; a room that would pass it waits for the next one.
pub const COMMIT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The tail that a room holds is folded into its state in memory when it is larger than the state and than this many
/// bytes. A join needs that work anyway; the bound keeps it small.
pub const TAIL_BYTES_MIN: usize = 256 * 1024;

/// How long changed presence is gathered before one frame with the newest of everybody goes out.
pub const PRESENCE_TICK: Duration = Duration::from_millis(40);

/// Connections in one room. The next one is closed with `room_full`.
pub const PEERS_PER_ROOM_MAX: usize = 5_000;

/// Bytes of memory that materialisations may take together, reckoned as [`MATERIALISE_FACTOR`] times the encoded size.
pub const MATERIALISE_BYTES_MAX: usize = 2 * 1024 * 1024 * 1024;

/// Memory of a live document per encoded byte: measured at 10 to 19 for yrs 0.28.
pub const MATERIALISE_FACTOR: usize = 20;

/// How often a room tries to write its snapshot at its end before it leaves that to the next opening. The log holds
/// everything in any case.
pub const SNAPSHOT_TRIES_MAX: u32 = 3;

/// How often a join is tried again when it met a room that was just closing.
pub const JOIN_TRIES_MAX: u32 = 5;

/// How long rooms may take at shutdown to commit and to write their snapshots.
pub const SHUTDOWN_WAIT: Duration = Duration::from_secs(20);

/// Bytes read from the log at once when another node has written.
pub const CATCH_UP_BYTES_MAX: usize = 8 * 1024 * 1024;

/// How often the write-ahead log of the embedded database is moved into the database file, off the commit path.
pub const CHECKPOINT_EVERY: Duration = Duration::from_secs(5);
