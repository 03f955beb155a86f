//! How an agent's command is run and how what it prints is read: a runner, resolved for one agent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base::encoded_path::EncodedPath;
use base::ids::{Name, Role};
use serde::{Deserialize, Serialize};

use super::Origin;
use crate::layout::ConvoyDir;
use crate::outcome::{Reason, Usage};

/// How an agent's command is run. `program` is absolute; the words of `argv`
/// may hold placeholders, which `convoy-agent` fills in for the attempt:
/// `{prompt_file} {output_file} {output_dir} {project} {model} {tools} {role}
/// {convoy} {attempt} {files_from} {read_dir} {reports_dir} {config_dir} {cwd} {session} {schema} {schema_file}` and `{prompt}` (argv delivery
/// only): [`crate::placeholder`].
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invocation {
    pub runner: Name,
    pub runner_origin: Origin,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// As the runner's CLI calls it, after its alias table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_argument: Option<String>,
    /// As the runner's CLI calls them; `{tools}` is these, joined by commas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// The one it writes its report with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub report_tool: String,
    pub program: EncodedPath,
    /// Arguments after the program.
    pub argv: Vec<String>,
    /// The same for going on with an earlier attempt's conversation
    /// (`{session}`); `None`: every attempt begins from nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume_argv: Option<Vec<String>>,
    /// Arguments that open the conversation `{session}` for a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chat_argv: Vec<String>,
    #[serde(default)]
    pub cwd: Cwd,
    pub prompt: PromptDelivery,
    pub stream: Stream,
    /// How a stream of [`Stream::Jsonl`] is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventRule>,
    pub report_from: ReportSource,
    /// How its findings are asked for as data; `None`: they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerBy>,
    /// The command may read and write whatever its user may.
    pub unconfined: bool,
    /// What the runner could not confine, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_confined: Vec<String>,
    /// The user said by name that permissions are not to be asked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_permissions: bool,
    /// How its bad ends are told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endings: Vec<EndingRule>,
    /// Files of its own configuration directory, `{config_dir}`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<ConfigFile>,
    /// Links in that directory to files of the user (a login): the first that is there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub links: BTreeMap<String, Vec<String>>,
    /// Files of the user that it may be logged in with, and what says where.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub login: Vec<String>,
    /// What its model costs, where the price table knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Nothing but deterministic rules: reports say so.
    #[serde(default)]
    pub static_only: bool,
    /// It works without a network.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub offline: bool,
    /// Variables set for the command.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_env: BTreeMap<String, String>,
    /// Variables handed on from `convoys/<id>/env` besides the basic ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_env: Vec<String>,
}

/// How a reviewer hands in its findings as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AnswerBy {
    /// With a tool of the CLI's own, which checks it by the schema; a call that fits
    /// ends its run.
    Tool,
    /// Its last message is the object, which the service makes fit the schema.
    Message,
    /// One fenced block, or a file: nothing but the prompt asks for it.
    Fence,
}

impl AnswerBy {
    /// Is the CLI told the schema?
    pub fn has_schema(self) -> bool {
        self != AnswerBy::Fence
    }
}

/// Where the command starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Cwd {
    /// In the project; plans and runner files that do not say it mean this.
    #[default]
    Project,
    /// In an empty directory of its own ([`ConvoyDir::cli_cwd`]), so that nothing
    /// in the project is taken for its configuration.
    Own,
}

impl Cwd {
    /// The directory itself, for an agent of this convoy.
    pub fn directory(self, project: &Path, dir: &ConvoyDir, role: &Role) -> PathBuf {
        match self {
            Cwd::Project => project.to_path_buf(),
            Cwd::Own => dir.cli_cwd(role),
        }
    }
}

/// How the prompt reaches the command. Stdin is closed in every case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PromptDelivery {
    Stdin,
    Argv,
    /// By path: `{prompt_file}` or `CONVOY_PROMPT_FILE`.
    File,
}

/// How the command's standard output is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    Plain,
    ClaudeStreamJson,
    CodexJsonl,
    GeminiStreamJson,
    OpencodeJsonl,
    /// Lines of JSON, read by the rules of the runner file ([`Invocation::events`]).
    Jsonl,
}

/// One rule of a stream of JSON lines: which event it is about, what that is, and
/// where its parts are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRule {
    pub is: EventKind,
    /// The `type` of the event; `None`: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// A JSON pointer to a list in the event: the rule is about each of its items, in
    /// which `when` and `at` look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// What is to stand at these JSON pointers: this value, one of a list of values, or
    /// for a text that ends in `*` any text that begins so; null: nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, serde_json::Value>,
    /// The parts of such an event ([`EventKind::parts`]): a JSON pointer, words as they
    /// are (`=shell`), or several of these of which the first that has something counts
    /// (`/result | /errors/0`). `^` before a pointer begins at the event where `each`
    /// begins at the item.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub at: BTreeMap<String, String>,
    /// Of a tool that failed: words in what was said of it, in its code or its output,
    /// that make a denial of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<String>,
    /// Of tokens: which of the figures of a conversation that is gone on with count from
    /// its first run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cumulative: Vec<String>,
    /// Of a bad end: what it is, where the event itself says that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// What an event of a stream can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// It works; tells the conversation.
    Started,
    /// Words of the model: a message, or a part of the one that is named.
    Text,
    /// A piece of its words, to be put together as they come; of a message that is
    /// named, they are void when the request is tried again.
    Piece,
    Tool,
    /// It worked; with an exit code other than 0 it failed, and what it printed was shown
    /// all the same.
    ToolDone,
    ToolFailed,
    /// A tool that was not allowed.
    Denied,
    /// The tool that takes the answer where a schema was asked of it.
    Answer,
    /// The CLI tries a request again.
    Retry,
    /// Tokens: of the step that is named, else of all so far.
    Spent,
    /// A good end.
    Done,
    /// A bad one.
    Failed,
    /// A remark.
    Note,
}

impl EventKind {
    /// What may be looked for in such an event.
    pub fn parts(self) -> &'static [&'static str] {
        match self {
            EventKind::Started => &["session", "model"],
            EventKind::Text | EventKind::Piece => &["text", "message"],
            EventKind::Note => &["text"],
            EventKind::Tool | EventKind::Denied => &["call", "tool", "about", "input"],
            EventKind::ToolDone => &["call", "tool", "input", "exit", "output"],
            EventKind::ToolFailed => &["call", "tool", "input", "said", "code"],
            EventKind::Answer => &["input"],
            EventKind::Retry | EventKind::Failed => &["said", "status", "code", "resets"],
            EventKind::Spent => {
                &["input", "fresh", "cached", "written", "output", "thought", "total", "cost", "step"]
            }
            EventKind::Done => &["text", "answer"],
        }
    }
}

/// A JSON file the CLI reads its configuration from, written for each attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigFile {
    /// Relative to `{config_dir}`.
    pub path: String,
    /// Its texts may hold placeholders.
    pub json: serde_json::Value,
    /// Only where the agent is given this variable. Of several files with one
    /// path the first that fits is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
}

/// One way in which a CLI tells of a bad end: whatever is given here must fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndingRule {
    pub is: Reason,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exit: Vec<i32>,
    /// HTTP status of the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// Any of these, in the error's code or words; upper and lower case are one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub says: Vec<String>,
    /// Where standard error says it, it is the end: the CLI would wait by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_once: bool,
    /// What to do about it, for people; shown behind what the service said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl EndingRule {
    pub fn fits(&self, exit: Option<i32>, status: Option<u16>, said: &str) -> bool {
        let said = said.to_lowercase();
        (self.exit.is_empty() || exit.is_some_and(|exit| self.exit.contains(&exit)))
            && (self.status.is_empty() || status.is_some_and(|status| self.status.contains(&status)))
            && (self.says.is_empty() || self.says.iter().any(|words| said.contains(&words.to_lowercase())))
    }
}

/// US dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Price {
    pub input: f64,
    /// Input that was in the service's cache.
    pub cached: f64,
    pub output: f64,
}

impl Price {
    pub fn of(&self, usage: &Usage) -> f64 {
        let fresh = usage.input_tokens.saturating_sub(usage.cached_input_tokens);
        (fresh as f64 * self.input
            + usage.cached_input_tokens as f64 * self.cached
            + usage.output_tokens as f64 * self.output)
            / 1e6
    }
}

/// What counts as the report when the command wrote no report file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportSource {
    /// Nothing.
    File,
    /// The marked final message of its stream.
    FinalMessage,
    /// The final message in every case: it cannot write files, and is told so.
    Message,
    /// Its standard output.
    Stdout,
}

/// A runner, and the provider of its model (often none).
pub type Credential<'p> = (&'p str, &'p str);

impl Invocation {
    /// What a rate limit holds for: the runner, and the provider where the model
    /// names one. `None`: no service is asked.
    pub fn credential(&self) -> Option<Credential<'_>> {
        let provider = self.model_argument.as_deref().and_then(|model| model.split_once('/'));
        let asks = self.stream != Stream::Plain;
        asks.then(|| (self.runner.as_str(), provider.map_or("", |(provider, _)| provider)))
    }
}
