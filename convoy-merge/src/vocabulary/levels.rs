//! Words for severities.

use super::rows;
use crate::phrases::PhraseTable;
use crate::quick::{HashMap, HashSet};
use findings::Severity;
use std::sync::LazyLock;

/// Words for severities, by how they may stand.
#[derive(Debug, Default)]
pub(crate) struct SeverityWords {
    pub(crate) words: HashMap<&'static str, Severity>,
    pub(crate) nouns: HashMap<&'static str, Severity>,
    /// Phrases that rate, the longest first, and what each says.
    pub(crate) phrases: PhraseTable,
    pub(crate) phrase_levels: Vec<Severity>,
    pub(crate) marks: Vec<(&'static str, Severity)>,
    /// What may stand beside a severity in a section's title: "issues", "priority".
    pub(crate) beside: HashSet<&'static str>,
    /// What may stand beside a severity in a tag.
    pub(crate) filler: HashSet<&'static str>,
    /// Tokens that rate, but also open remarks in texts of every kind: "Note".
    pub(crate) weak: HashSet<&'static str>,
    /// Words of a legend that tell how bad a mark is: "outage", "polish".
    pub(crate) meanings: HashMap<&'static str, Severity>,
}

pub(crate) static SEVERITY: LazyLock<SeverityWords> = LazyLock::new(|| {
    let mut words = SeverityWords::default();
    let mut phrases: Vec<(&'static str, Severity)> = Vec::new();
    for row in rows(include_str!("../../data/severity.tsv")) {
        let [level, kind, token] = row[..] else {
            continue;
        };
        match kind {
            "beside" => {
                words.beside.insert(token);
            }
            "filler" => {
                words.filler.insert(token);
            }
            "weak" => {
                words.weak.insert(token);
            }
            _ => {}
        }
        let Some(level) = Severity::from_name(level) else {
            continue;
        };
        match kind {
            "word" => {
                words.words.insert(token, level);
            }
            "noun" => {
                words.nouns.insert(token, level);
            }
            "meaning" => {
                words.meanings.insert(token, level);
            }
            "mark" => words.marks.push((token, level)),
            _ => phrases.push((token, level)),
        }
    }
    // The longest first, so that `⚠️` is not read as `⚠` and a rest.
    phrases.sort_by_key(|(token, _)| std::cmp::Reverse(token.len()));
    words.phrase_levels = phrases.iter().map(|(_, level)| *level).collect();
    words.phrases = phrases.into_iter().map(|(token, _)| token).collect();
    words.marks.sort_by_key(|(token, _)| std::cmp::Reverse(token.len()));
    words
});
