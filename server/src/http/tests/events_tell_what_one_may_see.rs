use std::time::Duration;

use futures_util::StreamExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::*;

/// How long a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(10);

struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    async fn open(address: std::net::SocketAddr, query: &str) -> Live {
        let (socket, _) = connect_async(format!("ws://{address}/api/events?{query}")).await.unwrap();
        Live { socket }
    }

    async fn message(&mut self) -> Message {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.unwrap().unwrap().unwrap() {
                Message::Ping(_) => {}
                message => return message,
            }
        }
    }

    async fn event(&mut self) -> Value {
        let message = self.message().await;
        let Message::Text(text) = message else { panic!("{message:?}") };
        serde_json::from_str(&text).unwrap()
    }

    async fn close_code(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.message().await {
                return frame.unwrap().code.into();
            }
        }
    }
}

async fn listen(server: &Server) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.router.clone();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

#[tokio::test]
async fn a_reader_hears_of_his_documents_and_of_no_others() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let (ada, ben) = (server.sign_up("ada").await, server.sign_up("ben").await);
    let mut live = Live::open(address, &format!("token={}", ben.token)).await;
    let hello = live.event().await;
    assert_eq!(hello["kind"], "hello");

    let secret = ada.document(&server, "Secret").await;
    let plans = ada.document(&server, "Plans").await;
    ada.share(&server, &plans, &ben, "viewer").await;
    ada.call(&server, "PUT", &format!("/api/documents/{plans}"), Some(json!({ "title": "May" }))).await;
    ada.call(&server, "PUT", &format!("/api/documents/{secret}"), Some(json!({ "title": "Hidden" }))).await;
    ada.call(&server, "DELETE", &format!("/api/permissions/{plans}/{}", ben.id), None).await;
    ada.call(&server, "PUT", &format!("/api/documents/{plans}"), Some(json!({ "title": "Gone" }))).await;
    let own = ben.document(&server, "Own").await;

    let mut heard = Vec::new();
    while heard.last().is_none_or(|(_, document): &(String, String)| *document != own) {
        let event = live.event().await;
        assert!(!event.to_string().contains("Hidden") && !event.to_string().contains("Gone"), "{event}");
        assert_ne!(event["document_id"], json!(secret), "{event}");
        heard.push((event["kind"].as_str().unwrap().into(), event["document_id"].as_str().unwrap().into()));
    }
    let kinds: Vec<&str> = heard.iter().map(|(kind, _)| kind.as_str()).collect();
    // What happened while he had the role may come or not, depending on when it was read; what is about him must come.
    for kind in ["grant.changed", "grant.revoked"] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
}

#[tokio::test]
async fn after_a_break_the_reader_goes_on_from_his_position() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let ada = server.sign_up("ada").await;
    let mut live = Live::open(address, &format!("token={}", ada.token)).await;
    let position = live.event().await["seq"].as_i64().unwrap();
    drop(live);
    let first = ada.document(&server, "First").await;
    let second = ada.document(&server, "Second").await;

    let mut again = Live::open(address, &format!("since={position}&token={}", ada.token)).await;
    assert_eq!(again.event().await["kind"], "hello");
    let events = [again.event().await, again.event().await];
    let documents: Vec<&str> = events.iter().map(|event| event["document_id"].as_str().unwrap()).collect();
    assert_eq!(documents, [first.as_str(), second.as_str()]);
    assert!(events[0]["seq"].as_i64() < events[1]["seq"].as_i64());
    assert_eq!(events[0]["payload"]["title"], "First");
}

#[tokio::test]
async fn the_socket_closes_with_its_session_and_with_the_server() {
    let server = Server::start().await;
    let address = listen(&server).await;
    let ada = server.sign_up("ada").await;
    let staying = server.sign_in("ada").await;
    let mut live = Live::open(address, &format!("token={}", ada.token)).await;
    let mut other = Live::open(address, &format!("token={}", staying.token)).await;
    live.event().await;
    other.event().await;
    ada.call(&server, "POST", "/api/auth/logout", None).await;
    assert_eq!(live.close_code().await, 4401);
    assert_eq!(Live::open(address, &format!("token={}", ada.token)).await.close_code().await, 4401);
    assert_eq!(Live::open(address, "").await.close_code().await, 4401);
    server.app.events.close();
    assert_eq!(other.close_code().await, 1012);
}
