//! Claims about what the change is and what it touches.

use super::denial::{finding, negates};
use super::{OBJECT, closed, is_number, named};
use crate::signs::assurance::ASSURANCE;
use crate::vocabulary::DENIALS;

/// Known words, and so many that may be any.
pub(super) fn topics_but(list: &[&str], most: usize) -> bool {
    let known: Vec<&str> = list.iter().copied().filter(|word| topics(&[*word])).collect();
    list.len() - known.len() <= most && topics(&known)
}

/// "This PR renames …"; `room`: among what describes the change, names stand for what it does.
pub(in crate::signs) fn describes(list: &[&str], room: bool) -> bool {
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
pub(super) fn processed(list: &[&str]) -> bool {
    let table = &*ASSURANCE;
    list.iter().any(|word| table.units.contains(word))
        && list.iter().all(|word| {
            table.units.contains(word) || table.objects.contains(word) || matches!(*word, "for" | "of" | "in")
        })
}

/// "12 files, 340 lines", "41 s"; "line 40" is a place.
pub(super) fn measures(list: &[&str]) -> bool {
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
pub(in crate::signs) fn enumerates(list: &[&str]) -> bool {
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

/// "Tests fail", "crash on start": a fault word behind what was run, or with its occasion.
pub(in crate::signs) fn tells_mishap(list: &[&str]) -> bool {
    let fault = |word: &str| DENIALS.fault_words.contains(word);
    let ran = |word: &str| ASSURANCE.artifacts.contains(word) && !ASSURANCE.small.contains(word);
    let occasion = |word: &str| matches!(word, "on" | "at" | "when" | "after" | "during" | "upon");
    let at = list.iter().position(|word| fault(word));
    at.is_some_and(|at| {
        let (before, behind) = (&list[..at], &list[at + 1..]);
        let free = !before.iter().any(|word| negates(word) || DENIALS.seeks.contains(word));
        free && (before.iter().any(|word| ran(word)) || behind.first().is_some_and(|word| occasion(word)))
    })
}

/// Names of kinds of faults and subjects, and nothing else.
pub(in crate::signs) fn topics(list: &[&str]) -> bool {
    list.iter().all(|word| {
        closed(word)
            || finding(word)
            || DENIALS.fault_words.contains(word)
            || DENIALS.limits.contains(word)
            || ASSURANCE.absent.contains(word)
    }) && !list.iter().any(|word| ASSURANCE.aux.contains(word))
}
