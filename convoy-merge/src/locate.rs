//! The grammar of places: `src/a.ts:12-14`, `` `a.rs`, lines 3–9 ``, `[b.go:7, 12]`,
//! `file:///x/y.py#L3-L5`, `C:\x\y.cs(10)`, `lib.rs:symbol`. Pure; nothing is looked up.

use crate::model::Location;
use crate::vocabulary::PATHS;

/// A place and where in the text it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    pub(crate) place: Location,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// In backticks or brackets: a name, not a word of a sentence.
    pub(crate) quoted: bool,
}

/// How sure the surroundings are that a place stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// Prose: only what cannot be anything else.
    Prose,
    /// A location field or column: names without ending, directories too.
    Field,
}

/// Finds every place in a text, in order.
pub(crate) fn find(text: &str, trust: Trust) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (start, end, quoted) in tokens(text) {
        if found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let Some(reference) = parse_reference(&text[start..end], quoted, trust) else { continue };
        let mut spans = reference.spans;
        let mut close = end;
        // `path`:12 and `path`, lines 3–9: the lines stand behind the quotes.
        let tail = skip_close(text, end, quoted);
        if spans.is_empty() || text[tail..].starts_with([',', '/']) || reads_more(&text[tail..]) {
            let (more, used) = trailing_spans(&text[tail..], !spans.is_empty());
            if !more.is_empty() {
                spans.extend(more);
                close = tail + used;
            }
        }
        push_spans(&mut found, &reference.path, reference.symbol.as_deref(), &spans, (start, close, quoted));
    }
    found
}

fn push_spans(
    found: &mut Vec<Found>,
    path: &str,
    symbol: Option<&str>,
    spans: &[(u32, u32)],
    at: (usize, usize, bool),
) {
    let (start, end, quoted) = at;
    let base = Location {
        file: path.to_string(),
        line_start: None,
        line_end: None,
        symbol: symbol.map(str::to_string),
    };
    if spans.is_empty() {
        found.push(Found { place: base, start, end, quoted });
        return;
    }
    for (from, to) in spans {
        let place = Location { line_start: Some(*from), line_end: Some((*to).max(*from)), ..base.clone() };
        found.push(Found { place, start, end, quoted });
    }
}

fn reads_more(tail: &str) -> bool {
    tail.starts_with(" and :") || tail.starts_with(" & :")
}

/// Steps over the closing quote, bracket or link target behind a token.
fn skip_close(text: &str, end: usize, quoted: bool) -> usize {
    let mut at = end;
    while quoted && text[at..].starts_with(['`', ']', '*', '"', '\'']) {
        at += 1;
    }
    if quoted
        && text[at..].starts_with("](")
        && let Some(close) = text[at..].find(')')
    {
        at += close + 1;
    }
    at
}

/// Pieces of text that may be a place: what stands in backticks, and the words outside.
fn tokens(text: &str) -> Vec<(usize, usize, bool)> {
    let bytes = text.as_bytes();
    let mut list = Vec::new();
    let mut at = 0;
    let mut word: Option<usize> = None;
    let mut no_more_ticks = false;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == b'`' && !no_more_ticks {
            if let Some(start) = word.take() {
                push_word(text, start, at, &mut list);
            }
            let run = bytes[at..].iter().take_while(|b| **b == b'`').count();
            let open = at + run;
            match closing_ticks(bytes, open, run) {
                Some(close) => {
                    push_code(text, open, close, &mut list);
                    at = close + run;
                }
                None => {
                    no_more_ticks = run == 1;
                    at = open;
                }
            }
            continue;
        }
        let breaks = byte.is_ascii_whitespace()
            || matches!(byte, b',' | b';' | b'"' | b'\'' | b'<' | b'>' | b'|' | b'*' | b'`' | b'{' | b'}');
        match (breaks, word) {
            (true, Some(start)) => {
                push_word(text, start, at, &mut list);
                word = None;
            }
            (false, None) => word = Some(at),
            _ => {}
        }
        at += 1;
    }
    if let Some(start) = word {
        push_word(text, start, text.len(), &mut list);
    }
    list
}

fn closing_ticks(bytes: &[u8], open: usize, run: usize) -> Option<usize> {
    let mut at = open;
    // Code spans longer than this hold no place.
    let limit = bytes.len().min(open + 2000);
    while at < limit {
        if bytes[at] == b'`' {
            let here = bytes[at..limit].iter().take_while(|b| **b == b'`').count();
            if here == run {
                return Some(at);
            }
            at += here;
        } else {
            at += 1;
        }
    }
    None
}

/// A code span is one token, unless it lists several: `` `a.ts:3, b.ts:4` ``.
fn push_code(text: &str, open: usize, close: usize, list: &mut Vec<(usize, usize, bool)>) {
    let inside = &text[open..close];
    if inside.contains([' ', ';']) {
        let mut from = open;
        for piece in inside.split_inclusive([' ', ',', ';']) {
            let end = from + piece.trim_end_matches([' ', ',', ';']).len();
            if end > from {
                list.push((from, end, true));
            }
            from += piece.len();
        }
    } else if close > open {
        list.push((open, close, true));
    }
}

/// Trims what is not part of a name from a word of prose; a bracket around it quotes it.
fn push_word(text: &str, start: usize, end: usize, list: &mut Vec<(usize, usize, bool)>) {
    let word = &text[start..end];
    let mut from = start;
    let mut to = end;
    let mut quoted = false;
    if let Some(at) = word.find("](") {
        // A link: the text of it, else its target.
        let label = word[..at].trim_start_matches(['(', '[', '*']);
        let label_start = start + at - label.len();
        list.push((label_start, start + at, true));
        let named = parse_reference(label, true, Trust::Prose);
        let target = &word[at + 2..];
        if named.is_none()
            || named.is_some_and(|r| r.spans.is_empty())
                && target.contains("#L")
                && parse_reference(target.split(')').next().unwrap_or(target), true, Trust::Prose).is_some()
        {
            list.pop();
            let target_start = start + at + 2;
            let target_end = word[at + 2..].find(')').map_or(end, |n| target_start + n);
            list.push((target_start, target_end, true));
        }
        return;
    }
    while text[from..to].starts_with(['(', '[', '（', '【', '「']) {
        quoted |= text[from..to].starts_with('[');
        from += text[from..to].chars().next().map_or(1, char::len_utf8);
    }
    loop {
        let piece = &text[from..to];
        let Some(last) = piece.chars().next_back() else { return };
        let unbalanced = match last {
            ')' => piece.matches('(').count() < piece.matches(')').count(),
            ']' => piece.matches('[').count() < piece.matches(']').count(),
            '.' | ':' | '!' | '?' | '）' | '】' | '」' | '。' | '，' | '、' | '；' | '：' => true,
            _ => false,
        };
        if !unbalanced {
            break;
        }
        to -= last.len_utf8();
    }
    if to > from {
        list.push((from, to, quoted));
    }
}

struct Reference {
    path: String,
    symbol: Option<String>,
    spans: Vec<(u32, u32)>,
}

fn parse_reference(token: &str, quoted: bool, trust: Trust) -> Option<Reference> {
    if token.len() < 3 || token.len() > 400 || token.contains("://") && !token.starts_with("file://") {
        return None;
    }
    let token = token.strip_prefix("file://").unwrap_or(token);
    let (token, hash) = match token.find("#L") {
        Some(at) => (&token[..at], parse_hash(&token[at + 1..])),
        None => (token, Vec::new()),
    };
    let (head, spans, symbol) = split_span(token);
    let has_line = !spans.is_empty() || !hash.is_empty();
    if !is_path(head, quoted, has_line, trust) {
        return None;
    }
    let mut all = hash;
    all.extend(spans);
    Some(Reference { path: normal_path(head), symbol, spans: all })
}

/// `L12-L20`, `L12`.
fn parse_hash(text: &str) -> Vec<(u32, u32)> {
    number_range(text).map(|(a, b, _)| vec![(a, b)]).unwrap_or_default()
}

/// Splits `path:12-14`, `path:12:5`, `path(12)`, `path::symbol`, `path:symbol` behind the path.
fn split_span(token: &str) -> (&str, Vec<(u32, u32)>, Option<String>) {
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
        if let Some((a, b, used)) = number_range(rest) {
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
fn number_range(text: &str) -> Option<(u32, u32, usize)> {
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
fn trailing_spans(text: &str, list: bool) -> (Vec<(u32, u32)>, usize) {
    let mut spans = Vec::new();
    let mut at = 0;
    let mut go_on = list;
    loop {
        let rest = &text[at..];
        let lead = lead_in(rest, go_on);
        let Some(lead) = lead else { break };
        let body = &rest[lead..];
        let Some((a, b, used)) = number_range(body) else { break };
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
            c.is_alphanumeric()
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
                ' ', ',', '(', '/', '&', ';', '-', '–', '—', '@', '*', '[', '、', '，', '（',
            ])
            .len();
    let separators = &text[..sep];
    at += sep;
    let mut rest = &text[at..];
    for word in ["and ", "und ", "et ", "y ", "vs. ", "vs ", "e "] {
        if list && let Some(tail) = rest.strip_prefix(word) {
            at += word.len();
            rest = tail;
            break;
        }
    }
    let before = at;
    for word in ["around ", "approx. ", "at ", "on ", "near ", "~", "about "] {
        if let Some(tail) = rest.strip_prefix(word) {
            at += word.len();
            rest = tail;
        }
    }
    for word in [
        "lines",
        "line",
        "Lines",
        "Line",
        "LINES",
        "LINE",
        "ln.",
        "ln",
        "Zeilen",
        "Zeile",
        "líneas",
        "línea",
        "linhas",
        "linha",
        "lignes",
        "ligne",
        "строки",
        "строка",
        "行",
    ] {
        if let Some(tail) = rest.strip_prefix(word) {
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
    if separators.contains('@')
        || separators.ends_with('(') && text[at..].starts_with(|c: char| c.is_ascii_digit())
    {
        // `file.ts (12-14)` and `file.ts(12)`, but a count in brackets has a word behind it.
        let (_, _, used) = number_range(rest)?;
        return rest[used..].starts_with([')', ',', '\n']).then_some(at);
    }
    None
}

/// Line numbers in a text that names no file: `Line 42`, `lines 10–20, 31`, `:82`, `L7-L9`.
pub(crate) fn bare_lines(text: &str) -> Vec<(u32, u32)> {
    let trimmed = text.trim_start_matches(['*', '`', ' ', '(', '[']);
    let (spans, _) = trailing_spans(trimmed, false);
    if !spans.is_empty() {
        return spans;
    }
    let first: Vec<(u32, u32)> = number_range(trimmed).map(|(a, b, _)| (a, b)).into_iter().collect();
    let Some((_, _, used)) = number_range(trimmed) else { return first };
    let mut all = first;
    all.extend(trailing_spans(&trimmed[used..], true).0);
    all
}

/// The first "line 42" or "lines 10-20" in running text.
pub(crate) fn lines_in_prose(text: &str) -> Option<(u32, u32)> {
    for word in ["lines ", "line ", "Lines ", "Line "] {
        let mut from = 0;
        while let Some(at) = text[from..].find(word) {
            let start = from + at;
            let free = !text[..start].ends_with(|c: char| c.is_alphanumeric());
            if free
                && let Some((a, b, _)) =
                    number_range(text[start + word.len()..].trim_start_matches(['~', '`', '*']))
            {
                return Some((a, b));
            }
            from = start + word.len();
        }
    }
    None
}

fn normal_path(path: &str) -> String {
    let mut path = path.replace('\\', "/");
    if path.contains('%') {
        path = percent_decode(&path);
    }
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.to_string();
    }
    path
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_string())
}

fn is_path(path: &str, quoted: bool, has_line: bool, trust: Trust) -> bool {
    let field = trust == Trust::Field;
    if path.is_empty()
        || path.chars().any(|c| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '"' | '\'' | '<' | '>' | '|' | '=' | ';' | ',' | '`' | '?' | '!')
        })
    {
        return false;
    }
    let drive = path.len() > 2 && path.as_bytes()[1] == b':';
    if path[if drive { 2 } else { 0 }..].contains(':')
        || path.contains("//")
        || path.contains("->")
        || path.contains("=>")
    {
        return false;
    }
    if path.starts_with(['-', '+', '#', '$', '&']) && !path.starts_with("$lib")
        || path.contains("path/to/")
        || path.contains("...") && !path.contains('/')
    {
        return false;
    }
    let unix = path.replace('\\', "/");
    let name = unix.rsplit('/').next().unwrap_or(&unix);
    let slash = unix.contains('/');
    let tables = &*PATHS;
    if tables.products.contains(path.to_lowercase().as_str()) && !has_line {
        return false;
    }
    if tables.names.contains(name) || name.starts_with("Dockerfile.") {
        return slash || quoted || has_line || field || name.contains('.');
    }
    let (stem, ext) = match name.rsplit_once('.') {
        Some((stem, ext)) => (stem, ext),
        None => (name, ""),
    };
    // Calls and indexing (`foo(x).rs`) are code; route folders (`[id]`, `(group)`) are not.
    if !slash
        && name.contains(['(', ')', '[', ']', '*', '@'])
        && !(name.starts_with('*') || name.contains(".*"))
    {
        return false;
    }
    let ext_low = ext.to_ascii_lowercase();
    if tables.extensions.contains(ext_low.as_str()) && (!stem.is_empty() || slash) {
        return ext.len() > 1 && (slash || stem.chars().any(char::is_alphanumeric) || stem.contains('*'));
    }
    if tables.weak.contains(ext_low.as_str()) && !stem.is_empty() {
        return slash
            || has_line
            || quoted
                && stem.len() > 1
                && ext.len() == 1
                && ext != "v"
                && ext != "d"
                && ext != "s"
                && ext != "m"
                && ext != "t";
    }
    if slash && has_line {
        return !unix.split('/').all(|part| part.chars().all(|c| c.is_ascii_digit()));
    }
    if slash && field {
        // `handle_event/3` is a function and its arity.
        if name.chars().all(|c| c.is_ascii_digit()) && !name.is_empty() {
            return false;
        }
        return quoted
            || ext.is_empty()
                && !unix.starts_with("/api")
                && unix.matches('/').count() >= 1
                && !unix.contains('(')
                && unix.chars().any(|c| c == '/')
                && (unix.ends_with('/') || unix.matches('/').count() >= 2 || path.starts_with('.'));
    }
    has_line
        && (field || quoted)
        && name.chars().next().is_some_and(char::is_alphabetic)
        && !name.eq_ignore_ascii_case("localhost")
        && !ext.chars().all(|c| c.is_ascii_digit())
        || has_line
            && !ext.is_empty()
            && ext.chars().all(char::is_alphanumeric)
            && ext.chars().any(char::is_alphabetic)
            && ext.len() <= 8
            && !stem.chars().all(|c| c.is_ascii_digit() || c == '.')
            && !is_host(name)
}

fn is_host(name: &str) -> bool {
    matches!(
        name.rsplit('.').next(),
        Some("com" | "org" | "net" | "io" | "local" | "internal" | "test" | "localhost")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        find(text, Trust::Prose).iter().map(|f| f.place.display()).collect()
    }

    #[test]
    fn forms_of_places() {
        for (text, want) in [
            ("`src/a.ts:12`", vec!["src/a.ts:12"]),
            ("[src/auth.ts:42-44] SQL", vec!["src/auth.ts:42-44"]),
            ("see src/a.ts:12-14.", vec!["src/a.ts:12-14"]),
            ("`a.ts:86,104`", vec!["a.ts:86", "a.ts:104"]),
            ("`lib/x.dart`, lines 127–133", vec!["lib/x.dart:127-133"]),
            ("`lib/x.dart`, lines 253/311", vec!["lib/x.dart:253", "lib/x.dart:311"]),
            ("lib/x.ex (lines 3-9)", vec!["lib/x.ex:3-9"]),
            ("src/x.go:10, :20", vec!["src/x.go:10", "src/x.go:20"]),
            ("file:///w/a.py#L3-L5", vec!["/w/a.py:3-5"]),
            ("[a.py](src/a.py#L3)", vec!["src/a.py:3"]),
            (r"C:\x\y.cs(10)", vec!["C:/x/y.cs:10"]),
            ("manifest.py:resolve_build_dir", vec!["manifest.py"]),
            ("`tests/test_x.py::test_y`", vec!["tests/test_x.py"]),
            ("src/users.ts:88, src/users.ts:120-131", vec!["src/users.ts:88", "src/users.ts:120-131"]),
            ("`a.rs` (L12-L20)", vec!["a.rs:12-20"]),
            ("app/[id]/page.tsx:9", vec!["app/[id]/page.tsx:9"]),
            ("`src/a.ts:670–738`", vec!["src/a.ts:670-738"]),
            ("src/a.ts:12:5", vec!["src/a.ts:12"]),
            ("Dockerfile:3", vec!["Dockerfile:3"]),
            (".github/workflows/ci.yml:29", vec![".github/workflows/ci.yml:29"]),
        ] {
            assert_eq!(all(text), want, "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_place() {
        for text in [
            "version 1.2:3",
            "at 12:30",
            "localhost:3011",
            "a::b",
            "Node.js is old",
            "`req.body.user`",
            "e.g. this",
            "and/or",
            "http://x.org/a.ts:3",
            "`Ash.Query.filter/2`",
            "`this.state`",
            "[::1]:80",
            "10.0.0.1:80",
            "see v1.2.3",
            "`/api/agents/:id/output`",
            "`process.env`",
            "3/10",
        ] {
            assert_eq!(all(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn bare_lines_are_read() {
        assert_eq!(bare_lines("Lines 97–98"), [(97, 98)]);
        assert_eq!(bare_lines("42"), [(42, 42)]);
        assert_eq!(bare_lines("141-163, 194-205"), [(141, 163), (194, 205)]);
        assert_eq!(bare_lines(":82"), [(82, 82)]);
        assert_eq!(lines_in_prose("on line 42 we"), Some((42, 42)));
    }
}
