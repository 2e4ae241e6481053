//! What a document says is the same after any way out and back in: stored, as HTML, as Markdown (as far as Markdown
//! goes), as text.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

#[path = "content/documents.rs"]
mod documents;

use crdt::content::{Format, create, parse, read, render};
use documents::document;
use proptest::prelude::*;

const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i",
    ">",
    "<ul>",
    "<ol start=3>",
    "<li>",
    "</li>",
    "</ul>",
    "<table>",
    "<tr>",
    "<td colspan=2>",
    "<td rowspan=3>",
    "<th>",
    "</table>",
    "<caption>",
    "<pre>",
    "<code>",
    "</code>",
    "</pre>",
    "<br>",
    "<hr>",
    "<img src=a.png>",
    "<img src='javascript:x'>",
    "<a href=\"http://x\">",
    "</a>",
    "<div>",
    "</div>",
    "<h1>",
    "<h6>",
    "</h6>",
    "<blockquote>",
    "<span style=\"color:red;font-weight:bold\">",
    "</span>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<!--",
    "-->",
    "<input type=checkbox checked>",
    "<svg>",
    "</svg>",
    "<math>",
    "<template>",
    "</template>",
    "<select>",
    "<option>",
    "text",
    " ",
    "\n",
    "&lt;",
    "&#0;",
    "&nbsp;",
    "\u{0}",
    "🦀",
    "<aside data-type=callout>",
    "<span data-type=mention data-id=1>",
    "<noscript>",
    "<li data-checked=true>",
    "<details><summary>",
    "<p align=center dir=rtl>",
    "<frameset>",
    "<body>",
    "<html>",
    "<form>",
    "<font color=red>",
    "# ",
    "- ",
    "1. ",
    "> ",
    "| a | b |\n|---|---|\n",
    "```",
    "**",
    "_",
    "~~",
    "[a](b)",
    "- [ ] ",
    "\\",
    "    ",
    "\n\n",
    "> [!NOTE]\n",
    "|",
    "<u>",
    "<mark>",
    "![a](b)",
    "---\n",
    "===\n",
    "`",
    "\t",
];

/// Markup that is nearly right is harder than noise.
fn soup() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => proptest::collection::vec(proptest::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stored_and_read(doc in document()) {
        prop_assert_eq!(read(&create(&doc, 1 << 40).unwrap()).unwrap(), doc.clone());
        prop_assert_eq!(parse(Format::Json, &render(&doc, Format::Json)).unwrap(), doc);
    }

    #[test]
    fn as_html(doc in document()) {
        let html = render(&doc, Format::Html);
        prop_assert_eq!(parse(Format::Html, &html).unwrap(), doc, "{}", html);
    }

    #[test]
    fn as_markdown(doc in document()) {
        let markdown = render(&doc, Format::Markdown);
        let again = parse(Format::Markdown, &markdown).unwrap();
        prop_assert_eq!(words(&again), words(&doc), "{}\n{:#}", markdown, again);
        // A cell keeps only the text of lists and quotes.
        if !markdown.contains("| --") {
            prop_assert_eq!(marked(&again), marked(&doc), "{}", markdown);
        }
        // What Markdown cannot say is lost on the first way; after that nothing is.
        let markdown = render(&again, Format::Markdown);
        prop_assert_eq!(parse(Format::Markdown, &markdown).unwrap(), again, "{}", markdown);
    }

    #[test]
    fn anything_gives_a_document_of_the_schema(source in soup()) {
        for format in [Format::Html, Format::Markdown, Format::Text] {
            let doc = parse(format, &source).unwrap();
            prop_assert_eq!(parse(Format::Json, &doc.to_string()).unwrap(), doc.clone(), "{:?}", format);
            prop_assert_eq!(read(&create(&doc, 3).unwrap()).unwrap(), doc, "{:?}", format);
        }
    }

    #[test]
    fn anything_is_stable_after_the_first_way_through(source in soup()) {
        for format in [Format::Html, Format::Markdown] {
            let first = render(&parse(format, &source).unwrap(), format);
            let doc = parse(format, &first).unwrap();
            prop_assert_eq!(parse(format, &render(&doc, format)).unwrap(), doc, "{:?} of {:?}", format, source);
        }
    }

    #[test]
    fn text_is_a_paragraph_a_line(lines in proptest::collection::vec("[^\\p{Cc}]{0,20}", 1..6)) {
        let text = lines.join("\n");
        let doc = parse(Format::Text, &text).unwrap();
        prop_assert_eq!(render(&doc, Format::Text), text.strip_suffix('\n').unwrap_or(&text));
    }
}

/// The letters and digits of a document in their order: what no format may lose.
fn words(doc: &serde_json::Value) -> String {
    render(doc, Format::Text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Every character of every text with its marks, but for white space, whose marks are not seen.
fn marked(node: &serde_json::Value) -> Vec<(char, String)> {
    match node["text"].as_str() {
        Some(text) => text.chars().filter(|c| !c.is_whitespace()).map(|c| (c, node["marks"].to_string())).collect(),
        None => node["content"].as_array().into_iter().flatten().flat_map(marked).collect(),
    }
}
