//! `retry` and `synthesize`: the only ways to re-open an ended convoy (P7).

use std::collections::BTreeSet;

use anyhow::Result;
use shared::agent_environment;
use shared::config::{Config, Watch};
use shared::environment::Environment;
use shared::error::chain;
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::hand_over::hand_over;
use shared::ids::{ConvoyId, Role};
use shared::now::Clock;
use shared::plan::Plan;
use shared::reopen;
use shared::state::{AgentStatus, State};
use shared::store::Store;

/// Runs an agent again (or all that failed), and what depends on it.
pub(crate) fn retry(
    environment: &Environment,
    id: &ConvoyId,
    role: Option<&str>,
    watch: Option<Watch>,
) -> Result<Exit> {
    run_again(environment, id, watch, |plan, state| match role {
        Some(role) => {
            let role = known_role(plan, id, role)?;
            Ok(reopen::with_dependents(plan, &BTreeSet::from([role])))
        }
        None => {
            let failed = reopen::failed(state);
            if failed.is_empty() {
                return Err(Failure::new(Exit::Usage, format!("nothing failed in {id}"))
                    .hint(format!("name the agent to run again: convoy-ctl retry {} ROLE", id.short())));
            }
            Ok(reopen::with_dependents(plan, &failed))
        }
    })
}

/// Writes the final report (again) from whatever reviews exist.
pub(crate) fn synthesize(environment: &Environment, id: &ConvoyId, watch: Option<Watch>) -> Result<Exit> {
    run_again(environment, id, watch, |plan, state| {
        let roles = reopen::syntheses(plan);
        if roles.is_empty() {
            let message = format!("template '{}' has no agent that writes a synthesis", plan.template);
            return Err(Failure::new(Exit::Usage, message));
        }
        let has_input = state
            .agents
            .iter()
            .any(|agent| agent.status == AgentStatus::Completed && !roles.contains(&agent.role));
        if !has_input {
            return Err(Failure::new(Exit::No, format!("{id} has no report to make a synthesis from"))
                .hint(format!("run the reviewers again: convoy-ctl retry {}", id.short())));
        }
        Ok(reopen::with_dependents(plan, &roles))
    })
}

fn known_role(plan: &Plan, id: &ConvoyId, role: &str) -> Result<Role, Failure> {
    plan.agents.iter().map(|agent| &agent.role).find(|known| known.as_str() == role).cloned().ok_or_else(
        || {
            let roles: Vec<&str> = plan.agents.iter().map(|agent| agent.role.as_str()).collect();
            let message = format!("{id} has no agent '{}'", shared::text::visible(role));
            Failure::new(Exit::NotFound, message).hint(format!("it has {}", roles.join(", ")))
        },
    )
}

fn run_again(
    environment: &Environment,
    id: &ConvoyId,
    watch: Option<Watch>,
    choose: impl FnOnce(&Plan, &State) -> Result<BTreeSet<Role>, Failure>,
) -> Result<Exit> {
    let watch = match watch {
        Some(watch) => watch,
        None => Config::load(&environment.home)?.watch.unwrap_or(Watch::Detach),
    };
    let dir = environment.home.convoy(id);
    let mut store = Store::new(dir.clone());
    {
        let mut held = store.hold()?;
        let Some(state) = held.state() else { return Ok(Exit::NotFound) };
        if !state.ended() {
            let what = if state.stopping.is_some() { "being stopped" } else { "still running" };
            return Err(shared::Error::Busy { id: id.to_string(), what }.into());
        }
        let plan = Plan::read(&dir)?;
        let roles = choose(&plan, state)?;
        let now = Clock::open()?.now()?;
        let next = reopen::reopen(state, &roles, &now);
        // Before the state says "running": a scheduler may launch at once.
        agent_environment::renew(&dir, environment, &plan)?;
        held.replace(next, now.wall)?;
        let names: Vec<&str> = roles.iter().map(Role::as_str).collect();
        frame::tell(&format!("running again: {}", names.join(", ")));
    }
    let handed_over = hand_over(environment, id, watch).and_then(|warning| store.sync().map(|()| warning));
    frame::print(&format!("{id}\n"))?;
    match handed_over {
        Ok(warning) => {
            warning.iter().for_each(|warning| frame::tell(&format!("convoy-ctl: {warning}")));
            Ok(Exit::Done)
        }
        Err(error) => {
            let message = format!("{id} is open again and not on its way: {}", chain(&error));
            Err(Failure::new(Exit::No, message)
                .hint(format!("go on with it: convoy-ctl resume {}", id.short()))
                .into())
        }
    }
}
