use super::*;

fn account(name: &str) -> Value {
    json!({ "username": name, "email": format!("{name}@example.org"), "password": PASSWORD })
}

#[tokio::test]
async fn on_a_loopback_address_the_first_who_comes_administers() {
    let server = Server::start().await;
    let instance = server.call("GET", "/api/instance", None, None).await.json();
    assert_eq!((&instance["setup"], &instance["registration"]), (&json!("first_account"), &json!("open")));

    let ada = server.call("POST", "/api/users", None, Some(account("ada"))).await;
    let ben = server.call("POST", "/api/users", None, Some(account("ben"))).await;
    assert_eq!(ada.json()["user"]["is_admin"], true);
    assert_eq!(ben.json()["user"]["is_admin"], false);
    assert_eq!(server.call("GET", "/api/instance", None, None).await.json()["setup"], "done");
}

#[tokio::test]
async fn the_first_person_finds_a_document_that_shows_what_a_page_can_hold() {
    let server = Server::start().await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    let documents = ada.call(&server, "GET", "/api/documents", None).await.json()["documents"].clone();
    let [welcome] = documents.as_array().unwrap().as_slice() else { panic!("{documents}") };
    let path = format!("/api/documents/{}?format=json", welcome["id"].as_str().unwrap());
    let page = ada.call(&server, "GET", &path, None).await.json();
    let kinds: Vec<&str> =
        page["content"].as_array().unwrap().iter().map(|node| node["type"].as_str().unwrap()).collect();
    for kind in
        ["heading", "paragraph", "bulletList", "orderedList", "taskList", "table", "callout", "blockquote", "codeBlock"]
    {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
    let bens = ben.call(&server, "GET", "/api/documents", None).await.json();
    assert_eq!(bens["documents"], json!([]), "only the first person is greeted");
}

#[tokio::test]
async fn elsewhere_nothing_goes_before_the_link_made_the_first_account() {
    let server = Server::listening_on("0.0.0.0:8080", |_| {}).await;
    let link = crate::first_start::set_up_link(&server.app).await.unwrap().unwrap();
    let token = link.split_once("/setup?token=").unwrap().1.to_owned();
    assert_eq!(server.call("GET", "/api/instance", None, None).await.json()["setup"], "setup_link");
    for (method, path, body) in [
        ("POST", "/api/users", Some(account("mallory"))),
        ("POST", "/api/auth/login", Some(json!({ "username": "mallory", "password": PASSWORD }))),
        ("GET", "/api/documents", None),
        ("GET", "/api/events", None),
        ("GET", "/api/collaborate/00000000-0000-4000-8000-000000000000", None),
    ] {
        server.call(method, path, None, body).await.assert_refused(403, "setup_required");
    }

    let set_up = |token: &str, name: &str| {
        let mut body = account(name);
        body["token"] = json!(token);
        server.call("POST", "/api/setup", None, Some(body))
    };
    set_up("0123", "mallory").await.assert_refused(403, "setup_link_invalid");
    let ada = set_up(&token, "ada").await;
    assert_eq!(ada.status, StatusCode::CREATED, "{}", ada.text());
    assert_eq!(ada.json()["user"]["is_admin"], true);
    set_up(&token, "mallory").await.assert_refused(403, "setup_link_invalid");
    assert_eq!(crate::first_start::set_up_link(&server.app).await.unwrap(), None);

    let instance = server.call("GET", "/api/instance", None, None).await.json();
    assert_eq!((&instance["setup"], &instance["registration"]), (&json!("done"), &json!("closed")));
    server.call("POST", "/api/users", None, Some(account("mallory"))).await.assert_refused(403, "registration_closed");
    server.sign_in("ada").await;
}

#[tokio::test]
async fn a_loopback_address_behind_a_public_one_needs_the_link_too() {
    let proxied = |config: &mut Config| config.public_url = "https://docs.example.org".parse().unwrap();
    let server = Server::listening_on("127.0.0.1:8080", proxied).await;
    server.call("POST", "/api/users", None, Some(account("mallory"))).await.assert_refused(403, "setup_required");
    let link = crate::first_start::set_up_link(&server.app).await.unwrap().unwrap();
    assert!(link.starts_with("https://docs.example.org/setup?token="), "{link}");
}

#[tokio::test]
async fn a_new_link_ends_the_old_one() {
    let server = Server::listening_on("0.0.0.0:8080", |_| {}).await;
    let old = crate::first_start::set_up_link(&server.app).await.unwrap().unwrap();
    let new = crate::first_start::set_up_link(&server.app).await.unwrap().unwrap();
    let mut body = account("ada");
    body["token"] = json!(old.split_once("token=").unwrap().1);
    server.call("POST", "/api/setup", None, Some(body.clone())).await.assert_refused(403, "setup_link_invalid");
    body["token"] = json!(new.split_once("token=").unwrap().1);
    assert_eq!(server.call("POST", "/api/setup", None, Some(body)).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn names_and_addresses_are_taken_whatever_their_case() {
    let server = Server::start().await;
    server.sign_up("ada").await;
    let mut again = account("ADA");
    again["email"] = json!("other@example.org");
    server.call("POST", "/api/users", None, Some(again)).await.assert_refused(409, "username_taken");
    let mut again = account("other");
    again["email"] = json!("Ada@Example.org");
    server.call("POST", "/api/users", None, Some(again)).await.assert_refused(409, "email_taken");
}
