//! From a value of a document to what it should be; the error says why not.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use base::duration;
use base::text::visible;

use crate::document::Value;

fn expected<T>(what: &str, value: &Value) -> Result<T, String> {
    Err(format!("expected {what}, found {}", value.kind()))
}

/// A text. NUL cannot be part of an argument or a path, so it is refused here.
pub(crate) fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) if text.contains('\0') => Err("it holds a NUL character".to_owned()),
        Value::Text(text) => Ok(text.clone()),
        other => expected("a text", other),
    }
}

/// A text that is not blank.
pub(crate) fn filled_text(value: &Value) -> Result<String, String> {
    match text(value)? {
        text if text.trim().is_empty() => Err("it is empty".to_owned()),
        text => Ok(text),
    }
}

pub(crate) fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(b) => Ok(*b),
        other => expected("true or false", other),
    }
}

/// A checked name or anything else that is read from a text.
pub(crate) fn parsed<T: FromStr<Err: Display>>(value: &Value) -> Result<T, String> {
    text(value)?.parse().map_err(|error: T::Err| error.to_string())
}

/// A whole number from 0.
pub(crate) fn count(value: &Value) -> Result<u32, String> {
    match value {
        Value::Integer(n) => {
            u32::try_from(*n).map_err(|_| format!("expected a number from 0 to {}, found {n}", u32::MAX))
        }
        Value::Float(n) => Err(format!("expected a whole number, found {n}")),
        other => expected("a whole number", other),
    }
}

/// A whole number from 1.
pub(crate) fn positive(value: &Value) -> Result<u32, String> {
    match count(value)? {
        0 => Err("expected a number from 1, found 0".to_owned()),
        n => Ok(n),
    }
}

/// Tokens: a whole number from 1.
pub(crate) fn tokens(value: &Value) -> Result<u64, String> {
    match value {
        Value::Integer(n) if *n > 0 => Ok(n.unsigned_abs()),
        Value::Integer(n) => Err(format!("expected a number from 1, found {n}")),
        other => expected("a whole number", other),
    }
}

/// An amount of money above 0.
pub(crate) fn money(value: &Value) -> Result<f64, String> {
    let amount = match value {
        Value::Integer(n) => *n as f64,
        Value::Float(n) => *n,
        other => return expected("an amount in US dollars", other),
    };
    if amount.is_finite() && amount > 0.0 {
        Ok(amount)
    } else {
        Err(format!("expected an amount above 0, found {amount}"))
    }
}

/// A time in milliseconds: a whole number of them, or `90s`, `20m`, `2h`, `30d`.
pub(crate) fn time(value: &Value) -> Result<u64, String> {
    match value {
        Value::Integer(n) if *n < 0 => Err(format!("a time cannot be {n} ms")),
        Value::Integer(n) => duration::bounded(n.unsigned_abs()).map_err(|e| e.to_string()),
        Value::Text(text) => duration::parse(text).map_err(|e| e.to_string()),
        other => expected("a time (ms, or 90s, 20m, 2h, 30d)", other),
    }
}

/// One of some words.
pub(crate) fn word<T: Copy>(words: &[(&str, T)]) -> impl Fn(&Value) -> Result<T, String> {
    move |value| {
        let wanted = || {
            let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
            names.join(", ")
        };
        let text = match value {
            Value::Text(text) => text,
            other => return expected(&format!("one of {}", wanted()), other),
        };
        words
            .iter()
            .find(|(name, _)| name == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| format!("'{}' is none of {}", visible(text), wanted()))
    }
}

/// A list of texts.
pub(crate) fn texts(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::List(items) => items.iter().map(|item| text(&item.value)).collect(),
        other => expected("a list of texts", other),
    }
}

/// A command: a list of words, the first of them the program.
pub(crate) fn command(value: &Value) -> Result<Vec<String>, String> {
    if let Value::Text(_) = value {
        return Err("expected a list of words, found a text; nothing here runs a shell".to_owned());
    }
    match texts(value)? {
        words if words.first().is_none_or(|program| program.trim().is_empty()) => {
            Err("it names no program".to_owned())
        }
        words => Ok(words),
    }
}

/// A list of texts, or one text with commas.
pub(crate) fn texts_or_commas(value: &Value) -> Result<Vec<String>, String> {
    let items = match value {
        Value::Text(_) => split_commas(&text(value)?),
        other => texts(other)?,
    };
    Ok(items)
}

/// `Read, Grep` → `Read`, `Grep`; commas inside parentheses do not part.
pub(crate) fn split_commas(text: &str) -> Vec<String> {
    let mut depth = 0_u32;
    let parts = text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// A table of texts.
pub(crate) fn text_table(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let Value::Table(entries) = value else {
        return expected("a table of texts", value);
    };
    entries
        .iter()
        .map(|entry| {
            let value = text(&entry.node.value).map_err(|why| format!("'{}': {why}", visible(&entry.key)))?;
            Ok((entry.key.clone(), value))
        })
        .collect()
}

/// Environment variables: a table of texts with proper names.
pub(crate) fn variables(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let table = text_table(value)?;
    for name in table.keys() {
        check_variable(name)?;
    }
    Ok(table)
}

/// A list of names of environment variables.
pub(crate) fn variable_names(value: &Value) -> Result<Vec<String>, String> {
    let names = texts(value)?;
    for name in &names {
        check_variable(name)?;
    }
    Ok(names)
}

fn check_variable(name: &str) -> Result<(), String> {
    let shown = visible(name);
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(format!("'{shown}' is not a name of a variable"));
    }
    if base::environment::is_convoy_marker(name.as_ref()) || name == "PANOPTICON_HOME" {
        return Err(format!("the variable {shown} is set by convoy itself"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked() {
        let text_of = |t: &str| Value::Text(t.to_owned());
        assert_eq!(time(&Value::Integer(1500)), Ok(1500));
        assert_eq!(time(&text_of("2h")), Ok(7_200_000));
        assert!(time(&Value::Integer(0)).is_err());
        assert!(time(&Value::Integer(-5)).is_err());
        assert!(time(&Value::Bool(true)).is_err());
        assert!(text(&text_of("a\0b")).is_err());
        assert!(money(&Value::Float(f64::NAN)).is_err());
        assert!(money(&Value::Integer(0)).is_err());
        assert!(positive(&Value::Integer(0)).is_err());
        assert!(count(&Value::Float(1.0)).is_err());
        assert!(command(&text_of("sh -c x")).unwrap_err().contains("shell"));
        assert!(command(&Value::List(vec![])).is_err());
        assert_eq!(
            texts_or_commas(&text_of("Read, Bash(git a, b) ,,Grep")),
            Ok(vec!["Read".into(), "Bash(git a, b)".into(), "Grep".into()])
        );
        assert!(check_variable("CONVOY_TOKEN").is_err());
        assert!(check_variable("A=B").is_err());
    }
}
