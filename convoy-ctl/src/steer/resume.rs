//! `resume`: takes up convoys that lost their watcher, also a stop that was
//! begun, also a state file that was torn by the machine's end (P10).

use std::fs;

use anyhow::Result;
use shared::config::{Config, Watch};
use shared::environment::Environment;
use shared::exit::Exit;
use shared::files::{self, Sync};
use shared::frame;
use shared::hand_over::leave_watcher;
use shared::ids::ConvoyId;
use shared::journal::{self, Event, What};
use shared::layout::ConvoyDir;
use shared::now::Clock;
use shared::store::{parse_state, read_state};
use shared::watch_lock::{self, Watcher};
use shared::{IoContext, StateProblem, catalog, lock, text};

/// Resumes these convoys, or all that run and have no watcher.
pub(crate) fn resume(environment: &Environment, ids: &[ConvoyId], watch: Option<Watch>) -> Result<Exit> {
    let watch = match watch {
        Some(watch) => watch,
        None => Config::load(&environment.home)?.watch.unwrap_or(Watch::Detach),
    };
    let mut exit = Exit::Done;
    for id in ids {
        if let Err(error) = resume_one(environment, id, watch) {
            frame::tell(&format!("convoy-ctl: {}", shared::error::chain(&error)));
            exit = error.exit();
        }
    }
    Ok(exit)
}

/// All convoys there are, for `resume --all`: those that cannot be read, too.
pub(crate) fn everything(environment: &Environment) -> Result<Vec<ConvoyId>> {
    let mut ids = catalog::all_ids(&environment.home)?;
    ids.sort();
    ids.retain(|id| match read_state(&environment.home.convoy(id)) {
        Ok(state) => !state.ended(),
        Err(shared::Error::State { source: StateProblem::Legacy | StateProblem::Newer(_), .. }) => false,
        Err(_) => true,
    });
    Ok(ids)
}

fn resume_one(environment: &Environment, id: &ConvoyId, watch: Watch) -> shared::Result<()> {
    let dir = environment.home.convoy(id);
    let (state, restored) = match read_state(&dir) {
        Ok(state) => (state, false),
        Err(error @ shared::Error::State { source: StateProblem::Torn { .. }, .. }) => {
            restore(&dir, error)?;
            (read_state(&dir)?, true)
        }
        Err(error) => return Err(error),
    };
    if state.ended() {
        frame::tell(&format!("{id} has ended"));
        return Ok(());
    }
    // A watcher there is now may know a later state than the restored one, and
    // be about to leave.
    match watch_lock::watcher(&dir)? {
        Watcher::UntilTheEnd(pid) if !restored => {
            frame::tell(&format!("{id} is being watched, by process {pid}"));
            return Ok(());
        }
        Watcher::Stopped(pid) => {
            frame::tell(&format!(
                "convoy-ctl: its watcher, process {pid}, is stopped; another one takes over"
            ));
        }
        Watcher::UntilTheEnd(_) | Watcher::Briefly | Watcher::Nobody => {}
    }
    if let Some(warning) = leave_watcher(environment, id, watch)? {
        frame::tell(&format!("convoy-ctl: {warning}"));
    }
    frame::tell(&format!("{id} is taken up"));
    Ok(())
}

/// Falls back to the last state known to have been on the disk, aloud. The torn
/// one is kept beside it.
fn restore(dir: &ConvoyDir, torn: shared::Error) -> shared::Result<()> {
    let _held = lock::lock(&dir.lock())?;
    let path = dir.state();
    let synced = dir.synced();
    let Some(bytes) = files::read_if_there(&synced)? else { return Err(torn) };
    parse_state(&bytes, &text::path(&synced))
        .map_err(|source| shared::Error::State { id: dir.id().to_string(), source })?;
    let aside = path.with_extension("json.torn");
    fs::rename(&path, &aside).context("set aside", &path)?;
    files::replace(&path, &dir.dir(), &bytes, Sync::Now)?;
    let at = Clock::open()?.now()?.wall;
    let event =
        Event { at, event: What::StateRestored, role: None, attempt: None, reason: None, detail: None };
    journal::append(&dir.events(), &[event])?;
    frame::tell(&format!(
        "convoy-ctl: the state of {} was torn; went back to the last one known to be whole ({} kept)",
        dir.id(),
        text::path(&aside)
    ));
    Ok(())
}
