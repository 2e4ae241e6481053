//! What somebody is to a document now, and whether anything about open documents has changed.

use std::sync::LazyLock;

use acl::{Access, ActorId, Because, DocumentId, Grant, GrantId, Moment, Role, decide};

use crate::Storage;
use crate::database::Bulk;
use crate::error::StorageError;
use crate::update_log::Seq;
use crate::value::{Record, Row, values};

/// A person's access to a document, and the version of the rights it was read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentAccess {
    /// What he is to it.
    pub access: Access,
    /// The version to hand to the append: it refuses when the rights have changed since.
    pub acl_version: i64,
    /// The document is in the trash. Only owners have access then, and not to its content.
    pub trashed: bool,
}

/// What of a document grows when something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The document.
    pub document: DocumentId,
    /// The number of its last row.
    pub seq: Seq,
    /// The version of its rights.
    pub acl_version: i64,
    /// It is in the trash.
    pub trashed: bool,
}

static SELECT_VERSIONS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new("select document_id, seq, acl_version, trashed from document_heads where document_id in (values", 1, ")")
});

impl Storage {
    /// The access of `actor` to a document at `now`; `None` if there is no such document, he has no role in it, or
    /// it is in the trash and he is no owner.
    pub async fn access(
        &self,
        actor: ActorId,
        document: DocumentId,
        now: Moment,
    ) -> Result<Option<DocumentAccess>, StorageError> {
        const SQL: &str = "select h.acl_version, h.trashed, g.id, g.role, g.expires_at,
              (u.deactivated_at is null) as active
            from document_heads h join grants g on g.document_id = h.document_id join users u on u.id = g.subject_id
            where h.document_id = $1 and g.subject_kind = 'user' and g.subject_id = $2";
        let rows: Vec<GrantRow> = self.database().all(SQL, values![document, actor]).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let grants: Vec<Grant> = rows.iter().map(|row| row.grant).collect();
        let access = decide(&grants, first.active, now).filter(|access| !first.trashed || access.role == Role::Owner);
        let (acl_version, trashed) = (first.acl_version, first.trashed);
        Ok(access.map(|access| DocumentAccess { access, acl_version, trashed }))
    }

    /// The versions of these documents, in no particular order; documents that do not exist are left out.
    pub async fn versions(&self, documents: &[DocumentId]) -> Result<Vec<Versions>, StorageError> {
        let mut versions = Vec::with_capacity(documents.len());
        for piece in SELECT_VERSIONS.pieces(documents, |document, values| values.push((*document).into())) {
            versions.extend(self.database().all::<Versions>(piece.sql, piece.values).await?);
        }
        Ok(versions)
    }
}

struct GrantRow {
    grant: Grant,
    acl_version: i64,
    trashed: bool,
    active: bool,
}

impl Record for GrantRow {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        let because = Because::Grant(row.get::<GrantId>("id")?);
        Ok(Self {
            grant: Grant { role: row.get("role")?, until: row.get("expires_at")?, because },
            acl_version: row.get("acl_version")?,
            trashed: row.get("trashed")?,
            active: row.get("active")?,
        })
    }
}

impl Record for Versions {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            document: row.get("document_id")?,
            seq: row.get("seq")?,
            acl_version: row.get("acl_version")?,
            trashed: row.get("trashed")?,
        })
    }
}
