//! A project in which a command of the user's fixes what was found, and what of it nobody
//! but the user is to change.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::programs;
use crate::repository::{FAULT, Repository};
use crate::sandbox::Sandbox;

/// What the defect is mended to.
pub const CLEAN: &str = "def f():\n    return 1\n";

#[derive(Debug)]
pub struct Stage<'s> {
    pub sandbox: &'s Sandbox,
    pub project: Repository<'s>,
}

impl<'s> Stage<'s> {
    /// A branch that is committed, with a defect in `src/bad.py`.
    pub fn new(sandbox: &'s Sandbox) -> Self {
        let project = Repository::new(sandbox);
        project.git(&["checkout", "-q", "-b", "work"]);
        project.write("src/bad.py", FAULT);
        project.commit("work");
        Stage { sandbox, project }
    }

    /// A command of these lines; `$HERE` is a directory of the test's own.
    pub fn command(&self, lines: &str) -> PathBuf {
        let here = self.sandbox.path("here");
        fs::create_dir_all(&here).expect("a directory");
        let file = here.join("fix.sh");
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs::dir().display());
        let head = format!(
            "#!/bin/sh\nHERE={}; PROJECT={}; PATH={path}\nexport GIT_CONFIG_NOSYSTEM=1 PATH\n",
            here.display(),
            self.project.path().display()
        );
        fs::write(&file, format!("{head}{lines}\n")).expect("write the command");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("an executable command");
        file
    }

    /// Every file of the user's: what is in it, but for objects, logs and our own branches.
    pub fn hashes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut open = vec![self.project.path().to_path_buf()];
        while let Some(dir) = open.pop() {
            for entry in fs::read_dir(&dir).expect("a directory") {
                let path = entry.expect("an entry").path();
                let name = path
                    .strip_prefix(self.project.path())
                    .expect("of the project")
                    .to_string_lossy()
                    .into_owned();
                let ours =
                    [".git/objects", ".git/logs", ".git/refs/heads/convoy", ".git/worktrees", ".claude"];
                if ours.contains(&name.as_str()) {
                    continue;
                }
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.insert(path.clone(), fs::read(&path).expect("read a file"));
                }
            }
        }
        found
    }

    /// The branches of rounds.
    pub fn branches(&self) -> Vec<String> {
        let all = self.project.read(&["for-each-ref", "--format=%(refname:short)", "refs/heads/convoy"]);
        all.lines().map(str::to_owned).collect()
    }

    /// Nothing of the user's has changed.
    pub fn is_untouched(&self, before: &BTreeMap<PathBuf, Vec<u8>>, what: &str) {
        let now = self.hashes();
        let differ: Vec<_> =
            before.keys().chain(now.keys()).filter(|path| before.get(*path) != now.get(*path)).collect();
        assert!(differ.is_empty(), "{what}: {differ:?}");
    }
}

/// Mends the defect.
pub fn mends() -> String {
    format!("cat > src/bad.py <<'END'\n{CLEAN}END")
}
