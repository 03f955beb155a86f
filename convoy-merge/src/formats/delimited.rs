//! Tables with separators: CSV, TSV, and the semicolons of spreadsheets in Europe.

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::entry::{Given, Object, Source, normal_key, of_object};
use super::roles::{Roles, place_of};
use crate::model::Extraction;
use crate::model::Recognised;
use crate::vocabulary::{KEYS, LABELS, Label};

const SEPARATORS: &[u8] = b",;\t|";
/// The title of a column has no more words.
const TITLE: usize = 3;
/// So many lines of a spreadsheet may stand above its titles.
const PREAMBLE: usize = 12;

/// Reads a table of findings; `None` = it is none.
pub(super) fn extract(text: &str, name: &str) -> Option<Extraction> {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let named = matches!(ending.as_str(), "csv" | "tsv" | "psv");
    let start = text.trim_start_matches(['\u{feff}', '\n', '\r']);
    let base = text.len() - start.len();
    // `sep=;` tells a spreadsheet what separates.
    let told =
        start.lines().next().and_then(|line| line.strip_prefix("sep=")).and_then(|rest| rest.bytes().next());
    let skip = if told.is_some() { start.find('\n').map_or(start.len(), |at| at + 1) } else { 0 };
    let body = &start[skip..];
    let first = body.lines().find(|line| line.contains(|c: char| c.is_alphanumeric()))?;
    let separator = told.unwrap_or_else(|| {
        let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
        *SEPARATORS.iter().max_by_key(|separator| count(separator)).unwrap_or(&b',')
    });
    let skip = skip + if named { preamble(body, separator) } else { 0 };
    let body = &start[skip..];
    let mut reader = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(body.as_bytes());
    let titles: Vec<String> = reader.headers().ok()?.iter().map(str::to_string).collect();
    // Without a line of titles the first row names a place.
    let headless = titles.iter().any(|title| place_of(title).is_some());
    let mut columns: Vec<Option<String>> = titles
        .iter()
        .enumerate()
        .map(|(n, title)| if headless { Some(format!("c{n}")) } else { column(title) })
        .collect();
    short_and_long(&mut columns);
    rated_by_number(&titles, &mut columns);
    let has = |key: &str| columns.iter().flatten().any(|column| column == key);
    let worded = has("title") || has("description");
    let known = columns.iter().flatten().filter(|column| is_known(column)).count();
    let short = |title: &String| title.split_whitespace().count() <= TITLE;
    let shaped = columns.len() > 2 && separator != b'|' && (headless || titles.iter().all(short));
    let sure = worded && (has("file") || has("severity"));
    let table = sure && known >= 3 && known * 2 >= columns.len() && separator != b'|';
    if !named && !table && !shaped {
        return None;
    }
    if headless {
        reader = ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(false)
            .from_reader(body.as_bytes());
    }
    let scales: Vec<Option<&str>> = titles.iter().map(|title| scale(title)).collect();
    let rows = Rows::of(reader, &columns, &scales, body);
    let records: Vec<&Object> = rows.records.iter().map(|(object, _)| object).collect();
    let roles = Roles::of(&records);
    let told = roles.tell_findings(&records, &Given::default()) && (named || rows.bad <= records.len() / 4);
    let rated = has("severity") || records.iter().any(|record| record.contains_key("line"));
    if !told && !(sure && (rated || records.is_empty())) || !named && !table && !told {
        let why = "a table without columns for a title and for a place or a severity";
        return named.then(|| super::unreadable(why));
    }
    Some(rows.read(&roles, body, base + skip))
}

/// `Weight (1-10)`: numbers of which the title tells the scale rate, where no column says so.
fn rated_by_number(titles: &[String], columns: &mut [Option<String>]) {
    const OTHERS: [&str; 8] =
        ["confidence", "certainty", "effort", "cost", "complexity", "likelihood", "probability", "progress"];
    if columns.iter().any(|column| column.as_deref() == Some("severity")) {
        return;
    }
    let rates = |title: &str| {
        let lower = title.to_lowercase();
        scale(title).is_some() && !OTHERS.iter().any(|other| lower.contains(other))
    };
    if let [at] = (0..titles.len()).filter(|at| rates(&titles[*at])).collect::<Vec<_>>()[..] {
        columns[at] = Some("severity".to_string());
    }
}

/// The highest number of the scale that a title tells: `Weight (1-10)`, `Risk (0–100)`.
fn scale(title: &str) -> Option<&'static str> {
    let (_, inside) = title.trim().strip_suffix(')')?.rsplit_once('(')?;
    let (from, to) = inside.split_once(['-', '–', '…'])?;
    let to = to.trim_start_matches('.').trim();
    matches!(from.trim(), "0" | "1").then(|| ["10", "100"].into_iter().find(|most| *most == to))?
}

/// Two columns of text: the first is the title ("Summary", "Description").
fn short_and_long(columns: &mut [Option<String>]) {
    let is = |column: &Option<String>, key: &str| column.as_deref() == Some(key);
    let texts = columns.iter().filter(|column| is(column, "description")).count();
    if texts > 1 && !columns.iter().any(|column| is(column, "title")) {
        let first = columns.iter_mut().find(|column| is(column, "description"));
        if let Some(first) = first {
            *first = Some("title".to_string());
        }
    }
}

/// How many bytes stand above the line of titles: the name of the project, who read it. The
/// titles are the first line that names a text and a place or a severity; none: the first line.
fn preamble(body: &str, separator: u8) -> usize {
    let mut at = 0;
    for line in body.split_inclusive('\n').take(PREAMBLE) {
        if are_titles(line, separator) {
            return at;
        }
        at += line.len();
    }
    0
}

/// Are these the titles of a table of findings?
pub(super) fn is_titles(line: &str) -> bool {
    b",;\t".iter().any(|separator| are_titles(line, *separator))
}

/// So many titles of a row are known at least, if it has any.
const TITLES: usize = 3;

fn are_titles(line: &str, separator: u8) -> bool {
    // A reader is dear; most lines show that they have fewer columns.
    if line.bytes().filter(|byte| *byte == separator).count() + 1 < TITLES {
        return false;
    }
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .from_reader(line.as_bytes());
    let titles = reader.records().next().and_then(Result::ok);
    let columns: Vec<String> = titles.iter().flatten().filter_map(column).collect();
    let has = |keys: &[&str]| columns.iter().any(|column| keys.contains(&column.as_str()));
    let known = columns.iter().filter(|key| is_known(key)).count();
    known >= TITLES && has(&["title", "description"]) && has(&["file", "severity"])
}

/// Findings of a table inside of a text.
pub(super) fn embedded(text: &str, inner: &str, ending: &str) -> Vec<crate::model::Member> {
    let base = inner.as_ptr() as usize - text.as_ptr() as usize;
    let read = extract(inner, &format!("fence.{ending}"));
    let mut members = read.map(|read| read.members).unwrap_or_default();
    for member in &mut members {
        member.byte_range = member.byte_range.map(|at| at + base);
    }
    members
}

/// The rows of a table as objects, each with its bytes.
struct Rows {
    records: Vec<(Object, std::ops::Range<usize>)>,
    /// Rows that fit no columns.
    bad: usize,
    /// The last quote is never closed.
    open: bool,
}

impl Rows {
    fn of(
        mut reader: csv::Reader<&[u8]>,
        columns: &[Option<String>],
        scales: &[Option<&str>],
        body: &str,
    ) -> Self {
        let mut rows = Rows { records: Vec::new(), bad: 0, open: false };
        let mut record = StringRecord::new();
        loop {
            let start = reader.position().byte() as usize;
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => {
                    rows.bad += 1;
                    continue;
                }
            }
            let end = (reader.position().byte() as usize).min(body.len());
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if record.len() != columns.len() {
                rows.bad += 1;
                continue;
            }
            let object: Object = columns
                .iter()
                .zip(&record)
                .filter(|(_, cell)| !cell.trim().is_empty())
                .zip(scales)
                .filter_map(|((column, cell), scale)| {
                    let cell = cell.trim();
                    let value = match (column.as_deref()?, scale) {
                        ("severity", Some(most)) => format!("{cell}/{most}"),
                        _ => cell.to_string(),
                    };
                    Some((column.clone()?, Value::String(value)))
                })
                .collect();
            // The reader takes the rest of the file for one cell.
            rows.open |= end == body.len() && body[start..end].matches('"').count() % 2 == 1;
            rows.records.push((object, start..end));
        }
        rows
    }

    fn read(mut self, roles: &Roles, body: &str, base: usize) -> Extraction {
        let mut out = Extraction { complete: true, ..Extraction::default() };
        for (object, range) in &self.records {
            let source = body[range.clone()].trim_end_matches(['\n', '\r']);
            let source = Source { text: source, start: base + range.start };
            match of_object(source, &roles.apply(object), &Given::default()) {
                Some(member) => out.members.push(member),
                None => self.bad += 1,
            }
        }
        // A header tells what would be told, not that anything was looked at.
        out.recognised = if out.members.is_empty() { Recognised::Unreadable } else { Recognised::Findings };
        if out.members.is_empty() && self.bad == 0 {
            super::fault(&mut out, "a table without rows does not say that nothing was found");
        }
        if self.open {
            super::fault(&mut out, "a quote is never closed");
        }
        if self.bad > 0 {
            super::fault(&mut out, &format!("{} rows could not be read as findings", self.bad));
        }
        out
    }
}

/// Is a column's key one that findings have?
fn is_known(key: &str) -> bool {
    let known =
        ["title", "description", "file", "line", "endline", "severity", "consequence", "fix", "category"];
    known.contains(&key)
        || matches!(key, "confidence" | "id" | "reviewer" | "status" | "column" | "cwe" | "rule")
}

/// What a column holds, by its title: a key as JSON findings have them.
pub(super) fn column(title: &str) -> Option<String> {
    let title = title.trim().trim_start_matches('\u{feff}');
    let lower = title.to_lowercase();
    let key = normal_key(title);
    let known = |list: &[&str]| list.contains(&key.as_str());
    let name = match LABELS.get(lower.as_str()) {
        Some(Label::Severity) => "severity",
        Some(Label::Location) => "file",
        Some(Label::Line) => "line",
        Some(Label::Problem) => "description",
        Some(Label::Title) => "title",
        Some(Label::Impact) if lower == "risk" || lower == "risiko" || lower == "riesgo" => "severity",
        Some(Label::Impact) => "consequence",
        Some(Label::Fix) => "fix",
        Some(Label::Category) => "category",
        Some(Label::Confidence) => "confidence",
        Some(Label::Id) => "id",
        Some(Label::Reviewer) => "reviewer",
        Some(Label::Status) => "status",
        _ if known(&KEYS.file) => "file",
        _ if known(&KEYS.line) => "line",
        _ if known(&KEYS.line_end) => "endline",
        _ if known(&["title", "name", "headline", "heading", "summary", "finding", "issue"]) => "title",
        _ if known(&KEYS.title) => "description",
        _ if known(&KEYS.severity) => "severity",
        _ => return (!key.is_empty()).then_some(key),
    };
    Some(name.to_string())
}
