//! Re-opening an ended convoy: `retry` and `synthesize` (P7). Pure.

use std::collections::BTreeSet;

use base::clock::Now;
use base::ids::Role;

use crate::plan::{AgentPlan, Plan, ReportKind};
use crate::state::{Clock, ConvoyStatus, State};

/// The agents that failed, by role.
pub fn failed(state: &State) -> BTreeSet<Role> {
    let failed = state.agents.iter().filter(|agent| agent.is_failed());
    failed.map(|agent| agent.role.clone()).collect()
}

/// The agents that write the final report.
pub fn syntheses(plan: &Plan) -> BTreeSet<Role> {
    let agents = plan.agents.iter().filter(|agent| agent.report == ReportKind::Synthesis);
    agents.map(|agent| agent.role.clone()).collect()
}

/// These roles and all that depend on them, directly or not: a stage on its agents. The
/// agents of a stage are not among them: what they are for stays what it is, and what is
/// new gets agents of its own.
pub fn with_dependents(plan: &Plan, roles: &BTreeSet<Role>) -> BTreeSet<Role> {
    let mut all = roles.clone();
    loop {
        let more: Vec<Role> = plan
            .agents
            .iter()
            .filter(|agent| {
                let is_one_of_its = |other: &AgentPlan| {
                    other.group.as_ref() == Some(&agent.role) && all.contains(&other.role)
                };
                let depends = agent.depends_on.iter().any(|dep| all.contains(dep));
                let is_stage = agent.fan_out.is_some();
                !all.contains(&agent.role)
                    && ((depends && plan.stage_of(agent).is_none())
                        || (is_stage && plan.agents.iter().any(is_one_of_its)))
            })
            .map(|agent| agent.role.clone())
            .collect();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// The ended convoy running again, these agents pending with their counters
/// reset. Attempt numbers go on: they never repeat (P3).
///
/// The convoy is from then on one of the machine it is re-opened on.
pub fn reopen(state: &State, plan: &Plan, roles: &BTreeSet<Role>, now: &Now, host: &str) -> State {
    let mut next = state.clone();
    host.clone_into(&mut next.host);
    next.status = ConvoyStatus::Running;
    next.reason = None;
    next.completed_at = None;
    next.stopping = None;
    next.clock = Clock { at: now.moment.clone(), elapsed_ms: 0, parked_ms: 0, queued_ms: 0 };
    for agent in next.agents.iter_mut().filter(|agent| roles.contains(&agent.role)) {
        if let Some(planned) = plan.agent(&agent.role) {
            *agent = agent.anew(&next.id, planned).into();
        }
    }
    next
}

/// These agents have another time for each of their attempts from then on.
pub fn give_time(state: &mut State, roles: &BTreeSet<Role>, timeout_ms: u64) {
    for agent in state.agents.iter_mut().filter(|agent| roles.contains(&agent.role)) {
        agent.timeout_ms = Some(timeout_ms);
    }
}
