//! `convoy-review` alone: what it says no to before anything is started.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::path::Path;

use assert_cmd::Command;
use predicates::str::contains;

fn review(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("convoy-review").unwrap();
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home);
    command.env("PANOPTICON_HOME", home.join("state")).env("LANG", "C.UTF-8").args(words);
    command.current_dir(home);
    command
}

#[test]
fn a_history_that_is_not_there_is_empty() {
    let home = tempfile::tempdir().unwrap();
    review(home.path(), &["history"]).assert().success().stdout("no reviews yet: convoy-review --diff\n");
    review(home.path(), &["history", "--json"]).assert().success().stdout("[]\n");
    assert!(!home.path().join("state").exists(), "looking creates nothing");
}

#[test]
fn what_cannot_be_is_told_before_anything_is_started() {
    let home = tempfile::tempdir().unwrap();
    for (words, want) in [
        (&["--branch", "x"][..], "--branch: "),
        (&["--sarif", "no/such/dir/x.sarif"], "--sarif: no/such/dir/x.sarif cannot be written"),
        (&["--summary", "."], "--summary: . cannot be written"),
        (&["--gate", "unrated"], "use blocker, critical, high, medium or low"),
        (&["--timeout", "20"], "has no unit"),
        (&["history", "--diff"], "unexpected argument"),
    ] {
        review(home.path(), words).assert().code(2).stderr(contains(want)).stdout("");
    }
    assert!(!home.path().join("state").exists(), "nothing was created");
}
