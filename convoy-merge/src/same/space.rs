//! The whole run, ready to compare: the features of all members and what their
//! authors say of each other.

use std::collections::HashSet;

use super::by_cause::common_causes;
use super::candidates::candidates;
use super::compare;
use super::evidence::{self, Kind, Strengths, logistic};
use super::features::{self, Features};
use super::lexicon::cosine;
use super::place::{Nearness, nearness};
use super::references::references;
use super::rivals::Rivals;
use crate::model::{Evidence, Member};

/// From here on two findings are one.
pub(crate) const MERGE: f64 = 0.50;
/// From here on they are named to each other as possibly the same.
pub(crate) const POSSIBLE: f64 = 0.35;
/// Told apart by somebody, or by evidence that nothing outweighs: never one.
pub(crate) const APART: f64 = -0.5;

/// What a pair comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pair {
    /// 0 to 1, or [`APART`].
    pub(crate) score: f64,
    /// One author says that they are the same.
    pub(crate) explicit: bool,
    /// Why they are apart whatever the evidence says.
    pub(crate) apart: Option<&'static str>,
    pub(crate) strengths: Strengths,
}

/// As log-odds: a pair that fits worse than this, whatever its rivals, is never one.
const FLOOR: f64 = -4.0;

#[derive(Debug, Default)]
pub(crate) struct Space {
    features: Vec<Features>,
    rivals: Rivals,
    /// Pairs that one author calls the same.
    explicit: HashSet<(usize, usize)>,
    /// Pairs that fit at [`FLOOR`] or better, and how well before others are looked at.
    pairs: Vec<(u32, u32, f32)>,
}

impl Space {
    /// `members` must be in an order that does not depend on how inputs were given.
    pub(crate) fn new(members: &[Member]) -> Self {
        let features = features::all(members);
        let explicit = references(members);
        let mut named: Vec<(usize, usize)> = explicit.iter().copied().collect();
        named.sort_unstable();
        let pairs: Vec<(u32, u32, f32)> = candidates(&features, &named)
            .into_iter()
            .filter_map(|(a, b)| {
                let near = nearness(&features[a as usize].places, &features[b as usize].places);
                let named = explicit.contains(&(a as usize, b as usize));
                let fit = fit(&features[a as usize], &features[b as usize], near, named)?;
                Some((a, b, fit as f32))
            })
            .collect();
        Space { rivals: Rivals::new(&features, &pairs), features, explicit, pairs }
    }

    /// What a member says and of which place, in one number.
    pub(crate) fn whole_key(&self, member: usize) -> u64 {
        self.features[member].whole_key
    }

    /// The pairs at or above [`POSSIBLE`] with their scores, in order.
    pub(crate) fn likely(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.pairs.iter().filter_map(|(a, b, fit)| {
            let (a, b) = (*a as usize, *b as usize);
            let named = self.explicit.contains(&(a, b));
            let most = f64::from(*fit) + evidence::most_of_others();
            if !named && logistic(most) < POSSIBLE {
                return None;
            }
            let score = self.score(a, b);
            (score >= POSSIBLE).then_some((a, b, score))
        })
    }

    pub(crate) fn score(&self, a: usize, b: usize) -> f64 {
        self.pair(a, b).score
    }

    /// All about a pair.
    pub(crate) fn pair(&self, a: usize, b: usize) -> Pair {
        let (a, b) = (a.min(b), a.max(b));
        let (x, y) = (&self.features[a], &self.features[b]);
        let near = nearness(&x.places, &y.places);
        let mut strengths = compare::whole(x, y, near, compare::quick(x, y, near));
        if x.document != y.document {
            let margin = self.rivals.margin(&self.features, a, b, strengths.sum());
            evidence::among_others(&mut strengths, margin);
        }
        let pair = verdict(x, y, near, &strengths);
        if self.explicit.contains(&(a, b)) {
            return Pair { score: 1.0, explicit: true, apart: None, ..pair };
        }
        pair
    }

    /// Might somebody take the two for one: near places, or alike?
    pub(crate) fn is_near(&self, a: usize, b: usize) -> bool {
        let near = nearness(&self.features[a].places, &self.features[b].places);
        matches!(near, Nearness::Overlap(_))
            || matches!(near, Nearness::Gap(lines) if lines <= 30)
            || self.pair(a, b).strengths.score() >= POSSIBLE
    }

    /// The evidence of a pair in words, the weightiest first.
    pub(crate) fn why(&self, a: usize, b: usize) -> Vec<Evidence> {
        let (a, b) = (a.min(b), a.max(b));
        let (x, y) = (&self.features[a], &self.features[b]);
        let mut list = self.pair(a, b).strengths.listed();
        for evidence in &mut list {
            let what = if evidence.kind == Kind::Cause.name() {
                common_causes(x, y).join(", ")
            } else if evidence.kind == Kind::Wording.name() {
                x.kinds.common(&y.kinds).unwrap_or_default().to_owned()
            } else {
                continue;
            };
            evidence.about = format!("{}: {what}", evidence.about);
        }
        list
    }
}

/// How well two members fit, as log-odds, if at [`FLOOR`] or better or if an author names
/// them; spares the comparison of texts, the dear part, for most pairs.
fn fit(x: &Features, y: &Features, near: Nearness, named: bool) -> Option<f64> {
    // Never one, whatever they say; most pairs are such.
    if near == Nearness::OtherFile && !named {
        return None;
    }
    let quick = compare::quick(x, y, near);
    if compare::at_most(&quick) < FLOOR && !named {
        return None;
    }
    let fit = compare::whole(x, y, near, quick).sum();
    (fit >= FLOOR || named).then_some(fit)
}

fn verdict(x: &Features, y: &Features, near: Nearness, strengths: &Strengths) -> Pair {
    let apart = if x.document == y.document && x.decided && y.decided {
        Some("an earlier merge told them apart")
    } else if x.document == y.document && listed_apart(x, y, near) {
        Some("one report lists the same words at two places")
    } else if x.document == y.document && near == Nearness::OtherFile {
        Some("one report lists them for two files")
    } else if x.document == y.document && !matches!(near, Nearness::Overlap(_)) && compare::by_two_rules(x, y)
    {
        Some("one tool tells them by two rules")
    } else if strengths.forbids() {
        Some("the same sentence about something else")
    } else {
        None
    };
    let score = if apart.is_some() { APART } else { strengths.score() };
    Pair { score, explicit: false, apart, strengths: *strengths }
}

/// One reviewer lists the same words at two places: two findings.
fn listed_apart(x: &Features, y: &Features, near: Nearness) -> bool {
    let same_words = x.title_key == y.title_key || cosine(&x.title, &y.title) > 0.95;
    same_words && matches!(near, Nearness::Gap(_) | Nearness::OtherFile)
}
