//! The answer an AI reviewer is asked for: the part of a [`Document`] that only it
//! knows. Who asked for it adds the rest: whose it is, and what was really read.
//!
//! [`Document`]: crate::Document

use serde_json::{Map, Value, json};

use crate::document::Finding;
use crate::read::{Mistake, Mistakes, check_finding, is_list_of, is_path};
use crate::severity::Severity;

/// What a reviewer handed in, checked. Paths are as it wrote them.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub findings: Vec<Finding>,
    /// Files it says it has read.
    pub read: Vec<String>,
    /// Files it says it has not, and why.
    pub not_read: Vec<(String, String)>,
    pub notes: Vec<String>,
    /// Texts under keys that the schema has not: a verdict, a summary, another list.
    pub beside: Vec<String>,
}

/// The keys of an answer.
const KEYS: [&str; 5] = ["findings", "read", "notRead", "notes", "total"];

/// The JSON Schema of an answer, in the strict form that services enforce: a root
/// object, every key required and nullable instead of left out, no other keys, and
/// no keywords that some of them refuse. `requirements`: findings name the sentence of what
/// was asked for that is not met.
pub fn schema(requirements: bool) -> Value {
    let text = json!({ "type": "string" });
    let text_or_null = json!({ "type": ["string", "null"] });
    let number_or_null = json!({ "type": ["integer", "null"] });
    let list = |items: Value| json!({ "type": "array", "items": items });
    let levels = Severity::ALL.iter().filter(|level| **level != Severity::Unrated);
    let severity = json!({ "type": "string", "enum": levels.map(|level| level.name()).collect::<Vec<_>>() });
    let location = object(&[
        ("file", &text),
        ("line", &number_or_null),
        ("endLine", &number_or_null),
        ("symbol", &text_or_null),
        ("quote", &text_or_null),
    ]);
    let (numbers, places) = (list(json!({ "type": "integer" })), list(location));
    let mut keys = vec![
        ("title", &text),
        ("severity", &severity),
        ("confidence", &number_or_null),
        ("category", &text_or_null),
        ("cwe", &numbers),
        ("locations", &places),
        ("problem", &text_or_null),
        ("impact", &text_or_null),
        ("fix", &text_or_null),
        ("suggestion", &text_or_null),
    ];
    if requirements {
        keys.push(("requirement", &text_or_null));
    }
    let finding = object(&keys);
    let not_read = object(&[("file", &text), ("why", &text)]);
    object(&[
        ("findings", &list(finding)),
        ("read", &list(text.clone())),
        ("notRead", &list(not_read)),
        ("notes", &list(text.clone())),
        ("total", &json!({ "type": "integer" })),
    ])
}

fn object(properties: &[(&str, &Value)]) -> Value {
    let required: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        properties.iter().map(|(name, schema)| ((*name).to_owned(), (*schema).clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Is this meant to be an answer, whole or not?
pub fn is_meant(value: &Value) -> bool {
    value.get("findings").is_some_and(Value::is_array)
}

/// Reads an answer. What may be null may be left out, and unknown keys are ignored;
/// everything else that does not hold is named, a JSON pointer each.
pub fn read(value: &Value) -> Result<Answer, Vec<Mistake>> {
    let mut mistakes = Mistakes::default();
    let none = Vec::new();
    let findings = value["findings"].as_array().unwrap_or_else(|| {
        mistakes.add("/findings", "expected a list");
        &none
    });
    let findings: Vec<Value> = findings.iter().map(without_nulls).collect();
    for (n, finding) in findings.iter().enumerate() {
        check_finding(&mut mistakes, &format!("/findings/{n}"), finding);
    }
    match value["total"].as_u64() {
        None => mistakes.add("/total", "expected the number of findings"),
        Some(total) if total != findings.len() as u64 => {
            mistakes.add("/total", &format!("it says {total}, and there are {} findings", findings.len()));
        }
        Some(_) => {}
    }
    let given = |key: &str| value.get(key).filter(|list| !list.is_null());
    if given("read").is_some_and(|list| !is_list_of(list, is_path)) {
        mistakes.add("/read", "expected a list of paths relative to the project");
    }
    if given("notRead")
        .is_some_and(|list| !is_list_of(list, |one| is_path(&one["file"]) && one["why"].is_string()))
    {
        mistakes.add("/notRead", "expected a list of objects with a file and why");
    }
    if given("notes").is_some_and(|list| !is_list_of(list, Value::is_string)) {
        mistakes.add("/notes", "expected a list of sentences");
    }
    if !mistakes.0.is_empty() {
        return Err(mistakes.0);
    }
    let findings = serde_json::from_value(Value::Array(findings));
    let findings =
        findings.map_err(|error| vec![Mistake { at: "/findings".to_owned(), what: error.to_string() }])?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| given(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(Answer {
        findings,
        read: list("read").iter().map(text).collect(),
        not_read: list("notRead").iter().map(|one| (text(&one["file"]), text(&one["why"]))).collect(),
        notes: list("notes").iter().map(text).collect(),
        beside: beside(value),
    })
}

fn beside(value: &Value) -> Vec<String> {
    let other = value.as_object().into_iter().flatten().filter(|(key, _)| !KEYS.contains(&key.as_str()));
    let mut open: Vec<&Value> = other.map(|(_, value)| value).collect();
    let mut texts = Vec::new();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => texts.push(text.clone()),
            Value::Array(items) => open.extend(items),
            Value::Object(entries) => open.extend(entries.values()),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    texts
}

/// The strict form has nulls where a document has nothing.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let kept = entries.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Value {
        json!({ "title": "t", "severity": "high", "confidence": null, "category": null, "cwe": [79],
            "locations": [{ "file": "src/a.ts", "line": 1, "endLine": null, "symbol": null, "quote": "x" }],
            "problem": "p", "impact": null, "fix": null, "suggestion": null })
    }

    fn answer() -> Value {
        json!({ "findings": [finding()], "read": ["src/a.ts"], "notRead": [{ "file": "b", "why": "binary" }],
            "notes": [], "total": 1 })
    }

    /// Every object of a strict schema requires each of its keys and allows no other.
    fn assert_strict(schema: &Value) {
        if schema["type"] == "object" {
            let keys: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
            let mut required: Vec<&str> =
                schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            required.sort_unstable();
            let mut sorted: Vec<&str> = keys.iter().map(|key| key.as_str()).collect();
            sorted.sort_unstable();
            assert_eq!(sorted, required);
            assert_eq!(schema["additionalProperties"], false);
            schema["properties"].as_object().unwrap().values().for_each(assert_strict);
        }
        if schema["type"] == "array" {
            assert_strict(&schema["items"]);
        }
        let known = ["type", "properties", "required", "additionalProperties", "items", "enum"];
        for key in schema.as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "{key}");
        }
    }

    #[test]
    fn the_schema_is_strict_and_its_keys_are_those_of_findings() {
        let schema = schema(false);
        assert_strict(&schema);
        let finding = serde_json::to_value(read(&answer()).unwrap().findings.remove(0)).unwrap();
        let properties = &schema["properties"]["findings"]["items"]["properties"];
        for key in finding.as_object().unwrap().keys() {
            assert!(properties.get(key).is_some(), "{key}");
        }
        let with = super::schema(true);
        assert_strict(&with);
        let key =
            |schema: &Value| schema["properties"]["findings"]["items"]["properties"]["requirement"].clone();
        assert_eq!((key(&with), key(&schema)), (json!({ "type": ["string", "null"] }), Value::Null));
    }

    #[test]
    fn an_answer_is_read_whole() {
        let read = read(&answer()).unwrap();
        assert_eq!((read.findings.len(), read.findings[0].severity), (1, Severity::High));
        assert_eq!(read.findings[0].locations[0].line, Some(1));
        assert_eq!(
            (read.read, read.not_read),
            (vec!["src/a.ts".to_owned()], vec![("b".to_owned(), "binary".to_owned())])
        );
        let short = json!({ "findings": [{ "title": "t", "severity": "low", "locations": [] }], "total": 1 });
        assert!(super::read(&short).is_ok(), "what may be null may be left out");
    }

    #[test]
    fn what_stands_under_other_keys_is_kept() {
        let answer = json!({ "findings": [], "total": 0, "verdict": "CHANGES_REQUESTED", "n": 1,
            "issues": [{ "title": "SQL injection", "lines": [1] }] });
        let mut beside = super::read(&answer).unwrap().beside;
        beside.sort();
        assert_eq!(beside, ["CHANGES_REQUESTED", "SQL injection"]);
    }

    #[test]
    fn every_mistake_is_named_where_it_is() {
        type Spoil = fn(&mut Value);
        let cases: [(&str, Spoil); 8] = [
            ("/total", |a| a["total"] = json!(2)),
            ("/total", |a| a["total"] = json!("1")),
            ("/findings", |a| a["findings"] = json!({})),
            ("/findings/0/severity", |a| a["findings"][0]["severity"] = json!("moderate")),
            ("/findings/0/title", |a| a["findings"][0]["title"] = json!(" ")),
            ("/findings/0/locations/0/line", |a| a["findings"][0]["locations"][0]["line"] = json!(0)),
            ("/read", |a| a["read"] = json!("all")),
            ("/notRead", |a| a["notRead"] = json!(["b"])),
        ];
        for (at, spoil) in cases {
            let mut answer = answer();
            spoil(&mut answer);
            let mistakes = read(&answer).unwrap_err();
            assert!(mistakes.iter().any(|mistake| mistake.at == at), "{at}: {mistakes:?}");
        }
    }
}
