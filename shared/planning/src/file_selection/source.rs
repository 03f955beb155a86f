//! Where files are taken from: the project as it lies there, or a commit.

use std::path::{Path, PathBuf};

use base::text;

use super::candidates::{Candidates, sort_out, walk};
use super::{CommitAsked, Diff};
use crate::diagnostic::Diagnostic;
use crate::own_files::OwnFiles;
use crate::project::Project;
use crate::project_git::{CommitUnderReview, DiffBase, ProjectGit, Revision};

/// Where the files are taken from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) all: Candidates,
    /// Nothing but what differs from it is taken.
    pub(super) base: Option<DiffBase>,
    /// Everything there is, where only what differs is taken: a pattern may be of that.
    pub(super) unchanged: Vec<PathBuf>,
    /// `None`: as the files lie in the project.
    pub(super) commit: Option<CommitUnderReview>,
}

impl Source {
    pub(super) fn project(
        git: Option<&ProjectGit<'_>>,
        root: &Path,
        diff: Option<&Diff>,
        own: &OwnFiles,
    ) -> Result<Self, Diagnostic> {
        let (paths, base, unchanged) = match (git, diff) {
            (Some(git), Some(diff)) => {
                let base = git.diff_base(diff.base.as_deref())?;
                (git.changed(&base)?, Some(base), git.files()?)
            }
            (Some(git), None) => (git.files()?, None, Vec::new()),
            (None, Some(_)) => return Err(no_git("--diff", root)),
            (None, None) => (walk(root)?, None, Vec::new()),
        };
        Ok(Source { all: sort_out(root, paths, own)?, base, unchanged, commit: None })
    }

    pub(super) fn commit(
        git: Option<&ProjectGit<'_>>,
        project: &Project,
        asked: &CommitAsked,
        own: &OwnFiles,
    ) -> Result<Self, Diagnostic> {
        let option = match asked.revision {
            Revision::Commit(_) => "--commit",
            Revision::Branch(_) => "--branch",
        };
        let git = git.ok_or_else(|| no_git(option, &project.root))?;
        let commit = git.find_commit(&asked.revision)?;
        let base = asked.since.as_ref().map(|since| git.base_of(&commit, since)).transpose()?;
        let tree = git.tree(&commit)?;
        let everything = [tree.files.as_slice(), &tree.not_files].concat();
        let (paths, unchanged) = match &base {
            Some(base) => (git.changed_in(&commit, base)?, everything),
            None => (everything, Vec::new()),
        };
        let all = Candidates::of_commit(paths, tree, &project.root, own);
        Ok(Source { all, base, unchanged, commit: Some(commit) })
    }
}

fn no_git(option: &str, root: &Path) -> Diagnostic {
    Diagnostic::new(format!("{option}: {} is not a git project", text::path(root)))
        .hint("say which files: --files 'src/**/*.ts'")
}
