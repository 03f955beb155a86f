//! Tables: which columns say what.

use std::ops::Range;

use super::fields;
use super::tree::Row;
use crate::severity;
use crate::vocabulary::{Label, PHRASES};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Title,
    Severity,
    Location,
    Line,
    Fix,
    Impact,
    Category,
    Confidence,
    Id,
    Status,
    Other,
}

/// The cells of a row, by what they hold.
pub(crate) type Cells = Vec<(Column, Range<usize>)>;

fn column(header: &str) -> Column {
    let plain = severity::plain(header);
    let lower = plain.trim().to_lowercase();
    if PHRASES.status_column.contains(&lower.as_str()) {
        return Column::Status;
    }
    match fields::label_of(&lower) {
        Some(Label::Severity) => Column::Severity,
        Some(Label::Location | Label::Also) => Column::Location,
        Some(Label::Line) => Column::Line,
        Some(Label::Problem | Label::Title) => Column::Title,
        Some(Label::Fix) => Column::Fix,
        Some(Label::Impact) => Column::Impact,
        Some(Label::Category) => Column::Category,
        Some(Label::Confidence) => Column::Confidence,
        Some(Label::Id) => Column::Id,
        Some(Label::Status) => Column::Status,
        Some(Label::Reviewer | Label::Other) | None if lower.starts_with('#') || lower == "№" => Column::Id,
        Some(Label::Reviewer | Label::Other) | None => match () {
            () if lower.contains("finding")
                || lower.contains("issue")
                || lower.contains("problem")
                || lower.contains("vulnerab")
                || lower.contains("description") =>
            {
                Column::Title
            }
            () if lower.contains("location") || lower.contains("file") => Column::Location,
            () if lower.contains("severity") || lower.contains("priority") => Column::Severity,
            () if lower.contains("fix") || lower.contains("recommend") => Column::Fix,
            () => Column::Other,
        },
    }
}

/// What each column of a table holds, by its header; `None` = nothing that findings have.
pub(crate) fn columns(text: &str, header: &Row) -> Option<Vec<Column>> {
    let mut columns: Vec<Column> = header.cells.iter().map(|cell| column(&text[cell.clone()])).collect();
    one_title(text, header, &mut columns);
    (columns.len() >= 2 && columns.contains(&Column::Title)).then_some(columns)
}

/// The cells of a row with what their columns hold.
pub(crate) fn cells(columns: &[Column], row: &Row) -> Cells {
    columns.iter().copied().zip(row.cells.iter().cloned()).collect()
}

/// Two title columns ("Issue", "Description"): the first is the title.
fn one_title(text: &str, header: &Row, columns: &mut [Column]) {
    let preferred = header.cells.iter().position(|cell| {
        let lower = text[cell.clone()].trim().to_lowercase();
        ["finding", "issue", "title", "problem", "vulnerability"].contains(&lower.trim_matches('*'))
    });
    let mut seen = false;
    for (at, column) in columns.iter_mut().enumerate() {
        if *column == Column::Title {
            let keep = preferred.map_or(!seen, |p| p == at);
            if !keep {
                *column = Column::Other;
            }
            seen |= keep;
        }
    }
}
