//! What became of every candidate of a report, and by which row of the rules.

use std::fmt::Write as _;

use super::walk;
use crate::formats;
use crate::rules::Rules;
use crate::severity::cut;
use crate::signs::marks::Marks;
use crate::syntax::{outline, tree};

/// A line per candidate: where, what it is written as, its first words, its signs, the
/// row that decided and the verdict.
pub(crate) fn explain(text: &str) -> String {
    let markdown = formats::as_markdown(text);
    let text = markdown.as_deref().unwrap_or(text);
    let blocks = tree::parse(text);
    let root = outline::build(text, &blocks);
    let mut decisions = walk::walk(text, &Marks::of(text), &root, Rules::default()).decisions;
    decisions.sort_by_key(|decision| decision.at);
    let mut out = String::new();
    let (mut line, mut at) = (1, 0);
    for decision in decisions {
        line += text[at..decision.at].matches('\n').count();
        at = decision.at;
        let words = text[at..].lines().next().unwrap_or_default();
        let candidate = &decision.candidate;
        let _ = writeln!(
            out,
            "line {line} {:?} in {:?}: {}\n    {} -> {:?}\n    {:?}",
            candidate.shape,
            candidate.mode,
            cut(words, 100).trim_end(),
            decision.row,
            decision.verdict,
            candidate.signs,
        );
    }
    let read = super::read(text, Rules::default());
    let _ = writeln!(out, "{}, {} findings", super::state(&read), read.members.len());
    for note in &read.notes {
        let _ = writeln!(out, "    {note}");
    }
    out
}

/// The rows that decided about the candidates of a report.
#[cfg(test)]
pub(crate) fn rows_of(text: &str) -> Vec<&'static str> {
    let blocks = tree::parse(text);
    let root = outline::build(text, &blocks);
    walk::walk(text, &Marks::of(text), &root, Rules::default()).decisions.iter().map(|d| d.row).collect()
}
