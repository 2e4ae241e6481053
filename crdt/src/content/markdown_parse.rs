//! Markdown → nodes, by way of HTML: comrak parses GitHub's Markdown with the HTML in it, and `html_parse` takes from
//! that what the schema has and what is safe. So HTML in Markdown means what it means in HTML, which is how
//! `markdown_render` writes what Markdown has no sign for.

use super::node::Node;
use super::{ContentError, DEPTH_LEVELS_MAX, html_parse};
use comrak::Options;

/// The document that the Markdown shows. Fails with `TooDeep`, or with `TooManyNodes`.
pub(super) fn parse(source: &str) -> Result<Node, ContentError> {
    // comrak makes a node of some 200 bytes of each sign, so look before.
    if source.lines().any(|line| quote_levels(line) > DEPTH_LEVELS_MAX) {
        return Err(ContentError::TooDeep);
    }
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    options.extension.alerts = true;
    options.extension.cjk_friendly_emphasis = true;
    // The HTML in the source goes through; html_parse is what makes it safe.
    options.render.r#unsafe = true;
    html_parse::parse(&comrak::markdown_to_html(source, &options))
}

/// How many quotes may begin at the start of the line.
fn quote_levels(line: &str) -> usize {
    let is_start = |byte: &u8| matches!(byte, b'>' | b' ' | b'\t');
    line.bytes().take_while(is_start).filter(|&byte| byte == b'>').count()
}
