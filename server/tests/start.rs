//! The binary as somebody starts it: what it says when it cannot start, and how it starts, makes accounts and stops.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

fn stet(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stet"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("STET_")) {
        command.env_remove(name);
    }
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Exit code 1 and one line on standard error that holds these words.
fn assert_fails(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("stet: ") && said.contains(words), "{said}");
}

#[test]
fn a_broken_config_file_is_one_clear_line() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("stet.toml");
    for (text, words) in [
        ("listen = \"127.0.0.1:0\"\nname = \n", "stet.toml, line 2: "),
        ("colour = \"red\"\n", "`colour`, which is not a setting"),
        ("listen = 8080\n", "setting `listen`: `8080` cannot be used"),
        ("room_idle = [1]\n", "stet.toml, line 1: `room_idle` takes a text in quotes"),
        ("log = \"=x=\"\n", "setting `log`: `=x=` cannot be used"),
    ] {
        std::fs::write(&file, text).unwrap();
        assert_fails(&stet(folder.path()).arg("--config").arg(&file).output().unwrap(), words);
    }
    let missing = stet(folder.path()).args(["--config", "nowhere.toml"]).output().unwrap();
    assert_fails(&missing, "cannot read the config file nowhere.toml");
}

#[test]
fn a_port_in_use_is_one_clear_line() {
    let folder = TempDir::new().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = stet(folder.path()).args(["--listen", &address]).output().unwrap();
    assert_fails(&output, &format!("cannot listen on {address}"));
}

#[test]
fn a_data_folder_that_cannot_be_used_is_one_clear_line() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let output = stet(folder.path()).args(["--listen", "127.0.0.1:0", "--data", "file/data"]).output().unwrap();
    assert_fails(&output, "file/data");
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/stet.db"), "this is no database, only a text that is long enough").unwrap();
    let output = stet(folder.path()).args(["--listen", "127.0.0.1:0", "--data", "data"]).output().unwrap();
    assert_fails(&output, "cannot use the data folder data");
}

#[test]
fn the_flag_wins_over_the_variable_and_the_variable_over_the_file() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("stet.toml"), "listen = \"127.0.0.1:0\"\nname = \"file\"\n").unwrap();
    let name = |variable: Option<&str>, flag: Option<&str>| {
        let mut command = stet(folder.path());
        command.args(["serve", "--config", "stet.toml"]);
        variable.map(|variable| command.env("STET_NAME", variable));
        flag.map(|flag| command.args(["--name", flag]));
        let server = Running::start(command);
        let instance = server.get("/api/instance");
        instance.split("\"name\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(name(None, None), "file");
    assert_eq!(name(Some("variable"), None), "variable");
    assert_eq!(name(Some("variable"), Some("flag")), "flag");
}

#[test]
fn an_account_is_made_on_the_machine_and_the_server_stops_when_told() {
    let folder = TempDir::new().unwrap();
    let create = ["user", "create", "--admin", "ada", "--email", "ada@example.org"];
    let weak = stet(folder.path()).args(create).env("STET_PASSWORD", "short").output().unwrap();
    assert_fails(&weak, "`password` must have at least 8 characters");

    let mut child = stet(folder.path()).args(create).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse\n").unwrap();
    let made = child.wait_with_output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(String::from_utf8_lossy(&made.stdout), "Made the account ada, an administrator.\n");
    let again = stet(folder.path()).args(create).env("STET_PASSWORD", "correct horse").output().unwrap();
    assert_fails(&again, "Somebody has this");

    let mut command = stet(folder.path());
    command.args(["--listen", "0.0.0.0:0"]);
    let mut server = Running::start(command);
    assert!(server.said.iter().any(|line| line.starts_with("Sign in at http://localhost:")), "{:?}", server.said);
    let login = r#"{"username":"ada","password":"correct horse"}"#;
    let answer = server.post("/api/auth/login", login);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(server.stop(), "the exit code was not 0");
}

#[test]
fn the_set_up_link_is_printed_and_no_secret_is_logged() {
    let folder = TempDir::new().unwrap();
    let mut command = stet(folder.path());
    command.args(["--listen", "0.0.0.0:0", "--log", "trace", "--log-format", "json"]);
    let mut server = Running::start(command);
    let line = server.said.iter().find(|line| line.contains("/setup?token=")).cloned();
    let token = line.as_deref().and_then(|line| line.split("token=").nth(1)).unwrap().trim().to_owned();
    let body =
        format!(r#"{{"token":"{token}","username":"ada","email":"ada@example.org","password":"Tr0ub4dor-und-3"}}"#);
    assert!(server.post("/api/setup", &body).starts_with("HTTP/1.1 201 Created"));
    let login = server.post("/api/auth/login", r#"{"username":"ada","password":"Tr0ub4dor-und-3"}"#);
    let access = login.split("\"access_token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let cookie = login.split("stet_refresh=").nth(1).unwrap().split(';').next().unwrap().to_owned();
    for format in ["markdown", "html", "text"] {
        let document = format!(r#"{{"title":"Plans","content":{{"format":"{format}","text":"<p>Brandywine</p>"}}}}"#);
        assert!(server.post_as(&access, "/api/documents", &document).starts_with("HTTP/1.1 201 Created"));
    }
    server.get(&format!("/api/collaborate/0192d3c5-7e00-4abc-8def-0123456789ab?ticket={access}"));
    server.get(&format!("/api/events?token={access}"));
    let secrets = [token.as_str(), "Tr0ub4dor-und-3", access.as_str(), cookie.as_str(), "Brandywine"];
    assert!(server.stop());
    let log = server.log();
    println!("{} lines of log", log.lines().count());
    assert!(log.lines().count() > 20 && log.lines().all(|line| line.starts_with('{')), "{log}");
    for secret in secrets {
        assert!(!log.contains(secret), "a secret is in the log: {}", log.lines().find(|l| l.contains(secret)).unwrap());
    }
}

#[test]
fn somebody_who_sends_too_much_hears_that_he_did() {
    let folder = TempDir::new().unwrap();
    let mut command = stet(folder.path());
    command.args(["--listen", "127.0.0.1:0"]);
    let server = Running::start(command);
    let answer = server.post("/api/users", &format!(r#"{{"username":"{}"}}"#, "x".repeat(32 * 1024 * 1024)));
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("body_too_large"), "{answer}");
    assert!(server.get("/healthz").ends_with("ok\n"));
}

#[test]
fn help_and_the_description_of_the_api_are_printed() {
    let folder = TempDir::new().unwrap();
    let help = stet(folder.path()).arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    for words in ["stet user create", "--listen <ADDRESS:PORT>", "STET_ROOM_IDLE", "[default: 12h]", "Examples:"] {
        assert!(help.contains(words), "{words} is not in {help}");
    }
    let api = stet(folder.path()).arg("openapi").output().unwrap();
    assert!(serde_json::from_slice::<serde_json::Value>(&api.stdout).unwrap()["paths"].is_object());
}

/// A started server; it is killed when it goes out of scope.
struct Running {
    child: Child,
    said: Vec<String>,
    port: u16,
    log: Option<std::thread::JoinHandle<String>>,
}

impl Running {
    /// Starts and waits for the lines that are printed at the start.
    fn start(mut command: Command) -> Running {
        let mut child = command.spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            errors.read_to_string(&mut text).unwrap();
            text
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut said = vec![lines.next().expect("the server said nothing")];
        let port = said[0].split("listening on ").nth(1).unwrap().split(',').next().unwrap();
        let port = port.rsplit(':').next().unwrap().parse().unwrap();
        said.extend(lines.next());
        Running { child, said, port, log: Some(log) }
    }

    fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))
    }

    fn post(&self, path: &str, body: &str) -> String {
        self.post_as("", path, body)
    }

    fn post_as(&self, token: &str, path: &str, body: &str) -> String {
        let length = body.len();
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
    }

    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Ends the server as a supervisor does; whether it ended well.
    fn stop(&mut self) -> bool {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().success()
    }

    fn log(&mut self) -> String {
        self.log.take().unwrap().join().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
