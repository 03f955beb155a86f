//! Pieces of a text: its beginning, its end, the marks of a fence.

/// The beginning of a text, at most `limit` bytes of it.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut at = limit;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

/// The end of a text, at most `limit` bytes of it.
pub(crate) fn cut_back(text: &str, limit: usize) -> &str {
    let mut at = text.len().saturating_sub(limit);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    &text[at..]
}

/// The mark that a line opens or ends a fence with, if it does.
pub(crate) fn fence_mark(trimmed: &str) -> Option<char> {
    ["```", "~~~"].iter().find(|mark| trimmed.starts_with(**mark)).and_then(|mark| mark.chars().next())
}
