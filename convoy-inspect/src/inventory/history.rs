//! What the history says: which files change most, and who changes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use planning::project_git::Commit;
use serde::Serialize;

/// The newest commits that are looked at.
pub(crate) const COMMITS: usize = 1000;
/// A commit that touches more files than this is a sweep (format, rename).
const SWEEP: usize = 100;

/// Changes by file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct History {
    /// Commits that were looked at.
    pub(crate) commits: usize,
    #[serde(skip)]
    files: BTreeMap<PathBuf, Changes>,
}

/// The changes of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) commits: u64,
    /// Commits by author.
    pub(crate) authors: BTreeMap<String, u64>,
}

impl History {
    pub(crate) fn of(commits: &[Commit]) -> Self {
        let mut files: BTreeMap<PathBuf, Changes> = BTreeMap::new();
        for commit in commits.iter().filter(|commit| commit.files.len() <= SWEEP) {
            for file in &commit.files {
                let changes = files.entry(file.clone()).or_default();
                changes.commits += 1;
                *changes.authors.entry(commit.author.clone()).or_default() += 1;
            }
        }
        History { commits: commits.len(), files }
    }

    pub(crate) fn changes(&self, path: &Path) -> Option<&Changes> {
        self.files.get(path)
    }
}

/// Who has changed these files most.
pub(crate) fn author_of<'p>(history: &History, paths: impl Iterator<Item = &'p Path>) -> Option<String> {
    let mut authors: BTreeMap<&str, u64> = BTreeMap::new();
    for changes in paths.filter_map(|path| history.changes(path)) {
        for (author, count) in &changes.authors {
            *authors.entry(author).or_default() += count;
        }
    }
    // Of several with as many the first by name, so that it is the same every time.
    let most = authors.into_iter().rev().max_by_key(|(_, count)| *count)?;
    Some(most.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_make_no_hot_spots() {
        let commit =
            |author: &str, files: Vec<PathBuf>| Commit { seconds: 0, author: author.to_owned(), files };
        let sweep = (0..101).map(|n| PathBuf::from(format!("f{n}"))).collect();
        let history = History::of(&[
            commit("ann", vec!["f1".into(), "f2".into()]),
            commit("bob", vec!["f1".into()]),
            commit("bob", vec!["f1".into()]),
            commit("eve", sweep),
        ]);
        assert_eq!(history.changes(Path::new("f1")).unwrap().commits, 3);
        assert_eq!(history.changes(Path::new("f9")), None);
        assert_eq!(author_of(&history, [Path::new("f1")].into_iter()).as_deref(), Some("bob"));
        assert_eq!(
            author_of(&history, [Path::new("f2"), Path::new("f1")].into_iter()).as_deref(),
            Some("ann")
        );
    }
}
