//! Agent files: Markdown with YAML frontmatter, as Claude Code's subagent files.
//! The only module that knows YAML.
//!
//! Whatever Claude Code loads is loaded: what has no meaning here is told in a
//! note. The keys that are convoy's own are read strictly.

mod frontmatter;
mod tools;

use std::path::Path;

use base::ids::AgentName;
use base::text::visible;
use frontmatter::Frontmatter;

use crate::diagnostic::Diagnostic;
use crate::document::{Source, Value};
use crate::fields::{command, time};
use crate::runner::{Choice, choice};

pub(crate) use tools::DEFAULT_TOOLS;

/// The model of an agent file that names none, or says `inherit`.
pub(crate) const DEFAULT_MODEL: &str = "sonnet";

/// What helps with mistakes in one.
const EXAMPLE: &str = "pan convoy agents show code-review-security prints one that is right";

const KEYS: [&str; 8] =
    ["name", "description", "model", "tools", "disallowedTools", "runner", "timeout", "command"];
/// Means nothing here, and is missed by nobody.
const DECORATION: &str = "color";

/// An agent: who it is and what it is told.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentFile {
    pub name: AgentName,
    pub description: String,
    pub model: String,
    /// `None`: the file names none, and the agent gets those for reading.
    pub tools: Option<Vec<String>>,
    /// What it does not get, whatever it asks for.
    pub disallowed_tools: Vec<String>,
    pub runner: Option<Choice>,
    pub timeout_ms: Option<u64>,
    pub command: Option<Vec<String>>,
    /// What follows the frontmatter.
    pub prompt: String,
    /// What was read otherwise than it is written, or has no meaning here.
    pub notes: Vec<String>,
}

impl AgentFile {
    /// The tools it asks for.
    pub(crate) fn wanted_tools(&self) -> Vec<String> {
        self.tools.clone().unwrap_or_else(|| DEFAULT_TOOLS.map(str::to_owned).to_vec())
    }
}

/// Reads an agent file; on failure all problems.
pub fn read(source: &Source) -> Result<AgentFile, Vec<Diagnostic>> {
    let frontmatter = frontmatter::read(source).map_err(|problem| vec![problem])?;
    let mut keys = Keys { source, frontmatter, notes: Vec::new(), problems: Vec::new() };
    match keys.read() {
        Some(file) if keys.problems.is_empty() => Ok(file),
        _ => Err(keys.problems),
    }
}

struct Keys<'s> {
    source: &'s Source,
    frontmatter: Frontmatter,
    notes: Vec<String>,
    problems: Vec<Diagnostic>,
}

impl Keys<'_> {
    fn read(&mut self) -> Option<AgentFile> {
        self.notes.extend(self.frontmatter.note.take());
        if self.source.text.contains(char::REPLACEMENT_CHARACTER) {
            self.notes.push("it holds bytes that are no UTF-8, shown as \u{fffd}".to_owned());
        }
        let name = self.name();
        let description = self.description();
        let model = self.model();
        let tools = self.tools("tools");
        let disallowed_tools = self.tools("disallowedTools").unwrap_or_default();
        let runner = self.own("runner", choice);
        let timeout_ms = self.own("timeout", time);
        let command = self.own("command", command);
        let prompt = self.source.text[self.frontmatter.prompt_at..].trim().to_owned();
        if prompt.is_empty() && command.is_none() {
            self.notes.push("there is no prompt after the frontmatter".to_owned());
        }
        self.note_foreign_keys();
        Some(AgentFile {
            name: name?,
            description: description?,
            model: model.unwrap_or_else(|| DEFAULT_MODEL.to_owned()),
            tools,
            disallowed_tools,
            runner,
            timeout_ms,
            command,
            prompt,
            notes: std::mem::take(&mut self.notes),
        })
    }

    fn problem(&mut self, key: &str, why: &str) {
        let problem = Diagnostic::new(format!("'{key}': {why}"));
        let problem = problem.in_file(&self.source.name).at(self.frontmatter.line_of(key), 1);
        self.problems.push(problem.hint(EXAMPLE));
    }

    /// The file's own name where it names none.
    fn name(&mut self) -> Option<AgentName> {
        let text = match self.frontmatter.values.get("name").and_then(plain_text) {
            Some(name) => name,
            None => {
                let stem = Path::new(&self.source.name).file_stem()?.to_string_lossy().into_owned();
                self.notes.push(format!("the frontmatter has no 'name': it is called '{}'", visible(&stem)));
                stem
            }
        };
        text.trim().parse().map_err(|error: base::ids::BadName| self.problem("name", &error.to_string())).ok()
    }

    fn description(&mut self) -> Option<String> {
        let value = self.frontmatter.values.get("description");
        // YAML makes nothing of what begins with '!' or '&'.
        let found = value.and_then(|value| {
            plain_text(value).or_else(|| self.frontmatter.written("description").map(str::to_owned))
        });
        if found.is_none() {
            let problem = self.source.problem(0, "the frontmatter has no 'description'");
            self.problems.push(problem.hint(EXAMPLE));
        }
        found
    }

    fn model(&mut self) -> Option<String> {
        let value = self.frontmatter.values.get("model")?;
        match value {
            Value::Null => None,
            Value::Text(text) if text.trim().is_empty() => None,
            Value::Text(text) => Some(text.trim().to_owned()).filter(|model| model != "inherit"),
            other => {
                self.notes.push(format!("'model' is {}, and not used", other.kind()));
                None
            }
        }
    }

    fn tools(&mut self, key: &str) -> Option<Vec<String>> {
        let (tools, note) = tools::read(self.frontmatter.values.get(key)?)?;
        self.notes.extend(note.map(|note| format!("'{key}' {note}")));
        Some(tools)
    }

    /// A key that only convoy reads; an empty value is none.
    fn own<T>(&mut self, key: &str, convert: impl Fn(&Value) -> Result<T, String>) -> Option<T> {
        let value = self.frontmatter.values.get(key).filter(|value| **value != Value::Null)?;
        convert(value).map_err(|why| self.problem(key, &why)).ok()
    }

    fn note_foreign_keys(&mut self) {
        let is_known = |key: &str| KEYS.contains(&key) || key == DECORATION;
        let keys = self.frontmatter.values.keys().filter(|key| !is_known(key));
        let foreign: Vec<String> = keys.map(|key| visible(key)).collect();
        if !foreign.is_empty() {
            self.notes.push(format!("not used here: {}", foreign.join(", ")));
        }
    }
}

/// A text, or what reads like one: a number, a list of texts.
fn plain_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Text(text) => text.replace('\0', ""),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::List(items) => {
            items.iter().filter_map(|item| plain_text(&item.value)).collect::<Vec<_>>().join("\n")
        }
        Value::Null | Value::Table(_) => return None,
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
