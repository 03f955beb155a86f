//! Reading typed values out of a [`Node`], collecting every problem on the way:
//! nothing stops at the first one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use crate::document::{Entry, Node, Source, Value};
use crate::problem::Problem;
use crate::suggestion::nearest;
use crate::text::visible;
use crate::time_text;

/// A value and its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    pub at: usize,
    pub value: T,
}

/// The entries of one table, and what people call it.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    pub at: usize,
    pub what: String,
    pub entries: &'a [Entry],
}

/// Collects the problems of a file, and of those it takes over from. Places of
/// later files follow those of the first, as if they were one text.
#[derive(Debug)]
pub struct Reader<'s> {
    source: &'s Source,
    more: Vec<(usize, Source)>,
    problems: Vec<(usize, Problem)>,
}

impl<'s> Reader<'s> {
    pub fn new(source: &'s Source) -> Self {
        Reader { source, more: Vec::new(), problems: Vec::new() }
    }

    /// Adds another file; what its places are to be shifted by.
    pub fn add_source(&mut self, source: Source) -> usize {
        let end = self.more.last().map_or(self.source.text.len(), |(base, last)| base + last.text.len());
        let base = end + 1;
        self.more.push((base, source));
        base
    }

    fn make(&self, at: usize, message: impl Into<String>) -> Problem {
        match self.more.iter().rev().find(|(base, _)| *base <= at) {
            Some((base, source)) => source.problem(at - base, message),
            None => self.source.problem(at, message),
        }
    }

    /// Records a problem at a place of the file.
    pub fn problem(&mut self, at: usize, message: impl Into<String>) {
        let problem = self.make(at, message);
        self.problems.push((at, problem));
    }

    /// The same with the nearest of the known names as a hint.
    pub fn problem_near<'c>(
        &mut self,
        at: usize,
        message: impl Into<String>,
        wrong: &str,
        known: impl IntoIterator<Item = &'c str>,
    ) {
        let problem = self.make(at, message).suggest(nearest(wrong, known).map(visible));
        self.problems.push((at, problem));
    }

    /// Records a problem found elsewhere, at a place of this file.
    pub fn problem_from(&mut self, at: usize, problem: &Problem) {
        let mut here = self.make(at, problem.to_string());
        here.hint.clone_from(&problem.hint);
        self.problems.push((at, here));
    }

    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// All problems, in the order of the file.
    pub fn into_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|(at, _)| *at);
        self.problems.into_iter().map(|(_, problem)| problem).collect()
    }

    /// The value as a table.
    pub fn table<'a>(&mut self, node: &'a Node, what: impl Into<String>) -> Option<Fields<'a>> {
        let what = what.into();
        if let Value::Table(entries) = &node.value {
            return Some(Fields { at: node.at, what, entries });
        }
        self.problem(node.at, format!("{what}: expected a table, found {}", node.value.kind()));
        None
    }

    /// Checks that every key is a known one and given once.
    pub fn known(&mut self, fields: &Fields<'_>, keys: &[&str]) {
        let mut seen = BTreeSet::new();
        for entry in fields.entries {
            let key = visible(&entry.key);
            if !keys.contains(&entry.key.as_str()) {
                let message = format!("unknown key '{key}' in {}", fields.what);
                self.problem_near(entry.key_at, message, &entry.key, keys.iter().copied());
            } else if !seen.insert(entry.key.as_str()) {
                self.problem(entry.key_at, format!("key '{key}' is given twice in {}", fields.what));
            }
        }
    }

    /// The value of a key, converted.
    pub fn optional<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<Found<T>> {
        let node = fields.node(key)?;
        match convert(&node.value) {
            Ok(value) => Some(Found { at: node.at, value }),
            Err(why) => {
                self.problem(node.at, format!("'{key}' in {}: {why}", fields.what));
                None
            }
        }
    }

    /// The same; it is a problem if the key is missing.
    pub fn required<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<Found<T>> {
        if fields.node(key).is_none() {
            self.problem(fields.at, format!("{} has no '{key}'", fields.what));
            return None;
        }
        self.optional(fields, key, convert)
    }

    /// Each value of a list, with its place.
    pub fn list<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<Vec<Found<T>>> {
        let node = fields.node(key)?;
        let Value::List(items) = &node.value else {
            let found = node.value.kind();
            self.problem(node.at, format!("'{key}' in {}: expected a list, found {found}", fields.what));
            return None;
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match convert(&item.value) {
                Ok(value) => out.push(Found { at: item.at, value }),
                Err(why) => self.problem(item.at, format!("'{key}' in {}: {why}", fields.what)),
            }
        }
        Some(out)
    }
}

impl<'a> Fields<'a> {
    pub fn node(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }
}

fn expected<T>(what: &str, value: &Value) -> Result<T, String> {
    Err(format!("expected {what}, found {}", value.kind()))
}

/// A text. NUL cannot be part of an argument or a path, so it is refused here.
pub fn text(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) if text.contains('\0') => Err("it holds a NUL character".to_owned()),
        Value::Text(text) => Ok(text.clone()),
        other => expected("a text", other),
    }
}

/// A text that is not blank.
pub fn filled_text(value: &Value) -> Result<String, String> {
    match text(value)? {
        text if text.trim().is_empty() => Err("it is empty".to_owned()),
        text => Ok(text),
    }
}

pub fn boolean(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(b) => Ok(*b),
        other => expected("true or false", other),
    }
}

/// A checked name or anything else that is read from a text.
pub fn parsed<T: FromStr<Err: Display>>(value: &Value) -> Result<T, String> {
    text(value)?.parse().map_err(|error: T::Err| error.to_string())
}

/// A whole number from 0.
pub fn count(value: &Value) -> Result<u32, String> {
    match value {
        Value::Integer(n) => {
            u32::try_from(*n).map_err(|_| format!("expected a number from 0 to {}, found {n}", u32::MAX))
        }
        Value::Float(n) => Err(format!("expected a whole number, found {n}")),
        other => expected("a whole number", other),
    }
}

/// A whole number from 1.
pub fn positive(value: &Value) -> Result<u32, String> {
    match count(value)? {
        0 => Err("expected a number from 1, found 0".to_owned()),
        n => Ok(n),
    }
}

/// Tokens: a whole number from 1.
pub fn tokens(value: &Value) -> Result<u64, String> {
    match value {
        Value::Integer(n) if *n > 0 => Ok(n.unsigned_abs()),
        Value::Integer(n) => Err(format!("expected a number from 1, found {n}")),
        other => expected("a whole number", other),
    }
}

/// An amount of money above 0.
pub fn money(value: &Value) -> Result<f64, String> {
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
pub fn time(value: &Value) -> Result<u64, String> {
    match value {
        Value::Integer(n) if *n < 0 => Err(format!("a time cannot be {n} ms")),
        Value::Integer(n) => time_text::bounded(n.unsigned_abs()).map_err(|e| e.to_string()),
        Value::Text(text) => time_text::parse(text).map_err(|e| e.to_string()),
        other => expected("a time (ms, or 90s, 20m, 2h, 30d)", other),
    }
}

/// One of some words.
pub fn word<T: Copy>(words: &[(&str, T)]) -> impl Fn(&Value) -> Result<T, String> {
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
pub fn texts(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::List(items) => items.iter().map(|item| text(&item.value)).collect(),
        other => expected("a list of texts", other),
    }
}

/// A command: a list of words, the first of them the program.
pub fn command(value: &Value) -> Result<Vec<String>, String> {
    if let Value::Text(_) = value {
        return Err("expected a list of words, found a text; nothing here runs a shell".to_owned());
    }
    match texts(value)? {
        words if words.first().is_none_or(String::is_empty) => Err("it names no program".to_owned()),
        words => Ok(words),
    }
}

/// A list of texts, or one text with commas.
pub fn texts_or_commas(value: &Value) -> Result<Vec<String>, String> {
    let items = match value {
        Value::Text(_) => split_commas(&text(value)?),
        other => texts(other)?,
    };
    Ok(items)
}

/// `Read, Grep` → `Read`, `Grep`; commas inside parentheses do not part.
pub fn split_commas(text: &str) -> Vec<String> {
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
pub fn text_table(value: &Value) -> Result<BTreeMap<String, String>, String> {
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
pub fn variables(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let table = text_table(value)?;
    for name in table.keys() {
        check_variable(name)?;
    }
    Ok(table)
}

/// A list of names of environment variables.
pub fn variable_names(value: &Value) -> Result<Vec<String>, String> {
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
    if crate::environment::is_convoy_marker(name.as_ref()) || name == "PANOPTICON_HOME" {
        return Err(format!("the variable {shown} is set by convoy itself"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse_json;

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

    #[test]
    fn unknown_and_double_keys_are_problems_with_places() {
        let source =
            Source { name: "f".into(), text: "{\"report\": 1,\n \"reprot\": 2, \"report\": 3}".into() };
        let node = parse_json(&source).unwrap();
        let mut reader = Reader::new(&source);
        let fields = reader.table(&node, "the template").unwrap();
        reader.known(&fields, &["report", "role"]);
        let problems = reader.into_problems();
        assert_eq!(problems.len(), 2);
        assert_eq!(problems[0].hint.as_deref(), Some("did you mean 'report'?"));
        assert_eq!(problems[0].place, Some((2, 2)));
        assert!(problems[1].message.contains("twice"));
    }
}
