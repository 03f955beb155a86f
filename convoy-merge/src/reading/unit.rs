//! Stretches of a report that are findings.

use std::ops::Range;

use crate::model::Status;
use crate::rules::Mode;
use crate::rules::{Shape, Verdict};
use crate::severity::Rated;
use crate::sign::Sign;
use crate::signs::{Above, Seen};
use crate::syntax::head::Head;
use crate::syntax::lead;
use crate::syntax::table::Cells;

/// A stretch that is a finding, and what was read from its head.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "a finding may show any of these beside each other")]
pub(crate) struct Unit {
    pub(crate) range: Range<usize>,
    /// Where the text behind the heading begins.
    pub(crate) body: usize,
    pub(crate) head: Head,
    pub(crate) shape: Shape,
    pub(crate) section: String,
    pub(crate) section_rated: Option<Rated>,
    pub(crate) file: Option<String>,
    /// The lines of that file that its heading is.
    pub(crate) lines: Option<(u32, u32)>,
    pub(crate) status: Option<Status>,
    /// A table row: header and cell, in order.
    pub(crate) cells: Cells,
    /// The lines of its table count from 0.
    pub(crate) from_zero: bool,
    /// It stands in a section that says things again or speaks of something else.
    pub(crate) aside: bool,
    /// It shows by itself that it is a finding, and could stand alone.
    pub(super) evident: bool,
    /// It names a line.
    pub(super) placed: bool,
    /// It begins with a place and its line.
    pub(super) place_first: bool,
    /// It says that something must be done, in a file.
    pub(super) demands: bool,
    pub(super) verdict: Verdict,
}

/// Ranges in order and apart: what begins inside another is part of it.
pub(super) fn disjoint(units: Vec<Unit>) -> Vec<Unit> {
    apart(units, |_, _| false)
}

/// The same of what is likely. A paragraph behind another that is rated ends it where it is rated
/// itself, by a tag at its end: "It waits. (high)".
pub(super) fn disjoint_likely(text: &str, units: Vec<Unit>) -> Vec<Unit> {
    apart(units, |before, unit| {
        let between = &text[before.range.start..unit.range.start];
        let said = text[unit.range.clone()].trim_end();
        before.head.severity_stated()
            && between.ends_with("\n\n")
            && lead::rated_at_end(said.split("\n\n").next().unwrap_or(said)).is_some()
    })
}

/// `ends`: does the second, which begins inside the first, end it?
fn apart(mut units: Vec<Unit>, ends: impl Fn(&Unit, &Unit) -> bool) -> Vec<Unit> {
    units.sort_by_key(|unit| (unit.range.start, std::cmp::Reverse(unit.range.end)));
    let mut out: Vec<Unit> = Vec::new();
    for unit in units.into_iter().filter(|unit| !unit.range.is_empty()) {
        if let Some(last) = out.last_mut()
            && unit.range.start < last.range.end
        {
            if unit.range.start == last.range.start || !ends(last, &unit) {
                continue;
            }
            last.range.end = unit.range.start;
        }
        out.push(unit);
    }
    out
}

/// Findings, and what is written like them though it shows less: `a.c:3: …` in paragraphs of
/// its own, where another one is rated.
/// In a text without headings, `letter`, sentences are as good as paragraphs; in one with no other
/// than its title, `notes`, items are. And what is left of the others: what is rated or names a line
/// could be a finding, too.
pub(super) fn with_alike(
    units: Vec<Unit>,
    likely: Vec<Unit>,
    letter: bool,
    notes: bool,
) -> (Vec<Unit>, Vec<Range<usize>>) {
    let told = |unit: &Unit| matches!(unit.shape, Shape::Para | Shape::Line | Shape::Item);
    let (letter, notes) = (letter && units.iter().all(told), notes && units.iter().all(told));
    let listed = units.iter().any(|unit| unit.shape == Shape::Item);
    let first = |unit: &Unit| {
        let beside = match unit.shape {
            Shape::Line => unit.placed || !listed && !unit.head.places.is_empty(),
            shape => shape == Shape::Item && (unit.placed || unit.demands),
        };
        unit.place_first && unit.shape == Shape::Para
            || beside && (letter || notes && unit.shape == Shape::Item)
    };
    let alike = letter || notes || units.iter().any(first);
    let apart = |other: &Unit| {
        units.iter().all(|unit| unit.range.end <= other.range.start || other.range.end <= unit.range.start)
    };
    let (more, others): (Vec<Unit>, Vec<Unit>) =
        likely.into_iter().filter(apart).partition(|unit| alike && first(unit));
    let units = disjoint(units.into_iter().chain(more).collect());
    let left = others.into_iter().filter(|unit| unit.head.severity_stated() || unit.placed);
    (units, left.map(|unit| unit.range).collect())
}

/// What a section holds, as signs of its heading.
pub(super) fn hold(seen: &mut Seen, below: &[Unit]) {
    let signs = &mut seen.candidate.signs;
    let described = signs.any(&[Sign::Problem, Sign::Remedy, Sign::Impact]);
    let count = |of: &dyn Fn(&Unit) -> bool| below.iter().filter(|unit| of(unit)).count();
    let heads = count(&|u| u.shape == Shape::Heading && u.evident);
    let paras = count(&|u| matches!(u.shape, Shape::Para | Shape::Line) && u.evident);
    let items =
        count(&|u| u.shape == Shape::Item && u.evident && (u.verdict == Verdict::Finding || !described));
    signs.set(Sign::HoldsFinding, heads > 0 || paras > 1);
    signs.set(
        Sign::HoldsItems,
        items > 1
            || items > 0 && !signs.any(&[Sign::RatedTitle, Sign::Id, Sign::NamedNumber, Sign::PlaceTitle]),
    );
    // Several items below a place are told of it, each by itself.
    let told = count(&|u| u.shape == Shape::Item && u.verdict == Verdict::Member && u.lines.is_some());
    let place = signs.has(Sign::PlaceOnly) && !signs.has(Sign::RatedTitle) && !described;
    signs.set(Sign::HoldsItems, signs.has(Sign::HoldsItems) || place && told > 1);
    let placed = count(&|u| u.shape == Shape::Item && u.placed);
    signs.set(Sign::HoldsPlaces, placed > 1);
    signs.set(Sign::HoldsRows, below.iter().any(|u| u.shape == Shape::Row));
}

pub(super) fn unit_of(
    range: Range<usize>,
    body: usize,
    seen: &Seen,
    verdict: Verdict,
    above: &Above,
) -> Unit {
    let signs = seen.candidate.signs;
    Unit {
        range,
        body,
        head: seen.head.clone(),
        shape: seen.candidate.shape,
        section: above.section.clone(),
        section_rated: above.rated.clone(),
        file: above.file.clone(),
        lines: above.lines.as_ref().filter(|(file, _)| above.file.as_ref() == Some(file)).map(|(_, at)| *at),
        status: seen.status,
        cells: Vec::new(),
        from_zero: false,
        aside: matches!(above.mode, Mode::Quiet | Mode::Repeat),
        evident: signs.any(&[Sign::RatedTitle, Sign::RatedField])
            || seen.candidate.shape == Shape::Heading
                && signs.any(&[Sign::PlaceTitle, Sign::Id, Sign::NamedNumber])
            || signs.has(Sign::Bold) && signs.any(&[Sign::PlaceLine, Sign::Number, Sign::TickBox])
            // `L31: …` below the name of a file.
            || signs.has(Sign::PlaceFirst) && signs.has(Sign::FileAbove) && signs.has(Sign::Titled),
        placed: signs.has(Sign::PlaceLine) && signs.has(Sign::Titled),
        place_first: signs.has(Sign::PlaceFirst) && signs.has(Sign::Titled),
        demands: signs.has(Sign::MustFix) && signs.has(Sign::PlaceTitle),
        verdict,
    }
}
