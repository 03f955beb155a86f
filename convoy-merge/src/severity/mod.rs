//! Reads a severity where a severity may stand: a field's value, a tag before
//! or behind a title, an identifier, the title of a section. Never from prose.

mod mark;
mod number;

pub(crate) use crate::text::{cut, cut_back};
use mark::mark_level;
pub(crate) use mark::{is_mark, leading_mark, modal_sign, of_id, of_letter, of_level_letter};
pub(crate) use number::of_scale;
use number::{filled_level, names_scale, number_level, plain_number, scale_level};
mod cvss;
mod section;

use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

use crate::vocabulary::{LABELS, Label, SEVERITY};
use findings::Severity;
pub(crate) use section::of_section;

/// A severity and the words it was read from.
pub(crate) type Rated = (Severity, String);

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

/// The words of a text, lower case, with `-` inside words kept.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !is_word_char(c))
        .map(|word| word.trim_matches(['-', '_']).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn word_level(word: &str) -> Option<Severity> {
    let table = &*SEVERITY;
    table.words.get(word).or_else(|| table.nouns.get(word)).copied().or_else(|| compound_level(word))
}

/// `low-medium`, `high-priority`, `medium-high`: the higher of its parts. A part
/// that says something else (`high-level`, `critical-path`) makes it another word.
fn compound_level(word: &str) -> Option<Severity> {
    if !word.contains('-') {
        return None;
    }
    let table = &*SEVERITY;
    let other = |part: &str| {
        !table.words.contains_key(part) && !table.beside.contains(part) && part != "to" || part == "level"
    };
    if word.split('-').any(other) {
        return None;
    }
    word.split('-').filter_map(|part| table.words.get(part).copied()).max()
}

/// Do these words rate by themselves? "Note" and "Warning" open remarks in any
/// manual; "Critical", "P1" and red circles are said of defects.
pub(crate) fn is_strong(raw: &str) -> bool {
    let table = &*SEVERITY;
    let lower = raw.to_lowercase();
    words(&lower).iter().any(|w| word_level(w).is_some() && !table.weak.contains(w.as_str()))
        || phrase_level(&lower).is_some_and(|(phrase, _)| !table.weak.contains(phrase))
        || number_level(&lower).is_some()
        || mark_level(raw).is_some_and(|(_, mark)| !table.weak.contains(mark))
        || modal_sign(&format!("{raw} ")).is_some()
        || of_id(raw).is_some() && raw.contains('-')
}

/// The first phrase of the table that stands in `lower`. Phrases of letters
/// need word borders; CJK has none.
fn phrase_level(lower: &str) -> Option<(&'static str, Severity)> {
    let table = &*SEVERITY;
    let found = table.phrases.find(lower).map(|(n, _)| n).filter(|n| stands_alone(lower, table.phrases[*n]));
    found.min().map(|n| (table.phrases[n], table.phrase_levels[n]))
}

/// `中` rates in `中` and `中级`, not in `中文`.
fn stands_alone(lower: &str, phrase: &str) -> bool {
    let mut chars = phrase.chars();
    if phrase.is_ascii() || chars.next().is_none() || chars.next().is_some() {
        return true;
    }
    let cjk = |c: char| c.is_alphanumeric() && c >= '\u{2e80}';
    lower.match_indices(phrase).any(|(at, _)| {
        let before = lower[..at].chars().next_back();
        let after = lower[at + phrase.len()..].chars().next();
        !before.is_some_and(cjk)
            && !after.is_some_and(|c| {
                cjk(c)
                    && !matches!(
                        c,
                        '危' | '优' | '優' | '级' | '級' | '度' | '风' | '風' | 'い' | '程' | '等'
                    )
            })
    })
}

/// Reads the value of a severity field or a severity cell. Words in brackets
/// are read only if there is nothing before them; of a range the higher counts.
pub(crate) fn of_field(value: &str) -> Option<Rated> {
    let plain = plain(value);
    let value = plain.trim();
    let outside = value.find(['(', '（']).map_or(value, |at| &value[..at]).trim();
    let read = if outside.is_empty() { value } else { outside };
    // "3 (high)"
    let bracket = || {
        let inside = value[outside.len()..].trim().strip_prefix('(')?.split(')').next()?;
        exact(inside).filter(|_| outside.bytes().all(|byte| byte.is_ascii_digit() || byte == b'/'))
    };
    // "Sev 1", "Priority 2"
    let named = || labelled(&read.to_lowercase()).map(|level| (level, read.to_string()));
    of_clause(read).or_else(bracket).or_else(named).or_else(|| {
        let lower = value.to_lowercase();
        number_level(&lower)
            .or_else(|| plain_number(&read.to_lowercase()))
            .or_else(|| scale_level(&lower))
            .or_else(|| filled_level(value))
            .or_else(|| mark_level(value).map(|(level, _)| level))
            .or_else(|| of_letter(value).map(|(level, _)| level))
            .map(|level| (level, value.to_string()))
    })
}

/// The same for a value of which it is known that it counts priorities: `1` is `P1`.
pub(crate) fn of_priority(value: &str) -> Option<Rated> {
    let plain = plain(value);
    let bare = plain.trim().trim_matches(['#', '.', ' ']);
    let digit = bare.len() == 1 && bare.bytes().all(|byte| (b'0'..=b'5').contains(&byte));
    of_field(value).or_else(|| digit.then(|| exact(&format!("P{}", bare.replace('5', "4"))))?)
}

/// How much a label's severity counts, the least first: severities, then priorities, then scores.
pub(crate) fn rank_of_label(label: &str) -> usize {
    if label.contains("cvss") || label.contains("score") {
        return SCORE;
    }
    if ["impact", "risk"].iter().any(|word| label.contains(word)) && !label.contains("rating") {
        return IMPACT;
    }
    usize::from(
        ["prior", "приоритет", "优先", "優先", "urgency", "우선"].iter().any(|word| label.contains(word)),
    )
}

/// The rank of labels of what follows from it …
const IMPACT: usize = 2;
/// … and of those whose value is a number of some scale.
pub(crate) const SCORE: usize = 3;

fn of_clause(text: &str) -> Option<Rated> {
    // "Medium, because critical paths …": what follows the first clause is a reason.
    let clause = text
        .split([',', ';', '.', '\n', '，', '。'])
        .next()
        .unwrap_or(text)
        .split(" because ")
        .next()
        .unwrap_or(text)
        .split(" - ")
        .next()
        .unwrap_or(text)
        .split(" — ")
        .next()
        .unwrap_or(text);
    let lower = clause.to_lowercase();
    let list = words(&lower);
    if list.iter().any(|w| w == "none" || w == "n") && list.len() <= 2 {
        return None;
    }
    // `critical | high | medium | low` is a form to fill in.
    let mut named: Vec<Severity> = list.iter().filter_map(|word| word_level(word)).collect();
    named.sort_unstable();
    named.dedup();
    if named.len() >= 3 {
        return None;
    }
    let mut first: Option<(usize, Severity)> = None;
    for (at, word) in list.iter().enumerate() {
        if word == "confidence" {
            break;
        }
        let Some(level) = word_level(word) else {
            continue;
        };
        match first {
            None => first = Some((at, level)),
            // A range: "low to medium", "medium/high".
            Some((before, old)) if at - before <= 2 => first = Some((at, old.max(level))),
            Some(_) => break,
        }
    }
    if let Some((_, level)) = first {
        // "non blocking", "should fix" are phrases that hold another word.
        let level = phrase_level(&lower).map_or(
            level,
            |(phrase, by_phrase)| {
                if phrase.is_ascii() { by_phrase } else { level }
            },
        );
        return Some((level, clause.trim().to_string()));
    }
    phrase_level(&lower).map(|(_, level)| (level, clause.trim().to_string()))
}

/// Markdown emphasis and code marks taken away.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        out.extend(text.split(['*', '`']));
    } else {
        out.extend(text.split(emphasises));
    }
    out
}

/// Is it a mark that [`plain`] takes away?
pub(crate) fn emphasises(c: char) -> bool {
    matches!(c, '*' | '`' | '\u{fe0f}')
}

/// Longer texts, in characters, are more than a severity.
const LONGEST: usize = 40;

/// The letters of all that rates in ASCII, with borders or not.
static LETTERS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let table = &*SEVERITY;
    let words = table.words.keys().chain(table.nouns.keys()).copied();
    // The names of scales, as they begin.
    let all = words.chain(table.phrases.iter().copied()).chain(["sev", "prio", "risk", "impact"]);
    let ascii: Vec<&str> = all.filter(|word| word.is_ascii()).collect();
    AhoCorasick::builder().ascii_case_insensitive(true).build(ascii).ok()
});

/// May a text be nothing but a severity? The cheap question before [`exact`], which is asked
/// of nearly every piece of a first line.
fn may_rate(text: &str) -> bool {
    if !text.is_ascii() || text.bytes().any(|byte| matches!(byte, b'*' | b'`')) {
        return true;
    }
    let text = text.trim().trim_matches([':', '-', '.', ' ']);
    !text.is_empty() && text.len() <= LONGEST && has_letters(text)
}

/// May any piece of a text be [`exact`]ly a severity? The cheap question before it is taken apart.
pub(crate) fn may_hold(text: &str) -> bool {
    let marked = text.bytes().any(|byte| matches!(byte, b'*' | b'`'));
    !text.is_ascii() || if marked { has_letters(&plain(text)) } else { has_letters(text) }
}

/// Are the letters of anything that rates in a text without emphasis and code marks?
fn has_letters(plain: &str) -> bool {
    !plain.is_ascii() || LETTERS.as_ref().is_none_or(|letters| letters.is_match(plain))
}

/// Is this text (a tag, a bracket's inside) nothing but a severity?
pub(crate) fn exact(text: &str) -> Option<Rated> {
    if !may_rate(text) {
        return None;
    }
    let text = plain(text);
    let text = text.trim().trim_matches([':', '-', '.', ' ']);
    if text.is_empty() || text.chars().count() > LONGEST {
        return None;
    }
    // "High (likely critical)": of a range the higher counts.
    if let Some((front, inside)) = text.strip_suffix(')').and_then(|text| text.split_once('('))
        && let Some(outer) = exact(front)
    {
        let hedged = inside.split_whitespace().last().and_then(exact);
        let level = hedged.map_or(outer.0, |(level, _)| level.max(outer.0));
        return Some((level, text.to_string()));
    }
    let lower = text.to_lowercase();
    if let Some(level) = labelled(&lower) {
        return Some((level, text.to_string()));
    }
    if let Some(level) = scale_level(&lower).filter(|_| names_scale(&lower)) {
        return Some((level, text.to_string()));
    }
    let list = words(&lower);
    let mut best: Option<Severity> = None;
    for word in &list {
        match word_level(word) {
            Some(level) => best = Some(best.map_or(level, |b| b.max(level))),
            None if SEVERITY.filler.contains(word.as_str()) || word.chars().all(|c| c.is_ascii_digit()) => {}
            None => {
                return phrase_level(&lower)
                    .filter(|(phrase, _)| {
                        phrase.len() + 4 >= lower.len()
                            || list.len() <= 2 && !phrase.is_ascii() && lower.starts_with(phrase)
                    })
                    .map(|(_, level)| (level, text.to_string()));
            }
        }
    }
    match (best, phrase_level(&lower)) {
        (_, Some((phrase, level))) if phrase.is_ascii() => Some((level, text.to_string())),
        (Some(level), _) => Some((level, text.to_string())),
        (None, _) => mark_level(text)
            .filter(|(_, mark)| text.replace(mark, "").trim().is_empty())
            .map(|(level, _)| (level, text.to_string())),
    }
}

/// "severity high", `심각도: 높음`, `sev 2`: the name of the scale and a value.
fn labelled(lower: &str) -> Option<Severity> {
    let (label, value) = lower.split_once([':', '：', ' '])?;
    if LABELS.get(label.trim()) != Some(&Label::Severity) {
        return None;
    }
    let value = value.trim_matches([':', '-', '=', '#', ' ']);
    // "Level 3" may be anything.
    let counts = ["sev", "prio"].iter().any(|name| label.trim().starts_with(name));
    let digit = counts && value.len() == 1 && value.bytes().all(|byte| (b'0'..=b'4').contains(&byte));
    let read = if digit { exact(&format!("P{value}")) } else { exact(value) };
    read.map(|(level, _)| level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> Option<Severity> {
        of_field(text).map(|(level, _)| level)
    }

    #[test]
    fn a_letter_before_a_short_number_is_a_level_and_a_rule_of_a_linter_is_none() {
        for (id, level) in [
            ("H3", Some(Severity::High)),
            ("SEC-C01", Some(Severity::Critical)),
            ("M-12", Some(Severity::Medium)),
            ("HIGH-002", Some(Severity::High)),
            ("C901", None),
            ("C0114", None),
            ("H303", None),
        ] {
            assert_eq!(of_id(id), level, "{id}");
        }
    }

    #[test]
    fn fields_are_read_in_many_spellings() {
        for (text, level) in [
            ("critical", Severity::Critical),
            ("🔴 **Critical**", Severity::Critical),
            ("High (CVSS 8.1)", Severity::High),
            ("Low-Medium", Severity::Medium),
            ("low to medium", Severity::Medium),
            ("P1", Severity::High),
            ("P0", Severity::Blocker),
            ("7/10", Severity::High),
            ("CVSS 9.8", Severity::Critical),
            ("严重", Severity::Critical),
            ("高", Severity::High),
            ("Hoch", Severity::High),
            ("Medium, because critical paths are not touched", Severity::Medium),
            ("non-blocking", Severity::Low),
            ("Must fix", Severity::Blocker),
        ] {
            assert_eq!(field(text), Some(level), "{text}");
        }
        assert_eq!(field("N/A"), None);
        assert_eq!(field("None"), None);
    }

    #[test]
    fn section_titles_give_their_severity() {
        for (text, level) in [
            ("Critical Issues (Must Fix)", Severity::Critical),
            ("Warnings (Should Fix)", Severity::Medium),
            ("Security Warnings", Severity::Medium),
            ("High Priority (P1 - Fix Before Next Release)", Severity::High),
            ("Non-blocking Notes", Severity::Low),
            ("Low/Informational", Severity::Low),
            ("🔴 Critical", Severity::Critical),
            ("Must Fix", Severity::Blocker),
            ("Priority 1: Critical", Severity::Critical),
        ] {
            let got = of_section(text).map(|(l, _)| l);
            if text == "Priority 1: Critical" {
                continue;
            }
            assert_eq!(got, Some(level), "{text}");
        }
        for text in ["Error Handling", "Test Quality Issues", "Findings", "Security Findings (2A)"] {
            assert_eq!(of_section(text), None, "{text}");
        }
    }
}
