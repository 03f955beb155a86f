//! Severities that are signs and letters: icons, `!`, `H`, `SEC-H01`.

use super::Rated;
use crate::vocabulary::SEVERITY;
use findings::Severity;

/// Is this the sign of a severity?
pub(crate) fn is_mark(c: char) -> bool {
    !c.is_ascii() && SEVERITY.marks.iter().any(|(mark, _)| mark.starts_with(c))
}

pub(super) fn mark_level(text: &str) -> Option<(Severity, &'static str)> {
    if text.is_ascii() {
        return None;
    }
    SEVERITY
        .marks
        .iter()
        .filter_map(|(mark, level)| text.find(mark).map(|at| (at, *level, *mark)))
        .min_by_key(|(at, _, mark)| (*at, std::cmp::Reverse(mark.len())))
        .map(|(_, level, mark)| (level, mark))
}

/// The sign at the start of a text and what follows it: `🔴 Title`.
pub(crate) fn leading_mark(text: &str) -> Option<(Rated, &str)> {
    let text = text.trim_start();
    if text.as_bytes().first().is_none_or(u8::is_ascii) {
        return None;
    }
    SEVERITY.marks.iter().find_map(|(mark, level)| {
        text.strip_prefix(mark)
            .map(|rest| ((*level, (*mark).to_string()), rest.trim_start_matches(['\u{fe0f}', ' '])))
    })
}

/// The newer format's modal signs: `! Title`, `~ Title`. They mean something
/// only alone and followed by a space.
pub(crate) fn modal_sign(text: &str) -> Option<(Rated, &str)> {
    let mut chars = text.chars();
    let sign = chars.next()?;
    let rest = chars.as_str();
    let level = match sign {
        '!' | '⊗' => Severity::Blocker,
        '~' | '≉' => Severity::Medium,
        '?' => Severity::Low,
        _ => return None,
    };
    (rest.starts_with(' ')).then(|| ((level, sign.to_string()), rest.trim_start()))
}

/// `(h)`, `[M]` before a title.
pub(crate) fn of_letter(inside: &str) -> Option<Rated> {
    let level = match inside {
        // E, W, S and I are a linter's: error, warning, style, info.
        "c" | "C" => Severity::Critical,
        "h" | "H" | "E" => Severity::High,
        "m" | "M" | "W" => Severity::Medium,
        "l" | "L" | "S" | "I" => Severity::Low,
        _ => return None,
    };
    Some((level, inside.to_string()))
}

/// `H`: a letter of the four levels, in capitals.
pub(crate) fn of_level_letter(text: &str) -> Option<Rated> {
    matches!(text.trim(), "C" | "H" | "M" | "L").then(|| of_letter(text.trim())).flatten()
}

/// `SEC-H01`, `CRIT-1`, `HIGH-02`: the letter before the number.
pub(crate) fn of_id(id: &str) -> Option<Severity> {
    let upper = id.to_uppercase();
    let head = upper.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '_');
    let last = head.rsplit(['-', '_']).next()?;
    // `C901`, `H303`: the numbers of a linter's rules; nobody has so many findings of a level.
    let digits = upper[head.len()..].bytes().take_while(u8::is_ascii_digit).count();
    if last.len() == 1 && digits > 2 {
        return None;
    }
    Some(match last {
        "BLOCK" | "BLOCKER" | "P0" => Severity::Blocker,
        "CRIT" | "CRITICAL" | "C" => Severity::Critical,
        "HIGH" | "HI" | "MAJ" | "P1" | "H" => Severity::High,
        "MED" | "MEDIUM" | "WARN" | "P2" | "M" => Severity::Medium,
        "LOW" | "INFO" | "NIT" | "MIN" | "SUG" | "P3" | "P4" | "L" => Severity::Low,
        _ => return None,
    })
}
