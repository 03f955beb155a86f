//! What the facts of one attempt make of its agent: L, R, Z × facts.

use jiff::SignedDuration;

use super::{Effect, LAUNCH_DEADLINE_MS, MAX_LOSSES, MAX_VOIDS, Mode, RELAUNCH_MS, Stepper};
use base::clock::Moment;
use protocol::agent::{Completion, Failure, Phase, Wait};
use protocol::claim::{AttemptFact, Owner, Tree};
use protocol::outcome::Reason;
use protocol::plan::{AgentPlan, Placement};
use protocol::record::{ExitRecord, Outcome};

/// A rate limit that states no reset time is tried again after this, at first.
const RATE_LIMIT_PAUSE_S: i64 = 60;
const LONGEST_PAUSE_S: i64 = 15 * 60;
const LONGEST_BACKOFF_MS: u64 = 60_000;

impl Stepper<'_> {
    /// L, R, Z × facts. `tried_ms`: since this scheduler last tried to launch it.
    pub(super) fn observe(&mut self, index: usize, fact: &AttemptFact, tried_ms: Option<u64>, mode: Mode) {
        let Some(agent_plan) = self.plan.agents.get(index) else {
            return;
        };
        match fact {
            AttemptFact::Unclaimed => self.unclaimed(index, tried_ms, mode),
            AttemptFact::Void => self.launch_cancelled(index, mode),
            AttemptFact::Held(owner) => self.claimed(index, owner),
            AttemptFact::Ended(record, owner) => {
                self.claimed(index, owner);
                self.ended(index, agent_plan, record, mode);
            }
            AttemptFact::Gone { tree: Tree::Unknown, .. } => {
                let agent = &mut self.state.agents[index];
                agent.phase = Phase::Reaping;
                let attempt = agent.attempt;
                self.effects.push(Effect::Reap { agent: index, attempt });
            }
            AttemptFact::Gone { tree: Tree::Empty, owner } => {
                // Time in a queue is not its own.
                let queues = agent_plan.placement.as_ref().is_some_and(Placement::queues);
                let from = if queues { owner.begun.as_ref() } else { Some(&owner.at) };
                let spent = from.and_then(|from| from.elapsed_ms(&self.now.moment)).unwrap_or(0);
                self.lost(index, agent_plan, spent, mode);
            }
        }
    }

    /// What the claim tells; also when the attempt is over before it is seen running.
    fn claimed(&mut self, index: usize, owner: &Owner) {
        let agent = &mut self.state.agents[index];
        agent.begun.clone_from(&owner.begun);
        if agent.phase == Phase::Claimed {
            return;
        }
        agent.phase = Phase::Claimed;
        agent.claimed = Some(owner.at.clone());
        agent.pane.clone_from(&owner.pane);
        (agent.cols, agent.rows) = (owner.cols, owner.rows);
        if let Some(session) = &owner.session {
            agent.tmux_session.clone_from(session);
        }
    }

    fn unclaimed(&mut self, index: usize, tried_ms: Option<u64>, mode: Mode) {
        let agent = &self.state.agents[index];
        let attempt = agent.attempt;
        let waited = agent.intent.as_ref().and_then(|intent| intent.elapsed_ms(&self.now.moment));
        // A claim that was seen once and is gone: within one boot there is no such
        // thing; of another boot, power loss took it, and all that ran with it.
        if agent.phase != Phase::Launched && waited.is_some() {
            return;
        }
        let cancel = Effect::CancelLaunch { agent: index, attempt };
        // Of another boot, or not wanted any more.
        let (Some(waited), Mode::Running) = (waited, mode) else { return self.effects.push(cancel) };
        match tried_ms {
            _ if waited < LAUNCH_DEADLINE_MS => self.effects.push(Effect::Launch { agent: index, attempt }),
            // Whoever intended it may have been held up, or gone, before it could try.
            None => self.effects.push(Effect::Launch { agent: index, attempt }),
            Some(ms) if ms < RELAUNCH_MS => self.wake_in(RELAUNCH_MS - ms),
            Some(_) => self.effects.push(cancel),
        }
    }

    fn launch_cancelled(&mut self, index: usize, mode: Mode) {
        let agent = &mut self.state.agents[index];
        if let Some(reason) = mode.reason() {
            return self.fail(index, reason, None);
        }
        agent.voids += 1;
        if agent.voids < MAX_VOIDS {
            self.begin(index);
        } else {
            self.fail(index, Reason::Launch, Some(format!("{MAX_VOIDS} launches were not answered")));
        }
    }

    /// The machine could not start it just then: not charged, tried again soon.
    fn never_ran(&mut self, index: usize, detail: Option<String>, mode: Mode) {
        if let Some(reason) = mode.reason() {
            return self.fail(index, reason, None);
        }
        let agent = &mut self.state.agents[index];
        agent.voids += 1;
        if agent.voids < MAX_VOIDS {
            let pause = 1000_u64 << (agent.voids - 1);
            self.await_another(index, Reason::Spawn, detail, pause);
        } else {
            self.fail(index, Reason::Spawn, detail);
        }
    }

    /// Pending again, not before a pause.
    fn await_another(&mut self, index: usize, reason: Reason, detail: Option<String>, pause_ms: u64) {
        let agent = &mut self.state.agents[index];
        let now = &self.now.moment;
        let until = Moment { boot: now.boot.clone(), ms: now.ms + pause_ms };
        agent.phase = Phase::Pending(Wait {
            not_before: None,
            backoff_until: Some(until),
            reason: Some(reason),
            detail,
        });
    }

    fn lost(&mut self, index: usize, agent_plan: &AgentPlan, spent_ms: u64, mode: Mode) {
        if let Some(reason) = mode.reason() {
            return self.fail(index, reason, None);
        }
        if spent_ms >= self.state.agents[index].time_limit_ms(agent_plan) {
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

    fn ended(&mut self, index: usize, agent_plan: &AgentPlan, record: &ExitRecord, mode: Mode) {
        let agent = &mut self.state.agents[index];
        agent.exit_code = record.exit_code;
        agent.usage = add_usage(agent.usage, record.usage);
        self.state.usage = add_usage(self.state.usage, record.usage);
        let agent = &mut self.state.agents[index];
        agent.started_at = Some(record.started_at);
        match &record.outcome {
            Outcome::Completed => {
                agent.phase = Phase::Completed(Completion {
                    at: Some(record.ended_at),
                    evidence: record.evidence.clone(),
                    output_file: record.output_file.clone(),
                    detail: record.detail.clone(),
                });
            }
            Outcome::RateLimited { until } => {
                if let Some(reason) = mode.reason() {
                    return self.fail(index, reason, None);
                }
                let pause = pause_s(agent.pauses);
                agent.pauses = if until.is_some() { 0 } else { agent.pauses + 1 };
                let until = until.unwrap_or(self.now.wall + SignedDuration::from_secs(pause));
                agent.phase = Phase::Pending(Wait {
                    not_before: Some(until),
                    backoff_until: None,
                    reason: None,
                    detail: record.detail.clone(),
                });
            }
            Outcome::NeverRan => self.never_ran(index, record.detail.clone(), mode),
            Outcome::Failed { reason } => {
                let reason = match (reason, mode) {
                    (Reason::Stopped, Mode::TimedOut) => Reason::Timeout,
                    (Reason::Credit, Mode::Running) if self.leave_used_up(index, record.detail.clone()) => {
                        return;
                    }
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
        let running = self.mode() == Mode::Running;
        let agent = &mut self.state.agents[index];
        if running && may_retry(reason) && agent.failures < agent_plan.retries {
            agent.failures += 1;
            let pause = (1000_u64 << (agent.failures - 1).min(6)).min(LONGEST_BACKOFF_MS);
            self.await_another(index, reason, detail, pause);
        } else {
            self.fail(index, reason, detail);
        }
    }

    pub(super) fn fail(&mut self, index: usize, reason: Reason, detail: Option<String>) {
        self.state.agents[index].phase =
            Phase::Failed(Failure { at: Some(self.now.wall), reason: Some(reason), detail });
    }

    /// P3: the intent of the next attempt. The effect follows when it is stored.
    pub(super) fn begin(&mut self, index: usize) {
        let agent = &mut self.state.agents[index];
        agent.attempt += 1;
        // With it goes why the attempt before is not this one.
        agent.phase = Phase::Launched;
        agent.intent = Some(self.now.moment.clone());
        (agent.claimed, agent.begun) = (None, None);
        agent.started_at = Some(self.now.wall);
        agent.exit_code = None;
        agent.pane = None;
        let attempt = agent.attempt;
        self.effects.push(Effect::Launch { agent: index, attempt });
        self.wake_in(LAUNCH_DEADLINE_MS);
    }
}

/// How long a rate limit without a stated end is waited for after so many of them in
/// a row, in seconds: the pause doubles from one to the next.
fn pause_s(pauses: u32) -> i64 {
    (RATE_LIMIT_PAUSE_S << pauses.min(4)).min(LONGEST_PAUSE_S)
}

/// How long so many of them in a row are waited for together, in seconds.
pub(super) fn paused_s(pauses: u32) -> u64 {
    (0..pauses).map(|pauses| pause_s(pauses).unsigned_abs()).sum()
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
        | Reason::ProjectGone
        | Reason::Denied
        | Reason::ContextOverflow
        | Reason::Refusal
        | Reason::Budget
        | Reason::Credit
        | Reason::SessionClosed
        | Reason::Stopped
        | Reason::Dependencies
        | Reason::Items
        | Reason::Launch
        | Reason::Lost => false,
    }
}

fn add_usage(
    sum: Option<protocol::outcome::Usage>,
    more: Option<protocol::outcome::Usage>,
) -> Option<protocol::outcome::Usage> {
    match (sum, more) {
        (Some(a), Some(b)) => Some(a.plus(b)),
        (sum, more) => sum.or(more),
    }
}
