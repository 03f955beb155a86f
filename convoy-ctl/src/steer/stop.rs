//! `stop`: when it returns 0, no command of the convoy's attempts runs or can
//! start (P7).

use std::time::{Duration, Instant};

use anyhow::Result;
use base::clock::Clock;
use base::crash::{self, Point};
use base::environment::Environment;
use base::error::chain;
use base::exit::Exit;
use base::host::Here;
use base::ids::{ConvoyId, Role};
use base::program::{self, Failure};
use protocol::agent::Agent;
use protocol::claim::{self, AttemptFact, Tree};
use protocol::layout::Home;
use protocol::state::{State, Stopping};
use protocol::store::{Store, read_state};
use scheduler::SUPERVISOR_SLACK_MS;
use scheduler::event_loop::{self, Left, Task};
use scheduler::{Programs, Purpose, Scheduler};

use super::unrecorded::end_trees;

/// On top of the time in which everything must be dead.
const PATIENCE: Duration = Duration::from_secs(20);

/// Stops a convoy; one that has ended is a quiet success. With `force` what
/// cannot be seen from here is taken for gone.
pub(crate) fn stop(environment: &Environment, id: &ConvoyId, grace: Duration, force: bool) -> Result<Exit> {
    if end(environment, id, grace, force)? {
        program::tell(&format!("stopped {id}"));
    }
    Ok(Exit::Done)
}

/// Ends every process of a convoy. False: it had ended already.
pub(crate) fn end(environment: &Environment, id: &ConvoyId, grace: Duration, force: bool) -> Result<bool> {
    let grace_ms = u64::try_from(grace.as_millis())?;
    let here = Here::look()?;
    let state = read_state(&Home::of(environment).convoy(id))?;
    if state.ended() {
        return Ok(false);
    }
    if !force && here.is_foreign(&state.host, &state.clock.at.boot) {
        return Err(foreign(&state, &here).into());
    }
    match mark_stopping(environment, id, grace_ms) {
        Ok(true) => {}
        Ok(false) => return Ok(false),
        Err(error) => {
            if !end_unrecorded(environment, &state, &here, (grace, grace_ms), &error)? {
                return Ok(false);
            }
        }
    }
    crash::at(Point::StopMarked);
    let programs = Programs::find(environment)?;
    let scheduler = Scheduler::open(&Home::of(environment), id, &programs, Purpose::Stop { force })?;
    let mut tasks = [Task::beside(scheduler)];
    let limit = 2 * grace + Duration::from_millis(SUPERVISOR_SLACK_MS) + PATIENCE;
    let until = Instant::now() + limit;
    let left = event_loop::run(
        &mut tasks,
        &|scheduler| scheduler.ended() || (!force && stuck(scheduler).is_some()),
        Some(until),
    );
    let [task] = &tasks;
    let scheduler = task.scheduler();
    if !scheduler.assumed().is_empty() {
        program::tell(&format!(
            "convoy-ctl: not proved: whether processes of {} still run somewhere else",
            names(scheduler.assumed())
        ));
    }
    match left {
        Ok(Left::Done) if scheduler.ended() => Ok(true),
        Ok(_) => Err(not_stopped(scheduler, id).into()),
        Err(error) => Err(error.into()),
    }
}

fn foreign(state: &State, here: &Here) -> base::Error {
    base::Error::Elsewhere {
        id: state.id.clone(),
        host: base::text::visible(&state.host),
        here: here.host().to_owned(),
    }
}

/// P7: from here on no intent is stored. False: there is nothing to stop.
fn mark_stopping(environment: &Environment, id: &ConvoyId, grace_ms: u64) -> base::Result<bool> {
    let now = Clock::open()?.now()?;
    let mut store = Store::new(Home::of(environment).convoy(id));
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

/// Who is out of sight, if that is all that is left: nothing that could be waited
/// for changes it. What cannot be looked at now is waited for.
fn stuck(scheduler: &Scheduler) -> Option<Vec<Role>> {
    let running = scheduler.state().into_iter().flat_map(|state| &state.agents);
    let running = running.filter(|agent| agent.is_running()).count();
    scheduler.out_of_sight().ok().filter(|hidden| running > 0 && hidden.len() == running)
}

fn not_stopped(scheduler: &Scheduler, id: &ConvoyId) -> Failure {
    if let Some(hidden) = stuck(scheduler) {
        let message = format!(
            "{id} is not stopped: the supervisor of {} is gone, and whether its processes are cannot be seen from here",
            names(&hidden)
        );
        return Failure::new(Exit::No, message).hint(format!(
            "stop it where it was started; if that place is gone: pan convoy stop --force {}",
            id.short()
        ));
    }
    if let Some((role, why)) = scheduler.unproved().first() {
        let message = format!("{id} is not stopped: {why}, and the task of {role} may still run there");
        return Failure::new(Exit::No, message).hint(format!(
            "the stop goes on by itself once that is known; if that node is dead: pan convoy fence {} {role}",
            id.short()
        ));
    }
    let alive = alive(scheduler);
    let pids: Vec<String> = scheduler.unkillable().iter().map(|process| process.pid.to_string()).collect();
    let mut message = if alive.is_empty() {
        format!("nothing of {id} runs, but its end could not be written down")
    } else {
        format!("{id} is not stopped: {} still runs", names(&alive))
    };
    if !pids.is_empty() {
        message += "; not to be killed: process ";
        message += &pids.join(", ");
    }
    Failure::new(Exit::No, message).hint(format!("the stop goes on with: pan convoy resume {}", id.short()))
}

/// Agents that are not known to be over; what the claims say counts, as the state
/// may be the last that could be written.
fn alive(scheduler: &Scheduler) -> Vec<Role> {
    let agents = scheduler.state().into_iter().flat_map(|state| &state.agents);
    let running = agents.filter(|agent| agent.is_running());
    let over = |agent: &Agent| {
        let fact = claim::read_attempt(&scheduler.dir().attempt(&agent.role, agent.attempt), Tree::Unknown);
        matches!(fact, Ok(AttemptFact::Ended(..) | AttemptFact::Void))
    };
    running.filter(|agent| !over(agent)).map(|agent| agent.role.clone()).collect()
}

fn names(roles: &[Role]) -> String {
    roles.iter().map(Role::as_str).collect::<Vec<_>>().join(", ")
}

/// The stop could not be written down: what runs is ended first, which may give
/// the room that is missing. True: it could be written after all.
fn end_unrecorded(
    environment: &Environment,
    state: &State,
    here: &Here,
    (grace, grace_ms): (Duration, u64),
    error: &base::Error,
) -> Result<bool> {
    let id = &state.id;
    program::tell(&format!(
        "convoy-ctl: the stop cannot be written down ({}); ending what runs",
        chain(error)
    ));
    let failed = end_trees(&Home::of(environment).convoy(id), state, here, grace);
    match mark_stopping(environment, id, grace_ms) {
        Ok(stopping) => Ok(stopping),
        Err(error) => {
            let what: Vec<String> = failed.iter().map(|(role, why)| format!("{role}: {why}")).collect();
            let ended = if what.is_empty() {
                format!("every process of {id} was ended")
            } else {
                format!("not every process of {id} was ended ({})", what.join("; "))
            };
            let message =
                format!("{ended}, but that it is to stop could not be written down: {}", chain(&error));
            Err(Failure::new(Exit::No, message)
                .hint(format!(
                    "until then it goes on when it is resumed: pan convoy stop {} again",
                    id.short()
                ))
                .into())
        }
    }
}
