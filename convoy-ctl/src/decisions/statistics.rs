//! What became of the findings that are remembered, by who made them: so that a reviewer,
//! a model or a rule that is often dismissed is seen. Pure.

use std::collections::{BTreeMap, BTreeSet};

use decisions::{Author, Book, Entry, Judged, Kind, Life};
use findings::second_look::Standing;
use jiff::Timestamp;
use serde::Serialize;

/// With fewer findings of which it is known what they are worth, a share says nothing.
pub(super) const FEWEST: u64 = 5;

/// What became of some findings, each counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tally {
    /// All of them.
    pub(super) found: u64,
    /// There, and nobody has said anything.
    pub(super) open: u64,
    /// Its code was changed, and it is not found any more.
    pub(super) fixed: u64,
    /// Its code is gone: nobody knows.
    pub(super) gone: u64,
    pub(super) accepted: u64,
    pub(super) dismissed: u64,
    /// Decided about, and open again.
    pub(super) reopened: u64,
    /// Below the line that somebody drew.
    pub(super) baseline: u64,
    /// What verifiers made of them in the last reviews, beside the above.
    pub(super) confirmed: u64,
    pub(super) refuted: u64,
}

impl Tally {
    /// Of how many it is known what they are worth: by a person's word, or by a fix.
    fn known(&self) -> u64 {
        self.fixed + self.accepted + self.dismissed + self.reopened
    }

    /// How many of these were none, 0 to 1; `None`: too few to say.
    pub(super) fn share(&self) -> Option<f64> {
        (self.known() >= FEWEST).then(|| self.dismissed as f64 / self.known() as f64)
    }
}

/// Tallies by name; without one: it was not recorded.
pub(super) type Tallies = BTreeMap<Option<String>, Tally>;

/// The tallies of some books. A finding of several reviewers is in the row of each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Statistics {
    pub(super) total: Tally,
    pub(super) reviewers: Tallies,
    pub(super) runners: Tallies,
    /// With the runner before them: `claude opus`.
    pub(super) models: Tallies,
    pub(super) rules: Tallies,
}

/// What is counted of one finding.
struct Fate<'a> {
    standing: Option<Last>,
    looked: Option<Standing>,
    by: Vec<&'a Author>,
    /// Reviewers of whom no more is known.
    names: &'a [String],
    rule: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Open,
    Fixed,
    Gone,
    Reopened,
    Decided(Kind),
}

impl Statistics {
    /// Counts a book: what was seen, or decided about, since then.
    pub(super) fn add(&mut self, book: &Book, since: Option<Timestamp>) {
        let is_late = |at: Timestamp| since.is_none_or(|since| at >= since);
        let mut looked = BTreeMap::new();
        for run in book.runs.iter().filter(|run| is_late(run.started_at)) {
            looked.extend(run.looked.iter().map(|one| (one.key.as_str(), one)));
        }
        let mut known = BTreeSet::new();
        for entry in &book.entries {
            known.insert(entry.key.as_str());
            let judged = entry.judged.last().map(|judged| judged.at);
            let decided = entry.decision.as_ref().map(|decision| decision.at);
            if !is_late(entry.last_seen_at) && !judged.max(decided).is_some_and(is_late) {
                continue;
            }
            let looked = looked.get(entry.key.as_str()).map(|one| one.verdict);
            self.count(&Fate {
                standing: Some(last(entry)),
                looked,
                by: authors(entry),
                names: &entry.reviewers,
                rule: entry.rule.as_deref(),
            });
        }
        // What was refuted is not remembered as a finding.
        for one in looked.values().filter(|one| !known.contains(one.key.as_str())) {
            self.count(&Fate {
                standing: None,
                looked: Some(one.verdict),
                by: one.by.iter().collect(),
                names: &[],
                rule: one.rule.as_deref(),
            });
        }
    }

    fn count(&mut self, fate: &Fate<'_>) {
        let mut rows = Rows::default();
        for author in &fate.by {
            rows.reviewers.insert(Some(author.reviewer.clone()));
            rows.runners.insert(author.runner.clone());
            if let (Some(runner), Some(model)) = (&author.runner, &author.model) {
                rows.models.insert(Some(format!("{runner} {model}")));
            }
        }
        if fate.by.is_empty() {
            rows.reviewers.extend(fate.names.iter().cloned().map(Some));
            rows.runners.insert(None);
        }
        // Of a rule it is known that no model made it.
        if rows.runners.contains(&None) && fate.rule.is_none() {
            rows.models.insert(None);
        }
        rows.rules.extend(fate.rule.map(|rule| Some(rule.to_owned())));
        fate.count(&mut self.total);
        for (tallies, names) in [
            (&mut self.reviewers, rows.reviewers),
            (&mut self.runners, rows.runners),
            (&mut self.models, rows.models),
            (&mut self.rules, rows.rules),
        ] {
            for name in names {
                fate.count(tallies.entry(name).or_default());
            }
        }
    }
}

/// Under which names one finding is counted.
#[derive(Default)]
struct Rows {
    reviewers: BTreeSet<Option<String>>,
    runners: BTreeSet<Option<String>>,
    models: BTreeSet<Option<String>>,
    rules: BTreeSet<Option<String>>,
}

impl Fate<'_> {
    fn count(&self, tally: &mut Tally) {
        tally.found += 1;
        match self.standing {
            None => {}
            Some(Last::Open) => tally.open += 1,
            Some(Last::Fixed) => tally.fixed += 1,
            Some(Last::Gone) => tally.gone += 1,
            Some(Last::Reopened) => tally.reopened += 1,
            Some(Last::Decided(Kind::Accepted)) => tally.accepted += 1,
            Some(Last::Decided(Kind::Dismissed)) => tally.dismissed += 1,
            Some(Last::Decided(Kind::Baseline)) => tally.baseline += 1,
        }
        tally.confirmed += u64::from(self.looked == Some(Standing::Confirmed));
        tally.refuted += u64::from(self.looked == Some(Standing::Refuted));
    }
}

/// What a person said goes before what became of the code: also when it has run out.
fn last(entry: &Entry) -> Last {
    let taken_back =
        entry.reopened.is_some() || entry.judged.last().is_some_and(|judged| judged.kind.is_none());
    match (&entry.decision, entry.life) {
        (Some(decision), _) => Last::Decided(decision.kind),
        (None, Life::Fixed) => Last::Fixed,
        (None, _) if taken_back => Last::Reopened,
        (None, Life::Gone) => Last::Gone,
        (None, Life::Open) => Last::Open,
    }
}

/// Who made it, as somebody decided about it; later others may tell it as well.
fn authors(entry: &Entry) -> Vec<&Author> {
    let judged: Option<&Judged> = entry.judged.last();
    judged.map_or(&entry.authors, |judged| &judged.by).iter().collect()
}

#[cfg(test)]
mod tests {
    use decisions::{Decision, Looked, Run};

    use super::*;

    fn author(reviewer: &str, runner: &str, model: Option<&str>) -> Author {
        Author {
            reviewer: reviewer.to_owned(),
            runner: Some(runner.to_owned()),
            model: model.map(str::to_owned),
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn entry(key: &str, by: &[Author]) -> Entry {
        let text = format!(
            r#"{{"key":"{key}","title":"t","severity":"high","locations":[],"reviewers":["old"],
            "firstSeen":"convoy-x-aaaaaa","lastSeen":"convoy-x-aaaaaa","lastSeenAt":"1970-01-01T00:00:05Z","life":"open"}}"#
        );
        let entry: Entry = serde_json::from_str(&text).unwrap();
        Entry { authors: by.to_vec(), ..entry }
    }

    fn decided(key: &str, by: &[Author], kind: Kind) -> Entry {
        let mut entry = entry(key, by);
        entry.decide(Decision { kind, reason: "so".to_owned(), until: None, at: at(9) });
        entry
    }

    fn count(entries: Vec<Entry>) -> Statistics {
        let mut statistics = Statistics::default();
        statistics.add(&Book { entries, ..Book::default() }, None);
        statistics
    }

    fn row(tallies: &Tallies, name: Option<&str>) -> Tally {
        tallies.get(&name.map(str::to_owned)).copied().unwrap_or_default()
    }

    #[test]
    fn each_finding_is_counted_once_for_each_who_made_it() {
        let (a, b) = (author("security", "claude", Some("opus")), author("logic", "claude", Some("opus")));
        let rule = author("rules", "builtin", None);
        let both = [a.clone(), b];
        let counted = count(vec![
            decided("1", &both, Kind::Dismissed),
            entry("2", &[a]),
            Entry { rule: Some("js-eval".to_owned()), ..decided("3", &[rule], Kind::Accepted) },
        ]);
        assert_eq!((counted.total.found, counted.total.dismissed, counted.total.open), (3, 1, 1));
        assert_eq!(row(&counted.reviewers, Some("security")).found, 2);
        assert_eq!(row(&counted.reviewers, Some("logic")).dismissed, 1);
        assert_eq!(row(&counted.runners, Some("claude")).found, 2, "two reviewers of one runner");
        assert_eq!(row(&counted.models, Some("claude opus")).found, 2);
        assert_eq!(row(&counted.rules, Some("js-eval")).accepted, 1);
        assert_eq!(counted.models.len(), 1, "a rule is of no model");
    }

    #[test]
    fn too_few_say_nothing() {
        let by = [author("security", "claude", None)];
        let some = |n: u64| (0..n).map(|k| decided(&k.to_string(), &by, Kind::Dismissed)).collect::<Vec<_>>();
        assert_eq!(count(some(FEWEST - 1)).total.share(), None);
        let mut enough = some(FEWEST - 1);
        enough.push(Entry { life: Life::Fixed, ..entry("f", &by) });
        assert_eq!(count(enough).total.share(), Some(0.8));
        let open: Vec<Entry> = (0..9).map(|k| entry(&k.to_string(), &by)).collect();
        assert_eq!(count(open).total.share(), None, "nobody has said anything");
    }

    #[test]
    fn what_was_recorded_before_is_of_an_unknown_runner() {
        let mut old = entry("1", &[]);
        old.decision =
            Some(Decision { kind: Kind::Dismissed, reason: "so".to_owned(), until: None, at: at(9) });
        let counted = count(vec![old]);
        assert_eq!(row(&counted.reviewers, Some("old")).dismissed, 1);
        assert_eq!((row(&counted.runners, None).dismissed, row(&counted.models, None).dismissed), (1, 1));
    }

    #[test]
    fn a_decision_stays_with_who_had_made_the_finding() {
        let mut one = decided("1", &[author("security", "claude", None)], Kind::Dismissed);
        one.authors = vec![author("security", "codex", None)];
        let counted = count(vec![one]);
        assert_eq!(row(&counted.runners, Some("claude")).dismissed, 1);
        assert_eq!(row(&counted.runners, Some("codex")).found, 0);
    }

    #[test]
    fn what_was_taken_back_is_known_to_be_none_of_the_dismissed() {
        let mut book = Book { entries: vec![decided("1", &[], Kind::Dismissed)], ..Book::default() };
        book.reopen("1", at(10), None).unwrap();
        let counted = count(book.entries.clone());
        assert_eq!((counted.total.reopened, counted.total.dismissed, counted.total.open), (1, 0, 0));
        book.entries[0].life = Life::Fixed;
        assert_eq!(count(book.entries).total.fixed, 1);
    }

    #[test]
    fn what_verifiers_refuted_is_counted_with_its_reviewer_once() {
        let by = vec![author("security", "claude", Some("opus"))];
        let looked = |key: &str, verdict| Looked { key: key.to_owned(), verdict, by: by.clone(), rule: None };
        let run = |short: &str, second, looked| Run {
            convoy: format!("convoy-x-{short}").parse().unwrap(),
            started_at: at(second),
            new: 0,
            numbers: BTreeMap::new(),
            looked,
        };
        let book = Book {
            runs: vec![
                run("aaaaaa", 1, vec![looked("r", Standing::Refuted), looked("1", Standing::Unsure)]),
                run("bbbbbb", 2, vec![looked("r", Standing::Refuted), looked("1", Standing::Confirmed)]),
            ],
            entries: vec![entry("1", &by)],
            ..Book::default()
        };
        let mut counted = Statistics::default();
        counted.add(&book, None);
        let row = row(&counted.reviewers, Some("security"));
        assert_eq!((row.found, row.refuted, row.confirmed, row.open), (2, 1, 1, 1));
        let mut late = Statistics::default();
        late.add(&book, Some(at(6)));
        assert_eq!(late.total.found, 0, "nothing was seen or decided since");
    }
}
