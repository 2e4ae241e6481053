//! The HTTP side as a whole, called without a network: every route, with a real storage in a folder of its own.

mod bad_input_is_refused_with_its_field;
mod events_tell_what_one_may_see;
mod first_account;
mod openapi_says_what_is_there;
mod sessions_end_when_they_should;
mod strangers_see_nothing;
mod the_life_of_a_document;
mod web_app_is_served;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::app::App;
use crate::config::{Config, Flags};

const PASSWORD: &str = "correct horse";

/// A server that nobody listens for.
struct Server {
    app: App,
    router: Router,
    _folder: TempDir,
}

/// What came back.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

/// Somebody with an account who has signed in.
struct Signed {
    id: String,
    token: String,
    cookie: String,
}

impl Server {
    /// One that only its own machine reaches.
    async fn start() -> Server {
        Server::listening_on("127.0.0.1:8080", |_| {}).await
    }

    async fn listening_on(address: &str, change: impl FnOnce(&mut Config)) -> Server {
        let folder = TempDir::new().unwrap();
        let mut config = Config::load(Flags::default()).unwrap();
        config.data = folder.path().join("data");
        change(&mut config);
        let app = App::open(config, address.parse().unwrap()).await.unwrap();
        Server { router: super::router(app.clone()), app, _folder: folder }
    }

    /// A call with a token and a JSON body, either of which may be missing.
    async fn call(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Reply {
        let mut request = Request::builder().method(method.parse::<Method>().unwrap()).uri(path);
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Reply { status: parts.status, headers: parts.headers, bytes }
    }

    /// Makes an account and signs in.
    async fn sign_up(&self, name: &str) -> Signed {
        let body = json!({ "username": name, "email": format!("{name}@example.org"), "password": PASSWORD });
        let reply = self.call("POST", "/api/users", None, Some(body)).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        self.sign_in(name).await
    }

    async fn sign_in(&self, name: &str) -> Signed {
        let reply =
            self.call("POST", "/api/auth/login", None, Some(json!({ "username": name, "password": PASSWORD }))).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        Signed {
            id: reply.json()["user"]["id"].as_str().unwrap().into(),
            token: reply.json()["access_token"].as_str().unwrap().into(),
            cookie: reply.cookie(),
        }
    }

    /// A call with the refresh cookie.
    async fn with_cookie(&self, path: &str, cookie: &str) -> Reply {
        let request = Request::post(path).header(header::COOKIE, cookie).body(Body::empty());
        self.send(request.unwrap()).await
    }
}

impl Signed {
    async fn call(&self, server: &Server, method: &str, path: &str, body: Option<Value>) -> Reply {
        server.call(method, path, Some(&self.token), body).await
    }

    /// Makes a document and gives its id.
    async fn document(&self, server: &Server, title: &str) -> String {
        let reply = self.call(server, "POST", "/api/documents", Some(json!({ "title": title }))).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text());
        reply.json()["document"]["id"].as_str().unwrap().into()
    }

    /// Gives somebody a role.
    async fn share(&self, server: &Server, document: &str, with: &Signed, role: &str) {
        let body = json!({ "user_id": with.id, "role": role });
        let reply = self.call(server, "POST", &format!("/api/permissions/{document}"), Some(body)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    }
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or(Value::Null)
    }

    fn text(&self) -> String {
        format!("{} {}", self.status, String::from_utf8_lossy(&self.bytes))
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The refresh cookie as a browser would send it back.
    fn cookie(&self) -> String {
        self.header(header::SET_COOKIE).split(';').next().unwrap().into()
    }

    /// Status and code of a refusal.
    fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["error"]["code"].as_str().unwrap_or_default().into())
    }

    fn assert_refused(&self, status: u16, code: &str) {
        assert_eq!(self.refusal(), (status, code.into()), "{}", self.text());
    }
}
