//! A finding as it is remembered: where it was, whose it is, whether it is still there,
//! and what people decided about it.

use base::ids::ConvoyId;
use findings::Severity;
use findings::merged::{Finding, Location};
use findings::requirement::Requirement;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// So often it is remembered that somebody decided about a finding.
const JUDGED: usize = 8;

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// By which it is known again ([`crate::key`]).
    pub key: String,
    pub title: String,
    pub severity: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// As they were when it was seen last.
    pub locations: Vec<Location>,
    pub reviewers: Vec<String>,
    /// These, with what ran them; empty where it was recorded before that was known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Author>,
    /// The item around it and its code, without their layout.
    #[serde(default)]
    pub item: String,
    #[serde(default)]
    pub code: String,
    /// What of an issue or pull request it says is not met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement: Option<Requirement>,
    /// Was it of the change under review, when it was seen last? Only where there was a base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<bool>,
    pub first_seen: ConvoyId,
    pub last_seen: ConvoyId,
    /// The start of the review that saw it last.
    pub last_seen_at: Timestamp,
    pub life: Life,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Why the last decision was taken back, if somebody said so; gone with the next one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened: Option<Reopened>,
    /// What people said of it, in their order, the last ones: a finding may be told by
    /// others later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judged: Vec<Judged>,
}

/// Who made a finding, and what ran it, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub reviewer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What somebody said of a finding, and of whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// `None`: the decision was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    pub at: Timestamp,
    pub by: Vec<Author>,
}

/// Is it still there?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Life {
    Open,
    /// The same reviewers looked again and did not find it, and its code has changed.
    Fixed,
    /// Its code is gone.
    Gone,
}

/// What a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    pub kind: Kind,
    pub reason: String,
    /// The last day it holds; without one it holds until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    pub at: Timestamp,
}

/// Why a decision was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reopened {
    pub reason: String,
    pub at: Timestamp,
}

/// Kinds of decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// It is a defect, and it is left as it is.
    Accepted,
    /// It is none.
    Dismissed,
    /// It was there when somebody drew a line under all there was.
    Baseline,
}

impl Kind {
    /// `accepted`, `dismissed` or `baseline`, as in files and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Accepted => "accepted",
            Kind::Dismissed => "dismissed",
            Kind::Baseline => "baseline",
        }
    }
}

impl Decision {
    /// Does it still count on this day?
    pub fn holds(&self, today: Date) -> bool {
        self.until.is_none_or(|until| today <= until)
    }

    /// `dismissed: a test needs it (until 2027-01-31)`
    pub fn shown(&self) -> String {
        let until = self.until.map(|until| format!(" (until {until})")).unwrap_or_default();
        format!("{}: {}{until}", self.kind.word(), base::text::visible(&self.reason))
    }
}

impl Entry {
    /// Does it count: is it there, and has nobody decided otherwise?
    pub fn is_open(&self, today: Date) -> bool {
        self.life == Life::Open && !self.decision.as_ref().is_some_and(|decision| decision.holds(today))
    }
}

impl Entry {
    /// A person decides about it.
    pub fn decide(&mut self, decision: Decision) {
        self.judge(Some(decision.kind), decision.at);
        self.decision = Some(decision);
        self.reopened = None;
    }

    pub(crate) fn judge(&mut self, kind: Option<Kind>, at: Timestamp) {
        self.judged.push(Judged { kind, at, by: self.authors.clone() });
        let surplus = self.judged.len().saturating_sub(JUDGED);
        self.judged.drain(..surplus);
    }

    pub(crate) fn new(
        key: &str,
        convoy: &ConvoyId,
        at: Timestamp,
        finding: &Finding,
        runs: &[Author],
    ) -> Self {
        let mut entry = Entry {
            key: key.to_owned(),
            title: String::new(),
            severity: Severity::Unrated,
            category: None,
            rule: None,
            locations: Vec::new(),
            reviewers: Vec::new(),
            authors: Vec::new(),
            item: String::new(),
            code: String::new(),
            requirement: None,
            new: None,
            first_seen: convoy.clone(),
            last_seen: convoy.clone(),
            last_seen_at: at,
            life: Life::Open,
            decision: None,
            reopened: None,
            judged: Vec::new(),
        };
        entry.see(convoy, at, finding, runs);
        entry
    }

    pub(crate) fn see(&mut self, convoy: &ConvoyId, at: Timestamp, finding: &Finding, runs: &[Author]) {
        self.title.clone_from(&finding.title);
        self.severity = finding.severity;
        self.category.clone_from(&finding.category);
        self.rule.clone_from(&finding.rule);
        self.locations.clone_from(&finding.locations);
        self.reviewers.clone_from(&finding.reviewers);
        self.authors = authors(finding, runs);
        self.item = finding.item.clone().unwrap_or_default();
        self.code = finding.code.clone().unwrap_or_default();
        self.requirement.clone_from(&finding.requirement);
        self.new = finding.new;
        self.last_seen = convoy.clone();
        self.last_seen_at = at;
        self.life = Life::Open;
    }
}

/// Its reviewers, with what ran each where that is known.
pub(crate) fn authors(finding: &Finding, runs: &[Author]) -> Vec<Author> {
    let author = |name: &String| {
        let unknown = || Author { reviewer: name.clone(), runner: None, model: None };
        runs.iter().find(|author| author.reviewer == *name).cloned().unwrap_or_else(unknown)
    };
    finding.reviewers.iter().map(author).collect()
}
