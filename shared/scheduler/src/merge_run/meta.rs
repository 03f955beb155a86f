//! What the merge is told of the reviewers.

use std::path::PathBuf;

use base::encoded_path::EncodedPath;
use base::error::{IoContext, Result};
use base::files;
use findings::changed::{Changed, GateOn};
use findings::requirement::Asked;
use protocol::agent::{self, Agent, Handover};
use protocol::expansion::Expansion;
use protocol::layout::{self, ConvoyDir};
use protocol::outcome::AgentStatus;
use protocol::plan::{AgentPlan, Item, Lens, Plan, ReportKind};
use protocol::state::State;
use serde::Serialize;

use super::FINDINGS;

/// What `convoy-merge --meta` is told beside the reports.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Meta<'a> {
    title: &'static str,
    /// The name under which the findings are published beside the report.
    data: String,
    /// From the start until the last reviewer had ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<u64>,
    /// Where the reviewed files lie: paths in reports are taken relative to it.
    project: EncodedPath,
    files_reviewed: u64,
    static_only: bool,
    /// What stands in the way of an approval: a severity, and which findings it looks at.
    gate: &'a str,
    gate_on: GateOn,
    /// The lines of the change, where there is a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<Vec<Changed>>,
    /// The file that says what was known of the project's findings at the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<EncodedPath>,
    reviewers: Vec<Reviewer<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<Requirements<'a>>,
    /// Where findings are verified: what is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verification>,
}

/// What was asked for, who holds the change against it, or why nobody does.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Requirements<'a> {
    asked: Vec<Asked>,
    by: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
}

/// Of the verifiers: what those who completed said, and whose findings nobody looked at.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Verification {
    looks: Vec<EncodedPath>,
    missed: Vec<Missed>,
    others: String,
}

#[derive(Debug, Serialize)]
struct Missed {
    mark: String,
    why: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reviewer<'a> {
    role: &'a str,
    state: AgentStatus,
    runner: &'a str,
    /// Whom of its chain that one stands in for, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_place_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// All of its attempts together, as its CLI tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_usd: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<EncodedPath>,
    /// Its findings as data, which are read instead of its report.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<EncodedPath>,
    /// What it read, where that was found out beside its report.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<EncodedPath>,
    /// Tools that reading needs and that were denied to it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    denied: &'a [String],
}

/// What the program is told of the reviews.
pub(super) fn meta(dir: &ConvoyDir, plan: &Plan, state: &State) -> Result<Vec<u8>> {
    let reviews = plan.agents.iter().zip(&state.agents);
    let reviewers = reviews
        .filter(|(plan, _)| plan.report == ReportKind::Findings)
        .map(|(planned, agent)| reviewer(dir, state, planned, agent))
        .collect::<Result<_>>()?;
    let data = layout::published(plan.output_dir.as_path(), &plan.stamp, dir.id(), FINDINGS);
    let meta = Meta {
        title: "Code Review - Complete Analysis",
        data: data.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        seconds: seconds(plan, state),
        project: plan.tree().into(),
        files_reviewed: plan.inputs.file_count,
        static_only: plan.static_only(),
        gate: &plan.gate.level,
        gate_on: plan.gate.on,
        changed: changed(dir)?,
        known: there(dir.known())?,
        reviewers,
        requirements: requirements(plan),
        verification: verification(dir, plan, state)?,
    };
    serde_json::to_vec_pretty(&meta).map_err(std::io::Error::from).context("encode the merge of", &dir.dir())
}

/// `None`: the template has nobody for it.
fn requirements(plan: &Plan) -> Option<Requirements<'_>> {
    let by = plan.agents.iter().filter(|agent| agent.lens == Some(Lens::Requirements));
    let by: Vec<&str> = by.map(|agent| agent.role.as_str()).collect();
    let why = plan.inputs.no_requirements.as_deref();
    let is_any = !by.is_empty() || why.is_some();
    is_any.then(|| Requirements {
        asked: if by.is_empty() { Vec::new() } else { plan.inputs.asked() },
        by,
        why,
    })
}

/// `None`: no finding was to be looked at again, or the first merge is only being made.
fn verification(dir: &ConvoyDir, plan: &Plan, state: &State) -> Result<Option<Verification>> {
    let planned = || plan.agents.iter().zip(&state.agents);
    let is_stage = |plan: &AgentPlan| plan.report == ReportKind::Verification && plan.fan_out.is_some();
    let Some((first, verify)) = planned().find(|(plan, _)| is_stage(plan)) else { return Ok(None) };
    let (mut looks, mut missed) = (Vec::new(), Vec::new());
    for (plan, agent) in planned().filter(|(plan, _)| plan.report == ReportKind::Verification) {
        let attempt = state.merge.as_ref().and_then(|merge| merge.of.get(&plan.role));
        match attempt.filter(|_| agent.is_completed()) {
            Some(attempt) => looks.push(dir.attempt(&plan.role, *attempt).verification().into()),
            // Of a later stage the first look is known.
            None if plan.group.as_ref() == Some(&first.role) => {
                let why = agent.why().unwrap_or_else(|| "its verifier has not ended".to_owned());
                let missing = |item: &Item| Missed { mark: item.hash.clone(), why: why.clone() };
                missed.extend(plan.items.iter().map(missing));
            }
            None => {}
        }
    }
    for expansion in Expansion::of_stage(dir, &first.role)? {
        let why = expansion.note.clone().unwrap_or_else(|| "there are too many".to_owned());
        let missing = |item: &Item| Missed { mark: item.hash.clone(), why: why.clone() };
        missed.extend(expansion.left.iter().map(missing));
    }
    let begun = state.expansions.iter().any(|one| one.role == first.role);
    if !begun && !verify.ended() {
        return Ok(None);
    }
    let others = verify.why().unwrap_or_else(|| "no verifier was given it".to_owned());
    Ok(Some(Verification { looks, missed, others }))
}

/// How long the reviewers took.
fn seconds(plan: &Plan, state: &State) -> Option<u64> {
    let reviews =
        plan.agents.iter().zip(&state.agents).filter(|(plan, _)| plan.report == ReportKind::Findings);
    let last = reviews.filter_map(|(_, agent)| agent.completed_at()).max()?;
    u64::try_from(last.duration_since(state.started_at).as_secs()).ok()
}

fn reviewer<'a>(
    dir: &ConvoyDir,
    state: &State,
    planned: &'a AgentPlan,
    agent: &'a Agent,
) -> Result<Reviewer<'a>> {
    let attempt = state.merge.as_ref().and_then(|merge| merge.of.get(&planned.role));
    // The merge is of this attempt, whoever has the agent by now.
    let place = attempt.and_then(|attempt| agent.handover_of(*attempt)).map_or(0, |handover| handover.place);
    let invocation = planned.invocation_at(attempt.map_or(agent.place(), |_| place));
    let until = |one: &Handover| attempt.is_none_or(|attempt| one.attempt <= *attempt);
    let handovers = agent.handovers.iter().take_while(|one| until(one)).count();
    let files = attempt.map(|attempt| dir.attempt(&planned.role, *attempt));
    let (mut findings, mut scope) = (None, None);
    if let Some(files) = &files {
        findings = there(files.findings())?;
        scope = there(files.scope())?;
        // What our own rules wrote needs no judging.
        if findings.is_none() && invocation.static_only {
            findings = there(files.answer())?;
        }
    }
    Ok(Reviewer {
        role: planned.role.as_str(),
        state: agent.status(),
        runner: invocation.runner.as_str(),
        in_place_of: agent::in_place_of(&agent.handovers[..handovers], |at| {
            at.strftime("%Y-%m-%d %H:%M UTC").to_string()
        }),
        model: invocation.model.as_deref(),
        reason: agent.why(),
        cost_usd: agent.usage.and_then(|usage| usage.cost_usd),
        path: files.map(|files| files.report().into()),
        findings,
        scope,
        denied: agent.evidence().map_or(&[], |evidence| &evidence.denied),
    })
}

/// The path, if there is something of that name.
pub(super) fn there(path: PathBuf) -> Result<Option<EncodedPath>> {
    Ok(files::find(&path).context("look at", &path)?.map(|_| path.into()))
}

/// The lines of the change; `None`: there is no base.
fn changed(dir: &ConvoyDir) -> Result<Option<Vec<Changed>>> {
    let path = dir.changed();
    let Some(bytes) = files::read_if_there(&path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(std::io::Error::from).context("read", &path)
}
