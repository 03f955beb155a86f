//! `[[events]]` of a runner file: what the lines of its stream are.

use std::collections::BTreeMap;

use protocol::plan::{EventKind, EventRule, Stream};

use crate::document::{Entry, Value};
use crate::fields::{Fields, Reader, filled_text, texts, value, word};

use super::parts::{ENDINGS, tables};

const KINDS: [(&str, EventKind); 13] = [
    ("started", EventKind::Started),
    ("text", EventKind::Text),
    ("piece", EventKind::Piece),
    ("tool", EventKind::Tool),
    ("tool-done", EventKind::ToolDone),
    ("tool-failed", EventKind::ToolFailed),
    ("denied", EventKind::Denied),
    ("answer", EventKind::Answer),
    ("retry", EventKind::Retry),
    ("spent", EventKind::Spent),
    ("done", EventKind::Done),
    ("failed", EventKind::Failed),
    ("note", EventKind::Note),
];

/// Figures that may go on counting.
const FIGURES: [&str; 4] = ["input", "cached", "output", "cost"];

/// The rules, and whether they and the `stream` go together.
pub(super) fn read(reader: &mut Reader<'_>, fields: &Fields<'_>, stream: Stream) -> Vec<EventRule> {
    let rules: Vec<EventRule> =
        tables(reader, fields, "events").iter().filter_map(|inner| rule(reader, inner)).collect();
    let node = fields.node("events");
    match (stream, node) {
        (Stream::Jsonl, None) => reader.problem(fields.at, "stream \"jsonl\" needs [[events]]"),
        (Stream::Jsonl, Some(node)) => {
            // Without it no attempt could ever be told from one that broke off.
            if !rules.is_empty() && !rules.iter().any(|rule| rule.is == EventKind::Done) {
                reader.problem(node.at, "no event is a good end: one needs is = \"done\"");
            }
        }
        (_, Some(node)) => reader.problem(node.at, "'events' are for stream = \"jsonl\""),
        (_, None) => {}
    }
    rules
}

fn rule(reader: &mut Reader<'_>, inner: &Fields<'_>) -> Option<EventRule> {
    reader.known(inner, &["is", "event", "each", "when", "at", "denied", "cumulative", "reason"]);
    let is = reader.required(inner, "is", word(&KINDS));
    let event = value(reader.optional(inner, "event", filled_text));
    let each = value(reader.optional(inner, "each", pointer));
    let when = entries(reader, inner, "when", |_, value| Ok(value.to_json()));
    let is = is?;
    let at = entries(reader, inner, "at", |part, value| match is.value.parts() {
        parts if parts.contains(&part) => place(value),
        parts => Err(format!("such an event has {}", parts.join(", "))),
    });
    let when = when.into_iter().collect::<BTreeMap<_, _>>();
    for at in when.keys() {
        if !at.starts_with('/') {
            reader.problem(inner.at, format!("'when' in {}: {}", inner.what, no_pointer(at)));
        }
    }
    let reason = value(reader.optional(inner, "reason", word(&ENDINGS)));
    if reason.is_some() && !matches!(is.value, EventKind::Failed | EventKind::Retry) {
        reader.problem(inner.at, "'reason' is for events that are \"failed\" or \"retry\"");
    }
    let denied = value(reader.optional(inner, "denied", texts)).unwrap_or_default();
    if !denied.is_empty() && !matches!(is.value, EventKind::ToolFailed | EventKind::ToolDone) {
        reader.problem(inner.at, "'denied' is for events that are \"tool-failed\" or \"tool-done\"");
    }
    let cumulative = value(reader.optional(inner, "cumulative", texts)).unwrap_or_default();
    if let Some(other) = cumulative.iter().find(|part| !FIGURES.contains(&part.as_str())) {
        let other = base::text::visible(other);
        reader.problem(inner.at, format!("'{other}' in 'cumulative' is none of {}", FIGURES.join(", ")));
    }
    if !cumulative.is_empty() && is.value != EventKind::Spent {
        reader.problem(inner.at, "'cumulative' is for events that are \"spent\"");
    }
    Some(EventRule { is: is.value, event, each, when, at, denied, cumulative, reason })
}

fn entries<T>(
    reader: &mut Reader<'_>,
    inner: &Fields<'_>,
    key: &str,
    convert: impl Fn(&str, &Value) -> Result<T, String>,
) -> BTreeMap<String, T> {
    let mut out = BTreeMap::new();
    let Some(node) = inner.node(key) else { return out };
    let Some(table) = reader.table(node, format!("'{key}'")) else { return out };
    for Entry { key: name, key_at, node, .. } in table.entries {
        match convert(name, &node.value) {
            Ok(value) => drop(out.insert(name.clone(), value)),
            Err(why) => reader.problem(*key_at, format!("'{}' in '{key}': {why}", base::text::visible(name))),
        }
    }
    out
}

/// A JSON pointer (RFC 6901): `/message/content`.
fn pointer(value: &Value) -> Result<String, String> {
    let text = filled_text(value)?;
    if text.starts_with('/') { Ok(text) } else { Err(no_pointer(&text)) }
}

/// One or more places of a part, of which the first that has something counts: a
/// pointer, or words as they are.
fn place(value: &Value) -> Result<String, String> {
    let text = filled_text(value)?;
    let is_place = |one: &&str| one.starts_with('=') || one.trim_start_matches('^').starts_with('/');
    match text.split(" | ").find(|one| !is_place(one)) {
        None => Ok(text),
        Some(other) => Err(no_pointer(other)),
    }
}

fn no_pointer(text: &str) -> String {
    format!("'{}' is no JSON pointer: write /a/b", base::text::visible(text))
}
