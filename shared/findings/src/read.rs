//! Reading a document of findings: [`read`] takes it whole or names every
//! mistake; [`salvage`] keeps of a broken one what holds.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use base::encoded_path::EncodedPath;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::document::{Basis, Document, FORMAT, Finding, Location, Scope, Step, VERSION};
use crate::severity::{NAMES, Severity};

/// So many mistakes are named; a file of another kind has thousands.
const MOST: usize = 20;
/// Keys of a finding that hold text.
const TEXTS: [&str; 8] =
    ["domain", "category", "rule", "problem", "impact", "fix", "suggestion", "requirement"];

/// What is wrong, and where: `/findings/3/severity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// JSON pointer.
    pub at: String,
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.at.is_empty() { "/" } else { &self.at }, self.what)
    }
}

/// Why a text is no document of findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// It is something else: no JSON, or JSON without our `format`.
    Other(String),
    /// Written by a newer build, in this version.
    Newer(u64),
    /// It is one, and these things in it are wrong.
    Mistakes(Vec<Mistake>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Other(why) => write!(f, "no findings document: {why}"),
            ReadError::Newer(version) => write!(
                f,
                "findings of version {version}; this program reads up to {VERSION}: use a newer convoy"
            ),
            ReadError::Mistakes(mistakes) => {
                let list: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
                write!(f, "{}", list.join("; "))
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads a document. Unknown keys are ignored: a later build may add some.
pub fn read(text: &[u8]) -> Result<Document, ReadError> {
    let value: Value = serde_json::from_slice(text).map_err(|error| ReadError::Other(error.to_string()))?;
    let Some(object) = value.as_object() else { return Err(ReadError::Other("it is no object".to_owned())) };
    if object.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(ReadError::Other(format!("it has no \"format\": \"{FORMAT}\"")));
    }
    match object.get("version").and_then(Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => return Err(ReadError::Newer(version)),
        Some(1..) => {}
        _ => return Err(mistake("/version", "expected a whole number from 1 on")),
    }
    let mistakes = check(object);
    if !mistakes.is_empty() {
        return Err(ReadError::Mistakes(mistakes));
    }
    serde_json::from_value(value).map_err(|error| mistake("", &error.to_string()))
}

fn mistake(at: &str, what: &str) -> ReadError {
    ReadError::Mistakes(vec![Mistake { at: at.to_owned(), what: what.to_owned() }])
}

/// What a document says, as far as it can be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Salvage {
    /// What holds in it. Of a finding that is not whole the rest is kept, unrated
    /// where its severity is none.
    pub document: Document,
    /// Where each finding stands in the text, in bytes.
    pub ranges: Vec<Range<usize>>,
    /// Why it is not to be relied on; `None`: all of it holds.
    pub error: Option<ReadError>,
}

/// Reads a document that may be broken, cut off or of a newer version: what can
/// be read is kept, and `error` says what is wrong. `None`: it is no document.
pub fn salvage(text: &str) -> Option<Salvage> {
    let whole: Result<BTreeMap<String, &RawValue>, _> = serde_json::from_str(text);
    let (keys, findings, cut) = match whole {
        Ok(raw) => {
            let keys: Map<String, Value> =
                raw.iter().filter(|(key, _)| *key != "findings").filter_map(parsed).collect();
            let findings = raw.get("findings").map(|list| elements(list.get())).unwrap_or_default();
            (keys, findings, None)
        }
        Err(error) => {
            let (keys, findings) = torn(text)?;
            (keys, findings, Some(error))
        }
    };
    if keys.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return None;
    }
    let error = match (cut, read(text.as_bytes())) {
        (Some(error), _) => Some(mistake("", &format!("it is cut off, or no JSON: {error}"))),
        (None, read) => read.err(),
    };
    let start = text.as_ptr() as usize;
    let mut ranges = Vec::with_capacity(findings.len());
    let mut kept = Vec::with_capacity(findings.len());
    for (n, raw) in findings.iter().enumerate() {
        let begin = raw.get().as_ptr() as usize - start;
        ranges.push(begin..begin + raw.get().len());
        kept.push(finding_of(&serde_json::from_str(raw.get()).unwrap_or_default(), n));
    }
    let count = kept.len();
    let number = |key: &str| keys.get(key).and_then(Value::as_u64);
    let document = Document {
        format: FORMAT.to_owned(),
        version: number("version").and_then(|version| u32::try_from(version).ok()).unwrap_or(VERSION),
        reviewer: keys.get("reviewer").and_then(Value::as_str).unwrap_or_default().to_owned(),
        scope: keys.get("scope").map(scope_of).unwrap_or_default(),
        findings: kept,
        total: number("total").and_then(|total| usize::try_from(total).ok()).unwrap_or(count),
        notes: texts(keys.get("notes")),
        silenced: Vec::new(),
    };
    Some(Salvage { document, ranges, error })
}

fn parsed((key, raw): (&String, &&RawValue)) -> Option<(String, Value)> {
    Some((key.clone(), serde_json::from_str(raw.get()).ok()?))
}

/// The elements of a list, up to the first that is no JSON.
fn elements(list: &str) -> Vec<&RawValue> {
    let mut out = Vec::new();
    let mut rest = list.strip_prefix('[').unwrap_or("");
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\r', '\t', ',']);
        let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let Some(Ok(raw)) = stream.next() else { return out };
        out.push(raw);
        rest = &rest[stream.byte_offset()..];
    }
}

/// The top keys before the place where a text breaks off, and its findings as far
/// as they go.
fn torn(text: &str) -> Option<(Map<String, Value>, Vec<&RawValue>)> {
    let mut keys = Map::new();
    let mut findings = Vec::new();
    let mut rest = text.trim_start().strip_prefix('{')?;
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\r', '\t', ',']);
        let mut name = serde_json::Deserializer::from_str(rest).into_iter::<String>();
        let Some(Ok(key)) = name.next() else { break };
        let Some(value) = rest[name.byte_offset()..].trim_start().strip_prefix(':') else { break };
        let value = value.trim_start();
        if key == "findings" {
            findings = elements(value);
        }
        let mut stream = serde_json::Deserializer::from_str(value).into_iter::<&RawValue>();
        let Some(Ok(raw)) = stream.next() else { break };
        keys.extend(parsed((&key, &raw)));
        rest = &value[stream.byte_offset()..];
    }
    Some((keys, findings))
}

/// What can be read of a finding; `n`: its place in the list.
fn finding_of(value: &Value, n: usize) -> Finding {
    let mut wrong = Mistakes(Vec::new());
    check_finding(&mut wrong, "", value);
    if wrong.0.is_empty()
        && let Ok(finding) = serde_json::from_value(value.clone())
    {
        return finding;
    }
    let text = |key: &str| value[key].as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let number = |value: &Value| value.as_u64().and_then(|number| u32::try_from(number).ok());
    Finding {
        title: text("title").unwrap_or_else(|| format!("finding {} without a title", n + 1)),
        severity: value["severity"].as_str().and_then(Severity::from_name).unwrap_or_default(),
        confidence: number(&value["confidence"])
            .filter(|percent| *percent <= 100)
            .map(|percent| percent as u8),
        domain: text("domain"),
        category: text("category"),
        rule: text("rule"),
        cwe: value["cwe"].as_array().into_iter().flatten().filter_map(number).collect(),
        locations: value["locations"].as_array().into_iter().flatten().filter_map(location_of).collect(),
        problem: text("problem"),
        impact: text("impact"),
        fix: text("fix"),
        suggestion: text("suggestion"),
        trace: value["trace"].as_array().into_iter().flatten().filter_map(step_of).collect(),
        new: value["new"].as_bool(),
        requirement: text("requirement"),
    }
}

fn step_of(value: &Value) -> Option<Step> {
    is_step(value).then(|| serde_json::from_value(value.clone()).ok()).flatten()
}

fn is_step(value: &Value) -> bool {
    is_path(&value["file"])
        && matches!(value["line"].as_u64(), Some(1..=0xffff_ffff))
        && value["text"].is_string()
}

fn location_of(value: &Value) -> Option<Location> {
    let file = value["file"].as_str().filter(|file| !file.is_empty())?;
    let number =
        |key: &str| value[key].as_u64().and_then(|n| u32::try_from(n).ok()).filter(|number| *number > 0);
    let line = number("line");
    Some(Location {
        file: EncodedPath::from(file.to_owned()),
        line,
        end_line: number("endLine").filter(|end| line.is_some_and(|line| *end >= line)),
        column: number("column"),
        symbol: value["symbol"].as_str().map(str::to_owned),
        quote: value["quote"].as_str().map(str::to_owned),
    })
}

fn scope_of(value: &Value) -> Scope {
    let files = |key: &str| texts(value.get(key)).into_iter().map(EncodedPath::from).collect();
    Scope {
        given: files("given"),
        read: files("read"),
        not_read: value["notRead"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| serde_json::from_value(one.clone()).ok())
            .collect(),
        basis: serde_json::from_value(value["basis"].clone()).unwrap_or(Basis::Claimed),
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let list = value.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What serde would tell one at a time, and what it cannot see.
fn check(object: &Map<String, Value>) -> Vec<Mistake> {
    let mut out = Mistakes(Vec::new());
    if !object.get("reviewer").is_some_and(Value::is_string) {
        out.add("/reviewer", "expected a name");
    }
    if !object.get("total").is_some_and(Value::is_u64) {
        out.add("/total", "expected the number of findings");
    }
    match object.get("findings").and_then(Value::as_array) {
        None => out.add("/findings", "expected a list"),
        Some(findings) => {
            for (n, finding) in findings.iter().enumerate() {
                check_finding(&mut out, &format!("/findings/{n}"), finding);
            }
        }
    }
    match object.get("scope").filter(|scope| scope.is_object()) {
        None => out.add("/scope", "expected an object"),
        Some(scope) => check_scope(&mut out, scope),
    }
    if object.get("notes").is_some_and(|notes| !is_list_of(notes, Value::is_string)) {
        out.add("/notes", "expected a list of sentences");
    }
    out.0
}

pub(crate) fn is_list_of(value: &Value, is_one: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(is_one))
}

pub(crate) fn is_path(value: &Value) -> bool {
    value.as_str().is_some_and(|path| !path.is_empty())
}

fn check_scope(out: &mut Mistakes, scope: &Value) {
    for key in ["given", "read"] {
        if !is_list_of(&scope[key], is_path) {
            out.add(&format!("/scope/{key}"), "expected a list of paths relative to the project");
        }
    }
    if !is_list_of(&scope["notRead"], |one| is_path(&one["file"]) && one["why"].is_string()) {
        out.add("/scope/notRead", "expected a list of objects with a file and why");
    }
    if serde_json::from_value::<Basis>(scope["basis"].clone()).is_err() {
        out.add("/scope/basis", "expected opened, toolCalls or claimed");
    }
}

pub(crate) fn check_finding(out: &mut Mistakes, at: &str, finding: &Value) {
    let given = |key: &str| finding.get(key).filter(|value| !value.is_null());
    if finding["title"].as_str().is_none_or(|title| title.trim().is_empty()) {
        out.add(&format!("{at}/title"), "expected one sentence");
    }
    if finding["severity"].as_str().and_then(Severity::from_name).is_none() {
        out.add(&format!("{at}/severity"), NAMES);
    }
    if given("confidence").is_some_and(|value| value.as_u64().is_none_or(|percent| percent > 100)) {
        out.add(&format!("{at}/confidence"), "expected 0 to 100");
    }
    for key in TEXTS {
        if given(key).is_some_and(|value| !value.is_string()) {
            out.add(&format!("{at}/{key}"), "expected text");
        }
    }
    if given("new").is_some_and(|value| !value.is_boolean()) {
        out.add(&format!("{at}/new"), "expected true or false");
    }
    let is_number = |value: &Value| matches!(value.as_u64(), Some(0..=0xffff_ffff));
    if finding.get("cwe").is_some_and(|list| !is_list_of(list, is_number)) {
        out.add(&format!("{at}/cwe"), "expected a list of numbers");
    }
    if finding.get("trace").is_some_and(|list| !is_list_of(list, is_step)) {
        out.add(
            &format!("{at}/trace"),
            "expected a list of objects with a file, a line from 1 on and the text",
        );
    }
    let Some(locations) = finding["locations"].as_array() else {
        out.add(&format!("{at}/locations"), "expected a list");
        return;
    };
    for (n, location) in locations.iter().enumerate() {
        check_location(out, &format!("{at}/locations/{n}"), location);
    }
}

fn check_location(out: &mut Mistakes, at: &str, location: &Value) {
    if !is_path(&location["file"]) {
        out.add(&format!("{at}/file"), "expected a path relative to the project");
    }
    let given = |key: &str| location.get(key).filter(|value| !value.is_null());
    for key in ["line", "endLine", "column"] {
        if given(key).is_some_and(|value| !matches!(value.as_u64(), Some(1..=0xffff_ffff))) {
            out.add(&format!("{at}/{key}"), "expected a whole number from 1 on");
        }
    }
    for key in ["symbol", "quote"] {
        if given(key).is_some_and(|value| !value.is_string()) {
            out.add(&format!("{at}/{key}"), "expected text");
        }
    }
    if let (Some(line), Some(end)) =
        (given("line").and_then(Value::as_u64), given("endLine").and_then(Value::as_u64))
        && end < line
    {
        out.add(&format!("{at}/endLine"), "it is before the line");
    }
}

#[derive(Debug, Default)]
pub(crate) struct Mistakes(pub(crate) Vec<Mistake>);

impl Mistakes {
    pub(crate) fn add(&mut self, at: &str, what: &str) {
        if self.0.len() < MOST {
            self.0.push(Mistake { at: at.to_owned(), what: what.to_owned() });
        }
    }
}
