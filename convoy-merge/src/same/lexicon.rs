//! Numbers for words, so that texts are compared as sorted lists of numbers.

use std::collections::HashMap;

use crate::words;

/// A sparse vector: word and weight, sorted by word.
pub(crate) type Vector = Vec<(u32, f64)>;

/// Words and in how many texts each stands.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    ids: HashMap<String, u32>,
    /// Words as they stand in texts; `None` = they say nothing.
    raw: HashMap<String, Option<u32>>,
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
        let mut vector: Vector = counted
            .iter()
            .map(|(id, count)| {
                let times = if damp { 1.0 + f64::from(*count).ln() } else { f64::from(*count) };
                (*id, times * self.rareness(*id, n))
            })
            .collect();
        let norm = vector.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
        if norm > 0.0 {
            for (_, weight) in &mut vector {
                *weight /= norm;
            }
        }
        vector
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

pub(super) fn cosine(a: &[(u32, f64)], b: &[(u32, f64)]) -> f64 {
    shared(a, b, |x, y| x * y)
}

/// The sum over what stands in both.
pub(super) fn shared(a: &[(u32, f64)], b: &[(u32, f64)], join: impl Fn(f64, f64) -> f64) -> f64 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += join(a[i].1, b[j].1);
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
