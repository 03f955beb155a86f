//! What reviewers themselves say to be the same: "Same as Code Quality #4".

use std::collections::HashMap;

use crate::model::Member;
use crate::vocabulary::PHRASES;

/// "Same as Code Quality #4", "duplicate of SEC-2": pairs that an author names.
pub(super) fn references(members: &[Member]) -> std::collections::HashSet<(usize, usize)> {
    let mut by_label: HashMap<String, Vec<usize>> = HashMap::new();
    for (n, member) in members.iter().enumerate() {
        if let Some(label) = &member.label {
            by_label.entry(label.to_lowercase()).or_default().push(n);
        }
    }
    let mut out = std::collections::HashSet::new();
    for (n, member) in members.iter().enumerate() {
        let lower = crate::severity::plain(crate::text::cut(&member.text, 4000)).to_lowercase();
        if !PHRASES.same_as.mentioned(&lower) {
            continue;
        }
        for phrase in PHRASES.same_as.iter() {
            let Some(at) = crate::phrases::find_phrase(&lower, phrase) else {
                continue;
            };
            let tail: String = lower[at + phrase.len()..].chars().take(60).collect();
            if let Some(other) = referred(&tail, n, members, &by_label) {
                out.insert((n.min(other), n.max(other)));
                break;
            }
        }
    }
    out
}

fn referred(
    tail: &str,
    own: usize,
    members: &[Member],
    by_label: &HashMap<String, Vec<usize>>,
) -> Option<usize> {
    let tail = tail.split(['.', ';', '\n']).next().unwrap_or(tail);
    let words: Vec<&str> = tail
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ':'))
        .filter(|w| !w.is_empty())
        .take(6)
        .collect();
    for (at, word) in words.iter().enumerate() {
        let label = word.trim_start_matches('#');
        let numeric = label.chars().all(|c| c.is_ascii_digit());
        if label.is_empty() || numeric && !word.starts_with('#') && at == 0 {
            continue;
        }
        let Some(list) = by_label.get(label) else {
            continue;
        };
        let named: Vec<&&str> = words[..at]
            .iter()
            .filter(|w| w.len() > 3 && !matches!(**w, "finding" | "issue" | "above" | "item"))
            .collect();
        let fits = |n: usize| {
            let about = format!("{} {} {}", members[n].section, members[n].reviewer, members[n].source)
                .to_lowercase();
            n != own && named.iter().all(|w| about.contains(**w))
        };
        let fitting: Vec<usize> = list.iter().copied().filter(|n| fits(*n)).collect();
        let near: Vec<usize> =
            fitting.iter().copied().filter(|n| members[*n].source == members[own].source).collect();
        match (&near[..], &fitting[..]) {
            ([one], _) | ([], [one]) => return Some(*one),
            _ => {}
        }
    }
    None
}
