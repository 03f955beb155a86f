//! SARIF 2.1.0, for code scanning and for `convoy-merge`.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use base::program::Failure;
use base::text;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::to_json;
use crate::finding::Finding;
use crate::joined::Voice;
use crate::review::Review;
use crate::rule::About;
use findings::Severity;

pub fn render(review: &Review) -> Result<String, Failure> {
    let mut rules: Vec<Value> = review.pack.rules().values().map(|(about, _)| rule(about)).collect();
    rules.extend(rules_of_others(review));
    let mut seen = BTreeMap::new();
    let results: Vec<Value> = review
        .findings
        .iter()
        .map(|finding| (finding, false))
        .chain(review.suppressed.iter().map(|finding| (finding, true)))
        .map(|(finding, suppressed)| result(finding, suppressed, &fingerprint(finding, &mut seen)))
        .collect();
    let not_compared = super::not_compared(review)
        .into_iter()
        .map(|note| json!({ "level": "warning", "message": { "text": note } }));
    let notes: Vec<Value> = review
        .skipped
        .iter()
        .map(|(path, reason)| {
            json!({
                "level": "note",
                "message": { "text": format!("not reviewed: {reason}") },
                "locations": [{ "physicalLocation": { "artifactLocation": location(path) } }],
            })
        })
        .chain(not_compared)
        .chain(review.voices.iter().map(voice))
        .collect();
    to_json(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "convoy-lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }, "extensions": extensions(review) },
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notes,
            }],
            "columnKind": "unicodeCodePoints",
            "properties": { "filesGiven": review.given(), "filesRead": review.read.len() },
            "results": results,
        }],
    }))
}

/// What another linter said of its run; one that did not read all warns.
fn voice(voice: &Voice) -> Value {
    let level = if voice.is_whole() || !voice.is_there { "note" } else { "warning" };
    json!({ "level": level, "message": { "text": voice.told() } })
}

/// The other linters, once each.
fn extensions(review: &Review) -> Vec<Value> {
    let known = review.voices.iter().filter_map(|voice| Some((&voice.tool, voice.version.as_ref()?)));
    let known: BTreeSet<_> = known.collect();
    known.into_iter().map(|(name, version)| json!({ "name": name, "version": version })).collect()
}

/// The rules of other linters that results are of.
fn rules_of_others(review: &Review) -> Vec<Value> {
    let results = review.findings.iter().chain(&review.suppressed).filter(|finding| !finding.is_ours());
    let rules: BTreeMap<&str, &Finding> = results.map(|finding| (finding.rule.as_str(), finding)).collect();
    let rule = |(id, finding): (&str, &Finding)| {
        json!({
            "id": id,
            "shortDescription": { "text": finding.title },
            "properties": { "tags": [finding.domain.name()] },
        })
    };
    rules.into_iter().map(rule).collect()
}

fn rule(about: &About) -> Value {
    let mut tags = vec![about.domain.name().to_owned()];
    tags.extend(about.cwe.iter().map(|cwe| format!("external/cwe/cwe-{cwe:03}")));
    json!({
        "id": about.id,
        "shortDescription": { "text": about.title },
        "fullDescription": { "text": about.message },
        "help": { "text": format!("{} {}", about.impact, about.fix).trim() },
        "defaultConfiguration": { "level": level(about.severity) },
        "properties": { "tags": tags, "category": about.category },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Blocker | Severity::Critical | Severity::High => "error",
        Severity::Medium | Severity::Unrated => "warning",
        Severity::Low => "note",
    }
}

/// By what a finding is known again: without lines, so that it is the same where code
/// before it is added, or where it is wrapped. The same once more is counted.
fn fingerprint(finding: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let spot = &finding.spot;
    let code = if spot.statement.is_empty() { &spot.lines } else { &spot.statement };
    let mut hasher = Sha256::new();
    for part in
        [finding.rule.as_bytes(), finding.path.as_os_str().as_bytes(), spot.item.as_bytes(), code.as_bytes()]
    {
        hasher.update(part);
        hasher.update([0]);
    }
    let hash = HEXLOWER.encode(&hasher.finalize()[..16]);
    let count = seen.entry(hash.clone()).or_default();
    *count += 1;
    format!("{hash}:{count}")
}

fn result(finding: &Finding, suppressed: bool, fingerprint: &str) -> Value {
    let mut value = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": { "text": text::visible(&finding.problem) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": location(&finding.path),
            "region": {
                "startLine": finding.line,
                "startColumn": finding.column,
                "endLine": finding.end_line,
            },
        }}],
        "partialFingerprints": { "convoyLintCode/v1": fingerprint },
        "properties": {
            "title": finding.title,
            "domain": finding.domain,
            "severity": finding.severity,
            "confidence": finding.confidence,
            "category": finding.category,
            "cwe": finding.cwe,
            "impact": finding.impact,
            "fix": finding.fix,
            "saidBy": finding.said,
        },
    });
    if !finding.trace.is_empty() {
        value["codeFlows"] = json!([{ "threadFlows": [{ "locations": way(finding) }] }]);
    }
    if suppressed {
        value["suppressions"] = json!([{ "kind": "inSource" }]);
    }
    if let Some(new) = finding.new {
        value["baselineState"] = json!(if new { "new" } else { "unchanged" });
    }
    value
}

/// The way a value took, to where it does harm.
fn way(finding: &Finding) -> Vec<Value> {
    let steps = finding.trace.iter().map(|step| (step.line, step.text.as_str()));
    let end = (finding.line, finding.title.as_str());
    let place = |(line, words): (usize, &str)| {
        json!({ "location": {
            "physicalLocation": {
                "artifactLocation": location(&finding.path),
                "region": { "startLine": line },
            },
            "message": { "text": text::visible(words) },
        }})
    };
    steps.chain([end]).map(place).collect()
}

fn location(path: &Path) -> Value {
    json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
}

/// A relative URI reference: whatever bytes the path has, percent-encoded.
fn uri(path: &Path) -> String {
    text::percent_encoded(path.as_os_str().as_bytes(), b"-._~/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_path_is_a_uri() {
        use std::ffi::OsStr;
        let path = Path::new(OsStr::from_bytes(b"a b/\xff#?:.ts"));
        assert_eq!(uri(path), "a%20b/%FF%23%3F%3A.ts");
    }
}
