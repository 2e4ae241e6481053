//! People with accounts. Each is an actor of the same id.

use acl::{ActorId, Moment, UserId};
use serde_json::json;

use crate::Storage;
use crate::database::{Constraint, violated};
use crate::error::StorageError;
use crate::events::kind;
use crate::value::{Record, Row, values};

/// A person with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The id, which is also the actor's.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// The address, with which one can sign in as well.
    pub email: String,
    /// The name that others see.
    pub display_name: String,
    /// The color of the cursor, as `#rrggbb`.
    pub color: String,
    /// The language chosen, as a BCP 47 tag.
    pub locale: Option<String>,
    /// The time zone chosen, as an IANA name.
    pub time_zone: Option<String>,
    /// Whether the person runs this instance.
    pub is_admin: bool,
    /// When the account was made.
    pub created_at: Moment,
    /// When the person last signed in.
    pub last_login_at: Option<Moment>,
    /// When the account was closed.
    pub deactivated_at: Option<Moment>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The id.
    pub id: UserId,
    /// The name to sign in with; unique, capitals and small letters alike.
    pub username: String,
    /// The address; unique likewise.
    pub email: String,
    /// The name that others see.
    pub display_name: String,
    /// The color of the cursor, as `#rrggbb`.
    pub color: String,
    /// The Argon2id hash of the password, as a PHC string.
    pub password_hash: String,
    /// Whether the person shall run this instance.
    pub standing: Standing,
}

/// Who becomes an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nobody.
    Member,
    /// This person.
    Admin,
    /// This person, if there is nobody yet.
    AdminIfFirst,
    /// This person, and only if there is nobody yet: else the account is not made.
    FirstAdmin,
}

/// What of a profile to change; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// The name that others see.
    pub display_name: Option<String>,
    /// The color of the cursor, as `#rrggbb`.
    pub color: Option<String>,
    /// The language, as a BCP 47 tag.
    pub locale: Option<String>,
    /// The time zone, as an IANA name.
    pub time_zone: Option<String>,
}

/// Why an account cannot be made.
#[derive(thiserror::Error, Debug)]
pub enum CreateUserError {
    /// Somebody has this name or address.
    #[error("this {field} is taken")]
    Taken {
        /// `username` or `email`.
        field: &'static str,
    },
    /// Somebody has an account already, and this one should have been the first.
    #[error("the first account has been made already")]
    NotFirst,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<sqlx::Error> for CreateUserError {
    fn from(error: sqlx::Error) -> Self {
        match violated(&error) {
            Some(Constraint::Username) => Self::Taken { field: "username" },
            Some(Constraint::Email) => Self::Taken { field: "email" },
            _ => Self::Storage(error.into()),
        }
    }
}

const SELECT_USER: &str = "select u.id, u.username, u.email, a.display_name, a.color, u.locale, u.time_zone,
    u.is_admin, u.created_at, u.last_login_at, u.deactivated_at, u.password_hash
    from users u join actors a on a.id = u.id";

impl Storage {
    /// Makes an account. Whether it is the first is decided in the same transaction.
    pub async fn create_user(&self, new: &NewUser, now: Moment) -> Result<User, CreateUserError> {
        const ACTOR: &str = "insert into actors (id, kind, display_name, color, created_at)
            values ($1, 'person', $2, $3, $4)";
        const USER: &str = "insert into users
            (id, username, username_key, email, email_key, password_hash, is_admin, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)";
        let mut transaction = self.database().begin().await?;
        let first = transaction.optional::<AnyUser>(ANY_USER, vec![]).await?.is_none();
        let admin = match new.standing {
            Standing::Member => false,
            Standing::Admin => true,
            Standing::AdminIfFirst => first,
            Standing::FirstAdmin if !first => return Err(CreateUserError::NotFirst),
            Standing::FirstAdmin => true,
        };
        let NewUser { id, username, email, display_name, color, password_hash, .. } = new;
        transaction.execute(ACTOR, values![*id, display_name.as_str(), color.as_str(), now]).await?;
        let (username_key, email_key) = (login_key(username), login_key(email));
        let names = values![*id, username.as_str(), username_key, email.as_str(), email_key];
        let rest = values![password_hash.as_str(), admin, now];
        transaction.execute(USER, [names, rest].concat()).await?;
        let payload = json!({ "user_id": id, "admin": admin });
        transaction.audit(now, Some(ActorId::from(*id)), None, kind::USER_CREATED, payload).await?;
        transaction.commit().await?;
        Ok(User {
            id: *id,
            username: username.clone(),
            email: email.clone(),
            display_name: display_name.clone(),
            color: color.clone(),
            locale: None,
            time_zone: None,
            is_admin: admin,
            created_at: now,
            last_login_at: None,
            deactivated_at: None,
        })
    }

    /// Whether anybody has an account.
    pub async fn has_users(&self) -> Result<bool, StorageError> {
        Ok(self.database().optional::<AnyUser>(ANY_USER, vec![]).await?.is_some())
    }

    /// A person by id.
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StorageError> {
        let sql = crate::database::composed(format!("{SELECT_USER} where u.id = $1"));
        Ok(self.database().optional(sql, values![id]).await?)
    }

    /// A person by sign-in name or address, capitals and small letters alike.
    pub async fn find_user(&self, login: &str) -> Result<Option<User>, StorageError> {
        Ok(self.database().optional(select_by_login(""), values![login_key(login)]).await?)
    }

    /// The same, with the hash of the password; `None` also for a person who has none.
    pub async fn credentials(&self, login: &str) -> Result<Option<(User, String)>, StorageError> {
        let sql = select_by_login("and u.password_hash is not null");
        let found: Option<WithPassword> = self.database().optional(sql, values![login_key(login)]).await?;
        Ok(found.map(|found| (found.user, found.password_hash)))
    }

    /// Changes a profile and gives it as it is then; `None` if there is no such person.
    pub async fn change_profile(&self, id: UserId, change: &ProfileChange) -> Result<Option<User>, StorageError> {
        const ACTOR: &str = "update actors set display_name = coalesce($2, display_name), color = coalesce($3, color)
            where id = $1 and kind = 'person'";
        const USER: &str = "update users set locale = coalesce($2, locale), time_zone = coalesce($3, time_zone)
            where id = $1";
        let ProfileChange { display_name, color, locale, time_zone } = change.clone();
        let mut transaction = self.database().begin().await?;
        transaction.execute(ACTOR, values![id, display_name, color]).await?;
        transaction.execute(USER, values![id, locale, time_zone]).await?;
        let sql = crate::database::composed(format!("{SELECT_USER} where u.id = $1"));
        let user = transaction.optional(sql, values![id]).await?;
        transaction.commit().await?;
        Ok(user)
    }
}

const ANY_USER: &str = "select 1 as one from users limit 1";

/// Somebody's name may be somebody else's address: the name goes first.
fn select_by_login(and: &'static str) -> impl sqlx::SqlSafeStr {
    crate::database::composed(format!(
        "{SELECT_USER} where (u.username_key = $1 or u.email_key = $1) {and} order by u.username_key <> $1 limit 1"
    ))
}

/// The form in which a name or an address is compared.
fn login_key(login: &str) -> String {
    login.trim().to_lowercase()
}

struct AnyUser;

impl Record for AnyUser {
    fn read(_: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self)
    }
}

struct WithPassword {
    user: User,
    password_hash: String,
}

impl Record for WithPassword {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self { user: User::read(row)?, password_hash: row.get("password_hash")? })
    }
}

impl Record for User {
    fn read(row: &Row) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.get("id")?,
            username: row.get("username")?,
            email: row.get("email")?,
            display_name: row.get("display_name")?,
            color: row.get("color")?,
            locale: row.get("locale")?,
            time_zone: row.get("time_zone")?,
            is_admin: row.get("is_admin")?,
            created_at: row.get("created_at")?,
            last_login_at: row.get("last_login_at")?,
            deactivated_at: row.get("deactivated_at")?,
        })
    }
}
