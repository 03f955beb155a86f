//! The one function that decides (P2).
//!
//! [`step`] is pure and total: state, plan, observations and time in; the next state
//! and what is to be done out. It looks at the whole state every time, so it
//! does not matter which event made it run, or how often it runs. A fact speaks
//! of one attempt and is ignored unless that attempt is the current one; a fact
//! that is not given is not known, and changes nothing.
//!
//! The table of agent states it implements is in `docs/protocol.md`.

mod attempts;
mod chain;
mod ready;
mod stages;

pub(crate) use stages::is_source;

use std::collections::BTreeMap;

use base::clock::Now;
use protocol::agent::{Agent, Phase};
use protocol::claim::AttemptFact;
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, Placement, Plan};
use protocol::state::{Clock, ConvoyStatus, MergeStatus, State};

use crate::graph::Graph;

/// So long an attempt is launched again and again. After that it is made void
/// when the last try has had its time.
pub(crate) const LAUNCH_DEADLINE_MS: u64 = 30_000;
/// A launch may come to nothing without a word (the new supervisor met a full
/// disk, the tmux server died under it): nobody claimed it, so it is repeated
/// after this. Two of one attempt do no harm (P4).
pub(crate) const RELAUNCH_MS: u64 = 8_000;
/// What should have been settled by now is looked at again after this.
const AGAIN_MS: u64 = 1_000;
/// Attempts of one agent that may fail to begin, and that may be lost, before it fails.
pub(crate) const MAX_VOIDS: u32 = 3;
/// So often in a row a supervisor may be lost before its agent fails.
pub(crate) const MAX_LOSSES: u32 = 3;
/// So often in a row a merge may fail before it is given up.
pub(crate) const MAX_MERGE_FAILURES: u32 = 3;
/// Room for a supervisor to write its record after its last deadline.
pub const SUPERVISOR_SLACK_MS: u64 = 5_000;
/// At most this much waiting on rate limits is not counted as running time.
const MAX_PARKED_MS: u64 = 24 * 3_600_000;

/// What was read of the world, by index of the agent in the plan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observations {
    /// (agent, attempt, fact)
    pub(crate) attempts: Vec<(usize, u32, AttemptFact)>,
    pub(crate) merge: Option<(u32, MergeFact)>,
    /// What came of an expansion, by its place among those of the state.
    pub(crate) expansion: Option<(usize, ExpansionFact)>,
    /// Launches by this scheduler: (agent, attempt, milliseconds since the last try).
    pub(crate) tries: Vec<(usize, u32, u64)>,
}

impl Observations {
    fn tried_ms(&self, index: usize, attempt: u32) -> Option<u64> {
        self.tries.iter().find(|(agent, n, _)| (*agent, *n) == (index, attempt)).map(|(_, _, ms)| *ms)
    }
}

/// What is known of the k-th merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MergeFact {
    Done { counts: BTreeMap<String, u64> },
    Failed { detail: String },
}

/// What is known of an expansion that was intended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExpansionFact {
    /// It is linked, and its agents stand in the plan behind all others.
    Made { note: Option<String> },
    /// What it is to be made from cannot be taken, and never can.
    Failed { detail: String },
}

/// What is to be done; every effect may be done twice or too late without harm.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    /// Start the supervisor of this attempt.
    Launch { agent: usize, attempt: u32 },
    /// Try to end this attempt before it begins.
    CancelLaunch { agent: usize, attempt: u32 },
    /// Ask its supervisor to end it (TERM).
    Terminate { agent: usize, attempt: u32 },
    /// Its supervisor does not answer: KILL.
    Kill { agent: usize, attempt: u32 },
    /// End what a dead supervisor left.
    Reap { agent: usize, attempt: u32 },
    /// Run the script-side merge.
    Merge { k: u32 },
    /// Make the agents of a stage, by the place of the expansion in the state.
    Expand { expansion: usize },
}

impl Effect {
    /// Agent and attempt of a launch.
    pub(crate) fn launch(&self) -> Option<(usize, u32)> {
        match *self {
            Effect::Launch { agent, attempt } => Some((agent, attempt)),
            _ => None,
        }
    }

    /// Does it begin something? Then the state that intends it must be stored first (P3).
    pub(crate) fn begins(&self) -> bool {
        match self {
            Effect::Launch { .. } | Effect::Merge { .. } | Effect::Expand { .. } => true,
            Effect::CancelLaunch { .. }
            | Effect::Terminate { .. }
            | Effect::Kill { .. }
            | Effect::Reap { .. } => false,
        }
    }
}

/// The outcome of one step.
#[derive(Debug, Clone)]
pub(crate) struct Stepped {
    pub(crate) state: State,
    pub(crate) effects: Vec<Effect>,
    /// Milliseconds until time alone may change something.
    pub(crate) wake_ms: Option<u64>,
}

/// One step. See the module's description.
pub(crate) fn step(state: &State, plan: &Graph, observed: &Observations, now: &Now) -> Stepped {
    let (state_now, met) = (state.clone(), Vec::new());
    let mut stepper = Stepper { plan, now, state: state_now, met, effects: Vec::new(), wake_ms: None };
    if !state.ended() {
        stepper.run(observed);
        if stepper.state != *state {
            advance_clock(&mut stepper.state, state, plan, now);
        }
    }
    Stepped { state: stepper.state, effects: stepper.effects, wake_ms: stepper.wake_ms }
}

/// How long the convoy has been running, not counting time parked on rate limits, nor
/// time in which all that could go on waited in the queue of an executor.
pub(crate) fn running_ms(state: &State, plan: &Plan, now: &Now) -> u64 {
    let clock = clock_at(state, plan, now);
    clock.elapsed_ms - clock.parked_ms.min(MAX_PARKED_MS) - clock.queued_ms
}

fn clock_at(state: &State, plan: &Plan, now: &Now) -> Clock {
    let clock = &state.clock;
    let passed = clock.at.elapsed_ms(&now.moment).unwrap_or(0);
    let (mut parked_ms, mut queued_ms) = (clock.parked_ms, clock.queued_ms);
    match stands(state, plan) {
        Some(Stands::Parked) => parked_ms += passed,
        Some(Stands::Queued) => queued_ms += passed,
        None => {}
    }
    Clock { at: now.moment.clone(), elapsed_ms: clock.elapsed_ms + passed, parked_ms, queued_ms }
}

/// The interval since the last write was spent in the state of the last write; but a
/// queue was left when the first of its agents began, which is known only now.
fn advance_clock(next: &mut State, last: &State, plan: &Plan, now: &Now) {
    let mut clock = clock_at(last, plan, now);
    let before = last.agents.iter().map(|agent| &agent.begun);
    let began = next.agents.iter().zip(before).filter(|(_, before)| before.is_none());
    let began = began.filter_map(|(agent, _)| agent.begun.as_ref()?.elapsed_ms(&now.moment)).max();
    let queued = clock.queued_ms - last.clock.queued_ms;
    clock.queued_ms -= began.unwrap_or(0).min(queued);
    next.clock = clock;
}

/// Why the convoy's own time stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Nothing runs, and something waits for a rate limit.
    Parked,
    /// Nothing is at work, and something waits in the queue of its executor.
    Queued,
}

fn stands(state: &State, plan: &Plan) -> Option<Stands> {
    let waits = |agent: &Agent, planned: &AgentPlan| {
        let queues = planned.placement.as_ref().is_some_and(Placement::queues);
        queues && agent.phase == Phase::Claimed && agent.begun.is_none()
    };
    let ends = state.stopping.is_some() || state.reason == Some(Reason::Timeout);
    let (mut queued, mut limited) = (false, false);
    for (agent, planned) in state.agents.iter().zip(&plan.agents) {
        if agent.is_running() {
            if ends || !waits(agent, planned) {
                return None;
            }
            queued = true;
        }
        limited |= agent.not_before().is_some();
    }
    if queued { Some(Stands::Queued) } else { limited.then_some(Stands::Parked) }
}

/// Why nothing new is begun any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Running,
    Stopping,
    TimedOut,
}

impl Mode {
    fn reason(self) -> Option<Reason> {
        match self {
            Mode::Running => None,
            Mode::Stopping => Some(Reason::Stopped),
            Mode::TimedOut => Some(Reason::Timeout),
        }
    }
}

struct Stepper<'a> {
    plan: &'a Graph,
    now: &'a Now,
    state: State,
    /// Pending agents whose dependencies are met, in the order of the plan.
    met: Vec<usize>,
    effects: Vec<Effect>,
    wake_ms: Option<u64>,
}

impl Stepper<'_> {
    fn run(&mut self, observed: &Observations) {
        let mode = self.mode();
        for (index, attempt, fact) in &observed.attempts {
            let current = self.state.agents.get(*index);
            if current.is_some_and(|a| a.is_running() && a.attempt == *attempt) {
                self.observe(*index, fact, observed.tried_ms(*index, *attempt), mode);
            }
        }
        if let Some((k, fact)) = &observed.merge {
            self.observe_merge(*k, fact);
        }
        if let Some((expansion, fact)) = &observed.expansion {
            self.observe_expansion(*expansion, fact);
        }
        self.watch_deadlines(mode);
        // An agent that fails for its dependencies may be a dependency itself, and so
        // may a stage whose agents have all ended.
        while self.settle_stages() | self.settle_pending(mode) {}
        if mode != Mode::Stopping {
            self.decide_merge();
        }
        if mode == Mode::Running {
            self.decide_expansion();
            self.begin_ready();
        }
        self.finish(mode);
    }

    fn mode(&mut self) -> Mode {
        if self.state.stopping.is_some() {
            return Mode::Stopping;
        }
        let left = self.plan.convoy_timeout_ms.saturating_sub(running_ms(&self.state, self.plan, self.now));
        if left == 0 || self.state.reason == Some(Reason::Timeout) {
            // Stored, so that a supervisor that is asked to end sees why.
            self.state.reason = Some(Reason::Timeout);
            return Mode::TimedOut;
        }
        if stands(&self.state, self.plan).is_none() {
            self.wake_in(left);
        }
        Mode::Running
    }

    fn wake_in(&mut self, ms: u64) {
        self.wake_ms = Some(self.wake_ms.map_or(ms, |known| known.min(ms)));
    }

    /// Ends what must end, and the backstop behind the supervisors' own limits.
    fn watch_deadlines(&mut self, mode: Mode) {
        for index in 0..self.state.agents.len() {
            let agent = &self.state.agents[index];
            match agent.phase {
                Phase::Claimed => {}
                Phase::Launched => {
                    // Also when nothing was read of it this time.
                    let waited = agent.intent.as_ref().and_then(|intent| intent.elapsed_ms(&self.now.moment));
                    let left = LAUNCH_DEADLINE_MS.saturating_sub(waited.unwrap_or(LAUNCH_DEADLINE_MS));
                    self.wake_in(left.clamp(AGAIN_MS, RELAUNCH_MS));
                    continue;
                }
                Phase::Reaping => {
                    self.wake_in(AGAIN_MS);
                    continue;
                }
                Phase::Pending(_) | Phase::Completed(_) | Phase::Failed(_) => continue,
            }
            let attempt = agent.attempt;
            if mode != Mode::Running {
                self.effects.push(Effect::Terminate { agent: index, attempt });
            }
            let Some(limit) = self.kill_after_ms(index, mode) else {
                continue;
            };
            if limit == 0 {
                self.effects.push(Effect::Kill { agent: index, attempt });
                self.wake_in(1_000);
            } else {
                self.wake_in(limit);
            }
        }
    }

    /// Milliseconds until a supervisor that still holds its claim is killed.
    fn kill_after_ms(&self, index: usize, mode: Mode) -> Option<u64> {
        let agent = self.state.agents.get(index)?;
        let agent_plan = self.plan.agents.get(index)?;
        let two_graces = |grace: u64| 2 * grace + SUPERVISOR_SLACK_MS;
        // Of one that waits in a queue no time has passed.
        let queues = agent_plan.placement.as_ref().is_some_and(Placement::queues);
        let from = if queues { &agent.begun } else { &agent.claimed };
        let own = match from {
            None if queues && mode == Mode::Running => return None,
            None if queues => u64::MAX,
            from => {
                let own = agent.time_limit_ms(agent_plan) + two_graces(self.plan.grace_ms);
                own.saturating_sub(from.as_ref()?.elapsed_ms(&self.now.moment)?)
            }
        };
        let asked = match mode {
            Mode::Running => u64::MAX,
            Mode::Stopping => {
                let stopping = self.state.stopping.as_ref()?;
                let since = stopping.since.elapsed_ms(&self.now.moment).unwrap_or(u64::MAX);
                two_graces(stopping.grace_ms).saturating_sub(since)
            }
            Mode::TimedOut => {
                let over =
                    running_ms(&self.state, self.plan, self.now).saturating_sub(self.plan.convoy_timeout_ms);
                two_graces(self.plan.grace_ms).saturating_sub(over)
            }
        };
        Some(own.min(asked))
    }

    fn finish(&mut self, mode: Mode) {
        if !self.state.agents.iter().all(|agent| agent.ended()) {
            return;
        }
        let merging = self.state.merge.as_ref().is_some_and(|merge| merge.status == MergeStatus::Due);
        if merging && mode != Mode::Stopping {
            return;
        }
        let completed = self.state.agents.iter().filter(|agent| agent.is_completed()).count();
        self.state.status = if mode == Mode::Stopping || completed == 0 {
            ConvoyStatus::Failed
        } else if completed == self.state.agents.len() {
            ConvoyStatus::Completed
        } else {
            ConvoyStatus::Partial
        };
        // What completed before its time was noticed to be over is just completed.
        let completed = self.state.status == ConvoyStatus::Completed;
        self.state.reason = if completed { None } else { mode.reason() };
        self.state.stopping = None;
        self.state.completed_at = Some(self.now.wall);
        self.wake_ms = None;
    }
}

#[cfg(test)]
pub(crate) mod tests;
