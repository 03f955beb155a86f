//! How bad a finding is.

use serde::{Deserialize, Serialize};

/// The scale, least first. `Unrated` sorts below all, so that the maximum of
/// several statements is the worst that anybody made; gates and ranking take it
/// for `Medium` ([`Severity::effective`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", try_from = "String")]
pub enum Severity {
    #[default]
    Unrated,
    Low,
    Medium,
    High,
    Critical,
    Blocker,
}

impl Severity {
    /// The worst first.
    pub const ALL: [Severity; 6] = [
        Severity::Blocker,
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Unrated,
    ];

    /// As options, files and reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Blocker => "blocker",
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::Unrated => "unrated",
        }
    }

    /// Reads a level by its own name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Severity::ALL.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }

    /// What gates and ranking take it for: nobody rated it, so neither harmless nor worst.
    #[must_use]
    pub fn effective(self) -> Severity {
        if self == Severity::Unrated { Severity::Medium } else { self }
    }

    /// Is it at or above this gate?
    pub fn reaches(self, gate: Severity) -> bool {
        self.effective() >= gate.effective()
    }
}

impl TryFrom<String> for Severity {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Severity::from_name(&name)
            .ok_or_else(|| format!("'{}' is no severity: {NAMES}", base::text::visible(&name)))
    }
}

/// What is expected, for messages.
pub(crate) const NAMES: &str = "expected blocker, critical, high, medium, low or unrated";

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
}
