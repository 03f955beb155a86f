//! The findings of a project as they are remembered, and what a review and a person
//! make of them. Pure.

use std::collections::BTreeMap;

use base::ids::ConvoyId;
use findings::Severity;
use findings::merged::{Finding, Location, Merged};
use findings::requirement::Requirement;
use findings::second_look::Standing;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::look::Look;

/// The version this build writes. A newer one is refused.
pub const VERSION: u64 = 1;

/// Everything that is remembered of one project.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Book {
    /// Reviews that were taken up, the newest last; only as many as may be asked for.
    pub runs: Vec<Run>,
    pub entries: Vec<Entry>,
    /// The last looks, one a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
}

/// A review that was taken up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub convoy: ConvoyId,
    pub started_at: Timestamp,
    /// How many of its findings were new.
    pub new: u64,
    /// `F3` of this review → the key of the finding.
    pub numbers: BTreeMap<String, String>,
    /// Findings that verifiers looked at, and what became of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looked: Vec<Looked>,
}

/// A finding that verifiers looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    pub key: String,
    pub verdict: Standing,
    pub by: Vec<Author>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
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

/// So many reviews are remembered.
const RUNS: usize = 100;

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

/// So often it is remembered that somebody decided about a finding.
const JUDGED: usize = 8;

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

/// Today, UTC: the same day for everybody who works on a project.
pub fn today() -> Date {
    jiff::tz::Offset::UTC.to_datetime(Timestamp::now()).date()
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Kind::Accepted => "accepted",
            Kind::Dismissed => "dismissed",
            Kind::Baseline => "baseline",
        }
    }
}

impl Decision {
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

/// What a review is told at its start (`convoys/<id>/known.json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// Whose book it is of: [`crate::location::Location::id`].
    pub project: String,
    /// What is there, open or decided; a decision that has run out is left out.
    pub entries: Vec<Entry>,
}

impl Book {
    pub fn snapshot(&self, project: &str, today: Date) -> Snapshot {
        let mut entries = self.entries.clone();
        entries.retain(|entry| entry.life == Life::Open || entry.decision.is_some());
        for entry in &mut entries {
            entry.decision = entry.decision.take().filter(|decision| decision.holds(today));
        }
        Snapshot { project: project.to_owned(), entries }
    }

    /// The review that was started last of those that were taken up.
    pub fn newest(&self) -> Option<&Run> {
        self.runs.iter().max_by_key(|run| run.started_at)
    }

    pub(crate) fn has_run(&self, convoy: &ConvoyId) -> bool {
        self.runs.iter().any(|run| run.convoy == *convoy)
    }

    /// Takes a review up. Reviews may end in another order than they began: what a
    /// later one has seen is not taken back by an earlier one.
    /// `runs`: its reviewers, and what ran each.
    pub fn take_up(&mut self, convoy: &ConvoyId, started_at: Timestamp, merged: &Merged, runs: &[Author]) {
        let looked = looked(merged, runs);
        let mut run = Run { convoy: convoy.clone(), started_at, new: 0, numbers: BTreeMap::new(), looked };
        let counts =
            |finding: &&Finding| !finding.withdrawn && !finding.is_settled() && !finding.is_refuted();
        for finding in merged.findings.iter().filter(counts) {
            let Some(key) = &finding.key else { continue };
            run.numbers.insert(finding.id.clone(), key.clone());
            match self.entries.iter_mut().find(|entry| entry.key == *key) {
                Some(entry) if entry.last_seen_at <= started_at => {
                    entry.see(convoy, started_at, finding, runs);
                }
                Some(_) => {}
                None => {
                    run.new += 1;
                    self.entries.push(Entry::new(key, convoy, started_at, finding, runs));
                }
            }
        }
        for finding in merged.carried.iter().chain(&merged.closed) {
            let Some(key) = &finding.key else { continue };
            run.numbers.insert(finding.id.clone(), key.clone());
            let life = match finding.history.as_deref() {
                Some("fixed") => Life::Fixed,
                Some("gone") => Life::Gone,
                _ => continue,
            };
            let seen_before = |entry: &&mut Entry| entry.key == *key && entry.last_seen_at < started_at;
            if let Some(entry) = self.entries.iter_mut().find(seen_before) {
                entry.life = life;
            }
        }
        self.runs.push(run);
        self.runs.sort_by_key(|run| run.started_at);
        let surplus = self.runs.len().saturating_sub(RUNS);
        self.runs.drain(..surplus);
    }

    /// Decides about one finding.
    pub fn decide(&mut self, key: &str, decision: Decision) -> Option<&Entry> {
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.decide(decision);
        Some(entry)
    }

    /// Takes the decision about one finding back.
    pub fn reopen(&mut self, key: &str, at: Timestamp, why: Option<Reopened>) -> Option<&Entry> {
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        if entry.decision.take().is_some() {
            entry.judge(None, at);
        }
        entry.reopened = why;
        Some(entry)
    }
}

/// Of those findings that somebody looked at, and that can be known again.
fn looked(merged: &Merged, runs: &[Author]) -> Vec<Looked> {
    let looked = |finding: &Finding| {
        let verdict = finding.second_look.as_ref()?.verdict;
        let looked = Looked {
            key: finding.key.clone()?,
            verdict,
            by: authors(finding, runs),
            rule: finding.rule.clone(),
        };
        (verdict != Standing::Unverified).then_some(looked)
    };
    merged.findings.iter().filter_map(looked).collect()
}

fn authors(finding: &Finding, runs: &[Author]) -> Vec<Author> {
    let author = |name: &String| {
        let unknown = || Author { reviewer: name.clone(), runner: None, model: None };
        runs.iter().find(|author| author.reviewer == *name).cloned().unwrap_or_else(unknown)
    };
    finding.reviewers.iter().map(author).collect()
}

impl Entry {
    /// A person decides about it.
    pub fn decide(&mut self, decision: Decision) {
        self.judge(Some(decision.kind), decision.at);
        self.decision = Some(decision);
        self.reopened = None;
    }

    fn judge(&mut self, kind: Option<Kind>, at: Timestamp) {
        self.judged.push(Judged { kind, at, by: self.authors.clone() });
        let surplus = self.judged.len().saturating_sub(JUDGED);
        self.judged.drain(..surplus);
    }

    fn new(key: &str, convoy: &ConvoyId, at: Timestamp, finding: &Finding, runs: &[Author]) -> Self {
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

    fn see(&mut self, convoy: &ConvoyId, at: Timestamp, finding: &Finding, runs: &[Author]) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn id(short: &str) -> ConvoyId {
        format!("convoy-code-review-{short}").parse().unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn finding(n: usize, key: &str) -> Finding {
        Finding {
            id: format!("F{n}"),
            key: Some(key.to_owned()),
            title: format!("title of {key}"),
            severity: Severity::High,
            ..Finding::default()
        }
    }

    fn merged(keys: &[&str]) -> Merged {
        let findings = keys.iter().enumerate().map(|(n, key)| finding(n + 1, key)).collect();
        Merged { findings, ..Merged::default() }
    }

    fn closed(key: &str, history: &str) -> Merged {
        let finding = Finding { history: Some(history.to_owned()), ..finding(1, key) };
        Merged { closed: vec![finding], ..Merged::default() }
    }

    fn life(book: &Book, key: &str) -> Life {
        book.entries.iter().find(|entry| entry.key == key).unwrap().life
    }

    fn dismissed(until: Option<&str>) -> Decision {
        let until = until.map(|day| day.parse().unwrap());
        Decision { kind: Kind::Dismissed, reason: "no".to_owned(), until, at: at(0) }
    }

    const TODAY: Date = jiff::civil::date(2026, 11, 28);

    #[test]
    fn what_is_forgotten_stays_open_and_what_is_closed_does_not() {
        let mut book = Book::default();
        book.take_up(&id("aaaaaa"), at(1), &merged(&["k1", "k2", "k3"]), &[]);
        book.take_up(&id("bbbbbb"), at(2), &merged(&["k2"]), &[]);
        assert_eq!(life(&book, "k1"), Life::Open, "nobody told of it, which closes nothing");
        book.take_up(&id("cccccc"), at(3), &closed("k1", "fixed"), &[]);
        book.take_up(&id("dddddd"), at(4), &closed("k3", "gone"), &[]);
        assert_eq!((life(&book, "k1"), life(&book, "k3")), (Life::Fixed, Life::Gone));
        book.take_up(&id("eeeeee"), at(5), &merged(&["k1"]), &[]);
        assert_eq!(life(&book, "k1"), Life::Open, "it has come back");
        assert_eq!(book.newest().unwrap().numbers["F1"], "k1");
    }

    #[test]
    fn a_review_that_began_earlier_takes_nothing_back() {
        let mut book = Book::default();
        book.take_up(&id("bbbbbb"), at(5), &merged(&["k1"]), &[]);
        book.take_up(&id("aaaaaa"), at(3), &closed("k1", "fixed"), &[]);
        assert_eq!(life(&book, "k1"), Life::Open);
        assert_eq!(book.newest().unwrap().convoy, id("bbbbbb"));
    }

    #[test]
    fn a_decision_counts_until_its_last_day() {
        let mut book = Book::default();
        book.take_up(&id("aaaaaa"), at(1), &merged(&["k1"]), &[]);
        for (until, open) in [(None, false), (Some("2026-11-28"), false), (Some("2026-11-27"), true)] {
            book.decide("k1", dismissed(until)).unwrap();
            assert_eq!(book.entries[0].is_open(TODAY), open, "{until:?}");
            assert_eq!(book.snapshot("p", TODAY).entries[0].decision.is_none(), open);
        }
        assert!(book.reopen("k9", at(1), None).is_none());
        book.reopen("k1", at(1), None).unwrap();
        assert!(book.entries[0].is_open(TODAY));
    }

    #[test]
    fn why_a_decision_was_taken_back_is_known_until_the_next_one() {
        let mut book = Book::default();
        book.take_up(&id("aaaaaa"), at(1), &merged(&["k1"]), &[]);
        book.decide("k1", dismissed(None)).unwrap();
        let why = Reopened { reason: "it is one after all".to_owned(), at: at(2) };
        book.reopen("k1", at(2), Some(why.clone())).unwrap();
        book.take_up(&id("bbbbbb"), at(3), &merged(&["k1"]), &[]);
        assert!(book.entries[0].is_open(TODAY));
        assert_eq!(book.entries[0].reopened, Some(why));
        book.decide("k1", dismissed(None)).unwrap();
        assert_eq!(book.entries[0].reopened, None);
    }

    #[test]
    fn a_decision_outlives_the_finding_and_a_review_that_sees_it_again() {
        let mut book = Book::default();
        book.take_up(&id("aaaaaa"), at(1), &merged(&["k1"]), &[]);
        book.decide("k1", dismissed(None));
        book.take_up(&id("bbbbbb"), at(2), &closed("k1", "gone"), &[]);
        book.take_up(&id("cccccc"), at(3), &merged(&["k1"]), &[]);
        assert!(!book.entries[0].is_open(TODAY), "whoever comes back is still dismissed");
        assert_eq!(book.newest().unwrap().new, 0);
    }
}
