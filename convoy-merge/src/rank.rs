//! The order of findings. Severity decides; impact, corroboration and confidence
//! only break ties within one severity, so repetition never raises anything.

use std::cmp::Ordering;

use crate::model::Finding;
use crate::vocabulary::IMPACTS;
use crate::words;
use findings::Severity;

/// The score of a finding: 1000 · severity + 100 · impact + 10 · corroboration + confidence.
pub(crate) fn score(finding: &Finding) -> f64 {
    let severity = match finding.severity {
        Severity::Blocker => 5.0,
        Severity::Critical => 4.0,
        Severity::High => 3.0,
        // Nobody rated it: just below what somebody called medium.
        Severity::Medium => 2.0,
        Severity::Unrated => 1.9,
        Severity::Low => 1.0,
    };
    let corroboration = (finding.reviewers.len().saturating_sub(1).min(3) * 2) as f64;
    let stated = finding.members.iter().filter_map(|m| m.confidence).max();
    let confidence = stated.map_or(2.0, |c| f64::from(c) / 25.0);
    let impact = if finding.severity == Severity::Unrated {
        f64::from(impact(finding)).min(0.9)
    } else {
        f64::from(impact(finding))
    };
    1000.0 * severity + 100.0 * impact + 10.0 * corroboration + confidence
}

/// 0 to 9: how bad what it speaks of usually is.
fn impact(finding: &Finding) -> u8 {
    let worst = |text: &str| {
        let mut worst = 0;
        words::each(text, |word, whole| {
            let of = |term: &str| IMPACTS.get(term).copied().unwrap_or(0);
            worst = worst.max(if whole { of(word) } else { words::term(word).map_or(0, of) });
        });
        worst
    };
    finding
        .members
        .iter()
        .map(|m| {
            worst(&m.title)
                .max(worst(m.category.as_deref().unwrap_or_default()))
                .max(worst(crate::text::cut(&m.body, 400)).min(6))
        })
        .max()
        .unwrap_or(0)
}

/// Sorts findings and numbers them F1…; settled ones stand behind them, withdrawn ones last.
pub(crate) fn order(findings: &mut [Finding]) {
    sort_in_place(findings, |a, b| {
        a.withdrawn
            .cmp(&b.withdrawn)
            .then_with(|| a.status.is_settled().cmp(&b.status.is_settled()))
            .then_with(|| b.score.total_cmp(&a.score))
            .then_with(|| b.locations.len().cmp(&a.locations.len()))
            .then_with(|| a.locations.cmp(&b.locations))
            .then_with(|| a.title.cmp(&b.title))
            .then_with(|| key(a).cmp(&key(b)))
    });
    for (n, finding) in findings.iter_mut().enumerate() {
        finding.id = format!("F{}", n + 1);
    }
}

/// Sorts by numbers of places: a stable sort of the findings themselves needs room for half of
/// them once more.
fn sort_in_place<T>(list: &mut [T], order: impl Fn(&T, &T) -> Ordering) {
    let mut from: Vec<usize> = (0..list.len()).collect();
    from.sort_by(|a, b| order(&list[*a], &list[*b]));
    for to in 0..list.len() {
        // What stood there may have been moved on already.
        let mut at = from[to];
        while at < to {
            at = from[at];
        }
        from[to] = at;
        list.swap(to, at);
    }
}

fn key(finding: &Finding) -> Option<(&str, [usize; 2])> {
    finding.members.first().map(|m| (m.source.as_str(), m.byte_range))
}
