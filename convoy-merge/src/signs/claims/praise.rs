//! Claims that something is good.

use super::change::topics_but;
use super::denial::{finding, limited, negates};
use super::{NAME, SUBJECT, TAIL, closed, is_number, named};
use crate::signs::assurance::ASSURANCE;
use crate::signs::extent::EXTENT;
use crate::vocabulary::DENIALS;

/// Is something said to be as it should be?
pub(super) fn praises(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    if list.iter().any(|word| negates(word)) || of_a_layer(list) {
        return false;
    }
    let whole = (0..list.len()).any(|at| {
        list[..at].iter().all(|word| closed(word))
            && phrase_at(&table.idioms, &list[at..]).is_some_and(|end| tails(&list[at + end..]))
    });
    let linked = || {
        list.iter().enumerate().filter(|(_, word)| table.links.contains(*word)).any(|(at, _)| {
            let known = list[..at].iter().all(|word| {
                EXTENT.past.contains(word)
                    || closed(word) && (!table.kinds.contains(word) || table.quality.contains(word))
            });
            named(&list[..at], SUBJECT) && evaluates(&list[at + 1..], known || mended(list, at))
        })
    };
    whole || linked() || fragment(list) || works(list) || likes(list)
}

/// "Frontend looks good", "API part: fine": said of one layer, and of nothing else.
fn of_a_layer(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let end = list.iter().position(|word| table.links.contains(word)).unwrap_or(list.len());
    let subject = &list[..end];
    let beside = |word: &str| {
        table.small.contains(word)
            || EXTENT.parts.contains(word)
            || matches!(word, "side" | "code" | "changes")
    };
    // "The first commit is clean"
    let one = |pair: &[&str]| {
        matches!(pair[0], "first" | "second" | "third" | "last" | "other")
            && (table.objects.contains(pair[1]) || EXTENT.parts.contains(pair[1]))
    };
    if subject.windows(2).any(one) {
        return true;
    }
    let praise = |word: &str| table.good.contains(word) || table.adverbs.contains(word);
    subject.iter().any(|word| EXTENT.layers.contains(word))
        && subject
            .iter()
            .all(|word| EXTENT.layers.contains(word) || beside(word) || end == list.len() && praise(word))
}

/// "All five findings of round 2 are fixed": of all of them, and nothing of what is left.
pub(super) fn mended(list: &[&str], verb: usize) -> bool {
    let all = |word: &&str| {
        matches!(
            *word,
            "all"
                | "every"
                | "both"
                | "alle"
                | "todas"
                | "todos"
                | "tous"
                | "toutes"
                | "tutti"
                | "все"
                | "всі"
        )
    };
    let settled = |word: &&str| {
        matches!(*word, "fixed" | "resolved" | "addressed" | "closed" | "incorporated" | "mended" | "settled")
    };
    list[..verb].first().is_some_and(all)
        && list[..verb].iter().all(|word| closed(word) || finding(word) || EXTENT.past.contains(word))
        && list[verb + 1..].iter().any(settled)
}

/// Is all that was found before said to be mended?
pub(in crate::signs) fn all_mended(list: &[&str]) -> bool {
    (0..list.len()).any(|at| ASSURANCE.links.contains(list[at]) && mended(list, at))
}

/// Where a phrase that a list begins with ends.
pub(super) fn phrase_at(phrases: &[Vec<&str>], list: &[&str]) -> Option<usize> {
    phrases.iter().find(|phrase| list.starts_with(phrase)).map(Vec::len)
}

/// What follows praise: nothing new, and no limit.
fn tails(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let known = |word: &&str| {
        closed(word) || table.ease.contains(*word) || DENIALS.after.contains(*word) && *word != "that"
    };
    list.iter().all(&known) && !limited(list)
}

/// Is what follows "is" praise: "clear and easy to follow"? `known`: of the change, its code,
/// its tests; of anything else fewer words praise.
fn evaluates(list: &[&str], known: bool) -> bool {
    let table = &*ASSURANCE;
    let skips = |word: &&str| {
        table.adverbs.contains(*word) || table.small.contains(*word) || table.conjunctions.contains(*word)
    };
    let start = list.iter().position(|word| !skips(word)).unwrap_or(list.len());
    let from_idiom = (0..=start.min(list.len()))
        .any(|at| phrase_at(&table.idioms, &list[at..]).is_some_and(|end| tails(&list[at + end..])));
    if known && from_idiom {
        return true;
    }
    let fair = |word: &str| known && table.fair.contains(word);
    let mut at = 0;
    let mut praised = false;
    while let Some(word) = list.get(at) {
        let handed = *word == "passed"
            && list.get(at + 1).is_some_and(|next| matches!(*next, "to" | "into" | "as" | "on"));
        if !handed && (table.good.contains(word) || table.done.contains(word) || fair(word)) {
            praised = true;
        } else if !skips(word)
            || praised && table.prepositions.contains(word) && !table.conjunctions.contains(word)
        {
            break;
        }
        at += 1;
    }
    // Of what nobody knows, facts are no praise: "the salt is constant-time and identical".
    let rest = &list[at..];
    praised && tails(rest) && (known || !rest.iter().any(|word| table.fair.contains(word)))
}

/// "Clear names, good tests": known words, and one of them praises.
fn fragment(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let praise =
        |word: &&str| table.good.contains(*word) || table.done.contains(*word) || table.fair.contains(*word);
    // "Excellent work on the sundial"
    let work = list.iter().position(|word| matches!(*word, "on" | "with")).is_some_and(|at| {
        at >= 2
            && praise(&list[0])
            && list[1..at].iter().all(|word| table.quality.contains(word) || table.adverbs.contains(word))
            && named(&list[at + 1..], TAIL)
    });
    list.iter().any(&praise) && (tails(list) && !verbs(list) || work && !verbs(&list[..2]))
}

/// Has it a verb of which nobody knows what it does?
pub(super) fn verbs(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    list.iter().any(|word| {
        [&table.describes, &table.shifts, &table.renames, &table.relative, &table.links]
            .iter()
            .any(|verbs| verbs.contains(word))
    })
}

/// "The tests cover the new branch", "it works as described", "the code follows the guide".
fn works(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    (0..list.len()).any(|at| {
        let (subject, verb, rest) = (&list[..at], list[at], &list[at + 1..]);
        let what = verb == "does" && rest.first() == Some(&"what") && named(&rest[1..], TAIL);
        if at == 0 {
            return what
                || table.follows.contains(verb) && closed_object(rest)
                || table.covers.contains(verb) && closed_object(rest);
        }
        let known = subject.iter().all(|word| closed(word))
            && subject.iter().any(|word| table.artifacts.contains(word) || *word == NAME || is_number(word));
        if !known {
            return false;
        }
        let idiom = || {
            let from = rest.iter().position(|word| !table.adverbs.contains(word)).unwrap_or(rest.len());
            phrase_at(&table.idioms, &rest[from..]).is_some_and(|end| tails(&rest[from + end..]))
        };
        let kept = || rest.iter().any(|word| table.kept.contains(word));
        table.works.contains(verb) && (idiom() || tails(rest))
            || table.covers.contains(verb)
                && !rest.iter().any(|word| matches!(*word, "one" | "single"))
                && (closed_object(rest) || topics_but(rest, 1) && !limited(rest))
            || table.follows.contains(verb)
                && subject != ["it"]
                && (closed_object(rest)
                    || rest.first() == Some(&"the") && topics_but(rest, 1) && !limited(rest))
            || table.keeps.contains(verb) && kept() && closed_object(rest)
            || what
    })
}

/// What is covered or followed: known words, and no limit.
fn closed_object(list: &[&str]) -> bool {
    !list.is_empty()
        && !list.iter().any(|word| matches!(*word, "one" | "single"))
        && list.iter().all(|word| closed(word) || ASSURANCE.kept.contains(word))
        && !limited(list)
}

/// "I like the structure".
fn likes(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let at = list.iter().position(|word| table.likes.contains(word));
    at.is_some_and(|at| {
        at > 0
            && at <= 3
            && list[..at].iter().all(|word| table.persons.contains(word) || table.adverbs.contains(word))
            && tails(&list[at + 1..])
    })
}
