//! `convoy-ctl skills install`: shows what it would overwrite, and is idempotent.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;

fn ctl(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::cargo_bin("convoy-ctl").unwrap();
    command.env_clear().env("PATH", "/nowhere").env("HOME", home).env("PANOPTICON_HOME", home.join("state"));
    command.current_dir(home).arg("skills").args(words);
    command
}

#[test]
fn they_are_put_where_claude_code_finds_them_once() {
    let home = tempfile::tempdir().unwrap();
    let skill = home.path().join(".claude/skills/pan-code-review/SKILL.md");
    ctl(home.path(), &["install", "--dry-run"]).assert().success().stderr(contains("nothing was written"));
    assert!(!home.path().join(".claude").exists());
    ctl(home.path(), &["install"]).assert().success().stdout(contains(".claude: 12 new, 0 already there"));
    assert!(skill.is_file() && home.path().join(".claude/agents/code-review-security.md").is_file());
    ctl(home.path(), &["install"]).assert().success().stdout(contains("0 new, 12 already there"));
    // The user's own change is neither lost nor half overwritten.
    fs::write(&skill, "mine").unwrap();
    fs::remove_file(home.path().join(".claude/agents/planning-agent.md")).unwrap();
    ctl(home.path(), &["install"])
        .assert()
        .code(1)
        .stderr(contains("differs: ").and(contains("hint: overwrite: convoy-ctl skills install --force")));
    assert_eq!(fs::read_to_string(&skill).unwrap(), "mine");
    assert!(!home.path().join(".claude/agents/planning-agent.md").exists(), "all or nothing");
    ctl(home.path(), &["install", "--force"])
        .assert()
        .success()
        .stdout(contains("1 new, 1 overwritten, 10 already there"));
    ctl(home.path(), &["install", "--to", "p/.claude"]).assert().success().stdout(contains("12 new"));
    assert!(home.path().join("p/.claude/skills/pan-convoy-synthesis/SKILL.md").is_file());
    ctl(home.path(), &[]).assert().success().stdout(contains("skill  pan-code-review: Reviews a change"));
}
