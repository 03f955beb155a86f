//! A table for spreadsheets: fields in quotes, one finding a row.

use super::message::shown;
use crate::merged::Merged;

const COLUMNS: [&str; 12] = [
    "id",
    "severity",
    "title",
    "file",
    "line",
    "endLine",
    "rule",
    "category",
    "cwe",
    "reviewers",
    "text",
    "fingerprint",
];

pub(super) fn report(merged: &Merged) -> String {
    let mut out = row(COLUMNS.map(str::to_string));
    for one in shown(merged) {
        let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
        let cwe: Vec<String> = one.cwe.iter().map(ToString::to_string).collect();
        out.push_str(&row([
            one.id.clone(),
            one.severity.name().to_string(),
            text(&one.title),
            file(&one.path),
            number(one.line),
            number(one.end_line),
            text(&one.rule),
            text(&one.category),
            cwe.join(" "),
            text(&one.reviewers.join(" ")),
            text(&one.body),
            one.fingerprint.clone(),
        ]));
    }
    out
}

fn row(cells: [String; COLUMNS.len()]) -> String {
    cells.map(|cell| quoted(&cell)).join(",") + "\n"
}

fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// A spreadsheet takes what begins with one of these for a formula, and may run it.
fn acts(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t'])
}

/// Words that are no formula.
fn text(cell: &str) -> String {
    if acts(cell) { format!("'{cell}") } else { cell.to_string() }
}

/// The same file by a name that is no formula.
fn file(path: &str) -> String {
    if acts(path) { format!("./{path}") } else { path.to_string() }
}
