//! Numbers for words, so that texts are compared as sorted lists of numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::cognates::Cognates;
use super::glossary;
use super::wordings;
use crate::vocabulary::rows;
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

/// In how many projects' reviews a word's root stands: `data/common.tsv`.
static COMMON: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for row in rows(include_str!("../../data/common.tsv")) {
        let [count, list] = row[..] else { continue };
        let count: f64 = count.parse().unwrap_or(0.0);
        map.extend(list.split(' ').map(|root| (root, count)));
    }
    map
});

/// The projects that were counted, and some more for those that were not.
const PROJECTS: f64 = 113.0;

/// How much a word says in any review, 0 to 1.
fn rarity(root: &str) -> f32 {
    let count = COMMON.get(root).copied().unwrap_or(0.0);
    ((PROJECTS / (count + 1.0)).ln() / PROJECTS.ln()) as f32
}

type Numbers<V> = HashMap<String, V, BuildHasherDefault<Fnv>>;

/// Words and in how many texts each stands.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    ids: Numbers<u32>,
    /// Words as they stand in texts, English ones and others; `None` = they say nothing.
    raw: [Numbers<Option<u32>>; 2],
    /// Is what comes not told in English?
    foreign: bool,
    /// Words of the texts in English that other languages have as well.
    cognates: Cognates,
    texts: Vec<u32>,
    /// How much each word says in any review, 0 to 1.
    rare: Vec<f32>,
    /// What each word says of kinds of defects.
    kinds: Vec<Vec<wordings::Weight>>,
}

impl Lexicon {
    pub(super) fn id(&mut self, word: &str) -> u32 {
        if let Some(id) = self.ids.get(word) {
            return *id;
        }
        let id = self.texts.len() as u32;
        self.ids.insert(word.to_string(), id);
        self.texts.push(0);
        self.rare.push(rarity(word));
        self.kinds.push(wordings::weights(word));
        id
    }

    /// Is what comes not told in English?
    pub(super) fn listen(&mut self, foreign: bool) {
        self.foreign = foreign;
    }

    /// Takes in a text in English, to know its words again where others tell them.
    pub(super) fn hear(&mut self, text: &str) {
        self.cognates.hear(text);
    }

    /// The terms of a text, in order.
    pub(super) fn terms(&mut self, text: &str) -> Vec<u32> {
        let mut out = Vec::new();
        // What a word is compared as is found once.
        words::each(text, |word, whole| {
            let of = usize::from(self.foreign);
            let id = match self.raw[of].get(word) {
                Some(id) => *id,
                None => {
                    let own = || if whole { Some(word) } else { words::term(word).map(words::root) };
                    let root = self.english(word).or_else(|| own().map(str::to_string));
                    let id = root.map(|root| self.id(&root));
                    self.raw[of].insert(word.to_string(), id);
                    id
                }
            };
            out.extend(id);
        });
        out
    }

    /// The root of the English word that a word of another language is.
    fn english(&self, word: &str) -> Option<String> {
        let shared = || glossary::english(word).or_else(|| self.cognates.english(word));
        self.foreign.then(shared).flatten().map(str::to_string)
    }

    /// Counts a text in for the rareness of its words.
    pub(super) fn count_in(&mut self, sorted: &[(u32, u32)]) {
        for (id, _) in sorted {
            self.texts[*id as usize] += 1;
        }
    }

    /// How much a word says if `n` texts are compared: the rarer in them and in any review,
    /// the more; 1 for one that stands once here and nowhere else.
    pub(super) fn rareness(&self, id: u32, n: f64) -> f64 {
        let here = (1.0 + n / (1.0 + f64::from(self.texts[id as usize]))).ln() / (1.0 + n / 2.0).ln();
        here * f64::from(self.rare[id as usize])
    }

    /// The kinds of defects that words tell of together.
    pub(super) fn kinds(&self, counted: &[(u32, u32)]) -> wordings::Told {
        wordings::told(counted.iter().map(|(id, _)| self.kinds[*id as usize].as_slice()))
    }

    /// A unit vector of weights; `damp` = repeats count little.
    pub(super) fn weigh(&self, counted: &[(u32, u32)], n: f64, damp: bool) -> Vector {
        self.weighed(counted, n, damp).0
    }

    /// A unit vector of weights, and how long it was before.
    pub(super) fn weighed(&self, counted: &[(u32, u32)], n: f64, damp: bool) -> (Vector, f64) {
        let weight = |id: u32, count: u32| {
            let times = if damp { 1.0 + f64::from(count).ln() } else { f64::from(count) };
            times * self.rareness(id, n)
        };
        let norm = counted.iter().map(|(id, count)| weight(*id, *count).powi(2)).sum::<f64>().sqrt();
        let unit = if norm > 0.0 { norm } else { 1.0 };
        (counted.iter().map(|(id, count)| (*id, (weight(*id, *count) / unit) as f32)).collect(), norm)
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
    let mut sum = 0.0;
    each_shared(a, b, |_, x, y| sum += join(x, y));
    sum
}

/// Calls `take` with each word that stands in both and its two weights.
pub(super) fn each_shared(a: &[(u32, f32)], b: &[(u32, f32)], mut take: impl FnMut(u32, f64, f64)) {
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                take(a[i].0, f64::from(a[i].1), f64::from(b[j].1));
                i += 1;
                j += 1;
            }
        }
    }
}

/// Do two sorted lists have anything in common?
pub(super) fn meet<T: Ord>(a: &[T], b: &[T]) -> bool {
    a.iter().any(|x| b.binary_search(x).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_another_language_is_the_english_one_of_the_run() {
        let mut lexicon = Lexicon::default();
        lexicon.hear("hysteresis of the polygon");
        lexicon.listen(true);
        let foreign = lexicon.terms("Hysterese polígono Ventil");
        lexicon.listen(false);
        assert_eq!(foreign, lexicon.terms("hysteresis polygon valve"));
    }
}
