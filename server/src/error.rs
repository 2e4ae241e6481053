//! The one translator from what goes wrong inside to what a client sees: a status, a stable code, and a message for
//! people. The text of a 5xx is logged and not sent.

use std::borrow::Cow;
use std::fmt;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Value, json};
use storage::StorageError;
use utoipa::ToSchema;

use crate::rooms::RoomError;

macro_rules! codes {
    ($( $(#[doc = $doc:literal])+ $code:ident = $status:ident, $name:literal, $message:literal; )+) => {
        /// What went wrong, in one word that stays the same between versions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorCode {
            $( $(#[doc = $doc])+ $code, )+
        }

        impl ErrorCode {
            /// The code as it stands in the answer.
            #[cfg(test)]
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$code => $name, )+ }
            }

            const fn status(self) -> StatusCode {
                match self { $( Self::$code => StatusCode::$status, )+ }
            }

            const fn message(self) -> &'static str {
                match self { $( Self::$code => $message, )+ }
            }
        }

        /// All codes, for the tests that compare them with the documentation of the API.
        #[cfg(test)]
        pub const CODES: &[ErrorCode] = &[$(ErrorCode::$code),+];
    };
}

codes! {
    /// The body is not JSON.
    InvalidJson = BAD_REQUEST, "invalid_json", "The body is not valid JSON.";
    /// A field is missing, unknown, of the wrong type or out of its bounds; `details.field` names it.
    InvalidField = BAD_REQUEST, "invalid_field", "A field is not as it should be.";
    /// The content cannot be read in the format that was named.
    InvalidContent = BAD_REQUEST, "invalid_content", "The content cannot be read in this format.";
    /// The access token is missing, expired or not one of ours.
    Unauthenticated = UNAUTHORIZED, "unauthenticated", "Sign in first.";
    /// Name or password are wrong; which of the two is not said.
    WrongCredentials = UNAUTHORIZED, "wrong_credentials", "The name or the password is wrong.";
    /// The session has ended, or its refresh token was used twice.
    SessionEnded = UNAUTHORIZED, "session_ended", "The session has ended. Sign in again.";
    /// The role does not permit it.
    Forbidden = FORBIDDEN, "forbidden", "Your role does not permit this.";
    /// The first account has to be made with the set-up link, before anything else.
    SetupRequired = FORBIDDEN, "setup_required", "This server waits for its first account.";
    /// The set-up link is wrong or was used.
    SetupLinkInvalid = FORBIDDEN, "setup_link_invalid", "The set-up link is wrong or was used already.";
    /// Nobody may make an account.
    RegistrationClosed = FORBIDDEN, "registration_closed", "This server takes no new accounts.";
    /// There is no such thing, or none that you may see.
    NotFound = NOT_FOUND, "not_found", "There is no such thing, or you may not see it.";
    /// Nobody has this name or e-mail address.
    PersonNotFound = NOT_FOUND, "person_not_found", "Nobody here has this name or e-mail address.";
    /// The path does not take this method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method_not_allowed", "This path does not take this method.";
    /// The time for the request ran out.
    Timeout = SERVICE_UNAVAILABLE, "timeout", "The request took too long.";
    /// Somebody has the user name.
    UsernameTaken = CONFLICT, "username_taken", "Somebody has this name already.";
    /// Somebody has the e-mail address.
    EmailTaken = CONFLICT, "email_taken", "Somebody has this e-mail address already.";
    /// There is a document with this id.
    IdTaken = CONFLICT, "id_taken", "There is a document with this id already.";
    /// The document would be left without an owner.
    LastOwner = CONFLICT, "last_owner", "A document keeps at least one owner.";
    /// The document is in the trash.
    InTrash = GONE, "in_trash", "The document is in the trash.";
    /// The body is larger than this path takes.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large.";
    /// The body has to be JSON and to say so.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send JSON with content-type: application/json.";
    /// The path takes a WebSocket only.
    UpgradeRequired = UPGRADE_REQUIRED, "upgrade_required", "This path takes a WebSocket.";
    /// Something broke in the server; the log has it under the request's id.
    Internal = INTERNAL_SERVER_ERROR, "internal", "Something broke in the server.";
    /// The server cannot answer now; the same request may work in a moment.
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "The server cannot do this now. Try again in a moment.";
}

/// An answer that is not a success.
#[derive(Debug)]
pub struct ApiError {
    code: ErrorCode,
    message: Cow<'static, str>,
    details: Option<Value>,
}

/// What handlers return.
pub type Answer<T> = Result<T, ApiError>;

impl ApiError {
    /// The field is not as it should be; `reason` is a sentence without the field's name at its start.
    pub fn field(field: &str, reason: &str) -> Self {
        Self {
            code: ErrorCode::InvalidField,
            message: format!("`{field}` {reason}").into(),
            details: Some(json!({ "field": field })),
        }
    }

    /// Nobody is meant by this field.
    pub fn nobody(field: &str) -> Self {
        Self { details: Some(json!({ "field": field })), ..ErrorCode::PersonNotFound.into() }
    }

    /// The content is not what its format and the schema allow; `reason` is a stable word, `path` a JSON pointer.
    pub fn content(message: String, reason: &str, path: Option<&str>) -> Self {
        let details = json!({ "field": "content.text", "reason": reason, "path": path });
        Self { code: ErrorCode::InvalidContent, message: message.into(), details: Some(details) }
    }

    /// The code with more words than its own.
    pub fn with(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), details: None }
    }

    /// Something broke; the cause goes to the log, not to the client.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        ErrorCode::Internal.into()
    }

    /// Something is not available now; the cause goes to the log.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        tracing::warn!(%cause, "a request was put off");
        ErrorCode::Unavailable.into()
    }

    /// The code.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }
}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self { code, message: code.message().into(), details: None }
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        Self::internal(error)
    }
}

impl From<RoomError> for ApiError {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::Gone => ErrorCode::NotFound.into(),
            RoomError::Forbidden => ErrorCode::Forbidden.into(),
            RoomError::Full | RoomError::Unavailable => Self::unavailable(error),
            RoomError::Conflict | RoomError::Refused(_) => Self::internal(error),
        }
    }
}

/// The message alone, for the terminal and the log.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = ErrorInside { code: self.code, message: self.message.into_owned(), details: self.details };
        let mut response = (self.code.status(), Json(ErrorBody { error })).into_response();
        if self.code == ErrorCode::Unavailable {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// Body of every answer that is not a success.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    error: ErrorInside,
}

#[derive(Serialize, ToSchema)]
struct ErrorInside {
    code: ErrorCode,
    /// For people; may change between versions.
    message: String,
    /// What the code is about: `{"field": …}` for `invalid_field`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    details: Option<Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_the_same_in_rust_and_in_json() {
        for code in CODES {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn the_cause_of_a_failure_is_not_in_the_answer() {
        let error = ApiError::internal("table users is gone");
        assert_eq!(error.message, ErrorCode::Internal.message());
        assert_eq!(error.into_response().status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
