//! Who wrote a report.

use crate::phrases::holds_phrase;
use crate::vocabulary::KINDS;

pub(crate) fn kinds_in(words: &str) -> Vec<&'static str> {
    let lower = words.to_lowercase();
    let mut found: Vec<&'static str> = Vec::new();
    for (kind, names) in KINDS.iter() {
        if names.iter().any(|name| holds_phrase(&lower, name)) && !found.contains(kind) {
            found.push(kind);
        }
    }
    found
}

/// The kind of reviewer a file name tells.
pub(crate) fn kind_of_name(name: &str) -> Option<&'static str> {
    match kinds_in(&name.replace(['_', '.'], "-"))[..] {
        [one] => Some(one),
        _ => None,
    }
}

/// Who wrote a report: by its title first, because file names lie.
pub(crate) fn reviewer_of(title: Option<&str>, path: &str) -> (String, Option<String>) {
    let stem = path.rsplit('/').next().unwrap_or(path);
    let stem = stem.rsplit_once('.').map_or(stem, |(s, _)| s);
    // <stamp>-<short id>-<role>, as convoys publish reports.
    let parts: Vec<&str> = stem.splitn(4, '-').collect();
    let stem = match parts[..] {
        [day, time, _, role]
            if day.len() == 8
                && time.len() == 6
                && day.bytes().chain(time.bytes()).all(|b| b.is_ascii_digit()) =>
        {
            role
        }
        _ => stem,
    };
    let by_name = kind_of_name(stem);
    let by_title = title.map(kinds_in).and_then(|kinds| match kinds[..] {
        [one] => Some(one),
        _ => None,
    });
    match (by_title, by_name) {
        (Some(kind), Some(name)) if kind != name => {
            (kind.to_string(), Some(format!("the title says {kind}, the file name says {name}")))
        }
        (Some(kind), _) => (kind.to_string(), None),
        (None, _) => (if stem.is_empty() { "unknown".to_string() } else { stem.to_string() }, None),
    }
}
