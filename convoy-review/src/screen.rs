//! The result for people.

use std::fmt::Write as _;
use std::path::Path;

use shared::look::{Look, Mark, count, elapsed, pad, width};
use shared::state::AgentStatus;
use shared::text;

use crate::findings::{Finding, Severity};
use crate::history::graves;
use crate::result::{Outcome, Report, ReviewResult};

/// Findings told one by one.
const TOLD: usize = 10;

/// What is shown.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) outcome: &'a Outcome,
    pub(crate) standing: &'a [Finding],
    /// The published final report.
    pub(crate) report: Option<&'a Path>,
    pub(crate) project: &'a Path,
    pub(crate) seconds: u64,
}

pub(crate) fn render(page: &Page<'_>, look: &Look) -> String {
    let mut out = head(page, look);
    reviewers(&mut out, page, look);
    findings(&mut out, page, look);
    out.push('\n');
    for sentence in wrapped(&page.outcome.notes, look.width) {
        let _ = writeln!(out, "{sentence}");
    }
    out.push('\n');
    foot(&mut out, page, look);
    out
}

/// `static rules only: CHANGES REQUESTED    3 files    1 critical, 2 high    12s`
fn head(page: &Page<'_>, look: &Look) -> String {
    let outcome = page.outcome;
    let word = match (outcome.timed_out, outcome.review_result) {
        (true, _) => "TIMED OUT",
        (false, ReviewResult::Approved) => "APPROVED",
        (false, ReviewResult::Commented) => "NO VERDICT",
        (false, ReviewResult::ChangesRequested) => "CHANGES REQUESTED",
    };
    let begin = if outcome.static_only { "static rules only: " } else { "" };
    let parts = [
        format!("{begin}{}", look.bold(word)),
        count(outcome.files_reviewed, "file"),
        match graves(&outcome.counts) {
            none if none == "none" => "no findings".to_owned(),
            some => some,
        },
        elapsed(i64::try_from(page.seconds).unwrap_or(i64::MAX)),
    ];
    let line = parts.join("    ");
    if width(&line) <= look.width || look.colour { line + "\n\n" } else { parts.join("\n  ") + "\n\n" }
}

fn reviewers(out: &mut String, page: &Page<'_>, look: &Look) {
    let reports = &page.outcome.reports;
    let runner = |report: &Report| match &report.model {
        Some(model) => format!("{} {}", report.runner, text::visible(model)),
        None => report.runner.to_string(),
    };
    let role = reports.iter().map(|one| width(one.role.as_str())).fold(8, usize::max).min(24);
    let by = reports.iter().map(|one| width(&runner(one))).fold(6, usize::max).min(24);
    let gap = " ".repeat(look.glyph_width());
    let head = format!("{gap} {}  {}  RESULT", pad("REVIEWER", role), pad("RUNNER", by));
    let _ = writeln!(out, "{}", look.dim(&look.cut(&head, look.width)));
    for report in reports {
        let missing = page.outcome.missing.iter().find(|one| one.role == report.role);
        let mark = if missing.is_some() { Mark::Failed } else { Mark::Completed };
        let what = match missing {
            Some(missing) => format!("missing: {}", text::visible(&missing.why)),
            None => found(report),
        };
        let line = format!(
            " {}  {}  {what}",
            pad(&look.cut(report.role.as_str(), role), role),
            pad(&look.cut(&runner(report), by), by)
        );
        let room = look.width.saturating_sub(look.glyph_width());
        let _ = writeln!(out, "{}{}", look.mark(mark), look.cut(&line, room));
    }
}

/// `3 findings`, `nothing found`, or where it stopped.
fn found(report: &Report) -> String {
    match (report.status, report.findings.as_ref().map(|findings| findings.values().sum())) {
        (AgentStatus::Completed, Some(0)) => "nothing found".to_owned(),
        (AgentStatus::Completed, Some(n)) => count(n, "finding"),
        (status, _) => format!("{status:?}").to_lowercase(),
    }
}

fn findings(out: &mut String, page: &Page<'_>, look: &Look) {
    if page.standing.is_empty() {
        return;
    }
    out.push('\n');
    let told: Vec<&Finding> = page.standing.iter().take(TOLD).collect();
    let id = told.iter().map(|one| width(&one.id)).max().unwrap_or(2);
    let level = told.iter().map(|one| one.severity.name().len()).max().unwrap_or(4);
    for finding in told {
        let line = format!(
            "{}  {}  {}: {}",
            pad(&finding.id, id),
            pad(finding.severity.name(), level),
            finding.place(),
            text::visible(&finding.title)
        );
        let _ = writeln!(out, "{}", at_gate(&look.cut(&line, look.width), finding.severity, page, look));
    }
    if page.standing.len() > TOLD {
        let _ = writeln!(out, "and {} more", page.standing.len() - TOLD);
    }
}

/// What stands in the way is bold.
fn at_gate(line: &str, severity: Severity, page: &Page<'_>, look: &Look) -> String {
    if severity.reaches(page.outcome.gate) { look.bold(line) } else { line.to_owned() }
}

fn foot(out: &mut String, page: &Page<'_>, look: &Look) {
    let short = page.outcome.convoy_id.short();
    if let Some(report) = page.report {
        let shown = match report.strip_prefix(page.project) {
            Ok(inside) => text::path(inside),
            Err(_) => look.path(report),
        };
        let _ = writeln!(out, "report    {shown}");
    }
    let _ = writeln!(out, "findings  pan convoy findings {short}");
    if let Some(missing) = page.outcome.missing.first() {
        let _ = writeln!(out, "why       pan convoy logs {short} {}", missing.role);
    }
}

/// Words in lines of at most so many columns.
fn wrapped(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}
