//! `rm` and `prune`: ended convoys go; published reports in projects stay.
//!
//! A convoy vanishes by one rename: its state moves into its own directory.
//! What a kill leaves after that is a directory without a convoy, which the
//! next `prune` removes.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Result;
use jiff::Timestamp;
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame;
use shared::ids::ConvoyId;
use shared::layout::{ConvoyDir, Home};
use shared::store::read_state;
use shared::watch_lock::{self, Stay};
use shared::{Error, IoContext, StateProblem, catalog, lock, text};

/// A watcher that has seen the convoy end is gone after this.
const LEAVING: Duration = Duration::from_secs(12);

/// A directory without a state may be a convoy that is just being created.
const LEFT_OVER: Duration = Duration::from_secs(24 * 3600);

/// Removes one ended convoy.
pub(crate) fn rm(environment: &Environment, id: &ConvoyId) -> Result<Exit> {
    remove(&environment.home.convoy(id))?;
    frame::tell(&format!("removed {id}"));
    Ok(Exit::Done)
}

fn remove(dir: &ConvoyDir) -> shared::Result<()> {
    let busy = |what| Error::Busy { id: dir.id().to_string(), what };
    match read_state(dir) {
        Ok(state) if !state.ended() => return Err(busy("still running")),
        // Torn or old states are nobody's: what is asked for by name goes.
        Ok(_) | Err(Error::State { source: StateProblem::Torn { .. } | StateProblem::Legacy, .. }) => {}
        Err(error) => return Err(error),
    }
    let path = dir.dir();
    if path.is_dir() {
        let Some(_watch) = watch_lock::take_within(dir, Stay::Briefly, LEAVING)? else {
            return Err(busy("being watched"));
        };
        let _held = lock::lock(&dir.lock())?;
        // It may have been opened again while we waited.
        if read_state(dir).is_ok_and(|state| !state.ended()) {
            return Err(busy("still running"));
        }
        let removed = path.join("removed.json");
        fs::rename(dir.state(), &removed).context("remove", &dir.state())?;
        fs::remove_dir_all(&path).context("remove", &path)?;
    } else {
        fs::remove_file(dir.state()).context("remove", &dir.state())?;
    }
    remove_lock(dir)
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
                    frame::tell(&format!("convoy-ctl: {}", shared::attend::chain(&error)));
                    exit = error.exit();
                    continue;
                }
                say(format!("{id}\n"))?;
            }
            Ok(_) | Err(Error::NoConvoy(_)) => {}
            // Never removed unasked: somebody may want to mend or read it.
            Err(error) => frame::tell(&format!("convoy-ctl: kept: {}", shared::attend::chain(&error))),
        }
    }
    for path in left_overs(&home.convoys()) {
        if !dry_run {
            fs::remove_dir_all(&path).context("remove", &path)?;
        }
        say(format!("{}\n", text::path(&path)))?;
    }
    for id in stray_locks(home) {
        let dir = home.convoy(&id);
        if let Some(_held) = lock::try_lock(&dir.lock())?
            && !dry_run
        {
            remove_lock(&dir)?;
        }
    }
    Ok(exit)
}

/// Convoys of which only the lock is left: their removal was killed.
fn stray_locks(home: &Home) -> Vec<ConvoyId> {
    let Ok(entries) = fs::read_dir(home.convoys()) else { return Vec::new() };
    let id = |name: std::ffi::OsString| name.to_str()?.strip_suffix(".lock")?.parse::<ConvoyId>().ok();
    let ids = entries.filter_map(Result::ok).filter_map(|entry| id(entry.file_name()));
    ids.filter(|id| !home.convoy(id).state().exists() && !home.convoy(id).dir().exists()).collect()
}

fn remove_lock(dir: &ConvoyDir) -> shared::Result<()> {
    match fs::remove_file(dir.lock()) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).context("remove", &dir.lock()),
        _ => Ok(()),
    }
}

fn is_older(at: Timestamp, older: Duration) -> bool {
    u128::try_from(Timestamp::now().duration_since(at).as_millis()).is_ok_and(|age| age >= older.as_millis())
}

/// Directories of convoys that were never committed, or were removed half.
pub(crate) fn left_overs(convoys: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(convoys) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| name.parse::<ConvoyId>().is_ok()))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir() && !path.with_extension("json").exists())
        .filter(|path| path.join("removed.json").exists() || untouched(path))
        .collect();
    found.sort();
    found
}

fn untouched(path: &Path) -> bool {
    let changed = fs::metadata(path).and_then(|metadata| metadata.modified());
    changed.is_ok_and(|changed| SystemTime::now().duration_since(changed).is_ok_and(|age| age > LEFT_OVER))
}
