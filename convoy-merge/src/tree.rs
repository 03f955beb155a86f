//! The reviewed tree: is a file in it, and what lines has it. Nothing outside of it
//! is ever looked at, whatever a reviewer names or a link leads to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use base::files;

/// Larger files have no line that a person wrote.
const LARGEST: u64 = 32 << 20;

/// What is found at a path.
#[derive(Debug, Clone)]
pub enum Looked {
    /// A file of the project, by its lines.
    File(Rc<Vec<String>>),
    /// No file to point at; a clause.
    No(String),
}

/// Where places are looked for.
pub trait Tree: fmt::Debug {
    /// What is at this path, relative to the project and without `.` and `..`.
    fn look(&self, path: &Path) -> Looked;

    /// A stated path as one relative to the project; `None`: it leads out of it.
    fn relative(&self, path: &Path) -> Option<PathBuf>;

    /// Is there such a file?
    fn has(&self, path: &Path) -> bool {
        matches!(self.look(path), Looked::File(_))
    }
}

/// A project's directory.
#[derive(Debug)]
pub struct Project {
    /// Without links.
    root: PathBuf,
    /// As it was named.
    named: PathBuf,
    known: RefCell<HashMap<PathBuf, Looked>>,
}

impl Project {
    /// `None`: there is no such directory (any more), so nothing can be looked at.
    /// In one that cannot be opened nothing is found, and each place says why.
    pub fn at(named: &Path) -> Option<Self> {
        let root = match fs::canonicalize(named) {
            Ok(root) if root.is_dir() => root,
            Ok(_) => return None,
            Err(error) if is_not_there(&error) => return None,
            Err(_) => named.to_path_buf(),
        };
        Some(Project { root, named: named.to_path_buf(), known: RefCell::default() })
    }

    /// Is there certainly nothing of this name, and no more than that?
    pub fn is_missing(&self, path: &Path) -> bool {
        fs::symlink_metadata(self.root.join(path)).is_err_and(|error| is_not_there(&error))
    }

    fn find(&self, path: &Path) -> Looked {
        let no = |why: &str| Looked::No(why.to_string());
        let real = match fs::canonicalize(self.root.join(path)) {
            Ok(real) => real,
            Err(error) if is_not_there(&error) => return no("there is no such file"),
            Err(error) => return no(&format!("it cannot be looked at: {}", base::error::reason(&error))),
        };
        if !real.starts_with(&self.root) {
            return no("it is outside the project");
        }
        if real.is_dir() {
            return no("it is a directory");
        }
        let Ok(file) = files::open_regular(&real) else { return no("it is no file that can be read") };
        let mut bytes = Vec::new();
        match file.take(LARGEST + 1).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 <= LARGEST => Looked::File(Rc::new(lines(&bytes))),
            Ok(_) => no("the file is too large to look for it"),
            Err(_) => no("it is no file that can be read"),
        }
    }
}

fn is_not_there(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// Without the ends of the lines; what is behind the last one is a line if it is not empty.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::to_string).collect()
}

impl Tree for Project {
    fn look(&self, path: &Path) -> Looked {
        if let Some(known) = self.known.borrow().get(path) {
            return known.clone();
        }
        let found = self.find(path);
        self.known.borrow_mut().insert(path.to_path_buf(), found.clone());
        found
    }

    fn relative(&self, path: &Path) -> Option<PathBuf> {
        let inner = if path.is_absolute() {
            path.strip_prefix(&self.named).or_else(|_| path.strip_prefix(&self.root)).ok()?
        } else {
            path
        };
        base::files::joined(Path::new(""), inner).filter(|path| !path.as_os_str().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_outside_the_project_is_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("p");
        fs::create_dir_all(root.join("src")).unwrap();
        fs::write(root.join("src/a.ts"), "one\r\ntwo").unwrap();
        fs::write(dir.path().join("secret"), "x").unwrap();
        symlink(dir.path().join("secret"), root.join("out.ts")).unwrap();
        symlink("src/a.ts", root.join("in.ts")).unwrap();
        symlink(&root, dir.path().join("link")).unwrap();
        let tree = Project::at(&dir.path().join("link")).unwrap();
        let look = |path: &str| match tree.look(Path::new(path)) {
            Looked::File(lines) => lines.join("|"),
            Looked::No(why) => why,
        };
        assert_eq!(look("src/a.ts"), "one|two");
        assert_eq!(look("in.ts"), "one|two");
        assert_eq!(look("out.ts"), "it is outside the project");
        assert_eq!(look("src"), "it is a directory");
        assert_eq!(look("src/b.ts"), "there is no such file");
        for (stated, want) in [
            ("./src//a.ts", Some("src/a.ts")),
            ("src/../in.ts", Some("in.ts")),
            ("../secret", None),
            ("/etc/passwd", None),
            (".", None),
        ] {
            assert_eq!(tree.relative(Path::new(stated)), want.map(PathBuf::from), "{stated}");
        }
        for named in [root.join("in.ts"), dir.path().join("link/in.ts")] {
            assert_eq!(tree.relative(&named), Some(PathBuf::from("in.ts")));
        }
        assert!(Project::at(&root.join("in.ts")).is_none());
        assert!(Project::at(&root.join("gone")).is_none());
    }

    #[test]
    fn what_cannot_be_looked_at_is_not_missing() {
        let dir = tempfile::tempdir().unwrap();
        let endless = dir.path().join("endless");
        symlink("endless", &endless).unwrap();
        for (root, path) in [(dir.path(), "endless"), (endless.as_path(), "a.ts")] {
            let Looked::No(why) = Project::at(root).unwrap().look(Path::new(path)) else { panic!("{path}") };
            assert!(why.starts_with("it cannot be looked at: too many levels"), "{why}");
        }
    }
}
