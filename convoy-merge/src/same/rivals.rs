//! Who else might be meant: a report tells each defect once, so of its findings near
//! another's only the one that fits best is the same.

use std::collections::HashMap;

use super::features::Features;
use super::lexicon::cosine;
use super::place::{Nearness, nearness};

/// Log-odds; a rival that is worse by more than this is none.
pub(super) const REACH: f64 = 4.0;
/// So many of a document's findings are kept for each member.
const KEPT: usize = 4;

/// A finding of another document and how well it fits, as log-odds.
type Fit = (f32, u32);

/// For each member and each other document: which of its findings fit best.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    /// By member and document, the best first.
    best: HashMap<(u32, u32), Vec<Fit>>,
}

impl Rivals {
    /// `pairs`: two members and how well they fit.
    pub(super) fn new(all: &[Features], pairs: &[(u32, u32, f32)]) -> Self {
        let mut best: HashMap<(u32, u32), Vec<Fit>> = HashMap::new();
        for (a, b, fit) in pairs {
            let (of_a, of_b) = (all[*a as usize].document as u32, all[*b as usize].document as u32);
            if of_a == of_b {
                continue;
            }
            for (key, other) in [((*a, of_b), *b), ((*b, of_a), *a)] {
                let list = best.entry(key).or_default();
                let at = list.partition_point(|(known, n)| (-known, *n) < (-fit, other));
                list.insert(at, (*fit, other));
                list.truncate(KEPT);
            }
        }
        Rivals { best }
    }

    /// By how much the two fit better (above zero) or worse than the best of what else one
    /// of the two reports has, within [`REACH`].
    pub(super) fn margin(&self, all: &[Features], a: usize, b: usize, fit: f64) -> f64 {
        let rival = self.rival(all, a, b).into_iter().chain(self.rival(all, b, a)).fold(f64::MIN, f64::max);
        (fit - rival).clamp(-REACH, REACH)
    }

    /// What else of `other`'s report fits `member`.
    fn rival(&self, all: &[Features], member: usize, other: usize) -> Option<f64> {
        let list = self.best.get(&(member as u32, all[other].document as u32))?;
        let rival = |n: usize| n != other && !said_again(&all[n], &all[other]);
        list.iter().find(|(_, n)| rival(*n as usize)).map(|(fit, _)| f64::from(*fit))
    }
}

/// Does one report say the same there, as a table repeats what is told above?
fn said_again(x: &Features, y: &Features) -> bool {
    (x.title_key == y.title_key || cosine(&x.title, &y.title) > 0.9)
        && matches!(nearness(&x.places, &y.places), Nearness::Overlap(_) | Nearness::Unknown)
}
