//! Groups members that are one defect: average-link clustering inside each part that
//! likely pairs connect. No single link: chains of
//! likeness do not make one finding of a whole file.

use std::collections::{HashMap, HashSet};

use super::space::{APART, MERGE, POSSIBLE, Space};

/// A connected part larger than this is cut at a higher likeness.
const PART: usize = 120;

/// Groups (indices into members, ascending) and the pairs that were thought about.
#[derive(Debug, Default)]
pub(crate) struct Clusters {
    pub(crate) groups: Vec<Vec<usize>>,
    /// Pairs at or above [`POSSIBLE`], with their scores.
    pub(crate) pairs: Vec<(usize, usize, f64)>,
}

/// Clusters so many members; `apart` says which pairs must not meet.
pub(crate) fn cluster(count: usize, space: &Space, apart: &dyn Fn(usize, usize) -> bool) -> Clusters {
    let twins = twins(count, space, apart);
    let heads: Vec<usize> = twins.iter().map(|group| group[0]).collect();
    let head: HashSet<usize> = heads.iter().copied().collect();
    let pairs: Vec<(usize, usize, f64)> =
        space.likely().filter(|(a, b, _)| head.contains(a) && head.contains(b) && !apart(*a, *b)).collect();
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

/// Members that say the very same of the very same place; pairs are only made of the first
/// of each, so it is the space that says which these are.
fn twins(count: usize, space: &Space, apart: &dyn Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut by_words: HashMap<u64, usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for n in 0..count {
        // A member that is to stand apart from any other is nobody's twin.
        match by_words.get(&space.whole_key(n)).filter(|_| !apart(n, n)) {
            Some(group) => groups[*group].push(n),
            _ => {
                by_words.insert(space.whole_key(n), groups.len());
                groups.push(vec![n]);
            }
        }
    }
    groups
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
        let inside: HashSet<usize> = part.iter().copied().collect();
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
