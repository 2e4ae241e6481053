//! HTML → nodes of the schema, leniently: an unknown tag gives way to its content, what is not content (scripts, styles,
//! forms, frames) is dropped, inline styles become marks where there is one for them.

use super::flow::{self, Flow};
use super::html_style::{marks_of, styles};
use super::html_tree::{self, Entry, HTML_DEPTH_LEVELS_MAX, Tree};
use super::node::{Mark, Node};
use super::{ContentError, safe};

/// Elements that are dropped with what they hold.
const DROPPED: &[&str] = &[
    "applet", "area", "audio", "base", "canvas", "datalist", "embed", "frameset", "head", "iframe", "input", "link",
    "map", "math", "meta", "noembed", "noframes", "object", "option", "script", "select", "style", "svg", "template",
    "textarea", "title", "video",
];

/// Elements that stand on lines of their own and have no node: their content does so in their place.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hgroup",
    "html",
    "legend",
    "li",
    "main",
    "menu",
    "nav",
    "optgroup",
    "search",
    "section",
    "summary",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
];

/// The document that the HTML shows. Fails with `TooDeep`, or with `TooManyNodes`.
pub(super) fn parse(source: &str) -> Result<Node, ContentError> {
    let tree = html_tree::parse(source)?;
    let mut flow = Flow::new();
    Parser { tree: &tree }.children(0, &[], 0, &mut flow)?;
    Ok(Node::new("doc", flow.finish()))
}

struct Parser<'a> {
    tree: &'a Tree,
}

impl<'a> Parser<'a> {
    fn children(&self, entry: usize, marks: &[Mark], depth: usize, flow: &mut Flow) -> Result<(), ContentError> {
        if depth > HTML_DEPTH_LEVELS_MAX {
            return Err(ContentError::TooDeep);
        }
        for &child in &self.entry(entry).children {
            let node = self.entry(child);
            if !node.text.is_empty() {
                flow.inline(Node::text(&node.text, marks));
            } else if !node.tag.is_empty() {
                self.element(child, marks, depth + 1, flow)?;
            }
        }
        Ok(())
    }

    fn element(&self, entry: usize, marks: &[Mark], depth: usize, flow: &mut Flow) -> Result<(), ContentError> {
        let node = self.entry(entry);
        match node.tag.as_str() {
            tag if DROPPED.contains(&tag) => {}
            "br" => flow.inline(Node::new("hardBreak", Vec::new())),
            "p" => self.line(entry, Node::new("paragraph", Vec::new()), marks, depth, flow)?,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let level = node.tag[1..].parse::<u8>().unwrap_or(1).min(4);
                self.line(entry, Node::new("heading", Vec::new()).with("level", level), marks, depth, flow)?;
            }
            "ul" | "ol" => self.list(entry, marks, depth, flow)?,
            "blockquote" => flow.block(Node::new("blockquote", self.blocks(entry, marks, depth)?)),
            "hr" => flow.block(Node::new("horizontalRule", Vec::new())),
            "pre" | "listing" | "xmp" => flow.block(self.code_block(entry, depth)?),
            "table" => self.table(entry, marks, depth, flow)?,
            "img" => flow_image(node, flow),
            "span" if node.attribute("data-type") == Some("mention") => flow.inline(self.mention(entry, depth)?),
            "div" if node.attribute("data-type") == Some("page-break") => {
                flow.block(Node::new("pageBreak", Vec::new()))
            }
            "div" | "aside" if callout_kind(node).is_some() => {
                let kind = callout_kind(node).unwrap_or_default();
                flow.block(Node::new("callout", self.blocks(entry, marks, depth)?).with("kind", kind));
            }
            tag if BLOCKS.contains(&tag) => {
                flow.end_line();
                self.children(entry, marks, depth, flow)?;
                flow.end_line();
            }
            _ => self.children(entry, &marks_of(node, marks), depth, flow)?,
        }
        Ok(())
    }

    /// What an element holds, as blocks of its own.
    fn blocks(&self, entry: usize, marks: &[Mark], depth: usize) -> Result<Vec<Node>, ContentError> {
        let mut flow = Flow::new();
        self.children(entry, marks, depth, &mut flow)?;
        Ok(flow.finish())
    }

    /// A paragraph or heading. Blocks in it (an image, say) cut it in two.
    fn line(
        &self,
        entry: usize,
        mut frame: Node,
        marks: &[Mark],
        depth: usize,
        flow: &mut Flow,
    ) -> Result<(), ContentError> {
        let node = self.entry(entry);
        // The title that comrak's HTML gives a callout; the callout's kind says the same.
        if node.attribute("class") == Some("markdown-alert-title") {
            return Ok(());
        }
        let style = styles(node);
        let align = style.get("text-align").map(String::as_str).or(node.attribute("align"));
        if let Some(align) = align.filter(|align| matches!(*align, "left" | "center" | "right" | "justify")) {
            frame = frame.with("textAlign", align);
        }
        if let Some(indent) = node.attribute("data-indent").and_then(|indent| indent.parse::<u8>().ok()) {
            frame = frame.with("indent", indent.min(8));
        }
        if let Some(dir @ ("ltr" | "rtl")) = node.attribute("dir") {
            frame = frame.with("dir", dir);
        }
        let outer = flow.begin(frame);
        self.children(entry, marks, depth, flow)?;
        flow.end(outer);
        Ok(())
    }

    /// A list. Items with a box to tick make a task list, also in the middle of another list.
    fn list(&self, entry: usize, marks: &[Mark], depth: usize, flow: &mut Flow) -> Result<(), ContentError> {
        if depth > HTML_DEPTH_LEVELS_MAX {
            return Err(ContentError::TooDeep);
        }
        let list = self.entry(entry);
        let mut items: Vec<Node> = Vec::new();
        for &child in &list.children {
            let node = self.entry(child);
            match (node.tag.as_str(), items.last_mut()) {
                ("li", _) => {
                    let content = flow::item(self.blocks(child, marks, depth + 1)?);
                    items.push(match self.checked(child) {
                        Some(checked) => Node::new("taskItem", content).with("checked", checked),
                        None => Node::new("listItem", content),
                    });
                }
                // A list right in a list belongs to the item before it.
                ("ul" | "ol", Some(last)) => {
                    let mut inner = Flow::new();
                    self.list(child, marks, depth + 1, &mut inner)?;
                    last.content.extend(inner.into_blocks());
                }
                (tag, _) if DROPPED.contains(&tag) => {}
                ("", _) if node.text.trim().is_empty() => {}
                _ => {
                    let mut inner = Flow::new();
                    match node.text.as_str() {
                        "" => self.element(child, marks, depth + 1, &mut inner)?,
                        text => inner.inline(Node::text(text, marks)),
                    }
                    let blocks = inner.into_blocks();
                    if !blocks.is_empty() {
                        items.push(Node::new("listItem", flow::item(blocks)));
                    }
                }
            }
        }
        for run in items.chunk_by(|a, b| a.name == b.name) {
            flow.block(match run.first() {
                Some(first) if first.name == "taskItem" => Node::new("taskList", run.to_vec()),
                _ if list.tag == "ol" => ordered_list(list, run.to_vec()),
                _ => Node::new("bulletList", run.to_vec()),
            });
        }
        Ok(())
    }

    /// Whether an item is ticked; None where there is nothing to tick. The box is the first thing in the item, perhaps
    /// in a label or a paragraph.
    fn checked(&self, item: usize) -> Option<bool> {
        let node = self.entry(item);
        if let Some(checked) = node.attribute("data-checked") {
            return Some(checked == "true");
        }
        let mut at = item;
        for _ in 0..3 {
            let is_shown =
                |&&child: &&usize| !self.entry(child).text.trim().is_empty() || !self.entry(child).tag.is_empty();
            let Some(&child) = self.entry(at).children.iter().find(is_shown) else { break };
            at = child;
            let first = self.entry(at);
            match first.tag.as_str() {
                "label" | "p" | "div" | "span" => {}
                "input" if first.attribute("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) => {
                    return Some(first.attribute("checked").is_some());
                }
                _ => break,
            }
        }
        (node.attribute("data-type") == Some("taskItem")).then_some(false)
    }

    fn table(&self, entry: usize, marks: &[Mark], depth: usize, flow: &mut Flow) -> Result<(), ContentError> {
        let mut rows = Vec::new();
        for &child in &self.entry(entry).children {
            match self.entry(child).tag.as_str() {
                "thead" | "tbody" | "tfoot" => {
                    for &row in &self.entry(child).children {
                        if self.entry(row).tag == "tr" {
                            rows.push(self.row(row, marks, depth + 2)?);
                        }
                    }
                }
                "caption" => self.element(child, marks, depth + 1, flow)?,
                _ => {}
            }
        }
        if rows.iter().any(|row: &Node| !row.content.is_empty()) {
            flow.block(Node::new("table", rows));
        }
        Ok(())
    }

    fn row(&self, entry: usize, marks: &[Mark], depth: usize) -> Result<Node, ContentError> {
        let mut cells = Vec::new();
        for &child in &self.entry(entry).children {
            let node = self.entry(child);
            let name = match node.tag.as_str() {
                "td" => "tableCell",
                "th" => "tableHeader",
                _ => continue,
            };
            cells.push(cell_attributes(node, Node::new(name, self.blocks(child, marks, depth + 1)?)));
        }
        Ok(Node::new("tableRow", cells))
    }

    fn code_block(&self, entry: usize, depth: usize) -> Result<Node, ContentError> {
        let pre = self.entry(entry);
        let inner = pre.children.iter().map(|&child| self.entry(child)).find(|child| child.tag == "code");
        let mut code = String::new();
        self.characters(entry, depth, &mut code)?;
        let code = code.strip_suffix('\n').unwrap_or(&code);
        let texts = if code.is_empty() { Vec::new() } else { vec![Node::text(code, &[])] };
        let block = Node::new("codeBlock", texts);
        let classes = [Some(pre), inner].into_iter().flatten().filter_map(|node| node.attribute("class"));
        let language = classes
            .flat_map(str::split_ascii_whitespace)
            .find_map(|class| class.strip_prefix("language-").or(class.strip_prefix("lang-")))
            .and_then(safe::language);
        Ok(match language {
            Some(language) => block.with("language", language),
            None => block,
        })
    }

    fn mention(&self, entry: usize, depth: usize) -> Result<Node, ContentError> {
        let node = self.entry(entry);
        let mut shown = String::new();
        self.characters(entry, depth, &mut shown)?;
        let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let label = one_line(node.attribute("data-label").unwrap_or(shown.trim().trim_start_matches('@')));
        let mention = Node::new("mention", Vec::new()).with("label", label);
        Ok(match node.attribute("data-id") {
            Some(id) => mention.with("id", one_line(id)),
            None => mention,
        })
    }

    /// The characters of an element as they stand, `br` as a line break.
    fn characters(&self, entry: usize, depth: usize, into: &mut String) -> Result<(), ContentError> {
        if depth > HTML_DEPTH_LEVELS_MAX {
            return Err(ContentError::TooDeep);
        }
        for &child in &self.entry(entry).children {
            let node = self.entry(child);
            into.extend(node.text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')));
            match node.tag.as_str() {
                "br" => into.push('\n'),
                tag if DROPPED.contains(&tag) => {}
                _ => self.characters(child, depth + 1, into)?,
            }
        }
        Ok(())
    }

    fn entry(&self, entry: usize) -> &'a Entry {
        &self.tree.entries[entry]
    }
}

/// Our own callouts, and those of GitHub's Markdown (comrak's `alerts`).
fn callout_kind(node: &Entry) -> Option<&'static str> {
    let kind = match (node.attribute("data-type"), node.attribute("class")) {
        (Some("callout"), _) => node.attribute("data-kind").unwrap_or("info"),
        (_, Some(class)) => class.strip_prefix("markdown-alert markdown-alert-")?,
        _ => return None,
    };
    Some(match kind {
        "success" | "tip" => "success",
        "warning" => "warning",
        "danger" | "caution" => "danger",
        _ => "info",
    })
}

fn ordered_list(list: &Entry, items: Vec<Node>) -> Node {
    let mut node = Node::new("orderedList", items);
    let start = list.attribute("start").and_then(|start| start.trim().parse::<u32>().ok());
    if let Some(start) = start.filter(|&start| start <= 999_999_999) {
        node = node.with("start", start);
    }
    match list.attribute("type") {
        Some(kind @ ("1" | "a" | "A" | "i" | "I")) => node.with("type", kind),
        _ => node,
    }
}

fn cell_attributes(node: &Entry, mut cell: Node) -> Node {
    let number = |name: &str| node.attribute(name).and_then(|count| count.trim().parse::<u64>().ok());
    for span in ["colspan", "rowspan"] {
        cell = cell.with(span, number(span).unwrap_or(1).clamp(1, 1000));
    }
    let widths: Option<Vec<u64>> = node.attribute("colwidth").and_then(|widths| {
        widths.split(',').map(|width| width.trim().parse().ok().filter(|&width| width <= 10_000)).collect()
    });
    if let Some(widths) = widths {
        cell = cell.with("colwidth", widths);
    }
    let style = styles(node);
    let align = style.get("text-align").map(String::as_str).or(node.attribute("align"));
    if let Some(align) = align.filter(|align| matches!(*align, "left" | "center" | "right")) {
        cell = cell.with("align", align);
    }
    let fill = style.get("background-color").or(style.get("background")).map(String::as_str);
    match fill.or(node.attribute("bgcolor")).and_then(safe::color) {
        Some(color) => cell.with("backgroundColor", color),
        None => cell,
    }
}

fn flow_image(node: &Entry, flow: &mut Flow) {
    let Some(src) = node.attribute("src").and_then(safe::src) else { return };
    let mut image = Node::new("image", Vec::new()).with("src", src);
    for name in ["alt", "title"] {
        if let Some(text) = node.attribute(name).filter(|text| !text.is_empty()) {
            image = image.with(name, text);
        }
    }
    for side in ["width", "height"] {
        let pixels = node.attribute(side).and_then(|pixels| pixels.trim().trim_end_matches("px").parse::<u64>().ok());
        if let Some(pixels) = pixels.filter(|pixels| (1..=10_000).contains(pixels)) {
            image = image.with(side, pixels);
        }
    }
    flow.block(image);
}
