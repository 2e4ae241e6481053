//! `WS /api/events` tells what happens around documents, from a position on, and only to whom it concerns.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Client, Person, Server, soon};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

use crate::ada_and_ben;

struct Events(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Events {
    /// Opens the channel behind a position; gives the position of the hello.
    async fn open(server: &Server, person: &Person, since: Option<i64>) -> (Events, i64) {
        let since = since.map(|seq| format!("since={seq}&")).unwrap_or_default();
        let address = format!("ws://{}/api/events?{since}token={}", server.address(), person.token);
        let (stream, _) =
            soon("the channel to open", tokio_tungstenite::connect_async(address)).await.expect("an upgrade");
        let mut events = Events(stream);
        let hello = events.next().await;
        assert_eq!(hello["kind"], "hello", "{hello}");
        (events, hello["seq"].as_i64().expect("a position"))
    }

    async fn next(&mut self) -> Value {
        loop {
            match soon("an event", self.0.next()).await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).expect("JSON"),
                Some(Ok(Message::Close(close))) => panic!("closed: {close:?}"),
                Some(Ok(_)) => {}
                other => panic!("the channel ended: {other:?}"),
            }
        }
    }

    async fn until(&mut self, kind: &str) -> Value {
        soon(kind, async {
            loop {
                let event = self.next().await;
                if event["kind"] == kind {
                    return event;
                }
            }
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn live_and_from_a_position() {
    let (server, ada, ben, document) = ada_and_ben(&[]).await;
    let (mut hers, start) = Events::open(&server, &ada, None).await;
    let (mut his, _) = Events::open(&server, &ben, None).await;

    let secret = ada.new_document("Only Ada's").await;
    ada.call(Method::PUT, &format!("/api/documents/{document}"), Some(json!({ "title": "Renamed" }))).await;
    let created = hers.until("document.created").await;
    assert_eq!(created["document_id"], secret.as_str(), "{created}");
    let renamed = his.until("document.renamed").await;
    assert_eq!(renamed["document_id"], document.as_str());
    assert_eq!(renamed["actor_id"], ada.id.as_str());
    hers.until("document.renamed").await;

    ada.delete(&format!("/api/documents/{document}")).await;
    his.until("document.trashed").await;
    ada.post(&format!("/api/documents/{document}/restore"), json!({})).await;
    his.until("document.restored").await;

    // From the position of the hello everything comes again, in order, with no gap that she may not see.
    let (mut again, _) = Events::open(&server, &ada, Some(start)).await;
    let mut kinds = Vec::new();
    let mut last = start;
    while kinds.last().map(String::as_str) != Some("document.restored") {
        let event = again.next().await;
        let seq = event["seq"].as_i64().expect("a seq");
        assert!(seq > last, "out of order: {seq} after {last}");
        last = seq;
        kinds.push(event["kind"].as_str().expect("a kind").to_string());
    }
    for kind in ["document.created", "document.renamed", "document.trashed", "document.restored"] {
        assert!(kinds.iter().any(|seen| seen == kind), "{kind} is missing from {kinds:?}");
    }

    // Ben may never hear of what is not shared with him.
    let (mut all_of_his, _) = Events::open(&server, &ben, Some(0)).await;
    while let Ok(event) = tokio::time::timeout(Duration::from_millis(500), all_of_his.next()).await {
        assert_ne!(event["document_id"], secret.as_str(), "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sharing_is_told_to_the_one_it_is_shared_with() {
    let (server, ada, ben, _) = ada_and_ben(&[]).await;
    let (mut his, _) = Events::open(&server, &ben, None).await;
    let document = ada.new_document("New for Ben").await;
    ada.share(&document, &ben, "viewer").await;
    let told = his.until("grant.changed").await;
    assert_eq!(told["document_id"], document.as_str());
    ada.unshare(&document, &ben).await;
    let told = his.until("grant.revoked").await;
    assert_eq!(told["document_id"], document.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_told_without_its_text() {
    let (server, ada, ben, document) = ada_and_ben(&[]).await;
    let (mut his, _) = Events::open(&server, &ben, None).await;
    let client = Client::open("ada", &ada.ticket(&document).await).await;
    client.insert("words of the document").await;
    client.saved().await;
    let told = his.until("document.edited").await;
    assert_eq!(
        (told["document_id"].as_str(), told["actor_id"].as_str()),
        (Some(document.as_str()), Some(ada.id.as_str()))
    );
    assert!(!told.to_string().contains("words of"), "{told}");
}
