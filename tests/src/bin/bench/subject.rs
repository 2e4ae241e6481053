//! The process that is measured: Stet, or the relay.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use tests::{Person, Server, built, eventually};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Relay,
    Stet,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Relay => "relay",
            Kind::Stet => "stet",
        }
    }
}

pub enum Subject {
    Relay { child: Child, port: u16 },
    Stet { server: Box<Server>, person: Person },
}

impl Subject {
    pub async fn start(kind: Kind) -> Subject {
        match kind {
            Kind::Relay => {
                let port = tests::server::free_port();
                let mut command = Command::new(built("relay"));
                let mut child = command
                    .arg(port.to_string())
                    .stdout(Stdio::piped())
                    .kill_on_drop(true)
                    .spawn()
                    .expect("the relay starts");
                let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
                assert_eq!(lines.next_line().await.expect("a line").as_deref(), Some("ready"));
                Subject::Relay { child, port }
            }
            Kind::Stet => {
                // An empty room is left sooner than by default, so that a document is at rest in a moment.
                let server = Server::start_with(&[("STET_LOG", "warn"), ("STET_ROOM_IDLE", "2s")]).await;
                let person = Person::register(&server, "bench").await;
                Subject::Stet { server: Box::new(server), person }
            }
        }
    }

    /// Host and the path with query of a new document.
    pub async fn new_room(&self, name: &str) -> Room {
        match self {
            Subject::Relay { port, .. } => Room {
                host: format!("127.0.0.1:{port}"),
                path: format!("/api/collaborate/{name}"),
                document: name.to_string(),
            },
            Subject::Stet { server, person } => {
                let document = person.new_document_with(json!({ "title": name })).await;
                Subject::room(server, person, document).await
            }
        }
    }

    async fn room(server: &Server, person: &Person, document: String) -> Room {
        let ticket = person.ticket(&document).await;
        Room { host: server.address(), path: format!("/api/collaborate/{document}?ticket={}", ticket.ticket), document }
    }

    /// `kill -9` and a new start on the same data; the room's new address. A relay keeps nothing.
    pub async fn restart(&mut self, room: &Room) -> Room {
        let Subject::Stet { server, person } = self else { panic!("a relay has nothing to come back with") };
        server.kill().await;
        server.restart().await;
        Subject::room(server, person, room.document.clone()).await
    }

    /// Waits until the open room has been evicted, so that a snapshot is there.
    pub async fn rest(&self) {
        if let Subject::Stet { server, .. } = self {
            let objects = server.data().join("objects");
            eventually("a snapshot", || async { bytes_below(&objects) > 0 }).await;
        }
    }

    pub fn keeps(&self) -> Option<(&Server, &Person)> {
        match self {
            Subject::Relay { .. } => None,
            Subject::Stet { server, person } => Some((server, person)),
        }
    }

    /// User and system time the process has used.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).expect("the process runs");
        // The name in parentheses may hold spaces; fields 14 and 15 of the whole are 12 and 13 behind it.
        let fields: Vec<&str> = stat.rsplit(')').next().expect("a name").split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
        // Linux counts these in hundredths of a second on every platform it shows them on.
        Duration::from_millis(ticks * 10)
    }

    /// The most memory it has had, in bytes.
    pub fn memory_peak_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the line is there");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    }

    pub fn disk_bytes(&self) -> u64 {
        self.keeps().map_or(0, |(server, _)| bytes_below(&server.data()))
    }

    fn pid(&self) -> u32 {
        match self {
            Subject::Relay { child, .. } => child.id().expect("it runs"),
            Subject::Stet { server, .. } => server.pid(),
        }
    }
}

/// Where a document's sockets are opened.
#[derive(Clone)]
pub struct Room {
    pub host: String,
    pub path: String,
    pub document: String,
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            if entry.path().is_dir() {
                bytes_below(&entry.path())
            } else {
                entry.metadata().map_or(0, |meta| meta.len())
            }
        })
        .sum()
}
