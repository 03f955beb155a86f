//! Every built-in rule has an example of what it must find and of what it must
//! leave alone: `rules-test/<id>/bad.<ext>` and `good.<ext>`.
//!
//! In `bad` a comment that begins with `bad` stands on the line above each hit:
//! no marked line may be missed, no other line may be hit.

#![expect(clippy::expect_used, reason = "a test says what it needs")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use convoy_lint::domain::Domain;
use convoy_lint::language::Language;
use convoy_lint::pack::{Pack, PackFiles};
use convoy_lint::scan::scan;

fn pack() -> Pack {
    PackFiles::built_in()
        .compile(&Domain::ALL, &BTreeSet::from(Language::ALL))
        .expect("the built-in rules compile")
}

fn examples(id: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules-test").join(id);
    let mut paths: Vec<PathBuf> = fs::read_dir(&dir)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    paths.sort();
    paths
}

/// Lines the rule hits in this text.
fn hits(pack: &Pack, id: &str, name: &str, text: &str) -> BTreeSet<usize> {
    let path = Path::new("src").join(name);
    let language = Language::of_path(&path).expect("a language");
    let table = pack.table(language).expect("rules of the language");
    let scanned = scan(table, language, &path, text).expect("a scan");
    scanned.findings.iter().filter(|finding| finding.rule == id).map(|finding| finding.line).collect()
}

fn marked(text: &str) -> BTreeSet<usize> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| {
            let line = line.trim_start();
            line.starts_with("# bad") || line.starts_with("// bad") || line.starts_with("{/* bad")
        })
        .map(|(index, _)| index + 2)
        .collect()
}

#[test]
fn every_rule_finds_its_examples_and_nothing_else() {
    let pack = pack();
    let mut wrong: BTreeMap<String, String> = BTreeMap::new();
    // Those about a change have theirs in facts.rs.
    for (id, _) in pack.rules().into_iter().filter(|(_, (about, _))| about.domain != Domain::Change) {
        let (mut has_bad, mut has_good) = (false, false);
        for path in examples(id) {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let hits = hits(&pack, id, &name, &text);
            let expected = marked(&text);
            has_bad |= name.starts_with("bad.") && !expected.is_empty();
            has_good |= name.starts_with("good.");
            let missed: Vec<_> = expected.difference(&hits).collect();
            let false_hits: Vec<_> = hits.difference(&expected).collect();
            if !missed.is_empty() || !false_hits.is_empty() {
                wrong.insert(format!("{id}/{name}"), format!("missed {missed:?}, false {false_hits:?}"));
            }
        }
        if !has_bad || !has_good {
            wrong.insert(id.to_owned(), "needs bad.<ext> with a marked line and good.<ext>".to_owned());
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_says_what_where_and_how_to_mend() {
    for (id, (about, _)) in pack().rules() {
        let prefix = id.split('-').next().unwrap();
        assert!(["py", "js", "rs", "change"].contains(&prefix), "{id}: the id begins with what it is about");
        assert!(!about.impact.is_empty() && !about.fix.is_empty(), "{id}: note needs Impact: and Fix:");
        assert!(about.title != about.message, "{id}: metadata.title is missing");
        assert!(!about.title.contains('$'), "{id}: a title is the same for every hit");
        assert!(about.domain != Domain::Security || !about.cwe.is_empty(), "{id}: needs a CWE");
    }
}

#[test]
fn no_example_is_left_of_a_rule_that_is_gone() {
    let pack = pack();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules-test");
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let id = entry.file_name().to_str().unwrap().to_owned();
        assert!(pack.rules().contains_key(id.as_str()), "rules-test/{id} has no rule");
    }
}
