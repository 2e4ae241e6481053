//! The command line.

mod serve;
mod user;

use std::fmt;
use std::io::{IsTerminal, Write, stderr, stdout};

use clap::{Parser, Subcommand};
use tracing::Level;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{self, Config, Flags, LogFormat};

/// A server for documents that people write together.
#[derive(Parser, Debug)]
#[command(name = "stet", version, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten, next_help_heading = "Settings")]
    flags: Flags,
}

const EXAMPLES: &str = "\
Examples:
  stet
      Serve on http://127.0.0.1:8080, keep everything in ./data.
  stet serve --listen 0.0.0.0:80 --data /var/lib/stet --public-url http://docs.example.org
  stet user create --admin ada --email ada@example.org
  stet --config /etc/stet.toml

Each setting is a flag (--room-idle 30s), an environment variable
(STET_ROOM_IDLE=30s) or a line of the config file (room_idle = \"30s\"). The flag
wins over the variable, the variable over the file.";

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve documents and the web app; this is what a bare `stet` does.
    Serve,
    /// Accounts.
    #[command(subcommand)]
    User(user::Command),
    /// Print the description of the HTTP API as OpenAPI JSON.
    Openapi,
    /// Print all settings as a page of Markdown.
    Settings,
}

/// Why the process ends, in one line for the terminal.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// What could not be done, and why.
    fn new(what: impl fmt::Display, why: impl fmt::Display) -> Self {
        Self::because(format!("{what}: {why}"))
    }

    /// What happened, said by who knows it.
    fn because(why: impl fmt::Display) -> Self {
        Self(why.to_string().replace('\n', " "))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Does what the command line asks for.
pub fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        None | Some(Command::Serve) => work(cli.flags, serve::serve),
        Some(Command::User(command)) => work(cli.flags, |config| user::run(config, command)),
        Some(Command::Openapi) => {
            say(format_args!("{}", crate::http::openapi::text().trim_end()));
            Ok(())
        }
        Some(Command::Settings) => {
            say(format_args!("{}", config::page().trim_end()));
            Ok(())
        }
    }
}

/// Reads the settings, starts the log and the runtime, and does the work there.
fn work<F: Future<Output = Result<(), Failure>>>(flags: Flags, work: impl FnOnce(Config) -> F) -> Result<(), Failure> {
    let config = Config::load(flags).map_err(Failure::because)?;
    start_log(&config)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::new("cannot start", error))?;
    runtime.block_on(work(config))
}

/// Prints a line for people. Who started us may have stopped listening; that is no reason to stop.
fn say(line: fmt::Arguments<'_>) {
    drop(writeln!(stdout(), "{line}"));
}

/// Crates that write what they parse into their debug output: the text of documents, frames of sockets.
const TALKATIVE: [&str; 6] = ["html5ever", "markup5ever", "comrak", "yrs", "tungstenite", "tokio_tungstenite"];

/// Begins the log on standard error; standard output is for what people read at the start.
fn start_log(config: &Config) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&config.log)
        .map_err(|error| Failure::new(format!("setting `log`: `{}` cannot be used", config.log), error))?;
    let discreet = filter_fn(|event| {
        let from = event.target().split("::").next().unwrap_or_default();
        *event.level() <= Level::WARN || !TALKATIVE.contains(&from)
    });
    let lines = tracing_subscriber::fmt::layer().with_writer(stderr).with_ansi(stderr().is_terminal());
    let lines = lines.log_internal_errors(false);
    let lines = match config.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    tracing_subscriber::registry().with(lines).with(filter).with(discreet).init();
    Ok(())
}
