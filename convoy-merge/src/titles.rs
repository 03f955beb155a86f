//! What the words of a title name: a kind of section, praise.

use crate::locate;
use crate::phrases::{find_phrase, holds_phrase};
use crate::text::{begins, find, lower_without, rfind};
use crate::vocabulary::{Class, PHRASES, SECTIONS};

/// A title without numbers, icons, emphasis and brackets, in lower case.
pub(crate) fn normal_title(title: &str) -> String {
    let lower = lower_without(title, |c| matches!(c, '*' | '`' | '#' | '_' | '[' | ']'));
    let lower = if lower.is_ascii() { lower } else { lower.replace('’', "'") };
    let start = lower.find(|c: char| c.is_alphabetic()).unwrap_or(lower.len());
    // "1. Summary", "A. Findings", "Part 2: Results", "Phase 1: …"
    let rest = lower[start..].trim();
    let rest = find(rest, ". ").filter(|at| *at <= 2).map_or(rest, |at| &rest[at + 2..]);
    let rest = PHRASES
        .part
        .iter()
        .filter(|word| begins(rest, word))
        .find_map(|word| {
            rest[word.len()..]
                .strip_prefix(' ')
                .and_then(|tail| tail.split_once([':', '-', '—', '.']))
                .filter(|(number, _)| number.trim().chars().count() <= 3)
                .map(|(_, tail)| tail)
        })
        .unwrap_or(rest);
    rest.trim().trim_end_matches([':', '.', '：', ' ']).to_string()
}

/// The class of a section title; `None` = the words say nothing.
pub(crate) fn section(title: &str) -> Option<Class> {
    // A long sentence is no section title; its start says enough.
    let full = normal_title(crate::severity::cut(title, 240));
    if full.is_empty() {
        return None;
    }
    let bare = full.split(['(', '（']).next().unwrap_or(&full).trim().to_string();
    let holds = |class: Class, how: char, phrase: &str| match how {
        '=' => bare == phrase || full == phrase,
        '^' => {
            starts(&full, phrase)
                && (class != Class::Positive || phrase.contains(' ') || names_praise(&full, phrase))
        }
        '$' => ends(&bare, phrase),
        _ => holds_phrase(&full, phrase),
    };
    let order =
        [Class::Positive, Class::Prompt, Class::Repeat, Class::Context, Class::Finding, Class::Subject];
    let mut best: Option<usize> = None;
    // A title of many words is a sentence: it speaks of something, it names no section.
    let words = bare.split_whitespace().count();
    for (class, how, phrase) in SECTIONS.candidates(&full) {
        let sentence = match class {
            Class::Positive => false,
            Class::Finding | Class::Subject => words > 6,
            Class::Repeat | Class::Context | Class::Prompt => {
                words > 7 && !full[..].strip_prefix(phrase).is_some_and(|rest| rest.starts_with(':'))
            }
        };
        if sentence || !holds(*class, *how, phrase) {
            continue;
        }
        // A whole title that is listed decides before parts of titles do.
        if *how == '=' {
            return Some(*class);
        }
        let rank = order.iter().position(|c| c == class);
        best = match (best, rank) {
            (Some(old), Some(new)) => Some(old.min(new)),
            (old, new) => old.or(new),
        };
    }
    best.map(|at| order[at])
}

/// Is the title one of the table, word for word?
pub(crate) fn is_listed(title: &str) -> bool {
    let full = normal_title(crate::severity::cut(title, 120));
    let bare = full.split(['(', '（']).next().unwrap_or(&full).trim();
    SECTIONS.candidates(&full).any(|(class, _, phrase)| {
        // "Verdict: changes requested" is a verdict.
        let labels =
            *class == Class::Repeat && full.strip_prefix(phrase).is_some_and(|rest| rest.starts_with(':'));
        *phrase == bare || *phrase == full || labels
    })
}

/// "Correct: the lock order" and "Clean Areas" praise; "Secure flag is missing on
/// the cookie" does not.
fn names_praise(title: &str, phrase: &str) -> bool {
    let rest = title[phrase.len()..].trim_start();
    rest.starts_with([':', '—', '–', '-', '(', '：']) || title.split_whitespace().count() <= 3
}

fn starts(text: &str, phrase: &str) -> bool {
    text.strip_prefix(phrase).is_some_and(|rest| {
        phrase.ends_with(|c: char| !c.is_alphanumeric() || c >= '\u{2e80}')
            || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-')
    })
}

fn ends(text: &str, phrase: &str) -> bool {
    text.strip_suffix(phrase).is_some_and(|rest| {
        phrase.starts_with(|c: char| c >= '\u{2e80}') || !rest.ends_with(|c: char| c.is_alphanumeric())
    })
}

/// Does a text begin by praising: a tick, "Positive:", "Correct:"?
pub(crate) fn praises_first(text: &str) -> bool {
    let trimmed = text.trim().trim_start_matches(['*', '#', ' ', '-', '[']);
    if PHRASES.tick.iter().any(|tick| begins(trimmed, tick)) {
        return true;
    }
    let start = crate::severity::cut(trimmed, 40).to_lowercase();
    PHRASES.praise_first.iter().any(|word| begins(&start, word))
}

/// Does a title praise instead of finding fault?
pub(crate) fn praises(title: &str) -> bool {
    if praises_first(title) {
        return true;
    }
    let lower = crate::severity::cut(title, 300).to_lowercase();
    if passes(&lower) {
        return true;
    }
    if !lower.contains(' ') && lower.is_ascii() {
        return false;
    }
    let negated = |text: &str| {
        PHRASES.negation.iter().any(|word| {
            // "n't" ends a word, the others are words.
            if word.contains('\'') { text.contains(word) } else { find_phrase(text, word).is_some() }
        })
    };
    PHRASES.praise.find_first(&lower).any(|(_, at)| {
        let near = lower[..at].char_indices().rev().take(24).last().map_or(at, |(from, _)| from);
        !negated(&lower[near..at]) && !negated(&lower[at..])
    })
}

/// "Completeness — PASS (verified)": a check that found nothing.
pub(crate) fn passes(lower: &str) -> bool {
    let verdict = [" — ", " – ", " - ", ": ", "—"]
        .iter()
        .filter_map(|dash| Some(&lower[rfind(lower, dash)? + dash.len()..]))
        .min_by_key(|part| part.len())
        .unwrap_or_default();
    let verdict = verdict.split(['(', ',', ';', '.']).next().unwrap_or(verdict);
    let verdict = verdict.trim_matches(|c: char| !c.is_alphanumeric());
    PHRASES.pass.contains(&verdict)
}

/// Does a title only tell where, and who says it: "Comment 1 (a.rs, line 3), Ana", "@ana on `a.rs`"?
pub(crate) fn frames(title: &str) -> bool {
    let places = locate::find(title, locate::Trust::Prose);
    if places.is_empty() && !title.starts_with(',') {
        return false;
    }
    let mut rest = String::new();
    let mut at = 0;
    for place in &places {
        rest.push_str(title.get(at..place.start).unwrap_or_default());
        at = place.end.max(at);
    }
    rest.push_str(title.get(at..).unwrap_or_default());
    // A name stands behind a comma or "by", or begins with the sign of one.
    let rest = rest.trim_end_matches(':');
    let (rest, name) = rest.rsplit_once(',').or_else(|| rest.rsplit_once(" by ")).unwrap_or((rest, ""));
    name.split_whitespace().count() <= 2
        && rest
            .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ':'))
            .filter(|word| word.contains(char::is_alphabetic) && !word.starts_with('@'))
            .all(|word| PHRASES.frame.contains(&word.to_lowercase().as_str()))
}

/// Does a line end with the sign of what is well?
pub(crate) fn ticked_last(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches(['\u{fe0f}', '.', '*', ')', ' ']);
    PHRASES.tick.iter().any(|tick| line.ends_with(tick))
}

/// Does a text bear the sign of what is well?
pub(crate) fn ticked(text: &str) -> bool {
    PHRASES.tick.iter().any(|tick| text.contains(tick))
}
