//! The question before every act on a document: what is this person to it, and may he?

use acl::{Access, Action, DocumentId, may};

use crate::app::App;
use crate::auth::Person;
use crate::clock::now;
use crate::error::{Answer, ErrorCode};

/// The person's access, if it permits the action. To somebody without any access the document does not exist; to its
/// owners it can be in the trash, where it has to be taken out first.
pub async fn require(app: &App, person: &Person, document: DocumentId, action: Action) -> Answer<Access> {
    let found = app.storage.access(person.actor(), document, now()).await?.ok_or(ErrorCode::NotFound)?;
    if !may(found.access.role, action) {
        return Err(ErrorCode::Forbidden.into());
    }
    if found.trashed && action != Action::Restore {
        return Err(ErrorCode::InTrash.into());
    }
    Ok(found.access)
}
