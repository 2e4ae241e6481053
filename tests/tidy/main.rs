//! The rules of the source tree that a compiler does not check. Each says how much it looked at, and fails when it
//! found nothing to look at.

mod code;
mod tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use tree::{files, read, root};

/// `server` knows the three others, `storage` knows `acl`; `tests` speaks to the server over the network only.
const EDGES: [(&str, &str); 4] = [("server", "acl"), ("server", "crdt"), ("server", "storage"), ("storage", "acl")];
const CRATES: [&str; 5] = ["acl", "crdt", "server", "storage", "tests"];

#[test]
fn crates_know_only_whom_they_may_know() {
    let mut found = BTreeSet::new();
    for name in CRATES {
        for (dependency, _) in tree::dependencies(name) {
            if CRATES.contains(&dependency.as_str()) {
                found.insert((name.to_string(), dependency));
            }
        }
    }
    let allowed: BTreeSet<(String, String)> =
        EDGES.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
    println!("{} edges between {} crates", found.len(), CRATES.len());
    assert_eq!(found, allowed);
}

#[test]
fn yrs_is_used_only_in_crdt_and_sqlx_only_in_storage() {
    for (library, home) in [("yrs", "crdt"), ("sqlx", "storage")] {
        let mut looked_at = 0;
        for name in CRATES.iter().filter(|name| **name != home) {
            assert!(
                tree::dependencies(name).iter().all(|(dependency, _)| dependency != library),
                "{name} depends on {library}"
            );
            for file in files(name, &["rs"]) {
                let text = code::without_comments(&read(&file));
                assert!(!code::has_path_into(&text, library), "{} reaches into {library}", file.display());
                looked_at += 1;
            }
        }
        println!("{library}: {looked_at} files outside {home} do without it");
        assert!(looked_at > 0);
    }
}

#[test]
fn acl_and_crdt_are_pure() {
    let outside = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "SystemTime::now",
        "Instant",
        "tokio",
        "rand",
    ];
    let mut looked_at = 0;
    for name in ["acl", "crdt"] {
        for (dependency, section) in tree::dependencies(name) {
            let pure =
                section != "dependencies" || !["tokio", "rand", "reqwest", "axum"].contains(&dependency.as_str());
            assert!(pure, "{name} depends on {dependency}");
        }
        for file in files(&format!("{name}/src"), &["rs"]) {
            let text = code::without_tests(&code::without_comments(&read(&file)));
            for word in outside {
                assert!(!code::has_word(&text, word), "{} uses {word}", file.display());
            }
            looked_at += 1;
        }
    }
    println!("{looked_at} files without clock, randomness, tasks or I/O");
    assert!(looked_at > 0);
}

#[test]
fn names_of_files_say_what_lives_in_them() {
    let banned = ["util", "utils", "common", "manager", "helper", "helpers", "misc", "ops", "inner", "v2", "stuff"];
    let all = files("", &[]);
    for file in &all {
        for part in file.iter().filter_map(|part| part.to_str()) {
            let stem = part.split('.').next().unwrap_or(part).to_lowercase();
            assert!(!banned.contains(&stem.as_str()), "{} has a name that says nothing", file.display());
        }
    }
    println!("{} file names", all.len());
    assert!(all.len() > 50);
}

#[test]
fn functions_stay_short() {
    const LINES_MAX: usize = 70;
    let list = root().join("tests/tidy/long_functions.txt");
    let allowed: BTreeSet<String> =
        read(&list).lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(String::from).collect();
    let mut long = BTreeSet::new();
    let mut looked_at = 0;
    for file in files("", &["rs", "ts", "tsx", "mjs"]) {
        for function in code::functions(&file, &read(&file)) {
            looked_at += 1;
            if function.lines > LINES_MAX {
                long.insert(format!("{} {}", tree::shown(&file), function.name));
            }
        }
    }
    println!("{looked_at} functions, {} longer than {LINES_MAX} lines", long.len());
    assert!(looked_at > 100);
    let new: Vec<&String> = long.difference(&allowed).collect();
    assert!(new.is_empty(), "these grew past {LINES_MAX} lines: {new:#?}");
    let gone: Vec<&String> = allowed.difference(&long).collect();
    assert!(gone.is_empty(), "no longer long, strike them from {}: {gone:#?}", tree::shown(&list));
}

#[test]
fn every_source_file_is_part_of_a_crate() {
    let mut looked_at = 0;
    for name in CRATES {
        let all: String = files(name, &["rs"]).iter().map(|file| read(file)).collect();
        for file in files(name, &["rs"]) {
            let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_string();
            if ["main", "lib", "build"].contains(&stem.as_str()) || is_a_target(name, &file) {
                continue;
            }
            let module = if stem == "mod" { folder_of(&file) } else { stem };
            assert!(all.contains(&format!("mod {module};")), "{} belongs to nothing", file.display());
            looked_at += 1;
        }
    }
    println!("{looked_at} modules are declared");
    assert!(looked_at > 20);
}

fn folder_of(file: &Path) -> String {
    file.parent().and_then(Path::file_name).and_then(|name| name.to_str()).expect("a folder").to_string()
}

/// Integration tests, examples and extra binaries are found by cargo without a `mod` line.
fn is_a_target(name: &str, file: &Path) -> bool {
    let shown = tree::shown(file);
    let manifest = read(&root().join(name).join("Cargo.toml"));
    let inside = shown.strip_prefix(&format!("{name}/")).unwrap_or(&shown);
    manifest.contains(&format!("\"{inside}\""))
        || [format!("{name}/tests"), format!("{name}/benches"), format!("{name}/examples"), format!("{name}/src/bin")]
            .contains(&file.parent().map(tree::shown).unwrap_or_default())
}

#[test]
fn pages_name_only_paths_that_exist() {
    let pages: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].iter().map(|page| root().join(page)).collect();
    let mut looked_at = 0;
    let mut missing = Vec::new();
    for page in pages.into_iter().chain(files("docs", &["md"])) {
        assert!(page.is_file(), "{} is missing", tree::shown(&page));
        for path in tree::paths_named_in(&read(&page)) {
            looked_at += 1;
            let beside = page.parent().expect("a folder").join(&path);
            if !root().join(&path).exists() && !beside.exists() {
                missing.push(format!("{}: {path}", tree::shown(&page)));
            }
        }
    }
    println!("{looked_at} paths named in the pages");
    assert!(looked_at > 10);
    assert!(missing.is_empty(), "these do not exist: {missing:#?}");
}

#[test]
fn nothing_is_left_for_later_or_switched_off() {
    // Written apart, so that this file does not hold what it looks for.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[ig", "nore"),
        concat!("to", "do!("),
        concat!(".sk", "ip("),
    ];
    let mut looked_at = 0;
    for file in files("", &["rs", "ts", "tsx", "mjs"]) {
        let text = read(&file);
        for word in words {
            let found =
                text.contains(word) && !(word.starts_with(".sk") && file.extension().is_some_and(|kind| kind == "rs"));
            assert!(!found, "{} holds {word}", file.display());
        }
        looked_at += 1;
    }
    println!("{looked_at} files are finished");
    assert!(looked_at > 50);
}

#[test]
fn there_is_one_provider_of_tls() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--workspace", "--invert", "ring"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(tree.trim().is_empty(), "ring came in: {tree}");
    let known = said.contains("did not match any packages") || said.contains("nothing to print");
    assert!(known, "cargo tree said something else: {said}");
    println!("cargo tree -i ring: {}", said.lines().next().unwrap_or(""));
}
