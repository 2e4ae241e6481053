//! Which values may leave as HTML and come in from it: link targets, image sources, colours, language names. Everything
//! is an allow-list; what is not listed is dropped or refused.

/// Longest URL that is let through.
const URL_BYTES_MAX: usize = 2048;

/// A link target: http, https, mailto, tel, relative, or a fragment. Returns it without the characters that browsers
/// skip, so that what is checked is what they see.
pub(super) fn href(url: &str) -> Option<String> {
    checked(url, &["http", "https", "mailto", "tel"])
}

/// An image source: http, https or relative.
pub(super) fn src(url: &str) -> Option<String> {
    checked(url, &["http", "https"]).filter(|url| !url.starts_with('#'))
}

/// Browsers strip C0 controls and spaces around a URL, and tabs and newlines within it, before they look at its scheme
/// (WHATWG URL, basic parser). All controls go here; a scheme is what stands before the first `:`, unless one of `/ ? #`
/// comes earlier.
fn checked(url: &str, schemes: &[&str]) -> Option<String> {
    let url: String = url.chars().filter(|c| !c.is_control()).collect();
    let url = url.trim();
    if url.is_empty() || url.len() > URL_BYTES_MAX {
        return None;
    }
    let scheme = url.split(['/', '?', '#', '\\']).next().unwrap_or_default().split_once(':').map(|(scheme, _)| scheme);
    let allowed = scheme.is_none_or(|scheme| schemes.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed)));
    allowed.then(|| url.to_string())
}

/// A colour: `#` with 3, 4, 6 or 8 hex digits, a name, or rgb, rgba, hsl, hsla with plain numbers.
pub(super) fn color(value: &str) -> Option<String> {
    let value = value.trim().to_ascii_lowercase();
    let is_hex =
        |digits: &str| matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    // Not a list of the 148 names: a word that names no colour does nothing. Those here would mean something else.
    const NOT_COLORS: &[&str] =
        &["auto", "currentcolor", "inherit", "initial", "none", "revert", "transparent", "unset"];
    let is_name = (3..=20).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_lowercase())
        && !NOT_COLORS.contains(&value.as_str());
    let is_function = value.split_once('(').is_some_and(|(name, rest)| {
        let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b' ' | b'%' | b'/' | b'-');
        matches!(name, "rgb" | "rgba" | "hsl" | "hsla")
            && rest.strip_suffix(')').is_some_and(|numbers| numbers.len() <= 40 && numbers.bytes().all(is_number))
    });
    (value.strip_prefix('#').is_some_and(is_hex) || is_name || is_function).then_some(value)
}

/// The name of a programming language, as it stands after `language-` in a class and after the fence in Markdown.
pub(super) fn language(name: &str) -> Option<&str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'#' | b'.' | b'_');
    ((1..=40).contains(&name.len()) && name.bytes().all(is_plain)).then_some(name)
}
