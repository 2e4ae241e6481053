use std::collections::BTreeSet;

use super::*;
use crate::error::CODES;
use crate::http::openapi;

#[tokio::test]
async fn every_path_of_the_api_is_described_and_every_described_path_is_there() {
    let server = Server::start().await;
    // The router shows its paths in its debug form only.
    let shown = format!("{:?}", server.router);
    let there: BTreeSet<&str> = shown.split('"').filter(|text| text.starts_with("/api/")).collect();
    let description = serde_json::to_value(openapi::document()).unwrap();
    let described: BTreeSet<&str> = description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    println!("{} paths", there.len());
    assert!(there.len() > 10, "the debug form of the router has changed: {shown}");
    let mut expected = there.clone();
    assert!(expected.remove("/api/openapi.json"), "the description does not describe itself");
    assert_eq!(described, expected);

    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path.replace("{id}", "x").replace("{user_id}", "x");
            let status = server.call(&method.to_uppercase(), &path, None, None).await.status;
            assert!(status != StatusCode::NOT_FOUND && status != StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
    }
}

#[test]
fn every_code_is_in_the_description() {
    let description = serde_json::to_value(openapi::document()).unwrap();
    let described = &description["components"]["schemas"]["ErrorCode"];
    for code in CODES {
        assert!(
            described.to_string().contains(&format!("\"{}\"", code.as_str())),
            "{} is not in {described}",
            code.as_str()
        );
    }
}

#[test]
fn the_committed_description_is_this_one() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../web/openapi.json");
    let committed = std::fs::read_to_string(file).unwrap_or_default();
    assert!(committed == openapi::text(), "run: cargo run -p server -- openapi > web/openapi.json");
}
