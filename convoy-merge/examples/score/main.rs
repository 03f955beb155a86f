//! Measures the reading and the merging on labelled reviews:
//! `cargo run --release --example score -- DIR… [--ablate]`.
//!
//! A directory with `score_extract.py` is a corpus that brings its own scorers
//! ([`corpus`]); one with `NAME.labels.json` files is labelled data ([`data`]), one with
//! `NAME.set` files holds labelled pairs of findings ([`pairs`]). With `--ablate` each row
//! of the rules is dropped in turn, and what is then read otherwise is told; `--without=ROW`
//! gives the figures without one of them.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::many_single_char_names,
    reason = "a measuring tool: it stops at the first thing that is not as it should be"
)]

mod corpus;
mod data;
mod pairs;

use std::fs;
use std::path::{Path, PathBuf};

use convoy_merge::extract::{Extraction, Rules, extract_by};
use convoy_merge::input::{Source, read};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (switches, dirs): (Vec<String>, Vec<String>) = words.into_iter().partition(|w| w.starts_with("--"));
    let dirs: Vec<PathBuf> = dirs.into_iter().map(PathBuf::from).collect();
    assert!(!dirs.is_empty(), "usage: score DIR… [--ablate] [--without=ROW] [--verbose]");
    for dir in &dirs {
        assert!(dir.is_dir(), "score: no directory {}", dir.display());
    }
    if switches.iter().any(|s| s == "--ablate") {
        ablate(&dirs);
        return;
    }
    let without = switches.iter().find_map(|switch| switch.strip_prefix("--without="));
    let rules = without.map_or_else(Rules::default, |row| Rules::without(row).expect("a row of the table"));
    let verbose = switches.iter().any(|s| s == "--verbose");
    for dir in dirs {
        if dir.join("score_extract.py").is_file() {
            corpus::score(&dir, verbose);
        } else if !pairs::sets(&dir).is_empty() {
            pairs::score(&dir, verbose);
        } else {
            data::score(&dir, verbose, rules);
        }
    }
}

/// The text of a file as the program reads it.
fn text_of(path: &Path) -> String {
    match read(&path.to_string_lossy()) {
        Source::Text { text, .. } => text,
        Source::Skipped(_) => String::new(),
    }
}

fn sorted(dir: &Path) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> =
        fs::read_dir(dir).expect("read dir").map(|entry| entry.expect("an entry").path()).collect();
    list.sort();
    list
}

/// Every labelled text below the directories: name and text.
fn all_texts(dirs: &[PathBuf]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for dir in dirs {
        let mut files = sorted(dir);
        let inner: Vec<PathBuf> =
            files.iter().filter(|p| p.is_dir() && !p.ends_with("labels")).cloned().collect();
        files.extend(inner.iter().flat_map(|dir| sorted(dir)));
        for path in files.into_iter().filter(|p| p.is_file()) {
            let name = path.to_string_lossy().into_owned();
            if [".labels.json", ".same.json", ".expect", ".py", "README.md"]
                .iter()
                .any(|end| name.ends_with(end))
            {
                continue;
            }
            if path.file_name().is_some_and(|n| n == "not-clean.jsonl" || n == "clean.jsonl") {
                out.extend(data::lines(&path).into_iter().map(|line| (line.name, line.text)));
            } else {
                out.push((name, text_of(&path)));
            }
        }
    }
    out
}

/// What is read, as far as a row could change it.
fn digest(found: &Extraction) -> Vec<String> {
    let state = format!("{:?} {}", found.recognised, found.complete);
    let findings = found.members.iter().map(|m| {
        format!("{} {:?} {:?} {:?} {:?}", m.title, m.severity, m.status, m.locations.first(), m.byte_range)
    });
    std::iter::once(state).chain(findings).collect()
}

fn ablate(dirs: &[PathBuf]) {
    let texts = all_texts(dirs);
    let base: Vec<Vec<String>> =
        texts.iter().map(|(name, text)| digest(&extract_by(text, name, Rules::default()))).collect();
    println!("{} texts", texts.len());
    for (row, _) in Rules::rows() {
        let rules = Rules::without(row).expect("a row");
        let changed: Vec<&str> = texts
            .iter()
            .zip(&base)
            .filter(|((name, text), base)| digest(&extract_by(text, name, rules)) != **base)
            .map(|((name, _), _)| name.rsplit('/').next().unwrap_or(name))
            .collect();
        let shown = changed.iter().take(4).copied().collect::<Vec<_>>().join(" ");
        println!("{row:28} {:4} {shown}", changed.len());
    }
}
