//! The files of the project around a change, as they are now.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::role::{Role, name};
use crate::source;

/// Of all texts together so much is read, in bytes.
const MOST: usize = 16 << 20;

/// The project's files, relative to it.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    project: PathBuf,
    pub(crate) files: BTreeSet<PathBuf>,
    /// Files that were there at the base and are no more.
    pub(crate) gone: BTreeSet<PathBuf>,
    /// There was nothing before the change.
    pub(crate) is_first: bool,
    docs: OnceLock<Vec<Doc>>,
}

/// A text for people.
#[derive(Debug)]
pub(crate) struct Doc {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Tree {
    pub(crate) fn new(
        project: &Path,
        files: BTreeSet<PathBuf>,
        gone: BTreeSet<PathBuf>,
        is_first: bool,
    ) -> Tree {
        Tree { project: project.to_path_buf(), files, gone, is_first, docs: OnceLock::new() }
    }

    /// Is there a file, or a directory with one? Letters count as they are.
    pub(crate) fn has(&self, path: &Path) -> bool {
        self.files.contains(path)
            || self.files.range(path.to_path_buf()..).next().is_some_and(|file| file.starts_with(path))
            || self.project.join(path).symlink_metadata().is_ok()
    }

    /// The text of a file; `None`: it is none, or too large.
    pub(crate) fn read(&self, path: &Path) -> Option<String> {
        source::read(&self.project, path).ok()
    }

    /// The text of a file, whoever wrote it, and larger than what is reviewed.
    pub(crate) fn read_any(&self, path: &Path) -> Option<String> {
        let mut text = String::new();
        let file = base::files::open_regular(&self.project.join(path)).ok()?;
        file.take(MOST as u64).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// The texts for people, as far as they are not too many.
    pub(crate) fn docs(&self) -> &[Doc] {
        self.docs.get_or_init(|| {
            let mut left = MOST;
            let of_people = |path: &&PathBuf| Role::of(path) == Role::Docs && !is_history(path);
            let read = |path: &PathBuf| {
                let text = self.read(path).filter(|text| text.len() <= left)?;
                left -= text.len();
                Some(Doc { path: path.clone(), text })
            };
            self.files.iter().filter(of_people).filter_map(read).collect()
        })
    }

    /// The nearest file of one of these names, in the directory or around it.
    pub(crate) fn nearest(&self, dir: &Path, names: &[&str]) -> Option<PathBuf> {
        dir.ancestors()
            .flat_map(|dir| names.iter().map(move |name| dir.join(name)))
            .find(|path| self.files.contains(path))
    }
}

/// What tells of earlier versions may name what is gone.
pub(crate) fn is_history(path: &Path) -> bool {
    let name = name(path).to_ascii_lowercase();
    let whole = path.to_string_lossy().to_ascii_lowercase();
    ["change", "history", "news", "release", "migrat", "upgrad", "whatsnew", "roadmap"]
        .iter()
        .any(|word| name.contains(word))
        || ["changelog", "changes/", "release", "migrat", "blog", "news/", "upgrad"]
            .iter()
            .any(|word| whole.contains(word))
}

/// The number of the line that a place of a text is in.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

/// A line of a file, for people.
pub(crate) fn place(path: &Path, line: usize) -> String {
    format!("{}:{line}", path.to_string_lossy())
}
