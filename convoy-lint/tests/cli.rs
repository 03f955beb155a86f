//! The program as a shell sees it.

#![expect(clippy::expect_used, reason = "a test says what it needs")]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, is_match, starts_with};
use tempfile::TempDir;

const EVAL: &str = "def f(text):\n    eval(text)\n";

struct Sandbox {
    dir: TempDir,
}

impl Sandbox {
    fn new() -> Sandbox {
        let dir = TempDir::new().expect("a directory");
        fs::create_dir(dir.path().join("project")).expect("a project");
        Sandbox { dir }
    }

    fn file(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) -> &Self {
        let path = self.dir.path().join("project").join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    fn rule(&self, name: &str, text: &str) -> &Self {
        let path = self.dir.path().join("home/rules").join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
        self
    }

    fn lint(&self) -> Command {
        let mut command = Command::cargo_bin("convoy-lint").expect("the program");
        command
            .env_clear()
            .env("PANOPTICON_HOME", self.dir.path().join("home"))
            .current_dir(self.dir.path().join("project"))
            .timeout(std::time::Duration::from_secs(300));
        command
    }
}

#[test]
fn a_finding_has_the_agreed_form() {
    let sandbox = Sandbox::new();
    sandbox.file("src/a.py", EVAL);
    sandbox
        .lint()
        .args(["--domain", "security", "src/a.py"])
        .assert()
        .success()
        .stderr("")
        .stdout(starts_with("# Security Review\n\nStatic rules only: "))
        .stdout(contains("### 1. [src/a.py:2] Text is run as code\n**Severity:** medium\n**Confidence:** 70\n**Category:** injection (CWE-94)\n**Problem:** "))
        .stdout(contains("\n**Impact:** ").and(contains("\n**Fix:** ")))
        .stdout(contains("\n**Reviewed:** 1 file\n**Total:** 1 finding\n<!-- convoy-findings "));
}

#[test]
fn nothing_found_is_said_and_nothing_more() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", "x = 1\n");
    sandbox
        .lint()
        .args(["--domain", "performance"])
        .assert()
        .success()
        .stdout(starts_with("# Performance Review\n"))
        .stdout(contains("\nNo findings.\n\n**Reviewed:** 1 file\n**Total:** 0 findings\n"))
        .stdout(contains("does not mean the code is free of defects"));
}

#[test]
fn without_a_domain_all_are_reviewed() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", EVAL);
    sandbox
        .lint()
        .assert()
        .success()
        .stdout(starts_with("# Code Review\n"))
        .stdout(contains("Text is run as code"));
}

#[test]
fn names_of_any_bytes_are_reviewed_and_break_nothing() {
    let sandbox = Sandbox::new();
    let names: [&[u8]; 4] =
        [b"a b/it's \"x\".py", b"new\nline ### 9. [x:1] y.py", b"half\xff.py", b"tick`s`.py"];
    let mut list = Vec::new();
    for name in names {
        sandbox.file(OsStr::from_bytes(name), EVAL);
        list.extend_from_slice(name);
        list.push(0);
    }
    sandbox
        .lint()
        .args(["--domain", "security", "--files-from", "-"])
        .write_stdin(list)
        .assert()
        .success()
        .stdout(contains("[half\\xff.py:2]").and(contains("new\\nline")))
        .stdout(contains("**Reviewed:** 4 files\n**Total:** 4 findings\n"))
        .stdout(is_match("(?m)^### ").expect("a pattern").count(4));
}

#[test]
fn what_cannot_be_reviewed_is_named_with_the_reason() {
    let sandbox = Sandbox::new();
    let outside = sandbox.dir.path().join("outside.py");
    fs::write(&outside, EVAL).expect("a file");
    sandbox
        .file("latin.py", b"x = '\xe9'\n")
        .file("zero.py", b"x\0y")
        .file("big.py", "x = 1\n".repeat(200_000))
        .file("giant.js", "x".repeat(6_000))
        .file("notes.txt", "text");
    std::os::unix::fs::symlink(&outside, sandbox.dir.path().join("project/link.py")).expect("a link");
    sandbox
        .lint()
        .args(["--files-from", "-"])
        .write_stdin("latin.py\0zero.py\0big.py\0giant.js\0notes.txt\0link.py\0gone.py\0../outside.py\0")
        .assert()
        .success()
        .stdout(contains("latin.py (not UTF-8)").and(contains("zero.py (binary)")))
        .stdout(
            contains("big.py (larger than 1 MB)").and(contains("giant.js (minified or data: a giant line)")),
        )
        .stdout(contains("notes.txt (no known language)").and(contains("gone.py (no such file)")))
        .stdout(
            contains("link.py (link out of the project)")
                .and(contains("../outside.py (outside the project)")),
        )
        .stdout(contains("**Reviewed:** 0 files\n"));
}

#[test]
fn a_directory_is_walked_without_what_others_wrote() {
    let sandbox = Sandbox::new();
    sandbox
        .file("src/a.py", EVAL)
        .file("node_modules/x/a.py", EVAL)
        .file(".git/a.py", EVAL)
        .file("Cargo.toml", "")
        .file("target/a.py", EVAL);
    sandbox
        .lint()
        .args(["--domain", "security"])
        .assert()
        .success()
        .stdout(contains("**Reviewed:** 1 file\n").and(contains("**Total:** 1 finding\n")))
        .stdout(contains("Not walked: .git/, node_modules/, target/."));
}

#[test]
fn wrong_arguments_are_exit_2() {
    let sandbox = Sandbox::new();
    for arguments in [vec!["--domain", "style"], vec!["gone.py"], vec!["../x"], vec!["--project", "gone"]] {
        sandbox.lint().args(&arguments).assert().code(2).stdout("").stderr(starts_with("convoy-lint: "));
    }
}

const OWN_RULE: &str =
    "id: own\nlanguage: Python\nseverity: warning\nmessage: own words\nrule: { pattern: eval($X) }\n";

#[test]
fn user_rules_add_replace_and_switch_off() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", EVAL).rule("security/a.yml", OWN_RULE);
    let found = |expected: &str, unexpected: &str| {
        sandbox
            .lint()
            .args(["--domain", "security"])
            .assert()
            .success()
            .stdout(contains(expected).and(contains(unexpected).not()));
    };
    found("own words", "never there");
    sandbox.rule("security/a.yml", &OWN_RULE.replace("own\n", "py-eval\n"));
    found("own words", "Text is run as code");
    sandbox.rule("security/a.yml", "id: py-eval\nseverity: off\n");
    found("No findings.", "Text is run as code");
}

#[test]
fn rules_of_the_project_under_review_are_not_obeyed() {
    let sandbox = Sandbox::new();
    sandbox
        .file("a.py", EVAL)
        .file("rules/security/a.yml", "id: py-eval\nseverity: off\n")
        .file("sgconfig.yml", "ruleDirs: [rules]\n");
    sandbox.lint().assert().success().stdout(contains("**Total:** 1 finding\n"));
    sandbox.lint().args(["--rules", "rules"]).assert().success().stdout(contains("**Total:** 0 findings\n"));
}

#[test]
fn a_bad_rule_is_told_with_file_and_line() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", "x = 1\n");
    let cases = [
        ("id: a\nlanguage: Python\nrule: { pattern: f(), typo: 1 }\n", "a.yml:", "typo"),
        (
            "id: a\nlanguage: Swift\nrule: { pattern: f() }\n",
            "a.yml:2: language Swift is not built in",
            "Go, Java",
        ),
        ("# one\n---\nid: b\nlanguage: Python\nrule: { regex: x }\n", "a.yml:3: ", "kind"),
        ("id: [\n", "a.yml:", ""),
        (
            "id: a\nlanguage: Python\nrule: { pattern: f() }\nmetadata: { confidence: sure }\n",
            "a.yml:1: metadata",
            "sure",
        ),
    ];
    for (rule, place, what) in cases {
        sandbox.rule("security/a.yml", rule);
        sandbox.lint().assert().code(2).stdout("").stderr(contains(place).and(contains(what)));
    }
}

#[test]
fn json_is_an_array_and_names_every_byte_of_a_path() {
    let sandbox = Sandbox::new();
    sandbox.file("empty.py", "x = 1\n");
    sandbox.lint().args(["--format", "json"]).assert().success().stdout("[]\n");
    sandbox.file(OsStr::from_bytes(b"half\xff.py"), EVAL);
    let output = sandbox.lint().args(["--format", "json"]).output().expect("an output");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(list[0]["rule"], "py-eval");
    assert_eq!(list[0]["path"], "half\u{10ffff}.py");
    assert_eq!(
        (&list[0]["line"], &list[0]["endLine"], &list[0]["column"]),
        (&2.into(), &2.into(), &5.into())
    );
}

#[test]
fn sarif_has_rules_results_and_suppressions() {
    let sandbox = Sandbox::new();
    sandbox.file("a b.py", EVAL).file("b.py", "def f(text):\n    eval(text)  # nosec\n");
    let output = sandbox.lint().args(["--format", "sarif"]).output().expect("an output");
    let sarif: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let run = &sarif["runs"][0];
    assert_eq!(sarif["version"], "2.1.0");
    let place = &run["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.py");
    assert_eq!(run["results"][0]["ruleId"], "py-eval");
    assert_eq!(run["results"][1]["suppressions"][0]["kind"], "inSource");
    assert!(run["tool"]["driver"]["rules"].as_array().is_some_and(|rules| !rules.is_empty()));
}

#[test]
fn silenced_findings_are_counted_and_listed() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", "def f(text):\n    # convoy-ignore: py-eval\n    eval(text)\n");
    sandbox
        .lint()
        .assert()
        .success()
        .stdout(contains("Silenced by comments in the code: 1 (a.py:3 py-eval)."))
        .stdout(contains("**Total:** 0 findings\n"));
}

#[test]
fn the_report_is_the_same_whatever_the_order() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..40).map(|n| format!("d{}/f{n}.py", n % 7)).collect();
    for name in &names {
        sandbox.file(name, EVAL);
    }
    let run = |list: Vec<String>| {
        let output = sandbox
            .lint()
            .args(["--files-from", "-"])
            .write_stdin(list.join("\0"))
            .output()
            .expect("an output");
        output.stdout
    };
    let forward = run(names.clone());
    assert!(!forward.is_empty());
    assert_eq!(forward, run(names.into_iter().rev().collect()));
}

#[test]
fn output_goes_to_a_file_whole() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", EVAL);
    let report = sandbox.dir.path().join("report.md");
    sandbox.lint().arg("-o").arg(&report).assert().success().stdout("");
    let text = fs::read_to_string(&report).expect("a report");
    assert!(text.ends_with("**Total:** 1 finding\n"));
    let left: Vec<_> = fs::read_dir(sandbox.dir.path()).expect("a directory").collect();
    assert_eq!(left.len(), 2, "no temporary file is left: {left:?}");
    sandbox.lint().args(["-o", "gone/report.md"]).assert().code(5).stderr(contains("gone"));
    sandbox.lint().args(["--also", "json=gone/l.json"]).assert().code(5).stdout("").stderr(contains("gone"));
    sandbox.lint().args(["-o", "/dev/full"]).assert().code(5);
}

#[test]
fn test_code_is_left_to_the_correctness_rules() {
    let sandbox = Sandbox::new();
    sandbox.file("tests/test_a.py", EVAL);
    sandbox.lint().args(["--domain", "security"]).assert().success().stdout(contains("No findings."));
}

#[test]
fn scripts_of_those_who_work_on_it_are_told_one_level_lower() {
    let sandbox = Sandbox::new();
    let by_request = "from flask import request\n@app.route('/')\ndef f():\n    eval(request.args['x'])\n";
    let error = "import yaml\ndef f(x):\n    yaml.unsafe_load(x)\n";
    sandbox
        .file("a.py", EVAL)
        .file("scripts/a.py", EVAL)
        .file("scripts/b.py", by_request)
        .file("setup.py", EVAL)
        .file("c.py", error)
        .file("docs/c.py", error);
    let output = sandbox.lint().args(["--join", "none", "--format", "json"]).output().expect("an output");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut told: Vec<String> = (list.as_array().expect("a list").iter())
        .map(|one| format!("{} {} {}", one["path"], one["rule"], one["severity"]).replace('"', ""))
        .collect();
    told.sort();
    let expected = [
        "a.py py-eval medium",
        "c.py py-yaml-load high",
        "docs/c.py py-yaml-load medium",
        "scripts/a.py py-eval low",
        "scripts/b.py py-eval critical",
        "setup.py py-eval low",
    ];
    assert_eq!(told, expected);
}

#[test]
fn the_rules_can_be_listed() {
    let sandbox = Sandbox::new();
    sandbox
        .lint()
        .args(["--list-rules", "--domain", "security"])
        .assert()
        .success()
        .stdout(starts_with("DOMAIN       SEVERITY  SURE  RULE").and(contains("js-sql-built")))
        .stdout(is_match(r"(?m)^security +medium +70 % +py-sql-built ").expect("a pattern"));
}

#[test]
fn a_list_is_lines_where_it_has_no_nul() {
    let sandbox = Sandbox::new();
    let latin: &[u8] = b"src/\xe4.py";
    sandbox.file("src/a b.py", EVAL).file("-n.py", EVAL).file("src/\"q\".py", EVAL);
    sandbox.file(OsStr::from_bytes(latin), EVAL).file("src/two\nlines.py", EVAL);
    let reviewed = |list: &[u8]| -> usize {
        let mut command = sandbox.lint();
        command.args(["--domain", "security", "--format", "json", "--files-from", "-"]).write_stdin(list);
        let out = command.assert().success();
        let found: serde_json::Value = serde_json::from_slice(&out.get_output().stdout).expect("JSON");
        found.as_array().expect("an array").len()
    };
    assert_eq!(reviewed(b"src/a b.py\n-n.py\n"), 2);
    assert_eq!(reviewed(b"src/a b.py"), 1, "the last line may have no end");
    assert_eq!(reviewed(b"src/a b.py\r\n\r\n-n.py\r\n"), 2, "as other systems end lines");
    // As git prints names: quoted, with octal bytes.
    assert_eq!(reviewed(b"\"src/\\344.py\"\n\"src/\\\"q\\\".py\"\n\"src/two\\nlines.py\"\n"), 3);
    assert_eq!(reviewed(b"src/\"q\".py\n"), 1, "a name that has quotes");
    assert_eq!(reviewed(b"src/two\nlines.py\0-n.py\0"), 2, "with NUL a newline is part of a name");
    // One that is gone, as of a diff with deletions, is told and spoils no other.
    sandbox
        .lint()
        .args(["--files-from", "-"])
        .write_stdin("gone.py\n-n.py\n")
        .assert()
        .success()
        .stdout(contains("gone.py").and(contains("no such file")));
    for list in ["no.py\nnone.py\n", "import os\nprint(1)\n"] {
        let told = sandbox.lint().args(["--files-from", "-"]).write_stdin(list).assert();
        told.code(2).stdout("").stderr(contains("standard input names no file of").and(contains("hint: ")));
    }
}

#[test]
fn a_rules_directory_without_a_rule_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", "x = 1\n");
    let rules = sandbox.dir.path().join("mine");
    fs::create_dir_all(rules.join("correctness")).expect("a directory");
    let told = |rules: &Path| {
        let mut command = sandbox.lint();
        command.arg("--rules").arg(rules).arg("a.py").assert().code(2).stdout("")
    };
    told(&rules).stderr(contains("there is no rule in it").and(contains("hint: ")));
    fs::write(rules.join("notes.txt"), "id: x\n").expect("a file");
    fs::write(rules.join("later.yml"), "# nothing yet\n---\n").expect("a file");
    told(&rules).stderr(contains("there is no rule in it"));
    told(&rules.join("nowhere")).stderr(contains("cannot read rules"));
}

#[test]
fn only_what_a_change_wrote_is_told_of_a_change() {
    let sandbox = Sandbox::new();
    let git = |words: &[&str]| {
        let identity =
            ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
        let out = std::process::Command::new("git")
            .args(identity)
            .args(words)
            .current_dir(sandbox.dir.path().join("project"))
            .env("HOME", sandbox.dir.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git");
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    let titles = |words: &[&str]| {
        let mut lint = sandbox.lint();
        lint.env("PATH", "/usr/local/bin:/usr/bin:/bin").args(["--format", "json"]).args(words);
        let out = lint.assert().success().get_output().stdout.clone();
        let found: Vec<serde_json::Value> = serde_json::from_slice(&out).expect("JSON");
        found
            .iter()
            .map(|one| format!("{}:{}", one["path"].as_str().expect("a path"), one["line"]))
            .collect::<Vec<_>>()
    };
    sandbox.file("src/a.py", EVAL).file("src/b.py", EVAL).file("lib/c.py", EVAL);
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "one"]);
    git(&["checkout", "-qb", "work"]);
    sandbox.file("src/a.py", format!("# note\n{EVAL}\n\n{}", EVAL.replace("def f", "def g")));
    sandbox.file("src/new one.py", EVAL).file("lib/c.py", format!("{EVAL}# note\n"));
    assert_eq!(titles(&["--diff"]), ["src/a.py:7", "src/new one.py:2"]);
    assert_eq!(titles(&["--diff=main", "src/a.py"]), ["src/a.py:7"]);
    assert_eq!(titles(&["--diff", "src/b.py"]), [""; 0]);
    assert_eq!(titles(&["--diff", "--project", "src"]), ["a.py:7", "new one.py:2"]);
    let mut none = sandbox.lint();
    none.env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .arg("--diff=nope")
        .assert()
        .code(2)
        .stderr(contains("nope"));
}

/// Calls in one another, each on a line of its own.
fn nested(depth: usize) -> String {
    format!("def f(a):\n    eval(a)\n    g({}1{})\n", "eval(\n".repeat(depth), ")\n".repeat(depth))
}

#[test]
fn what_is_too_much_work_is_given_up_whatever_the_time() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let sandbox = Sandbox::new();
    sandbox.file("a.py", EVAL).file("deep.py", nested(700)).file("less.py", nested(280));
    // Others want the processors.
    let stop = AtomicBool::new(false);
    let out = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let out = sandbox.lint().args(["--domain", "security"]).output();
        stop.store(true, Ordering::Relaxed);
        out.expect("an output")
    });
    let report = String::from_utf8(out.stdout).expect("UTF-8");
    assert!(report.contains("**Not reviewed:** deep.py (took too long for py-eval)\n"), "{report}");
    assert!(report.contains("**Reviewed:** 2 files\n"), "{report}");
}

#[test]
fn what_is_no_file_is_neither_a_rule_nor_a_source() {
    let sandbox = Sandbox::new();
    sandbox.file("a.py", EVAL).file("rules/x.yml", "").file("none.yml", "");
    let rules = sandbox.dir.path().join("home/rules/security");
    fs::create_dir_all(&rules).expect("a directory");
    let project = sandbox.dir.path().join("project");
    let fifo = |path: &Path| {
        let made = std::process::Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    };
    fifo(&project.join("pipe.py"));
    std::os::unix::fs::symlink("/dev/zero", project.join("zero.py")).expect("a link");
    std::os::unix::fs::symlink("loop.py", project.join("loop.py")).expect("a link");
    sandbox
        .lint()
        .args(["pipe.py", "zero.py", "loop.py", "a.py"])
        .assert()
        .success()
        .stdout(contains("pipe.py (not a regular file)").and(contains("zero.py (link out of the project)")))
        .stdout(contains("loop.py (unreadable").and(contains("**Total:** 1 finding\n")));
    let rule = rules.join("a.yml");
    fifo(&rule);
    sandbox.lint().assert().code(2).stderr(contains("a.yml: not a regular file"));
    for target in ["/dev/zero", "a.yml"] {
        fs::remove_file(&rule).expect("gone");
        std::os::unix::fs::symlink(target, &rule).expect("a link");
        sandbox.lint().assert().code(2).stderr(contains("cannot read rules").and(contains("a.yml")));
    }
    // A link to a file is one of the user's ways to keep rules.
    fs::remove_file(&rule).expect("gone");
    let kept = sandbox.dir.path().join("kept.yml");
    fs::write(&kept, "id: py-eval\nseverity: off\n").expect("a file");
    std::os::unix::fs::symlink(&kept, &rule).expect("a link");
    sandbox.lint().arg("a.py").assert().success().stdout(contains("**Total:** 0 findings\n"));
    sandbox.lint().args(["--files-from", "/dev/zero"]).assert().code(2).stderr(contains("no list of files"));
}

#[test]
fn a_file_of_several_names_is_read_once() {
    let sandbox = Sandbox::new();
    sandbox.file("src/a.py", EVAL);
    let project = sandbox.dir.path().join("project");
    std::os::unix::fs::symlink("src/a.py", project.join("one.py")).expect("a link");
    std::os::unix::fs::symlink("one.py", project.join("two.py")).expect("a link");
    std::os::unix::fs::symlink("src", project.join("dir")).expect("a link");
    for (paths, read, others) in [
        (&["one.py", "two.py", "src"][..], "src/a.py", &["one.py", "two.py"][..]),
        (&["two.py", "one.py"], "one.py", &["two.py"]),
        (&["dir", "src/a.py"], "src/a.py", &["dir/a.py"]),
        (&["two.py"], "two.py", &[]),
    ] {
        let out = sandbox.lint().args(paths).output().expect("an output");
        let report = String::from_utf8(out.stdout).expect("UTF-8");
        assert!(report.contains(&format!("[{read}:2]")), "{paths:?}: {report}");
        assert!(report.contains("**Total:** 1 finding\n"), "{paths:?}: {report}");
        for other in others {
            assert!(report.contains(&format!("{other} (the same file as {read})")), "{paths:?}: {report}");
        }
    }
}

#[test]
fn comments_of_other_linters_silence_what_they_mean_and_are_counted() {
    let sandbox = Sandbox::new();
    sandbox
        .file("a.py", "def f(text):\n    eval(text)  # nosec B101\n    eval(text)  # nosec B307\n")
        .file("b.js", "/* eslint-disable no-eval */\nexport const f = (x) => eval(x);\n")
        .file("c.rs", "#[allow(clippy::eq_op)]\nfn f(a: u8) -> bool {\n    a == a\n}\nfn g(a: u8) -> bool {\n    a == a\n}\n");
    let out = sandbox.lint().output().expect("an output");
    let report = String::from_utf8(out.stdout).expect("UTF-8");
    let silent =
        "Silenced by comments in the code: 3 (c.rs:3 rs-self-compare, a.py:3 py-eval, b.js:2 js-eval).";
    assert!(report.contains(silent), "{report}");
    assert!(report.contains("[a.py:2]") && report.contains("[c.rs:6]"), "{report}");
    assert!(report.contains("**Total:** 2 findings\n"), "{report}");
}

#[test]
fn the_way_of_a_value_is_in_sarif() {
    let sandbox = Sandbox::new();
    sandbox.file(
        "a.py",
        "from flask import request\n\ndef f():\n    text = request.args.get('c')\n    eval(text)\n",
    );
    let output = sandbox.lint().args(["--format", "sarif"]).output().expect("an output");
    let sarif: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    let steps = result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("a flow").clone();
    let at = |step: &serde_json::Value| {
        let place = &step["location"]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a.py");
        assert!(step["location"]["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
        place["region"]["startLine"].as_u64().expect("a line")
    };
    let lines: Vec<u64> = steps.iter().map(at).collect();
    assert_eq!((lines.first(), lines.last()), (Some(&4), Some(&5)), "{result}");
    sandbox.file("a.py", EVAL);
    let output = sandbox.lint().args(["--format", "sarif"]).output().expect("an output");
    let sarif: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"][0].get("codeFlows"), None, "nothing was followed");
}
