//! Accounts: making one, looking at one, changing one's own.

use acl::UserId;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use storage::{ProfileChange, User};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::app::App;
use crate::auth::Person;
use crate::error::{Answer, ErrorBody, ErrorCode};
use crate::first_start::{NewAccount, Way, make_account};
use crate::http::extract::{Body, Id};
use crate::http::fields;
use crate::http::times::Time;

/// `/api/users`.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(register)).routes(routes!(get_me, change_me)).routes(routes!(get_user))
}

/// A person. E-mail, language and time zone are shown to himself and to administrators only.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    id: Uuid,
    username: String,
    display_name: String,
    /// The colour of his cursor.
    #[schema(example = "#1a2b3c")]
    color: String,
    created_at: Time,
    is_admin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
}

impl UserView {
    /// What everybody here may see.
    pub fn of_other(user: User) -> Self {
        Self {
            id: user.id.uuid(),
            username: user.username,
            display_name: user.display_name,
            color: user.color,
            created_at: user.created_at.into(),
            is_admin: user.is_admin,
            email: None,
            locale: None,
            time_zone: None,
        }
    }

    /// What the person himself may see.
    pub fn of_self(user: User) -> Self {
        let (email, locale, time_zone) = (Some(user.email.clone()), user.locale.clone(), user.time_zone.clone());
        Self { email, locale, time_zone, ..Self::of_other(user) }
    }
}

/// The answer with one person.
#[derive(Serialize, ToSchema)]
pub struct UserAnswer {
    user: UserView,
}

impl From<UserView> for Json<UserAnswer> {
    fn from(user: UserView) -> Self {
        Json(UserAnswer { user })
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Register {
    /// 2 to 40 letters, digits, dots, hyphens or underscores; case does not matter.
    username: String,
    email: String,
    /// At least 8 characters.
    password: String,
}

/// Make an account for yourself. The first one on a server that only its own machine reaches administers it.
#[utoipa::path(post, path = "/api/users", tag = "users", security(()),
    request_body = Register, responses((status = 201, body = UserAnswer), (status = "4XX", body = ErrorBody)))]
async fn register(State(app): State<App>, Body(body): Body<Register>) -> Answer<(StatusCode, Json<UserAnswer>)> {
    if !app.registration_open() {
        return Err(ErrorCode::RegistrationClosed.into());
    }
    let account = NewAccount { username: body.username, email: body.email, password: body.password };
    let user = make_account(&app, account, Way::Registration).await?;
    Ok((StatusCode::CREATED, UserView::of_self(user).into()))
}

/// Look at a person.
#[utoipa::path(get, path = "/api/users/{id}", tag = "users", params(("id" = Uuid, Path)),
    responses((status = 200, body = UserAnswer), (status = "4XX", body = ErrorBody)))]
async fn get_user(State(app): State<App>, person: Person, Id(id): Id<UserId>) -> Answer<Json<UserAnswer>> {
    let user = app.storage.user(id).await?.ok_or(ErrorCode::NotFound)?;
    let asking = app.storage.user(person.user).await?;
    let close = asking.is_some_and(|asking| asking.is_admin || asking.id == id);
    Ok(if close { UserView::of_self(user) } else { UserView::of_other(user) }.into())
}

/// Look at yourself.
#[utoipa::path(get, path = "/api/users/me", tag = "users",
    responses((status = 200, body = UserAnswer), (status = "4XX", body = ErrorBody)))]
async fn get_me(State(app): State<App>, person: Person) -> Answer<Json<UserAnswer>> {
    let user = app.storage.user(person.user).await?.ok_or(ErrorCode::NotFound)?;
    Ok(UserView::of_self(user).into())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeMe {
    display_name: Option<String>,
    /// The colour of your cursor.
    #[schema(example = "#1a2b3c")]
    color: Option<String>,
    #[schema(example = "de-AT")]
    locale: Option<String>,
    #[schema(example = "Europe/Vienna")]
    time_zone: Option<String>,
}

/// Change what others see of you, and how you want to see dates. What is left out stays.
#[utoipa::path(patch, path = "/api/users/me", tag = "users",
    request_body = ChangeMe, responses((status = 200, body = UserAnswer), (status = "4XX", body = ErrorBody)))]
async fn change_me(State(app): State<App>, person: Person, Body(body): Body<ChangeMe>) -> Answer<Json<UserAnswer>> {
    let change = ProfileChange {
        display_name: body.display_name.as_deref().map(fields::display_name).transpose()?,
        color: body.color.as_deref().map(fields::color).transpose()?,
        locale: body.locale.as_deref().map(fields::locale).transpose()?,
        time_zone: body.time_zone.as_deref().map(fields::time_zone).transpose()?,
    };
    let user = app.storage.change_profile(person.user, &change).await?.ok_or(ErrorCode::NotFound)?;
    Ok(UserView::of_self(user).into())
}
