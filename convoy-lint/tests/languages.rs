//! What is read in which language, and what is told of files that are not.

#![expect(clippy::expect_used, reason = "a test says what it needs")]

#[expect(dead_code, reason = "of a desk that others share")]
mod desk;

use std::collections::BTreeMap;

use predicates::str::contains;
use serde_json::Value;

use desk::{Desk, places};

const ALONE: [&str; 2] = ["--join", "none"];

/// Why each file was not read.
fn not_read(document: &Value) -> BTreeMap<&str, &str> {
    let list = document["scope"]["notRead"].as_array().expect("a list").iter();
    list.map(|one| (one["file"].as_str().expect("a file"), one["why"].as_str().expect("a reason"))).collect()
}

#[test]
fn go_and_java_are_read_by_every_domain() {
    for domain in ["security", "correctness", "performance"] {
        let desk = Desk::new(domain, &[("a.go", "package a\n"), ("A.java", "class A {}\n")]);
        let (document, _) = desk.lint(&ALONE);
        assert_eq!(document["scope"]["read"], serde_json::json!(["A.java", "a.go"]), "{domain}");
    }
}

#[test]
fn code_that_is_none_is_told_and_not_read() {
    let files = [
        ("a.go", "package a\n\nfunc f() {\n\tx == x {\n}\n"),
        ("a.java", "class A {\n    void f( {\n}\n"),
        ("a.js", "let a = ;\nif (a == a) {}\n"),
        ("a.py", "def f(:\n    return 1\n"),
        ("a.rs", "fn f( {\n"),
        ("a.ts", "let a: = 1;\n"),
        ("a.tsx", "let a = <b>;\n"),
    ];
    let desk = Desk::new("correctness", &files);
    let (document, _) = desk.lint(&ALONE);
    assert_eq!(
        document["scope"].get("read").and_then(Value::as_array).map_or(0, Vec::len),
        0,
        "{document:#}"
    );
    let told = not_read(&document);
    for (name, _) in files {
        let why = told.get(name).unwrap_or_else(|| panic!("{name}: {document:#}"));
        assert!(why.starts_with("line ") && why.contains(" that is known here"), "{name}: {why}");
    }
    assert_eq!(told["a.java"], "line 2 is no Java that is known here");
    // What was found in the rest of it is told all the same.
    assert_eq!(places(&document, |one| one["rule"] == "js-self-compare"), ["a.js:2"]);
}

/// Newer than the grammars; a call by any other name parses as it would.
#[test]
fn what_is_newer_than_a_grammar_is_read() {
    let files = [
        ("a.go", "package a\n\nvar a = new(3)\n\nfunc f(b int) bool {\n\treturn b == b\n}\n"),
        ("a.ts", "export type * as b from 'b';\nif (c == c) {}\n"),
    ];
    let desk = Desk::new("correctness", &files);
    let (document, _) = desk.lint(&ALONE);
    assert_eq!(document["scope"]["read"], serde_json::json!(["a.go", "a.ts"]), "{document:#}");
    assert_eq!(places(&document, |_| true), ["a.go:6", "a.ts:2"]);
}

/// File, name of the language in rules, its name for people, a line of code, and the pattern that finds it.
const OTHERS: [(&str, &str, &str, &str, &str); 6] = [
    (
        "a.c",
        "C",
        "C",
        "int main() { stop(x); }",
        "{ context: 'void f() { stop($X); }', selector: call_expression }",
    ),
    ("a.cs", "CSharp", "C#", "class A { void F() { Stop(x); } }", "Stop($X)"),
    ("a.kt", "Kotlin", "Kotlin", "fun f() { stop(x) }", "stop($X)"),
    ("a.php", "Php", "PHP", "<?php stop($x);", "stop($X)"),
    ("a.rb", "Ruby", "Ruby", "stop(x)", "stop($X)"),
    ("a.sh", "Bash", "Shell", "stop x", "stop $X"),
];

const RULE_OF_RUBY: &str = "id: own\nlanguage: Ruby\nseverity: error\nmessage: m\nrule: { pattern: stop($X) }\nmetadata: { title: t }\n";

#[test]
fn a_language_without_rules_is_read_by_rules_of_ones_own() {
    let files: Vec<_> = OTHERS.iter().map(|(file, _, _, code, _)| (*file, *code)).collect();
    let desk = Desk::new("security", &files);
    let (document, _) = desk.lint(&ALONE);
    let told = not_read(&document);
    for (file, _, name, ..) in OTHERS {
        assert_eq!(told[file], format!("no rules for {name}"));
    }
    let rules = OTHERS.iter().map(|(file, language, _, _, pattern)| {
        format!(
            "id: own-{}\nlanguage: {language}\nseverity: error\nmessage: m\nrule: {{ pattern: {pattern} }}\nmetadata: {{ title: t }}\n",
            file.replace('.', "-")
        )
    });
    desk.write("../rules/security/own.yml", rules.collect::<Vec<_>>().join("---\n"));
    let (document, _) = desk.lint(&[&ALONE[..], &["--rules", "../rules"]].concat());
    assert_eq!(places(&document, |_| true), OTHERS.map(|(file, ..)| format!("{file}:1")));
    assert_eq!(not_read(&document).len(), 0, "{document:#}");
    // Those of one domain are none of another.
    let other = Desk::new("performance", &files);
    other.write("../rules/security/own.yml", RULE_OF_RUBY);
    let (document, _) = other.lint(&[&ALONE[..], &["--rules", "../rules"]].concat());
    assert_eq!(not_read(&document)["a.rb"], "no rules for Ruby");
}

/// A call of one argument, alone, is a type for these grammars: it would find nothing.
#[test]
fn a_pattern_that_is_read_as_something_else_is_refused() {
    let desk = Desk::new("security", &[("a.go", "package a\n")]);
    for (language, kind) in [("Go", "type_conversion_expression"), ("C", "macro_type_specifier")] {
        let rule = format!(
            "id: own\nlanguage: {language}\nseverity: error\nmessage: m\nrule: {{ pattern: stop($X) }}\nmetadata: {{ title: t }}\n"
        )
        .replace("stop", if language == "Go" { "os.Exit" } else { "stop" });
        desk.write("../rules/security/own.yml", rule);
        let wanted = format!(
            "own.yml:5: the pattern '{}($X)' can match nothing: alone it is a {kind}",
            if language == "Go" { "os.Exit" } else { "stop" }
        );
        desk.command(&["--rules", "../rules"]).assert().code(2).stderr(contains(wanted));
    }
}
