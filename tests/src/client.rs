//! A stock `y-websocket` client in a Node process (`tests/clients/peer.mjs`), commanded by JSON lines.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;

use crate::person::Ticket;
use crate::{PATIENCE, folder};

type Answers = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<Value, String>>>>>;

/// A client process. Dropping it kills the process, and with it all the client knew.
pub struct Client {
    pub name: String,
    /// The client id of its document.
    pub id: u64,
    child: Child,
    input: tokio::sync::Mutex<ChildStdin>,
    answers: Answers,
    next: AtomicU64,
}

impl Client {
    /// Starts a process; nothing is connected yet.
    pub fn start(name: &str) -> Client {
        let script = folder().join("clients/peer.mjs");
        assert!(
            folder().join("clients/node_modules/yjs").is_dir(),
            "run `npm ci` in tests/clients first, as `make test` does"
        );
        let mut command = Command::new("node");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().expect("node starts");
        let input = tokio::sync::Mutex::new(child.stdin.take().expect("stdin is piped"));
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let answers: Answers = Arc::default();
        let open = answers.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
                let Some(id) = message["id"].as_u64() else { continue };
                let Some(answer) = open.lock().expect("no panic holds it").remove(&id) else { continue };
                // A command that was given up has nobody waiting.
                let _ = answer.send(match message.get("error") {
                    Some(error) => Err(error.as_str().unwrap_or("?").to_string()),
                    None => Ok(message["ok"].clone()),
                });
            }
            open.lock().expect("no panic holds it").clear();
        });
        Client { name: name.to_string(), id: 0, child, input, answers, next: AtomicU64::new(1) }
    }

    /// Starts a process, opens a document with it and waits until it is synced.
    pub async fn open(name: &str, ticket: &Ticket) -> Client {
        let mut client = Client::start(name);
        client.connect(ticket, json!({})).await;
        client.ask("synced", json!({})).await;
        client
    }

    /// Opens a document; `more` may hold `client_id` and `presence`.
    pub async fn connect(&mut self, ticket: &Ticket, more: Value) {
        let mut command = json!({ "url": ticket.url, "room": ticket.document, "params": { "ticket": ticket.ticket } });
        for (key, value) in more.as_object().expect("an object") {
            command[key] = value.clone();
        }
        self.id = self.ask("connect", command).await["client_id"].as_u64().expect("a client id");
    }

    /// Gives a command and waits for its answer, at most [`PATIENCE`].
    pub async fn ask(&self, command: &str, arguments: Value) -> Value {
        self.ask_within(PATIENCE, command, arguments).await
    }

    /// The same with a bound of its own.
    pub async fn ask_within(&self, patience: Duration, command: &str, arguments: Value) -> Value {
        let answer = tokio::time::timeout(patience, self.command(command, &arguments)).await;
        match answer {
            Ok(Ok(value)) => value,
            Ok(Err(error)) => panic!("{}: {error}", self.name),
            Err(_) => panic!("{} waited {} s in vain: {command} {arguments}", self.name, patience.as_secs()),
        }
    }

    /// Gives a command; an error is what the process said, or that it ended.
    pub async fn command(&self, command: &str, arguments: &Value) -> Result<Value, String> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (tell, told) = oneshot::channel();
        self.answers.lock().expect("no panic holds it").insert(id, tell);
        let mut message = json!({ "id": id, "do": command });
        for (key, value) in arguments.as_object().expect("an object") {
            message[key] = value.clone();
        }
        let line = format!("{message}\n");
        self.input.lock().await.write_all(line.as_bytes()).await.map_err(|error| error.to_string())?;
        told.await.unwrap_or_else(|_| Err("the client process ended".to_string()))
    }

    pub async fn insert(&self, words: &str) {
        self.ask("insert", json!({ "text": words })).await;
    }

    pub async fn text(&self) -> String {
        self.ask("text", json!({})).await.as_str().expect("a text").to_string()
    }

    pub async fn until_text(&self, condition: Value) {
        self.ask("until_text", condition).await;
    }

    /// Waits until every edit made here has come back from the server.
    pub async fn saved(&self) {
        self.ask("saved", json!({})).await;
    }

    /// Waits for the server to close this client's socket; the code and reason of the last close.
    pub async fn closed(&self, codes: &[u16]) -> (u64, String) {
        let closes = self.ask("closed", json!({ "codes": codes })).await;
        let last = closes.as_array().and_then(|all| all.last()).cloned().expect("at least one close");
        (last["code"].as_u64().expect("a code"), last["reason"].as_str().unwrap_or("").to_string())
    }

    /// `kill -9`: nothing of what this client knew is left.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a running child can be killed");
    }
}
