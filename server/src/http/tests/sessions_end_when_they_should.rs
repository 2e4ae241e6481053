use acl::Moment;

use super::*;
use crate::auth::{SocketRefusal, admit_socket, secret};
use crate::clock::now;

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let server = Server::start().await;
    server.sign_up("ada").await;
    let login = |name: &str, password: &str| {
        server.call("POST", "/api/auth/login", None, Some(json!({ "username": name, "password": password })))
    };
    let wrong = login("ada", "wrong horse").await;
    let unknown = login("nobody", "wrong horse").await;
    wrong.assert_refused(401, "wrong_credentials");
    assert_eq!(wrong.bytes, unknown.bytes);
    let names = |reply: &Reply| reply.headers.keys().map(|name| name.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&wrong), names(&unknown));
    assert_eq!(login("ada@example.org", PASSWORD).await.status, StatusCode::OK, "the address works like the name");
    assert_eq!(login(" ADA ", PASSWORD).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_brings_a_new_token_and_is_replaced() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let reply = server.with_cookie("/api/auth/refresh", &ada.cookie).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
    let set = reply.header(header::SET_COOKIE).to_owned();
    for part in ["stet_refresh=", "HttpOnly", "SameSite=Lax", "Path=/api/auth", "Max-Age="] {
        assert!(set.contains(part), "{part} is not in {set}");
    }
    assert_ne!(reply.cookie(), ada.cookie);
    let token = reply.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(server.call("GET", "/api/users/me", Some(&token), None).await.status, StatusCode::OK);
    assert_eq!(server.with_cookie("/api/auth/refresh", &reply.cookie()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_cookie_that_comes_again_later_ends_the_session() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    // Somebody used it a minute ago.
    let old = secret::hash(ada.cookie.split_once('=').unwrap().1);
    let used = server.app.storage.refresh_session(&old, &secret::hash("next"), now().plus_seconds(-60)).await;
    assert!(used.is_ok());
    server.with_cookie("/api/auth/refresh", &ada.cookie).await.assert_refused(401, "session_ended");
    ada.call(&server, "GET", "/api/users/me", None).await.assert_refused(401, "session_ended");
    let thief = server.app.storage.refresh_session(&secret::hash("next"), &secret::hash("more"), now()).await;
    assert!(thief.is_err(), "the thief's token ends with the session");
}

#[tokio::test]
async fn nobody_refreshes_without_a_cookie_or_from_another_site() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    server.call("POST", "/api/auth/refresh", None, None).await.assert_refused(401, "unauthenticated");
    server.with_cookie("/api/auth/refresh", "stet_refresh=0").await.assert_refused(401, "session_ended");
    let foreign = Request::post("/api/auth/refresh")
        .header(header::COOKIE, &ada.cookie)
        .header(header::ORIGIN, "https://evil.example")
        .body(Body::empty());
    server.send(foreign.unwrap()).await.assert_refused(403, "forbidden");
}

#[tokio::test]
async fn signing_out_ends_token_cookie_and_ticket_at_once() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let elsewhere = server.sign_in("ada").await;
    let id = ada.document(&server, "Plans").await;
    let answer = ada.call(&server, "POST", &format!("/api/collaborate/{id}"), None).await.json();
    let (document, ticket) = (id.parse().unwrap(), answer["ticket"].as_str().unwrap().to_owned());
    assert!(admit_socket(&server.app, document, Some(&ticket), None).await.is_ok());

    let reply = ada.call(&server, "POST", "/api/auth/logout", None).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT);
    assert!(reply.header(header::SET_COOKIE).contains("Max-Age=0"), "{}", reply.header(header::SET_COOKIE));
    ada.call(&server, "GET", "/api/users/me", None).await.assert_refused(401, "session_ended");
    server.with_cookie("/api/auth/refresh", &ada.cookie).await.assert_refused(401, "session_ended");
    let refused = admit_socket(&server.app, document, Some(&ticket), None).await.err();
    assert_eq!(refused, Some(SocketRefusal::SignedOut));
    assert_eq!(elsewhere.call(&server, "GET", "/api/users/me", None).await.status, StatusCode::OK);

    let reply = server.with_cookie("/api/auth/logout", &elsewhere.cookie).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "the cookie signs out too");
    elsewhere.call(&server, "GET", "/api/users/me", None).await.assert_refused(401, "session_ended");
    server.call("POST", "/api/auth/logout", None, None).await.assert_refused(401, "unauthenticated");
}

#[tokio::test]
async fn a_ticket_opens_its_own_document_while_its_holder_has_a_role_in_it() {
    let server = Server::start().await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    let (plans, other) = (ada.document(&server, "Plans").await, ada.document(&server, "Other").await);
    ada.share(&server, &plans, &ben, "viewer").await;
    let ticket = async |who: &Signed, id: &str| {
        let reply = who.call(&server, "POST", &format!("/api/collaborate/{id}"), None).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        reply.json()["ticket"].as_str().unwrap().to_owned()
    };
    let bens = ticket(&ben, &plans).await;
    let (plans_id, other_id) = (plans.parse().unwrap(), other.parse().unwrap());
    let admit = async |document, ticket: Option<&str>, token: Option<&str>| {
        admit_socket(&server.app, document, ticket, token).await.map(|holder| holder.access.role.as_str())
    };

    for _ in 0..2 {
        assert_eq!(admit(plans_id, Some(&bens), None).await, Ok("viewer"));
    }
    assert_eq!(admit(plans_id, None, Some(&ben.token)).await, Ok("viewer"));
    assert_eq!(admit(other_id, None, Some(&ben.token)).await, Err(SocketRefusal::NotFound));
    assert_eq!(admit(other_id, Some(&bens), None).await, Err(SocketRefusal::SignedOut));
    assert_eq!(admit(plans_id, Some(&ben.token), None).await, Err(SocketRefusal::SignedOut));
    assert_eq!(admit(plans_id, None, Some(&bens)).await, Err(SocketRefusal::SignedOut));
    assert_eq!(admit(plans_id, Some("nonsense"), None).await, Err(SocketRefusal::SignedOut));
    assert_eq!(admit(plans_id, None, None).await, Err(SocketRefusal::SignedOut));

    let taken = ada.call(&server, "DELETE", &format!("/api/permissions/{plans}/{}", ben.id), None).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT);
    assert_eq!(admit(plans_id, Some(&bens), None).await, Err(SocketRefusal::Forbidden));
    let adas = ticket(&ada, &plans).await;
    ada.call(&server, "DELETE", &format!("/api/documents/{plans}"), None).await;
    assert_eq!(admit(plans_id, Some(&adas), None).await, Err(SocketRefusal::NotFound));
}

#[tokio::test]
async fn old_tickets_and_tokens_say_so() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let plans = ada.document(&server, "Plans").await;
    let person = crate::auth::Person::from_token(&server.app, &ada.token).await.unwrap();
    let long_ago = Moment(now().0).plus_seconds(-30 * 86_400);
    let (ticket, _) = crate::auth::ticket(&server.app, &person, plans.parse().unwrap(), long_ago).unwrap();
    let refused = admit_socket(&server.app, plans.parse().unwrap(), Some(&ticket), None).await.err();
    assert_eq!(refused, Some(SocketRefusal::TicketExpired));
    let (token, _) = crate::auth::access_token(&server.app, person.user, person.session, long_ago).unwrap();
    server.call("GET", "/api/users/me", Some(&token), None).await.assert_refused(401, "unauthenticated");
}

#[tokio::test]
async fn sockets_open_from_pages_of_this_server_only() {
    let server = Server::start().await;
    for (origin, host, allowed) in [
        (None, "127.0.0.1:8080", true),
        (Some("http://127.0.0.1:8080"), "127.0.0.1:8080", true),
        (Some("http://localhost:8080"), "localhost:8080", true),
        (Some("http://evil.example"), "127.0.0.1:8080", false),
        (Some("http://127.0.0.1:9090"), "127.0.0.1:8080", false),
        (Some("null"), "127.0.0.1:8080", false),
    ] {
        let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        assert_eq!(crate::auth::origin_allowed(&server.app, &headers), allowed, "{origin:?} at {host}");
    }
}
