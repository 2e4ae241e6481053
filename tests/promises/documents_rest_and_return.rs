//! A document's life over HTTP: made from content, listed, read in five formats, renamed, trashed and restored.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{Client, Person, Socket};
use uuid::Uuid;

use crate::{ada_and_a_document, ada_and_ben};

const MARKDOWN: &str =
    "# Plan\n\nBuy **milk** and [bread](https://example.org).\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";

#[tokio::test(flavor = "multi_thread")]
async fn five_formats_say_the_same() {
    let (_server, ada, _) = ada_and_a_document(&[]).await;
    let document =
        ada.new_document_with(json!({ "title": "Plan", "content": { "format": "markdown", "text": MARKDOWN } })).await;
    let kinds = [
        ("json", "application/json"),
        ("markdown", "text/markdown"),
        ("html", "text/html"),
        ("text", "text/plain"),
        ("yjs", "application/octet-stream"),
    ];
    for (format, kind) in kinds {
        let (status, given, body) = ada.get_raw(&format!("/api/documents/{document}?format={format}")).await;
        assert_eq!(status, 200, "{format}");
        assert!(given.starts_with(kind), "{format} comes as {given}");
        for word in ["Plan", "milk", "one", "two"] {
            assert!(
                tests::socket::contains(&body, word.as_bytes()),
                "{format} lacks {word}: {}",
                String::from_utf8_lossy(&body)
            );
        }
    }
    let (_, json_of) = ada.get(&format!("/api/documents/{document}?format=json")).await;
    assert_eq!(json_of["type"], "doc");
    for node in ["heading", "bold", "link", "bulletList", "table"] {
        assert!(json_of.to_string().contains(&format!("\"{node}\"")), "{node} in {json_of}");
    }
    // What stock Yjs makes of the same document.
    let client = Client::open("ada", &ada.ticket(&document).await).await;
    let page = client.ask("page", json!({})).await;
    assert!(page.to_string().contains("milk"), "{page}");

    // Each of the three formats that can be read back gives the same document.
    for format in ["json", "markdown", "html"] {
        let (_, _, body) = ada.get_raw(&format!("/api/documents/{document}?format={format}")).await;
        let text = String::from_utf8(body).expect("text");
        let copy =
            ada.new_document_with(json!({ "title": "Copy", "content": { "format": format, "text": text } })).await;
        let (_, json_of_copy) = ada.get(&format!("/api/documents/{copy}?format=json")).await;
        assert_eq!(json_of_copy, json_of, "through {format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_chosen_by_the_client_is_taken_once() {
    let (_server, ada, _) = ada_and_a_document(&[]).await;
    let id = Uuid::new_v4().to_string();
    assert_eq!(ada.new_document_with(json!({ "title": "Begun offline", "id": id })).await, id);
    let (status, body) = ada.post("/api/documents", json!({ "title": "Again", "id": id })).await;
    assert_eq!(status, StatusCode::CONFLICT, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_title_and_the_lists() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let (status, body) =
        ada.call(Method::PUT, &format!("/api/documents/{document}"), Some(json!({ "title": "Minutes of May" }))).await;
    assert_eq!(status, 200, "{body}");
    assert!(titles(&ada, "mine").await.contains(&"Minutes of May".to_string()));
    assert!(titles(&ben, "shared").await.contains(&"Minutes of May".to_string()));
    assert!(!titles(&ben, "mine").await.contains(&"Minutes of May".to_string()));
    let (_, found) = ada.get("/api/documents?view=mine&q=May").await;
    assert_eq!(found["documents"].as_array().map(Vec::len), Some(1), "{found}");
    // Many, page by page: each exactly once.
    for n in 0..45 {
        ada.new_document(&format!("Paged {n}")).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let (status, page) = ada.get(&format!("/api/documents?view=mine&q=Paged&cursor={cursor}")).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["documents"].as_array().expect("a list").iter().map(|one| one["id"].to_string()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_string(),
            None => break,
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), count), (45, 45));
}

#[tokio::test(flavor = "multi_thread")]
async fn trashing_closes_the_sockets_and_restoring_brings_all_back() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    his.insert("before the trash").await;
    his.saved().await;
    let ticket = ben.ticket(&document).await;

    let (status, body) = ben.delete(&format!("/api/documents/{document}")).await;
    assert!(status.is_client_error(), "an editor trashes somebody's document: {body}");
    assert_eq!(ada.delete(&format!("/api/documents/{document}")).await.0, StatusCode::NO_CONTENT);
    let (code, reason) = his.closed(&[4404]).await;
    println!("the socket of the trashed document: {code} {reason}");
    assert!(titles(&ada, "trash").await.contains(&"Minutes".to_string()));
    assert!(!titles(&ada, "mine").await.contains(&"Minutes".to_string()));
    // Neither the old ticket nor a new one opens it.
    let mut socket = Socket::open(&ticket).await;
    assert_eq!(socket.closed().await.0, 4404);
    assert_eq!(ben.post(&format!("/api/collaborate/{document}"), json!({})).await.0, 404);

    let (status, body) = ada.post(&format!("/api/documents/{document}/restore"), json!({})).await;
    assert_eq!(status, 200, "{body}");
    let back = Client::open("ben", &ben.ticket(&document).await).await;
    back.until_text(json!({ "equals": "before the trash" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_account_finds_a_welcome_document() {
    let (_server, ada, _) = ada_and_a_document(&[]).await;
    let (_, list) = ada.get("/api/documents?view=recent").await;
    let welcome = list["documents"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["title"].as_str().is_some_and(|title| title.to_lowercase().contains("welcome")));
    let welcome = welcome.unwrap_or_else(|| panic!("no welcome document in {list}"));
    let (_, content) = ada.get(&format!("/api/documents/{}?format=json", welcome["id"].as_str().expect("an id"))).await;
    for node in ["heading", "taskList", "table", "callout"] {
        assert!(content.to_string().contains(&format!("\"{node}\"")), "the welcome document shows no {node}");
    }
}

async fn titles(person: &Person, view: &str) -> Vec<String> {
    let (status, list) = person.get(&format!("/api/documents?view={view}")).await;
    assert_eq!(status, 200, "{list}");
    let of = |one: &Value| one["title"].as_str().expect("a title").to_string();
    list["documents"].as_array().expect("a list").iter().map(of).collect()
}
