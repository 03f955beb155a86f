//! Does a text say that nothing was found? A sentence does if it denies a noun of
//! findings, without a limit ("no *critical* issues") and without a "but". The
//! words are in `data/clean.tsv`.

use crate::severity::{self, find_phrase, holds_phrase};
use crate::vocabulary::{DENIALS, PHRASES};

/// Is this whole text a statement that there is nothing?
pub(crate) fn says_none(text: &str) -> bool {
    let lower = text.to_lowercase().replace(['*', '_', '`', '>'], "");
    let lower = lower.trim().trim_start_matches(['-', '•', '✅', '✓', '☑', '(', ' ', '\u{fe0f}']).trim();
    let first =
        lower.split(['.', '\n', ';', '。', '!']).next().unwrap_or(lower).trim_matches(['(', ')', ' ']);
    // "0. Title" is a number, "0" says how many.
    let counts = first.chars().all(|c| c.is_ascii_digit()) && first.len() < lower.len();
    PHRASES.none.contains(&first) && !counts
        || PHRASES.none.contains(&lower.trim_end_matches('.'))
        || first.len() < 120 && denies(first, Limits::Allowed)
}

/// The same for a whole report: "no critical issues" says nothing of the others.
pub(crate) fn says_nothing(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.split(['.', '\n', '。', '!']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    says_none(text) && !limited(first) && !contrasts(first)
}

fn limited(sentence: &str) -> bool {
    DENIALS.limits.iter().any(|word| find_phrase(sentence, word).is_some())
}

/// Does prose say that nothing was found, without a "but"?
pub(crate) fn says_clean(text: &str) -> bool {
    let lower = text.to_lowercase().replace(['*', '_', '`'], "");
    lower.split(['.', '\n', '。', '!', ';']).any(|sentence| {
        let sentence = sentence.trim();
        let phrase = || PHRASES.clean.iter().any(|phrase| holds_phrase(sentence, phrase));
        denies(sentence, Limits::Refused) || phrase() && !limited(sentence) && !contrasts(sentence)
    }) || states_clean(&lower)
}

/// `Status: clean`.
fn states_clean(lower: &str) -> bool {
    lower.lines().filter_map(|line| line.split_once(':')).any(|(label, value)| {
        let label = label.trim_matches(|c: char| !c.is_alphanumeric());
        let value = value.trim_matches(|c: char| !c.is_alphanumeric());
        DENIALS.states.contains(label) && DENIALS.clean_values.contains(value)
    })
}

/// Does a text tell that the review itself went wrong? Then "nothing found" proves nothing.
pub(crate) fn failed(text: &str) -> bool {
    let lower = text.to_lowercase();
    DENIALS.failures.iter().any(|phrase| holds_phrase(&lower, phrase))
}

/// Counts by severity, as tables and lists state them: `| Critical | 0 |`, `- High: 2`.
/// `Some(true)`: there are such counts and all are zero.
pub(crate) fn counts_are_zero(text: &str) -> Option<bool> {
    let mut seen = 0;
    let mut sum = 0u64;
    for line in text.lines().filter(|line| line.len() < 200) {
        let plain = severity::plain(line);
        let parts: Vec<&str> = plain
            .split(['|', ':'])
            .map(|part| part.trim().trim_start_matches(['-', '+', ' ']))
            .filter(|p| !p.is_empty())
            .collect();
        let [name, number, ..] = parts[..] else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        let rated = severity::exact(name).is_some()
            || severity::of_section(name).is_some_and(|_| name.split_whitespace().count() <= 3);
        if rated && parts.len() <= 3 {
            seen += 1;
            sum += number;
        }
    }
    (seen >= 2).then_some(sum == 0)
}

/// Are limits like "no *critical* issues" a denial? They are below the heading
/// they belong to, not for a whole report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Limits {
    Allowed,
    Refused,
}

fn contrasts(sentence: &str) -> bool {
    DENIALS.contrasts.iter().any(|word| find_phrase(sentence, word).is_some())
}

/// Does a sentence in lower case deny that there are findings?
fn denies(sentence: &str, limits: Limits) -> bool {
    if sentence.is_empty() || contrasts(sentence) {
        return false;
    }
    if sentence.chars().any(|c| c >= '\u{2e80}') {
        return denies_without_spaces(sentence, limits);
    }
    let words: Vec<(&str, bool)> = sentence.split_whitespace().filter_map(pieces).collect();
    let table = &*DENIALS;
    (0..words.len()).any(|at| {
        let word = words[at].0;
        let direct = table.none.contains(word);
        let verb = table.not.contains(word) || word.ends_with("n't");
        if !direct && !verb {
            return false;
        }
        let after = words.iter().enumerate().skip(at + 1).take(8);
        let noun = after.map(|(n, word)| (n, *word)).find(|(n, (w, ends))| {
            let next = words.get(n + 1);
            let ends = *ends || next.is_none();
            table.nouns.contains(w) && (ends || next.is_some_and(|(next, _)| table.after.contains(next)))
                || table.weak_nouns.contains(w) && (ends || next.is_some_and(|next| finds(&[*next])))
        });
        // Slavic word order: "problems not found".
        let noun_at = |n: usize| table.nouns.contains(words[n].0) || table.weak_nouns.contains(words[n].0);
        let before = verb && at > 0 && noun_at(at - 1);
        let Some((noun, _)) = noun else { return before && finds(&words[at + 1..]) };
        let between = &words[at + 1..noun];
        let limited = words[..noun].iter().any(|(w, _)| table.limits.contains(w));
        (direct || finds(between))
            && (limits == Limits::Allowed || !limited)
            && !between.iter().any(|(w, _)| table.prepositions.contains(w))
    })
}

fn finds(words: &[(&str, bool)]) -> bool {
    words.iter().any(|(word, _)| DENIALS.finds.iter().any(|stem| word.starts_with(stem)))
}

/// A word, and whether a comma or bracket ends it.
fn pieces(word: &str) -> Option<(&str, bool)> {
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
    (!bare.is_empty()).then(|| (bare, word.ends_with([',', ')', ':', ']'])))
}

/// Scripts without spaces: a denial beside a noun, in either order.
fn denies_without_spaces(sentence: &str, limits: Limits) -> bool {
    let table = &*DENIALS;
    let near = |from: usize, to: usize| sentence.get(from..to).is_some_and(|gap| gap.chars().count() <= 6);
    let beside = table.cjk_nouns.iter().any(|noun| {
        sentence.match_indices(noun).any(|(at, _)| {
            table.cjk_none.iter().any(|none| {
                sentence
                    .match_indices(none)
                    .any(|(n, _)| near(n + none.len(), at) || near(at + noun.len(), n))
            })
        })
    });
    beside
        && sentence.chars().count() <= 60
        && !sentence.contains([':', '：'])
        && (limits == Limits::Allowed || !table.cjk_limits.iter().any(|part| sentence.contains(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_that_nothing_was_found() {
        for text in [
            "I did not find any bugs, security problems or other defects.",
            "No performance regressions were introduced by this change.",
            "There are no issues with this change.",
            "I couldn't identify any violations in the templates.",
            "Nothing to fix here.",
            "Status: clean",
            "Es wurden keine Probleme gefunden.",
            "Rien à signaler.",
            "No se encontraron problemas.",
            "Nessun problema trovato.",
            "Geen problemen gevonden.",
            "Nie znaleziono żadnych problemów.",
            "Não encontrei problemas nesta alteração.",
            "В ходе проверки ошибок не найдено.",
            "문제를 찾지 못했습니다.",
            "Проблем не обнаружено.",
            "指摘事項はありません。",
            "没有发现任何安全漏洞。",
            "발견된 문제가 없습니다.",
        ] {
            assert!(says_clean(text), "{text}");
        }
    }

    #[test]
    fn what_does_not() {
        for text in [
            "No critical issues were found.",
            "No other issues.",
            "No issues in the first file, but I stopped there.",
            "No performance problem can be excluded without a profile.",
            "No error handling in the parser.",
            "If no issues are found, write so.",
            "There is no validation of errors.",
            "The issues are not fixed.",
            "There are no comments explaining the issues in the parser.",
            "I found no tests.",
            "No major problems, just a few minor ones.",
            "严重问题没有修复。",
        ] {
            assert!(!says_clean(text), "{text}");
        }
    }

    #[test]
    fn counts() {
        assert_eq!(counts_are_zero("| Critical | 0 |\n| High | 0 |"), Some(true));
        assert_eq!(counts_are_zero("- Critical: 0\n- High: 2"), Some(false));
        assert_eq!(counts_are_zero("Critical: the lock"), None);
    }
}
