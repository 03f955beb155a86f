//! A user's own rules: tried on their examples, refused where they can match nothing, and
//! mending what they find.

#![expect(clippy::expect_used, reason = "a test says what it needs")]

#[expect(dead_code, reason = "of a desk that others share")]
mod desk;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

use desk::Desk;

const RULE: &str = "id: own\nlanguage: Python\nseverity: warning\nmessage: use `new`\nrule: { pattern: old($$$A) }\nfix: new($$$A)\nmetadata: { domain: correctness }\n";

/// A project with this code in `a.py`, and the rule in `r/`.
fn desk(code: &str, rule: &str) -> Desk {
    Desk::new("", &[("a.py", code), ("r/own.yml", rule)])
}

fn read(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.project().join(name)).expect("a file")
}

#[test]
fn rules_are_tried_on_their_examples() {
    let desk = desk("", RULE);
    let test = || {
        let mut command = assert_cmd::Command::cargo_bin("convoy-lint").expect("the program");
        command.env_clear().env("HOME", desk.project()).current_dir(desk.project()).args(["test", "r"]);
        command
    };
    test()
        .assert()
        .code(1)
        .stdout(contains("FAIL  own\n      it needs bad.EXT").and(contains("1 rule, 1 failed")));
    desk.write("r/tests/own/bad.py", "# bad\nold(1)\nx = old\n");
    desk.write("r/tests/own/good.py", "new(1)\n");
    test().assert().code(1).stdout(contains("it has a fix, and there is no fixed.py"));
    desk.write("r/tests/own/fixed.py", "# bad\nnew(1)\nx = old\n");
    test().assert().success().stdout("ok    own\n1 rule, 0 failed\n");
    desk.write("r/tests/own/fixed.py", "# bad\nnew(2)\nx = old\n");
    test().assert().code(1).stdout(contains("fixed.py:2: the fix writes 'new(1)'"));
    desk.write("r/tests/own/fixed.py", "# bad\nnew(1)\nx = old\n");
    desk.write("r/tests/own/good-2.py", "old(2)\n");
    desk.write("r/tests/own/bad-2.py", "# bad\nx()\n");
    test()
        .assert()
        .code(1)
        .stdout(contains("good-2.py:1: hit, and not marked").and(contains("bad-2.py:2: missed")));
    desk.write("r/tests/own/notes.md", "x");
    test().assert().code(1).stdout(contains("notes.md: no known language"));
    desk.write("r/own.yml", "id: own\nlanguage: Python\nrule: { pattern: f( }\n");
    test().assert().code(2).stdout("").stderr(contains("r/own.yml:"));
}

#[test]
fn a_pattern_that_can_match_nothing_is_refused_with_its_place() {
    let rule = |language: &str, rest: &str| {
        format!("# own\nid: own\nlanguage: {language}\nmetadata: {{ domain: security }}\nrule:\n{rest}")
    };
    for (rule, want) in [
        (
            rule("Python", "  pattern: f($x)\n"),
            "own.yml:6: the pattern 'f($x)' can match nothing: it is no Python: '$x' is no metavariable",
        ),
        (
            rule("Python", "  any:\n    - pattern: f($X)\n    - pattern: 'f($X'\n"),
            "own.yml:8: the pattern 'f($X' can match nothing",
        ),
        (
            rule("JavaScript", "  pattern: 'let = = 3'\n"),
            "own.yml:6: the pattern 'let = = 3' can match nothing: it is no JavaScript",
        ),
        (
            rule("Python", "  pattern: f($X)\n  not:\n    inside: { pattern: 'def g(:' }\n"),
            "own.yml:8: the pattern 'def g(:' can match nothing",
        ),
        (
            rule("Python", "  all: [{ kind: call }, { kind: string }]\n"),
            "own.yml:2: it can match no kind of node",
        ),
        (rule("Python", "  kind: no_such_kind\n"), "own.yml:2: "),
        (format!("{}fix: g($Y)\n", rule("Python", "  pattern: f($X)\n")), "own.yml:2: "),
    ] {
        let desk = desk("f(1)\n", &rule);
        desk.command(&["--rules", "r"]).assert().code(2).stdout("").stderr(contains(want));
    }
    // What only looks as if: fragments that the engine completes.
    for (language, pattern) in [
        ("Python", "f($$$)"),
        ("Python", "'$A if $B else $C'"),
        ("JavaScript", "'$A => { $$$ }'"),
        ("Rust", "'$A.unwrap()'"),
    ] {
        let desk = desk("x = 1\n", &rule(language, &format!("  pattern: {pattern}\n")));
        desk.command(&["--rules", "r"]).assert().success();
    }
}

/// Each of ours finds something, so none of their patterns is one that cannot.
#[test]
fn no_pattern_of_ours_is_taken_for_one_that_matches_nothing() {
    let desk = desk("x = 1\n", RULE);
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    desk.command(&["--rules", rules, "--join", "none", "a.py"]).assert().success();
}

#[test]
fn what_a_rule_mends_is_suggested_and_written_only_on_demand() {
    let code = "def f():\n    return old(1, 'é')  # as it was\n";
    let desk = desk(code, RULE);
    let (document, _) = desk.lint(&["--rules", "r", "--join", "none", "a.py"]);
    assert_eq!(document["findings"][0]["suggestion"], "    return new(1, 'é')  # as it was");
    assert_eq!(read(&desk, "a.py"), code);
    fs::set_permissions(desk.project().join("a.py"), fs::Permissions::from_mode(0o755)).expect("permissions");
    desk.command(&["--rules", "r", "--join", "none", "--fix", "a.py"])
        .assert()
        .success()
        .stdout(contains("**Total:** 0 findings"))
        .stderr(contains("convoy-lint: a.py: 1 place fixed (own)\n"));
    assert_eq!(read(&desk, "a.py"), code.replace("old", "new"));
    let mode = fs::metadata(desk.project().join("a.py")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
    desk.command(&["--rules", "r", "--fix", "a.py"])
        .assert()
        .success()
        .stderr(contains("nothing was found that a rule can fix"));
}

#[test]
fn where_two_would_write_neither_does() {
    let other =
        RULE.replace("id: own", "id: inner").replace("old($$$A)", "part($A)").replace("new($$$A)", "$A");
    let desk = desk("old(part(1))\npart(2)\n", &format!("{RULE}---\n{other}"));
    desk.command(&["--rules", "r", "--join", "none", "--fix", "a.py"])
        .assert()
        .success()
        .stderr(
            contains("a.py: 1 place fixed (inner)")
                .and(contains("a.py: 2 places left: what is to be written there meets (inner, own)")),
        )
        .stdout(contains("**Total:** 2 findings"));
    assert_eq!(read(&desk, "a.py"), "old(part(1))\n2\n");
}

#[test]
fn nothing_is_written_that_would_not_parse_or_was_silenced_or_is_not_of_the_project() {
    let broken = desk("old(1)\n", &RULE.replace("fix: new($$$A)", "fix: 'new('"));
    broken
        .command(&["--rules", "r", "--join", "none", "--fix", "a.py"])
        .assert()
        .success()
        .stderr(contains("a.py: not written: with what own writes it does not parse"));
    assert_eq!(read(&broken, "a.py"), "old(1)\n");
    let quiet = desk("old(1)  # convoy-ignore: own\n", RULE);
    quiet.command(&["--rules", "r", "--join", "none", "--fix", "a.py"]).assert().success();
    assert_eq!(read(&quiet, "a.py"), "old(1)  # convoy-ignore: own\n");
    let outside = desk("x = 1\n", RULE);
    let far = outside.project().parent().expect("a parent").join("far.py");
    fs::write(&far, "old(1)\n").expect("a file");
    symlink(&far, outside.project().join("link.py")).expect("a link");
    outside.command(&["--rules", "r", "--join", "none", "--fix", "link.py", "a.py"]).assert().success();
    assert_eq!(fs::read_to_string(&far).expect("a file"), "old(1)\n");
}

#[test]
fn of_a_change_only_what_it_made_is_mended() {
    let desk = desk("old(1)\n", RULE);
    desk.write("a.py", "old(1)\nx = 1\nold(2)\n");
    desk.command(&["--rules", "r", "--join", "none", "--fix", "--diff=HEAD"]).assert().success();
    assert_eq!(read(&desk, "a.py"), "old(1)\nx = 1\nnew(2)\n");
}

#[test]
fn an_imported_name_is_not_mended_where_it_is_written_otherwise() {
    let rule = "id: own\nlanguage: Python\nmessage: m\nrule: { pattern: os.system($A) }\nfix: run($A)\nmetadata: { domain: correctness }\n";
    let code = "import os\nfrom os import system\nos.system('a')\nsystem('b')\n";
    let desk = desk(code, rule);
    let (document, _) = desk.lint(&["--rules", "r", "--join", "none", "a.py"]);
    let suggested: Vec<&Value> =
        document["findings"].as_array().expect("a list").iter().map(|one| &one["suggestion"]).collect();
    assert_eq!(suggested, [&Value::from("run('a')"), &Value::Null]);
}
