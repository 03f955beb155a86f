//! What became of one reviewer: from plan, state and what is known of its reading.

use std::collections::BTreeSet;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::ids::Role;
use base::{files, text};
use findings::Scope;
use protocol::agent::Agent;
use protocol::layout::ConvoyDir;
use protocol::outcome::AgentStatus;
use protocol::plan::{AgentPlan, Plan, ReportKind};
use protocol::state::State;

/// One reviewer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    pub role: Role,
    /// The role in the template: reviewers with a part of the files each share one.
    pub group: Role,
    pub status: AgentStatus,
    /// Nothing but rules: no AI has looked.
    pub static_only: bool,
    /// Why its answer cannot be relied on, as a clause.
    pub missing: Option<String>,
    /// What it read; `None`: nothing is known of it.
    pub scope: Option<Scope>,
    /// How many files it says it has read, where that is all there is.
    pub claimed: Option<u64>,
    /// Tools that reading needs and that were denied to it.
    pub denied: Vec<String>,
}

/// Every agent whose report is a review.
pub(crate) fn read(dir: &ConvoyDir, plan: &Plan, state: &State) -> Vec<Reviewed> {
    let reviews = plan.agents.iter().filter(|agent| agent.report == ReportKind::Findings);
    reviews.filter_map(|planned| Some(one(dir, planned, state.agent(&planned.role)?))).collect()
}

fn one(dir: &ConvoyDir, planned: &AgentPlan, agent: &Agent) -> Reviewed {
    let static_only = agent.invocation(planned).static_only;
    let (scope, torn) = match scope(dir, agent, static_only) {
        Ok(scope) => (scope, None),
        Err(why) => (None, Some(why)),
    };
    let report = if agent.is_completed() { own_report(dir, agent) } else { Ok(None) };
    let claimed = match (&scope, &report) {
        (None, Ok(Some(report))) => claimed(report),
        _ => None,
    };
    Reviewed {
        role: agent.role.clone(),
        group: planned.group.clone().unwrap_or_else(|| agent.role.clone()),
        status: agent.status(),
        static_only,
        missing: why_missing(agent).or_else(|| why_unread(agent, report)).or(torn),
        claimed,
        denied: agent.evidence().map(|evidence| evidence.denied.clone()).unwrap_or_default(),
        scope,
    }
}

/// Why a review cannot be relied on; `None` if it can.
fn why_missing(agent: &Agent) -> Option<String> {
    match agent.status() {
        AgentStatus::Pending => Some("never ran".to_owned()),
        AgentStatus::Running => Some("had not ended".to_owned()),
        AgentStatus::Failed => {
            let why = agent.why();
            Some(why.map_or_else(|| "failed".to_owned(), |why| text::visible(&why)))
        }
        AgentStatus::Completed => match agent.evidence().and_then(|evidence| evidence.complete) {
            Some(true) => None,
            Some(false) => Some("its report is incomplete".to_owned()),
            None => Some("nothing proves that its report is complete".to_owned()),
        },
    }
}

/// A completed review that nobody can read is no more to be relied on than none.
fn why_unread(agent: &Agent, report: base::Result<Option<String>>) -> Option<String> {
    match report {
        _ if !agent.is_completed() => None,
        Ok(Some(_)) => None,
        Ok(None) => Some("its report is gone".to_owned()),
        Err(error) => Some(base::error::chain(&error)),
    }
}

/// The text of an agent's report: its own copy, else, if that is gone, the
/// published one. `None`: both are gone.
pub(crate) fn own_report(dir: &ConvoyDir, agent: &Agent) -> base::Result<Option<String>> {
    let own = dir.attempt(&agent.role, agent.attempt).report();
    let published = agent.output_file().map(|path| path.as_path().to_path_buf());
    for path in [Some(own), published].into_iter().flatten() {
        if let Some(bytes) = files::read_if_there(&path)? {
            return Ok(Some(String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok(None)
}

/// What it read, as its supervisor proved it, else as the answer itself says.
fn scope(dir: &ConvoyDir, agent: &Agent, static_only: bool) -> Result<Option<Scope>, String> {
    if !agent.is_completed() {
        return Ok(None);
    }
    let attempt = dir.attempt(&agent.role, agent.attempt);
    let told = |error: &dyn std::fmt::Display| format!("what it read is unknown: {error}");
    let read = |path: &Path| files::read_if_there(path).map_err(|error| base::error::chain(&error));
    if let Some(bytes) = read(attempt.scope().as_path())? {
        return serde_json::from_slice(&bytes).map(Some).map_err(|error| told(&error));
    }
    // What our own rules wrote needs no judging.
    let answer = Some(attempt.answer()).filter(|_| static_only);
    for path in [Some(attempt.findings()), answer].into_iter().flatten() {
        if let Some(bytes) = read(&path)? {
            return findings::read(&bytes).map(|document| Some(document.scope)).map_err(|error| told(&error));
        }
    }
    Ok(None)
}

/// `**Reviewed:** 12 files`: the word of a reviewer that was read from prose.
fn claimed(report: &str) -> Option<u64> {
    let stated = report.lines().rev().find_map(|line| line.trim().strip_prefix("**Reviewed:**"))?;
    stated.split_whitespace().next()?.parse().ok()
}

/// How many files were read by every reviewer on whom one can rely, where any of
/// them is known to have read some, or says so.
pub fn count_read(reviewers: &[Reviewed]) -> Option<u64> {
    let proved = read_by_all(reviewers).map(|files| files.len() as u64);
    let mut said: Vec<(&Role, u64)> = Vec::new();
    for reviewer in reviewers.iter().filter(|reviewer| reviewer.missing.is_none()) {
        let Some(count) = reviewer.claimed else { continue };
        match said.iter_mut().find(|(group, _)| **group == reviewer.group) {
            Some((_, sum)) => *sum += count,
            None => said.push((&reviewer.group, count)),
        }
    }
    said.into_iter().map(|(_, count)| count).chain(proved).min()
}

/// The files that every reviewer on whom one can rely has read, those with a part
/// each together; `None`: of none of them it is known.
pub(crate) fn read_by_all(reviewers: &[Reviewed]) -> Option<BTreeSet<&EncodedPath>> {
    let mut groups: Vec<(&Role, BTreeSet<&EncodedPath>)> = Vec::new();
    for reviewer in reviewers.iter().filter(|reviewer| reviewer.missing.is_none()) {
        let Some(scope) = &reviewer.scope else { continue };
        match groups.iter_mut().find(|(group, _)| **group == reviewer.group) {
            Some((_, read)) => read.extend(&scope.read),
            None => groups.push((&reviewer.group, scope.read.iter().collect())),
        }
    }
    groups.into_iter().map(|(_, read)| read).reduce(|all, read| all.intersection(&read).copied().collect())
}
