//! One finding in the report for people.

use std::fmt::Write as _;

use super::contain::{block, line};
use super::markdown::place_of;
use crate::model::{Finding, Member, Severity, Status};

pub(super) fn one(out: &mut String, number: usize, finding: &Finding) {
    let _ = writeln!(out, "### {number}. [{}] {}", place_of(finding), line(&finding.title));
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
    if let Some(reason) = &finding.suppressed {
        let _ = writeln!(out, "**Suppressed:** {}  ", line(reason));
    }
    if finding.locations.len() > 1 {
        let also: Vec<String> = finding.locations[1..].iter().map(|l| line(&l.display())).collect();
        let _ = writeln!(out, "**Also:** {}  ", also.join(", "));
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
                    let place =
                        m.locations.first().map_or_else(String::new, |l| format!(", {}", line(&l.display())));
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
