//! Documents: making, finding, reading, renaming, the trash.

use acl::{Action, DocumentId, Role, UserId};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use storage::{CreateDocumentError, Document, DocumentError, ListQuery, NewDocument, Sort, UpdateKind, View};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::content::{self, Content, OutFormat};
use crate::app::App;
use crate::auth::Person;
use crate::clock::now;
use crate::error::{Answer, ApiError, ErrorBody, ErrorCode};
use crate::http::extract::{Body, Id, Params};
use crate::http::fields;
use crate::http::rights::require;
use crate::http::times::Time;
use crate::room::Author;

/// `/api/documents`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create, list)).routes(routes!(get, change, trash)).routes(routes!(restore))
}

/// A document as the person who asks sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Document)]
struct DocumentView {
    id: Uuid,
    title: String,
    owner_id: Uuid,
    owner_name: String,
    /// What the person who asks is to the document.
    #[schema(value_type = String, example = "editor")]
    role: Role,
    created_at: Time,
    updated_at: Time,
    /// The number of the last committed change.
    seq: i64,
    /// When it was moved to the trash.
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Time>,
}

impl From<Document> for DocumentView {
    fn from(document: Document) -> Self {
        Self {
            id: document.id.uuid(),
            title: document.title,
            owner_id: document.owner.uuid(),
            owner_name: document.owner_name,
            role: document.role,
            created_at: document.created_at.into(),
            updated_at: document.updated_at.into(),
            seq: document.seq.0,
            deleted_at: document.deleted_at.map(Time),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct DocumentAnswer {
    document: DocumentView,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Create {
    /// Up to 300 characters on one line; may be empty.
    title: String,
    /// An id of the client's own, for documents begun offline.
    id: Option<Uuid>,
    content: Option<Content>,
}

/// Bytes of a body with a document's content: its 4 MiB of text, written as JSON.
const CREATE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Make a document.
#[utoipa::path(post, path = "/api/documents", tag = "documents",
    request_body = Create, responses((status = 201, body = DocumentAnswer), (status = "4XX", body = ErrorBody)))]
async fn create(
    State(app): State<App>,
    person: Person,
    Body(body): Body<Create, CREATE_BYTES_MAX>,
) -> Answer<(StatusCode, Json<DocumentAnswer>)> {
    let title = fields::title(&body.title)?;
    let id = body.id.unwrap_or_else(Uuid::now_v7);
    if id.is_nil() || id.is_max() {
        return Err(ApiError::field("id", "must not be the nil or the max UUID"));
    }
    let first_update = match body.content {
        Some(content) => Some(content::first_update(content).await?),
        None => None,
    };
    let document = make(&app, DocumentId::from_uuid(id), person.user, title, first_update).await?;
    Ok((StatusCode::CREATED, Json(DocumentAnswer { document: document.into() })))
}

/// Makes a document with its first update; also what the welcome document comes from.
pub async fn make(
    app: &App,
    id: DocumentId,
    owner: UserId,
    title: String,
    first_update: Option<Vec<u8>>,
) -> Answer<Document> {
    let document = app.storage.create_document(&NewDocument { id, title, owner }, now()).await?;
    let Some(update) = first_update else { return Ok(document) };
    let actor = owner.into();
    let found = app.storage.access(actor, id, now()).await?.ok_or(ErrorCode::NotFound)?;
    let author = Author { actor, connection: Uuid::now_v7(), access: found.access, kind: UpdateKind::Import };
    if let Err(error) = app.rooms.edit(id, author, update).await {
        // An empty document would look like a lost one; the id stays taken, so the client asks again with another.
        app.storage.trash_document(id, actor, now()).await?;
        app.rooms.trashed(id);
        return Err(error.into());
    }
    app.storage.document(id, owner, now()).await?.ok_or_else(|| ErrorCode::NotFound.into())
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Listing {
    /// `recent` (all, the default), `mine`, `shared` or `trash`.
    view: Option<String>,
    /// Words that the title holds.
    q: Option<String>,
    /// `updated` (the last change first, the default) or `title`.
    sort: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Documents on a page: 1 to 200, 50 by default.
    limit: Option<String>,
}

const PAGE_DOCUMENTS: usize = 50;
const PAGE_DOCUMENTS_MAX: usize = 200;
/// Characters of a search and of a cursor.
const QUERY_CHARS_MAX: usize = 500;

impl Listing {
    fn query(self) -> Answer<ListQuery> {
        let view = match self.view.as_deref() {
            None | Some("recent") => View::Recent,
            Some("mine") => View::Mine,
            Some("shared") => View::Shared,
            Some("trash") => View::Trash,
            Some(_) => return Err(ApiError::field("view", "must be recent, mine, shared or trash")),
        };
        let sort = match self.sort.as_deref() {
            None | Some("updated") => Sort::UpdatedAt,
            Some("title") => Sort::Title,
            Some(_) => return Err(ApiError::field("sort", "must be updated or title")),
        };
        let limit = match self.limit.as_deref().map(str::parse) {
            None => PAGE_DOCUMENTS,
            Some(Ok(limit)) if (1..=PAGE_DOCUMENTS_MAX).contains(&limit) => limit,
            Some(_) => return Err(ApiError::field("limit", &format!("must be 1 to {PAGE_DOCUMENTS_MAX}"))),
        };
        for (name, value) in [("q", &self.q), ("cursor", &self.cursor)] {
            if value.as_ref().is_some_and(|value| value.chars().count() > QUERY_CHARS_MAX) {
                return Err(ApiError::field(name, "is too long"));
            }
        }
        let q = self.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty());
        Ok(ListQuery { view, sort, q, cursor: self.cursor, limit })
    }
}

#[derive(Serialize, ToSchema)]
struct DocumentPage {
    documents: Vec<DocumentView>,
    /// Where the next page begins, if there is one.
    next_cursor: Option<String>,
}

/// List the documents that you have a role in.
#[utoipa::path(get, path = "/api/documents", tag = "documents", params(Listing),
    responses((status = 200, body = DocumentPage), (status = "4XX", body = ErrorBody)))]
async fn list(State(app): State<App>, person: Person, Params(listing): Params<Listing>) -> Answer<Json<DocumentPage>> {
    let page = app.storage.list_documents(person.user, &listing.query()?, now()).await?;
    let documents = page.documents.into_iter().map(DocumentView::from).collect();
    Ok(Json(DocumentPage { documents, next_cursor: page.next_cursor }))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct GetParams {
    /// `json` (ProseMirror), `markdown`, `html`, `text` or `yjs` (an update that makes the document): the answer is the
    /// content. Without it the answer is about the document.
    format: Option<String>,
}

/// Look at a document, or read its content.
#[utoipa::path(get, path = "/api/documents/{id}", tag = "documents", params(("id" = Uuid, Path), GetParams),
    responses((status = 200, body = DocumentAnswer), (status = "4XX", body = ErrorBody)))]
async fn get(
    State(app): State<App>,
    person: Person,
    Id(id): Id<DocumentId>,
    Params(params): Params<GetParams>,
) -> Answer<Response> {
    let format = params.format.as_deref().map(OutFormat::named).transpose()?;
    let Some(format) = format else {
        // Its owners may look at a document in the trash; nobody else has access to it.
        require_even_trashed(&app, &person, id).await?;
        return Ok(look(&app, &person, id).await?.into_response());
    };
    require(&app, &person, id, Action::ReadDocument).await?;
    let (state, seq) = app.rooms.state(id).await?;
    let mut response = content::answer(state, format).await?;
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{seq}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn require_even_trashed(app: &App, person: &Person, id: DocumentId) -> Answer<()> {
    app.storage.access(person.actor(), id, now()).await?.map(drop).ok_or_else(|| ErrorCode::NotFound.into())
}

async fn look(app: &App, person: &Person, id: DocumentId) -> Answer<Json<DocumentAnswer>> {
    let document = app.storage.document(id, person.user, now()).await?.ok_or(ErrorCode::NotFound)?;
    Ok(Json(DocumentAnswer { document: document.into() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Change {
    /// Up to 300 characters on one line; may be empty.
    title: String,
}

/// Give a document another title.
#[utoipa::path(put, path = "/api/documents/{id}", tag = "documents", params(("id" = Uuid, Path)),
    request_body = Change, responses((status = 200, body = DocumentAnswer), (status = "4XX", body = ErrorBody)))]
async fn change(
    State(app): State<App>,
    person: Person,
    Id(id): Id<DocumentId>,
    Body(body): Body<Change>,
) -> Answer<Json<DocumentAnswer>> {
    require(&app, &person, id, Action::Rename).await?;
    let title = fields::title(&body.title)?;
    app.storage.rename_document(id, &title, person.actor(), now()).await?;
    look(&app, &person, id).await
}

/// Move a document to the trash. Everybody who has it open is told.
#[utoipa::path(delete, path = "/api/documents/{id}", tag = "documents", params(("id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ErrorBody)))]
async fn trash(State(app): State<App>, person: Person, Id(id): Id<DocumentId>) -> Answer<StatusCode> {
    require(&app, &person, id, Action::Trash).await?;
    app.storage.trash_document(id, person.actor(), now()).await?;
    app.rooms.trashed(id);
    Ok(StatusCode::NO_CONTENT)
}

/// Take a document out of the trash.
#[utoipa::path(post, path = "/api/documents/{id}/restore", tag = "documents", params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentAnswer), (status = "4XX", body = ErrorBody)))]
async fn restore(State(app): State<App>, person: Person, Id(id): Id<DocumentId>) -> Answer<Json<DocumentAnswer>> {
    require(&app, &person, id, Action::Restore).await?;
    app.storage.restore_document(id, person.actor(), now()).await?;
    look(&app, &person, id).await
}

impl From<CreateDocumentError> for ApiError {
    fn from(error: CreateDocumentError) -> Self {
        match error {
            CreateDocumentError::Taken => ErrorCode::IdTaken.into(),
            CreateDocumentError::Storage(error) => error.into(),
        }
    }
}

impl From<DocumentError> for ApiError {
    fn from(error: DocumentError) -> Self {
        match error {
            DocumentError::NotFound => ErrorCode::NotFound.into(),
            DocumentError::Storage(error) => error.into(),
        }
    }
}
