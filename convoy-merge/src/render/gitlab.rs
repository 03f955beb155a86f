//! GitLab's code quality report. It demands a path and a line: a finding without
//! them is shown at the project, line 1, which the description says.

use serde_json::{Value, json};

use super::message::{PROJECT, Shown, exact_path, shown};
use crate::merged::Merged;
use crate::model::Finding;
use findings::Severity;

/// Characters of a description: GitLab shows it as one line.
const DESCRIPTION: usize = 1_000;

pub(super) fn report(merged: &Merged) -> String {
    let issues: Vec<Value> =
        merged.open().zip(shown(merged)).map(|(finding, one)| issue(finding, &one)).collect();
    // Strings and numbers only: nothing in it can fail to be written.
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}

fn issue(finding: &Finding, one: &Shown) -> Value {
    let severity = match one.severity {
        Severity::Blocker => "blocker",
        Severity::Critical => "critical",
        Severity::High => "major",
        Severity::Medium | Severity::Unrated => "minor",
        Severity::Low => "info",
    };
    let mut description = crate::contain::short(&one.flat(), DESCRIPTION);
    if one.line.is_none() && one.place == one.path {
        description.push_str(" (no line was stated)");
    }
    let mut lines = json!({ "begin": one.line.unwrap_or(1) });
    if let Some(end) = one.end_line {
        lines["end"] = json!(end);
    }
    let path = finding.locations.first().map_or_else(|| PROJECT.to_string(), exact_path);
    json!({
        "description": description,
        "check_name": format!("convoy/{}", one.rule.to_lowercase()),
        "content": { "body": one.text() },
        "categories": ["Bug Risk"],
        "fingerprint": one.fingerprint,
        "severity": severity,
        "location": { "path": path.trim_start_matches('/'), "lines": lines },
    })
}
