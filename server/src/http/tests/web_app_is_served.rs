use super::*;

#[tokio::test]
async fn pages_of_the_app_are_its_index_and_missing_files_are_missing() {
    let server = Server::start().await;
    for page in ["/", "/setup", "/documents/0192d3c5-7e00-4abc-8def-0123456789ab", "/s/abc"] {
        let reply = server.call("GET", page, None, None).await;
        assert_eq!(reply.status, StatusCode::OK, "{page}");
        assert_eq!(reply.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
        assert_eq!(reply.header(header::CACHE_CONTROL), "no-cache");
        assert!(reply.header(header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"));
        assert!(!reply.bytes.is_empty());
        assert_eq!(server.call("HEAD", page, None, None).await.status, StatusCode::OK);
    }
    for missing in ["/logo.png", "/assets/index-0000.js", "/assets/x", "/api", "/api/nothing", "/../Cargo.toml"] {
        server.call("GET", missing, None, None).await.assert_refused(404, "not_found");
    }
    server.call("POST", "/", None, None).await.assert_refused(404, "not_found");
}

#[tokio::test]
async fn a_page_that_the_browser_has_is_not_sent_again() {
    let server = Server::start().await;
    let tag = server.call("GET", "/", None, None).await.header(header::ETAG).to_owned();
    let request = Request::get("/").header(header::IF_NONE_MATCH, tag).body(Body::empty()).unwrap();
    let reply = server.send(request).await;
    assert_eq!((reply.status, reply.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn supervisors_learn_how_it_is() {
    let server = Server::start().await;
    assert_eq!(server.call("GET", "/healthz", None, None).await.status, StatusCode::OK);
    assert_eq!(server.call("GET", "/readyz", None, None).await.status, StatusCode::OK);
    server.app.events.close();
    assert_eq!(server.call("GET", "/readyz", None, None).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.call("GET", "/healthz", None, None).await.status, StatusCode::OK);
}
