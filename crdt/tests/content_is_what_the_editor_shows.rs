//! The JSON of a stored document is the JSON that the editor gives for it, and a created document is stored as the
//! editor would store it.
//!
//! `content/editor.json` was made by the real editor (yjs 13.6.33, TipTap 3.31.3 with the web app's schema, y-tiptap
//! 3.0.9): set, then edited by two replicas, so that it has tombstones, split texts and formats that cancel each other.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crdt::content::{self, Format, schema};
use serde_json::{Value, json};
use yrs::updates::decoder::Decode;
use yrs::{GetString, ReadTxn, Transact};

fn editor() -> (Vec<u8>, Value) {
    let fixture: Value = serde_json::from_str(include_str!("content/editor.json")).unwrap();
    (bytes(fixture["update"].as_str().unwrap()), fixture["json"].clone())
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// The editor leaves `attrs` out where there is none, and so do we.
#[test]
fn read_gives_the_json_of_the_editor() {
    let (update, json) = editor();
    assert_eq!(content::read(&update).unwrap(), json);
}

#[test]
fn a_created_document_reads_as_it_was_given() {
    let (_, json) = editor();
    let update = content::create(&json, 42).unwrap();
    assert_eq!(content::read(&update).unwrap(), json);
    assert_eq!(content::parse(Format::Json, &json.to_string()).unwrap(), json);
}

/// Every element, attribute and text as y-prosemirror stores it: yrs prints both documents alike.
#[test]
fn a_created_document_has_the_shape_of_the_editors() {
    let (update, json) = editor();
    let print = |update: &[u8]| {
        let doc = yrs::Doc::new();
        let root = doc.get_or_insert_xml_fragment("default");
        let mut txn = doc.transact_mut();
        txn.apply_update(yrs::Update::decode_v1(update).unwrap()).unwrap();
        assert!(!txn.has_missing_updates());
        let printed = root.get_string(&txn);
        // Attributes are printed in no order.
        let mut characters: Vec<char> = printed.chars().collect();
        characters.sort_unstable();
        (printed.len(), characters)
    };
    assert_eq!(print(&content::create(&json, 42).unwrap()), print(&update));
}

#[test]
fn an_empty_fragment_is_the_empty_paragraph_that_the_editor_shows() {
    let paragraph = json!({"type": "paragraph", "attrs": {"textAlign": null, "indent": 0, "dir": null}});
    let doc = json!({"type": "doc", "content": [paragraph]});
    assert_eq!(content::read(&[0, 0]).unwrap(), doc);
    assert_eq!(content::parse(Format::Json, r#"{"type":"doc"}"#).unwrap(), doc);
}

/// `content/schema.json` is what the web app compares its schema with.
#[test]
fn the_schema_is_as_described() {
    let described: Value = serde_json::from_str(include_str!("content/schema.json")).unwrap();
    assert_eq!(schema::describe(), described, "write this:\n{:#}", schema::describe());
}
