//! The convoy's state: `convoys/<id>.json`, the only place a status is read from.
//!
//! Written by whoever holds `<id>.lock`, always through [`crate::store`] and,
//! but for creation, always the result of `step`. Fields a newer
//! program of the same schema added are kept.

use std::collections::BTreeMap;

use base::clock::Moment;
use base::style::Mark;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use base::ids::{ConvoyId, Name, Role};

use base::encoded_path::EncodedPath;

use crate::agent::{Agent, Shared};
use crate::outcome::{Reason, Usage, is_zero, is_zero64};

/// The newest schema this program reads and the one it writes.
pub const SCHEMA_VERSION: u64 = 1;

/// The file `convoys/<id>.json`.
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
    pub agents: Vec<Shared>,
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// How a convoy is, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConvoyStatus {
    Running,
    Completed,
    Failed,
    Partial,
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

/// How far the agents of a stage are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpandedStatus {
    /// Intended; whoever schedules makes it.
    Due,
    Done,
    /// What it is to be made from cannot be taken.
    Failed,
}

/// How far a merge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MergeStatus {
    /// Intended; whoever schedules runs it.
    Due,
    Done,
    Failed,
}

impl State {
    /// The agent of this role.
    pub fn agent(&self, role: &Role) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.role == *role).map(AsRef::as_ref)
    }

    /// Its place among the agents, the same as in the plan.
    pub fn index_of(&self, role: &Role) -> Option<usize> {
        self.agents.iter().position(|agent| agent.role == *role)
    }

    /// Is nothing of it to run any more, unless it is retried?
    pub fn ended(&self) -> bool {
        self.status != ConvoyStatus::Running
    }
}

impl From<ConvoyStatus> for Mark {
    fn from(status: ConvoyStatus) -> Self {
        match status {
            ConvoyStatus::Running => Mark::Running,
            ConvoyStatus::Completed => Mark::Completed,
            ConvoyStatus::Failed => Mark::Failed,
            ConvoyStatus::Partial => Mark::Partial,
        }
    }
}
