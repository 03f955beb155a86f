//! The crates: who may need whom, and that ARCHITECTURE.md is true to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use convoy_tests::programs;
use serde_json::Value;

/// Every crate of the workspace, and which others it may need. An edge that is
/// not here is a decision: `shared/*/src/lib.rs` says what each may use.
const MAY_NEED: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("findings", &["base"]),
    ("protocol", &["base", "findings"]),
    ("planning", &["base", "findings", "protocol"]),
    ("scheduler", &["base", "findings", "protocol"]),
    ("verdict", &["base", "findings", "protocol"]),
    ("decisions", &["base", "findings", "planning", "protocol"]),
    ("command_line", &["base"]),
    ("terminal", &["base"]),
    ("pan", &["base", "command_line"]),
    ("grammars", &[]),
    ("convoy-lint", &["base", "findings", "command_line", "grammars", "planning"]),
    ("convoy-merge", &["base", "decisions", "findings", "command_line", "protocol"]),
    ("convoy-agent", &["base", "findings", "command_line", "protocol"]),
    (
        "convoy-review",
        &["base", "decisions", "findings", "command_line", "planning", "protocol", "terminal", "verdict"],
    ),
    (
        "convoy-start",
        &["base", "decisions", "findings", "command_line", "planning", "protocol", "scheduler", "verdict"],
    ),
    ("convoy-comment", &["base", "command_line", "findings", "planning"]),
    ("convoy-watch", &["base", "command_line", "planning", "protocol", "scheduler"]),
    (
        "convoy-ctl",
        &[
            "base",
            "decisions",
            "findings",
            "command_line",
            "planning",
            "protocol",
            "scheduler",
            "terminal",
            "verdict",
        ],
    ),
    ("convoy-inspect", &["base", "command_line", "planning", "protocol", "scheduler"]),
    (
        "convoy-dashboard",
        &["base", "findings", "command_line", "planning", "protocol", "scheduler", "verdict"],
    ),
    ("convoy-mcp", &["base", "findings", "command_line", "planning", "protocol", "verdict"]),
    ("convoy-notify", &["base", "findings", "command_line", "planning", "protocol", "verdict"]),
    ("convoy-tests", &["base", "findings", "protocol"]),
];

/// What a change of the scheduler must not rebuild.
const REVIEWERS: [&str; 4] = ["convoy-lint", "convoy-merge", "convoy-review", "findings"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Directory, below the root, and needs (those of tests left out) by crate.
fn crates() -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut cargo = Command::new(programs::variable("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).current_dir(root());
    let out = cargo.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let own: BTreeSet<String> = packages.iter().map(|package| text(&package["name"])).collect();
    let one = |package: &Value| {
        let manifest = PathBuf::from(text(&package["manifest_path"]));
        let dir = manifest.parent().unwrap().strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let needs = package["dependencies"].as_array().unwrap().iter();
        let needs = needs.filter(|need| need["kind"] != "dev").map(|need| text(&need["name"]));
        (text(&package["name"]), (dir, needs.filter(|name| own.contains(name)).collect()))
    };
    packages.iter().map(one).collect()
}

#[test]
fn crates_need_only_what_they_may() {
    let crates = crates();
    let known: BTreeSet<&str> = MAY_NEED.iter().map(|(name, _)| *name).collect();
    let there: BTreeSet<&str> = crates.keys().map(String::as_str).collect();
    assert_eq!(there, known, "the crates of the workspace, and those with a place here");
    for (name, may) in MAY_NEED {
        let more: Vec<&String> =
            crates[*name].1.iter().filter(|need| !may.contains(&need.as_str())).collect();
        assert!(more.is_empty(), "{name} needs {more:?}");
    }
}

/// Crates that speak TLS, or that others speak it through.
const TLS: [&str; 7] = ["rustls", "native-tls", "openssl", "openssl-sys", "ring", "aws-lc-rs", "ureq"];

/// What a program is built of, by `cargo tree`.
fn built_of(program: &str) -> BTreeSet<String> {
    let mut cargo = Command::new(programs::variable("CARGO").unwrap_or_else(|| "cargo".into()));
    let words = ["tree", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let out = cargo.args(words).args(["--package", program]).current_dir(root()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).unwrap();
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn what_the_demo_builds_speaks_no_tls() {
    let demo = fs::read_to_string(root().join("scripts/demo")).unwrap();
    let line = demo.lines().find(|line| line.contains("scripts/build ")).unwrap();
    let programs: Vec<&str> = line.split(" -p ").skip(1).map(str::trim).collect();
    assert!(programs.len() > 6, "{programs:?}");
    for program in programs {
        let built = built_of(program);
        let found: Vec<&str> = TLS.into_iter().filter(|name| built.contains(*name)).collect();
        assert!(found.is_empty(), "{program} is built of {found:?}");
    }
    assert!(built_of("convoy-notify").contains("rustls"), "the list is looked through");
}

#[test]
fn a_change_of_the_scheduler_rebuilds_no_reviewer() {
    let crates = crates();
    for reviewer in REVIEWERS {
        let mut all = BTreeSet::new();
        let mut left = vec![reviewer.to_owned()];
        while let Some(name) = left.pop() {
            left.extend(crates[&name].1.iter().filter(|need| all.insert((*need).clone())).cloned());
        }
        assert!(!all.contains("scheduler"), "{reviewer} needs {all:?}");
    }
}

/// What `make demo` builds has the grammars that its project needs, and no others.
#[test]
fn the_demo_builds_no_further_grammars() {
    let script = fs::read_to_string(root().join("scripts/demo")).unwrap();
    let build = script.lines().find(|line| line.contains("scripts/build ")).unwrap();
    let words: Vec<&str> = build.split_whitespace().skip(1).collect();
    let needs = |words: &[&str]| {
        let mut cargo = Command::new(programs::variable("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["tree", "--offline", "--edges", "normal", "--prefix", "none", "--format", "{p}"]);
        let out = cargo.args(words).current_dir(root()).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
        let names = String::from_utf8(out.stdout).unwrap();
        names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let demo = needs(&words);
    assert!(demo.contains("convoy-lint") && demo.contains("tree-sitter-python"), "{demo:?}");
    assert!(!demo.contains("grammars") && !demo.contains("tree-sitter-go"), "{demo:?}");
    assert!(needs(&["--workspace"]).contains("tree-sitter-go"));
}

/// All Rust files below a directory.
fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn no_crate_hands_on_what_is_anothers() {
    let crates = crates();
    for (own, (dir, _)) in &crates {
        for path in sources(&root().join(dir).join("src")) {
            let text = fs::read_to_string(&path).unwrap();
            for line in text.lines().map(str::trim).filter(|line| line.starts_with("pub")) {
                let from = line.split_once(" use ").and_then(|(_, from)| from.split("::").next());
                let from = from.map(|name| name.replace('_', "-"));
                let foreign = from.is_some_and(|name| name != *own && crates.contains_key(&name));
                assert!(!foreign, "{}: {line}", path.display());
            }
        }
    }
}

/// The rooms of the dashboard, and which others each knows.
const ROOMS: [(&str, &[&str]); 3] = [("http", &[]), ("live", &["http"]), ("api", &["http", "live"])];

#[test]
fn rooms_of_the_dashboard_know_only_what_they_may() {
    let source = root().join("convoy-dashboard/src");
    for (room, may) in ROOMS {
        let files = sources(&source.join(room));
        assert!(files.len() > 5, "{room}: {files:?}");
        for path in files {
            let text = fs::read_to_string(&path).unwrap();
            for (other, _) in ROOMS.iter().filter(|(other, _)| *other != room && !may.contains(other)) {
                assert!(!text.contains(&format!("crate::{other}")), "{} knows {other}", path.display());
            }
            assert!(!text.contains("crate::run") && !text.contains("crate::cli"), "{}", path.display());
        }
    }
}

/// The names between backticks in the first column of a table's row.
fn names(row: &str) -> impl Iterator<Item = &str> {
    row.trim_start_matches('|').split('|').next().unwrap_or_default().split('`').skip(1).step_by(2)
}

#[test]
fn the_map_names_every_crate() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let map = page.split("\n## Code map\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let named: BTreeSet<&str> = map.lines().filter(|line| line.starts_with("| `")).flat_map(names).collect();
    for name in &named {
        assert!(root().join(name).is_dir(), "the map names {name}, which is not there");
    }
    for (dir, _) in crates().values() {
        assert!(named.contains(dir.as_str()), "the map does not name {dir}");
    }
}

#[test]
fn where_things_are_added_is_there() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let table = page.split("\n## Where would I add …\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 20, "{rows:?}");
    for row in rows {
        let places: Vec<&str> = row.rsplit('|').nth(1).unwrap().split('`').skip(1).step_by(2).collect();
        assert!(!places.is_empty(), "{row}");
        for place in places {
            assert!(root().join(place).exists() || !place.contains('/'), "{place} is not there: {row}");
        }
    }
}

#[test]
fn the_tables_name_every_module_of_the_shared_crates() {
    let page = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut named: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for section in page.split("\n### `").skip(1) {
        let (name, rest) = section.split_once('`').unwrap();
        let rest = rest.split("\n## ").next().unwrap();
        let rows = rest.lines().filter(|line| line.starts_with("| `"));
        named.entry(name).or_default().extend(rows.flat_map(names));
    }
    let crates = crates();
    for (name, (dir, _)) in crates.iter().filter(|(_, (dir, _))| dir.starts_with("shared/")) {
        let mut there: Vec<String> = fs::read_dir(root().join(dir).join("src"))
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
            .filter(|module| module != "lib")
            .collect();
        there.sort();
        let mut named = named.remove(name.as_str()).unwrap_or_default();
        named.sort_unstable();
        assert_eq!(named, there, "the modules that ARCHITECTURE.md names of {name}, and those there are");
    }
    assert!(named.is_empty(), "ARCHITECTURE.md has tables of {:?}", named.keys());
}
