//! The domains of a review.

use serde::{Deserialize, Serialize};

/// What a rule is about; one reviewer looks at one domain.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    Security,
    Correctness,
    Performance,
    /// Facts about the change itself, in any language.
    Change,
}

impl Domain {
    pub const ALL: [Domain; 4] = [Domain::Security, Domain::Correctness, Domain::Performance, Domain::Change];

    pub fn name(self) -> &'static str {
        match self {
            Domain::Security => "security",
            Domain::Correctness => "correctness",
            Domain::Performance => "performance",
            Domain::Change => "change",
        }
    }

    /// The title of a report of this domain alone.
    pub fn title(self) -> &'static str {
        match self {
            Domain::Security => "Security Review",
            Domain::Correctness => "Correctness Review",
            Domain::Performance => "Performance Review",
            Domain::Change => "Review of the Change",
        }
    }

    pub fn from_name(name: &str) -> Option<Domain> {
        Domain::ALL.into_iter().find(|domain| domain.name() == name)
    }
}
