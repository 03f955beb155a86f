//! Findings: their order, duplicates, and the caps of a report.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::PathBuf;

use findings::Severity;
use serde::Serialize;

use crate::domain::Domain;

/// At most this many findings of one rule are written out in a report.
pub const PER_RULE: usize = 5;
/// At most this many findings are written out in a report.
pub const PER_REVIEW: usize = 30;

/// What is to stand in place of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// In bytes of the file.
    pub range: Range<usize>,
    pub old: String,
    pub new: String,
}

/// One step of how a value came to where it does harm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Step {
    pub line: usize,
    pub text: String,
}

/// Somebody else who says the same of the same place, or alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    pub tool: String,
    pub version: Option<String>,
    /// The tool's own name for its rule.
    pub rule: String,
}

/// By what a finding is known again: code without comments and without its layout.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spot {
    /// The names of the items around it, the outermost first; empty at the top.
    pub item: String,
    /// All of its lines: the same where they were indented or moved.
    pub lines: String,
    /// The statement it is in: the same where that was wrapped.
    pub statement: String,
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
    pub spot: Spot,
    /// Which other linters say so; of one of theirs alone, whose it is.
    pub said: Vec<Said>,
    /// What its rule would write in its place.
    pub edit: Option<Edit>,
    /// Its lines with that.
    pub suggestion: Option<String>,
    /// Has the change made it? `None`: nobody asked, or it cannot be told.
    pub new: Option<bool>,
}

/// Sorts worst first and drops what says the same of the same line again, in fewer words
/// or as less; what is left of several is new if one of them is.
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
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut at_line: HashMap<(PathBuf, usize), Vec<usize>> = HashMap::new();
    for finding in findings.drain(..) {
        let there = at_line.entry((finding.path.clone(), finding.line)).or_default();
        match there.iter().find(|at| says_the_same(&kept[**at], &finding)) {
            Some(at) => kept[*at].new = newer(kept[*at].new, finding.new),
            None => {
                there.push(kept.len());
                kept.push(finding);
            }
        }
    }
    *findings = kept;
}

/// Of one line: is one weakness, or where none is named one rule, found twice?
fn says_the_same(one: &Finding, other: &Finding) -> bool {
    let unnamed = one.cwe.is_empty() && other.cwe.is_empty();
    unnamed && one.rule == other.rule || one.cwe.iter().any(|cwe| other.cwe.contains(cwe))
}

fn newer(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    [Some(true), None].into_iter().find(|mark| one == *mark || other == *mark).unwrap_or(Some(false))
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

impl Finding {
    /// Is it one of our own rules'?
    pub fn is_ours(&self) -> bool {
        // A rule of another linter is called by its name and ours for the linter.
        self.said.is_empty() || !self.rule.contains('/')
    }
}

#[cfg(test)]
impl Finding {
    /// One in the first line of a file.
    pub(crate) fn sample(rule: &str, path: &str, spot: Spot) -> Self {
        Finding {
            rule: rule.to_owned(),
            domain: Domain::Security,
            severity: Severity::High,
            confidence: 80,
            title: "t".to_owned(),
            category: String::new(),
            cwe: Vec::new(),
            problem: String::new(),
            impact: String::new(),
            fix: String::new(),
            path: path.into(),
            line: 1,
            end_line: 1,
            column: 1,
            snippet: String::new(),
            trace: Vec::new(),
            spot,
            said: Vec::new(),
            edit: None,
            suggestion: None,
            new: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_says_the_same_of_a_line_one_is_left_and_is_new_if_any_is() {
        for (marks, left) in [
            ([Some(false), Some(true)], Some(true)),
            ([Some(true), Some(false)], Some(true)),
            ([Some(false), None], None),
            ([Some(false), Some(false)], Some(false)),
        ] {
            let mut findings: Vec<Finding> =
                marks.map(|new| Finding { new, ..Finding::sample("r", "a", Spot::default()) }).into();
            arrange(&mut findings);
            assert_eq!(findings.iter().map(|one| one.new).collect::<Vec<_>>(), [left], "{marks:?}");
        }
    }
    #[test]
    fn one_weakness_of_a_line_is_told_by_the_graver_rule() {
        let one = |rule: &str, severity, line, cwe: &[u32]| {
            let sample = Finding::sample(rule, "a", Spot::default());
            Finding { severity, line, cwe: cwe.to_vec(), ..sample }
        };
        let mut findings = vec![
            one("digest", Severity::Low, 2, &[328]),
            one("password", Severity::High, 2, &[916, 328]),
            one("digest", Severity::Low, 3, &[328]),
            one("iv", Severity::Low, 2, &[329]),
            one("unnamed", Severity::Low, 2, &[]),
        ];
        arrange(&mut findings);
        let left: Vec<_> = findings.iter().map(|one| (one.rule.as_str(), one.line)).collect();
        assert_eq!(left, [("password", 2), ("iv", 2), ("unnamed", 2), ("digest", 3)]);
    }
}
