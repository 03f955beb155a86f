//! `wait`: until convoys have ended; the exit code says whether they ended well, and
//! of a review the verdict is told.

use std::time::{Duration, Instant};

use anyhow::Result;
use base::called::as_typed;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::inotify::ConvoyWatch;
use base::program;
use findings::verdict::Verdict;
use protocol::checkout;
use protocol::layout::{ConvoyDir, Home};
use protocol::outcome::Reason;
use protocol::plan::Plan;
use protocol::state::{ConvoyStatus, State};
use protocol::store::read_state;
use protocol::{owner, reasons, watch_lock};
use verdict::Judgement;

/// Behind the notifications: the state is read again at least this often.
const SWEEP: Duration = Duration::from_secs(30);
/// A watcher that was just left has taken the convoy up after this.
const TAKE_OVER: Duration = Duration::from_secs(2);

/// Where the verdicts of reviews are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tell {
    /// A line each on standard output.
    Out,
    /// On standard error: the output is another program's.
    Err,
    /// The caller does.
    Nowhere,
}

/// Waits for each convoy; the worst end counts. `timeout` is for all together.
pub(crate) fn wait(
    environment: &Environment,
    ids: &[ConvoyId],
    timeout: Option<Duration>,
    tell: Tell,
) -> Result<Exit> {
    let until = timeout.map(|timeout| Instant::now() + timeout);
    let mut exit = Exit::Done;
    for id in ids {
        let Some(state) = wait_for(environment, id, until)? else {
            program::tell(&format!("convoy-ctl: {id} has not ended in time; it goes on"));
            return Ok(Exit::TimedOut);
        };
        if state.status != ConvoyStatus::Completed {
            program::tell(&why(&state));
        }
        // Its scheduler is at it as well: who waited finds it gone.
        if owner::check(&Home::of(environment)).is_ok()
            && let Err(error) = checkout::release(&Home::of(environment), id)
        {
            program::report(crate::NAME, &error.into());
        }
        let judged = judgement(environment, &state);
        if let Some(line) = told(&judged) {
            let line = format!("{id}: {line}");
            match tell {
                Tell::Out => program::print(&format!("{line}\n"))?,
                Tell::Err => program::tell(&line),
                Tell::Nowhere => {}
            }
        }
        exit = worse(exit, how_it_ended(&state, &judged));
    }
    Ok(exit)
}

/// What a review came to; `None`: it is none. Without its plan nobody can tell.
pub(crate) type Judged = base::Result<Option<Judgement>>;

pub(crate) fn judgement(environment: &Environment, state: &State) -> Judged {
    let dir = Home::of(environment).convoy(&state.id);
    Ok(verdict::of_convoy(&dir, &Plan::read(&dir)?, state))
}

/// The verdict in a line, if there is one to be told.
pub(crate) fn told(judged: &Judged) -> Option<String> {
    match judged {
        Ok(judged) => judged.as_ref().map(Judgement::line),
        Err(error) => Some(format!("no verdict: {}", base::error::chain(error))),
    }
}

/// The exit code an ended convoy stands for. Changes that are wanted are no failure
/// of the convoy; that there is no verdict is.
pub(crate) fn how_it_ended(state: &State, judged: &Judged) -> Exit {
    let is_open = match judged {
        Ok(judged) => judged.as_ref().is_some_and(|judged| judged.verdict == Verdict::Commented),
        Err(_) => true,
    };
    match state.status {
        ConvoyStatus::Completed if is_open => Exit::Partial,
        ConvoyStatus::Running | ConvoyStatus::Completed => Exit::Done,
        ConvoyStatus::Partial => Exit::Partial,
        ConvoyStatus::Failed => Exit::No,
    }
}

/// For people: what an exit code alone does not say.
fn why(state: &State) -> String {
    let failed = state.agents.iter().filter_map(|agent| {
        let reason = reasons::reason(agent.reason()?, agent.detail());
        (agent.is_failed()).then(|| format!("; {}: {reason}", agent.role))
    });
    let status = match (state.status, state.reason) {
        (ConvoyStatus::Partial, _) => "ended in part",
        (ConvoyStatus::Failed, Some(Reason::Stopped)) => "was stopped",
        (ConvoyStatus::Failed, _) => "failed",
        (ConvoyStatus::Running | ConvoyStatus::Completed, _) => "ended",
    };
    let failed: String = if state.reason == Some(Reason::Stopped) { String::new() } else { failed.collect() };
    let hint = format!("pan convoy status {}", state.id.short());
    format!("convoy-ctl: {} {status}{failed}\nhint: {}", state.id, as_typed(&hint))
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
    let dir = Home::of(environment).convoy(id);
    // Readable first: a wrong id is an error, not a wait.
    read_state(&dir)?;
    let mut watch = ConvoyWatch::new(dir.dir());
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
        program::tell(&format!("convoy-ctl: {trouble}"));
        program::hint(&format!("pan convoy resume {}", dir.id().short()));
    }
    Ok(())
}
