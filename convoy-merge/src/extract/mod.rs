//! From the text of one report to its findings. Every byte of the text ends in
//! exactly one finding or in the kept appendix.

mod back;
mod body;
mod classify;
mod clean;
mod documented;
mod fields;
mod finish;
mod front;
pub(crate) mod head;
mod items;
mod kind;
mod lead;
mod outline;
mod places;
mod recognise;
mod repeats;
mod table;
pub(crate) mod tree;
mod units;

use crate::formats;
use crate::model::{Kept, Member, Recognised};

pub(crate) use clean::says_none;
pub(crate) use fields::fence_mark;
pub(crate) use finish::cut;
pub(crate) use recognise::reviewer_of;
pub(crate) use units::clause;

/// What one report says.
#[derive(Debug, Clone, Default)]
pub struct Extraction {
    /// In the order of the text; ranges do not overlap.
    pub members: Vec<Member>,
    /// What is in no finding.
    pub appendix: Vec<Kept>,
    pub recognised: Recognised,
    pub complete: bool,
    pub notes: Vec<String>,
    /// The report's own title.
    pub title: Option<String>,
    /// The reviewer it names itself, if it does.
    pub reviewer: Option<String>,
    /// An earlier merge read again brings its inputs along.
    pub inputs: Vec<crate::model::Input>,
}

/// Reads one report. `name` decides nothing but the kind of file (`.json`, `.sarif`).
pub fn extract(text: &str, name: &str) -> Extraction {
    if text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty() {
        return Extraction {
            appendix: appendix(text, &[]),
            recognised: Recognised::Empty,
            complete: true,
            ..Extraction::default()
        };
    }
    let mut out = formats::read(text, name).unwrap_or_else(|| markdown(text));
    out.appendix = appendix(text, &out.members);
    out
}

fn markdown(text: &str) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let blocks = tree::parse(text);
    let root = outline::build(text, &blocks);
    out.title = recognise::document_title(text, &root);
    if kind::is_other(text, &root) {
        out.notes.push("reads like instructions, a plan or release notes, not like a review".to_string());
        return out;
    }
    let mut mode = units::Mode::Strict;
    let mut found = units::find(text, &root, mode);
    if found.is_empty() {
        let clean = recognise::says_clean(text, &root, out.title.as_deref());
        if clean != recognise::Clean::Stated {
            mode = units::Mode::Lenient;
            found = units::find(text, &root, mode);
        }
        if clean == recognise::Clean::InProse {
            // "No other issues" after a list is not "no issues".
            found.retain(|unit| unit.head.severity_stated() || unit.section_rated.is_some());
        }
    }
    documented::end_at_total(text, &mut found);
    disjoint(&mut found);
    out.members = found.iter().map(|unit| finish::member(text, unit)).collect();
    recognise::demand_evidence(text, &root, mode, &mut out.members, &mut found);
    repeats::remove(&mut out.members, &found, &mut out.notes);
    if out.members.is_empty() {
        out.members = formats::json::fenced(text, &blocks);
    }
    recognise::judge(text, &root, &mut out);
    out
}

/// Ranges in order and apart: what begins inside another is part of it.
fn disjoint(found: &mut Vec<units::Unit>) {
    found.sort_by_key(|unit| (unit.range.start, std::cmp::Reverse(unit.range.end)));
    let mut end = 0;
    found.retain(|unit| {
        let apart = unit.range.start >= end && unit.range.end > unit.range.start;
        if apart {
            end = unit.range.end;
        }
        apart
    });
}

fn appendix(text: &str, members: &[Member]) -> Vec<Kept> {
    let mut kept = Vec::new();
    let mut at = 0;
    let mut keep = |from: usize, to: usize| {
        if to > from {
            kept.push(Kept {
                byte_range: [from, to],
                text: text.get(from..to).unwrap_or_default().to_string(),
            });
        }
    };
    for member in members {
        keep(at, member.byte_range[0]);
        at = member.byte_range[1];
    }
    keep(at, text.len());
    kept
}
