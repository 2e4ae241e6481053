//! Reading source files without parsing them: they are formatted, and that is enough.

use std::path::Path;

pub struct Function {
    pub name: String,
    pub lines: usize,
}

/// The functions of a file. A function ends at the first closing brace as far in as its first line.
pub fn functions(file: &Path, text: &str) -> Vec<Function> {
    let rust = file.extension().is_some_and(|kind| kind == "rs");
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some(name) = (if rust { rust_name(line.trim_start()) } else { script_name(line.trim_start()) }) else {
            continue;
        };
        let closing =
            |line: &&str| line.len() - line.trim_start().len() == indent && line.trim_start().starts_with('}');
        let one_line = line.trim_end().ends_with(['}', ';']) || (!rust && !line.trim_end().ends_with(['{', '(', ',']));
        let end = if one_line { start } else { start + lines[start..].iter().position(closing).unwrap_or(0) };
        found.push(Function { name, lines: end - start + 1 });
    }
    found
}

fn rust_name(line: &str) -> Option<String> {
    let (before, after) = line.split_once("fn ")?;
    let modifiers = ["pub", "pub(crate)", "pub(super)", "const", "async"];
    let only_modifiers = before.split_whitespace().all(|word| modifiers.contains(&word));
    let name = after.split(['(', '<']).next()?;
    (only_modifiers && !name.is_empty() && !line.ends_with(';')).then(|| name.to_string())
}

fn script_name(line: &str) -> Option<String> {
    let words: Vec<&str> =
        line.split_whitespace().filter(|word| !["export", "default", "async"].contains(word)).collect();
    match words[..] {
        ["function", name, ..] => Some(name.split(['(', '<']).next()?.to_string()),
        ["const", name, "=", ..] if line.contains("=>") && line.ends_with('{') => {
            Some(name.trim_end_matches(':').to_string())
        }
        _ => None,
    }
}

/// The text without line comments.
pub fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The text before its unit tests, which stand last.
pub fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]").next().unwrap_or("").to_string()
}

/// True if the code names this crate in a path: `yrs::…`, `…::yrs` or `use yrs`. A word in a text does not count.
pub fn has_path_into(text: &str, name: &str) -> bool {
    let from = text.match_indices(&format!("{name}::")).any(|(at, _)| !part_of_a_word(text[..at].chars().next_back()));
    let to = format!("::{name}");
    let named = text.match_indices(&to).any(|(at, _)| !part_of_a_word(text[at + to.len()..].chars().next()));
    from || named || has_word(text, &format!("use {name}"))
}

/// True if the word stands there by itself, not as a part of another one.
pub fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        !part_of_a_word(text[..at].chars().next_back()) && !part_of_a_word(text[at + word.len()..].chars().next())
    })
}

fn part_of_a_word(letter: Option<char>) -> bool {
    letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
}
