//! One object as a finding, whatever its keys are called: of JSON, a row of CSV, an
//! element of XML.

use serde_json::Value;

use super::comment;

use crate::locate::{self, Trust};
use crate::model::{Location, Member, Status};
use crate::severity;
use crate::syntax::head;
use crate::syntax::lead::clause;
use crate::vocabulary::KEYS;
use findings::Severity;

/// What an outer object says for all findings inside it.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    pub(super) file: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) status: Option<Status>,
    /// The lines of an outer thread, if it names them.
    pub(super) lines: Option<(u32, u32)>,
    /// Plain strings are findings here.
    pub(super) texts: bool,
    /// An empty list here says that nothing was found.
    pub(super) proof: bool,
}

impl Given {
    /// What holds inside an object: its file and lines, else what held outside.
    pub(super) fn inside(&self, object: &Object) -> Given {
        let file = string(object, &KEYS.file).or_else(|| {
            // What the values of a list's records showed to be their place.
            let [Value::Object(place)] = &get(object, &["location"])?.as_array()?[..] else { return None };
            string(place, &["file"])
        });
        let lines = if file.is_some() { lines(object, 0) } else { self.lines };
        Given { file: file.or_else(|| self.file.clone()), lines, ..self.clone() }
    }

    /// What holds below a key: it may be a severity, a status or a file.
    pub(super) fn below(&self, key: &str) -> Given {
        let severity = severity::exact(&spaced(key)).map(|_| spaced(key));
        let file = locate::find(key, Trust::Field).first().map(|found| found.place.file.clone());
        Given {
            severity: severity.or_else(|| self.severity.clone()),
            status: status_of_key(key).or(self.status),
            file: file.or_else(|| self.file.clone()),
            ..self.clone()
        }
    }

    fn place(&self) -> Option<Location> {
        let (line_start, line_end) = (self.lines.map(|(from, _)| from), self.lines.map(|(_, to)| to));
        Some(Location { line_start, line_end, ..Location::file(self.file.clone()?) })
    }
}

/// `mustFix`, `must_fix`: the words of a key.
fn spaced(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if c.is_uppercase() && out.ends_with(char::is_lowercase) {
            out.push(' ');
        }
        out.push(if matches!(c, '_' | '-') { ' ' } else { c });
    }
    out
}

/// The status that all findings below a key have.
pub(super) fn status_of_key(key: &str) -> Option<Status> {
    let void = KEYS.is("void-value", &normal_key(key)).then_some(Status::FalsePositive);
    void.or_else(|| crate::status::exact(&spaced(key)))
}

/// Where an entry stands in its document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) text: &'a str,
    /// Its first byte.
    pub(super) start: usize,
}

impl Source<'_> {
    fn range(self) -> [usize; 2] {
        [self.start, self.start + self.text.len()]
    }
}

/// What became of an entry, by its own fields; `None` = it does not say.
pub(super) fn status(object: &Object) -> Option<Status> {
    let (mut found, mut reason) = (None, None);
    for (key, value) in object {
        let key = normal_key(key);
        let is = |row: &str| KEYS.is(row, &key);
        let said = match value {
            Value::Bool(yes) if is("settled") => Some(if *yes { Status::Resolved } else { Status::Open }),
            Value::String(text) if is("settled") => answer(text),
            Value::Bool(yes) if is("open") => Some(if *yes { Status::Open } else { Status::Resolved }),
            Value::Bool(true) if is("void") => Some(Status::FalsePositive),
            Value::Bool(true) if matches!(key.as_str(), "outdated" | "isoutdated") => Some(Status::Outdated),
            Value::Null if key == "line" && object.get("original_line").is_some_and(Value::is_number) => {
                Some(Status::Outdated)
            }
            // Who settled it, and when.
            Value::Object(_) if is("settled-by") => Some(Status::Resolved),
            Value::String(text) if is("settled-by") && !text.trim().is_empty() => Some(Status::Resolved),
            Value::String(text) if is("became-why") => {
                reason = reason.max(status_of_text(text));
                None
            }
            Value::String(text) if is("became") => status_of_text(text),
            _ => None,
        };
        // What closes it weighs more than what does not.
        found = found.max(said);
    }
    // Why it was closed tells more than that it was.
    reason.filter(|reason| *reason != Status::Open).or(found)
}

/// "yes" or "no" below "fixed".
fn answer(text: &str) -> Option<Status> {
    let word = normal_key(text.trim());
    if KEYS.is("yes", &word) {
        return Some(Status::Resolved);
    }
    KEYS.is("no", &word).then_some(Status::Open)
}

/// A status as a field's value: `dismissed: guarded by the caller`.
pub(super) fn status_of_text(text: &str) -> Option<Status> {
    let head = text.split(['(', ':', ',', ';', '.', '—', '–']).next().unwrap_or(text);
    let word = normal_key(head);
    let void = KEYS.is("void-value", word.trim_matches(|c: char| !c.is_alphanumeric()));
    void.then_some(Status::FalsePositive)
        .or_else(|| crate::status::of_field(&text.replace('_', " ")))
        .or_else(|| KEYS.is("kept-value", &word).then_some(Status::WontFix))
}

pub(super) fn normal_key(key: &str) -> String {
    key.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

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

pub(super) fn is_key(key: &str, wanted: &str) -> bool {
    let key = normal_key(key);
    key == wanted || key.strip_prefix("issue") == Some(wanted)
}

pub(super) type Object = serde_json::Map<String, Value>;

fn get<'a>(object: &'a Object, keys: &[&str]) -> Option<&'a Value> {
    keys.iter().find_map(|wanted| {
        object.iter().find(|(key, value)| is_key(key, wanted) && !value.is_null()).map(|(_, value)| value)
    })
}

pub(super) fn string(object: &Object, keys: &[&str]) -> Option<String> {
    match get(object, keys)? {
        Value::String(s) if !s.trim().is_empty() => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        // `{"raw": "…", "html": "…"}`
        Value::Object(inner) => ["raw", "markdown", "text", "plain"]
            .iter()
            .find_map(|key| inner.get(*key)?.as_str())
            .filter(|said| !said.trim().is_empty())
            .map(str::to_string),
        _ => None,
    }
}

/// A record with the members of the objects that only wrap them: `fields`, `attributes`.
pub(super) fn unfolded(mut object: Object) -> Object {
    let inner: Vec<Object> = object
        .iter()
        .filter(|(key, _)| KEYS.is("unfold", &normal_key(key)))
        .filter_map(|(_, value)| value.as_object().cloned())
        .collect();
    for (key, value) in inner.into_iter().flatten() {
        object.entry(key).or_insert(value);
    }
    object
}

/// An object as a finding; `None` = it holds nothing that could be its title.
pub(super) fn of_object(source: Source<'_>, object: &Object, given: &Given) -> Option<Member> {
    let extra = match get(object, &["extra"]) {
        Some(Value::Object(extra)) => extra.clone(),
        _ => Object::new(),
    };
    // Plain "content" is what anybody says in a chat.
    let content =
        || object.get("content").filter(|said| said.is_object()).and_then(|_| string(object, &["content"]));
    let said = string(object, &KEYS.title).or_else(|| string(&extra, &KEYS.title)).or_else(content)?;
    let named = get(object, &["title", "name", "headline"]).is_some();
    let parsed = if named { named_lead(&said) } else { comment::lead(&said) };
    let mut locations = places(object, given);
    if locations.is_empty() {
        locations = parsed.places.iter().map(|p| p.place.clone()).collect();
    }
    if locations.is_empty() {
        locations = place_in_text(object).into_iter().collect();
    }
    let rated = rate(object)
        .or_else(|| rate(&extra))
        .or_else(|| parsed.rated.clone())
        .or_else(|| given.severity.as_deref().and_then(severity::exact));
    let (level, severity_raw) = rated.map_or((Severity::Unrated, None), |(level, raw)| (level, Some(raw)));
    Some(Member {
        title: if parsed.title.is_empty() { clause(&said) } else { parsed.title },
        severity: level,
        severity_from: severity_raw.is_some().then(|| "json".to_string()),
        severity_raw,
        locations,
        byte_range: source.range(),
        category: string(
            object,
            &["category", "type", "kind", "dimension", "rule", "ruleid", "checkid", "checkname", "cwe"],
        ),
        confidence: get(object, &["confidence", "confidencescore"]).and_then(confidence),
        label: string(object, &["id", "findingid", "ruleid", "checkid", "checkname"]),
        reviewer: string(object, &["reviewer", "agent"])
            .or_else(|| comment::author(object))
            .unwrap_or_default(),
        withdrawn: matches!(get(object, &["withdrawn", "dismissed"]), Some(Value::Bool(true))),
        status: status(object).or(parsed.status).or(given.status),
        text: source.text.to_string(),
        body: body(object, &extra, &said),
        ..Member::default()
    })
}

/// The place that the longer text begins with, or the first with a line that it names.
fn place_in_text(object: &Object) -> Option<Location> {
    let text = string(object, &["description", "details", "body"])?;
    let found = locate::find(severity::cut(&text, 2000), Trust::Prose);
    let first = found.first().filter(|place| place.start <= 1);
    let lined = || found.iter().find(|place| place.place.line_start.is_some());
    first.or_else(lined).map(|found| found.place.clone())
}

/// A file without a line takes the line that the entry's text gives to the same file.
pub(super) fn line_told(locations: &mut [Location], object: &Object) {
    let [first] = locations else { return };
    if first.line_start.is_some() {
        return;
    }
    let told = object.values().filter_map(Value::as_str).find_map(|text| {
        locate::find(severity::cut(text, 2000), Trust::Prose)
            .into_iter()
            .find(|found| found.place.line_start.is_some() && found.place.file == first.file)
    });
    if let Some(found) = told {
        (first.line_start, first.line_end) = (found.place.line_start, found.place.line_end);
    }
}

/// A title that is called one is taken whole.
fn named_lead(said: &str) -> comment::Lead {
    let parsed = head::parse(said.lines().next().unwrap_or_default());
    comment::Lead { title: parsed.title, rated: parsed.rated, places: parsed.places, status: parsed.status }
}

pub(super) fn rate(object: &Object) -> Option<severity::Rated> {
    for key in &KEYS.severity {
        match get(object, &[key]) {
            Some(Value::String(value)) => {
                // "impact" is prose as often as a level.
                let rated = match *key {
                    "impact" => severity::exact(value),
                    _ => severity::of_field(value).or_else(|| severity::of_field(&value.replace('_', " "))),
                };
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

pub(super) fn places(object: &Object, given: &Given) -> Vec<Location> {
    let file = string(object, &KEYS.file).or_else(|| given.file.clone());
    let mut list = Vec::new();
    for key in &KEYS.place {
        let is_path = KEYS.file.contains(key);
        match get(object, &[key]) {
            Some(Value::Array(items)) => {
                for item in items {
                    place_of(item, object, file.as_deref(), is_path, &mut list);
                }
            }
            Some(value) => place_of(value, object, file.as_deref(), is_path, &mut list),
            None => {}
        }
        if !list.is_empty() {
            break;
        }
    }
    if list.is_empty()
        && let Some(file) = &file
    {
        let mut place = with_span(path(file), object);
        if let (None, Some((start, end))) = (place.line_start, given.lines) {
            (place.line_start, place.line_end) = (Some(start), Some(end));
        }
        list.push(place);
    }
    evidence_lines(object, &mut list);
    for key in ["also", "related", "relatedlocations"] {
        if let Some(Value::Array(items)) = get(object, &[key]) {
            for item in items {
                place_of(item, &Object::new(), None, false, &mut list);
            }
        }
    }
    list
}

/// A file without lines takes those that the evidence gives to it.
fn evidence_lines(object: &Object, list: &mut [Location]) {
    let Some(first) = list.first_mut().filter(|place| place.line_start.is_none()) else { return };
    let Some(Value::Array(items)) = get(object, &["evidence"]) else { return };
    let about = items
        .iter()
        .filter_map(Value::as_object)
        .find(|item| string(item, &KEYS.file).is_some_and(|file| file == first.file));
    if let Some(item) = about {
        *first = with_span(first.clone(), item);
    }
}

/// `around` is the finding, `file` the one it names apart from this value; `is_path` says
/// that the value is a path and no prose about one.
fn place_of(value: &Value, around: &Object, file: Option<&str>, is_path: bool, list: &mut Vec<Location>) {
    match value {
        Value::String(text) if text.trim().is_empty() => {}
        Value::String(text) if is_path => list.push(with_span(path(text), around)),
        Value::String(text) => {
            let found = locate::find(text, Trust::Stated);
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
            if let Some(file) = string(object, &KEYS.file).as_deref().or(file) {
                list.push(with_span(path(file), object));
            }
        }
        _ => {}
    }
}

/// A path that a field states: whatever signs are in it are part of its name, but for
/// the lines behind it.
fn path(text: &str) -> Location {
    let text = text.trim();
    if let Some(found) = locate::find(text, Trust::Stated).into_iter().next()
        && (found.start == 0 && found.end == text.len() || text.contains('\n'))
    {
        return found.place;
    }
    // `project:src/a.rs`
    let text = match text.split_once(':') {
        Some((project, inner)) if project.len() > 1 && !project.contains(['/', '.', ' ']) => {
            if inner.contains('/') && !inner.starts_with('/') { inner } else { text }
        }
        _ => text,
    };
    let digits = |text: &str| text.parse::<u32>().ok().filter(|n| *n > 0);
    if let Some((name, lines)) = text.rsplit_once(':') {
        let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
        if let (Some(from), Some(to)) = (digits(from), digits(to)) {
            return Location { line_start: Some(from), line_end: Some(to.max(from)), ..Location::file(name) };
        }
    }
    Location::file(text)
}

fn with_span(mut place: Location, object: &Object) -> Location {
    if place.line_start.is_none()
        && let Some((start, end)) = lines(object, 0)
    {
        place.line_start = Some(start);
        place.line_end = Some(end.max(start));
    }
    place
}

/// The lines an object states, however deep: `line`, `range.start.line`, `lines.begin`.
pub(super) fn lines(object: &Object, depth: usize) -> Option<(u32, u32)> {
    if depth > 4 {
        return None;
    }
    if let Some(found) = from_zero(object) {
        return Some(found);
    }
    // `start_line` beside `line` is the first of several.
    let first = get(object, &["startline", "linestart"]).and_then(|v| span(v, depth + 1));
    let (start, end) =
        first.or_else(|| get(object, &KEYS.line).and_then(|v| span(v, depth + 1))).or_else(|| {
            KEYS.nested.iter().find_map(|key| get(object, &[key]).and_then(|v| span(v, depth + 1)))
        })?;
    let last = get(object, &KEYS.line_end).and_then(|v| span(v, depth + 1)).map(|(_, end)| end);
    let line =
        first.and_then(|_| get(object, &["line"])).and_then(|v| span(v, depth + 1)).map(|(_, end)| end);
    Some((start, last.or(line).unwrap_or(end).max(start)))
}

/// A range whose lines count from 0: with characters as the language server protocol has
/// them, or with offsets in bytes.
fn from_zero(object: &Object) -> Option<(u32, u32)> {
    let range = get(object, &["range"])?.as_object()?;
    let (start, end) = (range.get("start")?, range.get("end"));
    if start.get("character").is_none() && range.get("byteOffset").is_none() {
        return None;
    }
    let line = |value: &Value| value.get("line")?.as_u64().and_then(|n| u32::try_from(n + 1).ok());
    let first = line(start)?;
    Some((first, end.and_then(line).unwrap_or(first).max(first)))
}

fn span(value: &Value, depth: usize) -> Option<(u32, u32)> {
    let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    match value {
        Value::Number(_) => number(value).map(|n| (n, n)),
        Value::String(text) => locate::bare_lines(text).first().copied(),
        Value::Array(items) => match number(items.first()?) {
            Some(first) => Some((first, items.last().and_then(number).unwrap_or(first).max(first))),
            None => span(items.first()?, depth + 1),
        },
        Value::Object(inner) => lines(inner, depth),
        _ => None,
    }
}

/// A finding that is only a string in a list of findings.
pub(super) fn of_text(source: Source<'_>, given: &Given) -> Option<Member> {
    let said: String = serde_json::from_str(source.text).ok()?;
    if said.trim().is_empty() || crate::signs::statement::says_none(&said) {
        return None;
    }
    let parsed = head::parse(said.lines().next().unwrap_or_default());
    let rated = parsed.rated.clone().or_else(|| given.severity.as_deref().and_then(severity::exact));
    let mut locations: Vec<Location> = parsed.places.into_iter().map(|p| p.place).collect();
    if locations.is_empty() {
        locations.extend(given.place());
    }
    Some(Member {
        title: if parsed.title.is_empty() { clause(&said) } else { clause(&parsed.title) },
        severity: rated.as_ref().map_or(Severity::Unrated, |(level, _)| *level),
        severity_from: rated.is_some().then(|| "json".to_string()),
        severity_raw: rated.map(|(_, raw)| raw),
        locations,
        byte_range: source.range(),
        text: source.text.to_string(),
        status: parsed.status.or(given.status),
        body: said,
        ..Member::default()
    })
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
