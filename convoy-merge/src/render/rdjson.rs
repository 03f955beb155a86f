//! reviewdog's rdjsonl: one diagnostic a line.

use serde_json::{Value, json};

use super::contain::{clean, line};
use crate::merge::{Merged, stands};
use crate::model::{Finding, Location};
use findings::Severity;

pub(super) fn report(merged: &Merged) -> String {
    merged
        .findings
        .iter()
        .filter(|f| stands(f))
        .flat_map(|f| [diagnostic(f).to_string(), "\n".to_string()])
        .collect()
}

fn diagnostic(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Blocker | Severity::Critical | Severity::High => "ERROR",
        Severity::Medium | Severity::Unrated => "WARNING",
        Severity::Low => "INFO",
    };
    let body = finding.members.first().map(|m| clean(crate::extract::cut(&m.body, 4000))).unwrap_or_default();
    let mut message = line(&finding.title);
    if !body.trim().is_empty() {
        message.push_str("\n\n");
        message.push_str(body.trim());
    }
    let first = finding.locations.first().cloned().unwrap_or_else(|| Location::file(""));
    let mut out = json!({
        "message": message,
        "location": place(&first),
        "severity": severity,
        "source": { "name": "convoy-merge" },
        "code": { "value": format!("{} {}", finding.id, finding.severity.name()) },
    });
    if finding.locations.len() > 1 {
        out["related_locations"] =
            finding.locations[1..].iter().take(20).map(|l| json!({ "location": place(l) })).collect();
    }
    out
}

fn place(location: &Location) -> Value {
    let mut out = json!({ "path": location.file });
    if let Some(start) = location.line_start.filter(|_| !location.is_unplaced()) {
        out["range"] = json!({ "start": { "line": start }, "end": { "line": location.line_end.unwrap_or(start).max(start) } });
    }
    out
}
