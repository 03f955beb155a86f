//! Lines that count findings and tell none: "**Findings: 5** (2 high · 2 medium · 1 low)".

use crate::vocabulary::{DENIALS, PHRASES, SEVERITY};

/// A longer text tells more than numbers.
const LONGEST: usize = 200;
/// Words that stand between what is counted.
const SMALL: [&str; 12] =
    ["and", "of", "found", "in", "total", "und", "y", "et", "new", "introduced", "resolved", "fixed"];
/// What is counted, beside findings.
const COUNTED: [&str; 4] = ["occurrence", "occurrences", "occurence", "occurences"];

/// Does a text consist of nothing but numbers and what they count: severities and nouns of
/// findings? "Issue 3 (high)" has a number, and counts nothing.
pub(super) fn is_tally(text: &str) -> bool {
    let text = text.trim();
    if text.len() > LONGEST || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let number = |word: &&str| word.bytes().all(|byte| byte.is_ascii_digit());
    let counted = |word: &&str| {
        let summed = *word == "total" || PHRASES.sum.contains(word);
        let rated = SEVERITY.words.contains_key(word) || SEVERITY.nouns.contains_key(word);
        DENIALS.nouns.contains(word) || summed || rated || COUNTED.contains(word)
    };
    let beside = |word: &&str| SEVERITY.beside.contains(word) || SMALL.contains(word);
    let behind = || {
        let (label, rest) = lower.split_once(':')?;
        let last = label.split(|c: char| !c.is_alphanumeric()).rfind(|word| !word.is_empty())?;
        let first = rest.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty())?;
        (counted(&last) && number(&first)).then_some(())
    };
    words.iter().all(|word| number(word) || counted(word) || beside(word))
        && (behind().is_some()
            || words.windows(2).any(|pair| number(&pair[0]) && counted(&pair[1])) && number(&words[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_and_what_is_counted() {
        for text in [
            "**Findings: 5** (2 high · 2 medium · 1 low)",
            "2 critical, 3 minor issues",
            "**Total:** 36 findings",
            "Issues: 0",
            "❗ 3 occurences introduced, 🎯 1 occurence resolved",
        ] {
            assert!(is_tally(text), "{text}");
        }
        for text in [
            "Issue 3 (high)",
            "**Finding 3**",
            "P1 issue",
            "3 locks are never freed",
            "High: 2 locks are never freed",
            "Findings",
        ] {
            assert!(!is_tally(text), "{text}");
        }
    }
}
