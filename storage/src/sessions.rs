//! Sessions, and the refresh tokens that keep them going. Only hashes of tokens are stored.
//!
//! Every refresh replaces the token by one of the next generation. A replaced token is taken for 30 s more, so that
//! five tabs that refresh at once, or a lost answer, sign nobody out; each use gives another token of the next
//! generation, and all of one generation are good until the first of them is used. After that time, a replaced token
//! can only be a stolen one, or the owner's when the thief was first: the session ends.

use acl::{ActorId, Moment, SessionId, UserId};
use serde_json::json;

use crate::Storage;
use crate::database::Transaction;
use crate::error::StorageError;
use crate::events::kind;
use crate::value::{Record, Row, values};

/// How long a replaced refresh token is still taken.
pub const REFRESH_GRACE_SECONDS: i64 = 30;
/// Generations of refresh tokens that are remembered, to notice their reuse.
const GENERATIONS_KEPT: i64 = 8;
/// Tokens of one generation: more than anybody has tabs that refresh within the grace.
const TOKENS_OF_GENERATION_MAX: i64 = 64;

/// The SHA-256 of a refresh token.
pub type RefreshHash = [u8; 32];

/// A signed-in session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// When the person signed in.
    pub created_at: Moment,
    /// When the session was last refreshed.
    pub last_used_at: Moment,
    /// When it ends by itself.
    pub expires_at: Moment,
    /// When it was ended.
    pub ended_at: Option<Moment>,
    /// The program it was begun with, in its own words.
    pub user_agent: String,
    /// The network address it was begun from.
    pub address: String,
}

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// The hash of its first refresh token.
    pub refresh_hash: RefreshHash,
    /// When it ends by itself.
    pub expires_at: Moment,
    /// The program it is begun with, in its own words.
    pub user_agent: String,
    /// The network address it is begun from.
    pub address: String,
}

/// Why a session is not refreshed.
#[derive(thiserror::Error, Debug)]
pub enum RefreshError {
    /// No session has this token, or its session is over.
    #[error("the session is over")]
    Ended,
    /// The token was replaced before. Its session has been ended now.
    #[error("the refresh token was used twice")]
    Reused(Session),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for RefreshError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(error.into())
    }
}

const SELECT_SESSION: &str = "select s.id, s.actor_id, s.created_at, s.last_used_at, s.expires_at, s.ended_at,
    s.user_agent, s.address from sessions s";
const INSERT_TOKEN: &str = "insert into refresh_tokens (hash, session_id, generation) values ($1, $2, $3)";
const END: &str = "update sessions set ended_at = $2 where id = $1 and ended_at is null";

impl Storage {
    /// Begins a session: the person has signed in.
    pub async fn create_session(&self, new: &NewSession, now: Moment) -> Result<Session, StorageError> {
        const SESSION: &str = "insert into sessions
            (id, actor_id, created_at, last_used_at, expires_at, user_agent, address) values ($1, $2, $3, $3, $4, $5, $6)";
        let NewSession { id, user, refresh_hash, expires_at, user_agent, address } = new;
        let mut transaction = self.database().begin().await?;
        let values = values![*id, *user, now, *expires_at, user_agent.as_str(), address.as_str()];
        transaction.execute(SESSION, values).await?;
        transaction.execute(INSERT_TOKEN, values![*refresh_hash, *id, 0]).await?;
        transaction.execute("update users set last_login_at = $2 where id = $1", values![*user, now]).await?;
        let payload = json!({ "session_id": id, "address": address });
        transaction.audit(now, Some(ActorId::from(*user)), None, kind::SIGNED_IN, payload).await?;
        transaction.commit().await?;
        Ok(Session {
            id: *id,
            user: *user,
            created_at: now,
            last_used_at: now,
            expires_at: *expires_at,
            ended_at: None,
            user_agent: user_agent.clone(),
            address: address.clone(),
        })
    }

    /// Notes that somebody tried to sign in and could not.
    pub async fn note_failed_sign_in(&self, login: &str, address: &str, now: Moment) -> Result<(), StorageError> {
        let mut transaction = self.database().begin().await?;
        let payload = json!({ "login": login, "address": address });
        transaction.audit(now, None, None, kind::SIGN_IN_FAILED, payload).await?;
        Ok(transaction.commit().await?)
    }

    /// Replaces the refresh token `presented` by `next`.
    pub async fn refresh_session(
        &self,
        presented: &RefreshHash,
        next: &RefreshHash,
        now: Moment,
    ) -> Result<Session, RefreshError> {
        const FIND: &str = "select t.generation, t.replaced_at, s.id, s.actor_id, s.created_at, s.last_used_at,
              s.expires_at, s.ended_at, s.user_agent, s.address,
              (select count(*) from refresh_tokens n where n.session_id = s.id and n.generation = t.generation + 1)
                as successors
            from refresh_tokens t join sessions s on s.id = t.session_id join users u on u.id = s.actor_id
            where t.hash = $1 and u.deactivated_at is null";
        const REPLACE: &str = "update refresh_tokens set replaced_at = $3
            where session_id = $1 and generation <= $2 and replaced_at is null";
        const FORGET: &str = "delete from refresh_tokens where session_id = $1 and generation < $2";
        const USED: &str = "update sessions set last_used_at = $2 where id = $1";

        let mut transaction = self.database().begin().await?;
        let found: Option<Presented> = transaction.optional(FIND, values![*presented]).await?;
        let Presented { session, generation, replaced_at, successors } =
            found.filter(|found| found.session.is_live(now)).ok_or(RefreshError::Ended)?;
        let late = replaced_at.is_some_and(|at| now > at.plus_seconds(REFRESH_GRACE_SECONDS));
        if late || successors >= TOKENS_OF_GENERATION_MAX {
            transaction.end_session(&session, kind::TOKEN_REUSED, ActorId::from(session.user), now).await?;
            transaction.commit().await?;
            return Err(RefreshError::Reused(session));
        }
        transaction.execute(REPLACE, values![session.id, generation, now]).await?;
        transaction.execute(INSERT_TOKEN, values![*next, session.id, generation + 1]).await?;
        transaction.execute(FORGET, values![session.id, generation - GENERATIONS_KEPT]).await?;
        transaction.execute(USED, values![session.id, now]).await?;
        transaction.commit().await?;
        Ok(Session { last_used_at: now, ..session })
    }

    /// A session that is neither ended nor expired at `now`, of a person whose account is open.
    pub async fn session(&self, id: SessionId, now: Moment) -> Result<Option<Session>, StorageError> {
        let sql =
            format!("{SELECT_SESSION} join users u on u.id = s.actor_id where s.id = $1 and u.deactivated_at is null");
        let session: Option<Session> = self.database().optional(crate::database::composed(sql), values![id]).await?;
        Ok(session.filter(|session| session.is_live(now)))
    }

    /// The session that a refresh token belongs to, whatever has become of either: for signing out.
    pub async fn session_of_token(&self, presented: &RefreshHash) -> Result<Option<Session>, StorageError> {
        let sql = format!("{SELECT_SESSION} join refresh_tokens t on t.session_id = s.id where t.hash = $1");
        Ok(self.database().optional(crate::database::composed(sql), values![*presented]).await?)
    }

    /// The live sessions of a person, the last used first.
    pub async fn list_sessions(&self, user: UserId, now: Moment) -> Result<Vec<Session>, StorageError> {
        let sql = format!(
            "{SELECT_SESSION} where s.actor_id = $1 and s.ended_at is null and s.expires_at > $2
             order by s.last_used_at desc, s.id"
        );
        Ok(self.database().all(crate::database::composed(sql), values![user, now]).await?)
    }

    /// Ends a session; `None` if it was over already.
    pub async fn end_session(
        &self,
        id: SessionId,
        actor: ActorId,
        now: Moment,
    ) -> Result<Option<Session>, StorageError> {
        let Some(session) = self.session(id, now).await? else { return Ok(None) };
        let mut transaction = self.database().begin().await?;
        let ended = transaction.end_session(&session, kind::SESSION_ENDED, actor, now).await?;
        transaction.commit().await?;
        Ok(ended.then_some(session))
    }
}

impl Transaction {
    async fn end_session(
        &mut self,
        session: &Session,
        kind: &'static str,
        actor: ActorId,
        now: Moment,
    ) -> Result<bool, sqlx::Error> {
        if self.execute(END, values![session.id, now]).await? == 0 {
            return Ok(false);
        }
        self.execute("delete from refresh_tokens where session_id = $1", values![session.id]).await?;
        self.audit(now, Some(actor), None, kind, json!({ "session_id": session.id })).await?;
        Ok(true)
    }
}

impl Session {
    fn is_live(&self, now: Moment) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }
}

struct Presented {
    session: Session,
    generation: i64,
    replaced_at: Option<Moment>,
    successors: i64,
}

impl Record for Presented {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            session: Session::read(row)?,
            generation: row.get("generation")?,
            replaced_at: row.get("replaced_at")?,
            successors: row.get("successors")?,
        })
    }
}

impl Record for Session {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.get("id")?,
            user: row.get("actor_id")?,
            created_at: row.get("created_at")?,
            last_used_at: row.get("last_used_at")?,
            expires_at: row.get("expires_at")?,
            ended_at: row.get("ended_at")?,
            user_agent: row.get("user_agent")?,
            address: row.get("address")?,
        })
    }
}
