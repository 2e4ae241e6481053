//! What happened around documents: written in the transaction of each act, and the one source of the live channel,
//! the activity feed and everything else that follows changes.

use acl::{ActorId, DocumentId, Moment, UserId};
use serde_json::Value as Json;
use tokio::sync::watch;

use crate::Storage;
use crate::database::Transaction;
use crate::error::StorageError;
use crate::value::{Record, Row, values};

/// The names of what happens. The audit log uses them too.
pub mod kind {
    /// A document was made.
    pub const DOCUMENT_CREATED: &str = "document.created";
    /// Its title changed. Payload: `title`.
    pub const DOCUMENT_RENAMED: &str = "document.renamed";
    /// It was moved to the trash.
    pub const DOCUMENT_TRASHED: &str = "document.trashed";
    /// It was taken out of the trash.
    pub const DOCUMENT_RESTORED: &str = "document.restored";
    /// Somebody wrote in it. Payload: `seq`. One for each person and sweep, not for each keystroke.
    pub const DOCUMENT_EDITED: &str = "document.edited";
    /// Somebody was given a role, or another one. Payload: `user_id`, `role`.
    pub const GRANT_CHANGED: &str = "grant.changed";
    /// Somebody's role was taken. Payload: `user_id`.
    pub const GRANT_REVOKED: &str = "grant.revoked";
    /// An account was made. Payload: `user_id`, `admin`.
    pub const USER_CREATED: &str = "user.created";
    /// Somebody signed in. Payload: `session_id`, `address`.
    pub const SIGNED_IN: &str = "session.signed_in";
    /// Somebody tried to sign in and could not. Payload: `login`, `address`.
    pub const SIGN_IN_FAILED: &str = "session.sign_in_failed";
    /// A session was ended. Payload: `session_id`.
    pub const SESSION_ENDED: &str = "session.ended";
    /// A refresh token was used after it had been replaced, so the session was ended. Payload: `session_id`.
    pub const TOKEN_REUSED: &str = "session.token_reused";
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number. A reader that has seen it needs nothing up to it again.
    pub seq: i64,
    /// When.
    pub at: Moment,
    /// Who did it.
    pub actor: Option<ActorId>,
    /// The document it is about.
    pub document: Option<DocumentId>,
    /// The person it is about.
    pub subject: Option<UserId>,
    /// One of [`kind`].
    pub kind: String,
    /// The particulars.
    pub payload: Json,
}

/// An event about to be written.
pub(crate) struct NewEvent {
    pub at: Moment,
    pub actor: ActorId,
    pub document: DocumentId,
    pub subject: Option<UserId>,
    pub kind: &'static str,
    pub payload: Json,
}

/// Events of one read.
const EVENTS_MAX: usize = 1_000;

impl Storage {
    /// Events after number `since`, in order, at most `limit` of them (and at most 1,000).
    pub async fn read_events(&self, since: i64, limit: usize) -> Result<Vec<Event>, StorageError> {
        const SQL: &str = "select seq, at, actor_id, document_id, subject_id, kind, payload
            from events where seq > $1 order by seq limit $2";
        Ok(self.database().all(SQL, values![since, limit.min(EVENTS_MAX) as i64]).await?)
    }

    /// The same, but only what `user` may see: events of documents in which he has a role, and what is about him.
    /// The second number is the position after this read: beyond it nothing was looked at.
    pub async fn read_events_for(
        &self,
        user: UserId,
        since: i64,
        limit: usize,
        now: Moment,
    ) -> Result<(Vec<Event>, i64), StorageError> {
        const SQL: &str = "select seq, at, actor_id, document_id, subject_id, kind, payload,
              coalesce(subject_id = $2, false) or exists (
                select 1 from grants g where g.document_id = e.document_id and g.subject_kind = 'user'
                and g.subject_id = $2 and (g.expires_at is null or g.expires_at > $3)) as seen
            from events e where seq > $1 order by seq limit $4";
        let values = values![since, user, now, limit.min(EVENTS_MAX) as i64];
        let rows: Vec<Judged> = self.database().all(SQL, values).await?;
        let position = rows.last().map_or(since, |row| row.event.seq);
        Ok((rows.into_iter().filter(|row| row.seen).map(|row| row.event).collect(), position))
    }

    /// The number of the newest committed event, as it grows.
    pub fn newest_event(&self) -> watch::Receiver<i64> {
        self.database().newest_event()
    }
}

impl Storage {
    /// Writes an event for each person who has edited one of the documents that no event tells of yet, for at most
    /// `documents_max` documents; gives the number of documents. Keystrokes write no events: this sweep does.
    pub async fn note_edits(&self, documents_max: usize) -> Result<usize, StorageError> {
        const EDITED: &str = "insert into events (at, actor_id, document_id, kind, payload)
            select max(u.at), u.actor_id, u.document_id, $2, '{\"seq\":' || max(u.seq) || '}'
            from (select document_id, noted_seq from document_heads where seq > noted_seq
              order by document_id limit $1) as h
            join updates u on u.document_id = h.document_id and u.seq > h.noted_seq
            group by u.document_id, u.actor_id order by max(u.at)
            returning seq";
        const NOTED: &str = "update document_heads set noted_seq = seq where document_id in
            (select document_id from document_heads where seq > noted_seq order by document_id limit $1)";
        let mut transaction = self.database().begin().await?;
        let limit = documents_max.min(EVENTS_MAX) as i64;
        let edited: Vec<Written> = transaction.all(EDITED, values![limit, kind::DOCUMENT_EDITED]).await?;
        if let Some(newest) = edited.iter().map(|event| event.0).max() {
            transaction.wrote_event(newest);
        }
        let documents = transaction.execute(NOTED, values![limit]).await?;
        transaction.commit().await?;
        Ok(usize::try_from(documents).unwrap_or(usize::MAX))
    }
}

impl Transaction {
    /// Writes an event, to be seen and announced when the transaction commits.
    pub(crate) async fn event(&mut self, event: NewEvent) -> Result<(), sqlx::Error> {
        const SQL: &str = "insert into events (at, actor_id, document_id, subject_id, kind, payload)
            values ($1, $2, $3, $4, $5, $6) returning seq";
        let NewEvent { at, actor, document, subject, kind, payload } = event;
        let written: Option<Written> = self.optional(SQL, values![at, actor, document, subject, kind, payload]).await?;
        if let Some(Written(seq)) = written {
            self.wrote_event(seq);
        }
        Ok(())
    }
}

struct Written(i64);

impl Record for Written {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        row.get("seq").map(Self)
    }
}

struct Judged {
    event: Event,
    seen: bool,
}

impl Record for Judged {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self { event: Event::read(row)?, seen: row.get("seen")? })
    }
}

impl Record for Event {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            seq: row.get("seq")?,
            at: row.get("at")?,
            actor: row.get("actor_id")?,
            document: row.get("document_id")?,
            subject: row.get("subject_id")?,
            kind: row.get("kind")?,
            payload: row.get("payload")?,
        })
    }
}
