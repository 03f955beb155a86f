//! Which of its runners has an agent next.
//!
//! An agent stays with the runner that has it as long as that one's login can be
//! used, or will be before long. Else the first one of its chain has it whose login
//! can be; and while all of them are limited for long, the one that is limited
//! least. Nothing outside of the chain is ever taken.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::Stepper;
use super::attempts::paused_s;
use protocol::agent::{Agent, Phase, Wait};
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, Credential, Fallback};

/// Until when which login is limited.
pub(super) type Limits<'a> = HashMap<Credential<'a>, Timestamp>;

impl<'a> Stepper<'a> {
    /// Until when a credential is limited. A limit is the credential's, not the
    /// agent's: who would begin with the same one waits with those that met it, or
    /// goes on elsewhere as they did.
    pub(super) fn limits(&self) -> Limits<'a> {
        let mut limits = HashMap::new();
        let mut note = |credential: Option<Credential<'a>>, until: Option<Timestamp>| {
            if let (Some(credential), Some(until)) =
                (credential, until.filter(|until| *until > self.now.wall))
            {
                let known = limits.entry(credential).or_insert(until);
                *known = until.max(*known);
            }
        };
        let is_limited = |agent: &Agent| agent.not_before().is_some() || !agent.handovers.is_empty();
        let agents = self.plan.agents.iter().zip(&self.state.agents);
        for (agent_plan, agent) in agents.filter(|(_, agent)| is_limited(agent)) {
            let credential = agent.invocation(agent_plan).credential();
            note(credential, agent.not_before());
            let mut place = 0;
            for handover in &agent.handovers {
                note(agent_plan.invocation_at(place).credential(), handover.until);
                place = handover.place;
            }
        }
        limits
    }

    /// A pending agent whose login is limited for long has another one from here on,
    /// where its chain has a better one.
    pub(super) fn leave_limited(&mut self, index: usize, limits: &Limits<'a>) {
        let Some((agent_plan, fallback)) = self.chain_of(index) else { return };
        let agent = &self.state.agents[index];
        let place = agent.place();
        // One that states no end is waited for no longer in all than one that does.
        let waited = agent.not_before().is_some() && paused_s(agent.pauses) * 1000 > fallback.after_ms;
        if !waited && !self.is_long(limit(agent_plan, place, limits), fallback) {
            return;
        }
        let next = self.next_place(agent_plan, fallback, &used_up(agent), limits, waited.then_some(place));
        let Some(next) = next.filter(|next| *next != place) else { return };
        let until = limit(agent_plan, place, limits);
        let agent = &mut self.state.agents[index];
        let detail = agent.wait().and_then(|wait| wait.detail.clone());
        agent.phase = Phase::Pending(Wait::default());
        agent.pauses = 0;
        agent.hand_over(agent_plan, next, Some(Reason::RateLimit), until, detail);
    }

    /// The credit of its login is used up: the next one has it. False: there is none
    /// whose credit is not.
    pub(super) fn leave_used_up(&mut self, index: usize, detail: Option<String>) -> bool {
        let Some((agent_plan, fallback)) = self.chain_of(index) else { return false };
        let limits = self.limits();
        let agent = &self.state.agents[index];
        let mut out = used_up(agent);
        out.insert(agent.place());
        let Some(next) = self.next_place(agent_plan, fallback, &out, &limits, None) else { return false };
        let agent = &mut self.state.agents[index];
        agent.phase = Phase::Pending(Wait::default());
        agent.pauses = 0;
        agent.hand_over(agent_plan, next, Some(Reason::Credit), None, detail);
        true
    }

    fn chain_of(&self, index: usize) -> Option<(&'a AgentPlan, &'a Fallback)> {
        let agent_plan = self.plan.agents.get(index)?;
        Some((agent_plan, agent_plan.fallback.as_ref()?))
    }

    /// The first place that is not limited for long, else that of the shortest limit.
    /// `worst`: a place whose limit states no end.
    fn next_place(
        &self,
        agent_plan: &'a AgentPlan,
        fallback: &Fallback,
        used_up: &BTreeSet<usize>,
        limits: &Limits<'a>,
        worst: Option<usize>,
    ) -> Option<usize> {
        let places = || (0..agent_plan.chain().count()).filter(|place| !used_up.contains(place));
        let is_free = |place: &usize| {
            Some(*place) != worst && !self.is_long(limit(agent_plan, *place, limits), fallback)
        };
        places().find(is_free).or_else(|| places().min_by_key(|place| limit(agent_plan, *place, limits)))
    }

    fn is_long(&self, until: Option<Timestamp>, fallback: &Fallback) -> bool {
        let after = SignedDuration::from_millis(i64::try_from(fallback.after_ms).unwrap_or(i64::MAX));
        until.is_some_and(|until| until.duration_since(self.now.wall) > after)
    }
}

fn limit(agent_plan: &AgentPlan, place: usize, limits: &Limits<'_>) -> Option<Timestamp> {
    limits.get(&agent_plan.invocation_at(place).credential()?).copied()
}

/// The places whose credit an agent found used up since a person last had it run again.
fn used_up(agent: &Agent) -> BTreeSet<usize> {
    let mut out = BTreeSet::new();
    let mut place = 0;
    for handover in &agent.handovers {
        match handover.reason {
            Some(Reason::Credit) => drop(out.insert(place)),
            Some(_) => {}
            None => out.clear(),
        }
        place = handover.place;
    }
    out
}
