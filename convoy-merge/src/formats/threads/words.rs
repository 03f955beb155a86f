//! The words of exports of review threads, as the table has them.

use crate::quick::HashSet;
use std::sync::LazyLock;

use crate::vocabulary::{list, list_of_words};

/// What each list is, the table tells.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) header: HashSet<&'static str>,
    pub(super) verb: HashSet<&'static str>,
    pub(super) says: HashSet<&'static str>,
    pub(super) part: HashSet<&'static str>,
    /// Whole lines, with blanks, below which comments stand.
    pub(super) marker: HashSet<&'static str>,
    /// Whole lines that the page around a comment has.
    pub(super) chrome: HashSet<&'static str>,
    /// Words behind a number that make it one of a line.
    pub(super) unit: Vec<&'static str>,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let table = include_str!("../../../data/threads.tsv");
    let words = |kind: &str| list_of_words(table, kind);
    Words {
        header: words("header").into_iter().collect(),
        verb: words("verb").into_iter().collect(),
        says: words("says").into_iter().collect(),
        part: words("part").into_iter().collect(),
        marker: list(table, "marker").into_iter().flat_map(|row| row.split(';')).collect(),
        chrome: list(table, "chrome").into_iter().flat_map(|row| row.split(';')).collect(),
        unit: words("unit"),
    }
});
