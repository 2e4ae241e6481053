//! What a document says: the JSON, HTML, Markdown and plain text of a stored update, and updates made from them.
//!
//! The JSON is ProseMirror's, in the schema of [`schema`]; it is the form that every other one is made from and read
//! into. `read` never refuses what an editor could have stored, so that nothing is lost on the way out; `parse` and
//! `create` let in only what the schema allows, so that no editor throws away what came in.

mod check;
mod create;
mod flow;
mod html_parse;
mod html_render;
mod html_style;
mod html_tree;
mod json;
mod markdown_line;
mod markdown_parse;
mod markdown_render;
mod nest;
mod node;
mod read;
mod safe;
pub mod schema;
mod table;
mod text;

use serde_json::Value;

pub use create::create;
pub use read::read;

/// Longest text that `parse` takes.
pub const SOURCE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Deepest nesting of nodes, the `doc` being level 0. Keeps recursion within a thread's 2 MiB stack; thirty nested lists
/// in a table in a quote need 66.
pub const DEPTH_LEVELS_MAX: usize = 200;
/// Most nodes that a parsed or created document may have, texts included.
pub const NODES_MAX: usize = 200_000;

/// The forms that content takes outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// ProseMirror JSON.
    Json,
    /// A fragment of safe, semantic HTML.
    Html,
    /// GitHub-flavoured Markdown.
    Markdown,
    /// Plain text.
    Text,
}

/// Why content cannot be read, parsed or made into a document.
#[derive(thiserror::Error, Debug, Clone, PartialEq, Eq)]
pub enum ContentError {
    /// The stored update is not one that yrs takes.
    #[error("the stored update cannot be read: {0}")]
    Unreadable(String),
    /// The text is longer than [`SOURCE_BYTES_MAX`].
    #[error("the content is longer than {SOURCE_BYTES_MAX} bytes")]
    TooLarge,
    /// Nodes are nested deeper than [`DEPTH_LEVELS_MAX`].
    #[error("the content is nested deeper than {DEPTH_LEVELS_MAX} levels")]
    TooDeep,
    /// There are more nodes than [`NODES_MAX`], or an HTML tag with attributes without end.
    #[error("the content has more than {NODES_MAX} nodes, or a tag or comment that is too long")]
    TooManyNodes,
    /// The text is not JSON, or its JSON has not the form of a ProseMirror node.
    #[error("not a ProseMirror document: {0}")]
    Syntax(String),
    /// A node type that the schema lacks.
    #[error("unknown node {name:?} at {path}")]
    UnknownNode {
        /// JSON pointer to the node.
        path: String,
        /// Its type.
        name: String,
    },
    /// A mark that the schema lacks, or that may not stand there.
    #[error("mark {name:?} is not allowed at {path}")]
    BadMark {
        /// JSON pointer to the text.
        path: String,
        /// The type of the mark.
        name: String,
    },
    /// A node where the schema has no place for it, or one without its required content.
    #[error("node {name:?} is not allowed, or lacks its content, at {path}")]
    BadNesting {
        /// JSON pointer to the node.
        path: String,
        /// Its type.
        name: String,
    },
    /// A value that the attribute does not take.
    #[error("attribute {name:?} has a value that it does not take at {path}")]
    BadAttribute {
        /// JSON pointer to the node or text.
        path: String,
        /// The name of the attribute.
        name: String,
    },
}

impl ContentError {
    /// The stable code that a client sees.
    pub fn code(&self) -> &'static str {
        match self {
            ContentError::Unreadable(_) => "content_unreadable",
            ContentError::TooLarge => "content_too_large",
            ContentError::TooDeep => "content_too_deep",
            ContentError::TooManyNodes => "content_too_many_nodes",
            ContentError::Syntax(_) => "content_syntax",
            ContentError::UnknownNode { .. } => "content_unknown_node",
            ContentError::BadMark { .. } => "content_bad_mark",
            ContentError::BadNesting { .. } => "content_bad_nesting",
            ContentError::BadAttribute { .. } => "content_bad_attribute",
        }
    }

    /// Where in the JSON the fault is, as a JSON pointer (RFC 6901), if it has a place.
    pub fn path(&self) -> Option<&str> {
        match self {
            ContentError::UnknownNode { path, .. }
            | ContentError::BadMark { path, .. }
            | ContentError::BadNesting { path, .. }
            | ContentError::BadAttribute { path, .. } => Some(path),
            _ => None,
        }
    }
}

/// The document in the given form. Takes any JSON: what the schema does not know appears as its text, what is nested
/// deeper than [`DEPTH_LEVELS_MAX`] is left out.
pub fn render(doc: &Value, format: Format) -> String {
    match format {
        Format::Json => doc.to_string(),
        Format::Html => html_render::render(&node::Node::from_json_cut(doc)),
        Format::Markdown => markdown_render::render(&node::Node::from_json_cut(doc)),
        Format::Text => text::render(&node::Node::from_json_cut(doc)),
    }
}

/// ProseMirror JSON that the schema allows, from a text of the given form. Fails on more than [`SOURCE_BYTES_MAX`]
/// bytes, [`NODES_MAX`] nodes or [`DEPTH_LEVELS_MAX`] levels; JSON also when the schema does not allow it.
pub fn parse(format: Format, source: &str) -> Result<Value, ContentError> {
    if source.len() > SOURCE_BYTES_MAX {
        return Err(ContentError::TooLarge);
    }
    let doc = match format {
        Format::Json => json::parse(source)?,
        Format::Html => html_parse::parse(source)?,
        Format::Markdown => markdown_parse::parse(source)?,
        Format::Text => text::parse(source),
    };
    Ok(check::document(doc)?.into_json())
}
