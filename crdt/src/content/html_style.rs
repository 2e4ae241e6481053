//! Which marks an HTML element stands for, by its tag and by its inline style.

use super::html_tree::Entry;
use super::node::Mark;
use super::safe;
use std::collections::BTreeMap;

/// Most declarations of one `style` attribute that are looked at.
const DECLARATIONS_MAX: usize = 100;

/// The declarations of the `style` attribute, in lower case; the last of a name counts.
pub(super) fn styles(node: &Entry) -> BTreeMap<String, String> {
    let declarations = node.attribute("style").unwrap_or_default().split(';').take(DECLARATIONS_MAX);
    declarations
        .filter_map(|declaration| declaration.split_once(':'))
        .map(|(name, value)| {
            let value = value.trim().trim_end_matches("!important").trim_end();
            (name.trim().to_ascii_lowercase(), value.to_ascii_lowercase())
        })
        .collect()
}

/// The marks of texts in the element: those around it, with those that it adds and without those that it takes away.
pub(super) fn marks_of(node: &Entry, around: &[Mark]) -> Vec<Mark> {
    let mut marks = around.to_vec();
    match node.tag.as_str() {
        "b" | "strong" => set(&mut marks, Mark::new("bold")),
        "i" | "em" | "cite" | "dfn" | "var" => set(&mut marks, Mark::new("italic")),
        "u" | "ins" => set(&mut marks, Mark::new("underline")),
        "s" | "strike" | "del" => set(&mut marks, Mark::new("strike")),
        "code" | "kbd" | "samp" | "tt" => set(&mut marks, Mark::new("code")),
        "sub" => set(&mut marks, Mark::new("subscript")),
        "sup" => set(&mut marks, Mark::new("superscript")),
        "a" => set_link(node, &mut marks),
        "font" => set_color(node.attribute("color"), &mut marks),
        _ => {}
    }
    set_styles(node, &mut marks);
    marks
}

fn set_styles(node: &Entry, marks: &mut Vec<Mark>) {
    let style = styles(node);
    let value = |name: &str| style.get(name).map(String::as_str);
    match value("font-weight") {
        Some("bold" | "bolder") => set(marks, Mark::new("bold")),
        // Google Docs wraps what it copies into a `b` that is not bold.
        Some("normal" | "lighter") => unset(marks, "bold"),
        Some(weight) => match weight.parse::<u16>() {
            Ok(weight) if weight >= 600 => set(marks, Mark::new("bold")),
            Ok(_) => unset(marks, "bold"),
            Err(_) => {}
        },
        None => {}
    }
    match value("font-style") {
        Some("italic" | "oblique") => set(marks, Mark::new("italic")),
        Some("normal") => unset(marks, "italic"),
        _ => {}
    }
    let lines = value("text-decoration-line").or(value("text-decoration")).unwrap_or_default();
    if lines.contains("underline") {
        set(marks, Mark::new("underline"));
    }
    if lines.contains("line-through") {
        set(marks, Mark::new("strike"));
    }
    match value("vertical-align") {
        Some("sub") => set(marks, Mark::new("subscript")),
        Some("super") => set(marks, Mark::new("superscript")),
        _ => {}
    }
    set_color(value("color"), marks);
    let fill = node.attribute("data-color").or(value("background-color")).and_then(safe::color);
    match fill {
        Some(color) => set(marks, Mark::new("highlight").with("color", color)),
        None if node.tag == "mark" => set(marks, Mark::new("highlight")),
        None => {}
    }
}

fn set_link(node: &Entry, marks: &mut Vec<Mark>) {
    let Some(href) = node.attribute("href").and_then(safe::href) else { return };
    let mut link = Mark::new("link").with("href", href);
    if let Some(title) = node.attribute("title").filter(|title| !title.is_empty()) {
        link = link.with("title", title);
    }
    if let Some(target @ ("_blank" | "_self" | "_parent" | "_top")) = node.attribute("target") {
        link = link.with("target", target);
    }
    set(marks, link);
}

fn set_color(color: Option<&str>, marks: &mut Vec<Mark>) {
    if let Some(color) = color.and_then(safe::color) {
        set(marks, Mark::new("textStyle").with("color", color));
    }
}

fn set(marks: &mut Vec<Mark>, mark: Mark) {
    unset(marks, &mark.name);
    marks.push(mark);
}

fn unset(marks: &mut Vec<Mark>, name: &str) {
    marks.retain(|mark| mark.name != name);
}
