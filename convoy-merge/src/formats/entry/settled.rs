//! What became of an entry: its status.

use super::{Object, normal_key, spaced};
use crate::model::Status;
use crate::vocabulary::KEYS;
use serde_json::Value;

/// The status that all findings below a key have.
pub(in crate::formats) fn status_of_key(key: &str) -> Option<Status> {
    let void = KEYS.is("void-value", &normal_key(key)).then_some(Status::FalsePositive);
    void.or_else(|| crate::status::exact(&spaced(key)))
}

/// What became of an entry, by its own fields; `None` = it does not say.
pub(in crate::formats) fn status(object: &Object) -> Option<Status> {
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
pub(in crate::formats) fn status_of_text(text: &str) -> Option<Status> {
    let head = text.split(['(', ':', ',', ';', '.', '—', '–']).next().unwrap_or(text);
    let word = normal_key(head);
    let void = KEYS.is("void-value", word.trim_matches(|c: char| !c.is_alphanumeric()));
    void.then_some(Status::FalsePositive)
        .or_else(|| crate::status::of_field(&text.replace('_', " ")))
        .or_else(|| KEYS.is("kept-value", &word).then_some(Status::WontFix))
}
