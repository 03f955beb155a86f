//! The names of code that a finding tells of.

use super::{CODE, HEARD, Part, hash, title_parts};
use crate::model::Member;
use crate::text::{cut, fence_mark};
use crate::words;

/// The last parts of the symbols at a member's places.
pub(super) fn symbols(member: &Member) -> Vec<u64> {
    let named = member.locations.iter().take(8).filter_map(|place| place.symbol.as_deref());
    let last = named.filter_map(|symbol| symbol.split(|c| !is_name(c)).rfind(|part| part.len() > 2));
    last.map(|part| hash(part.to_lowercase().bytes())).collect()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Names in code marks, and words that only code writes so: `snake_case`, `camelCase`, calls.
pub(super) fn code_names(text: &str) -> Vec<String> {
    let mut out = words::identifiers(text);
    for (at, word) in pieces(text) {
        let call = text[at + word.len()..].starts_with('(');
        if word.len() >= 4 && (call || is_coined(word) || is_dotted(text, at, word.len())) {
            out.push(word.to_ascii_lowercase());
        }
    }
    out.sort();
    out.dedup();
    out
}

/// Words and names, each with where it begins.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = text.as_ptr() as usize;
    text.split(|c: char| !is_name(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - base, word))
}

/// `snake_case` or `camelCase`.
pub(super) fn is_coined(word: &str) -> bool {
    let inner = word.chars().skip(1).any(char::is_uppercase) && word.chars().any(char::is_lowercase);
    inner || word.trim_matches('_').contains('_')
}

/// A part of `module.name`.
pub(super) fn is_dotted(text: &str, at: usize, len: usize) -> bool {
    let after = text[at + len..].strip_prefix(['.', ':']).map(|rest| rest.trim_start_matches(':'));
    let before = text[..at].strip_suffix(['.', ':']).map(|rest| rest.trim_end_matches(':'));
    after.is_some_and(|rest| rest.starts_with(is_name)) || before.is_some_and(|rest| rest.ends_with(is_name))
}

/// Every word and name, lower case, as it stands.
pub(super) fn tokens(text: &str) -> Vec<u64> {
    let mut out: Vec<u64> = text
        .split(|c: char| !is_name(c))
        .filter(|word| !word.is_empty())
        .map(|word| hash(word.to_lowercase().bytes()))
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Words of languages that stand in code marks and name nothing.
pub(super) const KEYWORDS: &[&str] = &[
    "async",
    "await",
    "catch",
    "const",
    "false",
    "none",
    "null",
    "return",
    "self",
    "static",
    "this",
    "true",
    "try",
    "undefined",
    "unsafe",
    "void",
    "any",
    "nil",
    "let",
    "var",
    "if",
    "else",
    "for",
    "while",
    "in",
    "of",
    "new",
    "not",
];

/// Names of code in a title, sorted.
pub(super) fn title_names(member: &Member) -> Vec<u64> {
    let parts = title_parts(member);
    let mut out: Vec<u64> = parts
        .iter()
        .filter(|(_, part)| *part == Part::Name)
        .map(|(word, _)| hash(word.to_lowercase().bytes()))
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// Lines of fenced code and long pieces in code marks, without blanks.
pub(super) fn code(body: &str) -> Vec<u64> {
    let mut out = Vec::new();
    let mut fence = false;
    let mut take = |line: &str| {
        let bare: String =
            line.trim_start_matches(['+', '-']).chars().filter(|c| !c.is_whitespace()).collect();
        if bare.len() >= CODE && bare.chars().any(char::is_alphanumeric) {
            out.push(hash(bare.bytes()));
        }
    };
    for line in cut(body, HEARD).lines() {
        if fence_mark(line.trim_start_matches([' ', '>', '\t'])).is_some() {
            fence = !fence;
        } else if fence {
            take(line);
        } else {
            line.split('`')
                .skip(1)
                .step_by(2)
                .filter(|piece| piece.contains([' ', '(', '.']))
                .for_each(&mut take);
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}
