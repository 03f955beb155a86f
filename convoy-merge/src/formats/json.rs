//! Findings in JSON and JSON lines, whatever the keys are called, and an earlier
//! merge of ours read again. Raw values keep the byte ranges.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::member::{Given, is_key, member, normal_key, of_text, string};
use super::sarif;
use crate::extract::Extraction;
use crate::model::{Finding, Input, Member, Recognised, Severity};
use crate::severity;
use crate::syntax::tree::{Block, Kind};
use crate::vocabulary::KEYS;

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
    let mut met = Met::default();
    collect(text, raw, &Given::default(), &mut out.members, &mut met, 0);
    out.reviewer = top_string(raw, &["reviewer", "agent", "role"]);
    out.recognised = if !out.members.is_empty() {
        Recognised::Findings
    } else if met.empty && met.unread == 0 {
        Recognised::Clean
    } else {
        Recognised::Unreadable
    };
    if met.unread > 0 && !out.members.is_empty() {
        out.complete = false;
        out.notes.push(format!("incomplete: {} entries could not be read as findings", met.unread));
    }
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
                collect(text, raw, &Given::default(), &mut out.members, &mut Met::default(), 0);
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

/// What was met on the way besides findings.
#[derive(Debug, Default)]
struct Met {
    /// A place for findings that holds none.
    empty: bool,
    /// Entries in places for findings that could not be read as findings.
    unread: usize,
}

/// Collects findings below a value.
fn collect(text: &str, raw: &RawValue, given: &Given, out: &mut Vec<Member>, met: &mut Met, depth: usize) {
    let source = raw.get();
    if depth > 8 {
        met.unread += 1;
    } else if source.starts_with('[') {
        let items = serde_json::from_str::<Vec<&RawValue>>(source).unwrap_or_default();
        met.empty |= items.is_empty();
        for item in items {
            collect(text, item, given, out, met, depth + 1);
        }
    } else if source.starts_with('{') {
        object(text, raw, given, out, met, depth);
    } else if given.texts
        && source.starts_with('"')
        && let Some(found) = of_text(text, raw, given)
    {
        out.push(found);
    } else if source != "null" {
        met.unread += 1;
    }
}

fn object(text: &str, raw: &RawValue, given: &Given, out: &mut Vec<Member>, met: &mut Met, depth: usize) {
    let source = raw.get();
    let Ok(map) = serde_json::from_str::<BTreeMap<String, &RawValue>>(source) else {
        met.unread += 1;
        return;
    };
    let nested = |value: &RawValue| value.get().starts_with(['[', '{']);
    let held: Vec<(&String, &&RawValue)> = map
        .iter()
        .filter(|(key, value)| {
            let key = normal_key(key);
            nested(value)
                && (KEYS.holder.contains(&key.as_str()) || key == "message" && value.get().starts_with('{'))
        })
        .collect();
    if is_finding(&map) || held.is_empty() && depth > 0 {
        match member(text, raw, given) {
            Some(found) => out.push(found),
            // An object of findings by file or by name.
            None if !map.is_empty() && map.values().all(|value| nested(value)) => {
                for (key, value) in &map {
                    let by_file = crate::locate::find(key, crate::locate::Trust::Field);
                    let file = by_file.first().map(|found| found.place.file.clone());
                    let next = Given { file: file.or_else(|| given.file.clone()), ..given.clone() };
                    collect(text, value, &next, out, met, depth + 1);
                }
            }
            None => met.unread += 1,
        }
        return;
    }
    let file = serde_json::from_str::<Value>(source)
        .ok()
        .and_then(|value| string(value.as_object()?, &KEYS.file))
        .or_else(|| given.file.clone());
    for (key, value) in held {
        let severity = severity::exact(key).map(|_| key.clone()).or_else(|| given.severity.clone());
        let texts = KEYS.texts.contains(&normal_key(key).as_str());
        let next = Given { file: file.clone(), severity, texts };
        collect(text, value, &next, out, met, depth + 1);
    }
}

fn is_finding(map: &BTreeMap<String, &RawValue>) -> bool {
    let has = |keys: &[&str]| {
        map.iter().any(|(key, value)| {
            !value.get().starts_with(['[', '{']) && keys.iter().any(|wanted| is_key(key, wanted))
        })
    };
    let places = |keys: &[&str]| map.keys().any(|key| keys.iter().any(|wanted| is_key(key, wanted)));
    has(&KEYS.title)
        && (has(&KEYS.severity) || has(&KEYS.file) || places(&["location", "locations"]))
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
            collect(text, raw, &Given::default(), &mut out, &mut Met::default(), 0);
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
