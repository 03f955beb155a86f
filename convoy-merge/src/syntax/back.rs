//! What may stand behind a title: places, severities, confidence.

use super::parts::{Head, percent, severity_in_bracket, take_tag};
use crate::locate::{self, Trust};
use crate::severity;
use crate::status;
use crate::text::{cut_back, rfind};

/// What stands behind the last separator of a title is no longer, in bytes.
const BACK: usize = 300;

/// Cuts one part off the end: a place in code marks, `(High)`, `[P1]`, `(severity: low)`.
pub(super) fn strip_back(text: &str, head: &mut Head) -> Option<String> {
    let text = text.trim_end().trim_end_matches([':', '：']).trim_end();
    let text = text.strip_suffix('.').filter(|text| text.ends_with([')', ']', '`'])).unwrap_or(text);
    let last = text.chars().next_back()?;
    let open = match last {
        ')' => '(',
        ']' => '[',
        '`' => return back_code(text, head),
        '）' => '（',
        _ => {
            return back_word(text, head)
                .or_else(|| back_level(text, head))
                .or_else(|| back_mark(text, head))
                .or_else(|| back_icon(text, head))
                .or_else(|| back_status(text, head));
        }
    };
    let start = matching_back(text, open, last)?;
    if start == 0 {
        return None;
    }
    let inside = &text[start + open.len_utf8()..text.len() - last.len_utf8()];
    let before = text[..start].trim_end_matches([' ', '-', '–', '—', '@', '|']);
    // `(9/10)`: how bad it is, of ten.
    let scaled = || severity::of_scale(inside).filter(|_| open == '(');
    if let Some(rated) = severity_in_bracket(inside).or_else(|| severity::exact(inside)).or_else(scaled) {
        if !head.severity_stated() {
            head.rated = Some(rated);
            head.by_icon = false;
        }
        return Some(before.to_string());
    }
    if let Some(status) = status::exact(inside) {
        head.status = Some(status);
        return Some(before.to_string());
    }
    let lower = inside.to_lowercase();
    if let Some(value) = lower.strip_prefix("confidence") {
        head.confidence = percent(value);
        return Some(before.to_string());
    }
    let places = locate::find(inside, Trust::Field);
    // `(src/a.rs:41, medium)`
    if !places.is_empty()
        && !head.severity_stated()
        && let Some(rated) = inside.split([',', ';', '·', '|']).find_map(severity::exact)
    {
        head.rated = Some(rated);
        head.by_icon = false;
        return Some(before.to_string());
    }
    let is_call =
        before.ends_with(|c: char| c.is_alphanumeric() || c == '`') && text[..start].len() == before.len();
    if !places.is_empty()
        && !is_call
        && places.iter().map(|p| p.end - p.start).sum::<usize>() * 2 > inside.len()
    {
        return Some(before.to_string());
    }
    let spans = locate::bare_lines(inside);
    let only_lines = inside.to_lowercase().starts_with("line") || inside.starts_with('L');
    if only_lines && !spans.is_empty() {
        head.lines = spans.first().copied();
        return Some(before.to_string());
    }
    if open == '[' {
        return take_tag(inside, head).then(|| before.to_string());
    }
    None
}

fn matching_back(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices().rev().take(400) {
        if c == close {
            depth += 1;
        } else if c == open {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

/// A place in code marks behind a separator: `Title — file:3`.
fn back_code(text: &str, head: &mut Head) -> Option<String> {
    let inner = &text[..text.len() - 1];
    let open = inner.rfind('`')?;
    let before = text[..open].trim_end();
    if locate::find(&text[open..], Trust::Field).is_empty() {
        return None;
    }
    if before.ends_with(['—', '–', '-', '|', '@', ':', ',', '·', ')', ']', '.']) && before.len() > 4 {
        let cut = before.trim_end_matches(['—', '–', '-', '|', '@', ':', ' ', ',', '·']);
        let _ = head;
        return Some(cut.to_string());
    }
    None
}

/// `Title (a.rs:3) P1`, "Title, a.rs:3 nit": a level right behind a place with its line.
fn back_level(text: &str, head: &mut Head) -> Option<String> {
    let (before, word) = text.rsplit_once(' ')?;
    let placed = before.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | ']' | '`'));
    if !placed || head.severity_stated() {
        return None;
    }
    let rated = severity::exact(word)?;
    let bare = before.trim_end_matches([')', ']', '`']);
    let ends = |place: &locate::Found| place.place.line_start.is_some() && place.end >= bare.len();
    locate::find(before, Trust::Prose).last().filter(|place| ends(place))?;
    head.rated = Some(rated);
    head.by_icon = false;
    Some(before.to_string())
}

/// `Title ⚠️ LOW`: a sign and a severity behind a title.
fn back_mark(text: &str, head: &mut Head) -> Option<String> {
    let at = text.char_indices().rev().take(24).find(|(_, c)| severity::is_mark(*c)).map(|(at, _)| at)?;
    let rated = severity::exact(text[at..].trim_start_matches(|c: char| !c.is_alphanumeric()))?;
    let before = text[..at].trim_end();
    if before.is_empty() {
        return None;
    }
    if !head.severity_stated() {
        head.rated = Some(rated);
        head.by_icon = false;
    }
    Some(before.to_string())
}

/// `Title ⛔`: a sign that rates, behind a title of several words.
fn back_icon(text: &str, head: &mut Head) -> Option<String> {
    let (before, sign) = text.rsplit_once(' ')?;
    let (rated, rest) = severity::leading_mark(sign)?;
    if !rest.is_empty() || before.split_whitespace().count() < TITLE {
        return None;
    }
    if head.rated.is_none() {
        head.rated = Some(rated);
        head.by_icon = true;
    }
    Some(before.to_string())
}

/// Fewer words in front of a sign are the name of a group.
const TITLE: usize = 3;

/// `Title — src/a.ts:3` and `Title — High`.
fn back_word(text: &str, head: &mut Head) -> Option<String> {
    // `(a.rs:3), severity high`
    if let Some((before, tail)) = text
        .rsplit_once([',', ';'])
        .filter(|(_, tail)| tail.len() <= 40 && !tail.trim_start().starts_with(|c: char| c.is_ascii_digit()))
        && (before.ends_with([')', '`']) || tail.trim().contains(' '))
        && let Some(rated) = severity::exact(tail)
    {
        if !head.severity_stated() {
            head.rated = Some(rated);
            head.by_icon = false;
        }
        return Some(before.to_string());
    }
    let end = cut_back(text, BACK + 8);
    for separator in [" — ", " – ", " - ", " -- ", " | ", " @ ", " · ", " → "] {
        let Some(at) = rfind(end, separator).map(|at| at + text.len() - end.len()) else {
            continue;
        };
        let tail = &text[at + separator.len()..];
        if at < 3 || tail.len() > BACK {
            continue;
        }
        if let Some(rated) = severity::exact(tail) {
            if !head.severity_stated() {
                head.rated = Some(rated);
                head.by_icon = false;
            }
            return Some(text[..at].to_string());
        }
        if let Some(status) = status::exact(tail) {
            head.status = Some(status);
            return Some(text[..at].to_string());
        }
        let places = locate::find(tail, Trust::Prose);
        if places.first().is_some_and(|p| p.start <= 2)
            && places.last().is_some_and(|p| p.end + 16 >= tail.len())
        {
            return Some(text[..at].to_string());
        }
    }
    None
}

/// `Title ✅ RESOLVED`: a tick and a status behind a title.
fn back_status(text: &str, head: &mut Head) -> Option<String> {
    let (at, tick) = text
        .char_indices()
        .rev()
        .take(24)
        .find(|(_, c)| matches!(c, '✅' | '✔' | '✓' | '☑' | '❌' | '⏳'))?;
    let status = status::exact(&text[at + tick.len_utf8()..])?;
    let before = text[..at].trim_end();
    if before.is_empty() {
        return None;
    }
    head.status = Some(status);
    Some(before.to_string())
}
