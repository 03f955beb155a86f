//! SARIF 2.1.0, one run: what GitHub code scanning and other viewers take.
//!
//! No line is invented: a finding without a place has no location, one whose place is
//! not there no region. Nothing tells where on this machine anything lies.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;

use base::encoded_path::EncodedPath;
use findings::verdict::Decision;
use serde_json::{Map, Value, json};

use super::contain::{block, clean, line};
use crate::merge::Merged;
use crate::meta::Meta;
use crate::model::{Finding, Location, Status};
use crate::{scope, verdict};
use findings::Severity;

/// GitHub rejects a run with more results or rules than this.
const MOST_RESULTS: usize = 25_000;
/// GitHub rejects a result with more locations than 1,000; it shows 100.
const MOST_PLACES: usize = 100;
/// So many files that were not read are named.
const MOST_NOTES: usize = 1_000;
/// Longer texts are cut in messages; the JSON output has them whole.
const MOST_TEXT: usize = 8_000;

pub(super) fn report(merged: &Merged, meta: &Meta) -> String {
    let all = || merged.findings.iter().chain(&merged.carried).chain(&merged.closed);
    let shown: Vec<&Finding> = all().take(MOST_RESULTS).collect();
    let left_out = all().count() - shown.len();
    let mut by_rule: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in &shown {
        by_rule.entry(rule_id(finding)).or_default().push(finding);
    }
    let index: BTreeMap<&str, usize> = by_rule.keys().enumerate().map(|(n, id)| (id.as_str(), n)).collect();
    let results: Vec<Value> = shown
        .iter()
        .map(|finding| {
            let id = rule_id(finding);
            let at = index.get(id.as_str()).copied().unwrap_or_default();
            result(finding, &id, at)
        })
        .collect();
    let decision = verdict::of(merged, meta);
    let read = scope::all(&merged.inputs, meta);
    let mut run = json!({
        "tool": { "driver": {
            "name": "convoy-merge",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": by_rule.iter().map(|(id, findings)| rule(id, findings)).collect::<Vec<_>>(),
        } },
        "automationDetails": { "id": "convoy-merge/" },
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            // Nobody may take what is missing for clean.
            "executionSuccessful": decision.obstacles.is_empty(),
            "toolExecutionNotifications": notifications(merged, &decision),
        }],
        "results": results,
        "properties": { "verdict": decision.verdict, "filesRead": read.read, "filesGiven": read.given },
    });
    if left_out > 0 {
        run["properties"]["leftOut"] = json!(left_out);
    }
    hide(&mut run, &private(merged, meta));
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

/// Why there is no verdict, and which files were not read.
fn notifications(merged: &Merged, decision: &Decision) -> Vec<Value> {
    let mut by_file: BTreeMap<(&EncodedPath, &str), Vec<&str>> = BTreeMap::new();
    for input in &merged.inputs {
        for one in input.scope.iter().flat_map(|scope| &scope.not_read) {
            by_file.entry((&one.file, &one.why)).or_default().push(&input.reviewer);
        }
    }
    let obstacles = decision
        .obstacles
        .iter()
        .map(|why| json!({ "level": "error", "message": { "text": format!("no verdict: {}", clean(why)) } }));
    let unread = by_file.into_iter().take(MOST_NOTES).map(|((file, why), names)| {
        let text = format!("not read by {}: {}", line(&names.join(", ")), line(why));
        let uri = relative_uri(file);
        json!({
            "level": "note",
            "message": { "text": text },
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri } } }],
        })
    });
    obstacles.chain(unread).collect()
}

/// Directories of this machine that may be named in texts: a SARIF file is uploaded.
fn private(merged: &Merged, meta: &Meta) -> Vec<String> {
    let parent = |path: &str| path.rsplit_once('/').map(|(dir, _)| dir.to_string());
    let inputs = merged.inputs.iter().filter_map(|input| parent(&input.path));
    let mut list: Vec<String> = meta.project.clone().into_iter().chain(inputs).collect();
    list.retain(|dir| dir.starts_with('/') && dir.len() > 1);
    list.sort_by_key(|dir| std::cmp::Reverse(dir.len()));
    list.dedup();
    list
}

/// Takes these directories out of every text.
fn hide(value: &mut Value, private: &[String]) {
    match value {
        Value::String(text) => {
            for dir in private {
                if text.contains(dir.as_str()) {
                    *text = text.replace(&format!("{dir}/"), "").replace(dir.as_str(), ".");
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| hide(value, private)),
        Value::Object(map) => map.values_mut().for_each(|value| hide(value, private)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
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

/// The rule of a program by its own name; else the subject, with the severity, because
/// `security-severity` belongs to the rule.
fn rule_id(finding: &Finding) -> String {
    match &finding.facts.rule {
        Some(rule) => clean(rule),
        None => format!("{}/{}", subject(finding), finding.severity.name()),
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker | Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unrated => "warning",
        Severity::Low => "note",
    }
}

/// Is it a matter of security? By its domain, else by whose and about what it is.
fn is_security(finding: &Finding) -> bool {
    if let Some(domain) = &finding.facts.domain {
        return domain == "security";
    }
    let named = |name: &str, kinds: &[&str]| kinds.iter().any(|kind| name.to_lowercase().contains(kind));
    let category = finding.category.as_deref().unwrap_or_default();
    let others =
        finding.reviewers.iter().any(|name| named(name, &["correct", "perform", "style", "test", "doc"]));
    named(category, &["secur", "inject"])
        || finding.reviewers.iter().any(|name| named(name, &["secur"]))
        || !others && category.contains("CWE-")
}

/// A rule as an alert shows it: `findings` are its own.
fn rule(id: &str, findings: &[&Finding]) -> Value {
    let worst = findings.iter().map(|finding| finding.severity).max().unwrap_or_default();
    let first = findings.first();
    let subject = first.map(|finding| subject(finding)).unwrap_or_default();
    let mut tags = vec![subject.clone()];
    let mut properties = Map::new();
    if findings.iter().any(|finding| is_security(finding)) {
        if subject != "security" {
            tags.push("security".to_string());
        }
        let score = match worst {
            Severity::Blocker => "9.8",
            Severity::Critical => "9.1",
            Severity::High => "8.0",
            Severity::Medium | Severity::Unrated => "5.5",
            Severity::Low => "2.0",
        };
        properties.insert("security-severity".to_string(), json!(score));
    }
    let cwe = first.map(|finding| finding.facts.cwe.as_slice()).unwrap_or_default();
    tags.extend(cwe.iter().map(|cwe| format!("external/cwe/cwe-{cwe:03}")));
    properties.insert("tags".to_string(), json!(tags));
    let named = first.filter(|finding| finding.facts.rule.is_some());
    let title = named.map_or_else(|| format!("{subject} ({})", worst.name()), |finding| line(&finding.title));
    let mut out = json!({
        "id": id,
        "shortDescription": { "text": title },
        "defaultConfiguration": { "level": level(worst) },
        "properties": properties,
    });
    if let Some(fix) = named.and_then(|finding| finding.facts.fix.as_deref()) {
        out["help"] = json!({ "text": clean(fix) });
    }
    out
}

fn result(finding: &Finding, rule: &str, index: usize) -> Value {
    let mut out = json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "rank": (100.0 * finding.score / 5999.0).clamp(0.0, 100.0),
        "message": { "text": plain(finding), "markdown": markdown(finding) },
        "partialFingerprints": { "convoyFinding/v1": finding.fingerprint },
        "occurrenceCount": finding.members.len().max(1),
        "properties": {
            "id": finding.id,
            "severity": finding.severity.name(),
            "reviewers": finding.reviewers,
            "sources": sources(finding),
        },
    });
    let mut places = finding.locations.iter().filter(|place| !is_elsewhere(place));
    if let Some(first) = places.next() {
        out["locations"] = json!([place(first, None)]);
        let rest: Vec<Value> =
            places.take(MOST_PLACES).enumerate().map(|(n, l)| place(l, Some(n + 1))).collect();
        if !rest.is_empty() {
            out["relatedLocations"] = json!(rest);
        }
    }
    let remarks: Vec<String> = finding.locations.iter().filter_map(remark).collect();
    if !remarks.is_empty() {
        out["properties"]["places"] = json!(remarks);
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
    if let Some(state) = baseline_state(finding) {
        out["baselineState"] = json!(state);
    }
    out
}

/// Beside a baseline, else earlier reviews, else the code before the change.
fn baseline_state(finding: &Finding) -> Option<&str> {
    let known = finding.baseline.as_deref().or(finding.history.as_deref());
    match (known, finding.new) {
        (Some("gone" | "fixed"), _) => Some("absent"),
        // What nobody has seen before may well have been there.
        (Some("known" | "carried" | "unchanged"), _) | (_, Some(false)) => Some("unchanged"),
        (Some(_), _) | (None, Some(true)) => Some("new"),
        (None, None) => None,
    }
}

/// A place that is in no file of the project: no tool can be sent there.
fn is_elsewhere(place: &Location) -> bool {
    place.is_unplaced() && place.file.starts_with(['/', '.'])
}

fn remark(place: &Location) -> Option<String> {
    let why = place.placed_why.as_deref()?;
    let mark = if place.is_unplaced() { "unplaced, " } else { "" };
    Some(format!("{} {mark}{}", clean(&place.display()), clean(why)))
}

/// What an alert shows: what is wrong and what to do about it.
fn plain(finding: &Finding) -> String {
    let mut out = line(&finding.title);
    let body = finding.members.iter().find(|member| member.title == finding.title && !member.body.is_empty());
    if let Some(member) = body.or(finding.members.first()) {
        let body = clean(crate::extract::cut(&member.body, MOST_TEXT)).replace("**", "");
        if !body.trim().is_empty() {
            let _ = write!(out, "\n\n{}", body.trim());
        }
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
        .map(|m| json!({ "file": clean(m.source.rsplit('/').next().unwrap_or(&m.source)), "reviewer": clean(&m.reviewer), "severity": m.severity_raw.as_deref().map(clean), "title": line(&m.title) }))
        .collect()
}

fn place(location: &Location, id: Option<usize>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(location) } });
    if let Some(start) = location.line_start.filter(|_| !location.is_unplaced()) {
        physical["region"] =
            json!({ "startLine": start, "endLine": location.line_end.unwrap_or(start).max(start) });
        if let Some(column) = location.column {
            physical["region"]["startColumn"] = json!(column);
        }
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
fn uri(location: &Location) -> String {
    let path = location.path();
    let bytes = path.as_path().as_os_str().as_bytes();
    if bytes.starts_with(b"/") {
        return format!("file://{}", encoded(bytes, b""));
    }
    // In prose that is a drive; in a project a directory may be called so.
    if bytes.get(1) == Some(&b':') && !location.exact {
        return format!("file:///{}", encoded(bytes, b":"));
    }
    encoded(bytes, b"")
}

fn relative_uri(path: &EncodedPath) -> String {
    encoded(path.as_path().as_os_str().as_bytes(), b"")
}

fn encoded(bytes: &[u8], also: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"/-_.~@+=,$!()*".contains(byte) || also.contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
