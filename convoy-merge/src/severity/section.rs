//! The severity that a section's title gives to what it holds.

use super::{
    Rated, compound_level, exact, has_letters, labelled, mark_level, phrase_level, plain, word_level, words,
};
use crate::vocabulary::SEVERITY;
use findings::Severity;

/// The severity a section's title gives to what it holds: `High Priority (P1)`,
/// `Security Warnings`, `🔴 Critical Issues (Must Fix)`.
pub(crate) fn of_section(title: &str) -> Option<Rated> {
    let plain = plain(&without_code(title));
    let title = plain.trim();
    if !has_letters(title) {
        return None;
    }
    let lower = title.to_lowercase();
    let outside = lower.split(['(', '（', ':']).next().unwrap_or(&lower);
    // "P1 - Critical" says it twice: the higher counts.
    if let Some((front, tail)) = outside.split_once(" - ").or_else(|| outside.split_once(" — "))
        && let (Some(a), Some(b)) = (exact(front), exact(tail))
    {
        return Some((a.0.max(b.0), title.to_string()));
    }
    // "CRITICAL - fixed": what follows the dash is said of the group.
    let outside = [" - ", " – ", " — ", " | "]
        .iter()
        .find_map(|dash| outside.split_once(dash).filter(|(front, _)| exact(front).is_some()))
        .map_or(outside, |(front, _)| front);
    // "Sev 1", "Priority 2"
    if let Some(level) = labelled(outside) {
        return Some((level, title.to_string()));
    }
    let list = words(outside);
    if list.len() <= 7 {
        if list.len() >= 2 && list[0] == "non" && list[1].starts_with("block") {
            return Some((Severity::Low, title.to_string()));
        }
        if let Some((_, level)) =
            phrase_level(outside).filter(|(p, _)| !p.starts_with(crate::words::is_cjk) || list.len() <= 2)
        {
            // "Critical (must fix)" is cut before; here the phrase is the title.
            let first = list.first().and_then(|w| SEVERITY.words.get(w.as_str()).copied());
            return Some((first.unwrap_or(level), title.to_string()));
        }
        for (at, word) in list.iter().enumerate() {
            let table = &*SEVERITY;
            let next = list.get(at + 1).map(String::as_str);
            let alone = list.len() == 1;
            let followed = next.is_some_and(|n| {
                table.beside.contains(n) && (n != "level" || at + 2 == list.len())
                    || n.chars().all(|c| c.is_ascii_digit())
                    || word_level(n).is_some()
            });
            let preceded = at > 0
                && (table.beside.contains(list[at - 1].as_str()) || list[at - 1].len() <= 2)
                && next.is_none();
            let noun = table.nouns.contains_key(word.as_str()) && (next.is_none() || followed);
            let ends = next.is_none() && matches!(word.as_str(), "nits" | "nitpicks" | "nit" | "info");
            if noun || ends {
                return word_level(word).map(|level| (level, title.to_string()));
            }
            if let Some(level) = table.words.get(word.as_str()).copied().or_else(|| compound_level(word))
                && (alone || followed || preceded)
            {
                return Some((level, title.to_string()));
            }
        }
    }
    if let Some(inside) =
        lower.split_once(['(', '（']).map(|(_, rest)| rest.split([')', '）']).next().unwrap_or(rest))
        && let Some(rated) = exact(inside.split(['-', '—', '–', ',']).next().unwrap_or(inside))
    {
        return Some(rated);
    }
    mark_level(title)
        .filter(|(_, mark)| !matches!(*mark, "🟢" | "📝" | "💡" | "ℹ" | "ℹ️") || list.len() <= 2)
        .map(|(level, _)| (level, title.to_string()))
}

/// A title without what stands in code marks: `` `global-style` `` rates nothing.
fn without_code(title: &str) -> String {
    title.split('`').step_by(2).collect()
}
