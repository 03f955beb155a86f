//! The table of agents.

use std::fmt::Write as _;

use base::ids::Role;
use base::style::{Mark, Style, count, elapsed, pad, pad_left, width};
use base::text;
use protocol::agent::Agent;
use protocol::far::Shown;
use protocol::outcome::AgentStatus;
use protocol::plan::{AgentPlan, ReportKind};
use protocol::state::MergeStatus;

use super::{NARROW, Picture, seconds};

/// One agent's row.
struct Row {
    mark: Mark,
    pub(super) role: String,
    pub(super) state: String,
    pub(super) runner: String,
    time: String,
    pub(super) note: String,
}

pub(super) fn agents(out: &mut String, picture: &Picture<'_>, style: &Style) {
    let rows: Vec<Row> = picture.state.agents.iter().map(|agent| row(agent, picture, style)).collect();
    let widest =
        |text: fn(&Row) -> &String, least| rows.iter().map(|row| width(text(row))).fold(least, usize::max);
    let role = widest(|row| &row.role, 5).min(24);
    let state = widest(|row| &row.state, 9);
    let runner = widest(|row| &row.runner, 6).min(24);
    let time = widest(|row| &row.time, 7);
    let narrow = style.width < NARROW;
    let gap = " ".repeat(style.glyph_width());
    let runner_head = if narrow { String::new() } else { format!("{}  ", pad("RUNNER", runner)) };
    let head = format!(
        "{gap} {}  {}  {runner_head}{}",
        pad("AGENT", role),
        pad("STATE", state),
        pad_left("TIME", time)
    );
    let _ = writeln!(out, "{}", style.dim(head.trim_end()));
    for row in &rows {
        let runner = if narrow {
            String::new()
        } else {
            format!("{}  ", pad(&style.cut(&row.runner, runner), runner))
        };
        let line = format!(
            " {}  {}  {runner}{}",
            pad(&style.cut(&row.role, role), role),
            pad(&row.state, state),
            pad_left(&row.time, time)
        );
        let used = style.glyph_width() + width(&line) + 2;
        let room = style.width.saturating_sub(used);
        let note = match () {
            () if row.note.is_empty() => String::new(),
            () if narrow || room < 12 => format!("\n    {}", style.cut(&row.note, style.width - 4)),
            () => format!("  {}", style.cut(&row.note, room)),
        };
        let _ = writeln!(out, "{}{line}{note}", style.mark(row.mark));
    }
}

fn row(agent: &Agent, picture: &Picture<'_>, style: &Style) -> Row {
    let plan = picture.plan.and_then(|plan| plan.agent(&agent.role));
    let parked = agent.not_before().is_some();
    let time = match agent.status() {
        AgentStatus::Pending => style.dash().to_owned(),
        AgentStatus::Completed | AgentStatus::Failed if agent.attempt == 0 => style.dash().to_owned(),
        _ => elapsed(seconds(agent.started_at, agent.completed_at(), picture.now)),
    };
    let model =
        agent.model.as_deref().filter(|_| plan.is_none_or(|plan| !agent.invocation(plan).static_only));
    Row {
        mark: if parked { Mark::Parked } else { agent.status().into() },
        role: agent.role.to_string(),
        state: word(agent.status()).to_owned(),
        runner: if plan.is_some_and(|plan| plan.fan_out.is_some()) {
            style.dash().to_owned()
        } else {
            let words = [Some(agent.runner.as_str()), model].into_iter().flatten();
            words.map(text::visible).collect::<Vec<_>>().join(" ")
        },
        time,
        note: note(agent, plan, picture, style),
    }
}

/// The status word, as in the state.
pub(crate) fn word(status: AgentStatus) -> &'static str {
    match status {
        AgentStatus::Pending => "pending",
        AgentStatus::Running => "running",
        AgentStatus::Completed => "completed",
        AgentStatus::Failed => "failed",
    }
}

fn note(agent: &Agent, plan: Option<&AgentPlan>, picture: &Picture<'_>, style: &Style) -> String {
    let mut note = match agent.status() {
        AgentStatus::Pending => waiting(agent, plan, picture, style),
        AgentStatus::Running => {
            let said = picture.last_lines.get(&agent.role).cloned().unwrap_or_default();
            match picture.places.get(&agent.role) {
                Some(Shown::Running { node }) if said.is_empty() => format!("on {}", text::visible(node)),
                Some(Shown::Running { node }) => format!("on {}: {said}", text::visible(node)),
                Some(place) => text::visible(&place.words()),
                None => said,
            }
        }
        AgentStatus::Completed => completed(agent, plan, picture),
        AgentStatus::Failed => {
            let words = agent.why();
            words.map(|words| text::visible(&words)).unwrap_or_default()
        }
    };
    let again =
        (agent.attempt > 1 && !agent.is_pending()).then(|| format!("{} attempt", ordinal(agent.attempt)));
    let instead = protocol::agent::in_place_of(&agent.handovers, |at| style.clock(at));
    for more in instead.into_iter().chain(again) {
        note = if note.is_empty() { more } else { format!("{note}, {more}") };
    }
    note
}

fn completed(agent: &Agent, plan: Option<&AgentPlan>, picture: &Picture<'_>) -> String {
    let evidence = agent.evidence();
    if let Some(findings) = evidence.and_then(|evidence| evidence.findings.as_ref()) {
        let incomplete = evidence.and_then(|evidence| evidence.complete) == Some(false);
        let found = match findings.values().sum() {
            0 => "nothing found".to_owned(),
            n => count(n, "finding"),
        };
        return if incomplete { format!("{found}, report incomplete") } else { found };
    }
    // Of a stage it says what came of it.
    if let Some(detail) = agent.detail().filter(|_| agent.attempt == 0) {
        return text::visible(detail);
    }
    let Some(plan) = plan.filter(|plan| plan.report == ReportKind::Synthesis) else { return String::new() };
    let failed = |role: &&Role| picture.state.agent(role).is_some_and(Agent::is_failed);
    let missing: Vec<&str> = plan.depends_on.iter().filter(failed).map(Role::as_str).collect();
    match missing.as_slice() {
        [] => String::new(),
        [one] => format!("says that {one} is missing"),
        many => format!("says that {} are missing", many.join(", ")),
    }
}

/// What a pending agent waits for.
fn waiting(agent: &Agent, plan: Option<&AgentPlan>, picture: &Picture<'_>, style: &Style) -> String {
    if let Some(until) = agent.not_before() {
        return format!("limit until {}", style.clock(until));
    }
    if agent.wait().is_some_and(|wait| wait.backoff_until.is_some()) {
        let why = agent.why().unwrap_or_default();
        return format!("runs again soon: {}", text::visible(&why));
    }
    let depends_on = plan.map(|plan| plan.depends_on.as_slice()).unwrap_or_default();
    let open = |role: &&Role| picture.state.agent(role).is_some_and(|agent| !agent.ended());
    let open: Vec<&str> = depends_on.iter().filter(open).map(Role::as_str).collect();
    let stage = plan.filter(|_| open.is_empty()).and_then(|plan| plan.fan_out.as_ref());
    if let Some(made) = stage.and_then(|_| at_work(agent, picture)) {
        return made;
    }
    match open.as_slice() {
        [] if picture.state.merge.as_ref().is_some_and(|merge| merge.status == MergeStatus::Due) => {
            "waits for the merge".to_owned()
        }
        [] => "waits for a free place".to_owned(),
        few @ ([_] | [_, _] | [_, _, _]) => format!("waits for {}", few.join(", ")),
        [first, second, rest @ ..] => format!("waits for {first}, {second} and {} more", rest.len()),
    }
}

/// `3 of 5 have ended`, of a stage whose agents have come into being.
fn at_work(stage: &Agent, picture: &Picture<'_>) -> Option<String> {
    let planned = picture.plan?.agents.iter().filter(|plan| plan.group.as_ref() == Some(&stage.role));
    let own: Vec<&Agent> = planned.filter_map(|plan| picture.state.agent(&plan.role)).collect();
    let ended = own.iter().filter(|agent| agent.ended()).count();
    (!own.is_empty()).then(|| format!("{ended} of {} have ended", own.len()))
}

fn ordinal(n: u32) -> String {
    match n {
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        n => format!("{n}th"),
    }
}
