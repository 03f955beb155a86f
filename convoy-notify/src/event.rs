//! What hooks are told of the end of a convoy: one JSON object.

use base::error::chain;
use base::ids::Role;
use base::text;
use findings::verdict::Verdict;
use jiff::Timestamp;
use protocol::layout::{self, ConvoyDir};
use protocol::outcome::{AgentStatus, Reason, Usage};
use protocol::plan::Plan;
use protocol::reasons;
use protocol::state::{ConvoyStatus, MergeStatus, State};
use serde::Serialize;

/// Its fields are stable; more may come.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    schema_version: u32,
    #[serde(rename = "event")]
    what: &'static str,
    /// The same for each time that this end is told.
    pub(crate) delivery: String,
    /// More than 1: whoever told it before was killed, and it may be a repetition.
    attempt: u32,
    /// All of it in a sentence.
    pub(crate) text: String,
    pub(crate) id: String,
    template: String,
    project: String,
    pub(crate) status: ConvoyStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    /// Why verdict and reports are not told, where that is for a fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    started_at: Timestamp,
    completed_at: Timestamp,
    seconds: i64,
    /// Of a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    /// Findings by severity, if they were merged.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<std::collections::BTreeMap<String, u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
    agents: Vec<AgentEnd>,
    /// The final report, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<String>,
    /// The merged findings as JSON, absolute.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings_file: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AgentEnd {
    role: Role,
    status: AgentStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    attempts: u32,
}

/// Of a convoy whose plan cannot be read less is told, and why.
pub(crate) fn of(dir: &ConvoyDir, state: &State, end: Timestamp, attempt: u32) -> Event {
    let (plan, problem) = match Plan::read(dir) {
        Ok(plan) => (Some(plan), None),
        Err(error) => (None, Some(format!("its verdict is not known: {}", chain(&error)))),
    };
    let judged = plan.as_ref().and_then(|plan| verdict::of_convoy(dir, plan, state));
    let line = judged.as_ref().map(verdict::Judgement::line);
    let (report, findings_file) = plan.as_ref().map_or((None, None), |plan| files(dir, plan, state));
    Event {
        schema_version: 1,
        what: "end",
        delivery: format!("{}@{end}", state.id),
        attempt,
        text: sentence(state, line.as_deref().or(problem.as_deref())),
        id: state.id.to_string(),
        template: state.template.to_string(),
        project: text::path(state.context.project_path.as_path()),
        status: state.status,
        reason: state.reason,
        problem,
        started_at: state.started_at,
        completed_at: end,
        seconds: end.duration_since(state.started_at).as_secs(),
        verdict: judged.map(|judged| judged.verdict).map(Verdict::word),
        findings: state.merge.as_ref().and_then(|merge| merge.counts.clone()),
        usage: state.usage,
        agents: state.agents.iter().map(|one| agent(one)).collect(),
        report,
        findings_file,
    }
}

fn agent(agent: &protocol::agent::Agent) -> AgentEnd {
    AgentEnd {
        role: agent.role.clone(),
        status: agent.status(),
        reason: agent.reason(),
        attempts: agent.attempt,
    }
}

/// `code-review-k7q completed: APPROVED: …`
fn sentence(state: &State, verdict: Option<&str>) -> String {
    let status = match state.status {
        ConvoyStatus::Running => "runs",
        ConvoyStatus::Completed => "completed",
        ConvoyStatus::Partial => "ended in part",
        ConvoyStatus::Failed => "failed",
    };
    let why = verdict.map(str::to_owned).or_else(|| state.reason.map(|reason| reasons::reason(reason, None)));
    let why = why.map_or(String::new(), |why| format!(": {}", text::visible(&why)));
    format!("{} {status}{why}", state.id)
}

/// The final report and the merged findings, where they were published.
fn files(dir: &ConvoyDir, plan: &Plan, state: &State) -> (Option<String>, Option<String>) {
    let merged = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done);
    let published =
        |what| merged.map(|_| layout::published(plan.output_dir.as_path(), &plan.stamp, dir.id(), what));
    let synthesis = verdict::synthesis_agent(plan, state).and_then(|(agent, _)| agent.output_file());
    let report = synthesis.map(|file| file.as_path().to_path_buf()).or_else(|| published("merged.md"));
    let shown = |path: std::path::PathBuf| text::path(&path);
    (report.map(shown), published("findings.json").map(shown))
}
