//! Line numbers behind and without paths: `12-14`, `L3`, `(lines 3–9)`, `, 104`.

use std::sync::LazyLock;

use crate::phrases::PhraseTable;
use crate::vocabulary::PATHS;

/// Words that are said before the number of a line in a sentence.
static LINE_WORDS: LazyLock<PhraseTable> = LazyLock::new(|| {
    let word = |word: &&str| word.len() > 2 && word.chars().all(char::is_alphabetic);
    PATHS.line_words.iter().copied().filter(word).collect()
});

/// `L12-L20`, `L12`.
pub(super) fn parse_hash(text: &str) -> Vec<(u32, u32)> {
    number_range(text).map(|(a, b, _)| vec![(a, b)]).unwrap_or_default()
}

/// Splits `path:12-14`, `path:12:5`, `path(12)`, `path::symbol`, `path:symbol` behind the path.
pub(super) fn split_span(token: &str) -> (&str, Vec<(u32, u32)>, Option<String>) {
    let drive = token.len() > 2
        && token.as_bytes()[1] == b':'
        && matches!(token.as_bytes()[2], b'\\' | b'/')
        && token.as_bytes()[0].is_ascii_alphabetic();
    let skip = if drive { 2 } else { 0 };
    if let Some(at) = token[skip..].find(':').map(|n| n + skip) {
        let head = &token[..at];
        let rest = &token[at + 1..];
        if let Some(symbol) = rest.strip_prefix(':') {
            return (head, Vec::new(), Some(symbol.to_string()));
        }
        let rest = rest.trim_start_matches(['~', ' ']);
        // `image:7.3.0`
        let is_version = |rest: &str| {
            let mut parts = rest.split('.');
            let digits =
                |part: Option<&str>| part.is_some_and(|p| p.starts_with(|c: char| c.is_ascii_digit()));
            rest.starts_with('.') && parts.next() == Some("") && digits(parts.next()) && digits(parts.next())
        };
        if let Some((a, b, used)) = number_range(rest).filter(|(_, _, used)| !is_version(&rest[*used..])) {
            let mut spans = vec![(a, b)];
            let (more, _) = trailing_spans(&rest[used..], true);
            spans.extend(more);
            return (head, spans, None);
        }
        let symbol = rest.trim_end_matches("()");
        let named = symbol.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
            && symbol
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '#' | '$' | '?' | '!'));
        return (head, Vec::new(), named.then(|| symbol.to_string()));
    }
    if let Some(open) = token.rfind('(')
        && let Some((a, b, used)) = number_range(&token[open + 1..])
        && token[open + 1 + used..].starts_with([')', ','])
    {
        return (&token[..open], vec![(a, b)], None);
    }
    (token, Vec::new(), None)
}

/// A number or a range at the start of `text`, and how many bytes it takes:
/// `12`, `12-14`, `12–14`, `L12-L14`, `12:5` (line and column), `12-:14`, `12..14`.
pub(super) fn number_range(text: &str) -> Option<(u32, u32, usize)> {
    let (first, mut used) = number(text)?;
    let mut last = first;
    let rest = &text[used..];
    if let Some(column) = rest.strip_prefix(':')
        && let Some((_, n)) = number(column)
        && !column.starts_with('L')
    {
        used += 1 + n;
    }
    let rest = &text[used..];
    for dash in [
        "-",
        "–",
        "—",
        "‑",
        "−",
        "..=",
        "...",
        "..",
        "～",
        "〜",
        " - ",
        " – ",
        " — ",
        " to ",
        " bis ",
        " through ",
    ] {
        if let Some(tail) = rest.strip_prefix(dash) {
            let lead = tail.len() - tail.trim_start_matches([':', '~']).len();
            if let Some((second, n)) = number(&tail[lead..])
                && second >= first
            {
                last = second;
                used += dash.len() + lead + n;
                break;
            }
        }
    }
    Some((first, last, used))
}

fn number(text: &str) -> Option<(u32, usize)> {
    let skip = usize::from(text.starts_with(['L', 'l']));
    let digits = text[skip..].bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 7 {
        return None;
    }
    let value: u32 = text[skip..skip + digits].parse().ok()?;
    (value > 0).then_some((value, skip + digits))
}

/// Lines that stand behind a path: `:12`, ` (lines 3-9)`, `, lines 3–9 and 12`, `:4, 9, :20`.
/// `list` says that lines were read already, so a bare `, 104` goes on.
pub(super) fn trailing_spans(text: &str, list: bool) -> (Vec<(u32, u32)>, usize) {
    let mut spans = Vec::new();
    let mut at = 0;
    let mut go_on = list;
    loop {
        let rest = &text[at..];
        let lead = lead_in(rest, go_on);
        let Some(lead) = lead else { break };
        let body = &rest[lead..];
        let Some((a, b, used)) = number_range(body) else {
            break;
        };
        // `a.ts, 3 files` and `a.ts (2 findings)` are counts.
        let after = body[used..].trim_start();
        if body[used..].starts_with(' ')
            && go_on
            && after.starts_with(|c: char| c.is_alphabetic())
            && !["and ", "to ", "und ", "vs "].iter().any(|w| after.starts_with(w))
            && !rest[..lead].contains([':', 'l', 'L'])
        {
            break;
        }
        if body[used..].starts_with(|c: char| {
            c.is_alphanumeric() && !matches!(c, '行' | '줄' | '번')
                || c == '.' && body[used + 1..].starts_with(|d: char| d.is_ascii_alphanumeric())
        }) {
            break;
        }
        spans.push((a, b));
        at += lead + used;
        go_on = true;
        if spans.len() > 50 {
            break;
        }
    }
    (spans, at)
}

/// How many bytes introduce a line number here, if something does.
fn lead_in(text: &str, list: bool) -> Option<usize> {
    let mut at = 0;
    let sep = text.len()
        - text
            .trim_start_matches([
                ' ', ',', '(', '/', '&', ';', '-', '–', '—', '@', '*', '[', '、', '，', '（', 'の', '의',
            ])
            .len();
    let separators = &text[..sep];
    at += sep;
    let mut rest = &text[at..];
    for word in &PATHS.and_words {
        if list && let Some(tail) = rest.strip_prefix(word).and_then(|tail| tail.strip_prefix(' ')) {
            at += word.len() + 1;
            rest = tail;
            break;
        }
    }
    let before = at;
    for word in &PATHS.about_words {
        if let Some(tail) = rest.strip_prefix(word).map(|tail| tail.trim_start_matches(' '))
            && (*word == "~" || !rest[word.len()..].starts_with(char::is_alphanumeric))
        {
            at += rest.len() - tail.len();
            rest = tail;
        }
    }
    // "の 72 行目", "72행": the word stands behind the number.
    let counted = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '–' | '~'));
    if counted.len() < rest.len()
        && ["行", "행", "줄", "번째 줄"].iter().any(|word| counted.trim_start().starts_with(word))
    {
        return Some(at);
    }
    for word in &PATHS.line_words {
        if let Some(tail) = rest.strip_prefix(*word) {
            let skip = tail.len() - tail.trim_start_matches([' ', ':', '~', '*', '#', '`', 's']).len();
            return Some(at + word.len() + skip);
        }
    }
    if let Some(tail) = rest.strip_prefix("L")
        && tail.starts_with(|c: char| c.is_ascii_digit())
    {
        return Some(at);
    }
    if let Some(tail) = rest.strip_prefix(':') {
        let skip = tail.len() - tail.trim_start_matches(['~', ' ']).len();
        return (skip <= 1 && separators.len() <= 2).then_some(at + 1 + skip);
    }
    if list
        && !separators.is_empty()
        && separators.trim() != "-"
        && !separators.contains(['–', '—', '('])
        && separators.contains([',', '/', '&', ';', '、', '，'])
        || before > sep
    {
        return Some(at);
    }
    in_brackets(separators, rest).then_some(at)
}

/// Are these the lines of the file before them: `(file.ts, 12-14)`, `file.ts (12-14)`, `file.ts(12)`?
/// `file.ts (2)` is a count.
fn in_brackets(separators: &str, rest: &str) -> bool {
    let Some((from, to, used)) = number_range(rest) else { return false };
    if separators == ", " && to > from && rest[used..].starts_with([')', ']']) {
        return true;
    }
    let opened = separators.contains('@')
        || separators.ends_with(['(', '[']) && rest.starts_with(|c: char| c.is_ascii_digit());
    opened && (separators != " (" || from != to) && rest[used..].starts_with([')', ']', ',', '\n'])
}

/// Line numbers in a text that names no file: `Line 42`, `lines 10–20, 31`, `:82`, `L7-L9`.
pub(crate) fn bare_lines(text: &str) -> Vec<(u32, u32)> {
    let trimmed = text.trim_start_matches(['*', '`', ' ', '(', '[']);
    let (spans, _) = trailing_spans(trimmed, false);
    if !spans.is_empty() {
        return spans;
    }
    let first: Vec<(u32, u32)> = number_range(trimmed).map(|(a, b, _)| (a, b)).into_iter().collect();
    let Some((_, _, used)) = number_range(trimmed) else {
        return first;
    };
    let mut all = first;
    all.extend(trailing_spans(&trimmed[used..], true).0);
    all
}

/// The first lines of a text that is nothing but line numbers: `*Lines 64-70*`, `L12`.
pub(crate) fn only_lines(text: &str) -> Option<(u32, u32)> {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    if !bare.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let bare = bare.to_lowercase();
    let words = PATHS.lower_line_words.iter().map(String::as_str).chain(["ll", "l"]);
    let numbers = |rest: &&str| {
        rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '–' | ',' | '~' | ':' | '#'))
    };
    let rest = words
        .filter_map(|word| bare.strip_prefix(word))
        .map(|rest| rest.trim_start_matches(['.', ' ', ':', '#', '~']))
        .find(numbers)?;
    bare_lines(rest).first().copied()
}

/// The first "line 42" or "lines 10-20" in running text.
pub(crate) fn lines_in_prose(text: &str) -> Option<(u32, u32)> {
    let words = &*LINE_WORDS;
    let spans = words.find(text).filter_map(|(n, at)| {
        let free = !text[..at].ends_with(|c: char| c.is_alphanumeric());
        let behind = text[at + words[n].len()..].strip_prefix([' ', '\u{a0}']).filter(|_| free)?;
        let (a, b, _) = number_range(behind.trim_start_matches(['~', '`', '*']))?;
        Some((at, (a, b)))
    });
    spans.min_by_key(|(at, _)| *at).map(|(_, span)| span)
}
