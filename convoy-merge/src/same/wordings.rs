//! Which kinds of defects a finding tells of, by all of its words: learnt from wordings of
//! which the kind is known (`corpus/wordings`), for defects that are told in words that no
//! phrase of `data/concepts.tsv` foresaw.
//!
//! `data/wordings.tsv` says of a word how much more often it stands in wordings of a kind
//! than in others. Words that a kind's wordings do not have speak against it a little.

#[cfg(test)]
mod learn;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::lexicon::Vector;
use crate::vocabulary::rows;

/// How much a word that no wording of a kind has speaks against it, as log-odds.
const UNHEARD: f32 = 1.0;
/// Words of one text are not independent of each other: what they say together is divided.
const DEPENDENCE: f32 = 3.0;
/// A kind that is less likely than the likeliest one by this factor is none.
const LEAST: f32 = 0.02;
/// So many of the likeliest kinds are kept: a run of many findings has no room for more.
const KEPT: usize = 32;
/// A text of fewer words that are known says nothing.
const FEW: usize = 2;

/// A kind, by its number, and how much more often its wordings have a word, as log-odds.
pub(super) type Weight = (u16, f32);

struct Table {
    kinds: Vec<&'static str>,
    /// By root: `number:tenths` of log-odds, parted by blanks.
    words: HashMap<&'static str, &'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { kinds: Vec::new(), words: HashMap::new() };
    for row in rows(include_str!("../../data/wordings.tsv")) {
        match row[..] {
            ["", kinds] => table.kinds = kinds.split(' ').collect(),
            [word, weights] => {
                table.words.insert(word, weights);
            }
            _ => {}
        }
    }
    table
});

/// What a root says of the kinds; empty: nothing is known of it.
pub(super) fn weights(root: &str) -> Vec<Weight> {
    let Some(weights) = TABLE.words.get(root) else { return Vec::new() };
    let weight = |pair: &str| {
        let (kind, tenths) = pair.split_once(':')?;
        Some((kind.parse().ok()?, tenths.parse::<f32>().ok()? / 10.0))
    };
    weights.split(' ').filter_map(weight).collect()
}

/// The kinds that words tell of together, each as likely as the vector says: a unit vector.
pub(super) fn told<'w>(words: impl Iterator<Item = &'w [Weight]>) -> Vector {
    let mut sums = vec![0.0f32; TABLE.kinds.len()];
    let mut heard = 0;
    for word in words.filter(|word| !word.is_empty()) {
        heard += 1;
        for (kind, weight) in word {
            if let Some(sum) = sums.get_mut(usize::from(*kind)) {
                *sum += weight + UNHEARD;
            }
        }
    }
    if heard < FEW {
        return Vector::new();
    }
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let likely = sums.iter().map(|sum| ((sum - most) / DEPENDENCE).exp());
    let mut vector: Vector = (0u32..).zip(likely).filter(|(_, likely)| *likely >= LEAST).collect();
    if vector.len() > KEPT {
        vector.select_nth_unstable_by(KEPT, |a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        vector.truncate(KEPT);
        vector.sort_unstable_by_key(|(kind, _)| *kind);
    }
    vector.shrink_to_fit();
    let norm = vector.iter().map(|(_, likely)| likely * likely).sum::<f32>().sqrt();
    for (_, likely) in &mut vector {
        *likely /= norm;
    }
    vector
}

/// The kind that two texts most likely share, for people.
pub(super) fn common(a: &[(u32, f32)], b: &[(u32, f32)]) -> Option<&'static str> {
    let mut best: Option<(f64, u32)> = None;
    super::lexicon::each_shared(a, b, |kind, x, y| {
        if best.is_none_or(|(most, _)| x * y > most) {
            best = Some((x * y, kind));
        }
    });
    TABLE.kinds.get(best?.1 as usize).copied()
}
