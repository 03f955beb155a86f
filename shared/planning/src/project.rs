//! Which project a person means: the top directory of the git work tree they stand
//! in, else that directory itself. Patterns are relative to where they stand.

use std::path::{Path, PathBuf};

use base::environment::Environment;
use base::text;

use crate::diagnostic::Diagnostic;
use crate::project_git::ProjectGit;

/// A project, and where in it somebody stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Absolute, without symbolic links.
    pub root: PathBuf,
    /// Relative to the root; empty at the top.
    pub standing: PathBuf,
    /// The root is that of a git work tree.
    pub has_git: bool,
}

impl Project {
    /// The project that `given` is in; relative to the current directory.
    pub fn find(environment: &Environment, given: &Path) -> Result<Self, Diagnostic> {
        Self::with_git(environment, given).map(|(project, _)| project)
    }

    /// The same with its git, where it has one.
    pub fn with_git<'e>(
        environment: &'e Environment,
        given: &Path,
    ) -> Result<(Self, Option<ProjectGit<'e>>), Diagnostic> {
        let path = environment.current_dir.join(given);
        let here = path.canonicalize().map_err(|error| {
            Diagnostic::of_io(format_args!("cannot open project {}", text::path(&path)), &error)
        })?;
        if !here.is_dir() {
            let problem = Diagnostic::new(format!("project {} is not a directory", text::path(&here)));
            return Err(problem.hint("name the directory it is in"));
        }
        Self::at(environment, here)
    }

    /// The project of the current directory.
    pub fn current(environment: &Environment) -> Result<Self, Diagnostic> {
        Self::find(environment, Path::new("."))
    }

    fn at(environment: &Environment, here: PathBuf) -> Result<(Self, Option<ProjectGit<'_>>), Diagnostic> {
        let Some(git) = ProjectGit::open(environment, &here)? else {
            return Ok((Project { root: here, standing: PathBuf::new(), has_git: false }, None));
        };
        let root = git.root().to_path_buf();
        let standing = here.strip_prefix(&root).map(Path::to_path_buf).map_err(|_| {
            Diagnostic::new(format!(
                "the work tree of {} is {}, which does not hold it",
                text::path(&here),
                text::path(&root)
            ))
            .hint("git config core.worktree names it")
        })?;
        Ok((Project { root, standing, has_git: true }, Some(git)))
    }

    /// Is what was done in this directory of this project? Without git nothing tells
    /// where a project begins: a directory above is taken for it.
    pub fn holds(&self, directory: &Path) -> bool {
        directory == self.root || (!self.has_git && self.root.starts_with(directory))
    }
}
