//! Words that languages share but for their endings and marks: `polígono`, `Hysterese`.

use std::collections::HashMap;

use crate::words;

/// Longer words are told apart by so many first letters; shorter ones by all but the ending.
const BEGINNING: usize = 6;
/// What is shorter is no evidence.
const SHORTEST: usize = 4;
/// Letters by which languages end a word that they share.
const ENDINGS: [char; 5] = ['a', 'e', 'o', 's', 'n'];

/// The English words of a run by what of them other languages share: the beginning → the root.
#[derive(Debug, Default)]
pub(super) struct Cognates(HashMap<String, String>);

impl Cognates {
    /// Takes in the words of a text in English. Of two with one beginning the first in
    /// the alphabet counts, whichever comes first.
    pub(super) fn hear(&mut self, text: &str) {
        words::each(text, |word, whole| {
            let Some(term) = (!whole).then(|| words::term(word)).flatten() else { return };
            let Some(beginning) = beginning(word) else { return };
            let root = words::root(term);
            let known = self.0.entry(beginning).or_insert_with(|| root.to_string());
            if root < known.as_str() {
                *known = root.to_string();
            }
        });
    }

    /// The root of the English word that a word of another language is.
    pub(super) fn english(&self, word: &str) -> Option<&str> {
        self.0.get(&beginning(word)?).map(String::as_str)
    }
}

/// What of a word, in lower case, other languages share.
fn beginning(word: &str) -> Option<String> {
    let mut plain = String::with_capacity(word.len());
    for c in word.chars() {
        let letter = plain_letter(c)?;
        // Doubled in one language is single in another.
        if !plain.ends_with(letter) {
            plain.push_str(letter);
        }
    }
    let folded = plain.replace("ph", "f").replace("th", "t");
    let mut kept = &folded[..folded.len().min(BEGINNING)];
    while folded.len() <= BEGINNING && kept.len() > SHORTEST && kept.ends_with(ENDINGS) {
        kept = &kept[..kept.len() - 1];
    }
    (kept.len() >= SHORTEST).then(|| kept.to_string())
}

/// A letter without its mark, and alike where languages write one sound by two; `None`: a
/// word with such a character is shared by no languages.
fn plain_letter(c: char) -> Option<&'static str> {
    Some(match c {
        'a' | 'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'e' | 'é' | 'è' | 'ê' | 'ë' | 'ę' => "e",
        'i' | 'í' | 'ì' | 'î' | 'ï' | 'y' => "i",
        'o' | 'ó' | 'ò' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'u' | 'ú' | 'ù' | 'û' | 'ü' => "u",
        'c' | 'ç' | 'k' => "c",
        'n' | 'ñ' => "n",
        's' | 'z' => "s",
        'b' => "b",
        'd' => "d",
        'f' => "f",
        'g' => "g",
        'h' => "h",
        'j' => "j",
        'l' => "l",
        'm' => "m",
        'p' => "p",
        'q' => "q",
        'r' => "r",
        't' => "t",
        'v' => "v",
        'w' => "w",
        'x' => "x",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_differ_by_endings_and_marks_are_one() {
        let mut known = Cognates::default();
        known.hear("Polygon area without hysteresis, the formula of the latitude, coordinates, metric");
        for (word, english) in [
            ("polígono", "polygon"),
            ("hysterese", "hysteresis"),
            ("área", "area"),
            ("fórmula", "formula"),
            ("metrik", "metric"),
        ] {
            assert_eq!(known.english(word), Some(words::root(words::stem(english))), "{word}");
        }
        for word in ["police", "arena", "платеж", "met"] {
            assert_eq!(known.english(word), None, "{word}");
        }
    }

    #[test]
    fn it_does_not_matter_which_word_comes_first() {
        let (mut one, mut other) = (Cognates::default(), Cognates::default());
        one.hear("computer computation");
        other.hear("computation computer");
        assert_eq!(one.english("computar"), other.english("computar"));
    }
}
