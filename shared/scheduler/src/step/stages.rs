//! Stages: their agents come into being by what an earlier agent, or the merge, left.
//!
//! A stage is an agent that never runs. It is pending until all of its agents have ended,
//! and completed where there was nothing to look at. An expansion is intended first, then
//! made, and its agents join the state behind all others: no index changes its meaning.

use std::collections::BTreeMap;

use base::ids::Role;
use protocol::agent::{Agent, Completion, Phase};
use protocol::budget;
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, FanOut};
use protocol::state::{Expanded, ExpandedStatus, MergeStatus};

use super::{Effect, ExpansionFact, Stepper};

impl Stepper<'_> {
    /// Its agents join the state, pending.
    pub(super) fn observe_expansion(&mut self, index: usize, fact: &ExpansionFact) {
        let Some(expanded) = self.state.expansions.get(index) else { return };
        if expanded.status != ExpandedStatus::Due {
            return;
        }
        let (status, note) = match fact {
            ExpansionFact::Made { note } => (ExpandedStatus::Done, note.clone()),
            ExpansionFact::Failed { detail } => (ExpandedStatus::Failed, Some(detail.clone())),
        };
        let is_its = |agent: &&AgentPlan| agent.group.as_ref() == Some(&expanded.role);
        let new: Vec<&AgentPlan> = match status {
            ExpandedStatus::Done => {
                self.plan.agents.iter().skip(self.state.agents.len()).take_while(is_its).collect()
            }
            ExpandedStatus::Due | ExpandedStatus::Failed => Vec::new(),
        };
        let count = u32::try_from(new.len()).unwrap_or(u32::MAX);
        for plan in new {
            let first = &plan.invocation;
            let (role, subagent) = (plan.role.clone(), plan.subagent.clone());
            let (runner, model) = (first.runner.clone(), first.model.clone());
            let agent = Agent::new(&self.state.id, role, subagent, runner, model);
            self.state.agents.push(agent.into());
        }
        if let Some(expanded) = self.state.expansions.get_mut(index) {
            (expanded.status, expanded.agents, expanded.note) = (status, count, note);
        }
    }

    /// Stages that have ended: all of their agents have, or there will be none. True if
    /// one was found.
    pub(super) fn settle_stages(&mut self) -> bool {
        let mut changed = false;
        for (index, stage, fan_out) in self.plan.stages() {
            let is_pending = self.state.agents.get(index).is_some_and(|agent| agent.is_pending());
            if !is_pending || !self.is_served(index, stage, &self.reviews()) {
                continue;
            }
            match self.outcome(stage, fan_out) {
                None => continue,
                Some(Ok(detail)) => {
                    self.state.agents[index].phase = Phase::Completed(Completion {
                        at: Some(self.now.wall),
                        evidence: None,
                        output_file: None,
                        detail: Some(detail),
                    });
                }
                Some(Err((reason, detail))) => self.fail(index, reason, Some(detail)),
            }
            changed = true;
        }
        changed
    }

    /// What has become of a stage whose source is there; `None`: it goes on.
    fn outcome(&self, stage: &AgentPlan, fan_out: &FanOut) -> Option<Result<String, (Reason, String)>> {
        if fan_out.is_of_merge() && self.merge_failed() {
            return Some(Err((Reason::Items, "the merge of the reviews failed".to_owned())));
        }
        let last = self.state.expansions.iter().rfind(|one| one.role == stage.role)?;
        if last.of != self.source(stage, fan_out) || last.status == ExpandedStatus::Due {
            return None;
        }
        if last.status == ExpandedStatus::Failed {
            return Some(Err((Reason::Items, last.note.clone().unwrap_or_default())));
        }
        let planned = self.plan.agents.iter().zip(&self.state.agents);
        let own = planned.filter(|(plan, _)| plan.group.as_ref() == Some(&stage.role));
        let own: Vec<&Agent> = own.map(|(_, agent)| agent.as_ref()).collect();
        if !own.iter().all(|agent| agent.ended()) {
            return None;
        }
        let completed = own.iter().filter(|agent| agent.is_completed()).count();
        let note = last.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
        Some(match (own.len(), completed) {
            (0, _) => Ok(last.note.clone().unwrap_or_else(|| "there was nothing to do".to_owned())),
            (all, 0) => Err((Reason::Dependencies, format!("none of its {all} agents completed{note}"))),
            (all, completed) => Ok(format!("{completed} of {all} agents completed{note}")),
        })
    }

    /// Intends the agents of a stage whose source is there, one stage at a time: so the
    /// order of the agents in the plan is that of the state.
    pub(super) fn decide_expansion(&mut self) {
        let is_due = |one: &Expanded| one.status == ExpandedStatus::Due;
        if !self.state.expansions.iter().any(is_due) {
            let reviews = self.reviews();
            let next = self.plan.stages().find_map(|(index, stage, fan_out)| {
                let is_pending = self.state.agents.get(index).is_some_and(|agent| agent.is_pending());
                if !is_pending || !self.is_served(index, stage, &reviews) {
                    return None;
                }
                let of = self.source(stage, fan_out);
                let last = self.state.expansions.iter().rfind(|one| one.role == stage.role);
                (last.is_none_or(|last| last.of != of)).then(|| Expanded {
                    role: stage.role.clone(),
                    of,
                    merge: self.state.merge.as_ref().map(|merge| merge.k).filter(|_| fan_out.is_of_merge()),
                    paid: budget::paid(self.plan, stage, &self.state),
                    status: ExpandedStatus::Due,
                    agents: 0,
                    note: None,
                })
            });
            self.state.expansions.extend(next);
        }
        if let Some(expansion) = self.state.expansions.iter().position(is_due) {
            self.effects.push(Effect::Expand { expansion });
        }
    }

    /// Has a stage of second looks ended without anybody who looks, though there was what to
    /// look at? Then the merge is to say so.
    pub(super) fn is_unlooked(&self, stage: &AgentPlan, agent: &Agent) -> bool {
        let last = self.state.expansions.iter().rfind(|one| one.role == stage.role);
        let without = last.is_some_and(|last| {
            let nobody = last.paid.as_ref().is_some_and(|paid| paid.agents == 0);
            last.status == ExpandedStatus::Failed || nobody
        });
        without && agent.ended()
    }

    fn merge_failed(&self) -> bool {
        self.state.merge.as_ref().is_none_or(|merge| merge.status == MergeStatus::Failed)
    }

    /// The attempts that its items are taken from.
    fn source(&self, stage: &AgentPlan, fan_out: &FanOut) -> BTreeMap<Role, u32> {
        if fan_out.is_of_merge() {
            return self.reviews_before(stage, &self.reviews());
        }
        let planned = self.plan.agents.iter().zip(&self.state.agents);
        planned
            .filter(|(plan, agent)| is_source(plan, &fan_out.from) && agent.is_completed())
            .map(|(_, agent)| (agent.role.clone(), agent.attempt))
            .collect()
    }
}

/// Is this agent one of those that a stage takes its items from?
pub(crate) fn is_source(plan: &AgentPlan, from: &Role) -> bool {
    plan.fan_out.is_none() && (plan.role == *from || plan.group.as_ref() == Some(from))
}
