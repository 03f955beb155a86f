//! One reviewer's answer as data (`docs/findings.md` has its JSON).

use std::collections::BTreeSet;

use base::encoded_path::EncodedPath;
use base::text;
use serde::{Deserialize, Serialize};

use crate::severity::Severity;

/// The word in `format` by which a file of findings is told from other JSON.
pub(crate) const FORMAT: &str = "convoy-findings";
/// The version this build writes. Readers refuse a newer one.
pub(crate) const VERSION: u32 = 1;

/// What one reviewer found, and what it read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub format: String,
    pub version: u32,
    /// Whom the findings are credited to: `security`.
    pub reviewer: String,
    pub scope: Scope,
    pub findings: Vec<Finding>,
    /// How many findings the reviewer says there are. Other than the length of
    /// `findings`: the answer is not whole.
    pub total: usize,
    /// What a reader has to know besides, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
    /// What comments in the code silence; only of programs.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub silenced: Vec<Silenced>,
}

/// A finding that a comment in the code silences.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Silenced {
    pub file: EncodedPath,
    /// From 1.
    pub line: u32,
    pub rule: String,
}

impl Document {
    /// An answer with these findings, whole.
    pub fn new(reviewer: impl Into<String>, scope: Scope, findings: Vec<Finding>) -> Self {
        Document {
            format: FORMAT.to_owned(),
            version: VERSION,
            reviewer: reviewer.into(),
            scope,
            total: findings.len(),
            findings,
            notes: Vec::new(),
            silenced: Vec::new(),
        }
    }

    /// Are all findings there that the reviewer says there are?
    pub fn is_whole(&self) -> bool {
        self.total == self.findings.len()
    }
}

/// Which files were to be read and which were. Paths are relative to the project.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The files the reviewer was given.
    pub given: Vec<EncodedPath>,
    /// Of these, the ones that were read.
    pub read: Vec<EncodedPath>,
    /// Of these, the ones that were not. `read` and `notRead` together are `given`.
    pub not_read: Vec<NotRead>,
    /// How `read` is known.
    pub basis: Basis,
}

impl Scope {
    /// What does not add up: a file that was given and is neither read nor not read,
    /// or that is both, or that nobody gave. `None`: `read` and `notRead` are `given`.
    pub fn contradiction(&self) -> Option<String> {
        let given: BTreeSet<&EncodedPath> = self.given.iter().collect();
        let read: BTreeSet<&EncodedPath> = self.read.iter().collect();
        let not_read: BTreeSet<&EncodedPath> = self.not_read.iter().map(|one| &one.file).collect();
        let told = |file: &EncodedPath, what: &str| Some(format!("{} {what}", text::path(file.as_path())));
        if let Some(file) = given.iter().find(|file| !read.contains(*file) && !not_read.contains(*file)) {
            return told(file, "was given and is neither among the files read nor among those not read");
        }
        if let Some(file) = read.intersection(&not_read).next() {
            return told(file, "is among the files read and among those not read");
        }
        let stray = read.union(&not_read).find(|file| !given.contains(*file));
        stray.and_then(|file| told(file, "was not given"))
    }
}

/// How it is known what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// The program that wrote this opened the files itself.
    Opened,
    /// From the tool calls in the agent's stream.
    ToolCalls,
    /// The reviewer says so, and nothing can show it.
    #[default]
    Claimed,
}

/// A file that was given and not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NotRead {
    pub file: EncodedPath,
    /// A clause: `binary`, `larger than 1 MB`, `no language known`, `denied`, `never opened`.
    pub why: String,
}

/// One defect.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Finding {
    /// One sentence: what is wrong.
    pub title: String,
    pub severity: Severity,
    /// 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// What it is a matter of: `security`, `correctness`, `performance`. Absent:
    /// the reviewer's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The rule that fired; only of programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Numbers of the Common Weakness Enumeration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cwe: Vec<u32>,
    /// The first is the main one. None: it is about the project.
    pub locations: Vec<Location>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// Code to put in place of the lines of the first location.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// The way of a value from where it comes from to the first location.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace: Vec<Step>,
    /// Has the change made it? Only of programs that looked at the base as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// The sentence of the issue or pull request that is not met, as the reviewer quotes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirement: Option<String>,
}

/// One step of how a value came to where it does harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub file: EncodedPath,
    /// From 1.
    pub line: u32,
    /// The code.
    pub text: String,
}

/// A place in the reviewed project. Lines and columns count from 1; a span holds both ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub file: EncodedPath,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<u32>,
    /// The function, class or other item around it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub symbol: Option<String>,
    /// The code as it stands there; by it a place that is off is moved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quote: Option<String>,
}
