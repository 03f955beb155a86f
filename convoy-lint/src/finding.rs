//! Findings: their order, duplicates, and the caps of a report.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::PathBuf;

use findings::Severity;
use serde::Serialize;

use crate::domain::Domain;

/// At most this many findings of one rule are written out in a report.
pub const PER_RULE: usize = 5;
/// At most this many findings are written out in a report.
pub const PER_REVIEW: usize = 30;

/// One step of how a value came to where it does harm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Step {
    pub line: usize,
    pub text: String,
}

/// One defect at one place. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub rule: String,
    pub domain: Domain,
    pub severity: Severity,
    pub confidence: u8,
    pub title: String,
    pub category: String,
    pub cwe: Vec<u32>,
    pub problem: String,
    pub impact: String,
    pub fix: String,
    /// Relative to the project.
    pub path: PathBuf,
    pub line: usize,
    pub end_line: usize,
    pub column: usize,
    /// The code, one line; empty if it holds a secret.
    pub snippet: String,
    pub trace: Vec<Step>,
}

/// Sorts worst first and drops what says the same of the same line again.
pub fn arrange(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| {
        (Reverse(a.severity), Reverse(a.confidence), &a.path, a.line, a.column, &a.rule).cmp(&(
            Reverse(b.severity),
            Reverse(b.confidence),
            &b.path,
            b.line,
            b.column,
            &b.rule,
        ))
    });
    let mut seen: std::collections::BTreeSet<(PathBuf, usize, String)> = std::collections::BTreeSet::new();
    findings.retain(|finding| {
        let what = match finding.cwe.first() {
            Some(cwe) => format!("CWE-{cwe}"),
            None => finding.rule.clone(),
        };
        seen.insert((finding.path.clone(), finding.line, what))
    });
}

/// What a report for people writes out, and how many of each rule it does not.
#[derive(Debug)]
pub struct Capped<'a> {
    pub shown: Vec<&'a Finding>,
    pub hidden: BTreeMap<&'a str, usize>,
}

/// Keeps a report readable; `findings` are arranged.
pub fn cap(findings: &[Finding]) -> Capped<'_> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut capped = Capped { shown: Vec::new(), hidden: BTreeMap::new() };
    for finding in findings {
        let of_rule = count.entry(&finding.rule).or_default();
        if *of_rule < PER_RULE && capped.shown.len() < PER_REVIEW {
            *of_rule += 1;
            capped.shown.push(finding);
        } else {
            *capped.hidden.entry(&finding.rule).or_default() += 1;
        }
    }
    capped
}
