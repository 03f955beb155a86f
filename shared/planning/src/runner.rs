//! Runners: how an agent's CLI is run, as data (`runners/*.toml`).
//!
//! Words of `arguments` are kept, left out by `when`, `since` and `before`, and
//! handed to the plan with their placeholders ([`protocol::placeholder`]), which
//! `convoy-agent` fills in. Three are known here already and filled in here:
//! `{budget_usd}`, and the lists `{allow...}` and `{command...}`, which stand
//! alone and become any number of words.

mod choice;
mod events;
mod parts;
mod resolve;

use std::collections::BTreeMap;

use base::ids::Name;
use base::version::Version;
use protocol::placeholder;
use protocol::plan::{
    AnswerBy, ConfigFile, Cwd, EndingRule, EventRule, PromptDelivery, ReportSource, Stream,
};

use crate::diagnostic::Diagnostic;
use crate::document::{Node, Source, Value, parse_toml};
use crate::fields::{
    Fields, Found, Reader, boolean, filled_text, parsed, text_table, texts, time, variable_names, variables,
    word,
};

pub(crate) use choice::choice;
pub use choice::{BadChoice, Choice};
pub(crate) use resolve::{AgentRequest, Probe, granted_tools, model_argument, program_name, resolve};

/// The AI runners, in the order in which they are looked for.
pub(crate) const PREFERENCE: [&str; 4] = ["claude", "codex", "gemini", "opencode"];
pub const BUILTIN: &str = "builtin";
pub(crate) const COMMAND: &str = "command";

/// A runner file.
#[derive(Debug, Clone, PartialEq)]
pub struct Runner {
    pub description: String,
    pub program: Program,
    /// It asks a model: installed and logged in matter, and it costs money.
    pub ai: bool,
    /// What to do when it is not installed.
    pub install: Option<String>,
    pub login: Option<Login>,
    /// Arguments that make it print its version.
    pub version: Option<Vec<String>>,
    pub cwd: Cwd,
    pub prompt: PromptDelivery,
    pub stream: Stream,
    /// How a stream of JSON lines is read.
    pub events: Vec<EventRule>,
    /// How long it may be silent where nobody says otherwise, in milliseconds.
    pub stall_timeout_ms: Option<u64>,
    pub report: ReportSource,
    /// How findings are asked for as data.
    pub answer: Option<Answer>,
    pub unconfined: bool,
    /// What it cannot confine, for people.
    pub not_confined: Vec<String>,
    pub static_only: bool,
    pub arguments: Vec<Argument>,
    /// Names in agent files → the CLI's tools. Without it tools are not mapped.
    pub tools: Option<BTreeMap<String, Tool>>,
    /// The tool it writes its report with; always offered.
    pub report_tool: Option<String>,
    /// Names in agent files → the CLI's models; others are handed on as they are.
    pub models: BTreeMap<String, String>,
    pub set_env: BTreeMap<String, String>,
    pub pass_env: Vec<String>,
    /// Services its model may be at, each with variables of its own.
    pub providers: Vec<Provider>,
    /// How its bad ends are told apart; the first that fits counts.
    pub endings: Vec<EndingRule>,
    /// Files of its own configuration directory.
    pub files: Vec<ConfigFile>,
    /// Links in there to files of the user.
    pub links: BTreeMap<String, Vec<String>>,
    /// Arguments that open the conversation `{session}` for a person.
    pub chat: Vec<String>,
}

/// Which program is run.
#[derive(Debug, Clone, PartialEq)]
pub enum Program {
    /// Looked up on PATH.
    OnPath(String),
    /// The first word of the agent's `command`.
    Command,
    /// Programs of this project, by subagent.
    Siblings(BTreeMap<Name, Sibling>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sibling {
    pub program: String,
    pub words: Vec<String>,
}

/// What "looks logged in" means. No file is read, no service is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    /// One of these variables is set …
    pub env: Vec<String>,
    /// … or one of these files is there; `~` and `$NAME` begin a path.
    pub files: Vec<String>,
    pub hint: String,
}

/// How findings are asked for as data.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub by: AnswerBy,
    /// Older versions are asked by the prompt alone.
    pub since: Option<Version>,
}

/// A service that a variable switches on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// The variable: set, and neither empty nor `0` nor `false`.
    pub switch: String,
    /// Variables handed on only then.
    pub pass: Vec<String>,
    /// What it does not work without: each a list of variables of which one is enough.
    pub needs: Vec<Vec<String>>,
}

/// Words that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    pub words: Vec<String>,
    pub when: Option<When>,
    pub since: Option<Version>,
    pub before: Option<Version>,
}

/// What an argument is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The agent has a model.
    Model,
    /// It has tools.
    Tools,
    /// It has a budget.
    Budget,
    /// It reads reports of others, and these are outside of the project.
    ReportsOutside,
    /// Its findings are asked for by a schema that the CLI is told.
    Schema,
    /// It begins a conversation, or goes on with one.
    Fresh,
    Resumed,
    /// It is confined, or the user said by name that it is not to be.
    Confined,
    SkipPermissions,
}

/// A tool as the CLI knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    pub offer: String,
    /// It must be allowed by name as well.
    pub allow: bool,
    /// It cannot be given in part: `Bash(git log:*)` is not given at all.
    pub whole: bool,
}

const KEYS: [&str; 29] = [
    "description",
    "program",
    "program_from",
    "ai",
    "install",
    "login",
    "version",
    "cwd",
    "prompt",
    "stream",
    "events",
    "stall_timeout",
    "report",
    "report_tool",
    "answer",
    "unconfined",
    "static_only",
    "arguments",
    "subagents",
    "tools",
    "models",
    "set_env",
    "pass_env",
    "providers",
    "not_confined",
    "endings",
    "files",
    "links",
    "chat",
];

/// The JSON Schema of runner files, for editors; tested against the keys read here.
pub const SCHEMA: &str = include_str!("../../../docs/runner.schema.json");

/// Every key of a runner file; the documentation is checked against them.
pub fn documented_keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter()
}

/// Reads a runner file; on failure all problems.
pub fn read(source: &Source) -> Result<Runner, Vec<Diagnostic>> {
    let node = parse_toml(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader::new(source);
    let runner = reader.table(&node, "the runner").and_then(|fields| read_fields(&mut reader, &fields));
    match runner {
        Some(runner) if !reader.has_problems() => Ok(runner),
        _ => Err(reader.into_problems()),
    }
}

fn read_fields(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Runner> {
    reader.known(fields, &KEYS);
    let program = read_program(reader, fields);
    let prompts =
        [("stdin", PromptDelivery::Stdin), ("argv", PromptDelivery::Argv), ("file", PromptDelivery::File)];
    let places = [("own", Cwd::Own), ("project", Cwd::Project)];
    let streams = [
        ("plain", Stream::Plain),
        ("claude-stream-json", Stream::ClaudeStreamJson),
        ("codex-jsonl", Stream::CodexJsonl),
        ("gemini-stream-json", Stream::GeminiStreamJson),
        ("opencode-jsonl", Stream::OpencodeJsonl),
        ("jsonl", Stream::Jsonl),
    ];
    let reports = [
        ("file", ReportSource::File),
        ("final-message", ReportSource::FinalMessage),
        ("message", ReportSource::Message),
        ("stdout", ReportSource::Stdout),
    ];
    let description = reader.required(fields, "description", filled_text);
    let prompt = reader.required(fields, "prompt", word(&prompts));
    let stream = value(reader.optional(fields, "stream", word(&streams))).unwrap_or(Stream::Plain);
    let flag = |reader: &mut Reader<'_>, key| value(reader.optional(fields, key, boolean)).unwrap_or(false);
    Some(Runner {
        description: description?.value,
        program: program?,
        ai: flag(reader, "ai"),
        install: value(reader.optional(fields, "install", filled_text)),
        login: read_login(reader, fields),
        version: value(reader.optional(fields, "version", texts)),
        cwd: value(reader.optional(fields, "cwd", word(&places))).unwrap_or_default(),
        prompt: prompt?.value,
        stream,
        events: events::read(reader, fields, stream),
        stall_timeout_ms: value(reader.optional(fields, "stall_timeout", time)),
        report: value(reader.optional(fields, "report", word(&reports))).unwrap_or(ReportSource::File),
        answer: read_answer(reader, fields),
        unconfined: flag(reader, "unconfined"),
        static_only: flag(reader, "static_only"),
        arguments: read_arguments(reader, fields),
        tools: read_tools(reader, fields),
        report_tool: value(reader.optional(fields, "report_tool", filled_text)),
        models: value(reader.optional(fields, "models", text_table)).unwrap_or_default(),
        set_env: value(reader.optional(fields, "set_env", variables)).unwrap_or_default(),
        pass_env: value(reader.optional(fields, "pass_env", variable_names)).unwrap_or_default(),
        providers: parts::read_providers(reader, fields),
        not_confined: value(reader.optional(fields, "not_confined", texts)).unwrap_or_default(),
        endings: parts::read_endings(reader, fields),
        files: parts::read_files(reader, fields),
        links: parts::read_links(reader, fields),
        chat: value(reader.optional(fields, "chat", words)).unwrap_or_default(),
    })
}

fn value<T>(found: Option<Found<T>>) -> Option<T> {
    found.map(|found| found.value)
}

fn read_program(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Program> {
    let program = reader.optional(fields, "program", filled_text);
    let from = reader.optional(fields, "program_from", word(&[("command", ())]));
    let siblings = fields.node("subagents").map(|node| read_siblings(reader, node));
    match (program, from, siblings) {
        (Some(program), None, None) => Some(Program::OnPath(program.value)),
        (None, Some(_), None) => Some(Program::Command),
        (None, None, Some(siblings)) => Some(Program::Siblings(siblings)),
        _ => {
            let message = "the runner needs one of 'program', 'program_from' and 'subagents'";
            reader.problem(fields.at, message);
            None
        }
    }
}

fn read_siblings(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<Name, Sibling> {
    let mut out = BTreeMap::new();
    let Some(fields) = reader.table(node, "'subagents'") else {
        return out;
    };
    for entry in fields.entries {
        let what = format!("subagent '{}'", base::text::visible(&entry.key));
        let Some(inner) = reader.table(&entry.node, what) else {
            continue;
        };
        reader.known(&inner, &["program", "words"]);
        let program = reader.required(&inner, "program", filled_text);
        let words = reader.required(&inner, "words", words);
        match entry.key.parse::<Name>() {
            Ok(name) => {
                if let (Some(program), Some(words)) = (program, words) {
                    let (program, words) = (program.value, words.value);
                    out.insert(name, Sibling { program, words });
                }
            }
            Err(error) => reader.problem(entry.key_at, error.to_string()),
        }
    }
    out
}

fn read_login(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Login> {
    let login = reader.table(fields.node("login")?, "'login'")?;
    reader.known(&login, &["env", "files", "hint"]);
    let hint = reader.required(&login, "hint", filled_text);
    Some(Login {
        env: value(reader.optional(&login, "env", texts)).unwrap_or_default(),
        files: value(reader.optional(&login, "files", texts)).unwrap_or_default(),
        hint: hint?.value,
    })
}

fn read_answer(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Answer> {
    let answer = reader.table(fields.node("answer")?, "'answer'")?;
    reader.known(&answer, &["by", "since"]);
    let ways = [("tool", AnswerBy::Tool), ("message", AnswerBy::Message), ("fence", AnswerBy::Fence)];
    let by = reader.required(&answer, "by", word(&ways));
    let since = value(reader.optional(&answer, "since", parsed));
    Some(Answer { by: by?.value, since })
}

fn read_arguments(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Argument> {
    let Some(node) = fields.node("arguments") else {
        return Vec::new();
    };
    let Value::List(items) = &node.value else {
        reader.problem(node.at, "'arguments': write [[arguments]] with words = […]");
        return Vec::new();
    };
    let whens = [
        ("model", When::Model),
        ("tools", When::Tools),
        ("budget", When::Budget),
        ("reports-outside", When::ReportsOutside),
        ("schema", When::Schema),
        ("fresh", When::Fresh),
        ("resumed", When::Resumed),
        ("confined", When::Confined),
        ("skip-permissions", When::SkipPermissions),
    ];
    let mut out = Vec::new();
    for item in items {
        let Some(inner) = reader.table(item, "'arguments'") else {
            continue;
        };
        reader.known(&inner, &["words", "when", "since", "before"]);
        let argument = Argument {
            words: value(reader.required(&inner, "words", words)).unwrap_or_default(),
            when: value(reader.optional(&inner, "when", word(&whens))),
            since: value(reader.optional(&inner, "since", parsed)),
            before: value(reader.optional(&inner, "before", parsed)),
        };
        out.push(argument);
    }
    out
}

fn read_tools(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<BTreeMap<String, Tool>> {
    let tools = reader.table(fields.node("tools")?, "'tools'")?;
    let mut out = BTreeMap::new();
    for entry in tools.entries {
        let what = format!("tool '{}'", base::text::visible(&entry.key));
        let Some(inner) = reader.table(&entry.node, what) else {
            continue;
        };
        reader.known(&inner, &["offer", "allow", "whole"]);
        let tool = Tool {
            offer: value(reader.optional(&inner, "offer", filled_text)).unwrap_or_else(|| entry.key.clone()),
            allow: value(reader.optional(&inner, "allow", boolean)).unwrap_or(false),
            whole: value(reader.optional(&inner, "whole", boolean)).unwrap_or(false),
        };
        out.insert(entry.key.clone(), tool);
    }
    Some(out)
}

/// Words of a runner file; unlike the words of a user's command they may hold
/// no braces but placeholders, so a misspelt one is seen.
fn words(value: &Value) -> Result<Vec<String>, String> {
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

#[cfg(test)]
mod tests;
