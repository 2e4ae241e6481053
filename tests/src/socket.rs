//! A raw WebSocket on a document: any bytes can be sent, and all bytes that come are kept.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::person::Ticket;
use crate::soon;
use crate::update::{read_number, write_bytes, write_number};

/// A socket in the y-websocket dialect.
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Every byte of every frame that came.
    pub received: Vec<u8>,
}

/// What a frame from the server is about.
#[derive(Debug, PartialEq, Eq, Clone)]
pub enum Frame {
    SyncStep1(Vec<u8>),
    SyncStep2(Vec<u8>),
    Update(Vec<u8>),
    Presence(Vec<u8>),
    Denied(String),
    Other(Vec<u8>),
}

/// What came next on a socket.
#[derive(Debug, PartialEq, Eq, Clone)]
pub enum Next {
    Frame(Frame),
    Closed(u16, String),
}

impl Socket {
    /// Opens the socket of a ticket; sends nothing.
    pub async fn open(ticket: &Ticket) -> Socket {
        Socket::open_at(&ticket.address()).await
    }

    pub async fn open_at(address: &str) -> Socket {
        let (stream, _) = soon("the WebSocket upgrade", tokio_tungstenite::connect_async(address))
            .await
            .unwrap_or_else(|error| panic!("the upgrade of {address} failed: {error}"));
        Socket { stream, received: Vec::new() }
    }

    /// Opens it and takes part as a new client does: SyncStep1 with an empty vector, until the SyncStep2 has come.
    pub async fn join(ticket: &Ticket) -> (Socket, Vec<u8>) {
        let mut socket = Socket::open(ticket).await;
        socket.send(&sync_step1(&[0])).await;
        let state = socket.sync_step2().await;
        (socket, state)
    }

    pub async fn send(&mut self, frame: &[u8]) {
        soon("a frame to leave", self.stream.send(Message::Binary(Bytes::copy_from_slice(frame))))
            .await
            .unwrap_or_else(|error| panic!("the socket takes no frame: {error}"));
    }

    /// Sends and does not mind if the server has closed already.
    pub async fn try_send(&mut self, message: Message) {
        let _ = soon("a frame to leave", self.stream.send(message)).await;
    }

    pub async fn send_update(&mut self, update: &[u8]) {
        self.send(&update_frame(update)).await;
    }

    /// The next frame or the close.
    pub async fn next(&mut self) -> Next {
        soon("a frame", self.next_unbounded()).await
    }

    /// The next frame or the close, or nothing within this time.
    pub async fn next_within(&mut self, time: Duration) -> Option<Next> {
        tokio::time::timeout(time, self.next_unbounded()).await.ok()
    }

    async fn next_unbounded(&mut self) -> Next {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    self.received.extend_from_slice(&bytes);
                    return Next::Frame(parse(&bytes));
                }
                Some(Ok(Message::Close(Some(close)))) => {
                    return Next::Closed(close.code.into(), close.reason.to_string());
                }
                Some(Ok(Message::Close(None))) | None => return Next::Closed(1005, String::new()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Next::Closed(1006, error.to_string()),
            }
        }
    }

    /// Passes over everything until the SyncStep2; its update.
    pub async fn sync_step2(&mut self) -> Vec<u8> {
        self.first("the SyncStep2", |frame| match frame {
            Frame::SyncStep2(update) => Some(update),
            _ => None,
        })
        .await
    }

    /// Passes over everything until an update with these bytes in it.
    pub async fn update_with(&mut self, words: &str) -> Vec<u8> {
        self.first(&format!("an update with {words:?}"), |frame| match frame {
            Frame::Update(update) if contains(&update, words.as_bytes()) => Some(update),
            _ => None,
        })
        .await
    }

    /// Passes over everything until the server says that something was denied.
    pub async fn denied(&mut self) -> String {
        self.first("a word of denial", |frame| match frame {
            Frame::Denied(reason) => Some(reason),
            _ => None,
        })
        .await
    }

    /// Passes over everything until the close.
    pub async fn closed(&mut self) -> (u16, String) {
        soon("the close", async {
            loop {
                if let Next::Closed(code, reason) = self.next_unbounded().await {
                    return (code, reason);
                }
            }
        })
        .await
    }

    /// The first frame of which something is wanted. Signs of life do not prolong the wait.
    async fn first<T>(&mut self, what: &str, wanted: impl Fn(Frame) -> Option<T>) -> T {
        soon(what, async {
            loop {
                match self.next_unbounded().await {
                    Next::Frame(frame) => {
                        if let Some(found) = wanted(frame) {
                            return found;
                        }
                    }
                    Next::Closed(code, reason) => panic!("closed with {code} {reason:?} before {what}"),
                }
            }
        })
        .await
    }
}

pub fn sync_step1(vector: &[u8]) -> Vec<u8> {
    framed(&[0, 0], vector)
}

pub fn sync_step2(update: &[u8]) -> Vec<u8> {
    framed(&[0, 1], update)
}

pub fn update_frame(update: &[u8]) -> Vec<u8> {
    framed(&[0, 2], update)
}

/// One presence entry: client id, clock and the JSON of its state.
pub fn presence_frame(client: u64, clock: u64, state: &str) -> Vec<u8> {
    let mut entry = Vec::new();
    write_number(&mut entry, 1);
    write_number(&mut entry, client);
    write_number(&mut entry, clock);
    write_bytes(&mut entry, state.as_bytes());
    framed(&[1], &entry)
}

fn framed(head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut frame = head.to_vec();
    write_bytes(&mut frame, body);
    frame
}

/// The JSON states in a presence payload, by client id.
pub fn presence_states(payload: &[u8]) -> Vec<(u64, String)> {
    let mut rest = payload;
    let count = read_number(&mut rest).expect("a count");
    (0..count)
        .map(|_| {
            let client = read_number(&mut rest).expect("a client id");
            read_number(&mut rest).expect("a clock");
            let length = read_number(&mut rest).expect("a length") as usize;
            let (state, after) = rest.split_at(length);
            rest = after;
            (client, String::from_utf8_lossy(state).into_owned())
        })
        .collect()
}

fn parse(frame: &[u8]) -> Frame {
    let body = |from: usize| {
        let mut rest = &frame[from..];
        let length = read_number(&mut rest)? as usize;
        rest.get(..length).map(<[u8]>::to_vec)
    };
    let parsed = match frame {
        [0, 0, ..] => body(2).map(Frame::SyncStep1),
        [0, 1, ..] => body(2).map(Frame::SyncStep2),
        [0, 2, ..] => body(2).map(Frame::Update),
        [1, ..] => body(1).map(Frame::Presence),
        [2, 0, ..] => body(2).map(|text| Frame::Denied(String::from_utf8_lossy(&text).into_owned())),
        _ => None,
    };
    parsed.unwrap_or_else(|| Frame::Other(frame.to_vec()))
}

/// True if these bytes stand anywhere in the others.
pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
