//! Agent files: Markdown with YAML frontmatter, as Claude Code's subagent files.
//! The only module that knows YAML.

use std::collections::HashMap;

use base::ids::Name;
use serde::Deserialize;

use crate::document::{Node, Source, Value};
use crate::fields::{command, filled_text, parsed, texts_or_commas, time};
use crate::problem::Problem;
use crate::prompt_scope::{self, Scope};

/// The model of an agent file that names none, or says `inherit`.
pub(crate) const DEFAULT_MODEL: &str = "sonnet";
/// The tools of an agent file that names none: it may look, and write its own report.
pub(crate) const DEFAULT_TOOLS: [&str; 3] = ["Read", "Grep", "Glob"];

/// An agent: who it is and what it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentFile {
    pub name: Name,
    pub description: String,
    pub model: String,
    pub tools: Vec<String>,
    pub runner: Option<Name>,
    pub timeout_ms: Option<u64>,
    pub command: Option<Vec<String>>,
    /// What follows the frontmatter.
    pub prompt: String,
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
            // A table; no key that is read takes one.
            Yaml::Other(_) => Value::Table(Vec::new()),
        }
    }
}

/// Reads an agent file; on failure all problems.
pub fn read(source: &Source) -> Result<AgentFile, Vec<Problem>> {
    let (yaml, prompt_at) = frontmatter(source).map_err(|problem| vec![problem])?;
    let table: HashMap<String, Yaml> = serde_saphyr::from_str(&yaml).map_err(|error| {
        vec![match error.location() {
            Some(place) => Problem::new(one_line(&error))
                .in_file(&source.name)
                .at(place.line() as usize, place.column() as usize),
            None => source.problem(0, one_line(&error)),
        }]
    })?;
    let mut keys = Keys { source, yaml: &yaml, table, problems: Vec::new() };
    let file = keys.read(&source.text[prompt_at..]);
    for (at, problem) in prompt_scope::check(&source.text[prompt_at..], &Scope::AgentFile) {
        let mut here = source.problem(prompt_at + at, problem.message);
        here.hint = problem.hint;
        keys.problems.push(here);
    }
    match file {
        Some(file) if keys.problems.is_empty() => Ok(file),
        _ => Err(keys.problems),
    }
}

/// The frontmatter, with an empty line for its first `---` so that lines count
/// as in the file, and where the prompt begins.
fn frontmatter(source: &Source) -> Result<(String, usize), Problem> {
    let hint = "an agent file begins with '---', then name: and description:, then '---'";
    let start = if source.text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut at = start;
    let mut yaml_at = None;
    for line in source.text[start..].split_inclusive('\n') {
        let next = at + line.len();
        match (yaml_at, line.trim_end() == "---") {
            (None, true) => yaml_at = Some(next),
            (None, false) => {
                return Err(source.problem(at, "no frontmatter").hint(hint));
            }
            (Some(from), true) => return Ok((format!("\n{}", &source.text[from..at]), next)),
            (Some(_), false) => {}
        }
        at = next;
    }
    let message = match yaml_at {
        Some(_) => "the frontmatter has no end",
        None => "the file is empty",
    };
    Err(source.problem(start, message).hint(hint))
}

fn one_line(error: &serde_saphyr::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    // The place is said once, in front.
    let end = first.find(" at line ").unwrap_or(first.len());
    format!("bad frontmatter: {}", base::text::visible(&first[..end]))
}

struct Keys<'s> {
    source: &'s Source,
    yaml: &'s str,
    table: HashMap<String, Yaml>,
    problems: Vec<Problem>,
}

impl Keys<'_> {
    fn read(&mut self, prompt: &str) -> Option<AgentFile> {
        let name = self.required("name", parsed::<Name>);
        let description = self.required("description", filled_text);
        let model = self.optional("model", filled_text).filter(|model| model != "inherit");
        let tools = self.optional("tools", texts_or_commas);
        let runner = self.optional("runner", parsed::<Name>);
        let timeout_ms = self.optional("timeout", time);
        let command = self.optional("command", command);
        if prompt.trim().is_empty() && command.is_none() {
            let end = self.source.text.len();
            self.problems.push(self.source.problem(end, "there is no prompt after the frontmatter"));
        }
        Some(AgentFile {
            name: name?,
            description: description?,
            model: model.unwrap_or_else(|| DEFAULT_MODEL.to_owned()),
            tools: tools.unwrap_or_else(|| DEFAULT_TOOLS.map(str::to_owned).to_vec()),
            runner,
            timeout_ms,
            command,
            prompt: prompt.trim().to_owned(),
        })
    }

    fn required<T>(&mut self, key: &str, convert: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        if matches!(self.table.get(key), None | Some(Yaml::Null)) {
            let problem = self.source.problem(0, format!("the frontmatter has no '{key}'"));
            self.problems.push(problem);
            return None;
        }
        self.optional(key, convert)
    }

    /// An empty value (`tools:`) is none, as in Claude Code.
    fn optional<T>(&mut self, key: &str, convert: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        let value = self.table.remove(key)?.value();
        if value == Value::Null {
            return None;
        }
        match convert(&value) {
            Ok(value) => Some(value),
            Err(why) => {
                let line = 1 + self.line_of(key);
                let problem = Problem::new(format!("'{key}': {why}"));
                self.problems.push(problem.in_file(&self.source.name).at(line, 1));
                None
            }
        }
    }

    /// The line a top-level key is on, from 0.
    fn line_of(&self, key: &str) -> usize {
        let is_key = |line: &str| {
            line.trim_start_matches(['"', '\''])
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start_matches(['"', '\'', ' ']).starts_with(':'))
        };
        self.yaml.lines().position(is_key).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AgentFile, Vec<String>> {
        let source = Source { name: "a.md".to_owned(), text: text.to_owned() };
        read(&source).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn claude_code_files_are_read() {
        let text = "---\nname: reviewer\ndescription: \"Use when: x\"\ntools: Read, Bash(git log)\nmodel: inherit\ncolor: red\nhooks:\n  - a: {b: 1}\n---\n\nYou review.\n\n---\nMore.\n";
        let file = parse(text).unwrap();
        assert_eq!(file.name.as_str(), "reviewer");
        assert_eq!(file.model, "sonnet");
        assert_eq!(file.tools, ["Read", "Bash(git log)"]);
        assert_eq!(file.prompt, "You review.\n\n---\nMore.");
        assert_eq!(file.description, "Use when: x");
    }

    #[test]
    fn defaults_and_own_keys() {
        let file = parse("\u{feff}---\r\nname: a\r\ndescription: d\r\ntools:\r\n---\r\nDo.").unwrap();
        assert_eq!((file.model.as_str(), file.tools.len()), ("sonnet", 3));
        let file = parse(
            "---\nname: a\ndescription: d\nmodel: haiku\ntools: [Read]\nrunner: command\ntimeout: 5m\ncommand: [sh, x]\n---\n",
        )
        .unwrap();
        assert_eq!(file.timeout_ms, Some(300_000));
        assert_eq!(file.command, Some(vec!["sh".into(), "x".into()]));
        assert_eq!(file.tools, ["Read"]);
        assert_eq!(file.runner.unwrap().as_str(), "command");
    }

    #[test]
    fn problems_have_file_and_line() {
        for (text, want) in [
            ("", "a.md:1:1: the file is empty"),
            ("# Hello\n", "a.md:1:1: no frontmatter"),
            ("---\nname: a\n", "a.md:1:1: the frontmatter has no end"),
            ("---\ndescription: d\n---\nx", "a.md:1:1: the frontmatter has no 'name'"),
            ("---\nname:\ndescription: d\n---\nx", "a.md:1:1: the frontmatter has no 'name'"),
            ("---\nname: A b\ndescription: d\n---\nx", "a.md:2:1: 'name': 'A b' is not a name"),
            (
                "---\nname: a\ndescription: d\ntimeout: 20\nmodel: 3\n---\nx",
                "a.md:5:1: 'model': expected a text",
            ),
            (
                "---\nname: a\ndescription: d\ntimeout: soon\n---\nx",
                "a.md:4:1: 'timeout': 'soon' is not a time",
            ),
            (
                "---\nname: a\ndescription: d\ncommand: ls -l\n---\nx",
                "a.md:4:1: 'command': expected a list of words",
            ),
            ("---\nname: a\ndescription: d\n---\n \n", "there is no prompt"),
            (
                "---\nname: a\ndescription: d\n---\nSee\n{{nope}}",
                "a.md:6:1: the prompt has an unknown variable '{{nope}}'",
            ),
            ("---\nname: a\ndescription: Use: when\n---\nx", "a.md:3:"),
            ("---\nname: [a\ndescription: d\n---\nx", "bad frontmatter"),
            ("---\n- a\n---\nx", "a.md:2:"),
        ] {
            let problems = parse(text).unwrap_err().join("\n");
            assert!(problems.contains(want), "{want:?} not in {problems:?}");
        }
    }
}
