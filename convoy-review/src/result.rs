//! The result of a review: what `--json` prints (`docs/convoy-review.md`).

use std::collections::BTreeMap;

use base::encoded_path::EncodedPath;
use base::exit::Exit;
use base::ids::{ConvoyId, Name, Role};
use decisions::look::Unchanged;
use findings::Basis;
use findings::changed::GateOn;
use findings::merged::Finding;
use findings::requirement::Looked;
use findings::verdict::Verdict;
use findings::{NotRead, Severity};
use protocol::agent::Handover;
use protocol::outcome::{AgentStatus, ReadFrom};
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
    notes: String,
}

/// Why there is nothing to review, where git says so.
pub(crate) const NO_CHANGE: &str = "git shows no change: nothing was read";

impl Nothing {
    pub(crate) fn new(why: &str) -> Self {
        Nothing {
            schema_version: 1,
            success: true,
            review_result: NOTHING_TO_REVIEW,
            files_reviewed: 0,
            notes: format!("{why}."),
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
    /// From whom of its chain to whom it came, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) handovers: Vec<Handover>,
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
    /// Whether the change does what was asked for; absent: there is nobody who could look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) requirements: Option<Looked>,
}

impl Outcome {
    /// Where nothing has changed since the last look, and something stands in the way: the
    /// result of that look with what is open now.
    pub(crate) fn of_last_look(last: &Unchanged, gate: Severity, open: &[&Finding], notes: String) -> Self {
        let mut counts = BTreeMap::new();
        for finding in open {
            *counts.entry(finding.severity.name().to_owned()).or_insert(0) += 1;
        }
        let about = |kind: &str| {
            let of_kind = |finding: &&&Finding| {
                finding.reviewers.iter().any(|reviewer| reviewer == kind)
                    || finding.category.as_deref().is_some_and(|text| text.to_lowercase().contains(kind))
            };
            open.iter().filter(of_kind).count() as u64
        };
        let old = open.iter().filter(|finding| finding.new == Some(false)).count() as u64;
        Outcome {
            schema_version: 1,
            success: true,
            review_result: Verdict::ChangesRequested,
            gate,
            gate_on: last.gate.on,
            static_only: last.static_only,
            timed_out: false,
            files_reviewed: 0,
            files_given: 0,
            security_issues: about("security"),
            performance_issues: about("performance"),
            notes,
            output: String::new(),
            convoy_id: last.convoy.clone(),
            counts,
            new_findings: last.place.change.then_some(open.len() as u64 - old),
            old_findings: last.place.change.then_some(old),
            reports: Vec::new(),
            missing: Vec::new(),
            requirements: None,
        }
    }

    /// One more sentence for people.
    pub(crate) fn add_note(&mut self, sentence: &str) {
        if !self.notes.is_empty() {
            self.notes.push(' ');
        }
        self.notes.push_str(sentence);
        self.notes.push('.');
    }

    pub(crate) fn exit(&self) -> Exit {
        match self.review_result {
            _ if self.timed_out => Exit::TimedOut,
            Verdict::Approved => Exit::Done,
            Verdict::Commented => Exit::Partial,
            Verdict::ChangesRequested => Exit::No,
        }
    }
}
