//! The evidence of a pair: kinds, strengths and their weights (`data/evidence.tsv`).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::causes;
use super::features::Features;
use super::lexicon::{cosine, meet, shared};
use super::parallel;
use super::place::{Nearness, same_start};
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
    SameStart "same-start",
    NearLines "near-lines",
    SameFile "same-file",
    FarLines "far-lines",
    OtherFile "other-file",
    NoPlace "no-place",
    SameSymbol "same-symbol",
    Alone "alone",
    Title "title",
    Claim "claim",
    OtherClaim "other-claim",
    Told "told",
    Text "text",
    Names "names",
    TitleName "title-name",
    Code "code",
    Fix "fix",
    Cause "cause",
    BroadCause "broad-cause",
    KinCause "kin-cause",
    OtherCause "other-cause",
    OneCause "one-cause",
    OtherForm "other-form",
    Rule "rule",
    OtherRule "other-rule",
    SameTitle "same-title",
    SaidAgain "said-again",
    SameReport "same-report",
    ParallelNames "parallel-names",
    ParallelWords "parallel-words",
    LikeWords "like-words",
    Opposite "opposite",
    OtherName "other-name",
    Tests "tests",
    OtherWords "other-words",
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
    fn set(&mut self, kind: Kind, strength: f64) {
        self.0[kind as usize] = strength;
    }

    pub(crate) fn of(&self, kind: Kind) -> f64 {
        self.0[kind as usize]
    }

    /// The sum of what has been weighed, as log-odds.
    fn sum(&self) -> f64 {
        self.0.iter().zip(&WEIGHTS.weight).map(|(strength, weight)| strength * weight).sum()
    }

    /// What the kinds of a part (`place`, `cause`) come to, as log-odds.
    pub(crate) fn part(&self, part: &str) -> f64 {
        let of_part = |kind: &&Kind| WEIGHTS.part[**kind as usize] == part;
        Kind::ALL.iter().filter(of_part).map(|kind| self.of(*kind) * WEIGHTS.weight[*kind as usize]).sum()
    }

    /// How likely the two are one, 0 to 1.
    pub(crate) fn score(&self) -> f64 {
        1.0 / (1.0 + (-self.sum()).exp())
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

/// The evidence that is cheap to have: places, titles, causes, names.
/// `alone`: two reports have nothing else at the place.
pub(super) fn quick(x: &Features, y: &Features, near: Nearness, alone: bool) -> Strengths {
    let mut out = Strengths([0.0; KINDS]);
    out.set(Kind::Base, 1.0);
    match near {
        Nearness::Overlap(share) => {
            out.set(Kind::SameLines, 0.4 + 0.6 * share);
            out.set(Kind::SameStart, f64::from(same_start(&x.places, &y.places)));
        }
        Nearness::Gap(lines) => {
            out.set(Kind::NearLines, (-f64::from(lines) / 10.0).exp());
            out.set(Kind::FarLines, (f64::from(lines.saturating_sub(8)) / 16.0).min(1.0));
        }
        Nearness::File => out.set(Kind::SameFile, 1.0),
        Nearness::OtherFile => out.set(Kind::OtherFile, 1.0),
        Nearness::Unknown => out.set(Kind::NoPlace, 1.0),
    }
    out.set(Kind::Title, cosine(&x.title, &y.title));
    out.set(Kind::Claim, cosine(&x.claim, &y.claim));
    let languages = matches!((x.language, y.language), (Some(a), Some(b)) if a != b);
    if x.claim.len() > 1 && y.claim.len() > 1 && out.of(Kind::Claim) == 0.0 && !languages {
        out.set(Kind::OtherClaim, 1.0);
    }
    if x.title_key == y.title_key && !x.said.is_empty() {
        out.set(Kind::SameTitle, 1.0);
    }
    out.set(Kind::Alone, f64::from(alone));
    if near == Nearness::File && (meet(&x.symbols, &y.tokens) || meet(&y.symbols, &x.tokens)) {
        out.set(Kind::SameSymbol, 1.0);
    }
    let placed = matches!(near, Nearness::Overlap(_) | Nearness::Gap(_));
    out.set(Kind::Told, told(x, y, placed));
    of_names(x, y, &mut out);
    of_causes(x, y, &mut out);
    if matches!(near, Nearness::File | Nearness::Unknown) && meet(&x.names, &y.names) {
        out.set(Kind::TitleName, 1.0);
    }
    if matches!(near, Nearness::OtherFile | Nearness::Unknown) {
        // A cause without a place is a rule that may be broken anywhere.
        out.set(Kind::Cause, 0.4 * out.of(Kind::Cause));
        out.set(Kind::BroadCause, 0.4 * out.of(Kind::BroadCause));
    }
    if x.document == y.document {
        let again = matches!(near, Nearness::Overlap(_)) && out.of(Kind::Title) > 0.9;
        out.set(if again { Kind::SaidAgain } else { Kind::SameReport }, 1.0);
    }
    if x.of_tests != y.of_tests {
        out.set(Kind::Tests, 1.0);
    }
    if !x.rules.is_empty() && !y.rules.is_empty() {
        out.set(if meet(&x.rules, &y.rules) { Kind::Rule } else { Kind::OtherRule }, 1.0);
    }
    out
}

/// Adds what needs the texts, the dear part.
pub(super) fn whole(x: &Features, y: &Features, near: Nearness, mut out: Strengths) -> Strengths {
    let placed = matches!(near, Nearness::Overlap(_) | Nearness::Gap(_));
    let text = if placed { cosine(&x.plain, &y.plain) } else { cosine(&x.body, &y.body) };
    out.set(Kind::Text, text);
    out.set(Kind::Fix, cosine(&x.fix, &y.fix));
    if meet(&x.code, &y.code) {
        out.set(Kind::Code, 1.0);
    }
    let plain = !x.plain.is_empty() && !y.plain.is_empty();
    if plain && out.of(Kind::Names) > 0.0 && cosine(&x.plain, &y.plain) < 0.04 {
        out.set(Kind::OtherWords, 1.0);
    }
    let parallel = parallel::compare(x, y);
    out.set(Kind::Opposite, parallel.opposite);
    out.set(Kind::ParallelNames, parallel.names);
    let one_slot = matches!(near, Nearness::Gap(_)) && parallel::one_slot(x, y);
    out.set(Kind::ParallelWords, parallel.words.max(f64::from(one_slot)));
    out.set(Kind::LikeWords, parallel.like);
    // One thing of which two things are said.
    let apart =
        matches!(near, Nearness::Gap(_)) && parallel::same_subject(x, y) && parallel::other_claims(x, y);
    if parallel.names == 0.0 && (apart || parallel::other_names(x, y)) {
        out.set(Kind::OtherName, 1.0);
    }
    out
}

/// Could a pair of such places score `least`, if all else but the titles spoke for it?
pub(super) fn may_reach(x: &Features, y: &Features, near: Nearness, least: f64) -> bool {
    let weight = |kind: Kind| WEIGHTS.weight[kind as usize];
    let (place, cause) = match near {
        Nearness::Overlap(_) => return true,
        Nearness::Gap(lines) => {
            ((-f64::from(lines) / 10.0).exp() * weight(Kind::NearLines) + weight(Kind::Alone), 1.0)
        }
        Nearness::File => (weight(Kind::SameFile) + weight(Kind::SameSymbol) + weight(Kind::TitleName), 1.0),
        Nearness::OtherFile => (weight(Kind::OtherFile), 0.4),
        Nearness::Unknown => (weight(Kind::NoPlace) + weight(Kind::TitleName), 0.4),
    };
    let title = cosine(&x.title, &y.title);
    let same = if title > 0.9 { weight(Kind::SameTitle) + weight(Kind::SaidAgain) } else { 0.0 };
    let rest: f64 = [Kind::Claim, Kind::Told, Kind::Text, Kind::Names, Kind::Code, Kind::Fix, Kind::Rule]
        .iter()
        .map(|kind| weight(*kind))
        .sum();
    let most =
        weight(Kind::Base) + place + title * weight(Kind::Title) + same + cause * weight(Kind::Cause) + rest;
    1.0 / (1.0 + (-most).exp()) >= least
}

/// As high as the score could get with the texts.
pub(super) fn at_most(quick: &Strengths) -> f64 {
    let rest: f64 =
        [Kind::Text, Kind::Fix, Kind::Code].iter().map(|kind| WEIGHTS.weight[*kind as usize].max(0.0)).sum();
    1.0 / (1.0 + (-(quick.sum() + rest)).exp())
}

/// The share of a title's words that the other finding has anywhere, by their rareness;
/// the better way round. At one place the names of that place say nothing.
fn told(x: &Features, y: &Features, placed: bool) -> f64 {
    let of = |a: &Features, b: &Features| {
        let title = if placed { &a.claim } else { &a.title };
        let all: f64 = title.iter().map(|(_, weight)| f64::from(*weight)).sum();
        let heard: f64 = title
            .iter()
            .filter(|(word, _)| b.heard.binary_search(word).is_ok())
            .map(|(_, weight)| f64::from(*weight))
            .sum();
        if all > 0.0 { heard / all } else { 0.0 }
    };
    of(x, y).max(of(y, x))
}

fn of_names(x: &Features, y: &Features, out: &mut Strengths) {
    let smaller = x.ident_weight.min(y.ident_weight);
    if smaller > 0.0 {
        out.set(Kind::Names, shared(&x.idents, &y.idents, |weight, _| weight) / smaller);
    }
}

fn of_causes(x: &Features, y: &Features, out: &mut Strengths) {
    let (titles, told) = (narrowest(&x.causes, &y.causes), narrowest(&x.causes, &y.all_causes));
    let (back, texts) = (narrowest(&y.causes, &x.all_causes), narrowest(&x.all_causes, &y.all_causes));
    let mut found = false;
    for (narrow, of_narrow, of_broad) in
        [(titles, 1.0, 1.0), (told, 0.7, 0.4), (back, 0.7, 0.4), (texts, 0.2, 0.0)]
    {
        let Some(narrow) = narrow else { continue };
        found = true;
        let (kind, strength) = if narrow { (Kind::Cause, of_narrow) } else { (Kind::BroadCause, of_broad) };
        out.set(kind, out.of(kind).max(strength));
    }
    if out.of(Kind::Cause) > 0.0 {
        out.set(Kind::BroadCause, 0.0);
    }
    let akin = causes::akin(&x.causes, &y.causes);
    if !found && (akin || causes::akin(&x.causes, &y.all_causes) || causes::akin(&y.causes, &x.all_causes)) {
        out.set(Kind::KinCause, if akin { 1.0 } else { 0.5 });
    }
    let akin = out.of(Kind::KinCause) > 0.0;
    if !found && !akin && !x.causes.is_empty() && !y.causes.is_empty() {
        let family = x.families.iter().any(|family| y.families.contains(family));
        out.set(Kind::OtherCause, if family { 0.5 } else { 1.0 });
    }
    // A cause in one title of which the other has no word; a narrow one says more.
    let lacks = |a: &Features, b: &Features| {
        let only = a.causes.iter().filter(|number| b.all_causes.binary_search(number).is_err());
        only.filter_map(|number| causes::cause(*number))
            .map(|c| if c.narrow { 1.0 } else { 0.5 })
            .fold(0.0, f64::max)
    };
    let languages = matches!((x.language, y.language), (Some(a), Some(b)) if a != b);
    if !akin && !languages && out.of(Kind::OtherCause) == 0.0 && out.of(Kind::Cause) < 0.5 {
        out.set(Kind::OneCause, lacks(x, y).max(lacks(y, x)));
    }
    // "Not checked" is said of anything: beside a cause that only one names it tells less.
    if out.of(Kind::OneCause) > 0.9 {
        out.set(Kind::BroadCause, 0.8 * out.of(Kind::BroadCause));
    }
    // How code is written and tested is not what it does wrong.
    let form = |a: &Features, b: &Features| {
        a.families.iter().any(|family| FORM.contains(family) && !b.all_families.contains(family))
    };
    if form(x, y) || form(y, x) {
        out.set(Kind::OtherForm, 1.0);
    }
}

/// The narrowest cause in both lists: is it a narrow one? `None`: there is none.
fn narrowest(a: &[u16], b: &[u16]) -> Option<bool> {
    let common = a.iter().filter(|number| b.binary_search(number).is_ok());
    common.filter_map(|number| causes::cause(*number)).map(|cause| cause.narrow).max()
}

/// Families of causes that are about the form of code.
const FORM: &[&str] = &["style", "test"];

/// The causes that both name, for people.
pub(super) fn common_causes(x: &Features, y: &Features) -> Vec<&'static str> {
    x.all_causes
        .iter()
        .filter(|cause| y.all_causes.binary_search(cause).is_ok())
        .filter_map(|cause| causes::cause(*cause))
        .map(|cause| cause.name)
        .collect()
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
        let weight = |kind: Kind| WEIGHTS.weight[kind as usize];
        let lines = weight(Kind::SameLines).max(weight(Kind::NearLines)) + weight(Kind::Alone);
        let file = weight(Kind::SameFile) + weight(Kind::SameSymbol);
        let best = (lines + weight(Kind::SameStart)).max(file).max(weight(Kind::NoPlace));
        assert!(best + weight(Kind::Base) < 0.0, "{best}");
    }
}
