//! What comes in as JSON is of the schema or is refused with a code and a place; what is stored is read as it is.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crdt::content::{ContentError, Format, create, parse, read, render};
use serde_json::{Value, json};
use yrs::types::Attrs;
use yrs::{
    Any, Array, Doc, ReadTxn, StateVector, Text, Transact, TransactionMut, Xml, XmlElementPrelim, XmlFragment,
    XmlFragmentRef, XmlTextPrelim,
};

fn doc(content: Value) -> Value {
    json!({"type": "doc", "content": content})
}

#[test]
fn faults_have_a_code_and_a_place() {
    let p = json!({"type": "paragraph"});
    let text = |marks: Value| json!({"type": "text", "text": "x", "marks": marks});
    let cases = [
        (json!({"type": "paragraph"}), "content_bad_nesting", ""),
        (json!({"type": "page"}), "content_unknown_node", ""),
        (doc(json!([p, {"type": "video"}])), "content_unknown_node", "/content/1"),
        (doc(json!([{"type": "text", "text": "x"}])), "content_bad_nesting", "/content/0"),
        (doc(json!([{"type": "paragraph", "content": [p]}])), "content_bad_nesting", "/content/0/content/0"),
        (doc(json!([{"type": "bulletList", "content": [p]}])), "content_bad_nesting", "/content/0/content/0"),
        (doc(json!([{"type": "bulletList"}])), "content_bad_nesting", "/content/0"),
        (
            doc(
                json!([{"type": "bulletList", "content": [{"type": "listItem", "content": [{"type": "horizontalRule"}]}]}]),
            ),
            "content_bad_nesting",
            "/content/0/content/0/content/0",
        ),
        (
            doc(json!([{"type": "table", "content": [{"type": "tableRow", "content": [p]}]}])),
            "content_bad_nesting",
            "/content/0/content/0/content/0",
        ),
        (
            doc(json!([{"type": "codeBlock", "content": [text(json!([{"type": "bold"}]))]}])),
            "content_bad_mark",
            "/content/0/content/0",
        ),
        (
            doc(json!([{"type": "paragraph", "content": [text(json!([{"type": "blink"}]))]}])),
            "content_bad_mark",
            "/content/0/content/0",
        ),
        (doc(json!([{"type": "paragraph", "marks": [{"type": "bold"}]}])), "content_bad_mark", "/content/0"),
        (doc(json!([p, {"type": "heading", "attrs": {"level": 5}}])), "content_bad_attribute", "/content/1"),
        (doc(json!([{"type": "heading", "attrs": {"level": 1.5}}])), "content_bad_attribute", "/content/0"),
        (doc(json!([{"type": "paragraph", "attrs": {"indent": 9}}])), "content_bad_attribute", "/content/0"),
        (doc(json!([{"type": "paragraph", "attrs": {"textAlign": "middle"}}])), "content_bad_attribute", "/content/0"),
        (
            doc(json!([{"type": "image", "attrs": {"src": "data:image/png;base64,AA"}}])),
            "content_bad_attribute",
            "/content/0",
        ),
        (
            doc(
                json!([{"type": "paragraph", "content": [text(json!([{"type": "link", "attrs": {"href": "javascript:x"}}]))]}]),
            ),
            "content_bad_attribute",
            "/content/0/content/0",
        ),
        (
            doc(
                json!([{"type": "paragraph", "content": [text(json!([{"type": "textStyle", "attrs": {"color": "url(x)"}}]))]}]),
            ),
            "content_bad_attribute",
            "/content/0/content/0",
        ),
    ];
    for (json, code, path) in &cases {
        let error = parse(Format::Json, &json.to_string()).unwrap_err();
        assert_eq!((error.code(), error.path()), (*code, Some(*path)), "{json}");
        assert_eq!(create(json, 1), Err(error), "{json}");
    }
}

#[test]
fn what_is_no_node_is_refused() {
    for source in [
        "",
        "{",
        "[]",
        "3",
        "{\"type\":3}",
        "{\"type\":\"doc\",\"content\":{}}",
        "{\"type\":\"doc\"} x",
        "{\"type\":\"doc\",\"content\":[{\"type\":\"paragraph\",\"content\":[{\"type\":\"text\"}]}]}",
    ] {
        assert!(matches!(parse(Format::Json, source), Err(ContentError::Syntax(_))), "{source}");
    }
}

#[test]
fn what_an_editor_would_put_right_is_put_right() {
    let text = |text: &str, marks: Value| json!({"type": "text", "text": text, "marks": marks});
    let given =
        doc(json!([{"type": "paragraph", "attrs": {"indent": "2", "textAlign": null, "unknown": 1}, "content": [
        text("a", json!([{"type": "italic"}, {"type": "bold"}])),
        text("b", json!([{"type": "bold"}, {"type": "italic"}])),
        text("", json!([])),
        text("c", json!([{"type": "bold"}, {"type": "code"}])),
        {"type": "hardBreak", "marks": [{"type": "bold"}]}]}]));
    let put_right =
        doc(json!([{"type": "paragraph", "attrs": {"indent": 2, "textAlign": null, "dir": null}, "content": [
        text("ab", json!([{"type": "bold"}, {"type": "italic"}])),
        text("c", json!([{"type": "code"}])),
        {"type": "hardBreak"}]}]));
    assert_eq!(parse(Format::Json, &given.to_string()).unwrap(), put_right);
    assert_eq!(read(&create(&given, 1).unwrap()).unwrap(), put_right);
}

fn stored(write: impl FnOnce(&XmlFragmentRef, &mut TransactionMut<'_>)) -> Vec<u8> {
    let doc = Doc::with_options(yrs::Options { offset_kind: yrs::OffsetKind::Utf16, ..yrs::Options::default() });
    let root = doc.get_or_insert_xml_fragment("default");
    let mut txn = doc.transact_mut();
    write(&root, &mut txn);
    txn.encode_diff_v1(&StateVector::default())
}

#[test]
fn what_the_schema_does_not_know_is_kept_in_json_and_shown_as_text() {
    let update = stored(|root, txn| {
        let chart = root.insert(txn, 0, XmlElementPrelim::empty("chart"));
        chart.insert_attribute(txn, "kind", "bars");
        chart.insert_attribute(txn, "points", Any::from_json("[1, 2.5, 3.0, null]").unwrap());
        chart.insert(txn, 0, XmlTextPrelim::new("legend"));
        let paragraph = root.insert(txn, 1, XmlElementPrelim::empty("paragraph"));
        let text = paragraph.insert(txn, 0, XmlTextPrelim::new("🦀commented"));
        let mark = |id: i64| Any::from_json(&format!("{{\"id\": {id}}}")).unwrap();
        // Two marks of one kind that overlap, as y-prosemirror stores them.
        text.format(
            txn,
            2,
            9,
            Attrs::from([("comment--AbCd12+/".into(), mark(1)), ("comment--zzzzzzz=".into(), mark(2))]),
        );
        text.format(txn, 0, 2, Attrs::from([("bold".into(), Any::from_json("{}").unwrap())]));
    });
    let json = read(&update).unwrap();
    let comment = |id: u64| json!({"type": "comment", "attrs": {"id": id}});
    let expected = doc(json!([
        {"type": "chart", "attrs": {"kind": "bars", "points": [1, 2.5, 3, null]}, "content": [{"type": "text", "text": "legend"}]},
        {"type": "paragraph", "attrs": {"textAlign": null, "indent": 0, "dir": null}, "content": [
            {"type": "text", "text": "🦀", "marks": [{"type": "bold"}]},
            {"type": "text", "text": "commented", "marks": [comment(1), comment(2)]}]}]));
    assert_eq!(json, expected);
    assert_eq!(render(&json, Format::Html), "<p>legend</p>\n<p><strong>🦀</strong>commented</p>\n");
    assert_eq!(render(&json, Format::Markdown), "legend\n\n<strong>🦀</strong>commented\n");
    assert_eq!(render(&json, Format::Text), "legend\n🦀commented");
    assert_eq!(create(&json, 1).unwrap_err().code(), "content_unknown_node");
}

#[test]
fn deleted_text_and_foreign_types_are_not_read() {
    let update = stored(|root, txn| {
        let paragraph = root.insert(txn, 0, XmlElementPrelim::empty("paragraph"));
        let text = paragraph.insert(txn, 0, XmlTextPrelim::new("kept and secret"));
        text.remove_range(txn, 4, 11);
        text.insert_embed(txn, 0, Any::from_json("{\"image\": 1}").unwrap());
        paragraph.insert_attribute(txn, "indent", 3);
        paragraph.insert_attribute(txn, "indent", 4);
        paragraph.insert_attribute(txn, "unknown", 4);
        root.insert(txn, 1, XmlElementPrelim::empty("heading"));
        root.remove_range(txn, 1, 1);
        let array = yrs::ArrayRef::from(yrs::branch::BranchPtr::from(AsRef::<yrs::branch::Branch>::as_ref(root)));
        array.insert(txn, 0, "a string where nodes belong");
        array.insert(txn, 1, yrs::MapPrelim::default());
    });
    let paragraph = json!({"type": "paragraph", "attrs": {"textAlign": null, "indent": 4, "dir": null}, "content": [{"type": "text", "text": "kept"}]});
    assert_eq!(read(&update).unwrap(), doc(json!([paragraph])));
    assert!(matches!(read(&[1, 2, 3]), Err(ContentError::Unreadable(_))));
}

/// Offsets in Yjs count UTF-16 units; a mark on the wrong unit would split a character.
#[test]
fn characters_of_two_units_are_not_split() {
    let text = |text: &str, marks: Value| json!({"type": "text", "text": text, "marks": marks});
    let bold = || json!([{"type": "bold"}]);
    let content = json!([{"type": "paragraph", "attrs": {"textAlign": null, "indent": 0, "dir": null}, "content": [
        text("👩‍👩‍👧🦀", bold()), {"type": "text", "text": "漢字 🎈"}, text("مرحبا", bold()), {"type": "text", "text": "e\u{301}𝒳"}]}]);
    let doc = doc(content);
    assert_eq!(read(&create(&doc, u64::from(u32::MAX)).unwrap()).unwrap(), doc);
}
