//! The one function that decides (P2).
//!
//! [`step`] is pure and total: state, plan, facts and time in; the next state
//! and what is to be done out. It looks at the whole state every time, so it
//! does not matter which event made it run, or how often it runs. A fact speaks
//! of one attempt and is ignored unless that attempt is the current one; a fact
//! that is not given is not known, and changes nothing.
//!
//! The table of agent states it implements is in `docs/protocol.md`.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::claim::{AttemptFact, Owner, Tree};
use crate::ids::Role;
use crate::now::Now;
use crate::plan::{AgentPlan, Credential, Plan, ReportKind, Require};
use crate::record::{ExitRecord, Outcome};
use crate::spent;
use crate::state::{
    Agent, AgentStatus, Clock, ConvoyStatus, Merge, MergeStatus, Moment, Reason, Stage, State,
};

/// A launch that nobody claimed in this time is made void.
pub const LAUNCH_DEADLINE_MS: u64 = 30_000;
/// A launch may come to nothing without a word (the new supervisor met a full
/// disk, the tmux server died under it): nobody claimed it, so it is repeated
/// after this. Two of one attempt do no harm (P4).
pub const RELAUNCH_MS: u64 = 8_000;
/// What should have been settled by now is looked at again after this.
const AGAIN_MS: u64 = 1_000;
/// Attempts of one agent that may fail to begin, and that may be lost, before it fails.
pub const MAX_VOIDS: u32 = 3;
pub const MAX_LOSSES: u32 = 3;
pub const MAX_MERGE_FAILURES: u32 = 3;
/// Room for a supervisor to write its record after its last deadline.
pub const SUPERVISOR_SLACK_MS: u64 = 5_000;
/// A rate limit that states no reset time is tried again after this, at first.
const RATE_LIMIT_PAUSE_S: i64 = 60;
const LONGEST_PAUSE_S: i64 = 15 * 60;
const LONGEST_BACKOFF_MS: u64 = 60_000;
/// At most this much waiting on rate limits is not counted as running time.
const MAX_PARKED_MS: u64 = 24 * 3_600_000;

/// What was read of the world, by index of the agent in the plan.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// (agent, attempt, fact)
    pub attempts: Vec<(usize, u32, AttemptFact)>,
    pub merge: Option<(u32, MergeFact)>,
}

/// What is known of the k-th merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MergeFact {
    Done { counts: BTreeMap<String, u64> },
    Failed { detail: String },
}

/// What is to be done; every effect may be done twice or too late without harm.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Start the supervisor of this attempt.
    Launch { agent: usize, attempt: u32 },
    /// Try to end this attempt before it begins.
    Void { agent: usize, attempt: u32 },
    /// Ask its supervisor to end it (TERM).
    Terminate { agent: usize, attempt: u32 },
    /// Its supervisor does not answer: KILL.
    Kill { agent: usize, attempt: u32 },
    /// End what a dead supervisor left.
    Reap { agent: usize, attempt: u32 },
    /// Run the script-side merge.
    Merge { k: u32 },
}

/// The outcome of one step.
#[derive(Debug, Clone)]
pub struct Stepped {
    pub state: State,
    pub effects: Vec<Effect>,
    /// Milliseconds until time alone may change something.
    pub wake_ms: Option<u64>,
}

/// One step. See the module's description.
pub fn step(state: &State, plan: &Plan, facts: &Facts, now: &Now) -> Stepped {
    let index = plan.agents.iter().enumerate().map(|(index, agent)| (&agent.role, index)).collect();
    let mut stepper = Stepper { plan, index, now, state: state.clone(), effects: Vec::new(), wake_ms: None };
    if !state.ended() {
        stepper.run(facts);
        if stepper.state != *state {
            advance_clock(&mut stepper.state, state, now);
        }
    }
    Stepped { state: stepper.state, effects: stepper.effects, wake_ms: stepper.wake_ms }
}

/// How long the convoy has been running, not counting time parked on rate limits.
pub fn running_ms(state: &State, now: &Now) -> u64 {
    let clock = clock_at(state, now);
    clock.elapsed_ms - clock.parked_ms.min(MAX_PARKED_MS)
}

fn clock_at(state: &State, now: &Now) -> Clock {
    let clock = &state.clock;
    let passed = clock.at.elapsed_ms(&now.moment).unwrap_or(0);
    Clock {
        at: now.moment.clone(),
        elapsed_ms: clock.elapsed_ms + passed,
        parked_ms: clock.parked_ms + if is_parked(state) { passed } else { 0 },
    }
}

/// The interval since the last write was spent in the state of the last write.
fn advance_clock(next: &mut State, last: &State, now: &Now) {
    next.clock = clock_at(last, now);
}

/// Nothing runs, and something waits for a rate limit.
fn is_parked(state: &State) -> bool {
    !state.agents.iter().any(|agent| agent.status == AgentStatus::Running)
        && state.agents.iter().any(|agent| agent.status == AgentStatus::Pending && agent.not_before.is_some())
}

/// Why nothing new is begun any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Stopping,
    TimedOut,
}

impl Phase {
    fn reason(self) -> Option<Reason> {
        match self {
            Phase::Running => None,
            Phase::Stopping => Some(Reason::Stopped),
            Phase::TimedOut => Some(Reason::Timeout),
        }
    }
}

struct Stepper<'a> {
    plan: &'a Plan,
    index: HashMap<&'a Role, usize>,
    now: &'a Now,
    state: State,
    effects: Vec<Effect>,
    wake_ms: Option<u64>,
}

impl<'a> Stepper<'a> {
    fn run(&mut self, facts: &Facts) {
        let phase = self.phase();
        for (index, attempt, fact) in &facts.attempts {
            let current = self.state.agents.get(*index);
            if current.is_some_and(|a| a.status == AgentStatus::Running && a.attempt == *attempt) {
                self.observe(*index, fact, phase);
            }
        }
        if let Some((k, fact)) = &facts.merge {
            self.observe_merge(*k, fact);
        }
        self.watch_deadlines(phase);
        // An agent that fails for its dependencies may be a dependency itself.
        while self.settle_pending(phase) {}
        if phase != Phase::Stopping {
            self.decide_merge();
        }
        if phase == Phase::Running {
            self.begin_ready();
        }
        self.finish(phase);
    }

    fn phase(&mut self) -> Phase {
        if self.state.stopping.is_some() {
            return Phase::Stopping;
        }
        let left = self.plan.convoy_timeout_ms.saturating_sub(running_ms(&self.state, self.now));
        if left == 0 || self.state.reason == Some(Reason::Timeout) {
            // Stored, so that a supervisor that is asked to end sees why.
            self.state.reason = Some(Reason::Timeout);
            return Phase::TimedOut;
        }
        if !is_parked(&self.state) {
            self.wake_in(left);
        }
        Phase::Running
    }

    fn wake_in(&mut self, ms: u64) {
        self.wake_ms = Some(self.wake_ms.map_or(ms, |known| known.min(ms)));
    }

    /// L, R, Z × facts.
    fn observe(&mut self, index: usize, fact: &AttemptFact, phase: Phase) {
        let Some(agent_plan) = self.plan.agents.get(index) else {
            return;
        };
        match fact {
            AttemptFact::Unclaimed => self.unclaimed(index, phase),
            AttemptFact::Void => self.voided(index, phase),
            AttemptFact::Held(owner) => self.claimed(index, owner),
            AttemptFact::Ended(record, owner) => {
                self.claimed(index, owner);
                self.ended(index, agent_plan, record, phase);
            }
            AttemptFact::Gone { tree: Tree::Unknown, .. } => {
                let agent = &mut self.state.agents[index];
                agent.stage = Some(Stage::Reaping);
                let attempt = agent.attempt;
                self.effects.push(Effect::Reap { agent: index, attempt });
            }
            AttemptFact::Gone { tree: Tree::Empty, owner } => {
                let spent = owner.at.elapsed_ms(&self.now.moment).unwrap_or(0);
                self.lost(index, agent_plan, spent, phase);
            }
        }
    }

    /// What the claim tells; also when the attempt is over before it is seen running.
    fn claimed(&mut self, index: usize, owner: &Owner) {
        let agent = &mut self.state.agents[index];
        if agent.stage == Some(Stage::Claimed) {
            return;
        }
        agent.stage = Some(Stage::Claimed);
        agent.claimed = Some(owner.at.clone());
        agent.pane.clone_from(&owner.pane);
        (agent.cols, agent.rows) = (owner.cols, owner.rows);
        if let Some(session) = &owner.session {
            agent.tmux_session.clone_from(session);
        }
    }

    fn unclaimed(&mut self, index: usize, phase: Phase) {
        let agent = &self.state.agents[index];
        let attempt = agent.attempt;
        let waited = agent.intent.as_ref().and_then(|intent| intent.elapsed_ms(&self.now.moment));
        // A claim that was seen once and is gone: within one boot there is no such
        // thing; of another boot, power loss took it, and all that ran with it.
        if agent.stage != Some(Stage::Launched) && waited.is_some() {
            return;
        }
        match waited {
            Some(waited) if waited < LAUNCH_DEADLINE_MS && phase == Phase::Running => {
                self.effects.push(Effect::Launch { agent: index, attempt });
            }
            // Too late, or of another boot, or not wanted any more.
            _ => self.effects.push(Effect::Void { agent: index, attempt }),
        }
    }

    fn voided(&mut self, index: usize, phase: Phase) {
        let agent = &mut self.state.agents[index];
        if let Some(reason) = phase.reason() {
            return self.fail(index, reason, None);
        }
        agent.voids += 1;
        if agent.voids < MAX_VOIDS {
            self.begin(index);
        } else {
            self.fail(index, Reason::Launch, Some(format!("{MAX_VOIDS} launches were not answered")));
        }
    }

    fn lost(&mut self, index: usize, agent_plan: &AgentPlan, spent_ms: u64, phase: Phase) {
        if let Some(reason) = phase.reason() {
            return self.fail(index, reason, None);
        }
        if spent_ms >= agent_plan.timeout_ms {
            let detail = "its supervisor did not answer either".to_owned();
            return self.failed_attempt(index, agent_plan, Reason::Timeout, Some(detail));
        }
        let agent = &mut self.state.agents[index];
        agent.losses += 1;
        if agent.losses < MAX_LOSSES {
            self.begin(index);
        } else {
            self.fail(index, Reason::Lost, Some(format!("its supervisor was lost {MAX_LOSSES} times")));
        }
    }

    fn ended(&mut self, index: usize, agent_plan: &AgentPlan, record: &ExitRecord, phase: Phase) {
        let agent = &mut self.state.agents[index];
        agent.exit_code = record.exit_code;
        agent.usage = add_usage(agent.usage, record.usage);
        self.state.usage = add_usage(self.state.usage, record.usage);
        let agent = &mut self.state.agents[index];
        agent.started_at = Some(record.started_at);
        match &record.outcome {
            Outcome::Completed => {
                agent.status = AgentStatus::Completed;
                agent.stage = None;
                agent.completed_at = Some(record.ended_at);
                agent.evidence.clone_from(&record.evidence);
                agent.output_file.clone_from(&record.output_file);
                agent.detail.clone_from(&record.detail);
                agent.reason = None;
            }
            Outcome::RateLimited { until } => {
                if let Some(reason) = phase.reason() {
                    return self.fail(index, reason, None);
                }
                // Without a stated end the pause doubles from one to the next.
                let pause = (RATE_LIMIT_PAUSE_S << agent.pauses.min(4)).min(LONGEST_PAUSE_S);
                agent.pauses = if until.is_some() { 0 } else { agent.pauses + 1 };
                agent.status = AgentStatus::Pending;
                agent.stage = None;
                agent.not_before = Some(until.unwrap_or(self.now.wall + SignedDuration::from_secs(pause)));
                agent.detail.clone_from(&record.detail);
            }
            Outcome::Failed { reason } => {
                let reason = match (reason, phase) {
                    (Reason::Stopped, Phase::TimedOut) => Reason::Timeout,
                    (reason, _) => *reason,
                };
                self.failed_attempt(index, agent_plan, reason, record.detail.clone());
            }
        }
    }

    /// A failure that is charged: another attempt, or the end.
    fn failed_attempt(
        &mut self,
        index: usize,
        agent_plan: &AgentPlan,
        reason: Reason,
        detail: Option<String>,
    ) {
        let running = self.phase() == Phase::Running;
        let agent = &mut self.state.agents[index];
        if running && may_retry(reason) && agent.failures < agent_plan.retries {
            agent.failures += 1;
            let pause = (1000_u64 << (agent.failures - 1).min(6)).min(LONGEST_BACKOFF_MS);
            agent.status = AgentStatus::Pending;
            agent.stage = None;
            agent.reason = Some(reason);
            agent.detail = detail;
            let until = Moment { boot: self.now.moment.boot.clone(), ms: self.now.moment.ms + pause };
            agent.backoff_until = Some(until);
        } else {
            self.fail(index, reason, detail);
        }
    }

    fn fail(&mut self, index: usize, reason: Reason, detail: Option<String>) {
        let agent = &mut self.state.agents[index];
        agent.status = AgentStatus::Failed;
        agent.stage = None;
        agent.reason = Some(reason);
        agent.detail = detail;
        agent.not_before = None;
        agent.backoff_until = None;
        agent.completed_at = Some(self.now.wall);
    }

    /// P3: the intent of the next attempt. The effect follows when it is stored.
    fn begin(&mut self, index: usize) {
        let agent = &mut self.state.agents[index];
        agent.attempt += 1;
        agent.status = AgentStatus::Running;
        agent.stage = Some(Stage::Launched);
        agent.intent = Some(self.now.moment.clone());
        agent.claimed = None;
        agent.started_at = Some(self.now.wall);
        agent.completed_at = None;
        agent.not_before = None;
        agent.backoff_until = None;
        agent.exit_code = None;
        agent.pane = None;
        let attempt = agent.attempt;
        self.effects.push(Effect::Launch { agent: index, attempt });
        self.wake_in(LAUNCH_DEADLINE_MS);
    }

    /// Ends what must end, and the backstop behind the supervisors' own limits.
    fn watch_deadlines(&mut self, phase: Phase) {
        for index in 0..self.state.agents.len() {
            let agent = &self.state.agents[index];
            match agent.stage {
                Some(Stage::Claimed) => {}
                Some(Stage::Launched) => {
                    // Also when nothing was read of it this time.
                    let waited = agent.intent.as_ref().and_then(|intent| intent.elapsed_ms(&self.now.moment));
                    let left = LAUNCH_DEADLINE_MS.saturating_sub(waited.unwrap_or(LAUNCH_DEADLINE_MS));
                    self.wake_in(left.clamp(AGAIN_MS, RELAUNCH_MS));
                    continue;
                }
                Some(Stage::Reaping) => {
                    self.wake_in(AGAIN_MS);
                    continue;
                }
                None => continue,
            }
            let attempt = agent.attempt;
            if phase != Phase::Running {
                self.effects.push(Effect::Terminate { agent: index, attempt });
            }
            let Some(limit) = self.kill_after_ms(index, phase) else {
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
    fn kill_after_ms(&self, index: usize, phase: Phase) -> Option<u64> {
        let agent = self.state.agents.get(index)?;
        let agent_plan = self.plan.agents.get(index)?;
        let two_graces = |grace: u64| 2 * grace + SUPERVISOR_SLACK_MS;
        let own = agent_plan.timeout_ms + two_graces(self.plan.grace_ms);
        let own = own.saturating_sub(agent.claimed.as_ref()?.elapsed_ms(&self.now.moment)?);
        let asked = match phase {
            Phase::Running => u64::MAX,
            Phase::Stopping => {
                let stopping = self.state.stopping.as_ref()?;
                let since = stopping.since.elapsed_ms(&self.now.moment).unwrap_or(u64::MAX);
                two_graces(stopping.grace_ms).saturating_sub(since)
            }
            Phase::TimedOut => {
                let over = running_ms(&self.state, self.now).saturating_sub(self.plan.convoy_timeout_ms);
                two_graces(self.plan.grace_ms).saturating_sub(over)
            }
        };
        Some(own.min(asked))
    }

    /// Pending agents that will never run. True if one was found.
    fn settle_pending(&mut self, phase: Phase) -> bool {
        let mut changed = false;
        let spent = spent::total(&self.state);
        for (index, agent_plan) in self.plan.agents.iter().enumerate() {
            if self.state.agents.get(index).is_none_or(|agent| agent.status != AgentStatus::Pending) {
                continue;
            }
            if let Some(reason) = phase.reason() {
                self.fail(index, reason, None);
                changed = true;
            } else if spent::is_used_up(self.plan, agent_plan, &spent) {
                self.fail(index, Reason::Budget, Some("the convoy's".to_owned()));
                changed = true;
            } else if let Dependencies::Unmet { missing } = self.dependencies(agent_plan) {
                self.fail(index, Reason::Dependencies, Some(missing));
                changed = true;
            }
        }
        changed
    }

    fn dependencies(&self, agent_plan: &AgentPlan) -> Dependencies {
        let mut completed = 0;
        let mut missing = Vec::new();
        for role in &agent_plan.depends_on {
            match self.index.get(role).and_then(|&i| Some(self.state.agents.get(i)?.status)) {
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

    fn observe_merge(&mut self, k: u32, fact: &MergeFact) {
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

    /// The completed reviews: what a merge made now would be made from.
    fn reviews(&self) -> BTreeMap<Role, u32> {
        self.plan
            .agents
            .iter()
            .zip(&self.state.agents)
            .filter(|(plan, agent)| {
                plan.report == ReportKind::Findings && agent.status == AgentStatus::Completed
            })
            .map(|(_, agent)| (agent.role.clone(), agent.attempt))
            .collect()
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
    fn decide_merge(&mut self) {
        let reviews = self.reviews();
        let all_ended = self.state.agents.iter().all(Agent::ended);
        let wanted = (all_ended && !self.merge_covers(&reviews))
            || self.plan.agents.iter().zip(&self.state.agents).any(|(plan, agent)| {
                agent.status == AgentStatus::Pending
                    && matches!(self.dependencies(plan), Dependencies::Met)
                    && !self.merge_covers(&reviews_before(plan, &reviews))
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
    fn begin_ready(&mut self) {
        let reviews = self.reviews();
        let limits = self.limits();
        let mut running = self.state.agents.iter().filter(|a| a.status == AgentStatus::Running).count();
        let mut exclusive = self
            .plan
            .agents
            .iter()
            .zip(&self.state.agents)
            .any(|(plan, agent)| !plan.parallel && agent.status == AgentStatus::Running);
        for (index, agent_plan) in self.plan.agents.iter().enumerate() {
            let Some(agent) = self.state.agents.get(index) else {
                continue;
            };
            let ready = agent.status == AgentStatus::Pending
                && matches!(self.dependencies(agent_plan), Dependencies::Met)
                && self.merge_covers(&reviews_before(agent_plan, &reviews));
            if !ready {
                continue;
            }
            let limit = agent_plan.invocation.credential().and_then(|credential| limits.get(&credential));
            if let Some(until) = limit.filter(|until| agent.not_before < Some(**until)) {
                self.state.agents[index].not_before = Some(*until);
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

    /// Until when a credential is limited. A limit is the credential's, not the
    /// agent's: who would begin with the same one waits with those that met it.
    fn limits(&self) -> HashMap<Credential<'a>, Timestamp> {
        let mut limits = HashMap::new();
        for (agent_plan, agent) in self.plan.agents.iter().zip(&self.state.agents) {
            let until = agent.not_before.filter(|until| *until > self.now.wall);
            if let (AgentStatus::Pending, Some(until), Some(credential)) =
                (agent.status, until, agent_plan.invocation.credential())
            {
                let known = limits.entry(credential).or_insert(until);
                *known = until.max(*known);
            }
        }
        limits
    }

    /// Is its backoff or rate limit over? If not, wakes when it is.
    fn is_due(&mut self, index: usize) -> bool {
        let agent = &self.state.agents[index];
        let backoff = agent
            .backoff_until
            .as_ref()
            .filter(|until| until.boot == self.now.moment.boot)
            .map_or(0, |until| until.ms.saturating_sub(self.now.moment.ms));
        let parked = agent.not_before.map_or(0, |until| ms_between(self.now.wall, until));
        let wait = backoff.max(parked);
        if wait > 0 {
            self.wake_in(wait);
        }
        wait == 0
    }

    fn finish(&mut self, phase: Phase) {
        if !self.state.agents.iter().all(Agent::ended) {
            return;
        }
        let merging = self.state.merge.as_ref().is_some_and(|merge| merge.status == MergeStatus::Due);
        if merging && phase != Phase::Stopping {
            return;
        }
        let completed = self.state.agents.iter().filter(|a| a.status == AgentStatus::Completed).count();
        self.state.status = if phase == Phase::Stopping || completed == 0 {
            ConvoyStatus::Failed
        } else if completed == self.state.agents.len() {
            ConvoyStatus::Completed
        } else {
            ConvoyStatus::Partial
        };
        // What completed before its time was noticed to be over is just completed.
        let completed = self.state.status == ConvoyStatus::Completed;
        self.state.reason = if completed { None } else { phase.reason() };
        self.state.stopping = None;
        self.state.completed_at = Some(self.now.wall);
        self.wake_ms = None;
    }
}

enum Dependencies {
    Waiting,
    Met,
    Unmet { missing: String },
}

/// Of the completed reviews, those an agent depends on; for a synthesis, all.
fn reviews_before(plan: &AgentPlan, reviews: &BTreeMap<Role, u32>) -> BTreeMap<Role, u32> {
    if plan.report == ReportKind::Synthesis {
        return reviews.clone();
    }
    plan.depends_on
        .iter()
        .filter_map(|role| reviews.get(role).map(|attempt| (role.clone(), *attempt)))
        .collect()
}

fn ms_between(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(0)
}

/// Failures another attempt can change. The others would only cost again.
fn may_retry(reason: Reason) -> bool {
    match reason {
        Reason::ExitCode
        | Reason::Signal
        | Reason::Spawn
        | Reason::NoReport
        | Reason::EmptyReport
        | Reason::BadReport
        | Reason::Unrecognised
        | Reason::Publish
        | Reason::Timeout
        | Reason::Stalled
        | Reason::RateLimit
        | Reason::TurnLimit
        | Reason::OutputLimit
        | Reason::Overload
        | Reason::Cut
        | Reason::ApiError => true,
        Reason::Auth
        | Reason::Denied
        | Reason::ContextOverflow
        | Reason::Refusal
        | Reason::Budget
        | Reason::SessionClosed
        | Reason::Stopped
        | Reason::Dependencies
        | Reason::Launch
        | Reason::Lost => false,
    }
}

fn add_usage(
    sum: Option<crate::state::Usage>,
    more: Option<crate::state::Usage>,
) -> Option<crate::state::Usage> {
    match (sum, more) {
        (Some(a), Some(b)) => Some(a.plus(b)),
        (sum, more) => sum.or(more),
    }
}
