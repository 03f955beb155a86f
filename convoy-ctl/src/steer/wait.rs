//! `wait`: until convoys have ended; the exit code is the verdict.

use std::time::{Duration, Instant};

use anyhow::Result;
use shared::checkout;
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame;
use shared::ids::ConvoyId;
use shared::inotify::ConvoyWatch;
use shared::layout::ConvoyDir;
use shared::owner;
use shared::state::{AgentStatus, ConvoyStatus, Reason, State};
use shared::store::read_state;
use shared::watch_lock;
use shared::words;

/// Behind the notifications: the state is read again at least this often.
const SWEEP: Duration = Duration::from_secs(30);
/// A watcher that was just left has taken the convoy up after this.
const TAKE_OVER: Duration = Duration::from_secs(2);

/// Waits for each convoy; the worst end counts. `timeout` is for all together.
pub(crate) fn wait(environment: &Environment, ids: &[ConvoyId], timeout: Option<Duration>) -> Result<Exit> {
    let until = timeout.map(|timeout| Instant::now() + timeout);
    let mut exit = Exit::Done;
    for id in ids {
        let Some(state) = wait_for(environment, id, until)? else {
            frame::tell(&format!("convoy-ctl: {id} has not ended in time; it goes on"));
            return Ok(Exit::TimedOut);
        };
        if state.status != ConvoyStatus::Completed {
            frame::tell(&why(&state));
        }
        // Its scheduler is at it as well: who waited finds it gone.
        if owner::check(&environment.home).is_ok()
            && let Err(error) = checkout::release(&environment.home, id)
        {
            frame::tell(&format!("convoy-ctl: {}", shared::error::chain(&error)));
        }
        exit = worse(exit, verdict(&state));
    }
    Ok(exit)
}

/// The exit code an ended convoy stands for.
pub(crate) fn verdict(state: &State) -> Exit {
    match state.status {
        ConvoyStatus::Running | ConvoyStatus::Completed => Exit::Done,
        ConvoyStatus::Partial => Exit::Partial,
        ConvoyStatus::Failed => Exit::No,
    }
}

/// For people: what an exit code alone does not say.
fn why(state: &State) -> String {
    let failed = state.agents.iter().filter_map(|agent| {
        let reason = words::reason(agent.reason?, agent.detail.as_deref());
        (agent.status == AgentStatus::Failed).then(|| format!("; {}: {reason}", agent.role))
    });
    let status = match (state.status, state.reason) {
        (ConvoyStatus::Partial, _) => "ended in part",
        (ConvoyStatus::Failed, Some(Reason::Stopped)) => "was stopped",
        (ConvoyStatus::Failed, _) => "failed",
        (ConvoyStatus::Running | ConvoyStatus::Completed, _) => "ended",
    };
    let failed: String = if state.reason == Some(Reason::Stopped) { String::new() } else { failed.collect() };
    format!("convoy-ctl: {} {status}{failed}\nhint: convoy-ctl status {}", state.id, state.id.short())
}

fn worse(a: Exit, b: Exit) -> Exit {
    let rank = |exit: Exit| match exit {
        Exit::Done => 0,
        Exit::Partial => 1,
        _ => 2,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// The state at the end; `None` if that is not reached in time.
fn wait_for(environment: &Environment, id: &ConvoyId, until: Option<Instant>) -> Result<Option<State>> {
    let dir = environment.home.convoy(id);
    // Readable first: a wrong id is an error, not a wait.
    read_state(&dir)?;
    let mut watch = ConvoyWatch::new(&dir);
    let begun = Instant::now();
    let mut told = false;
    loop {
        // P11: subscribed above, drained by the last wait, read now.
        let state = read_state(&dir)?;
        if state.ended() {
            return Ok(Some(state));
        }
        if !told && begun.elapsed() >= TAKE_OVER {
            told = true;
            tell_if_unwatched(&dir)?;
        }
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return Ok(None);
        }
        let limit = if told { SWEEP } else { TAKE_OVER };
        watch.wait(left.map_or(limit, |left| left.min(limit)));
    }
}

fn tell_if_unwatched(dir: &ConvoyDir) -> Result<()> {
    if let Some(trouble) = watch_lock::watcher(dir)?.trouble(dir.id()) {
        frame::tell(&format!("convoy-ctl: {trouble}"));
        frame::tell(&format!("hint: convoy-ctl resume {}", dir.id().short()));
    }
    Ok(())
}
