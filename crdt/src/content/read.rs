//! A stored update → JSON, as y-prosemirror 1.3.7 and @tiptap/y-tiptap 3.0.9 give it to the editor
//! (`createNodeFromYElement`, `createTextNodesFromYText`), except that what the schema does not know is kept.

use super::node::{Mark, Node};
use super::{ContentError, DEPTH_LEVELS_MAX, schema};
use serde_json::{Map, Value};
use yrs::branch::{Branch, BranchPtr};
use yrs::types::Attrs;
use yrs::types::text::YChange;
use yrs::updates::decoder::Decode;
use yrs::{
    Any, Array, ArrayRef, Doc, OffsetKind, Options, Out, Text, Transact, TransactionMut, Update, Xml, XmlElementRef,
    XmlTextRef,
};

/// The name of the fragment that holds the document.
pub(super) const ROOT: &str = "default";

/// The ProseMirror JSON of the root fragment `default` of a v1 update that was scanned. An empty fragment is the empty
/// paragraph that the editor shows for it. Fails when yrs cannot take the update, and on nodes nested too deep.
pub fn read(update: &[u8]) -> Result<Value, ContentError> {
    let unreadable = |fault: &dyn std::fmt::Display| ContentError::Unreadable(fault.to_string());
    let doc = Doc::with_options(Options {
        offset_kind: OffsetKind::Utf16,
        ..Options::with_client_id(yrs::block::ClientID::new(0))
    });
    let root = doc.get_or_insert_xml_fragment(ROOT);
    let mut txn = doc.try_transact_mut().map_err(|fault| unreadable(&fault))?;
    let update = Update::decode_v1(update).map_err(|fault| unreadable(&fault))?;
    txn.apply_update(update).map_err(|fault| unreadable(&fault))?;
    let mut content = children(root.as_ref(), &txn, 1)?;
    if content.is_empty() {
        content.push(Node::new("paragraph", Vec::new()).with_defaults());
    }
    Ok(Node::new("doc", content).into_json())
}

/// The children of a fragment or element. Other shared types and plain values have no place in a document; the editor
/// cannot show them either.
fn children(branch: &Branch, txn: &TransactionMut<'_>, depth: usize) -> Result<Vec<Node>, ContentError> {
    if depth > DEPTH_LEVELS_MAX {
        return Err(ContentError::TooDeep);
    }
    // Read as an array, because the iterator over XML nodes ends at the first child that is none.
    let mut parent = Node::default();
    for child in ArrayRef::from(BranchPtr::from(branch)).iter(txn) {
        match child {
            Out::YXmlElement(element) => parent.content.push(node(&element, txn, depth)?),
            Out::YXmlText(text) => texts(&text, txn).into_iter().for_each(|text| parent.push(text)),
            _ => {}
        }
    }
    Ok(parent.content)
}

fn node(element: &XmlElementRef, txn: &TransactionMut<'_>, depth: usize) -> Result<Node, ContentError> {
    let name = element.try_tag().map(|tag| tag.to_string()).unwrap_or_default();
    let stored = element
        .attributes(txn)
        .filter_map(|(name, value)| match value {
            Out::Any(Any::Undefined) => None,
            Out::Any(value) => Some((name.to_string(), json(&value))),
            _ => None,
        })
        .collect();
    let attrs = known_attributes(&name, stored);
    Ok(Node { content: children(element.as_ref(), txn, depth + 1)?, attrs, ..Node::new(&name, Vec::new()) })
}

/// A known node has the attributes of the schema, all of them and no others; an unknown one keeps what is stored.
fn known_attributes(name: &str, stored: Map<String, Value>) -> Map<String, Value> {
    match schema::find_node(name) {
        Some(node) => complete(node.attributes, stored),
        None => stored,
    }
}

fn complete(attributes: &[schema::Attribute], mut stored: Map<String, Value>) -> Map<String, Value> {
    let value = |attribute: &schema::Attribute| stored.remove(attribute.name).unwrap_or(attribute.default.value());
    let names = attributes.iter().map(|attribute| attribute.name.to_string());
    names.zip(attributes.iter().map(value)).collect()
}

fn texts(text: &XmlTextRef, txn: &TransactionMut<'_>) -> Vec<Node> {
    let mut line = Node::default();
    for piece in text.diff(txn, YChange::identity) {
        if let Out::Any(Any::String(characters)) = piece.insert {
            line.push(Node::text(characters.as_ref(), &marks(piece.attributes.as_deref())));
        }
    }
    line.content
}

/// Marks in the schema's order, unknown ones after them by name.
fn marks(formats: Option<&Attrs>) -> Vec<Mark> {
    let mut marks: Vec<(usize, &str, Mark)> = formats
        .into_iter()
        .flatten()
        .filter(|(_, value)| !matches!(value, Any::Null | Any::Undefined))
        .map(|(key, value)| {
            let name = without_hash(key);
            let stored = match json(value) {
                Value::Object(attributes) => attributes,
                _ => Map::new(),
            };
            let (rank, attrs) = match schema::find_mark(name) {
                Some((rank, mark)) => (rank, complete(mark.attributes, stored)),
                None => (usize::MAX, stored),
            };
            (rank, key.as_ref(), Mark { name: name.into(), attrs })
        })
        .collect();
    marks.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    marks.into_iter().map(|(_, _, mark)| mark).collect()
}

/// y-prosemirror stores a mark that may overlap its own kind as `name--hash`, the hash being 8 characters of base64.
fn without_hash(key: &str) -> &str {
    let split = key.len().checked_sub(10).filter(|&at| key.is_char_boundary(at)).map(|at| key.split_at(at));
    match split {
        Some((name, hash)) if hash.strip_prefix("--").is_some_and(is_base64) => name,
        _ => key,
    }
}

fn is_base64(hash: &str) -> bool {
    hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

/// A stored value as `JSON.stringify` writes it: a float without a fraction is a whole number, NaN is null.
fn json(value: &Any) -> Value {
    match value {
        Any::Null | Any::Undefined | Any::Buffer(_) => Value::Null,
        Any::Bool(value) => (*value).into(),
        Any::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().map_or(Value::Null, Value::from),
        },
        Any::String(text) => text.as_ref().into(),
        Any::Array(values) => values.iter().map(json).collect(),
        Any::Map(values) => values.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
    }
}
