//! Who is asking: access tokens for calls, tickets for sockets, and the check of where a page comes from.

mod passwords;
pub mod secret;

use acl::access::Access;
use acl::token::{Audience, Claims, ISSUER, TokenError};
use acl::{ActorId, DocumentId, Moment, SessionId, UserId};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use crdt::presence::Identity;
use serde_json::json;
use storage::{DocumentAccess, StorageError};

use crate::app::App;
use crate::clock::now;
use crate::error::{Answer, ApiError, ErrorCode};

pub use passwords::Passwords;

/// The person behind a call. The token says who, the database says that the session and the account still stand.
pub struct Person {
    /// The account.
    pub user: UserId,
    /// The session that signed in.
    pub session: SessionId,
}

impl Person {
    /// The person as an author.
    pub fn actor(&self) -> ActorId {
        self.user.into()
    }

    /// Reads an access token.
    pub async fn from_token(app: &App, token: &str) -> Answer<Person> {
        let now = now();
        let claims =
            app.keys.verify(token, Audience::Access, now).map_err(|_| ApiError::from(ErrorCode::Unauthenticated))?;
        match app.storage.session(claims.sid, now).await? {
            Some(session) if ActorId::from(session.user) == claims.sub => {
                Ok(Person { user: session.user, session: session.id })
            }
            _ => Err(ErrorCode::SessionEnded.into()),
        }
    }
}

impl FromRequestParts<App> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Answer<Person> {
        let token = bearer(&parts.headers).ok_or(ErrorCode::Unauthenticated)?;
        Person::from_token(app, token).await
    }
}

/// The token of an `Authorization: Bearer` header (RFC 6750, 2.1).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Signs an access token for a session; with it the moment at which it ends.
pub fn access_token(app: &App, user: UserId, session: SessionId, now: Moment) -> Answer<(String, Moment)> {
    sign(app, user.into(), session, None, now, now.plus_seconds(app.config.access_token_lifetime.seconds()))
}

/// Signs a ticket that opens the sockets of one document until it ends, or its session does.
pub fn ticket(app: &App, person: &Person, document: DocumentId, now: Moment) -> Answer<(String, Moment)> {
    let until = now.plus_seconds(app.config.ticket_lifetime.seconds());
    sign(app, person.actor(), person.session, Some(document), now, until)
}

fn sign(
    app: &App,
    sub: ActorId,
    sid: SessionId,
    doc: Option<DocumentId>,
    now: Moment,
    until: Moment,
) -> Answer<(String, Moment)> {
    let aud = if doc.is_some() { Audience::Ticket } else { Audience::Access };
    let claims = Claims { sub, sid, exp: until.seconds(), iat: now.seconds(), aud, iss: ISSUER.into(), doc };
    let token = app.keys.sign(&claims).map_err(ApiError::internal)?;
    Ok((token, Moment::from_seconds(until.seconds())))
}

/// Somebody who may open a socket of a document.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Who writes.
    pub actor: ActorId,
    /// The session whose end closes the socket.
    pub session: Option<SessionId>,
    /// What others see in presence: `{id, name, color}`.
    pub identity: Identity,
    /// What he is to the document.
    pub access: Access,
    /// The version of the document's rights at which `access` was read.
    pub acl_version: i64,
    /// When the socket closes by itself: the session or the access ends.
    pub until: Moment,
}

/// Why a socket is refused; it is opened and then closed with the code, because browsers cannot see an HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketRefusal {
    /// The ticket's or the token's time is over; a fresh one may work (4501).
    TicketExpired,
    /// The session ended, or there is no ticket or token that is one of ours for this document (4401).
    SignedOut,
    /// The right is gone (4403).
    Forbidden,
    /// There is no such document, or it is in the trash (4404).
    NotFound,
    /// The database does not answer (1013).
    Unavailable,
}

/// Reads the session and the access again, at each upgrade: a ticket opens sockets as often as needed, and only while
/// its session lives.
pub async fn admit_socket(
    app: &App,
    document: DocumentId,
    ticket: Option<&str>,
    token: Option<&str>,
) -> Result<Holder, SocketRefusal> {
    let now = now();
    let claims = match (ticket, token) {
        (Some(ticket), _) => app.keys.verify(ticket, Audience::Ticket, now).map_err(refusal)?,
        (None, Some(token)) => app.keys.verify(token, Audience::Access, now).map_err(refusal)?,
        (None, None) => return Err(SocketRefusal::SignedOut),
    };
    if claims.doc.is_some_and(|opened| opened != document) {
        return Err(SocketRefusal::SignedOut);
    }
    let session = app.storage.session(claims.sid, now).await.map_err(unavailable)?;
    let session =
        session.filter(|session| ActorId::from(session.user) == claims.sub).ok_or(SocketRefusal::SignedOut)?;
    let user = app.storage.user(session.user).await.map_err(unavailable)?.ok_or(SocketRefusal::SignedOut)?;
    let found = app.storage.access(claims.sub, document, now).await.map_err(unavailable)?;
    let Some(DocumentAccess { access, acl_version, .. }) = found.filter(|found| !found.trashed) else {
        return Err(closed_to(app, document, claims.doc.is_some()).await);
    };
    let expires_at = session.expires_at;
    Ok(Holder {
        actor: claims.sub,
        session: Some(claims.sid),
        identity: Identity {
            person: user.id.uuid().as_u128(),
            user: json!({ "id": user.id, "name": user.display_name, "color": user.color }),
        },
        access,
        acl_version,
        until: access.until.map_or(expires_at, |until| until.min(expires_at)),
    })
}

/// Whether the session of an admitted socket still lives; no, when the database does not say.
pub async fn session_lives(app: &App, holder: &Holder) -> bool {
    match holder.session {
        Some(session) => app.storage.session(session, now()).await.is_ok_and(|found| found.is_some()),
        None => true,
    }
}

/// What to say to somebody without access. A ticket shows that he had access, so that he may hear that the document is
/// still there for others.
async fn closed_to(app: &App, document: DocumentId, with_ticket: bool) -> SocketRefusal {
    match app.storage.versions(&[document]).await {
        Ok(found) if with_ticket && found.iter().any(|versions| !versions.trashed) => SocketRefusal::Forbidden,
        Ok(_) => SocketRefusal::NotFound,
        Err(error) => unavailable(error),
    }
}

fn refusal(error: TokenError) -> SocketRefusal {
    match error {
        TokenError::Expired => SocketRefusal::TicketExpired,
        TokenError::Invalid => SocketRefusal::SignedOut,
    }
}

fn unavailable(cause: StorageError) -> SocketRefusal {
    tracing::warn!(%cause, "a socket could not be admitted");
    SocketRefusal::Unavailable
}

/// Whether a page at this `Origin` may open sockets and use the refresh cookie: only pages of this server. Programs
/// that are no browser send no `Origin`.
pub fn origin_allowed(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.parse::<Uri>().ok());
    let Some(authority) = origin.as_ref().and_then(Uri::authority) else { return false };
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    [Some(app.place.host()), asked].into_iter().flatten().any(|host| authority.as_str().eq_ignore_ascii_case(host))
}
