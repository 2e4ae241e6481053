//! Plain text: a line for each line of text, cells of a table row separated by tabs.

use super::node::Node;

/// The document as plain text: each block on lines of its own, a mention as it is shown, an image as its description.
pub(super) fn render(doc: &Node) -> String {
    let mut lines = Vec::new();
    block(doc, &mut lines);
    lines.join("\n")
}

fn block(node: &Node, lines: &mut Vec<String>) {
    match node.name.as_str() {
        "image" => lines.extend(node.string("alt").map(str::to_string)),
        "horizontalRule" | "pageBreak" => lines.push(String::new()),
        "tableRow" => {
            let cell = |cell: &Node| {
                let mut lines = Vec::new();
                block(cell, &mut lines);
                lines.join(" ").replace(['\n', '\t'], " ")
            };
            lines.push(node.content.iter().map(cell).collect::<Vec<_>>().join("\t"));
        }
        "paragraph" | "heading" | "codeBlock" => lines.push(inline(&node.content)),
        _ if node.content.iter().any(is_inline) => lines.push(inline(&node.content)),
        _ => node.content.iter().for_each(|child| block(child, lines)),
    }
}

pub(super) fn is_inline(node: &Node) -> bool {
    matches!(node.name.as_str(), "text" | "hardBreak" | "mention")
}

/// The characters of texts and inline nodes, and of whatever an unknown inline node holds.
pub(super) fn inline(content: &[Node]) -> String {
    let piece = |node: &Node| match node.name.as_str() {
        "text" => node.text.clone(),
        "hardBreak" => "\n".into(),
        "mention" => mention(node),
        _ => inline(&node.content),
    };
    content.iter().map(piece).collect()
}

/// A mention as it is shown: `@` and the label, or the id where there is no label.
pub(super) fn mention(node: &Node) -> String {
    let sign = node.string("mentionSuggestionChar").unwrap_or("@");
    format!("{sign}{}", node.string("label").or(node.string("id")).unwrap_or_default())
}

/// A document with a paragraph for each line. A last line break ends the last line. Controls other than tab are left out.
pub(super) fn parse(source: &str) -> Node {
    let line = |line: &str| {
        let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        let texts = if line.is_empty() { Vec::new() } else { vec![Node::text(line, &[])] };
        Node::new("paragraph", texts)
    };
    Node::new("doc", source.lines().map(line).collect())
}
