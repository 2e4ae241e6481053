//! The HTTP side: each file brings its own routes; here they are put together in reading order, under the layers that
//! every request passes.

pub mod content;
pub mod documents;
pub mod events;
pub mod fields;
pub mod openapi;

mod collaborate;
mod extract;
mod health;
mod instance;
mod permissions;
mod presence;
mod rights;
mod sessions;
mod setup;
mod times;
mod users;
mod web;

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use crate::error::{ApiError, ErrorCode};

/// Time for one request, except for sockets.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// What a page of the web app may load: nothing from elsewhere except pictures, and no inline script. Mantine writes
/// styles into elements; sockets go to the same host, which older browsers do not count as `'self'`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob: https:; font-src 'self' data:; connect-src 'self' ws: wss:; manifest-src 'self'; \
    worker-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The calls of the API with their description, in reading order.
fn calls() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(instance::router())
        .merge(setup::router())
        .merge(users::router())
        .merge(sessions::router())
        .merge(documents::router())
        .merge(permissions::router())
        .merge(collaborate::router())
        .merge(presence::router())
}

/// Everything that the server answers.
pub fn router(app: App) -> Router {
    let (calls, _) = calls().split_for_parts();
    let calls = calls.merge(openapi::router()).layer((from_fn(in_time), from_fn(not_stored)));
    let sockets = Router::new().merge(crate::socket::router()).merge(events::router());
    Router::new()
        .merge(calls.layer(CompressionLayer::new()))
        .merge(sockets)
        .route_layer(from_fn_with_state(app.clone(), after_setup))
        .merge(health::router())
        .merge(web::fallback().layer(CompressionLayer::new()))
        .method_not_allowed_fallback(async || ApiError::from(ErrorCode::MethodNotAllowed))
        .layer((
            SetRequestIdLayer::x_request_id(MakeRequestUuid),
            TraceLayer::new_for_http().make_span_with(span).on_request(()),
            PropagateRequestIdLayer::x_request_id(),
            set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
            set(header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            set(header::X_FRAME_OPTIONS, "DENY"),
            set(header::REFERRER_POLICY, "no-referrer"),
            set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            CatchPanicLayer::custom(after_panic),
        ))
        .with_state(app)
}

fn set(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// The span that the log shows around a request. The query is left out: it may hold a ticket.
fn span(request: &Request) -> tracing::Span {
    let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::from(ErrorCode::Timeout).into_response(),
    }
}

/// Answers of the API hold what only this person may see: no cache keeps them.
async fn not_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses everything but the set-up itself while a server that others can reach waits for its first account.
async fn after_setup(State(app): State<App>, request: Request, next: Next) -> Response {
    let open = matches!(request.uri().path(), "/api/instance" | "/api/setup" | "/api/openapi.json");
    if open {
        return next.run(request).await;
    }
    match app.first_start.waits_for_link(&app).await {
        Ok(false) => next.run(request).await,
        Ok(true) => ApiError::from(ErrorCode::SetupRequired).into_response(),
        Err(error) => error.into_response(),
    }
}

fn after_panic(_: Box<dyn Any + Send>) -> Response {
    ApiError::internal("a handler panicked").into_response()
}

#[cfg(test)]
mod tests;
