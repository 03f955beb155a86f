//! How an agent is and how an attempt ends: its status, the reason why it failed,
//! what proves that it did not, and what it used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How an agent is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AgentStatus {
    Pending,
    Running,
    Completed,
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
    /// Input and output together.
    pub fn tokens(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }

    /// Both together; a cost that only one has is that one's.
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
pub(crate) fn is_zero64(n: &u64) -> bool {
    *n == 0
}
