//! What the convoy runtime knows about a merge: `--meta FILE`, and where
//! `--convoy ID` finds that file.

use std::path::PathBuf;

use base::encoded_path::EncodedPath;
use base::{IoContext, files};
use findings::Severity;
use findings::changed::{Changed, GateOn};
use findings::requirement::Asked;
use protocol::layout::Home;
use protocol::{convoys, store};
use serde::Deserialize;

/// The file the runtime writes beside a convoy.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    pub title: Option<String>,
    /// What kind of run it is to viewers that keep several apart.
    pub category: Option<String>,
    /// The file of the same findings as JSON, beside the report.
    pub data: Option<String>,
    /// From the start until the last reviewer had ended.
    pub seconds: Option<u64>,
    pub project: Option<String>,
    /// How many files were given to the reviewers.
    pub files_reviewed: Option<u64>,
    pub static_only: bool,
    /// What the report is held against; the command line goes before it.
    pub gate: Option<Severity>,
    pub gate_on: Option<GateOn>,
    /// The lines of the change, where there is one.
    pub changed: Option<Vec<Changed>>,
    /// The file that says what was known of the project's findings (`decisions::Snapshot`).
    pub known: Option<EncodedPath>,
    pub reviewers: Vec<Reviewer>,
    /// What was asked for, and who holds the change against it; nothing, where nobody could.
    pub requirements: Option<Requirements>,
    /// The second look at the findings, where there was to be one.
    pub verification: Option<Verification>,
}

/// What the runtime knows of what was asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Requirements {
    /// The texts.
    pub asked: Vec<Asked>,
    /// Who holds the change against them: names of reviewers.
    pub by: Vec<String>,
    /// Why nobody does.
    pub why: Option<String>,
}

/// What the runtime knows of the second look; there is none where nobody was to look.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Verification {
    /// Files of verifiers that completed (`findings::second_look::Looks`).
    pub looks: Vec<EncodedPath>,
    /// Findings that were to be looked at and were not, and why.
    pub missed: Vec<Missed>,
    /// Why others at the gate have no look.
    pub others: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Missed {
    pub mark: String,
    pub why: String,
}

/// One reviewer of the convoy, whatever became of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reviewer {
    pub role: String,
    pub reviewer: Option<String>,
    pub state: String,
    pub runner: Option<String>,
    /// Whom that one stands in for: `in place of claude, which is limited`.
    pub in_place_of: Option<String>,
    pub model: Option<String>,
    pub reason: Option<String>,
    /// What it cost, all attempts together; absent: it does not tell.
    pub cost_usd: Option<f64>,
    /// Its report.
    pub path: Option<String>,
    /// Its findings as data; they are read instead of the report.
    pub findings: Option<String>,
    /// What it read (`findings::Scope`), where its report does not say it.
    pub scope: Option<String>,
    /// Tools that reading needs and that were denied to it.
    pub denied: Vec<String>,
}

impl Reviewer {
    /// The name findings are credited to.
    pub fn name(&self) -> &str {
        self.reviewer.as_deref().unwrap_or(&self.role)
    }

    pub fn completed(&self) -> bool {
        self.state == "completed"
    }

    /// The file that is merged.
    pub fn input(&self) -> Option<&str> {
        self.findings.as_deref().or(self.path.as_deref())
    }

    /// Is this one of its files?
    pub fn wrote(&self, path: &str) -> bool {
        [&self.findings, &self.path].into_iter().flatten().any(|own| own == path)
    }
}

impl Meta {
    /// The reviewer whose report or findings lie at `path`.
    pub fn reviewer_of(&self, path: &str) -> Option<&Reviewer> {
        self.reviewers.iter().find(|reviewer| reviewer.wrote(path))
    }
}

/// The meta file of a convoy's newest merge, if it has come to one. `id`: full,
/// or a unique beginning of its last part.
pub fn of_convoy(home: &Home, id: &str) -> base::Result<Option<PathBuf>> {
    let dir = home.convoy(&convoys::resolve(home, id)?);
    let merge = store::read_state(&dir)?.merge;
    let Some(path) = merge.map(|merge| dir.merge_meta(merge.k)) else { return Ok(None) };
    let found = files::find(&path).context("look at", &path)?;
    Ok(found.is_some_and(|found| found.is_file()).then_some(path))
}
