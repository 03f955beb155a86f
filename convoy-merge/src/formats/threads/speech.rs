//! Who says what below the head of a comment: `**ana**: text`, `@bo: text`, `Ana wrote:`.

use std::collections::{HashMap, HashSet};

use super::words::WORDS;
use crate::model::Status;
use crate::severity;
use crate::vocabulary::LABELS;

/// A name is no longer than this, in characters and in words.
const LONGEST: usize = 32;
const NAME: usize = 3;
/// A line that tells a state has no more words.
const STATE: usize = 9;

/// Who begins to speak in a line, and what follows the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Speaker<'a> {
    pub(super) name: &'a str,
    pub(super) said: &'a str,
    /// A mark says that it is a name: `@`, a verb of saying.
    pub(super) sure: bool,
}

/// A line without the marks of a quotation, and how deep it is quoted.
pub(super) fn unquoted(line: &str) -> (&str, usize) {
    let mut rest = line.trim();
    let mut deep = 0;
    while let Some(inner) = rest.strip_prefix('>') {
        rest = inner.trim_start();
        deep += 1;
    }
    (rest, deep)
}

/// Reads a line as the beginning of what somebody says.
pub(super) fn speaker(line: &str) -> Option<Speaker<'_>> {
    let line = line.trim().trim_start_matches(['↳', '└', '→', '-', '*', '_', ' ']);
    let colon = line.char_indices().find(|(at, c)| {
        *c == '：'
            || *c == ':' && line[at + 1..].starts_with([' ', '*', '_', '\n'])
            || *c == ':' && at + 1 == line.len()
    });
    let Some((at, mark)) = colon else { return alone(line) };
    let said = line[at + mark.len_utf8()..].trim_start_matches(['*', '_']).trim();
    let bare = line[..at].trim().trim_end_matches(['*', '_']);
    let (bare, clock) = match bare.find(['(', '[', '·', '•', ',']) {
        Some(end) if end > 0 => (bare[..end].trim().trim_end_matches(['*', '_']), true),
        _ => (bare, false),
    };
    let words: Vec<&str> = bare.split_whitespace().collect();
    let verb = words.iter().position(|word| {
        WORDS.says.contains(word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str())
    });
    let name = match verb {
        Some(0) => return None,
        Some(_) => {
            let first = words.first()?;
            let start = first.as_ptr() as usize - bare.as_ptr() as usize;
            let end = words[verb? - 1];
            let end = end.as_ptr() as usize - bare.as_ptr() as usize + end.len();
            bare[start..end].trim_end_matches(['*', '_'])
        }
        None => bare,
    };
    let marked = name.starts_with('@');
    let name = name.trim_start_matches('@');
    let lower = name.to_lowercase();
    let letters = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ' | '\''));
    let named = !name.is_empty()
        && letters
        && name.contains(char::is_alphabetic)
        && name.chars().count() <= LONGEST
        && name.split_whitespace().count() <= NAME
        && !lower.contains('/')
        && LABELS.get(lower.as_str()).is_none()
        && severity::exact(name).is_none()
        && crate::status::exact(name).is_none()
        && lower.split_whitespace().all(|word| !WORDS.part.contains(word))
        && (marked || verb.is_some() || !said.is_empty());
    named.then_some(Speaker {
        name,
        said,
        sure: marked || verb.is_some() && (said.is_empty() || clock || name.starts_with(char::is_uppercase)),
    })
}

/// `ana** · 2 days ago`, `ana 2 hours ago`: a name, and nothing beside it but when.
fn alone(line: &str) -> Option<Speaker<'_>> {
    let since = || {
        let line = line.strip_suffix(" ago").map(|_| line)?;
        let at = [" · ", " - ", ", "].iter().find_map(|mark| line.find(mark));
        let at =
            at.or_else(|| line.find(|c: char| c.is_ascii_digit()).filter(|at| line[..*at].ends_with(' ')))?;
        Some((line[..at].split(" @").next()?, &line[at..]))
    };
    let (name, rest) = line.split_once("**").or_else(since)?;
    let name = name.trim().trim_start_matches('@');
    let when = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        word.is_empty()
            || word.contains(|c: char| c.is_ascii_digit())
            || WORDS.header.contains(word.as_str())
            || WORDS.says.contains(word.as_str())
    };
    let named = !name.is_empty()
        && name.chars().count() <= LONGEST
        && name.split_whitespace().count() <= NAME
        && !rest.trim().is_empty()
        && rest.split_whitespace().all(when)
        && severity::exact(name).is_none()
        && !WORDS.part.contains(name.to_lowercase().as_str())
        && !LABELS.contains_key(name.to_lowercase().as_str())
        && crate::locate::find(name, crate::locate::Trust::Stated).is_empty();
    named.then_some(Speaker { name, said: "", sure: true })
}

/// The names in a text that are sure to be names: marked ones, those that answer below others,
/// and those that speak or stand beside a place more than once.
pub(super) fn names<'a>(lines: &[&'a str]) -> HashSet<&'a str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for line in lines {
        if let Some(name) = beside_place(line) {
            *counts.entry(name).or_default() += 1;
        }
        let (bare, deep) = unquoted(line);
        let Some(found) = speaker(bare) else { continue };
        let bold = bare.starts_with("**") || bare.starts_with("__");
        let answers = deep > 0 && bold || line.starts_with("  ") || line.starts_with('\t');
        *counts.entry(found.name).or_default() += if found.sure || answers { 2 } else { 1 };
    }
    counts.into_iter().filter(|(_, count)| *count >= 2).map(|(name, _)| name).collect()
}

/// The word that stands for a name beside a place: `[a.ts:3] ana: text`, `ana - a.ts:3 - today`.
fn beside_place(line: &str) -> Option<&str> {
    // The cheap question first.
    if !line.contains(['.', '/']) || !line.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let place = crate::locate::find(line, crate::locate::Trust::Prose).into_iter().next()?;
    place.place.line_start?;
    let behind = line.get(place.end..)?.trim_start_matches([']', ')', '`', '*', ' ']);
    let name = match line[..place.start].trim_matches(['*', '[', '`', '(', ' ']) {
        "" => speaker(behind)?.name,
        before => before.strip_suffix(['-', '—', '–', '·', '|'])?.trim_end_matches(['*', ' ']),
    };
    let word = !name.contains(char::is_whitespace) && name.chars().count() <= LONGEST;
    (word && severity::exact(name).is_none() && !WORDS.part.contains(name.to_lowercase().as_str()))
        .then_some(name)
}

/// What a line of its own says of the thread's state: `*ana marked this conversation as
/// resolved.*`, `[resolvido por Tainá]`, `_解決済み_`.
pub(super) fn state(line: &str) -> Option<Status> {
    let trimmed = unquoted(line).0.trim_start_matches(['-', ' ', '✅', '✔', '☑', '→', '↳']);
    let closed = [('*', '*'), ('_', '_'), ('[', ']'), ('(', ')'), ('（', '）'), ('【', '】')];
    let bare = trimmed.trim().trim_end_matches('.');
    let marked = closed.iter().any(|(open, close)| bare.starts_with(*open) && bare.ends_with(*close))
        || trimmed.len() < unquoted(line).0.len();
    let inner = bare.trim_matches(|c: char| !c.is_alphanumeric());
    if inner.is_empty() {
        return None;
    }
    if let Some(status) = crate::status::exact(inner) {
        return Some(status);
    }
    let lower = inner.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .filter(|w| !w.is_empty())
        .collect();
    if words.len() > STATE {
        return None;
    }
    let refused = words.iter().any(|word| {
        matches!(*word, "not" | "nicht" | "no" | "non" | "não" | "не" | "unresolved" | "to" | "should")
    });
    let found = words
        .iter()
        .filter_map(|word| crate::status::exact(word))
        .filter(|status| *status != Status::Open)
        .max();
    let said = words.get(1) == Some(&"by") && words.last() == Some(&"ago")
        || lower.contains("conversation")
        || lower.contains("thread")
        || lower.contains("discussion")
        || lower.contains("marked");
    // `Status: won't fix`
    let field = lower.split_once(':').and_then(|(label, value)| {
        (LABELS.get(label.trim()) == Some(&crate::vocabulary::Label::Status))
            .then(|| crate::status::of_field(value))
    });
    field.flatten().or(found.filter(|_| (marked || said) && !refused))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks() {
        for (line, name, said) in [
            ("**ana-k**: It leaks.", "ana-k", "It leaks."),
            ("**@haruka**: 席数", "haruka", "席数"),
            ("**ana:** It leaks.", "ana", "It leaks."),
            ("@bo: fixed", "bo", "fixed"),
            ("Ana Ruiz wrote:", "Ana Ruiz", ""),
            ("Ana Ruiz (2 days ago): It leaks.", "Ana Ruiz", "It leaks."),
            ("- Bo replied: done", "Bo", "done"),
            ("**ana** · 2 days ago", "ana", ""),
        ] {
            let found = speaker(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found.name, found.said), (name, said), "{line}");
        }
        for line in [
            "**Severity:** high",
            "Note: see below",
            "Fix: free it",
            "It leaks: the lock, the file",
            "http://a.b/c",
            "foo();",
        ] {
            assert!(speaker(line).is_none_or(|found| !found.sure), "{line}");
        }
    }

    #[test]
    fn states_of_threads() {
        for (line, status) in [
            ("> *ana marked this conversation as resolved.*", Some(Status::Resolved)),
            ("[resolvido por Tainá]", Some(Status::Resolved)),
            ("> _解決済み_", Some(Status::Resolved)),
            ("Resolved", Some(Status::Resolved)),
            ("(won't fix)", Some(Status::WontFix)),
            ("It is fixed where the lock is taken.", None),
            ("*not resolved*", Some(Status::Open)),
            ("The fixed size is too small", None),
        ] {
            assert_eq!(state(line), status, "{line}");
        }
    }
}
