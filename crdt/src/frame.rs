//! Bytes ↔ frames of the three wire dialects. Nothing here allocates while reading except a state vector: what a frame
//! carries is borrowed from it.
//!
//! The dialects share lib0's encoding (y-protocols `PROTOCOL.md`): a varUint is seven bits a byte, least first; bytes
//! and strings stand behind their length. A y-websocket frame is `kind body`. A y-sweet frame is the same with one
//! more kind, 102. A Hocuspocus frame is the same behind a string, the address of the document on that socket, and its
//! kind 2 counts differently: so the dialect is known by the route, never guessed.
//!
//! One message a frame: y-websocket 3.x reads only the first.

use crate::ranges::StateVector;
use crate::scan::Refusal;
use crate::scan::read::{Reader, write_number};

/// Longest address in a Hocuspocus frame, in bytes (document name, or `name NUL session`).
pub const ADDRESS_BYTES_MAX: usize = 1_024;
/// Longest token in a Hocuspocus authentication, in bytes.
pub const TOKEN_BYTES_MAX: usize = 16_384;
/// Longest payload of a y-sweet sync status, in bytes (the stock client sends one varUint).
pub const SYNC_STATUS_BYTES_MAX: usize = 16;

const KIND_SYNC: u8 = 0;
const KIND_PRESENCE: u8 = 1;
const KIND_AUTH: u8 = 2;
const KIND_QUERY_PRESENCE: u8 = 3;
const KIND_STATELESS: u8 = 5;
const KIND_CLOSE: u8 = 7;
const KIND_ACKNOWLEDGE: u8 = 8;
const KIND_PING: u8 = 9;
const KIND_PONG: u8 = 10;
const KIND_SYNC_STATUS: u8 = 102;

const SYNC_STEP_1: u8 = 0;
const SYNC_STEP_2: u8 = 1;
const SYNC_UPDATE: u8 = 2;

// Every kind is below 128, so it is one byte on the wire.

/// y-protocols `auth.js`, y-websocket and y-sweet only: 0 = permission denied.
const AUTH_DENIED: u8 = 0;
/// `@hocuspocus/common` `auth.ts`: 0 = token (from the server: a request for one), 1 = denied, 2 = authenticated.
const HOCUSPOCUS_TOKEN: u8 = 0;
const HOCUSPOCUS_DENIED: u8 = 1;
const HOCUSPOCUS_AUTHENTICATED: u8 = 2;

/// Which stock client speaks on a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `y-websocket` 3.x; also our own web app.
    YWebsocket,
    /// `@hocuspocus/provider` 4.x: several documents on one socket, told apart by address.
    Hocuspocus,
    /// `@y-sweet/client` 0.9.x.
    YSweet,
}

/// One frame from a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame<'a> {
    /// The document's address on this socket, to be sent back letter by letter. Empty outside Hocuspocus.
    pub address: &'a str,
    /// What the frame says.
    pub message: Message<'a>,
}

/// What a client can say.
#[derive(Debug, Clone, PartialEq)]
pub enum Message<'a> {
    /// "This is what I have": answered with a SyncStep2.
    SyncStep1(StateVector),
    /// An answer to our SyncStep1: everything we lack, as an update (v1), not yet scanned.
    SyncStep2(&'a [u8]),
    /// An edit (update v1), not yet scanned.
    Update(&'a [u8]),
    /// A presence payload, for [`crate::presence::Presence::announce`].
    Presence(&'a [u8]),
    /// "Who is there?": answered with everybody's presence.
    QueryPresence,
    /// Hocuspocus: the first frame of a document on a socket, or a fresh token later.
    Token {
        /// The token, possibly empty.
        token: &'a str,
        /// The provider's version; absent before 4.0. Only providers with a version understand a ping.
        version: Option<&'a str>,
    },
    /// Hocuspocus: free text for the application.
    Stateless(&'a str),
    /// Hocuspocus: detach this document, the socket stays.
    Detach,
    /// Hocuspocus: a whole frame without an address, the answer to our ping.
    Pong,
    /// y-sweet: the client's local version, to be echoed as it is once everything before it is durable.
    SyncStatus(&'a [u8]),
}

/// Reads the one message of a frame. The caller has bounded the frame's length.
///
/// # Errors
/// Anything a stock client of this dialect would not send.
pub fn decode(dialect: Dialect, frame: &[u8]) -> Result<Frame<'_>, Refusal> {
    let mut reader = Reader::new(frame);
    let mut address = "";
    if dialect == Dialect::Hocuspocus {
        match *frame {
            [KIND_PONG] => return Ok(Frame { address, message: Message::Pong }),
            _ => address = bounded(reader.text()?, ADDRESS_BYTES_MAX)?,
        }
    }
    let message = match (read_kind(&mut reader)?, dialect) {
        (KIND_SYNC, _) => read_sync(&mut reader)?,
        (KIND_PRESENCE, _) => Message::Presence(reader.buffer()?),
        (KIND_QUERY_PRESENCE, Dialect::YSweet) => {
            // The stock client answers a query with a query that carries its states.
            if reader.left() > 0 {
                reader.buffer()?;
            }
            Message::QueryPresence
        }
        (KIND_QUERY_PRESENCE, _) => Message::QueryPresence,
        (KIND_AUTH, Dialect::Hocuspocus) => read_token(&mut reader)?,
        (KIND_STATELESS, Dialect::Hocuspocus) => Message::Stateless(reader.text()?),
        (KIND_CLOSE, Dialect::Hocuspocus) => Message::Detach,
        (KIND_SYNC_STATUS, Dialect::YSweet) => Message::SyncStatus(bounded(reader.buffer()?, SYNC_STATUS_BYTES_MAX)?),
        _ => return Err(Refusal::UnknownMessage),
    };
    reader.finish()?;
    Ok(Frame { address, message })
}

fn read_kind(reader: &mut Reader<'_>) -> Result<u8, Refusal> {
    u8::try_from(reader.number()?).map_err(|_| Refusal::UnknownMessage)
}

fn read_sync<'a>(reader: &mut Reader<'a>) -> Result<Message<'a>, Refusal> {
    match read_kind(reader)? {
        SYNC_STEP_1 => Ok(Message::SyncStep1(StateVector::decode(reader.buffer()?)?)),
        SYNC_STEP_2 => Ok(Message::SyncStep2(reader.buffer()?)),
        SYNC_UPDATE => Ok(Message::Update(reader.buffer()?)),
        _ => Err(Refusal::UnknownMessage),
    }
}

fn read_token<'a>(reader: &mut Reader<'a>) -> Result<Message<'a>, Refusal> {
    if read_kind(reader)? != HOCUSPOCUS_TOKEN {
        return Err(Refusal::UnknownMessage);
    }
    let token = bounded(reader.text()?, TOKEN_BYTES_MAX)?;
    let version = if reader.left() == 0 { None } else { Some(reader.text()?) };
    Ok(Message::Token { token, version })
}

fn bounded<T: AsRef<[u8]> + ?Sized>(part: &T, bytes_max: usize) -> Result<&T, Refusal> {
    if part.as_ref().len() > bytes_max { Err(Refusal::TooLarge) } else { Ok(part) }
}

/// Our SyncStep1: asks the client for everything above this vector.
pub fn sync_step1(vector: &StateVector) -> Vec<u8> {
    with_body(&[KIND_SYNC, SYNC_STEP_1], &vector.encode())
}

/// Our SyncStep2: only this makes a stock client `synced`.
pub fn sync_step2(update: &[u8]) -> Vec<u8> {
    with_body(&[KIND_SYNC, SYNC_STEP_2], update)
}

/// An edit, or a piece of a large first sync.
pub fn update(update: &[u8]) -> Vec<u8> {
    with_body(&[KIND_SYNC, SYNC_UPDATE], update)
}

/// A presence payload as [`crate::presence::Presence`] makes it.
pub fn presence(payload: &[u8]) -> Vec<u8> {
    with_body(&[KIND_PRESENCE], payload)
}

/// An edit without content: what keeps a quiet stock client from closing after 30 s without a data frame.
pub fn heartbeat() -> Vec<u8> {
    update(&[0, 0])
}

/// Tells a y-websocket or y-sweet client why something is refused. The stock provider only logs it.
pub fn permission_denied(reason: &str) -> Vec<u8> {
    with_body(&[KIND_AUTH, AUTH_DENIED], reason.as_bytes())
}

/// y-sweet: echoes the payload of a [`Message::SyncStatus`].
pub fn sync_status(payload: &[u8]) -> Vec<u8> {
    with_body(&[KIND_SYNC_STATUS], payload)
}

/// Hocuspocus: puts the address before a frame made by [`sync_step1`], [`sync_step2`], [`update`], [`presence`] or
/// [`heartbeat`], whose kinds are the same there.
pub fn addressed(address: &str, frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(length_of(address.len()) + address.len() + frame.len());
    write_bytes(&mut out, address.as_bytes());
    out.extend_from_slice(frame);
    out
}

/// Hocuspocus: the token is good.
pub fn authenticated(address: &str, may_write: bool) -> Vec<u8> {
    let scope = if may_write { "read-write" } else { "readonly" };
    addressed(address, &with_body(&[KIND_AUTH, HOCUSPOCUS_AUTHENTICATED], scope.as_bytes()))
}

/// Hocuspocus: the token is refused; the socket stays and the provider does not retry by itself.
pub fn authentication_failed(address: &str, reason: &str) -> Vec<u8> {
    addressed(address, &with_body(&[KIND_AUTH, HOCUSPOCUS_DENIED], reason.as_bytes()))
}

/// Hocuspocus: asks for a fresh token; the client answers with a [`Message::Token`].
pub fn token_request(address: &str) -> Vec<u8> {
    addressed(address, &[KIND_AUTH, HOCUSPOCUS_TOKEN])
}

/// Hocuspocus: the answer that every Update and every SyncStep2 is owed, exactly once. Only `applied` counts down the
/// provider's unsynced changes.
pub fn acknowledge(address: &str, applied: bool) -> Vec<u8> {
    addressed(address, &[KIND_ACKNOWLEDGE, u8::from(applied)])
}

/// Hocuspocus: closes one document, the socket stays. The provider does not authenticate again by itself.
pub fn close(address: &str, reason: &str) -> Vec<u8> {
    addressed(address, &with_body(&[KIND_CLOSE], reason.as_bytes()))
}

/// Hocuspocus: free text for the application.
pub fn stateless(address: &str, text: &str) -> Vec<u8> {
    addressed(address, &with_body(&[KIND_STATELESS], text.as_bytes()))
}

/// Hocuspocus: asks for a pong. Only to providers that sent a version: older ones read it as an address.
pub fn ping() -> Vec<u8> {
    vec![KIND_PING]
}

fn with_body(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + length_of(body.len()) + body.len());
    out.extend_from_slice(head);
    write_bytes(&mut out, body);
    out
}

pub(crate) fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_number(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Bytes that `number` takes as a varUint.
pub(crate) fn length_of(number: usize) -> usize {
    (usize::BITS - number.leading_zeros()).div_ceil(7).max(1) as usize
}
