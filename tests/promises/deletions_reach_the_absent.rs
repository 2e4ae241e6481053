//! A state vector says nothing about deletions, and integration deletes by itself: both must reach who was away, and
//! neither may throw out an honest reader.

use serde_json::json;
use tests::{Client, Person};

use crate::{a_snapshot, ada_and_ben, seq_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_made_while_ben_was_away_reaches_him() {
    let (server, ada, ben, document) = ada_and_ben(&[("STET_ROOM_IDLE", "1s")]).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    hers.insert("one two three").await;
    his.until_text(json!({ "equals": "one two three" })).await;
    his.ask("disconnect", json!({})).await;
    hers.ask("delete", json!({ "at": 3, "length": 4 })).await;
    hers.saved().await;

    // First from the tail of the open room.
    his.ask("reconnect", json!({})).await;
    his.until_text(json!({ "equals": "one three" })).await;
    his.ask("disconnect", json!({})).await;
    hers.ask("delete", json!({ "at": 0, "length": 4 })).await;
    hers.saved().await;
    hers.kill().await;

    // Then from a snapshot, into which the deletion has been folded.
    let seq = seq_of(&ada, &document).await;
    a_snapshot(&server).await;
    his.ask("reconnect", json!({})).await;
    his.until_text(json!({ "equals": "three" })).await;
    assert_eq!(seq_of(&ada, &document).await, seq, "coming back wrote something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_of_what_deleted_itself_may_come_back() {
    let (server, ada, ben, document) = ada_and_ben(&[]).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    hers.ask("blocks", json!({ "blocks": [{ "name": "paragraph", "text": "aligned how?" }] })).await;
    his.ask("until_page", json!({ "contains": "aligned how?" })).await;

    // Two attribute sets of the same moment: one loses, and no update on the wire says that it was deleted.
    for client in [&hers, &his] {
        client.ask("disconnect", json!({})).await;
    }
    hers.ask("attribute", json!({ "path": [0], "name": "textAlign", "value": "left" })).await;
    his.ask("attribute", json!({ "path": [0], "name": "textAlign", "value": "right" })).await;
    for client in [&hers, &his] {
        client.ask("reconnect", json!({})).await;
        client.ask("saved", json!({})).await;
    }
    let winner = if hers.id > his.id { "left" } else { "right" };
    for client in [&hers, &his] {
        client.ask("until_page", json!({ "contains": winner })).await;
    }

    let carol = Person::register(&server, "carol").await;
    ada.share(&document, &carol, "viewer").await;
    let viewer = Client::open("carol", &carol.ticket(&document).await).await;
    let seq = seq_of(&ada, &document).await;
    for _ in 0..3 {
        viewer.ask("disconnect", json!({})).await;
        viewer.ask("reconnect", json!({})).await;
        viewer.ask("synced", json!({})).await;
    }
    // A live edit after the last return: she is still there and has missed nothing.
    hers.ask("blocks", json!({ "blocks": [{ "name": "paragraph", "text": "still here" }] })).await;
    viewer.ask("until_page", json!({ "contains": "still here" })).await;
    let closes = viewer.ask("closes", json!({})).await;
    let refused =
        closes.as_array().expect("a list").iter().filter(|close| close["code"].as_u64() >= Some(4000)).count();
    assert_eq!(refused, 0, "an honest viewer was thrown out: {closes}");
    assert_eq!(seq_of(&ada, &document).await, seq + 1, "only the live edit may have made a row");
}

#[tokio::test(flavor = "multi_thread")]
async fn text_typed_into_a_struck_paragraph_is_gone_for_all() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    hers.ask(
        "blocks",
        json!({ "blocks": [{ "name": "paragraph", "text": "old" }, { "name": "paragraph", "text": "stays" }] }),
    )
    .await;
    his.ask("until_page", json!({ "contains": "stays" })).await;
    his.ask("disconnect", json!({})).await;
    his.ask("write", json!({ "path": [0, 0], "at": 3, "text": " and lost" })).await;
    hers.ask("remove_blocks", json!({ "at": 0, "length": 1 })).await;
    hers.saved().await;
    his.ask("reconnect", json!({})).await;
    his.ask("until_page", json!({ "lacks": "old" })).await;
    his.saved().await;
    let third = Client::open("third", &ada.ticket(&document).await).await;
    let pages =
        [hers.ask("page", json!({})).await, his.ask("page", json!({})).await, third.ask("page", json!({})).await];
    assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    let (_, stored) = ada.get(&format!("/api/documents/{document}?format=json")).await;
    assert!(stored.to_string().contains("stays") && !stored.to_string().contains("lost"), "{stored}");
}
