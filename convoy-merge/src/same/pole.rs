//! Opposite words: `too early` and `too late`.

use crate::quick::HashMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::vocabulary::rows;

/// A pair of opposites (its row) and the side a word stands on.
pub(crate) type Pole = (u8, bool);

static POLES: LazyLock<HashMap<&'static str, Vec<Pole>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<Pole>> = HashMap::default();
    for (row, columns) in rows(include_str!("../../data/opposites.tsv")).enumerate() {
        let Some((left, right)) = columns[0].split_once('|') else { continue };
        for (words, side) in [(left, false), (right, true)] {
            for word in words.split_whitespace() {
                map.entry(word).or_default().push((row as u8, side));
            }
        }
    }
    map
});

/// The poles of a text's words, sorted.
pub(super) fn poles(text: &str) -> Vec<Pole> {
    let mut out: BTreeSet<Pole> = BTreeSet::new();
    crate::words::each(text, |word, _| out.extend(POLES.get(word).into_iter().flatten().copied()));
    out.into_iter().collect()
}
