//! Bad HTTP input gets a 4xx with a stable code that says which field.

use serde_json::{Value, json};
use tests::person::PASSWORD;
use tests::{Person, Server};

/// A name for the case, the path, the body, and the field that the answer must name.
type Case = (&'static str, String, Value, &'static str);

fn about_accounts() -> Vec<Case> {
    let long = "x".repeat(10_000);
    let account =
        |name: Value, email: &str, password: &str| json!({ "username": name, "email": email, "password": password });
    let users = || "/api/users".to_string();
    let mail = "a@example.org";
    vec![
        ("no name", users(), json!({ "email": mail, "password": PASSWORD }), "username"),
        ("an empty name", users(), account(json!(""), mail, PASSWORD), "username"),
        ("a long name", users(), account(json!(long), mail, PASSWORD), "username"),
        ("a number for a name", users(), account(json!(7), mail, PASSWORD), "username"),
        ("no e-mail address", users(), account(json!("cy"), "nowhere", PASSWORD), "email"),
        ("a short password", users(), account(json!("cy"), mail, "x"), "password"),
    ]
}

fn about_documents(document: &str, ada: &str) -> Vec<Case> {
    let long = "x".repeat(100_000);
    let documents = || "/api/documents".to_string();
    let permissions = || format!("/api/permissions/{document}");
    let content = |format: &str, text: &str| json!({ "title": "T", "content": { "format": format, "text": text } });
    vec![
        ("a title that is a list", documents(), json!({ "title": [] }), "title"),
        ("a title of 100 kB", documents(), json!({ "title": long }), "title"),
        ("an id that is none", documents(), json!({ "title": "T", "id": "seven" }), "id"),
        ("an unknown format", documents(), content("docx", ""), "format"),
        ("content that is no JSON", documents(), content("json", "{"), "content"),
        ("a role that is none", permissions(), json!({ "user_id": ada, "role": "king" }), "role"),
        ("somebody unknown", permissions(), json!({ "user": "nobody", "role": "viewer" }), "user"),
        ("a status that is none", format!("/api/presence/{document}"), json!({ "status": "asleep" }), "status"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_has_a_code_and_a_field() {
    let server = Server::start().await;
    let ada = Person::register(&server, "ada").await;
    let document = ada.new_document("Here").await;
    let cases = [about_accounts(), about_documents(&document, &ada.id)].concat();
    let mut wrong = Vec::new();
    let count = cases.len();
    for (what, path, body, field) in cases {
        let (status, answer) = ada.post(&path, body).await;
        let code = answer.pointer("/error/code").and_then(Value::as_str).unwrap_or("");
        let named = answer.pointer("/error/details/field").and_then(Value::as_str).unwrap_or("");
        println!("{what}: {status} {code} {named}");
        let stable = !code.is_empty() && code.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase());
        if !status.is_client_error() || !stable || !named.contains(field) {
            wrong.push(format!("{what} should name {field:?}: {status} {answer}"));
        }
    }
    println!("{count} bad inputs");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_json_and_what_is_not_there() {
    let server = Server::start().await;
    let ada = Person::register(&server, "ada").await;
    for (kind, body) in
        [("application/json", "{"), ("application/json", ""), ("text/plain", "{}"), ("application/json", "[1]")]
    {
        let (status, answer) = ada.post_raw("/api/documents", kind, body.as_bytes().to_vec()).await;
        assert!(status.is_client_error(), "{kind} {body:?}: {status}");
        assert!(answer.pointer("/error/code").is_some(), "{kind} {body:?}: {answer}");
    }
    let huge = format!("{{\"title\":\"{}\"}}", "x".repeat(64 * 1024 * 1024));
    let (status, answer) = ada.post_raw("/api/documents", "application/json", huge.into_bytes()).await;
    assert!(status.is_client_error(), "64 MiB of title: {status} {answer}");
    for path in ["/api/nothing", "/api/documents/not-an-id", "/api/documents/00000000-0000-0000-0000-000000000000"] {
        let (status, answer) = ada.get(path).await;
        assert!(status.is_client_error(), "{path}: {status}");
        assert!(answer.pointer("/error/code").is_some(), "{path}: {answer}");
    }
    let document = ada.new_document("Here").await;
    let (status, answer) = ada.get(&format!("/api/documents/{document}?format=docx")).await;
    assert!(status.is_client_error() && answer.pointer("/error/code").is_some(), "{status} {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_of_the_api_is_generated_and_complete() {
    let server = Server::start().await;
    let stranger = Person::stranger(&server, "?");
    let (status, description) = stranger.get("/api/openapi.json").await;
    assert_eq!(status, 200);
    let paths = description["paths"].as_object().expect("paths");
    for path in [
        "/api/users",
        "/api/users/me",
        "/api/users/{id}",
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/logout",
        "/api/documents",
        "/api/documents/{id}",
        "/api/documents/{id}/restore",
        "/api/collaborate/{id}",
        "/api/permissions/{id}",
        "/api/presence/{id}",
    ] {
        assert!(paths.contains_key(path), "{path} is not described; there is {:?}", paths.keys().collect::<Vec<_>>());
    }
}
