//! The document that the first person finds, made as any other document is.

use acl::DocumentId;
use crdt::content::Format;
use storage::User;
use uuid::Uuid;

use crate::app::App;
use crate::error::Answer;
use crate::http::{content, documents};

const TEXT: &str = include_str!("welcome.md");
const TITLE: &str = "Welcome to Stet";

/// The setting that keeps the id of the document, so that there is only one, even after it was deleted.
const WELCOME_DOCUMENT: &str = "welcome_document";

/// Makes the document for this person, unless somebody had it. An account is an account without it too.
pub async fn greet(app: &App, user: &User) {
    if let Err(error) = make(app, user).await {
        tracing::warn!(%error, "the welcome document was not made");
    }
}

async fn make(app: &App, user: &User) -> Answer<()> {
    if app.storage.setting(WELCOME_DOCUMENT).await?.is_some() {
        return Ok(());
    }
    let id = DocumentId::from_uuid(Uuid::now_v7());
    app.storage.put_setting(WELCOME_DOCUMENT, Some(&id.to_string())).await?;
    let update = content::first_update_of(Format::Markdown, TEXT.to_owned()).await?;
    documents::make(app, id, user.id, TITLE.to_owned(), Some(update)).await?;
    Ok(())
}
