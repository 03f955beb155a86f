//! The findings as the document that other programs read (`docs/findings.md`).

use std::fmt::Write as _;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::text;
use findings::{Basis, Document, Location, NotRead, Scope, Silenced};

use super::{count, test_code};
use crate::domain::Domain;
use crate::finding::Finding;
use crate::review::Review;

/// Who reviewed, where it was for all domains.
const ALL_DOMAINS: &str = "convoy-lint";

pub fn of(review: &Review) -> Document {
    let reviewer = match review.domains[..] {
        [one] | [one, Domain::Change] => one.name(),
        _ => ALL_DOMAINS,
    };
    let findings = review.findings.iter().map(finding).collect();
    let silenced = review.suppressed.iter().map(|one| Silenced {
        file: EncodedPath::from(one.path.as_path()),
        line: u32::try_from(one.line).unwrap_or(u32::MAX),
        rule: one.rule.clone(),
    });
    Document {
        notes: notes(review),
        silenced: silenced.collect(),
        ..Document::new(reviewer, scope(review), findings)
    }
}

fn scope(review: &Review) -> Scope {
    let path = |path: &Path| EncodedPath::from(path);
    let read: Vec<EncodedPath> = review.read.keys().map(|file| path(file)).collect();
    let not_read: Vec<NotRead> = review
        .skipped
        .iter()
        .map(|(file, why)| NotRead { file: path(file), why: why.clone().into_owned() })
        .collect();
    let mut given: Vec<EncodedPath> =
        read.iter().cloned().chain(not_read.iter().map(|one| one.file.clone())).collect();
    given.sort();
    Scope { given, read, not_read, basis: Basis::Opened }
}

fn finding(finding: &Finding) -> findings::Finding {
    let some = |words: &str| (!words.trim().is_empty()).then(|| words.trim().to_owned());
    let number = |place: usize| u32::try_from(place).ok();
    findings::Finding {
        title: finding.title.clone(),
        severity: finding.severity,
        confidence: Some(finding.confidence),
        domain: Some(finding.domain.name().to_owned()),
        category: some(&finding.category),
        rule: Some(finding.rule.clone()),
        cwe: finding.cwe.clone(),
        locations: vec![Location {
            file: EncodedPath::from(finding.path.as_path()),
            line: number(finding.line),
            end_line: number(finding.end_line),
            column: number(finding.column),
            symbol: None,
            // Where it is cut, the beginning of the code.
            quote: some(finding.snippet.trim_end_matches('…')),
        }],
        problem: Some(problem(finding)),
        impact: some(&finding.impact),
        fix: some(&finding.fix),
        suggestion: finding.suggestion.clone(),
        trace: finding.trace.iter().filter_map(|step| trace(finding, step)).collect(),
        new: finding.new,
        requirement: None,
    }
}

fn trace(finding: &Finding, step: &crate::finding::Step) -> Option<findings::Step> {
    let line = u32::try_from(step.line).ok()?;
    Some(findings::Step {
        file: EncodedPath::from(finding.path.as_path()),
        line,
        text: text::visible(&step.text),
    })
}

/// The sentence, and the way the value took.
fn problem(finding: &Finding) -> String {
    let mut out = finding.problem.trim().to_owned();
    if !finding.trace.is_empty() {
        let steps: Vec<String> = finding
            .trace
            .iter()
            .map(|step| format!("{} (line {})", super::code(&step.text), step.line))
            .collect();
        let _ = write!(out, " It comes from {}.", steps.join(" → "));
    }
    if !finding.said.is_empty() {
        let also = if finding.is_ours() { "Also said by" } else { "Said by" };
        let _ = write!(out, " {also} {}.", super::said_by(finding));
    }
    out
}

fn notes(review: &Review) -> Vec<String> {
    let mut notes = vec![format!("static rules only: {}", count(review.rules, "rule"))];
    notes.extend(test_code(review));
    notes.extend(super::voices(review));
    if !review.skipped_dirs.is_empty() {
        let names: Vec<String> = review.skipped_dirs.iter().map(|dir| text::path(dir) + "/").collect();
        notes.push(format!("not walked: {}", names.join(", ")));
    }
    notes.extend(super::not_compared(review));
    if !review.suppressed.is_empty() {
        let places: Vec<String> = review
            .suppressed
            .iter()
            .map(|one| format!("{}:{} {}", text::path(&one.path), one.line, one.rule))
            .collect();
        notes.push(format!("silenced by comments in the code: {}", places.join(", ")));
    }
    notes
}
