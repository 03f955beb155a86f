//! Prose to findings: what the rules found becomes records, and the report as a whole
//! is judged: whether it is a review, whether it is whole, whether it is clean.

mod body;
mod closing;
mod contradiction;
mod counts;
mod explain;
mod kind;
mod places;
mod record;
mod repeats;
mod reviewer;
mod sentences;
mod unit;
mod unread;
mod verdict;
mod walk;

use crate::formats;
use crate::model::Extraction;
use crate::model::Recognised;
use crate::rules::Rules;
use crate::signs::marks::Marks;
use crate::syntax::outline::{self, Section};
use crate::syntax::tree;

pub(crate) use explain::explain;
#[cfg(test)]
pub(crate) use explain::rows_of;
pub(crate) use reviewer::reviewer_of;

/// Reads a report in prose.
pub(crate) fn read(text: &str, rules: Rules) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let blocks = tree::parse(text);
    let root = outline::build(text, &blocks);
    out.title = document_title(text, &root);
    if kind::is_other(text, &root) {
        out.notes.push("reads like instructions, a plan or release notes, not like a review".to_string());
        return out;
    }
    let marks = Marks::of(text);
    let mut found = walk::walk(text, &marks, &root, rules);
    let document = verdict::Document::new(text, &marks, &root, tree::code(&blocks));
    let likely = found.units.is_empty() && document.says_clean() != verdict::Clean::Stated;
    let weak = std::mem::take(&mut found.likely);
    let strong = std::mem::take(&mut found.units);
    let (mut units, left) = if likely {
        (unit::disjoint_likely(text, weak), Vec::new())
    } else {
        unit::with_alike(strong, weak, root.children.is_empty(), is_notes(&root))
    };
    found.left.extend(left);
    closing::end_at_total(text, &mut units);
    out.members = units.iter().map(|unit| record::member(text, unit)).collect();
    let repeated: Vec<_> = found.repeated.iter().map(|unit| record::member(text, unit)).collect();
    repeats::complete_by(&mut out.members, &repeated);
    let dropped = kind::demand_evidence(text, &root, likely, &mut out.members, &mut units);
    found.left.extend(dropped);
    repeats::remove(&mut out.members, &units, &mut out.notes);
    if out.members.is_empty() {
        out.members = formats::embedded::members(text, &blocks);
    }
    if out.members.is_empty() {
        out.members = formats::grid::members(text);
    }
    if out.members.is_empty() {
        out.members = formats::embedded::of_front_matter(text);
    }
    document.judge(&found, &mut out);
    out
}

/// Is it a text without headings but that of the whole?
fn is_notes(root: &Section<'_>) -> bool {
    match &root.children[..] {
        [] => true,
        [only] => only.level == 1 && only.children.is_empty(),
        _ => false,
    }
}

/// The first top heading.
pub(crate) fn document_title(text: &str, root: &Section<'_>) -> Option<String> {
    let first = root.children.first()?;
    let early = text[..first.range.start].trim().len() < 2000;
    (first.level <= 2 && early).then(|| first.title.trim().to_string()).filter(|t| !t.is_empty())
}

/// The state of a report, for people.
pub(crate) fn state(out: &Extraction) -> String {
    let whole = if out.complete || out.recognised == Recognised::Unreadable { "" } else { ", incomplete" };
    format!("{}{whole}", out.recognised.name())
}

#[cfg(test)]
mod tests;
