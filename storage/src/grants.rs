//! Who has which role in a document. Every change moves the document's acl_version, by which the append refuses what
//! was allowed under the old rights.

use acl::{ActorId, DocumentId, GrantId, Moment, Role, UserId};
use serde_json::json;
use uuid::Uuid;

use crate::Storage;
use crate::database::Transaction;
use crate::error::StorageError;
use crate::events::{NewEvent, kind};
use crate::value::{Record, Row, values};

/// A role of a person in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The grant.
    pub id: GrantId,
    /// The person.
    pub user: UserId,
    /// His sign-in name.
    pub username: String,
    /// His name.
    pub display_name: String,
    /// His address.
    pub email: String,
    /// His color.
    pub color: String,
    /// His role.
    pub role: Role,
    /// When it ends by itself.
    pub until: Option<Moment>,
    /// Who gave it.
    pub granted_by: ActorId,
    /// When.
    pub granted_at: Moment,
}

/// Why a role cannot be given or taken.
#[derive(thiserror::Error, Debug)]
pub enum GrantError {
    /// There is no such document, or it is in the trash.
    #[error("there is no such document")]
    NoDocument,
    /// There is no such person.
    #[error("there is no such person")]
    NoUser,
    /// The person has no role that could be taken.
    #[error("the person has no role in this document")]
    NoGrant,
    /// The document would be nobody's.
    #[error("the last owner must stay")]
    LastOwner,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for GrantError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

const SELECT_GRANT: &str = "select g.id, g.subject_id, u.username, a.display_name, u.email, a.color, g.role,
    g.expires_at, g.granted_by, g.granted_at
    from grants g join users u on u.id = g.subject_id join actors a on a.id = g.subject_id
    where g.document_id = $1 and g.subject_kind = 'user'";

impl Storage {
    /// Everybody with a role in a document, the first who got one first.
    pub async fn list_grants(&self, document: DocumentId) -> Result<Vec<Granted>, StorageError> {
        let sql = format!("{SELECT_GRANT} order by g.granted_at, g.id");
        Ok(self.database().all(crate::database::composed(sql), values![document]).await?)
    }

    /// Gives a person a role, in place of the one he has.
    pub async fn put_grant(
        &self,
        document: DocumentId,
        user: UserId,
        role: Role,
        until: Option<Moment>,
        actor: ActorId,
        now: Moment,
    ) -> Result<Granted, GrantError> {
        let mut transaction = self.database().begin().await?;
        transaction.require_live(document).await?;
        let known: Option<Exists> =
            transaction.optional("select 1 as one from users where id = $1", values![user]).await?;
        known.ok_or(GrantError::NoUser)?;
        let old = transaction.grant_of(document, user).await?;
        if let Some(old) = old.as_ref().filter(|old| old.role == role && old.until == until) {
            return Ok(old.clone());
        }
        let lasting_owner = role == Role::Owner && until.is_none();
        if old.as_ref().is_some_and(|old| old.role == Role::Owner) && !lasting_owner {
            transaction.hand_over(document, user).await?;
        }
        let id = old.map_or_else(|| GrantId::from_uuid(Uuid::now_v7()), |old| old.id);
        transaction.insert_grant(id, document, user, role, until, actor, now).await?;
        let payload = json!({ "user_id": user, "role": role });
        transaction.rights_changed(document, user, actor, kind::GRANT_CHANGED, payload, now).await?;
        let granted = transaction.grant_of(document, user).await?;
        transaction.commit().await?;
        granted.ok_or(GrantError::NoGrant)
    }

    /// Takes a person's role. The last owner keeps his.
    pub async fn remove_grant(
        &self,
        document: DocumentId,
        user: UserId,
        actor: ActorId,
        now: Moment,
    ) -> Result<(), GrantError> {
        const SQL: &str = "delete from grants where document_id = $1 and subject_kind = 'user' and subject_id = $2";
        let mut transaction = self.database().begin().await?;
        transaction.require_live(document).await?;
        let old = transaction.grant_of(document, user).await?.ok_or(GrantError::NoGrant)?;
        if old.role == Role::Owner {
            transaction.hand_over(document, user).await?;
        }
        transaction.execute(SQL, values![document, user]).await?;
        let payload = json!({ "user_id": user });
        transaction.rights_changed(document, user, actor, kind::GRANT_REVOKED, payload, now).await?;
        Ok(transaction.commit().await?)
    }
}

impl Transaction {
    /// Writes a grant, in place of the one that the person has.
    #[expect(clippy::too_many_arguments, reason = "the columns of one row")]
    pub(crate) async fn insert_grant(
        &mut self,
        id: GrantId,
        document: DocumentId,
        user: UserId,
        role: Role,
        until: Option<Moment>,
        actor: ActorId,
        now: Moment,
    ) -> Result<(), sqlx::Error> {
        const SQL: &str = "insert into grants
              (document_id, subject_kind, subject_id, id, role, expires_at, granted_by, granted_at)
            values ($1, 'user', $2, $3, $4, $5, $6, $7)
            on conflict (document_id, subject_kind, subject_id) do update set role = excluded.role,
              expires_at = excluded.expires_at, granted_by = excluded.granted_by, granted_at = excluded.granted_at";
        self.execute(SQL, values![document, user, id, role, until, actor, now]).await?;
        Ok(())
    }

    async fn grant_of(&mut self, document: DocumentId, user: UserId) -> Result<Option<Granted>, sqlx::Error> {
        let sql = format!("{SELECT_GRANT} and g.subject_id = $2");
        self.optional(crate::database::composed(sql), values![document, user]).await
    }

    async fn require_live(&mut self, document: DocumentId) -> Result<(), GrantError> {
        const SQL: &str = "select 1 as one from documents where id = $1 and deleted_at is null";
        let live: Option<Exists> = self.optional(SQL, values![document]).await?;
        live.map(|_| ()).ok_or(GrantError::NoDocument)
    }

    /// Sees to it that a document whose owner stops being one is another lasting owner's.
    async fn hand_over(&mut self, document: DocumentId, from: UserId) -> Result<(), GrantError> {
        const HEIR: &str = "select subject_id from grants where document_id = $1 and subject_kind = 'user'
            and subject_id <> $2 and role = 'owner' and expires_at is null order by granted_at, id limit 1";
        const HAND_OVER: &str = "update documents set owner_id = $3 where id = $1 and owner_id = $2";
        let heir: Option<Heir> = self.optional(HEIR, values![document, from]).await?;
        let Heir(heir) = heir.ok_or(GrantError::LastOwner)?;
        self.execute(HAND_OVER, values![document, from, heir]).await?;
        Ok(())
    }

    async fn rights_changed(
        &mut self,
        document: DocumentId,
        user: UserId,
        actor: ActorId,
        kind: &'static str,
        payload: serde_json::Value,
        now: Moment,
    ) -> Result<(), sqlx::Error> {
        const SQL: &str = "update document_heads set acl_version = acl_version + 1 where document_id = $1";
        self.execute(SQL, values![document]).await?;
        let event = NewEvent { at: now, actor, document, subject: Some(user), kind, payload: payload.clone() };
        self.event(event).await?;
        self.audit(now, Some(actor), Some(document), kind, payload).await
    }
}

struct Exists;

impl Record for Exists {
    fn read(_: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self)
    }
}

struct Heir(UserId);

impl Record for Heir {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        row.get("subject_id").map(Self)
    }
}

impl Record for Granted {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.get("id")?,
            user: row.get("subject_id")?,
            username: row.get("username")?,
            display_name: row.get("display_name")?,
            email: row.get("email")?,
            color: row.get("color")?,
            role: row.get("role")?,
            until: row.get("expires_at")?,
            granted_by: row.get("granted_by")?,
            granted_at: row.get("granted_at")?,
        })
    }
}
