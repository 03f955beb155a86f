//! Sentences that tell of a fault, or that the review did not take place.

use super::denial::{Limits, denies, pieces};
use super::{is_wide, unquoted};
use crate::signs::accounted;
use crate::vocabulary::DENIALS;

/// Does a sentence say that something is wrong? A fault that is denied or looked for is
/// none; a denial of anything else is one ("is never released", "without a lock").
pub(in crate::signs) fn is_fault(lower: &str, assured: bool) -> bool {
    let table = &*DENIALS;
    if is_wide(lower) {
        return table.cjk_faults.iter().any(|part| lower.contains(part)) && !assured
            || table.cjk_contrasts.iter().any(|part| lower.contains(part));
    }
    let words: Vec<&str> = lower.split_whitespace().filter_map(pieces).map(|(word, _)| word).collect();
    if table.demands.any(lower) {
        return true;
    }
    let sought = words.iter().position(|word| table.seeks.contains(word)).unwrap_or(words.len());
    let denial = |word: &str| table.none.contains(word) || table.not.contains(word) || word.ends_with("n't");
    let noun = |word: &str| table.nouns.contains(word) || table.weak_nouns.contains(word);
    let strong = |word: &str| table.fault_words.contains(word);
    let phrase = tells_fault(lower) && sought == words.len();
    let bare = (0..sought).any(|at| {
        let before = &words[at.saturating_sub(7)..at];
        (strong(words[at]) || noun(words[at]) && !assured) && !before.iter().any(|word| denial(word))
    });
    let denied = (0..sought).any(|at| {
        // Slavic word order: "remarks, none".
        if at > 0 && noun(words[at - 1]) {
            return false;
        }
        let after = &words[at + 1..words.len().min(at + 8)];
        let counts = matches!(words[at], "none" | "zero" | "0" | "nothing");
        let fine = |word: &&str| strong(word) || noun(word) || table.fine.contains(word);
        let verb = table.not.contains(words[at]) || words[at].ends_with("n't");
        denial(words[at]) && !counts && !after.iter().any(fine) && (verb || !assured)
    });
    phrase && !assured || bare || denied
}

/// Does a sentence say that something is wrong, in whatever else it says?
pub(crate) fn blames(sentence: &str) -> bool {
    let lower = accounted::without_code(&unquoted(sentence)).to_lowercase();
    is_fault(&lower, false) && !denies(&lower, Limits::Allowed)
}

/// Does it hold a phrase that tells of a fault or a wish?
pub(in crate::signs) fn tells_fault(lower: &str) -> bool {
    DENIALS.faults.any(lower)
}

/// Does a verdict ask for changes: `Verdict: request changes`, `REVIEW_RESULT: CHANGES_REQUESTED`,
/// or a line that is nothing but one (`Changes requested.`)?
pub(crate) fn refuses(line: &str) -> bool {
    let bare = |text: &str| text.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let lower = line.to_lowercase().replace(['*', '`', '#', '|', '_'], " ");
    // "No" alone is an answer, and `critical` a heading.
    let short = |word: &str| word.len() <= 5;
    let Some((label, value)) = lower.split_once([':', '：']) else {
        let line = bare(&lower);
        return line != "critical" && DENIALS.refusals.iter().any(|word| !short(word) && line == *word);
    };
    let (label, value) = (bare(label), bare(value));
    label.len() <= 40
        && DENIALS.verdicts.any(&label)
        && DENIALS.refusals.iter().any(|word| {
            // "No" is one, "no issues" is none.
            value == *word
                || !short(word)
                    && value.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
}

/// Does a text tell that the review itself went wrong? Then "nothing found" proves nothing.
pub(crate) fn failed(text: &str) -> bool {
    let lower = text.to_lowercase();
    DENIALS.failures.any(&lower)
}

/// "Only 3 of the 41 changed files", `3/12 files`: less was read than there was.
pub(crate) fn read_a_part(sentence: &str) -> bool {
    let lower = sentence.to_lowercase().replace(['*', '`'], " ");
    let unit = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric()).any(|w| DENIALS.read_units.contains(w))
            || DENIALS.cjk_units.iter().any(|u| text.contains(u))
    };
    if !unit(&lower) {
        return false;
    }
    // "(first 100 lines)"
    let list: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let few = |w: &[&str]| {
        matches!(
            w[0],
            "first" | "last" | "top" | "erste" | "ersten" | "primeras" | "premières" | "primeiras" | "prime"
        ) && w[1].bytes().all(|byte| byte.is_ascii_digit())
            && DENIALS.read_units.contains(w[2])
    };
    if list.windows(3).any(few) {
        return true;
    }
    let numbers: Vec<(usize, usize, u64)> = {
        let mut list = Vec::new();
        let mut at = 0;
        while let Some(n) = lower[at..].find(|c: char| c.is_ascii_digit()) {
            let start = at + n;
            let end = lower[start..].find(|c: char| !c.is_ascii_digit()).map_or(lower.len(), |n| start + n);
            list.extend(lower[start..end].parse().ok().map(|value| (start, end, value)));
            at = end;
        }
        list
    };
    numbers.windows(2).any(|pair| {
        let between = lower[pair[0].1..pair[1].0].trim();
        let words: Vec<&str> = between.split_whitespace().collect();
        let of = between == "/" || words.len() <= 4 && words.iter().any(|w| DENIALS.of.contains(w));
        // Chinese and Japanese name the whole first.
        let counted = |text: &str| DENIALS.cjk_units.iter().any(|u| text.trim_start().starts_with(u));
        let total = counted(between) && counted(&lower[pair[1].1..]) && between.chars().count() <= 12;
        // `[2/7]` numbers a step.
        let of = of && !lower[..pair[0].0].ends_with('[');
        of && pair[0].2 < pair[1].2 || total && pair[1].2 < pair[0].2
    }) || DENIALS.cjk_only.iter().any(|only| lower.contains(only)) && !numbers.is_empty()
}

/// "(1/3) No issues found", "9/10 passed": of several, not the last or not all.
pub(super) fn numbers_a_part(plain: &str) -> bool {
    let numbered = |pair: &[&str]| DENIALS.numbered.contains(pair[0]) && share(pair[1]).is_some_and(is_part);
    let is_told = |pair: &[&str]| passes_part(pair[0], Some(pair[1])) || numbered(pair);
    plain.split_whitespace().collect::<Vec<_>>().windows(2).any(is_told)
        || plain.split_whitespace().last().is_some_and(|last| passes_part(last, None))
}

/// "9/10 passed"
pub(in crate::signs) fn passed_in_part(plain: &str) -> bool {
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.windows(2).any(|pair| !pair[0].starts_with(['(', '[']) && passes_part(pair[0], Some(pair[1])))
}

/// `(1/3)`, `[1/4]`; `9/10` before "passed".
fn passes_part(word: &str, next: Option<&str>) -> bool {
    let bracketed = word.starts_with(['(', '[']) && word.trim_end_matches(['.', ':']).ends_with([')', ']']);
    let counted = next.is_some_and(|next| {
        matches!(next.trim_matches(|c: char| !c.is_alphanumeric()), "passed" | "passing" | "green" | "done")
    });
    (bracketed || counted) && share(word).is_some_and(is_part)
}

/// "2/5", whatever stands around it.
fn share(word: &str) -> Option<(u32, u32)> {
    let (n, of) = word.trim_matches(|c: char| !c.is_ascii_digit()).split_once('/')?;
    Some((n.parse().ok()?, of.parse().ok()?))
}

fn is_part((n, of): (u32, u32)) -> bool {
    n < of
}
