//! `resume`: takes up convoys that lost their watcher, also a stop that was
//! begun, also a state file that was torn by the machine's end (P10).

use std::fs;

use anyhow::Result;
use base::clock::Clock;
use base::environment::Environment;
use base::exit::Exit;
use base::files::{self, Sync};
use base::ids::ConvoyId;
use base::{IoContext, StateProblem, lock, program, text};
use planning::config::Config;
use protocol::journal::{self, Event, What};
use protocol::layout::{ConvoyDir, Home};
use protocol::store::{parse_state, read_state};
use protocol::watch_lock::{self, Watch, Watcher};
use protocol::{claim, convoys, hooks};
use scheduler::start_watcher::start_watcher;

/// Resumes these convoys, or all that run and have no watcher.
pub(crate) fn resume(environment: &Environment, ids: &[ConvoyId], watch: Option<Watch>) -> Result<Exit> {
    let watch = match watch {
        Some(watch) => watch,
        None => Config::load(&Home::of(environment))?.watch.unwrap_or(Watch::Detach),
    };
    let mut exit = Exit::Done;
    for id in ids {
        if let Err(error) = resume_one(environment, id, watch) {
            exit = error.exit();
            program::report(crate::NAME, &error.into());
        }
    }
    Ok(exit)
}

/// All convoys there are, for `resume --all`: those that cannot be read, too.
pub(crate) fn everything(environment: &Environment) -> Result<Vec<ConvoyId>> {
    let mut ids = convoys::all_ids(&Home::of(environment))?;
    ids.sort();
    ids.retain(|id| match read_state(&Home::of(environment).convoy(id)) {
        Ok(state) => !state.ended() || hooks::are_due(&Home::of(environment).convoy(id), &state),
        Err(base::Error::State { source: StateProblem::Legacy | StateProblem::Newer { .. }, .. }) => false,
        Err(_) => true,
    });
    Ok(ids)
}

fn resume_one(environment: &Environment, id: &ConvoyId, watch: Watch) -> base::Result<()> {
    let dir = Home::of(environment).convoy(id);
    let (state, restored) = match read_state(&dir) {
        Ok(state) => (state, false),
        Err(error @ base::Error::State { source: StateProblem::Torn { .. }, .. }) => {
            restore(&dir, error)?;
            (read_state(&dir)?, true)
        }
        Err(error) => return Err(error),
    };
    if state.ended() && hooks::are_due(&dir, &state) {
        // Whoever runs them is not run twice at the same time.
        scheduler::hooks::start(&dir, &scheduler::hooks::program(environment)?)?;
        program::tell(&format!("{id} has ended; its hooks are run"));
        return Ok(());
    }
    if state.ended() {
        program::tell(&format!("{id} has ended"));
        return Ok(());
    }
    // What a watcher could not take up is said here.
    scheduler::check(&dir, &state)?;
    claim::check_file_system(&dir.dir())?;
    // A watcher there is now may know a later state than the restored one, and
    // be about to leave.
    match watch_lock::watcher(&dir)? {
        Watcher::UntilTheEnd(pid) if !restored => {
            program::tell(&format!("{id} is being watched, by process {pid}"));
            return Ok(());
        }
        Watcher::Stopped(pid) => {
            program::tell(&format!(
                "convoy-ctl: its watcher, process {pid}, is stopped; another one takes over"
            ));
        }
        Watcher::UntilTheEnd(_) | Watcher::Briefly | Watcher::Nobody => {}
    }
    if let Some(warning) = start_watcher(environment, id, watch)? {
        program::tell(&format!("convoy-ctl: {warning}"));
    }
    program::tell(&format!("watcher started for {id}"));
    Ok(())
}

/// Falls back to the last state known to have been on the disk, aloud. The torn
/// one is kept beside it.
fn restore(dir: &ConvoyDir, torn: base::Error) -> base::Result<()> {
    let _held = lock::lock(&dir.lock())?;
    let path = dir.state();
    let synced = dir.synced();
    let Some(bytes) = files::read_if_there(&synced)? else { return Err(torn) };
    parse_state(&bytes, &text::path(&synced))
        .map_err(|source| base::Error::State { id: dir.id().to_string(), source })?;
    let aside = dir.torn();
    fs::rename(&path, &aside).context("set aside", &path)?;
    files::replace(&path, &dir.dir(), &bytes, Sync::Now)?;
    let at = Clock::open()?.now()?.wall;
    let event =
        Event { at, event: What::StateRestored, role: None, attempt: None, reason: None, detail: None };
    journal::append(&dir.events(), &[event])?;
    program::tell(&format!(
        "convoy-ctl: the state of {} was torn; went back to the last one known to be whole ({} kept)",
        dir.id(),
        text::path(&aside)
    ));
    Ok(())
}
