//! What a step prints for its continuous integration to show beside the code: GitHub's
//! `::error file=a.c,line=3::message`, Azure's `##vso[task.logissue …]message` and
//! `TeamCity`'s `##teamcity[inspection …]`.

use serde_json::{Map, Value};

use super::entry::Object;
use crate::locate;

/// What a line of a log is to the system that runs it.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// A remark about the code.
    Remark(Object),
    /// A command of another kind: a group, a mask, a result.
    Command,
}

/// Reads a line of a log; `None` = it is no command.
pub(super) fn of_line(line: &str) -> Option<Line> {
    if let Some(rest) = line.strip_prefix("::") {
        let (command, message) = rest.split_once("::")?;
        let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
        return Some(github(name, properties, message));
    }
    if let Some(rest) = line.strip_prefix("##vso[") {
        let (command, message) = rest.split_once(']')?;
        let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
        return Some(azure(name, properties, message));
    }
    if let Some(rest) = line.strip_prefix("##teamcity[") {
        let command = rest.strip_suffix(']')?;
        let (name, attributes) = command.split_once(' ').unwrap_or((command, ""));
        return Some(teamcity(name, attributes));
    }
    line.starts_with("##[").then_some(Line::Command)
}

fn github(name: &str, properties: &str, message: &str) -> Line {
    if !matches!(name, "error" | "warning" | "notice") || message.trim().is_empty() {
        return Line::Command;
    }
    let pairs: Vec<(&str, &str)> =
        properties.split(',').filter_map(|pair| pair.trim().split_once('=')).collect();
    // A title of words is one, else it is the name of a rule.
    let worded = |title: &str| {
        title.contains(' ')
            && title.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '\'' | '-' | '`'))
    };
    let title =
        if pairs.iter().any(|(key, value)| *key == "title" && worded(value)) { "title" } else { "rule" };
    let keys = [("file", "file"), ("line", "line"), ("endLine", "endline"), ("title", title)];
    let message = locate::decoded(message);
    remark(name, without_place(&message, &pairs), &pairs, &keys)
}

/// A message that says again where it is: `src/a.py:3:9: No docstring`, `3:9 No docstring`.
fn without_place<'a>(message: &'a str, pairs: &[(&str, &str)]) -> &'a str {
    let of = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    let (Some(line), Some(column)) = (of("line"), of("col")) else { return message };
    let again = format!("{line}:{column}");
    let Some((front, rest)) = message.split_once(&again) else { return message };
    let file =
        front.strip_suffix(':').is_some_and(|path| of("file").is_some_and(|file| file.ends_with(path)));
    let is_place = (front.is_empty() || file) && rest.starts_with([':', ' ']);
    if is_place { rest.trim_start_matches([':', ' ']) } else { message }
}

fn azure(name: &str, properties: &str, message: &str) -> Line {
    let pairs: Vec<(&str, &str)> = properties.split(';').filter_map(|p| p.trim().split_once('=')).collect();
    let kind = pairs.iter().find(|(key, _)| *key == "type").map(|(_, value)| *value);
    match (name, kind) {
        ("task.logissue", Some(kind @ ("error" | "warning"))) if !message.trim().is_empty() => {
            let keys = [("sourcepath", "file"), ("linenumber", "line"), ("code", "rule")];
            remark(kind, &locate::decoded(message), &pairs, &keys)
        }
        _ => Line::Command,
    }
}

fn teamcity(name: &str, attributes: &str) -> Line {
    let pairs = quoted(attributes);
    let of = |key: &str| pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
    match (name, of("message")) {
        ("inspection", Some(message)) if !message.trim().is_empty() => {
            let given: Vec<(&str, &str)> = pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let keys = [("file", "file"), ("line", "line"), ("typeId", "rule")];
            remark(of("SEVERITY").unwrap_or("warning"), message, &given, &keys)
        }
        _ => Line::Command,
    }
}

/// `name='value'` in a row; a bar escapes the sign behind it.
fn quoted(attributes: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut rest = attributes;
    while let Some((name, value)) = rest.split_once("='") {
        let mut text = String::new();
        let mut escaped = false;
        let mut end = value.len();
        for (at, c) in value.char_indices() {
            match c {
                _ if escaped => {
                    text.push(if matches!(c, 'n' | 'r') { '\n' } else { c });
                    escaped = false;
                }
                '|' => escaped = true,
                '\'' => {
                    end = at + 1;
                    break;
                }
                c => text.push(c),
            }
        }
        out.push((name.trim().to_string(), text));
        rest = &value[end..];
    }
    out
}

/// `keys`: a property's name, and what an entry calls it.
fn remark(level: &str, message: &str, given: &[(&str, &str)], keys: &[(&str, &str)]) -> Line {
    let mut object = Map::new();
    let level = if level == "notice" { "info".to_string() } else { level.to_lowercase() };
    object.insert("message".to_string(), Value::from(message.trim()));
    object.insert("severity".to_string(), Value::from(level));
    for (name, key) in keys {
        if let Some((_, value)) = given.iter().find(|(given, value)| given == name && !value.is_empty()) {
            object.insert((*key).to_string(), Value::from(locate::decoded(value)));
        }
    }
    Line::Remark(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> (Value, Value, Value, Value) {
        let Some(Line::Remark(object)) = of_line(line) else { panic!("{line}") };
        let get = |key: &str| object.get(key).cloned().unwrap_or_default();
        (get("file"), get("line"), get("severity"), get("message"))
    }

    #[test]
    fn remarks_of_three_systems() {
        let (file, line) = (Value::from("a b.c"), Value::from("3"));
        for text in [
            "::error file=a b.c,line=3,title=X::It%27s lost",
            "##vso[task.logissue type=error;sourcepath=a b.c;linenumber=3;code=7]It's lost",
            "##teamcity[inspection typeId='x' message='It|'s lost' file='a b.c' line='3' SEVERITY='ERROR']",
        ] {
            let told = (file.clone(), line.clone(), Value::from("error"), Value::from("It's lost"));
            assert_eq!(read(text), told);
        }
        assert_eq!(read("::notice::see").2, Value::from("info"));
    }

    #[test]
    fn commands_that_remark_nothing() {
        for line in [
            "::group::build",
            "::error::",
            "##[section]Starting",
            "##vso[task.complete result=Failed;]",
            "##teamcity[testStarted name='error']",
        ] {
            assert_eq!(of_line(line), Some(Line::Command), "{line}");
        }
        for line in ["a::b::c is called", "error: lost", "## [1] Title"] {
            assert_eq!(of_line(line), None, "{line}");
        }
    }

    #[test]
    fn a_place_that_is_said_again() {
        let said = |line: &str| read(line).3;
        assert_eq!(said("::error file=src/a.py,line=3,col=9::3:9 No docstring"), "No docstring");
        assert_eq!(said("::error file=/w/src/a.py,line=3,col=9::src/a.py:3:9: No docstring"), "No docstring");
        assert_eq!(said("::error file=src/a.py,line=3,col=9::at 3:9 it ends"), "at 3:9 it ends");
    }
}
