//! The answer of a verifier: asked for by a schema, and checked again.

use serde_json::{Map, Value, json};

use super::{Conclusion, Origin};
use crate::read::{Mistake, Mistakes};
use crate::severity::Severity;

/// What a verifier says of one finding, checked. The path is as it wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Which of those it was given, from 1.
    pub finding: usize,
    pub verdict: Conclusion,
    pub origin: Origin,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub quote: Option<String>,
    pub reason: String,
    pub severity: Option<Severity>,
}

const VERDICTS: [(&str, Conclusion); 3] =
    [("confirmed", Conclusion::Confirmed), ("refuted", Conclusion::Refuted), ("unsure", Conclusion::Unsure)];
const ORIGINS: [(&str, Origin); 3] =
    [("introduced", Origin::Introduced), ("pre-existing", Origin::PreExisting), ("unknown", Origin::Unknown)];

/// The JSON Schema of it, in the strict form of [`crate::answer::schema`].
pub fn schema() -> Value {
    let words = |words: Vec<&str>| json!({ "type": "string", "enum": words });
    let levels = Severity::ALL.iter().filter(|level| **level != Severity::Unrated);
    let text_or_null = json!({ "type": ["string", "null"] });
    let look = object(&[
        ("finding", json!({ "type": "integer" })),
        ("verdict", words(VERDICTS.map(|(word, _)| word).to_vec())),
        ("origin", words(ORIGINS.map(|(word, _)| word).to_vec())),
        ("file", text_or_null.clone()),
        ("line", json!({ "type": ["integer", "null"] })),
        ("quote", text_or_null),
        ("reason", json!({ "type": "string" })),
        ("severity", words(levels.map(|level| level.name()).collect())),
    ]);
    object(&[("looks", json!({ "type": "array", "items": look })), ("total", json!({ "type": "integer" }))])
}

fn object(properties: &[(&str, Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Is this meant to be one, whole or not?
pub fn is_meant(value: &Value) -> bool {
    value.get("looks").is_some_and(Value::is_array)
}

/// Reads an answer about so many findings: each of them once. Every mistake is named.
pub fn read(value: &Value, count: usize) -> Result<Vec<Said>, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let none = Vec::new();
    let looks = value["looks"].as_array().unwrap_or_else(|| {
        mistakes.add("/looks", "expected a list");
        &none
    });
    let mut all: Vec<Said> = Vec::new();
    for (n, look) in looks.iter().enumerate() {
        all.extend(one(&mut mistakes, &format!("/looks/{n}"), look));
    }
    match value["total"].as_u64() {
        Some(total) if total == looks.len() as u64 => {}
        Some(total) => mistakes.add("/total", &format!("it says {total}, and there are {}", looks.len())),
        None => mistakes.add("/total", "expected the number of looks"),
    }
    for number in 1..=count {
        match all.iter().filter(|said| said.finding == number).count() {
            1 => {}
            0 if !mistakes.0.is_empty() => {}
            0 => mistakes.add("/looks", &format!("there is none of finding {number}")),
            _ => mistakes.add("/looks", &format!("finding {number} is there twice")),
        }
    }
    if let Some(stray) = all.iter().find(|said| !(1..=count).contains(&said.finding)) {
        let what = format!("there is no finding {}: there are {count}", stray.finding);
        mistakes.add("/looks", &what);
    }
    if mistakes.0.is_empty() { Ok(all) } else { Err(mistakes.0) }
}

fn one(mistakes: &mut Mistakes, at: &str, look: &Value) -> Option<Said> {
    let finding = look["finding"].as_u64().and_then(|n| usize::try_from(n).ok());
    if finding.is_none() {
        mistakes.add(&format!("{at}/finding"), "expected the number of the finding");
    }
    let verdict = word(&look["verdict"], &VERDICTS);
    if verdict.is_none() {
        mistakes.add(&format!("{at}/verdict"), "expected confirmed, refuted or unsure");
    }
    let origin = match &look["origin"] {
        Value::Null => Some(Origin::Unknown),
        said => word(said, &ORIGINS),
    };
    if origin.is_none() {
        mistakes.add(&format!("{at}/origin"), "expected introduced, pre-existing or unknown");
    }
    let mut text = |key: &str| match &look[key] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        _ => {
            mistakes.add(&format!("{at}/{key}"), "expected a text or null");
            None
        }
    };
    let (file, quote, reason, rated) = (text("file"), text("quote"), text("reason"), text("severity"));
    if reason.is_none() {
        mistakes.add(&format!("{at}/reason"), "expected why, in a sentence");
    }
    let line = match &look["line"] {
        Value::Null => None,
        line => {
            let found = line.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
            if found.is_none() {
                mistakes.add(&format!("{at}/line"), "expected a line, counted from 1, or null");
            }
            found
        }
    };
    let severity = rated.as_deref().map(Severity::from_name);
    if severity == Some(None) {
        mistakes.add(&format!("{at}/severity"), "expected blocker, critical, high, medium or low");
    }
    let severity = severity.flatten();
    Some(Said {
        finding: finding?,
        verdict: verdict?,
        origin: origin?,
        file,
        line,
        quote,
        reason: reason?,
        severity,
    })
}

fn word<T: Copy>(value: &Value, words: &[(&str, T)]) -> Option<T> {
    let said = value.as_str()?;
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(said.trim())).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(finding: u64) -> Value {
        json!({ "finding": finding, "verdict": "refuted", "origin": "unknown", "file": "a.ts", "line": 3,
            "quote": "if (id == null) return", "reason": "id is checked", "severity": "low" })
    }

    #[test]
    fn each_finding_is_spoken_of_once() {
        let answer = |looks: Vec<Value>| json!({ "total": looks.len(), "looks": looks });
        assert_eq!(read(&answer(vec![look(2), look(1)]), 2).unwrap().len(), 2);
        for (looks, count) in
            [(vec![], 1), (vec![look(1), look(1)], 1), (vec![look(1), look(3)], 2), (vec![look(0)], 1)]
        {
            assert!(read(&answer(looks.clone()), count).is_err(), "{looks:?}");
        }
    }

    #[test]
    fn what_does_not_hold_is_named() {
        for (key, wrong) in [
            ("verdict", json!("maybe")),
            ("verdict", json!(null)),
            ("finding", json!("1")),
            ("reason", json!(" ")),
            ("reason", json!(3)),
            ("line", json!(0)),
            ("line", json!("3")),
            ("quote", json!([])),
            ("severity", json!("worst")),
            ("origin", json!("old")),
        ] {
            let mut one = look(1);
            one[key] = wrong.clone();
            let mistakes = read(&json!({ "looks": [one], "total": 1 }), 1).unwrap_err();
            let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            assert!(told.iter().any(|mistake| mistake.contains(key)), "{key} {wrong}: {told:?}");
        }
        assert!(read(&json!({ "looks": [look(1)], "total": 2 }), 1).is_err());
        assert!(read(&json!([]), 1).is_err());
        assert!(read(&json!({ "looks": "none", "total": 0 }), 0).is_err());
    }
}
