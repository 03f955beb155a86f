//! SARIF 2.1.0, one run: what GitHub code scanning and other viewers take.
//!
//! Severity is part of the rule's id, because `security-severity` belongs to the
//! rule. No line is invented: a finding without place has no location.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::contain::{block, clean, line};
use crate::merge::Merged;
use crate::model::{Finding, Location, Severity, Status};

/// GitHub rejects a run with more results or rules than this.
const MOST_RESULTS: usize = 25_000;
/// GitHub rejects a result with more locations than 1,000; it shows 100.
const MOST_PLACES: usize = 100;
/// Longer texts are cut in messages; the JSON output has them whole.
const MOST_TEXT: usize = 8_000;

pub(super) fn report(merged: &Merged) -> String {
    let mut rules: BTreeMap<String, Value> = BTreeMap::new();
    for finding in merged.findings.iter().take(MOST_RESULTS) {
        rules.entry(rule_id(finding)).or_insert_with(|| rule(finding));
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(n, id)| (id.as_str(), n)).collect();
    let results: Vec<Value> = merged
        .findings
        .iter()
        .take(MOST_RESULTS)
        .map(|finding| {
            let id = rule_id(finding);
            let at = index.get(id.as_str()).copied().unwrap_or_default();
            result(finding, &id, at)
        })
        .collect();
    let mut run = json!({
        "tool": { "driver": {
            "name": "convoy-merge",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules.into_values().collect::<Vec<_>>(),
        } },
        "automationDetails": { "id": "convoy-merge/" },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if merged.findings.len() > MOST_RESULTS {
        run["properties"] = json!({ "leftOut": merged.findings.len() - MOST_RESULTS });
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    // Strings and numbers only: nothing in it can fail to be written.
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

/// A short name of the subject: the first words of the category, else the reviewer.
fn subject(finding: &Finding) -> String {
    let said =
        finding.category.as_deref().or(finding.reviewers.first().map(String::as_str)).unwrap_or("review");
    let mut slug = String::new();
    for c in said.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "review".to_string() } else { slug.to_string() }
}

fn rule_id(finding: &Finding) -> String {
    format!("{}/{}", subject(finding), finding.severity.name())
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker | Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unrated => "warning",
        Severity::Low => "note",
    }
}

fn rule(finding: &Finding) -> Value {
    let subject = subject(finding);
    let security = subject.contains("secur")
        || subject.contains("cwe")
        || subject.contains("inject")
        || finding.reviewers.iter().any(|r| r == "security");
    let mut tags = vec![subject.clone()];
    let mut properties = Map::new();
    if security {
        if subject != "security" {
            tags.push("security".to_string());
        }
        let score = match finding.severity {
            Severity::Blocker => "9.8",
            Severity::Critical => "9.1",
            Severity::High => "8.0",
            Severity::Medium | Severity::Unrated => "5.5",
            Severity::Low => "2.0",
        };
        properties.insert("security-severity".to_string(), json!(score));
    }
    properties.insert("tags".to_string(), json!(tags));
    json!({
        "id": rule_id(finding),
        "shortDescription": { "text": format!("{subject} ({})", finding.severity.name()) },
        "defaultConfiguration": { "level": level(finding.severity) },
        "properties": properties,
    })
}

fn result(finding: &Finding, rule: &str, index: usize) -> Value {
    let mut out = json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "rank": (100.0 * finding.score / 5999.0).clamp(0.0, 100.0),
        "message": { "text": line(&finding.title), "markdown": markdown(finding) },
        "partialFingerprints": { "convoyFinding/v1": finding.fingerprint },
        "occurrenceCount": finding.members.len().max(1),
        "properties": {
            "id": finding.id,
            "severity": finding.severity.name(),
            "reviewers": finding.reviewers,
            "sources": sources(finding),
        },
    });
    if let Some((first, rest)) = finding.locations.split_first() {
        out["locations"] = json!([place(first, None)]);
        if !rest.is_empty() {
            out["relatedLocations"] =
                rest.iter().take(MOST_PLACES).enumerate().map(|(n, l)| place(l, Some(n + 1))).collect();
        }
    }
    let accepted = finding
        .suppressed
        .clone()
        .or_else(|| finding.withdrawn.then(|| "withdrawn by its reviewer".to_string()))
        .or_else(|| finding.status.is_settled().then(|| finding.status.name().to_string()));
    if let Some(reason) = accepted {
        out["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": line(&reason) }]);
    }
    if finding.status != Status::Open {
        out["properties"]["status"] = json!(finding.status.name());
    }
    if let Some(state) = &finding.baseline {
        out["baselineState"] = json!(if state == "gone" { "absent" } else { state });
    }
    out
}

fn markdown(finding: &Finding) -> String {
    let mut out = line(&finding.title);
    for member in &finding.members {
        let body = block(crate::extract::cut(&member.body, MOST_TEXT));
        if !body.is_empty() && !out.contains(&body) {
            out.push_str("\n\n");
            if finding.members.len() > 1 {
                let _ = write!(out, "**{}** ({}):\n\n", line(&member.reviewer), member.severity.name());
            }
            out.push_str(&body);
        }
        if out.len() > MOST_TEXT {
            break;
        }
    }
    out
}

fn sources(finding: &Finding) -> Vec<Value> {
    finding
        .members
        .iter()
        .take(50)
        .map(|m| json!({ "file": clean(&m.source), "reviewer": clean(&m.reviewer), "severity": m.severity_raw.as_deref().map(clean), "title": line(&m.title) }))
        .collect()
}

fn place(location: &Location, id: Option<usize>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&location.file) } });
    if let Some(start) = location.line_start {
        physical["region"] =
            json!({ "startLine": start, "endLine": location.line_end.unwrap_or(start).max(start) });
    }
    let mut out = json!({ "physicalLocation": physical });
    if let Some(symbol) = &location.symbol {
        out["logicalLocations"] = json!([{ "name": clean(symbol) }]);
    }
    if let Some(id) = id {
        out["id"] = json!(id);
    }
    out
}

/// A path as a URI reference: what is not allowed there is percent-encoded.
pub(super) fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    if path.starts_with('/') {
        out.push_str("file://");
    } else if path.as_bytes().get(1) == Some(&b':') {
        out.push_str("file:///");
    }
    for byte in path.bytes() {
        let drive = byte == b':' && out.starts_with("file:///");
        if byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'/' | b'-'
                    | b'_'
                    | b'.'
                    | b'~'
                    | b'@'
                    | b'+'
                    | b'='
                    | b','
                    | b'$'
                    | b'!'
                    | b'('
                    | b')'
                    | b'*'
            )
            || drive
        {
            out.push(byte as char);
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
