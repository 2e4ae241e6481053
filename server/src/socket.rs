//! One document socket: the upgrade, the reading side, the clocks. What is read is bounded, decoded and scanned here, in
//! the connection's own task, and handed to the room; a room that is full is not fed, so a fast writer slows down to
//! the pace of the disk. tungstenite speaks the protocol; what goes out goes through [`Peer`].

use std::future::ready;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use acl::DocumentId;
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use crdt::frame::{self, Dialect, Message};
use crdt::scan::{self, Scan};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use serde::Deserialize;
use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, WebSocket, handshake::derive_accept_key};
use tracing::{debug, info};
use uuid::Uuid;

use crate::app::App;
use crate::auth::{self, Holder, SocketRefusal};
use crate::error::{ApiError, ErrorCode};
use crate::limits::{
    FRAME_BYTES_MAX, FRAMES_PER_TURN_MAX, GOODBYE, NO_PROGRESS, READ_BUFFER_BYTES, SILENCE, SOCKET_TICK,
};
use crate::peer::{Flushed, Peer, binary_frame};
use crate::room::{Command, Door, Ended, Incoming};
use crate::rooms::RoomError;

/// The route of the document socket, in the y-websocket dialect.
pub fn router() -> Router<App> {
    Router::new().route("/api/collaborate/{id}", get(collaborate))
}

/// What a client may say about itself in the address; all of it is kept out of logs.
#[derive(Deserialize)]
struct Credentials {
    ticket: Option<String>,
    token: Option<String>,
}

async fn collaborate(
    State(app): State<App>,
    Path(document): Path<DocumentId>,
    Query(credentials): Query<Credentials>,
    headers: HeaderMap,
    mut request: Request,
) -> Response {
    if !auth::origin_allowed(&app, &headers) {
        return ApiError::from(ErrorCode::Forbidden).into_response();
    }
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let (Some(upgrade), Some(accept)) = (upgrade, accept_key(&headers)) else {
        return ApiError::from(ErrorCode::UpgradeRequired).into_response();
    };
    tokio::spawn(async move {
        match upgrade.await {
            Ok(upgraded) => serve(app, document, credentials, upgraded).await,
            Err(failure) => debug!(%failure, "the upgrade did not come about"),
        }
    });
    switching(accept, &headers)
}

/// The answer to the client's key, if this is a WebSocket handshake (RFC 6455, section 4.2.1).
fn accept_key(headers: &HeaderMap) -> Option<HeaderValue> {
    let upgrade = headers.get(header::UPGRADE)?.to_str().ok()?;
    let version = headers.get(header::SEC_WEBSOCKET_VERSION)?;
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?;
    (upgrade.eq_ignore_ascii_case("websocket") && version == "13")
        .then(|| HeaderValue::from_str(&derive_accept_key(key.as_bytes())).ok())?
}

fn switching(accept: HeaderValue, headers: &HeaderMap) -> Response {
    let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    answer.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    // A browser that offers subprotocols fails the handshake unless one of them is chosen.
    let offered = headers.get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|offered| offered.to_str().ok());
    let first = offered.and_then(|offered| offered.split(',').next()).map(str::trim);
    if let Some(protocol) = first.and_then(|first| HeaderValue::from_str(first).ok()) {
        answer.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    response
}

async fn serve(app: App, document: DocumentId, credentials: Credentials, upgraded: Upgraded) {
    let Ok(parts) = downcast::<TokioIo<TcpStream>>(upgraded) else {
        debug!("a socket that is no TCP stream");
        return;
    };
    static PEERS: AtomicU64 = AtomicU64::new(1);
    let id = PEERS.fetch_add(1, Ordering::Relaxed);
    let peer = Arc::new(Peer::new(id, Uuid::now_v7(), parts.io.into_inner()));
    let mut socket = Socket::new(Arc::clone(&peer), &parts.read_buf);
    match auth::admit_socket(&app, document, credentials.ticket.as_deref(), credentials.token.as_deref()).await {
        Ok(holder) => socket.enter(&app, document, &holder).await,
        Err(refusal) => {
            let (code, reason) = goodbye(refusal);
            info!(%document, reason, "a socket was refused");
            peer.close(code, reason);
        }
    }
    socket.say_goodbye().await;
}

/// y-websocket 3.1 stops for ever on 4400 to 4499, so whatever may pass has another code.
const fn goodbye(refusal: SocketRefusal) -> (u16, &'static str) {
    match refusal {
        SocketRefusal::TicketExpired => (4501, "ticket_expired"),
        SocketRefusal::SignedOut => (4401, "signed_out"),
        SocketRefusal::Forbidden => (4403, "forbidden"),
        SocketRefusal::NotFound => (4404, "document_gone"),
        SocketRefusal::Unavailable => (1013, "storage_unavailable"),
    }
}

/// What a frame said.
enum Heard {
    Command(Command),
    Update { bytes: Bytes, scan: Scan, whole: bool },
}

/// The reading side of one connection.
struct Socket {
    peer: Arc<Peer>,
    stream: WebSocket<Wire>,
    /// Reading stopped before the end of what is there.
    more: bool,
    heard: Instant,
    progressed: Instant,
    written: u64,
}

impl Socket {
    fn new(peer: Arc<Peer>, early: &Bytes) -> Socket {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(FRAME_BYTES_MAX))
            .max_frame_size(Some(FRAME_BYTES_MAX));
        let wire = Wire { peer: Arc::clone(&peer) };
        let stream = WebSocket::from_partially_read(wire, early.to_vec(), Role::Server, Some(config));
        Socket { peer, stream, more: false, heard: Instant::now(), progressed: Instant::now(), written: 0 }
    }

    /// Joins the room and reads until one side ends it.
    async fn enter(&mut self, app: &App, document: DocumentId, holder: &Holder) {
        let room = match app.rooms.join(document, &self.peer, holder).await {
            Ok(room) => room,
            Err(failure) => {
                let (code, reason) = match failure {
                    RoomError::Gone => (4404, "document_gone"),
                    RoomError::Full => (1013, "room_full"),
                    _ => (1013, "try_again"),
                };
                self.peer.close(code, reason);
                return;
            }
        };
        debug!(%document, peer = self.peer.id, "joined");
        // A session that ended between its check and the join was not found here when it was told to leave.
        if auth::session_lives(app, holder).await {
            self.talk(&room).await;
        } else {
            self.peer.close(4401, "signed_out");
        }
        // The room may have ended already; then it knows.
        let _ = room.send(Command::Leave { peer: self.peer.id }).await;
    }

    async fn talk(&mut self, room: &Door) {
        let mut ticks = interval(SOCKET_TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        // What came with the handshake is in the buffer already: read before waiting.
        if self.read(room).await.is_break() {
            return;
        }
        loop {
            let flushed = self.peer.flush();
            if flushed.closing || flushed.broken {
                return;
            }
            if flushed.empty && self.peer.take_behind() {
                let _ = room.send(Command::Drained { peer: self.peer.id }).await;
            }
            let interest = if flushed.empty { Interest::READABLE } else { Interest::READABLE | Interest::WRITABLE };
            let on = tokio::select! {
                // Frames that were read already wait for no socket.
                () = ready(()), if self.more => self.read(room).await,
                ready = self.peer.wire().ready(interest) => match ready {
                    Ok(ready) if ready.is_readable() || ready.is_read_closed() => self.read(room).await,
                    Ok(_) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                },
                () = self.peer.stirred() => ControlFlow::Continue(()),
                _ = ticks.tick() => self.tick(flushed),
            };
            if on.is_break() {
                return;
            }
        }
    }

    /// Reads what is there, a bounded number of frames: a client that never pauses must not keep its connection from
    /// being flushed, timed or closed.
    async fn read(&mut self, room: &Door) -> ControlFlow<()> {
        for _ in 0..FRAMES_PER_TURN_MAX {
            match self.stream.read() {
                Ok(message) => {
                    self.heard = Instant::now();
                    self.take(message, room).await?;
                }
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.more = false;
                    return ControlFlow::Continue(());
                }
                Err(tungstenite::Error::Capacity(_)) => return self.refuse(4413, "frame_too_large"),
                // Gone without a goodbye, as a closed lid or a lost network leaves it: no fault of the protocol.
                Err(tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => {
                    debug!(peer = self.peer.id, "the client went without closing");
                    return ControlFlow::Break(());
                }
                Err(tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_)) => {
                    return self.refuse(1002, "protocol_error");
                }
                Err(_) => return ControlFlow::Break(()),
            }
        }
        self.more = true;
        tokio::task::yield_now().await;
        ControlFlow::Continue(())
    }

    async fn take(&mut self, message: tungstenite::Message, room: &Door) -> ControlFlow<()> {
        match message {
            tungstenite::Message::Binary(bytes) => match self.understand(&bytes) {
                Ok(heard) => match self.hand_over(heard, room).await {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(Ended) => ControlFlow::Break(()),
                },
                Err(code) => self.refuse(4400, code),
            },
            tungstenite::Message::Text(_) => self.refuse(4400, "text_frame"),
            tungstenite::Message::Close(_) => ControlFlow::Break(()),
            tungstenite::Message::Ping(_) | tungstenite::Message::Pong(_) | tungstenite::Message::Frame(_) => {
                ControlFlow::Continue(())
            }
        }
    }

    /// Gives the room what was heard, an update only when the room has space for it.
    async fn hand_over(&self, heard: Heard, room: &Door) -> Result<(), Ended> {
        let peer = self.peer.id;
        let command = match heard {
            Heard::Command(command) => command,
            Heard::Update { bytes, scan, whole } => {
                let held = room.hold(bytes.len()).await?;
                Command::Update { peer, incoming: Box::new(Incoming { bytes, scan, whole, _held: held }) }
            }
        };
        room.send(command).await
    }

    /// From bytes to what they say: decoded and, where it is an update, scanned.
    fn understand(&self, bytes: &Bytes) -> Result<Heard, &'static str> {
        let peer = self.peer.id;
        let frame = frame::decode(Dialect::YWebsocket, bytes).map_err(|refusal| refusal.code())?;
        let update = |update: &[u8], whole| -> Result<Heard, &'static str> {
            let scan = scan::scan(update).map_err(|refusal| refusal.code())?;
            Ok(Heard::Update { bytes: bytes.slice_ref(update), scan, whole })
        };
        Ok(match frame.message {
            Message::SyncStep1(vector) => Heard::Command(Command::Sync { peer, vector }),
            Message::SyncStep2(bytes) => update(bytes, true)?,
            Message::Update(bytes) => update(bytes, false)?,
            Message::Presence(payload) => Heard::Command(Command::Presence { peer, payload: bytes.slice_ref(payload) }),
            Message::QueryPresence => Heard::Command(Command::QueryPresence { peer }),
            // The decoder gives the other messages in other dialects only.
            _ => return Err("unknown_message"),
        })
    }

    /// Ends the connection for something that its client will not do better next time.
    fn refuse(&self, code: u16, reason: &'static str) -> ControlFlow<()> {
        info!(peer = self.peer.id, code, reason, "a frame was refused");
        self.peer.close(code, reason);
        ControlFlow::Break(())
    }

    /// The clocks of the connection: silence, no progress, and a sign of life for clients that count data frames.
    fn tick(&mut self, flushed: Flushed) -> ControlFlow<()> {
        let now = Instant::now();
        if flushed.written != self.written || flushed.empty {
            self.written = flushed.written;
            self.progressed = now;
        } else if now - self.progressed >= NO_PROGRESS {
            return self.refuse(1013, "no_progress");
        }
        if now - self.heard >= SILENCE {
            info!(peer = self.peer.id, "a silent connection was dropped");
            return ControlFlow::Break(());
        }
        if !self.peer.take_spoke() {
            self.peer.send(&binary_frame(&frame::heartbeat()));
        }
        if now - self.heard >= SOCKET_TICK {
            // A failed ping shows at the next read.
            let _ = self.stream.send(tungstenite::Message::Ping(Bytes::new()));
        }
        ControlFlow::Continue(())
    }

    /// Sends what must still go out, the close frame last, then reads to the end: a socket that is dropped with bytes
    /// unread resets the connection, and the other side would not see why it ended.
    async fn say_goodbye(&self) {
        self.peer.close(1000, "");
        let wire = self.peer.wire();
        let farewell = async {
            while let Flushed { empty: false, broken: false, .. } = self.peer.flush() {
                wire.writable().await?;
            }
            SockRef::from(wire).shutdown(Shutdown::Write)?;
            let mut rest = [0; 1024];
            loop {
                wire.readable().await?;
                match wire.try_read(&mut rest) {
                    Ok(0) => return io::Result::Ok(()),
                    Ok(_) => {}
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
        };
        // The bound is the point: a peer that does not go is dropped.
        let _ = timeout(GOODBYE, farewell).await;
    }
}

/// The stream as tungstenite sees it: reads come from the socket, writes (pongs, its own close frames) join the frames
/// of the room in the peer's outbox, so that the two never mix inside a frame.
struct Wire {
    peer: Arc<Peer>,
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.peer.wire().try_read(buffer)
    }
}

impl Write for Wire {
    fn write(&mut self, frames: &[u8]) -> io::Result<usize> {
        // A pong that finds the outbox full is left out: the client has other things to read.
        self.peer.send(&Bytes::copy_from_slice(frames));
        Ok(frames.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
