//! Phrases that are looked for in running text, with word borders where the script
//! has any: one by one, or a whole table in one pass.

use std::ops::Deref;

use aho_corasick::AhoCorasick;

/// Where scripts begin that put no blanks between words.
const WIDE: char = '\u{2e80}';

/// Do the characters around `lower[start..end]` end a word there?
fn stands(lower: &str, start: usize, end: usize) -> bool {
    let border = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() && c < WIDE);
    lower[start..].starts_with(|c| c >= WIDE)
        || border(lower[..start].chars().next_back()) && border(lower[end..].chars().next())
}

/// Where `phrase` begins in `lower`.
pub(crate) fn find_phrase(lower: &str, phrase: &str) -> Option<usize> {
    let step = phrase.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    while let Some(at) = lower.get(from..).and_then(|rest| rest.find(phrase)) {
        let start = from + at;
        if stands(lower, start, start + phrase.len()) {
            return Some(start);
        }
        from = start + step;
    }
    None
}

/// Does `lower` hold `phrase`?
pub(crate) fn holds_phrase(lower: &str, phrase: &str) -> bool {
    find_phrase(lower, phrase).is_some()
}

/// A table of phrases, in the table's order.
#[derive(Debug, Default)]
pub(crate) struct PhraseTable {
    list: Vec<&'static str>,
    /// `None` where it would be too large: then they are looked for one by one.
    all: Option<AhoCorasick>,
}

impl FromIterator<&'static str> for PhraseTable {
    fn from_iter<I: IntoIterator<Item = &'static str>>(phrases: I) -> Self {
        let list: Vec<&'static str> = phrases.into_iter().collect();
        let all = AhoCorasick::new(&list).ok();
        PhraseTable { list, all }
    }
}

impl Deref for PhraseTable {
    type Target = [&'static str];

    fn deref(&self) -> &Self::Target {
        &self.list
    }
}

impl PhraseTable {
    /// Each place of each phrase in `lower`: the phrase's number in the table, and where it begins.
    pub(crate) fn find<'a>(&'a self, lower: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let quick = self.all.iter().flat_map(move |all| all.find_overlapping_iter(lower));
        let quick = quick
            .filter(|hit| stands(lower, hit.start(), hit.end()))
            .map(|hit| (hit.pattern().as_usize(), hit.start()));
        let slow = self.list.iter().enumerate().filter(|_| self.all.is_none());
        quick.chain(slow.filter_map(|(n, phrase)| find_phrase(lower, phrase).map(|at| (n, at))))
    }

    /// Of each phrase that stands in `lower` the first place.
    pub(crate) fn find_first<'a>(&'a self, lower: &'a str) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut seen = Vec::new();
        self.find(lower).filter(move |(n, _)| {
            let new = !seen.contains(n);
            seen.push(*n);
            new
        })
    }

    /// Are the letters of any of them there, with borders or not? The cheap question before others.
    pub(crate) fn mentioned(&self, lower: &str) -> bool {
        self.all.as_ref().is_none_or(|all| all.is_match(lower))
    }

    /// Does `lower` hold any of them?
    pub(crate) fn any(&self, lower: &str) -> bool {
        self.find(lower).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_finds_what_is_found_one_by_one() {
        let table: PhraseTable =
            ["must", "must fix", "fix", "ない", "n't", "没有", "é"].into_iter().collect();
        for text in [
            "",
            "this must fix it",
            "mustard, fixed",
            "prefix fix",
            "it must, must it",
            "直さない と",
            "we don't n't",
            "café é",
            "没有must",
            "fixé",
        ] {
            let one_by_one: Vec<usize> = (0..table.len()).filter(|n| holds_phrase(text, table[*n])).collect();
            let mut at_once: Vec<usize> = table.find(text).map(|(n, _)| n).collect();
            at_once.sort_unstable();
            at_once.dedup();
            assert_eq!(at_once, one_by_one, "{text}");
            assert_eq!(table.any(text), !one_by_one.is_empty(), "{text}");
        }
    }
}
