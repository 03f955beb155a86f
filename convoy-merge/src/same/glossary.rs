//! Words of other languages by the English word that reviews say for them
//! (`data/glossary.tsv`), so that findings told in two languages can be compared.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::vocabulary::rows;
use crate::words;

/// Shorter beginnings of words that scripts part by blanks say nothing.
const SHORTEST: usize = 4;

/// By beginning of a word, or pair of characters: the root of the English word.
static WORDS: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for row in rows(include_str!("../../data/glossary.tsv")) {
        let [english, list] = row[..] else { continue };
        let root = words::root(words::stem(english));
        for word in list.split(' ') {
            map.entry(word).or_insert(root);
        }
    }
    map
});

/// The root of the English word for a word or a pair of characters in lower case.
pub(super) fn english(word: &str) -> Option<&'static str> {
    if word.chars().next().is_some_and(words::is_cjk) {
        return WORDS.get(word).copied();
    }
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
    let ends: Vec<usize> = ends.filter(|end| *end >= SHORTEST).collect();
    ends.iter().rev().find_map(|end| WORDS.get(&word[..*end])).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_and_pairs_of_characters_are_known() {
        for (word, wanted) in [
            ("passwort", "password"),
            ("verschlüsselung", "encrypt"),
            ("缓存", "cache"),
            ("권한", "permission"),
            ("удаляется", "delete"),
        ] {
            assert_eq!(english(word), Some(words::root(words::stem(wanted))), "{word}");
        }
        assert_eq!(english("file"), None);
        assert_eq!(english("的一"), None);
    }
}
