//! `stop`: when it returns 0, no command of the convoy's attempts runs or can
//! start (P7).

use std::time::{Duration, Instant};

use anyhow::Result;
use shared::attend::{Attended, Left, attend};
use shared::crash::{self, Point};
use shared::engine::{Engine, Programs};
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::ids::ConvoyId;
use shared::now::Clock;
use shared::state::{AgentStatus, Stopping};
use shared::step::SUPERVISOR_SLACK_MS;
use shared::store::Store;

/// On top of the time in which everything must be dead.
const PATIENCE: Duration = Duration::from_secs(20);

/// Stops a convoy; one that has ended is a quiet success.
pub(crate) fn stop(environment: &Environment, id: &ConvoyId, grace: Duration) -> Result<Exit> {
    let grace_ms = u64::try_from(grace.as_millis())?;
    if !mark_stopping(environment, id, grace_ms)? {
        return Ok(Exit::Done);
    }
    crash::at(Point::StopMarked);
    let programs = Programs::find(environment)?;
    let mut attended = [Attended::beside(Engine::open(&environment.home, id, &programs)?)];
    let limit = 2 * grace + Duration::from_millis(SUPERVISOR_SLACK_MS) + PATIENCE;
    let left = attend(&mut attended, &Engine::ended, Some(Instant::now() + limit))?;
    let [attended] = &attended;
    match left {
        Left::Done => {
            frame::tell(&format!("stopped {id}"));
            Ok(Exit::Done)
        }
        Left::TimedOut => Err(not_stopped(attended.engine(), id).into()),
    }
}

/// P7: from here on no intent is stored. False: there is nothing to stop.
fn mark_stopping(environment: &Environment, id: &ConvoyId, grace_ms: u64) -> Result<bool> {
    let now = Clock::open()?.now()?;
    let mut store = Store::new(environment.home.convoy(id));
    let mut held = store.hold()?;
    let Some(state) = held.state() else { return Ok(false) };
    if state.ended() {
        return Ok(false);
    }
    if state.stopping.is_none() {
        let mut next = state.clone();
        next.stopping = Some(Stopping { since: now.moment, grace_ms });
        held.replace(next, now.wall)?;
    }
    Ok(true)
}

fn not_stopped(engine: &Engine, id: &ConvoyId) -> Failure {
    let agents = engine.state().into_iter().flat_map(|state| &state.agents);
    let alive: Vec<&str> = agents
        .filter(|agent| agent.status == AgentStatus::Running)
        .map(|agent| agent.role.as_str())
        .collect();
    let pids: Vec<String> = engine.unkillable().iter().map(|process| process.pid.to_string()).collect();
    let mut message = format!("{id} is not stopped: {} still runs", alive.join(", "));
    if !pids.is_empty() {
        message += "; not to be killed: process ";
        message += &pids.join(", ");
    }
    Failure::new(Exit::No, message).hint(format!("the stop goes on with: convoy-ctl resume {}", id.short()))
}
