//! The evidence of a pair: kinds, strengths and their weights (`data/evidence.tsv`).

use std::collections::HashMap;
use std::sync::LazyLock;

use super::causes::{self, Breadth, Families};
use super::features::Features;
use super::lexicon::{cosine, each_shared, meet, shared};
use super::parallel;
use super::place::Nearness;
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
    FarLines "far-lines",
    OtherFile "other-file",
    NoPlace "no-place",
    SameSymbol "same-symbol",
    Alone "alone",
    Rival "rival",
    Title "title",
    OtherClaim "other-claim",
    Told "told",
    Text "text",
    RareWords "rare-words",
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
    Opposite "opposite",
    OtherName "other-name",
    Tests "tests",
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

/// The evidence that is cheap to have: places, titles, causes, names.
pub(super) fn quick(x: &Features, y: &Features, near: Nearness) -> Strengths {
    let mut out = Strengths([0.0; KINDS]);
    out.set(Kind::Base, 1.0);
    match near {
        Nearness::Overlap(share) => {
            out.set(Kind::SameLines, 0.4 + 0.6 * share);
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
    let languages = matches!((x.language, y.language), (Some(a), Some(b)) if a != b);
    if x.claim.len() > 1 && y.claim.len() > 1 && cosine(&x.claim, &y.claim) == 0.0 && !languages {
        out.set(Kind::OtherClaim, 1.0);
    }
    if x.title_key == y.title_key && !x.said.is_empty() {
        out.set(Kind::SameTitle, 1.0);
    }
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
    if meet(&x.rules, &y.rules) {
        out.set(Kind::Rule, 1.0);
    } else if two(&x.weaknesses, &y.weaknesses) && narrowest(&x.causes, &y.causes).is_none()
        || x.document == y.document && two(&x.rules, &y.rules)
    {
        // What two tools call their rules is no contradiction.
        out.set(Kind::OtherRule, 1.0);
    }
    out
}

/// Adds what needs the texts, the dear part.
pub(super) fn whole(x: &Features, y: &Features, near: Nearness, mut out: Strengths) -> Strengths {
    let placed = matches!(near, Nearness::Overlap(_) | Nearness::Gap(_));
    let text = if placed { cosine(&x.plain, &y.plain) } else { cosine(&x.body, &y.body) };
    out.set(Kind::Text, text);
    out.set(Kind::RareWords, rare_words(x, y));
    out.set(Kind::Fix, cosine(&x.fix, &y.fix));
    if meet(&x.code, &y.code) {
        out.set(Kind::Code, 1.0);
    }
    let parallel = parallel::compare(x, y);
    // Words of one cause at one place differ, as of any two who tell it.
    let certain = out.of(Kind::Cause) >= 1.0 && matches!(near, Nearness::Overlap(_));
    if certain {
        return out;
    }
    out.set(Kind::Opposite, parallel.opposite);
    out.set(Kind::ParallelNames, parallel.names);
    let one_slot = matches!(near, Nearness::Gap(_)) && parallel::one_slot(x, y);
    out.set(Kind::ParallelWords, parallel.words.max(f64::from(one_slot)));
    // One thing of which two things are said.
    let apart =
        matches!(near, Nearness::Gap(_)) && parallel::same_subject(x, y) && parallel::other_claims(x, y);
    if parallel.names == 0.0 && (apart || parallel::other_names(x, y)) {
        out.set(Kind::OtherName, 1.0);
    }
    out
}

/// So much of rare words in common is as much as one can have.
const RARE_WORDS: f64 = 3.0;

/// How much both texts say that few others would, names of the files apart.
fn rare_words(x: &Features, y: &Features) -> f64 {
    let known = |word: &u32| x.of_path.binary_search(word).is_ok() || y.of_path.binary_search(word).is_ok();
    let mut sum = 0.0;
    each_shared(&x.body, &y.body, |word, a, b| {
        if !known(&word) {
            sum += (a * x.body_norm).min(b * y.body_norm);
        }
    });
    (sum / RARE_WORDS).min(1.0)
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

/// Does each have one?
fn two<T>(a: &[T], b: &[T]) -> bool {
    !a.is_empty() && !b.is_empty()
}

/// Could a pair of such places come to `least` log-odds, if all else but the titles spoke for it?
pub(super) fn may_reach(x: &Features, y: &Features, near: Nearness, least: f64) -> bool {
    let weight = |kind: Kind| WEIGHTS.weight[kind as usize].max(0.0);
    let (place, cause) = match near {
        Nearness::Overlap(_) => return true,
        Nearness::Gap(lines) => {
            let far = (f64::from(lines.saturating_sub(8)) / 16.0).min(1.0);
            let far = far * WEIGHTS.weight[Kind::FarLines as usize];
            ((-f64::from(lines) / 10.0).exp() * weight(Kind::NearLines) + far, 1.0)
        }
        Nearness::File => (weight(Kind::SameFile) + weight(Kind::SameSymbol) + weight(Kind::TitleName), 1.0),
        Nearness::OtherFile => (WEIGHTS.weight[Kind::OtherFile as usize], 0.4),
        Nearness::Unknown => (WEIGHTS.weight[Kind::NoPlace as usize] + weight(Kind::TitleName), 0.4),
    };
    let title = cosine(&x.title, &y.title);
    let same = if title > 0.9 { weight(Kind::SameTitle) + weight(Kind::SaidAgain) } else { 0.0 };
    let rest = [Kind::Told, Kind::Text, Kind::RareWords, Kind::Names, Kind::Code, Kind::Fix, Kind::Rule];
    let rest: f64 = rest.iter().map(|kind| weight(*kind)).sum();
    let most = WEIGHTS.weight[Kind::Base as usize]
        + place
        + title * weight(Kind::Title)
        + same
        + cause * weight(Kind::Cause)
        + rest;
    most >= least
}

/// As high as the sum could get with the texts.
pub(super) fn at_most(quick: &Strengths) -> f64 {
    let of_texts = [Kind::Text, Kind::RareWords, Kind::Fix, Kind::Code];
    let rest: f64 = of_texts.iter().map(|kind| WEIGHTS.weight[*kind as usize].max(0.0)).sum();
    quick.sum() + rest
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
    for (breadth, of_narrow, of_broad) in
        [(titles, 1.0, 1.0), (told, 0.7, 0.4), (back, 0.7, 0.4), (texts, 0.2, 0.0)]
    {
        let Some(breadth) = breadth else { continue };
        found = true;
        let (kind, strength) = match breadth {
            Breadth::Narrow => (Kind::Cause, of_narrow),
            Breadth::Broad => (Kind::BroadCause, of_broad),
            Breadth::Vague => (Kind::BroadCause, 0.3 * of_broad),
        };
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
        let family = x.families.meet(y.families);
        out.set(Kind::OtherCause, if family { 0.5 } else { 1.0 });
    }
    // A cause in one title of which the other has no word; a narrow one says more.
    let lacks = |a: &Features, b: &Features| {
        let only = a.causes.iter().filter(|number| b.all_causes.binary_search(number).is_err());
        only.filter_map(|number| causes::cause(*number))
            .map(|c| if c.breadth == Breadth::Narrow { 1.0 } else { 0.5 })
            .fold(0.0, f64::max)
    };
    let languages = matches!((x.language, y.language), (Some(a), Some(b)) if a != b);
    if !akin && !languages && out.of(Kind::OtherCause) == 0.0 && out.of(Kind::Cause) < 0.5 {
        out.set(Kind::OneCause, lacks(x, y).max(lacks(y, x)));
    }
    // "Not checked" is said of anything: beside a cause that only one names it tells nothing.
    let vague = |a: &[u16], b: &[u16]| narrowest(a, b) <= Some(Breadth::Vague);
    if out.of(Kind::OneCause) > 0.0 && vague(&x.causes, &y.all_causes) && vague(&y.causes, &x.all_causes) {
        out.set(Kind::BroadCause, 0.0);
    }
    // How code is written and tested is not what it does wrong.
    let form = |a: &Features, b: &Features| a.families.and(Families::form()).exceeds(b.all_families);
    if form(x, y) || form(y, x) {
        out.set(Kind::OtherForm, 1.0);
    }
}

/// How narrow the narrowest cause in both lists is; `None`: there is none.
fn narrowest(a: &[u16], b: &[u16]) -> Option<Breadth> {
    let common = a.iter().filter(|number| b.binary_search(number).is_ok());
    common.filter_map(|number| causes::cause(*number)).map(|cause| cause.breadth).max()
}

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
        let best = lines.max(file).max(weight(Kind::NoPlace));
        assert!(best + weight(Kind::Base) < 0.0, "{best}");
    }
}
