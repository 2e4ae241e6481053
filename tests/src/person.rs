//! A person with an account, who speaks HTTP.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::Server;

/// Good enough for every account of the tests.
pub const PASSWORD: &str = "correct horse battery";

/// Somebody who is signed in.
pub struct Person {
    http: reqwest::Client,
    base: String,
    pub name: String,
    pub id: String,
    pub token: String,
}

/// What a stock provider needs to open a document.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub url: String,
    pub document: String,
    pub ticket: String,
    pub role: String,
}

impl Ticket {
    /// The whole address of the socket.
    pub fn address(&self) -> String {
        format!("{}/{}?ticket={}", self.url, self.document, self.ticket)
    }
}

impl Person {
    /// Makes an account and signs in.
    pub async fn register(server: &Server, name: &str) -> Person {
        let mut person = Person::stranger(server, name);
        let email = format!("{name}@example.org");
        let (status, body) =
            person.post("/api/users", json!({ "username": name, "email": email, "password": PASSWORD })).await;
        assert_eq!(status, StatusCode::CREATED, "{name} registers: {body}");
        person.id = text(&body, "/user/id");
        person.sign_in(PASSWORD).await;
        person
    }

    /// Somebody who has not signed in.
    pub fn stranger(server: &Server, name: &str) -> Person {
        let http = reqwest::Client::builder().cookie_store(true).build().expect("an HTTP client");
        Person { http, base: server.http(""), name: name.to_string(), id: String::new(), token: String::new() }
    }

    /// Signs in again and takes the new access token.
    pub async fn sign_in(&mut self, password: &str) {
        let (status, body) = self.post("/api/auth/login", json!({ "username": self.name, "password": password })).await;
        assert_eq!(status, StatusCode::OK, "{} signs in: {body}", self.name);
        self.token = text(&body, "/access_token");
        self.id = text(&body, "/user/id");
    }

    /// One call; the body of the answer as JSON (`null` if it is none).
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the server answers");
        let status = answer.status();
        let bytes = answer.bytes().await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> (StatusCode, Value) {
        self.call(Method::DELETE, path, None).await
    }

    /// A body as it is: content type and bytes.
    pub async fn get_raw(&self, path: &str) -> (StatusCode, String, Vec<u8>) {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.expect("the server answers");
        let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or("").to_string();
        let status = answer.status();
        (status, kind, answer.bytes().await.expect("a body").to_vec())
    }

    /// Sends bytes that need not be JSON.
    pub async fn post_raw(&self, path: &str, kind: &str, body: Vec<u8>) -> (StatusCode, Value) {
        let mut request = self.http.post(format!("{}{path}", self.base)).header("content-type", kind).body(body);
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        let answer = request.send().await.expect("the server answers");
        let status = answer.status();
        let bytes = answer.bytes().await.expect("a body");
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// A new empty document; its id.
    pub async fn new_document(&self, title: &str) -> String {
        self.new_document_with(json!({ "title": title })).await
    }

    /// A new document from a whole body; its id.
    pub async fn new_document_with(&self, body: Value) -> String {
        let (status, answer) = self.post("/api/documents", body).await;
        assert_eq!(status, StatusCode::CREATED, "a new document: {answer}");
        text(&answer, "/document/id")
    }

    /// Gives somebody a role.
    pub async fn share(&self, document: &str, with: &Person, role: &str) {
        let (status, answer) =
            self.post(&format!("/api/permissions/{document}"), json!({ "user_id": with.id, "role": role })).await;
        assert_eq!(status, StatusCode::OK, "{} shares with {}: {answer}", self.name, with.name);
    }

    /// Takes it away.
    pub async fn unshare(&self, document: &str, with: &Person) {
        let (status, answer) = self.delete(&format!("/api/permissions/{document}/{}", with.id)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{} takes {}'s right: {answer}", self.name, with.name);
    }

    /// A ticket for a document.
    pub async fn ticket(&self, document: &str) -> Ticket {
        let (status, answer) = self.post(&format!("/api/collaborate/{document}"), json!({})).await;
        assert_eq!(status, StatusCode::OK, "{} asks for a ticket: {answer}", self.name);
        Ticket {
            url: text(&answer, "/url"),
            document: document.to_string(),
            ticket: text(&answer, "/ticket"),
            role: text(&answer, "/role"),
        }
    }
}

/// A string in a JSON answer, by its pointer.
pub fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer).and_then(Value::as_str) {
        Some(text) => text.to_string(),
        None => panic!("no text at {pointer} in {value}"),
    }
}
