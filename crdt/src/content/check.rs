//! Holds a document against the schema and brings it into the form that an editor would give it: every attribute
//! present, texts joined, marks in order, tables rectangular. An editor would do the same on opening, as an edit.

use super::node::{Mark, Node};
use super::schema::{self, Attribute, Content, Group, Values};
use super::{ContentError, DEPTH_LEVELS_MAX, NODES_MAX, safe, table};
use serde_json::{Map, Value};

/// The document in its full form. A `doc` without content gets the empty paragraph that an editor would show.
pub(super) fn document(mut doc: Node) -> Result<Node, ContentError> {
    let mut check = Check { path: Vec::new(), nodes: 0 };
    if schema::find_node(&doc.name).is_none() {
        return Err(ContentError::UnknownNode { path: String::new(), name: doc.name });
    }
    if doc.name != "doc" {
        return Err(ContentError::BadNesting { path: String::new(), name: doc.name });
    }
    if doc.content.is_empty() {
        doc.content.push(Node::new("paragraph", Vec::new()));
    }
    check.node(doc)
}

struct Check {
    /// The index of each node from the root to the one at hand, within its parent.
    path: Vec<usize>,
    nodes: usize,
}

impl Check {
    fn node(&mut self, mut node: Node) -> Result<Node, ContentError> {
        self.count(1)?;
        if self.path.len() > DEPTH_LEVELS_MAX {
            return Err(ContentError::TooDeep);
        }
        let Some(kind) = schema::find_node(&node.name) else {
            return Err(ContentError::UnknownNode { path: self.pointer(), name: node.name });
        };
        self.attributes(kind.attributes, &mut node.attrs, false)?;
        self.marks(&mut node)?;
        let children = std::mem::take(&mut node.content);
        for (index, child) in
            children.into_iter().filter(|child| !child.is_text() || !child.text.is_empty()).enumerate()
        {
            self.path.push(index);
            if !may_hold(kind.content, index, &child) && schema::find_node(&child.name).is_some() {
                return Err(ContentError::BadNesting { path: self.pointer(), name: child.name });
            }
            let child = self.node(child)?;
            if let (Content::PlainText, Some(mark)) = (kind.content, child.marks.first()) {
                return Err(ContentError::BadMark { path: self.pointer(), name: mark.name.clone() });
            }
            self.path.pop();
            node.push(child);
        }
        if node.content.is_empty() && needs_content(kind.content) {
            return Err(ContentError::BadNesting { path: self.pointer(), name: node.name });
        }
        if node.name == "table" {
            let added = table::square(&mut node)?;
            self.count(added)?;
        }
        Ok(node)
    }

    fn count(&mut self, nodes: usize) -> Result<(), ContentError> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX { Err(ContentError::TooManyNodes) } else { Ok(()) }
    }

    /// Sorts the marks; `code` drives out the others. Only texts keep them: Yjs has no place for those of other nodes.
    fn marks(&mut self, node: &mut Node) -> Result<(), ContentError> {
        let mut ranked = Vec::with_capacity(node.marks.len());
        for mut mark in std::mem::take(&mut node.marks) {
            let Some((rank, kind)) = schema::find_mark(&mark.name) else {
                return Err(ContentError::BadMark { path: self.pointer(), name: mark.name });
            };
            self.attributes(kind.attributes, &mut mark.attrs, true)?;
            ranked.push((rank, mark));
        }
        let is_inline = schema::find_node(&node.name).is_some_and(|kind| kind.group == Group::Inline);
        if let (false, Some((_, mark))) = (is_inline, ranked.first()) {
            return Err(ContentError::BadMark { path: self.pointer(), name: mark.name.clone() });
        }
        if !node.is_text() {
            return Ok(());
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.dedup_by_key(|(rank, _)| *rank);
        let marks: Vec<Mark> = ranked.into_iter().map(|(_, mark)| mark).collect();
        node.marks = match marks.iter().find(|mark| mark.name == "code") {
            Some(code) => vec![code.clone()],
            None => marks,
        };
        Ok(())
    }

    /// Replaces what is given by every attribute of the schema. Others are dropped, as ProseMirror does. Null is the
    /// default in a node; in a mark it is a value of its own, for Yjs stores a mark's nulls, but not a node's.
    fn attributes(
        &self,
        kinds: &[Attribute],
        given: &mut Map<String, Value>,
        keep_null: bool,
    ) -> Result<(), ContentError> {
        let mut full = Map::new();
        for kind in kinds {
            let value = match given.remove(kind.name) {
                None => kind.default.value(),
                Some(Value::Null) if keep_null => Value::Null,
                Some(Value::Null) => kind.default.value(),
                Some(value) => valid(kind.values, value)
                    .ok_or_else(|| ContentError::BadAttribute { path: self.pointer(), name: kind.name.to_string() })?,
            };
            full.insert(kind.name.into(), value);
        }
        *given = full;
        Ok(())
    }

    fn pointer(&self) -> String {
        self.path.iter().map(|index| format!("/content/{index}")).collect()
    }
}

fn may_hold(content: Content, index: usize, child: &Node) -> bool {
    let group = schema::find_node(&child.name).map(|kind| kind.group);
    match content {
        Content::None => false,
        Content::PlainText => child.is_text(),
        Content::Inline => group == Some(Group::Inline),
        Content::Blocks => group == Some(Group::Block),
        Content::ParagraphThenBlocks if index == 0 => child.name == "paragraph",
        Content::ParagraphThenBlocks => group == Some(Group::Block),
        Content::Some(name) => child.name == name,
        Content::Cells => matches!(child.name.as_str(), "tableCell" | "tableHeader"),
    }
}

fn needs_content(content: Content) -> bool {
    matches!(content, Content::Blocks | Content::ParagraphThenBlocks | Content::Some(_))
}

/// The value as it is stored, if the attribute takes it. A number may come as a string: TipTap reads it so from HTML.
fn valid(values: Values, value: Value) -> Option<Value> {
    match (values, value) {
        (Values::Bool, Value::Bool(value)) => Some(value.into()),
        (Values::Integer(from, to), value) => {
            let number = value.as_i64().or_else(|| value.as_str()?.parse().ok());
            number.filter(|number| (from..=to).contains(number)).map(Value::from)
        }
        (Values::Text, Value::String(text)) => Some(text.into()),
        (Values::OneOf(allowed), Value::String(text)) => allowed.contains(&text.as_str()).then(|| text.into()),
        (Values::Color, Value::String(text)) => safe::color(&text).map(Value::from),
        (Values::Href, Value::String(text)) => safe::href(&text).map(Value::from),
        (Values::Src, Value::String(text)) => safe::src(&text).map(Value::from),
        (Values::Widths, Value::Array(widths)) => {
            let is_width = |width: &Value| width.as_i64().is_some_and(|width| (0..=10_000).contains(&width));
            widths.iter().all(is_width).then(|| widths.into())
        }
        _ => None,
    }
}
