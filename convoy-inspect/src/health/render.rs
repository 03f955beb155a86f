//! The health report as Markdown. Log lines are other programs' text: data.

use std::fmt::Write as _;

use base::style::elapsed;
use jiff::Timestamp;
use protocol::outcome::AgentStatus;
use protocol::state::ConvoyStatus;

use crate::inventory::render::cell;

use super::facts::{Convoy, Session, Supervisor, Watched};
use super::troubles::Trouble;

pub(super) fn report(convoys: &[Convoy], troubles: &[Trouble], now: Timestamp) -> String {
    let mut out =
        "# Health\n\nStatic rules only: states, sessions and logs as they are now, judged by no AI.\n\n"
            .to_owned();
    let running = convoys.iter().filter(|convoy| convoy.status == Some(ConvoyStatus::Running)).count();
    let overall = match troubles.len() {
        0 => "good".to_owned(),
        n => format!("needs attention, {}", base::style::count(n as u64, "thing")),
    };
    let _ = writeln!(
        out,
        "**Overall:** {overall}. {running} running, {} ended in the last day.\n",
        convoys.len() - running
    );
    if !troubles.is_empty() {
        out.push_str("## Needs attention\n\n");
        for (n, trouble) in troubles.iter().enumerate() {
            let role = trouble.role.as_ref().map(|role| format!(" {role}")).unwrap_or_default();
            let _ = writeln!(
                out,
                "{}. **{}:** {}{role}: {}",
                n + 1,
                trouble.kind.word(),
                trouble.convoy.short(),
                cell(&trouble.what)
            );
            if let Some(evidence) = &trouble.evidence {
                let _ = writeln!(out, "   **Evidence:** {}", cell(evidence));
            }
            let _ = writeln!(out, "   **Do:** `{}`", trouble.mend);
        }
        out.push('\n');
    }
    table(&mut out, convoys, now);
    details(&mut out, convoys);
    out
}

fn table(out: &mut String, convoys: &[Convoy], now: Timestamp) {
    if convoys.is_empty() {
        return;
    }
    out.push_str("| Convoy | Status | Began | Agents |\n| --- | --- | --- | --- |\n");
    for convoy in convoys {
        let status = match (convoy.status, convoy.watched) {
            (None, _) => "unreadable".to_owned(),
            (Some(status), Some(false)) => format!("{}, unwatched", word(status)),
            (Some(status), _) => word(status).to_owned(),
        };
        let began = convoy.started_at.map(|at| now.duration_since(at).as_secs());
        let began = began.map_or_else(|| "?".to_owned(), |seconds| format!("{} ago", elapsed(seconds)));
        let done = convoy.agents.iter().filter(|agent| agent.status == AgentStatus::Completed).count();
        let _ =
            writeln!(out, "| {} | {status} | {began} | {done} of {} done |", convoy.id, convoy.agents.len());
    }
    out.push('\n');
}

fn word(status: ConvoyStatus) -> &'static str {
    match status {
        ConvoyStatus::Running => "running",
        ConvoyStatus::Completed => "completed",
        ConvoyStatus::Partial => "partial",
        ConvoyStatus::Failed => "failed",
    }
}

/// The agents at work, with the end of their logs.
fn details(out: &mut String, convoys: &[Convoy]) {
    for convoy in convoys {
        let at_work: Vec<&Watched> =
            convoy.agents.iter().filter(|agent| agent.status == AgentStatus::Running).collect();
        if at_work.is_empty() {
            continue;
        }
        let _ = writeln!(out, "## {}\n", convoy.id);
        for agent in at_work {
            let mut facts = vec![format!("attempt {}, runner {}", agent.attempt, agent.runner)];
            facts.extend(agent.running_s.map(|seconds| format!("began {} ago", elapsed(seconds))));
            facts.extend(agent.silent_s.map(|seconds| format!("wrote last {} ago", elapsed(seconds))));
            facts.extend(agent.supervisor.map(supervisor).map(str::to_owned));
            facts.extend(agent.session.and_then(session).map(str::to_owned));
            let _ = writeln!(out, "- **{}**: {}", agent.role, facts.join("; "));
            for line in &agent.last_lines {
                let line: String = line.chars().take(160).collect();
                let _ = writeln!(out, "  - {}", cell(&line));
            }
        }
        out.push('\n');
    }
}

fn supervisor(supervisor: Supervisor) -> &'static str {
    match supervisor {
        Supervisor::Alive => "its supervisor is alive",
        Supervisor::Gone => "its supervisor is gone",
        Supervisor::NotYet => "launched, not started",
        Supervisor::Over => "it has just ended",
    }
}

fn session(session: Session) -> Option<&'static str> {
    match session {
        Session::There => Some("its session is there"),
        Session::Gone => Some("its session is gone (only the view)"),
        Session::Silent => Some("the tmux server does not answer (only the view)"),
        Session::None => None,
    }
}
