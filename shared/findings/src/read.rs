//! Reading a document of findings: either it holds, or every mistake is named.

use std::fmt;

use serde_json::{Map, Value};

use crate::document::{Document, FORMAT, VERSION};
use crate::severity::Severity;

/// So many mistakes are named; a file of another kind has thousands.
const MOST: usize = 20;

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
    if !object.get("scope").is_some_and(Value::is_object) {
        out.add("/scope", "expected an object");
    }
    out.0
}

fn check_finding(out: &mut Mistakes, at: &str, finding: &Value) {
    if finding["title"].as_str().is_none_or(|title| title.trim().is_empty()) {
        out.add(&format!("{at}/title"), "expected one sentence");
    }
    if finding["severity"].as_str().and_then(Severity::from_name).is_none() {
        out.add(&format!("{at}/severity"), "expected blocker, critical, high, medium, low or unrated");
    }
    if let Some(confidence) = finding.get("confidence").filter(|value| !value.is_null())
        && confidence.as_u64().is_none_or(|percent| percent > 100)
    {
        out.add(&format!("{at}/confidence"), "expected 0 to 100");
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
    if location["file"].as_str().is_none_or(str::is_empty) {
        out.add(&format!("{at}/file"), "expected a path relative to the project");
    }
    let number = |key: &str| location.get(key).filter(|value| !value.is_null());
    for key in ["line", "endLine", "column"] {
        if number(key).is_some_and(|value| !matches!(value.as_u64(), Some(1..=0xffff_ffff))) {
            out.add(&format!("{at}/{key}"), "expected a whole number from 1 on");
        }
    }
    if let (Some(line), Some(end)) =
        (number("line").and_then(Value::as_u64), number("endLine").and_then(Value::as_u64))
        && end < line
    {
        out.add(&format!("{at}/endLine"), "it is before the line");
    }
}

struct Mistakes(Vec<Mistake>);

impl Mistakes {
    fn add(&mut self, at: &str, what: &str) {
        if self.0.len() < MOST {
            self.0.push(Mistake { at: at.to_owned(), what: what.to_owned() });
        }
    }
}
