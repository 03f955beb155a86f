//! What an attempt is given to work on: its prompt, its files, the reports it
//! depends on.

use std::path::PathBuf;

use anyhow::Result;
use base::files::{self, Sync};
use base::ids::Role;
use protocol::excerpt::Excerpt;
use protocol::layout::{self, ConvoyDir};
use protocol::outcome::AgentStatus;
use protocol::plan::{AgentPlan, Plan, ReportKind};
use protocol::prompt::{Assignment, DependencyOutcome, DependencyResult};
use protocol::redact::Secrets;
use protocol::state::MergeStatus;

use crate::attempt::Attempt;
use crate::facts;
use crate::resume::Turn;
use crate::verify;

/// Writes the prompt of an attempt, and its part of the files if it has one.
pub(crate) fn write(
    attempt: &Attempt<'_>,
    state: &Excerpt,
    plan: &Plan,
    agent: &AgentPlan,
    secrets: &Secrets,
    turn: &Turn<'_>,
) -> Result<Vec<u8>> {
    let listed = file_list(&attempt.dir)?;
    let dependencies = dependencies(plan, agent, state);
    let merged = merged_report(plan, state);
    let report = attempt.files.report();
    let assignment = Assignment {
        plan,
        agent,
        attempt: attempt.number,
        files: &listed,
        output_file: &report,
        dependencies: &dependencies,
        merged: merged.as_deref(),
    };
    let mut prompt = match turn {
        Turn::Begin => protocol::prompt::compose(&assignment),
        Turn::GoOn(_) => protocol::prompt::go_on(&assignment),
        Turn::Mend(_, mistakes) => protocol::prompt::correct(&assignment, mistakes),
    };
    if !matches!(turn, Turn::Mend(..)) {
        let facts = facts::write(&attempt.environment, &attempt.home, &attempt.files, plan, agent);
        prompt.extend_from_slice(facts.unwrap_or_default().as_bytes());
        if agent.report == ReportKind::Verification {
            prompt.extend_from_slice(verify::code_around(agent, plan).as_bytes());
        }
    }
    let mut clean = Vec::with_capacity(prompt.len());
    secrets.copy(prompt.as_slice(), &mut clean)?;
    let prompt = clean;
    files::replace(&attempt.files.prompt(), attempt.files.dir(), &prompt, Sync::Later)?;
    if let Some(range) = agent.files {
        let own = file_list_bytes(range.of(&listed));
        files::replace(&attempt.files.files(), attempt.files.dir(), &own, Sync::Later)?;
    }
    Ok(prompt)
}

/// The outcomes of an agent's dependencies, as its prompt tells them: of a stage those of
/// its agents. What verifiers say stands beside the merged findings.
fn dependencies(plan: &Plan, agent: &AgentPlan, state: &Excerpt) -> Vec<DependencyOutcome> {
    let result = |role| {
        let dependency = state.agent(role)?;
        Some(match (&dependency.output_file(), dependency.status()) {
            (Some(report), AgentStatus::Completed) => {
                DependencyResult::Completed { report: report.as_path().to_path_buf() }
            }
            _ => DependencyResult::Failed {
                why: dependency.reason().map_or_else(
                    || "it did not complete".to_owned(),
                    |reason| protocol::reasons::reason(reason, dependency.detail()),
                ),
            },
        })
    };
    let as_a_stage = |role: &Role| plan.agent(role).filter(|planned| planned.fan_out.is_some());
    let roles = agent.depends_on.iter().flat_map(|role| match as_a_stage(role) {
        None => vec![role],
        Some(planned) if planned.report == ReportKind::Verification => Vec::new(),
        Some(_) => {
            let own = plan.agents.iter().filter(|planned| planned.group.as_ref() == Some(role));
            own.map(|planned| &planned.role).collect()
        }
    });
    roles.filter_map(|role| Some(DependencyOutcome { role: role.clone(), result: result(role)? })).collect()
}

/// The published merge of the reviews, once there is one.
fn merged_report(plan: &Plan, state: &Excerpt) -> Option<PathBuf> {
    state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done)?;
    Some(layout::published(plan.output_dir.as_path(), &plan.stamp, &plan.id, "merged.md"))
}

/// The files an agent was given to work on: its part of the convoy's, or all.
pub(crate) fn files_of(dir: &ConvoyDir, agent: &AgentPlan) -> Result<Vec<PathBuf>> {
    let listed = file_list(dir)?;
    Ok(agent.files.map_or(listed.as_slice(), |range| range.of(&listed)).to_vec())
}

/// The files under review, exact bytes.
fn file_list(dir: &ConvoyDir) -> Result<Vec<PathBuf>> {
    use std::os::unix::ffi::OsStringExt;
    let bytes = files::read_if_there(&dir.files())?.unwrap_or_default();
    let names = bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| PathBuf::from(std::ffi::OsString::from_vec(name.to_vec()))).collect())
}

/// The same form as `convoys/<id>/files`.
fn file_list_bytes(paths: &[PathBuf]) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    paths.iter().flat_map(|path| path.as_os_str().as_bytes().iter().copied().chain([0])).collect()
}
