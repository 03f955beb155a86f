//! What a statement claims, if it consists of nothing but known words: that nothing was
//! found, praise, what was reviewed, what the change is. Names are free only where the
//! grammar has room for them: what is praised, reviewed or covered. The words are in
//! `data/assurance.tsv` and `data/clean.tsv`.

mod change;
mod denial;
mod praise;
mod review;

use super::assurance::ASSURANCE;
use super::extent::EXTENT;
use crate::locate::{self, Trust};
use crate::vocabulary::{DENIALS, PHRASES};
pub(super) use change::{describes, enumerates, tells_mishap, topics};
use change::{measures, processed};
use denial::denies;
pub(super) use denial::{
    counts_none_of_a_level, counts_some, denies_findings, eased, found_none, is_level, names_again,
    names_no_object,
};
pub(super) use denial::{finding, finds, negates};
pub(super) use praise::all_mended;
use praise::praises;
pub(super) use review::{approves, reads_aside, reviews, tells_of_review, told};
use review::{disclaims, limits_approval, signs_off};

/// What a statement claims, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nothing was found.
    Nothing,
    /// Something is as it should be, or is approved of.
    Good,
    /// Something was reviewed.
    Review,
    /// Something was looked for: what follows names kinds of faults.
    Sought,
    /// What the change is, or a label of the report.
    Meta,
}

/// Is it a verb of what a change or its tests do: "follows", "includes"?
pub(super) fn acts(word: &str) -> bool {
    let table = &*ASSURANCE;
    [&table.covers, &table.follows, &table.keeps].iter().any(|verbs| verbs.contains(word))
}

/// Stands for a piece of code or a quotation in a statement.
pub(super) const NAME: &str = "…";
/// The longest name, in words, of what is praised …
const SUBJECT: usize = 8;
/// … of what follows praise …
const TAIL: usize = 5;
/// … and of what was reviewed.
const OBJECT: usize = 14;
/// So many words that nobody knows may name what a person reviewed, or with what.
const NAMES: usize = 3;
/// The longest count of a level, in words.
const LEVEL: usize = 3;

/// The words of a text in lower case; code and the path of a file are one name, an
/// apostrophe belongs to its word.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(pieces).filter_map(|word| {
        if word == NAME {
            return Some(word);
        }
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        (!bare.is_empty()).then_some(bare)
    })
}

/// A path as the name that it is, anything else between its slashes: "and/or".
fn pieces(word: &str) -> impl Iterator<Item = &str> {
    let word = if is_path(word) { NAME } else { word };
    word.split('/')
}

fn is_path(word: &str) -> bool {
    let bare = word.trim_end_matches(['.', ',', ';', ':', ')']);
    bare.contains(['/', '.'])
        && matches!(locate::find(bare, Trust::Prose)[..], [ref only] if (only.start, only.end) == (0, bare.len()))
}

/// What a clause in lower case claims; `None` = it is not understood.
pub(super) fn claim(text: &str) -> Option<Claim> {
    let spoken = super::accounted::without_code(text);
    let list: Vec<&str> = words(&spoken).collect();
    if list.is_empty() || list.iter().all(|word| *word == NAME) {
        return None;
    }
    let text = spoken.trim();
    if PHRASES.none.contains(&text.trim_end_matches('.')) || denies(&list) {
        return Some(Claim::Nothing);
    }
    let approved = approves(text, &list)
        && !limits_approval(&list)
        && list.iter().all(|word| closed(word) || EXTENT.parts.contains(word));
    if approved
        || praises(&list)
        || signs_off(&list)
        || (text.contains("+1") || text.contains("+2")) && list.iter().all(|word| closed(word))
    {
        return Some(Claim::Good);
    }
    match reviews(&list) {
        Some(true) => return Some(Claim::Sought),
        Some(false) => return Some(Claim::Review),
        None => {}
    }
    if disclaims(&list) {
        return Some(Claim::Meta);
    }
    let ticked = text.contains(['✅', '✔', '✓', '☑']) && topics(&list);
    if ticked {
        return Some(Claim::Good);
    }
    (describes(&list, false) || measures(&list) || processed(&list) || text.starts_with("$ "))
        .then_some(Claim::Meta)
}

pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '%'))
}

/// A word that may stand anywhere in a statement of known words.
pub(super) fn closed(word: &str) -> bool {
    let table = &*ASSURANCE;
    word == NAME
        || is_number(word)
        || [
            &table.small,
            &table.adverbs,
            &table.good,
            &table.done,
            &table.fair,
            &table.quality,
            &table.kinds,
            &table.units,
            &table.objects,
            &table.persons,
            &table.reviews,
            &table.conjunctions,
            &table.signoffs,
            &table.works,
            &table.links,
            &EXTENT.whole,
        ]
        .iter()
        .any(|list| list.contains(word))
}

/// May words be a name: of what is praised, reviewed or covered?
fn named(list: &[&str], most: usize) -> bool {
    let table = &*ASSURANCE;
    let pronoun = |word: &str| matches!(word, "it" | "they" | "you" | "there");
    list.len() <= most
        && !list.iter().any(|word| {
            negates(word)
                || table.relative.contains(word)
                || table.aux.contains(word) && !pronoun(word)
                || EXTENT.parts.contains(word)
                || table.contrasts.contains(word)
                || DENIALS.fault_words.contains(word)
        })
}
