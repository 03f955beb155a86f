//! The rows, in their order. To be read from the top: the first that fits decides.

mod headings;
mod rows;
mod texts;
mod titles;
mod weak;

use super::{Mode, Row, Shape, Verdict};

const ALL: &[Mode] = &[Mode::Open, Mode::Findings, Mode::Repeat, Mode::Quiet];
const PLAIN: &[Mode] = &[Mode::Open, Mode::Findings];
const OPEN: &[Mode] = &[Mode::Open];
const FINDINGS: &[Mode] = &[Mode::Findings];
const ASIDE: &[Mode] = &[Mode::Repeat, Mode::Quiet];

const ANY: &[Shape] = &[Shape::Heading, Shape::Item, Shape::Para, Shape::Line, Shape::Row];
const HEADING: &[Shape] = &[Shape::Heading];
/// What may stand above the text of a finding.
const ABOVE: &[Shape] = &[Shape::Heading, Shape::Para];
const ITEM: &[Shape] = &[Shape::Item];
const PARA: &[Shape] = &[Shape::Para];
const LINE: &[Shape] = &[Shape::Line];
const CELLS: &[Shape] = &[Shape::Row];
const TEXTS: &[Shape] = &[Shape::Item, Shape::Para, Shape::Line];
const SMALL: &[Shape] = &[Shape::Item, Shape::Para, Shape::Line, Shape::Row];

/// What a row says that says nothing else.
const ROW: Row = Row {
    name: "",
    shapes: ANY,
    modes: PLAIN,
    needs: &[],
    some: (0, &[]),
    lacks: &[],
    words: (0, usize::MAX),
    verdict: Verdict::Text,
    example: "",
};

/// All rows, in their order.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    headings::ROWS.iter().chain(titles::ROWS).chain(texts::ROWS).chain(rows::ROWS).chain(weak::ROWS)
}
