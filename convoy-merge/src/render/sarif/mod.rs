//! SARIF 2.1.0, one run: what GitHub code scanning and other viewers take.
//!
//! `rules` are the kinds of findings, `places` where they are. No line is invented: a finding without a place has no location, one whose place is
//! not there no region. Nothing tells where on this machine anything lies.

mod places;
mod rules;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base::encoded_path::EncodedPath;
use findings::verdict::Decision;
use serde_json::{Value, json};

use super::cause::without_code;
use crate::contain::{block, clean, line};
use crate::merged::{Merged, stands};
use crate::meta::Meta;
use crate::model::{Finding, Location, Status};
use crate::{scope, verdict};
use places::{ROOT, flow, is_elsewhere, place, relative_uri};
use rules::{id, level, rule};

/// GitHub rejects a run with more results or rules than this.
const MOST_RESULTS: usize = 25_000;
/// GitHub rejects a result with more locations than 1,000; it shows 100.
const MOST_PLACES: usize = 100;
/// So many files that were not read are named.
const MOST_NOTES: usize = 1_000;
/// Longer texts are cut in messages; the JSON output has them whole.
const MOST_TEXT: usize = 8_000;

pub(super) fn report(merged: &Merged, meta: &Meta) -> String {
    let mut all: Vec<&Finding> =
        merged.findings.iter().chain(&merged.carried).chain(&merged.closed).collect();
    let left_out = all.len().saturating_sub(MOST_RESULTS);
    if left_out > 0 {
        // What does not stand goes first, then the least severe.
        all.sort_by_key(|finding| std::cmp::Reverse((stands(finding), finding.severity)));
        all.truncate(MOST_RESULTS);
    }
    let mut by_rule: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in &all {
        by_rule.entry(id(finding)).or_default().push(finding);
    }
    let index: BTreeMap<&str, usize> = by_rule.keys().enumerate().map(|(n, id)| (id.as_str(), n)).collect();
    let results: Vec<Value> = all
        .iter()
        .map(|finding| {
            let id = id(finding);
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
        "automationDetails": { "id": format!("convoy/{}/", category(meta)) },
        "originalUriBaseIds": { ROOT: { "description": { "text": "The top of the repository." } } },
        "columnKind": "unicodeCodePoints",
        "invocations": [{
            // Nobody may take what is missing for clean.
            "executionSuccessful": decision.obstacles.is_empty(),
            "toolExecutionNotifications": notifications(merged, &decision, left_out),
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
fn notifications(merged: &Merged, decision: &Decision, left_out: usize) -> Vec<Value> {
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
            "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri, "uriBaseId": ROOT } } }],
        })
    });
    let cut = (left_out > 0).then(|| {
        let text =
            format!("{left_out} results are left out, the least severe: a run may have {MOST_RESULTS}");
        json!({ "level": "warning", "message": { "text": text } })
    });
    obstacles.chain(cut).chain(unread).collect()
}

/// By which a viewer tells the runs of one kind from others: static rules alone are no
/// later state of what an AI has reviewed.
fn category(meta: &Meta) -> String {
    let given =
        meta.category.as_deref().unwrap_or(if meta.static_only { "static-rules" } else { "code-review" });
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
    given.chars().map(plain).collect()
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

fn result(finding: &Finding, rule: &str, index: usize) -> Value {
    let mut out = json!({
        "ruleId": rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "rank": (100.0 * finding.score / 5999.0).clamp(0.0, 100.0),
        "message": { "text": plain(finding), "markdown": markdown(finding) },
        "partialFingerprints": fingerprints(finding),
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
    if let Some(flow) = flow(&finding.facts.trace, finding.locations.first()) {
        out["codeFlows"] = flow;
    }
    let remarks: Vec<String> = finding.locations.iter().filter_map(remark).collect();
    if !remarks.is_empty() {
        out["properties"]["places"] = json!(remarks);
    }
    let accepted = finding
        .suppressed
        .clone()
        .or_else(|| finding.withdrawn.then(|| "withdrawn by its reviewer".to_string()))
        .or_else(|| finding.status.is_settled().then(|| finding.status.name().to_string()))
        .or_else(|| refuted(finding));
    if let Some(reason) = accepted {
        out["suppressions"] =
            json!([{ "kind": "external", "status": "accepted", "justification": line(&reason) }]);
    }
    if let Some(look) = &finding.second_look {
        out["properties"]["secondLook"] =
            json!({ "verdict": look.verdict.name(), "why": line(&look.shown()) });
    }
    if let Some(requirement) = &finding.facts.requirement {
        out["properties"]["requirement"] =
            json!({ "missed": requirement.is_proved(), "text": line(&requirement.shown()) });
    }
    if finding.status != Status::Open {
        out["properties"]["status"] = json!(finding.status.name());
    }
    if let Some(state) = baseline_state(finding) {
        out["baselineState"] = json!(state);
    }
    out
}

/// Who refuted it, and why.
fn refuted(finding: &Finding) -> Option<String> {
    let look = finding.second_look.as_ref().filter(|look| look.is_refuted())?;
    let reasons: Vec<&str> = look.looks.iter().map(|one| one.reason.as_str()).collect();
    Some(format!("{}: {}", look.shown(), reasons.join("; ")))
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

/// By what a finding is known again; neither has a line in it.
fn fingerprints(finding: &Finding) -> Value {
    let mut out = json!({ "convoyFinding/v1": finding.fingerprint });
    if let Some(key) = &finding.key {
        out["convoyCode/v1"] = json!(key);
    }
    out
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
        let body = clean(crate::text::cut(&without_code(&member.body), MOST_TEXT)).replace("**", "");
        if !body.trim().is_empty() {
            let _ = write!(out, "\n\n{}", body.trim());
        }
    }
    out
}

fn markdown(finding: &Finding) -> String {
    let mut out = line(&finding.title);
    for member in &finding.members {
        let body = block(crate::text::cut(&member.body, MOST_TEXT));
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
