//! The names of code that a finding tells of.

use super::hash;
use crate::words;

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
    let mut out: Vec<u64> =
        text.split(|c: char| !is_name(c)).filter(|word| !word.is_empty()).map(lower_hash).collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The hash of a word in lower case.
fn lower_hash(word: &str) -> u64 {
    if word.is_ascii() {
        hash(word.bytes().map(|byte| byte.to_ascii_lowercase()))
    } else {
        hash(word.to_lowercase().bytes())
    }
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

/// Names as they are compared, sorted.
pub(super) fn hashed(names: &[&str]) -> Vec<u64> {
    let mut out: Vec<u64> = names.iter().map(|name| lower_hash(name)).collect();
    out.sort_unstable();
    out.dedup();
    out
}
