//! Claims about the review itself: what was looked at, by whom, and that it is approved.

use super::change::topics_but;
use super::denial::{denies, finding, negates};
use super::praise::{phrase_at, praises};
use super::{NAMES, OBJECT, TAIL, closed, is_number, named, words};
use crate::signs::assurance::ASSURANCE;
use crate::signs::extent::{self, EXTENT, Extent};
use crate::signs::statement;
use crate::vocabulary::{DENIALS, PHRASES};

/// Was something read that is no code, or only a part: "I reviewed the commit message",
/// "Reviewed: nothing", "Read: README only"?
pub(in crate::signs) fn reads_aside(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let Some(at) = list.iter().position(|word| table.reviews.contains(word)) else { return false };
    let rest = &list[at + 1..];
    let aside = |at: usize| rest.get(at).is_some_and(|word| table.aside.contains(word));
    // "The summary of the diff"
    let of = |at: usize| {
        let front = &rest[..at];
        let of = front.iter().rposition(|word| !matches!(*word, "the" | "this" | "a" | "whole" | "your"));
        of.is_some_and(|of| DENIALS.of.contains(front[of]) && of.checked_sub(1).is_some_and(aside))
    };
    let code = |at: usize| table.objects.contains(rest[at]) && !aside(at) && !aside(at + 1) && !of(at);
    (0..rest.len()).any(aside) && !(0..rest.len()).any(code)
        || list.iter().any(|word| table.only.contains(word))
}

/// Is it approved of for some place or under something: "for staging", "under protest"?
pub(super) fn limits_approval(list: &[&str]) -> bool {
    let whole = |word: &str| {
        [&ASSURANCE.approved, &ASSURANCE.subjects, &ASSURANCE.objects].iter().any(|of| of.contains(word))
    };
    let approves = list.iter().any(|word| word.starts_with("approv") || *word == "lgtm");
    let weakly = |word: &&str| ASSURANCE.weakly.contains(*word);
    let partly =
        |pair: &[&str]| pair[0] == "in" && matches!(pair[1], "part" | "principle" | "parts" | "theory");
    if approves && (list.iter().any(weakly) || list.windows(2).any(partly)) {
        return true;
    }
    // "Blocking merge"
    if list.iter().any(|word| HOLDS.contains(word)) {
        return true;
    }
    // "Approve with the fix", "approved after the rename"
    let conditioned = |pair: &[&str]| match pair[0] {
        "with" | "without" | "minus" => matches!(
            pair[1],
            "the" | "a" | "an" | "one" | "some" | "this" | "these" | "minor" | "small" | "fixes" | "changes"
        ),
        "after" | "following" | "given" | "post" => !ASSURANCE.reviews.contains(pair[1]),
        _ => false,
    };
    if approves && list.windows(2).any(conditioned) {
        return true;
    }
    let under = |pair: &[&str]| {
        matches!(
            pair[0],
            "for" | "under" | "on" | "until" | "für" | "unter" | "pour" | "para" | "per" | "voor" | "для"
        ) && !whole(pair[1])
            && !is_number(pair[1])
    };
    list.windows(2).any(under) || approves && extent::of_approval(list) == Extent::Part
}

/// What keeps a change from being merged.
const HOLDS: [&str; 11] = [
    "blocking", "blocked", "block", "blocks", "hold", "holding", "wait", "waiting", "against", "stop",
    "withheld",
];

/// "Approved, thanks", "Hi Jo".
pub(super) fn signs_off(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let known = |word: &&str| closed(word) || table.signoffs.contains(*word) || EXTENT.past.contains(*word);
    if list.iter().any(|word| negates(word)) {
        return false;
    }
    let phrase = (0..list.len()).any(|at| {
        phrase_at(&table.signoff_phrases, &list[at..])
            .is_some_and(|end| list[..at].iter().all(&known) && list[at + end..].iter().all(&known))
    });
    if limits_approval(list) {
        return false;
    }
    let greets = list.len() <= 3 && table.greetings.contains(list[0]);
    phrase
        || greets && list[1..].iter().all(|word| !DENIALS.fault_words.contains(word))
        || list.iter().any(|word| table.signoffs.contains(word)) && list.iter().all(&known)
        || list.iter().any(|word| PHRASES.clean.contains(word))
            && list.iter().all(|word| known(word) || PHRASES.clean.contains(word))
}

/// "I read …", "Reviewed …", "all files were checked"; `Some(true)`: what it names is looked for.
pub(in crate::signs) fn reviews(list: &[&str]) -> Option<bool> {
    let table = &*ASSURANCE;
    let at = list.iter().position(|word| table.reviews.contains(word))?;
    let (before, rest) = (&list[..at], &list[at + 1..]);
    let small = |word: &&str| {
        table.small.contains(*word) || table.adverbs.contains(*word) || table.persons.contains(*word)
    };
    let opens = |word: &&str| {
        closed(word)
            || matches!(*word, "through" | "over" | "that" | "whether" | "how" | "into")
            || table.prepositions.contains(*word)
            || table.thats.contains(*word)
    };
    let person = before.iter().any(|word| table.persons.contains(word)) && before.iter().all(&small);
    let bare = before.iter().all(|word| table.adverbs.contains(word) || table.intros.contains(word))
        && rest.first().is_none_or(&opens);
    let passive = list.iter().any(|word| table.passives.contains(word))
        && before.iter().chain(rest).all(|word| closed(word) || table.passives.contains(word));
    let noun = list.iter().all(|word| closed(word) && !table.aux.contains(word));
    if !(person || bare || passive || noun) || list.iter().any(|word| negates(word)) {
        return None;
    }
    // "I looked at a sample", "I tried one file"
    let one = |w: &[&str]| matches!(w[0], "one" | "single" | "1") && table.units.contains(w[1]);
    if rest.iter().any(|word| table.scants.contains(word)) || rest.windows(2).any(one) {
        return None;
    }
    // "I went over the public API"
    let beside = |word: &&str| {
        table.small.contains(*word) || matches!(*word, "public" | "private" | "internal" | "part" | "side")
    };
    if person
        && rest.iter().any(|word| EXTENT.layers.contains(word))
        && rest.iter().all(|word| EXTENT.layers.contains(word) || beside(word))
    {
        return None;
    }
    let seeks = DENIALS.seeks.contains(list[at]) && rest.iter().any(|word| finding(word) || seeking(word));
    let that = rest.iter().position(|word| table.thats.contains(word) || matches!(*word, "whether" | "how"));
    let told = match that {
        // "I verified that it ends": what a reviewer makes sure of is well.
        Some(that) => {
            rest[..that].iter().all(|word| closed(word))
                && table.finders.contains(list[at])
                && told(&rest[that + 1..])
        }
        None if seeks => topics_but(rest, 1),
        // What a person did may be done with anything: "I ran the fuzzer on the decoder".
        None => topics_but(rest, if person { NAMES } else { 1 }) && named(rest, OBJECT),
    };
    told.then_some(seeks)
}

/// Has a text a person and a verb of reviewing in one sentence?
pub(in crate::signs) fn tells_of_review(lower: &str) -> bool {
    let table = &*ASSURANCE;
    statement::sentences(lower).any(|range| {
        let list: Vec<&str> = words(&lower[range]).collect();
        list.iter().any(|word| table.reviews.contains(word))
            && list.iter().any(|word| table.persons.contains(word))
            || statement::is_wide(lower) && PHRASES.review.any(lower)
    })
}

/// A preposition behind a verb of looking.
fn seeking(word: &str) -> bool {
    matches!(word, "for" | "after" | "auf" | "nach" | "por" | "pour" | "op" | "на")
}

/// What was made sure of: that something is as it should be.
pub(in crate::signs) fn told(list: &[&str]) -> bool {
    praises(list) || denies(list)
}

/// "That no rule fired does not mean the code is free of defects": how far a result goes.
pub(super) fn disclaims(list: &[&str]) -> bool {
    let of_rules = |word: &str| matches!(word, "rule" | "rules" | "fired" | "matched" | "result" | "absence");
    let known = |word: &str| {
        closed(word) || finding(word) || negates(word) || of_rules(word) || matches!(word, "that" | "free")
    };
    list.windows(3).any(|w| {
        matches!(w, ["does", "not", "mean" | "prove" | "guarantee"])
            || matches!(w, ["is" | "are", "no", "proof" | "guarantee"])
    }) && list.iter().all(|word| known(word) || matches!(*word, "mean" | "prove" | "guarantee" | "proof"))
        && list.iter().any(|word| finding(word) || matches!(*word, "free" | "correct" | "safe" | "secure"))
}

/// A short clause that approves of the whole: "Ship it".
pub(in crate::signs) fn approves(text: &str, list: &[&str]) -> bool {
    list.len() <= TAIL
        && ASSURANCE.approvals.iter().any(|phrase| {
            text.strip_prefix(phrase).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
}
