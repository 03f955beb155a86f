//! Findings in tables: which columns say what, and which rows are findings.

use std::ops::Range;

use super::classify;
use super::clean;
use super::fields;
use super::tree::Row;
use super::units::{Mode, is_placeholder};
use crate::locate::{self, Trust};
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

/// A row that is a finding: its range and its cells.
pub(crate) type FindingRow = (Range<usize>, Vec<(Column, Range<usize>)>);

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

/// The rows that are findings. `holds`: the table stands in a section of findings.
pub(crate) fn findings(text: &str, rows: &[Row], holds: bool, mode: Mode) -> Vec<FindingRow> {
    let Some((header, body)) = rows.split_first() else {
        return Vec::new();
    };
    let mut columns: Vec<Column> = header.cells.iter().map(|cell| column(&text[cell.clone()])).collect();
    one_title(text, header, &mut columns);
    let has = |wanted: Column| columns.contains(&wanted);
    if !has(Column::Title) || columns.len() < 2 {
        return Vec::new();
    }
    let evidence =
        u32::from(has(Column::Severity)) + u32::from(has(Column::Location)) + u32::from(has(Column::Fix));
    let needed = if holds || mode == Mode::Lenient || has(Column::Severity) { 1 } else { 2 };
    if evidence < needed || has(Column::Status) && !has(Column::Severity) && !holds {
        return Vec::new();
    }
    body.iter().filter_map(|row| finding(text, row, &columns, has(Column::Severity))).collect()
}

/// Two title columns ("Issue", "Description"): the first is the title.
fn one_title(text: &str, header: &Row, columns: &mut [Column]) {
    let mut seen = false;
    let preferred = header.cells.iter().position(|cell| {
        let lower = text[cell.clone()].trim().to_lowercase();
        ["finding", "issue", "title", "problem", "vulnerability"].contains(&lower.trim_matches('*'))
    });
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

fn finding(text: &str, row: &Row, columns: &[Column], rated: bool) -> Option<FindingRow> {
    let cells: Vec<(Column, Range<usize>)> = columns.iter().copied().zip(row.cells.iter().cloned()).collect();
    let cell = |wanted: Column| cells.iter().find(|(c, _)| *c == wanted).map(|(_, r)| text[r.clone()].trim());
    let title = cell(Column::Title)?;
    if title.is_empty()
        || matches!(title, "-" | "—" | "...")
        || clean::says_none(title)
        || classify::praises(title)
        || is_placeholder(title)
    {
        return None;
    }
    let lower = title.to_lowercase();
    if PHRASES.sum.contains(&lower.trim_matches(['*', ' '])) {
        return None;
    }
    if let Some(status) = cell(Column::Status)
        && passes(status)
    {
        return None;
    }
    if rated && let Some(value) = cell(Column::Severity) {
        let read = severity::of_field(value);
        let place = cell(Column::Location).is_some_and(|v| !locate::find(v, Trust::Field).is_empty());
        if read.is_none() && (!value.is_empty() && !matches!(value, "-" | "—" | "?" | "TBD") || !place)
            || clean_mark(value)
        {
            return None;
        }
    }
    Some((row.range.clone(), cells))
}

fn passes(status: &str) -> bool {
    let lower = status.to_lowercase();
    let bare = lower.trim_start_matches(['*', ' ', '(']);
    ticked(status) || status.contains('🟢') || PHRASES.status_pass.iter().any(|word| bare.starts_with(word))
}

fn ticked(text: &str) -> bool {
    PHRASES.tick.iter().any(|tick| text.contains(tick))
}

/// `🟢 OK`, `✅`, `Clean ✓`, `N/A` in a severity column.
fn clean_mark(value: &str) -> bool {
    let lower = value.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    ticked(value) || words.any(|word| PHRASES.no_severity.contains(&word))
}
