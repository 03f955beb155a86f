//! Claims that nothing was found, and what limits them.

use super::{LEVEL, TAIL, closed};
use crate::severity;
use crate::signs::assurance::ASSURANCE;
use crate::signs::extent::EXTENT;
use crate::signs::statement;
use crate::vocabulary::DENIALS;

/// "I found no problems in the changed files": one denial of findings, and nothing else.
pub(super) fn denies(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let nothing = list.iter().any(|word| DENIALS.nothing.contains(word));
    let mut denials = 0;
    let mut direct = false;
    for word in list.iter().filter(|word| negates(word)) {
        // Some languages deny twice: "no encontré ningún problema".
        let paired = table.concord.contains(word) && denials > 0 || direct && DENIALS.not.contains(word);
        direct |= table.concord.contains(word);
        denials += usize::from(!paired);
    }
    if denials != 1 {
        return false;
    }
    // "No issue was fixed" denies the mending.
    let mended = |word: &&str| {
        matches!(
            *word,
            "fixed" | "resolved" | "addressed" | "incorporated" | "closed" | "corrected" | "behoben"
        )
    };
    let needed = list.iter().any(|word| DENIALS.needs.contains(word));
    if list.iter().any(mended) && !needed || unlooked(list) || names_no_object(list) {
        return false;
    }
    let first = list.iter().position(|word| negates(word)).unwrap_or_default();
    let fault = |word: &&str| DENIALS.fault_words.contains(*word) || DENIALS.fine.contains(*word);
    let subject = list.iter().any(|word| finding(word))
        || list[first..].iter().any(|word| fault(word) || table.absent.contains(word))
        || list.len() <= TAIL && list.iter().any(|word| finds(word))
        || list.len() <= LEVEL && list.iter().any(|word| severity::exact(word).is_some())
        || nothing && list.len() <= 3
        || nothing && list.iter().any(|word| DENIALS.undone.contains(word));
    let needs = |word: &&str| {
        nothing
            && (DENIALS.needs.contains(*word)
                || DENIALS.undone.contains(*word)
                || matches!(*word, "that" | "else"))
    };
    subject
        && list.iter().enumerate().all(|(at, word)| {
            negates(word)
                || finding(word)
                || finds(word)
                || closed(word)
                || matches!(*word, "could" | "can" | "konnte" | "pude" | "pu" | "potuto")
                || needs(word)
                || DENIALS.after.contains(word) && *word != "that"
                || list.len() <= LEVEL && severity::exact(word).is_some()
                || at > first && (fault(word) || table.absent.contains(word) || DENIALS.limits.contains(word))
        })
}

/// "No findings were looked at", "nothing to review": the looking is denied.
fn unlooked(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let passive = list.iter().enumerate().filter(|(_, word)| finding(word)).any(|(at, _)| {
        let rest: Vec<&str> = list[at + 1..]
            .iter()
            .copied()
            .skip_while(|word| table.passives.contains(word) || matches!(*word, "have" | "has" | "had"))
            .collect();
        rest.len() < list.len() - at - 1
            && rest.first().is_some_and(|word| table.reviews.contains(word) && !finds(word))
    });
    let nothing = list
        .windows(3)
        .any(|w| DENIALS.nothing.contains(w[0]) && w[1] == "to" && table.reviews.contains(w[2]));
    // "I compared nothing", "nothing changed", "no problem finding bugs"
    let beside = list.windows(2).any(|w| {
        table.reviews.contains(w[0]) && !finds(w[0]) && DENIALS.nothing.contains(w[1])
            || DENIALS.nothing.contains(w[0]) && w[1] == "changed"
            || eased(w[0], w[1])
    });
    passive || nothing || beside
}

/// "No problem finding bugs": what goes easily is denied of no finding.
pub(in crate::signs) fn eased(noun: &str, next: &str) -> bool {
    let kinds = [
        "remaining",
        "regarding",
        "concerning",
        "existing",
        "outstanding",
        "pending",
        "blocking",
        "during",
        "needing",
        "requiring",
        "warranting",
        "affecting",
        "preventing",
        "involving",
        "relating",
    ];
    matches!(noun, "problem" | "problems" | "trouble" | "issue" | "issues" | "difficulty")
        && next.ends_with("ing")
        && !kinds.contains(&next)
}

/// "No files", "no diff": of what is there to be read.
pub(in crate::signs) fn names_no_object(list: &[&str]) -> bool {
    list.len() <= LEVEL
        && negates(list[0])
        && list[1..].iter().all(|word| ASSURANCE.objects.contains(word) && !finding(word))
        && list.len() > 1
}

/// Does a denial of known words speak of findings as such, not of one kind or a part of them?
pub(in crate::signs) fn denies_findings(list: &[&str]) -> bool {
    let nothing = list.iter().any(|word| DENIALS.nothing.contains(word));
    let limited = list.iter().any(|word| {
        statement::limits_to(word) || ASSURANCE.kinds.contains(word) && !ASSURANCE.quality.contains(word)
    });
    // "Compiles without warnings"
    let builds = |word: &&str| {
        matches!(
            *word,
            "compiles" | "compile" | "compiled" | "builds" | "build" | "built" | "lints" | "starts"
        )
    };
    let without = list.iter().position(|word| *word == "without");
    denies(list)
        && !limited
        && !without.is_some_and(|at| list[..at].iter().any(builds))
        && !list.iter().any(|word| {
            DENIALS.fault_words.contains(word) || EXTENT.past.contains(word) || EXTENT.parts.contains(word)
        })
        && (list.iter().enumerate().any(|(at, word)| finding(word) && denied(&list[..at]))
            || nothing && list.iter().any(|word| DENIALS.undone.contains(word)))
}

/// Does nothing stand between the last denial and what follows that is denied instead: "no
/// validation of errors"?
fn denied(before: &[&str]) -> bool {
    let from = before.iter().rposition(|word| negates(word)).map_or(0, |at| at + 1);
    !before[from..].iter().any(|word| DENIALS.prepositions.contains(word))
}

/// "… and found none", of what was looked for.
pub(in crate::signs) fn found_none(list: &[&str]) -> bool {
    list.len() <= TAIL && denies(list) && list.iter().any(|word| finds(word))
}

/// "Major 0": none of a level.
pub(in crate::signs) fn counts_none_of_a_level(list: &[&str]) -> bool {
    list.len() <= LEVEL && list.iter().any(|word| severity::exact(word).is_some()) && denies(list)
}

/// "3 suggestions", "two open remarks", "major 2": so many there are.
pub(in crate::signs) fn counts_some(list: &[&str]) -> bool {
    let some = |word: &&str| {
        word.parse::<u64>().is_ok_and(|number| number > 0) || ASSURANCE.quantities.contains(*word)
    };
    if list.len() <= LEVEL && list.iter().any(|word| severity::exact(word).is_some()) && list.iter().any(some)
    {
        return true;
    }
    // "2 failed", "failed 2"
    let fails = |word: &str| ASSURANCE.failures.contains(word);
    let failed = |pair: &[&str]| matches!(pair, [a, b] if some(a) && fails(b) || fails(a) && some(b));
    if list.windows(2).any(failed) {
        return true;
    }
    list.iter().enumerate().filter(|(_, word)| finding(word)).any(|(at, _)| {
        let before = &list[at.saturating_sub(3)..at];
        before.iter().any(&some) && !before.iter().any(|word| negates(word))
    })
}

/// "Same bug as before": a finding that is not denied.
pub(in crate::signs) fn names_again(list: &[&str]) -> bool {
    list.windows(2).any(|pair| matches!(pair[0], "same" | "another" | "again") && finding(pair[1]))
        && !list.iter().any(|word| negates(word))
}

/// Is it a severity by itself, as in a list of the scale?
pub(in crate::signs) fn is_level(text: &str) -> bool {
    severity::exact(text).is_some() && !statement::is_wide(text)
}

pub(in crate::signs) fn negates(word: &str) -> bool {
    DENIALS.none.contains(word)
        || DENIALS.not.contains(word)
        || DENIALS.nothing.contains(word)
        || DENIALS.turns.contains(word)
        || ASSURANCE.negations.contains(word)
        || ASSURANCE.concord.contains(word)
        || word.ends_with("n't")
}

pub(in crate::signs) fn finding(word: &str) -> bool {
    DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word)
}

pub(in crate::signs) fn finds(word: &str) -> bool {
    DENIALS.finds.iter().any(|stem| word.starts_with(stem))
}

/// Is it said of a part: "for small inputs", where "in all files" is the whole?
pub(super) fn limited(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let whole = |word: &&str| {
        EXTENT.whole.contains(*word)
            || matches!(
                *word,
                "all" | "every" | "each" | "both" | "everywhere" | "tests" | "test" | "design" | "suite"
            )
    };
    list.iter().any(|word| EXTENT.parts.contains(word))
        || list.iter().enumerate().any(|(at, word)| {
            table.prepositions.contains(word)
                && !list[at + 1..].is_empty()
                && !list[at + 1..].iter().any(&whole)
        })
}
