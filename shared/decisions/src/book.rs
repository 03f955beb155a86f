//! The findings of a project as they are remembered, and what a review and a person
//! make of them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use base::ids::ConvoyId;
use findings::merged::{Finding, Merged};
use findings::second_look::Standing;
use jiff::Timestamp;
use jiff::civil::Date;
use planning::contents::Content;
use planning::file_selection::Place;
use serde::{Deserialize, Serialize};

use crate::entry::{Author, Decision, Entry, Life, Reopened, authors};

/// The version this build writes. A newer one is refused.
pub(crate) const VERSION: u64 = 1;

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

/// A review with a verdict, and all that was looked at at its place up to then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Look {
    pub place: Place,
    pub reviewers: BTreeSet<String>,
    pub convoy: ConvoyId,
    pub started_at: Timestamp,
    pub files: Vec<Content>,
    /// Findings (keys) that were open then, and whether each was of the change.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open: BTreeMap<String, bool>,
    /// So many looks one after the other have found nothing new.
    pub quiet: u32,
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

/// So many reviews are remembered.
const RUNS: usize = 100;

/// Today, UTC: the same day for everybody who works on a project.
pub fn today() -> Date {
    jiff::tz::Offset::UTC.to_datetime(Timestamp::now()).date()
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
    /// What a review is told at its start, as of this day.
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
    pub(crate) fn take_up(
        &mut self,
        convoy: &ConvoyId,
        started_at: Timestamp,
        merged: &Merged,
        runs: &[Author],
    ) {
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

#[cfg(test)]
mod tests {
    use findings::Severity;

    use super::*;
    use crate::entry::Kind;

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
