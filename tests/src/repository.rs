//! A git repository as the project of a sandbox.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::programs;
use crate::sandbox::{Sandbox, shown};

/// What the built-in rules find something critical in.
pub const FAULT: &str =
    "import os\nfrom flask import request\n\n\ndef f():\n    os.system(\"ls \" + request.args[\"x\"])\n";

/// The repository of a sandbox, and how a user's git works in it.
#[derive(Debug)]
pub struct Repository<'s> {
    sandbox: &'s Sandbox,
    at: PathBuf,
}

impl<'s> Repository<'s> {
    /// The sandbox's project: one harmless file on the branch `main`.
    pub fn new(sandbox: &'s Sandbox) -> Self {
        let repository = Repository { sandbox, at: sandbox.project().to_path_buf() };
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write("src/a.py", "a = 1\n");
        repository.commit("first");
        repository
    }

    /// Another work tree, or another clone.
    #[must_use]
    pub fn beside(&self, at: &Path) -> Self {
        Repository { sandbox: self.sandbox, at: at.to_path_buf() }
    }

    pub fn path(&self) -> &Path {
        &self.at
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.at.join(name);
        fs::create_dir_all(path.parent().expect("a directory")).expect("create a directory");
        fs::write(path, text).expect("write a file");
    }

    /// Commits everything there is, and says which commit that is.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "--no-verify", "-m", message]);
        self.read(&["rev-parse", "HEAD"])
    }

    pub fn try_git(&self, words: &[&str]) -> Output {
        let mut command = Command::new("git");
        self.sandbox.surround(&mut command);
        // Hooks find the programs where a user has them.
        command.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", programs::dir().display()));
        command.env("GIT_CONFIG_NOSYSTEM", "1").current_dir(&self.at);
        let settings =
            ["user.name=n", "user.email=e@x", "protocol.file.allow=always", "commit.gpgSign=false"];
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        command.args(words).output().expect("run git")
    }

    pub fn git(&self, words: &[&str]) {
        let out = self.try_git(words);
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
    }

    /// What git prints, without the end of the line.
    pub fn read(&self, words: &[&str]) -> String {
        let out = self.try_git(words);
        assert!(out.status.success(), "{words:?}: {}", shown(&out));
        String::from_utf8_lossy(&out.stdout).trim_end().to_owned()
    }

    /// Puts a hook of the examples in its place; `edit` is what its user does to it.
    pub fn hook(&self, name: &str, edit: impl Fn(String) -> String) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let text = fs::read_to_string(root.join("examples/ci").join(name)).expect("read the example");
        let hooks = self.at.join(self.read(&["rev-parse", "--git-path", "hooks"]));
        fs::create_dir_all(&hooks).expect("create a directory");
        fs::write(hooks.join(name), edit(text)).expect("write the hook");
        fs::set_permissions(hooks.join(name), fs::Permissions::from_mode(0o755)).expect("an executable hook");
    }

    /// Like [`Sandbox::run`], in this directory.
    pub fn run(&self, program: &str, words: &[&str]) -> Output {
        self.sandbox.command(program).current_dir(&self.at).args(words).output().expect("run the program")
    }

    /// The work trees that git knows of besides the first.
    pub fn worktrees(&self) -> Vec<String> {
        let all = self.read(&["worktree", "list", "--porcelain"]);
        let paths = all.lines().filter_map(|line| line.strip_prefix("worktree "));
        paths.skip(1).map(str::to_owned).collect()
    }
}
