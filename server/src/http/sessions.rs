//! Signing in, staying signed in, signing out.

use acl::{Moment, SessionId};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::{Deserialize, Serialize};
use storage::{NewSession, RefreshError, Session};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::fields;
use super::users::UserView;
use crate::app::App;
use crate::auth::{self, Person, bearer, origin_allowed, secret};
use crate::clock::now;
use crate::error::{Answer, ErrorBody, ErrorCode};
use crate::http::extract::{Body, Client};
use crate::http::times::Time;

/// `/api/auth`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(refresh)).routes(routes!(logout))
}

/// The cookie that keeps somebody signed in. No script can read it, and it is sent to `/api/auth` only.
const REFRESH_COOKIE: &str = "stet_refresh";
const REFRESH_PATH: &str = "/api/auth";

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Login {
    /// The name or the e-mail address.
    username: String,
    password: String,
}

/// Somebody is signed in.
#[derive(Serialize, ToSchema)]
struct SignedInAnswer {
    /// For `Authorization: Bearer …`.
    access_token: String,
    /// When the access token ends; `POST /api/auth/refresh` brings the next one.
    expires_at: Time,
    user: UserView,
}

/// Sign in with a name or e-mail address and a password.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", security(()),
    request_body = Login, responses((status = 200, body = SignedInAnswer), (status = "4XX", body = ErrorBody)))]
async fn login(
    State(app): State<App>,
    jar: CookieJar,
    client: Client,
    Body(body): Body<Login>,
) -> Answer<(CookieJar, Json<SignedInAnswer>)> {
    if body.password.len() > fields::PASSWORD_BYTES_MAX || body.username.len() > fields::EMAIL_BYTES_MAX {
        return Err(ErrorCode::WrongCredentials.into());
    }
    let now = now();
    let found = app.storage.credentials(&body.username).await?.filter(|(user, _)| user.deactivated_at.is_none());
    let (user, hash) = found.unzip();
    let matches = app.passwords.matches(body.password, hash).await?;
    let Some(user) = user.as_ref().filter(|_| matches) else {
        // What was typed is kept only if it is a name: people type passwords into the wrong field.
        let known = user.map(|user| user.username).unwrap_or_default();
        app.storage.note_failed_sign_in(&known, &client.address, now).await?;
        return Err(ErrorCode::WrongCredentials.into());
    };
    let token = secret::new();
    let session = NewSession {
        id: SessionId::from_uuid(Uuid::now_v7()),
        user: user.id,
        refresh_hash: secret::hash(&token),
        expires_at: now.plus_seconds(app.config.session_lifetime.seconds()),
        user_agent: client.program,
        address: client.address,
    };
    let session = app.storage.create_session(&session, now).await?;
    signed_in(&app, jar, &session, token, now).await
}

/// Take a new access token with the refresh cookie, which is replaced by a new one. A cookie that comes a second time
/// was stolen from one of the two who sent it: it ends the session.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth", security(()),
    responses((status = 200, body = SignedInAnswer), (status = "4XX", body = ErrorBody)))]
async fn refresh(
    State(app): State<App>,
    jar: CookieJar,
    headers: HeaderMap,
) -> Answer<(CookieJar, Json<SignedInAnswer>)> {
    if !origin_allowed(&app, &headers) {
        return Err(ErrorCode::Forbidden.into());
    }
    let old = jar.get(REFRESH_COOKIE).ok_or(ErrorCode::Unauthenticated)?;
    let token = secret::new();
    let now = now();
    match app.storage.refresh_session(&secret::hash(old.value()), &secret::hash(&token), now).await {
        Ok(session) => signed_in(&app, jar, &session, token, now).await,
        Err(RefreshError::Reused(session)) => {
            tracing::warn!(session = %session.id, "a refresh token was used twice; the session was ended");
            app.session_ended(session.id);
            Err(ErrorCode::SessionEnded.into())
        }
        Err(RefreshError::Ended) => Err(ErrorCode::SessionEnded.into()),
        Err(RefreshError::Storage(error)) => Err(error.into()),
    }
}

/// Sign out: the session ends, and with it its sockets.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth",
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
async fn logout(State(app): State<App>, jar: CookieJar, headers: HeaderMap) -> Answer<(CookieJar, StatusCode)> {
    let now = now();
    let session = match (bearer(&headers), jar.get(REFRESH_COOKIE)) {
        (Some(token), _) => {
            let person = Person::from_token(&app, token).await?;
            Some((person.session, person.user))
        }
        (None, Some(cookie)) if origin_allowed(&app, &headers) => {
            let session = app.storage.session_of_token(&secret::hash(cookie.value())).await?;
            session.map(|session| (session.id, session.user))
        }
        _ => return Err(ErrorCode::Unauthenticated.into()),
    };
    if let Some((session, user)) = session {
        app.storage.end_session(session, user.into(), now).await?;
        app.session_ended(session);
    }
    Ok((jar.add(cookie(&app, String::new(), 0)), StatusCode::NO_CONTENT))
}

async fn signed_in(
    app: &App,
    jar: CookieJar,
    session: &Session,
    refresh_token: String,
    now: Moment,
) -> Answer<(CookieJar, Json<SignedInAnswer>)> {
    let user = app.storage.user(session.user).await?.ok_or(ErrorCode::SessionEnded)?;
    let (access_token, expires_at) = auth::access_token(app, user.id, session.id, now)?;
    let lifetime_seconds = session.expires_at.seconds() - now.seconds();
    let answer = SignedInAnswer { access_token, expires_at: expires_at.into(), user: UserView::of_self(user) };
    Ok((jar.add(cookie(app, refresh_token, lifetime_seconds)), Json(answer)))
}

fn cookie(app: &App, value: String, lifetime_seconds: i64) -> Cookie<'static> {
    Cookie::build((REFRESH_COOKIE, value))
        .path(REFRESH_PATH)
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.place.tls())
        .max_age(time::Duration::seconds(lifetime_seconds))
        .build()
}
