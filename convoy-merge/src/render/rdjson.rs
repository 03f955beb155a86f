//! reviewdog's diagnostics: rdjson, and rdjsonl with one a line.

use serde_json::{Value, json};

use super::message::{PROJECT, Shown, exact_path, shown};
use crate::merged::Merged;
use crate::model::{Finding, Location};
use findings::Severity;

/// One object.
pub(super) fn whole(merged: &Merged) -> String {
    let list: Vec<Value> = diagnostics(merged).collect();
    let document = json!({ "source": source(), "diagnostics": list });
    // Strings and numbers only: nothing in it can fail to be written.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

/// An object a line.
pub(super) fn lines(merged: &Merged) -> String {
    diagnostics(merged).flat_map(|one| [one.to_string(), "\n".to_string()]).collect()
}

fn source() -> Value {
    json!({ "name": "convoy" })
}

fn diagnostics(merged: &Merged) -> impl Iterator<Item = Value> {
    merged.open().zip(shown(merged)).map(|(finding, shown)| diagnostic(finding, &shown))
}

fn diagnostic(finding: &Finding, shown: &Shown) -> Value {
    let severity = match shown.severity {
        Severity::Blocker | Severity::Critical | Severity::High => "ERROR",
        Severity::Medium | Severity::Unrated => "WARNING",
        Severity::Low => "INFO",
    };
    let mut code = json!({ "value": shown.rule });
    if let Some(cwe) = shown.cwe.first() {
        code["url"] = json!(format!("https://cwe.mitre.org/data/definitions/{cwe}.html"));
    }
    let first = finding.locations.first();
    let mut out = json!({
        "message": shown.text(),
        "location": first.map_or_else(|| json!({ "path": PROJECT }), place),
        "severity": severity,
        "source": source(),
        "code": code,
    });
    if finding.locations.len() > 1 {
        let further = finding.locations[1..].iter().take(20);
        out["related_locations"] = further.map(|location| json!({ "location": place(location) })).collect();
    }
    if let Some(suggestion) = suggestion(finding, shown) {
        out["suggestions"] = json!([suggestion]);
    }
    out
}

/// Whole lines are put in the place of whole lines.
fn suggestion(finding: &Finding, shown: &Shown) -> Option<Value> {
    let text = finding.facts.suggestion.as_deref()?;
    let (from, to) = (shown.line?, shown.end_line.or(shown.line)?);
    let range = json!({ "start": { "line": from, "column": 1 }, "end": { "line": to + 1, "column": 1 } });
    Some(json!({ "range": range, "text": format!("{}\n", text.trim_end()) }))
}

fn place(location: &Location) -> Value {
    let mut out = json!({ "path": exact_path(location) });
    if let Some(start) = location.line_start.filter(|start| *start > 0 && !location.is_unplaced()) {
        let mut begin = json!({ "line": start });
        if let Some(column) = location.column.filter(|column| *column > 0) {
            begin["column"] = json!(column);
        }
        out["range"] =
            json!({ "start": begin, "end": { "line": location.line_end.unwrap_or(start).max(start) } });
    }
    out
}
