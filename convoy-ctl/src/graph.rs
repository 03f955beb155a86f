//! `graph`: the plan as a picture.

use std::fmt::Write as _;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::{ConvoyId, Role};
use base::program;
use base::style::Style;
use protocol::layout::Home;
use protocol::outcome::AgentStatus;
use protocol::plan::{AgentPlan, Plan};
use protocol::state::State;
use protocol::store::read_state;

use crate::cli::GraphFormat;
use crate::screen::status::word;

pub(crate) fn graph(environment: &Environment, id: &ConvoyId, format: GraphFormat) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let (state, plan) = (read_state(&dir)?, Plan::read(&dir)?);
    program::print(&match format {
        GraphFormat::Text => text(&plan, &state, &Style::of_stdout(environment)),
        GraphFormat::Mermaid => mermaid(&plan, &state),
        GraphFormat::Dot => dot(&plan, &state),
    })?;
    Ok(Exit::Done)
}

fn status(state: &State, role: &base::ids::Role) -> AgentStatus {
    state.agent(role).map_or(AgentStatus::Pending, protocol::agent::Agent::status)
}

fn text(plan: &Plan, state: &State, style: &Style) -> String {
    let mut out = String::new();
    for (n, phase) in plan.phases().iter().enumerate() {
        for (k, agent) in phase.iter().enumerate() {
            let number = if k == 0 { format!("{:>3}", n + 1) } else { "   ".to_owned() };
            let after: Vec<&str> = agent.depends_on.iter().map(base::ids::Role::as_str).collect();
            let after = match plan.stage_of(agent) {
                Some(origin) => format!("   of {}", origin.role),
                None if after.is_empty() => String::new(),
                None => format!("   after {}", after.join(", ")),
            };
            let made = agent.fan_out.as_ref().map(|fan_out| format!("   an agent {}", fan_out.told()));
            let after = after + &made.unwrap_or_default();
            let _ = writeln!(
                out,
                "{number}  {} {}{after}",
                style.mark(status(state, &agent.role).into()),
                agent.role
            );
        }
    }
    out
}

/// What an agent comes behind: the stage that it came out of, else what it depends on.
fn before<'a>(plan: &'a Plan, agent: &'a AgentPlan) -> Vec<&'a Role> {
    plan.stage_of(agent).map_or_else(|| agent.depends_on.iter().collect(), |stage| vec![&stage.role])
}

/// Roles are checked names (`[a-z0-9_-]`): nothing in them needs escaping.
fn mermaid(plan: &Plan, state: &State) -> String {
    let mut out = String::from("flowchart LR\n");
    let node = |role: &str| format!("n_{}", role.replace('-', "__"));
    for agent in &plan.agents {
        let role = agent.role.as_str();
        let _ = writeln!(out, "  {}[\"{role}\"]:::{}", node(role), word(status(state, &agent.role)));
        for dependency in before(plan, agent) {
            let _ = writeln!(out, "  {} --> {}", node(dependency.as_str()), node(role));
        }
    }
    out.push_str("  classDef completed fill:#d4f4dd\n  classDef failed fill:#f8d7da\n  classDef running fill:#cfe8fc\n  classDef pending fill:#f1f1f1\n");
    out
}

fn dot(plan: &Plan, state: &State) -> String {
    let mut out = format!("digraph \"{}\" {{\n  rankdir=LR\n  node [shape=box]\n", plan.id);
    for agent in &plan.agents {
        let colour = match status(state, &agent.role) {
            AgentStatus::Pending => "gray",
            AgentStatus::Running => "blue",
            AgentStatus::Completed => "green",
            AgentStatus::Failed => "red",
        };
        let _ = writeln!(out, "  \"{}\" [color={colour}]", agent.role);
        for dependency in before(plan, agent) {
            let _ = writeln!(out, "  \"{dependency}\" -> \"{}\"", agent.role);
        }
    }
    out.push_str("}\n");
    out
}
