//! What a document says, in and out: the formats of `?format=` and of `content` when a document is made.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use crdt::content::{self, ContentError, Format};
use crdt::state::State;
use serde::Deserialize;
use tokio::task::spawn_blocking;
use utoipa::ToSchema;

use crate::error::{Answer, ApiError};

/// Sources and documents up to this size are read on the spot; longer work goes to a thread that may block. A table of a
/// few bytes can spread over thousands of cells, so the bound is small.
const ON_THE_SPOT_BYTES_MAX: usize = 1_000;

/// Content for a new document.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    format: TextFormat,
    /// The content in this format; up to 4 MiB.
    text: String,
}

/// The forms in which content comes in.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TextFormat {
    Json,
    Markdown,
    Html,
    Text,
}

impl From<TextFormat> for Format {
    fn from(format: TextFormat) -> Self {
        match format {
            TextFormat::Json => Self::Json,
            TextFormat::Markdown => Self::Markdown,
            TextFormat::Html => Self::Html,
            TextFormat::Text => Self::Text,
        }
    }
}

/// The first update of a document with this content.
pub async fn first_update(content: Content) -> Answer<Vec<u8>> {
    first_update_of(content.format.into(), content.text).await
}

/// The first update of a document that says `text`.
pub async fn first_update_of(format: Format, text: String) -> Answer<Vec<u8>> {
    let client = u64::from(rand::random::<u32>());
    let size = text.len();
    let make = move || content::create(&content::parse(format, &text)?, client);
    near_or_far(size, make).await?.map_err(refuse)
}

/// The forms in which content goes out.
#[derive(Clone, Copy)]
pub enum OutFormat {
    Text(TextFormat),
    Yjs,
}

impl OutFormat {
    /// Reads `?format=`.
    pub fn named(name: &str) -> Answer<Self> {
        Ok(match name {
            "json" => Self::Text(TextFormat::Json),
            "markdown" => Self::Text(TextFormat::Markdown),
            "html" => Self::Text(TextFormat::Html),
            "text" => Self::Text(TextFormat::Text),
            "yjs" => Self::Yjs,
            _ => return Err(ApiError::field("format", "must be json, markdown, html, text or yjs")),
        })
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Text(TextFormat::Json) => "application/json",
            Self::Text(TextFormat::Markdown) => "text/markdown; charset=utf-8",
            Self::Text(TextFormat::Html) => "text/html; charset=utf-8",
            Self::Text(TextFormat::Text) => "text/plain; charset=utf-8",
            Self::Yjs => "application/octet-stream",
        }
    }
}

/// The answer with the present of a document in one format.
pub async fn answer(state: Arc<State>, format: OutFormat) -> Answer<Response> {
    let bytes = match format {
        OutFormat::Yjs => Body::from(state.update.clone()),
        OutFormat::Text(text) => {
            let size = state.update.len();
            let render = move || Ok(content::render(&content::read(&state.update)?, text.into()));
            Body::from(near_or_far(size, render).await?.map_err(refuse)?)
        }
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
    // People wrote it: a browser that is led here shows nothing and runs nothing.
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok(response)
}

async fn near_or_far<T: Send + 'static>(size: usize, work: impl FnOnce() -> T + Send + 'static) -> Answer<T> {
    if size <= ON_THE_SPOT_BYTES_MAX { Ok(work()) } else { spawn_blocking(work).await.map_err(ApiError::internal) }
}

fn refuse(error: ContentError) -> ApiError {
    match &error {
        ContentError::Unreadable(_) => ApiError::internal(error),
        _ => ApiError::content(error.to_string(), error.code(), error.path()),
    }
}
