//! The first account of a server that others can reach, made with the link that was printed at its start.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::users::{UserAnswer, UserView};
use crate::app::App;
use crate::error::{Answer, ErrorBody};
use crate::first_start::{NewAccount, Way, make_account};
use crate::http::extract::Body;

/// `/api/setup`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(set_up))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SetUp {
    /// From the set-up link.
    token: String,
    username: String,
    email: String,
    /// At least 8 characters.
    password: String,
}

/// Make the first account, which administers the instance, with the set-up link.
#[utoipa::path(post, path = "/api/setup", tag = "instance", security(()),
    request_body = SetUp, responses((status = 201, body = UserAnswer), (status = "4XX", body = ErrorBody)))]
async fn set_up(State(app): State<App>, Body(body): Body<SetUp>) -> Answer<(StatusCode, Json<UserAnswer>)> {
    let account = NewAccount { username: body.username, email: body.email, password: body.password };
    let user = make_account(&app, account, Way::SetupLink(body.token)).await?;
    Ok((StatusCode::CREATED, UserView::of_self(user).into()))
}
