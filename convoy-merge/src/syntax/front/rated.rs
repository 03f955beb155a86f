//! Severities and signs before a title.

use crate::locate::{self, Trust};
use crate::severity;
use crate::syntax::parts::{Head, SEPARATORS, severity_in_bracket};
use crate::text::begins;
use crate::vocabulary::PHRASES;

/// A severity in front of a title ends by here, in bytes.
const FRONT: usize = 48;

/// `Prior HIGH #1 — Title`, `New CRITICAL 3: Title`: a severity in capitals and a number
/// among few words, before what separates them from the title.
pub(super) fn front_lead(text: &str, head: &mut Head) -> Option<String> {
    let at = [" — ", " – ", ": "].iter().filter_map(|mark| crate::text::find(text, mark)).min()?;
    let words: Vec<&str> = text.get(..at)?.split_whitespace().collect();
    if !(2..=4).contains(&words.len()) || head.severity_stated() {
        return None;
    }
    let capitals = |word: &&&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let rated = severity::exact(words.iter().find(capitals)?)?;
    let number = words.last()?.trim_start_matches('#');
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    head.rated = Some(rated);
    head.by_icon = false;
    head.number.get_or_insert_with(|| number.to_string());
    Some(text[at..].trim_start_matches(SEPARATORS).to_string())
}

pub(super) fn front_sign(text: &str, head: &mut Head) -> Option<String> {
    // The sign stands bare or in code marks: `! Title`, "`~` Title".
    let bare = text.strip_prefix('`').and_then(|inner| {
        let (sign, rest) = inner.split_once('`')?;
        (sign.chars().count() == 1).then(|| format!("{sign} {}", rest.trim_start()))
    });
    if head.rated.is_none()
        && let Some((rated, rest)) = severity::modal_sign(bare.as_deref().unwrap_or(text))
    {
        head.rated = Some(rated);
        return Some(rest.to_string());
    }
    if let Some((rated, rest)) = severity::leading_mark(text) {
        if head.rated.is_none() {
            head.rated = Some(rated);
            head.by_icon = true;
        }
        return Some(rest.to_string());
    }
    // Other icons (🐛, 🔒, ✅ is looked at by the caller) only adorn.
    let first = text.chars().next()?;
    let icon = matches!(first as u32, 0x1F300..=0x1FAFF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0xFE0F | 0x203C | 0x2049)
        && text.len() > first.len_utf8();
    icon.then(|| text[first.len_utf8()..].trim_start().to_string())
}

/// `_⚠️ Potential issue_ Title`: a tag in italics.
pub(super) fn front_italic(text: &str, head: &mut Head) -> Option<String> {
    let inner = text.strip_prefix('_')?;
    let end = inner.find('_').filter(|n| (2..=60).contains(n))?;
    let rest = &inner[end + 1..];
    if !rest.starts_with(' ') {
        return None;
    }
    for part in inner[..end].split('|') {
        let part = part.trim();
        let rated = severity::leading_mark(part).map(|(rated, _)| rated);
        let words = part.trim_start_matches(|c: char| !c.is_alphanumeric());
        match severity::exact(words) {
            Some(rated) if !head.severity_stated() => {
                head.rated = Some(rated);
                head.by_icon = false;
            }
            _ if head.rated.is_none() => {
                head.by_icon = rated.is_some();
                head.rated = rated;
                head.tags.push(words.to_string());
            }
            _ => {}
        }
    }
    Some(rest.trim_start_matches(SEPARATORS).to_string())
}

/// `HIGH: Title`, `Critical — Title`, `P1 | Title`: a severity and a separator.
pub(super) fn front_severity(text: &str, head: &mut Head) -> Option<String> {
    if head.severity_stated() {
        return None;
    }
    let early = severity::cut(text, FRONT + 8);
    for separator in [": ", " — ", " – ", " - ", " | ", "：", " · ", " / "] {
        let Some(at) = crate::text::find(early, separator).filter(|at| *at <= FRONT) else {
            continue;
        };
        let front = &text[..at];
        if front.matches(['(', '（']).count() > front.matches([')', '）']).count() {
            continue;
        }
        // "High (CVSS 8.1): Title", "Note (severity: low)".
        let (word, bracket) = front.split_once('(').unwrap_or((front, ""));
        // `3/10` may count steps.
        let hundred = || severity::of_scale(word).filter(|(_, raw)| raw.ends_with("/100"));
        // "a.rs:90 H — title"
        let letter =
            || severity::of_level_letter(word).filter(|_| head.places.first().is_some_and(|p| p.start <= 3));
        let of_word = severity::exact(word).or_else(hundred).or_else(letter);
        let rated = of_word.clone().or_else(|| bracket.split(')').next().and_then(severity_in_bracket));
        let names = |word: &str| {
            let word = word.trim().to_lowercase();
            word.is_empty() || PHRASES.numbered.contains(&word.as_str())
        };
        if let Some(rated) = rated.filter(|_| of_word.is_some() || names(word)) {
            head.rated = Some(severity_in_bracket(bracket.trim_end_matches(')')).unwrap_or(rated));
            head.by_icon = false;
            return Some(text[at + separator.len()..].trim_start().to_string());
        }
    }
    // `HIGH Title`, "High `a.ts:3` …": capitals or a place behind say that it is a tag.
    let word_end = text.find(' ').unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    let capitals = word.len() > 1
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && word.starts_with(|c: char| c.is_ascii_uppercase());
    let spaces = rest.len() - rest.trim_start().len();
    // "Error line 21: title"
    let behind = rest.trim_start();
    let line_next = crate::vocabulary::PATHS
        .line_words
        .iter()
        .filter(|word| begins(behind, word))
        .any(|word| behind[word.len()..].trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let place_next = line_next
        || locate::find(crate::severity::cut(rest, 200), Trust::Prose)
            .first()
            .is_some_and(|p| p.start <= spaces + 1 && p.place.line_start.is_some());
    if (capitals || place_next || rest.starts_with(" `") || rest.starts_with(" ["))
        && rest.len() > 3
        && let Some(rated) = severity::exact(word)
        && (capitals || line_next || !locate::find(rest, Trust::Prose).is_empty())
    {
        head.rated = Some(rated);
        head.by_icon = false;
        return Some(rest.trim_start().to_string());
    }
    // Nothing but a severity and a place: "High — `a.ts:3`" loses the place first.
    if let Some(rated) = severity::exact(text) {
        head.rated = Some(rated);
        head.by_icon = false;
        return Some(String::new());
    }
    None
}
