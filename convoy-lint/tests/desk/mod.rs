//! A project with a commit, work that goes on from it, and the linter over both.

#![expect(clippy::expect_used, reason = "a test says what it needs")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A project with a commit, and work that goes on from it.
pub(crate) struct Desk {
    dir: TempDir,
    domain: &'static str,
}

impl Desk {
    /// `domain`: the one that is looked at; empty: all.
    pub(crate) fn new(domain: &'static str, files: &[(&str, &str)]) -> Self {
        let desk = Desk { dir: TempDir::new().expect("a directory"), domain };
        fs::create_dir(desk.project()).expect("a project");
        for (name, text) in files {
            desk.write(name, text);
        }
        desk.git(&["init", "-q"]);
        desk.commit();
        desk
    }

    pub(crate) fn project(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    pub(crate) fn write(&self, name: impl AsRef<Path>, text: impl AsRef<[u8]>) {
        let path = self.project().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.project().join(name)).expect("it was there");
    }

    pub(crate) fn git(&self, words: &[&str]) {
        let identity =
            ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
        let out = std::process::Command::new("git")
            .args(identity)
            .args(words)
            .current_dir(self.project())
            .env("HOME", self.dir.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git");
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-qm", "x"]);
    }

    pub(crate) fn lint(&self, words: &[&str]) -> (Value, String) {
        self.lint_as("findings", words)
    }

    pub(crate) fn lint_as(&self, format: &str, words: &[&str]) -> (Value, String) {
        let out =
            self.command(&[&["--format", format], words].concat()).assert().success().get_output().clone();
        let told = String::from_utf8_lossy(&out.stderr).into_owned();
        (serde_json::from_slice(&out.stdout).expect("JSON"), told)
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut lint = Command::cargo_bin("convoy-lint").expect("the program");
        lint.env_clear()
            .env("PANOPTICON_HOME", self.dir.path().join("home"))
            .env("HOME", self.dir.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .current_dir(self.project())
            .timeout(std::time::Duration::from_secs(120))
            .args(if self.domain.is_empty() { vec![] } else { vec!["--domain", self.domain] })
            .args(words);
        lint
    }
}

/// `file:line` of each finding that is wanted, in order.
pub(crate) fn places(document: &Value, wanted: impl Fn(&Value) -> bool) -> Vec<String> {
    let findings = document["findings"].as_array().expect("a list").iter();
    let place = |one: &Value| {
        let place = &one["locations"][0];
        format!("{}:{}", place["file"].as_str().expect("a file"), place["line"])
    };
    let mut found: Vec<String> = findings.filter(|one| wanted(one)).map(place).collect();
    found.sort();
    found
}
