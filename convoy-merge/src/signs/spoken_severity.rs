//! How bad something is, told in a sentence: "I'd call that moderate." The words are in
//! `data/spoken_severity.tsv`.

use crate::quick::{HashMap, HashSet};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::assurance::ASSURANCE;
use crate::phrases::PhraseTable;
use crate::severity::{self, Rated};
use crate::syntax::prose;
use crate::vocabulary::{DENIALS, list, list_of_words};
use findings::Severity;

/// A longer clause tells more than how bad something is.
const CLAUSE: usize = 16;
/// Text in which such a sentence is looked for.
const LOOK: usize = 3000;

/// Words of one row kind each, as the table's comments tell.
struct Told {
    judge: HashSet<&'static str>,
    noun: HashSet<&'static str>,
    /// All words that say nothing of what is wrong.
    known: HashSet<&'static str>,
    tail: HashSet<&'static str>,
    never: HashSet<&'static str>,
    levels: HashMap<&'static str, Severity>,
    wide: Vec<(&'static str, Severity)>,
    phrases: PhraseTable,
    phrase_levels: Vec<Severity>,
    wide_labels: Vec<&'static str>,
}

static TOLD: LazyLock<Told> = LazyLock::new(|| {
    let table = include_str!("../../data/spoken_severity.tsv");
    let words = |kind: &str| list_of_words(table, kind);
    let levels = ["critical", "high", "medium", "low"].into_iter().flat_map(|name| {
        let level = Severity::from_name(name);
        words(name).into_iter().filter_map(move |word| Some((word, level?)))
    });
    let phrases: Vec<(&str, Severity)> = list(table, "phrase")
        .into_iter()
        .filter_map(|row| row.split_once('='))
        .filter_map(|(level, said)| Some((Severity::from_name(level)?, said)))
        .flat_map(|(level, said)| said.split(';').map(move |said| (said, level)))
        .collect();
    Told {
        judge: words("judge").into_iter().collect(),
        noun: words("noun").into_iter().collect(),
        known: [&ASSURANCE.small, &ASSURANCE.adverbs, &ASSURANCE.persons]
            .into_iter()
            .flatten()
            .copied()
            .chain(words("judge"))
            .chain(words("noun"))
            .collect(),
        tail: words("tail").into_iter().collect(),
        never: words("never").into_iter().collect(),
        levels: levels.collect(),
        wide: words("wide")
            .into_iter()
            .filter_map(|row| row.split_once('='))
            .filter_map(|(level, said)| Some((said, Severity::from_name(level)?)))
            .collect(),
        wide_labels: words("wide-label"),
        phrases: phrases.iter().map(|(said, _)| *said).collect(),
        phrase_levels: phrases.iter().map(|(_, level)| *level).collect(),
    }
});

/// The severity that a sentence of a text tells of what the text says, and the clause that
/// tells it; the first counts.
pub(crate) fn severity(text: &str) -> Option<Rated> {
    let text = severity::cut(text, LOOK);
    if !may_tell(text) {
        return None;
    }
    prose::sentences(text).find_map(|range| of_sentence(&text[range]))
}

/// The letters of all words that rate in such a sentence alone, in ASCII, with borders or not.
static LETTERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = TOLD.levels.keys().filter(|word| word.is_ascii());
    AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok()
});

/// May a text tell a severity? The cheap question before the sentences are taken apart.
fn may_tell(text: &str) -> bool {
    severity::may_hold(text) || LETTERS.as_ref().is_none_or(|letters| letters.is_match(text))
}

/// The severity that a finding tells by what is to follow from it: "This can't go in", "No hurry".
pub(crate) fn by_consequence(text: &str) -> Option<Rated> {
    let lower = severity::cut(text, LOOK).to_lowercase().replace('’', "'");
    let table = &*TOLD;
    if !table.phrases.mentioned(&lower) {
        return None;
    }
    let first = table.phrases.find(&lower).min_by_key(|(n, at)| (*at, *n)).map(|(n, _)| n)?;
    Some((table.phrase_levels[first], table.phrases[first].to_string()))
}

fn of_sentence(sentence: &str) -> Option<Rated> {
    if sentence.ends_with('?') {
        return None;
    }
    let mut lower = sentence.to_lowercase();
    if !lower.is_ascii() {
        lower = lower.replace('’', "'");
        if super::statement::is_wide(&lower) {
            return of_wide(&lower);
        }
    }
    lower
        .split([',', ';', ':', '—', '–', '(', ')', '.', '!', '\n', '→', '|'])
        .find_map(|clause| Some((of_clause(clause)?, clause.trim().to_string())))
}

fn of_clause(clause: &str) -> Option<Severity> {
    let words = || {
        clause
            .split(char::is_whitespace)
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| !word.is_empty())
    };
    // Behind a word that tells what is wrong no level rates: the cheap question comes first.
    let mut behind = true;
    let may_rate = |word: &str| std::mem::replace(&mut behind, known(word)) && level_of(word).is_some();
    if !words().any(may_rate) {
        return None;
    }
    let list: Vec<&str> = words().collect();
    let may_rate = |at: usize| at.checked_sub(1).is_none_or(|before| known(list[before]));
    let rated = |at: usize| level_of(list[at]).filter(|_| rates(&list, at));
    (0..list.len()).filter(|at| may_rate(*at)).find_map(rated)
}

/// Does the level at a place of a clause rate what was said before?
fn rates(list: &[&str], at: usize) -> bool {
    let table = &*TOLD;
    let (before, after) = (&list[..at], &list[at + 1..]);
    if before.iter().any(|word| denies(word)) {
        return false;
    }
    let run = before.iter().rev().take_while(|word| known(word)).count();
    let judges = before[before.len() - run..].iter().any(|word| is_verdict(word));
    let whole = run == before.len() && list.len() <= CLAUSE;
    let rest = after.iter().position(|word| !table.noun.contains(word)).map_or(&[][..], |n| &after[n..]);
    let next = rest.first();
    let ends = next.is_none_or(|word| table.tail.contains(word) || known(word));
    // "High": alone, or with nothing but words of judging behind it; "high for me".
    let alone = before.is_empty() && (rest.is_empty() || rest.iter().all(|word| known(word)));
    whole && judges && ends
        || whole && !before.is_empty() && rest.iter().all(|word| known(word))
        || judges && run >= 2 && before.iter().any(|word| speaks(word)) && ends
        || alone
}

/// "Dangerous", "moderate": a word that rates in such a clause.
fn level_of(word: &str) -> Option<Severity> {
    let table = &*TOLD;
    let whole = || severity::exact(word).map(|(level, _)| level);
    // "high-severity", "medium-priority"
    let scale = |word: &str| matches!(word, "severity" | "priority" | "risk" | "impact" | "level");
    let first =
        || word.split_once('-').filter(|(_, of)| scale(of)).and_then(|(first, _)| severity::exact(first));
    table.levels.get(word).copied().or_else(|| {
        if table.never.contains(word) || !word.contains(char::is_alphabetic) {
            return None;
        }
        whole().or_else(|| first().map(|(level, _)| level))
    })
}

/// Is it a word that says nothing of what is wrong?
pub(crate) fn is_small(word: &str) -> bool {
    known(word) || level_of(word).is_some() || LINE_WORDS.contains(&word)
}

/// Words that are said of where something is.
const LINE_WORDS: &[&str] = &[
    "line", "lines", "zeile", "zeilen", "línea", "linha", "ligne", "riga", "regel", "sits", "lives",
    "stands", "file", "datei",
];

fn denies(word: &str) -> bool {
    DENIALS.none.contains(word)
        || DENIALS.not.contains(word)
        || ASSURANCE.negations.contains(word)
        || word.ends_with("n't")
        || matches!(word, "not" | "less" | "nicht" | "kaum" | "nie" | "non" | "pas")
}

fn known(word: &str) -> bool {
    TOLD.known.contains(word)
}

/// A verb that says what something is, or what somebody thinks of it.
fn is_verdict(word: &str) -> bool {
    ASSURANCE.aux.contains(word) || TOLD.judge.contains(word) || matches!(word, "that's" | "it's" | "é" | "è")
}

/// Somebody who judges.
fn speaks(word: &str) -> bool {
    matches!(word, "i" | "we" | "i'd" | "we'd" | "ich" | "wir" | "yo" | "eu" | "je" | "io" | "ik" | "я")
}

/// `重要度「高」`, and phrases of scripts without blanks.
fn of_wide(lower: &str) -> Option<Rated> {
    let table = &*TOLD;
    let labelled = table.wide_labels.iter().find_map(|label| {
        let (_, behind) = lower.split_once(label)?;
        let value =
            behind.trim_start_matches(['「', '『', '“', '"', '：', ':', ' ', 'は', '为', '是', '은', '는']);
        let end = value.find(|c: char| !c.is_alphanumeric()).unwrap_or(value.len());
        let first = value.chars().next()?;
        severity::exact(&value[..end])
            .or_else(|| severity::exact(&value[..first.len_utf8()]))
            .map(|(level, _)| level)
    });
    let phrase = || table.wide.iter().find(|(said, _)| lower.contains(said)).map(|(_, level)| *level);
    labelled.or_else(phrase).map(|level| (level, lower.trim().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_that_tell_how_bad_it_is() {
        for (text, level) in [
            ("I consider this serious.", Severity::High),
            ("That is critical for a newspaper.", Severity::Critical),
            ("That's high for me.", Severity::High),
            ("I'd call that moderate: annoying, but nothing is harmed.", Severity::Medium),
            ("Medium, it rarely happens.", Severity::Medium),
            ("An archive lives by it; this is the one high-severity point in my letter.", Severity::High),
            ("Also in `a.go`, and also high.", Severity::High),
            ("Both major for us.", Severity::High),
            ("This is a blocker.", Severity::Blocker),
            ("Das ist für mich kritisch und muss vor der Abnahme weg.", Severity::Critical),
            ("Mittel würd ich sagen", Severity::Medium),
            ("Das ist ein hoher Schaden für unser Ansehen.", Severity::High),
            ("Ebenfalls hoch.", Severity::High),
            ("Para mí es de gravedad alta.", Severity::High),
            ("É grave, porque os comboios saem antes.", Severity::High),
            ("To poważny błąd.", Severity::High),
            ("Це серйозно, виправ, будь ласка.", Severity::High),
            ("これは重要度「高」だと思います。", Severity::High),
            ("急ぎません。", Severity::Low),
            ("booked over a short one that is a big one I would call it high", Severity::High),
        ] {
            assert_eq!(severity(text).map(|(level, _)| level), Some(level), "{text}");
        }
    }

    #[test]
    fn what_is_to_follow_rates() {
        for (text, level) in [
            ("Everything overlaps from now on. Can't go in.", Some(Severity::Blocker)),
            ("The last error is lost. Not a reason to wait, but do it.", Some(Severity::Low)),
            ("Das muss weg, bevor jemand es sieht.", Some(Severity::Blocker)),
            ("The lock must be taken before the merge of the lists.", None),
            ("The name is never checked.", None),
        ] {
            assert_eq!(by_consequence(text).map(|(level, _)| level), level, "{text}");
        }
    }

    #[test]
    fn sentences_that_say_something_else() {
        for text in [
            "The memory usage is high when the cache is cold.",
            "High memory usage in the loop.",
            "This is not critical.",
            "The critical section is held for too long.",
            "It is important to close it.",
            "A minor version was released.",
            "No serious problem.",
            "The small buffer is copied.",
            "Is this serious?",
            "The low byte is dropped.",
        ] {
            assert_eq!(severity(text), None, "{text}");
        }
    }
}
