//! What the agents of a convoy are to work on, as its prompts show it.

use std::collections::{BTreeMap, BTreeSet};

use base::encoded_path::EncodedPath;
use base::ids::ConvoyId;
use findings::requirement::Asked;
use serde::{Deserialize, Serialize};

/// What the agents are to work on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Inputs {
    /// Patterns as given, or `--diff` and its base; shown to people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub file_patterns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff_base: Option<String>,
    /// Its commit; `None` also where nothing is before the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_commit: Option<String>,
    /// How many files were matched; the paths are in `convoys/<id>/files`.
    pub file_count: u64,
    /// Changed as well, and no regular files: deleted, links, submodules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_files: Vec<EncodedPath>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// What is known of them, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub issue_texts: BTreeMap<String, Issue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_url: Option<String>,
    /// What the pull request says of itself, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pr_text: Option<PrText>,
    /// Why nobody looks whether the change does what was asked for; `None`: somebody does,
    /// or the template has nobody for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_requirements: Option<String>,
    /// The change under review as a unified diff, cut where it is too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// With `--since last`: whose look it goes on from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_look: Option<LastLook>,
    /// What the project asks of its reviewers besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guidelines: Option<Guidelines>,
    /// What of other linters its static reviewers are told, as typed; the rest is in
    /// `convoys/<id>/joined.json`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, serde_json::Value>,
    /// Those of them that say which agents there are, and nothing to these.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub switches: BTreeSet<String>,
}

/// What a pull request says of itself: untrusted text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrText {
    pub title: String,
    pub body: String,
}

impl Inputs {
    /// What the change was to do, as far as its text is known.
    pub fn asked(&self) -> Vec<Asked> {
        let whole = |title: &str, body: &str| format!("{title}\n{body}").trim().to_owned();
        let issues = self.issues.iter().filter_map(|id| {
            let issue = self.issue_texts.get(id)?;
            Some(Asked { of: format!("issue {}", issue.id), text: whole(&issue.title, &issue.body) })
        });
        let pull_request = self.pr_text.iter();
        let pull_request = pull_request
            .map(|one| Asked { of: "the pull request".to_owned(), text: whole(&one.title, &one.body) });
        issues.chain(pull_request).filter(|one| !one.text.is_empty()).collect()
    }
}

/// A look that this review goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLook {
    pub convoy: ConvoyId,
    /// So many files are as they were then, and are not reviewed again.
    pub unchanged: u64,
    /// Their names, for who looks at the change as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<EncodedPath>,
}

/// A text for reviewers: the user's, or the project's as of the base of the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guidelines {
    /// Where it is from, for people: "docs/review.md as of main (1a2b3c4)".
    pub source: String,
    pub text: String,
}

/// One issue, as far as it is known. All of it but the id is untrusted text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Issue {
    pub id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How many comments it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comments: Option<u64>,
}

impl Issue {
    /// An issue of which only the id is known.
    pub fn named(id: impl Into<String>) -> Self {
        Issue { id: id.into(), ..Issue::default() }
    }
}
