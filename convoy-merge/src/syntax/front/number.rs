//! Numbers and identifiers before a title.

use crate::severity;
use crate::syntax::parts::{Head, SEPARATORS, is_id};
use crate::text::begins;
use crate::vocabulary::PHRASES;

pub(super) fn front_number(text: &str, head: &mut Head) -> Option<String> {
    if head.number.is_some() {
        return None;
    }
    let bare = text.strip_prefix('#').unwrap_or(text);
    let len = bare.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(bare.len());
    let number = bare[..len].trim_end_matches('.');
    if number.is_empty() || number.len() > 6 || !number.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = &bare[len..];
    let dotted = bare[..len].ends_with('.');
    let hash = text.starts_with('#');
    let ends = rest.starts_with([')', ':', ' '])
        || rest.starts_with('\t')
        || rest.starts_with('-')
        || rest.starts_with('—')
        || rest.starts_with(" —");
    if !(ends
        && (dotted
            || hash
            || rest.starts_with([')', ':'])
            || rest.starts_with(" —")
            || rest.starts_with(" -")
            // "29.96 becomes 29" begins with a number of its own.
            || number.contains('.') && !rest.trim_start().starts_with(char::is_lowercase)))
    {
        return None;
    }
    head.number = Some(number.to_string());
    Some(rest.trim_start_matches(SEPARATORS).to_string())
}

/// How many bytes of Chinese numerals a text begins with: `问题一`.
fn numerals(text: &str) -> usize {
    text.chars().take_while(|c| "一二三四五六七八九十".contains(*c)).take(2).map(char::len_utf8).sum()
}

/// The words before a number are shorter, in bytes.
const WORD: usize = 64;

/// `Finding 3:`, `Issue #2 -`, `Note 1 (severity: low): `.
pub(super) fn front_named_number(text: &str, head: &mut Head) -> Option<String> {
    let lower = if text.is_ascii() { severity::cut(text, WORD).to_lowercase() } else { text.to_lowercase() };
    if !text.is_ascii() && lower.len() != text.len() {
        return None;
    }
    let word = PHRASES.numbered.iter().filter(|word| begins(&lower, word)).max_by_key(|word| word.len())?;
    let rest = text[word.len()..].trim_start_matches([' ', '#', '-', '№', ':']);
    // "Constat n° 1"
    let rest = ["n°", "nº"].iter().find_map(|sign| rest.strip_prefix(sign)).unwrap_or(rest).trim_start();
    let skip = text.len() - rest.len();
    if skip == word.len() && word.is_ascii() {
        return None;
    }
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let letter = digits == 0
        && rest.len() > 1
        && rest.as_bytes()[0].is_ascii_uppercase()
        && matches!(rest.as_bytes()[1], b':' | b'.' | b')' | b'1'..=b'9')
        && !rest[1..].starts_with("::");
    let numeral = if word.is_ascii() { 0 } else { numerals(rest) };
    let used = if numeral > 0 {
        numeral
    } else if letter {
        1 + rest[1..].bytes().take_while(u8::is_ascii_digit).count()
    } else {
        digits
    };
    if used == 0 || used > 6 {
        return None;
    }
    let after = &rest[used..];
    if !(after.is_empty() || after.starts_with([':', '.', ')', ' ', '-', '—', '–', '|', ']', '：'])) {
        return None;
    }
    head.number.get_or_insert_with(|| rest[..used].to_string());
    head.named_number = true;
    // "Note" and "Warning" also rate, "Suggestion 2" too; weakly, like an icon.
    if head.rated.is_none()
        && let Some((level, raw)) = severity::exact(word)
    {
        head.rated = Some((level, raw));
        head.by_icon = true;
    }
    Some(after.trim_start_matches(SEPARATORS).to_string())
}

pub(super) fn front_id(text: &str, head: &mut Head) -> Option<String> {
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, ':' | ')' | '—' | '|' | '(' | '/'))
        .unwrap_or(text.len());
    let word = text[..end].trim_end_matches('.');
    // `P1: Title` states a severity, `P1-2: Title` has an identifier.
    if head.id.is_some() || !is_id(word) || word.len() > 20 || severity::exact(word).is_some() {
        return None;
    }
    let mut rest = &text[end.min(text.len())..];
    // D-1/D-7: both name it.
    while let Some(more) = rest.strip_prefix('/') {
        let n = more.find(|c: char| c.is_whitespace() || c == ':').unwrap_or(more.len());
        if !is_id(&more[..n]) {
            break;
        }
        rest = &more[n..];
    }
    let dotted = text[..end].ends_with('.');
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let plain = rest.starts_with(' ')
        && (word.contains('-') || digits >= 3 || rest.starts_with(" [") || rest.starts_with(" `"));
    let separated = rest.starts_with([':', ')', '|'])
        || ["—", " —", " -", " –", " |", " (", " ·"].iter().any(|s| rest.starts_with(s));
    if !(dotted || plain || separated || rest.is_empty()) {
        return None;
    }
    head.id = Some(word.to_string());
    Some(rest.trim_start_matches(SEPARATORS).to_string())
}
