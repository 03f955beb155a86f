//! Sentences that deny: "no issues found", in scripts with and without spaces.

use super::{is_wide, limits_to, says_clean_phrase, says_none};
use crate::severity;
use crate::signs::{claims, extent};
use crate::text::begins;
use crate::vocabulary::DENIALS;
use findings::Severity;

/// "No critical, high, medium or low findings": the whole scale is no limit.
pub(super) fn denies_all_levels(plain: &str) -> bool {
    let words: Vec<&str> = plain.split_whitespace().filter_map(pieces).map(|(word, _)| word).collect();
    let Some((first, rest)) = words.split_first() else { return false };
    let level = |word: &str| severity::exact(word).map(|(level, _)| level);
    let noun = |word: &str| DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word);
    let joins = |word: &str| matches!(word, "and" | "or" | "nor" | "severity" | "no" | "were" | "found");
    let levels: Vec<Severity> = rest.iter().filter_map(|word| level(word)).collect();
    DENIALS.none.contains(first)
        && levels.contains(&Severity::Low)
        && levels.contains(&Severity::Medium)
        && levels.contains(&Severity::High)
        && rest.iter().any(|word| noun(word))
        && rest.iter().all(|word| level(word).is_some() || noun(word) || joins(word))
}

/// Does a clause deny findings or faults, of whatever kind?
pub(in crate::signs) fn denies_findings(clause: &str) -> bool {
    denies(clause, Limits::Allowed) || says_clean_phrase(clause) || says_none(clause)
}

/// Are limits like "no *critical* issues" a denial? They are below the heading
/// they belong to, not for a whole report.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Limits {
    Allowed,
    Refused,
}

/// Does a sentence in lower case deny that there are findings?
pub(super) fn denies(sentence: &str, limits: Limits) -> bool {
    if sentence.is_empty() {
        return false;
    }
    if is_wide(sentence) {
        return denies_without_spaces(sentence, limits);
    }
    let words: Vec<(&str, bool)> = sentence.split_whitespace().filter_map(pieces).collect();
    let table = &*DENIALS;
    let mut turns = false;
    (0..words.len()).any(|at| {
        let word = words[at].0;
        // "I cannot say that there are no issues" denies nothing.
        let builds = word == "without"
            && words[..at]
                .iter()
                .any(|(w, _)| matches!(*w, "compiles" | "compile" | "builds" | "build" | "lints"));
        let turned = builds || turns;
        turns |= table.turns.contains(word) || word.ends_with("n't");
        let direct = table.none.contains(word) && !turned;
        let verb = table.not.contains(word) || word.ends_with("n't");
        let ahead = || words[at + 1..].iter().take(5).map(|(word, _)| *word);
        if table.nothing.contains(word)
            && !turned
            && ahead().any(|w| table.needs.contains(w))
            && ahead().any(|w| table.undone.contains(w))
            && (limits == Limits::Allowed || !ahead().any(limits_to))
        {
            return true;
        }
        if !direct && !verb {
            return false;
        }
        let after = words.iter().enumerate().skip(at + 1).take(8);
        let noun = after.map(|(n, word)| (n, *word)).find(|(n, (w, ends))| {
            let next = words.get(n + 1);
            let ends = *ends || next.is_none();
            table.nouns.contains(w) && (ends || next.is_some_and(|(next, _)| table.after.contains(next)))
                || table.weak_nouns.contains(w) && (ends || next.is_some_and(|next| finds(&[*next])))
        });
        // Slavic word order: "problems not found".
        let noun_at = |n: usize| table.nouns.contains(words[n].0) || table.weak_nouns.contains(words[n].0);
        let before = verb && at > 0 && noun_at(at - 1);
        let eased = |(n, _): &(usize, (&str, bool))| {
            words.get(n + 1).is_some_and(|(next, _)| claims::eased(words[*n].0, next))
        };
        let noun = noun.filter(|noun| !eased(noun));
        let Some((noun, _)) = noun else { return before && finds(&words[at + 1..]) };
        let between = &words[at + 1..noun];
        // Romance languages name the kind behind it: "sin problemas graves".
        let behind = words.get(noun + 1).is_some_and(|(word, _)| !words[noun].1 && limits_to(word));
        let limited = behind || words[..=noun].iter().any(|(w, _)| limits_to(w));
        (direct || finds(between))
            && (limits == Limits::Allowed || !limited)
            && !between.iter().any(|(w, _)| table.prepositions.contains(w))
    })
}

fn finds(words: &[(&str, bool)]) -> bool {
    words.iter().any(|(word, _)| DENIALS.finds.iter().any(|stem| begins(word, stem)))
}

/// A word, and whether a comma or bracket ends it.
pub(super) fn pieces(word: &str) -> Option<(&str, bool)> {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    (!bare.is_empty()).then(|| (bare, word.ends_with([',', ')', ':', ']'])))
}

/// Scripts without spaces: a denial beside a noun, in either order.
fn denies_without_spaces(sentence: &str, limits: Limits) -> bool {
    let table = &*DENIALS;
    let near = |from: usize, to: usize| {
        let gap = sentence.get(from..to);
        gap.is_some_and(|gap| gap.chars().filter(|c| !c.is_whitespace()).count() <= 6)
    };
    let beside = table.cjk_nouns.iter().any(|noun| {
        sentence.match_indices(noun).any(|(at, _)| {
            table.cjk_none.iter().any(|none| {
                sentence
                    .match_indices(none)
                    .any(|(n, _)| near(n + none.len(), at) || near(at + noun.len(), n))
            })
        })
    });
    beside
        && !table.cjk_contrasts.iter().any(|part| sentence.contains(part))
        && sentence.chars().count() <= 60
        && !sentence.contains([':', '：'])
        && (limits == Limits::Allowed || !table.cjk_limits.iter().any(|part| sentence.contains(part)))
}

/// `Findings: none`.
pub(super) fn none_by_label(lower: &str) -> bool {
    lower.lines().filter_map(|line| line.split_once([':', '：'])).any(|(label, value)| {
        let noun =
            label.split_whitespace().rev().find_map(pieces).is_some_and(|(w, _)| DENIALS.nouns.contains(w));
        (noun || DENIALS.cjk_nouns.iter().any(|n| label.ends_with(n)))
            && !extent::is_of_part(label)
            && says_none(value)
    })
}

pub(super) fn contrasts(sentence: &str) -> bool {
    DENIALS.contrasts.any(sentence)
}
