//! The way into a document: a ticket for its socket.

use acl::{Action, DocumentId, Role};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::{self, Person};
use crate::clock::now;
use crate::error::{Answer, ErrorBody, ErrorCode};
use crate::http::extract::Id;
use crate::http::instance::SCHEMA_VERSION;
use crate::http::rights::require;
use crate::http::times::Time;

/// `POST /api/collaborate/{id}`; the socket on the same path is served by `socket.rs`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(open))
}

/// What a stock `y-websocket` provider needs: `new WebsocketProvider(url, id, ydoc, {params: {ticket}})`.
#[derive(Serialize, ToSchema)]
struct Ticket {
    /// Address of the sockets; the provider adds the document's id.
    #[schema(example = "ws://127.0.0.1:8080/api/collaborate")]
    url: String,
    /// Opens the document's sockets as often as needed.
    ticket: String,
    /// When the ticket opens no more sockets. Open ones stay.
    expires_at: Time,
    #[schema(value_type = String)]
    role: Role,
    /// The last committed change.
    seq: i64,
    /// Version of the schema that the document is written in.
    schema_version: i64,
}

/// Take a ticket for the socket of a document.
#[utoipa::path(post, path = "/api/collaborate/{id}", tag = "collaborate", params(("id" = Uuid, Path)),
    responses((status = 200, body = Ticket), (status = "4XX", body = ErrorBody)))]
async fn open(
    State(app): State<App>,
    person: Person,
    Id(id): Id<DocumentId>,
    headers: HeaderMap,
) -> Answer<Json<Ticket>> {
    let access = require(&app, &person, id, Action::ReadDocument).await?;
    let now = now();
    let document = app.storage.document(id, person.user, now).await?.ok_or(ErrorCode::NotFound)?;
    let (ticket, expires_at) = auth::ticket(&app, &person, id, now)?;
    Ok(Json(Ticket {
        url: format!("{}/api/collaborate", app.socket_url(&headers)),
        ticket,
        expires_at: expires_at.into(),
        role: access.role,
        seq: document.seq.0,
        schema_version: SCHEMA_VERSION,
    }))
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what socket.rs reads")]
struct SocketParams {
    /// From `POST` on the same path.
    ticket: Option<String>,
    /// An access token instead, for programs.
    token: Option<String>,
}

/// A WebSocket in the y-websocket dialect. It is opened in any case and closed with a code that says why: 4400 refused
/// update, 4401 signed out, 4403 forbidden, 4404 gone, 4413 frame too large, 4501 ticket expired, 1012 restarting,
/// 1013 try again.
#[utoipa::path(get, path = "/api/collaborate/{id}", tag = "collaborate", security(()),
    params(("id" = Uuid, Path), SocketParams), responses((status = 101, description = "The socket is open.")))]
#[expect(dead_code, reason = "describes what socket.rs serves")]
pub fn open_socket() {}
