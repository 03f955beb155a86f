//! The grammar of places: `src/a.ts:12-14`, `` `a.rs`, lines 3–9 ``, `[b.go:7, 12]`,
//! `file:///x/y.py#L3-L5`, `C:\x\y.cs(10)`, `lib.rs:symbol`. Pure; nothing is looked up.

mod path;
mod span;

use crate::model::Location;
use crate::vocabulary::PATHS;

use path::{is_path, normal_path};
pub(crate) use span::{bare_lines, lines_in_prose, only_lines};
use span::{parse_hash, split_span, trailing_spans};

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
    /// A bracket, a tag, a link: names without ending, directories too.
    Field,
    /// The value of a location field or column: `name:12` is a file whatever its name.
    Stated,
}

/// Finds every place in a text, in order.
pub(crate) fn find(text: &str, trust: Trust) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    if trust == Trust::Prose && !may_name_place(text) {
        return found;
    }
    for (start, end, quoted) in tokens(text, trust) {
        if found.last().is_some_and(|last| start < last.end) {
            continue;
        }
        let Some(reference) = parse_reference(&text[start..end], quoted, trust) else {
            continue;
        };
        let mut spans = reference.spans;
        let mut close = end;
        // `path`:12 and `path`, lines 3–9: the lines stand behind the quotes.
        let tail = skip_close(text, end, quoted);
        if spans.is_empty() && trust == Trust::Stated && text[tail..].starts_with(' ') {
            // `path` 25-35, 94-105 in a place's own field.
            if let Some((from, to, used)) = span::number_range(text[tail..].trim_start_matches(' ')) {
                spans.push((from, to));
                close = tail + (text[tail..].len() - text[tail..].trim_start_matches(' ').len()) + used;
            }
        }
        // `path` `25-35`: lines in code marks of their own.
        if spans.is_empty()
            && quoted
            && let Some(marked) = text[tail..].strip_prefix(" `").or_else(|| text[tail..].strip_prefix(", `"))
            && let Some((from, to, used)) = span::number_range(marked)
            && marked[used..].starts_with('`')
        {
            spans.push((from, to));
            close = text.len() - marked.len() + used + 1;
        }
        let tail = tail.max(close.min(text.len()));
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

/// May a place stand at the beginning of a text, behind nothing but signs? The cheap question
/// before [`find`]: the first word tells.
pub(crate) fn may_begin(text: &str) -> bool {
    let Some(word) = text.find(char::is_alphanumeric) else { return false };
    let end = text.as_bytes()[word..].iter().position(|byte| KIND[usize::from(*byte)] & BREAK != 0);
    text.as_bytes()[..end.map_or(text.len(), |end| word + end)]
        .iter()
        .any(|byte| KIND[usize::from(*byte)] & (HINT | QUOTE) != 0)
}

fn push_spans(
    found: &mut Vec<Found>,
    path: &str,
    symbol: Option<&str>,
    spans: &[(u32, u32)],
    at: (usize, usize, bool),
) {
    let (start, end, quoted) = at;
    let base = Location { file: path.to_string(), symbol: symbol.map(str::to_string), ..Location::default() };
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
    // A cell with two lines: "`a.kt`<br>lines 40–48".
    ["<br>", "<br/>", "<br />"]
        .iter()
        .find(|mark| text[at..].starts_with(**mark))
        .map_or(at, |mark| at + mark.len())
}

/// May a place stand here: is there anything of one inside of a word, or anything quoted?
fn may_name_place(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        let may = KIND[usize::from(*byte)] & (HINT | QUOTE) != 0;
        // The end of a sentence is none.
        may && (*byte != b'.' || bytes.get(at + 1).is_some_and(|next| !next.is_ascii_whitespace()))
    })
}

/// Pieces of text that may be a place: what stands in backticks, and the words outside.
fn tokens(text: &str, trust: Trust) -> Vec<(usize, usize, bool)> {
    let bytes = text.as_bytes();
    let mut list = Vec::new();
    let mut at = 0;
    let mut word: Option<usize> = None;
    // What kinds of bytes the word has.
    let mut has = 0;
    let push_word = |start: usize, end: usize, has: u8, list: &mut Vec<(usize, usize, bool)>| {
        if trust != Trust::Prose || has != 0 {
            push_word(text, start, end, list);
        }
    };
    let mut no_more_ticks = false;
    while at < bytes.len() {
        let byte = bytes[at];
        let kind = KIND[usize::from(byte)];
        if kind & BREAK == 0 && byte != 0xe3 {
            if word.is_none() {
                (word, has) = (Some(at), 0);
            }
            has |= kind;
            at += 1;
            continue;
        }
        if byte == b'`' && !no_more_ticks {
            if let Some(start) = word.take() {
                push_word(start, at, has, &mut list);
            }
            let run = bytes[at..].iter().take_while(|b| **b == b'`').count();
            let open = at + run;
            if let Some(close) = closing_ticks(bytes, open, run) {
                push_code(text, open, close, &mut list);
                at = close + run;
            } else {
                no_more_ticks = run == 1;
                at = open;
            }
            continue;
        }
        let breaks = kind & BREAK != 0 || is_wide_mark(&bytes[at..]);
        match (breaks, word) {
            (true, Some(start)) => {
                push_word(start, at, has, &mut list);
                word = None;
            }
            (false, None) => (word, has) = (Some(at), 0),
            _ => {}
        }
        at += if breaks && byte == 0xe3 { 3 } else { 1 };
    }
    if let Some(start) = word {
        push_word(start, text.len(), has, &mut list);
    }
    list
}

/// Brackets, commas and dots of Chinese and Japanese, in UTF-8: 、。〈〉《》「」『』【】〔〕・.
fn is_wide_mark(bytes: &[u8]) -> bool {
    matches!(bytes, [0xe3, 0x80, 0x81 | 0x82 | 0x88..=0x91 | 0x94 | 0x95, ..] | [0xe3, 0x83, 0xbb, ..])
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
    // `[SL-01][HIGH][a.ex:44]`: tags, and the last of them a place.
    if word.starts_with('[')
        && word.ends_with(']')
        && let Some(at) = word.rfind("][")
    {
        list.push((start + at + 2, end - 1, true));
        return;
    }
    if word.contains(']')
        && let Some(at) = word.find("](")
    {
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
        let Some(ending) = piece.chars().next_back() else {
            return;
        };
        let unbalanced = match ending {
            ')' => piece.matches('(').count() < piece.matches(')').count(),
            ']' => piece.matches('[').count() < piece.matches(']').count(),
            '.' | ':' | '!' | '?' | '）' | '】' | '」' | '。' | '，' | '、' | '；' | '：' => true,
            _ => false,
        };
        if !unbalanced {
            break;
        }
        to -= ending.len_utf8();
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
    if token.len() < 3 || token.len() > 400 || is_word(token, quoted, trust) {
        return None;
    }
    let token = if token.contains("://") {
        token.strip_prefix("file://").or_else(|| path_of_blob(token))?
    } else {
        token
    };
    let (token, hash) = match token.find("#L") {
        Some(at) => (&token[..at], parse_hash(&token[at + 1..])),
        None => (token, Vec::new()),
    };
    let (head, spans, symbol) = split_span(token);
    // `time.Sleep(33)` is a call; in brackets a number needs a path that is one without it.
    let called = token.ends_with(')') && !head.contains('(');
    let has_line = !spans.is_empty() && !called || !hash.is_empty();
    if !is_path(head, quoted, has_line, trust) {
        return None;
    }
    let mut all = hash;
    all.extend(spans);
    Some(Reference { path: normal_path(head), symbol, spans: all })
}

/// A word without the signs that every path, line and link has: most of prose, and no place
/// but for a file's whole name in code marks or a field. The cheap question for what is asked
/// most.
fn is_word(token: &str, quoted: bool, trust: Trust) -> bool {
    if !quoted && trust == Trust::Prose {
        return !token.bytes().any(|byte| KIND[usize::from(byte)] & HINT != 0);
    }
    token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        && !PATHS.names.contains(token)
}

/// A word ends here.
const BREAK: u8 = 1;
/// One of these stands in every place that is in no quotes: between its parts, before its
/// ending, in its line.
const HINT: u8 = 2;
/// These quote a word, or are of a link.
const QUOTE: u8 = 4;

/// What the bytes are for places.
static KIND: [u8; 256] = {
    let mut kind = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kind[byte] = match byte as u8 {
            b'`' => BREAK | QUOTE,
            b',' | b';' | b'"' | b'\'' | b'<' | b'>' | b'|' | b'*' | b'{' | b'}' => BREAK,
            space if space.is_ascii_whitespace() => BREAK,
            b'.' | b'/' | b'\\' | b'0'..=b'9' => HINT,
            b'[' | b']' => QUOTE,
            _ => 0,
        };
        byte += 1;
    }
    kind
};

/// The path in a link to a file of a hosted repository, with its lines:
/// `https://host/owner/name/blob/main/src/a.ts#L3-L5`.
fn path_of_blob(url: &str) -> Option<&str> {
    let Some(at) = ["/blob/", "/blame/"].iter().find_map(|part| Some(url.find(part)? + part.len())) else {
        // Lines behind a file of whatever host.
        let (path, lines) =
            url.split_once("#L").filter(|(_, lines)| lines.starts_with(|c: char| c.is_ascii_digit()))?;
        let at = path.find("://")? + 3;
        let (_, path) = path[at..].split_once('/')?;
        return Some(&url[url.len() - lines.len() - 2 - path.len()..]);
    };
    let (_, path) = url[at..].split_once('/')?;
    Some(path.split('?').next().unwrap_or(path)).filter(|path| !path.is_empty())
}

/// Percent-encoded bytes become what they stand for, if that is text.
pub(crate) fn decoded(uri: &str) -> String {
    let bytes = uri.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = uri.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
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
    String::from_utf8(out).unwrap_or_else(|_| uri.to_string())
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
            ("[SL-01][HIGH][a/b.ex:44] Title", vec!["a/b.ex:44"]),
            ("`a/b.ex` `44-46`: Title", vec!["a/b.ex:44-46"]),
            ("(a/b.ex, 44-46)", vec!["a/b.ex:44-46"]),
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
            ("https://github.com/o/r/blob/1d548/src/auth.ts#L67-L72", vec!["src/auth.ts:67-72"]),
            ("[src/b.ts](https://gitlab.com/o/r/-/blob/main/src/b.ts#L12): text", vec!["src/b.ts:12"]),
            (r"C:\x\y.cs(10)", vec!["C:/x/y.cs:10"]),
            ("manifest.py:resolve_build_dir", vec!["manifest.py"]),
            ("`tests/test_x.py::test_y`", vec!["tests/test_x.py"]),
            ("src/users.ts:88, src/users.ts:120-131", vec!["src/users.ts:88", "src/users.ts:120-131"]),
            ("`a.rs` (L12-L20)", vec!["a.rs:12-20"]),
            ("`gate/scan.kt`<br>lines 40–48", vec!["gate/scan.kt:40-48"]),
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
            "`time.Sleep(33)`",
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
