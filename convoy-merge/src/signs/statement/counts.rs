//! Counts by severity, where all of them are zero.

use crate::severity;
use crate::vocabulary::{DENIALS, PHRASES};
use findings::Severity;

/// Counts by severity, as tables and lists state them: `| Critical | 0 |`, `- High: 2`.
/// `Some(true)`: there are such counts and all are zero; those of the highest levels alone say
/// nothing of the others.
pub(crate) fn counts_are_zero(text: &str) -> Option<bool> {
    let mut seen = 0;
    let mut sum = 0u64;
    let mut lowest = Severity::Blocker;
    for line in text.lines().filter(|line| line.len() < 200) {
        let plain = severity::plain(line);
        if none_of_levels(&plain) {
            seen += 1;
            lowest = lowest.min(lowest_level(&plain));
            continue;
        }
        if !plain.bytes().any(|byte| byte.is_ascii_digit()) {
            continue;
        }
        for (level, number) in plain.split([',', ';', '.', '·', '|', '/']).filter_map(level_and_number) {
            if let Some((level, _)) = severity::exact(level) {
                seen += 1;
                sum += number;
                lowest = lowest.min(level);
            }
        }
        let parts: Vec<&str> = plain
            .split(['|', ':'])
            .map(|part| part.trim().trim_start_matches(['-', '+', ' ']))
            .filter(|p| !p.is_empty())
            .collect();
        let [name, number, ..] = parts[..] else { continue };
        let Ok(number) = number.parse::<u64>() else { continue };
        let section = || severity::of_section(name).filter(|_| name.split_whitespace().count() <= 3);
        if let Some((level, _)) = severity::exact(name).or_else(section)
            && parts.len() <= 3
        {
            seen += 1;
            sum += number;
            lowest = lowest.min(level);
        }
    }
    (seen >= 2 && (sum > 0 || lowest <= Severity::Medium)).then_some(sum == 0)
}

/// The lowest level of which lines say "Low: none".
fn lowest_level(text: &str) -> Severity {
    let level = |line: &str| {
        let (level, _) = line.trim().trim_matches('|').split_once([':', '：', '|'])?;
        severity::of_section(level).map(|(level, _)| level)
    };
    text.lines().filter_map(level).min().unwrap_or(Severity::Blocker)
}

/// "Must fix: none", "| Critical | none |": levels of which there is none, and nothing else.
pub(in crate::signs) fn none_of_levels(text: &str) -> bool {
    let none = |line: &str| {
        let line = line.trim().trim_matches('|');
        line.split_once([':', '：', '|']).is_some_and(|(level, value)| {
            level.split_whitespace().count() <= LEVEL
                && severity::of_section(level).is_some()
                && PHRASES.none.contains(&value.to_lowercase().trim_matches(|c: char| !c.is_alphanumeric()))
        })
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(none)
}

/// "XSS: none", "Race conditions: not found": kinds of faults of which there is none, and nothing else.
pub(in crate::signs) fn none_of_kinds(text: &str) -> bool {
    let bare = |text: &str| text.trim().trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let none = |line: &str| {
        line.split_once(':').is_some_and(|(label, value)| {
            DENIALS.fault_labels.contains(bare(label).as_str())
                && PHRASES.none.contains(&bare(value).as_str())
        })
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(none)
}

/// `major 0`, `0 minor`
fn level_and_number(piece: &str) -> Option<(&str, u64)> {
    let (first, second) = piece.trim().split_once(' ')?;
    let number = |text: &str| text.parse::<u64>().ok();
    number(second).map(|number| (first, number)).or_else(|| number(first).map(|number| (second, number)))
}

/// The longest name of a level, in words: "✅ Nice to have".
const LEVEL: usize = 5;
