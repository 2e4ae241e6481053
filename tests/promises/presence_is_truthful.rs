//! Who is here is who is here: names from the server, gone when the connection is gone, back at once after a return.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::socket::{Frame, Next, presence_states};
use tests::{Client, Socket};

use crate::ada_and_ben;

#[tokio::test(flavor = "multi_thread")]
async fn people_see_each_other_come_and_go() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let mut hers = Client::start("ada");
    hers.connect(&ada.ticket(&document).await, json!({ "presence": { "name": "somebody else" } })).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    his.ask("until_present", json!({ "client_id": hers.id, "contains": "\"name\":\"ada\"" })).await;
    hers.ask("until_present", json!({ "client_id": his.id })).await;
    let present = his.ask("present", json!({})).await;
    assert_eq!(present[hers.id.to_string()]["user"]["id"], ada.id.as_str(), "{present}");

    // Killed without a word: gone for the others within seconds, not after the client's own 30.
    let id = hers.id;
    let gone = Instant::now();
    hers.kill().await;
    his.ask("until_present", json!({ "client_id": id, "gone": true })).await;
    println!("gone after {} ms", gone.elapsed().as_millis());
    assert!(gone.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_returns_is_visible_at_once() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    his.ask("until_present", json!({ "client_id": hers.id })).await;
    for pause_ms in [0, 2600] {
        hers.ask("disconnect", json!({})).await;
        // Once before the server has taken her away (2 s), once after.
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let back = Instant::now();
        hers.ask("reconnect", json!({})).await;
        hers.ask("synced", json!({})).await;
        his.ask("until_present", json!({ "client_id": hers.id })).await;
        let took = back.elapsed();
        println!("away for {pause_ms} ms, visible {} ms after the return", took.as_millis());
        assert!(took < Duration::from_secs(5), "invisible for {} ms", took.as_millis());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_set_over_http_is_shown() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    let his = Client::open("ben", &ben.ticket(&document).await).await;
    for status in ["idle", "online"] {
        let (answer, body) = ada.post(&format!("/api/presence/{document}"), json!({ "status": status })).await;
        assert_eq!(answer, 204, "{body}");
        // The server never raises a client's clock: it is shown with her next sign of life, which comes every 15 s by
        // itself, or when she does something.
        if status == "online" {
            hers.ask("presence", json!({ "state": { "cursor": null } })).await;
        }
        his.ask("until_present", json!({ "client_id": hers.id, "contains": format!("\"status\":\"{status}\"") })).await;
    }
    let (answer, body) = ada.post(&format!("/api/presence/{document}"), json!({ "status": "asleep" })).await;
    assert!(answer.is_client_error(), "{answer} {body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_is_told_who_is_here_and_hears_himself() {
    let (_server, ada, ben, document) = ada_and_ben(&[]).await;
    let hers = Client::open("ada", &ada.ticket(&document).await).await;
    let (mut socket, _) = Socket::join(&ben.ticket(&document).await).await;
    let mut known = false;
    while !known {
        if let Next::Frame(Frame::Presence(payload)) = socket.next().await {
            known = presence_states(&payload).iter().any(|(client, state)| *client == hers.id && state != "null");
        }
    }
    // Stock clients take the echo of their own presence as the sign of life.
    socket.send(&tests::socket::presence_frame(41, 1, "{}")).await;
    let mut heard = false;
    while !heard {
        if let Next::Frame(Frame::Presence(payload)) = socket.next().await {
            heard = presence_states(&payload).iter().any(|(client, _)| *client == 41);
        }
    }
}
