//! The report for people: a view of the findings, in the shape reviewers are asked
//! for. Caps are of this view, never of what is counted.
//!
//! Every text from the project is one line here, with control characters made
//! visible, behind a label or inside a code span: it cannot form a heading, a
//! field or a second finding.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use base::text;

use super::{code, count, not_compared, said_by, test_code};
use crate::domain::Domain;
use crate::finding::{self, Capped, Finding};
use crate::review::Review;

/// So many paths are named for each reason; the rest is a count.
const NAMED: usize = 3;

pub fn render(review: &Review) -> String {
    let capped = finding::cap(&review.findings);
    let mut out = format!("# {}\n\n", title(&review.domains));
    out.push_str(&scope(review, &capped));
    out.push_str("\n\n");
    if capped.shown.is_empty() {
        out.push_str("No findings.\n\n");
    }
    for (index, finding) in capped.shown.iter().enumerate() {
        write_finding(&mut out, index + 1, finding);
    }
    let _ = writeln!(out, "**Reviewed:** {}", count(review.read.len(), "file"));
    let not_reviewed = not_reviewed(review);
    if !not_reviewed.is_empty() {
        let _ = writeln!(out, "**Not reviewed:** {not_reviewed}");
    }
    let _ = writeln!(out, "**Total:** {}", count(review.findings.len(), "finding"));
    out
}

fn title(domains: &[Domain]) -> &'static str {
    // What is about the change is told beside the rest.
    match domains {
        [one] | [one, Domain::Change] => one.title(),
        _ => "Code Review",
    }
}

/// The one line that says what a reader may conclude from this report.
fn scope(review: &Review, capped: &Capped<'_>) -> String {
    let mut by_language: BTreeMap<&str, usize> = BTreeMap::new();
    review.read.values().for_each(|language| *by_language.entry(*language).or_default() += 1);
    let languages: Vec<String> =
        by_language.iter().map(|(language, files)| format!("{files} {language}")).collect();
    let mut line = format!("Static rules only: {} over ", count(review.rules, "rule"));
    if review.read.is_empty() {
        line.push_str("no file");
    } else {
        let _ = write!(line, "{} ({})", count(review.read.len(), "file"), languages.join(", "));
    }
    line.push('.');
    if let Some(words) = test_code(review) {
        let _ = write!(line, " {words}.");
    }
    if !review.skipped_dirs.is_empty() {
        let names: Vec<String> =
            review.skipped_dirs.iter().take(NAMED).map(|dir| text::path(dir) + "/").collect();
        let _ = write!(line, " Not walked: {}", names.join(", "));
        let more = review.skipped_dirs.len().saturating_sub(NAMED);
        if more > 0 {
            let _ = write!(line, " and {more} more");
        }
        line.push('.');
    }
    // One that is not installed said nothing; the document tells of it.
    for voice in review.voices.iter().filter(|voice| voice.is_there) {
        let _ = write!(line, " {}.", voice.told());
    }
    for note in not_compared(review) {
        let _ = write!(line, " {note}.");
    }
    write_left_out(&mut line, review, capped);
    if review.findings.is_empty() {
        line.push_str(" That no rule fired does not mean the code is free of defects.");
    }
    line
}

/// What was found but is not among the findings, and why.
fn write_left_out(line: &mut String, review: &Review, capped: &Capped<'_>) {
    if !review.suppressed.is_empty() {
        let places: Vec<String> = review
            .suppressed
            .iter()
            .take(10)
            .map(|finding| format!("{}:{} {}", text::path(&finding.path), finding.line, finding.rule))
            .collect();
        let _ = write!(
            line,
            " Silenced by comments in the code: {} ({}",
            review.suppressed.len(),
            places.join(", ")
        );
        line.push_str(if review.suppressed.len() > 10 { ", …)." } else { ")." });
    }
    if !capped.hidden.is_empty() {
        let rules: Vec<String> = capped.hidden.iter().map(|(rule, more)| format!("{rule} {more}")).collect();
        let _ = write!(
            line,
            " {} of {} shown: at most {} of a rule and {} of a review are written out. Not shown: {}.",
            capped.shown.len(),
            count(review.findings.len(), "finding"),
            finding::PER_RULE,
            finding::PER_REVIEW,
            rules.join(", ")
        );
    }
}

fn write_finding(out: &mut String, number: usize, finding: &Finding) {
    let _ = writeln!(out, "### {number}. [{}] {}", place(finding), one_line(&finding.title));
    let _ = writeln!(out, "**Severity:** {}", finding.severity.name());
    let _ = writeln!(out, "**Confidence:** {}", finding.confidence);
    let _ = writeln!(out, "**Category:** {}", category(finding));
    let _ = writeln!(out, "**Problem:** {}", problem(finding));
    if !finding.impact.is_empty() {
        let _ = writeln!(out, "**Impact:** {}", one_line(&finding.impact));
    }
    if !finding.fix.is_empty() {
        let _ = writeln!(out, "**Fix:** {}", one_line(&finding.fix));
    }
    out.push('\n');
}

fn place(finding: &Finding) -> String {
    let path = text::path(&finding.path);
    if finding.end_line > finding.line {
        format!("{path}:{}-{}", finding.line, finding.end_line)
    } else {
        format!("{path}:{}", finding.line)
    }
}

fn category(finding: &Finding) -> String {
    let numbers: Vec<String> = finding.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
    if numbers.is_empty() {
        one_line(&finding.category)
    } else {
        format!("{} ({})", one_line(&finding.category), numbers.join(", "))
    }
}

/// The sentence, the way the value took, the code, and the rule to silence it by.
fn problem(finding: &Finding) -> String {
    let mut out = one_line(&finding.problem);
    if !finding.trace.is_empty() {
        let steps: Vec<String> =
            finding.trace.iter().map(|step| format!("{} (line {})", code(&step.text), step.line)).collect();
        let _ = write!(out, " It comes from {}.", steps.join(" → "));
    }
    if !finding.snippet.is_empty() {
        let _ = write!(out, " Code: {}.", code(&finding.snippet));
    }
    let _ = write!(out, " (rule {})", one_line(&finding.rule));
    if !finding.said.is_empty() {
        let also = if finding.is_ours() { "Also said by" } else { "Said by" };
        let _ = write!(out, " {also}: {}.", said_by(finding));
    }
    out
}

fn one_line(words: &str) -> String {
    text::visible(words.trim())
}

/// `a.ts (not UTF-8), b.ts (minified), 4 more (minified)`.
fn not_reviewed(review: &Review) -> String {
    let mut by_reason: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for (path, reason) in &review.skipped {
        by_reason.entry(reason).or_default().push(path);
    }
    let mut parts: Vec<String> = Vec::new();
    for (reason, paths) in by_reason {
        for path in paths.iter().take(NAMED) {
            parts.push(format!("{} ({reason})", text::path(path)));
        }
        let more = paths.len().saturating_sub(NAMED);
        if more > 0 {
            parts.push(format!("{more} more ({reason})"));
        }
    }
    parts.join(", ")
}
