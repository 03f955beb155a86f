//! `[[events]]` of a runner file: what the lines of its stream are.

use std::collections::BTreeMap;

use protocol::plan::{EventKind, EventRule, Stream};

use crate::document::{Entry, Value};
use crate::fields::{Fields, Reader, filled_text, word};

use super::parts::{ENDINGS, tables};
use super::read::value;

const KINDS: [(&str, EventKind); 12] = [
    ("started", EventKind::Started),
    ("text", EventKind::Text),
    ("piece", EventKind::Piece),
    ("tool", EventKind::Tool),
    ("tool-done", EventKind::ToolDone),
    ("tool-failed", EventKind::ToolFailed),
    ("denied", EventKind::Denied),
    ("retry", EventKind::Retry),
    ("spent", EventKind::Spent),
    ("done", EventKind::Done),
    ("failed", EventKind::Failed),
    ("note", EventKind::Note),
];

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
    reader.known(inner, &["is", "event", "each", "when", "at", "reason"]);
    let is = reader.required(inner, "is", word(&KINDS));
    let event = value(reader.optional(inner, "event", filled_text));
    let each = value(reader.optional(inner, "each", pointer));
    let when = entries(reader, inner, "when", |_, value| Ok(value.to_json()));
    let is = is?;
    let at = entries(reader, inner, "at", |part, value| match is.value.parts() {
        parts if parts.contains(&part) => pointer(value),
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
    Some(EventRule { is: is.value, event, each, when, at, reason })
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

fn no_pointer(text: &str) -> String {
    format!("'{}' is no JSON pointer: write /a/b", base::text::visible(text))
}
