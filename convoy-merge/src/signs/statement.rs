//! Does a text say that nothing was found? A sentence does if it denies a noun of
//! findings, without a limit ("no *critical* issues") and without a "but". The
//! words are in `data/clean.tsv`.

mod counts;
mod denial;
mod fault;

use std::ops::Range;

use super::accounted::{self, Setting, accounts};
use super::claims;
use super::extent::{self, Extent};
use crate::phrases::find_phrase;
use crate::severity;
use crate::syntax::fields::Field;
pub(crate) use crate::syntax::prose::sentences;
use crate::text::find;
use crate::vocabulary::{DENIALS, Label, PHRASES};
pub(crate) use counts::counts_are_zero;
use counts::none_of_kinds;
pub(super) use counts::none_of_levels;
pub(super) use denial::denies_findings;
use denial::{Limits, contrasts, denies, denies_all_levels, none_by_label, pieces};
pub(crate) use fault::{blames, failed, read_a_part, refuses};
pub(super) use fault::{is_fault, passed_in_part, tells_fault};

/// Is this whole text a statement that there is nothing?
pub(crate) fn says_none(text: &str) -> bool {
    // "No `use warnings`" names code; "`none`" is an answer.
    let spoken = text.contains('`').then(|| accounted::without_code(text));
    let spoken = spoken.as_deref().filter(|spoken| spoken.contains(char::is_alphabetic));
    let mut lower = unquoted(spoken.unwrap_or(text)).to_lowercase();
    lower.retain(|c| !matches!(c, '*' | '_' | '`' | '>'));
    let lower = lower.trim().trim_start_matches(['-', '•', '✅', '✓', '☑', '(', ' ', '\u{fe0f}']).trim();
    let first =
        lower.split(['.', '\n', ';', '。', '!']).next().unwrap_or(lower).trim_matches(['(', ')', ' ']);
    // "0. Title" is a number, "0" says how many.
    let counts = first.chars().all(|c| c.is_ascii_digit()) && first.len() < lower.len();
    PHRASES.none.contains(&first) && !counts
        || PHRASES.none.contains(&lower.trim_end_matches('.'))
        || first.len() < 120 && !contrasts(first) && denies(first, Limits::Allowed)
}

/// The same for a whole section: "no critical issues" says nothing of the others.
pub(crate) fn says_nothing(text: &str) -> bool {
    let lower = text.to_lowercase();
    let first = lower.split(['.', '\n', '。', '!']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    says_none(text) && !limited(first) && !contrasts(first)
}

fn limited(sentence: &str) -> bool {
    DENIALS.limits.iter().any(|word| find_phrase(sentence, word).is_some())
        || sentence.split_whitespace().filter_map(pieces).any(|(word, _)| limits_to(word))
}

/// Does somebody say what was reviewed: "I read the whole change"?
pub(crate) fn tells_of_review(text: &str) -> bool {
    claims::tells_of_review(&text.to_lowercase())
}

/// Is it a noun of findings: "Issues", "Notes"?
pub(crate) fn names_findings(text: &str) -> bool {
    text.split_whitespace()
        .filter_map(pieces)
        .any(|(word, _)| DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word))
}

/// Is a denial with this word one of some findings only: of the serious ones, of the high ones?
pub(crate) fn limits(word: &str) -> bool {
    limits_to(word)
}

pub(super) fn limits_to(word: &str) -> bool {
    // "No blockers" says nothing of what does not block.
    if matches!(word, "blocker" | "blockers" | "showstopper" | "showstoppers" | "show-stoppers" | "stoppers")
    {
        return true;
    }
    let noun = DENIALS.nouns.contains(word) || DENIALS.weak_nouns.contains(word);
    // Verbs that rate a demand; and "no non-blocking issues either", of what is left.
    let other =
        matches!(word, "must" | "should" | "could" | "would" | "can" | "may") || word.starts_with("non");
    DENIALS.limits.contains(word) || !noun && !other && severity::exact(word).is_some()
}

/// What a sentence of a report without findings says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Says {
    /// That nothing was found, without a limit.
    Nothing,
    /// The same of a part that a label names: "Spelling: no findings".
    NothingInPart,
    /// That something is wrong, or that nothing of one kind was found.
    Fault,
    Neutral,
}

/// A longer sentence, in bytes, is not taken apart and counts as not understood.
const LONGEST: usize = 4000;

/// Reads one sentence. Words in quotation marks are quoted, not said.
pub(crate) fn says(sentence: &str) -> Says {
    says_in(sentence, Setting::default())
}

/// Reads one sentence where it stands. What is not understood is a fault.
pub(crate) fn says_in(sentence: &str, setting: Setting) -> Says {
    // What is struck out was taken back.
    if sentence.len() > LONGEST || sentence.contains("~~") {
        return Says::Fault;
    }
    let lower = unquoted(sentence)
        .to_lowercase()
        .replace('’', "'")
        .replace("ましたが、", "ました、")
        .replace(['*', '_'], " ");
    let (plain, ticked) = unmarked(&lower);
    let setting = Setting {
        listed: setting.listed || ticked,
        praise: setting.praise
            || PHRASES.praise_first.iter().any(|word| word.ends_with(':') && plain.starts_with(word)),
        ..setting
    };
    if denies_all_levels(plain) {
        return Says::Nothing;
    }
    if none_of_kinds(plain) {
        return Says::Neutral;
    }
    if !accounts(plain, setting) {
        return Says::Fault;
    }
    let plain = without_idle(plain);
    let clauses = accounted::clauses(plain);
    let (part_approved, approved): (Vec<usize>, Vec<usize>) = (0..clauses.len())
        .filter(|at| accounted::approves(&clauses[*at]))
        .partition(|at| clauses[*at].words.len() <= 2 && extent::of_part(&clauses, *at));
    let mut nothing = !approved.is_empty() || accounted::counts_none(&clauses);
    let mut part = !part_approved.is_empty();
    for (at, clause) in clauses.iter().enumerate() {
        // Code in a sentence is quoted; a clause that is nothing else is said.
        let said = &if clause.text.trim_matches('`').contains('`') {
            accounted::without_code(clause.text)
        } else if clause.text.starts_with('`') && clause.text.ends_with('`') {
            clause.text.replace('`', " ").trim().to_string()
        } else {
            accounted::without_code(clause.text)
        };
        let phrase = || says_clean_phrase(said) && !limited(said);
        let sought = clauses[..at].iter().any(accounted::seeks);
        if denies(said, Limits::Refused) || phrase() || accounted::denies(clause, sought) {
            let next = clauses.get(at + 1).map_or("", |next| next.text);
            let begins = extent::opens(next);
            let whole = if begins { format!("{said} {next}") } else { said.clone() };
            if extent::of_denial(&whole) == Extent::Part {
                return Says::Fault;
            }
            if extent::of_part(&clauses, at) {
                part = true;
            } else {
                nothing = true;
            }
        }
    }
    if nothing || states_clean(plain) || none_by_label(plain) {
        let partly = read_a_part(plain) || fault::numbers_a_part(plain);
        return if partly { Says::Fault } else { Says::Nothing };
    }
    if part { Says::NothingInPart } else { Says::Neutral }
}

/// `Files changed: 9`, and elsewhere `Files reviewed: 3`?
pub(crate) fn read_fewer(text: &str) -> bool {
    accounted::read_fewer(&accounted::clauses(&text.to_lowercase().replace(['*', '_'], " ")))
}

/// Does a text in lower case name less than the whole: "API"? A path is a file of the change.
pub(crate) fn names_a_part(name: &str) -> bool {
    extent::names_a_part(name)
}

/// How many parts somebody read, as a sentence tells; `None`: it was the whole.
fn parts_read(sentence: &str) -> Option<usize> {
    if sentence.len() > LONGEST {
        return Some(0);
    }
    let lower = unquoted(sentence).to_lowercase().replace('’', "'").replace(['*', '_'], " ");
    extent::parts_read(unmarked(&lower).0, lower.trim_start().starts_with('#'))
}

/// Where nothing is said of the whole, so many parts must be told of.
pub(crate) const PARTS: usize = 3;

/// Where sentences of a text first say that somebody read a part, if they tell of few parts and
/// nowhere of the whole.
pub(crate) fn part_read(text: &str, sentences: impl Iterator<Item = Range<usize>>) -> Option<Range<usize>> {
    let told: Option<Vec<(Range<usize>, usize)>> =
        sentences.map(|range| parts_read(&text[range.clone()]).map(|parts| (range, parts))).collect();
    let told = told?;
    let parts: usize = told.iter().map(|(_, parts)| parts).sum();
    told.into_iter().find(|(_, of)| *of > 0 && parts < PARTS).map(|(range, _)| range)
}

/// "No issues that need to be addressed": the end says what issues are.
pub(super) fn without_idle(plain: &str) -> &str {
    const IDLE: [&str; 8] = [
        " that need to be addressed",
        " that need addressing",
        " that need attention",
        " that require attention",
        " that require changes",
        " that require action",
        " requiring attention",
        " that need changes",
    ];
    let bare = plain.trim_end_matches(['.', '!', ' ']);
    IDLE.iter().find_map(|idle| bare.strip_suffix(idle)).unwrap_or(plain)
}

/// A sentence without the marks of headings, lists and numbers in front of it, and a tick; was it
/// ticked?
fn unmarked(lower: &str) -> (&str, bool) {
    let mut plain = lower.trim().trim_start_matches('#').trim_start();
    while let Some(rest) = ["- ", "+ ", "> ", "• "].iter().find_map(|mark| plain.strip_prefix(mark)) {
        plain = rest.trim_start();
    }
    let number = plain.find(|c: char| !c.is_ascii_digit()).unwrap_or_default();
    let plain = plain[number..].strip_prefix(['.', ')']).filter(|_| number > 0).unwrap_or(plain).trim();
    let behind = PHRASES.tick.iter().chain(&["[x]"]).find_map(|mark| plain.strip_prefix(mark));
    (behind.map_or(plain, str::trim_start), behind.is_some())
}

/// Does it hold a phrase like "all clear", and nothing that turns it?
fn says_clean_phrase(clause: &str) -> bool {
    let turns = |(word, _): (&str, bool)| {
        DENIALS.turns.contains(word) || DENIALS.none.contains(word) || word.ends_with("n't")
    };
    PHRASES.clean.find(clause).any(|(_, at)| !clause[..at].split_whitespace().filter_map(pieces).any(turns))
}

/// Is it written in a script without spaces between words?
pub(crate) fn is_wide(text: &str) -> bool {
    text.chars().any(|c| c >= '\u{2e80}' && c.is_alphabetic())
}

/// Does a sentence assure that something is well?
fn is_assured(lower: &str) -> bool {
    let words = lower.split_whitespace().filter_map(pieces).any(|(word, _)| DENIALS.assured.contains(word));
    words || PHRASES.praise.any(lower) || DENIALS.cjk_assured.iter().any(|part| lower.contains(part))
}

pub(crate) fn unquoted(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut take = |(n, piece)| out.push_str(if n % 2 == 0 { piece } else { " … " });
    if sentence.is_ascii() {
        sentence.split('"').enumerate().for_each(&mut take);
    } else {
        sentence.split(['"', '“', '”', '„', '«', '»', '‘']).enumerate().for_each(&mut take);
    }
    // An apostrophe stands in or behind a word, a quotation mark before one.
    while let Some(open) = find(&out, " '") {
        let Some(close) = out[open + 2..].find('\'').map(|n| open + 2 + n) else { break };
        out.replace_range(open..=close, " … ");
    }
    out
}

/// Does prose say that nothing was found, without a "but"?
pub(crate) fn says_clean(text: &str) -> bool {
    sentences(text).any(|range| says(&text[range]) == Says::Nothing)
}

/// Is a text nothing but a word of praise: "good", "very nice"?
pub(crate) fn praises(text: &str) -> bool {
    accounted::praises(&text.trim().to_lowercase())
}

/// `Status: clean`.
fn states_clean(lower: &str) -> bool {
    lower.lines().filter_map(|line| line.split_once(':')).any(|(label, value)| {
        let label = label.trim_matches(|c: char| !c.is_alphanumeric());
        let value = value.trim_matches(|c: char| !c.is_alphanumeric());
        DENIALS.states.contains(label) && DENIALS.clean_values.contains(value)
    })
}

/// Does the reviewer take a finding back? Only a whole statement does: a field, a tag, a
/// last sentence that stands by itself. A phrase in the middle of a text that goes on does not.
pub(crate) fn withdrawn(fields: &[Field], body: &str) -> bool {
    let plain = severity::plain(body).to_lowercase();
    let told = |text: &str| PHRASES.withdrawn.any(text);
    let by_field = fields.iter().any(|f| {
        f.label == Label::Status
            && told(&format!("status: {}", severity::plain(&body[f.value.clone()]).trim().to_lowercase()))
    });
    if by_field || !PHRASES.withdrawn.mentioned(&plain) {
        return by_field;
    }
    let said: Vec<&str> =
        sentences(&plain).map(|range| plain[range].trim()).filter(|s| !s.is_empty()).collect();
    said.iter().enumerate().any(|(at, sentence)| {
        let tagged = sentence.contains(['(', '['])
            && sentence.len() < 200
            && PHRASES.withdrawn.iter().any(|p| p.starts_with(['(', '[']) && sentence.contains(p));
        tagged
            || told(sentence)
                && !contrasts(sentence)
                && !said[at + 1..]
                    .iter()
                    .take(3)
                    .any(|next| contrasts(next) || is_fault(next, is_assured(next)))
    })
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
            "I couldn't identify any violations in the changed files.",
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
            "✅ Approved",
            "All good here 👍",
            "Verdict: approve",
            "Nothing open.",
            "Herhangi bir sorun bulunamadı.",
            "Δεν βρέθηκαν προβλήματα.",
        ] {
            assert!(says_clean(text), "{text}");
        }
    }

    #[test]
    fn what_does_not() {
        for text in [
            "No critical issues were found.",
            "No other issues.",
            "No issues found in the templates.",
            "Nothing wrong with the tests.",
            "The Go code has no issues.",
            "The unit tests pass, no issues found there.",
            "No issues found in this function.",
            "Test files: LGTM.",
            "APIに問題はありません。",
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
            "✅ Approved, but the lid is never closed.",
            "❌ Approved",
            "All good except the lid.",
            "Verdict: approve after the lid is closed",
            "Secrets: none in the new files, two in the old.",
            "No issues in the new code, one in the old.",
            "XSS: none",
            "Validation: none",
            "[x] Approved [ ] Tests pass",
            "Approved, confidence: low",
            "Approved (lukewarm).",
            "LGTM (weak).",
        ] {
            assert!(!says_clean(text), "{text}");
        }
    }

    #[test]
    fn kinds_of_faults_of_which_there_is_none() {
        for text in
            ["XSS: none", "- Race conditions: not found", "SQL injection: none\nSecrets: not detected"]
        {
            assert_eq!(says(text), Says::Neutral, "{text}");
        }
        for text in ["Secrets: one", "Secrets: none in the new files, two in the old"] {
            assert_eq!(says(text), Says::Fault, "{text}");
        }
    }

    #[test]
    fn counts() {
        assert_eq!(counts_are_zero("| Critical | 0 |\n| High | 0 |\n| Medium | 0 |"), Some(true));
        assert_eq!(counts_are_zero("| Critical | 0 |\n| High | 0 |"), None);
        assert_eq!(counts_are_zero("- Critical: 0\n- High: 2"), Some(false));
        assert_eq!(counts_are_zero("Critical: the lock"), None);
    }
}
