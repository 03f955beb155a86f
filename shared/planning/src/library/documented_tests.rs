//! The examples in the documentation are read by the code they document.

use crate::diagnostic::Diagnostic;
use crate::document::Source;
use crate::library::{Kind, Library};
use crate::template::{self, Surroundings};
use crate::{agent_file, executor, runner};
use base::ids::{AgentName, Name};
use protocol::layout::Home;

const TEMPLATES: &str = include_str!("../../../../docs/templates.md");
const EXECUTORS: &str = include_str!("../../../../docs/executors.md");
const RUNNERS: &str = include_str!("../../../../docs/runners.md");

/// The fenced blocks of a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// A library as what surrounds a template.
pub(super) struct Known(pub(super) Library);

impl Surroundings for Known {
    fn check_subagent(&self, name: &AgentName) -> Result<(), Diagnostic> {
        self.0.find_agent(name).map(|_| ())
    }

    fn check_runner(&self, name: &Name) -> Result<(), Diagnostic> {
        self.0.find(Kind::Runner, name).map(|_| ())
    }

    fn check_executor(&self, name: &Name) -> Result<(), Diagnostic> {
        self.0.find(Kind::Executor, name).map(|_| ())
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
        let surroundings = Known(Library::new(&Home::new("/nowhere")));
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
    assert_eq!(examples.len(), 2);
    for example in examples {
        runner::read(&source(example)).unwrap_or_else(|p| panic!("{p:?}\n{example}"));
    }
}

#[test]
fn every_key_is_documented() {
    for key in template::documented_keys() {
        assert!(TEMPLATES.contains(&format!("`{key}`")), "{key} is not in docs/templates.md");
    }
    for key in executor::documented_keys() {
        let named = [format!("`{key}`"), format!("`[[{key}]]`")];
        assert!(
            named.iter().any(|name| EXECUTORS.contains(name.as_str())),
            "{key} is not in docs/executors.md"
        );
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

/// The JSON Schema for editors knows the keys that are read, and no others.
#[test]
fn the_schema_of_runner_files_has_every_key() {
    let schema: serde_json::Value = serde_json::from_str(runner::SCHEMA).unwrap();
    let known: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut read: Vec<&str> = runner::documented_keys().collect();
    read.sort_unstable();
    let mut known = known;
    known.sort_unstable();
    assert_eq!(known, read);
    // The words that a key may have are those that are read.
    let words = |pointer: &str| {
        let list = schema.pointer(pointer).and_then(serde_json::Value::as_array).unwrap();
        list.iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let head = "description = \"d\"\nprogram = \"p\"\nprompt = \"stdin\"\n";
    let good = |text: String| {
        runner::read(&source(&text)).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
    };
    for stream in words("/properties/stream/enum") {
        let events = if stream == "jsonl" { "[[events]]\nis = \"done\"" } else { "" };
        good(format!("{head}stream = \"{stream}\"\n{events}"));
    }
    for kind in words("/properties/events/items/properties/is/enum") {
        good(format!("{head}stream = \"jsonl\"\n[[events]]\nis = \"{kind}\"\n[[events]]\nis = \"done\""));
    }
    for is in words("/properties/endings/items/properties/is/enum") {
        good(format!("{head}[[endings]]\nis = \"{is}\"\nexit = [3]"));
    }
    for when in words("/properties/arguments/items/properties/when/enum") {
        good(format!("{head}[[arguments]]\nwords = []\nwhen = \"{when}\""));
    }
}

/// Nobody has run them, but they are runner files.
#[test]
fn the_examples_of_runners_are_good_and_say_that_they_are_untested() {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/runners");
    let mut count = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let runner = runner::read(&source(&text)).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
        assert!(runner.description.ends_with("(untested)") && text.starts_with("# Untested"), "{text}");
        assert!(runner.ai && runner.unconfined, "nobody has seen it confined: {text}");
        count += 1;
    }
    assert_eq!(count, 6);
}
