//! What is there after rounds: put away at their end, or told of by the next ones where
//! the end did not come. What is nowhere else is kept.

use std::path::PathBuf;

use anyhow::Result;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::{program, text};
use planning::project_git::ProjectGit;
use protocol::convoys;
use protocol::layout::{Home, RoundsDir};
use protocol::plan::Plan;
use protocol::store::read_state;

use super::record::{self, Record};
use super::{fix, refused, told};

/// Takes away what is not needed any more. The work tree, where it is kept because what it
/// holds is nowhere else.
pub(super) fn put_away(
    environment: &Environment,
    git: &ProjectGit<'_>,
    record: &Record,
    dir: &RoundsDir,
) -> Result<Option<PathBuf>> {
    let tree = dir.tree();
    if tree.symlink_metadata().is_ok() {
        if let Some(why) = why_kept(environment, record, dir)? {
            program::tell(&format!("convoy-review: the work tree is kept, {why}: {}", text::path(&tree)));
            return Ok(Some(tree));
        }
        git.remove_worktree(&tree).map_err(refused)?;
    }
    let tip = git.tip(&record.branch).map_err(refused)?;
    if tip.as_deref() == Some(record.from.as_str()) {
        git.delete_branch(&record.branch, &record.from).map_err(refused)?;
    }
    Ok(None)
}

/// Why a work tree cannot be taken away: a clause.
fn why_kept(environment: &Environment, record: &Record, dir: &RoundsDir) -> Result<Option<String>> {
    if let Some(id) = running(environment, dir)? {
        return Ok(Some(format!("{id} runs in it")));
    }
    let tree = ProjectGit::open(environment, &dir.tree()).map_err(refused)?;
    let Some(tree) = tree.filter(|git| git.root() == dir.tree()) else {
        return Ok(Some("it is none of git's any more".to_owned()));
    };
    let from = &record.from;
    if let Some(why) = tree.why_unfit(&record.branch, from).map_err(refused)? {
        return Ok(Some(format!("the command has ended, and {why}")));
    }
    Ok((!tree.is_clean().map_err(refused)?).then(|| "it holds changes that are not committed".to_owned()))
}

/// The convoy whose command still runs there. The record may not name it: its driver may
/// have been killed before it knew.
fn running(environment: &Environment, dir: &RoundsDir) -> Result<Option<String>> {
    let home = Home::of(environment);
    let begin = format!("convoy-{}-", fix::TEMPLATE);
    for id in convoys::all_ids(&home)?.into_iter().filter(|id| id.as_str().starts_with(&begin)) {
        let convoy = home.convoy(&id);
        let found = read_state(&convoy)
            .and_then(|state| if state.ended() { Ok(None) } else { Plan::read(&convoy).map(Some) });
        match found {
            Ok(Some(plan)) if plan.project.as_path() == dir.tree() => return Ok(Some(id.to_string())),
            // Elsewhere, ended, or removed meanwhile.
            Ok(_) | Err(base::Error::NoConvoy(_)) => {}
            // Of one that cannot be read nobody knows where it runs.
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// Tells of rounds of this repository that did not come to their end, and puts away what
/// of them is not needed.
pub(super) fn tell(environment: &Environment, git: &ProjectGit<'_>) -> Result<()> {
    let repository = EncodedPath::from(git.common_dir().map_err(refused)?);
    let (left, unread) = record::left(&Home::of(environment), &repository)?;
    for why in unread {
        program::tell(&format!("convoy-review: earlier rounds cannot be looked at: {why}"));
    }
    for mut one in left {
        let (record, dir) = (&mut one.record, &one.dir);
        let is_open = record.stopped.is_none();
        if !is_open && dir.tree().symlink_metadata().is_err() {
            if git.tip(&record.branch).map_err(refused)?.is_none() {
                // Nothing of them is left but this; what cannot be removed now goes with the next ones.
                let _ = std::fs::remove_dir_all(dir.dir());
            }
            continue;
        }
        let kept = put_away(environment, git, record, dir)?;
        if is_open {
            record.stopped = Some("its driver was ended".to_owned());
        }
        let tip = git.tip(&record.branch).map_err(refused)?;
        program::tell(&format!(
            "convoy-review: {}",
            told::left(record, tip.as_deref(), kept.as_deref(), is_open)
        ));
        record.write(dir)?;
    }
    Ok(())
}
