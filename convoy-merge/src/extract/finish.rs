//! Makes a member of a unit: reads its fields, decides which severity and which
//! places count, and cuts the body free of what is shown elsewhere.

use super::classify;
use super::fields::{self, Field};
use super::head;
use super::table::Column;
use super::units::{Shape, Unit, clause};
use crate::locate::{self, Trust};
use crate::model::{Location, Member};
use crate::severity::{self, Rated};
use crate::vocabulary::Label;

/// Text of a finding looked at for places and fields; the rest is only kept.
const LOOK: usize = 64 * 1024;

pub(crate) fn member(text: &str, unit: &Unit) -> Member {
    let source = &text[unit.range.clone()];
    let body = &text[unit.body.min(unit.range.end)..unit.range.end];
    let looked = cut(body, LOOK);
    let fields = if unit.shape == Shape::Row { Vec::new() } else { fields::read(looked, 0) };
    let value = |label: Label| {
        fields
            .iter()
            .find(|f| f.label == label && f.value.end > f.value.start)
            .map(|f| looked[f.value.clone()].trim())
    };
    let mut member = Member {
        title: unit.head.title.clone(),
        byte_range: [unit.range.start, unit.range.end],
        section: unit.section.clone(),
        label: unit.head.id.clone().or_else(|| unit.head.number.clone()),
        text: source.to_string(),
        ..Member::default()
    };
    let rated = rate(text, unit, looked, &fields);
    if let Some(((level, raw), from)) = rated {
        member.severity = level;
        member.severity_raw = Some(raw);
        member.severity_from = Some(from.to_string());
    }
    member.locations = places(text, unit, looked, &fields);
    let cell =
        |column: Column| unit.cells.iter().find(|(c, _)| *c == column).map(|(_, r)| text[r.clone()].trim());
    member.category = value(Label::Category)
        .or_else(|| cell(Column::Category))
        .map(|v| severity::plain(v).trim().to_string())
        .filter(|v| !v.is_empty() && v.len() < 120)
        .or_else(|| unit.head.tags.first().cloned());
    member.confidence = value(Label::Confidence).or_else(|| cell(Column::Confidence)).and_then(head::percent).or(unit.head.confidence);
    if let Some(names) = value(Label::Reviewer) {
        member.reviewer = names_in(names);
    }
    member.withdrawn = unit.head.struck || classify::withdrawn(looked);
    if let Some(title) = value(Label::Title)
        && (member.title.is_empty()
            || unit.shape == Shape::Heading && member.title.split_whitespace().count() <= 2)
    {
        member.title = severity::plain(title);
    }
    member.body = body_of(text, unit, looked, body, &fields);
    if member.title.trim().is_empty() {
        member.title = title_from_body(unit, looked, &fields);
    }
    member
}

/// `performance (blocker), correctness (high)` → the names alone.
fn names_in(text: &str) -> String {
    let plain = severity::plain(text);
    let names: Vec<&str> = plain
        .split(',')
        .map(|part| part.split('(').next().unwrap_or(part).trim())
        .filter(|name| !name.is_empty() && name.len() < 60 && !name.contains(')'))
        .collect();
    names.join(", ")
}

pub(crate) fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut at = limit;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    &text[..at]
}

/// Severity: field, then heading, then identifier, then section, then icon.
fn rate(text: &str, unit: &Unit, body: &str, fields: &[Field]) -> Option<(Rated, &'static str)> {
    let stated = fields
        .iter()
        .filter(|f| f.label == Label::Severity)
        .find_map(|f| severity::of_field(&body[f.value.clone()]));
    if let Some(rated) = stated {
        return Some((rated, "field"));
    }
    let cell = unit
        .cells
        .iter()
        .find(|(c, _)| *c == Column::Severity)
        .and_then(|(_, r)| severity::of_field(&text[r.clone()]));
    if let Some(rated) = cell {
        return Some((rated, "field"));
    }
    let head = &unit.head;
    if let Some(rated) = head.rated.clone().filter(|_| !head.by_icon) {
        return Some((rated, "heading"));
    }
    if let Some(id) = &head.id
        && let Some(level) = severity::of_id(id)
        && (id.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').len() > 1
            || unit.section_rated.is_none() && id.contains('-'))
    {
        return Some(((level, id.clone()), "id"));
    }
    if let Some(rated) = unit.section_rated.clone() {
        return Some((rated, "section"));
    }
    if let Some(id) = &head.id
        && let Some(level) = severity::of_id(id)
    {
        return Some(((level, id.clone()), "id"));
    }
    head.rated.clone().map(|rated| (rated, "icon"))
}

/// Places: the field's first, then the heading's, else the first that the text names.
fn places(text: &str, unit: &Unit, body: &str, fields: &[Field]) -> Vec<Location> {
    let mut list: Vec<Location> = Vec::new();
    for field in fields.iter().filter(|f| f.label == Label::Location) {
        let value = field_text(body, field, fields);
        list.extend(locate::find(value, Trust::Field).into_iter().map(|f| f.place));
    }
    for (column, range) in &unit.cells {
        if *column == Column::Location {
            list.extend(locate::find(&text[range.clone()], Trust::Field).into_iter().map(|f| f.place));
        }
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
    add_lines(text, unit, body, fields, &mut list);
    if from_field || !unit.head.places.is_empty() || list.is_empty() {
        adopt_line(body, &mut list);
    }
    for field in fields.iter().filter(|f| f.label == Label::Also) {
        list.extend(locate::find(field_text(body, field, fields), Trust::Field).into_iter().map(|f| f.place));
    }
    distinct(list)
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
                    || line.trim_start().starts_with(['-', '*', '`']))
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
    let Some(first) = found.first() else { return Vec::new() };
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

/// Lines that are stated apart from the file: a `Line:` field or column, the
/// heading's `(lines 3–9)`, a file named by the section.
fn add_lines(text: &str, unit: &Unit, body: &str, fields: &[Field], list: &mut Vec<Location>) {
    let by_field =
        fields.iter().find(|f| f.label == Label::Line).map(|f| locate::bare_lines(&body[f.value.clone()]));
    let by_cell = || {
        unit.cells
            .iter()
            .find(|(c, _)| *c == Column::Line)
            .map(|(_, r)| locate::bare_lines(text[r.clone()].trim()))
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
        .or_else(|| unit.head.lines.map(|span| vec![span]))
        .or_else(by_place)
        .unwrap_or_default();
    if list.is_empty()
        && let Some(file) = &unit.file
    {
        let spans = if spans.is_empty() {
            locate::lines_in_prose(cut(body, 400)).into_iter().collect()
        } else {
            spans
        };
        with_lines(list, &Location::file(file.clone()), &spans);
        return;
    }
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
    let Some(first) = list.first_mut().filter(|l| l.line_start.is_none()) else { return };
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

fn title_from_body(unit: &Unit, body: &str, fields: &[Field]) -> String {
    let said = fields
        .iter()
        .find(|f| matches!(f.label, Label::Problem | Label::Title) && f.value.end > f.value.start)
        .map(|f| &body[f.value.clone()]);
    let text = said.map_or_else(
        || {
            // The line of severity and place is not the title.
            let skip = if unit.shape == Shape::Heading { 0 } else { 1 };
            body.lines()
                .skip(skip)
                .map(str::trim)
                .find(|line| {
                    !line.is_empty() && fields::first_in_line(line).is_none_or(|f| f.label == Label::Problem)
                })
                .or_else(|| body.lines().next())
                .unwrap_or_default()
        },
        |value| value,
    );
    let title = clause(&severity::plain(text.trim()).replace(['#', '>'], ""));
    if title.is_empty() { "(untitled)".to_string() } else { title }
}

/// The reviewer's words without the lines that the report states in its own fields.
fn body_of(text: &str, unit: &Unit, looked: &str, body: &str, fields: &[Field]) -> String {
    if unit.shape == Shape::Row {
        return row_body(text, unit);
    }
    let drop = |f: &Field| {
        let value = &looked[f.value.clone()];
        match f.label {
            Label::Severity => severity::of_field(value).is_some() && value.len() < 60,
            Label::Location | Label::Also => {
                !locate::find(value, Trust::Field).is_empty() && value.len() < 400
            }
            Label::Confidence => head::percent(value).is_some() && value.len() < 12,
            Label::Category | Label::Id | Label::Reviewer => value.len() < 120,
            _ => false,
        }
    };
    let mut out = String::new();
    let mut at = 0;
    for field in fields.iter().filter(|f| drop(f)) {
        if field.line.start >= at {
            out.push_str(&body[at..field.line.start]);
            at = field.line.end;
        }
    }
    out.push_str(&body[at..]);
    out.trim_matches(['\n', '\r', ' ']).to_string()
}

fn row_body(text: &str, unit: &Unit) -> String {
    let mut out = String::new();
    for (column, range) in &unit.cells {
        let cell = text[range.clone()].trim();
        let label = match column {
            Column::Fix => "Fix",
            Column::Impact => "Impact",
            Column::Title => "",
            Column::Other => "",
            _ => continue,
        };
        if cell.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        if label.is_empty() {
            out.push_str(cell);
        } else {
            out.push_str(&format!("**{label}:** {cell}"));
        }
    }
    out
}
