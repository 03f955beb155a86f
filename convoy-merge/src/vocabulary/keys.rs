//! Keys of structured reports.

use super::{list, rows};
use crate::quick::{HashMap, HashSet};
use std::sync::LazyLock;

/// Keys of JSON findings, by what they say.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) holder: HashSet<&'static str>,
    pub(crate) texts: HashSet<&'static str>,
    pub(crate) title: Vec<&'static str>,
    pub(crate) severity: Vec<&'static str>,
    pub(crate) file: Vec<&'static str>,
    pub(crate) line: Vec<&'static str>,
    pub(crate) line_end: Vec<&'static str>,
    pub(crate) place: Vec<&'static str>,
    pub(crate) nested: Vec<&'static str>,
    /// The rest, by the name of its row; the table tells what each is.
    pub(super) other: HashMap<&'static str, HashSet<&'static str>>,
}

pub(crate) static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let table = include_str!("../../data/json.tsv");
    let words = |kind: &str| list(table, kind).into_iter().flat_map(str::split_whitespace);
    Keys {
        holder: words("holder").collect(),
        texts: words("texts").collect(),
        title: words("title").collect(),
        severity: words("severity").collect(),
        file: words("file").collect(),
        line: words("line").collect(),
        line_end: words("line-end").collect(),
        place: words("place").collect(),
        nested: words("nested").collect(),
        other: rows(table)
            .filter_map(|row| match row[..] {
                [kind, list] => Some((kind, list.split_whitespace().collect())),
                _ => None,
            })
            .collect(),
    }
});

impl Keys {
    /// All words of a row.
    pub(crate) fn words(&self, row: &str) -> impl Iterator<Item = &'static str> + '_ {
        self.other.get(row).into_iter().flatten().copied()
    }

    /// Does a row of the table hold this key or value, without `_`, `-` and blanks?
    pub(crate) fn is(&self, row: &str, word: &str) -> bool {
        self.other.get(row).is_some_and(|words| words.contains(word))
    }
}
