//! A line of text with its marks → Markdown. Where Markdown's signs for bold, italic or strike would not be read as
//! such (CommonMark 0.31, "Emphasis": what may stand on both sides of a sign), HTML stands in their place.

use super::markdown_render::{destination, longest_run};
use super::nest::{Inline, nest};
use super::node::{Mark, Node};
use super::{html_render, safe, text};

/// Where a line stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    /// In a block of its own: it may break, and must not look like another block's beginning.
    Block,
    /// In a heading, or as the description of an image: no line breaks.
    Title,
    /// In a table: no line breaks, and `|` is escaped.
    Cell,
}

/// The line, without white space and line breaks around it.
pub(super) fn line(content: &[Node], place: Place) -> String {
    let is_break = |node: &Node| node.name == "hardBreak";
    let start = content.iter().take_while(|node| is_break(node)).count();
    let end = content.iter().rposition(|node| !is_break(node)).map_or(start, |last| last + 1);
    let written = parts(&nest(&content[start..end]), place, ' ', ' ');
    // Other white space, a no-break space say, is text.
    let written = written.trim_matches([' ', '\n']);
    match place {
        Place::Block => written.split('\n').map(guard_start).collect::<Vec<_>>().join("\n"),
        Place::Title | Place::Cell => written.to_string(),
    }
}

/// The parts one after the other. `before` and `after` are the characters around them.
fn parts(line: &[Inline<'_>], place: Place, before: char, after: char) -> String {
    let mut written = String::new();
    for (index, part) in line.iter().enumerate() {
        let before = written.chars().next_back().unwrap_or(before);
        let after = line.get(index + 1).map_or(after, first_character);
        match part {
            Inline::Marked(mark, inner) => written += &marked(mark, inner, place, before, after),
            Inline::Leaf(node) => match node.name.as_str() {
                "text" => escape(&node.text, place, after, &mut written),
                "hardBreak" => written += if place == Place::Block { "\\\n" } else { "<br>" },
                "mention" => {
                    written += &tag(&html_render::open_mention(node), place);
                    escape(&text::mention(node), place, '<', &mut written);
                    written += "</span>";
                }
                _ => escape(&text::inline(&node.content), place, after, &mut written),
            },
        }
    }
    written
}

/// The character that the part will begin with, or another of the same effect on a sign before it.
fn first_character(part: &Inline<'_>) -> char {
    match part {
        Inline::Leaf(node) if node.is_text() => node.text.chars().next().unwrap_or(' '),
        Inline::Leaf(_) => '<',
        Inline::Marked(mark, inner) => match mark.name.as_str() {
            "bold" => '*',
            "italic" => '_',
            "strike" => '~',
            "link" if href(mark).is_some() => '[',
            "link" | "textStyle" => inner.first().map_or(' ', first_character),
            _ => '<',
        },
    }
}

fn marked(mark: &Mark, inner: &[Inline<'_>], place: Place, before: char, after: char) -> String {
    match mark.name.as_str() {
        "bold" => signed(&["**"], mark, inner, place, before, after),
        "italic" => signed(&["_", "*"], mark, inner, place, before, after),
        "strike" => signed(&["~~"], mark, inner, place, before, after),
        "code" => code_span(inner, place),
        "link" => match href(mark) {
            Some(href) => link(&href, mark, inner, place),
            None => parts(inner, place, before, after),
        },
        _ => tagged(mark, inner, place, before, after),
    }
}

/// Between the first of the signs that works there, or else between tags. White space goes outside.
fn signed(signs: &[&str], mark: &Mark, inner: &[Inline<'_>], place: Place, before: char, after: char) -> String {
    for sign in signs {
        let character = sign.chars().next().unwrap_or(' ');
        let all = parts(inner, place, character, character);
        let text = all.trim_matches(' ');
        let (Some(first), Some(last)) = (text.chars().next(), text.chars().next_back()) else { return all };
        let (lead, trail) = (all.starts_with(' '), all.ends_with(' '));
        let outside = [if lead { ' ' } else { before }, if trail { ' ' } else { after }];
        // A letter inside, or white space or punctuation outside, makes the sign open or close; `_` needs the latter.
        // GitHub's parsers look through `~` at what is behind it, so it is neither.
        let works = |inside: char, outside: char| {
            let at_border = outside.is_whitespace() || (outside.is_ascii_punctuation() && outside != '~');
            let free = inside != character && outside != character && !inside.is_whitespace();
            free && (at_border || (inside.is_alphanumeric() && character != '_'))
        };
        if works(first, outside[0]) && works(last, outside[1]) {
            let (lead, trail) = (if lead { " " } else { "" }, if trail { " " } else { "" });
            return format!("{lead}{sign}{text}{sign}{trail}");
        }
    }
    tagged(mark, inner, place, before, after)
}

/// Between the tags that HTML has for the mark; without them where it has none (a colour that is no colour).
fn tagged(mark: &Mark, inner: &[Inline<'_>], place: Place, before: char, after: char) -> String {
    let mut open = String::new();
    let close = html_render::open_mark(mark, &mut open);
    if open.is_empty() {
        return parts(inner, place, before, after);
    }
    format!("{}{}{close}", tag(&open, place), parts(inner, place, '>', '<'))
}

/// A tag as it may stand in that place.
fn tag(html: &str, place: Place) -> String {
    if place == Place::Cell { html.replace('|', "&#124;") } else { html.to_string() }
}

fn href(mark: &Mark) -> Option<String> {
    mark.attrs.get("href").and_then(serde_json::Value::as_str).and_then(safe::href)
}

fn link(href: &str, mark: &Mark, inner: &[Inline<'_>], place: Place) -> String {
    let is_web = href.starts_with("https://") || href.starts_with("http://");
    match inner {
        [Inline::Leaf(node)] if node.text == href && is_web && !href.contains([' ', '<', '>', '|', '\\']) => {
            format!("<{href}>")
        }
        _ => {
            let title = mark.attrs.get("title").and_then(serde_json::Value::as_str);
            format!("[{}]({})", parts(inner, place, '[', ']'), destination(href, title))
        }
    }
}

fn code_span(inner: &[Inline<'_>], place: Place) -> String {
    let mut code = String::new();
    characters(inner, &mut code);
    let code = code.replace('\n', " ");
    let code = if place == Place::Cell { code.replace('|', "\\|") } else { code };
    if code.trim().is_empty() {
        return code;
    }
    let ticks = "`".repeat(longest_run(&code, '`') + 1);
    let needs_space = code.starts_with(['`', ' ']) || code.ends_with(['`', ' ']);
    let space = if needs_space { " " } else { "" };
    format!("{ticks}{space}{code}{space}{ticks}")
}

fn characters(line: &[Inline<'_>], into: &mut String) {
    for part in line {
        match part {
            Inline::Leaf(node) => *into += &text::inline(std::slice::from_ref(node)),
            Inline::Marked(_, inner) => characters(inner, into),
        }
    }
}

/// Escapes what would be a sign in the middle of a line.
fn escape(text: &str, place: Place, after: char, into: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let escaped = match character {
            '\\' | '`' | '*' | '[' | ']' | '<' | '~' => true,
            '_' => !(next.is_some_and(char::is_alphanumeric) && into.ends_with(char::is_alphanumeric)),
            '&' => next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '#'),
            '|' => place == Place::Cell,
            '!' => next.is_none() && after == '[',
            _ => false,
        };
        if escaped {
            into.push('\\');
        }
        into.push(if character.is_control() { ' ' } else { character });
    }
}

/// Escapes what would begin another block, or underline the line before it as a heading or a table's head.
fn guard_start(line: &str) -> String {
    let line = line.trim_start_matches([' ', '\t']);
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at(digits);
    let followed = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\t']);
    let only = |signs: &[char]| !rest.is_empty() && rest.trim_end().chars().all(|character| signs.contains(&character));
    let begins_block = match rest.chars().next() {
        Some('>') => digits == 0,
        Some('#') => digits == 0 && followed(rest.trim_start_matches('#')),
        Some('+' | '-') if digits == 0 => followed(&rest[1..]) || only(&['-', ' ', '\t', ':', '|']),
        Some('.' | ')') => (1..=9).contains(&digits) && followed(&rest[1..]),
        Some('=' | '|' | ':') => digits == 0 && only(&['=', '-', ' ', '\t', ':', '|']),
        _ => false,
    };
    if begins_block { format!("{number}\\{rest}") } else { line.to_string() }
}
