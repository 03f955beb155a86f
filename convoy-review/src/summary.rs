//! The result as Markdown, for `$GITHUB_STEP_SUMMARY` and comments. Text of
//! reports is data: nothing in it may become markup.

use std::fmt::Write as _;

use base::markdown::line;

use crate::result::Outcome;
use findings::Severity;
use findings::changed::GateOn;
use findings::merged::Finding;
use findings::verdict::Verdict;
use protocol::agent;

/// Findings told one by one.
const TOLD: usize = 50;
/// Bytes of one step's summary: one that is longer is not shown at all.
pub(crate) const MOST: usize = 1 << 20;

/// What the summary says where there is nothing to review.
pub(crate) fn nothing_to_review(why: &str) -> String {
    format!("## Code review: nothing to review\n\n{}\n", line(&format!("{why}.")))
}

/// In at most so many bytes, which it says where something is left out for that;
/// `None`: there is no room for it.
pub(crate) fn render(outcome: &Outcome, standing: &[&Finding], room: usize) -> Option<String> {
    let mut out = String::new();
    let word = match (outcome.timed_out, outcome.review_result) {
        (true, _) => "timed out",
        (false, Verdict::Approved) => "approved",
        (false, Verdict::Commented) => "no verdict",
        (false, Verdict::ChangesRequested) => "changes requested",
    };
    let _ = writeln!(out, "## Code review: {word}\n\n{}\n", line(&outcome.notes));
    let _ = writeln!(out, "| Reviewer | Runner | Result |\n| --- | --- | --- |");
    for report in &outcome.reports {
        let missing = outcome.missing.iter().find(|one| one.role == report.role);
        let result = match (missing, &report.findings) {
            (Some(missing), _) => format!("missing: {}", line(&missing.why)),
            (None, Some(findings)) => format!("{} reported", findings.values().sum::<u64>()),
            (None, None) => "–".to_owned(),
        };
        let model = report.model.as_deref().map(|model| format!(" {}", line(model))).unwrap_or_default();
        let instead =
            agent::in_place_of(&report.handovers, |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
        let instead = instead.map(|instead| format!(", {instead}")).unwrap_or_default();
        let _ = writeln!(out, "| {} | {}{model}{instead} | {result} |", report.role, report.runner);
    }
    let counts = Severity::ALL.into_iter().filter_map(|severity| {
        let count = outcome.counts.get(severity.name()).copied().filter(|count| *count > 0)?;
        Some(format!("{count} {}", severity.name()))
    });
    let counts: Vec<String> = counts.collect();
    let counts = if counts.is_empty() { "no findings".to_owned() } else { counts.join(", ") };
    let _ = writeln!(
        out,
        "\n**{counts}**, read {} of {}, gate {}{}\n",
        outcome.files_reviewed,
        base::style::count(outcome.files_given, "file"),
        outcome.gate.name(),
        if outcome.gate_on == GateOn::New { " on what is new" } else { "" }
    );
    if !standing.is_empty() {
        findings(&mut out, standing, room);
    }
    (out.len() <= room).then_some(out)
}

/// What stands, a row each, as far as there is room.
fn findings(out: &mut String, standing: &[&Finding], room: usize) {
    // For the line that says what is left out.
    const REST: usize = 100;
    let _ = writeln!(out, "| | Severity | Place | What |\n| --- | --- | --- | --- |");
    let mut told = 0;
    for finding in standing.iter().take(TOLD) {
        let (place, title) = (line(&finding.place()), line(&finding.title));
        let row = format!("| {} | {} | {place} | {title} |\n", finding.id, finding.severity.name());
        if out.len() + row.len() + REST > room {
            break;
        }
        out.push_str(&row);
        told += 1;
    }
    let left = standing.len() - told;
    if left > 0 && told < TOLD {
        let _ = writeln!(out, "\nand {left} more: a summary may be no longer");
    } else if left > 0 {
        let _ = writeln!(out, "\nand {left} more");
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_has_no_more_than_its_room_and_says_so() {
        let finding =
            |n: usize| Finding { id: format!("F{n}"), title: "x".repeat(2_000), ..Finding::default() };
        let found: Vec<Finding> = (1..=60).map(finding).collect();
        let found: Vec<&Finding> = found.iter().collect();
        let of = |room: usize| {
            let mut out = String::new();
            findings(&mut out, &found, room);
            (
                out.matches("\n| F").count(),
                out.trim_end().lines().last().unwrap_or_default().to_owned(),
                out.len(),
            )
        };
        let (rows, end, _) = of(MOST);
        assert_eq!((rows, end.as_str()), (50, "and 10 more"));
        let (rows, end, length) = of(20_000);
        assert!((8..10).contains(&rows) && length <= 20_000, "{rows} rows of {length}");
        assert_eq!(end, format!("and {} more: a summary may be no longer", 60 - rows));
    }
}
