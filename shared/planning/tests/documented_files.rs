//! The examples in the documentation are read by the code they document.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

use base::ids::{AgentName, Name};
use planning::diagnostic::Diagnostic;
use planning::document::Source;
use planning::library::{Kind, Library};
use planning::template::{self, Surroundings};
use planning::{agent_file, runner};
use protocol::layout::Home;

const TEMPLATES: &str = include_str!("../../../docs/templates.md");
const RUNNERS: &str = include_str!("../../../docs/runners.md");

/// The fenced blocks of a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

struct BuiltIn(Library);

impl Surroundings for BuiltIn {
    fn check_subagent(&self, name: &AgentName) -> Result<(), Diagnostic> {
        self.0.find_agent(name).map(|_| ())
    }

    fn check_runner(&self, name: &Name) -> Result<(), Diagnostic> {
        self.0.find(Kind::Runner, name).map(|_| ())
    }

    fn find_template(&self, name: &Name, _: bool) -> Result<Source, Diagnostic> {
        self.0.find(Kind::Template, name).map(|(source, _)| source)
    }
}

fn source(text: &str) -> Source {
    Source { name: "example".to_owned(), text: text.to_owned() }
}

#[test]
fn templates() {
    let examples = blocks(TEMPLATES, "json");
    assert_eq!(examples.len(), 2);
    for example in examples {
        let surroundings = BuiltIn(Library::new(&Home::new("/nowhere")));
        template::read(&source(example), &surroundings).unwrap_or_else(|p| panic!("{p:?}\n{example}"));
    }
}

#[test]
fn agent_files() {
    let examples = blocks(TEMPLATES, "markdown");
    assert_eq!(examples.len(), 1);
    for example in examples {
        agent_file::read(&source(example)).unwrap_or_else(|p| panic!("{p:?}\n{example}"));
    }
}

#[test]
fn runners() {
    let examples = blocks(RUNNERS, "toml");
    assert_eq!(examples.len(), 1);
    for example in examples {
        runner::read(&source(example)).unwrap_or_else(|p| panic!("{p:?}\n{example}"));
    }
}

#[test]
fn every_key_is_documented() {
    for key in template::documented_keys() {
        assert!(TEMPLATES.contains(&format!("`{key}`")), "{key} is not in docs/templates.md");
    }
    for key in runner::documented_keys() {
        let named =
            [format!("`{key}`"), format!("`[{key}]`"), format!("`[[{key}]]`"), format!("`[{key}.NAME]`")];
        let with_value = format!("`{key} = ");
        assert!(
            named.iter().chain([&with_value]).any(|name| RUNNERS.contains(name.as_str())),
            "{key} is not in docs/runners.md"
        );
    }
}
