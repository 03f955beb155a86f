//! What may stand before a title: numbers, identifiers, tags, severities, places.

mod number;
mod place;
mod rated;

use super::parts::{Head, take_tag};
use crate::severity;
use crate::status;
use number::{front_id, front_named_number, front_number};
use place::{front_code, front_lines, front_place};
use rated::{front_italic, front_lead, front_severity, front_sign};

/// Cuts one part off the front, if there is one.
pub(super) fn strip_front(text: &str, head: &mut Head) -> Option<String> {
    let text = text.trim_start_matches([' ', ':', '—', '–', '|', '·', '：', '・', '•', '◦', '▪', '‣']);
    front_stamp(text, head)
        .or_else(|| front_bracket(text, head))
        .or_else(|| front_code(text, head))
        .or_else(|| front_place(text, head))
        .or_else(|| front_italic(text, head))
        .or_else(|| front_lines(text, head))
        .or_else(|| front_status(text, head))
        .or_else(|| front_sign(text, head))
        .or_else(|| front_lead(text, head))
        .or_else(|| front_number(text, head))
        .or_else(|| front_named_number(text, head))
        .or_else(|| front_id(text, head))
        .or_else(|| front_severity(text, head))
}

/// A status in front of a title ends by here, in bytes.
const STATUS: usize = 60;

/// `✅ FIXED: Title`, `RESOLVED — Title`.
fn front_status(text: &str, head: &mut Head) -> Option<String> {
    let start = text.find(char::is_alphanumeric)?;
    let end = [": ", " — ", " – ", " - ", " | ", "："]
        .iter()
        .filter_map(|s| crate::text::find(severity::cut(text, STATUS + 8), s).map(|at| (at, s.len())))
        .min()?;
    if start > 8 || end.0 <= start || end.0 > STATUS {
        return None;
    }
    head.status = Some(status::exact(&text[start..end.0])?);
    Some(text[end.0 + end.1..].trim_start().to_string())
}

/// `2026-05-02T07:14:03Z FIND a.js:3 …`: when a log told it, and the log's own word for it.
fn front_stamp(text: &str, head: &mut Head) -> Option<String> {
    unstamped(text).filter(|_| !head.places.is_empty()).map(str::to_string)
}

/// A line of a log without when it was written, and the word of the log behind that.
pub(crate) fn unstamped(text: &str) -> Option<&str> {
    let (stamp, rest) = text.split_once(' ')?;
    let date = stamp.as_bytes();
    let dated = date.len() >= 16
        && date[..4].iter().all(u8::is_ascii_digit)
        && date[4] == b'-'
        && date[10] == b'T'
        && date[11..13].iter().all(u8::is_ascii_digit);
    let rest = rest.trim_start();
    let (word, behind) = rest.split_once(' ').filter(|_| dated)?;
    // INFO is a log's word for all that it tells.
    let capitals = word.bytes().all(|byte| byte.is_ascii_uppercase())
        && (word == "INFO" || severity::exact(word).is_none());
    Some(if capitals { behind.trim_start() } else { rest })
}

/// `[HIGH]`, `[src/a.ts:3]`, `[correctness]`, `(P1)` in front of a title.
fn front_bracket(text: &str, head: &mut Head) -> Option<String> {
    let close = match text.chars().next()? {
        '[' => ']',
        '(' => ')',
        '【' => '】',
        _ => return None,
    };
    let open = text.chars().next()?.len_utf8();
    let end = matching(text, close)?;
    let inside = &text[open..end];
    let rest = &text[end + close.len_utf8()..];
    if rest.starts_with('(') || rest.is_empty() && head.places.is_empty() {
        return None;
    }
    // `(1) Title`, `[1] Title`
    if close != '】'
        && inside.len() <= 3
        && inside.bytes().all(|b| b.is_ascii_digit())
        && head.number.is_none()
    {
        head.number = Some(inside.to_string());
        return Some(rest.trim_start().to_string());
    }
    // `(h)`, `[M]`: the severity's first letter.
    if let (false, Some(rated)) = (head.severity_stated(), severity::of_letter(inside)) {
        head.rated = Some(rated);
        head.by_icon = false;
        return Some(rest.trim_start().to_string());
    }
    // `(9/10)`: how bad it is, of ten.
    if let (false, Some(rated)) = (head.severity_stated(), severity::of_scale(inside)) {
        head.rated = Some(rated);
        head.by_icon = false;
        return Some(rest.trim_start().to_string());
    }
    take_tag(inside, head).then(|| rest.trim_start().to_string())
}

/// Where the bracket that opens a text closes, brackets inside counted.
fn matching(text: &str, close: char) -> Option<usize> {
    let open = text.chars().next()?;
    let mut depth = 0;
    for (at, c) in text.char_indices().take(400) {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}
