//! The last look: what a review with a verdict has read, by what the files held, so
//! that the next one can leave out what is still the same. Pure.
//!
//! A look counts where somebody looks at the same place (a work tree and its branch, or
//! a branch's commits; a change or whole files), with the same reviewers, told the same.

use std::collections::BTreeSet;

use base::encoded_path::EncodedPath;
use base::ids::ConvoyId;
use data_encoding::HEXLOWER;
use findings::Scope;
use findings::changed::GateOn;
use findings::merged::Merged;
use jiff::Timestamp;
use jiff::civil::Date;
use planning::contents::Content;
use planning::file_selection::Place;
use planning::planner::Prepared;
use protocol::plan::{AgentPlan, Gate, Invocation, Plan, ReportKind};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::book::{Book, Look};
use crate::entry::{Entry, Life};

/// So many looks of a project are remembered.
const LOOKS: usize = 100;

/// What is under review, as it was at the start (`convoys/<id>/contents.json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UnderReview {
    pub place: Place,
    /// Who looks, and told what: a hash each.
    pub reviewers: BTreeSet<String>,
    pub files: Vec<Content>,
    /// Left out, because it is as it was at the last look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Content>,
}

/// What `convoy-start --since last` prints where nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unchanged {
    pub project: EncodedPath,
    /// Whose look it was.
    pub convoy: ConvoyId,
    pub gate: Gate,
    /// Does no AI review?
    pub static_only: bool,
    pub place: Place,
    /// What would have been under review.
    pub files: Vec<EncodedPath>,
}

/// Can a review go on from a look?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Last<'a> {
    /// Nobody has looked at this place.
    Never,
    /// Others have, or the same were told something else.
    Others(&'a Look),
    Look(&'a Look),
}

impl UnderReview {
    /// What a prepared review is about.
    pub fn of(prepared: &Prepared) -> Self {
        UnderReview {
            place: prepared.place.clone(),
            reviewers: reviewers(&prepared.plan),
            files: prepared.contents.clone(),
            seen: prepared.seen.clone(),
        }
    }

    /// The look that a review of this was: of the files those that every reviewer has
    /// read who was given them, and what is deleted, which is in the change itself.
    /// `None`: it left something open that cannot be known again, so that the next look
    /// must not go on from it.
    pub fn look(
        self,
        convoy: &ConvoyId,
        started_at: Timestamp,
        scopes: &[Option<Scope>],
        merged: &Merged,
    ) -> Option<Look> {
        let is_read = |one: &Content| {
            let given: Vec<&Scope> =
                scopes.iter().flatten().filter(|scope| scope.given.contains(&one.file)).collect();
            let all = given.iter().all(|scope| scope.read.contains(&one.file));
            // Of a reviewer without a scope it is not known what it has read.
            all && scopes.iter().all(Option::is_some) && (!given.is_empty() || one.is_no_file())
        };
        let open = merged.open().map(|finding| Some((finding.key.clone()?, finding.new != Some(false))));
        let open = open.collect::<Option<_>>()?;
        Some(Look {
            place: self.place,
            reviewers: self.reviewers,
            convoy: convoy.clone(),
            started_at,
            files: self.files.into_iter().filter(|one| is_read(one)).chain(self.seen).collect(),
            open,
            quiet: 0,
        })
    }
}

/// Who reviews, and told what.
fn reviewers(plan: &Plan) -> BTreeSet<String> {
    let reviewers = plan.agents.iter().filter(|agent| agent.report == ReportKind::Findings);
    reviewers.map(|agent| reviewer(plan, agent)).collect()
}

fn reviewer(plan: &Plan, agent: &AgentPlan) -> String {
    let chain = || agent.chain();
    let prompt = plan.prompts.get(&agent.subagent).map(String::as_str).unwrap_or_default();
    let guidelines = plan.inputs.guidelines.as_ref().map(|one| one.text.as_str()).unwrap_or_default();
    // Its rules come with the program.
    let rules = if chain().any(|one| one.static_only) { env!("CARGO_PKG_VERSION") } else { "" };
    let asked = if agent.lens.is_some() { plan.inputs.asked() } else { Vec::new() };
    let asked = asked.into_iter().map(|one| one.text).collect::<Vec<_>>().join("\0");
    let each = |part: fn(&Invocation) -> String| chain().map(part).collect::<Vec<_>>().join("\0");
    let command = each(|one| one.argv.join("\0"));
    let runner = each(|one| one.runner.to_string());
    let model = each(|one| one.model_argument.clone().unwrap_or_default());
    let mut hasher = Sha256::new();
    for part in [
        command.as_str(),
        agent.subagent.as_str(),
        runner.as_str(),
        model.as_str(),
        prompt,
        agent.task.as_deref().unwrap_or_default(),
        guidelines,
        asked.as_str(),
        rules,
    ] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    HEXLOWER.encode(&hasher.finalize()[..16])
}

impl Book {
    /// The last look at what is to be reviewed.
    pub fn last_look(&self, under: &UnderReview) -> Last<'_> {
        match self.looks.iter().find(|look| look.place == under.place) {
            None => Last::Never,
            Some(look) if look.reviewers == under.reviewers => Last::Look(look),
            Some(look) => Last::Others(look),
        }
    }

    /// The look of a convoy, wherever it looked.
    pub fn look_of(&self, convoy: &ConvoyId, under: &UnderReview) -> Last<'_> {
        match self.looks.iter().find(|look| look.convoy == *convoy) {
            None => Last::Never,
            Some(look) if look.reviewers == under.reviewers => Last::Look(look),
            Some(look) => Last::Others(look),
        }
    }

    /// What a look has seen, without the files in which somebody has found something since.
    pub fn seen(&self, look: &Look) -> Vec<Content> {
        let is_later = |one: &&Entry| one.life == Life::Open && one.last_seen_at > look.started_at;
        let later = self.entries.iter().filter(is_later).filter(|one| !look.open.contains_key(&one.key));
        let files: BTreeSet<&EncodedPath> =
            later.flat_map(|one| one.locations.iter().map(|at| &at.file)).collect();
        look.files.iter().filter(|one| !files.contains(&one.file)).cloned().collect()
    }

    /// Remembers a look, with what was seen there before and is not under review now. Says
    /// how many in a row have found nothing new. `None`: what its review found was not
    /// taken up, so that it would be lost behind the look.
    pub fn remember(&mut self, mut look: Look) -> Option<u32> {
        let new = self.runs.iter().find(|run| run.convoy == look.convoy)?.new;
        let before =
            self.looks.iter().position(|one| one.place == look.place).map(|at| self.looks.remove(at));
        let before = before.filter(|before| before.reviewers == look.reviewers);
        let quiet = before.as_ref().map_or(0, |before| before.quiet);
        look.quiet = if new == 0 { quiet + 1 } else { 0 };
        if let Some(before) = before {
            let now: BTreeSet<EncodedPath> = look.files.iter().map(|one| one.file.clone()).collect();
            look.files.extend(before.files.into_iter().filter(|one| !now.contains(&one.file)));
        }
        let quiet = look.quiet;
        self.looks.push(look);
        self.looks.sort_by_key(|look| look.started_at);
        let surplus = self.looks.len().saturating_sub(LOOKS);
        self.looks.drain(..surplus);
        Some(quiet)
    }

    /// Where nothing has changed since a look: what is open, and whether the gate looks at
    /// it. What cannot be told to be old gates.
    pub fn standing(&self, unchanged: &Unchanged, today: Date) -> Vec<(&Entry, bool)> {
        let look = self.looks.iter().find(|look| look.place == unchanged.place);
        let files: BTreeSet<&EncodedPath> = unchanged.files.iter().collect();
        let is_old = |entry: &Entry| {
            let known = look.is_some_and(|look| look.open.get(&entry.key) == Some(&false));
            let elsewhere =
                !entry.locations.is_empty() && entry.locations.iter().all(|at| !files.contains(&at.file));
            unchanged.place.change && unchanged.gate.on == GateOn::New && (known || elsewhere)
        };
        let mut open: Vec<(&Entry, bool)> = self
            .entries
            .iter()
            .filter(|entry| entry.is_open(today))
            .map(|entry| (entry, !is_old(entry)))
            .collect();
        open.sort_by(|(a, _), (b, _)| {
            (b.severity.effective(), &a.key).cmp(&(a.severity.effective(), &b.key))
        });
        open
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn content(file: &str, now: &str) -> Content {
        Content { file: std::path::Path::new(file).into(), now: now.to_owned(), base: Some("b".to_owned()) }
    }

    fn under(files: &[(&str, &str)]) -> UnderReview {
        UnderReview {
            place: Place { branch: Some("work".to_owned()), change: true, ..Place::default() },
            reviewers: BTreeSet::from(["r".to_owned()]),
            files: files.iter().map(|(file, now)| content(file, now)).collect(),
            seen: Vec::new(),
        }
    }

    fn scope(given: &[&str], read: &[&str]) -> Scope {
        let paths = |names: &[&str]| names.iter().map(|name| std::path::Path::new(name).into()).collect();
        Scope { given: paths(given), read: paths(read), ..Scope::default() }
    }

    fn look_at(second: i64, under: UnderReview, scopes: &[Option<Scope>]) -> Look {
        let id = format!("convoy-code-review-aaaaa{second}").parse().unwrap();
        under.look(&id, Timestamp::from_second(second).unwrap(), scopes, &Merged::default()).unwrap()
    }

    /// A book in which this review, with so many new findings, was taken up.
    fn take_up(book: &mut Book, second: i64, new: u64) {
        book.runs.push(crate::book::Run {
            convoy: format!("convoy-code-review-aaaaa{second}").parse().unwrap(),
            started_at: Timestamp::from_second(second).unwrap(),
            new,
            looked: Vec::new(),
            numbers: BTreeMap::new(),
        });
    }

    fn remember(book: &mut Book, look: Look) -> Option<u32> {
        take_up(book, look.started_at.as_second(), 0);
        book.remember(look)
    }

    fn names(files: &[Content]) -> Vec<String> {
        files.iter().map(|one| one.file.as_path().display().to_string()).collect()
    }

    #[test]
    fn a_look_is_of_what_everybody_has_read_who_was_given_it() {
        let both = Some(scope(&["a", "b"], &["a", "b"]));
        let part = Some(scope(&["a", "b"], &["a"]));
        let files = [("a", "1"), ("b", "1")];
        assert_eq!(names(&look_at(1, under(&files), &[both.clone(), part]).files), ["a"]);
        assert_eq!(
            names(
                &look_at(1, under(&files), &[Some(scope(&["a"], &["a"])), Some(scope(&["b"], &["b"]))]).files
            ),
            ["a", "b"]
        );
        assert!(look_at(1, under(&files), &[both.clone(), None]).files.is_empty(), "nothing is known of one");
        assert_eq!(names(&look_at(1, under(&[("a", "1"), ("c", "gone")]), &[both]).files), ["a", "c"]);
    }

    #[test]
    fn a_look_counts_at_its_place_and_for_its_reviewers() {
        let mut book = Book::default();
        let mine = under(&[("a", "1")]);
        assert_eq!(book.last_look(&mine), Last::Never);
        let all = [Some(scope(&["a"], &["a"]))];
        remember(&mut book, look_at(1, mine.clone(), &all));
        assert!(matches!(book.last_look(&mine), Last::Look(_)));
        let elsewhere = UnderReview { place: Place { change: false, ..mine.place.clone() }, ..mine.clone() };
        assert_eq!(book.last_look(&elsewhere), Last::Never);
        let others = UnderReview { reviewers: BTreeSet::new(), ..mine.clone() };
        assert!(matches!(book.last_look(&others), Last::Others(_)));
    }

    #[test]
    fn what_was_seen_before_stays_seen_and_quiet_looks_are_counted() {
        let mut book = Book::default();
        let all = [Some(scope(&["a", "b"], &["a", "b"]))];
        assert_eq!(remember(&mut book, look_at(1, under(&[("a", "1"), ("b", "1")]), &all)), Some(1));
        assert_eq!(remember(&mut book, look_at(2, under(&[("b", "2")]), &all)), Some(2));
        let mut files = book.looks[0].files.clone();
        files.sort();
        assert_eq!(files, [content("a", "1"), content("b", "2")]);
        assert_eq!(book.looks.len(), 1);
        take_up(&mut book, 3, 1);
        assert_eq!(book.remember(look_at(3, under(&[("b", "3")]), &all)), Some(0));
    }

    /// Else the next review would find nothing changed, and nothing open.
    #[test]
    fn a_look_behind_which_something_would_be_lost_is_none() {
        let id = "convoy-code-review-aaaaa1".parse().unwrap();
        let look = |key: Option<&str>| {
            let key = key.map(str::to_owned);
            let finding = findings::merged::Finding { key, ..findings::merged::Finding::default() };
            let merged = Merged { findings: vec![finding], ..Merged::default() };
            under(&[("a", "1")]).look(&id, Timestamp::UNIX_EPOCH, &[Some(scope(&["a"], &["a"]))], &merged)
        };
        assert_eq!(look(None), None);
        let look = look(Some("k1")).unwrap();
        assert_eq!(look.open, BTreeMap::from([("k1".to_owned(), true)]));
        let mut book = Book::default();
        assert_eq!(book.remember(look), None, "its review was not taken up");
        assert!(book.looks.is_empty());
    }

    fn entry(key: &str, file: &str, second: i64) -> Entry {
        let text = format!(
            r#"{{"key":"{key}","title":"t","severity":"high","locations":[{{"file":"{file}"}}],"reviewers":[],
            "firstSeen":"convoy-x-aaaaaa","lastSeen":"convoy-x-aaaaaa","lastSeenAt":"1970-01-01T00:00:0{second}Z","life":"open"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_file_in_which_something_was_found_since_is_looked_at_again() {
        let all = [Some(scope(&["a", "b"], &["a", "b"]))];
        let mut book = Book::default();
        remember(&mut book, look_at(2, under(&[("a", "1"), ("b", "1")]), &all));
        book.entries = vec![entry("k1", "a", 2), entry("k2", "b", 3)];
        assert_eq!(names(&book.seen(&book.looks[0])), ["a"]);
        book.looks[0].open.insert("k2".to_owned(), true);
        assert_eq!(names(&book.seen(&book.looks[0])), ["a", "b"], "it was known then, and only seen again");
    }

    #[test]
    fn where_nothing_has_changed_what_is_open_stands_and_what_was_old_does_not_gate() {
        let mut book = Book::default();
        let mut look = look_at(1, under(&[("a", "1")]), &[Some(scope(&["a"], &["a"]))]);
        look.open.insert("k2".to_owned(), false);
        remember(&mut book, look);
        book.entries = ["k1", "k2", "k3"].map(|key| entry(key, "a", 1)).to_vec();
        book.entries.push(entry("k4", "elsewhere", 1));
        book.entries[2].life = Life::Gone;
        let unchanged = |on| Unchanged {
            project: std::path::Path::new("/p").into(),
            convoy: "convoy-code-review-aaaaa1".parse().unwrap(),
            gate: Gate { level: "high".to_owned(), on },
            static_only: true,
            place: under(&[]).place,
            files: vec![std::path::Path::new("a").into()],
        };
        let today = crate::book::today();
        let of = |on| -> Vec<(String, bool)> {
            book.standing(&unchanged(on), today)
                .iter()
                .map(|(entry, gates)| (entry.key.clone(), *gates))
                .collect()
        };
        let own = |list: [(&str, bool); 3]| list.map(|(key, gates)| (key.to_owned(), gates)).to_vec();
        assert_eq!(of(GateOn::New), own([("k1", true), ("k2", false), ("k4", false)]));
        assert_eq!(of(GateOn::All), own([("k1", true), ("k2", true), ("k4", true)]));
    }
}
