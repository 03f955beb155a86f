//! The words of a text, as files and issues are compared by them.

use std::collections::BTreeSet;

/// Shorter words are in every file.
const SHORTEST: usize = 4;
/// Words of everyday English and of issues, which point nowhere.
const COMMON: [&str; 48] = [
    "after",
    "again",
    "also",
    "always",
    "because",
    "been",
    "before",
    "being",
    "cannot",
    "code",
    "could",
    "does",
    "doesn",
    "error",
    "file",
    "files",
    "from",
    "have",
    "issue",
    "like",
    "line",
    "make",
    "more",
    "need",
    "never",
    "only",
    "other",
    "please",
    "problem",
    "return",
    "should",
    "some",
    "sometimes",
    "test",
    "than",
    "that",
    "their",
    "then",
    "there",
    "they",
    "this",
    "using",
    "want",
    "what",
    "when",
    "which",
    "with",
    "would",
];

/// The words of a text: runs of letters and digits, `camelCase` taken apart.
pub(crate) fn words(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut add = |word: &str| {
        let word = word.to_lowercase();
        if word.chars().count() >= SHORTEST && !COMMON.contains(&word.as_str()) {
            // The plural is the same thing.
            let stem = word.strip_suffix('s').filter(|stem| stem.len() >= SHORTEST).unwrap_or(&word);
            out.insert(stem.to_owned());
        }
    };
    for run in text.split(|c: char| !c.is_alphanumeric()) {
        let mut from = 0;
        let mut before = None;
        for (at, c) in run.char_indices() {
            if c.is_uppercase() && before.is_some_and(char::is_lowercase) {
                add(&run[from..at]);
                from = at;
            }
            before = Some(c);
        }
        add(&run[from..]);
        if from > 0 {
            add(run);
        }
    }
    out
}
