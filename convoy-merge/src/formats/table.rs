//! Tables with separators: CSV, TSV, and the semicolons of spreadsheets in Europe.

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::entry::{Given, Object, Source, normal_key, of_object};
use crate::extract::Extraction;
use crate::model::Recognised;
use crate::vocabulary::{KEYS, LABELS, Label};

const SEPARATORS: &[u8] = b",;\t|";

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
    let first = body.lines().next()?;
    let separator = told.unwrap_or_else(|| {
        let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
        *SEPARATORS.iter().max_by_key(|separator| count(separator)).unwrap_or(&b',')
    });
    let mut reader = ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(body.as_bytes());
    let columns: Vec<Option<String>> = reader.headers().ok()?.iter().map(column).collect();
    let has = |key: &str| columns.iter().flatten().any(|column| column == key);
    let titled = has("title") || has("description");
    let known = columns.iter().flatten().count();
    let sure = titled && (has("file") || has("severity"));
    let table = sure && known >= 3 && known * 2 >= columns.len() && separator != b'|';
    if !named && !table {
        return None;
    }
    if !sure {
        return Some(super::unreadable("a table without columns for a title and for a place or a severity"));
    }
    Some(rows(reader, &columns, body, base + skip))
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

fn rows(mut reader: csv::Reader<&[u8]>, columns: &[Option<String>], body: &str, base: usize) -> Extraction {
    let mut out = Extraction { complete: true, ..Extraction::default() };
    let mut bad = 0;
    let mut open = false;
    let mut record = StringRecord::new();
    loop {
        let start = reader.position().byte() as usize;
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                bad += 1;
                continue;
            }
        }
        let end = (reader.position().byte() as usize).min(body.len());
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if record.len() != columns.len() {
            bad += 1;
            continue;
        }
        let object: Object = columns
            .iter()
            .zip(&record)
            .filter(|(_, cell)| !cell.trim().is_empty())
            .filter_map(|(column, cell)| Some((column.clone()?, Value::String(cell.trim().to_string()))))
            .collect();
        let source = &body[start..end];
        // The reader takes the rest of the file for one cell.
        open |= end == body.len() && source.matches('"').count() % 2 == 1;
        let source = Source { text: source.trim_end_matches(['\n', '\r']), start: base + start };
        match of_object(source, &object, &Given::default()) {
            Some(member) => out.members.push(member),
            None => bad += 1,
        }
    }
    // A header tells what would be told, not that anything was looked at.
    out.recognised = if out.members.is_empty() { Recognised::Unreadable } else { Recognised::Findings };
    if out.members.is_empty() && bad == 0 {
        super::fault(&mut out, "a table without rows does not say that nothing was found");
    }
    if open {
        super::fault(&mut out, "a quote is never closed");
    }
    if bad > 0 {
        super::fault(&mut out, &format!("{bad} rows could not be read as findings"));
    }
    out
}

/// What a column holds, by its title: a key as JSON findings have them.
fn column(title: &str) -> Option<String> {
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
        _ if known(&["title", "name", "headline", "summary", "finding", "issue"]) => "title",
        _ if known(&KEYS.title) => "description",
        _ if known(&KEYS.severity) => "severity",
        _ => {
            return (!key.is_empty())
                .then_some(key)
                .filter(|key| key == "column" || key == "cwe" || key == "rule");
        }
    };
    Some(name.to_string())
}
