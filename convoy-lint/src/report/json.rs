//! Findings as one JSON array; `[]` when there are none. All of them: the caps
//! are for people.

use base::encoded_path::EncodedPath;
use base::program::Failure;
use serde::Serialize;

use super::to_json;
use crate::domain::Domain;
use crate::finding::{Finding, Said, Step};
use crate::review::Review;
use findings::Severity;

/// One element; documented in `docs/convoy-lint.md`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item<'a> {
    rule: &'a str,
    domain: Domain,
    severity: Severity,
    confidence: u8,
    category: &'a str,
    cwe: &'a [u32],
    path: EncodedPath,
    line: usize,
    end_line: usize,
    column: usize,
    title: &'a str,
    problem: &'a str,
    impact: &'a str,
    fix: &'a str,
    code: &'a str,
    trace: &'a [Step],
    /// Other linters that say so; of one of theirs alone, whose it is.
    said_by: &'a [Said],
    /// Silenced by a comment in the code.
    suppressed: bool,
}

pub fn render(review: &Review) -> Result<String, Failure> {
    let items: Vec<Item<'_>> = review
        .findings
        .iter()
        .map(|finding| item(finding, false))
        .chain(review.suppressed.iter().map(|finding| item(finding, true)))
        .collect();
    to_json(&items)
}

fn item(finding: &Finding, suppressed: bool) -> Item<'_> {
    Item {
        rule: &finding.rule,
        domain: finding.domain,
        severity: finding.severity,
        confidence: finding.confidence,
        category: &finding.category,
        cwe: &finding.cwe,
        path: EncodedPath::from(finding.path.as_path()),
        line: finding.line,
        end_line: finding.end_line,
        column: finding.column,
        title: &finding.title,
        problem: &finding.problem,
        impact: &finding.impact,
        fix: &finding.fix,
        code: &finding.snippet,
        trace: &finding.trace,
        said_by: &finding.said,
        suppressed,
    }
}
