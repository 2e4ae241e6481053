//! How accounts come about: the first one, which administers the instance, and every one after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use acl::UserId;
use storage::{CreateUserError, NewUser, Standing, User};
use uuid::Uuid;

use crate::app::App;
use crate::auth::secret;
use crate::clock::now;
use crate::error::{Answer, ErrorCode};
use crate::http::fields;
use crate::welcome;

/// Whether there is an account yet. There is no way back, so the database is asked until it once says yes.
#[derive(Clone, Default)]
pub struct FirstStart {
    done: Arc<AtomicBool>,
}

impl FirstStart {
    /// Whether there is an account.
    pub async fn done(&self, app: &App) -> Answer<bool> {
        if self.done.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let done = app.storage.has_users().await?;
        self.done.store(done, Ordering::Relaxed);
        Ok(done)
    }

    /// Whether nothing goes before the set-up link made the first account: others can reach this server, and the first
    /// who did would administer it.
    pub async fn waits_for_link(&self, app: &App) -> Answer<bool> {
        Ok(!app.place.local && !self.done(app).await?)
    }
}

/// The setting that keeps the hash of the set-up link's token.
const SETUP_TOKEN_HASH: &str = "setup_token_hash";

/// Makes the set-up link anew, if the server waits for one. An older link no longer works: only its hash was kept, so
/// it could not be printed again.
pub async fn set_up_link(app: &App) -> Answer<Option<String>> {
    if !app.first_start.waits_for_link(app).await? {
        return Ok(None);
    }
    let token = secret::new();
    app.storage.put_setting(SETUP_TOKEN_HASH, Some(&secret::hex(&secret::hash(&token)))).await?;
    Ok(Some(format!("{}/setup?token={token}", app.place.public_url)))
}

/// What a new account is made of, as it was typed.
pub struct NewAccount {
    /// Name to sign in with.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// In clear, until it is hashed here.
    pub password: String,
}

/// On which way an account is made.
pub enum Way {
    /// By the person himself; the first account administers the instance.
    Registration,
    /// With the set-up link, which holds this token.
    SetupLink(String),
    /// On the machine itself.
    CommandLine,
    /// On the machine itself, as an administrator.
    CommandLineAdmin,
}

/// Makes an account, whatever the way.
pub async fn make_account(app: &App, account: NewAccount, way: Way) -> Answer<User> {
    let username = fields::username(&account.username)?;
    let email = fields::email(&account.email)?;
    fields::password(&account.password)?;
    let standing = match &way {
        Way::Registration if app.place.local => Standing::AdminIfFirst,
        Way::Registration | Way::CommandLine => Standing::Member,
        Way::CommandLineAdmin => Standing::Admin,
        Way::SetupLink(token) => {
            let known = app.storage.setting(SETUP_TOKEN_HASH).await?;
            if known != Some(secret::hex(&secret::hash(token))) {
                return Err(ErrorCode::SetupLinkInvalid.into());
            }
            Standing::FirstAdmin
        }
    };
    let password_hash = app.passwords.hash(account.password).await?;
    let id = UserId::from_uuid(Uuid::now_v7());
    let display_name = account.username.trim().to_owned();
    let new = NewUser { id, username, email, display_name, color: color_of(id), password_hash, standing };
    let user = app.storage.create_user(&new, now()).await?;
    if user.is_admin {
        app.storage.put_setting(SETUP_TOKEN_HASH, None).await?;
        welcome::greet(app, &user).await;
    }
    Ok(user)
}

impl From<CreateUserError> for crate::error::ApiError {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::Taken { field: "email" } => ErrorCode::EmailTaken.into(),
            CreateUserError::Taken { .. } => ErrorCode::UsernameTaken.into(),
            CreateUserError::NotFirst => ErrorCode::SetupLinkInvalid.into(),
            CreateUserError::Storage(error) => error.into(),
        }
    }
}

/// Colours of cursors: dark enough for white letters on them (WCAG 2.2, 1.4.3, at least 4.5 to 1).
const COLORS: [&str; 12] = [
    "#1c6ea4", "#b3261e", "#2e7d32", "#7b1fa2", "#a14a00", "#00766c", "#ad1457", "#3949ab", "#6d5e00", "#5d4037",
    "#00698f", "#8e24aa",
];

/// The colour that a new person begins with.
fn color_of(user: UserId) -> String {
    let pick = user.uuid().as_u128() % COLORS.len() as u128;
    COLORS[pick as usize].to_owned()
}
