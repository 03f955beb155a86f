//! The result of a review: what `--json` prints (`docs/convoy-review.md`).

use std::collections::BTreeMap;

use base::exit::Exit;
use base::ids::{ConvoyId, Name, Role};
use base::path_text::PathText;
use protocol::state::AgentStatus;
use serde::{Deserialize, Serialize};

use crate::findings::Severity;

/// The verdict, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ReviewResult {
    Approved,
    /// No verdict: something is missing, incomplete or unreadable.
    Commented,
    ChangesRequested,
}

impl ReviewResult {
    pub(crate) fn of(word: &str) -> Option<Self> {
        [ReviewResult::Approved, ReviewResult::Commented, ReviewResult::ChangesRequested]
            .into_iter()
            .find(|result| result.word() == word)
    }

    /// The word pipelines look for.
    pub(crate) fn word(self) -> &'static str {
        match self {
            ReviewResult::Approved => "APPROVED",
            ReviewResult::Commented => "COMMENTED",
            ReviewResult::ChangesRequested => "CHANGES_REQUESTED",
        }
    }

    pub(crate) fn exit(self) -> Exit {
        match self {
            ReviewResult::Approved => Exit::Done,
            ReviewResult::Commented => Exit::Partial,
            ReviewResult::ChangesRequested => Exit::No,
        }
    }
}

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
    pub(crate) path: Option<PathText>,
    /// Findings by severity, before duplicates are joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) findings: Option<BTreeMap<String, u64>>,
    /// Files it says it has read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) files_reviewed: Option<u64>,
    /// The role in the template: reviewers with a part of the files each share one.
    #[serde(skip)]
    pub(crate) group: Role,
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
    pub(crate) review_result: ReviewResult,
    pub(crate) gate: Severity,
    pub(crate) static_only: bool,
    pub(crate) timed_out: bool,
    pub(crate) files_reviewed: u64,
    pub(crate) security_issues: u64,
    pub(crate) performance_issues: u64,
    /// Sentences for people, most important first.
    pub(crate) notes: String,
    /// The final report's text; empty if there is none.
    pub(crate) output: String,
    pub(crate) convoy_id: ConvoyId,
    /// Findings that stand, by severity, duplicates joined.
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) reports: Vec<Report>,
    pub(crate) missing: Vec<Missing>,
}

impl Outcome {
    pub(crate) fn exit(&self) -> Exit {
        if self.timed_out { Exit::TimedOut } else { self.review_result.exit() }
    }
}
