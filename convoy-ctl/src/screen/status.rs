//! The picture of one convoy.

mod agents;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use base::ids::Role;
use base::style::{Style, count, elapsed, pad, width};
use base::text;
use jiff::Timestamp;
use protocol::agent::Agent;
use protocol::far::Shown;
use protocol::outcome::Usage;
use protocol::plan::{AgentPlan, Launcher, Origin, Plan, ReportKind};
use protocol::reasons;
use protocol::state::{ConvoyStatus, MergeStatus, State};
use protocol::watch_lock::Watcher;

use agents::agents;
pub(crate) use agents::word;

/// Below this the runner's column goes, and notes get a line of their own.
const NARROW: usize = 64;

/// Everything the picture is made of.
#[derive(Debug)]
pub(crate) struct Picture<'a> {
    pub(crate) state: &'a State,
    pub(crate) plan: Option<&'a Plan>,
    pub(crate) now: Timestamp,
    /// What running agents said last.
    pub(crate) last_lines: BTreeMap<Role, String>,
    /// Where those are that were placed elsewhere.
    pub(crate) places: BTreeMap<Role, Shown>,
    /// A running convoy that no scheduler is at work on.
    pub(crate) unwatched: Option<Watcher>,
    /// By all attempts, those that run included.
    pub(crate) used: Usage,
    /// What keeps it from going on here, in lines.
    pub(crate) troubles: Vec<String>,
}

pub(crate) fn render(picture: &Picture<'_>, style: &Style) -> String {
    let mut out = head(picture, style);
    out.push('\n');
    agents(&mut out, picture, style);
    out.push('\n');
    foot(&mut out, picture, style);
    out
}

fn head(picture: &Picture<'_>, style: &Style) -> String {
    let state = picture.state;
    let spent = seconds(Some(state.started_at), state.completed_at, picture.now);
    let status = match state.status {
        ConvoyStatus::Running if state.stopping.is_some() => format!("stopping, {}", elapsed(spent)),
        ConvoyStatus::Running => format!("running {}", elapsed(spent)),
        ConvoyStatus::Completed => format!("completed in {}", elapsed(spent)),
        ConvoyStatus::Partial => format!("partial after {}", elapsed(spent)),
        ConvoyStatus::Failed => match state.reason {
            Some(reason) => format!("failed ({}) after {}", reasons::reason(reason, None), elapsed(spent)),
            None => format!("failed after {}", elapsed(spent)),
        },
    };
    let done = state.agents.iter().filter(|agent| agent.is_completed()).count();
    let mut parts = vec![status, format!("{done} of {} done", state.agents.len())];
    parts.extend(cost(picture));
    let spread = |between: &str| format!("{}{between}{}\n", state.id, parts.join(between));
    let between = ["    ", "  "].into_iter().find(|between| width(spread(between).trim_end()) <= style.width);
    spread(between.unwrap_or("\n  ")).replacen(state.id.as_str(), &style.bold(state.id.as_str()), 1)
}

/// What was spent so far, also by who still runs.
fn cost(picture: &Picture<'_>) -> Option<String> {
    // What it may still cost matters while it can.
    let budget = picture.plan.filter(|_| !picture.state.ended()).and_then(|plan| plan.budget_usd);
    let spent = picture.used.cost_usd.unwrap_or(0.0);
    match budget {
        _ if spent == 0.0 => {
            let tokens = picture.used.tokens();
            (tokens > 0).then(|| format!("{} tokens", thousands(tokens)))
        }
        Some(budget) => Some(format!("${spent:.2} of ${budget:.2}")),
        None => Some(format!("${spent:.2}")),
    }
}

/// `950`, `12k`, `3.4M`
pub(crate) fn thousands(n: u64) -> String {
    match n {
        0..=999 => n.to_string(),
        1_000..=999_999 => format!("{}k", n / 1000),
        _ => format!("{:.1}M", n as f64 / 1e6),
    }
}

fn seconds(from: Option<Timestamp>, to: Option<Timestamp>, now: Timestamp) -> i64 {
    from.map_or(0, |from| to.unwrap_or(now).duration_since(from).as_secs())
}

fn foot(out: &mut String, picture: &Picture<'_>, style: &Style) {
    let state = picture.state;
    let short = state.id.short();
    let unless_narrow = |text: &'static str| if style.width < NARROW { "" } else { text };
    let mut line = |key: &str, value: String| {
        let _ = writeln!(out, "{}{value}", pad(key, 9));
    };
    line("project", project(picture, style));
    for (n, report) in reports(picture).iter().enumerate() {
        line(
            if n > 0 {
                ""
            } else if state.ended() {
                "report"
            } else {
                "reports"
            },
            shown_report(report, state, style),
        );
    }
    if state.ended() {
        let mut agents = state.agents.iter();
        if let Some(agent) = agents.find(|agent| agent.is_failed() && agent.attempt > 0) {
            line("why", style.command(&format!("pan convoy logs {short} {}", agent.role)));
            let report =
                if is_reported_on(agent, picture) { "      then a new report is written" } else { "" };
            line(
                "fix",
                style.command(&format!("pan convoy retry {short} {}{}", agent.role, unless_narrow(report))),
            );
        }
    } else {
        let running = state.agents.iter().find(|agent| agent.is_running());
        let terminal = !matches!(picture.plan.map(|plan| &plan.launcher), Some(Launcher::Process));
        if let Some(agent) = running {
            let (verb, how) = if terminal { ("attach", "     to look on") } else { ("logs -f", "") };
            line(
                "watch",
                style.command(&format!("pan convoy {verb} {short} {}{}", agent.role, unless_narrow(how))),
            );
        }
        if !terminal {
            line("", "no tmux: agents run without terminals".to_owned());
        }
    }
    match picture.unwatched {
        Some(Watcher::Stopped(pid)) => {
            line(
                "",
                style.command(&format!("its watcher is stopped (process {pid}): pan convoy resume {short}")),
            );
        }
        Some(_) => line("", style.command(&format!("no watcher is running: pan convoy resume {short}"))),
        None => {}
    }
    for trouble in &picture.troubles {
        line("trouble", text::visible(trouble));
    }
    for remark in remarks(picture) {
        line("note", remark);
    }
}

/// Does the final report tell of this agent, and so is written again after it?
fn is_reported_on(agent: &Agent, picture: &Picture<'_>) -> bool {
    let agents = picture.plan.map(|plan| plan.agents.as_slice()).unwrap_or_default();
    agents.iter().any(|plan| plan.report == ReportKind::Synthesis && plan.depends_on.contains(&agent.role))
}

fn project(picture: &Picture<'_>, style: &Style) -> String {
    let state = picture.state;
    let mut words = style.path(state.context.project_path.as_path());
    let Some(inputs) = picture.plan.map(|plan| &plan.inputs) else { return words };
    if inputs.file_count > 0 {
        let _ = write!(words, ", {}", count(inputs.file_count, "file"));
    }
    let patterns: Vec<String> = inputs.file_patterns.iter().map(|pattern| text::visible(pattern)).collect();
    if let Some(base) = &inputs.diff_base {
        let _ = write!(words, " (changed since {})", text::visible(base));
    } else if !patterns.is_empty() {
        let _ = write!(words, " ({})", style.cut(&patterns.join(" "), 40));
    }
    if !inputs.issues.is_empty() {
        let _ = write!(words, ", {}", text::visible(&inputs.issues.join(", ")));
    }
    words
}

/// The final report when there is one, else all there are.
fn reports<'a>(picture: &Picture<'a>) -> Vec<&'a Path> {
    let state = picture.state;
    let synthesis = picture
        .plan
        .into_iter()
        .flat_map(|plan| &plan.agents)
        .find(|agent| agent.report == ReportKind::Synthesis);
    let file = |agent: &'a Agent| agent.output_file().map(base::encoded_path::EncodedPath::as_path);
    if state.ended()
        && let Some(report) = synthesis.and_then(|plan| file(state.agent(&plan.role)?))
    {
        return vec![report];
    }
    state.agents.iter().filter_map(|agent| file(agent)).collect()
}

fn shown_report(report: &Path, state: &State, style: &Style) -> String {
    match report.strip_prefix(state.context.project_path.as_path()) {
        Ok(inside) => text::path(inside),
        Err(_) => style.path(report),
    }
}

/// What a runner could not confine: `codex reads the whole disk`.
fn not_confined(plan: &Plan) -> Vec<String> {
    let invocations = || plan.agents.iter().flat_map(AgentPlan::chain);
    let mut told = std::collections::BTreeSet::new();
    for invocation in invocations().filter(|invocation| !invocation.unconfined) {
        for what in &invocation.not_confined {
            told.insert(format!("{}: {}", invocation.runner, text::visible(what)));
        }
    }
    let skip = invocations().any(|invocation| invocation.skip_permissions);
    told.into_iter().chain(skip.then(|| "permissions are skipped, as was asked for".to_owned())).collect()
}

/// What a reader should know and would not guess.
fn remarks(picture: &Picture<'_>) -> Vec<String> {
    let Some(plan) = picture.plan else { return Vec::new() };
    let mut remarks = Vec::new();
    if plan.static_only() {
        remarks.push("static rules only, no AI".to_owned());
    }
    let unconfined: Vec<&str> = plan
        .agents
        .iter()
        .filter(|agent| agent.chain().any(|invocation| invocation.unconfined))
        .map(|agent| agent.role.as_str())
        .collect();
    match unconfined.len() {
        0 => {}
        n if n == plan.agents.len() => remarks.push("all agents run unconfined".to_owned()),
        _ => remarks.push(format!("run unconfined: {}", unconfined.join(", "))),
    }
    remarks.extend(not_confined(plan));
    if plan.template_origin != Origin::BuiltIn {
        remarks.push(format!("template {} is the user's own", plan.template));
    }
    let own: std::collections::BTreeSet<&str> = plan
        .agents
        .iter()
        .flat_map(AgentPlan::chain)
        .filter(|invocation| invocation.runner_origin != Origin::BuiltIn)
        .map(|invocation| invocation.runner.as_str())
        .collect();
    if !own.is_empty() {
        remarks.push(format!("runner {} is the user's own", own.into_iter().collect::<Vec<_>>().join(", ")));
    }
    let placed = plan.agents.iter().filter_map(|agent| Some((agent.placement.as_ref()?, &agent.role)));
    let mut executors: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (placement, role) in placed {
        executors.entry(placement.executor.as_str()).or_default().push(role.as_str());
    }
    for (executor, roles) in executors {
        let all = roles.len() == plan.agents.len();
        let roles = if all { "all agents".to_owned() } else { roles.join(", ") };
        remarks.push(format!("by executor {executor}: {roles}"));
    }
    if let Some(merge) = picture.state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Failed) {
        let why = merge.detail.as_deref().map(text::visible).unwrap_or_default();
        remarks.push(format!("the reviews could not be merged: {why}"));
    }
    remarks
}
