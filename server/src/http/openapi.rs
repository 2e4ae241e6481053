//! The description of the API, at `/api/openapi.json`. The web app's client is made from the committed copy of it.

use axum::routing::get;
use axum::{Json, Router};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::app::App;
use crate::error::{ErrorBody, ErrorCode};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Stet",
        description = "Documents that people write together. Ids are UUIDs, times RFC 3339 in UTC. An answer that is \
            not a success has the body `ErrorBody`; codes stay the same between versions.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    paths(super::collaborate::open_socket),
    components(schemas(ErrorBody, ErrorCode)),
    modifiers(&AccessToken),
    security(("access_token" = [])),
)]
struct Base;

struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        api.components.get_or_insert_default().add_security_scheme("access_token", SecurityScheme::Http(scheme));
    }
}

/// What the description says besides the calls.
pub fn base() -> utoipa::openapi::OpenApi {
    Base::openapi()
}

/// The whole description.
pub fn document() -> utoipa::openapi::OpenApi {
    let mut api = super::calls().into_openapi();
    api.merge(super::events::described());
    api
}

/// The whole description as the committed file holds it.
pub fn text() -> String {
    // A value sorts its keys, so that the file changes only when the API does.
    let value = serde_json::to_value(document()).unwrap_or_default();
    format!("{value:#}\n")
}

/// `/api/openapi.json`.
pub fn router() -> Router<App> {
    Router::new().route("/api/openapi.json", get(async || Json(document())))
}
