//! One object as a finding, whatever its keys are called: of JSON, a row of CSV, an
//! element of XML.

mod place;
mod settled;

use place::{counts_from_zero, place_in_text, source};
pub(super) use place::{line_told, lines, names_file, places};
use serde_json::Value;
pub(super) use settled::{status, status_of_key, status_of_text};

use super::comment;

use crate::locate::{self, Trust};
use crate::model::{Location, Member, Status};
use crate::severity;
use crate::syntax::head;
use crate::syntax::lead::clause;
use crate::text::lower_without;
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
        let file = string(object, &KEYS.file).or_else(|| source(object)).or_else(|| {
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

pub(super) fn normal_key(key: &str) -> String {
    lower_without(key, parts_words)
}

/// What may stand between the words of a key.
fn parts_words(c: char) -> bool {
    matches!(c, '_' | '-' | ' ')
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

/// Is a key this one, as [`normal_key`] has it? Most are not, which shows by the first character:
/// nothing is written down for that.
pub(super) fn is_key(key: &str, wanted: &str) -> bool {
    let normal = || key.chars().filter(|c| !parts_words(*c)).flat_map(char::to_lowercase);
    normal().eq(wanted.chars()) || normal().eq("issue".chars().chain(wanted.chars()))
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
        category: category(object),
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

/// What kind of finding it is. "type" often says only that it is one, or how bad it is.
fn category(object: &Object) -> Option<String> {
    const NAMED: [&str; 9] =
        ["category", "type", "kind", "dimension", "rule", "ruleid", "checkid", "checkname", "cwe"];
    let says = |said: &String| !said.eq_ignore_ascii_case("issue") && severity::exact(said).is_none();
    let all = || NAMED.iter().filter_map(|key| string(object, &[key]));
    all().find(says).or_else(|| all().next())
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
                let Some(level) = level_of_number(object, key, value) else {
                    return severity::of_field(&format!("{value}/10"));
                };
                return Some((level, value.to_string()));
            }
            _ => {}
        }
    }
    None
}

/// What a number stands for. `ESLint`: 2 error, 1 warning, also where it names no rule (`null`: it
/// could not parse). Beside a range that counts from 0: 1 error, 2 warning as the language server
/// protocol has it; one less with the path to a value. A bare priority counts from P0.
fn level_of_number(object: &Object, key: &str, value: u64) -> Option<Severity> {
    const LEVELS: [Severity; 3] = [Severity::High, Severity::Medium, Severity::Low];
    let from =
        |first: u64| LEVELS.get(usize::try_from(value.saturating_sub(first)).unwrap_or(2).min(2)).copied();
    let ruled = object.keys().any(|key| is_key(key, "ruleid"));
    match (key, value) {
        ("priority", 0) => Some(Severity::Blocker),
        ("priority", _) => from(1),
        ("severity", 2) if ruled => Some(Severity::High),
        ("severity", 1) if ruled => Some(Severity::Medium),
        ("severity", _) if counts_from_zero(object) => {
            from(u64::from(!matches!(get(object, &["path"]), Some(Value::Array(_)))))
        }
        _ => None,
    }
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
