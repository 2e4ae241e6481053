//! Bodies, path ids and query parameters, with refusals that name the field.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::str::FromStr;

use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, ErrorCode};

/// Bytes of a body, where nothing else is said.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// Bytes of a body that is too large which are read and dropped, so that the client sees the refusal: one who is still
/// sending when the connection closes may not.
const LINGER_BYTES_MAX: usize = 128 * 1024 * 1024;

/// A JSON body. The types behind it refuse unknown fields, so that a misspelt field is not taken for a missing one.
pub struct Body<T, const BYTES_MAX: usize = BODY_BYTES_MAX>(pub T);

impl<S: Send + Sync, T: DeserializeOwned, const BYTES_MAX: usize> FromRequest<S> for Body<T, BYTES_MAX> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !content_type.is_some_and(is_json) {
            return Err(ErrorCode::UnsupportedMediaType.into());
        }
        let bytes = read(request, BYTES_MAX).await?;
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let value = serde_path_to_error::deserialize(&mut json).map_err(refuse)?;
        json.end().map_err(|error| ApiError::with(ErrorCode::InvalidJson, error.to_string()))?;
        Ok(Self(value))
    }
}

async fn read(request: Request, bytes_max: usize) -> Result<Vec<u8>, ApiError> {
    let mut stream = request.into_body().into_data_stream();
    let (mut bytes, mut seen) = (Vec::new(), 0);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ApiError::with(ErrorCode::InvalidJson, "The body did not arrive whole."))?;
        seen += chunk.len();
        if seen <= bytes_max {
            bytes.extend_from_slice(&chunk);
        } else if seen > LINGER_BYTES_MAX {
            break;
        }
    }
    if seen <= bytes_max { Ok(bytes) } else { Err(ErrorCode::BodyTooLarge.into()) }
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn refuse(error: serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let path = error.path().to_string();
    let cause = error.into_inner();
    if !cause.is_data() {
        return ApiError::with(ErrorCode::InvalidJson, format!("The body is not valid JSON: {cause}."));
    }
    let words = cause.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    match named_in(words) {
        Some((field, reason)) if path == "." => ApiError::field(field, reason),
        // serde_path_to_error ends the path with the field when it is unknown, and with its parent when it is missing.
        Some((field, reason)) if path.rsplit('.').next() != Some(field) => {
            ApiError::field(&format!("{path}.{field}"), reason)
        }
        Some((_, reason)) => ApiError::field(&path, reason),
        None if path == "." => ApiError::with(ErrorCode::InvalidJson, "The body must be a JSON object."),
        None => ApiError::field(&path, &format!("does not fit: {words}")),
    }
}

/// The field that serde names in its words, and what is wrong with it.
fn named_in(words: &str) -> Option<(&str, &'static str)> {
    let cases = [
        ("missing field `", "is missing"),
        ("unknown field `", "is not known here"),
        ("duplicate field `", "is there twice"),
    ];
    cases.into_iter().find_map(|(beginning, reason)| {
        let field = words.strip_prefix(beginning)?.split('`').next()?;
        Some((field, reason))
    })
}

/// The id in the path.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr + Send> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let refused = || ApiError::field("id", "must be a UUID");
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| refused())?;
        text.parse().map(Self).map_err(|_| refused())
    }
}

/// The parameters after the question mark.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Query(params) = Query::try_from_uri(&parts.uri).map_err(|rejection| {
            let words = rejection.body_text();
            let field = words.split('`').nth(1).unwrap_or("query");
            ApiError::field(field, "is not known here, is there twice or does not fit")
        })?;
        Ok(Self(params))
    }
}

/// Who is at the other end of the connection, so that people recognise their sessions.
pub struct Client {
    /// The network address; of the proxy, if there is one in front.
    pub address: String,
    /// The program in its own words.
    pub program: String,
}

/// Characters kept of the program's words.
const PROGRAM_CHARS_MAX: usize = 200;

impl<S: Send + Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let address = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let program = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        Ok(Self {
            address: address.map(|ConnectInfo(address)| address.ip().to_string()).unwrap_or_default(),
            program: program.chars().take(PROGRAM_CHARS_MAX).collect(),
        })
    }
}
