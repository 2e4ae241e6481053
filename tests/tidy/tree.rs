//! The files of the project and what their manifests and pages name.

use std::path::{Path, PathBuf};

/// The top of the checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the checkout").to_path_buf()
}

pub fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// A path as the pages write it, from the top of the checkout.
pub fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).display().to_string()
}

/// All files below a folder that belong to the project, with one of these extensions (any, if none is named).
pub fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), extensions, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    // What is built, downloaded or written by a run.
    let foreign = [".git", "target", "node_modules", "dist", "data", "out", "test-results"];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !foreign.contains(&name.as_str()) {
                collect(&path, extensions, found);
            }
        } else if extensions.is_empty()
            || extensions.iter().any(|kind| path.extension().is_some_and(|has| has == *kind))
        {
            found.push(path);
        }
    }
}

/// The dependencies of a crate with the section they stand in.
pub fn dependencies(name: &str) -> Vec<(String, String)> {
    let manifest: toml::Table = read(&root().join(name).join("Cargo.toml")).parse().expect("a manifest is TOML");
    let mut all = Vec::new();
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        if let Some(table) = manifest.get(section).and_then(toml::Value::as_table) {
            all.extend(table.keys().map(|dependency| (dependency.clone(), section.to_string())));
        }
    }
    all
}

/// What a page names as a path of the project: words in backticks and targets of links that look like one.
pub fn paths_named_in(page: &str) -> Vec<String> {
    let mut words: Vec<&str> = Vec::new();
    let mut fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            words.extend(line.split('`').skip(1).step_by(2));
            words.extend(line.split("](").skip(1).filter_map(|rest| rest.split(')').next()));
        }
    }
    words.into_iter().filter_map(path_in).collect()
}

fn path_in(word: &str) -> Option<String> {
    let path = word.split(['#', ':']).next()?.trim_end_matches('/');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let ending = path.rsplit_once('.').map(|(_, ending)| ending).unwrap_or("");
    let known = ["rs", "md", "toml", "ts", "tsx", "mjs", "sql", "css", "sh", "txt", "json"].contains(&ending);
    let inside = ["acl/", "crdt/", "server/", "storage/", "tests/", "web/", "docs/", ".ci/"]
        .iter()
        .any(|top| path.starts_with(top));
    let built = path.starts_with("web/dist") || path.starts_with("tests/out") || path.contains("node_modules");
    let a_file_with_a_folder = known && (path.contains('/') || ending == "md");
    let named =
        !path.is_empty() && path.bytes().all(plain) && !path.starts_with(['/', '.']) || path.starts_with(".ci/");
    (named && !built && !word.contains("://") && (inside || a_file_with_a_folder)).then(|| path.to_string())
}
