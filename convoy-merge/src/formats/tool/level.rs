//! How bad it is, and by which rule: the words and codes of tools.

/// A severity and a rule's code in front of a message.
pub(super) fn rated(text: &str) -> (Option<&'static str>, bool, &str) {
    let mut rest = text;
    let mut severity = None;
    let mut coded = false;
    for _ in 0..3 {
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ':' | '[')).unwrap_or(rest.len());
        let word = rest[..end].trim_matches(['[', ']', '(', ')']);
        // RuboCop: `C: Style/Documentation: message`
        let cop = rest[end..].strip_prefix(": ").and_then(|rest| rest.split_once(": "));
        let of_cop = cop.is_some_and(|(cop, _)| cop.contains('/') && !cop.contains(' '));
        let lettered = match word {
            "F" if of_cop => Some("fatal"),
            "E" if of_cop => Some("error"),
            "W" if of_cop => Some("warning"),
            "C" | "R" | "I" if of_cop => Some("info"),
            _ => None,
        };
        if let (None, Some(level)) = (severity, lettered) {
            severity = Some(level);
            coded = true;
        } else if let (None, Some(level)) = (severity, level(word)) {
            severity = Some(level);
        } else if is_code(word) {
            severity = severity.or_else(|| level_of_code(word));
            coded = true;
        } else {
            break;
        }
        rest = rest[end..].trim_start_matches([' ', '\t']);
        if let Some(inside) = rest.strip_prefix('[') {
            rest = inside.split_once(']').map_or(rest, |(_, after)| after);
        }
        rest = rest.trim_start_matches([':', ' ', '\t']);
    }
    (severity, coded, rest.trim())
}

/// The tools' own words for how bad a remark is.
pub(super) fn level(word: &str) -> Option<&'static str> {
    const LEVELS: &[&str] = &[
        "error",
        "warning",
        "info",
        "note",
        "style",
        "hint",
        "convention",
        "refactor",
        "fatal",
        "critical",
        "help",
        "remark",
        "warn",
        "suggestion",
        "err",
    ];
    match word.trim_end_matches('\u{fe0f}') {
        "✖" | "✗" | "✘" | "×" | "❌" => return Some("error"),
        "⚠" | "‼" => return Some("warning"),
        "ℹ" => return Some("info"),
        _ => {}
    }
    let lower = word.to_lowercase();
    let known = LEVELS.iter().find(|level| **level == lower)?;
    Some(match *known {
        "warn" => "warning",
        "err" => "error",
        "style" | "convention" | "refactor" | "help" | "remark" | "note" => "info",
        known => known,
    })
}

/// `high  message`: a level in a column of its own, in whatever words.
pub(super) fn in_own_column(text: &str) -> Option<(&'static str, &str)> {
    let (word, rest) = text.split_once("  ")?;
    let (level, _) = crate::severity::exact(word.trim()).filter(|_| !word.trim().contains(' '))?;
    Some((level.name(), rest.trim_start()))
}

/// `W0102`, `TS2322`, `DL3007`: letters and at least three digits.
pub(super) fn is_code(word: &str) -> bool {
    let digits = word.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let letters = word.len() - digits.len();
    (1..=6).contains(&letters) && digits.len() >= 3 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// A letter and four digits, as pylint numbers its messages, tells the kind by the letter.
pub(super) fn level_of_code(code: &str) -> Option<&'static str> {
    if code.len() != 5 {
        return None;
    }
    match code.as_bytes().first()? {
        b'F' => Some("fatal"),
        b'E' => Some("error"),
        b'W' => Some("warning"),
        b'C' | b'R' => Some("info"),
        _ => None,
    }
}
