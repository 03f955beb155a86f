//! The result as Markdown, for `$GITHUB_STEP_SUMMARY` and comments. Text of
//! reports is data: nothing in it may become markup.

use std::fmt::Write as _;

use crate::result::Outcome;
use findings::Severity;
use findings::changed::GateOn;
use findings::merged::Finding;
use findings::verdict::Verdict;

/// Findings told one by one: a summary that is too long is not shown at all.
const TOLD: usize = 50;

/// What the summary says where there is nothing to review.
pub(crate) fn nothing_to_review(why: &str) -> String {
    format!("## Code review: nothing to review\n\n{}\n", escaped(&format!("{why}.")))
}

pub(crate) fn render(outcome: &Outcome, standing: &[&Finding]) -> String {
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
        let _ = writeln!(out, "| | Severity | Place | What |\n| --- | --- | --- | --- |");
        for finding in standing.iter().take(TOLD) {
            let (place, title) = (escaped(&finding.place()), escaped(&finding.title));
            let _ = writeln!(out, "| {} | {} | {place} | {title} |", finding.id, finding.severity.name());
        }
        if standing.len() > TOLD {
            let _ = writeln!(out, "\nand {} more", standing.len() - TOLD);
        }
        out.push('\n');
    }
    out
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
    use super::escaped;

    #[test]
    fn text_of_reports_is_no_markup() {
        assert_eq!(escaped("a|b <b>x</b>"), "a\\|b &lt;b&gt;x&lt;/b&gt;");
        assert_eq!(escaped("![i](http://x) @me #1"), "\\!\\[i\\](http&#58;//x) &#64;me &#35;1");
        assert_eq!(escaped("a\n## b"), "a\\\\n&#35;&#35; b");
    }
}
