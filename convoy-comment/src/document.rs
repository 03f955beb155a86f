//! What is published: merged findings and what follows from them, as
//! `convoy-merge --format json` writes them.

use findings::Severity;
use findings::changed::GateOn;
use findings::merged::{Finding, Location};
use findings::verdict::Verdict;
use serde::Deserialize;

/// The newest version this build reads.
const VERSION: u64 = 1;

/// Merged findings, with what a comment tells of them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Document {
    pub(crate) schema_version: u64,
    pub(crate) findings: Vec<Told>,
    #[serde(default)]
    pub(crate) settled: Vec<Told>,
    #[serde(default)]
    pub(crate) carried: Vec<Told>,
    #[serde(default)]
    pub(crate) closed: Vec<Told>,
    #[serde(default)]
    pub(crate) verdict: Judged,
    #[serde(default)]
    pub(crate) inputs: Vec<Input>,
    /// Sentences about the whole review, the most important first; of `convoy-review`.
    #[serde(default)]
    pub(crate) notes: Option<String>,
}

/// One report, and how much its reviewer has read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Input {
    #[serde(default)]
    pub(crate) reviewer: String,
    #[serde(default)]
    pub(crate) files_read: Option<u64>,
    #[serde(default)]
    pub(crate) files_given: Option<u64>,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// What follows from the findings. Where nobody has judged them: no verdict.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) gate: Severity,
    pub(crate) gate_on: GateOn,
    pub(crate) blocking: u64,
    /// Why there is no verdict.
    pub(crate) obstacles: Vec<String>,
}

impl Default for Judged {
    fn default() -> Self {
        Judged {
            verdict: Verdict::Commented,
            gate: Severity::High,
            gate_on: GateOn::All,
            blocking: 0,
            obstacles: vec!["the findings came without one".to_owned()],
        }
    }
}

/// A finding, and its words.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Told {
    #[serde(flatten)]
    pub(crate) finding: Finding,
    #[serde(default)]
    fix: Option<String>,
    /// Code to put in place of the lines of its first location.
    #[serde(default)]
    pub(crate) suggestion: Option<String>,
    #[serde(default)]
    members: Vec<Member>,
}

/// The words of one reviewer.
#[derive(Debug, Clone, Default, Deserialize)]
struct Member {
    #[serde(default)]
    body: String,
}

impl Told {
    /// The place it is about, if that is a file.
    pub(crate) fn location(&self) -> Option<&Location> {
        self.finding.locations.first()
    }

    /// The file as the services name it, and its first and last line; `None` where it
    /// names none, or none that is there.
    pub(crate) fn lines(&self) -> Option<(&str, u32, u32)> {
        let location = self.location()?;
        if location.placed.as_deref() == Some("unplaced") {
            return None;
        }
        let (from, file) = (location.line_start?, location.file.as_path().to_str()?);
        Some((file, from, location.line_end.unwrap_or(from).max(from)))
    }

    /// What its first reviewer says of it.
    pub(crate) fn words(&self) -> &str {
        let said = self.members.iter().map(|member| member.body.trim()).find(|body| !body.is_empty());
        said.or(self.fix.as_deref()).unwrap_or_default()
    }

    /// Was it there before the change under review?
    pub(crate) fn is_old(&self) -> bool {
        self.finding.new == Some(false)
    }
}

impl Document {
    /// Reads it; a newer version is not guessed at.
    pub(crate) fn read(json: &[u8]) -> Result<Self, String> {
        let document: Document = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        match document.schema_version {
            1..=VERSION => Ok(document),
            other => Err(format!("it is of version {other}, this program reads {VERSION}")),
        }
    }

    /// What is open, the most severe first.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Told> {
        self.findings.iter().chain(&self.carried).filter(|told| told.finding.stands())
    }

    /// What was found before and is known to be settled: fixed, gone, dismissed.
    pub(crate) fn ended(&self) -> impl Iterator<Item = &Finding> {
        let here = self.findings.iter().chain(&self.carried).filter(|told| !told.finding.stands());
        self.closed.iter().chain(&self.settled).chain(here).map(|told| &told.finding)
    }

    /// Do those who found them remember earlier reviews, so that what nobody tells of
    /// any more is gone and not only forgotten?
    pub(crate) fn remembers(&self) -> bool {
        let history = |told: &Told| told.finding.history.is_some();
        !self.carried.is_empty() || !self.closed.is_empty() || self.findings.iter().any(history)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_verdict_there_is_none() {
        let document = Document::read(br#"{"schemaVersion":1,"findings":[]}"#).unwrap();
        assert_eq!(document.verdict.verdict, Verdict::Commented);
        assert!(!document.verdict.obstacles.is_empty());
    }

    #[test]
    fn a_newer_version_is_not_guessed_at() {
        assert!(Document::read(br#"{"schemaVersion":2,"findings":[]}"#).unwrap_err().contains("version 2"));
        assert!(Document::read(br#"{"format":"convoy-findings","version":1}"#).is_err());
    }
}
