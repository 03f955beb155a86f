//! Parallel wording: two titles that say the same but for one word, where that word
//! is what it is about. `connect times out too early`, `read times out too early`.

use super::features::Features;
use super::pole::Pole;

/// How two titles differ, if they are parallel: strengths from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Parallel {
    /// Opposite words.
    pub(super) opposite: f64,
    /// Another name in the same place of the sentence.
    pub(super) names: f64,
    /// Another word in the same place of the sentence.
    pub(super) words: f64,
}

/// Compares two titles. A word that the other finding has anywhere is no difference.
pub(super) fn compare(x: &Features, y: &Features) -> Parallel {
    let (a, b) = (&x.said, &y.said);
    let only_a: Vec<u32> = a.iter().copied().filter(|word| !b.contains(word)).collect();
    let only_b: Vec<u32> = b.iter().copied().filter(|word| !a.contains(word)).collect();
    let common = a.len() - only_a.len();
    let shorter = a.len().min(b.len());
    let mut out = Parallel::default();
    // Opposites tell apart what else has a third of its words in common.
    if common > 0 && common * 3 >= shorter && opposed(x, y) {
        out.opposite = 1.0;
    }
    if common == 0 || common * 2 < shorter {
        return out;
    }
    let unheard =
        |words: &[u32], other: &Features| words.iter().any(|word| other.heard.binary_search(word).is_err());
    if other_names(x, y) {
        out.names = 1.0;
    } else if unheard(&only_a, y) && unheard(&only_b, x) {
        out.words = f64::from(in_one_place(a, b));
    }
    out
}

/// Does each title say something, half of it or more, of which the other finding has no word?
pub(super) fn other_claims(x: &Features, y: &Features) -> bool {
    let unheard = |a: &Features, b: &Features| {
        let only = a.said.iter().filter(|word| b.heard.binary_search(word).is_err()).count();
        only > 0 && only * 2 >= a.said.len()
    };
    unheard(x, y) && unheard(y, x)
}

/// Do two titles differ in one place only, where each has what the other has no word of?
pub(super) fn one_slot(x: &Features, y: &Features) -> bool {
    x.said.iter().any(|word| y.said.contains(word)) && in_one_place(&x.said, &y.said) && other_claims(x, y)
}

/// Do two sentences differ in one place only, by a word or two?
fn in_one_place(a: &[u32], b: &[u32]) -> bool {
    let first = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let room = a.len().min(b.len()) - first;
    let last = a.iter().rev().zip(b.iter().rev()).take(room).take_while(|(x, y)| x == y).count();
    let (slot_a, slot_b) = (a.len() - first - last, b.len() - first - last);
    (1..=2).contains(&slot_a) && (1..=2).contains(&slot_b)
}

/// Do the titles stand on two sides of a pair of opposites, and nothing else explains it?
fn opposed(x: &Features, y: &Features) -> bool {
    let against = |a: &[Pole], b: &[Pole], heard: &[Pole]| {
        a.iter().any(|(row, side)| {
            let other = (*row, !*side);
            b.contains(&other) && !b.contains(&(*row, *side)) && !a.contains(&other)
                // A text that speaks of both sides has both in view.
                && !heard.contains(&other)
        })
    };
    against(&x.poles, &y.poles, &x.heard_poles) && against(&y.poles, &x.poles, &y.heard_poles)
}

/// Do the titles name different things, and neither text the other's?
pub(super) fn other_names(x: &Features, y: &Features) -> bool {
    let own = |a: &Features, b: &Features| {
        let mut rest = a.names.iter().filter(|name| b.names.binary_search(name).is_err()).peekable();
        rest.peek().is_some() && rest.all(|name| b.tokens.binary_search(name).is_err())
    };
    own(x, y) && own(y, x)
}
