use super::*;

const NONE: &str = "0192d3c5-7e00-4abc-8def-0123456789ab";

async fn check(server: &Server, who: &Signed, cases: Vec<(&str, &str, Value, &str)>) {
    let mut met = 0;
    for (method, path, body, field) in cases {
        let reply = who.call(server, method, path, Some(body.clone())).await;
        reply.assert_refused(400, "invalid_field");
        assert_eq!(reply.json()["error"]["details"]["field"], field, "{method} {path} {body}");
        met += 1;
    }
    println!("{met} bodies were refused");
    assert!(met > 0);
}

#[tokio::test]
async fn accounts_and_sessions() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let long = "x".repeat(2_000);
    let user = |name: Value, value: Value| {
        let mut body = json!({ "username": "ben", "email": "ben@example.org", "password": PASSWORD });
        body[name.as_str().unwrap()] = value;
        body
    };
    let cases = vec![
        ("POST", "/api/users", json!({}), "username"),
        ("POST", "/api/users", json!({ "username": "ben", "email": "ben@example.org" }), "password"),
        ("POST", "/api/users", user("username".into(), json!(7)), "username"),
        ("POST", "/api/users", user("username".into(), json!(null)), "username"),
        ("POST", "/api/users", user("username".into(), json!("b")), "username"),
        ("POST", "/api/users", user("username".into(), json!("b n")), "username"),
        ("POST", "/api/users", user("username".into(), json!(long)), "username"),
        ("POST", "/api/users", user("email".into(), json!("ben")), "email"),
        ("POST", "/api/users", user("email".into(), json!(format!("{long}@example.org"))), "email"),
        ("POST", "/api/users", user("password".into(), json!("short")), "password"),
        ("POST", "/api/users", user("password".into(), json!(long)), "password"),
        ("POST", "/api/users", user("is_admin".into(), json!(true)), "is_admin"),
        ("POST", "/api/auth/login", json!({ "username": "ada" }), "password"),
        ("POST", "/api/auth/login", json!({ "username": ["ada"], "password": PASSWORD }), "username"),
        ("POST", "/api/auth/login", json!({ "username": "ada", "password": PASSWORD, "otp": "1" }), "otp"),
        ("POST", "/api/setup", json!({ "username": "ada" }), "token"),
        ("PATCH", "/api/users/me", json!({ "display_name": "" }), "display_name"),
        ("PATCH", "/api/users/me", json!({ "display_name": long }), "display_name"),
        ("PATCH", "/api/users/me", json!({ "color": "red" }), "color"),
        ("PATCH", "/api/users/me", json!({ "color": 7 }), "color"),
        ("PATCH", "/api/users/me", json!({ "locale": "de_AT" }), "locale"),
        ("PATCH", "/api/users/me", json!({ "time_zone": "here or there" }), "time_zone"),
        ("PATCH", "/api/users/me", json!({ "username": "eve" }), "username"),
    ];
    check(&server, &ada, cases).await;
    let overlong = json!({ "username": "ada", "password": long });
    server.call("POST", "/api/auth/login", None, Some(overlong)).await.assert_refused(401, "wrong_credentials");
}

#[tokio::test]
async fn documents_and_their_permissions() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let id = ada.document(&server, "Plans").await;
    let (document, permissions, presence) =
        (format!("/api/documents/{id}"), format!("/api/permissions/{id}"), format!("/api/presence/{id}"));
    let long = "x".repeat(301);
    let content = |content: Value| json!({ "title": "x", "content": content });
    let cases = vec![
        ("POST", "/api/documents", json!({}), "title"),
        ("POST", "/api/documents", json!({ "title": 7 }), "title"),
        ("POST", "/api/documents", json!({ "title": long }), "title"),
        ("POST", "/api/documents", json!({ "title": "a\nb" }), "title"),
        ("POST", "/api/documents", json!({ "title": "x", "id": "x" }), "id"),
        ("POST", "/api/documents", json!({ "title": "x", "id": 7 }), "id"),
        ("POST", "/api/documents", json!({ "title": "x", "id": "00000000-0000-0000-0000-000000000000" }), "id"),
        ("POST", "/api/documents", json!({ "title": "x", "folder": "y" }), "folder"),
        ("POST", "/api/documents", content(json!("text")), "content"),
        ("POST", "/api/documents", content(json!({ "format": "text" })), "content.text"),
        ("POST", "/api/documents", content(json!({ "format": "docx", "text": "x" })), "content.format"),
        ("POST", "/api/documents", content(json!({ "format": "text", "text": 7 })), "content.text"),
        ("POST", "/api/documents", content(json!({ "format": "text", "text": "", "x": 1 })), "content.x"),
        ("PUT", &document, json!({}), "title"),
        ("PUT", &document, json!({ "title": long }), "title"),
        ("PUT", &document, json!({ "title": "x", "owner_id": NONE }), "owner_id"),
        ("POST", &permissions, json!({ "user": "ada" }), "role"),
        ("POST", &permissions, json!({ "user": "ada", "role": "god" }), "role"),
        ("POST", &permissions, json!({ "role": "viewer" }), "user_id"),
        ("POST", &permissions, json!({ "role": "viewer", "user": "x".repeat(300) }), "user"),
        ("POST", &permissions, json!({ "role": "viewer", "user": "ada", "user_id": ada.id }), "user"),
        ("POST", &permissions, json!({ "role": "viewer", "user_id": "ada" }), "user_id"),
        ("POST", &permissions, json!({ "role": "viewer", "user": "ada", "until": 7 }), "until"),
        ("POST", &presence, json!({}), "status"),
        ("POST", &presence, json!({ "status": "asleep" }), "status"),
        ("POST", &presence, json!({ "status": "online", "cursor": 7 }), "cursor"),
    ];
    check(&server, &ada, cases).await;
    let nobody = json!({ "role": "viewer", "user_id": NONE });
    ada.call(&server, "POST", &permissions, Some(nobody)).await.assert_refused(404, "person_not_found");
    let broken = content(json!({ "format": "json", "text": "{\"type\":\"doc\",\"content\":[{\"type\":\"dragon\"}]}" }));
    let reply = ada.call(&server, "POST", "/api/documents", Some(broken)).await;
    reply.assert_refused(400, "invalid_content");
    assert_eq!(reply.json()["error"]["details"]["path"], "/content/0", "{}", reply.text());
}

#[tokio::test]
async fn ids_and_parameters() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let id = ada.document(&server, "Plans").await;
    let long = "x".repeat(501);
    let mut met = 0;
    for (method, path, field) in [
        ("GET", "/api/users/x".to_owned(), "id"),
        ("GET", "/api/documents/x".to_owned(), "id"),
        ("DELETE", "/api/documents/0".to_owned(), "id"),
        ("POST", "/api/documents/x/restore".to_owned(), "id"),
        ("POST", "/api/collaborate/x".to_owned(), "id"),
        ("GET", "/api/permissions/x".to_owned(), "id"),
        ("DELETE", format!("/api/permissions/x/{}", ada.id), "id"),
        ("DELETE", format!("/api/permissions/{id}/x"), "user_id"),
        ("GET", format!("/api/documents/{id}?format=docx"), "format"),
        ("GET", format!("/api/documents/{id}?as=text"), "as"),
        ("GET", "/api/documents?view=all".to_owned(), "view"),
        ("GET", "/api/documents?sort=size".to_owned(), "sort"),
        ("GET", "/api/documents?limit=0".to_owned(), "limit"),
        ("GET", "/api/documents?limit=many".to_owned(), "limit"),
        ("GET", "/api/documents?limit=1000".to_owned(), "limit"),
        ("GET", "/api/documents?owner=ada".to_owned(), "owner"),
        ("GET", "/api/documents?q=a&q=b".to_owned(), "q"),
        ("GET", format!("/api/documents?q={long}"), "q"),
        ("GET", format!("/api/documents?cursor={long}"), "cursor"),
    ] {
        let reply = ada.call(&server, method, &path, None).await;
        reply.assert_refused(400, "invalid_field");
        assert_eq!(reply.json()["error"]["details"]["field"], field, "{method} {path}");
        met += 1;
    }
    println!("{met} paths were refused");
    ada.call(&server, "GET", &format!("/api/users/{NONE}"), None).await.assert_refused(404, "not_found");
    ada.call(&server, "GET", "/api/nothing", None).await.assert_refused(404, "not_found");
    ada.call(&server, "PUT", "/api/instance", None).await.assert_refused(405, "method_not_allowed");
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let send = async |content_type: &str, body: Vec<u8>| {
        let request = Request::post("/api/documents")
            .header(header::AUTHORIZATION, format!("Bearer {}", ada.token))
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body));
        server.send(request.unwrap()).await
    };
    for broken in
        ["", "{", "{\"title\":\"x\"", "{\"title\":\"x\"} {}", "[]", "7", "\u{feff}{}", "{\"title\":\"\\ud800\"}"]
    {
        let (status, code) = send("application/json", broken.into()).await.refusal();
        assert!(status == 400 && (code == "invalid_json" || code == "invalid_field"), "{broken}: {status} {code}");
    }
    send("application/json", b"{\"title\":\"\xff\"}".to_vec()).await.assert_refused(400, "invalid_json");
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        send(content_type, b"{\"title\":\"x\"}".to_vec()).await.assert_refused(415, "unsupported_media_type");
    }
    let ok = send("application/json; charset=utf-8", b"{\"title\":\"x\"}".to_vec()).await;
    assert_eq!(ok.status, StatusCode::CREATED);
    let large = vec![b' '; 16 * 1024 * 1024 + 1];
    send("application/json", large).await.assert_refused(413, "body_too_large");
    let large = json!({ "username": "x".repeat(super::super::extract::BODY_BYTES_MAX), "password": PASSWORD });
    server.call("POST", "/api/auth/login", None, Some(large)).await.assert_refused(413, "body_too_large");
}
