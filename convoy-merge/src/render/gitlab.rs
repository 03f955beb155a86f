//! GitLab's code quality report. It demands a path and a line: a finding without
//! them is shown at the project, line 1, which the description says.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::contain::{clean, line};
use crate::merge::{Merged, stands};
use crate::model::Finding;
use findings::Severity;

pub(super) fn report(merged: &Merged) -> String {
    let issues: Vec<Value> = merged.findings.iter().filter(|f| stands(f)).map(issue).collect();
    // Strings and numbers only: nothing in it can fail to be written.
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

fn issue(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Blocker => "blocker",
        Severity::Critical => "critical",
        Severity::High => "major",
        Severity::Medium | Severity::Unrated => "minor",
        Severity::Low => "info",
    };
    let first = finding.locations.first();
    let placed = first.filter(|l| !l.is_unplaced());
    let stated = placed.and_then(|l| l.line_start);
    let mut description = line(&finding.title);
    match first.filter(|l| l.is_unplaced()) {
        Some(unplaced) => {
            let why = line(unplaced.placed_why.as_deref().unwrap_or_default());
            let _ = write!(description, " (unplaced: {}, {why})", line(&unplaced.display()));
        }
        None if stated.is_none() => description.push_str(" (no line was stated)"),
        None => {}
    }
    let mut lines = json!({ "begin": stated.unwrap_or(1) });
    if let Some(end) = placed.and_then(|l| l.line_end).filter(|_| stated.is_some()) {
        lines["end"] = json!(end);
    }
    json!({
        "description": description,
        "check_name": format!("convoy/{}", finding.category.as_deref().map_or_else(|| "review".to_string(), |c| clean(c).to_lowercase())),
        "fingerprint": finding.fingerprint,
        "severity": severity,
        "location": { "path": first.map_or_else(|| "(project)".to_string(), |l| l.file.clone()), "lines": lines },
    })
}
