//! The document schema, version 1: every node and mark, its place, and its attributes with their defaults.
//!
//! Names, defaults and the order of marks are those of TipTap 3.31's extensions, so that the JSON is what
//! `editor.getJSON()` gives. The web app's schema is compared with [`describe`] by a test of each side. A tab that does
//! not know a node deletes it from the document, so a change here is a new version, never an addition in passing.

use serde_json::{Map, Value, json};

/// Counts changes of this table. Stored with each document, so that an older app opens a newer document read-only.
pub const VERSION: u32 = 1;

/// A type of node.
#[derive(Debug)]
pub struct NodeType {
    /// Its name in JSON and in Yjs.
    pub name: &'static str,
    /// Where it may stand.
    pub group: Group,
    /// What it may hold.
    pub content: Content,
    /// What it carries.
    pub attributes: &'static [Attribute],
}

/// A type of mark.
#[derive(Debug)]
pub struct MarkType {
    /// Its name in JSON and in Yjs.
    pub name: &'static str,
    /// What it carries.
    pub attributes: &'static [Attribute],
}

/// Where a node may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Wherever blocks may.
    Block,
    /// In a line of text.
    Inline,
    /// Only where a parent names it.
    Part,
}

/// What a node may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    None,
    /// Text without marks.
    PlainText,
    /// Texts and inline nodes, with marks.
    Inline,
    /// One or more blocks.
    Blocks,
    /// A paragraph, then any blocks.
    ParagraphThenBlocks,
    /// One or more of the named node.
    Some(&'static str),
    /// Any number of table cells and header cells.
    Cells,
}

impl Content {
    /// The same as ProseMirror's content expression.
    pub fn expression(self) -> String {
        match self {
            Content::None => String::new(),
            Content::PlainText => "text*".into(),
            Content::Inline => "inline*".into(),
            Content::Blocks => "block+".into(),
            Content::ParagraphThenBlocks => "paragraph block*".into(),
            Content::Some(name) => format!("{name}+"),
            Content::Cells => "(tableCell | tableHeader)*".into(),
        }
    }
}

/// An attribute: its name, the values it takes, and the value it has where nothing is stored. A null default means that
/// null is among the values.
#[derive(Debug)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// The values it takes.
    pub values: Values,
    /// Its value where nothing is stored.
    pub default: Default,
}

/// The values that an attribute takes.
#[derive(Debug, Clone, Copy)]
pub enum Values {
    /// true or false.
    Bool,
    /// A whole number from, to.
    Integer(i64, i64),
    /// A string.
    Text,
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A colour as CSS writes it, of the forms that `safe::color` lets through.
    Color,
    /// A link target, of the forms that `safe::href` lets through.
    Href,
    /// An image source, of the forms that `safe::src` lets through.
    Src,
    /// Column widths in pixels, one for each spanned column.
    Widths,
}

/// The value of an attribute where nothing is stored.
#[derive(Debug, Clone, Copy)]
pub enum Default {
    /// null.
    Null,
    /// false.
    False,
    /// A number.
    Integer(i64),
    /// A string.
    Text(&'static str),
}

impl Default {
    /// The default as JSON.
    pub fn value(self) -> Value {
        match self {
            Default::Null => Value::Null,
            Default::False => false.into(),
            Default::Integer(number) => number.into(),
            Default::Text(text) => text.into(),
        }
    }
}

const fn attribute(name: &'static str, values: Values, default: Default) -> Attribute {
    Attribute { name, values, default }
}

const ALIGN: Attribute = attribute("textAlign", Values::OneOf(&["left", "center", "right", "justify"]), Default::Null);
const INDENT: Attribute = attribute("indent", Values::Integer(0, 8), Default::Integer(0));
const DIR: Attribute = attribute("dir", Values::OneOf(&["ltr", "rtl"]), Default::Null);
const CELL: &[Attribute] = &[
    attribute("colspan", Values::Integer(1, 1000), Default::Integer(1)),
    attribute("rowspan", Values::Integer(1, 1000), Default::Integer(1)),
    attribute("colwidth", Values::Widths, Default::Null),
    attribute("align", Values::OneOf(&["left", "center", "right"]), Default::Null),
    attribute("backgroundColor", Values::Color, Default::Null),
];

const fn node(name: &'static str, group: Group, content: Content, attributes: &'static [Attribute]) -> NodeType {
    NodeType { name, group, content, attributes }
}

/// Every node.
pub const NODES: &[NodeType] = &[
    node("doc", Group::Part, Content::Blocks, &[]),
    node("paragraph", Group::Block, Content::Inline, &[ALIGN, INDENT, DIR]),
    node(
        "heading",
        Group::Block,
        Content::Inline,
        &[attribute("level", Values::Integer(1, 4), Default::Integer(1)), ALIGN, INDENT, DIR],
    ),
    node("bulletList", Group::Block, Content::Some("listItem"), &[]),
    node(
        "orderedList",
        Group::Block,
        Content::Some("listItem"),
        &[
            attribute("start", Values::Integer(0, 999_999_999), Default::Integer(1)),
            attribute("type", Values::OneOf(&["1", "a", "A", "i", "I"]), Default::Null),
        ],
    ),
    node("listItem", Group::Part, Content::ParagraphThenBlocks, &[]),
    node("taskList", Group::Block, Content::Some("taskItem"), &[]),
    node("taskItem", Group::Part, Content::ParagraphThenBlocks, &[attribute("checked", Values::Bool, Default::False)]),
    node("blockquote", Group::Block, Content::Blocks, &[]),
    node(
        "callout",
        Group::Block,
        Content::Blocks,
        &[attribute("kind", Values::OneOf(&["info", "success", "warning", "danger"]), Default::Text("info"))],
    ),
    node("horizontalRule", Group::Block, Content::None, &[]),
    node("pageBreak", Group::Block, Content::None, &[]),
    node("codeBlock", Group::Block, Content::PlainText, &[attribute("language", Values::Text, Default::Null)]),
    node("table", Group::Block, Content::Some("tableRow"), &[]),
    node("tableRow", Group::Part, Content::Cells, &[]),
    node("tableHeader", Group::Part, Content::Blocks, CELL),
    node("tableCell", Group::Part, Content::Blocks, CELL),
    node(
        "image",
        Group::Block,
        Content::None,
        &[
            attribute("src", Values::Src, Default::Null),
            attribute("alt", Values::Text, Default::Null),
            attribute("title", Values::Text, Default::Null),
            attribute("width", Values::Integer(1, 10_000), Default::Null),
            attribute("height", Values::Integer(1, 10_000), Default::Null),
        ],
    ),
    node(
        "mention",
        Group::Inline,
        Content::None,
        &[
            attribute("id", Values::Text, Default::Null),
            attribute("label", Values::Text, Default::Null),
            attribute("mentionSuggestionChar", Values::Text, Default::Text("@")),
        ],
    ),
    node("hardBreak", Group::Inline, Content::None, &[]),
    node("text", Group::Inline, Content::None, &[]),
];

const fn mark(name: &'static str, attributes: &'static [Attribute]) -> MarkType {
    MarkType { name, attributes }
}

/// Every mark, in the order in which ProseMirror keeps them on a text. `code` excludes all others, as TipTap has it.
pub const MARKS: &[MarkType] = &[
    mark(
        "link",
        &[
            attribute("href", Values::Href, Default::Null),
            attribute("target", Values::OneOf(&["_blank", "_self", "_parent", "_top"]), Default::Text("_blank")),
            attribute("rel", Values::Text, Default::Text("noopener noreferrer nofollow")),
            attribute("class", Values::Text, Default::Null),
            attribute("title", Values::Text, Default::Null),
        ],
    ),
    mark("textStyle", &[attribute("color", Values::Color, Default::Null)]),
    mark("bold", &[]),
    mark("code", &[]),
    mark("italic", &[]),
    mark("strike", &[]),
    mark("underline", &[]),
    mark("subscript", &[]),
    mark("superscript", &[]),
    mark("highlight", &[attribute("color", Values::Color, Default::Null)]),
];

/// The node of that name.
pub fn find_node(name: &str) -> Option<&'static NodeType> {
    NODES.iter().find(|node| node.name == name)
}

/// The mark of that name, with its place in the order of marks.
pub fn find_mark(name: &str) -> Option<(usize, &'static MarkType)> {
    MARKS.iter().enumerate().find(|(_, mark)| mark.name == name)
}

/// The whole table as JSON: nodes by name with group, content expression and attribute defaults; marks in their order.
pub fn describe() -> Value {
    let nodes: Map<String, Value> = NODES
        .iter()
        .map(|node| {
            let group = match node.group {
                Group::Block => Value::from("block"),
                Group::Inline => "inline".into(),
                Group::Part => Value::Null,
            };
            let json =
                json!({"group": group, "content": node.content.expression(), "attributes": defaults(node.attributes)});
            (node.name.into(), json)
        })
        .collect();
    let marks: Vec<Value> =
        MARKS.iter().map(|mark| json!({"name": mark.name, "attributes": defaults(mark.attributes)})).collect();
    json!({"version": VERSION, "root": super::read::ROOT, "nodes": nodes, "marks": marks})
}

/// The attributes with their defaults.
pub(super) fn defaults(attributes: &[Attribute]) -> Map<String, Value> {
    attributes.iter().map(|attribute| (attribute.name.into(), attribute.default.value())).collect()
}
