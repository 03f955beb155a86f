//! Tables: which columns say what.

mod checks;

use std::ops::Range;

use super::fields;
use super::tree::Row;
use crate::locate;
use crate::severity;
use crate::vocabulary::{Label, PHRASES};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    Title,
    Severity,
    /// Severities too; a bare number counts from the gravest.
    Priority,
    Location,
    Line,
    Fix,
    Impact,
    Category,
    Confidence,
    Id,
    Status,
    /// What was asked, where the title is the answer's note.
    Asked,
    Other,
}

/// The cells of a row, by what they hold.
pub(crate) type Cells = Vec<(Column, Range<usize>)>;

/// Titles of columns that name what was checked or said.
const TITLES: &[&str] = &[
    "item",
    "comment",
    "remark",
    "check",
    "control",
    "criterion",
    "requirement",
    "text",
    "項目",
    "项目",
    "항목",
    "prüfpunkt",
    "criterio",
    "critère",
    "punkt",
    "критерий",
    "rule",
    "controle",
];
/// Titles of the second column of a scale, the first of which names its levels.
const MEANINGS: &[&str] = &[
    "meaning",
    "definition",
    "bedeutung",
    "significado",
    "signification",
    "significato",
    "betekenis",
    "znaczenie",
    "значение",
    "意味",
    "含义",
    "의미",
];

fn column(header: &str) -> Column {
    let plain = severity::plain(header);
    let lower = plain.trim().to_lowercase();
    if PHRASES.status_column.contains(&lower.as_str()) {
        return Column::Status;
    }
    match fields::label_of(&lower) {
        Some(Label::Severity) if lower.starts_with("prio") => Column::Priority,
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
        _ if TITLES.contains(&lower.as_str()) => Column::Title,
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

/// What each column of a table holds, by its header, else by its cells; `None` = it
/// holds nothing that findings have.
pub(crate) fn columns(text: &str, rows: &[Row]) -> Option<Vec<Column>> {
    let (header, body) = rows.split_first()?;
    let second = header.cells.get(1).map(|cell| severity::plain(&text[cell.clone()]).trim().to_lowercase());
    if header.cells.len() == 2 && second.is_some_and(|title| MEANINGS.contains(&title.as_str())) {
        return None;
    }
    if heads_rows(text, header).is_some() {
        return grouped(text, rows);
    }
    let mut columns: Vec<Column> = header.cells.iter().map(|cell| column(&text[cell.clone()])).collect();
    priorities(text, rows, &mut columns);
    one_title(text, rows, &mut columns);
    // "Line | src/a.php": the title of a column names the file of all rows.
    if let Some(at) = header.cells.iter().position(|cell| names_file(&text[cell.clone()]))
        && columns.contains(&Column::Line)
    {
        columns[at] = Column::Title;
        return Some(columns);
    }
    for at in 0..columns.len() {
        let shown = by_cells(text, body, at).filter(|shown| !columns.contains(shown));
        if let Some(shown) = shown.filter(|shown| of_words(columns[at], *shown)) {
            columns[at] = shown;
        }
    }
    // `5:6` in all cells is a line and its column, whatever the title is.
    let spans = |at: &usize| {
        let mut cells =
            body.iter().filter_map(|row| row.cells.get(*at)).map(|cell| text[cell.clone()].trim()).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.contains(':') && is_line(cell))
    };
    if !columns.contains(&Column::Line)
        && let Some(at) = (0..columns.len()).filter(|at| columns[*at] == Column::Other).find(spans)
    {
        columns[at] = Column::Line;
    }
    // Where versions are listed, "fixed" says that there is a newer one.
    if header.cells.iter().any(|cell| text[cell.clone()].to_lowercase().contains("installed")) {
        columns
            .iter_mut()
            .filter(|column| **column == Column::Status)
            .for_each(|column| *column = Column::Other);
    }
    let known = [Column::Severity, Column::Priority, Column::Location].iter().any(|c| columns.contains(c));
    if known && !columns.contains(&Column::Title) {
        // The column with the most words says what is wrong.
        let words = |at: usize| -> usize {
            body.iter()
                .filter_map(|row| row.cells.get(at))
                .map(|c| text[c.clone()].split_whitespace().count())
                .sum()
        };
        let says = |at: usize| {
            let cells = || body.iter().filter_map(|row| row.cells.get(at)).map(|c| text[c.clone()].trim());
            let long = cells().filter(|c| c.contains(char::is_alphabetic) && c.chars().count() >= 4).count();
            long * 2 >= body.len()
        };
        let most = (0..columns.len())
            .filter(|at| says(*at))
            .filter(|at| matches!(columns[*at], Column::Other | Column::Impact | Column::Fix))
            .max_by_key(|at| (words(*at), std::cmp::Reverse(*at)));
        columns[most?] = Column::Title;
    }
    checks::with_notes(text, body, &mut columns);
    (columns.len() >= 2 && columns.contains(&Column::Title)).then_some(columns)
}

/// The file that a row names for those below it: its other cells are empty, and beside the
/// file stands no more than how many there are.
pub(crate) fn heads_rows(text: &str, row: &Row) -> Option<String> {
    let mut filled = row.cells.iter().map(|cell| text[cell.clone()].trim()).filter(|cell| !cell.is_empty());
    let said = filled.next().filter(|_| row.cells.len() >= GROUPED && filled.next().is_none())?;
    let found = locate::find(said, locate::Trust::Prose);
    let [only] = &found[..] else { return None };
    let behind = said[only.end..].trim();
    let counts = behind.is_empty() || behind.starts_with(|c: char| c.is_ascii_digit() || c == '(');
    let before = said[..only.start].contains(char::is_alphanumeric);
    (only.place.line_start.is_none() && counts && !before).then(|| only.place.file.clone())
}

/// So many columns has a table whose rows stand below their file, at least.
const GROUPED: usize = 3;

/// The columns of a table without titles, whose first row names the file of those below it.
fn grouped(text: &str, rows: &[Row]) -> Option<Vec<Column>> {
    let wide = rows.first()?.cells.len();
    let body: Vec<Row> = rows.iter().filter(|row| heads_rows(text, row).is_none()).cloned().collect();
    let cells =
        |at: usize| body.iter().filter_map(move |row| row.cells.get(at)).map(|c| text[c.clone()].trim());
    let shown = |at: usize| {
        if !body.is_empty() && cells(at).all(is_line) {
            Column::Line
        } else {
            by_cells(text, &body, at).unwrap_or(Column::Other)
        }
    };
    let mut columns: Vec<Column> = (0..wide).map(shown).collect();
    let words = |at: &usize| cells(*at).map(|cell| cell.split_whitespace().count()).sum::<usize>();
    let says = (0..wide).filter(|at| columns[*at] == Column::Other).max_by_key(words)?;
    columns[says] = Column::Title;
    columns.contains(&Column::Line).then_some(columns)
}

/// `31`, `31:7`, `31-40`
fn is_line(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit())
        && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-'))
}

/// Does the column of lines count from 0? One of its rows then says so.
pub(crate) fn counts_from_zero(text: &str, columns: &[Column], rows: &[Row]) -> bool {
    let Some(at) = columns.iter().position(|column| *column == Column::Line) else { return false };
    let cell = |row: &Row| row.cells.get(at).map(|cell| text[cell.clone()].trim());
    let Some((header, body)) = rows.split_first() else { return false };
    let zero = |cell: &str| cell == "0" || cell.starts_with("0:");
    cell(header).is_some_and(|title| title.to_lowercase().contains("start"))
        && body.iter().filter_map(cell).any(zero)
}

/// "P" above nothing but small numbers counts priorities.
fn priorities(text: &str, rows: &[Row], columns: &mut [Column]) {
    let Some((header, body)) = rows.split_first() else { return };
    let cell = |row: &Row, at: usize| row.cells.get(at).map(|cell| text[cell.clone()].trim().to_string());
    for (at, column) in columns.iter_mut().enumerate().filter(|(_, column)| **column == Column::Other) {
        let named = cell(header, at).is_some_and(|title| title.trim_matches('*').eq_ignore_ascii_case("p"));
        let counts = |row: &Row| {
            cell(row, at).is_some_and(|said| matches!(said.as_str(), "0" | "1" | "2" | "3" | "4"))
        };
        if named && !body.is_empty() && body.iter().all(counts) {
            *column = Column::Priority;
        }
    }
}

/// Are these the titles of a table of findings: what is wrong, and how bad or where it is?
pub(crate) fn lists_findings(titles: &[&str]) -> bool {
    let columns: Vec<Column> = titles.iter().map(|title| column(title)).collect();
    let has = |wanted: &[Column]| columns.iter().any(|column| wanted.contains(column));
    has(&[Column::Title]) && has(&[Column::Severity, Column::Priority, Column::Location])
}

/// Is the title of a column the path of a file?
pub(crate) fn names_file(title: &str) -> bool {
    let title = title.trim().trim_matches('`');
    matches!(locate::find(title, locate::Trust::Prose)[..], [ref only]
        if only.place.line_start.is_none() && only.start == 0 && only.end == title.len())
}

/// May a column's cells say what it holds, whatever its title is? "Impact" is prose as often
/// as a level.
fn of_words(titled: Column, shown: Column) -> bool {
    matches!(titled, Column::Other | Column::Title)
        || shown == Column::Severity && matches!(titled, Column::Impact | Column::Category)
}

/// A column whose cells are nearly all severities, or places.
fn by_cells(text: &str, body: &[Row], at: usize) -> Option<Column> {
    let marked = |cell: &str| {
        let signs = PHRASES.tick.iter().chain(&PHRASES.fail_mark).chain(&["🟢", "➖", "⚪"]);
        !cell.contains(char::is_alphanumeric) && signs.into_iter().any(|mark| cell.starts_with(mark))
    };
    let filled = || {
        let cells = body.iter().take(60).filter_map(|row| row.cells.get(at));
        cells.map(|cell| text[cell.clone()].trim()).filter(|cell| !cell.is_empty())
    };
    // Signs that pass or fail; those that only rate are severities.
    let passing = filled().any(|cell| PHRASES.tick.iter().chain(&["🟢"]).any(|mark| cell.starts_with(mark)));
    if passing && filled().all(marked) {
        return Some(Column::Status);
    }
    let cells: Vec<&str> = body
        .iter()
        .take(60)
        .filter_map(|row| row.cells.get(at))
        .map(|cell| text[cell.clone()].trim())
        .filter(|cell| cell.contains(char::is_alphanumeric))
        .collect();
    let most = |holds: &dyn Fn(&&str) -> bool| {
        !cells.is_empty() && cells.iter().copied().filter(|cell| holds(cell)).count() * 5 >= cells.len() * 4
    };
    if most(&|cell| crate::status::of_field(cell).is_some()) {
        return Some(Column::Status);
    }
    if most(&|cell| severity::exact(cell).is_some()) {
        return Some(Column::Severity);
    }
    let place = |cell: &&str| {
        let found = locate::find(cell, locate::Trust::Prose);
        found.first().is_some_and(|f| f.start <= 2) && found.last().is_some_and(|f| f.end + 12 >= cell.len())
    };
    most(&place).then_some(Column::Location)
}

/// Is it one finding told in two columns: `Title | …`, `Severity | …`?
pub(crate) fn is_fields(text: &str, rows: &[Row]) -> bool {
    let labels: Vec<Label> = rows
        .iter()
        .filter(|row| row.cells.len() == 2)
        .filter_map(|row| fields::label_of(&text[row.cells[0].clone()]))
        .filter(|label| *label != Label::Other)
        .collect();
    let says = labels.iter().any(|l| matches!(l, Label::Title | Label::Problem));
    let rates = labels.iter().any(|l| matches!(l, Label::Severity | Label::Location));
    // A header of two labels is a list of findings.
    let list = rows.first().is_some_and(|row| {
        row.cells.iter().all(|cell| fields::label_of(&text[cell.clone()]).is_some_and(|l| l != Label::Other))
    });
    says && rates && !list && labels.len() * 5 >= rows.len() * 3
}

/// The cells of a row with what their columns hold.
pub(crate) fn cells(columns: &[Column], row: &Row) -> Cells {
    columns.iter().copied().zip(row.cells.iter().cloned()).collect()
}

/// Titles of columns that name what was asked, where another one tells what was found.
const ASKED: &[&str] = &["check", "control", "criterion", "requirement", "text", "rule", "item"];
/// Titles of columns that tell what was found.
const REMARKS: &[&str] =
    &["comment", "comments", "remark", "remarks", "observation", "note", "notes", "detail", "details"];

/// Two title columns ("Issue", "Description"): the first is the title, but for one of nothing
/// but identifiers, or one that names what was asked where each rated row has a remark.
fn one_title(text: &str, rows: &[Row], columns: &mut [Column]) {
    let Some((header, body)) = rows.split_first() else { return };
    let name = |at: usize| {
        let cell = header.cells.get(at).map_or("", |cell| text[cell.clone()].trim());
        cell.trim_matches('*').to_lowercase()
    };
    let cell =
        |row: &Row, at: usize| row.cells.get(at).map_or("", |cell| text[cell.clone()].trim()).to_string();
    let ids = |at: usize| {
        !body.is_empty()
            && body.iter().all(|row| {
                let said = cell(row, at);
                !said.contains(' ') && said.contains(|c: char| c.is_ascii_digit()) && said.contains('-')
            })
    };
    for (at, column) in columns.iter_mut().enumerate() {
        if *column == Column::Title && ids(at) {
            *column = Column::Id;
        }
    }
    let titles: Vec<usize> = (0..columns.len()).filter(|at| columns[*at] == Column::Title).collect();
    let severity = columns.iter().position(|column| *column == Column::Severity);
    let rated = |row: &&Row| severity.is_some_and(|at| severity::exact(&cell(row, at)).is_some());
    let remark = titles.iter().copied().find(|at| {
        REMARKS.contains(&name(*at).as_str())
            && titles.iter().any(|other| ASKED.contains(&name(*other).as_str()))
            && body.iter().any(|row| rated(&row))
            && body.iter().filter(rated).all(|row| cell(row, *at).contains(char::is_alphabetic))
    });
    let preferred = remark.or_else(|| {
        titles.iter().copied().find(|at| {
            ["finding", "issue", "title", "problem", "vulnerability"].contains(&name(*at).as_str())
        })
    });
    let keep = preferred.or_else(|| titles.first().copied());
    for at in titles {
        if Some(at) != keep {
            columns[at] = Column::Other;
        }
    }
}
