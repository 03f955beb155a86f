//! The schedulers of a world: what they read, what `step` makes of it, and what
//! they then do. As in `scheduler::Scheduler`.

use crate::step::Effect;
use protocol::plan::AgentPlan;

use super::rules::{Fact, Input, Mutant, Rules};
use super::world::{Attempt, Claim, Sight, Supervisor, World, bit};

impl World {
    /// What this scheduler reads of the running attempts, in the order of P2.
    pub(crate) fn facts(&self, index: usize, rules: &Rules) -> Vec<(usize, u32, Fact)> {
        let running = rules.state(self.state).agents.iter().enumerate();
        running
            .filter(|(_, agent)| agent.is_running())
            .map(|(agent, one)| {
                let emptied = self.schedulers[index].emptied & bit(agent, one.attempt) != 0;
                let tried = self.schedulers[index].launched & bit(agent, one.attempt) != 0;
                let real = self.attempts[agent].get(one.attempt as usize - 1);
                (agent, one.attempt, fact(real.copied().unwrap_or_default(), tried, emptied))
            })
            .collect()
    }

    pub(crate) fn turn(&mut self, index: usize, merged_well: bool, rules: &mut Rules) {
        let mut facts = self.facts(index, rules);
        let mut from = self.state;
        let early = self.schedulers[index].read.take();
        let early_state = self.schedulers[index].read_state.take();
        match (rules.mutant, early) {
            (Mutant::StoreLater, Some(early)) => (facts, from) = (early, early_state.unwrap_or(from)),
            (Mutant::RecordBeforeLock, Some(early)) => self.forget_records(&mut facts, &early),
            _ => {}
        }
        let one = &mut self.schedulers[index];
        let merge = (one.merge > 0).then_some((one.merge, merged_well));
        one.merge = 0;
        let expansion = one.expanded.take();
        // Whoever reads the plan finds the agents of what is linked.
        let is_there = |agent: &AgentPlan| agent.group.is_none() || self.made != 0;
        let agents = rules.plan.agents.iter().take_while(|agent| is_there(agent)).count();
        let (time, wall) = (self.time, self.wall);
        let output = rules.step(Input { state: from, facts, merge, expansion, agents, time, wall });
        one.queue = output.effects;
        // What a scheduler has done once it does not do again.
        let (launched, terminated) = (one.launched & !one.woken, one.terminated);
        one.queue.retain(|effect| match effect {
            Effect::Launch { agent, attempt } => launched & bit(*agent, *attempt) == 0,
            Effect::Terminate { agent, attempt } => terminated & bit(*agent, *attempt) == 0,
            _ => true,
        });
        self.state = output.state;
        let known = self.attempts.len();
        for (agent, stored) in rules.state(self.state).agents.iter().enumerate().take(known) {
            if stored.attempt > 0 {
                self.attempt(agent, stored.attempt);
            }
        }
    }

    /// Liveness as it is now, with the records as they were then.
    fn forget_records(&self, facts: &mut [(usize, u32, Fact)], early: &[(usize, u32, Fact)]) {
        for (agent, n, fact) in facts.iter_mut() {
            let had_record =
                early.iter().any(|(a, m, f)| (a, m) == (agent, n) && matches!(f, Fact::Ended(_)));
            let one = self.attempts[*agent][*n as usize - 1];
            if let (Fact::Ended(_), Claim::Owned(since), false) = (*fact, one.claim, had_record) {
                let dead = one.supervisor == Supervisor::Dead;
                *fact = if dead { Fact::Gone(since, true) } else { Fact::Held(since) };
            }
        }
    }

    pub(crate) fn perform(&mut self, index: usize, effect: &Effect, rules: &Rules) {
        match *effect {
            Effect::Launch { agent, attempt } => {
                let bit = bit(agent, attempt);
                let wakes = self.waiting[agent] > 0 && self.schedulers[index].launched & bit == 0;
                if wakes {
                    // Whether that is heard is for `Action::Look` to say.
                    self.schedulers[index].woken |= bit;
                } else {
                    let one = self.attempt(agent, attempt);
                    one.queued = (one.queued + 1).min(2);
                    self.schedulers[index].woken &= !bit;
                }
                self.schedulers[index].launched |= bit;
            }
            Effect::CancelLaunch { agent, attempt } => {
                let one = self.attempt(agent, attempt);
                if one.claim == Claim::Free {
                    one.claim = Claim::Void;
                }
            }
            Effect::Terminate { agent, attempt } => {
                let one = self.attempt(agent, attempt);
                let alive = matches!(one.supervisor, Supervisor::Claimed | Supervisor::Running);
                one.asked |= alive && one.sight == Sight::Clear;
                self.schedulers[index].terminated |= bit(agent, attempt);
            }
            Effect::Kill { agent, attempt } => {
                let one = self.attempt(agent, attempt);
                if one.supervisor != Supervisor::None && one.sight == Sight::Clear {
                    one.supervisor = Supervisor::Dead;
                }
            }
            Effect::Reap { agent, attempt } => {
                let one = self.attempt(agent, attempt);
                let sees = one.sight != Sight::Hidden || rules.mutant == Mutant::HiddenIsEmpty;
                let far_is_over = !one.far.is_open() || rules.mutant == Mutant::FarIsEmpty;
                if one.supervisor == Supervisor::Dead && one.record.is_none() && sees && far_is_over {
                    one.tree &= one.sight != Sight::Clear;
                    self.schedulers[index].emptied |= bit(agent, attempt);
                }
            }
            Effect::Merge { .. } => {
                let k = rules.state(self.state).merge.as_ref().map_or(0, |merge| merge.k);
                self.schedulers[index].merge = k;
            }
            Effect::Expand { expansion } => {
                let well = self.unmakable & (1 << expansion) == 0;
                self.made |= u32::from(well) << expansion;
                self.schedulers[index].expanded = Some((expansion, well));
            }
        }
    }
}

fn fact(one: Attempt, tried: bool, emptied: bool) -> Fact {
    match (one.claim, one.record) {
        (Claim::Free, _) => Fact::Unclaimed(tried),
        (Claim::Void, _) => Fact::Void,
        (Claim::Owned(_), Some(end)) => Fact::Ended(end),
        (Claim::Owned(since), None) if one.supervisor == Supervisor::Dead => Fact::Gone(since, emptied),
        (Claim::Owned(since), None) => Fact::Held(since),
    }
}
