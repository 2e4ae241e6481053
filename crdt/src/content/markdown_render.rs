//! Nodes → GitHub's Markdown. Underline, sub- and superscript, colours and mentions become inline HTML, a page break an
//! HTML block, a callout GitHub's alert. Lost are: alignment, indent and direction of blocks, the fill and the merging of
//! cells (the text stays in the first), the size of images, how an ordered list counts, empty paragraphs.
//!
//! Not by comrak's own writer: it asserts on what it is given, escapes every `!` and `#`, and parts lists by comments.

use super::markdown_line::{Place, line};
use super::node::Node;
use super::{safe, table, text};

/// The document, ending in a line break unless it is empty.
pub(super) fn render(doc: &Node) -> String {
    let markdown = apart(&doc.content);
    if markdown.is_empty() { markdown } else { markdown + "\n" }
}

/// The blocks with an empty line between them.
fn apart(content: &[Node]) -> String {
    blocks(content).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n\n")
}

/// A paragraph and lists without an empty line between them, except before a list that cannot end a paragraph: one that
/// counts from another number than 1, or begins with an empty item.
fn together(blocks: Vec<(&Node, String)>) -> String {
    let mut together = String::new();
    for (_, text) in blocks {
        let ends_paragraph = ["- ", "* ", "1. ", "1) "].iter().any(|sign| text.starts_with(sign));
        if !together.is_empty() {
            together.push_str(if ends_paragraph { "\n" } else { "\n\n" });
        }
        together.push_str(&text);
    }
    together
}

/// The blocks that show something.
fn blocks(content: &[Node]) -> Vec<(&Node, String)> {
    let mut written: Vec<(&Node, String)> = Vec::new();
    let mut last_list: Option<(&str, bool)> = None;
    for node in content {
        // Two lists in a row would be one list, if they had the same signs.
        let signs = list_signs(&node.name);
        let second = signs.is_some_and(|signs| last_list.is_some_and(|(last, second)| last == signs && !second));
        let block = block(node, second);
        if !block.is_empty() {
            written.push((node, block));
            last_list = signs.map(|signs| (signs, second));
        }
    }
    written
}

fn list_signs(name: &str) -> Option<&'static str> {
    match name {
        "bulletList" | "taskList" => Some("-"),
        "orderedList" => Some("."),
        _ => None,
    }
}

fn block(node: &Node, second: bool) -> String {
    match node.name.as_str() {
        "paragraph" => line(&node.content, Place::Block),
        "heading" => heading(node),
        "bulletList" | "taskList" => list(node, |_| if second { "* " } else { "- " }.to_string()),
        "orderedList" => {
            let start = node.number("start").unwrap_or(1);
            let sign = if second { ')' } else { '.' };
            list(node, |index| format!("{}{sign} ", start.saturating_add(index).min(999_999_999)))
        }
        "blockquote" => prefixed(&apart(&node.content), "> ", "> "),
        "callout" => prefixed(&format!("[!{}]\n{}", alert(node), apart(&node.content)), "> ", "> "),
        "horizontalRule" => "---".into(),
        "pageBreak" => "<div data-type=\"page-break\"></div>".into(),
        "codeBlock" => code_block(node),
        "table" => table_rows(node),
        "image" => image(node, Place::Title),
        // Unknown: a line when it holds text, else its blocks.
        _ if node.content.iter().any(text::is_inline) => line(&node.content, Place::Block),
        _ if text::is_inline(node) => line(std::slice::from_ref(node), Place::Block),
        _ => apart(&node.content),
    }
}

fn heading(node: &Node) -> String {
    let level = usize::try_from(node.number("level").unwrap_or(1)).unwrap_or(1).clamp(1, 4);
    let mut heading = format!("{} {}", "#".repeat(level), line(&node.content, Place::Title)).trim_end().to_string();
    // Signs at the end, after a space, would be taken for closing ones.
    if heading.trim_end_matches('#').ends_with(' ') && heading.ends_with('#') && heading.len() > level {
        heading.insert(heading.len() - 1, '\\');
    }
    heading
}

/// Items without an empty line between them when none shows more than a paragraph and lists.
fn list(node: &Node, sign: impl Fn(u64) -> String) -> String {
    let items: Vec<Vec<(&Node, String)>> = node.content.iter().map(|item| blocks(&item.content)).collect();
    let is_tight = |item: &Vec<(&Node, String)>| {
        let is_list = |(node, _): &(&Node, String)| list_signs(&node.name).is_some();
        item.first().is_none_or(|first| first.0.name == "paragraph" || is_list(first))
            && item.iter().skip(1).all(is_list)
    };
    let tight = items.iter().all(is_tight);
    let items = (0..).zip(&node.content).zip(items).map(|((index, item), blocks)| {
        let sign = sign(index);
        let tick = match item.attrs.get("checked").and_then(serde_json::Value::as_bool) {
            Some(true) => "[x] ",
            Some(false) => "[ ] ",
            None => "",
        };
        // After an empty paragraph, which shows nothing, the blocks begin below the sign.
        let below = blocks.first().is_some_and(|(first, _)| first.name != "paragraph");
        let gap = match (below, tick.is_empty()) {
            (false, _) => "",
            (true, true) => "\n",
            (true, false) => "\n\n", // A task's box needs an empty line after it.
        };
        let tick = if gap.is_empty() { tick } else { tick.trim_end() };
        let item = format!("{tick}{gap}{}", if tight { together(blocks) } else { apart(&item.content) });
        prefixed(&item, &sign, &" ".repeat(sign.len())).trim_end_matches(' ').to_string()
    });
    items.collect::<Vec<_>>().join(if tight { "\n" } else { "\n\n" })
}

/// The text with `first` before its first line and `rest` before the others, but no spaces at the end of an empty line.
fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let line = |(index, line): (usize, &str)| {
        let prefix = if index == 0 { first } else { rest };
        if line.is_empty() { prefix.trim_end().to_string() } else { format!("{prefix}{line}") }
    };
    text.split('\n').enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn alert(node: &Node) -> &'static str {
    match node.string("kind") {
        Some("success") => "TIP",
        Some("warning") => "WARNING",
        Some("danger") => "CAUTION",
        _ => "NOTE",
    }
}

fn code_block(node: &Node) -> String {
    let code = text::inline(&node.content);
    let fence = "`".repeat(longest_run(&code, '`').max(2) + 1);
    let language = node.string("language").and_then(safe::language).unwrap_or_default();
    format!("{fence}{language}\n{code}{}{fence}", if code.is_empty() { "" } else { "\n" })
}

/// The length of the longest run of the character.
pub(super) fn longest_run(text: &str, character: char) -> usize {
    text.split(|other| other != character).map(str::len).max().unwrap_or(0)
}

fn image(node: &Node, place: Place) -> String {
    let Some(src) = node.string("src").and_then(safe::src) else { return String::new() };
    let alt = node.string("alt").map(|alt| line(&[Node::text(alt, &[])], place)).unwrap_or_default();
    format!("![{alt}]({})", destination(&src, node.string("title")))
}

/// The target and title of a link or an image, as they stand between the round brackets.
pub(super) fn destination(url: &str, title: Option<&str>) -> String {
    // White space, angle brackets and backslashes would end the target or need escapes: they are encoded as a browser
    // would do it.
    let mut target = String::new();
    for character in url.chars() {
        match character {
            ' ' => target.push_str("%20"),
            '<' => target.push_str("%3C"),
            '>' => target.push_str("%3E"),
            '\\' => target.push_str("%5C"),
            '|' => target.push_str("%7C"),
            '&' => target.push_str("&amp;"),
            _ => target.push(character),
        }
    }
    if target.contains(['(', ')']) {
        target = format!("<{target}>");
    }
    match title.filter(|title| !title.is_empty()) {
        Some(title) => {
            let title = title.replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;").replace('|', "\\|");
            format!("{target} \"{}\"", title.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        None => target,
    }
}

/// A table with its first row as the head, for there must be one. Merged cells become one with text and empty ones.
fn table_rows(node: &Node) -> String {
    let mut square = node.clone();
    if table::square(&mut square).is_err() {
        return line(&[Node::text(text::render(node), &[])], Place::Block);
    }
    let Some(rows) = unmerged(&square) else { return String::new() };
    let mut lines = Vec::with_capacity(rows.len() + 1);
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| cell.map(cell_line).unwrap_or_default()).collect();
        lines.push(format!("| {} |", cells.join(" | ")));
        if index == 0 {
            let align = |cell: &Option<&Node>| match cell.and_then(|cell| cell.string("align")) {
                Some("left") => ":---",
                Some("center") => ":---:",
                Some("right") => "---:",
                _ => "---",
            };
            lines.push(format!("| {} |", row.iter().map(align).collect::<Vec<_>>().join(" | ")));
        }
    }
    lines.join("\n")
}

/// The squares of a rectangular table: the cell whose first square it is, or none.
fn unmerged(table: &Node) -> Option<Vec<Vec<Option<&Node>>>> {
    let width: u64 = table.content.first()?.content.iter().map(|cell| cell.number("colspan").unwrap_or(1)).sum();
    let width = usize::try_from(width).ok()?;
    let mut taken = vec![0u64; width];
    let mut rows = Vec::with_capacity(table.content.len());
    for row in &table.content {
        let mut squares = vec![None; width];
        let mut cells = row.content.iter();
        let mut column = 0;
        while column < width {
            if taken[column] > 0 {
                taken[column] -= 1;
                column += 1;
                continue;
            }
            let Some(cell) = cells.next() else { break };
            squares[column] = Some(cell);
            for _ in 0..cell.number("colspan").unwrap_or(1) {
                if let Some(rows) = taken.get_mut(column) {
                    *rows = cell.number("rowspan").unwrap_or(1).saturating_sub(1);
                }
                column += 1;
            }
        }
        rows.push(squares);
    }
    Some(rows)
}

/// What a cell holds on one line. Lists and quotes keep their signs as text.
fn cell_line(cell: &Node) -> String {
    let mut lines: Vec<String> = Vec::new();
    for node in &cell.content {
        match node.name.as_str() {
            "paragraph" | "heading" => lines.push(line(&node.content, Place::Cell)),
            "image" => lines.push(image(node, Place::Cell)),
            _ => lines.extend(text::render(node).lines().map(|text| {
                let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                line(&[Node::text(words, &[])], Place::Cell)
            })),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines.join("<br>")
}
