//! What a sentence of prose shows: the place it names, whether it blames.

use std::ops::Range;

use super::marks::Marks;
use super::{Above, Seen, has_line_place, line, spoken_severity, statement};
use crate::locate;
use crate::sign::Sign;
use crate::syntax::lead;

/// So many words behind a colon tell what is wrong.
const REST: usize = 5;
/// So many words in front of it lead to that.
const FRONT: usize = 8;
/// … and so few do if what is behind it names no line.
const LEADS: usize = 4;
/// So many sentences of an item are asked whether they blame.
const SENTENCES: usize = 4;

/// A sentence of a paragraph. One that names a line and is not understood may blame it.
pub(crate) fn sentence(text: &str, marks: &Marks, range: &Range<usize>, above: &Above) -> Seen {
    let mut seen = line(text, marks, range, above);
    let source = &text[range.clone()];
    // "One more thing: `a.rs:3` waits": what leads to the place is no title.
    let behind = source.split_once([':', '：']).map(|(front, rest)| (front, rest.trim_start()));
    if let Some((front, rest)) = behind.filter(|(front, rest)| {
        rest.len() + front.len() < source.len()
            && !has_line_place(front)
            && (has_line_place(rest) || leads(front) && !locate::find(rest, locate::Trust::Prose).is_empty())
            && front.len() < 100
    }) {
        let told = front.split_whitespace().count() >= 2 && seen.head.title.starts_with(front.trim());
        if told {
            seen.head.title = lead::lead_of(rest).head.title;
        }
    }
    // "Whoever wrote `a.rs:3` trusts mankind: the address comes from the request".
    if let Some((front, rest)) = source.split_once(": ")
        && has_line_place(front)
        && !has_line_place(rest)
        && front.split_whitespace().count() <= FRONT
        && !front.ends_with(')')
        && rest.split_whitespace().count() >= REST
        && seen.head.title.len() <= front.len()
    {
        seen.head.title = lead::lead_of(rest).head.title;
    }
    if !seen.candidate.signs.has(Sign::PlaceLine)
        && let Some(span) = locate::lines_in_prose(source)
    {
        seen.head.lines = Some(span);
        seen.candidate.signs.set(Sign::PlaceLine, true);
    }
    seen
}

/// Do a few words by themselves lead to what is wrong: no code, no number, no place?
fn leads(front: &str) -> bool {
    front.split_whitespace().count() <= LEADS
        && !front.contains(|c: char| matches!(c, '`' | '/') || c.is_ascii_digit())
}

/// Does a sentence say nothing beside places but small words, and maybe how bad it is?
pub(crate) fn only_places(sentence: &str) -> bool {
    let mut rest = String::new();
    let mut at = 0;
    for found in locate::find(sentence, locate::Trust::Prose) {
        rest.push_str(sentence.get(at..found.start).unwrap_or_default());
        at = found.end.max(at);
    }
    rest.push_str(sentence.get(at..).unwrap_or_default());
    let words = rest
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .filter(|word| word.contains(char::is_alphabetic));
    at > 0
        && !statement::is_wide(&rest)
        && words.filter(|word| !spoken_severity::is_small(&word.to_lowercase())).count() <= 1
}

/// Does a sentence only say how many things follow: "I have two remarks about `a.c`"?
pub(crate) fn announces(sentence: &str) -> bool {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let counts = |word: &str| {
        COUNTS.contains(&word) || word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit())
    };
    (0..words.len()).any(|at| {
        counts(words[at]) && words[at + 1..].iter().take(3).any(|word| statement::names_findings(word))
    })
}

/// Numbers of findings in words.
const COUNTS: &[&str] = &[
    "two", "three", "four", "five", "six", "seven", "eight", "some", "several", "few", "couple", "zwei",
    "drei", "vier", "fünf", "einige", "deux", "trois", "quatre", "quelques", "dos", "tres", "cuatro",
    "algunas", "algunos", "dois", "duas", "três", "due", "tre", "alcuni", "twee", "drie", "dwie", "trzy",
    "два", "две", "три", "дві", "två", "to", "dvě", "tři", "iki", "üç",
];

/// Does a sentence say that something is wrong, in words that are known to say so?
pub(crate) fn sentence_faults(source: &str) -> bool {
    let mut sentences = statement::sentences(source).take(SENTENCES);
    sentences.any(|range| statement::blames(&source[range]))
}

/// Does a sentence blame what it names? The question is dear.
pub(crate) fn sentence_blames(source: &str) -> bool {
    // The log of an agent tells what it does, not what is wrong.
    let logged = source.lines().any(|line| line.trim_start().starts_with(['●', '⏺', '⎿', '$', '>']));
    !logged && blames(source)
}

/// Does a text tell that something is wrong, or something that is not understood?
pub(super) fn blames(source: &str) -> bool {
    let last = source
        .trim_end()
        .trim_end_matches(['.', '!'])
        .rsplit([',', '–', '—', ';'])
        .next()
        .unwrap_or_default();
    if last.len() < source.trim_end().len() && statement::praises(last) {
        return false;
    }
    statement::blames(source)
        || statement::sentences(source)
            .take(SENTENCES)
            .any(|range| statement::says(&source[range]) == statement::Says::Fault)
}
