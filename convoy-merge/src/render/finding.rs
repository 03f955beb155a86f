//! One finding in the report for people.

use std::fmt::Write as _;

use super::contain::{block, line, place};
use crate::model::{Finding, Location, Member, Status};
use findings::Severity;

pub(super) fn one(out: &mut String, number: usize, finding: &Finding) {
    let main = finding.locations.first().map_or_else(|| "project".to_string(), place);
    let _ = writeln!(out, "### {number}. [{main}] {}", line(&finding.title));
    let _ = writeln!(out, "**Severity:** {}  ", finding.severity.name());
    let _ = writeln!(out, "**Finding:** {}  ", finding.id);
    let _ = writeln!(out, "**Found by:** {}  ", found_by(finding));
    if finding.status != Status::Open {
        let _ = writeln!(out, "**Status:** {}  ", finding.status.name());
    }
    let confidence: Option<u8> = finding.members.iter().filter_map(|m| m.confidence).max();
    if let Some(confidence) = confidence {
        let _ = writeln!(out, "**Confidence:** {confidence}  ");
    }
    if let Some(category) = &finding.category {
        let _ = writeln!(out, "**Category:** {}  ", line(category));
    }
    if let Some(rule) = &finding.facts.rule {
        let _ = writeln!(out, "**Rule:** {}  ", line(rule));
    }
    if let Some(new) = finding.new {
        let _ = writeln!(out, "**Change:** {}  ", if new { "of this change" } else { "not of this change" });
    }
    if let Some(history) = &finding.history {
        let _ = writeln!(out, "**History:** {}  ", line(history));
    }
    if let Some(reason) = &finding.suppressed {
        let _ = writeln!(out, "**Suppressed:** {}  ", line(reason));
    }
    if finding.locations.len() > 1 {
        let also: Vec<String> = finding.locations[1..].iter().map(place).collect();
        let _ = writeln!(out, "**Also:** {}  ", also.join(", "));
    }
    let remarks: Vec<String> = finding.locations.iter().filter_map(remark).collect();
    if !remarks.is_empty() {
        let _ = writeln!(out, "**Place:** {}  ", remarks.join("; "));
    }
    if let Some(state) = &finding.baseline {
        let _ = writeln!(out, "**Baseline:** {state}  ");
    }
    words(out, finding);
    answers(out, finding);
    if !finding.possibly_same.is_empty() {
        let ids: Vec<&str> = finding.possibly_same.iter().map(|p| p.id.as_str()).collect();
        let _ = writeln!(out, "\nPossibly the same as {}.", ids.join(", "));
    }
    out.push('\n');
}

/// What became of a place that is not where it was stated.
fn remark(location: &Location) -> Option<String> {
    let why = line(location.placed_why.as_deref()?);
    let mark = if location.is_unplaced() { "unplaced, " } else { "" };
    Some(format!("{} {mark}{why}", place(location)))
}

/// What others answered in the threads of comments.
fn answers(out: &mut String, finding: &Finding) {
    for answer in finding.members.iter().flat_map(|member| &member.thread) {
        let _ = writeln!(out, "\n**Answer:** {}", line(answer));
    }
}

/// Every reviewer with what it rated; the disagreement is there to see.
fn found_by(finding: &Finding) -> String {
    let mut list: Vec<(String, Severity)> = Vec::new();
    for member in &finding.members {
        let entry = (line(&member.reviewer), member.severity);
        if !list.contains(&entry) {
            list.push(entry);
        }
    }
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let shown: Vec<String> =
        list.iter().map(|(name, severity)| format!("{name} ({})", severity.name())).collect();
    shown.join(", ")
}

/// Each reviewer's own words, the same words once.
fn words(out: &mut String, finding: &Finding) {
    let mut groups: Vec<(Vec<&Member>, String)> = Vec::new();
    for member in &finding.members {
        let text = block(&member.body);
        match groups.iter_mut().find(|(_, old)| *old == text) {
            Some((who, _)) => who.push(member),
            None => groups.push((vec![member], text)),
        }
    }
    for (who, text) in &groups {
        if finding.members.len() > 1 {
            let names: Vec<String> = who
                .iter()
                .map(|m| {
                    let place = m.locations.first().map_or_else(String::new, |l| format!(", {}", place(l)));
                    format!("{} ({}{place}): {}", line(&m.reviewer), m.severity.name(), line(&m.title))
                })
                .collect();
            let _ = writeln!(out, "\n**As reported by** {}", names.join("; "));
        }
        if !text.is_empty() {
            let _ = writeln!(out, "\n{text}");
        }
    }
}
