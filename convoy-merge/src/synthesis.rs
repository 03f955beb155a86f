//! Compares an AI's synthesis with the findings it was made from: what it does not
//! mention is appended, what it rated lower is shown. It may order and explain,
//! never lose.

use std::fmt::Write as _;

use crate::extract;
use crate::merge::{Merged, stands};
use crate::model::Finding;
use crate::render::{clean, line, place};
use findings::Severity;

/// The heading our own appendix begins with; a second check replaces the first.
const HEADING: &str = "## Not in this synthesis";
const LOWERED: &str = "## Rated lower in this synthesis";

/// The report with what was left out appended, and how many findings that were
/// and how many were rated lower.
pub(crate) fn check(report: &str, merged: &Merged) -> (String, usize, usize) {
    let own = own_part(report);
    let missing: Vec<&Finding> =
        merged.findings.iter().filter(|f| stands(f) && !mentions(own, &f.id)).collect();
    let lowered = lowered(own, merged);
    let mut out = own.trim_end().to_string();
    out.push('\n');
    if !missing.is_empty() {
        let _ = write!(out, "\n{HEADING}\n\n");
        for finding in &missing {
            let place = finding.locations.first().map_or_else(|| "project".to_string(), place);
            let _ = writeln!(
                out,
                "- {} ({}): {} in {place}, found by {}",
                finding.id,
                finding.severity.name(),
                line(&finding.title),
                line(&finding.reviewers.join(", "))
            );
        }
    }
    if !lowered.is_empty() {
        let _ = write!(out, "\n{LOWERED}\n\n");
        for (finding, severity) in &lowered {
            let _ = writeln!(
                out,
                "- {}: {} here, {} by its reviewers: {}",
                finding.id,
                severity.name(),
                finding.severity.name(),
                line(&finding.title)
            );
        }
    }
    let (missing, lowered) = (missing.len(), lowered.len());
    // Only the bytes that were there already may be other than clean.
    (if missing + lowered == 0 { report.to_string() } else { clean(&out) }, missing, lowered)
}

/// The synthesis without what an earlier check appended.
fn own_part(report: &str) -> &str {
    [HEADING, LOWERED]
        .iter()
        .filter_map(|heading| report.find(&format!("\n{heading}\n")))
        .min()
        .map_or(report, |at| &report[..at])
}

/// `F3` as a word of its own, or inside a range `F2–F5`.
fn mentions(text: &str, id: &str) -> bool {
    let mut from = 0;
    while let Some(at) = text[from..].find(id).map(|n| n + from) {
        let before = text[..at].chars().next_back();
        let after = text[at + id.len()..].chars().next();
        if !before.is_some_and(char::is_alphanumeric)
            && !after.is_some_and(|c| c.is_ascii_digit() || c.is_alphabetic())
        {
            return true;
        }
        from = at + id.len();
    }
    false
}

/// Findings the synthesis states in a section of its own with a lower severity.
fn lowered<'a>(text: &str, merged: &'a Merged) -> Vec<(&'a Finding, Severity)> {
    let stated = extract::extract(text, "synthesis.md").members;
    let mut out: Vec<(&Finding, Severity)> = Vec::new();
    for finding in merged.findings.iter().filter(|f| stands(f)) {
        let named =
            stated.iter().filter(|m| mentions(&m.text, &finding.id) && m.severity != Severity::Unrated);
        // A text that names several findings rates none of them by name.
        let own = named.filter(|m| {
            merged.findings.iter().filter(|f| mentions(first_lines(&m.text), &f.id)).count() == 1
                && mentions(first_lines(&m.text), &finding.id)
        });
        if let Some(severity) = own.map(|m| m.severity).max()
            && severity < finding.severity
        {
            out.push((finding, severity));
        }
    }
    out
}

fn first_lines(text: &str) -> &str {
    let end = text.match_indices('\n').nth(5).map_or(text.len(), |(at, _)| at);
    &text[..end]
}
