//! A state directory, a project and a PATH of their own for black-box tests.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(crate) struct Desk {
    dir: tempfile::TempDir,
    project: PathBuf,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with_project("p")
    }

    pub(crate) fn with_project(name: impl AsRef<Path>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = dir.path().join(name);
        for sub in ["bin", "home", "state/convoy-templates", "state/agents"] {
            fs::create_dir_all(dir.path().join(sub)).unwrap();
        }
        fs::create_dir_all(project.join("src")).unwrap();
        let desk = Desk { dir, project };
        desk.write_project("src/a.ts", "x").write_project("src/b.ts", "x");
        for sibling in ["convoy-lint", "convoy-inspect", "convoy-merge", "convoy-agent", "convoy-watch"] {
            desk.program(sibling, "exit 0");
        }
        desk
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    pub(crate) fn project(&self) -> &Path {
        &self.project
    }

    pub(crate) fn write_project(&self, name: &str, text: &str) -> &Self {
        fs::write(self.project.join(name), text).unwrap();
        self
    }

    pub(crate) fn write_state(&self, name: &str, text: &str) -> &Self {
        fs::write(self.state().join(name), text).unwrap();
        self
    }

    /// Written by another process: a descriptor of ours that a concurrent test's
    /// child inherits would make it "text file busy".
    pub(crate) fn program(&self, name: &str, script: &str) -> &Self {
        let path = self.dir.path().join("bin").join(name);
        let mut child = Command::new("/bin/sh")
            .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("#!/bin/sh\n{script}\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
        self
    }

    /// `convoy-start` in the project, with nothing of the caller's environment.
    pub(crate) fn start(&self) -> assert_cmd::Command {
        let mut command = assert_cmd::Command::cargo_bin("convoy-start").unwrap();
        let path = format!("{}:/usr/bin:/bin", self.dir.path().join("bin").display());
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.dir.path().join("home"))
            .env("PANOPTICON_HOME", self.state())
            .current_dir(&self.project);
        command
    }

    /// Was nothing created, neither in the state directory nor in the project?
    pub(crate) fn is_untouched(&self) -> bool {
        let names = |dir: &Path| -> Vec<String> {
            let mut names: Vec<String> = fs::read_dir(dir)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            names
        };
        let state = names(&self.state());
        let known = ["agents", "config.toml", "convoy-templates", "runners"];
        state.iter().all(|name| known.contains(&name.as_str())) && names(&self.project) == ["src"]
    }
}
