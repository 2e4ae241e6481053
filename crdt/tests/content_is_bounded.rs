//! Nothing that comes from outside exhausts the stack or runs without end. Threads here have the 2 MiB that a worker has.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use crdt::content::{ContentError, DEPTH_LEVELS_MAX, Format, NODES_MAX, SOURCE_BYTES_MAX, create, parse, read, render};
use serde_json::{Value, json};
use yrs::{Doc, ReadTxn, StateVector, Transact, XmlElementPrelim, XmlFragment};

fn on_a_worker<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(work).unwrap().join().unwrap()
}

/// A stored document of quotes in quotes.
fn nested(levels: usize) -> Vec<u8> {
    let doc = Doc::new();
    let root = doc.get_or_insert_xml_fragment("default");
    let mut txn = doc.transact_mut();
    let mut quote = root.insert(&mut txn, 0, XmlElementPrelim::empty("blockquote"));
    for _ in 1..levels {
        quote = quote.insert(&mut txn, 0, XmlElementPrelim::empty("blockquote"));
    }
    txn.encode_diff_v1(&StateVector::default())
}

fn nested_json(levels: usize) -> String {
    let open = r#"{"type":"blockquote","content":["#.repeat(levels);
    format!(r#"{{"type":"doc","content":[{open}{{"type":"paragraph"}}{}]}}"#, "]}".repeat(levels))
}

#[test]
fn a_stored_document_of_any_depth_is_read_or_refused() {
    let deep = nested(5_000);
    assert_eq!(on_a_worker(move || read(&deep)), Err(ContentError::TooDeep));
    let allowed = nested(DEPTH_LEVELS_MAX - 1);
    let lengths = on_a_worker(move || {
        let doc = read(&allowed).unwrap();
        [Format::Json, Format::Html, Format::Markdown, Format::Text].map(|format| render(&doc, format).len())
    });
    assert!(lengths[0] > DEPTH_LEVELS_MAX, "{lengths:?}");
}

#[test]
fn a_source_of_any_depth_is_parsed_or_refused() {
    let sources = [
        (Format::Json, nested_json(5_000)),
        (Format::Json, "[".repeat(1_000_000)),
        (Format::Html, "<blockquote>".repeat(5_000)),
        (Format::Html, "<b>".repeat(1_000_000)),
        (Format::Html, "<table><tr><td>".repeat(5_000)),
        (Format::Html, "<ul><li>".repeat(5_000)),
        (Format::Markdown, ">".repeat(SOURCE_BYTES_MAX)),
        (Format::Markdown, "<u>".repeat(5_000)),
    ];
    for (format, source) in sources {
        let start: String = source.chars().take(20).collect();
        assert_eq!(on_a_worker(move || parse(format, &source)), Err(ContentError::TooDeep), "{format:?} {start}");
    }
    for format in [Format::Json, Format::Html, Format::Markdown] {
        let levels = DEPTH_LEVELS_MAX - 2;
        let source = match format {
            Format::Json => nested_json(levels),
            Format::Html => "<blockquote>".repeat(levels),
            _ => "> ".repeat(levels) + "text",
        };
        let again = on_a_worker(move || {
            let doc = parse(format, &source).unwrap();
            read(&create(&doc, 1).unwrap()).unwrap() == doc && render(&doc, format).len() > levels
        });
        assert!(again, "{format:?}");
    }
}

/// `render` takes any JSON. What is too deep is left out.
#[test]
fn json_of_any_depth_and_form_is_rendered() {
    let mut deep = json!({"type": "paragraph"});
    for _ in 0..1_000 {
        deep = json!({"type": "blockquote", "content": [deep]});
    }
    let odd = [
        json!(null),
        json!({"type": "doc", "content": 3}),
        json!({"type": "doc", "content": [1, {"type": 2}, {"type": "text"}, {"type": "paragraph", "marks": [0], "attrs": []}]}),
        json!({"type": "table", "content": [{"type": "tableRow", "content": [
            {"type": "tableCell", "attrs": {"colspan": 1_000_000_000u64, "rowspan": -1}},
            {"type": "tableCell", "attrs": {"colspan": "x", "rowspan": 1e300}}]}]}),
        json!({"type": "orderedList", "attrs": {"start": u64::MAX}, "content": [{"type": "listItem"}, {"type": "listItem"}]}),
        json!({"type": "codeBlock"}),
        json!({"type": "text", "text": "x"}),
        deep,
    ];
    let rendered = odd.iter().filter(|doc| {
        let doc: Value = (*doc).clone();
        on_a_worker(move || {
            [Format::Json, Format::Html, Format::Markdown, Format::Text]
                .iter()
                .all(|&format| render(&doc, format).len() < 100_000)
        })
    });
    assert_eq!(rendered.count(), odd.len());
}

#[test]
fn too_much_is_refused() {
    let cases = [
        (Format::Text, "a".repeat(SOURCE_BYTES_MAX + 1), ContentError::TooLarge),
        (Format::Text, "\n".repeat(NODES_MAX + 1), ContentError::TooManyNodes),
        (Format::Html, "<hr>".repeat(NODES_MAX + 1), ContentError::TooManyNodes),
        // What could be attributes; html5ever compares each with all before it.
        (Format::Html, format!("<a{}", " ".repeat(SOURCE_BYTES_MAX / 2)), ContentError::TooManyNodes),
        // Every paragraph opens the formats of the one before it again.
        (
            Format::Html,
            format!(
                "<p>{}</p>{}",
                (0..300).map(|n| format!("<font size={n}>")).collect::<String>(),
                "<p>x".repeat(9_000)
            ),
            ContentError::TooManyNodes,
        ),
        // 1,000 squares to fill for each row.
        (Format::Html, format!("<table><tr><td colspan=1000>{}", "<tr><td>".repeat(1_000)), ContentError::TooManyNodes),
    ];
    for (format, source, error) in cases {
        assert_eq!(parse(format, &source), Err(error), "{format:?}");
    }
}

/// Without the walk to the end of the list for each block, which is the square of them.
#[test]
fn a_document_of_the_greatest_size_is_created_and_read() {
    let doc = parse(Format::Text, &"a\n".repeat(NODES_MAX / 2 - 1)).unwrap();
    let update = create(&doc, 1).unwrap();
    assert_eq!(read(&update).unwrap(), doc);
}
