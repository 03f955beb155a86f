//! Lines of Markdown of a bearable length.

use std::fmt::Write as _;

use crate::contain::is_result;

/// A longer line is broken, but for code, links, tables and headings.
pub(super) const LONGEST: usize = 200;

/// A contained text as lines of at most [`LONGEST`] characters. A field keeps a line of
/// its own when it is shown.
pub(super) fn of_block(text: &str) -> Vec<String> {
    let all: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    let mut fence: Option<String> = None;
    let mut blank = true;
    for (n, line) in all.iter().enumerate() {
        let mark: String = line.chars().take_while(|c| matches!(c, '`' | '~')).collect();
        let is_fence = mark.len() >= 3;
        match &fence {
            Some(open) => {
                if mark.starts_with(open.as_str()) && line.trim_end() == mark {
                    fence = None;
                }
                out.push((*line).to_string());
            }
            None if is_fence => {
                fence = Some(mark);
                out.push((*line).to_string());
            }
            None if line.trim().is_empty() => {
                if !blank {
                    out.push(String::new());
                }
            }
            None => {
                let ends = line.ends_with("  ") || all.get(n + 1).is_some_and(|next| next.starts_with("**"));
                let mut pieces = wrapped(line.trim_end());
                if let Some(last) = pieces.last_mut().filter(|_| ends) {
                    last.push_str("  ");
                }
                out.extend(pieces);
            }
        }
        blank = fence.is_none() && line.trim().is_empty();
    }
    out
}

/// One line as several, broken at blanks outside of code; never so that a piece would
/// begin a heading, a list, a quote, a table, a fence or a tag.
pub(super) fn wrapped(line: &str) -> Vec<String> {
    if line.chars().count() <= LONGEST || line.starts_with('|') {
        return vec![line.to_string()];
    }
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    let mut length = 0;
    for word in words(line) {
        let count = word.chars().count();
        if length > 0 && length + 1 + count > LONGEST - 2 && is_plain(word) {
            pieces.push(std::mem::take(&mut piece));
            length = 0;
        }
        if length > 0 {
            piece.push(' ');
            length += 1;
        }
        piece.push_str(word);
        length += count;
    }
    pieces.push(piece);
    pieces
}

/// What lies between blanks; code is one word.
fn words(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut from, mut code) = (0, false);
    for (at, c) in line.char_indices() {
        if c == '`' && !line[..at].ends_with('\\') {
            code = !code;
        }
        if c == ' ' && !code {
            out.push(&line[from..at]);
            from = at + 1;
        }
    }
    out.push(&line[from..]);
    out
}

/// May a line begin with it?
fn is_plain(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ')']);
    let counts = number.len() < word.len() && number.bytes().all(|byte| byte.is_ascii_digit());
    !counts
        && !word.is_empty()
        && !word.starts_with(['#', '>', '-', '+', '*', '=', '_', '|', '<', '~', '`', '[', ':', '\t'])
        && !is_result(word)
}

/// Parts between `·`, over as many lines as they need.
pub(super) fn joined(parts: impl IntoIterator<Item = String>, end: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut length = 0;
    for part in parts {
        let more = shown_length(&part) + 3;
        match out.last_mut() {
            Some(last) if length + more <= LONGEST - 4 => {
                let _ = write!(last, " · {part}");
                length += more;
            }
            last => {
                if let Some(last) = last {
                    last.push_str(" ·");
                }
                out.push(part);
                length = more;
            }
        }
    }
    if let Some(last) = out.last_mut() {
        last.push_str(end);
    }
    out
}

/// In characters, without what links lead to.
fn shown_length(text: &str) -> usize {
    let mut parts = text.split("](https://");
    let first = parts.next().map_or(0, |part| part.chars().count());
    first
        + parts
            .map(|part| part.split_once(')').map_or(0, |(_, rest)| rest.chars().count()) + 1)
            .sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_broken_where_nothing_begins() {
        let long = format!("{} - # 1. > | {}", "word ".repeat(37), "more ".repeat(30));
        let pieces = wrapped(&long);
        assert!(
            pieces.len() == 2 && pieces.iter().all(|piece| piece.chars().count() <= LONGEST),
            "{pieces:?}"
        );
        assert!(pieces[1].starts_with("more"), "{pieces:?}");
        assert_eq!(pieces.join(" "), long);
        let code = format!("`{}`", "a b ".repeat(100));
        assert_eq!(wrapped(&code), [code]);
    }

    #[test]
    fn fields_keep_their_lines_and_code_its_own() {
        let text = "**Problem:** a\n\n\nb\n**Fix:** c\n```\nx\n\n\ny\n```\nd";
        let want = ["**Problem:** a", "", "b  ", "**Fix:** c", "```", "x", "", "", "y", "```", "d"];
        assert_eq!(of_block(text), want);
    }
}
