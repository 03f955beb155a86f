//! The convoy's state: `convoys/<id>.json`, the only place a status is read from.
//!
//! Written by whoever holds `<id>.lock`, always through [`crate::store`] and,
//! but for creation, always the result of `step`. Fields a newer
//! program of the same schema added are kept.

use std::collections::BTreeMap;

use base::clock::Moment;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use base::ids::{ConvoyId, Name, Role};

use base::encoded_path::EncodedPath;

use crate::agent::Agent;

/// The newest schema this program reads and the one it writes.
pub const SCHEMA_VERSION: u64 = 1;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    pub schema_version: u64,
    pub id: ConvoyId,
    pub template: Name,
    pub status: ConvoyStatus,
    /// Why it ended other than completed, where one word says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    pub started_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    pub output_dir: EncodedPath,
    pub context: Context,
    /// The host whose processes these are; others do not schedule it.
    pub host: String,
    /// Counts the writes.
    pub revision: u64,
    /// A stop was asked for and is being carried out (P7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopping>,
    /// How long the convoy has been running, across reboots.
    pub clock: Clock,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// What came of its stages, in the order in which it was decided on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expansions: Vec<Expanded>,
    /// What all ended attempts have used together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    pub agents: Vec<Agent>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConvoyStatus {
    Running,
    Completed,
    Failed,
    Partial,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AgentStatus {
    Pending,
    Running,
    Completed,
    Failed,
}

/// What other programs want to know of the inputs; the plan has the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Context {
    pub project_path: EncodedPath,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_id: Option<String>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A stop under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stopping {
    pub since: Moment,
    pub grace_ms: u64,
}

/// Running time so far: `elapsed_ms` up to `at`, and what has passed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Clock {
    pub at: Moment,
    pub elapsed_ms: u64,
    /// Of this, parked on rate limits; not counted against the time limit.
    #[serde(default, skip_serializing_if = "is_zero64")]
    pub parked_ms: u64,
    /// Of this, with nothing at work but the queue of an executor; nor is that counted.
    #[serde(default, skip_serializing_if = "is_zero64")]
    pub queued_ms: u64,
}

/// The last script-side merge: the `k`-th, made from these attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merge {
    pub k: u32,
    pub of: BTreeMap<Role, u32>,
    pub status: MergeStatus,
    /// Times it was tried and failed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Findings by severity, duplicates merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<BTreeMap<String, u64>>,
}

/// Agents of a stage, made from these attempts ([`crate::expansion`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Expanded {
    /// The stage.
    pub role: Role,
    pub of: BTreeMap<Role, u32>,
    /// The merge it is made from, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<u32>,
    /// What the budget will do for, where that was to be asked and could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Paid>,
    pub status: ExpandedStatus,
    /// How many agents came of it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub agents: u32,
    /// What people should know of it, or why there is none: a clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// So many more agents a budget will do for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    pub agents: u32,
    /// What that was told by: a clause.
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpandedStatus {
    /// Intended; whoever schedules makes it.
    Due,
    Done,
    /// What it is to be made from cannot be taken.
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MergeStatus {
    /// Intended; whoever schedules runs it.
    Due,
    Done,
    Failed,
}

/// Why an agent failed, an attempt ended, or a convoy was cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The command ended with a code other than 0.
    ExitCode,
    /// A signal that nobody here sent ended the command.
    Signal,
    /// The command could not be started.
    Spawn,
    /// It ended well and left no report.
    NoReport,
    EmptyReport,
    /// It ended well and left no report, because writing it was not allowed.
    Denied,
    /// The report is no regular file of the attempt, or could not be kept whole.
    BadReport,
    /// `convoy-merge` found neither findings nor a clean review in it.
    Unrecognised,
    /// The report could not be published.
    Publish,
    /// The project directory is gone, or another one has its name.
    ProjectGone,
    Timeout,
    /// No sign of life on its event stream.
    Stalled,
    RateLimit,
    Auth,
    ContextOverflow,
    Refusal,
    TurnLimit,
    OutputLimit,
    Budget,
    /// The credit of its login is used up.
    Credit,
    /// The service has too much to do.
    Overload,
    /// Its event stream ended without its end.
    Cut,
    /// The CLI reported an error of its service.
    ApiError,
    /// A person closed its session.
    SessionClosed,
    Stopped,
    /// What it depends on did not complete.
    Dependencies,
    /// The items of a stage could not be taken from what it is made from.
    Items,
    /// Its launches were never answered.
    Launch,
    /// Its supervisor was lost, too often.
    Lost,
}

/// What proves a completed attempt (P8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    pub size: u64,
    pub sha256: String,
    pub device: u64,
    pub inode: u64,
    pub source: EvidenceSource,
    /// For reviews: what `convoy-merge` recognised, findings by severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub findings: Option<BTreeMap<String, u64>>,
    /// For reviews: the documented format was read to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    /// For reviews: was it read as data or as prose?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_from: Option<ReadFrom>,
    /// For reviews: how many of the files it was given it read …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
    /// … and how many it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<u64>,
    /// Tools that reading needs and that were denied to it: `Read src/a.ts`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<String>,
}

/// How a review was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReadFrom {
    /// A document of findings, checked.
    Data,
    /// Words, by `convoy-merge`.
    Prose,
}

/// Where the report came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EvidenceSource {
    File,
    FinalMessage,
    Stdout,
}

/// Tokens and cost, as the CLI's stream told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The cached ones included.
    #[serde(default)]
    pub input_tokens: u64,
    #[serde(default, skip_serializing_if = "is_zero64")]
    pub cached_input_tokens: u64,
    #[serde(default)]
    pub output_tokens: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
    /// The cost is not the CLI's own figure: tokens times the price table.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cost_estimated: bool,
}

impl Usage {
    pub fn tokens(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }

    #[must_use]
    pub fn plus(self, more: Usage) -> Usage {
        Usage {
            input_tokens: self.input_tokens + more.input_tokens,
            cached_input_tokens: self.cached_input_tokens + more.cached_input_tokens,
            output_tokens: self.output_tokens + more.output_tokens,
            cost_usd: match (self.cost_usd, more.cost_usd) {
                (None, None) => None,
                (a, b) => Some(a.unwrap_or(0.0) + b.unwrap_or(0.0)),
            },
            cost_estimated: self.cost_estimated || more.cost_estimated,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(crate) fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero64(n: &u64) -> bool {
    *n == 0
}

impl State {
    pub fn agent(&self, role: &Role) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.role == *role)
    }

    pub fn index_of(&self, role: &Role) -> Option<usize> {
        self.agents.iter().position(|agent| agent.role == *role)
    }

    pub fn ended(&self) -> bool {
        self.status != ConvoyStatus::Running
    }
}
