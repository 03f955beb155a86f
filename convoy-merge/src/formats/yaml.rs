//! YAML: rewritten to JSON, read as such, and every finding taken back to the bytes of
//! the source that it came from.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::Value;

use super::json;
use super::recast::Recast;
use crate::model::Extraction;
use crate::model::{Member, Recognised};
use crate::signs::statement::{self, Says};
use crate::vocabulary::KEYS;

/// Deeper documents are not read.
const DEEPEST: usize = 32;

/// Reads a document that is called YAML, or that holds a list of objects below a key;
/// `None` = it is none.
pub(super) fn extract(text: &str, name: &str) -> Option<Extraction> {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let named = matches!(ending.as_str(), "yaml" | "yml");
    if !named && !begins_with_key(text) {
        return None;
    }
    let Some(document) = Document::of(text) else {
        return named.then(|| super::unreadable("not valid YAML (cut off?)"));
    };
    if !named && !document.lists {
        return None;
    }
    let mut out = json::extract(&document.json.out, "review.json")?;
    document.json.back(text, &mut out);
    let told = |said: &String| statement::says(said) == Says::Fault;
    if out.recognised == Recognised::Clean && document.comments.iter().any(told) {
        super::fault(&mut out, "a comment beside its empty list is not understood");
    }
    Some(out)
}

/// The findings of a document inside of another text.
pub(super) fn embedded(text: &str, range: &Range<usize>) -> Vec<Member> {
    let source = &text[range.clone()];
    let Some(document) = Document::of(source).filter(|document| document.lists) else { return Vec::new() };
    let Some(mut out) = json::extract(&document.json.out, "review.json") else { return Vec::new() };
    document.json.back(source, &mut out);
    for member in &mut out.members {
        member.byte_range = member.byte_range.map(|at| at + range.start);
    }
    out.members
}

/// A document that is one mapping.
pub(super) fn object(text: &str) -> Option<super::entry::Object> {
    match serde_json::from_str(&Document::of(text)?.json.out).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Is the first line that is no comment a key by itself, as no sentence is?
fn begins_with_key(text: &str) -> bool {
    let mut lines = text
        .trim_start_matches('\u{feff}')
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#') && *line != "---");
    let Some(first) = lines.next() else { return false };
    let key = first.split_once(':').map_or("", |(key, _)| key);
    let word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    word && lines.all(|line| {
        line.starts_with([' ', '-', '#'])
            || line.split_once(':').is_some_and(|(key, _)| !key.contains([' ', '`', '*']))
    })
}

/// A document as JSON.
#[derive(Debug, Default)]
struct Document {
    json: Recast,
    comments: Vec<String>,
    /// It holds a list of objects, or an empty one where findings would stand.
    lists: bool,
}

/// What is open: an object waits for a key or a value, a list for its next value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Key,
    Value,
    List,
}

impl Document {
    fn of(text: &str) -> Option<Self> {
        let mut document = Document::default();
        let mut open: Vec<Open> = Vec::new();
        let mut key = String::new();
        for event in Parser::new_from_str(text) {
            let (event, span) = event.ok()?;
            let at = span.start.byte_offset().unwrap_or_default();
            match event {
                Event::Comment(said, _) => document.comments.push(said.trim().to_string()),
                Event::Scalar(said, style, ..) => {
                    document.json.mark(at);
                    if open.last() == Some(&Open::Key) {
                        key = said.to_string();
                    }
                    let value = value(&said, style, open.last() == Some(&Open::Key));
                    document.put(&mut open, &value.to_string());
                }
                Event::Alias(_) => document.put(&mut open, "null"),
                Event::SequenceStart(..) | Event::MappingStart(..) => {
                    let list = matches!(event, Event::SequenceStart(..));
                    document.lists |= !list && open.last() == Some(&Open::List);
                    if open.len() >= DEEPEST || open.last() == Some(&Open::Key) {
                        return None;
                    }
                    document.json.mark(at);
                    document.json.out.push(if list { '[' } else { '{' });
                    open.push(if list { Open::List } else { Open::Key });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let out = &mut document.json.out;
                    let trimmed = out.trim_end_matches([',', '\n']).len();
                    out.truncate(trimmed);
                    document.lists |= out.ends_with('[') && KEYS.is("proof", &super::entry::normal_key(&key));
                    out.push(if event == Event::SequenceEnd { ']' } else { '}' });
                    document.json.mark(span.end.byte_offset().unwrap_or(at));
                    open.pop();
                    document.put(&mut open, "");
                }
                Event::DocumentEnd => {
                    let trimmed = document.json.out.trim_end_matches([',', '\n']).len();
                    document.json.out.truncate(trimmed);
                    document.json.out.push('\n');
                }
                _ => {}
            }
        }
        Some(document)
    }

    /// Writes a value and what follows it.
    fn put(&mut self, open: &mut [Open], value: &str) {
        self.json.out.push_str(value);
        match open.last_mut() {
            Some(state @ Open::Key) => {
                self.json.out.push(':');
                *state = Open::Value;
            }
            Some(state @ Open::Value) => {
                self.json.out.push_str(",\n");
                *state = Open::Key;
            }
            Some(Open::List) => self.json.out.push_str(",\n"),
            None => {}
        }
    }
}

/// A word as the value that it stands for.
fn value(said: &str, style: ScalarStyle, key: bool) -> Value {
    if style != ScalarStyle::Plain || key {
        return Value::String(said.to_string());
    }
    match said {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "yes" => Value::Bool(true),
        "false" | "False" | "no" => Value::Bool(false),
        _ => said.parse::<u64>().map_or_else(|_| Value::String(said.to_string()), Value::from),
    }
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::model::Recognised;

    const REVIEW: &str = "verdict: changes\nfindings:\n  - title: Lock is never freed\n    severity: high\n    file: src/a.rs\n    line: 3\n  - title: Name is old\n    severity: low\n    file: src/b.rs\n    line: 9\n";

    #[test]
    fn findings_are_read_with_their_bytes() {
        for text in [
            REVIEW.to_string(),
            format!("# by hand\n---\n{REVIEW}"),
            format!("As YAML:\n\n```yaml\n{REVIEW}```\n"),
        ] {
            let read = extract(&text, "r.txt");
            let titles: Vec<&str> = read.members.iter().map(|member| member.title.as_str()).collect();
            assert_eq!(titles, ["Lock is never freed", "Name is old"], "{text}");
            assert_eq!(read.members[1].locations[0].line_start, Some(9));
            assert!(read.members[1].text.starts_with("title: Name is old"), "{}", read.members[1].text);
        }
    }

    #[test]
    fn an_empty_list_is_clean_if_nothing_speaks_against_it() {
        let clean = extract("verdict: approve\nfindings: []\n", "r.yaml");
        assert_eq!((clean.recognised, clean.complete), (Recognised::Clean, true));
        for text in [
            "status: failed\nfindings: []\n",
            "findings: []\nskipped:\n  - a.rs\n",
            "findings: [] # the loader leaks\n",
            "findings: [\n",
        ] {
            assert_ne!(extract(text, "r.yaml").recognised, Recognised::Clean, "{text}");
        }
    }
}
