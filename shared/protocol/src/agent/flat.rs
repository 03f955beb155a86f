//! An agent as it stands in the file: all fields beside each other.

use base::clock::Moment;
use base::encoded_path::EncodedPath;
use base::ids::{AgentName, Name, Role};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Agent, Completion, Failure, Fence, Handover, Phase, Wait};
use crate::outcome::is_zero;
use crate::outcome::{AgentStatus, Evidence, Reason, Usage};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Flat {
    role: Role,
    subagent: AgentName,
    tmux_session: String,
    status: AgentStatus,
    /// While running: which of the three phases that show as that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stage: Option<Stage>,
    attempt: u32,
    runner: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    handovers: Vec<Handover>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    output_file: Option<EncodedPath>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intent: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claimed: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fenced: Option<Fence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    backoff_until: Option<Moment>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pauses: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    voids: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    losses: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pane: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cols: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rows: Option<u16>,
    #[serde(flatten)]
    extra: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Stage {
    Launched,
    Claimed,
    Reaping,
}

impl Flat {
    /// Takes the phase and what belongs to it. What is left of its fields then
    /// belongs to no phase the agent is in.
    fn take_phase(&mut self) -> Phase {
        match self.status {
            AgentStatus::Pending => Phase::Pending(Wait {
                not_before: self.not_before.take(),
                backoff_until: self.backoff_until.take(),
                reason: self.reason.take(),
                detail: self.detail.take(),
            }),
            // One that does not tell is looked at like one that was just launched.
            AgentStatus::Running => match self.stage.take() {
                None | Some(Stage::Launched) => Phase::Launched,
                Some(Stage::Claimed) => Phase::Claimed,
                Some(Stage::Reaping) => Phase::Reaping,
            },
            AgentStatus::Completed => Phase::Completed(Completion {
                at: self.completed_at.take(),
                evidence: self.evidence.take(),
                output_file: self.output_file.take(),
                detail: self.detail.take(),
            }),
            AgentStatus::Failed => Phase::Failed(Failure {
                at: self.completed_at.take(),
                reason: self.reason.take(),
                detail: self.detail.take(),
            }),
        }
    }

    /// A field of a phase that nothing has taken.
    fn misplaced(&self) -> Option<&'static str> {
        let of_phases = [
            ("stage", self.stage.is_some()),
            ("completedAt", self.completed_at.is_some()),
            ("outputFile", self.output_file.is_some()),
            ("reason", self.reason.is_some()),
            ("detail", self.detail.is_some()),
            ("notBefore", self.not_before.is_some()),
            ("backoffUntil", self.backoff_until.is_some()),
            ("evidence", self.evidence.is_some()),
        ];
        of_phases.into_iter().find(|(_, there)| *there).map(|(name, _)| name)
    }
}

impl TryFrom<Flat> for Agent {
    type Error = String;

    fn try_from(mut flat: Flat) -> Result<Self, String> {
        let phase = flat.take_phase();
        if let Some(field) = flat.misplaced() {
            let status = match flat.status {
                AgentStatus::Pending => "pending",
                AgentStatus::Running => "running",
                AgentStatus::Completed => "completed",
                AgentStatus::Failed => "failed",
            };
            return Err(format!("agent '{}' is {status} and has a '{field}'", flat.role));
        }
        Ok(Agent {
            role: flat.role,
            subagent: flat.subagent,
            tmux_session: flat.tmux_session,
            runner: flat.runner,
            model: flat.model,
            handovers: flat.handovers,
            timeout_ms: flat.timeout_ms,
            phase,
            attempt: flat.attempt,
            started_at: flat.started_at,
            exit_code: flat.exit_code,
            intent: flat.intent,
            claimed: flat.claimed,
            begun: flat.begun,
            fenced: flat.fenced,
            pane: flat.pane,
            cols: flat.cols,
            rows: flat.rows,
            pauses: flat.pauses,
            voids: flat.voids,
            losses: flat.losses,
            failures: flat.failures,
            usage: flat.usage,
            extra: flat.extra,
        })
    }
}

impl From<Agent> for Flat {
    fn from(agent: Agent) -> Flat {
        let status = agent.status();
        let mut flat = Flat {
            role: agent.role,
            subagent: agent.subagent,
            tmux_session: agent.tmux_session,
            status,
            stage: None,
            attempt: agent.attempt,
            runner: agent.runner,
            model: agent.model,
            handovers: agent.handovers,
            timeout_ms: agent.timeout_ms,
            started_at: agent.started_at,
            completed_at: None,
            output_file: None,
            exit_code: agent.exit_code,
            reason: None,
            detail: None,
            intent: agent.intent,
            claimed: agent.claimed,
            begun: agent.begun,
            fenced: agent.fenced,
            not_before: None,
            backoff_until: None,
            pauses: agent.pauses,
            voids: agent.voids,
            losses: agent.losses,
            failures: agent.failures,
            evidence: None,
            usage: agent.usage,
            pane: agent.pane,
            cols: agent.cols,
            rows: agent.rows,
            extra: agent.extra,
        };
        match agent.phase {
            Phase::Pending(wait) => {
                (flat.not_before, flat.backoff_until) = (wait.not_before, wait.backoff_until);
                (flat.reason, flat.detail) = (wait.reason, wait.detail);
            }
            Phase::Launched => flat.stage = Some(Stage::Launched),
            Phase::Claimed => flat.stage = Some(Stage::Claimed),
            Phase::Reaping => flat.stage = Some(Stage::Reaping),
            Phase::Completed(completion) => {
                (flat.completed_at, flat.evidence) = (completion.at, completion.evidence);
                (flat.output_file, flat.detail) = (completion.output_file, completion.detail);
            }
            Phase::Failed(failure) => {
                (flat.completed_at, flat.reason, flat.detail) = (failure.at, failure.reason, failure.detail);
            }
        }
        flat
    }
}
