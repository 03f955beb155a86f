//! Tables of checks: what was asked, a short answer, and a note that says what is wrong and where.

use super::Column;
use crate::locate::{self, Trust};
use crate::syntax::tree::Row;

/// An answer has no more words.
const ANSWER: usize = 3;
/// A note that tells what is wrong has at least so many.
const NOTE: usize = 4;

/// Where no column names a severity or a place, each row has a short answer, and notes name lines, the
/// note belongs to the title: what was asked is the same whether it is met or not.
pub(super) fn with_notes(text: &str, body: &[Row], columns: &mut [Column]) {
    let found = [Column::Severity, Column::Priority, Column::Location, Column::Line];
    if body.len() < 2 || columns.iter().any(|column| found.contains(column)) {
        return;
    }
    let cells = |at: usize| {
        body.iter().map(move |row| row.cells.get(at).map_or("", |cell| text[cell.clone()].trim()))
    };
    let words = |cell: &str| cell.split_whitespace().count();
    let lined = |cell: &str| {
        words(cell) >= NOTE
            && locate::find(cell, Trust::Prose).iter().any(|found| found.place.line_start.is_some())
    };
    let says = |cell: &str| cell.contains(char::is_alphabetic) && locate::find(cell, Trust::Prose).is_empty();
    let answers = |at: usize| cells(at).all(|cell| (1..=ANSWER).contains(&words(cell)));
    let Some(note) = (2..columns.len()).find(|at| cells(*at).any(lined)) else { return };
    let titled = columns.iter().position(|column| *column == Column::Title).filter(|at| *at < note);
    let asked = titled.or_else(|| (0..note).find(|at| columns[*at] == Column::Other));
    let Some(asked) = asked.filter(|at| cells(*at).all(says)) else { return };
    if (0..note).any(|at| at != asked && answers(at)) {
        columns
            .iter_mut()
            .filter(|column| **column == Column::Title)
            .for_each(|column| *column = Column::Other);
        columns[asked] = Column::Asked;
        columns[note] = Column::Title;
    }
}
