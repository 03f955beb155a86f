//! Compares with an earlier merge: what is new, unchanged, gone.

use std::collections::{HashMap, HashSet};

use crate::merged::Merged;
use crate::model::{Finding, Member};
use crate::same::{MERGE, Space};

/// Marks findings as new or unchanged and adds those that are gone.
///
/// A finding is unchanged if its fingerprint is known, else if it is alike enough
/// to an old one that nobody claimed; it then keeps the old fingerprint.
pub(crate) fn compare(merged: &mut Merged, old: &Merged) {
    let old: Vec<&Finding> = old.findings.iter().filter(|f| f.baseline.as_deref() != Some("gone")).collect();
    let by_print: HashMap<&str, usize> =
        old.iter().enumerate().map(|(n, f)| (f.fingerprint.as_str(), n)).collect();
    let mut claimed: HashSet<usize> = HashSet::new();
    let mut open = Vec::new();
    for (n, finding) in merged.findings.iter_mut().enumerate() {
        match by_print.get(finding.fingerprint.as_str()) {
            Some(at) if claimed.insert(*at) => finding.baseline = Some("unchanged".to_string()),
            _ => open.push(n),
        }
    }
    let unclaimed: Vec<usize> = (0..old.len()).filter(|n| !claimed.contains(n)).collect();
    for (n, at) in alike(&merged.findings, &open, &old, &unclaimed) {
        claimed.insert(at);
        merged.findings[n].baseline = Some("unchanged".to_string());
        merged.findings[n].fingerprint.clone_from(&old[at].fingerprint);
    }
    for finding in &mut merged.findings {
        if finding.baseline.is_none() {
            finding.baseline = Some("new".to_string());
        }
    }
    let mut next = merged.findings.len();
    for (at, finding) in old.iter().enumerate().filter(|(at, f)| !claimed.contains(at) && !f.withdrawn) {
        let _ = at;
        next += 1;
        merged.findings.push(Finding {
            id: format!("F{next}"),
            baseline: Some("gone".to_string()),
            possibly_same: Vec::new(),
            related: Vec::new(),
            ..(*finding).clone()
        });
    }
}

/// Pairs of open new and unclaimed old findings that are alike, the likest first.
pub(crate) fn alike(
    new: &[Finding],
    open: &[usize],
    old: &[&Finding],
    unclaimed: &[usize],
) -> Vec<(usize, usize)> {
    if open.is_empty() || unclaimed.is_empty() || open.len() * unclaimed.len() > 4_000_000 {
        return Vec::new();
    }
    let member = |f: &Finding, source: &str| Member {
        source: source.to_string(),
        title: f.title.clone(),
        locations: f.locations.clone(),
        body: f.members.first().map(|m| m.body.clone()).unwrap_or_default(),
        category: f.category.clone(),
        ..Member::default()
    };
    let all: Vec<Member> = open
        .iter()
        .map(|n| member(&new[*n], "new"))
        .chain(unclaimed.iter().map(|n| member(old[*n], "old")))
        .collect();
    let space = Space::new(&all);
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for a in 0..open.len() {
        for b in 0..unclaimed.len() {
            let score = space.score(a, open.len() + b);
            if score >= MERGE {
                pairs.push((score, a, b));
            }
        }
    }
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let (mut used_a, mut used_b) = (HashSet::new(), HashSet::new());
    let mut out = Vec::new();
    for (_, a, b) in pairs {
        if !used_a.contains(&a) && !used_b.contains(&b) {
            used_a.insert(a);
            used_b.insert(b);
            out.push((open[a], unclaimed[b]));
        }
    }
    out
}
