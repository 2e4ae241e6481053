//! The web app, held by the binary: files of `web/dist`, and its index page for every path that is a page of the app.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::error::{ApiError, ErrorCode};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../web/dist"]
struct Files;

const INDEX: &str = "index.html";

/// Vite puts a hash of the content into the names in this folder, so that they can be kept for ever.
const HASHED_FOLDER: &str = "assets/";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// Every path that no other route takes.
pub fn fallback<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().fallback_service(get(file).fallback(not_here))
}

async fn not_here() -> Response {
    ApiError::from(ErrorCode::NotFound).into_response()
}

async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "api" || path.starts_with("api/") {
        return ApiError::from(ErrorCode::NotFound).into_response();
    }
    if let Some(file) = Files::get(path) {
        return serve(path, file, &headers);
    }
    // A missing picture or script is missing; anything else is a page that the app knows how to show.
    let page = !path.starts_with(HASHED_FOLDER) && !path.rsplit('/').next().unwrap_or_default().contains('.');
    match Files::get(INDEX) {
        Some(file) if page => serve(INDEX, file, &headers),
        _ => ApiError::from(ErrorCode::NotFound).into_response(),
    }
}

fn serve(path: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let tag =
        file.metadata.sha256_hash().iter().take(16).fold(String::from("\""), |tag, byte| format!("{tag}{byte:02x}"));
    let tag = tag + "\"";
    let cached = asked.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if cached {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mime = HeaderValue::from_str(&content_type(file.metadata.mimetype()));
        let mut response = Body::from(file.data).into_response();
        if let Ok(mime) = mime {
            response.headers_mut().insert(header::CONTENT_TYPE, mime);
        }
        response
    };
    let keep = if path.starts_with(HASHED_FOLDER) { FOR_EVER } else { ASK_AGAIN };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn content_type(mime: &str) -> String {
    match mime {
        "text/html" | "text/css" | "text/javascript" | "text/plain" => format!("{mime}; charset=utf-8"),
        other => other.to_owned(),
    }
}
