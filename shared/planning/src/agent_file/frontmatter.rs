//! The frontmatter of an agent file: YAML, or what people take for YAML.
//!
//! Claude Code reads more than a strict parser does: values with `: ` in them,
//! values that begin with a character YAML keeps for itself, tabs, keys given
//! twice. So a frontmatter that is no YAML as a whole is read key by key, and a
//! value that is none as text. That is said in a note; nothing else differs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_saphyr::DuplicateKeyPolicy;

use super::EXAMPLE;
use crate::diagnostic::Diagnostic;
use crate::document::{Entry, Node, Source, Value};

/// What stands between the two lines of dashes, and what follows.
#[derive(Debug)]
pub(super) struct Frontmatter {
    /// By key; the last one of those given twice.
    pub(super) values: BTreeMap<String, Value>,
    /// How it was read, if not as YAML.
    pub(super) note: Option<String>,
    /// With an empty line for its first `---`, so that lines count as in the file.
    yaml: String,
    /// Where the prompt begins, in bytes.
    pub(super) prompt_at: usize,
}

/// Any YAML value; unknown keys of a subagent file may hold anything.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Yaml {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    List(Vec<Yaml>),
    Table(BTreeMap<String, Yaml>),
    Other(serde::de::IgnoredAny),
}

impl Yaml {
    fn value(self) -> Value {
        let node = |item: Yaml| Node { at: 0, value: item.value() };
        match self {
            Yaml::Null => Value::Null,
            Yaml::Bool(b) => Value::Bool(b),
            Yaml::Integer(n) => Value::Integer(n),
            Yaml::Float(n) => Value::Float(n),
            Yaml::Text(text) => Value::Text(text),
            Yaml::List(items) => Value::List(items.into_iter().map(node).collect()),
            Yaml::Table(entries) => {
                let entry = |(key, value): (String, Yaml)| Entry { key, key_at: 0, node: node(value) };
                Value::Table(entries.into_iter().map(entry).collect())
            }
            // A table with keys that are no texts; no key that is read takes one.
            Yaml::Other(_) => Value::Table(Vec::new()),
        }
    }
}

pub(super) fn read(source: &Source) -> Result<Frontmatter, Diagnostic> {
    let (yaml, prompt_at) = cut(source)?;
    let error = match parse(&yaml, DuplicateKeyPolicy::Error) {
        Ok(values) => return Ok(Frontmatter { values, note: None, yaml, prompt_at }),
        Err(error) => error,
    };
    let why = one_line(&error);
    if let Ok(values) = parse(&yaml, DuplicateKeyPolicy::LastWins) {
        let note = Some(format!("{why}: the last one counts"));
        return Ok(Frontmatter { values, note, yaml, prompt_at });
    }
    match by_keys(&yaml) {
        Some(values) => {
            let note = Some(format!("the frontmatter is no YAML ({why}), and was read key by key"));
            Ok(Frontmatter { values, note, yaml, prompt_at })
        }
        None => Err(match error.location() {
            Some(place) => Diagnostic::new(format!("bad frontmatter: {why}"))
                .in_file(&source.name)
                .at(place.line() as usize, place.column() as usize)
                .hint(EXAMPLE),
            None => source.problem(0, format!("bad frontmatter: {why}")).hint(EXAMPLE),
        }),
    }
}

impl Frontmatter {
    /// What stands behind a key on its line, as it is written.
    pub(super) fn written(&self, key: &str) -> Option<&str> {
        let (_, rest) = self.yaml.lines().nth(self.line_of(key) - 1)?.split_once(':')?;
        Some(rest.trim()).filter(|rest| !rest.is_empty())
    }

    /// The line of the file a key is on, from 1; the last one of those given twice.
    pub(super) fn line_of(&self, key: &str) -> usize {
        let is_key = |line: &str| {
            line.trim_start_matches(['"', '\'', ' ', '\t'])
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ', '\t']).starts_with(':'))
        };
        let lines: Vec<&str> = self.yaml.lines().collect();
        1 + lines.iter().rposition(|line| is_key(line)).unwrap_or(0)
    }
}

/// A line of three dashes or more, as it begins and ends a frontmatter.
fn is_fence(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 3 && line.bytes().all(|byte| byte == b'-')
}

/// The frontmatter, and where the prompt begins.
fn cut(source: &Source) -> Result<(String, usize), Diagnostic> {
    let hint = "an agent file begins with '---', then name: and description:, then '---'";
    let start = if source.text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut at = start;
    let mut yaml_at = None;
    let mut behind = None;
    for line in source.text[start..].split_inclusive('\n') {
        let next = at + line.len();
        match yaml_at {
            None if line.trim_end() == "---" => yaml_at = Some(next),
            None => return Err(source.problem(at, "no frontmatter").hint(hint)),
            Some(from) if is_fence(line) => return Ok((format!("\n{}", &source.text[from..at]), next)),
            // The dashes may stand behind the last value.
            Some(from) if behind.is_none() && line.trim_end().ends_with("---") => {
                let end = at + line.trim_end().trim_end_matches('-').len();
                behind = Some((format!("\n{}", &source.text[from..end]), next));
            }
            Some(_) => {}
        }
        at = next;
    }
    if let Some(found) = behind {
        return Ok(found);
    }
    let message = match yaml_at {
        Some(_) => "the frontmatter has no end",
        None => "the file is empty",
    };
    Err(source.problem(start, message).hint(hint))
}

fn parse(
    yaml: &str,
    duplicate_keys: DuplicateKeyPolicy,
) -> Result<BTreeMap<String, Value>, serde_saphyr::Error> {
    let options = serde_saphyr::options! { duplicate_keys: duplicate_keys };
    let table: BTreeMap<String, Yaml> = serde_saphyr::from_str_with_options(yaml, options)?;
    Ok(table.into_iter().map(|(key, value)| (key, value.value())).collect())
}

/// Key by key: a key is a word at the beginning of a line, as far in as the first
/// one; what follows up to the next is its value.
fn by_keys(yaml: &str) -> Option<BTreeMap<String, Value>> {
    let is_text = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = yaml.lines().find(is_text)?;
    let indent = &first[..first.len() - first.trim_start().len()];
    let mut parts: Vec<(&str, String)> = Vec::new();
    for line in yaml.lines() {
        let line = line.strip_prefix(indent).unwrap_or(line);
        match (key_of(line), parts.last_mut()) {
            (Some((key, rest)), _) => parts.push((key, rest.to_owned())),
            (None, Some((_, value))) => {
                value.push('\n');
                value.push_str(line);
            }
            // Of no key at all: this is another kind of file.
            (None, None) if is_text(&line) => return None,
            (None, None) => {}
        }
    }
    let read = |(key, text): (&str, String)| (key.to_owned(), value_of(&text));
    (!parts.is_empty()).then(|| parts.into_iter().map(read).collect())
}

/// `key: value`, `key:`
fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let is_key = key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(is_word);
    let ends = rest.is_empty() || rest.starts_with([' ', '\t']);
    (is_key && ends).then_some((key, rest))
}

/// One value: as YAML, else the text it is.
fn value_of(text: &str) -> Value {
    // Tabs are no indentation in YAML, and are there all the same.
    let yaml = format!("key:{}", text.replace('\t', "  "));
    if let Ok(mut one) = parse(&yaml, DuplicateKeyPolicy::LastWins)
        && one.len() == 1
        && let Some(value) = one.remove("key")
    {
        return value;
    }
    let text = text.trim();
    let unquoted = ['"', '\''].iter().find_map(|&quote| text.strip_prefix(quote)?.strip_suffix(quote));
    Value::Text(unquoted.unwrap_or(text).to_owned())
}

fn one_line(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    // The place is said once, in front.
    let first = first.trim_start_matches(|c: char| !c.is_ascii_alphabetic() || c.is_ascii_digit());
    // What programmers are told of the library's options is nothing to the user.
    let end = [" at line ", ", set DuplicateKeyPolicy"].iter().filter_map(|end| first.find(end)).min();
    let end = end.unwrap_or(first.len());
    base::text::visible(&first[..end])
}
