//! The evidence of a pair: kinds, strengths and their weights (`data/evidence.tsv`).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::rivals::REACH;
use crate::model::Evidence;
use crate::vocabulary::rows;

macro_rules! kinds {
    ($($kind:ident $name:literal,)*) => {
        /// What may speak for or against two findings being one; the rows of the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum Kind { $($kind,)* }

        impl Kind {
            pub(crate) const ALL: &[Kind] = &[$(Kind::$kind,)*];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    Base "base",
    SameLines "same-lines",
    NearLines "near-lines",
    SameFile "same-file",
    OtherFile "other-file",
    NoPlace "no-place",
    Alone "alone",
    Rival "rival",
    RareWords "rare-words",
    Family "family",
    Wording "wording",
    OtherWording "other-wording",
    Cause "cause",
    BroadCause "broad-cause",
    OtherCause "other-cause",
    SaidAgain "said-again",
    SameReport "same-report",
    ParallelNames "parallel-names",
    ParallelWords "parallel-words",
    Opposite "opposite",
}

const KINDS: usize = Kind::ALL.len();

struct Weights {
    weight: [f64; KINDS],
    words: [&'static str; KINDS],
    part: [&'static str; KINDS],
}

/// Part, weight and words of a kind.
type Row = (&'static str, f64, &'static str);

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let table: HashMap<&str, Row> = rows(include_str!("../../data/evidence.tsv"))
        .filter_map(|row| match row[..] {
            [name, part, weight, words, _example] => Some((name, (part, weight.parse().ok()?, words))),
            _ => None,
        })
        .collect();
    let mut weights = Weights { weight: [0.0; KINDS], words: [""; KINDS], part: [""; KINDS] };
    for kind in Kind::ALL {
        let (part, weight, words) = table.get(kind.name()).copied().unwrap_or_default();
        weights.part[*kind as usize] = part;
        weights.weight[*kind as usize] = weight;
        weights.words[*kind as usize] = words;
    }
    weights
});

/// How much of each kind a pair has: 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Strengths([f64; KINDS]);

impl Strengths {
    /// Before anything is compared.
    pub(super) fn base() -> Self {
        let mut out = Strengths([0.0; KINDS]);
        out.set(Kind::Base, 1.0);
        out
    }

    pub(super) fn set(&mut self, kind: Kind, strength: f64) {
        self.0[kind as usize] = strength;
    }

    pub(crate) fn of(&self, kind: Kind) -> f64 {
        self.0[kind as usize]
    }

    /// The sum of what has been weighed, as log-odds.
    pub(super) fn sum(&self) -> f64 {
        self.0.iter().zip(&WEIGHTS.weight).map(|(strength, weight)| strength * weight).sum()
    }

    /// What the kinds of a part (`place`, `cause`) come to, as log-odds.
    pub(crate) fn part(&self, part: &str) -> f64 {
        let of_part = |kind: &&Kind| WEIGHTS.part[**kind as usize] == part;
        Kind::ALL.iter().filter(of_part).map(|kind| self.of(*kind) * WEIGHTS.weight[*kind as usize]).sum()
    }

    /// How likely the two are one, 0 to 1.
    pub(crate) fn score(&self) -> f64 {
        logistic(self.sum())
    }

    /// Is there evidence that forbids any merge, however alike the rest is? The same
    /// sentence about something else, or about another file, is another finding.
    pub(crate) fn forbids(&self) -> bool {
        let forbidding = [Kind::OtherFile, Kind::Opposite, Kind::ParallelNames, Kind::ParallelWords];
        forbidding.iter().any(|kind| self.of(*kind) > 0.5)
    }

    /// What counts, the weightiest first.
    pub(crate) fn listed(&self) -> Vec<Evidence> {
        let mut list: Vec<Evidence> = Kind::ALL
            .iter()
            .filter(|kind| **kind != Kind::Base && self.of(**kind) > 0.0)
            .map(|kind| Evidence {
                kind: kind.name().to_string(),
                weight: (100.0 * self.of(*kind) * WEIGHTS.weight[*kind as usize]).round() / 100.0,
                about: WEIGHTS.words[*kind as usize].to_string(),
            })
            .filter(|evidence| evidence.weight.abs() >= 0.05)
            .collect();
        list.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then_with(|| a.kind.cmp(&b.kind)));
        list
    }
}

/// Adds how the pair compares with what else the two reports have: log-odds by which it
/// fits better, or worse below zero.
pub(super) fn among_others(strengths: &mut Strengths, margin: f64) {
    strengths.set(Kind::Alone, margin.max(0.0) / REACH);
    strengths.set(Kind::Rival, (-margin).max(0.0) / REACH);
}

/// Log-odds as a probability.
pub(super) fn logistic(sum: f64) -> f64 {
    1.0 / (1.0 + (-sum).exp())
}

/// What a comparison with the reports' other findings adds at most.
pub(super) fn most_of_others() -> f64 {
    WEIGHTS.weight[Kind::Alone as usize]
}

/// What a kind weighs at most, as log-odds.
pub(super) fn weight(kind: Kind) -> f64 {
    WEIGHTS.weight[kind as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row_with_a_part_and_an_example() {
        let table: Vec<Vec<&str>> = rows(include_str!("../../data/evidence.tsv")).collect();
        assert_eq!(table.len(), KINDS);
        for (kind, row) in Kind::ALL.iter().zip(&table) {
            assert_eq!(kind.name(), row[0]);
            assert!(["place", "cause", "run"].contains(&row[1]), "{row:?}");
            assert!(row[2].parse::<f64>().is_ok() && !row[3].is_empty() && !row[4].is_empty(), "{row:?}");
        }
    }

    #[test]
    fn the_same_place_alone_makes_nothing_one() {
        let lines = weight(Kind::SameLines).max(weight(Kind::NearLines)) + weight(Kind::Alone);
        let best = lines.max(weight(Kind::SameFile) + weight(Kind::Alone)).max(weight(Kind::NoPlace));
        assert!(best + weight(Kind::Base) < 0.0, "{best}");
    }
}
