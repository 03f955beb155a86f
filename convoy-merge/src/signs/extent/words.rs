//! The words that mean the whole, a part, or neither: `data/extent.tsv`.

use std::sync::LazyLock;

use crate::quick::HashSet;
use crate::vocabulary::list_of_words;

/// Words of one row kind each, as the table's comments tell.
pub(in crate::signs) struct Words {
    pub(in crate::signs) whole: HashSet<&'static str>,
    pub(in crate::signs) whole_label: HashSet<&'static str>,
    pub(super) within: HashSet<&'static str>,
    pub(super) there: HashSet<&'static str>,
    pub(super) chosen: HashSet<&'static str>,
    pub(super) empty: HashSet<&'static str>,
    pub(super) ordinals: HashSet<&'static str>,
    pub(super) own: HashSet<&'static str>,
    pub(super) part_nouns: HashSet<&'static str>,
    pub(super) part_ends: Vec<&'static str>,
    pub(super) share: HashSet<&'static str>,
    pub(super) scope: HashSet<&'static str>,
    pub(super) every: HashSet<&'static str>,
    pub(super) things: HashSet<&'static str>,
    pub(in crate::signs) parts: HashSet<&'static str>,
    pub(in crate::signs) past: HashSet<&'static str>,
    pub(in crate::signs) layers: HashSet<&'static str>,
    pub(super) unspaced: Vec<&'static str>,
}

pub(in crate::signs) static EXTENT: LazyLock<Words> = LazyLock::new(|| {
    let table = include_str!("../../../data/extent.tsv");
    let words = |kind: &str| list_of_words(table, kind).into_iter().collect();
    Words {
        whole: words("whole"),
        whole_label: words("whole-label"),
        within: words("within"),
        there: words("there"),
        chosen: words("chosen"),
        empty: words("empty"),
        ordinals: words("ordinal"),
        own: words("own"),
        part_nouns: words("part-noun"),
        part_ends: list_of_words(table, "part-end"),
        share: words("share"),
        scope: words("scope"),
        every: words("every"),
        things: words("thing"),
        parts: words("part"),
        past: words("past"),
        layers: words("layer"),
        unspaced: list_of_words(table, "unspaced"),
    }
});
