//! The tables of a runner file that only some have: endings, files, links.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use protocol::outcome::Reason;
use protocol::placeholder;
use protocol::plan::{ConfigFile, EndingRule};

use crate::document::{Node, Value};
use crate::fields::{Fields, Reader, boolean, filled_text, texts, value, variable_names, word};

use super::Provider;

/// What an ending can be said to be.
pub(super) const ENDINGS: [(&str, Reason); 12] = [
    ("auth", Reason::Auth),
    ("rate-limit", Reason::RateLimit),
    ("overload", Reason::Overload),
    ("context-overflow", Reason::ContextOverflow),
    ("refusal", Reason::Refusal),
    ("output-limit", Reason::OutputLimit),
    ("turn-limit", Reason::TurnLimit),
    ("budget", Reason::Budget),
    ("credit", Reason::Credit),
    ("denied", Reason::Denied),
    ("cut", Reason::Cut),
    ("api-error", Reason::ApiError),
];

/// Words of a runner file; unlike the words of a user's command they may hold
/// no braces but placeholders, so a misspelt one is seen.
pub(super) fn words(value: &Value) -> Result<Vec<String>, String> {
    let words = texts(value)?;
    words.iter().try_for_each(|word| check_placeholders(word))?;
    Ok(words)
}

/// Placeholders that are filled in when the plan is made.
const HERE: [&str; 4] = ["budget_usd", "allow...", "command...", "tools..."];

fn check_placeholders(word: &str) -> Result<(), String> {
    for name in placeholder::names_in(word) {
        if !placeholder::NAMES.contains(&name) && !HERE.contains(&name) {
            return Err(format!(
                "there is no placeholder '{{{name}}}'; there are {} and {}",
                placeholder::NAMES.join(", "),
                HERE.join(", ")
            ));
        }
    }
    Ok(())
}

/// The tables of a `[[key]]`.
pub(super) fn tables<'n>(reader: &mut Reader<'_>, fields: &Fields<'n>, key: &str) -> Vec<Fields<'n>> {
    let Some(node) = fields.node(key) else { return Vec::new() };
    let Value::List(items) = &node.value else {
        reader.problem(node.at, format!("'{key}': write [[{key}]]"));
        return Vec::new();
    };
    items.iter().filter_map(|item| reader.table(item, format!("'{key}'"))).collect()
}

pub(super) fn read_endings(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<EndingRule> {
    let mut out = Vec::new();
    for inner in tables(reader, fields, "endings") {
        reader.known(&inner, &["is", "exit", "status", "says", "at_once", "hint"]);
        let is = reader.required(&inner, "is", word(&ENDINGS));
        let exit = value(reader.optional(&inner, "exit", numbers)).unwrap_or_default();
        let status = value(reader.optional(&inner, "status", numbers)).unwrap_or_default();
        let says = value(reader.optional(&inner, "says", texts)).unwrap_or_default();
        let at_once = value(reader.optional(&inner, "at_once", boolean)).unwrap_or(false);
        let hint = value(reader.optional(&inner, "hint", filled_text));
        if at_once && (says.is_empty() || !exit.is_empty() || !status.is_empty()) {
            reader.problem(inner.at, "'at_once' is for an ending of 'says' alone");
        }
        if exit.is_empty() && status.is_empty() && says.is_empty() {
            reader.problem(inner.at, "an ending needs one of 'exit', 'status' and 'says'");
        }
        if let Some(is) = is {
            out.push(EndingRule { is: is.value, exit, status, says, at_once, hint });
        }
    }
    out
}

pub(super) fn read_providers(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Provider> {
    let mut out = Vec::new();
    for inner in tables(reader, fields, "providers") {
        reader.known(&inner, &["switch", "pass", "needs"]);
        let switch = reader.required(&inner, "switch", filled_text);
        let pass = value(reader.required(&inner, "pass", variable_names)).unwrap_or_default();
        let needs = value(reader.optional(&inner, "needs", texts)).unwrap_or_default();
        let any_of = |text: &String| text.split('|').map(|name| name.trim().to_owned()).collect();
        if let Some(switch) = switch {
            out.push(Provider { switch: switch.value, pass, needs: needs.iter().map(any_of).collect() });
        }
    }
    out
}

fn numbers<T: TryFrom<i64>>(value: &Value) -> Result<Vec<T>, String> {
    let wrong = || "expected a list of whole numbers".to_owned();
    let Value::List(items) = value else { return Err(wrong()) };
    let one = |item: &Node| match &item.value {
        Value::Integer(number) => T::try_from(*number).map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    items.iter().map(one).collect()
}

pub(super) fn read_files(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<ConfigFile> {
    let mut out = Vec::new();
    for inner in tables(reader, fields, "files") {
        reader.known(&inner, &["path", "json", "env"]);
        let path = reader.required(&inner, "path", inside);
        let json = reader.required(&inner, "json", json);
        let env = value(reader.optional(&inner, "env", filled_text));
        if let (Some(path), Some(json)) = (path, json) {
            out.push(ConfigFile { path: path.value, json: json.value, env });
        }
    }
    out
}

/// A path that stays inside of the directory it is relative to.
fn inside(value: &Value) -> Result<String, String> {
    let path = filled_text(value)?;
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    if Path::new(&path).components().all(plain) {
        Ok(path)
    } else {
        Err("expected a path without '..'".to_owned())
    }
}

fn json(value: &Value) -> Result<serde_json::Value, String> {
    let text = filled_text(value)?;
    let json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("expected JSON in a text: {error}"))?;
    check_texts(&json)?;
    Ok(json)
}

fn check_texts(json: &serde_json::Value) -> Result<(), String> {
    match json {
        serde_json::Value::String(text) => check_placeholders(text),
        serde_json::Value::Array(items) => items.iter().try_for_each(check_texts),
        serde_json::Value::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            check_placeholders(key)?;
            check_texts(value)
        }),
        _ => Ok(()),
    }
}

pub(super) fn read_links(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<String, Vec<String>> {
    let mut out = BTreeMap::new();
    let Some(node) = fields.node("links") else { return out };
    let Some(links) = reader.table(node, "'links'") else { return out };
    for entry in links.entries {
        let name = inside(&Value::Text(entry.key.clone()));
        match name.and_then(|name| Ok((name, texts(&entry.node.value)?))) {
            Ok((name, targets)) => {
                out.insert(name, targets);
            }
            Err(problem) => reader.problem(entry.key_at, format!("'links': {problem}")),
        }
    }
    out
}
