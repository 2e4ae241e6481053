//! Being there, said through the API: for people whose client has no socket open, or whose app knows better.

use acl::{Action, DocumentId};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::Person;
use crate::error::{Answer, ErrorBody};
use crate::http::extract::{Body, Id};
use crate::http::rights::require;

/// `/api/presence/{id}`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(set_status))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetStatus {
    status: Status,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Online,
    Idle,
    Offline,
}

/// Say that you are online, idle or offline in a document.
#[utoipa::path(post, path = "/api/presence/{id}", tag = "presence", params(("id" = Uuid, Path)),
    request_body = SetStatus, responses((status = 204), (status = "4XX", body = ErrorBody)))]
async fn set_status(
    State(app): State<App>,
    person: Person,
    Id(document): Id<DocumentId>,
    Body(body): Body<SetStatus>,
) -> Answer<StatusCode> {
    require(&app, &person, document, Action::Announce).await?;
    let status = match body.status {
        Status::Online => crdt::presence::Status::Online,
        Status::Idle => crdt::presence::Status::Idle,
        Status::Offline => crdt::presence::Status::Offline,
    };
    app.rooms.set_status(document, person.actor(), status);
    Ok(StatusCode::NO_CONTENT)
}
