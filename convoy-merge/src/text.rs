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

/// The lines of a text with their ends, each with the byte where it begins.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

/// Where a mark of a few bytes stands. Its first character that is no blank is looked for: the
/// searcher of `str` for a piece of text is made anew for each question, which is most of it.
pub(crate) fn find(text: &str, mark: &str) -> Option<usize> {
    let blanks = mark.len() - mark.trim_start_matches(' ').len();
    let first = mark[blanks..].chars().next()?;
    let mut begins = text.match_indices(first).filter_map(|(at, _)| at.checked_sub(blanks));
    begins.find(|at| text.as_bytes()[*at..].starts_with(mark.as_bytes()))
}

/// The same from the end.
pub(crate) fn rfind(text: &str, mark: &str) -> Option<usize> {
    let blanks = mark.len() - mark.trim_start_matches(' ').len();
    let first = mark[blanks..].chars().next()?;
    let mut begins = text.rmatch_indices(first).filter_map(|(at, _)| at.checked_sub(blanks));
    begins.find(|at| text.as_bytes()[*at..].starts_with(mark.as_bytes()))
}

/// Does a text begin with a word of a table? Most show by their first byte that they do not.
pub(crate) fn begins(text: &str, word: &str) -> bool {
    text.as_bytes().first() == word.as_bytes().first() && text.starts_with(word)
}

/// A text in lower case, character by character, without some of them.
pub(crate) fn lower_without(text: &str, drops: impl Fn(char) -> bool) -> String {
    if !text.is_ascii() {
        return text.chars().filter(|c| !drops(*c)).flat_map(char::to_lowercase).collect();
    }
    let mut out = String::with_capacity(text.len());
    out.extend(text.split(drops));
    out.make_ascii_lowercase();
    out
}

/// The mark that a line opens or ends a fence with, if it does.
pub(crate) fn fence_mark(trimmed: &str) -> Option<char> {
    ["```", "~~~"].iter().find(|mark| trimmed.starts_with(**mark)).and_then(|mark| mark.chars().next())
}
