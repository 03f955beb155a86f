//! Of how much something is said: of the whole that was reviewed, or of a part of it. A closed
//! list of words means the whole; whatever else is named is a part. The words are in
//! `data/extent.tsv`.

use std::sync::LazyLock;

use super::accounted::{self, Clause};
use super::assurance::ASSURANCE;
use super::claims::{self, words};
use crate::quick::HashSet;
use crate::severity;
use crate::vocabulary::{DENIALS, list_of_words};

/// Words of one row kind each, as the table's comments tell.
pub(super) struct Words {
    pub(super) whole: HashSet<&'static str>,
    whole_label: HashSet<&'static str>,
    within: HashSet<&'static str>,
    there: HashSet<&'static str>,
    chosen: HashSet<&'static str>,
    empty: HashSet<&'static str>,
    share: HashSet<&'static str>,
    scope: HashSet<&'static str>,
    every: HashSet<&'static str>,
    things: HashSet<&'static str>,
    pub(super) parts: HashSet<&'static str>,
    pub(super) past: HashSet<&'static str>,
    pub(super) layers: HashSet<&'static str>,
    unspaced: Vec<&'static str>,
}

pub(super) static EXTENT: LazyLock<Words> = LazyLock::new(|| {
    let table = include_str!("../../data/extent.tsv");
    let words = |kind: &str| list_of_words(table, kind).into_iter().collect();
    Words {
        whole: words("whole"),
        whole_label: words("whole-label"),
        within: words("within"),
        there: words("there"),
        chosen: words("chosen"),
        empty: words("empty"),
        share: words("share"),
        scope: words("scope"),
        every: words("every"),
        things: words("thing"),
        parts: words("part"),
        past: words("past"),
        layers: words("layer"),
        unspaced: list_of_words(table, "unspaced"),
    }
});

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
            && behind.iter().any(|word| unit(&word))
            && behind.iter().all(|word| unit(&word) || is_empty(word))
    });
    if every {
        return Extent::Whole;
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
    let list: Vec<&str> = words(name).filter(|word| *word != claims::NAME).collect();
    // "Security", "Logic": what was looked for, each in the whole.
    let known = |word: &&str| {
        EXTENT.whole_label.contains(*word)
            || ASSURANCE.kinds.contains(*word) && !EXTENT.layers.contains(*word)
    };
    of_name(&list) == Extent::Part && !list.iter().all(|word| known(&word))
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
    let read = claims::reviews(list) == Some(false);
    if let Some(at) = list.iter().position(|word| table.reviews.contains(word)).filter(|_| read) {
        return of_object(list, at);
    }
    match list.iter().position(|word| table.links.contains(word)) {
        Some(at) => of_name(&list[..at]),
        None => of_opening(list),
    }
}

/// What somebody read: what stands around the verb, without what it was read for.
fn of_object(list: &[&str], verb: usize) -> Extent {
    let table = &*ASSURANCE;
    if list.iter().any(|word| table.thats.contains(word)) {
        return Extent::Unsaid;
    }
    let kind = |word: &&str| {
        table.kinds.contains(*word) || claims::finding(word) || table.conjunctions.contains(*word)
    };
    let end = (verb..list.len())
        .find(|at| list[*at] == "for" && list[at + 1..].iter().all(|word| kind(&word)))
        .unwrap_or(list.len());
    let named: Vec<&str> = list[..end].iter().copied().filter(|word| !table.reviews.contains(word)).collect();
    // "The diff and the tests"
    let mut names = named.split(|word| table.conjunctions.contains(word));
    if names.any(|name| of_name(name) == Extent::Whole) { Extent::Whole } else { of_name(&named) }
}

/// How many parts a report says that somebody read, where it nowhere names the whole; `None`: it does.
pub(super) fn parts_read(plain: &str) -> Option<usize> {
    let clauses = accounted::clauses(plain);
    let mut parts = 0;
    for (at, clause) in clauses.iter().enumerate() {
        let label = at.checked_sub(1).map(|n| &clauses[n]).filter(|before| before.label);
        if let Some(label) = label.filter(|label| label.words.iter().any(|word| EXTENT.scope.contains(word)))
        {
            match of_scope(label, clause) {
                Extent::Whole => return None,
                Extent::Part => parts += 1,
                Extent::Unsaid => {}
            }
            continue;
        }
        if of_denial(clause.text) == Extent::Whole {
            return None;
        }
        match of_clause(clause) {
            Extent::Whole => return None,
            Extent::Part if tells_who_read(&clause.words) => {
                // "The parser, the writer and the tests"
                let listed = clauses[at + 1..].iter().take_while(|next| {
                    of_clause(next) == Extent::Unsaid && of_name(&next.words) == Extent::Part
                });
                parts += 1
                    + listed.count()
                    + clause.words.iter().filter(|word| ASSURANCE.conjunctions.contains(*word)).count();
            }
            _ => {}
        }
    }
    Some(parts)
}

/// "Scope: error handling", "Out of scope: b.py"; files in scope may be all that was changed.
fn of_scope(label: &Clause<'_>, clause: &Clause<'_>) -> Extent {
    if label.words.contains(&"out") {
        let none = clause.words.iter().any(|word| claims::negates(word));
        return if none { Extent::Unsaid } else { Extent::Part };
    }
    let file = |word: &&str| *word == claims::NAME || word.contains(|c: char| c.is_ascii_digit());
    let named: Vec<&str> = clause.words.iter().copied().filter(|word| !file(word)).collect();
    of_name(&named)
}

/// "Reviewed percent: 35": a label of a share, and less than all.
pub(super) fn is_share_of_all(label: &[&str], value: &[&str]) -> bool {
    let share = value.first().and_then(|word| word.trim_end_matches('%').parse::<f32>().ok());
    share.is_some_and(|share| share < 100.0 && share.to_bits() != 1.0f32.to_bits())
        && label.iter().any(|word| EXTENT.share.contains(word))
        && label.iter().any(|word| ASSURANCE.reviews.contains(word))
}

/// "I read the parser", "Reviewed the parser": somebody did; "API review" is a name.
fn tells_who_read(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    let verb = |word: &&str| table.reviews.contains(*word) && !EXTENT.whole_label.contains(*word);
    let opens = list.iter().find(|word| !table.adverbs.contains(**word)).is_some_and(verb);
    claims::reviews(list) == Some(false)
        && list.iter().any(|word| verb(&word))
        && (opens || list.iter().any(|word| table.persons.contains(word)))
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
    limits(&label.words) || !spoken && !verdict && (some || !label.words.iter().all(|word| whole(word)))
}
