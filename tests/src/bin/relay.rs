//! The bare relay that `make bench` measures beside Stet: each frame goes straight to every socket of the room, one
//! system call a delivery and no task woken for a receiver. No CRDT, no disk, no accounts, no checks.
//!
//! `relay PORT` prints `ready` when it listens. The room is the path of the upgrade.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};

use tests::frames::{WireFrame, header};
use tokio::net::{TcpListener, TcpStream};

type Room = Arc<Mutex<Vec<Arc<TcpStream>>>>;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port: u16 = std::env::args().nth(1).and_then(|port| port.parse().ok()).expect("usage: relay PORT");
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("ready");
    let rooms: Arc<Mutex<HashMap<String, Room>>> = Arc::default();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let rooms = rooms.clone();
        tokio::spawn(async move { serve(stream, &rooms).await });
    }
}

/// Answers the upgrade, then passes on what comes until the socket ends.
async fn serve(mut stream: TcpStream, rooms: &Mutex<HashMap<String, Room>>) -> io::Result<()> {
    let (path, answer, mut buffer) = tests::frames::read_upgrade(&mut stream).await?;
    let stream = Arc::new(stream);
    let room = rooms.lock().expect("no panic holds it").entry(path).or_default().clone();
    stream.writable().await?;
    {
        // Under the lock, so that nothing is relayed between the answer and the place in the room.
        let mut room = room.lock().expect("no panic holds it");
        stream.try_write(answer.as_bytes())?;
        room.push(stream.clone());
    }
    let mut frame = Vec::new();
    while let Some(WireFrame { binary, payload }) = tests::frames::next_frame(&stream, &mut buffer).await? {
        if !binary {
            continue;
        }
        frame.clear();
        frame.extend_from_slice(&header(payload.len()));
        frame.extend_from_slice(&payload);
        // A socket that does not take a whole frame at once is dropped: the relay keeps no queues.
        room.lock().expect("no panic holds it").retain(|to| to.try_write(&frame).is_ok_and(|sent| sent == frame.len()));
    }
    room.lock().expect("no panic holds it").retain(|other| !Arc::ptr_eq(other, &stream));
    Ok(())
}
