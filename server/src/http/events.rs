//! The live channel: what changes around documents, to each person what he may see. A reader has a position and goes on
//! from it after a break; a socket and not server-sent events, because browsers open six connections to a host and the
//! seventh tab would hang.

use std::sync::Arc;
use std::time::Duration;

use acl::{Moment, SessionId, UserId};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use storage::{Event, Storage, StorageError};
use tokio::sync::{Semaphore, broadcast, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use utoipa::{IntoParams, OpenApi, ToSchema};
use uuid::Uuid;

use super::times::Time;
use crate::app::App;
use crate::auth::{Person, bearer, origin_allowed};
use crate::clock::now;
use crate::error::{ApiError, ErrorCode};
use crate::http::extract::Params;

/// Sockets of the live channel that are open at once.
const SOCKETS_MAX: usize = 20_000;
/// Events read from the database at once.
const PAGE_EVENTS: usize = 200;
/// Bytes of a message that is taken; nothing has to be said here.
const MESSAGE_BYTES_MAX: usize = 1_024;
/// How often a socket is asked whether it is there, and the session whether it stands. Events of other processes on the
/// same database are found then at the latest.
const TICK: Duration = Duration::from_secs(25);
/// A socket that said nothing for this long, not even in answer to a ping, is gone.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a socket may take to accept a message.
const SEND_TIME_MAX: Duration = Duration::from_secs(30);
/// Ended sessions that a slow socket may be behind; beyond it the socket asks the database.
const ENDED_SESSIONS_MAX: usize = 256;

/// What all sockets of the live channel share.
#[derive(Clone)]
pub struct Events {
    newest: watch::Receiver<i64>,
    ended: broadcast::Sender<SessionId>,
    closing: Arc<watch::Sender<bool>>,
    places: Arc<Semaphore>,
}

impl Events {
    /// Follows the events of a storage.
    pub fn start(storage: &Storage) -> Self {
        Self {
            newest: storage.newest_event(),
            ended: broadcast::Sender::new(ENDED_SESSIONS_MAX),
            closing: Arc::new(watch::Sender::new(false)),
            places: Arc::new(Semaphore::new(SOCKETS_MAX)),
        }
    }

    /// A session ended: its sockets close.
    pub fn session_ended(&self, session: SessionId) {
        // Nobody may be listening.
        drop(self.ended.send(session));
    }

    /// The server stops: sockets are told to come back.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Whether the server stops.
    pub fn closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Waits until the server stops.
    pub async fn closed(&self) {
        drop(self.closing.subscribe().wait_for(|closing| *closing).await);
    }
}

/// `/api/events`.
pub fn router() -> Router<App> {
    Router::new().route("/api/events", get(open))
}

/// The description of the socket, for [`super::openapi`].
pub fn described() -> utoipa::openapi::OpenApi {
    Described::openapi()
}

#[derive(OpenApi)]
#[openapi(paths(open), components(schemas(EventFrame)))]
struct Described;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Since {
    /// The last event that was seen; without it only what happens from now on is told.
    since: Option<i64>,
    /// An access token.
    token: Option<String>,
}

/// One thing that happened. The first frame is `{"kind": "hello", "seq": …}`: where the channel stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
struct EventFrame {
    /// The position after this event.
    seq: i64,
    at: Time,
    /// `document.created`, `document.renamed`, `document.trashed`, `document.restored`, `document.edited`,
    /// `grant.changed`, `grant.revoked`; more will come.
    kind: String,
    document_id: Option<Uuid>,
    actor_id: Option<Uuid>,
    #[schema(value_type = Object)]
    payload: Value,
}

impl From<Event> for EventFrame {
    fn from(event: Event) -> Self {
        Self {
            seq: event.seq,
            at: event.at.into(),
            kind: event.kind,
            document_id: event.document.map(|id| id.uuid()),
            actor_id: event.actor.map(|id| id.uuid()),
            payload: event.payload,
        }
    }
}

/// A WebSocket with what changes around your documents, as JSON texts. It is opened in any case and closed with a code
/// that says why: 4401 signed out, 1012 restarting, 1013 try again.
#[utoipa::path(get, path = "/api/events", tag = "events", security(()), params(Since),
    responses((status = 101, description = "The socket is open; its messages are `Event`s.")))]
async fn open(
    State(app): State<App>,
    Params(params): Params<Since>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let Ok(upgrade) = upgrade else { return ApiError::from(ErrorCode::UpgradeRequired).into_response() };
    if !origin_allowed(&app, &headers) {
        return ApiError::from(ErrorCode::Forbidden).into_response();
    }
    let token = params.token.or_else(|| bearer(&headers).map(str::to_owned)).unwrap_or_default();
    upgrade.max_message_size(MESSAGE_BYTES_MAX).on_upgrade(async move |socket| {
        let person = match Person::from_token(&app, &token).await {
            Ok(person) => person,
            Err(error) => return goodbye(socket, Ending::refused(&error)).await,
        };
        let Ok(_place) = Arc::clone(&app.events.places).try_acquire_owned() else {
            return goodbye(socket, Ending::TryAgain).await;
        };
        let newest = *app.events.newest.borrow();
        let position = params.since.map_or(newest, |since| since.clamp(0, newest));
        let mut reader = Reader { app, user: person.user, session: person.session, socket, position };
        let ending = reader.run(newest).await;
        goodbye(reader.socket, ending).await;
    })
}

/// Why a socket of the live channel closes.
#[derive(Clone, Copy)]
enum Ending {
    SignedOut,
    Restarting,
    TryAgain,
    Gone,
}

impl Ending {
    fn refused(error: &ApiError) -> Self {
        match error.code() {
            ErrorCode::Unauthenticated | ErrorCode::SessionEnded => Self::SignedOut,
            _ => Self::TryAgain,
        }
    }
}

async fn goodbye(mut socket: WebSocket, ending: Ending) {
    let (code, reason) = match ending {
        Ending::SignedOut => (4401, "signed_out"),
        Ending::Restarting => (1012, "restarting"),
        Ending::TryAgain => (1013, "try_again"),
        Ending::Gone => return,
    };
    let frame = CloseFrame { code, reason: reason.into() };
    // He may be gone already.
    drop(timeout(SEND_TIME_MAX, socket.send(Message::Close(Some(frame)))).await);
}

/// One person's end of the live channel.
struct Reader {
    app: App,
    user: UserId,
    session: SessionId,
    socket: WebSocket,
    /// The last event that was looked at.
    position: i64,
}

impl Reader {
    async fn run(&mut self, newest_at_start: i64) -> Ending {
        let events = self.app.events.clone();
        let (mut newest, mut ended) = (events.newest.clone(), events.ended.subscribe());
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard_at = Instant::now();
        if let Err(ending) = self.send(&json!({ "kind": "hello", "seq": newest_at_start })).await {
            return ending;
        }
        loop {
            if let Err(ending) = self.catch_up(now()).await {
                return ending;
            }
            tokio::select! {
                changed = newest.changed() => if changed.is_err() { return Ending::Restarting },
                () = events.closed() => return Ending::Restarting,
                session = ended.recv() => match session {
                    Ok(session) if session != self.session => {}
                    _ => if let Err(ending) = self.check_session().await { return ending },
                },
                message = self.socket.recv() => match message {
                    Some(Ok(_)) => heard_at = Instant::now(),
                    _ => return Ending::Gone,
                },
                _ = tick.tick() => {
                    if heard_at.elapsed() > SILENCE {
                        return Ending::Gone;
                    }
                    if let Err(ending) = self.check_session().await {
                        return ending;
                    }
                    if timeout(SEND_TIME_MAX, self.socket.send(Message::Ping("".into()))).await.is_err() {
                        return Ending::Gone;
                    }
                }
            }
        }
    }

    /// Sends everything after the position. Rights are read with the events, so that what was taken a moment ago is not
    /// told any more.
    async fn catch_up(&mut self, now: Moment) -> Result<(), Ending> {
        loop {
            let read = self.app.storage.read_events_for(self.user, self.position, PAGE_EVENTS, now).await;
            let (events, position) = read.map_err(try_again)?;
            for event in events {
                let frame = serde_json::to_value(EventFrame::from(event)).map_err(try_again)?;
                self.send(&frame).await?;
            }
            if position == self.position {
                return Ok(());
            }
            self.position = position;
        }
    }

    async fn check_session(&mut self) -> Result<(), Ending> {
        match self.app.storage.session(self.session, now()).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Ending::SignedOut),
            Err(error) => Err(try_again::<StorageError>(error)),
        }
    }

    async fn send(&mut self, frame: &Value) -> Result<(), Ending> {
        match timeout(SEND_TIME_MAX, self.socket.send(Message::Text(frame.to_string().into()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Ending::Gone),
        }
    }
}

fn try_again<E: std::fmt::Display>(error: E) -> Ending {
    tracing::warn!(%error, "a socket of the live channel was closed");
    Ending::TryAgain
}
