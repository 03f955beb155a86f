//! The result as Markdown, for `$GITHUB_STEP_SUMMARY` and comments. Text of
//! reports is data: nothing in it may become markup.

use std::fmt::Write as _;

use crate::result::Outcome;
use findings::Severity;
use findings::changed::GateOn;
use findings::merged::Finding;
use findings::verdict::Verdict;

/// Findings told one by one.
const TOLD: usize = 50;
/// Bytes of one step's summary: one that is longer is not shown at all.
pub(crate) const MOST: usize = 1 << 20;

/// What the summary says where there is nothing to review.
pub(crate) fn nothing_to_review(why: &str) -> String {
    format!("## Code review: nothing to review\n\n{}\n", escaped(&format!("{why}.")))
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
    let _ = writeln!(out, "## Code review: {word}\n\n{}\n", escaped(&outcome.notes));
    let _ = writeln!(out, "| Reviewer | Runner | Result |\n| --- | --- | --- |");
    for report in &outcome.reports {
        let missing = outcome.missing.iter().find(|one| one.role == report.role);
        let result = match (missing, &report.findings) {
            (Some(missing), _) => format!("missing: {}", escaped(&missing.why)),
            (None, Some(findings)) => format!("{} reported", findings.values().sum::<u64>()),
            (None, None) => "–".to_owned(),
        };
        let model = report.model.as_deref().map(|model| format!(" {}", escaped(model))).unwrap_or_default();
        let _ = writeln!(out, "| {} | {}{model} | {result} |", report.role, report.runner);
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
        let (place, title) = (escaped(&finding.place()), escaped(&finding.title));
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

/// One line in which nothing is markup: no HTML, link, table cell, mention or
/// reference to an issue.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in base::text::visible(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // A bare address would become a link of its own.
    out.replace("://", "&#58;//").replace("www.", "www&#46;")
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

    #[test]
    fn text_of_reports_is_no_markup() {
        assert_eq!(escaped("a|b <b>x</b>"), "a\\|b &lt;b&gt;x&lt;/b&gt;");
        assert_eq!(escaped("![i](http://x) @me #1"), "\\!\\[i\\](http&#58;//x) &#64;me &#35;1");
        assert_eq!(escaped("a\n## b"), "a\\\\n&#35;&#35; b");
    }
}
