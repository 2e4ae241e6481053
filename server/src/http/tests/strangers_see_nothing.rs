use super::*;

/// Every call about one document; `ID` and `USER` stand for the ids in question.
fn calls() -> Vec<(&'static str, &'static str, Option<Value>)> {
    vec![
        ("GET", "/api/documents/ID", None),
        ("GET", "/api/documents/ID?format=text", None),
        ("PUT", "/api/documents/ID", Some(json!({ "title": "mine now" }))),
        ("DELETE", "/api/documents/ID", None),
        ("POST", "/api/documents/ID/restore", None),
        ("GET", "/api/permissions/ID", None),
        ("POST", "/api/permissions/ID", Some(json!({ "user_id": "USER", "role": "owner" }))),
        ("DELETE", "/api/permissions/ID/USER", None),
        ("POST", "/api/collaborate/ID", None),
        ("POST", "/api/presence/ID", Some(json!({ "status": "online" }))),
    ]
}

async fn all(server: &Server, who: Option<&Signed>, id: &str, user: &str) -> Vec<(u16, String)> {
    let mut answers = Vec::new();
    for (method, path, body) in calls() {
        let path = path.replace("ID", id).replace("USER", user);
        let body = body.map(|body| body.to_string().replace("USER", user).parse().unwrap());
        let reply = server.call(method, &path, who.map(|who| who.token.as_str()), body).await;
        answers.push(reply.refusal());
    }
    answers
}

#[tokio::test]
async fn a_document_of_others_looks_like_none() {
    let server = Server::start().await;
    let (ada, mallory) = (server.sign_up("ada").await, server.sign_up("mallory").await);
    let id = ada.document(&server, "Secret").await;
    let none = "0192d3c5-7e00-4abc-8def-0123456789ab";
    let of_others = all(&server, Some(&mallory), &id, &mallory.id).await;
    assert_eq!(of_others, vec![(404, "not_found".to_owned()); calls().len()]);
    assert_eq!(of_others, all(&server, Some(&mallory), none, &mallory.id).await);
    assert_eq!(
        ada.call(&server, "GET", &format!("/api/documents/{id}"), None).await.json()["document"]["title"],
        "Secret"
    );
}

#[tokio::test]
async fn without_a_token_there_is_no_answer() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let id = ada.document(&server, "Secret").await;
    assert_eq!(all(&server, None, &id, &ada.id).await, vec![(401, "unauthenticated".to_owned()); calls().len()]);
    for (method, path) in [("GET", "/api/documents"), ("GET", "/api/users/me"), ("PATCH", "/api/users/me")] {
        server.call(method, path, None, None).await.assert_refused(401, "unauthenticated");
        server.call(method, path, Some("not.a.token"), None).await.assert_refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn readers_and_editors_do_what_their_role_permits() {
    let server = Server::start().await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    let id = ada.document(&server, "Plans").await;
    let ok = || (200, String::new());
    let no_content = || (204, String::new());
    let forbidden = || (403, "forbidden".to_owned());

    ada.share(&server, &id, &ben, "viewer").await;
    let [look, read, rename, trash, restore, people, share, take, ticket, presence] =
        all(&server, Some(&ben), &id, &ada.id).await.try_into().unwrap();
    assert_eq!([look, read, people, ticket], [ok(), ok(), ok(), ok()]);
    assert_eq!(presence, no_content());
    assert_eq!(
        [rename, trash, restore, share, take],
        [forbidden(), forbidden(), forbidden(), forbidden(), forbidden()]
    );

    ada.share(&server, &id, &ben, "editor").await;
    let [_, _, rename, trash, restore, _, share, take, ..] =
        <[(u16, String); 10]>::try_from(all(&server, Some(&ben), &id, &ada.id).await).unwrap();
    assert_eq!(rename, ok());
    assert_eq!([trash, restore, share, take], [forbidden(), forbidden(), forbidden(), forbidden()]);

    // In the trash it is there for its owners only.
    ada.call(&server, "DELETE", &format!("/api/documents/{id}"), None).await;
    assert_eq!(all(&server, Some(&ben), &id, &ada.id).await, vec![(404, "not_found".to_owned()); calls().len()]);
}
