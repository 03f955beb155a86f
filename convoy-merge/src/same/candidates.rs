//! Pairs of members that may be one: those that share a key of place or of words. With few
//! members every pair is looked at.

use std::collections::HashSet;

use super::features::{Features, hash};
use super::place::Place;

/// Up to this many members every pair is looked at.
const ALL_PAIRS: usize = 160;
/// A key that more members share says nothing.
const COMMON: usize = 120;

/// A key, and a member that has it.
type Keyed = (u64, u32);

/// The bit of a key that says no more than that lines are near.
const NEAR: u64 = 1;

/// The first of all members that say the very same of the same place.
fn heads(all: &[Features]) -> Vec<usize> {
    let mut seen = HashSet::new();
    (0..all.len()).filter(|n| seen.insert(all[*n].whole_key)).collect()
}

/// Pairs worth a score, and those that an author names.
pub(super) fn candidates(all: &[Features], explicit: &[(usize, usize)]) -> Vec<(u32, u32)> {
    let heads = heads(all);
    if heads.len() <= ALL_PAIRS {
        let pairs = |(n, a): (usize, &usize)| {
            let a = *a as u32;
            heads[n + 1..].iter().map(move |b| (a, *b as u32)).collect::<Vec<_>>()
        };
        return heads.iter().enumerate().flat_map(pairs).collect();
    }
    let mut keyed: Vec<Keyed> = Vec::new();
    for head in &heads {
        for key in keys(&all[*head]) {
            keyed.push((key, *head as u32));
        }
    }
    keyed.sort_unstable();
    keyed.dedup();
    let runs = keyed.chunk_by(|a, b| a.0 == b.0).filter(|run| (2..=COMMON).contains(&run.len()));
    let found = || runs.clone().flat_map(|run| pairs_of(all, run));
    // In one piece: a list that grows is there twice while it moves.
    let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(found().count() + explicit.len());
    pairs.extend(explicit.iter().map(|(a, b)| (*a as u32, *b as u32)));
    pairs.extend(found());
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// The pairs of a run of members that share a key. What one report tells of two lines that
/// are only near are two findings, unless words say otherwise.
fn pairs_of<'a>(all: &'a [Features], run: &'a [Keyed]) -> impl Iterator<Item = (u32, u32)> + 'a {
    let document = |head: u32| all[head as usize].document;
    run.iter().enumerate().flat_map(move |(n, (key, a))| {
        let near = key & NEAR != 0;
        let others = run[n + 1..].iter().filter(move |(_, b)| !near || document(*a) != document(*b));
        others.map(move |(_, b)| (*a, *b))
    })
}

fn mix(parts: &[u64]) -> u64 {
    hash(parts.iter().flat_map(|part| part.to_le_bytes())) & !NEAR
}

fn keys(features: &Features) -> Vec<u64> {
    let mut out = Vec::new();
    for place in features.places.iter().take(6) {
        place_keys(place, &mut out);
    }
    let top = |vector: &[(u32, f32)], count: usize| {
        let mut list = vector.to_vec();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut ids: Vec<u64> = list.into_iter().take(count).map(|(id, _)| u64::from(id)).collect();
        ids.sort_unstable();
        ids
    };
    let title = top(&features.title, 4);
    let body = top(&features.body, 4);
    for (kind, list) in [(3, &title), (4, &body)] {
        for (at, a) in list.iter().enumerate() {
            for b in &list[at + 1..] {
                out.push(mix(&[kind, *a, *b]));
            }
        }
    }
    for ident in top(&features.idents, 3) {
        if let Some(place) = features.places.first() {
            out.push(mix(&[5, ident, place.parts.first().map_or(0, |p| u64::from(*p))]));
        }
        if let Some(word) = title.first() {
            out.push(mix(&[6, ident, *word]));
        }
    }
    out
}

/// The file name with stretches of lines; neighbours share one of two.
fn place_keys(place: &Place, out: &mut Vec<u64>) {
    let name = place.parts.first().map_or(0, |p| u64::from(*p));
    let Some((from, to)) = place.lines else {
        out.push(mix(&[1, name]));
        return;
    };
    out.push(mix(&[7, name, u64::from(from)]));
    for line in [from, to] {
        let stretch = u64::from(line / 25);
        out.extend([stretch, stretch + 1].map(|stretch| mix(&[2, name, stretch]) | NEAR));
    }
}
