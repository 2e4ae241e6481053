//! Who has which role in a document.

use acl::{Action, DocumentId, Role, UserId};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use storage::{GrantError, Granted};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Person;
use crate::clock::now;
use crate::error::{Answer, ApiError, ErrorBody, ErrorCode};
use crate::http::extract::{Body, Id};
use crate::http::fields;
use crate::http::rights::require;
use crate::http::times::Time;

/// `/api/permissions/{id}`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, give)).routes(routes!(take))
}

/// What a person is to a document.
#[derive(Serialize, ToSchema)]
struct Permission {
    user: PersonView,
    #[schema(value_type = String, example = "editor")]
    role: Role,
    granted_at: Time,
}

/// A person as those see him who are in a document with him.
#[derive(Serialize, ToSchema)]
#[schema(as = PermittedUser)]
struct PersonView {
    id: Uuid,
    username: String,
    display_name: String,
    email: String,
    color: String,
}

impl From<Granted> for Permission {
    fn from(granted: Granted) -> Self {
        Self {
            user: PersonView {
                id: granted.user.uuid(),
                username: granted.username,
                display_name: granted.display_name,
                email: granted.email,
                color: granted.color,
            },
            role: granted.role,
            granted_at: granted.granted_at.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Permissions {
    permissions: Vec<Permission>,
}

/// List everybody with a role in a document.
#[utoipa::path(get, path = "/api/permissions/{id}", tag = "permissions", params(("id" = Uuid, Path)),
    responses((status = 200, body = Permissions), (status = "4XX", body = ErrorBody)))]
async fn list(State(app): State<App>, person: Person, Id(id): Id<DocumentId>) -> Answer<Json<Permissions>> {
    require(&app, &person, id, Action::ReadDocument).await?;
    let granted = app.storage.list_grants(id).await?;
    Ok(Json(Permissions { permissions: granted.into_iter().map(Permission::from).collect() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Give {
    /// The person by id; give this or `user`.
    user_id: Option<Uuid>,
    /// The person by name or e-mail address.
    user: Option<String>,
    #[schema(value_type = String, example = "editor")]
    role: String,
}

#[derive(Serialize, ToSchema)]
struct PermissionAnswer {
    permission: Permission,
}

/// Give somebody a role, in place of the one he has.
#[utoipa::path(post, path = "/api/permissions/{id}", tag = "permissions", params(("id" = Uuid, Path)),
    request_body = Give, responses((status = 200, body = PermissionAnswer), (status = "4XX", body = ErrorBody)))]
async fn give(
    State(app): State<App>,
    person: Person,
    Id(id): Id<DocumentId>,
    Body(body): Body<Give>,
) -> Answer<Json<PermissionAnswer>> {
    require(&app, &person, id, Action::Share).await?;
    let role = body.role.parse().map_err(|_| ApiError::field("role", "must be viewer, commenter, editor or owner"))?;
    let user = match (body.user_id, body.user) {
        (Some(user), None) => UserId::from_uuid(user),
        (None, Some(login)) if login.len() <= fields::EMAIL_BYTES_MAX => {
            app.storage.find_user(&login).await?.ok_or_else(|| ApiError::nobody("user"))?.id
        }
        (None, Some(_)) => return Err(ApiError::field("user", "is too long")),
        (None, None) => return Err(ApiError::field("user_id", "is missing")),
        (Some(_), Some(_)) => return Err(ApiError::field("user", "must not be there together with `user_id`")),
    };
    let granted = app.storage.put_grant(id, user, role, None, person.actor(), now()).await?;
    app.rooms.access_changed(id);
    Ok(Json(PermissionAnswer { permission: granted.into() }))
}

/// Take somebody's role. Everybody may take his own.
#[utoipa::path(delete, path = "/api/permissions/{id}/{user_id}", tag = "permissions",
    params(("id" = Uuid, Path), ("user_id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
async fn take(State(app): State<App>, person: Person, Path((id, user)): Path<(String, String)>) -> Answer<StatusCode> {
    let id: DocumentId = id.parse().map_err(|_| ApiError::field("id", "must be a UUID"))?;
    let user: UserId = user.parse().map_err(|_| ApiError::field("user_id", "must be a UUID"))?;
    let needed = if user == person.user { Action::ReadDocument } else { Action::Share };
    require(&app, &person, id, needed).await?;
    app.storage.remove_grant(id, user, person.actor(), now()).await?;
    app.rooms.access_changed(id);
    Ok(StatusCode::NO_CONTENT)
}

impl From<GrantError> for ApiError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::NoDocument => ErrorCode::NotFound.into(),
            GrantError::NoUser | GrantError::NoGrant => Self::nobody("user_id"),
            GrantError::LastOwner => ErrorCode::LastOwner.into(),
            GrantError::Storage(error) => error.into(),
        }
    }
}
