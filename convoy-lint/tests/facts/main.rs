//! Facts about a change: of every rule what it must find and what it must leave alone,
//! in real repositories.

#![expect(clippy::too_many_lines, reason = "tables")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

mod code;
#[path = "../desk/mod.rs"]
mod desk;
mod files;
mod testing;
mod texts;

use desk::{Desk, places};

/// Path and text.
type Files<'a> = &'a [(&'a str, &'a str)];

/// A change, and where the rule finds it; nowhere: an example of what is good.
struct Case<'a> {
    what: &'a str,
    before: Files<'a>,
    after: Files<'a>,
    found: &'a [&'a str],
}

fn case<'a>(what: &'a str, before: Files<'a>, after: Files<'a>, found: &'a [&'a str]) -> Case<'a> {
    Case { what, before, after, found }
}

/// The places where the rule finds the change of the desk.
fn found(desk: &Desk, rule: &str, words: &[&str]) -> Vec<String> {
    let words = [&["--diff=HEAD"], words].concat();
    places(&desk.lint(&words).0, |one| one["rule"] == rule)
}

/// Rules that are off are switched on for it.
fn check(rule: &str, cases: &[Case<'_>]) {
    for one in cases {
        let before: Vec<(&str, &str)> = [("README.md", "# a\n")].iter().chain(one.before).copied().collect();
        let desk = Desk::new("change", &before);
        for (path, text) in one.after {
            desk.write(path, text);
        }
        desk.write("../rules/a.yml", format!("id: {rule}\nseverity: info\n"));
        assert_eq!(found(&desk, rule, &["--rules", "../rules"]), one.found, "{rule}: {}", one.what);
    }
    assert!(cases.iter().any(|one| one.found.is_empty()), "{rule}: what must it leave alone?");
    assert!(cases.iter().any(|one| !one.found.is_empty()), "{rule}: what must it find?");
}

const TESTS: Files<'_> = &[("tests/test_app.py", "def test_a():\n    assert a()\n")];

fn logic(count: usize) -> String {
    (0..count).map(|n| format!("def f{n}(x):\n    if x > {n}:\n        return {n}\n    return x\n")).collect()
}

#[test]
fn every_rule_has_its_examples_here() {
    let own = [
        include_str!("code.rs"),
        include_str!("files.rs"),
        include_str!("testing.rs"),
        include_str!("texts.rs"),
    ]
    .concat();
    let rules = include_str!("../../rules/change/change.yml");
    for id in rules.lines().filter_map(|line| line.strip_prefix("id: ")) {
        assert!(own.contains(&format!("\"{id}\"")), "{id} has no examples");
    }
}

#[test]
fn a_fact_is_new_and_reads_nothing() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("notes.md", "Goes to the the end.\n");
    let (document, _) = desk.lint(&["--diff=HEAD"]);
    let scope = &document["scope"];
    assert_eq!(
        (&scope["read"], document["findings"].as_array().map(Vec::len)),
        (&Value::from(Vec::<u8>::new()), Some(1))
    );
    assert_eq!(document["findings"][0]["new"], true);
    assert_eq!(document["reviewer"], "change");
}

#[test]
fn a_comment_silences_a_fact_and_that_is_told() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", "def f():\n    breakpoint()  # convoy-ignore: change-debugger\n");
    let (document, _) = desk.lint(&["--diff=HEAD"]);
    assert_eq!(document["findings"].as_array().map(Vec::len), Some(0));
    assert!(document["notes"].to_string().contains("a.py:2 change-debugger"), "{document:#}");
}

#[test]
fn limits_are_the_users() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", logic(60));
    desk.write("../rules/change/a.yml", "id: change-large\nseverity: info\n");
    assert_eq!(found(&desk, "change-large", &["--rules", "../rules"]), [""; 0]);
    desk.write("../rules/change/a.yml", "id: change-large\nseverity: info\nlimits: { lines: 50 }\n");
    assert_eq!(found(&desk, "change-large", &["--rules", "../rules"]), ["a.py:1"]);
    desk.write("../rules/change/a.yml", "id: change-large\nseverity: off\n");
    assert_eq!(found(&desk, "change-large", &["--rules", "../rules"]), [""; 0]);
    for (text, words) in [
        ("id: change-large\nlimits: { line: 50 }\n", "a.yml:1: limits: there is no 'line' (lines)"),
        ("id: change-lage\nseverity: off\n", "there is no rule 'change-lage' about a change"),
        ("id: change-large\nlimits: many\n", "a.yml:"),
    ] {
        desk.write("../rules/change/a.yml", text);
        let out = desk.command(&["--diff=HEAD", "--rules", "../rules"]).assert().code(2).get_output().clone();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn only_what_was_asked_for_is_told() {
    let desk = Desk::new("change", &[("README.md", "# a\n")]);
    desk.write("a.py", "breakpoint()\n");
    desk.write("b.py", "breakpoint()\n");
    assert_eq!(places(&desk.lint(&["--base", "HEAD", "b.py"]).0, |_| true), ["b.py:1"]);
    let (document, _) = desk.lint(&["a.py"]);
    assert!(document["notes"].to_string().contains("No base was named"), "{document:#}");
    let rules: BTreeSet<String> = places(&desk.lint(&["--diff=HEAD"]).0, |_| true).into_iter().collect();
    assert_eq!(rules.len(), 2);
    fs::remove_file(desk.project().join("a.py")).expect("it was there");
}

#[test]
fn what_a_file_was_and_cannot_be_had_makes_nothing_new() {
    let large = format!("if x:\n    breakpoint()\n{}", "x = 1\n".repeat(200_000));
    let desk = Desk::new("change", &[("a.py", &large), ("b.py", "x = 1\n")]);
    desk.write("a.py", "breakpoint()\nx = 2\n");
    desk.write("b.py", "breakpoint()\n");
    let (document, _) = desk.lint(&["--diff=HEAD"]);
    assert_eq!(places(&document, |one| one["rule"] == "change-debugger"), ["b.py:1"]);
    let notes = document["notes"].to_string();
    assert!(
        notes.contains("not looked for in 1 file") && notes.contains("a.py: larger than 1000 KB"),
        "{notes}"
    );
}
