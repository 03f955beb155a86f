//! One agent in the state: who it is, which phase it is in, and what is known of
//! its attempts.
//!
//! A phase has the fields that mean something in it and no others. In the file
//! all of them lie flat beside each other (`flat`): there a field that the
//! agent's phase does not have is an error.

mod flat;
mod handover;
mod shared;
#[cfg(test)]
mod tests;

use base::clock::Moment;
use base::encoded_path::EncodedPath;
use base::ids::{AgentName, ConvoyId, Name, Role};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use handover::{Handover, in_place_of};
pub use shared::Shared;

use crate::outcome::{AgentStatus, Evidence, Reason, Usage};
use crate::plan::{AgentPlan, Invocation};

/// One agent of a convoy's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "flat::Flat", into = "flat::Flat")]
pub struct Agent {
    pub role: Role,
    pub subagent: AgentName,
    pub tmux_session: String,
    /// Who has it now, and wrote its report if there is one.
    pub runner: Name,
    pub model: Option<String>,
    /// How it came from one of its runners to another, in order.
    pub handovers: Vec<Handover>,
    /// How long an attempt may take instead of what the plan says: a person had it run
    /// again with another time. Milliseconds.
    pub timeout_ms: Option<u64>,
    pub phase: Phase,
    /// The current or last attempt; 0 before the first. What follows up to `rows` is
    /// of that one, and stays for those who look back when it has ended.
    pub attempt: u32,
    pub started_at: Option<Timestamp>,
    pub exit_code: Option<i32>,
    /// When its intent was stored (P3).
    pub intent: Option<Moment>,
    /// When its supervisor claimed it.
    pub claimed: Option<Moment>,
    /// When its command began, where that may be long after its claim: it waited in
    /// the queue of its executor.
    pub begun: Option<Moment>,
    /// A person said that nothing of an attempt runs any more.
    pub fenced: Option<Fence>,
    /// Its tmux pane, and the size of that.
    pub pane: Option<String>,
    pub cols: Option<u16>,
    pub rows: Option<u16>,
    /// Rate limits in a row that stated no end.
    pub pauses: u32,
    /// Attempts that never began, were lost, or failed, since the last (re)start.
    pub voids: u32,
    pub losses: u32,
    pub failures: u32,
    /// What all its ended attempts have used together.
    pub usage: Option<Usage>,
    pub extra: Map<String, Value>,
}

/// A person's word that nothing of an attempt runs any more, where nobody can ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fence {
    pub attempt: u32,
    /// Who said so, as the system calls them.
    pub by: String,
    pub at: Timestamp,
}

/// How far an agent is. The table of agent states (`docs/protocol.md`) calls them
/// P, L, R, Z, C and F; L, R and Z show as `running`.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    Pending(Wait),
    /// Intended and launched, not claimed yet.
    Launched,
    /// Claimed: its supervisor lives.
    Claimed,
    /// Its supervisor is gone; what it left behind is being ended.
    Reaping,
    Completed(Completion),
    Failed(Failure),
}

/// What a pending agent waits for beside what it depends on, and why.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wait {
    /// Not to be started again before this time (rate limit: as stated by the service).
    pub not_before: Option<Timestamp>,
    /// The same for a backoff, which no clock setting moves.
    pub backoff_until: Option<Moment>,
    /// Why the attempt before is to be repeated.
    pub reason: Option<Reason>,
    /// One line for people beside the reason.
    pub detail: Option<String>,
}

/// How it completed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Completion {
    pub at: Option<Timestamp>,
    pub evidence: Option<Evidence>,
    /// The published report, absolute.
    pub output_file: Option<EncodedPath>,
    /// One line for people.
    pub detail: Option<String>,
}

/// How it failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Failure {
    pub at: Option<Timestamp>,
    /// There in all that this program writes.
    pub reason: Option<Reason>,
    /// One line for people beside the reason.
    pub detail: Option<String>,
}

impl Agent {
    /// One that nothing was begun of.
    pub fn new(id: &ConvoyId, role: Role, subagent: AgentName, runner: Name, model: Option<String>) -> Self {
        Agent {
            tmux_session: session_name(id, &role, 1),
            role,
            subagent,
            runner,
            model,
            handovers: Vec::new(),
            timeout_ms: None,
            phase: Phase::Pending(Wait::default()),
            attempt: 0,
            started_at: None,
            exit_code: None,
            intent: None,
            claimed: None,
            begun: None,
            fenced: None,
            pane: None,
            cols: None,
            rows: None,
            pauses: 0,
            voids: 0,
            losses: 0,
            failures: 0,
            usage: None,
            extra: Map::new(),
        }
    }

    /// The same agent to be run again from nothing, by the first of its runners: what
    /// was spent stays spent, and the numbers of its attempts go on.
    #[must_use]
    pub(crate) fn anew(&self, id: &ConvoyId, plan: &AgentPlan) -> Self {
        let Agent { role, subagent, .. } = self.clone();
        let first = &plan.invocation;
        let mut next = Agent {
            tmux_session: self.tmux_session.clone(),
            attempt: self.attempt,
            handovers: self.handovers.clone(),
            timeout_ms: self.timeout_ms,
            usage: self.usage,
            extra: self.extra.clone(),
            ..Agent::new(id, role, subagent, self.runner.clone(), self.model.clone())
        };
        // Also where it is with the first one: what was used up may have been filled up.
        if !next.handovers.is_empty() {
            next.hand_over(plan, 0, None, None, None);
        }
        (next.runner, next.model) = (first.runner.clone(), first.model.clone());
        next
    }

    /// Milliseconds that an attempt may take.
    pub fn time_limit_ms(&self, plan: &AgentPlan) -> u64 {
        self.timeout_ms.unwrap_or(plan.timeout_ms)
    }

    /// From its next attempt on, the runner at this place of its chain has it.
    pub fn hand_over(
        &mut self,
        plan: &AgentPlan,
        place: usize,
        reason: Option<Reason>,
        until: Option<Timestamp>,
        detail: Option<String>,
    ) {
        let to = plan.invocation_at(place);
        self.handovers.push(Handover {
            attempt: self.attempt + 1,
            place,
            to: to.runner.clone(),
            from: self.runner.clone(),
            reason,
            until,
            detail,
        });
        (self.runner, self.model) = (to.runner.clone(), to.model.clone());
    }

    /// The place in its chain of the runner that has it.
    pub fn place(&self) -> usize {
        self.handovers.last().map_or(0, |handover| handover.place)
    }

    /// The handover that this attempt came with, or after; `None`: it was its first
    /// runner's.
    pub fn handover_of(&self, attempt: u32) -> Option<&Handover> {
        self.handovers.iter().rfind(|handover| handover.attempt <= attempt)
    }

    /// How the runner that has it runs it.
    pub fn invocation<'p>(&self, plan: &'p AgentPlan) -> &'p Invocation {
        plan.invocation_at(self.place())
    }

    /// Did a person say that nothing of its current attempt runs any more?
    pub fn is_fenced(&self) -> bool {
        self.fenced.as_ref().is_some_and(|fence| fence.attempt == self.attempt)
    }

    /// Its phase in the word that people and JSON know.
    pub fn status(&self) -> AgentStatus {
        match self.phase {
            Phase::Pending(_) => AgentStatus::Pending,
            Phase::Launched | Phase::Claimed | Phase::Reaping => AgentStatus::Running,
            Phase::Completed(_) => AgentStatus::Completed,
            Phase::Failed(_) => AgentStatus::Failed,
        }
    }

    /// Has its current attempt not been intended yet?
    pub fn is_pending(&self) -> bool {
        self.status() == AgentStatus::Pending
    }

    /// Is an attempt of it intended, claimed, or being ended?
    pub fn is_running(&self) -> bool {
        self.status() == AgentStatus::Running
    }

    /// Is it proved (P8)?
    pub fn is_completed(&self) -> bool {
        self.status() == AgentStatus::Completed
    }

    /// Did it fail for good?
    pub fn is_failed(&self) -> bool {
        self.status() == AgentStatus::Failed
    }

    /// Is it completed or failed?
    pub fn ended(&self) -> bool {
        self.is_completed() || self.is_failed()
    }

    /// What it waits for, while it is pending.
    pub fn wait(&self) -> Option<&Wait> {
        match &self.phase {
            Phase::Pending(wait) => Some(wait),
            _ => None,
        }
    }

    /// Until when a rate limit keeps it from running, while it is pending.
    pub fn not_before(&self) -> Option<Timestamp> {
        self.wait().and_then(|wait| wait.not_before)
    }

    /// When it ended.
    pub fn completed_at(&self) -> Option<Timestamp> {
        match &self.phase {
            Phase::Completed(Completion { at, .. }) | Phase::Failed(Failure { at, .. }) => *at,
            _ => None,
        }
    }

    /// The published report, absolute.
    pub fn output_file(&self) -> Option<&EncodedPath> {
        match &self.phase {
            Phase::Completed(completion) => completion.output_file.as_ref(),
            _ => None,
        }
    }

    /// What proves that it completed.
    pub fn evidence(&self) -> Option<&Evidence> {
        match &self.phase {
            Phase::Completed(completion) => completion.evidence.as_ref(),
            _ => None,
        }
    }

    /// Why it failed, or is to be repeated.
    pub fn reason(&self) -> Option<Reason> {
        match &self.phase {
            Phase::Pending(Wait { reason, .. }) | Phase::Failed(Failure { reason, .. }) => *reason,
            _ => None,
        }
    }

    /// One line for people beside the reason, or beside the report.
    pub fn detail(&self) -> Option<&str> {
        match &self.phase {
            Phase::Pending(Wait { detail, .. })
            | Phase::Completed(Completion { detail, .. })
            | Phase::Failed(Failure { detail, .. }) => detail.as_deref(),
            Phase::Launched | Phase::Claimed | Phase::Reaping => None,
        }
    }

    /// The reason and its detail, for people.
    pub fn why(&self) -> Option<String> {
        self.reason().map(|reason| crate::reasons::reason(reason, self.detail()))
    }
}

/// The session an attempt gets unless the name is taken.
pub fn session_name(id: &ConvoyId, role: &Role, attempt: u32) -> String {
    match attempt {
        0 | 1 => format!("{id}-{role}"),
        n => format!("{id}-{role}-{n}"),
    }
}
