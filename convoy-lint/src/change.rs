//! `--diff`: only what a change wrote. The files are those that differ from the base,
//! and of their findings those that touch a line of the change.

use std::path::{Path, PathBuf};

use base::environment::Environment;
use base::exit::Exit;
use base::program::Failure;
use base::text;
use findings::changed::{Changed, Changes, Place};
use planning::diagnostic::{self, Diagnostic};
use planning::project_git::ProjectGit;

use crate::finding::Finding;

/// A change, with paths relative to the project.
#[derive(Debug)]
pub(crate) struct Change {
    /// For people: what it is counted from.
    pub(crate) base: String,
    /// Files that differ; those that were deleted are left out.
    pub(crate) files: Vec<PathBuf>,
    changes: Changes,
}

impl Change {
    /// Asks git. `base`: empty for the default branch.
    pub(crate) fn read(environment: &Environment, project: &Path, base: &str) -> Result<Self, Failure> {
        let told = |problem: Diagnostic| diagnostic::failure(&[problem], "");
        let project = crate::collect::whole(project)?;
        let Some(git) = ProjectGit::open(environment, &project).map_err(told)? else {
            let message = format!("--diff: {} is not a git project", text::path(&project));
            return Err(Failure::new(Exit::Usage, message).hint("without --diff all of it is looked at"));
        };
        let base = git.diff_base(Some(base).filter(|base| !base.is_empty())).map_err(told)?;
        let inside = |file: &Path| git.root().join(file).strip_prefix(&project).ok().map(Path::to_path_buf);
        let changed = git.changed(&base).map_err(told)?;
        let is_there =
            |file: &PathBuf| project.join(file).symlink_metadata().is_ok_and(|found| !found.is_dir());
        let lines = git.changed_lines(&base).map_err(told)?.into_iter();
        let lines = lines.filter_map(|one| Some(Changed { file: inside(one.file.as_path())?.into(), ..one }));
        Ok(Change {
            base: base.shown.clone(),
            files: changed.iter().filter_map(|file| inside(file)).filter(is_there).collect(),
            changes: Changes::new(lines),
        })
    }

    /// Is this finding of the change?
    pub(crate) fn holds(&self, finding: &Finding) -> bool {
        let line = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
        let lines = Some((line(finding.line), line(finding.end_line)));
        self.changes.touch([Place { file: &finding.path, lines }], true)
    }
}
