//! Which places a finding names: its field's, its heading's, else its text's.

use super::unit::Unit;
use crate::locate::{self, Trust};
use crate::model::Location;
use crate::rules::Shape;
use crate::severity::{self, cut};
use crate::syntax::fields::{self, Field};
use crate::syntax::table::Column;
use crate::vocabulary::{Label, PATHS};
use std::ops::Range;

/// How far back the file of a line that names none may be named, in bytes.
pub(super) const BEFORE: usize = 3000;

/// "Same file, line 12: …", "In derselben Datei …": a line of the file that was named last before.
pub(super) fn again(text: &str, range: &Range<usize>) -> Option<locate::Found> {
    let begin = cut(&text[range.clone()], AGAIN);
    let lower = begin.to_lowercase();
    if !PATHS.same_file.iter().any(|said| lower.contains(said))
        || !locate::find(begin, Trust::Prose).is_empty()
    {
        return None;
    }
    let mut last = locate::find(severity::cut_back(&text[..range.start], BEFORE), Trust::Prose).pop()?;
    let stated = || begin.split([',', '(', ')', ':', ';']).find_map(|part| locate::only_lines(part.trim()));
    let lines = locate::lines_in_prose(begin).or_else(stated);
    last.place = Location::file(last.place.file);
    (last.place.line_start, last.place.line_end) = lines.unzip();
    (last.start, last.end) = (0, 0);
    Some(last)
}

/// So far from its beginning, in bytes, a finding says that it is of the same file.
pub(super) const AGAIN: usize = 80;

/// Places: the field's first, then the heading's, else the first that the text names.
pub(super) fn places(text: &str, unit: &Unit, body: &str, fields: &[Field]) -> Vec<Location> {
    let mut list: Vec<Location> = Vec::new();
    for field in fields.iter().filter(|f| f.label == Label::Location) {
        let value = field_text(body, field, fields);
        list.extend(stated(value));
    }
    for (column, range) in &unit.cells {
        if *column == Column::Location {
            list.extend(locate::find(&text[range.clone()], Trust::Stated).into_iter().map(|f| f.place));
        }
    }
    if list.is_empty() && unit.head.places.iter().all(|f| f.place.line_start.is_none()) {
        list.extend(place_line(body));
    }
    let from_field = !list.is_empty();
    list.extend(unit.head.places.iter().map(|f| f.place.clone()));
    if list.is_empty() && unit.shape != Shape::Heading {
        let first = paragraph(body);
        list.extend(sentence_places(first));
    }
    if list.is_empty() && !has_file_context(unit) {
        list.extend(body_places(body));
    }
    if list.is_empty() && !has_file_context(unit) {
        list.extend(fence_place(body));
    }
    add_lines(text, unit, body, fields, &mut list);
    if from_field || !unit.head.places.is_empty() || list.is_empty() {
        adopt_line(body, &mut list);
    }
    for field in fields.iter().filter(|f| f.label == Label::Also) {
        list.extend(locate::find(field_text(body, field, fields), Trust::Field).into_iter().map(|f| f.place));
    }
    distinct(list)
}

/// The places of a field; of one file and numbers behind a comma, these are lines: `a.go, 41-47`.
fn stated(value: &str) -> Vec<Location> {
    let mut found = locate::find(value, Trust::Stated);
    if let [only] = &mut found[..]
        && only.place.line_start.is_none()
        && let Some(rest) = value[only.end..].trim_start_matches('`').strip_prefix(',')
        && let [(from, to)] = locate::bare_lines(rest.trim())[..]
    {
        (only.place.line_start, only.place.line_end) = (Some(from), Some(to));
    }
    found.into_iter().map(|found| found.place).collect()
}

/// A line that is nothing but a place with its lines (a link below the text, say)
/// tells where as a field does.
fn place_line(body: &str) -> Vec<Location> {
    let mut fence = false;
    for line in cut(body, 6000).lines() {
        fence ^= fields::fence_mark(line.trim_start()).is_some();
        if !fence && is_place(line) {
            return locate::find(line, Trust::Prose).into_iter().map(|f| f.place).collect();
        }
    }
    Vec::new()
}

/// Is this line nothing but places with their lines?
pub(super) fn is_place(line: &str) -> bool {
    if !locate::may_begin(line) {
        return false;
    }
    let found = locate::find(cut(line, 2000), Trust::Prose);
    let (Some(first), Some(last)) = (found.first(), found.last()) else {
        return false;
    };
    first.place.line_start.is_some()
        && !line[..first.start].chars().any(char::is_alphanumeric)
        && !line[last.end..].chars().any(char::is_alphanumeric)
}

fn has_file_context(unit: &Unit) -> bool {
    unit.file.is_some()
}

/// A field's value with the lines that go on below it (a list of files).
fn field_text<'a>(body: &'a str, field: &Field, fields: &[Field]) -> &'a str {
    let next =
        fields.iter().map(|f| f.line.start).filter(|at| *at > field.line.start).min().unwrap_or(body.len());
    let rest = &body[field.value.start..next.max(field.value.end)];
    if field.value.end > field.value.start {
        // The value goes on only as an indented list.
        let own = field.value.end - field.value.start;
        let depth = indent(&body[field.line.start..]);
        let more: usize = rest[own..]
            .split_inclusive('\n')
            .enumerate()
            .take_while(|(n, line)| {
                *n == 0 || indent(line) > depth && line.trim_start().starts_with(['-', '*', '`'])
            })
            .map(|(_, line)| line.len())
            .sum();
        return &rest[..own + more];
    }
    let lines: usize = rest
        .split_inclusive('\n')
        .enumerate()
        .take_while(|(n, line)| {
            *n < 30
                && (*n == 0
                    || line.trim().is_empty() && *n == 1
                    || line.trim_start().starts_with(['-', '*', '`'])
                    || *n <= 2 && !locate::find(line, Trust::Field).is_empty())
        })
        .map(|(_, line)| line.len())
        .sum();
    &rest[..lines]
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

fn paragraph(text: &str) -> &str {
    text.split("\n\n").next().unwrap_or(text)
}

/// All places of the first sentence that names one.
fn sentence_places(text: &str) -> Vec<Location> {
    let text = cut(text, 4000);
    let found = locate::find(text, Trust::Prose);
    let Some(first) = found.first() else {
        return Vec::new();
    };
    let stop = text[first.end..].find(". ").map_or(text.len(), |n| first.end + n);
    found.iter().take_while(|f| f.start < stop).map(|f| f.place.clone()).collect()
}

/// The first place in the prose of a body, outside fences.
fn body_places(body: &str) -> Vec<Location> {
    let mut fence = false;
    for line in cut(body, 6000).lines() {
        if fields::fence_mark(line.trim_start()).is_some() {
            fence = !fence;
            continue;
        }
        if fence {
            continue;
        }
        if let Some(found) = locate::find(line, Trust::Prose).into_iter().next() {
            return vec![found.place];
        }
    }
    Vec::new()
}

/// The file that quoted code says it is of: "// src/a.rs" as its first line, or behind the marks
/// of the fence ("```rust:src/a.rs", "```12:20:src/a.rs").
fn fence_place(body: &str) -> Option<Location> {
    let body = cut(body, 6000);
    let mut lines = body.lines().map(str::trim).skip_while(|line| fields::fence_mark(line).is_none());
    let info = lines.next()?.trim_start_matches(['`', '~']).trim();
    let comment = lines.next().unwrap_or_default();
    let named = ["//", "#", "--", "/*", "<!--", ";", "%"]
        .iter()
        .find_map(|mark| comment.strip_prefix(mark))
        .map(|rest| rest.trim_end_matches(['*', '/', '-', '>', '!', ' ']).trim());
    let whole = |text: &str| {
        let found = locate::find(text, Trust::Prose).into_iter().next()?;
        (found.start == 0 && found.end >= text.len()).then_some(found.place)
    };
    // Lines stand before the file: "12:20:src/a.rs".
    let mut parts = info.rsplitn(2, ':');
    let (file, before) = (parts.next()?, parts.next().unwrap_or_default());
    let mut place = whole(file).or_else(|| whole(named?))?;
    if let (None, Some((from, to))) = (place.line_start, before.split_once(':'))
        && let (Ok(from), Ok(to)) = (from.parse(), to.parse())
    {
        (place.line_start, place.line_end) = (Some(from), Some(to));
    }
    Some(place)
}

/// Lines that are stated apart from the file: a `Line:` field or column, the
/// heading's `(lines 3–9)`, a file named by the section.
fn add_lines(text: &str, unit: &Unit, body: &str, fields: &[Field], list: &mut Vec<Location>) {
    let by_field =
        fields.iter().find(|f| f.label == Label::Line).map(|f| locate::bare_lines(&body[f.value.clone()]));
    let by_cell = || {
        unit.cells
            .iter()
            .find(|(c, _)| *c == Column::Line)
            .map(|(_, r)| lines_of_cell(text[r.clone()].trim(), unit.from_zero))
    };
    // `src/a.rs`, `open()`, line 31; `src/a.rs`, `open()`, L31
    let in_field = || {
        let field = fields.iter().find(|f| f.label == Label::Location)?;
        let value = &body[field.value.clone()];
        let part = || value.split([',', ';']).skip(1).find_map(|part| locate::only_lines(part.trim()));
        Some(locate::lines_in_prose(value).or_else(part).into_iter().collect())
    };
    let by_place = || {
        let value =
            fields.iter().find(|f| f.label == Label::Location).map(|f| body[f.value.clone()].trim())?;
        (list.is_empty()).then(|| locate::bare_lines(value))
    };
    let spans = by_field
        .filter(|s| !s.is_empty())
        .or_else(by_cell)
        .filter(|s| !s.is_empty())
        .or_else(in_field)
        .filter(|s: &Vec<(u32, u32)>| !s.is_empty())
        .or_else(|| unit.head.lines.map(|span| vec![span]))
        .or_else(by_place)
        .unwrap_or_default();
    if list.is_empty()
        && let Some(file) = &unit.file
    {
        let spans = if spans.is_empty() {
            locate::lines_in_prose(cut(body, 400)).or(unit.lines).into_iter().collect()
        } else {
            spans
        };
        with_lines(list, &Location::file(file.clone()), &spans);
        return;
    }
    if list.is_empty()
        && !spans.is_empty()
        && let Some(last) =
            locate::find(severity::cut_back(&text[..unit.range.start], BEFORE), Trust::Prose).pop()
    {
        with_lines(list, &Location::file(last.place.file), &spans);
        return;
    }
    // "In `a.rs`, where around line 40 the lock …"
    let spans = if spans.is_empty() && matches!(unit.shape, Shape::Item | Shape::Line) {
        locate::lines_in_prose(paragraph(body)).into_iter().collect()
    } else {
        spans
    };
    if let Some(first) = list.first().cloned()
        && first.line_start.is_none()
        && !spans.is_empty()
    {
        list.remove(0);
        let rest = std::mem::take(list);
        with_lines(list, &first, &spans);
        list.extend(rest);
    }
}

/// The lines that a cell names; those of a table that counts from 0 are one more.
fn lines_of_cell(cell: &str, from_zero: bool) -> Vec<(u32, u32)> {
    if !from_zero {
        return locate::bare_lines(cell);
    }
    let digits = cell.find(|c: char| !c.is_ascii_digit()).unwrap_or(cell.len());
    let line = cell[..digits].parse::<u32>().ok().and_then(|line| line.checked_add(1));
    line.map(|line| (line, line)).into_iter().collect()
}

fn with_lines(list: &mut Vec<Location>, base: &Location, spans: &[(u32, u32)]) {
    if spans.is_empty() {
        list.push(base.clone());
    }
    for (a, b) in spans {
        list.push(Location { line_start: Some(*a), line_end: Some(*b), ..base.clone() });
    }
}

/// A file without a line takes the line that the text gives to the same file.
fn adopt_line(body: &str, list: &mut [Location]) {
    let Some(first) = list.first_mut().filter(|l| l.line_start.is_none()) else {
        return;
    };
    let found = locate::find(cut(body, 3000), Trust::Prose);
    let name = first.file.rsplit('/').next().unwrap_or(&first.file);
    if let Some(hit) =
        found.iter().find(|f| f.place.line_start.is_some() && f.place.file.rsplit('/').next() == Some(name))
    {
        first.line_start = hit.place.line_start;
        first.line_end = hit.place.line_end;
    }
}

fn distinct(list: Vec<Location>) -> Vec<Location> {
    let mut out: Vec<Location> = Vec::new();
    for place in list {
        // A bare file says nothing beside the same file with a line.
        let known = out.iter().any(|old| {
            old.file == place.file && (old.line_start == place.line_start || place.line_start.is_none())
        });
        if !known {
            out.push(place);
        }
        if out.len() >= 200 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_table_of_which_a_row_says_line_0_counts_from_0() {
        let under = |title: &str, first: &str| {
            let text = format!(
                "| Code | Message | Severity | {title} | Source |\n|---|---|---|---|---|\n| a | Servers must be there | Warning | {first} | \\/w\\/api.yaml |\n| b | Paths end without a slash | Warning | 5:6 | \\/w\\/api.yaml |\n"
            );
            let found = crate::extract::extract(&text, "r.md");
            found.members.iter().map(|m| m.locations[0].display()).collect::<Vec<_>>()
        };
        assert_eq!(under("Start", "0:0"), ["/w/api.yaml:1", "/w/api.yaml:6"]);
        assert_eq!(under("Start", "2:1"), ["/w/api.yaml:2", "/w/api.yaml:5"]);
        // Line 0 of others is no line: of what a whole file lacks.
        assert_eq!(under("Line", "0:0"), ["/w/api.yaml", "/w/api.yaml:5"]);
        assert_eq!(under("Line", "0"), ["/w/api.yaml", "/w/api.yaml:5"]);
    }
}
