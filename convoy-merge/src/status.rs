//! What became of a finding, where a status may stand: a field, a cell, a tag of a title.

use crate::model::Status;
use crate::severity::{cut, plain};
use crate::vocabulary::STATUSES;

/// A text without signs around it, in lower case.
fn bare(text: &str) -> String {
    plain(text).trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Is this text (a tag, what stands behind a dash) nothing but a status?
pub(crate) fn exact(text: &str) -> Option<Status> {
    (text.len() <= 60).then(|| STATUSES.get(bare(text).as_str()).copied()).flatten()
}

/// The status that a field's or cell's value begins with: `RESOLVED (2026-01-07)`.
pub(crate) fn of_field(value: &str) -> Option<Status> {
    let lower = bare(cut(value, 120));
    let first =
        lower.split(['(', '（', ',', ';', '.', ':', '—', '–', '。', '，']).next().unwrap_or(&lower).trim();
    if let Some(status) = STATUSES.get(first) {
        return Some(*status);
    }
    // "fixed in 1f3a", "resolved by Ann": the words that go on limit nothing.
    let (word, rest) = first.split_once(' ')?;
    let status = STATUSES.get(word).copied()?;
    let next = rest.split(' ').next().unwrap_or_default();
    matches!(
        next,
        "in" | "by"
            | "on"
            | "at"
            | "since"
            | "with"
            | "via"
            | "en"
            | "em"
            | "am"
            | "le"
            | "il"
            | "el"
            | "w"
            | "в"
    )
    .then_some(status)
}
