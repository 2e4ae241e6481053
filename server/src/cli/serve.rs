//! `stet serve`: from the settings to a server that answers, and back to nothing.

use std::fs::{File, TryLockError};
use std::path::Path;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, say};
use crate::app::App;
use crate::checkpoint;
use crate::config::Config;
use crate::connections;
use crate::first_start;
use crate::http;
use crate::note_edits;

/// Serves until SIGTERM or SIGINT.
pub async fn serve(config: Config) -> Result<(), Failure> {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    let listen = config.listen;
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| Failure::new(format!("cannot listen on {listen} (choose another with --listen)"), error))?;
    let bound = listener.local_addr().map_err(|error| Failure::new("cannot listen", error))?;
    let app = App::open(config, bound).await.map_err(Failure::because)?;
    let _lock = lock(&app.config.data)?;
    let mut told_to_stop = Stop::new()?;
    checkpoint::start(app.storage.clone());
    note_edits::start(app.storage.clone());
    greet(&app).await?;

    let stopping = app.events.clone();
    let server = connections::serve(listener, http::router(app.clone()), async move { stopping.closed().await });
    let server = tokio::spawn(server);

    told_to_stop.wait().await;
    tracing::info!("stopping");
    app.events.close();
    app.rooms.shutdown().await;
    if let Err(error) = server.await {
        tracing::error!(%error, "the task that accepts connections failed");
    }
    app.storage.close().await;
    Ok(())
}

/// Makes sure that no other server uses the folder: each would take itself for the only one. The lock ends with the
/// process, however it ends. `stet user` needs none.
fn lock(data: &Path) -> Result<File, Failure> {
    let failed =
        |error: &dyn std::fmt::Display| Failure::new(format!("cannot use the data folder {}", data.display()), error);
    let file = File::create(data.join("stet.lock")).map_err(|error| failed(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(failed(&"another stet serves it")),
        Err(TryLockError::Error(error)) => Err(failed(&error)),
    }
}

/// Tells the person at the terminal where to go and what to do there.
async fn greet(app: &App) -> Result<(), Failure> {
    let failed = |error| Failure::new("cannot read the accounts", error);
    let url = &app.place.public_url;
    say(format_args!("Stet serves {url} (listening on {}, data in {})", app.place.bound, app.config.data.display()));
    if let Some(link) = first_start::set_up_link(app).await.map_err(failed)? {
        say(format_args!("Make the first account with this link; it works once: {link}"));
        say(format_args!("Or on this machine: stet user create --admin NAME --email ADDRESS"));
    } else if app.first_start.done(app).await.map_err(failed)? {
        say(format_args!("Sign in at {url}"));
    } else {
        say(format_args!("Open {url} and make the first account: it will administer this server."));
    }
    Ok(())
}

/// The signals that end a server.
struct Stop {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Stop {
    fn new() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|error| Failure::new("cannot listen for signals", error));
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
