//! What is ready: dependencies, the merge they wait for, limits; and what never
//! will be.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Effect, MAX_MERGE_FAILURES, MergeFact, Mode, Stepper};
use base::ids::Role;
use protocol::agent::Phase;
use protocol::budget;
use protocol::outcome::{AgentStatus, Reason};
use protocol::plan::{AgentPlan, ReportKind, Require};
use protocol::state::{Merge, MergeStatus};

impl Stepper<'_> {
    /// Pending agents that will never run, and those that wait for no other one. True if
    /// one of the former was found.
    pub(super) fn settle_pending(&mut self, mode: Mode) -> bool {
        let mut changed = false;
        self.met.clear();
        let spent = self.plan.has_budget().then(|| budget::total(&self.state));
        for (index, agent_plan) in self.plan.agents.iter().enumerate() {
            let agent = self.state.agents.get(index).filter(|agent| agent.is_pending());
            let Some(agent) = agent else { continue };
            let costs = || agent_plan.fan_out.is_none() && !agent.invocation(agent_plan).static_only;
            let is_used_up = |spent| costs() && budget::is_used_up(self.plan, agent_plan, spent);
            let (reason, detail) = if let Some(reason) = mode.reason() {
                (reason, None)
            } else if spent.as_ref().is_some_and(is_used_up) {
                (Reason::Budget, Some("the convoy's".to_owned()))
            } else {
                match self.dependencies(index, agent_plan) {
                    Dependencies::Waiting => continue,
                    Dependencies::Met => {
                        self.met.push(index);
                        continue;
                    }
                    Dependencies::Unmet { missing } => (Reason::Dependencies, Some(missing)),
                }
            };
            self.fail(index, reason, detail);
            changed = true;
        }
        changed
    }

    fn dependencies(&self, index: usize, agent_plan: &AgentPlan) -> Dependencies {
        let mut completed = 0;
        let mut missing = Vec::new();
        for (role, on) in agent_plan.depends_on.iter().zip(self.plan.depends_on(index)) {
            match on.and_then(|on| Some(self.state.agents.get(on)?.status())) {
                Some(AgentStatus::Completed) => completed += 1,
                Some(AgentStatus::Failed) | None => missing.push(role.as_str()),
                Some(AgentStatus::Pending | AgentStatus::Running) => return Dependencies::Waiting,
            }
        }
        let total = agent_plan.depends_on.len();
        let needed = match agent_plan.require {
            Require::All => total,
            Require::Any => 1.min(total),
            Require::AtLeast(n) => (n as usize).min(total),
        };
        if completed >= needed {
            Dependencies::Met
        } else {
            Dependencies::Unmet { missing: format!("{} did not complete", missing.join(", ")) }
        }
    }

    pub(super) fn observe_merge(&mut self, k: u32, fact: &MergeFact) {
        let Some(merge) = &mut self.state.merge else {
            return;
        };
        if merge.k != k || merge.status != MergeStatus::Due {
            return;
        }
        match fact {
            MergeFact::Done { counts } => {
                merge.status = MergeStatus::Done;
                merge.counts = Some(counts.clone());
                merge.detail = None;
            }
            MergeFact::Failed { detail } => {
                merge.failures += 1;
                merge.detail = Some(detail.clone());
                if merge.failures >= MAX_MERGE_FAILURES {
                    merge.status = MergeStatus::Failed;
                }
            }
        }
    }

    /// Does it wait for nothing that another agent or a merge brings?
    pub(super) fn is_served(
        &self,
        index: usize,
        agent_plan: &AgentPlan,
        reviews: &BTreeMap<Role, u32>,
    ) -> bool {
        matches!(self.dependencies(index, agent_plan), Dependencies::Met)
            && self.merge_covers(&self.reviews_before(agent_plan, reviews))
    }

    /// The completed reviews, and the second looks at them that have ended: what a merge
    /// made now would be made from.
    pub(super) fn reviews(&self) -> BTreeMap<Role, u32> {
        let reviews = self.plan.reviews();
        let known = reviews.filter_map(|(index, plan)| Some((plan, self.state.agents.get(index)?)));
        known
            .filter(|(plan, agent)| match plan.report {
                ReportKind::Verification if plan.fan_out.is_some() => self.is_unlooked(plan, agent),
                _ if plan.fan_out.is_some() => false,
                ReportKind::Findings => agent.is_completed(),
                // That one has failed is told as well.
                ReportKind::Verification => agent.ended(),
                ReportKind::Any | ReportKind::Synthesis => false,
            })
            .map(|(_, agent)| (agent.role.clone(), agent.attempt))
            .collect()
    }

    /// Of the completed reviews, those an agent depends on, also those of a stage; for a
    /// synthesis, all.
    pub(super) fn reviews_before(
        &self,
        plan: &AgentPlan,
        reviews: &BTreeMap<Role, u32>,
    ) -> BTreeMap<Role, u32> {
        if plan.report == ReportKind::Synthesis {
            return reviews.clone();
        }
        let of = |role: &Role| reviews.get(role).map(|attempt| (role.clone(), *attempt));
        let planned = |role: &Role| self.plan.agents.get(self.plan.index_of(role)?);
        let stages = plan.depends_on.iter().filter_map(planned);
        let stages = stages.filter(|stage| stage.fan_out.is_some() && stage.report == ReportKind::Findings);
        let of_stages = stages.flat_map(|stage| {
            self.plan.agents.iter().filter(|agent| agent.group.as_ref() == Some(&stage.role))
        });
        plan.depends_on.iter().chain(of_stages.map(|agent| &agent.role)).filter_map(of).collect()
    }

    /// Is the merge settled, and made from at least these attempts?
    fn merge_covers(&self, wanted: &BTreeMap<Role, u32>) -> bool {
        wanted.is_empty()
            || self.state.merge.as_ref().is_some_and(|merge| {
                merge.status != MergeStatus::Due
                    && wanted.iter().all(|(role, attempt)| merge.of.get(role) == Some(attempt))
            })
    }

    /// Intends a merge when an agent that is otherwise ready waits for one, and
    /// at the end, whatever became of the agents behind it (P9).
    pub(super) fn decide_merge(&mut self) {
        let reviews = self.reviews();
        let all_ended = self.state.agents.iter().all(|agent| agent.ended());
        let wanted = (all_ended && !self.merge_covers(&reviews))
            || self.met.iter().any(|&index| {
                let agent_plan = &self.plan.agents[index];
                !self.merge_covers(&self.reviews_before(agent_plan, &reviews))
            });
        if wanted && self.state.merge.as_ref().is_none_or(|merge| merge.of != reviews) {
            let k = self.state.merge.as_ref().map_or(0, |merge| merge.k) + 1;
            self.state.merge = Some(Merge {
                k,
                of: reviews,
                status: MergeStatus::Due,
                failures: 0,
                detail: None,
                counts: None,
            });
        }
        if let Some(merge) = &self.state.merge
            && merge.status == MergeStatus::Due
        {
            self.effects.push(Effect::Merge { k: merge.k });
        }
    }

    /// Starts what is ready, as far as the limits allow. An exclusive agent
    /// (`parallel: false`) runs alone; nothing else looks at the order.
    pub(super) fn begin_ready(&mut self) {
        let reviews = self.reviews();
        let limits = self.limits();
        let mut running = self.state.agents.iter().filter(|agent| agent.is_running()).count();
        let is_running =
            |index: &usize| self.state.agents.get(*index).is_some_and(|agent| agent.is_running());
        let mut exclusive = self.plan.alone().iter().any(is_running);
        for index in std::mem::take(&mut self.met) {
            let agent_plan = &self.plan.agents[index];
            let is_stage = agent_plan.fan_out.is_some();
            if is_stage || !self.merge_covers(&self.reviews_before(agent_plan, &reviews)) {
                continue;
            }
            self.leave_limited(index, &limits);
            let credential = self.state.agents[index].invocation(agent_plan).credential();
            let limit = credential.and_then(|credential| limits.get(&credential));
            if let Some(until) = limit
                && let Phase::Pending(wait) = &mut self.state.agents[index].phase
            {
                wait.not_before = wait.not_before.max(Some(*until));
            }
            if !self.is_due(index) {
                continue;
            }
            let full = self.plan.max_parallel.is_some_and(|max| running >= max as usize);
            if full || exclusive || (!agent_plan.parallel && running > 0) {
                continue;
            }
            exclusive = !agent_plan.parallel;
            running += 1;
            self.begin(index);
        }
    }

    /// Is its backoff or rate limit over? If not, wakes when it is.
    fn is_due(&mut self, index: usize) -> bool {
        let agent = &self.state.agents[index];
        let backoff = agent
            .wait()
            .and_then(|wait| wait.backoff_until.as_ref())
            .filter(|until| until.boot == self.now.moment.boot)
            .map_or(0, |until| until.ms.saturating_sub(self.now.moment.ms));
        let parked = agent.not_before().map_or(0, |until| ms_between(self.now.wall, until));
        let wait = backoff.max(parked);
        if wait > 0 {
            self.wake_in(wait);
        }
        wait == 0
    }
}

enum Dependencies {
    Waiting,
    Met,
    Unmet { missing: String },
}

fn ms_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}
