use super::*;

#[tokio::test]
async fn it_is_made_read_in_every_format_renamed_trashed_and_restored() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let text = "# Plans\n\nThe *first* step.\n";
    let body = json!({ "title": " Plans ", "content": { "format": "markdown", "text": text } });
    let made = ada.call(&server, "POST", "/api/documents", Some(body)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let document = made.json()["document"].clone();
    assert_eq!(
        (&document["title"], &document["role"], &document["seq"], &document["owner_id"]),
        (&json!("Plans"), &json!("owner"), &json!(1), &json!(ada.id))
    );
    let path = format!("/api/documents/{}", document["id"].as_str().unwrap());

    for (format, content_type, part) in [
        ("json", "application/json", "\"heading\""),
        ("markdown", "text/markdown; charset=utf-8", "# Plans"),
        ("html", "text/html; charset=utf-8", "<em>first</em>"),
        ("text", "text/plain; charset=utf-8", "The first step."),
        ("yjs", "application/octet-stream", "heading"),
    ] {
        let reply = ada.call(&server, "GET", &format!("{path}?format={format}"), None).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        assert_eq!(reply.header(header::CONTENT_TYPE), content_type);
        assert_eq!(reply.header(header::CONTENT_DISPOSITION), "attachment");
        assert!(reply.text().contains(part), "{format}: {}", reply.text());
    }

    let renamed = ada.call(&server, "PUT", &path, Some(json!({ "title": "May" }))).await;
    assert_eq!(renamed.json()["document"]["title"], "May", "{}", renamed.text());
    assert_eq!(ada.call(&server, "DELETE", &path, None).await.status, StatusCode::NO_CONTENT);
    assert!(ada.call(&server, "GET", &path, None).await.json()["document"]["deleted_at"].is_string());
    ada.call(&server, "GET", &format!("{path}?format=text"), None).await.assert_refused(410, "in_trash");
    ada.call(&server, "PUT", &path, Some(json!({ "title": "June" }))).await.assert_refused(410, "in_trash");
    ada.call(&server, "DELETE", &path, None).await.assert_refused(410, "in_trash");
    let restored = ada.call(&server, "POST", &format!("{path}/restore"), None).await;
    assert_eq!(restored.status, StatusCode::OK, "{}", restored.text());
    assert_eq!(restored.json()["document"].get("deleted_at"), None);
    let text = ada.call(&server, "GET", &format!("{path}?format=text"), None).await;
    assert!(text.text().contains("The first step."), "{}", text.text());
}

#[tokio::test]
async fn an_id_chosen_offline_is_kept_and_cannot_be_had_twice() {
    let server = Server::start().await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    let body = json!({ "title": "Train", "id": "0192d3c5-7e00-4abc-8def-0123456789ab" });
    let made = ada.call(&server, "POST", "/api/documents", Some(body.clone())).await;
    assert_eq!(made.json()["document"]["id"], body["id"], "{}", made.text());
    ben.call(&server, "POST", "/api/documents", Some(body)).await.assert_refused(409, "id_taken");
}

#[tokio::test]
async fn lists_show_views_searches_and_pages() {
    let server = Server::start().await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    for title in ["alpha", "Beta", "gamma 100%"] {
        let id = ben.document(&server, title).await;
        if title != "Beta" {
            ben.share(&server, &id, &ada, "editor").await;
        }
    }
    let gone = ben.document(&server, "gone").await;
    ben.call(&server, "DELETE", &format!("/api/documents/{gone}"), None).await;
    let titles = async |who: &Signed, query: &str| {
        let reply = who.call(&server, "GET", &format!("/api/documents?{query}"), None).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let list = reply.json();
        let titles: Vec<String> =
            list["documents"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().into()).collect();
        (titles, list["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(titles(&ben, "sort=title").await.0, ["alpha", "Beta", "gamma 100%"]);
    assert_eq!(titles(&ben, "").await.0, ["gamma 100%", "Beta", "alpha"]);
    assert_eq!(titles(&ben, "view=mine&q=ALPH").await.0, ["alpha"]);
    assert_eq!(titles(&ben, "q=%25").await.0, ["gamma 100%"], "a percent sign means itself");
    assert_eq!(titles(&ben, "view=trash").await.0, ["gone"]);
    assert_eq!(titles(&ben, "view=shared").await.0, [""; 0]);
    assert_eq!(titles(&ada, "view=shared&sort=title").await.0, ["alpha", "gamma 100%"]);
    let (first, cursor) = titles(&ben, "sort=title&limit=2").await;
    assert_eq!(first, ["alpha", "Beta"]);
    let (second, end) = titles(&ben, &format!("sort=title&limit=2&cursor={}", cursor.unwrap())).await;
    assert_eq!((second, end), (vec!["gamma 100%".into()], None));
}

#[tokio::test]
async fn roles_are_given_changed_and_taken() {
    let server = Server::start().await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    let id = ada.document(&server, "Plans").await;
    let path = format!("/api/permissions/{id}");
    let given = ada.call(&server, "POST", &path, Some(json!({ "user": "Ben@example.org", "role": "viewer" }))).await;
    assert_eq!(given.json()["permission"]["user"]["username"], "ben", "{}", given.text());
    let given = ada.call(&server, "POST", &path, Some(json!({ "user": "ben", "role": "editor" }))).await;
    assert_eq!(given.json()["permission"]["role"], "editor", "{}", given.text());
    let list = ben.call(&server, "GET", &path, None).await.json();
    let roles: Vec<&str> =
        list["permissions"].as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["owner", "editor"]);

    let nobody = json!({ "user": "nobody", "role": "editor" });
    ada.call(&server, "POST", &path, Some(nobody)).await.assert_refused(404, "person_not_found");
    let last = format!("{path}/{}", ada.id);
    ada.call(&server, "DELETE", &last, None).await.assert_refused(409, "last_owner");
    let demote = json!({ "user_id": ada.id, "role": "viewer" });
    ada.call(&server, "POST", &path, Some(demote)).await.assert_refused(409, "last_owner");

    let leave = ben.call(&server, "DELETE", &format!("{path}/{}", ben.id), None).await;
    assert_eq!(leave.status, StatusCode::NO_CONTENT, "everybody may leave: {}", leave.text());
    ben.call(&server, "GET", &format!("/api/documents/{id}"), None).await.assert_refused(404, "not_found");
}

#[tokio::test]
async fn a_person_changes_what_others_see_of_him() {
    let server = Server::start().await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    let change =
        json!({ "display_name": "Ada L.", "color": "#A0B1C2", "locale": "de-AT", "time_zone": "Europe/Vienna" });
    let changed = ada.call(&server, "PATCH", "/api/users/me", Some(change)).await;
    assert_eq!(changed.json()["user"]["display_name"], "Ada L.", "{}", changed.text());
    assert_eq!(changed.json()["user"]["color"], "#a0b1c2");
    let path = format!("/api/users/{}", ada.id);
    let seen = ben.call(&server, "GET", &path, None).await.json()["user"].clone();
    assert_eq!((&seen["display_name"], seen.get("email"), seen.get("locale")), (&json!("Ada L."), None, None));
    let own = ada.call(&server, "GET", &path, None).await.json()["user"].clone();
    assert_eq!((&own["email"], &own["time_zone"]), (&json!("ada@example.org"), &json!("Europe/Vienna")));
}

#[tokio::test]
async fn being_there_can_be_said_without_a_socket() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    let id = ada.document(&server, "Plans").await;
    for status in ["online", "idle", "offline"] {
        let reply = ada.call(&server, "POST", &format!("/api/presence/{id}"), Some(json!({ "status": status }))).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.text());
    }
}
