//! The sending side of one connection. A room writes frames straight to the socket from its own task: no channel, no
//! wake-up and no copy per receiver. What the socket does not take at once waits in a bounded outbox that the
//! connection's own task drains.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{BufMut, Bytes, BytesMut};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::limits::{FRAME_OVERHEAD_BYTES, OUTBOX_BYTES_MAX};

/// Slices handed to one system call.
const SLICES_MAX: usize = 16;

/// One connection, as a room sees it.
pub struct Peer {
    /// Names the connection within the process.
    pub id: u64,
    /// Names the connection in the log.
    pub connection: Uuid,
    wire: TcpStream,
    outbox: Mutex<Outbox>,
    stirred: Notify,
    spoke: AtomicBool,
    behind: AtomicBool,
}

#[derive(Default)]
struct Outbox {
    queue: VecDeque<Waiting>,
    /// Bytes of the first entry that the socket has taken already.
    sent_of_first: usize,
    /// Bytes that count against the bound.
    counted: usize,
    /// Bytes written since the connection began; the clock of "no progress".
    written: u64,
    closing: bool,
    broken: bool,
}

struct Waiting {
    frames: Bytes,
    counted: bool,
    /// The socket took a first part with the direct write: the rest must follow, or the stream is broken.
    begun: bool,
}

/// What became of frames given to [`Peer::send`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The socket took them, or they wait in the outbox.
    Yes,
    /// The outbox is full and the frames were not taken: the peer must be caught up once it has drained.
    Full,
    /// The connection is ending.
    Closed,
}

/// What the connection's own task must know after a flush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flushed {
    /// Nothing waits.
    pub empty: bool,
    /// The close frame was queued.
    pub closing: bool,
    /// The socket failed.
    pub broken: bool,
    /// Bytes written since the connection began.
    pub written: u64,
}

impl Peer {
    /// A peer that writes to `wire`.
    pub fn new(id: u64, connection: Uuid, wire: TcpStream) -> Peer {
        Peer {
            id,
            connection,
            wire,
            outbox: Mutex::default(),
            stirred: Notify::new(),
            spoke: AtomicBool::new(false),
            behind: AtomicBool::new(false),
        }
    }

    /// Sends one or more whole WebSocket frames. Several in one buffer cost one system call.
    pub fn send(&self, frames: &Bytes) -> Sent {
        self.queue(frames, true)
    }

    /// Sends a first sync, which may be larger than the outbox and does not count against it. One at a time: whoever
    /// asks again while the first still waits is served by it and by what follows it.
    pub fn send_first(&self, frames: &Bytes) -> Sent {
        self.queue(frames, false)
    }

    fn queue(&self, frames: &Bytes, counted: bool) -> Sent {
        self.spoke.store(true, Ordering::Relaxed);
        let mut outbox = self.lock();
        if outbox.closing || outbox.broken {
            return Sent::Closed;
        }
        let mut taken = 0;
        if outbox.queue.is_empty() {
            taken = match self.wire.try_write(frames) {
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
                Err(_) => {
                    outbox.broken = true;
                    self.stirred.notify_one();
                    return Sent::Closed;
                }
            };
            outbox.written += taken as u64;
            if taken == frames.len() {
                return Sent::Yes;
            }
        } else if outbox.is_full_for(frames, counted) {
            return Sent::Full;
        }
        let rest = frames.slice(taken..);
        if counted {
            outbox.counted += rest.len() + FRAME_OVERHEAD_BYTES;
        }
        outbox.queue.push_back(Waiting { frames: rest, counted, begun: taken > 0 });
        self.stirred.notify_one();
        Sent::Yes
    }

    /// Ends the connection with a code and a reason. What still waits is dropped, but for a frame half sent.
    pub fn close(&self, code: u16, reason: &str) {
        let mut outbox = self.lock();
        if outbox.closing || outbox.broken {
            return;
        }
        outbox.closing = true;
        let begun = outbox.sent_of_first > 0 || outbox.queue.front().is_some_and(|first| first.begun);
        outbox.queue.truncate(usize::from(begun));
        outbox.queue.push_back(Waiting { frames: close_frame(code, reason), counted: false, begun: false });
        drop(outbox);
        self.stirred.notify_one();
    }

    /// Writes as much of the outbox as the socket takes.
    pub fn flush(&self) -> Flushed {
        let mut outbox = self.lock();
        while !outbox.queue.is_empty() && !outbox.broken {
            match self.wire.try_write_vectored(&outbox.slices()) {
                Ok(0) => break,
                Ok(taken) => outbox.advance(taken),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => outbox.broken = true,
            }
        }
        Flushed {
            empty: outbox.queue.is_empty(),
            closing: outbox.closing,
            broken: outbox.broken,
            written: outbox.written,
        }
    }

    /// Completes when something was queued or the connection shall end.
    pub async fn stirred(&self) {
        self.stirred.notified().await;
    }

    /// The socket, for its own task.
    pub fn wire(&self) -> &TcpStream {
        &self.wire
    }

    /// Whether anything was sent since this was last asked.
    pub fn take_spoke(&self) -> bool {
        self.spoke.swap(false, Ordering::Relaxed)
    }

    /// The room left frames out because the outbox was full, and waits to hear that it drained.
    pub fn mark_behind(&self) {
        self.behind.store(true, Ordering::Release);
        self.stirred.notify_one();
    }

    /// Whether the room waits to hear that the outbox drained; forgets it.
    pub fn take_behind(&self) -> bool {
        self.behind.swap(false, Ordering::AcqRel)
    }

    fn lock(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outbox {
    fn is_full_for(&self, frames: &Bytes, counted: bool) -> bool {
        match counted {
            true => self.counted + frames.len() + FRAME_OVERHEAD_BYTES > OUTBOX_BYTES_MAX,
            false => self.queue.iter().any(|waiting| !waiting.counted),
        }
    }

    fn slices(&self) -> Vec<IoSlice<'_>> {
        let mut slices = Vec::with_capacity(self.queue.len().min(SLICES_MAX));
        for (index, waiting) in self.queue.iter().take(SLICES_MAX).enumerate() {
            let from = if index == 0 { self.sent_of_first } else { 0 };
            slices.push(IoSlice::new(&waiting.frames[from..]));
        }
        slices
    }

    fn advance(&mut self, mut taken: usize) {
        self.written += taken as u64;
        while taken > 0 {
            let Some(first) = self.queue.front() else { return };
            let left = first.frames.len() - self.sent_of_first;
            if taken < left {
                self.sent_of_first += taken;
                return;
            }
            taken -= left;
            if first.counted {
                self.counted = self.counted.saturating_sub(first.frames.len() + FRAME_OVERHEAD_BYTES);
            }
            self.sent_of_first = 0;
            self.queue.pop_front();
        }
    }
}

/// One binary WebSocket message as a server sends it (RFC 6455, section 5.2): final, unmasked.
pub fn binary_frame(payload: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(payload.len() + 10);
    put_binary_frame(&mut frame, payload);
    frame.freeze()
}

/// Appends one binary WebSocket message to a buffer of such.
pub fn put_binary_frame(buffer: &mut BytesMut, payload: &[u8]) {
    buffer.reserve(payload.len() + 10);
    buffer.put_u8(0x82);
    match payload.len() {
        length @ 0..126 => buffer.put_u8(length as u8),
        length @ 126..65_536 => {
            buffer.put_u8(126);
            buffer.put_u16(length as u16);
        }
        length => {
            buffer.put_u8(127);
            buffer.put_u64(length as u64);
        }
    }
    buffer.put_slice(payload);
}

/// A close frame; the reason is cut to the 123 bytes that a control frame can hold.
fn close_frame(code: u16, reason: &str) -> Bytes {
    let mut end = reason.len().min(123);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    let mut frame = BytesMut::with_capacity(4 + end);
    frame.put_u8(0x88);
    frame.put_u8(2 + end as u8);
    frame.put_u16(code);
    frame.put_slice(&reason.as_bytes()[..end]);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (Peer, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let far = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (near, _) = listener.accept().await.unwrap();
        near.writable().await.unwrap();
        (Peer::new(1, Uuid::nil(), near), far)
    }

    async fn drain(peer: &Peer) {
        while !peer.flush().empty {
            peer.wire().writable().await.unwrap();
        }
    }

    #[test]
    fn the_head_of_a_frame_grows_with_its_payload() {
        for (length, head) in [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)] {
            assert_eq!(binary_frame(&vec![7; length]).len(), length + head, "{length}");
        }
        assert_eq!(close_frame(4403, &"ä".repeat(100)).len(), 4 + 122);
    }

    #[tokio::test]
    async fn a_slow_reader_fills_the_outbox_and_loses_nothing_that_was_taken() {
        let (peer, mut far) = pair().await;
        let frame = binary_frame(&vec![1; 64 * 1024]);
        let mut taken = 0;
        while peer.send(&frame) == Sent::Yes {
            taken += frame.len();
        }
        assert_eq!(peer.send(&frame), Sent::Full);
        let reading = tokio::spawn(async move {
            let mut all = vec![0; taken];
            far.read_exact(&mut all).await.unwrap();
            (all, far)
        });
        drain(&peer).await;
        let (all, _far) = reading.await.unwrap();
        assert!(all.chunks(frame.len()).all(|chunk| chunk == frame));
        assert_eq!(peer.send(&frame), Sent::Yes, "a drained outbox takes frames again");
        println!("{taken} bytes were taken before the outbox was full");
    }

    #[tokio::test]
    async fn a_close_drops_what_waits_but_finishes_the_frame_that_was_begun() {
        let (peer, mut far) = pair().await;
        let frame = binary_frame(&vec![1; 256 * 1024]);
        while peer.flush().empty {
            assert_eq!(peer.send(&frame), Sent::Yes);
        }
        assert_eq!(peer.send(&frame), Sent::Yes, "a second one waits whole");
        peer.close(4403, "access_ended");
        assert_eq!(peer.send(&frame), Sent::Closed);
        let reading = tokio::spawn(async move {
            let mut all = Vec::new();
            far.read_to_end(&mut all).await.unwrap();
            all
        });
        drain(&peer).await;
        drop(peer);
        let all = reading.await.unwrap();
        let goodbye = close_frame(4403, "access_ended");
        assert!(all.ends_with(&goodbye));
        assert_eq!((all.len() - goodbye.len()) % frame.len(), 0, "no frame is cut");
    }

    #[tokio::test]
    async fn a_first_sync_may_be_larger_than_the_outbox() {
        let (peer, mut far) = pair().await;
        let first = binary_frame(&vec![2; 4 * OUTBOX_BYTES_MAX]);
        assert_eq!(peer.send_first(&first), Sent::Yes);
        let reading = tokio::spawn(async move {
            let mut all = vec![0; 4 * OUTBOX_BYTES_MAX + 10];
            far.read_exact(&mut all).await.unwrap();
        });
        drain(&peer).await;
        reading.await.unwrap();
    }
}
