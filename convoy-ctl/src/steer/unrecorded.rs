//! A stop that cannot be written down (P7): the disk is full and no room was set
//! aside, or it can only be read. What runs is ended all the same.

use std::path::Path;
use std::time::{Duration, Instant};

use base::host::{Here, Sight};
use base::ids::Role;
use base::poll::wait_readable;
use base::process::Remains;
use base::{IoContext, Result, lock};
use protocol::claim::{self, AttemptFact, Owner, Tree};
use protocol::layout::{AttemptFiles, ConvoyDir};
use protocol::state::State;
use rustix::process::Signal;
use scheduler::SUPERVISOR_SLACK_MS;

/// Between two looks at the claims.
const LOOK: Duration = Duration::from_millis(50);
const REAP_LIMIT: Duration = Duration::from_secs(5);

/// Ends the processes of all running attempts. Returns, by role, what could not be.
pub(super) fn end_trees(dir: &ConvoyDir, state: &State, here: &Here, grace: Duration) -> Vec<(Role, String)> {
    let attempts: Vec<_> = state
        .agents
        .iter()
        .filter(|agent| agent.is_running())
        .map(|agent| (agent.role.clone(), dir.attempt(&agent.role, agent.attempt)))
        .collect();
    let mut failed = Vec::new();
    for (role, files) in &attempts {
        if let Err(error) = ask(files, state, here) {
            failed.push((role.clone(), base::error::chain(&error)));
        }
    }
    let until = Instant::now() + 2 * grace + Duration::from_millis(SUPERVISOR_SLACK_MS);
    for (role, files) in &attempts {
        match end(files, state, here, until) {
            Ok(None) => {}
            Ok(Some(what)) => failed.push((role.clone(), what)),
            Err(error) => failed.push((role.clone(), base::error::chain(&error))),
        }
    }
    failed
}

/// Asks a supervisor to end, and sees to it that what has none gets none.
fn ask(files: &AttemptFiles, state: &State, here: &Here) -> Result<()> {
    match claim::read_attempt(files, Tree::Unknown)? {
        AttemptFact::Unclaimed => claim::void(files).map(drop),
        AttemptFact::Held(owner) if owner.sight(here, &state.host) == Sight::Clear => {
            signal(&owner, &[Signal::TERM, Signal::CONT])
        }
        _ => Ok(()),
    }
}

fn signal(owner: &Owner, signals: &[Signal]) -> Result<()> {
    owner.process.signal(signals).context("signal", Path::new(&format!("/proc/{}", owner.process.pid)))
}

/// Waits for a supervisor's end, insists on it when the time is over, and ends
/// what it left. In words what is not known to be gone.
fn end(files: &AttemptFiles, state: &State, here: &Here, until: Instant) -> Result<Option<String>> {
    let hidden = || Ok(Some("it may run where it cannot be seen from here".to_owned()));
    if let AttemptFact::Held(owner) = claim::read_attempt(files, Tree::Unknown)? {
        if owner.sight(here, &state.host) != Sight::Clear {
            return hidden();
        }
        let mut killed = false;
        while lock::is_locked(&files.started())? {
            if Instant::now() >= until + REAP_LIMIT {
                return Ok(Some(format!("process {} does not end", owner.process.pid)));
            }
            if Instant::now() >= until && !killed {
                signal(&owner, &[Signal::KILL])?;
                killed = true;
            }
            wait_readable(&[], Some(LOOK));
        }
    }
    let AttemptFact::Gone { owner, .. } = claim::read_attempt(files, Tree::Unknown)? else { return Ok(None) };
    match owner.sight(here, &state.host) {
        Sight::Over => Ok(None),
        Sight::Hidden => hidden(),
        Sight::Clear => {
            let remains = Remains { token: &owner.token, session: owner.command };
            let left = remains.reap(REAP_LIMIT).context("look for processes in", Path::new("/proc"))?;
            let pids: Vec<String> = left.iter().map(|process| process.pid.to_string()).collect();
            Ok((!pids.is_empty()).then(|| format!("not to be killed: process {}", pids.join(", "))))
        }
    }
}
