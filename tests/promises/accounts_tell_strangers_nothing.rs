//! Signing in: a wrong password and an unknown user look the same, tokens end when they should.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::person::PASSWORD;
use tests::{Person, Server};

#[tokio::test(flavor = "multi_thread")]
async fn wrong_password_and_unknown_user_look_the_same() {
    let server = Server::start().await;
    Person::register(&server, "ada").await;
    let stranger = Person::stranger(&server, "?");
    let login = async |name: &str| -> (StatusCode, Value, Duration) {
        let started = Instant::now();
        let (status, body) =
            stranger.post("/api/auth/login", json!({ "username": name, "password": "not the password" })).await;
        (status, body, started.elapsed())
    };
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for round in 0..7 {
        let (status, body, took) = login("ada").await;
        let (other_status, other_body, other_took) = login(&format!("nobody{round}")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
        assert_eq!((status, &body), (other_status, &other_body));
        known.push(took);
        unknown.push(other_took);
    }
    known.sort();
    unknown.sort();
    println!("wrong password {} ms, unknown user {} ms (medians of 7)", known[3].as_millis(), unknown[3].as_millis());
    // One Argon2 verification each: without it the unknown user would be answered many times faster.
    assert!(unknown[3] * 3 > known[3] && known[3] * 3 > unknown[3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn register_sign_in_refresh_and_sign_out() {
    let server = Server::start().await;
    let mut ada = Person::register(&server, "ada").await;
    let (status, me) = ada.get("/api/users/me").await;
    assert_eq!(status, 200);
    assert_eq!(me.pointer("/user/username").or(me.get("username")), Some(&json!("ada")), "{me}");
    assert!(!me.to_string().contains("password"), "{me}");
    // By e-mail as by name.
    let (status, body) =
        ada.post("/api/auth/login", json!({ "username": "ada@example.org", "password": PASSWORD })).await;
    assert_eq!(status, 200, "{body}");

    let (status, body) = ada.post("/api/auth/refresh", json!({})).await;
    assert_eq!(status, 200, "{body}");
    ada.token = tests::person::text(&body, "/access_token");
    assert_eq!(ada.get("/api/documents").await.0, 200);
    let (status, _) = ada.post("/api/auth/logout", json!({})).await;
    assert_eq!(status, 204);
    let (status, body) = ada.post("/api/auth/refresh", json!({})).await;
    assert_eq!(status, 401, "a refresh after signing out: {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_open_to_strangers() {
    let server = Server::start().await;
    let ada = Person::register(&server, "ada").await;
    let document = ada.new_document("Private").await;
    let stranger = Person::stranger(&server, "?");
    let ben = Person::register(&server, "ben").await;
    for path in ["", "?format=text", "?format=yjs"] {
        let path = format!("/api/documents/{document}{path}");
        assert_eq!(stranger.get(&path).await.0, 401, "{path} without a token");
        let (status, body) = ben.get(&path).await;
        assert_eq!(status, 404, "{path} for somebody without a role: {body}");
    }
    for path in ["/api/documents", "/api/users/me"] {
        assert_eq!(stranger.get(path).await.0, 401, "{path}");
    }
    assert_eq!(stranger.post(&format!("/api/collaborate/{document}"), json!({})).await.0, 401);
    assert_eq!(ben.post(&format!("/api/collaborate/{document}"), json!({})).await.0, 404);
    assert_eq!(ben.get(&format!("/api/permissions/{document}")).await.0, 404);
    let mut forged = Person::stranger(&server, "ada");
    forged.token = format!("{}x", &ada.token[..ada.token.len() - 2]);
    assert_eq!(forged.get("/api/users/me").await.0, 401, "a token with a changed signature");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_name_is_given_once() {
    let server = Server::start().await;
    Person::register(&server, "ada").await;
    let stranger = Person::stranger(&server, "?");
    for (name, email) in [("ada", "other@example.org"), ("ADA", "third@example.org"), ("other", "ada@example.org")] {
        let (status, body) =
            stranger.post("/api/users", json!({ "username": name, "email": email, "password": PASSWORD })).await;
        assert_eq!(status, 409, "{name} {email}: {body}");
    }
}
