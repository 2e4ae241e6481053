//! A ProseMirror node in memory: what `serde_json::Value` is to JSON, with names for its parts and a bound on its depth.

use super::{ContentError, DEPTH_LEVELS_MAX, schema};
use serde_json::{Map, Value};

/// A node. Texts have the name `text`, their characters in `text`, and no content.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Node {
    pub name: String,
    pub attrs: Map<String, Value>,
    pub content: Vec<Node>,
    pub text: String,
    pub marks: Vec<Mark>,
}

/// A mark on a text or an inline node.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Mark {
    pub name: String,
    pub attrs: Map<String, Value>,
}

impl Mark {
    pub fn new(name: &str) -> Mark {
        Mark { name: name.into(), attrs: Map::new() }
    }

    pub fn with(mut self, attribute: &str, value: impl Into<Value>) -> Mark {
        self.attrs.insert(attribute.into(), value.into());
        self
    }
}

impl Node {
    pub fn new(name: &str, content: Vec<Node>) -> Node {
        Node { name: name.into(), content, ..Node::default() }
    }

    pub fn text(text: impl Into<String>, marks: &[Mark]) -> Node {
        Node { name: "text".into(), text: text.into(), marks: marks.to_vec(), ..Node::default() }
    }

    pub fn with(mut self, attribute: &str, value: impl Into<Value>) -> Node {
        self.attrs.insert(attribute.into(), value.into());
        self
    }

    /// Adds what the schema has as attributes of such a node and the node lacks.
    pub fn with_defaults(mut self) -> Node {
        for attribute in schema::find_node(&self.name).map_or(&[][..], |kind| kind.attributes) {
            self.attrs.entry(attribute.name).or_insert_with(|| attribute.default.value());
        }
        self
    }

    pub fn is_text(&self) -> bool {
        self.name == "text"
    }

    /// The attribute as a string, when it is one.
    pub fn string(&self, attribute: &str) -> Option<&str> {
        self.attrs.get(attribute).and_then(Value::as_str)
    }

    /// The attribute as a whole number that is not negative, when it is one.
    pub fn number(&self, attribute: &str) -> Option<u64> {
        self.attrs.get(attribute).and_then(Value::as_u64)
    }

    /// Appends a child; a text joins the text before it when their marks are the same, as in ProseMirror's fragments.
    pub fn push(&mut self, child: Node) {
        match self.content.last_mut() {
            Some(last) if child.is_text() && last.is_text() && last.marks == child.marks => last.text += &child.text,
            _ => self.content.push(child),
        }
    }

    /// Reads JSON of ProseMirror's form. Fails with `Syntax` on another form and with `TooDeep`.
    pub fn from_json(json: &Value) -> Result<Node, ContentError> {
        from_json(json, 0, &mut |fault| Err(fault))?.ok_or(ContentError::TooDeep)
    }

    /// Reads JSON of any form: parts that are not of ProseMirror's form, or too deep, are left out.
    pub fn from_json_cut(json: &Value) -> Node {
        from_json(json, 0, &mut |_| Ok(())).ok().flatten().unwrap_or_default()
    }

    pub fn into_json(self) -> Value {
        let mut json = Map::new();
        json.insert("type".into(), self.name.clone().into());
        if !self.attrs.is_empty() {
            json.insert("attrs".into(), self.attrs.into());
        }
        if !self.content.is_empty() {
            json.insert("content".into(), self.content.into_iter().map(Node::into_json).collect());
        }
        if !self.marks.is_empty() {
            json.insert("marks".into(), self.marks.into_iter().map(Mark::into_json).collect());
        }
        if self.name == "text" {
            json.insert("text".into(), self.text.into());
        }
        json.into()
    }
}

impl Mark {
    fn into_json(self) -> Value {
        let mut json = Map::new();
        json.insert("type".into(), self.name.into());
        if !self.attrs.is_empty() {
            json.insert("attrs".into(), self.attrs.into());
        }
        json.into()
    }
}

/// What to do about a fault: stop with an error, or go on without the part.
type OnFault<'a> = &'a mut dyn FnMut(ContentError) -> Result<(), ContentError>;

fn from_json(json: &Value, depth: usize, fault: OnFault<'_>) -> Result<Option<Node>, ContentError> {
    if depth > DEPTH_LEVELS_MAX {
        fault(ContentError::TooDeep)?;
        return Ok(None);
    }
    let Some(name) = json.get("type").and_then(Value::as_str) else {
        fault(ContentError::Syntax("a node needs a type".into()))?;
        return Ok(None);
    };
    let mut node = Node { name: name.into(), attrs: attributes(json, fault)?, ..Node::default() };
    for mark in list(json, "marks", fault)? {
        match mark.get("type").and_then(Value::as_str) {
            Some(name) => node.marks.push(Mark { name: name.into(), attrs: attributes(mark, fault)? }),
            None => fault(ContentError::Syntax("a mark needs a type".into()))?,
        }
    }
    if node.is_text() {
        match json.get("text") {
            Some(Value::String(text)) => node.text = text.clone(),
            _ => fault(ContentError::Syntax("a text needs its text".into()))?,
        }
        return Ok(Some(node));
    }
    for child in list(json, "content", fault)? {
        if let Some(child) = from_json(child, depth + 1, fault)? {
            node.push(child);
        }
    }
    Ok(Some(node))
}

fn attributes(json: &Value, fault: OnFault<'_>) -> Result<Map<String, Value>, ContentError> {
    match json.get("attrs") {
        Some(Value::Object(attributes)) => Ok(attributes.clone()),
        None | Some(Value::Null) => Ok(Map::new()),
        Some(_) => fault(ContentError::Syntax("attrs must be an object".into())).map(|()| Map::new()),
    }
}

fn list<'a>(json: &'a Value, key: &str, fault: OnFault<'_>) -> Result<&'a [Value], ContentError> {
    match json.get(key) {
        Some(Value::Array(list)) => Ok(list),
        None | Some(Value::Null) => Ok(&[]),
        Some(_) => fault(ContentError::Syntax(format!("{key} must be a list"))).map(|()| &[][..]),
    }
}
