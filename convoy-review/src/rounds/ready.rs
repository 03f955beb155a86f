//! What is known before anything is spent, and all that can be wrong by then.

use std::path::{Path, PathBuf};

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::program::Failure;
use base::text;
use planning::project::Project;
use planning::project_git::{self, ProjectGit};

use super::{refused, step};
use crate::cli::Review;

/// A branch of ours before its id is known; no id is like it.
const UNKNOWN_ID: &str = "convoy/-/fix";

/// What is known before anything is spent.
pub(super) struct Ready {
    pub(super) project: Project,
    pub(super) program: PathBuf,
    /// The commit that is checked out.
    pub(super) head: String,
}

/// All that can be wrong before a review costs anything.
pub(super) fn ready(environment: &Environment, review: &Review) -> Result<Ready> {
    if review.rounds.is_none() || review.fix_with.is_empty() {
        let failure =
            Failure::new(Exit::Usage, "--rounds needs --fix-with: a command that changes what was found");
        return Err(failure
            .hint("who changes it by hand has it reviewed again with: pan review --since last")
            .into());
    }
    let program = step::find(environment, &review.fix_with)?;
    let given = review.project_path.as_deref().unwrap_or(Path::new("."));
    let project = Project::find(environment, given).map_err(refused)?;
    let git = open(environment, &project)?;
    let Some(head) = git.head().map_err(refused)? else {
        let failure =
            Failure::new(Exit::Usage, "--fix-with: there is no commit yet that a branch could begin at");
        return Err(failure.hint("git commit; the command works on a branch of its own").into());
    };
    if let Some(why) = git.why_no_branch(UNKNOWN_ID).map_err(refused)? {
        // Of the name only what comes before the id is known yet.
        let why = why.replace(&format!("'{UNKNOWN_ID}'"), "the branches convoy/…/fix");
        let failure = Failure::new(Exit::Usage, format!("--fix-with: {why}"));
        return Err(failure.hint("rename it: git branch -m convoy OTHER").into());
    }
    let alone = review.pr_url.is_some()
        && review.commit.is_none()
        && review.branch.is_none()
        && review.diff.is_none()
        && review.files.is_empty();
    if alone {
        let message =
            "--fix-with: of a pull request by its address alone it is not known what it is counted from";
        let failure = Failure::new(Exit::Usage, message);
        return Err(failure.hint("fetch it, and say: --commit COMMIT --base BASE").into());
    }
    if !review.is_of_a_commit() {
        is_committed(environment, &project, "--fix-with")?;
    }
    Ok(Ready { project, program, head })
}

pub(super) fn open<'e>(environment: &'e Environment, project: &Project) -> Result<ProjectGit<'e>> {
    let git = ProjectGit::open(environment, &project.root).map_err(refused)?;
    git.ok_or_else(|| {
        let message = format!("--fix-with: {} is no git repository", text::path(&project.root));
        Failure::new(Exit::Usage, message)
            .hint("the command works on a branch of its own: git init, and commit")
            .into()
    })
}

/// What is reviewed is what the branch begins at.
pub(super) fn is_committed(environment: &Environment, project: &Project, what: &str) -> Result<()> {
    let files = project_git::uncommitted(environment, &project.root).map_err(refused)?;
    let Some(first) = files.first() else { return Ok(()) };
    let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
    let message = format!(
        "{what}: the work tree has changes that are not committed, and a branch begins at a commit: {}{more}",
        text::path(first)
    );
    let failure = Failure::new(Exit::Usage, message);
    Err(failure.hint("commit them, or have what is committed reviewed: --commit HEAD --base BASE").into())
}
