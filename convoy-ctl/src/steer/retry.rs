//! `retry` and `synthesize`: the only ways to re-open an ended convoy (P7).

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use base::clock::Clock;
use base::environment::Environment;
use base::error::{Doing, chain};
use base::exit::Exit;
use base::ids::{ConvoyId, Role};
use base::program::{self, Failure};
use base::{files, host};
use planning::config::Config;
use planning::diagnostic;
use planning::project_git::{self, Made};
use protocol::checkout;
use protocol::layout::{ConvoyDir, Home};
use protocol::plan::Plan;
use protocol::state::State;
use protocol::store::{Store, encode, read_state};
use protocol::watch_lock::Watch;
use protocol::{agent_environment, claim, retry, room};
use scheduler::start_watcher::launch_and_watch;

/// Runs an agent again (or all that failed), and what depends on it.
pub(crate) fn retry(
    environment: &Environment,
    id: &ConvoyId,
    role: Option<&str>,
    timeout: Option<Duration>,
    watch: Option<Watch>,
) -> Result<Exit> {
    run_again(environment, id, watch, |plan, state| match role {
        Some(role) => {
            let role = known_role(plan, id, role)?;
            Ok(Chosen { roles: BTreeSet::from([role]), timeout })
        }
        None => {
            let failed = retry::failed(state);
            if failed.is_empty() {
                return Err(Failure::new(Exit::Usage, format!("nothing failed in {id}"))
                    .hint(format!("name the agent to run again: pan convoy retry {} ROLE", id.short())));
            }
            Ok(Chosen { roles: failed, timeout })
        }
    })
}

/// Who runs again, besides all that depend on them, and for how long at most from then on.
struct Chosen {
    roles: BTreeSet<Role>,
    timeout: Option<Duration>,
}

/// Writes the final report (again) from whatever reviews exist.
pub(crate) fn synthesize(environment: &Environment, id: &ConvoyId, watch: Option<Watch>) -> Result<Exit> {
    run_again(environment, id, watch, |plan, state| {
        let roles = retry::syntheses(plan);
        if roles.is_empty() {
            let message = format!("template '{}' has no agent that writes a synthesis", plan.template);
            return Err(Failure::new(Exit::Usage, message)
                .hint(format!("pan convoy output {} prints what there is", id.short())));
        }
        let has_input = state.agents.iter().any(|agent| agent.is_completed() && !roles.contains(&agent.role));
        if !has_input {
            return Err(Failure::new(Exit::No, format!("{id} has no report to make a synthesis from"))
                .hint(format!("run the reviewers again: pan convoy retry {}", id.short())));
        }
        Ok(Chosen { roles, timeout: None })
    })
}

pub(super) fn known_role(plan: &Plan, id: &ConvoyId, role: &str) -> Result<Role, Failure> {
    plan.agents.iter().map(|agent| &agent.role).find(|known| known.as_str() == role).cloned().ok_or_else(
        || {
            let roles: Vec<&str> = plan.agents.iter().map(|agent| agent.role.as_str()).collect();
            let message = format!("{id} has no agent '{}'", base::text::visible(role));
            Failure::new(Exit::NotFound, message).hint(format!("it has {}", roles.join(", ")))
        },
    )
}

fn run_again(
    environment: &Environment,
    id: &ConvoyId,
    watch: Option<Watch>,
    choose: impl FnOnce(&Plan, &State) -> Result<Chosen, Failure>,
) -> Result<Exit> {
    let watch = match watch {
        Some(watch) => watch,
        None => Config::load(&Home::of(environment))?.watch.unwrap_or(Watch::Detach),
    };
    let dir = Home::of(environment).convoy(id);
    let mut store = Store::new(dir.clone());
    let made = checkout_again(environment, &dir)?;
    let reopened = reopen_state(environment, &dir, &mut store, choose);
    drop(made);
    match reopened {
        Ok(true) => {}
        reopened => {
            checkout::release(&Home::of(environment), id)?;
            return reopened.map(|_| Exit::NotFound);
        }
    }
    let launched =
        launch_and_watch(environment, id, watch).and_then(|warning| store.sync().map(|()| warning));
    program::print(&format!("{id}\n"))?;
    match launched {
        Ok(warning) => {
            if let Some(warning) = warning {
                program::tell(&format!("convoy-ctl: {warning}"));
            }
            Ok(Exit::Done)
        }
        Err(error) => {
            let message = format!("{id} is open again and not on its way: {}", chain(&error));
            Err(Failure::new(Exit::No, message)
                .hint(format!("go on with it: pan convoy resume {}", id.short()))
                .into())
        }
    }
}

/// A commit under review is checked out for as long as its convoy runs.
fn checkout_again(environment: &Environment, dir: &ConvoyDir) -> Result<Option<Made>> {
    if !read_state(dir)?.ended() {
        return Ok(None);
    }
    let plan = Plan::read(dir)?;
    if plan.checkout.is_none() {
        return Ok(None);
    }
    let made = project_git::check_out(environment, &plan);
    Ok(Some(made.map_err(|problem| diagnostic::failure(&[problem], "nothing was run"))?))
}

/// False: the convoy is gone.
fn reopen_state(
    environment: &Environment,
    dir: &ConvoyDir,
    store: &mut Store,
    choose: impl FnOnce(&Plan, &State) -> Result<Chosen, Failure>,
) -> Result<bool> {
    let mut held = store.hold()?;
    let Some(state) = held.state() else { return Ok(false) };
    if !state.ended() {
        let doing = if state.stopping.is_some() { Doing::Stopping } else { Doing::Running };
        return Err(base::Error::Busy { id: dir.id().to_string(), doing }.into());
    }
    let plan = Plan::read(dir)?;
    claim::check_file_system(&dir.dir())?;
    let Chosen { roles: chosen, timeout } = choose(&plan, state)?;
    let roles = retry::with_dependents(&plan, &chosen);
    let now = Clock::open()?.now()?;
    let mut next = retry::reopen(state, &plan, &roles, &now, &host::name());
    if let Some(timeout) = timeout {
        retry::give_time(&mut next, &chosen, timeout.as_millis() as u64);
    }
    room::set_aside(dir, &next, plan.still_to_come(), encode(&next, dir)?.len())?;
    // Before the state says "running": a scheduler may launch at once.
    let reopened =
        agent_environment::renew(dir, environment, &plan).and_then(|()| held.replace(next, now.wall));
    if let Err(error) = reopened {
        // It has still ended: no secret stays.
        files::remove_if_there(&dir.env())?;
        return Err(error.into());
    }
    let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
    program::tell(&format!("running again: {}", names.join(", ")));
    Ok(true)
}
