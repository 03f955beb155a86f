//! Every built-in rule has an example of what it must find and of what it must
//! leave alone: `rules-test/<id>/bad.<ext>` and `good.<ext>` (`convoy_lint::examples`).

#![expect(clippy::expect_used, reason = "a test says what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use convoy_lint::domain::Domain;
use convoy_lint::examples;
use convoy_lint::language::Language;
use convoy_lint::pack::{Pack, PackFiles};

fn pack() -> Pack {
    PackFiles::built_in()
        .compile(&Domain::ALL, &Language::ALL.iter().copied().collect())
        .expect("the built-in rules compile")
}

#[test]
fn every_rule_finds_its_examples_and_nothing_else() {
    let pack = pack();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules-test");
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // Those about a change have theirs in facts.rs.
    for (id, _) in pack.rules().into_iter().filter(|(_, (about, _))| about.domain != Domain::Change) {
        let found = examples::check(&pack, id, &dir.join(id)).expect("examples");
        if !found.is_empty() {
            wrong.insert(id.to_owned(), found);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_rule_says_what_where_and_how_to_mend() {
    for (id, (about, _)) in pack().rules() {
        let prefix = id.split('-').next().unwrap();
        assert!(
            ["py", "js", "rs", "go", "java", "change"].contains(&prefix),
            "{id}: the id begins with what it is about"
        );
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
