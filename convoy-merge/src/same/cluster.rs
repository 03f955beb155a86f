//! Groups members that are one defect: candidate pairs by shared keys, then
//! average-link clustering inside each connected part. No single link: chains of
//! likeness do not make one finding of a whole file.

use std::collections::HashMap;

use super::features::hash;
use super::place::Place;
use super::space::{APART, MERGE, POSSIBLE, Space};
use crate::model::Member;

/// Up to this many members every pair is looked at.
const ALL_PAIRS: usize = 160;
/// A key that more members share says nothing.
const COMMON: usize = 120;
/// A connected part larger than this is cut at a higher likeness.
const PART: usize = 120;

/// Groups (indices into members, ascending) and the pairs that were thought about.
#[derive(Debug, Default)]
pub(crate) struct Clusters {
    pub(crate) groups: Vec<Vec<usize>>,
    /// Pairs at or above [`POSSIBLE`], with their scores.
    pub(crate) pairs: Vec<(usize, usize, f64)>,
}

/// Clusters members; `apart` says which pairs must not meet.
pub(crate) fn cluster(members: &[Member], space: &Space, apart: &dyn Fn(usize, usize) -> bool) -> Clusters {
    let twins = twins(members, apart);
    let heads: Vec<usize> = twins.iter().map(|group| group[0]).collect();
    let mut pairs: Vec<(usize, usize, f64)> = candidates(space, &heads)
        .into_iter()
        .map(|(a, b)| (a as usize, b as usize))
        .filter(|(a, b)| !apart(*a, *b))
        .filter_map(|(a, b)| Some((a, b, space.score_from(a, b, POSSIBLE)?)))
        .collect();
    pairs.sort_unstable_by_key(|(a, b, _)| (*a, *b));
    let mut groups = Vec::new();
    for part in parts(&heads, &pairs, POSSIBLE) {
        groups.extend(split(&part, &pairs, space, apart, POSSIBLE));
    }
    let by_head: HashMap<usize, &Vec<usize>> = twins.iter().map(|group| (group[0], group)).collect();
    let mut groups: Vec<Vec<usize>> = groups
        .into_iter()
        .map(|group| {
            let mut all: Vec<usize> = group.iter().flat_map(|head| by_head[head].iter().copied()).collect();
            all.sort_unstable();
            all
        })
        .collect();
    groups.sort_unstable();
    Clusters { groups, pairs }
}

/// Members that say the very same of the very same place.
fn twins(members: &[Member], apart: &dyn Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut by_words: HashMap<(&str, &str, &[crate::model::Location]), usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (n, member) in members.iter().enumerate() {
        // A name alone, without place or words, is not enough to be the same.
        let bare = member.locations.is_empty() && member.body.len() < 12;
        let key = (member.title.as_str(), member.body.as_str(), &member.locations[..]);
        // A member that is to stand apart from any other is nobody's twin.
        match by_words.get(&key).filter(|_| !bare && !apart(n, n)) {
            Some(group) => groups[*group].push(n),
            _ => {
                by_words.insert(key, groups.len());
                groups.push(vec![n]);
            }
        }
    }
    groups
}

/// Pairs worth a score.
fn candidates(space: &Space, heads: &[usize]) -> Vec<(u32, u32)> {
    if heads.len() <= ALL_PAIRS {
        let pairs = |(n, a): (usize, &usize)| {
            let a = *a as u32;
            heads[n + 1..].iter().map(move |b| (a, *b as u32)).collect::<Vec<_>>()
        };
        return heads.iter().enumerate().flat_map(pairs).collect();
    }
    let mut keyed: Vec<(u64, u32)> = Vec::new();
    for head in heads {
        for key in keys(space, *head) {
            keyed.push((key, *head as u32));
        }
    }
    keyed.sort_unstable();
    keyed.dedup();
    let runs = || keyed.chunk_by(|a, b| a.0 == b.0).filter(|run| (2..=COMMON).contains(&run.len()));
    let count: usize = runs().map(|run| run.len() * (run.len() - 1) / 2).sum();
    let explicit = space.explicit_pairs();
    // In one piece: a list that grows is there twice while it moves.
    let mut pairs: Vec<(u32, u32)> = Vec::with_capacity(count + explicit.len());
    pairs.extend(explicit.into_iter().map(|(a, b)| (a as u32, b as u32)));
    for run in runs() {
        for (n, a) in run.iter().enumerate() {
            pairs.extend(run[n + 1..].iter().map(|b| (a.1, b.1)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn mix(parts: &[u64]) -> u64 {
    hash(parts.iter().flat_map(|part| part.to_le_bytes()))
}

fn keys(space: &Space, n: usize) -> Vec<u64> {
    let features = &space.features[n];
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
        out.push(mix(&[2, name, stretch]));
        out.push(mix(&[2, name, stretch + 1]));
    }
}

/// Connected parts of the heads over pairs at or above `least`.
fn parts(heads: &[usize], pairs: &[(usize, usize, f64)], least: f64) -> Vec<Vec<usize>> {
    let at: HashMap<usize, usize> = heads.iter().enumerate().map(|(n, head)| (*head, n)).collect();
    let mut parent: Vec<usize> = (0..heads.len()).collect();
    for (a, b, score) in pairs {
        if *score < least {
            continue;
        }
        if let (Some(a), Some(b)) = (at.get(a), at.get(b)) {
            let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut groups: HashMap<usize, Vec<usize>> = HashMap::new();
    for (n, head) in heads.iter().enumerate() {
        groups.entry(root(&mut parent, n)).or_default().push(*head);
    }
    let mut list: Vec<Vec<usize>> = groups.into_values().collect();
    list.sort_unstable();
    list
}

fn root(parent: &mut [usize], mut n: usize) -> usize {
    while parent[n] != n {
        parent[n] = parent[parent[n]];
        n = parent[n];
    }
    n
}

fn split(
    part: &[usize],
    pairs: &[(usize, usize, f64)],
    space: &Space,
    apart: &dyn Fn(usize, usize) -> bool,
    least: f64,
) -> Vec<Vec<usize>> {
    if part.len() == 1 {
        return vec![part.to_vec()];
    }
    if part.len() > PART {
        if least > 0.95 {
            // Too alike to tell apart and too many: each stays for itself.
            return part.iter().map(|n| vec![*n]).collect();
        }
        let inside: std::collections::HashSet<usize> = part.iter().copied().collect();
        let own: Vec<(usize, usize, f64)> =
            pairs.iter().filter(|(a, _, _)| inside.contains(a)).copied().collect();
        let next = least + 0.06;
        return parts(part, &own, next).iter().flat_map(|p| split(p, &own, space, apart, next)).collect();
    }
    average_link(part, space, apart)
}

/// Joins the two likest groups until none are as like as [`MERGE`] on average.
fn average_link(part: &[usize], space: &Space, apart: &dyn Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let n = part.len();
    let mut likeness = vec![vec![0.0f64; n]; n];
    for i in 0..n {
        for j in i + 1..n {
            let score = if apart(part[i], part[j]) { APART * 20.0 } else { space.score(part[i], part[j]) };
            likeness[i][j] = score;
            likeness[j][i] = score;
        }
    }
    let mut groups: Vec<Option<Vec<usize>>> = part.iter().map(|m| Some(vec![*m])).collect();
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for i in 0..n {
            if groups[i].is_none() {
                continue;
            }
            for j in i + 1..n {
                if groups[j].is_some()
                    && likeness[i][j] >= MERGE
                    && best.is_none_or(|(s, _, _)| likeness[i][j] > s)
                {
                    best = Some((likeness[i][j], i, j));
                }
            }
        }
        let Some((_, i, j)) = best else { break };
        let moved = groups[j].take().unwrap_or_default();
        let (size_i, size_j) = (groups[i].as_ref().map_or(0, Vec::len) as f64, moved.len() as f64);
        let joined: Vec<f64> = likeness[i]
            .iter()
            .zip(&likeness[j])
            .map(|(a, b)| (a * size_i + b * size_j) / (size_i + size_j))
            .collect();
        for (row, value) in likeness.iter_mut().zip(&joined) {
            row[i] = *value;
        }
        likeness[i] = joined;
        if let Some(group) = groups[i].as_mut() {
            group.extend(moved);
        }
    }
    groups.into_iter().flatten().collect()
}
