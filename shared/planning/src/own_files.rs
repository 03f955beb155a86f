//! What convoy itself wrote into projects: reports in output directories, and files
//! named by `--sarif`, `--summary` or `-o`. None of it is ever reviewed.
//!
//! Reports are known by their directory and the shape of their names, other files
//! by their path. Both are remembered in the state directory (`written.jsonl`),
//! never in the checkout: a change could hide itself there.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::error::{Error, Result};
use base::files;
use base::ids::{SHORT_ALPHABET, SHORT_LEN};
use protocol::layout::Home;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Diagnostic;

/// Where reports go unless a template says otherwise, below the project.
pub(crate) const DIRECTORY: &str = ".claude/reviews";

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Written {
    File(EncodedPath),
    /// An output directory: only what has the name of a report is ours there.
    Reports(EncodedPath),
}

/// What is known to be ours; absolute paths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OwnFiles {
    files: BTreeSet<PathBuf>,
    directories: BTreeSet<PathBuf>,
}

impl OwnFiles {
    /// What earlier runs have noted.
    pub(crate) fn read(home: &Home) -> std::result::Result<Self, Diagnostic> {
        let bytes = files::read_if_there(&home.written())?.unwrap_or_default();
        let mut own = OwnFiles::default();
        // A torn line names nothing: at worst one of our own files is reviewed.
        for line in bytes.split(|&b| b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()) {
            match line {
                Written::File(path) => own.files.insert(path.as_path().to_path_buf()),
                Written::Reports(path) => own.directories.insert(path.as_path().to_path_buf()),
            };
        }
        Ok(own)
    }

    #[must_use]
    pub(crate) fn and_directory(mut self, directory: &Path) -> Self {
        self.directories.insert(directory.to_path_buf());
        self
    }

    /// Did convoy write this file?
    pub(crate) fn holds(&self, path: &Path) -> bool {
        self.files.contains(path)
            || (path.parent().is_some_and(|dir| self.directories.contains(dir))
                && path.file_name().is_some_and(|name| is_report(name.as_bytes())))
    }
}

/// `20261128-112023-mg6y37-correctness.md`: see `layout::published`.
fn is_report(name: &[u8]) -> bool {
    let mut parts = name.splitn(4, |&b| b == b'-');
    let digits = |part: Option<&[u8]>, count: usize| {
        part.is_some_and(|part| part.len() == count && part.iter().all(u8::is_ascii_digit))
    };
    let short = |part: &[u8]| part.len() == SHORT_LEN && part.iter().all(|b| SHORT_ALPHABET.contains(b));
    digits(parts.next(), 8)
        && digits(parts.next(), 6)
        && parts.next().is_some_and(short)
        && parts.next().is_some_and(|what| what.ends_with(b".md") || what.ends_with(b".json"))
}

/// Notes a file that is about to be written, if it is in this project; absolute.
pub fn note_file(home: &Home, project: &Path, path: &Path) -> Result<()> {
    let path = real(path);
    if path.starts_with(project) { note(home, &Written::File(path.into())) } else { Ok(()) }
}

/// Notes an output directory.
pub fn note_directory(home: &Home, directory: &Path) -> Result<()> {
    note(home, &Written::Reports(real(directory).into()))
}

/// Each line once; two writers at the same time may leave it twice, which is no harm.
fn note(home: &Home, written: &Written) -> Result<()> {
    let path = home.written();
    let mut line = serde_json::to_vec(written).map_err(|error| Error::Io {
        verb: "encode a line for",
        path: path.clone(),
        source: error.into(),
    })?;
    let known = files::read_if_there(&path)?.unwrap_or_default();
    if known.split(|&b| b == b'\n').any(|known| known == line) {
        return Ok(());
    }
    files::create_private_dir(home.root())?;
    line.push(b'\n');
    files::append_lines(&path, line)
}

/// The path as a walk of the project has it: without links in front of its name.
fn real(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    let mut missing = Vec::new();
    let mut there = clean.as_path();
    loop {
        if let Ok(real) = there.canonicalize() {
            return missing.iter().rev().fold(real, |path, name| path.join(name));
        }
        let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else { return clean };
        missing.push(name.to_owned());
        there = parent;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_known_by_their_names_in_their_directory_only() {
        let own = OwnFiles::default().and_directory(Path::new("/p/out"));
        for (path, want) in [
            ("/p/out/20261128-112023-mg6y37-correctness.md", true),
            ("/p/out/20261128-112023-mg6y37-findings.json", true),
            ("/p/out/20261128-112023-mg6y37-evil.ts", false),
            ("/p/out/notes.md", false),
            ("/p/out/20261128-112023-MG6Y37-correctness.md", false),
            ("/p/src/20261128-112023-mg6y37-correctness.md", false),
            ("/p/out/deep/20261128-112023-mg6y37-correctness.md", false),
        ] {
            assert_eq!(own.holds(Path::new(path)), want, "{path}");
        }
    }

    #[test]
    fn what_was_noted_is_known_again_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let home = Home::new(root.join("state"));
        std::fs::create_dir(root.join("p")).unwrap();
        std::os::unix::fs::symlink(root.join("p"), root.join("link")).unwrap();
        assert_eq!(OwnFiles::read(&home).unwrap(), OwnFiles::default());
        let odd = std::ffi::OsStr::from_bytes(b"-a \"b\"\n\xff.sarif");
        for _ in 0..2 {
            note_file(&home, &root.join("p"), &root.join("link").join(odd)).unwrap();
            note_file(&home, &root.join("p"), &root.join("p/new/../r.md")).unwrap();
            note_file(&home, &root.join("p"), &root.join("p/../elsewhere.md")).unwrap();
        }
        files::append_lines(&home.written(), b"{\"file\":\"to".to_vec()).unwrap();
        note_directory(&home, &root.join("p/out")).unwrap();
        let own = OwnFiles::read(&home).unwrap();
        assert!(own.holds(&root.join("p").join(odd)), "{own:?}");
        assert!(own.holds(&root.join("p/r.md")) && !own.holds(&root.join("p/s.md")), "{own:?}");
        assert!(own.holds(&root.join("p/out/20261128-112023-mg6y37-x.md")), "{own:?}");
        assert_eq!(own.files.len(), 2);
    }
}
