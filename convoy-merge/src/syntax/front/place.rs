//! Places and lines before a title.

use crate::locate::{self, Trust};
use crate::severity;
use crate::syntax::parts::{Head, SEPARATORS};

/// `Line 44: Title`, `L61  HIGH  Title`, `42행 Title`: the file stands above.
pub(super) fn front_lines(text: &str, head: &mut Head) -> Option<String> {
    let digits = text.bytes().take(24).any(|b| b.is_ascii_digit());
    // "`a.rs` line 66 – title": what was found as a place already.
    let known = head.places.first().map(|found| found.place.line_start);
    if head.lines.is_some() || known == Some(None) || !digits {
        return None;
    }
    let lower = crate::severity::cut(text, 40).to_lowercase();
    let table = &*crate::vocabulary::PATHS;
    let number = table.lower_line_words.iter().position(|word| lower.starts_with(word.as_str()));
    let word = number.map(|number| table.line_words[number]);
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
    // "*Line 3* (High): title"
    let rest = rest.strip_prefix(['*', '_']).filter(|_| named).unwrap_or(rest);
    // "第 120 行 …"
    let unit = if word == Some("第") { rest.trim_start() } else { rest };
    let after = unit.strip_prefix(['행', '行', '번']);
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

/// `` `src/a.ts:3` — Title `` and `` `12-14`: Title ``.
pub(super) fn front_code(text: &str, head: &mut Head) -> Option<String> {
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
pub(super) fn front_place(text: &str, head: &mut Head) -> Option<String> {
    if text.starts_with('`') || !head.title.is_empty() || !locate::may_begin(text) {
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
