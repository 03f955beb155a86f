//! Phrases by kind.

use super::list;
use crate::phrases::PhraseTable;
use std::sync::LazyLock;

/// Phrases of prose that decide something.
#[derive(Debug)]
pub(crate) struct Phrases {
    /// "nothing was found", as a whole statement.
    pub(crate) none: Vec<&'static str>,
    /// "no issues found" somewhere in a sentence.
    pub(crate) clean: PhraseTable,
    /// A title that praises.
    pub(crate) praise: PhraseTable,
    /// The reviewer takes it back.
    pub(crate) withdrawn: PhraseTable,
    /// Text of a prompt.
    pub(crate) prompt: PhraseTable,
    /// Words that number a finding: "Issue 3".
    pub(crate) numbered: Vec<&'static str>,
    /// Kinds of comments, that bots put where a title stands.
    pub(crate) kind_title: Vec<&'static str>,
    /// Words around a place that tell nothing themselves.
    pub(crate) frame: Vec<&'static str>,
    /// Words of headings that tell a review.
    pub(crate) review: PhraseTable,
    /// Words of headings that may tell a review, or speak of something else.
    pub(crate) perhaps_review: PhraseTable,
    /// Titles of other documents: plans, changelogs, guides.
    pub(crate) other_title: Vec<&'static str>,
    /// Last words of such titles: "checklist".
    pub(crate) other_end: Vec<&'static str>,
    /// Titles of sections that reviews do not have: "Installation".
    pub(crate) manual: Vec<&'static str>,
    /// What a check that found nothing ends with: "PASS".
    pub(crate) pass: Vec<&'static str>,
    /// Beginnings of praise: "Correct:".
    pub(crate) praise_first: Vec<&'static str>,
    /// Words that turn praise into blame: "not", "missing".
    pub(crate) negation: Vec<&'static str>,
    /// Signs of what is well.
    pub(crate) tick: Vec<&'static str>,
    /// What a status column says of what is well or mended.
    pub(crate) status_pass: Vec<&'static str>,
    /// What it says of a check that failed, in words …
    pub(crate) status_fail: Vec<&'static str>,
    /// … and by a sign.
    pub(crate) fail_mark: Vec<&'static str>,
    /// Titles of status columns.
    pub(crate) status_column: Vec<&'static str>,
    /// Rows that add up the others.
    pub(crate) sum: Vec<&'static str>,
    /// Titles of forms that nobody filled in.
    pub(crate) placeholder: Vec<&'static str>,
    /// Labels that are words of sentences too: no fields without emphasis.
    pub(crate) weak_label: Vec<&'static str>,
    /// Words before the number of a section: "Part 2: Results".
    pub(crate) part: Vec<&'static str>,
    /// Numbered steps of a plan: "Step 2".
    pub(crate) step: Vec<&'static str>,
    /// "the same as".
    pub(crate) same_as: PhraseTable,
}

pub(crate) static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let table = include_str!("../../data/phrases.tsv");
    Phrases {
        none: list(table, "none"),
        clean: list(table, "clean").into_iter().collect(),
        praise: list(table, "praise").into_iter().collect(),
        withdrawn: list(table, "withdrawn").into_iter().collect(),
        prompt: list(table, "prompt").into_iter().collect(),
        numbered: list(table, "numbered"),
        kind_title: list(table, "kind-title"),
        frame: list(table, "frame"),
        review: list(table, "review").into_iter().collect(),
        perhaps_review: list(table, "perhaps-review").into_iter().collect(),
        other_title: list(table, "other-title"),
        other_end: list(table, "other-end"),
        manual: list(table, "manual"),
        pass: list(table, "pass"),
        praise_first: list(table, "praise-first"),
        negation: list(table, "negation"),
        tick: list(table, "tick"),
        status_pass: list(table, "status-pass"),
        status_fail: list(table, "status-fail"),
        fail_mark: list(table, "fail-mark"),
        status_column: list(table, "status-column"),
        sum: list(table, "sum"),
        placeholder: list(table, "placeholder"),
        weak_label: list(table, "weak-label"),
        part: list(table, "part"),
        step: list(table, "step"),
        same_as: list(table, "same-as").into_iter().collect(),
    }
});
