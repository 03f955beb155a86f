//! Causes that reviewers name in many words and languages: `data/concepts.tsv`.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::vocabulary::rows;

/// A cause and the family it belongs to, as positions in [`Table`].
#[derive(Debug)]
pub(crate) struct Cause {
    pub(crate) family: &'static str,
    pub(crate) name: &'static str,
    /// Few findings of one place have it.
    pub(crate) narrow: bool,
}

/// The causes a text names, sorted.
pub(crate) type Named = Vec<u16>;

struct Table {
    causes: Vec<Cause>,
    finder: AhoCorasick,
    /// By number of the word's beginning: the phrases that hold it.
    phrases_of: Vec<Vec<u32>>,
    /// By number of the phrase: its cause and how many beginnings it needs.
    phrases: Vec<(u16, u8)>,
    /// By number of the word's beginning: must a word begin there?
    starts: Vec<bool>,
}

static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| {
    let mut causes = Vec::new();
    let mut words: Vec<&'static str> = Vec::new();
    let mut numbers: HashMap<&'static str, usize> = HashMap::new();
    let mut phrases_of: Vec<Vec<u32>> = Vec::new();
    let mut phrases = Vec::new();
    for row in rows(include_str!("../../data/concepts.tsv")) {
        let [family, name, breadth, list] = row[..] else { continue };
        let cause = causes.len() as u16;
        causes.push(Cause { family, name, narrow: breadth == "narrow" });
        for phrase in list.split(';').map(str::trim).filter(|phrase| !phrase.is_empty()) {
            let parts: Vec<&str> = phrase.split('+').map(str::trim).filter(|part| !part.is_empty()).collect();
            for part in &parts {
                let number = *numbers.entry(part).or_insert_with(|| {
                    words.push(part);
                    phrases_of.push(Vec::new());
                    words.len() - 1
                });
                phrases_of[number].push(phrases.len() as u32);
            }
            phrases.push((cause, parts.len() as u8));
        }
    }
    let starts = words.iter().map(|word| word.chars().next().is_some_and(is_of_words)).collect();
    let finder = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&words).ok()?;
    Some(Table { causes, finder, phrases_of, phrases, starts })
});

/// Letters of scripts that part words by blanks.
fn is_of_words(c: char) -> bool {
    c.is_alphanumeric() && !crate::words::is_cjk(c)
}

/// A cause by its number.
pub(crate) fn cause(number: u16) -> Option<&'static Cause> {
    TABLE.as_ref()?.causes.get(usize::from(number))
}

/// The causes that the sentences of a text name; `text` in lower case.
pub(super) fn named(text: &str) -> Named {
    let Some(table) = TABLE.as_ref() else { return Named::new() };
    let mut out = Named::new();
    let mut end = sentence_end(text, 0);
    // What has been met of phrases of several words in this sentence.
    let mut met: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for found in table.finder.find_overlapping_iter(text) {
        while found.end() > end {
            met.clear();
            end = sentence_end(text, end);
        }
        let word = found.pattern().as_usize();
        let inside = text[..found.start()].chars().next_back().is_some_and(is_of_words);
        if table.starts[word] && inside {
            continue;
        }
        for phrase in &table.phrases_of[word] {
            let (cause, needed) = table.phrases[*phrase as usize];
            if needed > 1 {
                let words = met.entry(*phrase).or_default();
                if !words.contains(&word) {
                    words.push(word);
                }
                if words.len() < usize::from(needed) {
                    continue;
                }
            }
            out.push(cause);
        }
    }
    out.sort_unstable();
    out.dedup();
    out
}

/// Where the sentence that begins at `from` ends.
fn sentence_end(text: &str, from: usize) -> usize {
    let mut chars = text[from..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = match c {
            '\n' | '。' | '！' | '？' => true,
            '.' | '!' | '?' | ';' => chars.peek().is_none_or(|(_, next)| next.is_whitespace()),
            _ => false,
        };
        if ends {
            return from + at + c.len_utf8();
        }
    }
    text.len() + 1
}

/// What two findings' causes have in common or not.
pub(super) fn families(causes: &[u16]) -> Vec<&'static str> {
    let mut list: Vec<&'static str> = causes.iter().filter_map(|n| cause(*n)).map(|c| c.family).collect();
    list.sort_unstable();
    list.dedup();
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        named(&text.to_lowercase()).into_iter().filter_map(cause).map(|c| c.name).collect()
    }

    #[test]
    fn a_cause_is_known_by_other_words_and_in_other_languages() {
        for text in [
            "SQL injection in `find`",
            "The name is concatenated into the query",
            "Unparameterised statement",
            "用户输入存在SQL注入",
        ] {
            assert!(names(text).contains(&"sql-injection"), "{text}: {:?}", names(text));
        }
    }

    #[test]
    fn words_of_a_phrase_stand_in_one_sentence_and_begin_words() {
        assert!(!names("The query is slow. Names are concatenated.").contains(&"sql-injection"));
        assert!(!names("The trace is long").contains(&"race"));
    }
}
