//! Takes the first line of a finding apart: number, identifier, tags, severity,
//! places, and what remains, the title.

use crate::locate::{self, Found, Trust};
use crate::severity::{self, Rated};
use crate::vocabulary::PHRASES;

/// What a heading, a list item's first line or a bold lead says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    pub(crate) title: String,
    pub(crate) rated: Option<Rated>,
    /// The severity is only an icon.
    pub(crate) by_icon: bool,
    pub(crate) places: Vec<Found>,
    /// `1`, `2.3`.
    pub(crate) number: Option<String>,
    /// `SEC-01`, `C1`.
    pub(crate) id: Option<String>,
    /// "Issue 3", "Finding #2": a number that says it is a finding.
    pub(crate) named_number: bool,
    pub(crate) tags: Vec<String>,
    /// Line numbers without a file: `` `12-14`: Title ``.
    pub(crate) lines: Option<(u32, u32)>,
    pub(crate) struck: bool,
    pub(crate) ticked: bool,
    pub(crate) tick_box: bool,
    pub(crate) confidence: Option<u8>,
}

impl Head {
    pub(crate) fn severity_stated(&self) -> bool {
        self.rated.is_some() && !self.by_icon
    }
}

/// What separates the parts of a first line.
const SEPARATORS: &[char] =
    &[' ', '\t', ':', '-', '–', '—', '|', '.', ')', '·', '•', '：', ',', '/', '→', '>'];

/// No first line says more about a finding than this many bytes do.
const LONGEST: usize = 1500;

pub(crate) fn parse(line: &str) -> Head {
    let mut head = Head::default();
    let line = crate::extract::cut(line.trim(), LONGEST).trim_start_matches('#').trim().trim_end_matches('#').trim();
    head.places = locate::find(line, Trust::Prose);
    let mut rest = line.to_string();
    if let Some(inner) =
        rest.strip_prefix("[ ]").or_else(|| rest.strip_prefix("[x]")).or_else(|| rest.strip_prefix("[X]"))
    {
        head.tick_box = true;
        head.ticked = !rest.starts_with("[ ]");
        rest = inner.trim_start().to_string();
    }
    if rest.starts_with("~~") {
        head.struck = true;
        rest = rest.replace("~~", "");
    }
    let mut text = unbold(&rest);
    while let Some(next) = strip_front(&text, &mut head) {
        text = next.trim_start_matches([' ', ':', '—', '–', '|', '·', '：']).to_string();
    }
    while let Some(next) = strip_back(&text, &mut head) {
        text = next;
    }
    head.title = tidy(&text);
    let whole = locate::find(&head.title, Trust::Prose);
    if whole.first().is_some_and(|p| p.start <= 1 && p.end + 1 >= head.title.len()) {
        head.title.clear();
    }
    head
}

/// Emphasis marks make no difference to what the parts are; code marks do.
fn unbold(text: &str) -> String {
    text.replace("**", "").replace("__", "").trim().trim_matches(['*', ' ']).to_string()
}

/// Cuts one part off the front, if there is one.
fn strip_front(text: &str, head: &mut Head) -> Option<String> {
    let text = text.trim_start_matches([' ', ':', '—', '–', '|', '·', '：']);
    front_bracket(text, head)
        .or_else(|| front_code(text, head))
        .or_else(|| front_place(text, head))
        .or_else(|| front_italic(text, head))
        .or_else(|| front_sign(text, head))
        .or_else(|| front_number(text, head))
        .or_else(|| front_named_number(text, head))
        .or_else(|| front_id(text, head))
        .or_else(|| front_severity(text, head))
}

fn front_sign(text: &str, head: &mut Head) -> Option<String> {
    if head.rated.is_none()
        && let Some((rated, rest)) = severity::modal_sign(text)
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
    let icon = matches!(first as u32, 0x1F300..=0x1FAFF | 0x2600..=0x26FF | 0x2B00..=0x2BFF | 0xFE0F | 0x203C | 0x2049)
        && text.len() > first.len_utf8();
    icon.then(|| text[first.len_utf8()..].trim_start().to_string())
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

/// Takes a bracket's inside as severity, place or plain tag.
fn take_tag(inside: &str, head: &mut Head) -> bool {
    if let Some(rated) = severity::exact(inside) {
        if !head.severity_stated() {
            head.rated = Some(rated);
            head.by_icon = false;
        }
        return true;
    }
    if let Some(value) = inside.to_lowercase().strip_prefix("confidence") {
        head.confidence = percent(value);
        return true;
    }
    let places = locate::find(inside, Trust::Field);
    if !places.is_empty() {
        if head.places.is_empty() {
            head.places = places;
        }
        return true;
    }
    if inside.eq_ignore_ascii_case("project") {
        return true;
    }
    // `[P1][security]`, `[HIGH | security]`, `[Critical - SQL]`
    let parts: Vec<&str> = inside.split(['|', ',', '/', '·', '—', ':']).map(str::trim).collect();
    if parts.len() > 1 && parts.len() <= 4 {
        for part in &parts {
            if !head.severity_stated()
                && let Some(rated) = severity::exact(part)
            {
                head.rated = Some(rated);
                head.by_icon = false;
            }
        }
    }
    if is_id(inside) {
        head.id.get_or_insert_with(|| inside.to_string());
        return true;
    }
    let short = inside.chars().count() <= 40
        && !inside.contains(['`', '$', '='])
        && inside.split_whitespace().count() <= 4
        && inside.len() > 1;
    if short {
        head.tags.push(inside.trim().to_string());
    }
    short
}

/// `` `src/a.ts:3` — Title `` and `` `12-14`: Title ``.
fn front_code(text: &str, head: &mut Head) -> Option<String> {
    let inner = text.strip_prefix('`')?;
    let end = inner.find('`')?;
    let inside = &inner[..end];
    let rest = inner[end + 1..].trim_start();
    let lines = inside.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '–' | ',' | ' ' | 'L' | ':'))
        && inside.starts_with(|c: char| c.is_ascii_digit() || c == 'L' || c == ':');
    if lines && let Some(span) = locate::bare_lines(inside).first() {
        head.lines = Some(*span);
        return Some(rest.to_string());
    }
    let separated = rest.starts_with([':', '-', '–', '—', '|', '(', '·']);
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
    let found = locate::find(crate::extract::cut(text, 400), Trust::Prose);
    let first = found.first().filter(|p| p.start == 0 && !p.quoted)?;
    let rest = &text[first.end..];
    // A column behind the line: `a.c:10:5: error`.
    let separated = [":", " -", " –", " —", " |", ","].iter().any(|s| rest.starts_with(s));
    (separated && rest.len() > 3).then(|| rest.trim_start_matches(SEPARATORS).to_string())
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
        || rest.starts_with("-")
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

/// `Finding 3:`, `Issue #2 -`, `Note 1 (severity: low): `.
fn front_named_number(text: &str, head: &mut Head) -> Option<String> {
    let lower = text.to_lowercase();
    if lower.len() != text.len() {
        return None;
    }
    let word = PHRASES.numbered.iter().find(|word| lower.starts_with(**word))?;
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
    let used = if letter { 1 + rest[1..].bytes().take_while(u8::is_ascii_digit).count() } else { digits };
    if used == 0 || used > 4 {
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
    upper >= 1
        && upper <= 16
        && (1..=5).contains(&digits)
        && word[upper..]
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.') || b.is_ascii_uppercase())
        && !matches!(
            word,
            "UTF-8"
                | "SHA-256"
                | "SHA-1"
                | "MD5"
                | "H1"
                | "H2"
                | "H3"
                | "HTTP2"
                | "S3"
                | "EC2"
                | "K8"
                | "OAUTH2"
        )
        && !word.starts_with("CWE-")
        && !word.starts_with("CVE-")
        && !word.starts_with("OWASP")
}

fn front_id(text: &str, head: &mut Head) -> Option<String> {
    let end = text
        .find(|c: char| c.is_whitespace() || matches!(c, ':' | ')' | '—' | '|' | '(' | '/'))
        .unwrap_or(text.len());
    let word = text[..end].trim_end_matches('.');
    if head.id.is_some() || !is_id(word) || word.len() > 20 {
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
    let plain = rest.starts_with(' ') && word.contains('-');
    let separated = rest.starts_with([':', ')', '|'])
        || ["—", " —", " -", " –", " |", " ("].iter().any(|s| rest.starts_with(s));
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
        let Some(at) = text.find(separator).filter(|at| *at <= 48) else { continue };
        let front = &text[..at];
        if front.matches(['(', '（']).count() > front.matches([')', '）']).count() {
            continue;
        }
        // "High (CVSS 8.1): Title", "Note (severity: low)".
        let (word, bracket) = front.split_once('(').unwrap_or((front, ""));
        let rated = severity::exact(word).or_else(|| bracket.split(')').next().and_then(severity_in_bracket));
        if let Some(rated) = rated.filter(|_| severity::exact(word).is_some() || word.trim().is_empty()) {
            head.rated = Some(severity_in_bracket(bracket.trim_end_matches(')')).unwrap_or(rated));
            head.by_icon = false;
            return Some(text[at + separator.len()..].trim_start().to_string());
        }
    }
    // `HIGH Title`, "High `a.ts:3` …": capitals or a place behind say that it is a tag.
    let word_end = text.find(' ').unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    let capitals = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) && word.starts_with(|c: char| c.is_ascii_uppercase());
    if (capitals || rest.starts_with(" `") || rest.starts_with(" [")) && rest.len() > 3
        && let Some(rated) = severity::exact(word)
        && (capitals || !locate::find(rest, Trust::Prose).is_empty())
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

/// `severity: medium`, `High severity`, `High, CVSS 8.1` as a bracket says it.
fn severity_in_bracket(inside: &str) -> Option<Rated> {
    let first = inside.split([',', ';', '|']).next().unwrap_or(inside);
    let value = match first.split_once(':') {
        Some((label, value))
            if ["severity", "priority", "level", "sev", "risk"]
                .contains(&label.trim().to_lowercase().as_str()) =>
        {
            value
        }
        Some(_) => return None,
        None => first,
    };
    severity::exact(value)
}

/// Cuts one part off the end: `— \`file:3\``, `(High)`, `[P1]`, `(severity: low)`.
fn strip_back(text: &str, head: &mut Head) -> Option<String> {
    let text = text.trim_end().trim_end_matches([':', '：']).trim_end();
    let last = text.chars().next_back()?;
    let open = match last {
        ')' => '(',
        ']' => '[',
        '`' => return back_code(text, head),
        '）' => '（',
        _ => return back_word(text, head),
    };
    let start = matching_back(text, open, last)?;
    if start == 0 {
        return None;
    }
    let inside = &text[start + open.len_utf8()..text.len() - last.len_utf8()];
    let before = text[..start].trim_end_matches([' ', '-', '–', '—', '@', '|']);
    if let Some(rated) = severity_in_bracket(inside).or_else(|| severity::exact(inside)) {
        if !head.severity_stated() {
            head.rated = Some(rated);
            head.by_icon = false;
        }
        return Some(before.to_string());
    }
    let lower = inside.to_lowercase();
    if let Some(value) = lower.strip_prefix("confidence") {
        head.confidence = percent(value);
        return Some(before.to_string());
    }
    let places = locate::find(inside, Trust::Field);
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

/// `Title — \`file:3\`` and `Title (in \`file\`)`: a place behind a separator.
fn back_code(text: &str, head: &mut Head) -> Option<String> {
    let inner = &text[..text.len() - 1];
    let open = inner.rfind('`')?;
    let before = text[..open].trim_end();
    if locate::find(&text[open..], Trust::Field).is_empty() {
        return None;
    }
    if before.ends_with(['—', '–', '-', '|', '@', ':', ',', '·']) && before.len() > 4 {
        let cut = before.trim_end_matches(['—', '–', '-', '|', '@', ':', ' ', ',', '·']);
        let _ = head;
        return Some(cut.to_string());
    }
    None
}

/// `Title — src/a.ts:3` and `Title — High`.
fn back_word(text: &str, head: &mut Head) -> Option<String> {
    for separator in [" — ", " – ", " - ", " -- ", " | ", " @ ", " · "] {
        let Some(at) = text.rfind(separator) else { continue };
        let tail = &text[at + separator.len()..];
        if at < 3 || tail.len() > 300 {
            continue;
        }
        if let Some(rated) = severity::exact(tail) {
            if !head.severity_stated() {
                head.rated = Some(rated);
                head.by_icon = false;
            }
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

/// `90`, `90%`, `0.9`, `9/10`, `high`.
pub(crate) fn percent(text: &str) -> Option<u8> {
    let text = text.trim_matches([':', ' ', '*', '`', '=', '(', ')']).to_lowercase();
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    if let Ok(value) = text[..end].parse::<f32>() {
        let rest = &text[end..];
        let value = if rest.starts_with("/10") && !rest.starts_with("/100") {
            value * 10.0
        } else if rest.starts_with("/5") {
            value * 20.0
        } else if value <= 1.0 && text.contains('.') {
            value * 100.0
        } else {
            value
        };
        return (0.0..=100.0).contains(&value).then_some(value as u8);
    }
    match text.split(|c: char| !c.is_alphanumeric()).next()? {
        "high" | "certain" | "confirmed" | "definite" => Some(90),
        "medium" | "moderate" | "likely" => Some(60),
        "low" | "speculative" | "possible" => Some(30),
        _ => None,
    }
}

fn tidy(text: &str) -> String {
    let text = text.trim().trim_matches(['-', '–', '—', '|', ' ']).trim_end_matches([':', '：']).trim();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    #[test]
    fn first_lines() {
        let cases: &[(&str, &str, Option<Severity>, Option<&str>)] = &[
            (
                "### 1. [src/auth.ts:42-44] SQL is built from the request",
                "SQL is built from the request",
                None,
                Some("src/auth.ts:42-44"),
            ),
            (
                "### ! Remote-only agents — `src/p.ts:501`",
                "Remote-only agents",
                Some(Severity::Blocker),
                Some("src/p.ts:501"),
            ),
            (
                "## Note 1 (severity: medium): `last` — misleading comment",
                "`last` — misleading comment",
                Some(Severity::Medium),
                None,
            ),
            ("## Blocker: operator-precedence bug", "operator-precedence bug", Some(Severity::Blocker), None),
            (
                "### [HIGH] Race in `cache.go:10`",
                "Race in `cache.go:10`",
                Some(Severity::High),
                Some("cache.go:10"),
            ),
            ("**SEC-01: Missing check** (`a.py:3`)", "Missing check", None, Some("a.py:3")),
            ("🔴 **Critical** — SQL injection", "SQL injection", Some(Severity::Critical), None),
            (
                "High — `apps/web/lib/template.ts:1`",
                "",
                Some(Severity::High),
                Some("apps/web/lib/template.ts:1"),
            ),
            (
                "[P1] Guard the empty list — /w/src/a.rs:10-12",
                "Guard the empty list",
                Some(Severity::High),
                Some("/w/src/a.rs:10-12"),
            ),
            (
                "### [correctness] [demoted: previously reviewed] Remote only — `src/p.ts:501`",
                "Remote only",
                None,
                Some("src/p.ts:501"),
            ),
            ("High memory usage in loop", "High memory usage in loop", None, None),
            ("### Finding 3: Token leak (High)", "Token leak", Some(Severity::High), None),
            ("`src/a.ts:12`: missing null check", "missing null check", None, Some("src/a.ts:12")),
        ];
        for (line, title, severity, place) in cases {
            let head = parse(line);
            assert_eq!(head.title, *title, "{line}");
            assert_eq!(head.rated.map(|r| r.0), *severity, "{line}");
            assert_eq!(head.places.first().map(|p| p.place.display()).as_deref(), *place, "{line}");
        }
    }
}
