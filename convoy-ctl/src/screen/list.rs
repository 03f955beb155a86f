//! The table of convoys.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base::encoded_path::EncodedPath;
use base::style::{Mark, Style, pad, pad_left, width};
use base::text;
use jiff::Timestamp;
use protocol::outcome::Reason;
use protocol::reasons;
use protocol::state::{ConvoyStatus, State};
use serde::{Deserialize, Serialize};

/// Findings in the order people care about them.
const SEVERITIES: [&str; 6] = ["blocker", "critical", "high", "medium", "low", "unrated"];

/// What the table shows of one convoy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) started_at: Timestamp,
    pub(crate) what: What,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum What {
    Convoy(Summary),
    /// Its state cannot be used; the words say why.
    Unusable(String),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) project: EncodedPath,
    pub(crate) template: String,
    pub(crate) status: ConvoyStatus,
    pub(crate) stopping: bool,
    pub(crate) reason: Option<Reason>,
    pub(crate) done: usize,
    pub(crate) agents: usize,
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) cost_usd: f64,
    /// Parked on a rate limit until then.
    pub(crate) limit: Option<Timestamp>,
}

impl Entry {
    pub(crate) fn of(state: &State) -> Self {
        let counts = state.merge.as_ref().and_then(|merge| merge.counts.clone()).unwrap_or_default();
        let parked = state.agents.iter().filter(|agent| agent.is_pending());
        Entry {
            id: state.id.to_string(),
            started_at: state.started_at,
            what: What::Convoy(Summary {
                project: state.context.project_path.clone(),
                template: state.template.to_string(),
                status: state.status,
                stopping: state.stopping.is_some(),
                reason: state.reason,
                done: state.agents.iter().filter(|agent| agent.is_completed()).count(),
                agents: state.agents.len(),
                counts,
                // Not `sum`: of nothing that is -0.0.
                cost_usd: state
                    .agents
                    .iter()
                    .filter_map(|agent| agent.usage?.cost_usd)
                    .fold(0.0, |a, b| a + b),
                limit: parked.filter_map(|agent| agent.not_before()).min(),
            }),
        }
    }

    fn short(&self) -> &str {
        self.id.rsplit('-').next().unwrap_or(&self.id)
    }
}

/// The column that only a list of several projects has.
const PROJECT: usize = 7;

/// The table, and under it how many there are if these are not all.
pub(crate) fn render(
    entries: &[Entry],
    total: usize,
    all_projects: bool,
    now: Timestamp,
    style: &Style,
) -> String {
    let rows: Vec<[String; 8]> = entries.iter().map(|entry| cells(entry, now, style)).collect();
    let heads = ["ID", "TEMPLATE", "STATUS", "DONE", "FINDINGS", "COST", "STARTED", "PROJECT"];
    let limits = [12, 18, 10, 7, 40, 8, 14, 40];
    let mut widths: Vec<usize> = heads.iter().map(|head| width(head)).collect();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            widths[column] = widths[column].max(width(cell)).min(limits[column]);
        }
    }
    let shown = columns(&mut widths, all_projects, style);
    let mut out = String::new();
    let gap = " ".repeat(style.glyph_width());
    let line = |cells: &[String]| -> String {
        let mut line = String::new();
        for &column in &shown {
            let cell = style.cut(&cells[column], widths[column]);
            let cell = if column == 5 { pad_left(&cell, widths[column]) } else { pad(&cell, widths[column]) };
            let _ = write!(line, "{}{cell}", if line.is_empty() { " " } else { "  " });
        }
        line.trim_end().to_owned()
    };
    let _ = writeln!(out, "{}", style.dim(&format!("{gap}{}", line(&heads.map(str::to_owned)))));
    for (entry, row) in entries.iter().zip(&rows) {
        let _ = writeln!(out, "{}{}", style.mark(mark(entry)), line(row));
    }
    if entries.len() < total {
        let more = if all_projects { "--all-projects --all" } else { "--all" };
        let _ = writeln!(
            out,
            "\n{} of {total} convoys; all of them: {}",
            entries.len(),
            style.command(&format!("pan convoy list {more}"))
        );
    }
    out
}

/// The columns there is room for; the findings give way first, then whole
/// columns in the order in which they can be done without.
fn columns(widths: &mut [usize], all_projects: bool, style: &Style) -> Vec<usize> {
    let mut shown: Vec<usize> = (0..PROJECT).collect();
    if all_projects {
        shown.insert(1, PROJECT);
    }
    let total = |shown: &[usize], widths: &[usize]| {
        style.glyph_width()
            + 1
            + shown.iter().map(|&column| widths[column]).sum::<usize>()
            + 2 * (shown.len() - 1)
    };
    let over = total(&shown, widths).saturating_sub(style.width);
    widths[4] = widths[4].saturating_sub(over).max(8);
    let over = total(&shown, widths).saturating_sub(style.width);
    widths[PROJECT] = widths[PROJECT].saturating_sub(over).max(12);
    for dispensable in [5, 4, 1, 6] {
        if total(&shown, widths) > style.width {
            shown.retain(|column| *column != dispensable);
        }
    }
    shown
}

fn mark(entry: &Entry) -> Mark {
    match &entry.what {
        What::Convoy(summary) if summary.limit.is_some() && summary.status == ConvoyStatus::Running => {
            Mark::Parked
        }
        What::Convoy(summary) => summary.status.into(),
        What::Unusable(_) => Mark::Failed,
    }
}

fn cells(entry: &Entry, now: Timestamp, style: &Style) -> [String; 8] {
    let started = style.when(entry.started_at, now);
    let id = text::visible(entry.short());
    match &entry.what {
        What::Unusable(why) => [
            id,
            String::new(),
            "unusable".to_owned(),
            String::new(),
            text::visible(why),
            String::new(),
            started,
            String::new(),
        ],
        What::Convoy(summary) => [
            id,
            summary.template.clone(),
            if summary.stopping { "stopping".to_owned() } else { status(summary.status).to_owned() },
            format!("{}/{}", summary.done, summary.agents),
            findings(summary, style),
            if summary.cost_usd > 0.0 { format!("${:.2}", summary.cost_usd) } else { String::new() },
            started,
            style.path(summary.project.as_path()),
        ],
    }
}

pub(crate) fn status(status: ConvoyStatus) -> &'static str {
    match status {
        ConvoyStatus::Running => "running",
        ConvoyStatus::Completed => "completed",
        ConvoyStatus::Failed => "failed",
        ConvoyStatus::Partial => "partial",
    }
}

fn findings(summary: &Summary, style: &Style) -> String {
    if let Some(until) = summary.limit.filter(|_| summary.status == ConvoyStatus::Running) {
        return format!("limit until {}", style.clock(until));
    }
    if let Some(reason) = summary.reason {
        return reasons::reason(reason, None);
    }
    let count = |severity: &&str| summary.counts.get(*severity).copied().unwrap_or(0);
    let mut found = SEVERITIES.iter().filter(|severity| count(severity) > 0);
    // The two that matter most; what is below them is only counted.
    let first: Vec<_> = found.by_ref().take(2).map(|name| format!("{} {name}", count(name))).collect();
    let more: u64 = found.map(count).sum();
    match (first.is_empty(), more) {
        (true, _) if summary.counts.is_empty() => String::new(),
        (true, _) => "none".to_owned(),
        (false, 0) => first.join(", "),
        (false, more) => format!("{} +{more}", first.join(", ")),
    }
}
