//! What an object of a document is, by its keys and values: does it hold findings, is it one, is it none?

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::foreign::{self, Map};
use crate::formats::entry::{Given, Object, is_key, normal_key, places, string};
use crate::model::Status;
use crate::severity;
use crate::vocabulary::{KEYS, PHRASES};

/// The members of an object that may hold findings: by their keys, else by what they hold.
pub(super) fn held<'a, 'b>(map: &'b Map<'a>, given: &Given) -> Vec<(&'b String, &'a RawValue)> {
    let by_file = map.keys().any(|key| names_file(key));
    map.iter()
        .map(|(key, value)| (key, *value))
        .filter(|(_, value)| value.get().starts_with(['[', '{']))
        .filter(|(key, value)| !is_about(key, value, map))
        .filter(|(key, value)| {
            let aside = KEYS.is("aside", &normal_key(key));
            is_holder(key, value) || !aside && !by_file && foreign::holds(value, &given.below(key), 0)
        })
        .collect()
}

/// `"review": {"verdict": …, "summary": …}` beside a list of findings tells of the review.
fn is_about(key: &str, value: &RawValue, map: &Map<'_>) -> bool {
    let source = value.get();
    let flat = source.strip_prefix('{').is_some_and(|inner| !inner.contains(['[', '{']));
    let listed = |(other, value): (&String, &&RawValue)| {
        KEYS.is("proof", &normal_key(other)) && value.get().starts_with('[')
    };
    let about = ["review", "report", "overview", "meta", "metadata", "summary", "run"];
    flat && about.contains(&normal_key(key).as_str()) && map.iter().any(listed)
}

/// Is a member of an object one that may hold findings, by its key?
pub(super) fn is_holder(key: &str, value: &RawValue) -> bool {
    let name = normal_key(key);
    let list = value.get().starts_with('[');
    KEYS.holder.contains(name.as_str())
        || list && (severity::exact(&name).is_some() || settles(key))
        || name == "message" && value.get().starts_with('{')
}

/// Do the findings of a list have the status that it is called by?
pub(super) fn settles(key: &str) -> bool {
    crate::formats::entry::status_of_key(key).is_some_and(|status| status != Status::Open)
}

pub(super) fn is_finding(map: &BTreeMap<String, &RawValue>) -> bool {
    let has = |keys: &[&str]| {
        map.iter().any(|(key, value)| {
            !value.get().starts_with(['[', '{']) && keys.iter().any(|wanted| is_key(key, wanted))
        })
    };
    let places = |keys: &[&str]| map.keys().any(|key| keys.iter().any(|wanted| is_key(key, wanted)));
    has(&KEYS.title)
        && (has(&KEYS.severity) || has(&KEYS.file) || places(&["location", "locations", "position"]))
        && !map.iter().any(|(key, value)| {
            matches!(key.as_str(), "messages" | "findings" | "issues" | "results")
                && value.get().starts_with(['[', '{'])
        })
}

/// A file, and the empty list of what was found in it.
pub(super) fn tells_empty(object: &Object) -> bool {
    let named = string(object, &KEYS.title)
        .is_some_and(|title| crate::formats::roles::place_of(title.trim()).is_some());
    named && object.values().any(|value| value.as_array().is_some_and(Vec::is_empty))
}

/// `{"conclusion": "11 problems (1 error)"}`: how many findings the others are.
pub(super) fn said_sum(object: &Object) -> Option<usize> {
    let said: Option<Vec<&str>> = object.values().map(Value::as_str).collect();
    let [said] = said?[..] else { return None };
    crate::formats::tool::summed(said)
}

/// Is a key the path of a file?
pub(super) fn names_file(key: &str) -> bool {
    !crate::locate::find(key, crate::locate::Trust::Field).is_empty()
}

/// Does an entry say that it is none: a check that passed, praise, a note of the system?
pub(super) fn is_none(object: &Object) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let passed = ["status", "result", "outcome", "kind"].iter().any(|key| {
        let value = text(key).to_lowercase();
        PHRASES.status_pass.contains(&value.as_str())
            && crate::formats::entry::status(object).is_none_or(|s| s == Status::Open)
    });
    let placed =
        object.iter().any(|(key, value)| !value.is_null() && KEYS.file.contains(&normal_key(key).as_str()));
    // A line of a log that tells what the tool does.
    let logged = matches!(text("level").to_lowercase().as_str(), "info" | "debug" | "trace") && !placed;
    let body = text("body");
    let system = ["commentType", "comment_type"].iter().any(|key| text(key) == "system");
    object.get("system") == Some(&Value::Bool(true))
        || object.get("deleted") == Some(&Value::Bool(true))
        || system
        || passed
        || logged
        || !placed && !body.is_empty() && crate::signs::statement::says_none(body)
}

/// `{"type": "Secret", "line": 4}`: where it is, and of what says what it is only the kind.
pub(super) fn kind_at(object: &Object, given: &Given) -> Option<Object> {
    let kind = ["type", "kind", "rule", "check", "code"].iter().find_map(|key| object.get(*key)?.as_str())?;
    let lined =
        places(object, given).iter().any(|place| !place.file.is_empty() && place.line_start.is_some());
    (lined && kind.contains(char::is_alphabetic)).then(|| {
        let mut named = object.clone();
        named.insert("title".to_string(), Value::from(kind));
        named
    })
}

/// A line of a log that tells no finding: `{"type": "start", …}`.
pub(super) fn is_event(object: &Object) -> bool {
    ["type", "event", "reason", "kind"].iter().any(|key| object.get(*key).is_some_and(Value::is_string))
}
