//! What anybody may know about the instance before signing in.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::Answer;

/// The version of the schema that documents are written in; a web app with an older one opens them to read only.
pub const SCHEMA_VERSION: i64 = 1;

/// `/api/instance`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_instance))
}

#[derive(Serialize, ToSchema)]
struct Instance {
    name: String,
    setup: Setup,
    registration: Registration,
    /// Version of the document schema.
    schema_version: i64,
    /// Version of the server.
    version: &'static str,
}

/// How the first account comes about.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Setup {
    /// There is an account.
    Done,
    /// The next account that is made administers the instance.
    FirstAccount,
    /// The link that the server printed at its start makes the first account.
    #[serde(rename = "setup_link")]
    Link,
}

/// Whether people make accounts for themselves.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Registration {
    Open,
    Closed,
}

/// What anybody may know about the instance.
#[utoipa::path(get, path = "/api/instance", tag = "instance", security(()), responses((status = 200, body = Instance)))]
async fn get_instance(State(app): State<App>) -> Answer<Json<Instance>> {
    let setup = match app.first_start.done(&app).await? {
        true => Setup::Done,
        false if app.place.local => Setup::FirstAccount,
        false => Setup::Link,
    };
    Ok(Json(Instance {
        name: app.config.name.clone(),
        setup,
        registration: if app.registration_open() { Registration::Open } else { Registration::Closed },
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION"),
    }))
}
