//! Documents: making, naming, the trash. Content is in the log; here is what stands around it.

use acl::audit::GENESIS;
use acl::{ActorId, DocumentId, GrantId, Moment, Role, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::Storage;
use crate::database::{Constraint, Transaction, violated};
use crate::error::StorageError;
use crate::events::{NewEvent, kind};
use crate::update_log::Seq;
use crate::value::{Record, Row, values};

/// How long a document stays in the trash.
const TRASH_SECONDS: i64 = 30 * 24 * 3_600;

/// A document as one person sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub owner: UserId,
    /// That person's name.
    pub owner_name: String,
    /// The role of the person who asks.
    pub role: Role,
    /// When it was made.
    pub created_at: Moment,
    /// When somebody last wrote in it or renamed it.
    pub updated_at: Moment,
    /// The number of its last row.
    pub seq: Seq,
    /// When it was moved to the trash.
    pub deleted_at: Option<Moment>,
    /// When it will be gone from there.
    pub purge_at: Option<Moment>,
}

/// A document to be made.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Its id, which a client may have chosen offline.
    pub id: DocumentId,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub owner: UserId,
}

/// Why a document cannot be made.
#[derive(thiserror::Error, Debug)]
pub enum CreateDocumentError {
    /// There is a document of this id, if only in the trash.
    #[error("there is a document with this id already")]
    Taken,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Why an act on a document cannot be done.
#[derive(thiserror::Error, Debug)]
pub enum DocumentError {
    /// There is no such document, or it is in the trash (or, for taking it out, it is not).
    #[error("there is no such document")]
    NotFound,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for CreateDocumentError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some(Constraint::DocumentId) => Self::Taken,
            _ => Self::Storage(error.into()),
        }
    }
}

impl From<sqlx::Error> for DocumentError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

/// What a document row is read with: everything of [`Document`], for the grants `g` of one person.
pub(crate) const SELECT_DOCUMENT: &str = "select d.id, d.title, d.owner_id, o.display_name as owner_name, g.role,
    d.created_at, h.updated_at, h.seq, d.deleted_at, d.purge_at
    from grants g join documents d on d.id = g.document_id join document_heads h on h.document_id = d.id
    join actors o on o.id = d.owner_id
    where g.subject_kind = 'user' and g.subject_id = $1 and (g.expires_at is null or g.expires_at > $2)";

impl Storage {
    /// Makes a document, with its owner's role.
    pub async fn create_document(&self, new: &NewDocument, now: Moment) -> Result<Document, CreateDocumentError> {
        const DOCUMENT: &str = "insert into documents (id, title, title_key, owner_id, created_at)
            values ($1, $2, $3, $4, $5)";
        const HEAD: &str = "insert into document_heads (document_id, chain_hash, updated_at) values ($1, $2, $3)";
        let NewDocument { id, title, owner } = new;
        let actor = ActorId::from(*owner);
        let mut transaction = self.database().begin().await?;
        let key = title_key(title);
        transaction.execute(DOCUMENT, values![*id, title.as_str(), key, *owner, now]).await?;
        transaction.execute(HEAD, values![*id, GENESIS, now]).await?;
        transaction
            .insert_grant(GrantId::from_uuid(Uuid::now_v7()), *id, *owner, Role::Owner, None, actor, now)
            .await?;
        transaction.document_act(*id, actor, kind::DOCUMENT_CREATED, json!({ "title": title }), now).await?;
        transaction.audit(now, Some(actor), Some(*id), kind::DOCUMENT_CREATED, json!({})).await?;
        let created = transaction.optional(select_one(), values![*owner, now, *id]).await?;
        transaction.commit().await?;
        created.ok_or(CreateDocumentError::Storage(StorageError::Damaged("a document is gone as soon as it is made")))
    }

    /// A document as `user` sees it, in the trash or not; `None` if he has no role in it. What he may do with it is
    /// for [`access`](Storage::access) to say.
    pub async fn document(&self, id: DocumentId, user: UserId, now: Moment) -> Result<Option<Document>, StorageError> {
        Ok(self.database().optional(select_one(), values![user, now, id]).await?)
    }

    /// Gives a document another title.
    pub async fn rename_document(
        &self,
        id: DocumentId,
        title: &str,
        actor: ActorId,
        now: Moment,
    ) -> Result<(), DocumentError> {
        const RENAME: &str = "update documents set title = $2, title_key = $3 where id = $1 and deleted_at is null";
        // The time of the head never runs backwards, because rows of the log are dated by it.
        const TOUCH: &str = "update document_heads set updated_at = $2 where document_id = $1 and updated_at < $2";
        let mut transaction = self.database().begin().await?;
        if transaction.execute(RENAME, values![id, title, title_key(title)]).await? == 0 {
            return Err(DocumentError::NotFound);
        }
        transaction.execute(TOUCH, values![id, now]).await?;
        transaction.document_act(id, actor, kind::DOCUMENT_RENAMED, json!({ "title": title }), now).await?;
        Ok(transaction.commit().await?)
    }

    /// Moves a document to the trash, from where it is gone after 30 days. Nothing can be appended to it there.
    pub async fn trash_document(&self, id: DocumentId, actor: ActorId, now: Moment) -> Result<(), DocumentError> {
        const SQL: &str = "update documents set deleted_at = $2, deleted_by = $3, purge_at = $4
            where id = $1 and deleted_at is null";
        let values = values![id, now, actor, now.plus_seconds(TRASH_SECONDS)];
        self.move_document(SQL, values, id, true, actor, kind::DOCUMENT_TRASHED, now).await
    }

    /// Takes a document out of the trash.
    pub async fn restore_document(&self, id: DocumentId, actor: ActorId, now: Moment) -> Result<(), DocumentError> {
        const SQL: &str = "update documents set deleted_at = null, deleted_by = null, purge_at = null
            where id = $1 and deleted_at is not null";
        self.move_document(SQL, values![id], id, false, actor, kind::DOCUMENT_RESTORED, now).await
    }

    #[expect(clippy::too_many_arguments, reason = "the two ways through the trash differ in all of these")]
    async fn move_document(
        &self,
        sql: &'static str,
        values: Vec<crate::value::Value>,
        id: DocumentId,
        trashed: bool,
        actor: ActorId,
        kind: &'static str,
        now: Moment,
    ) -> Result<(), DocumentError> {
        const HEAD: &str = "update document_heads set trashed = $2, acl_version = acl_version + 1
            where document_id = $1";
        let mut transaction = self.database().begin().await?;
        if transaction.execute(sql, values).await? == 0 {
            return Err(DocumentError::NotFound);
        }
        transaction.execute(HEAD, values![id, trashed]).await?;
        transaction.document_act(id, actor, kind, json!({}), now).await?;
        transaction.audit(now, Some(actor), Some(id), kind, json!({})).await?;
        Ok(transaction.commit().await?)
    }
}

impl Transaction {
    async fn document_act(
        &mut self,
        document: DocumentId,
        actor: ActorId,
        kind: &'static str,
        payload: serde_json::Value,
        now: Moment,
    ) -> Result<(), sqlx::Error> {
        self.event(NewEvent { at: now, actor, document, subject: None, kind, payload }).await
    }
}

/// The form of a title by which it is searched and sorted.
pub(crate) fn title_key(title: &str) -> String {
    title.to_lowercase()
}

fn select_one() -> impl sqlx::SqlSafeStr {
    crate::database::composed(format!("{SELECT_DOCUMENT} and d.id = $3"))
}

impl Record for Document {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.get("id")?,
            title: row.get("title")?,
            owner: row.get("owner_id")?,
            owner_name: row.get("owner_name")?,
            role: row.get("role")?,
            created_at: row.get("created_at")?,
            updated_at: row.get("updated_at")?,
            seq: row.get("seq")?,
            deleted_at: row.get("deleted_at")?,
            purge_at: row.get("purge_at")?,
        })
    }
}
