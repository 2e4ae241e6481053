//! Accepts connections and speaks HTTP/1.1 on them, until the server is told to stop.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tower::Service;

/// How long a connection may take to send the head of its next request. Longer than proxies keep theirs open (60 s in
/// nginx), so that it is they who close.
const HEAD_TIME_MAX: Duration = Duration::from_secs(75);

/// How long requests in flight may take after the server was told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(10);

/// How long nothing is accepted after the system had no room for another connection.
const NO_ROOM_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `stop`, then lets the requests in flight end.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_MAX);
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, address) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut stop => break,
        };
        let router = router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(address));
            router.clone().call(request)
        });
        let connection = http.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    if timeout(LAST_REQUESTS, open.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // Small frames go out at once; else they wait for the acknowledgement of the one before.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection keeps its delay");
                }
                return (stream, address);
            }
            Err(error) if is_of_one_connection(&error) => tracing::debug!(%error, "a connection was not made"),
            Err(error) => {
                // Out of files, most likely. No event tells when there is room again.
                tracing::warn!(%error, "no connection can be accepted");
                sleep(NO_ROOM_PAUSE).await;
            }
        }
    }
}

fn is_of_one_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
