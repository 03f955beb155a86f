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
mod read;
mod resolve;

use std::collections::BTreeMap;

use base::ids::Name;
use base::version::Version;
use protocol::plan::{
    AnswerBy, ConfigFile, Cwd, EndingRule, EventRule, PromptDelivery, ReportSource, Stream,
};

pub(crate) use choice::choice;
pub use choice::{BadChoice, Choice};
#[cfg(test)]
pub(crate) use read::documented_keys;
pub use read::read;
pub(crate) use resolve::{AgentRequest, Probe, granted_tools, model_argument, program_name, resolve};

/// The JSON Schema of runner files, for editors; tested against the keys read here.
pub const SCHEMA: &str = include_str!("../../../docs/runner.schema.json");

/// The built-in AI runners, in the order in which they are looked for.
pub(crate) const PREFERENCE: [&str; 7] = ["claude", "codex", "gemini", "opencode", "copilot", "qwen", "pi"];
/// The runner of the static rules.
pub const BUILTIN: &str = "builtin";
pub(crate) const COMMAND: &str = "command";

/// A runner file.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
#[derive(Debug, Clone, PartialEq)]
pub struct Runner {
    pub description: String,
    pub program: Program,
    /// It asks a model: installed and logged in matter, and it costs money.
    pub ai: bool,
    /// It may be taken where nobody asks for a runner.
    pub(crate) automatic: bool,
    /// What to do when it is not installed.
    pub install: Option<String>,
    pub login: Option<Login>,
    /// Arguments that make it print its version.
    pub version: Option<Vec<String>>,
    pub cwd: Cwd,
    pub(crate) prompt: PromptDelivery,
    pub(crate) stream: Stream,
    /// How a stream of JSON lines is read.
    pub(crate) events: Vec<EventRule>,
    /// How long it may be silent where nobody says otherwise, in milliseconds.
    pub(crate) stall_timeout_ms: Option<u64>,
    pub(crate) report: ReportSource,
    /// How findings are asked for as data.
    pub(crate) answer: Option<Answer>,
    pub unconfined: bool,
    /// What it cannot confine, for people.
    pub not_confined: Vec<String>,
    pub(crate) static_only: bool,
    /// It needs one.
    pub(crate) network: bool,
    pub(crate) arguments: Vec<Argument>,
    /// Names in agent files → the CLI's tools. Without it tools are not mapped.
    pub(crate) tools: Option<BTreeMap<String, Tool>>,
    /// The tool it writes its report with; always offered.
    pub report_tool: Option<String>,
    /// Names in agent files → the CLI's models; others are handed on as they are.
    pub models: BTreeMap<String, String>,
    /// The version of its CLI that these models were last compared with.
    pub models_of: Option<Version>,
    pub(crate) set_env: BTreeMap<String, String>,
    pub(crate) pass_env: Vec<String>,
    /// Services its model may be at, each with variables of its own.
    pub(crate) providers: Vec<Provider>,
    /// How its bad ends are told apart; the first that fits counts.
    pub(crate) endings: Vec<EndingRule>,
    /// Files of its own configuration directory.
    pub(crate) files: Vec<ConfigFile>,
    /// Links in there to files of the user.
    pub(crate) links: BTreeMap<String, Vec<String>>,
    /// Arguments that open the conversation `{session}` for a person.
    pub(crate) chat: Vec<String>,
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

/// One of them, and the words it is called with.
#[derive(Debug, Clone, PartialEq)]
pub struct Sibling {
    pub program: String,
    pub words: Vec<String>,
}

/// What "looks logged in" means. No file is read, no service is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    /// One of these variables is set …
    pub(crate) env: Vec<String>,
    /// … or one of these files is there; `~` and `$NAME` begin a path.
    pub(crate) files: Vec<String>,
    /// What says which service that is for; a sandbox has a copy of it as well.
    pub(crate) with: Vec<String>,
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
pub(crate) struct Provider {
    /// The variable: set, and neither empty nor `0` nor `false`.
    pub switch: String,
    /// Variables handed on only then.
    pub pass: Vec<String>,
    /// What it does not work without: each a list of variables of which one is enough.
    pub needs: Vec<Vec<String>>,
}

/// Words that belong together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Argument {
    pub words: Vec<String>,
    pub when: Option<When>,
    pub since: Option<Version>,
    pub before: Option<Version>,
}

/// What an argument is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
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
pub(crate) struct Tool {
    pub offer: String,
    /// It must be allowed by name as well.
    pub allow: bool,
    /// It cannot be given in part: `Bash(git log:*)` is not given at all.
    pub whole: bool,
}

#[cfg(test)]
mod tests;
