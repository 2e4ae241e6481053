//! What every handler can reach.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use acl::SessionId;
use acl::token::{KeyError, Keys, SigningKey};
use axum::http::{HeaderMap, header};
use storage::{StartError, Storage, StorageConfig, StorageError};
use uuid::Uuid;

use crate::auth::Passwords;
use crate::clock::now;
use crate::config::{Config, PublicUrl, Registration};
use crate::first_start::FirstStart;
use crate::http::events::Events;
use crate::rooms::Rooms;

/// The running server. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database and the objects.
    pub storage: Storage,
    /// The open documents.
    pub rooms: Rooms,
    /// The settings.
    pub config: Arc<Config>,
    /// Where the server is reached.
    pub place: Arc<Place>,
    /// What signs and checks tokens.
    pub keys: Arc<Keys>,
    /// Passwords are hashed and compared here, a few at a time.
    pub passwords: Passwords,
    /// Whether there is an account yet.
    pub first_start: FirstStart,
    /// Tells the sockets of the live channel that there is something new.
    pub events: Events,
}

/// Why the server cannot start.
#[derive(thiserror::Error, Debug)]
pub enum OpenError {
    /// The data folder or what is in it.
    #[error("cannot use the data folder {}: {cause}", folder.display())]
    Data {
        /// The folder.
        folder: PathBuf,
        /// Why.
        cause: StartError,
    },
    /// The database, once it was open.
    #[error("cannot read the keys that sign tokens: {0}")]
    Storage(#[from] StorageError),
    /// A key.
    #[error("cannot use the keys that sign tokens: {0}")]
    Key(#[from] KeyError),
}

impl App {
    /// Opens the data folder and puts the parts of the server together. `bound` is where it will be reached.
    pub async fn open(config: Config, bound: SocketAddr) -> Result<App, OpenError> {
        let folder = config.data.clone();
        let storage = Storage::open(StorageConfig { data: folder.clone() })
            .await
            .map_err(|cause| OpenError::Data { folder, cause })?;
        Ok(App {
            keys: Arc::new(signing_keys(&storage).await?),
            rooms: Rooms::start(storage.clone(), config.room_idle.duration()),
            events: Events::start(&storage),
            storage,
            place: Arc::new(Place::new(&config, bound)),
            config: Arc::new(config),
            passwords: Passwords::new(),
            first_start: FirstStart::default(),
        })
    }

    /// Where the sockets are for somebody who asked with these headers: `ws://…` or `wss://…`. Without a public address
    /// the name that he reached us by is the one that works for him, and that his browser's `Origin` will name.
    pub fn socket_url(&self, headers: &HeaderMap) -> String {
        let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        match (&self.config.public_url, asked) {
            (PublicUrl::Auto, Some(host)) => format!("ws://{host}"),
            _ => format!("{}://{}", if self.place.tls() { "wss" } else { "ws" }, self.place.host()),
        }
    }

    /// A session ended: whatever it holds open is closed.
    pub fn session_ended(&self, session: SessionId) {
        self.rooms.session_ended(session);
        self.events.session_ended(session);
    }

    /// Whether anybody may make an account for himself.
    pub fn registration_open(&self) -> bool {
        match self.config.registration {
            Registration::Open => true,
            Registration::Closed => false,
            Registration::Auto => self.place.local,
        }
    }
}

/// The keys that sign tokens, made at the first start: the newest signs, all are taken.
async fn signing_keys(storage: &Storage) -> Result<Keys, OpenError> {
    let mut keys = storage.signing_keys().await?;
    if keys.is_empty() {
        let key = SigningKey::from_seed(Uuid::new_v4().to_string(), &rand::random())?;
        storage.add_signing_key(&key, now()).await?;
        keys.push(key);
    }
    let (newest, older) = keys.split_first().ok_or(KeyError)?;
    Ok(Keys::new(newest, older))
}

/// Where the server is reached.
#[derive(Clone, Debug)]
pub struct Place {
    /// The address that is listened on.
    pub bound: SocketAddr,
    /// Where browsers reach the server, without a slash at the end.
    pub public_url: String,
    /// Only this machine reaches the server: it listens on a loopback address, and no other public address is set,
    /// as a proxy in front would need.
    pub local: bool,
}

impl Place {
    /// The place of a server with these settings that listens on `bound`.
    pub fn new(config: &Config, bound: SocketAddr) -> Self {
        let public_url = config.public_url(bound);
        let local = bound.ip().is_loopback() && (config.public_url == PublicUrl::Auto || loops_back(&public_url));
        Self { bound, public_url, local }
    }

    /// Host and maybe port of the public address, as browsers send them in `Origin` and `Host`.
    pub fn host(&self) -> &str {
        self.public_url.split_once("://").map_or("", |(_, host)| host)
    }

    /// Whether browsers come over TLS, so that cookies may be marked as secure.
    pub fn tls(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn loops_back(url: &str) -> bool {
    let host = url.split_once("://").map_or("", |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(name, port)| if port.contains(']') { host } else { name });
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_loop_back() {
        for url in
            ["http://localhost", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:8080", "http://[::1]"]
        {
            assert!(loops_back(url), "{url}");
        }
        for url in
            ["https://docs.example.org", "http://localhost.example.org", "http://10.0.0.1:8080", "http://[fe80::1]"]
        {
            assert!(!loops_back(url), "{url}");
        }
    }
}
