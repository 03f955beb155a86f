//! Findings in JSON and JSON lines, whatever the keys are called, and an earlier
//! merge of ours read again. Raw values keep the byte ranges.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::Extraction;
use super::json_member::{FILE, Given, SEVERITY, TITLE, member, normal_key, string};
use super::sarif;
use super::tree::{Block, Kind};
use crate::model::{Finding, Input, Member, Recognised, Severity};
use crate::severity;

/// Reads a text as JSON findings; `None` = it is no JSON (or none that could hold findings).
pub(crate) fn extract(text: &str, name: &str) -> Option<Extraction> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if !start.starts_with(['{', '[']) {
        return None;
    }
    if start.starts_with('[') && !looks_like_json_array(start) {
        return None;
    }
    let trimmed = start.trim_end();
    if let Ok(raw) = serde_json::from_str::<&RawValue>(trimmed) {
        return Some(of_value(text, raw));
    }
    lines(text).or_else(|| {
        let wanted = name.rsplit('.').next().is_some_and(|ext| {
            matches!(ext.to_ascii_lowercase().as_str(), "json" | "jsonl" | "ndjson" | "sarif")
        });
        wanted.then(|| Extraction {
            recognised: Recognised::Unreadable,
            complete: false,
            notes: vec!["not valid JSON (cut off?)".to_string()],
            ..Extraction::default()
        })
    })
}

/// `[x](…)` and `[HIGH] …` begin Markdown, not JSON.
fn looks_like_json_array(text: &str) -> bool {
    text[1..].trim_start().starts_with(['{', ']', '[', '"'])
        || text[1..].trim_start().starts_with(|c: char| c.is_ascii_digit())
}

fn of_value(text: &str, raw: &RawValue) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    if let Ok(own) = serde_json::from_str::<Own>(raw.get())
        && own.is_own()
    {
        return own.extraction();
    }
    if let Some(results) = sarif::read(text, raw) {
        return results;
    }
    let found = collect(text, raw, &Given::default(), &mut out.members, 0);
    out.reviewer = top_string(raw, &["reviewer", "agent", "role"]);
    out.recognised = match (out.members.is_empty(), found) {
        (false, _) => Recognised::Findings,
        (true, true) => Recognised::Clean,
        (true, false) => Recognised::Unreadable,
    };
    out
}

fn top_string(raw: &RawValue, keys: &[&str]) -> Option<String> {
    let map: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let value = keys.iter().find_map(|key| map.get(*key))?;
    serde_json::from_str(value.get()).ok()
}

/// JSON lines: each line an object, at least one of them a finding.
fn lines(text: &str) -> Option<Extraction> {
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    let mut objects = 0;
    let mut bad = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str::<&RawValue>(line.trim()) {
            Ok(raw) if raw.get().starts_with('{') => {
                objects += 1;
                collect(text, raw, &Given::default(), &mut out.members, 0);
            }
            _ => bad += 1,
        }
    }
    if objects == 0 || bad > objects {
        return None;
    }
    if bad > 0 {
        out.complete = false;
        out.notes.push(format!("{bad} lines are not valid JSON"));
    }
    if out.members.is_empty() {
        out.recognised = Recognised::Unreadable;
    }
    Some(out)
}

/// Keys of arrays that hold findings.
const HOLDERS: &[&str] = &[
    "findings",
    "issues",
    "results",
    "comments",
    "problems",
    "messages",
    "vulnerabilities",
    "diagnostics",
    "bugs",
    "defects",
    "violations",
    "warnings",
    "errors",
    "review_comments",
    "inline_comments",
    "suggestions",
    "blockers",
    "critical",
    "high",
    "medium",
    "low",
    "files",
    "reviews",
    "data",
    "review",
    "report",
];

/// Collects findings below a value. True if a place for findings was there, even an empty one.
fn collect(text: &str, raw: &RawValue, given: &Given, out: &mut Vec<Member>, depth: usize) -> bool {
    if depth > 6 {
        return false;
    }
    let source = raw.get();
    if source.starts_with('[') {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(source) else {
            return false;
        };
        let empty = items.is_empty();
        let mut any = empty;
        for item in items {
            any |= collect(text, item, given, out, depth + 1);
        }
        return any;
    }
    if !source.starts_with('{') {
        return false;
    }
    let Ok(map) = serde_json::from_str::<BTreeMap<String, &RawValue>>(source) else {
        return false;
    };
    let held: Vec<(&String, &&RawValue)> = map
        .iter()
        .filter(|(key, _)| {
            HOLDERS.contains(&normal_key(key).as_str()) || HOLDERS.contains(&key.to_lowercase().as_str())
        })
        .filter(|(_, value)| value.get().starts_with(['[', '{']))
        .collect();
    if depth > 0 && held.is_empty() || is_finding(&map) {
        return member(text, raw, given).map(|m| out.push(m)).is_some();
    }
    let mut any = false;
    for (key, value) in held {
        let mut next = given.clone();
        if let Ok(Value::Object(object)) = serde_json::from_str::<Value>(source)
            && let Some(file) = string(&object, FILE)
        {
            next.file = Some(file);
        }
        if severity::exact(key).is_some() {
            next.severity = Some(key.clone());
        }
        any |= collect(text, value, &next, out, depth + 1);
    }
    any
}

fn is_finding(map: &BTreeMap<String, &RawValue>) -> bool {
    let has = |keys: &[&str]| map.keys().any(|key| keys.contains(&normal_key(key).as_str()));
    has(TITLE)
        && (has(SEVERITY) || has(FILE) || has(&["location", "locations"]))
        && !map.keys().any(|k| matches!(k.as_str(), "messages" | "findings" | "issues" | "results"))
}

/// Findings in JSON fences of a Markdown text that has no others.
pub(crate) fn fenced(text: &str, blocks: &[Block]) -> Vec<Member> {
    let mut out = Vec::new();
    for block in blocks.iter().filter(|block| block.kind == Kind::Code) {
        let source = &text[block.range.clone()];
        let Some(open) = source.find('\n') else {
            continue;
        };
        let inner = source[open + 1..].trim_end().trim_end_matches(['`', '~']).trim();
        if !inner.starts_with(['{', '[']) || inner.contains("<severity>") || inner.contains("\"...\"") {
            continue;
        }
        if let Ok(raw) = serde_json::from_str::<&RawValue>(inner) {
            collect(text, raw, &Given::default(), &mut out, 0);
        }
    }
    out.retain(|member: &Member| !member.locations.is_empty() || member.severity != Severity::Unrated);
    out
}

/// Our own JSON, as much of it as brings the findings back.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Own {
    schema_version: u32,
    inputs: Vec<Input>,
    findings: Vec<Finding>,
}

impl Own {
    fn is_own(&self) -> bool {
        self.schema_version >= 1 && self.findings.iter().all(|f| !f.members.is_empty())
    }

    fn extraction(self) -> Extraction {
        let members: Vec<Member> = self.findings.into_iter().flat_map(|finding| finding.members).collect();
        Extraction {
            recognised: if members.is_empty() { Recognised::Clean } else { Recognised::Findings },
            complete: self.inputs.iter().all(|input| input.complete),
            members,
            inputs: self.inputs,
            ..Extraction::default()
        }
    }
}
