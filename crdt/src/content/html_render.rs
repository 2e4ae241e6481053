//! Nodes → a fragment of safe, semantic HTML. Safe means: every text and attribute is escaped, attributes are those that
//! are written here, and URLs, colours and language names pass `safe`. What the schema does not know shows its text.
//!
//! `html_parse` reads back what is written here, and so does the editor: the `data-` attributes are TipTap's and the web
//! app's.

use super::nest::{Inline, nest};
use super::node::{Mark, Node};
use super::{safe, text};
use std::fmt::Write as _;

/// The document as a fragment, one block a line.
pub(super) fn render(doc: &Node) -> String {
    let mut html = String::new();
    blocks(&doc.content, &mut html);
    html
}

fn blocks(content: &[Node], html: &mut String) {
    for node in content {
        block(node, html);
    }
}

fn block(node: &Node, html: &mut String) {
    match node.name.as_str() {
        "paragraph" => line(node, "p", html),
        "heading" => line(node, &format!("h{}", node.number("level").unwrap_or(1).clamp(1, 4)), html),
        "bulletList" => container(node, "<ul>", "</ul>", html),
        "orderedList" => container(node, &ordered_list(node), "</ol>", html),
        "listItem" => container(node, "<li>", "</li>", html),
        "taskList" => container(node, "<ul data-type=\"taskList\">", "</ul>", html),
        "taskItem" => container(node, &task_item(node), "</div></li>", html),
        "blockquote" => container(node, "<blockquote>", "</blockquote>", html),
        "callout" => container(node, &callout(node), "</aside>", html),
        "table" => container(node, "<table><tbody>", "</tbody></table>", html),
        "tableRow" => container(node, "<tr>", "</tr>", html),
        "tableHeader" => container(node, &cell(node, "th"), "</th>", html),
        "tableCell" => container(node, &cell(node, "td"), "</td>", html),
        "horizontalRule" => html.push_str("<hr>\n"),
        "pageBreak" => html.push_str("<div data-type=\"page-break\" style=\"break-after: page\"></div>\n"),
        "codeBlock" => code_block(node, html),
        "image" => image(node, html),
        // Unknown: a line when it holds text, else its blocks.
        _ if node.content.iter().any(text::is_inline) => line(node, "p", html),
        _ if text::is_inline(node) => line(&Node::new("paragraph", vec![node.clone()]), "p", html),
        _ => blocks(&node.content, html),
    }
}

fn container(node: &Node, open: &str, close: &str, html: &mut String) {
    html.push_str(open);
    blocks(&node.content, html);
    // One block a line, but no line break inside of the container: it would be a text there.
    if html.ends_with('\n') {
        html.pop();
    }
    html.push_str(close);
    html.push('\n');
}

fn line(node: &Node, tag: &str, html: &mut String) {
    let mut style = Vec::new();
    if let Some(align @ ("left" | "center" | "right" | "justify")) = node.string("textAlign") {
        style.push(format!("text-align: {align}"));
    }
    let indent = node.number("indent").unwrap_or(0).min(8);
    if indent > 0 {
        style.push(format!("margin-inline-start: {}em", 2 * indent));
    }
    let _ = write!(html, "<{tag}");
    attribute("style", &style.join("; "), html);
    attribute("data-indent", &if indent > 0 { indent.to_string() } else { String::new() }, html);
    attribute("dir", node.string("dir").filter(|dir| matches!(*dir, "ltr" | "rtl")).unwrap_or_default(), html);
    html.push('>');
    inlines(&nest(&node.content), html);
    // A browser does not show the last line break of a block.
    if node.content.last().is_some_and(|last| last.name == "hardBreak") {
        html.push_str("<br>");
    }
    let _ = writeln!(html, "</{tag}>");
}

fn ordered_list(node: &Node) -> String {
    let mut open = String::from("<ol");
    let start = node.number("start").unwrap_or(1);
    attribute("start", &if start == 1 { String::new() } else { start.to_string() }, &mut open);
    let kind = node.string("type").filter(|kind| matches!(*kind, "1" | "a" | "A" | "i" | "I"));
    attribute("type", kind.unwrap_or_default(), &mut open);
    open + ">"
}

fn task_item(node: &Node) -> String {
    let is_checked = node.attrs.get("checked").and_then(serde_json::Value::as_bool).unwrap_or(false);
    let checked = if is_checked { " checked" } else { "" };
    format!("<li data-type=\"taskItem\" data-checked=\"{is_checked}\"><input type=\"checkbox\" disabled{checked}><div>")
}

fn callout(node: &Node) -> String {
    let kind = node.string("kind").filter(|kind| matches!(*kind, "success" | "warning" | "danger")).unwrap_or("info");
    format!("<aside data-type=\"callout\" data-kind=\"{kind}\">")
}

fn cell(node: &Node, tag: &str) -> String {
    let mut open = format!("<{tag}");
    for span in ["colspan", "rowspan"] {
        let count = node.number(span).unwrap_or(1).clamp(1, 1000);
        attribute(span, &if count == 1 { String::new() } else { count.to_string() }, &mut open);
    }
    let widths: Option<Vec<String>> = node
        .attrs
        .get("colwidth")
        .and_then(serde_json::Value::as_array)
        .and_then(|widths| widths.iter().map(|width| width.as_u64().map(|width| width.to_string())).collect());
    attribute("colwidth", &widths.unwrap_or_default().join(","), &mut open);
    let mut style = Vec::new();
    if let Some(color) = node.string("backgroundColor").and_then(safe::color) {
        style.push(format!("background-color: {color}"));
    }
    if let Some(align @ ("left" | "center" | "right")) = node.string("align") {
        style.push(format!("text-align: {align}"));
    }
    attribute("style", &style.join("; "), &mut open);
    open + ">"
}

fn code_block(node: &Node, html: &mut String) {
    html.push_str("<pre><code");
    if let Some(language) = node.string("language").and_then(safe::language) {
        attribute("class", &format!("language-{language}"), html);
    }
    html.push('>');
    let code = text::inline(&node.content);
    escape(&code, html);
    // The last line break of a `pre` is not shown, so one that belongs to the code needs a second.
    html.push_str(if code.ends_with('\n') { "\n</code></pre>\n" } else { "</code></pre>\n" });
}

fn image(node: &Node, html: &mut String) {
    let Some(src) = node.string("src").and_then(safe::src) else { return };
    html.push_str("<img");
    attribute("src", &src, html);
    // An image without a description says so to a screen reader by an empty one.
    html.push_str(" alt=\"");
    escape(node.string("alt").unwrap_or_default(), html);
    html.push('"');
    attribute("title", node.string("title").unwrap_or_default(), html);
    for side in ["width", "height"] {
        attribute(side, &node.number(side).map(|pixels| pixels.to_string()).unwrap_or_default(), html);
    }
    html.push_str(">\n");
}

/// A line of text with its marks.
pub(super) fn inlines(line: &[Inline<'_>], html: &mut String) {
    for part in line {
        match part {
            Inline::Marked(mark, inner) => {
                let close = open_mark(mark, html);
                inlines(inner, html);
                html.push_str(close);
            }
            Inline::Leaf(node) => match node.name.as_str() {
                "text" => escape(&node.text, html),
                "hardBreak" => html.push_str("<br>"),
                "mention" => {
                    html.push_str(&open_mention(node));
                    escape(&text::mention(node), html);
                    html.push_str("</span>");
                }
                _ => escape(&text::inline(&node.content), html),
            },
        }
    }
}

/// Opens the element of a mark and returns what closes it.
pub(super) fn open_mark(mark: &Mark, html: &mut String) -> &'static str {
    let value = |name: &str| mark.attrs.get(name).and_then(serde_json::Value::as_str);
    let (open, close) = match mark.name.as_str() {
        "bold" => ("<strong>", "</strong>"),
        "italic" => ("<em>", "</em>"),
        "underline" => ("<u>", "</u>"),
        "strike" => ("<s>", "</s>"),
        "code" => ("<code>", "</code>"),
        "subscript" => ("<sub>", "</sub>"),
        "superscript" => ("<sup>", "</sup>"),
        "link" => {
            let Some(href) = value("href").and_then(safe::href) else { return "" };
            html.push_str("<a");
            attribute("href", &href, html);
            let target = value("target").filter(|target| matches!(*target, "_blank" | "_self" | "_parent" | "_top"));
            attribute("target", target.unwrap_or_default(), html);
            attribute("rel", "noopener noreferrer nofollow", html);
            attribute("title", value("title").unwrap_or_default(), html);
            (">", "</a>")
        }
        "textStyle" => {
            let Some(color) = value("color").and_then(safe::color) else { return "" };
            let _ = write!(html, "<span style=\"color: {color}\"");
            (">", "</span>")
        }
        "highlight" => {
            html.push_str("<mark");
            if let Some(color) = value("color").and_then(safe::color) {
                let _ = write!(html, " data-color=\"{color}\" style=\"background-color: {color}; color: inherit\"");
            }
            (">", "</mark>")
        }
        _ => ("", ""),
    };
    html.push_str(open);
    close
}

/// The tag that opens a mention; `</span>` closes it.
pub(super) fn open_mention(node: &Node) -> String {
    let mut open = String::from("<span data-type=\"mention\"");
    for name in ["id", "label"] {
        attribute(&format!("data-{name}"), node.string(name).unwrap_or_default(), &mut open);
    }
    open + ">"
}

/// Writes the attribute, unless its value is empty.
fn attribute(name: &str, value: &str, html: &mut String) {
    if !value.is_empty() {
        let _ = write!(html, " {name}=\"");
        // On one line: inline HTML in Markdown may not hold an empty one.
        escape(&value.replace(['\n', '\r'], " "), html);
        html.push('"');
    }
}

/// Escapes for texts and for attributes in double quotes; leaves out controls that HTML has no place for.
fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' | '\t' => html.push(character),
            _ if character.is_control() => {}
            _ => html.push(character),
        }
    }
}
