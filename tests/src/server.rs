//! A started `stet` with a data folder of its own, which can be killed and started again on the same data and port.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::{built, soon};

/// A running server. Dropping it kills the process and removes its data.
pub struct Server {
    child: Option<Child>,
    folder: Arc<TempDir>,
    port: u16,
    settings: Vec<(String, String)>,
    /// What stands before the program: `strace …` in one test.
    wrapper: Vec<String>,
}

impl Server {
    /// Starts `stet` with its defaults on a free port and an empty data folder, and waits until it serves.
    pub async fn start() -> Server {
        Server::start_with(&[]).await
    }

    /// The same with environment variables set.
    pub async fn start_with(settings: &[(&str, &str)]) -> Server {
        Server::start_under(&[], settings).await
    }

    /// The same with a program that starts it (a tracer).
    pub async fn start_under(wrapper: &[String], settings: &[(&str, &str)]) -> Server {
        let folder = Arc::new(tempfile::Builder::new().prefix("stet-test-").tempdir().expect("a temporary folder"));
        let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let mut server = Server { child: None, folder, port: free_port(), settings, wrapper: wrapper.to_vec() };
        server.restart().await;
        server
    }

    /// Starts it again on the same data and port, and waits until it serves.
    pub async fn restart(&mut self) {
        assert!(self.child.is_none(), "it is still running");
        self.child = Some(self.command().kill_on_drop(true).spawn().expect("stet starts"));
        let health = self.http("/healthz");
        let mut pause_ms = 5;
        soon("the server to answer /healthz", async {
            loop {
                if reqwest::get(&health).await.is_ok_and(|answer| answer.status().is_success()) {
                    return;
                }
                if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().expect("wait works")) {
                    panic!("the server ended with {status} instead of serving; it said:\n{}", self.log());
                }
                tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                pause_ms = (pause_ms * 2).min(100);
            }
        })
        .await;
    }

    /// Changes a setting for the next start.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_string(), value.to_string()));
    }

    /// `kill -9`, and waits until the process is gone.
    pub async fn kill(&mut self) {
        let mut child = self.child.take().expect("it is running");
        child.start_kill().expect("a running child can be killed");
        child.wait().await.expect("wait works");
    }

    /// Asks it to end (SIGTERM) and waits for that.
    pub async fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it is running");
        let pid = child.id().expect("it has not been waited for");
        signal(pid, "TERM").await;
        soon("the server to end after SIGTERM", child.wait()).await.expect("wait works")
    }

    /// The process id of what was started.
    pub fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("it is running")
    }

    pub fn http(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All it has written to stdout and stderr since the first start.
    pub fn log(&self) -> String {
        std::fs::read(self.log_path()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn command(&self) -> Command {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.log_path()).expect("a log file");
        let mut words = self.wrapper.clone();
        words.push(built("stet").display().to_string());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).env("STET_LISTEN", self.address()).env("STET_DATA", self.data());
        command.envs(self.settings.iter().cloned()).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let last: Vec<&str> = log.lines().rev().take(60).collect();
            eprintln!("--- the last lines of the server on port {} ---", self.port);
            last.iter().rev().for_each(|line| eprintln!("{line}"));
        }
    }
}

/// Runs `stet` with arguments until it ends by itself; gives the exit status and what it wrote.
pub async fn run_to_end(arguments: &[&str], settings: &[(&str, &str)], folder: &Path) -> (ExitStatus, String, String) {
    let mut command = Command::new(built("stet"));
    command.args(arguments).envs(settings.iter().copied()).current_dir(folder).stdin(Stdio::null()).kill_on_drop(true);
    let output = soon("stet to end by itself", command.output()).await.expect("stet starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status, text(&output.stdout), text(&output.stderr))
}

/// Sends a signal by its name.
pub async fn signal(pid: u32, name: &str) {
    let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {pid}")).status().await.expect("sh runs");
    assert!(sent.success(), "kill -{name} {pid}");
}

/// A port nobody listens on, outside the range from which the system takes ports for outgoing connections (else such a
/// connection could sit on it while the server is down between two starts).
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = 20_000 + (std::process::id() % 100) as u16 * 100;
    (0..10_000)
        .map(|_| 20_000 + (start - 20_000 + NEXT.fetch_add(1, Ordering::Relaxed)) % 10_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("one of 10,000 ports is free")
}
