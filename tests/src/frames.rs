//! WebSocket frames on a bare TCP stream (RFC 6455), for the relay and the load driver: little work per frame, so that
//! what is measured is the server.

use std::io;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// One frame as it came, unmasked.
pub struct WireFrame {
    /// False for pings, pongs, texts and closes.
    pub binary: bool,
    pub payload: BytesMut,
}

/// The header of an unmasked, final binary frame.
pub fn header(length: usize) -> Vec<u8> {
    let mut header = vec![0x82];
    match length {
        0..126 => header.push(length as u8),
        126..65_536 => {
            header.push(126);
            header.extend((length as u16).to_be_bytes());
        }
        _ => {
            header.push(127);
            header.extend((length as u64).to_be_bytes());
        }
    }
    header
}

/// A whole binary frame as a client must send it. The mask is zero, so the payload stands as it is.
pub fn masked(payload: &[u8]) -> Vec<u8> {
    let mut frame = header(payload.len());
    frame[1] |= 0x80;
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// Takes the next whole frame out of the buffer, if there is one.
pub fn take_frame(buffer: &mut BytesMut) -> Option<WireFrame> {
    let (first, second) = (*buffer.first()?, *buffer.get(1)?);
    let (length, mut at) = match second & 0x7f {
        126 => (u16::from_be_bytes(buffer.get(2..4)?.try_into().ok()?) as usize, 4),
        127 => (u64::from_be_bytes(buffer.get(2..10)?.try_into().ok()?) as usize, 10),
        length => (length as usize, 2),
    };
    let mask: Option<[u8; 4]> = match second & 0x80 {
        0 => None,
        _ => Some(buffer.get(at..at + 4)?.try_into().ok()?),
    };
    at += if mask.is_some() { 4 } else { 0 };
    if buffer.len() < at + length {
        return None;
    }
    buffer.advance(at);
    let mut payload = buffer.split_to(length);
    if let Some(mask) = mask.filter(|mask| *mask != [0; 4]) {
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
    }
    Some(WireFrame { binary: first & 0x0f == 2, payload })
}

/// The next frame of a stream, or nothing when it has ended.
pub async fn next_frame(stream: &TcpStream, buffer: &mut BytesMut) -> io::Result<Option<WireFrame>> {
    loop {
        if let Some(frame) = take_frame(buffer) {
            return Ok(Some(frame));
        }
        stream.readable().await?;
        match stream.try_read_buf(buffer) {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads a client's upgrade: the path without its query, the answer to give, and the bytes behind the request.
pub async fn read_upgrade(stream: &mut TcpStream) -> io::Result<(String, String, BytesMut)> {
    let mut buffer = BytesMut::with_capacity(4096);
    let end = read_head(stream, &mut buffer).await?;
    let head = String::from_utf8_lossy(&buffer.split_to(end)).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("/").split('?').next().unwrap_or("/").to_string();
    let key = head
        .lines()
        .find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key")))
        .map(|(_, key)| key.trim())
        .ok_or(io::ErrorKind::InvalidData)?;
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    Ok((path, answer, buffer))
}

/// Opens a WebSocket as a client; gives the stream and the bytes that came behind the answer.
pub async fn open(host: &str, path_and_query: &str) -> io::Result<(TcpStream, BytesMut)> {
    let mut stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {path_and_query} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = BytesMut::with_capacity(4096);
    let end = read_head(&mut stream, &mut buffer).await?;
    let head = buffer.split_to(end);
    if !head.starts_with(b"HTTP/1.1 101") {
        let first = String::from_utf8_lossy(&head).lines().next().unwrap_or("").to_string();
        return Err(io::Error::other(format!("the upgrade was answered with {first}")));
    }
    Ok((stream, buffer))
}

async fn read_head(stream: &mut TcpStream, buffer: &mut BytesMut) -> io::Result<usize> {
    loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(end + 4);
        }
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}
