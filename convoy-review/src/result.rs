//! The result of a review: what `--json` prints (`docs/convoy-review.md`).

use std::collections::BTreeMap;

use base::encoded_path::EncodedPath;
use base::exit::Exit;
use base::ids::{ConvoyId, Name, Role};
use findings::changed::GateOn;
use findings::document::Basis;
use findings::verdict::Verdict;
use findings::{NotRead, Severity};
use protocol::state::{AgentStatus, ReadFrom};
use serde::Serialize;

/// The word where there is no verdict because there is no change.
pub(crate) const NOTHING_TO_REVIEW: &str = "NOTHING_TO_REVIEW";

/// The result where git shows no change; there is no convoy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Nothing {
    schema_version: u64,
    success: bool,
    review_result: &'static str,
    files_reviewed: u64,
    notes: &'static str,
}

impl Default for Nothing {
    fn default() -> Self {
        Nothing {
            schema_version: 1,
            success: true,
            review_result: NOTHING_TO_REVIEW,
            files_reviewed: 0,
            notes: "git shows no change: nothing was read.",
        }
    }
}

/// One reviewer, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) role: Role,
    pub(crate) status: AgentStatus,
    pub(crate) runner: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// Nothing but rules: no AI has looked.
    pub(crate) static_only: bool,
    /// The published report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<EncodedPath>,
    /// Was it read as data or as prose?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) read_from: Option<ReadFrom>,
    /// Findings by severity, before duplicates are joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<BTreeMap<String, u64>>,
    /// Files it has read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files_reviewed: Option<u64>,
    /// Files it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files_given: Option<u64>,
    /// How it is known what it has read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) basis: Option<Basis>,
    /// Files it was given and has not read, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) not_read: Vec<NotRead>,
    /// What it was not allowed to read with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) denied: Vec<String>,
}

/// A review that is not there, or cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Missing {
    pub(crate) role: Role,
    pub(crate) why: String,
}

/// The whole result.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    pub(crate) schema_version: u64,
    /// Every reviewer left a complete report, in time.
    pub(crate) success: bool,
    pub(crate) review_result: Verdict,
    pub(crate) gate: Severity,
    pub(crate) gate_on: GateOn,
    pub(crate) static_only: bool,
    pub(crate) timed_out: bool,
    /// Files that every reviewer has read.
    pub(crate) files_reviewed: u64,
    /// Files under review.
    pub(crate) files_given: u64,
    pub(crate) security_issues: u64,
    pub(crate) performance_issues: u64,
    /// Sentences for people, most important first.
    pub(crate) notes: String,
    /// The final report's text; empty if there is none.
    pub(crate) output: String,
    pub(crate) convoy_id: ConvoyId,
    /// Findings that stand, by severity, duplicates joined.
    pub(crate) counts: BTreeMap<String, u64>,
    /// Of the findings that stand, those the gate looks at and those that were there
    /// before the change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new_findings: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) old_findings: Option<u64>,
    pub(crate) reports: Vec<Report>,
    pub(crate) missing: Vec<Missing>,
}

impl Outcome {
    pub(crate) fn exit(&self) -> Exit {
        match self.review_result {
            _ if self.timed_out => Exit::TimedOut,
            Verdict::Approved => Exit::Done,
            Verdict::Commented => Exit::Partial,
            Verdict::ChangesRequested => Exit::No,
        }
    }
}
