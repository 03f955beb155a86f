//! What became of each reviewer: from plan, state and the reports themselves.

use base::ids::Role;
use base::{files, text};
use protocol::layout::ConvoyDir;
use protocol::plan::{Plan, ReportKind};
use protocol::state::{Agent, AgentStatus, State};
use protocol::words;

use crate::result::{Missing, Report};

/// Every agent whose report is a review, and those that cannot be relied on.
pub(crate) fn read(dir: &ConvoyDir, plan: &Plan, state: &State) -> (Vec<Report>, Vec<Missing>) {
    let mut reports = Vec::new();
    let mut missing = Vec::new();
    for planned in plan.agents.iter().filter(|agent| agent.report == ReportKind::Findings) {
        let Some(agent) = state.agent(&planned.role) else { continue };
        let text = match agent.status {
            AgentStatus::Completed => own_report(dir, agent),
            AgentStatus::Pending | AgentStatus::Running | AgentStatus::Failed => Ok(None),
        };
        let files_reviewed = text.as_ref().ok().and_then(|text| files_reviewed(text.as_deref()?));
        let report = Report {
            role: agent.role.clone(),
            status: agent.status,
            runner: agent.runner.clone(),
            model: agent.model.clone().filter(|_| !planned.invocation.static_only),
            static_only: planned.invocation.static_only,
            path: agent.output_file.clone(),
            findings: agent.evidence.as_ref().and_then(|evidence| evidence.findings.clone()),
            files_reviewed,
            group: planned.group.clone().unwrap_or_else(|| agent.role.clone()),
        };
        let why = why_missing(agent, &report, plan.inputs.file_count);
        if let Some(why) = why.or_else(|| why_unread(agent, text)) {
            missing.push(Missing { role: agent.role.clone(), why });
        }
        reports.push(report);
    }
    (reports, missing)
}

/// Why a review cannot be relied on; `None` if it can.
fn why_missing(agent: &Agent, report: &Report, files: u64) -> Option<String> {
    match agent.status {
        AgentStatus::Pending => Some("never ran".to_owned()),
        AgentStatus::Running => Some("had not ended".to_owned()),
        AgentStatus::Failed => {
            let why = agent.reason.map(|reason| words::reason(reason, agent.detail.as_deref()));
            Some(why.map_or_else(|| "failed".to_owned(), |why| text::visible(&why)))
        }
        AgentStatus::Completed => match agent.evidence.as_ref().and_then(|evidence| evidence.complete) {
            Some(true) if files > 0 && report.files_reviewed == Some(0) => {
                Some("read none of the files".to_owned())
            }
            Some(true) => None,
            Some(false) => Some("its report is incomplete".to_owned()),
            None => Some("nothing proves that its report is complete".to_owned()),
        },
    }
}

/// A completed review that nobody can read is no more to be relied on than none.
fn why_unread(agent: &Agent, text: base::Result<Option<String>>) -> Option<String> {
    match text {
        _ if agent.status != AgentStatus::Completed => None,
        Ok(Some(_)) => None,
        Ok(None) => Some("its report is gone".to_owned()),
        Err(error) => Some(base::error::chain(&error)),
    }
}

/// The text of an agent's report: its own copy, else, if that is gone, the
/// published one. `None`: both are gone.
pub(crate) fn own_report(dir: &ConvoyDir, agent: &Agent) -> base::Result<Option<String>> {
    let own = dir.attempt(&agent.role, agent.attempt).report();
    let published = agent.output_file.as_ref().map(|path| path.as_path().to_path_buf());
    for path in [Some(own), published].into_iter().flatten() {
        if let Some(bytes) = files::read_if_there(&path)? {
            return Ok(Some(String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok(None)
}

/// `**Reviewed:** 12 files`
fn files_reviewed(report: &str) -> Option<u64> {
    let stated = report.lines().rev().find_map(|line| line.trim().strip_prefix("**Reviewed:**"))?;
    stated.split_whitespace().next()?.parse().ok()
}

/// The agent that writes the final report, and its plan.
pub(crate) fn synthesis<'a>(plan: &'a Plan, state: &'a State) -> Option<(&'a Agent, bool)> {
    let planned = plan.agents.iter().find(|agent| agent.report == ReportKind::Synthesis)?;
    let role: &Role = &planned.role;
    Some((state.agent(role)?, !planned.invocation.static_only))
}

#[cfg(test)]
mod tests {
    use super::files_reviewed;

    #[test]
    fn the_stated_number_of_files_is_read() {
        for (report, want) in [
            ("# R\n\n**Reviewed:** 12 files\n**Total:** 0 findings\n", Some(12)),
            ("**Reviewed:** 0 files\n", Some(0)),
            ("**Reviewed:** all\n", None),
            ("# R\n", None),
        ] {
            assert_eq!(files_reviewed(report), want, "{report}");
        }
    }
}
