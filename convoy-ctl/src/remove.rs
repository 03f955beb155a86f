//! `rm` and `prune`: ended convoys go, by `prune` with the reports that they published.
//!
//! A convoy vanishes by one rename: its state moves into its own directory.
//! What a kill or an error leaves after that is a directory without a convoy,
//! which the next `prune` removes.

mod elsewhere;
mod reports;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::Result;
use base::environment::Environment;
use base::error::Doing;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use base::{Error, IoContext, StateProblem, files, lock, text};
use jiff::Timestamp;
use protocol::checkout;
use protocol::convoys;
use protocol::layout::{ConvoyDir, Home};
use protocol::store::read_state;
use protocol::watch_lock::{self, Stay};

use crate::steer;

/// A watcher that has seen the convoy end is gone after this.
const LEAVING: Duration = Duration::from_secs(12);

/// How long the processes of a convoy that is removed by force may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// A directory without a state may be a convoy that is just being created.
const LEFT_OVER: Duration = Duration::from_secs(24 * 3600);

/// Removes one ended convoy; with `force` one that runs is stopped first.
pub(crate) fn rm(environment: &Environment, id: &ConvoyId, force: bool) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    // Of a convoy without its directory nothing is known that could be ended.
    if force && is_there(&dir.dir())? && read_state(&dir).is_ok_and(|state| !state.ended()) {
        steer::end(environment, id, GRACE, true)?;
    }
    remove(environment, &dir, Reports::Stay, force).map_err(|error| {
        let is_gone = matches!((&error, dir.state().try_exists()), (Error::Io { .. }, Ok(false)));
        let failure = Failure::from_chain(anyhow::Error::from(error).chain());
        if is_gone {
            failure.hint("the convoy is gone; pan convoy prune removes the rest of it")
        } else {
            failure
        }
    })?;
    checkout::release(&Home::of(environment), id)?;
    program::tell(&format!("removed {id}"));
    Ok(Exit::Done)
}

/// What becomes of the reports in the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reports {
    Stay,
    /// Those that nobody has made their own.
    Go,
}

/// `end`: what a convoy without a readable state left on another machine is ended.
fn remove(environment: &Environment, dir: &ConvoyDir, published: Reports, end: bool) -> base::Result<()> {
    check_removable(dir)?;
    let path = dir.dir();
    if read_state(dir).is_err() {
        elsewhere::prove(environment, dir, end)?;
    }
    if !is_there(&path)? {
        fs::remove_file(dir.state()).context("remove", &dir.state())?;
        return remove_files(dir);
    }
    let Some(_watch) = watch_lock::take_within(dir, Stay::Briefly, LEAVING)? else {
        return Err(Error::Busy { id: dir.id().to_string(), doing: Doing::Watched });
    };
    let _held = lock::lock(&dir.lock())?;
    // It may have been opened again while we waited.
    check_removable(dir)?;
    if published == Reports::Go {
        // First: afterwards nobody knows any more which they are.
        reports::remove(dir)?;
    }
    fs::rename(dir.state(), dir.removed_state()).context("remove", &dir.state())?;
    clear(dir)
}

/// Only what has ended goes, or has lost all by which it could go on; torn or old
/// states are nobody's: what is asked for by name goes.
fn check_removable(dir: &ConvoyDir) -> base::Result<()> {
    match read_state(dir) {
        Ok(state) if !state.ended() && is_there(&dir.dir())? => {
            Err(Error::Busy { id: dir.id().to_string(), doing: Doing::Running })
        }
        Ok(_) | Err(Error::State { source: StateProblem::Torn { .. } | StateProblem::Legacy, .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes what is left of a convoy that has no state any more, under a name
/// that says so: wherever this breaks off, `prune` can tell and goes on.
fn clear(dir: &ConvoyDir) -> base::Result<()> {
    let (path, removed) = (dir.dir(), dir.removed());
    if is_there(&path)? {
        fs::rename(&path, &removed).context("remove", &path)?;
    }
    if is_there(&removed)? {
        fs::remove_dir_all(&removed).context("remove", &removed)?;
    }
    remove_files(dir)
}

/// What a convoy has beside its directory and its state.
fn remove_files(dir: &ConvoyDir) -> base::Result<()> {
    files::remove_if_there(&dir.torn())?;
    // Last: until here a second `rm` or a `prune` finds what is left.
    files::remove_if_there(&dir.lock())
}

fn is_there(path: &Path) -> base::Result<bool> {
    path.try_exists().context("look at", path)
}

/// Removes ended convoys older than this, and what programs that were killed left
/// behind: of creations, of removals, and of commits that were checked out.
pub(crate) fn prune(
    environment: &Environment,
    older: Duration,
    published: Reports,
    dry_run: bool,
    quiet: bool,
) -> Result<Exit> {
    let home = &Home::of(environment);
    let mut ids = convoys::all_ids(home)?;
    ids.sort();
    let mut exit = Exit::Done;
    let say = |line: String| if quiet { Ok(()) } else { program::print(&line) };
    for id in ids {
        let dir = home.convoy(&id);
        match read_state(&dir) {
            Ok(state) if state.ended() && is_older(state.completed_at.unwrap_or(state.started_at), older) => {
                if !dry_run && let Err(error) = remove(environment, &dir, published, false) {
                    exit = error.exit();
                    program::report(crate::NAME, &error.into());
                    continue;
                }
                say(format!("{id}\n"))?;
            }
            Ok(_) | Err(Error::NoConvoy(_)) => {}
            // Never removed unasked: somebody may want to mend or read it.
            // One that is no state is told of by `list` and `doctor` as well; cron
            // need not hear of it every minute.
            Err(Error::State {
                source: StateProblem::Torn { .. } | StateProblem::Newer { .. } | StateProblem::Legacy,
                ..
            }) if quiet => {}
            Err(error) => {
                program::tell(&format!("convoy-ctl: kept: {}", base::error::chain(&error)));
                if let Error::State { source: StateProblem::Io(_), .. } = error {
                    exit = error.exit();
                }
            }
        }
    }
    for dir in left_overs(home)? {
        let clear = || {
            // What was removed half was looked at before.
            if !is_there(&dir.removed_state())? {
                elsewhere::prove(environment, &dir, false)?;
            }
            clear(&dir)
        };
        if !dry_run && let Err(error) = clear() {
            exit = error.exit();
            program::report(crate::NAME, &error.into());
            continue;
        }
        say(format!("{}\n", text::path(&dir.dir())))?;
    }
    if !dry_run {
        remove_stray_files(home)?;
    }
    let checkouts = if dry_run { checkout::left(home)? } else { checkout::sweep(home)? };
    for id in checkouts {
        say(format!("{}\n", text::path(&home.checkout(&id))))?;
    }
    Ok(exit)
}

/// Locks and torn states of convoys of which nothing else is left.
fn remove_stray_files(home: &Home) -> base::Result<()> {
    for name in convoys::names(home)? {
        let Some(id) = name.to_str().and_then(Home::id_of_left_over) else { continue };
        let dir = home.convoy(&id);
        if let Some(_held) = lock::try_lock(&dir.lock())? {
            // The directory comes first and the state last: without both there is no convoy.
            if !is_there(&dir.dir())? && !is_there(&dir.state())? && !is_there(&dir.removed())? {
                remove_files(&dir)?;
            }
        }
    }
    Ok(())
}

fn is_older(at: Timestamp, older: Duration) -> bool {
    u128::try_from(Timestamp::now().duration_since(at).as_millis()).is_ok_and(|age| age >= older.as_millis())
}

/// Directories of convoys that were never committed, or were removed half.
pub(crate) fn left_overs(home: &Home) -> base::Result<Vec<ConvoyDir>> {
    let mut found = BTreeSet::new();
    for name in convoys::names(home)? {
        let Some(name) = name.to_str() else { continue };
        if let Some(id) = Home::id_of_removed(name) {
            found.insert(id);
        } else if let Ok(id) = name.parse::<ConvoyId>() {
            let dir = home.convoy(&id);
            let path = dir.dir();
            let is_left = || Ok::<_, Error>(is_there(&dir.removed_state())? || is_untouched(&path)?);
            let is_dir = fs::symlink_metadata(&path).context("look at", &path)?.is_dir();
            if is_dir && !is_there(&dir.state())? && is_left()? {
                found.insert(id);
            }
        }
    }
    Ok(found.iter().map(|id| home.convoy(id)).collect())
}

fn is_untouched(path: &Path) -> base::Result<bool> {
    let changed = fs::metadata(path).and_then(|metadata| metadata.modified()).context("look at", path)?;
    // One of the future is as good as new.
    Ok(SystemTime::now().duration_since(changed).is_ok_and(|age| age > LEFT_OVER))
}
