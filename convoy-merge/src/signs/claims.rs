//! What a statement claims, if it consists of nothing but known words: that nothing was
//! found, praise, what was reviewed, what the change is. Names are free only where the
//! grammar has room for them: what is praised, reviewed or covered. The words are in
//! `data/assurance.tsv` and `data/clean.tsv`.

use super::assurance::ASSURANCE;
use super::statement;
use crate::locate::{self, Trust};
use crate::severity;
use crate::vocabulary::{DENIALS, PHRASES};

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
const NAME: &str = "…";
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
        && list.iter().all(|word| closed(word) || ASSURANCE.parts.contains(word));
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

fn is_number(word: &str) -> bool {
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
            &DENIALS.whole,
        ]
        .iter()
        .any(|list| list.contains(word))
}

fn negates(word: &str) -> bool {
    DENIALS.none.contains(word)
        || DENIALS.not.contains(word)
        || DENIALS.nothing.contains(word)
        || DENIALS.turns.contains(word)
        || ASSURANCE.negations.contains(word)
        || ASSURANCE.concord.contains(word)
        || word.ends_with("n't")
}

fn finding(word: &str) -> bool {
    DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word)
}

fn finds(word: &str) -> bool {
    DENIALS.finds.iter().any(|stem| word.starts_with(stem))
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
                || table.parts.contains(word)
                || table.contrasts.contains(word)
                || DENIALS.fault_words.contains(word)
        })
}

/// "I found no problems in the changed files": one denial of findings, and nothing else.
fn denies(list: &[&str]) -> bool {
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
pub(super) fn eased(noun: &str, next: &str) -> bool {
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
pub(super) fn names_no_object(list: &[&str]) -> bool {
    list.len() <= LEVEL
        && negates(list[0])
        && list[1..].iter().all(|word| ASSURANCE.objects.contains(word) && !finding(word))
        && list.len() > 1
}

/// Does a denial of known words speak of findings as such, not of one kind or a part of them?
pub(super) fn denies_findings(list: &[&str]) -> bool {
    let nothing = list.iter().any(|word| DENIALS.nothing.contains(word));
    let limited = list.iter().any(|word| {
        statement::limits_to(word) || ASSURANCE.kinds.contains(word) && !ASSURANCE.quality.contains(word)
    });
    denies(list)
        && !limited
        && !list.iter().any(|word| {
            DENIALS.fault_words.contains(word)
                || ASSURANCE.past.contains(word)
                || ASSURANCE.parts.contains(word)
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
pub(super) fn found_none(list: &[&str]) -> bool {
    list.len() <= TAIL && denies(list) && list.iter().any(|word| finds(word))
}

/// Is something said to be as it should be?
fn praises(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    if list.iter().any(|word| negates(word)) {
        return false;
    }
    let whole = (0..list.len()).any(|at| {
        list[..at].iter().all(|word| closed(word))
            && phrase_at(&table.idioms, &list[at..]).is_some_and(|end| tails(&list[at + end..]))
    });
    let linked = || {
        list.iter().enumerate().filter(|(_, word)| table.links.contains(*word)).any(|(at, _)| {
            let known = list[..at].iter().all(|word| {
                table.past.contains(word)
                    || closed(word) && (!table.kinds.contains(word) || table.quality.contains(word))
            });
            named(&list[..at], SUBJECT) && evaluates(&list[at + 1..], known || mended(list, at))
        })
    };
    whole || linked() || fragment(list) || works(list) || likes(list)
}

/// "All five findings of round 2 are fixed": of all of them, and nothing of what is left.
fn mended(list: &[&str], verb: usize) -> bool {
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
        && list[..verb].iter().all(|word| closed(word) || finding(word) || ASSURANCE.past.contains(word))
        && list[verb + 1..].iter().any(settled)
}

/// Is all that was found before said to be mended?
pub(super) fn all_mended(list: &[&str]) -> bool {
    (0..list.len()).any(|at| ASSURANCE.links.contains(list[at]) && mended(list, at))
}

/// Where a phrase that a list begins with ends.
fn phrase_at(phrases: &[Vec<&str>], list: &[&str]) -> Option<usize> {
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

/// Is it said of a part: "for small inputs", where "in all files" is the whole?
fn limited(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let whole = |word: &&str| {
        DENIALS.whole.contains(*word)
            || matches!(
                *word,
                "all" | "every" | "each" | "both" | "everywhere" | "tests" | "test" | "design" | "suite"
            )
    };
    list.iter().any(|word| table.parts.contains(word))
        || list.iter().enumerate().any(|(at, word)| {
            table.prepositions.contains(word)
                && !list[at + 1..].is_empty()
                && !list[at + 1..].iter().any(&whole)
        })
}

/// Was something read that is no code, or only a part: "I reviewed the commit message",
/// "Reviewed: nothing", "Read: README only"?
pub(super) fn reads_aside(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let Some(at) = list.iter().position(|word| table.reviews.contains(word)) else { return false };
    let rest = &list[at + 1..];
    let aside = |at: usize| rest.get(at).is_some_and(|word| table.aside.contains(word));
    let code = |at: usize| table.objects.contains(rest[at]) && !aside(at) && !aside(at + 1);
    (0..rest.len()).any(aside) && !(0..rest.len()).any(code)
        || list.iter().any(|word| table.only.contains(word))
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
        if table.good.contains(word) || table.done.contains(word) || fair(word) {
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
fn verbs(list: &[&str]) -> bool {
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

/// Is it approved of for some place or under something: "for staging", "under protest"?
fn limits_approval(list: &[&str]) -> bool {
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
    list.windows(2).any(|pair| {
        matches!(
            pair[0],
            "for" | "under" | "on" | "until" | "für" | "unter" | "pour" | "para" | "per" | "voor" | "для"
        ) && !whole(pair[1])
            && !is_number(pair[1])
    })
}

/// What keeps a change from being merged.
const HOLDS: [&str; 11] = [
    "blocking", "blocked", "block", "blocks", "hold", "holding", "wait", "waiting", "against", "stop",
    "withheld",
];

/// "Approved, thanks", "Hi Jo".
fn signs_off(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let known = |word: &&str| closed(word) || table.signoffs.contains(*word) || table.past.contains(*word);
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
pub(super) fn reviews(list: &[&str]) -> Option<bool> {
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
pub(super) fn tells_of_review(lower: &str) -> bool {
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

/// Known words, and so many that may be any.
fn topics_but(list: &[&str], most: usize) -> bool {
    let known: Vec<&str> = list.iter().copied().filter(|word| topics(&[*word])).collect();
    list.len() - known.len() <= most && topics(&known)
}

/// What was made sure of: that something is as it should be.
pub(super) fn told(list: &[&str]) -> bool {
    praises(list) || denies(list)
}

/// "That no rule fired does not mean the code is free of defects": how far a result goes.
fn disclaims(list: &[&str]) -> bool {
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

/// "This PR renames …"; `room`: among what describes the change, names stand for what it does.
pub(super) fn describes(list: &[&str], room: bool) -> bool {
    let table = &*ASSURANCE;
    let verb = |word: &&str| {
        table.describes.contains(*word) || table.shifts.contains(*word) || table.renames.contains(*word)
    };
    let Some(at) = list.iter().take(4).position(&verb) else { return false };
    let (subject, rest) = (&list[..at], &list[at + 1..]);
    let rest = rest.strip_prefix(&["only"]).unwrap_or(rest);
    let room = room && !table.shifts.contains(list[at]) && named(rest, OBJECT);
    subject.iter().any(|word| table.subjects.contains(word))
        && subject.iter().all(|word| closed(word) || table.subjects.contains(word) || *word == "only")
        && (room
            || table.renames.contains(list[at]) && topics_but(rest, 1)
            || rest.iter().all(|word| closed(word)))
}

/// "Files selected for processing": what the run went through.
fn processed(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    list.iter().any(|word| table.units.contains(word))
        && list.iter().all(|word| {
            table.units.contains(word) || table.objects.contains(word) || matches!(*word, "for" | "of" | "in")
        })
}

/// "12 files, 340 lines", "41 s"; "line 40" is a place.
fn measures(list: &[&str]) -> bool {
    let line = |word: &str| matches!(word, "line" | "lines" | "zeile" | "ligne" | "línea" | "linha" | "riga");
    if list.windows(2).any(|pair| line(pair[0]) && is_number(pair[1])) {
        return false;
    }
    let digit = |word: &&str| word.starts_with(|c: char| c.is_ascii_digit());
    list.iter().any(&digit)
        && list.iter().all(|word| {
            digit(word)
                || ASSURANCE.units.contains(word)
                || ASSURANCE.reviews.contains(word)
                || ASSURANCE.works.contains(word)
        })
}

/// "security problems or other defects": kinds of findings, and no number of them.
pub(super) fn enumerates(list: &[&str]) -> bool {
    let counted = |word: &&str| {
        word.contains(|c: char| c.is_ascii_digit())
            || ASSURANCE.quantities.contains(*word)
            || matches!(*word, "the" | "minor" | "a" | "an")
    };
    let fault = |word: &&str| {
        finding(word) || DENIALS.fault_words.contains(*word) || ASSURANCE.absent.contains(*word)
    };
    list.iter().any(&fault)
        && list.iter().all(|word| closed(word) || fault(word) || DENIALS.limits.contains(word))
        && !list.iter().any(&counted)
        && !list.iter().any(|word| ASSURANCE.aux.contains(word))
}

/// Names of kinds of faults and subjects, and nothing else.
pub(super) fn topics(list: &[&str]) -> bool {
    list.iter().all(|word| {
        closed(word)
            || finding(word)
            || DENIALS.fault_words.contains(word)
            || DENIALS.limits.contains(word)
            || ASSURANCE.absent.contains(word)
    }) && !list.iter().any(|word| ASSURANCE.aux.contains(word))
}

/// A short clause that approves of the whole: "Ship it".
pub(super) fn approves(text: &str, list: &[&str]) -> bool {
    list.len() <= TAIL
        && ASSURANCE.approvals.iter().any(|phrase| {
            text.strip_prefix(phrase).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
}

/// "Major 0": none of a level.
pub(super) fn counts_none_of_a_level(list: &[&str]) -> bool {
    list.len() <= LEVEL && list.iter().any(|word| severity::exact(word).is_some()) && denies(list)
}

/// "3 suggestions", "two open remarks", "major 2": so many there are.
pub(super) fn counts_some(list: &[&str]) -> bool {
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

/// Is a denial said of another time than that of the review, or of a part?
pub(super) fn limits_denial(text: &str) -> bool {
    words(text).any(|word| ASSURANCE.past.contains(word) || ASSURANCE.parts.contains(word))
}

/// Is it a severity by itself, as in a list of the scale?
pub(super) fn is_level(text: &str) -> bool {
    severity::exact(text).is_some() && !statement::is_wide(text)
}
