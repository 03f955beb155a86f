//! Numbers for words, so that texts are compared as sorted lists of numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::words;

/// A sparse vector: word and weight, sorted by word. Short weights: a run of many findings
/// holds millions of them.
pub(crate) type Vector = Vec<(u32, f32)>;

/// FNV-1a: the same on every machine and in every run; quick for words.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

type Numbers<V> = HashMap<String, V, BuildHasherDefault<Fnv>>;

/// Words and in how many texts each stands.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    ids: Numbers<u32>,
    /// Words as they stand in texts; `None` = they say nothing.
    raw: Numbers<Option<u32>>,
    texts: Vec<u32>,
}

impl Lexicon {
    pub(super) fn id(&mut self, word: &str) -> u32 {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = self.texts.len() as u32;
        self.ids.insert(word.to_string(), id);
        self.texts.push(0);
        id
    }

    /// The terms of a text, in order.
    pub(super) fn terms(&mut self, text: &str) -> Vec<u32> {
        let mut out = Vec::new();
        words::each(text, |word, whole| {
            if whole {
                out.push(self.id(word));
                return;
            }
            let id = match self.raw.get(word) {
                Some(id) => *id,
                None => {
                    let id = words::term(word).map(|term| self.id(&words::root(&term)));
                    self.raw.insert(word.to_string(), id);
                    id
                }
            };
            out.extend(id);
        });
        out
    }

    /// Counts a text in for the rareness of its words.
    pub(super) fn count_in(&mut self, sorted: &[(u32, u32)]) {
        for (id, _) in sorted {
            self.texts[*id as usize] += 1;
        }
    }

    /// How much a word says if `n` texts are compared: the rarer, the more.
    pub(super) fn rareness(&self, id: u32, n: f64) -> f64 {
        (1.0 + n / (1.0 + f64::from(self.texts[id as usize]))).ln()
    }

    /// A unit vector of weights; `damp` = repeats count little.
    pub(super) fn weigh(&self, counted: &[(u32, u32)], n: f64, damp: bool) -> Vector {
        let weight = |id: u32, count: u32| {
            let times = if damp { 1.0 + f64::from(count).ln() } else { f64::from(count) };
            times * self.rareness(id, n)
        };
        let norm = counted.iter().map(|(id, count)| weight(*id, *count).powi(2)).sum::<f64>().sqrt();
        let unit = if norm > 0.0 { norm } else { 1.0 };
        counted.iter().map(|(id, count)| (*id, (weight(*id, *count) / unit) as f32)).collect()
    }
}

/// Sorted, each with how often it stands.
pub(super) fn counted(mut ids: Vec<u32>) -> Vec<(u32, u32)> {
    ids.sort_unstable();
    let mut out: Vec<(u32, u32)> = Vec::new();
    for id in ids {
        match out.last_mut() {
            Some((before, n)) if *before == id => *n += 1,
            _ => out.push((id, 1)),
        }
    }
    out
}

pub(super) fn cosine(a: &[(u32, f32)], b: &[(u32, f32)]) -> f64 {
    shared(a, b, |x, y| x * y)
}

/// The sum over what stands in both.
pub(super) fn shared(a: &[(u32, f32)], b: &[(u32, f32)], join: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += join(f64::from(a[i].1), f64::from(b[j].1));
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

/// Do two sorted lists have anything in common?
pub(super) fn meet<T: Ord>(a: &[T], b: &[T]) -> bool {
    a.iter().any(|x| b.binary_search(x).is_ok())
}
