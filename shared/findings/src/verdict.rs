//! From findings to a verdict: the one function that review, `start --wait`, the
//! report, `merge --gate` and the page ask.
//!
//! It fails closed: an approval needs every reviewer, whole, with something
//! read, and no open finding at or above the gate.

use serde::{Deserialize, Serialize};

use crate::document::Scope;
use crate::severity::Severity;

/// What a review says of the code, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    Approved,
    /// No verdict: something is missing, incomplete, unread or unreadable.
    Commented,
    ChangesRequested,
}

impl Verdict {
    /// The word pipelines look for.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Approved => "APPROVED",
            Verdict::Commented => "COMMENTED",
            Verdict::ChangesRequested => "CHANGES_REQUESTED",
        }
    }

    /// The verdict of this word; `None`: it is none of them.
    pub fn from_word(word: &str) -> Option<Self> {
        [Verdict::Approved, Verdict::Commented, Verdict::ChangesRequested]
            .into_iter()
            .find(|verdict| verdict.word() == word)
    }
}

/// One reviewer that was to look at the code.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reviewer<'a> {
    pub name: &'a str,
    /// Why its answer cannot be relied on, as a clause after "the NAME review is
    /// missing: ": it failed, is incomplete, contradicts itself, was read by guess.
    pub missing: Option<String>,
    /// What it read; `None`: nothing is known of it.
    pub scope: Option<&'a Scope>,
    /// Tools that reading needs and that were denied to it: `Read src/a.ts`.
    pub denied: Vec<String>,
}

/// A finding that is open: neither withdrawn, settled, suppressed nor decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    pub severity: Severity,
    /// Does the gate look at it? Not where it looks at what is new and this is old.
    pub gates: bool,
}

/// A verdict that somebody who has the findings before them wrote down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<'a> {
    /// `the synthesis`
    pub by: &'a str,
    pub verdict: Verdict,
    /// As it was written.
    pub word: String,
}

/// Everything a verdict rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Case<'a> {
    pub gate: Severity,
    pub reviewers: Vec<Reviewer<'a>>,
    pub open: Vec<Open>,
    /// What the final report says itself: it can cost an approval, never give one.
    pub stated: Option<Stated<'a>>,
    /// What else stands in the way of any verdict: it timed out, nothing was merged.
    pub obstacles: Vec<String>,
}

/// A verdict and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verdict: Verdict,
    /// Open findings at or above the gate that it looks at.
    pub blocking: usize,
    /// Why there is no verdict, a clause each, the most important first; empty if there is one.
    pub obstacles: Vec<String>,
}

/// Decides.
pub fn decide(case: &Case<'_>) -> Decision {
    let mut obstacles = case.obstacles.clone();
    if case.reviewers.is_empty() {
        obstacles.push("there is no reviewer".to_owned());
    }
    obstacles.extend(missing(&case.reviewers));
    for reviewer in case.reviewers.iter().filter(|reviewer| reviewer.missing.is_none()) {
        if let Some(first) = reviewer.denied.first() {
            let more = reviewer.denied.len() - 1;
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            obstacles.push(format!("the {} reviewer was denied {first}{more}", reviewer.name));
        } else if reviewer.scope.is_some_and(|scope| scope.read.is_empty()) {
            obstacles.push(format!("the {} reviewer read none of the files", reviewer.name));
        }
    }
    let blocking = case.open.iter().filter(|open| open.gates && open.severity.reaches(case.gate)).count();
    if obstacles.is_empty() {
        obstacles.extend(case.stated.as_ref().and_then(|stated| contradiction(stated, blocking, case.gate)));
    }
    let stricter = case.stated.as_ref().is_some_and(|stated| stated.verdict == Verdict::ChangesRequested);
    let verdict = match (obstacles.is_empty(), blocking > 0 || stricter) {
        // What is not known cannot be judged; what was found is said all the same.
        (false, _) => Verdict::Commented,
        (true, false) => Verdict::Approved,
        (true, true) => Verdict::ChangesRequested,
    };
    Decision { verdict, blocking, obstacles }
}

/// Why there is no verdict where somebody states one that is none, or is milder
/// than the findings. One that is stricter counts.
fn contradiction(stated: &Stated<'_>, blocking: usize, gate: Severity) -> Option<String> {
    let says = format!("{} says {}", stated.by, stated.word);
    let stand = match blocking {
        1 => "1 finding is open".to_owned(),
        n => format!("{n} findings are open"),
    };
    match (stated.verdict, blocking) {
        (Verdict::ChangesRequested, _) | (Verdict::Approved, 0) => None,
        (Verdict::Commented, 0) => Some(says),
        (Verdict::Approved | Verdict::Commented, _) => {
            Some(format!("{says}, and {stand} at or above the gate ({})", gate.name()))
        }
    }
}

/// Each reason once, with all it is true of.
fn missing(reviewers: &[Reviewer<'_>]) -> Vec<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for reviewer in reviewers {
        let Some(why) = reviewer.missing.as_deref() else { continue };
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(reviewer.name),
            None => by_reason.push((why, vec![reviewer.name])),
        }
    }
    let sentence = |(why, names): (&str, Vec<&str>)| match names.as_slice() {
        [one] => format!("the {one} review is missing: {why}"),
        [rest @ .., last] => format!("the {} and {last} reviews are missing: {why}", rest.join(", ")),
        [] => String::new(),
    };
    by_reason.into_iter().map(sentence).collect()
}
