//! One JSON object as a finding, whatever its keys are called.

use serde_json::Value;
use serde_json::value::RawValue;

use super::head;
use super::units::clause;
use crate::locate::{self, Trust};
use crate::model::{Location, Member, Severity};
use crate::severity;

/// What an outer object says for all findings inside it.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    pub(super) file: Option<String>,
    pub(super) severity: Option<String>,
}

pub(super) fn normal_key(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

pub(super) const TITLE: &[&str] = &[
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

pub(super) const SEVERITY: &[&str] = &["severity", "level", "priority", "risk", "severitylevel", "impact"];

pub(super) const FILE: &[&str] =
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

pub(super) fn string(object: &Object, keys: &[&str]) -> Option<String> {
    match get(object, keys)? {
        Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

pub(super) fn member(text: &str, raw: &RawValue, given: &Given) -> Option<Member> {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(raw.get()) else {
        return None;
    };
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
                    ("priority", _, 0) => Severity::Blocker,
                    ("severity", true, 2) | ("priority", _, 1) => Severity::High,
                    ("severity", true, 1) | ("priority", _, 2) => Severity::Medium,
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
            for item in items {
                place_of(item, &Object::new(), &mut list);
            }
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
                    list.push(with_span(Location::file(text.trim()), around));
                }
                [one] if one.place.line_start.is_none() => {
                    list.push(with_span(one.place.clone(), around));
                }
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
