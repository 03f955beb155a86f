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

use crate::vocabulary::rows;

/// How much a word that no wording of a kind has speaks against it, as log-odds.
const UNHEARD: f32 = 1.0;
/// Words of one text are not independent of each other: what they say together is divided.
const DEPENDENCE: f32 = 3.0;
/// A kind that is less likely than the likeliest one by this factor is none.
const LEAST: f32 = 0.02;
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

/// How likely words make each kind, in 255ths of the likeliest; empty: they say nothing.
#[derive(Debug, Default)]
pub(super) struct Told(Box<[u8]>);

/// The kinds that words tell of together.
pub(super) fn told<'w>(words: impl Iterator<Item = &'w [Weight]>) -> Told {
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
        return Told::default();
    }
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let likely = sums.iter().map(|sum| ((sum - most) / DEPENDENCE).exp());
    Told(likely.map(|likely| if likely < LEAST { 0 } else { (likely * 255.0).round() as u8 }).collect())
}

impl Told {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn meet(&self, other: &Told) -> u32 {
        self.0.iter().zip(&other.0).map(|(x, y)| u32::from(*x) * u32::from(*y)).sum()
    }

    /// How alike two are in what they make likely, 0 to 1.
    pub(super) fn likeness(&self, other: &Told) -> f64 {
        let meet = self.meet(other);
        // Both have a kind that is likeliest, so neither length is zero.
        if meet == 0 {
            0.0
        } else {
            f64::from(meet) / (f64::from(self.meet(self)) * f64::from(other.meet(other))).sqrt()
        }
    }

    /// The kind that two most likely share, for people.
    pub(super) fn common(&self, other: &Told) -> Option<&'static str> {
        let both = self.0.iter().zip(&other.0).map(|(x, y)| u32::from(*x) * u32::from(*y));
        let (most, kind) = both.zip(&TABLE.kinds).max_by_key(|(both, _)| *both)?;
        (most > 0).then_some(*kind)
    }
}
