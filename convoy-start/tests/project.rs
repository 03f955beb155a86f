//! Which files are meant, from wherever one stands: black box, with real git.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod desk;

use std::fs;
use std::process::Command;

use desk::Desk;
use predicates::prelude::*;
use predicates::str::contains;

/// A desk whose project is a git checkout with one commit, on the branch `change`.
fn checkout() -> Desk {
    let desk = Desk::new();
    desk.write_state("agents/reader.md", "---\nname: reader\ndescription: d\n---\nRead {{files}}\n");
    let agents = r#"[{"role":"one","subagent":"reader","command":["tool"]}]"#;
    desk.write_state(
        "convoy-templates/own.json",
        &format!(r#"{{"name":"own","description":"d","agents":{agents}}}"#),
    );
    desk.program("tool", "exit 0");
    git(&desk, &["init", "-q", "-b", "main"]);
    commit(&desk);
    git(&desk, &["checkout", "-qb", "change"]);
    desk
}

fn git(desk: &Desk, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    let mut command = Command::new("git");
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nowhere").args(identity).args(arguments);
    assert!(command.current_dir(desk.project()).status().unwrap().success(), "{arguments:?}");
}

fn commit(desk: &Desk) {
    git(desk, &["add", "-A"]);
    git(desk, &["commit", "-qm", "x"]);
}

#[test]
fn the_change_is_the_same_in_every_directory_and_inside_a_hook() {
    let desk = checkout();
    fs::create_dir_all(desk.project().join("test/deep")).unwrap();
    desk.write_project("src/a.ts", "changed");
    let mut start = desk.start();
    start.current_dir(desk.project().join("test/deep")).args(["own", "--diff", "--dry-run"]);
    start.assert().success().stdout(contains("\nfiles    src/a.ts\n")).stdout(contains("1 file in "));
    // What a hook hands on speaks of another index.
    let mut start = desk.start();
    start.env("GIT_INDEX_FILE", "/nowhere/index").env("GIT_PREFIX", "test/").env("GIT_DIR", ".git");
    start.current_dir(desk.project().join("test")).args(["own", "--diff=main", "--files", "../src//./a.ts"]);
    start.arg("--dry-run").assert().success().stdout(contains("\nfiles    src/a.ts\n"));
    // The directory that is named is where one stands.
    let mut start = desk.start();
    start.current_dir("/").args(["own", "--files", "*.ts", "--dry-run", "--project-path"]);
    start.arg(desk.project().join("src")).assert().success().stdout(contains("2 files in "));
}

#[test]
fn a_base_after_a_blank_is_told_how_to_be_written() {
    let desk = checkout();
    for words in [&["own", "--diff", "main"][..], &["--diff", "main", "own"]] {
        let told = desk.start().args(words).assert().code(2).stdout("");
        told.stderr(contains("--diff=main"));
    }
    let told = desk.start().args(["--diff", "main"]).assert().code(4).stdout("");
    told.stderr(contains("--diff=main"));
}

#[test]
fn no_change_an_unread_change_and_a_wrong_call_have_codes_of_their_own() {
    let desk = checkout();
    let code = |words: &[&str], code: i32, want: &str| {
        desk.start().args(words).arg("--dry-run").assert().code(code).stderr(contains(want));
    };
    code(&["own", "--diff"], 6, "nothing has changed since main (");
    code(&["own", "--diff", "--files", "src"], 6, "in src");
    code(&["own", "--diff", "--files", "scr"], 2, "'scr' matches nothing");
    code(&["own", "--diff=nope"], 2, "no commit 'nope'");
    git(&desk, &["rm", "-q", "src/b.ts"]);
    code(&["code-review", "--diff", "--runner", "builtin"], 3, "(src/b.ts)");
    code(&["own", "--diff", "--exclude", "src/**"], 3, "excluded");
    let told = desk.start().args(["own", "--diff", "--dry-run"]).assert().success();
    told.stdout(contains("1 deleted or no regular file, in ").and(contains("\nno files src/b.ts\n")));
}

#[test]
fn reviewers_are_told_of_what_was_deleted() {
    let desk = checkout();
    desk.program("claude", "echo '2.1.330 (Claude Code)'");
    git(&desk, &["rm", "-q", "src/b.ts"]);
    let words = ["code-review", "--diff", "--runner", "claude", "--dry-run"];
    let told = desk.start().env("ANTHROPIC_API_KEY", "x").args(words).assert().success();
    let out = String::from_utf8_lossy(&told.get_output().stdout).into_owned();
    assert!(out.contains("- src/b.ts") && out.contains("deleted file mode"), "{out}");
}

#[test]
fn a_model_that_nobody_uses_is_refused() {
    let desk = Desk::new();
    let told = |words: &[&str], want: &str| {
        let words = [&["code-review", "--files", "src", "--runner", "builtin", "--dry-run"], words].concat();
        desk.start().args(words).assert().code(2).stderr(contains(want).and(contains("hint: ")));
    };
    told(&["--model", "synthesis=opus"], "--model synthesis=opus: 'synthesis' runs on 'builtin'");
    told(&["--model", "opus"], "--model opus: no agent uses a model");
    assert!(desk.is_untouched());
    desk.program("claude", "echo '2.1.330 (Claude Code)'");
    let words =
        ["code-review", "--files", "src", "--runner", "builtin", "--runner", "synthesis=claude", "--dry-run"];
    let mut start = desk.start();
    start.env("ANTHROPIC_API_KEY", "x").args(words).args(["--model", "opus"]).assert().success();
}

#[test]
fn a_script_is_no_list_of_issues() {
    let desk = checkout();
    desk.write_project("env.sh", "#!/bin/sh\n# One\nexport A=1\n");
    for words in [&["env.sh"][..], &["src/a.ts"]] {
        let mut start = desk.start();
        start.args(["triage", "--runner", "builtin", "--dry-run", "--issues-file"]).args(words);
        start.assert().code(2).stdout("").stderr(contains(format!("{}: ", words[0])).and(contains("hint: ")));
    }
    let mut start = desk.start();
    start
        .args(["triage", "--runner", "builtin", "--dry-run", "--issues-file", "-"])
        .write_stdin("export A=1\n");
    start.assert().code(2).stderr(contains("standard input: "));
}
