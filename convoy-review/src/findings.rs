//! The merged findings, as `convoy-merge --format json` writes them
//! (`docs/findings.schema.json`); only what a verdict needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How grave a finding is, least first. Nobody having rated it counts as medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Severity {
    Low,
    Unrated,
    Medium,
    High,
    Critical,
    Blocker,
}

impl Severity {
    /// The gravest first.
    pub(crate) const ALL: [Severity; 6] = [
        Severity::Blocker,
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Unrated,
        Severity::Low,
    ];

    pub(crate) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Severity::Blocker => "blocker",
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Unrated => "unrated",
            Severity::Low => "low",
        }
    }

    /// Does it stand in the way of a merge at this gate?
    pub(crate) fn reaches(self, gate: Severity) -> bool {
        let level = if self == Severity::Unrated { Severity::Medium } else { self };
        level >= gate
    }
}

/// One merged finding.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    #[serde(default)]
    pub(crate) category: Option<String>,
    pub(crate) locations: Vec<Location>,
    pub(crate) reviewers: Vec<String>,
    #[serde(default)]
    pub(crate) withdrawn: bool,
    /// `open`, `resolved` … of `findings.schema.json`.
    #[serde(default)]
    pub(crate) status: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Location {
    pub(crate) file: String,
    #[serde(default)]
    pub(crate) line_start: Option<u64>,
    #[serde(default)]
    pub(crate) line_end: Option<u64>,
}

/// One report that was merged.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Input {
    pub(crate) path: String,
    pub(crate) recognised: String,
    pub(crate) complete: bool,
}

/// All of them.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Merged {
    pub(crate) schema_version: u64,
    pub(crate) inputs: Vec<Input>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) counts: BTreeMap<String, u64>,
}

impl Merged {
    /// Reads the JSON of a merge; a newer schema is not guessed at.
    pub(crate) fn read(json: &[u8]) -> Result<Self, String> {
        let merged: Merged = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if merged.schema_version == 1 { Ok(merged) } else { Err("it is of a newer version".to_owned()) }
    }

    /// Findings that their reviewers stand by and nobody settled, the gravest first.
    pub(crate) fn standing(&self) -> impl Iterator<Item = &Finding> {
        let settled = |status: &str| matches!(status, "resolved" | "false_positive");
        self.findings.iter().filter(move |finding| !finding.withdrawn && !settled(&finding.status))
    }

    pub(crate) fn at_or_above(&self, gate: Severity) -> usize {
        self.standing().filter(|finding| finding.severity.reaches(gate)).count()
    }

    /// Findings of a reviewer, or of its kind by category.
    pub(crate) fn about(&self, kind: &str) -> u64 {
        let of_kind = |finding: &&Finding| {
            finding.reviewers.iter().any(|reviewer| reviewer == kind)
                || finding.category.as_deref().is_some_and(|text| text.to_lowercase().contains(kind))
        };
        self.standing().filter(of_kind).count() as u64
    }
}

impl Finding {
    /// `src/a.ts:4-9`, or `project`.
    pub(crate) fn place(&self) -> String {
        let Some(location) = self.locations.first() else { return "project".to_owned() };
        let file = base::text::visible(&location.file);
        match (location.line_start, location.line_end) {
            (Some(from), Some(to)) if to > from => format!("{file}:{from}-{to}"),
            (Some(from), _) => format!("{file}:{from}"),
            (None, _) => file,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_counts_what_nobody_rated_as_medium() {
        for (severity, gate, want) in [
            (Severity::High, Severity::High, true),
            (Severity::Medium, Severity::High, false),
            (Severity::Blocker, Severity::Critical, true),
            (Severity::Unrated, Severity::Medium, true),
            (Severity::Unrated, Severity::High, false),
            (Severity::Low, Severity::Medium, false),
            (Severity::Low, Severity::Low, true),
        ] {
            assert_eq!(severity.reaches(gate), want, "{severity:?} at {gate:?}");
        }
    }

    #[test]
    fn a_newer_schema_is_refused() {
        let json = br#"{"schemaVersion":2,"inputs":[],"findings":[],"counts":{}}"#;
        assert_eq!(Merged::read(json), Err("it is of a newer version".to_owned()));
    }
}
