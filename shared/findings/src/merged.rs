//! Merged findings as `convoy-merge --format json` writes them
//! (`docs/findings.schema.json`): what those who judge and show them need of it.

use std::collections::BTreeMap;
use std::path::Path;

use base::encoded_path::EncodedPath;
use base::text;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::requirement::Requirement;
use crate::second_look::{self, SecondLook};
use crate::severity::Severity;

/// The newest version this build reads.
const VERSION: u64 = 1;
/// Characters that a verifier is told of what one reviewer said.
const LONGEST_WORDS: usize = 4000;

/// All of a merge.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Merged {
    pub schema_version: u64,
    pub inputs: Vec<Input>,
    /// The gravest first.
    pub findings: Vec<Finding>,
    /// Open findings of earlier runs that nobody told of this time.
    #[serde(default)]
    pub carried: Vec<Finding>,
    /// Findings of earlier runs that are mended or whose code is gone.
    #[serde(default)]
    pub closed: Vec<Finding>,
    /// Of the findings that stand, by severity.
    pub counts: BTreeMap<String, u64>,
}

/// One report that was merged.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Input {
    /// `findings`, `clean`, `unreadable` or `empty`.
    pub recognised: String,
    pub complete: bool,
}

/// One merged finding.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// `F3`; only within this merge.
    pub id: String,
    #[serde(default)]
    pub fingerprint: String,
    /// By which it is known again in later runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub title: String,
    pub severity: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    pub locations: Vec<Location>,
    pub reviewers: Vec<String>,
    #[serde(default)]
    pub withdrawn: bool,
    /// `open`, `outdated`, `wont_fix`, `false_positive` or `resolved`.
    #[serde(default)]
    pub status: String,
    /// Is it of the change under review? Only where there is a base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    /// `new`, `unchanged` or `gone`; only with a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// The item around it and its code, without their layout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why it does not count, if somebody decided so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<String>,
    /// What verifiers made of it, where there was a second look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_look: Option<SecondLook>,
    /// What of an issue or pull request it says is not met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<Requirement>,
    /// `new`, `known`, `carried`, `fixed` or `gone`: beside the earlier runs of the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<String>,
}

/// A place in the project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub file: EncodedPath,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_start: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_end: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// `there`, `moved` or `unplaced`; absent where the reviewed tree was not there to look at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed: Option<String>,
}

impl Merged {
    /// Reads the JSON of a merge; a newer version is not guessed at.
    pub fn read(json: &[u8]) -> Result<Self, String> {
        let merged: Merged = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        match merged.schema_version {
            1..=VERSION => Ok(merged),
            newer => Err(format!("it is of version {newer}, this program reads up to {VERSION}")),
        }
    }

    /// What is open, the gravest first: what was found and stands, and what is carried.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(&self.carried).filter(|finding| finding.stands())
    }
}

impl Finding {
    /// Do its reviewers stand by it, and has nobody settled it?
    pub fn stands(&self) -> bool {
        !self.withdrawn
            && !self.is_settled()
            && self.suppressed.is_none()
            && !self.is_refuted()
            && self.baseline.as_deref() != Some("gone")
    }

    /// Was it refuted by a second look?
    pub fn is_refuted(&self) -> bool {
        self.second_look.as_ref().is_some_and(SecondLook::is_refuted)
    }

    /// Does its reviewer say that it is mended, or none?
    pub fn is_settled(&self) -> bool {
        matches!(self.status.as_str(), "resolved" | "false_positive")
    }

    /// `src/a.ts:4-9`, or `project`.
    pub fn place(&self) -> String {
        self.locations.first().map_or_else(|| "project".to_owned(), Location::shown)
    }

    /// By what a finding is known again in a later merge of the same convoy: what it says,
    /// where, how grave it is and who says so. What has changed in any of it was not looked at.
    pub fn mark(&self) -> String {
        let place = |one: &Location| json!([String::from(one.file.clone()), one.line_start, one.line_end]);
        let places: Vec<Value> = self.locations.iter().map(place).collect();
        let mut reviewers = self.reviewers.clone();
        reviewers.sort();
        second_look::hash(&json!([self.fingerprint, self.title, self.severity, places, reviewers]))
    }

    /// What a verifier is told of it; `raw`: as it stands in the merge.
    pub fn subject(&self, raw: &Value) -> Value {
        let words = |member: &Value| {
            let text =
                ["body", "text"].iter().find_map(|key| member[*key].as_str().filter(|text| !text.is_empty()));
            let text: String = text.unwrap_or_default().chars().take(LONGEST_WORDS).collect();
            json!({ "reviewer": member["reviewer"], "words": text })
        };
        let told: Vec<Value> = raw["members"].as_array().into_iter().flatten().map(words).collect();
        json!({
            "mark": self.mark(),
            "id": self.id,
            "title": self.title,
            "severity": self.severity,
            "category": self.category,
            "rule": self.rule,
            "new": self.new != Some(false),
            "locations": self.locations,
            "reviewers": self.reviewers,
            "requirement": self.requirement,
            "told": told,
        })
    }
}

impl Location {
    /// `src/a.ts:4-9`
    pub fn shown(&self) -> String {
        let file = text::path(Path::new(&self.file));
        match (self.line_start, self.line_end) {
            (Some(from), Some(to)) if to > from => format!("{file}:{from}-{to}"),
            (Some(from), _) => format!("{file}:{from}"),
            (None, _) => file,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_version(version: u64) -> Result<Merged, String> {
        let json = format!(r#"{{"schemaVersion":{version},"inputs":[],"findings":[],"counts":{{}}}}"#);
        Merged::read(json.as_bytes())
    }

    #[test]
    fn a_newer_version_is_refused() {
        assert!(of_version(1).is_ok());
        assert!(of_version(2).unwrap_err().contains("version 2"));
    }

    #[test]
    fn what_is_settled_by_anybody_does_not_stand() {
        let stands = |change: fn(&mut Finding)| {
            let mut finding = Finding { title: "t".to_owned(), ..Finding::default() };
            change(&mut finding);
            finding.stands()
        };
        assert!(stands(|_| {}) && stands(|one| one.status = "wont_fix".to_owned()));
        assert!(!stands(|one| one.withdrawn = true));
        assert!(!stands(|one| one.status = "resolved".to_owned()));
        assert!(!stands(|one| one.suppressed = Some("known".to_owned())));
        assert!(!stands(|one| one.baseline = Some("gone".to_owned())));
    }

    #[test]
    fn a_finding_is_known_by_what_it_says() {
        let finding = Finding {
            id: "F1".to_owned(),
            title: "t".to_owned(),
            severity: Severity::High,
            reviewers: vec!["a".to_owned(), "b".to_owned()],
            ..Finding::default()
        };
        let same = |change: fn(&mut Finding)| {
            let mut other = finding.clone();
            change(&mut other);
            other.mark() == finding.mark()
        };
        assert!(same(|one| one.id = "F7".to_owned()));
        assert!(same(|one| one.reviewers.reverse()));
        assert!(!same(|one| one.severity = Severity::Blocker));
        assert!(!same(|one| one.title = "other".to_owned()));
        assert!(!same(|one| one.reviewers.push("c".to_owned())));
    }
}
