//! Clauses of a sentence: where each begins, and what one alone says.

use super::without_code;
use crate::signs::assurance::ASSURANCE;
use crate::signs::claims::{self, words};
use crate::signs::{extent, statement};
use crate::vocabulary::DENIALS;

/// A stretch of a sentence and how it ends.
pub(in crate::signs) struct Clause<'a> {
    pub(in crate::signs) text: &'a str,
    pub(in crate::signs) words: Vec<&'a str>,
    pub(in crate::signs) label: bool,
    /// It goes on against what stands before it: "but".
    pub(super) against: bool,
    /// A line ends in front of it.
    pub(in crate::signs) begins_line: bool,
}

/// The clauses of a sentence: between punctuation, before what contrasts, and behind "and"
/// where a verb or a denial of its own follows.
pub(in crate::signs) fn clauses(plain: &str) -> Vec<Clause<'_>> {
    let table = &*ASSURANCE;
    let mut out = Vec::new();
    let mut start = 0;
    let mut against = false;
    let mut begins_line = true;
    let mut push = |from: usize, to: usize, label: bool, next: bool| {
        let text = plain[from..to].trim();
        let words: Vec<&str> = words(text).collect();
        if !words.is_empty() {
            out.push(Clause { text, words, label, against, begins_line });
            against = false;
            begins_line = false;
        }
        begins_line |= plain[to..].starts_with('\n');
        against |= next;
    };
    let mut at = 0;
    let mut ticks = false;
    while let Some(c) = plain[at..].chars().next() {
        let next = at + c.len_utf8();
        ticks ^= c == '`';
        let before_space = plain[next..].chars().next().is_none_or(char::is_whitespace);
        let ends = match c {
            _ if ticks => false,
            ',' | ':' | '.' => before_space,
            ';' | '(' | ')' | '|' | '—' | '–' | '\n' | '…' | '→' | '=' | '!' | '?' | '·' => true,
            '-' => before_space && plain[..at].ends_with(char::is_whitespace),
            _ => false,
        };
        if ends {
            push(start, at, matches!(c, ':' | '|' | '='), false);
            start = next;
        } else if c == ' ' && !ticks {
            let ahead = &plain[next..];
            let word = words(ahead).next().unwrap_or_default();
            let splits = ahead.starts_with(word)
                && !word.is_empty()
                && (table.contrasts.contains(word)
                    // An article in Italian, a person in English.
                    || word != "i" && table.conjunctions.contains(word) && begins_clause(&ahead[word.len()..]));
            if splits {
                push(start, at, false, table.contrasts.contains(word));
                start = next + word.len();
                at = start;
                continue;
            }
        }
        at = next;
    }
    push(start, plain.len(), false, false);
    out
}

/// Does a clause of its own follow "and"?
fn begins_clause(rest: &str) -> bool {
    let table = &*ASSURANCE;
    let stop = rest.find([',', ';', ':', '(', '—']).unwrap_or(rest.len());
    let mut list = words(&rest[..stop]).take_while(|word| !table.conjunctions.contains(word));
    let first = list.next().unwrap_or_default();
    let denies = |word: &str| DENIALS.none.contains(word) || DENIALS.nothing.contains(word);
    let finds = || DENIALS.finds.iter().any(|stem| first.starts_with(stem));
    denies(first)
        || finds()
        || table.reviews.contains(first)
        || table.aux.contains(first)
        || claims::acts(first)
        || list.any(|word| table.aux.contains(word) || word == "that")
}

/// Is it a label with a noun of findings, and what follows says "none": `Findings: none`?
pub(in crate::signs) fn counts_none(clauses: &[Clause<'_>]) -> bool {
    clauses.windows(2).any(|pair| {
        let nouns = [&DENIALS.nouns, &DENIALS.weak_nouns];
        let found = |word: &&str| nouns.iter().any(|list| list.contains(*word));
        let named = pair[0].words.iter().rposition(found);
        // "Error paths" are none.
        let noun = named.is_some_and(|at| extent::ends_name(&pair[0].words[at + 1..]));
        let limited = pair[0].words.iter().any(|word| DENIALS.limits.contains(word));
        pair[0].label
            && noun
            && !limited
            && !extent::is_of_part(pair[0].text)
            && statement::says_none(pair[1].text)
    })
}

/// Does a clause deny that there are findings, in nothing but known words? `sought`: an
/// earlier one told what was looked for.
pub(in crate::signs) fn denies(clause: &Clause<'_>, sought: bool) -> bool {
    let spoken = without_code(clause.text);
    let list: Vec<&str> = words(&spoken).collect();
    claims::denies_findings(&list) || sought && claims::found_none(&list)
}

/// Does a clause tell what was looked for?
pub(in crate::signs) fn seeks(clause: &Clause<'_>) -> bool {
    claims::reviews(&clause.words) == Some(true)
}

/// Does a short clause approve of the whole: "Ship it"?
pub(in crate::signs) fn approves(clause: &Clause<'_>) -> bool {
    claims::approves(clause.text, &clause.words)
}

/// `Blockers: 1`: a number that is none of what was reviewed.
pub(super) fn counts_unknown(clauses: &[Clause<'_>], at: usize) -> bool {
    let table = &*ASSURANCE;
    let Some(label) = at.checked_sub(1).map(|n| &clauses[n]).filter(|before| before.label) else {
        return false;
    };
    let counted = |word: &&str| {
        [&table.metas, &table.units, &table.reviews, &table.objects].iter().any(|s| s.contains(*word))
    };
    // "Confirmed: 3" counts what was found, "files confirmed: 3" what was read.
    let harmless = |word: &&str| counted(word) && !table.outcomes.contains(*word);
    // `3/3` is split like words.
    let whole = clauses[at].words.len() == 2 && clauses[at].words[0] == clauses[at].words[1];
    let none =
        clauses[at].words.first().is_some_and(|word| matches!(*word, "0" | "none" | "nothing" | "zero"));
    let number = clauses[at].words.first().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let first = number && clauses[at].words.len() <= 2;
    // "Files scanned: 0"
    let unread = none
        && label.words.iter().any(|word| table.units.contains(word))
        && label.words.iter().any(|word| table.reviews.contains(word) && !table.outcomes.contains(word));
    unread || first && !none && !whole && !label.words.iter().any(harmless)
}

/// `Files reviewed: 3, files changed: 9`.
pub(in crate::signs) fn read_fewer(clauses: &[Clause<'_>]) -> bool {
    let number = |of: &dyn Fn(&str) -> bool| {
        let pair =
            clauses.windows(2).find(|pair| pair[0].label && pair[0].words.iter().any(|word| of(word)))?;
        pair[1].words.first()?.parse::<u64>().ok()
    };
    let read = number(&|word| ASSURANCE.reviews.contains(word));
    let all = number(&|word| matches!(word, "changed" | "total" | "all" | "selected"));
    matches!((read, all), (Some(read), Some(all)) if read < all)
}

/// `Reviewer: …`, `Duration: …`.
pub(super) fn is_meta(clause: &Clause<'_>) -> bool {
    let last = clause.words.last().is_some_and(|word| ASSURANCE.metas.contains(word));
    last && (clause.label || clause.words.len() <= 2)
}

/// May a value stand behind a label: a measure is a number, and a method is told in known words.
pub(super) fn fits(label: &Clause<'_>, value: &Clause<'_>) -> bool {
    match label.words.last() {
        Some(&("tokens" | "cost" | "duration" | "elapsed" | "lines")) => {
            value.text.contains(|c: char| c.is_ascii_digit())
        }
        Some(&("method" | "methodology")) => claims::topics(&value.words),
        _ => true,
    }
}

/// Has a clause a verb of its own? A word in -s behind a noun is taken for one if an object follows.
pub(super) fn verbal(clause: &Clause<'_>) -> bool {
    let small = |word: &str| {
        ASSURANCE.intros.contains(word)
            || ASSURANCE.conjunctions.contains(word)
            || matches!(
                word,
                "of" | "or" | "the" | "a" | "an" | "its" | "their" | "each" | "every" | "per" | "no"
            )
    };
    let words = &clause.words;
    words.iter().any(|word| ASSURANCE.aux.contains(word) || word.ends_with("n't"))
        || words.windows(3).any(|w| {
            let verb =
                w[1].len() > 3 && w[1].ends_with('s') && !w[1].ends_with("ss") && !w[1].ends_with("us");
            verb && !small(w[0]) && (!small(w[2]) || matches!(w[2], "the" | "a" | "an" | "its" | "their"))
        })
}
