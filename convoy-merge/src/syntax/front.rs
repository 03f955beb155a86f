//! What may stand before a title: numbers, identifiers, tags, severities, places.

use super::head::{Head, SEPARATORS, severity_in_bracket, take_tag};
use crate::locate::{self, Trust};
use crate::severity;
use crate::status;
use crate::vocabulary::PHRASES;

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

/// `Line 44: Title`, `L61  HIGH  Title`, `42행 Title`: the file stands above.
fn front_lines(text: &str, head: &mut Head) -> Option<String> {
    let digits = crate::severity::cut(text, 24).bytes().any(|b| b.is_ascii_digit());
    // "`a.rs` line 66 – title": what was found as a place already.
    let known = head.places.first().map(|found| found.place.line_start);
    if head.lines.is_some() || known == Some(None) || !digits {
        return None;
    }
    let lower = crate::severity::cut(text, 40).to_lowercase();
    let word =
        crate::vocabulary::PATHS.line_words.iter().find(|word| lower.starts_with(&word.to_lowercase()));
    let (digits, named) = match word {
        Some(word) => (text.get(word.len()..)?.trim_start_matches([' ', '#']), true),
        // `L1 — Title` has an identifier.
        None if text.starts_with('L')
            && !text.contains(" — ")
            && !text.contains(" – ")
            && !text.contains(" - ") =>
        {
            (&text[1..], true)
        }
        None => (text, false),
    };
    let span = locate::bare_lines(digits).first().copied()?;
    let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '–' | '~' | 'L'));
    let after = rest.strip_prefix(['행', '行', '번']);
    let ends =
        rest.starts_with([' ', ',', '\t', '—', '–']) || word.is_some() && rest.starts_with([':', '：']);
    if rest.len() == digits.len() || !(named && ends || after.is_some()) {
        return None;
    }
    let rest = after.unwrap_or(rest).trim_start_matches(SEPARATORS);
    match known {
        Some(line) if line != Some(span.0) => return None,
        Some(_) => {}
        None => head.lines = Some(span),
    }
    (!rest.is_empty()).then(|| rest.to_string())
}

/// `✅ FIXED: Title`, `RESOLVED — Title`.
fn front_status(text: &str, head: &mut Head) -> Option<String> {
    let start = text.find(char::is_alphanumeric)?;
    let end = [": ", " — ", " – ", " - ", " | ", "："]
        .iter()
        .filter_map(|s| text.find(s).map(|at| (at, s.len())))
        .min()?;
    if start > 8 || end.0 <= start || end.0 > 60 {
        return None;
    }
    head.status = Some(status::exact(&text[start..end.0])?);
    Some(text[end.0 + end.1..].trim_start().to_string())
}

/// `Prior HIGH #1 — Title`, `New CRITICAL 3: Title`: a severity in capitals and a number
/// among few words, before what separates them from the title.
fn front_lead(text: &str, head: &mut Head) -> Option<String> {
    let at = [" — ", " – ", ": "].iter().filter_map(|mark| text.find(mark)).min()?;
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

fn front_sign(text: &str, head: &mut Head) -> Option<String> {
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

/// `` `src/a.ts:3` — Title `` and `` `12-14`: Title ``.
fn front_code(text: &str, head: &mut Head) -> Option<String> {
    let inner = text.strip_prefix('`')?;
    let end = inner.find('`')?;
    let inside = &inner[..end];
    let rest = inner[end + 1..].trim_start();
    // `` `HIGH` Title ``
    let capitals =
        inside.len() > 1 && inside.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if let Some(rated) =
        severity::exact(inside).filter(|_| capitals && !head.severity_stated() && !rest.is_empty())
    {
        head.rated = Some(rated);
        head.by_icon = false;
        return Some(rest.to_string());
    }
    let lines = inside.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '–' | ',' | ' ' | 'L' | ':'))
        && inside.starts_with(|c: char| c.is_ascii_digit() || c == 'L' || c == ':');
    if lines && let Some(span) = locate::bare_lines(inside).first() {
        head.lines = Some(*span);
        return Some(rest.to_string());
    }
    let separated = rest.starts_with([':', '-', '–', '—', '|', '(', '·', '•', '→', '：']);
    // A place with its line, then a sentence of its own.
    if rest.starts_with(char::is_uppercase)
        && locate::find(&text[..end + 2], Trust::Prose).iter().any(|f| f.place.line_start.is_some())
    {
        return Some(rest.to_string());
    }
    // "`a.js`, line 40. The lock is never freed", "`a.js`. The lock is never freed"
    if rest.starts_with([',', '.'])
        && let Some(found) = locate::find(severity::cut(text, 300), Trust::Prose).first()
        && found.start == 1
        && (rest.starts_with('.') || found.end > end + 2)
        && let Some(behind) = text.get(found.end.max(end + 2)..)
        && behind.starts_with(['.', ':', ' ', '—', ',', '`'])
    {
        let said = behind.trim_start_matches(['`', '.', ':', ' ', '—', '–', '-', ',']);
        if said.split_whitespace().count() >= 2 {
            return Some(said.to_string());
        }
    }
    if separated && !locate::find(&text[..end + 2], Trust::Field).is_empty() && rest.len() > 2 {
        let rest = rest.trim_start_matches(SEPARATORS);
        // Lines behind the quotes: `a.ts` (lines 3-9): Title
        let rest = rest
            .strip_prefix('(')
            .and_then(|r| {
                r.split_once(')')
                    .filter(|(inside, _)| !locate::bare_lines(inside).is_empty())
                    .map(|(_, after)| after)
            })
            .unwrap_or(rest);
        return Some(rest.to_string());
    }
    None
}

/// `src/a.c:10: error: …`, as compilers write it.
fn front_place(text: &str, head: &mut Head) -> Option<String> {
    if text.starts_with('`') || !head.title.is_empty() {
        return None;
    }
    let found = locate::find(crate::severity::cut(text, 400), Trust::Prose);
    let first = found.first().filter(|p| p.start == 0 && !p.quoted)?;
    let rest = &text[first.end..];
    // "a.swift の 58 行目で、…": the unit stands behind the number.
    let unit = ["行目", "번째 줄", "行", "줄"].iter().find_map(|unit| rest.trim_start().strip_prefix(unit));
    if let Some(said) = unit.filter(|_| first.place.line_start.is_some()) {
        let said = said.trim_start_matches(['で', 'は', 'が', 'に', 'の', '、', '，', ',', ' ', '：', ':']);
        return (said.len() > 3).then(|| said.to_string());
    }
    // A column behind the line: `a.c:10:5: error`.
    let lined = first.place.line_start.is_some() && rest.starts_with(' ');
    let separated =
        lined || [":", " -", " –", " —", " |", ",", " (", " ["].iter().any(|s| rest.starts_with(s));
    (separated && rest.len() > 3)
        .then(|| rest.trim_start_matches([' ', ':', ',', '-', '–', '—', '|']).to_string())
}

/// `_⚠️ Potential issue_ Title`: a tag in italics.
fn front_italic(text: &str, head: &mut Head) -> Option<String> {
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

fn front_number(text: &str, head: &mut Head) -> Option<String> {
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
            || number.contains('.')))
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

/// `Finding 3:`, `Issue #2 -`, `Note 1 (severity: low): `.
fn front_named_number(text: &str, head: &mut Head) -> Option<String> {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    let word =
        PHRASES.numbered.iter().filter(|word| lower.starts_with(**word)).max_by_key(|word| word.len())?;
    let rest = text[word.len()..].trim_start_matches([' ', '#', '-', '№', ':']);
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

/// `SEC-001`, `CRIT-1`, `C1`, `F-12`, `PERF-H02`, `D-1/D-7`.
pub(crate) fn is_id(word: &str) -> bool {
    let upper = word.bytes().take_while(|b| b.is_ascii_uppercase() || *b == b'-' || *b == b'_').count();
    let digits = word[upper..].bytes().filter(u8::is_ascii_digit).count();
    (1..=16).contains(&upper)
        && (1..=5).contains(&digits)
        && word[upper..]
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.') || b.is_ascii_uppercase())
        && !matches!(word, "UTF-8" | "SHA-256" | "SHA-1" | "MD5" | "HTTP2" | "S3" | "EC2" | "K8" | "OAUTH2")
        // A requirement's number names what is asked for, not what was found.
        && !["AC-", "REQ-", "FR-", "NFR-", "US-", "UC-"].iter().any(|asked| word.starts_with(asked))
        && !word.starts_with("CWE-")
        && !word.starts_with("CVE-")
        && !word.starts_with("OWASP")
}

fn front_id(text: &str, head: &mut Head) -> Option<String> {
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

/// `HIGH: Title`, `Critical — Title`, `P1 | Title`: a severity and a separator.
fn front_severity(text: &str, head: &mut Head) -> Option<String> {
    if head.severity_stated() {
        return None;
    }
    for separator in [": ", " — ", " – ", " - ", " | ", "：", " · ", " / "] {
        let Some(at) = text.find(separator).filter(|at| *at <= 48) else {
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
    let line_next = crate::vocabulary::PATHS.line_words.iter().any(|word| {
        rest.trim_start()
            .strip_prefix(word)
            .is_some_and(|rest| rest.trim_start().starts_with(|c: char| c.is_ascii_digit()))
    });
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
