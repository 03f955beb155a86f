//! Of how much something is said: of the whole that was reviewed, or of a part of it. A closed
//! list of words means the whole; whatever else is named is a part. The words are in
//! `data/extent.tsv`.

mod read;
mod words;

use super::accounted::{self, Clause};
use super::assurance::ASSURANCE;
use super::claims::{self, words};
use crate::severity;
use crate::vocabulary::DENIALS;
pub(super) use read::{is_share_of_all, parts_read};
use read::{of_object, tells_who_read};
pub(super) use words::EXTENT;

/// Of how much something is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Unsaid,
    Whole,
    Part,
}

/// Is a denial said of another time than that of the review, or of a part?
pub(super) fn limits(list: &[&str]) -> bool {
    list.iter().any(|word| EXTENT.past.contains(word) || EXTENT.parts.contains(word))
}

/// What a denial in lower case is said of, in its own words: "no issues in the API layer".
pub(super) fn of_denial(text: &str) -> Extent {
    let spoken = accounted::without_code(text);
    let list: Vec<&str> = words(&spoken).collect();
    if limits(&list) {
        return Extent::Part;
    }
    // "Nothing wrong with the tests"
    let told =
        |at: usize| at > 0 && DENIALS.nothing.contains(list[at - 1]) && DENIALS.after.contains(list[at]);
    let is_noun = |at: &usize| claims::finding(list[*at]) || told(*at);
    let Some(noun) = (0..list.len()).find(is_noun) else {
        let part = EXTENT.unspaced.iter().any(|part| text.contains(part));
        return if part { Extent::Part } else { Extent::Unsaid };
    };
    // "The tests pass, no issues found there."
    if list.last().is_some_and(|word| EXTENT.there.contains(word)) {
        return Extent::Part;
    }
    let before = of_subject(&list[..noun]).max_of(of_opening(&list[..noun]));
    let after = &list[noun + 1..];
    let starts = (0..after.len()).filter(|at| EXTENT.within.contains(after[*at]));
    starts.fold(before, |extent, at| extent.max_of(of_adverbial(&after[at + 1..])))
}

/// "Findings for the API layer": are they those of a part?
pub(super) fn is_of_part(label: &str) -> bool {
    of_denial(label) == Extent::Part
}

/// Does what follows a noun leave it the last word of its name: "issues found", "findings in this change"?
pub(super) fn ends_name(behind: &[&str]) -> bool {
    behind.first().is_none_or(|word| EXTENT.within.contains(word) || is_empty(word))
}

impl Extent {
    /// A part is one, whatever else is said.
    fn max_of(self, other: Extent) -> Extent {
        match (self, other) {
            (Extent::Part, _) | (_, Extent::Part) => Extent::Part,
            (Extent::Whole, _) | (_, Extent::Whole) => Extent::Whole,
            _ => Extent::Unsaid,
        }
    }
}

/// Does a clause begin with what limits the one before it: "for small files"?
pub(super) fn opens(text: &str) -> bool {
    text.split(' ').next().is_some_and(|word| EXTENT.within.contains(word) && !DENIALS.none.contains(word))
}

/// "The Go code has no issues": said of what is named before.
fn of_subject(list: &[&str]) -> Extent {
    let at = list.iter().position(|word| matches!(*word, "has" | "have" | "contains" | "shows"));
    let denied = at.filter(|at| list.get(at + 1).is_some_and(|word| DENIALS.none.contains(word)));
    denied.map_or(Extent::Unsaid, |at| of_name(&list[..at]))
}

/// "In the parser I found no issues": an adverbial at the beginning, up to a verb or a denial.
fn of_opening(list: &[&str]) -> Extent {
    let Some((first, rest)) = list.split_first() else { return Extent::Unsaid };
    if !EXTENT.within.contains(first) || claims::negates(first) || *first == "i" {
        return Extent::Unsaid;
    }
    let ends = |word: &&&str| {
        claims::negates(word) || ASSURANCE.persons.contains(**word) || ASSURANCE.aux.contains(**word)
    };
    let end = rest.iter().position(|word| ends(&word)).unwrap_or(rest.len());
    of_name(&rest[..end])
}

/// What an approval is said of: "LGTM for the backend".
pub(super) fn of_approval(list: &[&str]) -> Extent {
    let given: Vec<&str> = list
        .iter()
        .copied()
        .filter(|word| EXTENT.own.contains(word) || !ASSURANCE.approved.contains(word))
        .collect();
    // "Approving the Go side"
    let object = match given.split_first() {
        Some((first, rest)) if first.starts_with("approv") && list.get(1) == Some(&"the") => {
            of_adverbial(rest)
        }
        _ => Extent::Unsaid,
    };
    let starts = (1..given.len()).filter(|at| EXTENT.within.contains(given[*at]) && given[*at] != "to");
    starts.fold(object, |extent, at| extent.max_of(of_adverbial(&given[at + 1..])))
}

/// What follows "in", up to the next adverbial: "the diff", "the Go code".
fn of_adverbial(list: &[&str]) -> Extent {
    let end = list.iter().position(|word| EXTENT.within.contains(word)).unwrap_or(list.len());
    let name = &list[..end];
    // "In the reviewed templates" is all that was read.
    let read = name.iter().any(|word| EXTENT.chosen.contains(word));
    if read && !limits(name) { Extent::Whole } else { of_name(name) }
}

/// What words name: they consist of words for the whole, or name something else.
fn of_name(list: &[&str]) -> Extent {
    // "I walked through each hunk"
    let unit = |word: &&str| ASSURANCE.objects.contains(*word);
    let every = list.iter().position(|word| EXTENT.every.contains(word)).is_some_and(|at| {
        let (before, behind) = (&list[..at], &list[at + 1..]);
        before.iter().all(|word| is_empty(word))
            && behind.iter().any(&unit)
            && behind.iter().all(|word| unit(word) || is_empty(word))
    });
    if every {
        return Extent::Whole;
    }
    let own = |pair: &[&str]| {
        EXTENT.own.contains(pair[0]) && (EXTENT.things.contains(pair[1]) || EXTENT.parts.contains(pair[1]))
    };
    // "Commits 1 through 4"
    let range = |w: &[&str]| {
        claims::is_number(w[0]) && matches!(w[1], "through" | "to" | "bis") && claims::is_number(w[2])
    };
    if list.windows(2).any(own) || list.windows(3).any(range) {
        return Extent::Part;
    }
    let mut extent = Extent::Unsaid;
    for word in list {
        if EXTENT.whole.contains(word) {
            extent = Extent::Whole;
        } else if !is_empty(word) {
            return Extent::Part;
        }
    }
    extent
}

/// Does a text in lower case name less than the whole? A path is a file of the change.
pub(super) fn names_a_part(name: &str) -> bool {
    let list: Vec<&str> = words(name).collect();
    // "Security", "Logic": what was looked for, each in the whole.
    let known = |word: &&str| {
        EXTENT.whole_label.contains(*word)
            || ASSURANCE.kinds.contains(*word) && !EXTENT.layers.contains(*word)
    };
    of_name(&list) != Extent::Whole && !list.contains(&claims::NAME) && !list.iter().all(known)
}

/// A word that names nothing: "the", "12", "found".
fn is_empty(word: &str) -> bool {
    let table = &*ASSURANCE;
    let lists = [
        &table.small,
        &table.adverbs,
        &table.passives,
        &table.persons,
        &table.links,
        &DENIALS.needs,
        &EXTENT.empty,
    ];
    let commit = || word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    !EXTENT.parts.contains(word)
        && (lists.iter().any(|list| list.contains(word))
            || DENIALS.after.contains(word)
            || DENIALS.undone.contains(word)
            || claims::finds(word)
            || claims::is_number(word)
            || commit())
}

/// Is what a clause says said of a part only, that a label in front of it names ("API layer: no
/// findings", "Spelling: none") or that the sentence is of ("The schema is fine, no problems")?
pub(super) fn of_part(clauses: &[Clause<'_>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|n| &clauses[n]) else { return false };
    if before.label {
        return of_label(clauses, at - 1);
    }
    if of_denial(clauses[at].text) == Extent::Whole {
        return false;
    }
    let line = clauses[..=at].iter().rposition(|clause| clause.begins_line).unwrap_or_default();
    let labels = clauses[line..at].iter().filter(|clause| clause.label).count();
    let mut part = labels == 1 && clauses[line].label && of_label(clauses, line);
    for clause in &clauses[line..at] {
        match of_clause(clause) {
            Extent::Whole => return false,
            Extent::Part => part = true,
            Extent::Unsaid => {}
        }
    }
    part
}

/// What a statement in front of a denial is about: what it praises, or what somebody read.
fn of_clause(clause: &Clause<'_>) -> Extent {
    let table = &*ASSURANCE;
    let list = &clause.words;
    if clause.label || list.iter().any(|word| claims::negates(word)) {
        return Extent::Unsaid;
    }
    let read = tells_who_read(list) || claims::reviews(list) == Some(false);
    if let Some(at) = list.iter().position(|word| table.reviews.contains(word)).filter(|_| read) {
        return of_object(list, at);
    }
    match list.iter().position(|word| table.links.contains(word)) {
        Some(at) => of_name(&list[..at]),
        None => of_opening(list),
    }
}

/// Does a label name a part? Those of the report itself and of its verdict do not.
fn of_label(clauses: &[Clause<'_>], at: usize) -> bool {
    let label = &clauses[at];
    let table = &*ASSURANCE;
    let whole = |word: &str| {
        let lists = [
            &DENIALS.nouns,
            &DENIALS.weak_nouns,
            &EXTENT.whole,
            &EXTENT.whole_label,
            &table.metas,
            &table.reviews,
            &table.small,
            &table.good,
            &table.fair,
            &table.done,
            &table.approved,
            &table.signoffs,
            &table.intros,
            &table.conjunctions,
            &table.passives,
            &table.adverbs,
        ];
        lists.iter().any(|list| list.contains(word))
            || severity::exact(word).is_some()
            || word.starts_with(|c: char| c.is_ascii_digit())
    };
    // "14:02 ana: no findings" names who speaks.
    let clock = label.words.first().is_some_and(|word| word.contains(':'));
    let spoken = clock || clauses[..=at].iter().any(|clause| accounted::names_reviewer(clause.text));
    // "Security pass" is of one kind, "quality gate" of the whole.
    let verdict = DENIALS.verdicts.any(label.text)
        && !label.words.iter().any(|word| table.kinds.contains(word) && !whole(word));
    // "Test files", "Error paths" are some of them, "changed files" are all.
    let some = label.words.split_last().is_some_and(|(last, front)| {
        EXTENT.things.contains(last)
            && !front.iter().all(|word| EXTENT.whole.contains(word) || table.small.contains(word))
    });
    // "First pass"
    let one = label.words.iter().any(|word| EXTENT.ordinals.contains(word));
    one || limits(&label.words)
        || !spoken && !verdict && (some || !label.words.iter().all(|word| whole(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_of_what_its_words_name() {
        for text in [
            "no issues in the api layer",
            "no issues at the unit level",
            "no bugs found among the python files",
            "no issues found in the go code",
            "on linux no problems were found",
            "the lexer has no issues",
            "no issues in the first half of the diff",
            "no issues in my files",
            "no issues in commits 1 through 4",
            "im parser keine fehler",
            "no issues found there",
        ] {
            assert_eq!(of_denial(text), Extent::Part, "{text}");
        }
        for text in
            ["no issues in the changed files", "in this change i found no issues", "the patch has no issues"]
        {
            assert_eq!(of_denial(text), Extent::Whole, "{text}");
        }
        for text in ["no issues", "i could not find any problems", "no issues found"] {
            assert_eq!(of_denial(text), Extent::Unsaid, "{text}");
        }
    }

    #[test]
    fn a_denial_is_of_what_its_sentence_is_of() {
        let last_of_part = |text: &str| {
            let clauses = accounted::clauses(text);
            of_part(&clauses, clauses.len() - 1)
        };
        for text in [
            "error paths: nothing found",
            "first pass: no issues found",
            "the json schema is fine, no problems",
            "i reviewed the controllers and found no issues",
            "the documentation changes are fine, nothing to add",
            "previous reviewer: lgtm, no issues",
            "revisé los controladores y no encontré problemas",
        ] {
            assert!(last_of_part(text), "{text}");
        }
        for text in [
            "i reviewed the whole diff and found no issues",
            "i reviewed the diff and the tests and found no issues",
            "i reviewed the controllers and found no issues in this change",
            "i walked through each hunk, no issues",
            "i reviewed the code for races and leaks and found no issues",
            "the code is clear, no issues",
            "result: no issues found",
            "14:02 ana: no issues",
            "the parser is fine\nno issues",
        ] {
            assert!(!last_of_part(text), "{text}");
        }
    }

    #[test]
    fn an_approval_is_of_what_its_words_name() {
        let of = |text: &str| of_approval(&words(text).collect::<Vec<_>>());
        for text in
            ["lgtm for the backend", "approved for the api", "approving the go side", "lgtm for my files"]
        {
            assert_eq!(of(text), Extent::Part, "{text}");
        }
        for text in ["lgtm from my side", "approved for merge", "good to go", "approved"] {
            assert_ne!(of(text), Extent::Part, "{text}");
        }
    }
}
