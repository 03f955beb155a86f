//! Reads what a judgement rests on from a convoy's directory.

use base::ids::Role;
use base::{files, text};
use findings::Severity;
use findings::merged::Merged;
use protocol::agent::Agent;
use protocol::layout::ConvoyDir;
use protocol::plan::{Plan, ReportKind};
use protocol::state::{MergeStatus, State};

use crate::judge::{Evidence, Judgement, Synthesis, judge};
use crate::{markers, reviewer};

/// Longest report that is taken into a result.
const LONGEST_REPORT: usize = 1 << 20;

/// Is there a reviewer in this plan, so that there is something to judge?
pub fn is_review(plan: &Plan) -> bool {
    plan.agents.iter().any(|agent| agent.report == ReportKind::Findings)
}

/// The judgement of a convoy that has ended; `None`: it is no review.
pub fn of_convoy(dir: &ConvoyDir, plan: &Plan, state: &State) -> Option<Judgement> {
    is_review(plan).then(|| judge(gather(dir, plan, state, Vec::new())))
}

/// Everything that is known. `obstacles`: what stands in the way besides.
pub fn gather(dir: &ConvoyDir, plan: &Plan, state: &State, obstacles: Vec<String>) -> Evidence {
    let gate = Severity::from_name(&plan.gate.level);
    let unknown = gate.is_none().then(|| format!("its gate '{}' is none", text::visible(&plan.gate.level)));
    Evidence {
        gate: gate.unwrap_or(Severity::Low),
        gate_on: plan.gate.on,
        obstacles: obstacles.into_iter().chain(unknown).collect(),
        files: plan.inputs.file_count,
        reviewers: reviewer::read(dir, plan, state),
        merged: merged(dir, state),
        synthesis: synthesis(dir, plan, state),
    }
}

fn merged(dir: &ConvoyDir, state: &State) -> Result<Merged, String> {
    let Some(merge) = &state.merge else {
        let any = state.agents.iter().any(|agent| agent.is_completed());
        return Err(if any { "that has not started" } else { "none of them was completed" }.to_owned());
    };
    if merge.status != MergeStatus::Done {
        return Err(merge.detail.clone().unwrap_or_else(|| "it was not done".to_owned()));
    }
    let path = dir.merge_findings(merge.k);
    match files::read_if_there(&path) {
        Ok(Some(bytes)) => Merged::read(&bytes).map_err(|why| format!("{}: {why}", text::path(&path))),
        Ok(None) => Err(format!("{} is gone", text::path(&path))),
        Err(error) => Err(base::error::chain(&error)),
    }
}

fn synthesis(dir: &ConvoyDir, plan: &Plan, state: &State) -> Synthesis {
    let merged = || {
        let merge = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done);
        let Some(path) = merge.map(|merge| dir.merge_report(merge.k)) else { return String::new() };
        match std::fs::read(&path) {
            Ok(bytes) => bounded(String::from_utf8_lossy(&bytes).into_owned()),
            // Only shown; what decides is the findings.
            Err(error) => {
                format!("cannot read {}: {error}\n", text::path(&path), error = base::error::reason(&error))
            }
        }
    };
    let Some((agent, ai)) = synthesis_agent(plan, state) else {
        return Synthesis::Script { text: merged() };
    };
    let completed = agent.is_completed();
    let report = if completed { reviewer::own_report(dir, agent) } else { Ok(None) };
    match report {
        Ok(Some(text)) if ai => Synthesis::Ai { markers: markers::read(&text), text: bounded(text) },
        Ok(Some(text)) => Synthesis::Script { text: bounded(text) },
        Ok(None) if completed => Synthesis::Failed { text: merged(), why: "its report is gone".to_owned() },
        Err(error) => Synthesis::Failed { text: merged(), why: base::error::chain(&error) },
        Ok(None) => {
            let why = agent.why();
            let why = why.map_or_else(|| "it never ran".to_owned(), |why| text::visible(&why));
            Synthesis::Failed { text: merged(), why }
        }
    }
}

fn bounded(mut text: String) -> String {
    let mut end = LONGEST_REPORT.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

/// The agent that writes the final report, and whether it is more than static rules.
pub fn synthesis_agent<'a>(plan: &'a Plan, state: &'a State) -> Option<(&'a Agent, bool)> {
    let planned = plan.agents.iter().find(|agent| agent.report == ReportKind::Synthesis)?;
    let role: &Role = &planned.role;
    let agent = state.agent(role)?;
    Some((agent, !agent.invocation(planned).static_only))
}
