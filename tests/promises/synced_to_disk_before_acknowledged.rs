//! P1, as far as `kill -9` cannot show it: a killed process loses no page that the kernel holds, a lost machine does. So
//! the system calls are watched: the write-ahead log is synced between the write of an edit and the first send of it,
//! and an object and its folder are synced before the database points at it.

use std::collections::HashMap;
use std::path::Path;

use tests::{Client, Person, Server};

use crate::{a_snapshot, objects_of, seq_of};

const EDITS: usize = 40;
const CALLS: &str =
    "fsync,fdatasync,pwrite64,pwritev,write,writev,sendto,sendmsg,rename,renameat,renameat2,link,linkat";

#[tokio::test(flavor = "multi_thread")]
async fn every_batch_is_synced_before_its_first_acknowledgement() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trace = folder.path().join("strace");
    require_strace(folder.path()).await;
    let wrapper: Vec<String> = ["strace", "-D", "-f", "-yy", "-s", "4200", "-e", &format!("trace={CALLS}"), "-o"]
        .into_iter()
        .map(String::from)
        .chain([trace.display().to_string()])
        .collect();
    let mut server = Server::start_under(&wrapper, &[("STET_ROOM_IDLE", "1s")]).await;
    let ada = Person::register(&server, "ada").await;
    let document = ada.new_document("Traced").await;

    let client = Client::open("ada", &ada.ticket(&document).await).await;
    for edit in 0..EDITS {
        client.insert(&mark(edit)).await;
        // One by one, so that each is a batch of its own.
        client.saved().await;
    }
    client.kill().await;
    assert!(seq_of(&ada, &document).await >= 1);
    a_snapshot(&server).await;
    assert!(server.stop().await.success(), "a clean end");

    let text = std::fs::read_to_string(&trace).expect("strace wrote its file");
    let calls = parse(&text);
    let mut synced = 0;
    for edit in 0..EDITS {
        prove_synced(&calls, &mark(edit));
        synced += 1;
    }
    println!("{} calls read, {synced} edits proved to be synced before they were sent", calls.len());
    prove_objects_synced(&calls, &objects_of(&server));
}

/// A text that stands nowhere else.
fn mark(edit: usize) -> String {
    format!("mark-{edit:04}-{:x};", edit * 7919)
}

/// One system call: where it began and ended in the trace, its name, arguments, and result.
struct Call {
    began: usize,
    ended: usize,
    name: String,
    arguments: String,
    result: String,
}

impl Call {
    fn on_log(&self) -> bool {
        self.arguments.contains("stet.db-wal>")
    }

    fn sends(&self) -> bool {
        matches!(self.name.as_str(), "write" | "writev" | "sendto" | "sendmsg") && self.arguments.contains("<TCP")
    }

    fn syncs(&self) -> bool {
        matches!(self.name.as_str(), "fsync" | "fdatasync") && self.result.starts_with('0')
    }
}

/// Joins `unfinished` and `resumed` halves; a call's place is the number of its line.
fn parse(text: &str) -> Vec<Call> {
    let mut open: HashMap<&str, usize> = HashMap::new();
    let mut calls: Vec<Call> = Vec::new();
    for (line_number, line) in text.lines().enumerate() {
        let Some((pid, rest)) = line.split_once(char::is_whitespace) else { continue };
        let rest = rest.trim_start();
        if let Some(resumed) = rest.strip_prefix("<... ") {
            if let Some(call) = open.remove(pid).and_then(|index| calls.get_mut(index)) {
                call.ended = line_number;
                call.result = result_of(resumed);
            }
            continue;
        }
        let Some((name, arguments)) = rest.split_once('(') else { continue };
        let unfinished = arguments.ends_with("<unfinished ...>");
        if unfinished {
            open.insert(pid, calls.len());
        }
        let result = if unfinished { String::new() } else { result_of(arguments) };
        let ended = if unfinished { usize::MAX } else { line_number };
        calls.push(Call {
            began: line_number,
            ended,
            name: name.to_string(),
            arguments: arguments.to_string(),
            result,
        });
    }
    calls
}

fn result_of(line: &str) -> String {
    line.rsplit_once(" = ").map(|(_, result)| result.to_string()).unwrap_or_default()
}

fn prove_synced(calls: &[Call], words: &str) {
    let written = calls
        .iter()
        .find(|call| call.name.starts_with("pwrite") && call.on_log() && call.arguments.contains(words))
        .unwrap_or_else(|| panic!("{words} was never written to the write-ahead log"));
    let sent = calls
        .iter()
        .find(|call| call.sends() && call.arguments.contains(words))
        .unwrap_or_else(|| panic!("{words} was never sent to a socket"));
    let synced =
        calls.iter().any(|call| call.syncs() && call.on_log() && call.began > written.began && call.ended < sent.began);
    assert!(
        synced,
        "{words}: no finished sync of the log between its write (line {}) and its send (line {})",
        written.began, sent.began
    );
}

fn prove_objects_synced(calls: &[Call], objects: &[String]) {
    assert!(!objects.is_empty(), "no object was written");
    for object in objects {
        let name = Path::new(object).file_name().and_then(|name| name.to_str()).expect("a file name");
        let folder = Path::new(object).parent().and_then(Path::to_str).expect("a folder");
        let renamed = calls
            .iter()
            .find(|call| {
                (call.name.starts_with("rename") || call.name.starts_with("link")) && call.arguments.contains(name)
            })
            .unwrap_or_else(|| panic!("{object} was not put in place by a rename"));
        let file = calls
            .iter()
            .any(|call| call.syncs() && call.arguments.contains(&format!("<{object}")) && call.ended < renamed.began);
        assert!(file, "{object} was put in place before its bytes were synced");
        let place = calls
            .iter()
            .find(|call| call.syncs() && call.arguments.contains(&format!("<{folder}>")) && call.began > renamed.ended)
            .unwrap_or_else(|| panic!("the folder of {object} was not synced after the rename"));
        // The key is written twice: with the attempt, before the object; and with the pointer, after it.
        let pointed = calls
            .iter()
            .rfind(|call| call.name.starts_with("pwrite") && call.on_log() && call.arguments.contains(name))
            .unwrap_or_else(|| panic!("{object} is named nowhere in the write-ahead log"));
        assert!(pointed.began > place.ended, "the database points at {object} before its folder is synced");
    }
    println!("{} objects proved to be synced, with their folders, before the database points at them", objects.len());
}

/// This proof is never skipped: without the tool, or without the right to trace, the test fails and says what it needs.
async fn require_strace(folder: &Path) {
    let probe = tokio::process::Command::new("strace")
        .args(["-D", "-f", "-e", "trace=write", "-o", &folder.join("probe").display().to_string(), "true"])
        .output()
        .await;
    match probe {
        Err(error) => panic!("this test needs the Debian package `strace` (`make test` installs it as root): {error}"),
        Ok(output) if !output.status.success() => panic!(
            "this test needs the right to trace its own child processes (ptrace; in a container --cap-add=SYS_PTRACE): {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
        Ok(_) => {}
    }
}
