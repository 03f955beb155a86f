//! What other linters say beside our rules: those of this machine, stand-ins that behave
//! as programs do that nobody meant, and results that were handed in.

#![expect(clippy::expect_used, reason = "a test says what it needs")]

#[expect(dead_code, reason = "of a desk that others share")]
mod desk;

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::{contains, starts_with};
use serde_json::{Value, json};

use desk::Desk;

/// With one fault that only `shellcheck` finds, in a line with characters of every length.
const SCRIPT: &str = "#!/bin/bash\necho \"é ü😀\"; rm -rf \"$1/\"\n";
/// `eval(é)` begins in column 17: 18 in UTF-16, 22 in bytes.
const WIDE: &str = "const é = \"ü😀\"; eval(é);\n";

fn desk() -> Desk {
    Desk::new("", &[(".gitignore", "")])
}

/// A directory with these programs.
fn programs(desk: &Desk, programs: &[(&str, &str)]) -> String {
    let dir = desk.project().parent().expect("a parent").join("bin");
    fs::create_dir_all(&dir).expect("a directory");
    for (name, script) in programs {
        let path = dir.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    }
    format!("{}:/usr/bin:/bin", dir.display())
}

/// The directory of a real linter, or that there is none, told once.
fn real(name: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/linters/bin");
    let dirs = [own, "/usr/local/bin".into(), "/usr/bin".into()];
    let found = dirs.into_iter().find(|dir| dir.join(name).is_file());
    if found.is_none() {
        // Not through `println!`, which passing tests swallow.
        let _ =
            writeln!(std::io::stderr(), "skipped: what {name} says beside our rules: it is not installed");
    }
    found
}

fn with_path(desk: &Desk, path: &Path, words: &[&str]) -> Command {
    let mut lint = desk.command(words);
    lint.env("PATH", format!("{}:/usr/bin:/bin", path.display()));
    lint
}

fn json_of(lint: &mut Command) -> Value {
    let out = lint.assert().success().get_output().stdout.clone();
    serde_json::from_slice(&out).expect("JSON")
}

/// `rule path:line:column`
fn lines(list: &Value) -> Vec<String> {
    let line = |one: &Value| {
        format!(
            "{} {}:{}:{}",
            one["rule"].as_str().expect("a rule"),
            one["path"].as_str().expect("a path"),
            one["line"],
            one["column"]
        )
    };
    let mut lines: Vec<String> = list.as_array().expect("a list").iter().map(line).collect();
    lines.sort();
    lines
}

fn read(document: &Value) -> Vec<String> {
    let read = document["scope"]["read"].as_array().expect("a list");
    read.iter().map(|path| path.as_str().expect("a path").to_owned()).collect()
}

fn why_not(document: &Value, file: &str) -> Option<String> {
    let list = document["scope"]["notRead"].as_array()?;
    let one = list.iter().find(|one| one["file"] == file)?;
    one["why"].as_str().map(str::to_owned)
}

#[test]
fn a_script_is_read_by_shellcheck_alone() {
    let Some(path) = real("shellcheck") else { return };
    let desk = desk();
    desk.write("run.sh", SCRIPT);
    desk.write("bin/start", "#!/usr/bin/env bash\nlocal x=1\necho \"$x\"\n");
    desk.write("cut.sh", "#!/bin/sh\nif true; then\n");
    desk.write("z.sh", "#!/usr/bin/env zsh\necho\n");
    // None of the project's settings counts.
    desk.write(".shellcheckrc", "disable=all\n");
    let document =
        json_of(&mut with_path(&desk, &path, &["--domain", "correctness", "--format", "findings"]));
    assert_eq!(read(&document), ["bin/start", "run.sh"]);
    assert_eq!(
        why_not(&document, "cut.sh").as_deref(),
        Some("not read by shellcheck: does not parse: line 2")
    );
    assert!(why_not(&document, "z.sh").is_some_and(|why| why.contains("no script of sh, bash, dash or ksh")));
    let list = json_of(&mut with_path(&desk, &path, &["--domain", "correctness", "--format", "json"]));
    assert_eq!(lines(&list), ["shellcheck/SC2115 run.sh:2:21", "shellcheck/SC2168 bin/start:2:1"]);
    assert_eq!(list[0]["saidBy"][0]["tool"], "shellcheck");
    assert!(list[0]["saidBy"][0]["version"].is_string());
    with_path(&desk, &path, &[])
        .assert()
        .success()
        .stdout(
            contains("shellcheck 0.").and(contains(" read 2 files: 2 findings; not read by it: cut.sh (")),
        )
        .stdout(contains("Said by: shellcheck"));
    // It is about correctness: of security nobody read the scripts.
    let document = json_of(&mut with_path(&desk, &path, &["--domain", "security", "--format", "findings"]));
    assert!(read(&document).is_empty());
}

#[test]
fn comments_silence_the_findings_of_others_too() {
    let Some(path) = real("shellcheck") else { return };
    let desk = desk();
    desk.write("a.sh", SCRIPT.replace("/\"\n", "/\" # convoy-ignore: shellcheck/SC2115\n"));
    with_path(&desk, &path, &[])
        .assert()
        .success()
        .stdout(contains("Silenced by comments in the code: 1 (a.sh:2 shellcheck/SC2115)"))
        .stdout(contains("**Total:** 0 findings"));
}

#[test]
fn what_a_linter_finds_is_new_or_was_there() {
    let Some(path) = real("shellcheck") else { return };
    let desk = desk();
    desk.write("a.sh", SCRIPT);
    desk.commit();
    desk.write(
        "a.sh",
        format!("{SCRIPT}\nlocal y=1\necho \"$y\"\n").replace("echo \"é", "# moved\necho \"é"),
    );
    let document = json_of(&mut with_path(
        &desk,
        &path,
        &["--base", "HEAD", "--domain", "correctness", "--format", "findings"],
    ));
    let findings = document["findings"].as_array().expect("a list");
    let mut new: Vec<_> =
        findings.iter().map(|one| (one["rule"].as_str().expect("a rule"), &one["new"])).collect();
    new.sort_by_key(|(rule, _)| rule.to_owned());
    assert_eq!(new, [("shellcheck/SC2115", &json!(false)), ("shellcheck/SC2168", &json!(true))]);
}

#[test]
fn ruff_says_what_is_a_fault_whatever_the_projects_settings() {
    let Some(path) = real("ruff") else { return };
    let desk = desk();
    desk.write("pyproject.toml", "[tool.ruff]\nexclude = [\"*.py\"]\nlint.ignore = [\"ALL\"]\n");
    desk.write("a.py", "é = \"ü😀\"; print(gone)\nassert (1, \"x\")\n");
    desk.write("b.pyi", "def f() -> gone: ...\n");
    desk.write("cut.py", "def f(:\n");
    desk.write("settings.py", "use(a)\nuse(b)\n");
    desk.write("old.py", "try:\n    text = unicode\nexcept NameError:\n    text = str\n");
    // The first time there is nothing to compare with.
    desk.write("x.py", "def f(them):\n    for one in them:\n        if one == last:\n            stop()\n        last = one\n\n\nstop = f\n");
    let list = json_of(&mut with_path(&desk, &path, &["--format", "json"]));
    assert_eq!(
        lines(&list),
        ["py-assert-tuple a.py:2:1", "ruff/F821 a.py:1:17", "ruff/F821 b.pyi:1:12", "ruff/F821 x.py:3:19"]
    );
    let tuple =
        list.as_array().expect("a list").iter().find(|one| one["rule"] == "py-assert-tuple").expect("it");
    assert_eq!(tuple["saidBy"][0]["rule"], "F631", "two say it, and it is one finding");
    let document = json_of(&mut with_path(&desk, &path, &["--format", "findings"]));
    assert!(read(&document).contains(&"b.pyi".to_owned()));
    let notes = document["notes"].to_string();
    assert!(notes.contains("not read by it: cut.py (does not parse: line 1)"), "{notes}");
}

/// A linter that is not what it seems is told of, and what it should have read is not read.
#[test]
fn a_linter_that_does_not_do_its_work_is_never_a_clean_one() {
    const VERSION: &str = "echo 'ShellCheck - shell script analysis tool'; echo 'version: 9.9.9'";
    let real_version = |then: &str| format!("case \"$1\" in --version) {VERSION};; *) {then};; esac");
    for (script, want) in [
        (
            "echo 'Welcome! A check of shells, 3.1'".to_owned(),
            "is not it: asked for its version it says 'Welcome!",
        ),
        ("exit 3".to_owned(), "(exit code 3)"),
        ("sleep 600".to_owned(), "it took longer than 1 s"),
        (real_version("sleep 600"), "it took longer than 1 s"),
        (real_version("echo 'Update available!'; echo '{\"comments\":[]}'"), "is not its JSON"),
        (real_version("printf '{\"comments\":['"), "is not its JSON"),
        (real_version("echo oh no >&2; exit 4"), "exit code 4: oh no"),
        (real_version("kill -9 $$"), "it was ended"),
        (real_version("exec head -c 80000000 /dev/zero"), "it printed more than 64 MB"),
        (
            real_version("echo '{\"comments\":[]}'; echo \"$4: $4: cannot be opened\" >&2; exit 2"),
            "cannot be opened",
        ),
        (
            real_version(
                "echo '{\"comments\":[{\"file\":\"/etc/passwd\",\"line\":1,\"endLine\":1,\"column\":1,\"level\":\"error\",\"code\":2115,\"message\":\"x\"}]}'",
            ),
            "files that it was not given",
        ),
    ] {
        let desk = desk();
        desk.write("a.sh", SCRIPT);
        let path = programs(&desk, &[("shellcheck", &script)]);
        // What is not about the limit has time, however busy the machine is.
        let limit = if want.contains("took longer") { "1s" } else { "60s" };
        let words = ["--domain", "correctness", "--join-timeout", limit, "--format", "findings"];
        let begin = Instant::now();
        let document = json_of(desk.command(&words).env("PATH", &path));
        assert!(begin.elapsed() < Duration::from_secs(60), "{script}");
        assert!(read(&document).is_empty(), "{script}: {document}");
        let why = why_not(&document, "a.sh").expect("it is told");
        assert!(why.starts_with("not read by shellcheck: ") && why.contains(want), "{script}: {why}");
        // Whoever names it is told by the exit code, too; the report is there.
        desk.command(&["--join", "shellcheck", "--join-timeout", limit])
            .env("PATH", &path)
            .assert()
            .code(3)
            .stdout(contains("**Total:** 0 findings"))
            .stderr(starts_with("convoy-lint: shellcheck").and(contains("--join auto")));
    }
}

#[test]
fn a_linter_that_is_not_there_is_told_where_it_would_have_had_work() {
    let desk = desk();
    desk.write("a.py", "x = 1\n");
    let path = programs(&desk, &[]).replace(":/usr/bin:/bin", "");
    desk.command(&[])
        .env("PATH", &path)
        .assert()
        .success()
        .stdout(contains("\"ruff was not run: it is not installed\"").and(contains("shellcheck").not()));
    desk.command(&["--join", "ruff"])
        .env("PATH", &path)
        .assert()
        .code(3)
        .stderr(contains("it is not installed"));
    desk.command(&["--join", "shellcheck"])
        .env("PATH", &path)
        .assert()
        .success()
        .stdout(contains("ruff").not());
    desk.command(&["--join", "none"]).env("PATH", &path).assert().success().stdout(contains("ruff").not());
    desk.command(&["--join", "eslint"])
        .assert()
        .code(2)
        .stderr(contains("none of auto, none, ruff, shellcheck"));
    // As the user has it.
    let home = desk.project().parent().expect("a parent").join("home");
    fs::create_dir_all(&home).expect("a directory");
    fs::write(home.join("config.toml"), "[lint]\njoin = false\n").expect("a file");
    desk.command(&[]).env("PATH", &path).assert().success().stdout(contains("ruff").not());
    desk.command(&["--join", "auto"])
        .env("PATH", &path)
        .assert()
        .success()
        .stdout(contains("ruff was not run"));
}

#[test]
fn no_program_of_the_project_is_run() {
    let desk = desk();
    desk.write("a.sh", SCRIPT);
    let mark = desk.project().join("it-ran");
    let script = format!("#!/bin/sh\ntouch {}\necho 'ShellCheck - x'; echo 'version: 1'\n", mark.display());
    desk.write("bin/shellcheck", script);
    let program = desk.project().join("bin/shellcheck");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let elsewhere = desk.project().parent().expect("a parent").join("links");
    fs::create_dir(&elsewhere).expect("a directory");
    std::os::unix::fs::symlink(&program, elsewhere.join("shellcheck")).expect("a link");
    for path in [desk.project().join("bin"), "bin".into(), elsewhere] {
        let mut lint = desk.command(&["--domain", "correctness", "--format", "findings"]);
        let document = json_of(lint.env("PATH", &path));
        let why = why_not(&document, "a.sh").expect("it is told");
        assert!(why.contains("project, and is not run"), "{}: {why}", path.display());
        assert!(!mark.exists(), "{}", path.display());
    }
}

/// What each tool writes of the same `eval(é)`, as seen.
fn handed_of(tool: &str) -> String {
    let file = json!({ "filename": "a.js", "path": "a.js", "file": "a.js" });
    let with = |more: Value| {
        let mut one = file.clone();
        one.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        one
    };
    match tool {
        "eslint" => json!([{ "filePath": "a.js", "messages": [{ "ruleId": "no-x", "severity": 2, "message": "m", "line": 1, "column": 18, "endLine": 1, "endColumn": 22 }], "suppressedMessages": [] }]).to_string(),
        "ruff" => json!([with(json!({ "cell": null, "code": "X1", "message": "m", "location": { "row": 1, "column": 17 }, "end_location": { "row": 1, "column": 20 }, "fix": null }))]).to_string(),
        "shellcheck" => json!({ "comments": [with(json!({ "code": 1, "level": "warning", "message": "m", "line": 1, "endLine": 1, "column": 17 }))] }).to_string(),
        "semgrep" => json!({ "version": "1.185.0", "results": [with(json!({ "check_id": "x", "start": { "line": 1, "col": 22 }, "end": { "line": 1, "col": 30 }, "extra": { "message": "m", "severity": "ERROR", "metadata": {} } }))], "errors": [] }).to_string(),
        "bandit" => json!({ "errors": [], "results": [with(json!({ "test_id": "B1", "line_number": 1, "col_offset": 21, "issue_text": "m", "issue_severity": "HIGH", "issue_confidence": "HIGH", "line_range": [1] }))] }).to_string(),
        "golangci-lint" => json!({ "Issues": [{ "FromLinter": "vet", "Text": "m", "Severity": "", "Pos": { "Filename": "a.js", "Line": 1, "Column": 22 } }], "Report": {} }).to_string(),
        "mypy" => format!("{}\n", with(json!({ "severity": "error", "code": "arg", "message": "m", "line": 1, "column": 16 }))),
        "clippy" => format!("{}\n{}\n", json!({ "reason": "compiler-message", "message": { "level": "warning", "message": "m", "code": { "code": "clippy::x" }, "children": [], "spans": [{ "is_primary": true, "file_name": "a.js", "line_start": 1, "line_end": 1, "column_start": 17, "expansion": null }] } }), json!({ "reason": "build-finished", "success": true })),
        "tsc" => "a.js(1,18): error TS2322: m\n".to_owned(),
        _ => sarif(tool, &json!([{ "ruleId": "x", "message": { "text": "m" }, "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "a.js" }, "region": { "startLine": 1, "startColumn": 18 } } }] }])),
    }
}

fn sarif(tool: &str, results: &Value) -> String {
    json!({ "version": "2.1.0", "runs": [{ "results": results, "tool": { "driver": { "name": tool, "version": "1.2" } } }] }).to_string()
}

#[test]
fn columns_are_those_of_the_file_whoever_counts_them() {
    for tool in
        ["eslint", "ruff", "shellcheck", "semgrep", "bandit", "golangci-lint", "clippy", "tsc", "unheard of"]
    {
        let desk = desk();
        desk.write("a.js", WIDE);
        desk.write("r", handed_of(tool));
        let option: &[&str] =
            if tool == "unheard of" { &["--with-sarif", "r"] } else { &["--with-json", tool, "r"] };
        let list =
            json_of(&mut desk.command(&[option, &["--join", "none", "--format", "json", "a.js"]].concat()));
        let lines = lines(&list);
        assert!(
            lines.iter().any(|line| line.ends_with(" a.js:1:17") && line.contains('/')),
            "{tool}: {lines:?}"
        );
    }
    // mypy counts characters, and bytes of them once more: there is nothing to rely on.
    let desk = desk();
    desk.write("a.js", WIDE);
    desk.write("b.js", "const e = \"uu\"; eval(e);\n");
    desk.write("r", format!("{}{}", handed_of("mypy"), handed_of("mypy").replace("a.js", "b.js")));
    let list = json_of(&mut desk.command(&[
        "--with-json",
        "mypy",
        "r",
        "--join",
        "none",
        "--format",
        "json",
        "a.js",
        "b.js",
    ]));
    assert_eq!(lines(&list), ["mypy/arg a.js:1:1", "mypy/arg b.js:1:17"]);
}

#[test]
fn a_finding_in_a_file_that_is_not_read_whole_is_not_one_of_a_line_that_is_not_there() {
    let desk = desk();
    desk.write("a.js", WIDE);
    desk.write("large.js", "let x;\n".repeat(200_000));
    let at = |uri: &str, line: u64| {
        json!({ "ruleId": "x", "message": { "text": "m" }, "locations": [{
        "physicalLocation": { "artifactLocation": { "uri": uri }, "region": { "startLine": line } } }] })
    };
    desk.write("r.sarif", sarif("ESLint", &json!([at("a.js", 1), at("large.js", 190_000)])));
    desk.command(&["--join", "none", "--with-sarif", "r.sarif", "."]).assert().success().stdout(
        contains("1 finding; 1 finding of large.js left out, which cannot be read: larger than 1 MB")
            .and(contains("not there").not()),
    );
}

#[test]
fn what_is_no_finding_here_is_counted_with_the_reason() {
    let desk = desk();
    desk.write("a.js", WIDE);
    desk.write("other.js", WIDE);
    let at = |uri: &str, line: u64| json!({ "physicalLocation": { "artifactLocation": { "uri": uri }, "region": { "startLine": line } } });
    let one = |place: Value| json!({ "ruleId": "x", "message": { "text": "m" }, "locations": [place] });
    let mut quiet = one(at("a.js", 1));
    quiet["suppressions"] = json!([{ "kind": "inSource" }]);
    let mut gone = one(at("a.js", 1));
    gone["baselineState"] = json!("absent");
    let results = json!([
        one(at("a.js", 1)),
        one(at("a.js", 1)),
        quiet,
        gone,
        one(at("other.js", 1)),
        one(at("no.js", 1)),
        one(at("file:///home/runner/work/x/a.js", 1)),
        one(at("a.js", 99)),
        one(json!({})),
        { "ruleId": "x", "message": { "text": "m" } },
    ]);
    let mut log: Value = serde_json::from_str(&sarif("ESLint", &results)).expect("JSON");
    log["runs"][0]["invocations"] = json!([{ "executionSuccessful": false, "toolExecutionNotifications": [
        { "level": "error", "message": { "text": "Parsing error: x" }, "locations": [at("a.js", 1)] },
        { "message": { "text": "a plugin is missing" } },
    ] }]);
    desk.write("r.sarif", log.to_string());
    desk.command(&["--join", "none", "--with-sarif", "r.sarif", "a.js"]).assert().success().stdout(
        contains("eslint 1.2 of r.sarif: 1 finding; left out: 1 suppressed, 1 of files that were not asked for, 1 of files outside the project (first: file:///home/runner/work/x/a.js), 1 of files that are not there (first: no.js), 1 of lines that are not there, 2 without a place; not read by it: a.js (Parsing error: x); ESLint says that it did not run to its end; ESLint: a plugin is missing."),
    );
    // It is no reading of a file, whatever it says of one.
    desk.write("a.lua", "-- a\n");
    desk.write("go.json", json!({ "Issues": [{ "FromLinter": "vet", "Text": "m", "Pos": { "Filename": "a.lua", "Line": 1, "Column": 1 } }] }).to_string());
    let document = json_of(&mut desk.command(&[
        "--with-json",
        "golangci-lint",
        "go.json",
        "--format",
        "findings",
        "a.lua",
    ]));
    assert_eq!((document["findings"].as_array().map(Vec::len), read(&document).len()), (Some(1), 0));
}

#[test]
fn an_artifact_is_found_by_its_number_and_below_its_base() {
    let desk = desk();
    desk.write("src/a.js", WIDE);
    let log = json!({ "version": "2.1.0", "runs": [{
        "tool": { "driver": { "name": "x", "rules": [{ "id": "R", "properties": { "tags": ["security", "external/cwe/cwe-094"], "security-severity": "9.1" } }] } },
        "originalUriBaseIds": { "SRC": { "uri": "src/", "uriBaseId": "ROOT" }, "ROOT": { "uri": "file:///ci/app/" } },
        "artifacts": [{ "location": { "uri": "a.js", "uriBaseId": "SRC" } }, { "location": { "uri": "file:///ci/app/src/a.js" } }],
        "results": [
            { "ruleIndex": 0, "message": { "id": "no", "text": "one" }, "locations": [{ "physicalLocation": { "artifactLocation": { "index": 0 }, "region": { "startLine": 1 } } }] },
            { "ruleId": "S", "message": { "text": "two {0}", "arguments": ["b"] }, "locations": [{ "physicalLocation": { "artifactLocation": { "index": 1 }, "region": { "startLine": 1 } } }] },
        ],
    }] });
    desk.write("r.sarif", log.to_string());
    let list = json_of(&mut desk.command(&["--join", "none", "--with-sarif", "r.sarif", "--format", "json"]));
    assert_eq!(lines(&list), ["x/R src/a.js:1:1", "x/S src/a.js:1:1"]);
    let found = |rule: &str| {
        list.as_array().expect("a list").iter().find(|one| one["rule"] == rule).expect("it").clone()
    };
    assert_eq!(
        (found("x/R")["severity"].clone(), found("x/R")["cwe"].clone(), found("x/R")["domain"].clone()),
        (json!("critical"), json!([94]), json!("security"))
    );
    assert_eq!(found("x/S")["problem"], "two b.");
}

#[test]
fn what_cannot_be_read_is_refused_with_what_and_where() {
    let whole = sarif("ESLint", &json!([]));
    let eslint = handed_of("eslint");
    for (words, text, want) in [
        (vec!["--with-sarif", "r"], whole[..whole.len() - 9].to_owned(), "it is cut: EOF"),
        (vec!["--with-sarif", "r"], whole.replace("2.1.0", "1.0.0"), "it is SARIF 1.0.0, and 2.1.0 is read"),
        (vec!["--with-sarif", "r"], "{\"version\":\"2.1.0\"}".to_owned(), "it has no list of runs"),
        (
            vec!["--with-sarif", "r"],
            "{\"version\":\"2.1.0\",\"runs\":7}".to_owned(),
            "expected a list as 'runs'",
        ),
        (vec!["--with-sarif", "r"], eslint.clone(), "expected an object as the file"),
        (vec!["--with-sarif", "r"], String::new(), "it is cut: EOF"),
        (vec!["--with-sarif", "r"], format!("{whole} x"), "trailing characters"),
        (vec!["--with-sarif", "r"], "[".repeat(100_000), "cannot be read as SARIF"),
        (vec!["--with-sarif", "r"], format!("{{\"version\":{}", "[".repeat(100_000)), "recursion limit"),
        (vec!["--with-json", "eslint", "r"], whole.clone(), "expected a list as the file"),
        (vec!["--with-json", "eslint", "r"], eslint[..eslint.len() - 1].to_owned(), "it is cut"),
        (vec!["--with-json", "eslint", "r"], "[{\"a\":1}]".to_owned(), "no 'filePath' with 'messages'"),
        (vec!["--with-json", "bandit", "r"], handed_of("semgrep"), "no 'test_id' with a 'filename'"),
        (vec!["--with-json", "bandit", "r"], "{\"a\":[]}".to_owned(), "it has no list 'results'"),
        (
            vec!["--with-json", "golangci-lint", "r"],
            "{\"Issues\":null}".to_owned(),
            "it has no list 'Issues'",
        ),
        (vec!["--with-json", "ruff", "r"], "[{\"code\":\"X\"}]".to_owned(), "none of ruff's"),
        (
            vec!["--with-json", "clippy", "r"],
            "warning: unused\n".to_owned(),
            "no line of it is one of its results",
        ),
        (vec!["--with-json", "mypy", "r"], "a.py:1: error: x\n".to_owned(), "line 1: "),
        (vec!["--with-json", "tsc", "r"], "{}\n".to_owned(), "no line of it is one of its results"),
        (
            vec!["--with-json", "pylint", "r"],
            String::new(),
            "no JSON of 'pylint' is read, but that of bandit, clippy",
        ),
        (vec!["--with-sarif", "gone"], String::new(), "cannot read gone: no such file"),
        (vec!["--with-sarif", "."], String::new(), "cannot read .: "),
    ] {
        let desk = desk();
        desk.write("a.js", WIDE);
        desk.write("r", text);
        let out = desk
            .command(&[&words[..], &["a.js", "-o", "out.md"]].concat())
            .assert()
            .code(2)
            .stdout("")
            .get_output()
            .clone();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(told.contains(want), "{words:?}: {want:?} not in {told}");
        assert!(!desk.project().join("out.md").exists());
    }
}

#[test]
fn an_empty_result_is_none_and_is_told() {
    for (tool, text) in [
        ("eslint", "[]"),
        ("ruff", "[]"),
        ("mypy", ""),
        ("tsc", ""),
        ("clippy", ""),
        ("golangci-lint", "{\"Issues\":null,\"Report\":{}}"),
        ("bandit", "{\"errors\":[],\"results\":[]}"),
    ] {
        let desk = desk();
        desk.write("a.js", "x = 1\n");
        desk.write("r.json", text);
        desk.command(&["--with-json", tool, "r.json", "a.js"])
            .assert()
            .success()
            .stdout(contains(format!("{tool} of r.json: 0 findings.")));
    }
}

#[test]
fn of_very_many_results_so_many_are_taken_and_the_rest_is_told() {
    let desk = desk();
    desk.write("a.js", "x;\n".repeat(30_000));
    let one = |line: usize| json!({ "ruleId": "x", "message": { "text": "m" }, "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "a.js" }, "region": { "startLine": line } } }] });
    let results: Vec<Value> = (1..=30_000).map(one).collect();
    desk.write("r.sarif", sarif("y", &json!(results)));
    desk.command(&["--join", "none", "--with-sarif", "r.sarif", "a.js"])
        .assert()
        .success()
        .stdout(contains(
            "y 1.2 of r.sarif: 20000 findings; left out: 10000 behind as many as are looked at.",
        ))
        .stdout(contains("**Total:** 20000 findings"));
}

#[test]
fn what_several_say_is_one_finding_that_names_them() {
    let desk = desk();
    desk.write("a.py", "def f(text):\n    eval(text)\n");
    let bandit = json!({ "errors": [], "results": [{ "filename": "./a.py", "test_id": "B307", "line_number": 2, "col_offset": 4, "issue_text": "m", "issue_severity": "MEDIUM", "issue_confidence": "HIGH", "line_range": [2] }] });
    desk.write("b.json", bandit.to_string());
    desk.write("b.sarif", sarif("Ruff", &json!([{ "ruleId": "S307", "level": "error", "message": { "text": "m" }, "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "a.py" }, "region": { "startLine": 2 } } }] }])));
    let words = ["--join", "none", "--with-json", "bandit", "b.json", "--with-sarif", "b.sarif", "a.py"];
    let list = json_of(&mut desk.command(&[&words[..], &["--format", "json"]].concat()));
    assert_eq!(lines(&list), ["py-eval a.py:2:5"]);
    let said: Vec<_> =
        list[0]["saidBy"].as_array().expect("a list").iter().map(|one| one["rule"].clone()).collect();
    assert_eq!(said, [json!("S307"), json!("B307")]);
    desk.command(&words).assert().success().stdout(contains("Also said by: ruff 1.2 (S307), bandit (B307)."));
    let log = json_of(&mut desk.command(&[&words[..], &["--format", "sarif"]].concat()));
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["extensions"], json!([{ "name": "ruff", "version": "1.2" }]));
    assert_eq!(run["results"][0]["properties"]["saidBy"][1]["tool"], "bandit");
    let told = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(told.contains("bandit of b.json: 1 finding"), "{told}");
}

#[test]
fn results_are_read_from_a_pipe_as_well() {
    let desk = desk();
    desk.write("a.js", WIDE);
    desk.command(&["--join", "none", "--with-json", "eslint", "-", "--format", "json", "a.js"])
        .write_stdin(handed_of("eslint"))
        .assert()
        .success()
        .stdout(contains("\"rule\": \"eslint/no-x\""));
}

#[test]
fn what_a_convoy_was_given_is_taken_and_nothing_is_nothing() {
    let desk = desk();
    desk.write("a.js", WIDE);
    let result = handed_of("eslint").replace("a.js", "/home/me/project/a.js");
    let list = json!({ "join": "none", "roots": ["/home/me/project"], "handed": [{ "tool": "eslint", "name": "e.json", "text": result }] });
    desk.write("joined.json", list.to_string());
    let found = json_of(&mut desk.command(&["--joined-from=joined.json", "--format", "json", "a.js"]));
    assert_eq!(lines(&found), ["eslint/no-x a.js:1:17"]);
    desk.command(&["--joined-from=", "a.js"]).assert().success();
    desk.command(&["--joined-from=gone.json", "a.js"])
        .assert()
        .code(5)
        .stderr(contains("cannot read gone.json"));
    desk.write("joined.json", "{");
    desk.command(&["--joined-from=joined.json", "a.js"])
        .assert()
        .code(5)
        .stderr(contains("cannot read joined.json"));
}
