//! Findings in JSON and JSON lines, whatever the keys are called, and an earlier
//! merge of ours read again. Raw values keep the byte ranges.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::Extraction;
use super::head;
use super::sarif;
use super::tree::{Block, Kind};
use super::units::clause;
use crate::locate::{self, Trust};
use crate::model::{Finding, Input, Location, Member, Recognised, Severity};
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

/// What an outer object says for all findings inside it.
#[derive(Debug, Clone, Default)]
struct Given {
    file: Option<String>,
    severity: Option<String>,
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
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(source) else { return false };
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
    let Ok(map) = serde_json::from_str::<BTreeMap<String, &RawValue>>(source) else { return false };
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

fn normal_key(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

const TITLE: &[&str] = &[
    "title",
    "name",
    "headline",
    "issue",
    "finding",
    "summary",
    "message",
    "problem",
    "description",
    "text",
    "body",
    "comment",
    "what",
    "claim",
];
const SEVERITY: &[&str] = &["severity", "level", "priority", "risk", "severitylevel", "impact"];
const FILE: &[&str] =
    &["file", "path", "filename", "filepath", "absolutefilepath", "relativepath", "sourcefile", "uri"];
const LINE: &[&str] = &[
    "line",
    "linestart",
    "startline",
    "linenumber",
    "start",
    "beginline",
    "lines",
    "linerange",
    "row",
    "begin",
    "startlinenumber",
];
const LINE_END: &[&str] = &["lineend", "endline", "end", "endlinenumber", "lineto"];
const TEXTS: &[(&str, &[&str])] = &[
    (
        "",
        &["description", "body", "details", "detail", "message", "text", "comment", "explanation", "content"],
    ),
    ("Problem", &["problem", "issue", "what"]),
    ("Impact", &["impact", "whyitmatters", "risk", "consequence", "failurescenario"]),
    ("Fix", &["fix", "suggestedfix", "suggestion", "recommendation", "remediation", "solution", "howtofix"]),
    ("Evidence", &["evidence", "code", "snippet", "codesnippet"]),
];

type Object = serde_json::Map<String, Value>;

fn get<'a>(object: &'a Object, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|wanted| {
        object
            .iter()
            .find(|(key, value)| normal_key(key) == *wanted && !value.is_null())
            .map(|(_, value)| value)
    })
}

fn string(object: &Object, keys: &[&str]) -> Option<String> {
    match get(object, keys)? {
        Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

fn member(text: &str, raw: &RawValue, given: &Given) -> Option<Member> {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(raw.get()) else { return None };
    let extra = match get(&object, &["extra"]) {
        Some(Value::Object(extra)) => extra.clone(),
        _ => Object::new(),
    };
    let said = string(&object, TITLE).or_else(|| string(&extra, TITLE))?;
    let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
    let parsed = head::parse(said.lines().next().unwrap_or_default());
    let title = if get(&object, &["title", "name", "headline"]).is_some() {
        parsed.title.clone()
    } else {
        clause(&parsed.title)
    };
    let mut locations = places(&object, given);
    if locations.is_empty() {
        locations = parsed.places.iter().map(|p| p.place.clone()).collect();
    }
    let rated = rate(&object)
        .or_else(|| rate(&extra))
        .or_else(|| parsed.rated.clone())
        .or_else(|| given.severity.as_deref().and_then(severity::exact));
    let (level, severity_raw) = rated.map_or((Severity::Unrated, None), |(level, raw)| (level, Some(raw)));
    Some(Member {
        title: if title.is_empty() { clause(&said) } else { title },
        severity: level,
        severity_from: severity_raw.is_some().then(|| "json".to_string()),
        severity_raw,
        locations,
        byte_range: [start, start + raw.get().len()],
        category: string(
            &object,
            &["category", "type", "kind", "dimension", "rule", "ruleid", "checkid", "cwe"],
        ),
        confidence: get(&object, &["confidence", "confidencescore"]).and_then(confidence),
        label: string(&object, &["id", "findingid", "ruleid", "checkid"]),
        reviewer: string(&object, &["reviewer", "agent"]).unwrap_or_default(),
        withdrawn: matches!(get(&object, &["withdrawn", "dismissed"]), Some(Value::Bool(true))),
        text: raw.get().to_string(),
        body: body(&object, &extra, &said),
        ..Member::default()
    })
}

fn rate(object: &Object) -> Option<severity::Rated> {
    for key in SEVERITY {
        match get(object, &[key]) {
            Some(Value::String(value)) => {
                // "impact" is prose as often as a level.
                let rated = if *key == "impact" { severity::exact(value) } else { severity::of_field(value) };
                if rated.is_some() {
                    return rated;
                }
            }
            Some(Value::Number(number)) => {
                let value = number.as_u64()?;
                // ESLint: 2 error, 1 warning; a bare priority counts from P0.
                let level = match (*key, get(object, &["ruleid"]).is_some(), value) {
                    ("severity", true, 2) => Severity::High,
                    ("severity", true, 1) => Severity::Medium,
                    ("priority", _, 0) => Severity::Blocker,
                    ("priority", _, 1) => Severity::High,
                    ("priority", _, 2) => Severity::Medium,
                    ("priority", _, _) => Severity::Low,
                    _ => return severity::of_field(&format!("{value}/10")),
                };
                return Some((level, value.to_string()));
            }
            _ => {}
        }
    }
    None
}

fn confidence(value: &Value) -> Option<u8> {
    match value {
        Value::Number(n) => {
            let n = n.as_f64()?;
            let n = if n <= 1.0 {
                n * 100.0
            } else if n <= 10.0 {
                n * 10.0
            } else {
                n
            };
            (0.0..=100.0).contains(&n).then_some(n.round() as u8)
        }
        Value::String(s) => head::percent(s),
        _ => None,
    }
}

fn places(object: &Object, given: &Given) -> Vec<Location> {
    let mut list = Vec::new();
    for key in [
        "location",
        "locations",
        "codelocation",
        "where",
        "position",
        "file",
        "files",
        "path",
        "filepath",
        "filename",
        "affectedfiles",
    ] {
        match get(object, &[key]) {
            Some(Value::Array(items)) => items.iter().for_each(|item| place_of(item, object, &mut list)),
            Some(value) => place_of(value, object, &mut list),
            None => {}
        }
        if !list.is_empty() {
            break;
        }
    }
    if list.is_empty()
        && let Some(file) = &given.file
    {
        list.push(with_span(Location::file(file.clone()), object));
    }
    for key in ["also", "related", "relatedlocations"] {
        if let Some(Value::Array(items)) = get(object, &[key]) {
            items.iter().for_each(|item| place_of(item, &Object::new(), &mut list));
        }
    }
    list
}

fn place_of(value: &Value, around: &Object, list: &mut Vec<Location>) {
    match value {
        Value::String(text) => {
            let found = locate::find(text, Trust::Field);
            match &found[..] {
                [] if !text.trim().is_empty() && !text.contains(' ') => {
                    list.push(with_span(Location::file(text.trim()), around))
                }
                [one] if one.place.line_start.is_none() => list.push(with_span(one.place.clone(), around)),
                _ => list.extend(found.into_iter().map(|f| f.place)),
            }
        }
        Value::Object(object) => {
            if let Some(file) = string(object, FILE) {
                let clean = locate::find(&file, Trust::Field)
                    .into_iter()
                    .next()
                    .map_or_else(|| Location::file(file), |f| f.place);
                list.push(with_span(clean, object));
            }
        }
        _ => {}
    }
}

fn with_span(mut place: Location, object: &Object) -> Location {
    if place.line_start.is_some() {
        return place;
    }
    let line = |value: &Value| -> Option<(u32, u32)> {
        match value {
            Value::Number(n) => {
                n.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0).map(|n| (n, n))
            }
            Value::String(s) => locate::bare_lines(s).first().copied(),
            Value::Array(items) => {
                let numbers: Vec<u32> =
                    items.iter().filter_map(Value::as_u64).filter_map(|n| u32::try_from(n).ok()).collect();
                numbers.first().map(|first| (*first, numbers.last().copied().unwrap_or(*first).max(*first)))
            }
            Value::Object(inner) => {
                let read = |keys: &[&str]| {
                    get(inner, keys).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok())
                };
                let start = read(&["line", "start", "startline", "row", "begin"])?;
                Some((start, read(&["end", "endline"]).unwrap_or(start).max(start)))
            }
            _ => None,
        }
    };
    if let Some((start, end)) = get(object, LINE).and_then(line) {
        place.line_start = Some(start);
        place.line_end = Some(get(object, LINE_END).and_then(line).map_or(end, |(e, _)| e).max(start));
    }
    place
}

fn body(object: &Object, extra: &Object, title: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for (label, keys) in TEXTS {
        let Some(value) =
            keys.iter().find_map(|key| string(object, &[key]).or_else(|| string(extra, &[key])))
        else {
            continue;
        };
        if value == title && !label.is_empty()
            || out.iter().any(|old| old.contains(&value))
            || severity::exact(&value).is_some()
        {
            continue;
        }
        out.push(if label.is_empty() { value } else { format!("**{label}:** {value}") });
    }
    out.join("\n")
}

/// Findings in JSON fences of a Markdown text that has no others.
pub(crate) fn fenced(text: &str, blocks: &[Block]) -> Vec<Member> {
    let mut out = Vec::new();
    for block in blocks.iter().filter(|block| block.kind == Kind::Code) {
        let source = &text[block.range.clone()];
        let Some(open) = source.find('\n') else { continue };
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
