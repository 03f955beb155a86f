//! Cross-references between findings that are not one: near in a file, in one
//! function, about one rare identifier, or perhaps the same after all.

use std::collections::{BTreeMap, HashMap};

use super::space::POSSIBLE;
use crate::model::{Finding, Possibly, Related};
use crate::words;

/// So near in one file that whoever mends one sees the other.
const NEAR: u32 = 30;
/// More references than this help nobody.
const MOST: usize = 6;

/// `group_of[m]` is the position of the finding that holds member `m`.
pub(crate) fn possibly(findings: &mut [Finding], group_of: &[usize], pairs: &[(usize, usize, f64)]) {
    let mut best: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for (a, b, score) in pairs {
        let (a, b) = (group_of[*a], group_of[*b]);
        if a != b && *score >= POSSIBLE {
            let slot = best.entry((a.min(b), a.max(b))).or_insert(*score);
            *slot = slot.max(*score);
        }
    }
    for ((a, b), score) in best {
        let score = (score * 1000.0).round() / 1000.0;
        for (from, to) in [(a, b), (b, a)] {
            let id = findings[to].id.clone();
            findings[from].possibly_same.push(Possibly { id, score });
        }
    }
    for finding in findings {
        finding
            .possibly_same
            .sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| number(&a.id).cmp(&number(&b.id))));
        finding.possibly_same.truncate(MOST);
    }
}

fn number(id: &str) -> usize {
    id.trim_start_matches('F').parse().unwrap_or(usize::MAX)
}

/// Findings near each other or about the same rare identifier.
pub(crate) fn related(findings: &mut [Finding]) {
    let mut links: BTreeMap<(usize, usize), String> = BTreeMap::new();
    near(findings, &mut links);
    by_identifier(findings, &mut links);
    for ((a, b), reason) in links {
        for (from, to) in [(a, b), (b, a)] {
            let id = findings[to].id.clone();
            let known = findings[from].possibly_same.iter().any(|p| p.id == id);
            if !known && findings[from].related.len() < MOST {
                findings[from].related.push(Related { id, reason: reason.clone() });
            }
        }
    }
}

fn near(findings: &[Finding], links: &mut BTreeMap<(usize, usize), String>) {
    let mut by_file: BTreeMap<&str, Vec<(u32, u32, usize)>> = BTreeMap::new();
    let mut by_symbol: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (n, finding) in findings.iter().enumerate() {
        for place in &finding.locations {
            if let Some(line) = place.line_start {
                by_file.entry(&place.file).or_default().push((line, place.line_end.unwrap_or(line), n));
            }
            if let Some(symbol) = &place.symbol {
                by_symbol.entry((&place.file, symbol)).or_default().push(n);
            }
        }
    }
    for ((_, symbol), list) in by_symbol {
        for pair in list.windows(2).filter(|pair| pair[0] != pair[1]) {
            links.insert((pair[0].min(pair[1]), pair[0].max(pair[1])), format!("same function {symbol}"));
        }
    }
    for (_, mut list) in by_file {
        list.sort_unstable();
        for (at, (_, end, n)) in list.iter().enumerate() {
            for (start, _, m) in list[at + 1..].iter().take(4) {
                if n != m && start.saturating_sub(*end) <= NEAR {
                    links
                        .entry((*n.min(m), *n.max(m)))
                        .or_insert_with(|| "near in the same file".to_string());
                }
            }
        }
    }
}

fn by_identifier(findings: &[Finding], links: &mut BTreeMap<(usize, usize), String>) {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
    for (n, finding) in findings.iter().enumerate() {
        let mut names: Vec<String> = finding
            .members
            .iter()
            .take(4)
            .flat_map(|m| words::identifiers(&format!("{} {}", m.title, crate::text::cut(&m.body, 600))))
            .filter(|name| name.len() >= 6)
            .collect();
        names.sort();
        names.dedup();
        for name in names.into_iter().take(40) {
            by_name.entry(name).or_default().push(n);
        }
    }
    let mut names: Vec<(String, Vec<usize>)> =
        by_name.into_iter().filter(|(_, list)| (2..=4).contains(&list.len())).collect();
    names.sort();
    for (name, list) in names {
        for (at, a) in list.iter().enumerate() {
            for b in &list[at + 1..] {
                links.entry((*a.min(b), *a.max(b))).or_insert_with(|| format!("both about {name}"));
            }
        }
    }
}
