//! A second look at findings: what a verifier is asked, what it answers, and what
//! becomes of a finding by it.
//!
//! A verifier may only take a finding out of the way, so it is its refutations that are
//! guarded ([`guard`]): one counts with code that stands near the place, or is tied to it,
//! and a reason that speaks of it; of the gravest findings two must refute ([`votes`]). Whatever is not
//! refuted so counts as it did before.

mod answer;
mod guard;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::severity::Severity;

pub use answer::{Said, is_meant, read, schema};
pub use guard::guard;

/// The newest version of [`Looks`] that this build reads and the one it writes.
const VERSION: u32 = 1;
/// What distinguishes it from other JSON.
const FORMAT: &str = "convoy-verification";

/// What a verifier says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conclusion {
    Confirmed,
    Refuted,
    Unsure,
}

/// Did the change make the defect?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    Introduced,
    PreExisting,
    Unknown,
}

/// What has become of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    Confirmed,
    /// The one that does not count any more.
    Refuted,
    Unsure,
    /// Nobody has looked, or nobody who did can be relied on.
    Unverified,
}

impl Standing {
    /// As files and JSON write it.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Confirmed => "confirmed",
            Standing::Refuted => "refuted",
            Standing::Unsure => "unsure",
            Standing::Unverified => "unverified",
        }
    }
}

/// One look of one verifier at one finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    /// The finding's ([`crate::merged::Finding::mark`]).
    pub mark: String,
    /// The verifier's role, and what ran it.
    pub by: String,
    pub runner: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What of its answer counts.
    pub verdict: Conclusion,
    /// Why a refutation does not: a clause. Then the verdict is `unsure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    pub origin: Origin,
    /// The code that decides, as it quotes it, and where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    pub reason: String,
    /// The severity it would give.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<Severity>,
    /// That of the finding.
    pub severity: Severity,
    /// The finding as it was told ([`crate::merged::Finding::subject`]).
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub finding: Value,
}

/// All looks of one attempt of a verifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Looks {
    format: String,
    version: u32,
    pub looks: Vec<Look>,
}

impl Looks {
    /// The file's content, in the version that this build writes.
    pub fn new(looks: Vec<Look>) -> Self {
        Looks { format: FORMAT.to_owned(), version: VERSION, looks }
    }

    /// Reads one; a newer version is not guessed at.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        let looks: Looks = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        match (looks.format.as_str(), looks.version) {
            (FORMAT, 1..=VERSION) => Ok(looks),
            (FORMAT, newer) => Err(format!("it is of version {newer}, this program reads up to {VERSION}")),
            _ => Err("it is no verification".to_owned()),
        }
    }
}

/// What a merged finding says of its second look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecondLook {
    pub verdict: Standing,
    /// Why it is that, where the looks alone do not say it: a clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
}

impl SecondLook {
    /// Does the finding count no more?
    pub fn is_refuted(&self) -> bool {
        self.verdict == Standing::Refuted
    }

    /// What the looks come to. Pure; their order makes no difference.
    pub fn of(severity: Severity, looks: Vec<Look>) -> Self {
        Self::needing(votes(severity), severity, looks)
    }

    /// The same, if so many had to refute it.
    pub fn needing(needed: usize, severity: Severity, looks: Vec<Look>) -> Self {
        let count = |verdict| looks.iter().filter(|look| look.verdict == verdict).count();
        let (confirmed, refuted) = (count(Conclusion::Confirmed), count(Conclusion::Refuted));
        let (verdict, why) = match (confirmed, refuted) {
            (0, 0) if looks.is_empty() => (Standing::Unverified, None),
            (0, 0) => (Standing::Unsure, None),
            (0, n) if n < looks.len() => (Standing::Unsure, Some("the verifiers disagree".to_owned())),
            (0, n) if n < needed => {
                let why = format!("{n} of {needed} refute it, and {} needs {needed}", severity.name());
                (Standing::Unsure, Some(why))
            }
            (0, _) => (Standing::Refuted, None),
            (_, 0) => (Standing::Confirmed, None),
            (_, _) => (Standing::Unsure, Some("the verifiers disagree".to_owned())),
        };
        SecondLook { verdict, why, looks }
    }

    /// Nobody has looked, for this reason.
    pub fn unverified(why: String) -> Self {
        SecondLook { verdict: Standing::Unverified, why: Some(why), looks: Vec::new() }
    }

    /// `confirmed by verify-1 (codex)`, for people.
    pub fn shown(&self) -> String {
        let by = self.looks.iter().map(|look| format!("{} ({})", look.by, look.runner)).collect::<Vec<_>>();
        let by = if by.is_empty() { String::new() } else { format!(" by {}", by.join(" and ")) };
        let why = self.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        format!("{}{by}{why}", self.verdict.name())
    }
}

/// How many verifiers must refute a finding before it does not count.
pub fn votes(severity: Severity) -> usize {
    if severity >= Severity::Critical { 2 } else { 1 }
}

/// Sixteen characters that stand for a value.
pub fn hash(value: &Value) -> String {
    HEXLOWER.encode(&Sha256::digest(value.to_string().as_bytes()))[..16].to_owned()
}

/// The finding that an item of a verifier is about: itself, or what an earlier look was at.
pub fn finding_of(item: &Value) -> &Value {
    item.get("finding").unwrap_or(item)
}

/// The roles that made a finding, and looked at it before.
pub fn authors(item: &Value) -> impl Iterator<Item = &str> {
    let reviewers = finding_of(item)["reviewers"].as_array().into_iter().flatten();
    reviewers.chain(item.get("by")).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(verdict: Conclusion) -> Look {
        Look {
            mark: "m".to_owned(),
            by: "verify-1".to_owned(),
            runner: "claude".to_owned(),
            model: None,
            verdict,
            doubt: None,
            origin: Origin::Unknown,
            file: None,
            line: None,
            quote: None,
            reason: String::new(),
            rates: None,
            severity: Severity::High,
            finding: Value::Null,
        }
    }

    #[test]
    fn a_finding_is_refuted_by_all_who_looked_and_by_enough() {
        use Conclusion::{Confirmed, Refuted, Unsure};
        for (severity, looks, expected) in [
            (Severity::High, vec![], Standing::Unverified),
            (Severity::High, vec![Refuted], Standing::Refuted),
            (Severity::High, vec![Confirmed], Standing::Confirmed),
            (Severity::High, vec![Unsure], Standing::Unsure),
            (Severity::Critical, vec![Refuted], Standing::Unsure),
            (Severity::Blocker, vec![Refuted], Standing::Unsure),
            (Severity::Critical, vec![Refuted, Refuted], Standing::Refuted),
            (Severity::Critical, vec![Refuted, Unsure], Standing::Unsure),
            (Severity::High, vec![Refuted, Confirmed], Standing::Unsure),
            (Severity::High, vec![Unsure, Refuted], Standing::Unsure),
            (Severity::High, vec![Unsure, Confirmed], Standing::Confirmed),
        ] {
            for reversed in [false, true] {
                let mut order = looks.clone();
                if reversed {
                    order.reverse();
                }
                let found = SecondLook::of(severity, order.into_iter().map(look).collect());
                assert_eq!(found.verdict, expected, "{severity:?} {looks:?}");
            }
        }
    }
}
