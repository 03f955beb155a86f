//! `rm` and `prune`: ended convoys go; published reports in projects stay.
//!
//! A convoy vanishes by one rename: its state moves into its own directory.
//! What a kill leaves after that is a directory without a convoy, which the
//! next `prune` removes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::steer;
use anyhow::Result;
use jiff::Timestamp;
use shared::environment::Environment;
use shared::exit::Exit;
use shared::files;
use shared::frame;
use shared::ids::ConvoyId;
use shared::layout::{ConvoyDir, Home};
use shared::store::read_state;
use shared::watch_lock::{self, Stay};
use shared::{Error, IoContext, StateProblem, catalog, lock, text};

/// A watcher that has seen the convoy end is gone after this.
const LEAVING: Duration = Duration::from_secs(12);

/// How long the processes of a convoy that is removed by force may take to end.
const GRACE: Duration = Duration::from_secs(5);

/// A directory without a state may be a convoy that is just being created.
const LEFT_OVER: Duration = Duration::from_secs(24 * 3600);

/// Removes one ended convoy; with `force` one that runs is stopped first.
pub(crate) fn rm(environment: &Environment, id: &ConvoyId, force: bool) -> Result<Exit> {
    let dir = environment.home.convoy(id);
    // Of a convoy without its directory nothing is known that could be ended.
    if force && dir.dir().is_dir() && read_state(&dir).is_ok_and(|state| !state.ended()) {
        steer::end(environment, id, GRACE, true)?;
    }
    remove(&dir)?;
    frame::tell(&format!("removed {id}"));
    Ok(Exit::Done)
}

fn remove(dir: &ConvoyDir) -> shared::Result<()> {
    let busy = |what| Error::Busy { id: dir.id().to_string(), what };
    let path = dir.dir();
    match read_state(dir) {
        Ok(state) if !state.ended() && path.is_dir() => return Err(busy("still running")),
        // Torn or old states are nobody's: what is asked for by name goes.
        Ok(_) | Err(Error::State { source: StateProblem::Torn { .. } | StateProblem::Legacy, .. }) => {}
        Err(error) => return Err(error),
    }
    if !path.is_dir() {
        fs::remove_file(dir.state()).context("remove", &dir.state())?;
    } else if let Some(_watch) = watch_lock::take_within(dir, Stay::Briefly, LEAVING)? {
        let _held = lock::lock(&dir.lock())?;
        // It may have been opened again while we waited.
        if read_state(dir).is_ok_and(|state| !state.ended()) {
            return Err(busy("still running"));
        }
        fs::rename(dir.state(), dir.removed()).context("remove", &dir.state())?;
        fs::remove_dir_all(&path).context("remove", &path)?;
    } else {
        return Err(busy("being watched"));
    }
    files::remove_if_there(&dir.torn())?;
    // Last: until here a second `rm` or a `prune` finds what is left.
    files::remove_if_there(&dir.lock())
}

/// Removes ended convoys older than this, and what creations and removals that
/// were killed left behind.
pub(crate) fn prune(environment: &Environment, older: Duration, dry_run: bool, quiet: bool) -> Result<Exit> {
    let home = &environment.home;
    let mut ids = catalog::all_ids(home)?;
    ids.sort();
    let mut exit = Exit::Done;
    let say = |line: String| if quiet { Ok(()) } else { frame::print(&line) };
    for id in ids {
        let dir = home.convoy(&id);
        match read_state(&dir) {
            Ok(state) if state.ended() && is_older(state.completed_at.unwrap_or(state.started_at), older) => {
                if !dry_run && let Err(error) = remove(&dir) {
                    frame::tell(&format!("convoy-ctl: {}", shared::error::chain(&error)));
                    exit = error.exit();
                    continue;
                }
                say(format!("{id}\n"))?;
            }
            Ok(_) | Err(Error::NoConvoy(_)) => {}
            // Never removed unasked: somebody may want to mend or read it.
            // `list` and `doctor` tell of it as well; cron not every minute.
            Err(_) if quiet => {}
            Err(error) => frame::tell(&format!("convoy-ctl: kept: {}", shared::error::chain(&error))),
        }
    }
    for path in left_overs(home)? {
        if !dry_run {
            fs::remove_dir_all(&path).context("remove", &path)?;
        }
        say(format!("{}\n", text::path(&path)))?;
    }
    if !dry_run {
        remove_stray_files(home)?;
    }
    Ok(exit)
}

/// Locks and torn states of convoys of which nothing else is left.
fn remove_stray_files(home: &Home) -> shared::Result<()> {
    let path = home.convoys();
    let entries = match fs::read_dir(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.context("list", &path)?,
    };
    for entry in entries {
        let name = entry.context("list", &path)?.file_name();
        let Some(id) = name.to_str().and_then(Home::id_of_left_over) else { continue };
        let dir = home.convoy(&id);
        if let Some(_held) = lock::try_lock(&dir.lock())? {
            // The directory comes first and the state last: without both there is no convoy.
            if !dir.dir().exists() && !dir.state().exists() {
                files::remove_if_there(&dir.torn())?;
                files::remove_if_there(&dir.lock())?;
            }
        }
    }
    Ok(())
}

fn is_older(at: Timestamp, older: Duration) -> bool {
    u128::try_from(Timestamp::now().duration_since(at).as_millis()).is_ok_and(|age| age >= older.as_millis())
}

/// Directories of convoys that were never committed, or were removed half.
pub(crate) fn left_overs(home: &Home) -> shared::Result<Vec<PathBuf>> {
    let names = catalog::names(home)?;
    let mut found: Vec<PathBuf> = names
        .iter()
        .filter(|name| name.to_str().is_some_and(|name| name.parse::<ConvoyId>().is_ok()))
        .map(|name| home.convoys().join(name))
        .filter(|path| path.is_dir() && !path.with_extension("json").exists())
        .filter(|path| path.join("removed.json").exists() || untouched(path))
        .collect();
    found.sort();
    Ok(found)
}

fn untouched(path: &Path) -> bool {
    let changed = fs::metadata(path).and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age > LEFT_OVER))
}
