//! Random documents of the schema, in the form that an editor gives them.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Words with everything that has a meaning in HTML, Markdown or UTF-16, and words of other scripts.
const WORDS: &[&str] = &[
    "word",
    "two words",
    "a",
    "1. one",
    "1)",
    "- dash",
    "-",
    "+ plus",
    "# hash",
    "##",
    "C#",
    "> quote",
    "=",
    "===",
    "---",
    "***",
    "*star*",
    "_under_",
    "snake_case_name",
    "__init__",
    "`tick`",
    "``",
    "~~",
    "~",
    "[x]",
    "[x](y)",
    "![i](j)",
    "!",
    "<b>",
    "</p>",
    "<script>alert(1)</script>",
    "&amp;",
    "&",
    "&#35;",
    "a|b",
    "|",
    "|---|",
    ":---",
    "\\",
    "\\\\",
    "$1",
    "🦀",
    "👩‍👩‍👧",
    "e\u{301}",
    "漢字",
    "「かな」",
    "שלום",
    "مرحبا",
    "\"quoted\"",
    "it's",
    "(round)",
    "a.b",
    "…",
    "100%",
    "\u{a0}",
    "[!NOTE]",
    "[ ]",
    "[x] y",
    "^",
    "x^2",
    "{a}",
    "::",
    ":::info",
    "<!-- c -->",
    "<div",
    "\u{200b}",
    "ﬀ",
    "~~~",
    "```rust",
];

fn words() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(WORDS), 1..4)
        .prop_flat_map(|words| prop_oneof![Just(words.join(" ")), Just(words.concat())])
}

fn marks() -> impl Strategy<Value = Value> {
    let link = json!({"type": "link", "attrs": {"href": "https://example.org/a_(b)?c=d&e=f", "title": "T\"<i>"}});
    let color = json!({"type": "textStyle", "attrs": {"color": "#aa3300"}});
    let marks = [
        link,
        color,
        json!({"type": "bold"}),
        json!({"type": "italic"}),
        json!({"type": "strike"}),
        json!({"type": "underline"}),
        json!({"type": "subscript"}),
        json!({"type": "superscript"}),
        json!({"type": "highlight"}),
        json!({"type": "highlight", "attrs": {"color": "rgb(255, 230, 0)"}}),
    ];
    prop_oneof![
        4 => Just(json!([])),
        5 => proptest::sample::subsequence(marks[..9].to_vec(), 1..4).prop_map(Value::from),
        1 => Just(json!([marks[9]])),
        1 => Just(json!([{"type": "code"}])),
    ]
}

/// Texts and inline nodes, with white space as HTML keeps it: single spaces, none at the ends of a line.
fn line() -> impl Strategy<Value = Vec<Value>> {
    let text = (words(), marks()).prop_map(|(text, marks)| json!({"type": "text", "text": text, "marks": marks}));
    let space = marks().prop_map(|marks| json!({"type": "text", "text": " ", "marks": marks}));
    let part = prop_oneof![
        8 => text,
        3 => space,
        1 => Just(json!({"type": "hardBreak"})),
        1 => Just(json!({"type": "mention", "attrs": {"id": "u*1*|", "label": "Ada _L_ <b>"}})),
    ];
    proptest::collection::vec(part, 0..6).prop_map(tidy)
}

fn tidy(line: Vec<Value>) -> Vec<Value> {
    let mut tidy: Vec<Value> = Vec::new();
    let mut after_space = true;
    for mut node in line {
        if let Some(text) = node["text"].as_str() {
            let text = if after_space { text.trim_start_matches(' ') } else { text };
            if text.is_empty() {
                continue;
            }
            after_space = text.ends_with(' ');
            node["text"] = text.into();
        } else if node["type"] == "hardBreak" {
            trim_end(&mut tidy);
            after_space = true;
        } else {
            after_space = false;
        }
        tidy.push(node);
    }
    trim_end(&mut tidy);
    tidy
}

fn trim_end(line: &mut Vec<Value>) {
    let Some(last) = line.last_mut() else { return };
    if let Some(text) = last["text"].as_str().map(|text| text.trim_end_matches(' ').to_string()) {
        last["text"] = text.clone().into();
        if text.is_empty() {
            line.pop();
        }
    }
}

fn paragraph() -> impl Strategy<Value = Value> {
    let attrs = prop_oneof![
        3 => Just(json!({})),
        1 => Just(json!({"textAlign": "center", "indent": 2, "dir": "rtl"})),
    ];
    (line(), attrs).prop_map(|(content, attrs)| json!({"type": "paragraph", "attrs": attrs, "content": content}))
}

fn leaf() -> impl Strategy<Value = Value> {
    let image = json!({"type": "image", "attrs": {"src": "https://example.org/a (1).png", "alt": "A [picture] <i>|", "width": 20}});
    prop_oneof![
        6 => paragraph(),
        2 => (1..=4, line()).prop_map(|(level, content)| json!({"type": "heading", "attrs": {"level": level}, "content": content})),
        1 => words().prop_map(|code| json!({"type": "codeBlock", "attrs": {"language": "rust"}, "content": [{"type": "text", "text": format!("{code}\n\n  {code}\n")}]})),
        1 => Just(json!({"type": "codeBlock"})),
        1 => Just(json!({"type": "horizontalRule"})),
        1 => Just(json!({"type": "pageBreak"})),
        1 => Just(image),
    ]
}

fn blocks() -> impl Strategy<Value = Vec<Value>> {
    let block = leaf().prop_recursive(4, 40, 4, |block| {
        let blocks = proptest::collection::vec(block.clone(), 1..4);
        let item = (paragraph(), proptest::collection::vec(block, 0..2))
            .prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect::<Vec<_>>());
        let item = item.boxed();
        let cell = (blocks.clone(), any::<bool>(), 1..3u8, 1..3u8).prop_map(|(content, head, colspan, rowspan)| {
            let attrs = json!({"colspan": colspan, "rowspan": rowspan, "backgroundColor": "#eef0ff", "align": "right"});
            json!({"type": if head { "tableHeader" } else { "tableCell" }, "attrs": attrs, "content": content})
        });
        let row = proptest::collection::vec(cell, 1..4).prop_map(|cells| json!({"type": "tableRow", "content": cells}));
        prop_oneof![
            proptest::collection::vec(item.clone(), 1..4).prop_map(|items| of("bulletList", "listItem", items)),
            (0..12u8, proptest::collection::vec(item.clone(), 1..4)).prop_map(|(start, items)| {
                let mut list = of("orderedList", "listItem", items);
                list["attrs"] = json!({"start": start});
                list
            }),
            proptest::collection::vec(item, 1..3).prop_map(|items| of("taskList", "taskItem", items)),
            blocks.clone().prop_map(|content| json!({"type": "blockquote", "content": content})),
            blocks.prop_map(|content| json!({"type": "callout", "attrs": {"kind": "danger"}, "content": content})),
            proptest::collection::vec(row, 1..4).prop_map(|rows| json!({"type": "table", "content": rows})),
        ]
    });
    proptest::collection::vec(block, 1..5)
}

fn of(list: &str, item: &str, items: Vec<Vec<Value>>) -> Value {
    let items: Vec<Value> = items.into_iter().map(|content| json!({"type": item, "content": content})).collect();
    json!({"type": list, "content": items})
}

/// A document, as `parse` gives it.
pub fn document() -> impl Strategy<Value = Value> {
    blocks().prop_map(|content| {
        let doc = json!({"type": "doc", "content": content});
        crdt::content::parse(crdt::content::Format::Json, &doc.to_string()).unwrap()
    })
}
