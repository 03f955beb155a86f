//! Measures extraction and dedupe on a corpus with labels, and prints what the
//! corpus's own scorers say: `cargo run --release --example score -- DIR [OUT]`.
//!
//! Writes what it predicts to OUT (default: a temporary directory) and runs
//! `DIR/score_extract.py` and `DIR/score_dedupe.py` on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use convoy_merge::extract::extract;
use serde_json::{Value, json};

fn main() {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().expect("usage: score DIR [OUT]"));
    let out = args.next().map_or_else(std::env::temp_dir, PathBuf::from);
    fs::create_dir_all(&out).expect("output directory");
    let mut predicted = BTreeMap::new();
    for set in sorted(&dir).into_iter().filter(|p| p.is_dir() && !p.ends_with("labels")) {
        for path in sorted(&set).into_iter().filter(|p| p.extension().is_some_and(|e| e == "md")) {
            let text = String::from_utf8_lossy(&fs::read(&path).expect("read")).into_owned();
            let name = path.strip_prefix(&dir).expect("inside").to_string_lossy().into_owned();
            let found = extract(&text, &name);
            let list: Vec<Value> = found.members.iter().map(finding).collect();
            predicted.insert(name, list);
        }
    }
    let file = out.join("extract.json");
    fs::write(&file, json!(predicted).to_string()).expect("write");
    run(&dir, "score_extract.py", &file);
}

fn finding(member: &convoy_merge::model::Member) -> Value {
    let first = member.locations.first();
    json!({
        "title": member.title,
        "file": first.map(|l| &l.file),
        "line_start": first.and_then(|l| l.line_start),
        "line_end": first.and_then(|l| l.line_end),
        "severity": (member.severity.name() != "unrated").then(|| member.severity.name()),
    })
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> =
        fs::read_dir(dir).expect("read dir").filter_map(|e| Some(e.ok()?.path())).collect();
    list.sort();
    list
}

fn run(dir: &Path, script: &str, file: &Path) {
    let status =
        std::process::Command::new("python3").arg(dir.join(script)).arg(file).status().expect("python3");
    assert!(status.success(), "{script} failed");
}
