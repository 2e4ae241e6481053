//! HTML → a tree, by html5ever's tokenizer and tree builder, into an arena of our own: the only sink that comes with
//! html5ever calls itself unfit for anything but tests. The bounds are looked at after each piece of the source, so that
//! hostile nesting costs a piece, not the square of the source.

use super::ContentError;
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{Attribute, ExpandedName, ParseOpts, QualName, local_name, ns, parse_fragment};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Deepest nesting of elements.
pub(super) const HTML_DEPTH_LEVELS_MAX: usize = 400;
/// Most elements and texts.
const HTML_NODES_MAX: usize = 1_000_000;
/// How much is parsed between two looks at the bounds.
const PIECE_BYTES: usize = 4096;
/// Most attributes that one tag may seem to have. html5ever compares each with all before it. Also what
/// one comment may have of white space; and an image inside of the source may have some 2.5 MB of base64.
const TAG_ATTRIBUTES_MAX: usize = 40_000;

/// An element, a text, or what has no name and no text: the root, comments.
#[derive(Default)]
pub(super) struct Entry {
    /// The tag in lower case, empty where there is none.
    pub tag: String,
    pub text: String,
    pub children: Vec<usize>,
    attributes: Vec<Attribute>,
    parent: Option<usize>,
    depth: usize,
}

impl Entry {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
    }
}

/// A parsed fragment. The root is entry 0.
pub(super) struct Tree {
    pub entries: Vec<Entry>,
}

/// Parses the inside of a `body`. Fails with `TooDeep`, or with `TooManyNodes`.
pub(super) fn parse(source: &str) -> Result<Tree, ContentError> {
    let body = QualName::new(None, ns!(html), local_name!("body"));
    // Without scripts `noscript` holds content, not text.
    let without_scripts = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let options = ParseOpts { tree_builder: without_scripts, ..ParseOpts::default() };
    let mut parser = parse_fragment(Sink::new(), options, body, Vec::new(), false);
    let (mut rest, mut attributes) = (source, 0);
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES.min(rest.len())));
        let before = parser.tokenizer.sink.sink.steps.get();
        parser.process(StrTendril::from(piece));
        let sink = &parser.tokenizer.sink.sink;
        // Nothing built means that the whole piece was inside one tag (or one comment).
        attributes = if sink.steps.get() == before { attributes + separators(piece) } else { 0 };
        if sink.entries.borrow().len() > HTML_NODES_MAX || attributes > TAG_ATTRIBUTES_MAX {
            return Err(ContentError::TooManyNodes);
        }
        if sink.deepest.get() > HTML_DEPTH_LEVELS_MAX {
            return Err(ContentError::TooDeep);
        }
        rest = after;
    }
    Ok(parser.finish())
}

/// How many attributes could start in the piece.
fn separators(piece: &str) -> usize {
    piece.bytes().filter(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'')).count()
}

/// An entry with its name, which html5ever asks for by reference.
#[derive(Clone)]
struct Handle {
    entry: usize,
    name: Rc<QualName>,
}

struct Sink {
    entries: RefCell<Vec<Entry>>,
    no_name: Rc<QualName>,
    deepest: Cell<usize>,
    /// Counts what was built.
    steps: Cell<usize>,
}

impl Sink {
    fn new() -> Sink {
        Sink {
            entries: RefCell::new(vec![Entry::default()]),
            no_name: Rc::new(QualName::new(None, ns!(), local_name!(""))),
            deepest: Cell::new(0),
            steps: Cell::new(0),
        }
    }

    fn add(&self, entry: Entry) -> usize {
        self.steps.set(self.steps.get() + 1);
        let mut entries = self.entries.borrow_mut();
        entries.push(entry);
        entries.len() - 1
    }

    fn nameless(&self) -> Handle {
        Handle { entry: self.add(Entry::default()), name: self.no_name.clone() }
    }

    /// Puts the child before `position` among the parent's children. A text joins the text before it.
    fn insert(&self, parent: usize, position: usize, child: NodeOrText<Handle>) {
        let child = match child {
            NodeOrText::AppendNode(handle) => {
                self.detach(handle.entry);
                handle.entry
            }
            NodeOrText::AppendText(text) => {
                self.steps.set(self.steps.get() + 1);
                let mut entries = self.entries.borrow_mut();
                let before = position.checked_sub(1).and_then(|at| entries[parent].children.get(at).copied());
                if let Some(before) = before.filter(|&before| !entries[before].text.is_empty()) {
                    entries[before].text.push_str(&text);
                    return;
                }
                drop(entries);
                self.add(Entry { text: text.to_string(), ..Entry::default() })
            }
        };
        let mut entries = self.entries.borrow_mut();
        let depth = entries[parent].depth + 1;
        self.deepest.set(self.deepest.get().max(depth));
        entries[child].parent = Some(parent);
        entries[child].depth = depth;
        let position = position.min(entries[parent].children.len());
        entries[parent].children.insert(position, child);
    }

    fn place(&self, entry: usize) -> Option<(usize, usize)> {
        let entries = self.entries.borrow();
        let parent = entries[entry].parent?;
        // From the end: html5ever works there.
        entries[parent].children.iter().rposition(|&child| child == entry).map(|position| (parent, position))
    }

    fn detach(&self, entry: usize) {
        if let Some((parent, position)) = self.place(entry) {
            let mut entries = self.entries.borrow_mut();
            entries[parent].children.remove(position);
            entries[entry].parent = None;
        }
    }

    fn end_of(&self, parent: usize) -> usize {
        self.entries.borrow()[parent].children.len()
    }
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = Tree;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Tree {
        Tree { entries: self.entries.into_inner() }
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        Handle { entry: 0, name: self.no_name.clone() }
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Handle {
        let tag = name.local.to_ascii_lowercase().to_string();
        Handle { entry: self.add(Entry { tag, attributes, ..Entry::default() }), name: Rc::new(name) }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.nameless()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.nameless()
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.insert(parent.entry, self.end_of(parent.entry), child);
    }

    fn append_based_on_parent_node(&self, element: &Handle, previous: &Handle, child: NodeOrText<Handle>) {
        match self.place(element.entry) {
            Some((parent, position)) => self.insert(parent, position, child),
            None => self.append(previous, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// What a template holds is never shown: it goes to an entry outside the tree.
    fn get_template_contents(&self, _: &Handle) -> Handle {
        self.nameless()
    }

    fn same_node(&self, a: &Handle, b: &Handle) -> bool {
        a.entry == b.entry
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        if let NodeOrText::AppendNode(handle) = &child {
            self.detach(handle.entry);
        }
        if let Some((parent, position)) = self.place(sibling.entry) {
            self.insert(parent, position, child);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let mut entries = self.entries.borrow_mut();
        let entry = &mut entries[target.entry];
        let is_missing = |attribute: &Attribute| entry.attribute(&attribute.name.local).is_none();
        let missing: Vec<Attribute> = attributes.into_iter().filter(is_missing).collect();
        entry.attributes.extend(missing);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.detach(target.entry);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        let mut entries = self.entries.borrow_mut();
        let children = std::mem::take(&mut entries[node.entry].children);
        let depth = entries[new_parent.entry].depth + 1;
        for &child in &children {
            entries[child].parent = Some(new_parent.entry);
            entries[child].depth = depth;
        }
        entries[new_parent.entry].children.extend(children);
    }
}
