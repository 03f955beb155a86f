//! What a row of a table shows.

use std::ops::Range;

use super::marks::{Mark, Marks};
use super::{Above, Seen, has_line_place, of_head, own_words, passes, statement, tally};
use crate::locate;
use crate::model::Status;
use crate::rules::{Candidate, Shape};
use crate::severity;
use crate::sign::{Sign, Signs};
use crate::status;
use crate::syntax::fields;
use crate::syntax::head::{self, Head};
use crate::syntax::table::{Cells, Column};
use crate::titles;
use crate::vocabulary::{Label, PHRASES};

/// A row of a table.
pub(crate) fn row(text: &str, marks: &Marks, row: &Range<usize>, cells: &Cells, above: &Above) -> Seen {
    let mut signs = Signs::default();
    let cell = |wanted: Column| cells.iter().find(|(c, _)| *c == wanted).map(|(_, r)| text[r.clone()].trim());
    let title = cell(Column::Title).unwrap_or_default();
    let asked = cell(Column::Asked).filter(|_| title.contains(char::is_alphabetic));
    let joined = asked.map(|asked| format!("{asked}{} {title}", if asked.ends_with('?') { "" } else { ":" }));
    let title = joined.as_deref().unwrap_or(title);
    // A cell may hold lines: what is wrong, then its fields.
    let (title, more) = title
        .split_once("<br")
        .map_or((title, ""), |(title, more)| (title, more.split_once('>').map_or("", |(_, more)| more)));
    let mut head = head_of(title, more, cell(Column::Id));
    let words = own_words(&head.title);
    of_head(&mut signs, &head, words, above);
    signs.set(Sign::Titled, head.title.contains(char::is_alphanumeric));
    signs.set(Sign::PlaceLine, has_line_place(&text[row.clone()]));
    let rated = cell(Column::Severity).or_else(|| cell(Column::Priority));
    let by_priority = cell(Column::Severity).is_none();
    let level =
        |value: &str| if by_priority { severity::of_priority(value) } else { severity::of_field(value) };
    let by_legend = rated.filter(|value| level(value).is_none()).and_then(|value| above.legend.rate(value));
    signs.set(Sign::RatedField, by_legend.is_some() || rated.is_some_and(|value| level(value).is_some()));
    head.rated = by_legend.or(head.rated.take());
    let named = |value: &str| !locate::find(value, locate::Trust::Field).is_empty();
    signs
        .set(Sign::PlaceField, cell(Column::Location).is_some_and(|v| named(v) || !v.is_empty() && v != "-"));
    let line = cell(Column::Line).is_some_and(|v| !locate::bare_lines(v).is_empty());
    signs.set(Sign::PlaceLine, line && (signs.has(Sign::PlaceField) || above.file.is_some()));
    signs.set(Sign::Remedy, cell(Column::Fix).is_some_and(|v| !v.is_empty()));
    signs.set(Sign::Impact, cell(Column::Impact).is_some_and(|v| !v.is_empty()));
    // "fine" in the column of severities; a word that nobody knows says nothing.
    let clean = rated.is_some_and(|v| {
        let lower = v.to_lowercase();
        // A green sign alone is the least of a scale.
        let passed = passes(v) && v.contains(char::is_alphanumeric);
        statement::says_none(v) || passed || PHRASES.pass.contains(&lower.trim())
    });
    let passed = cell(Column::Status).is_some_and(passes);
    let failed = cell(Column::Status).filter(|value| fails(value));
    let state = cell(Column::Status).and_then(status::of_field);
    // "not fixed, still `src/a.rs:3`"
    let stays = state == Some(Status::Open) && cell(Column::Status).is_some_and(has_line_place);
    signs.set(Sign::Fails, failed.is_some() || stays);
    if let Some((rated, _)) = failed.and_then(severity::leading_mark) {
        head.by_icon = head.rated.is_none();
        head.rated = head.rated.take().or(Some(rated));
    }
    signs.set(Sign::SaysNone, clean || passed || is_open(title) || statement::says_none(title));
    signs.set(Sign::Praise, titles::praises(title));
    let lower = title.to_lowercase();
    signs.set(Sign::Sum, PHRASES.sum.contains(&lower.trim_matches(['*', ' '])) || tally::is_tally(title));
    signs.set(Sign::MustFix, marks.any(Mark::Demand, row));
    let status = state.or(head.status).or(above.status);
    Seen {
        candidate: Candidate { shape: Shape::Row, mode: above.mode, words, signs },
        head,
        rated: None,
        status,
    }
}

/// What a title says with the fields behind it in its cell, and a number or id in another one.
fn head_of(title: &str, more: &str, id: Option<&str>) -> Head {
    let mut head = head::parse(&title.replace("\\|", "|"));
    let inner = more.replace("<br>", "\n").replace("<br/>", "\n");
    let stated = fields::read(&inner, 0).into_iter().find(|field| field.label == Label::Severity);
    if let Some(rated) = stated.and_then(|field| severity::of_field(&inner[field.value])) {
        head.rated = Some(rated);
        head.by_icon = false;
    }
    if head.places.is_empty() {
        head.places = locate::find(more, locate::Trust::Prose);
    }
    if let Some(id) = id {
        let id = id.trim_matches(['*', '`', '#', '.', ' ']);
        if head::is_id(id) {
            head.id = Some(id.to_string());
        } else if !id.is_empty() && id.len() < 6 {
            head.number = Some(id.to_string());
        }
    }
    lines_first(&mut head);
    head
}

/// `158-159 Errors are lost` in the cell beside a file's.
fn lines_first(head: &mut Head) {
    let Some((front, rest)) = head.title.split_once(' ') else { return };
    let range =
        front.contains(['-', '–']) && front.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '–'));
    if let Some(span) = locate::bare_lines(front).first().filter(|_| range) {
        head.lines = Some(*span);
        head.title = rest.trim_start_matches([' ', ':', '—', '–', '-']).to_string();
    }
}

/// A cell that says nothing.
fn is_open(value: &str) -> bool {
    matches!(value.trim(), "" | "-" | "—" | "–" | "?" | "..." | "TBD")
}

/// Does a status say that a check did not pass?
fn fails(value: &str) -> bool {
    let lower = value.trim().to_lowercase();
    let bare = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    PHRASES.fail_mark.iter().any(|mark| lower.starts_with(mark))
        || PHRASES.status_fail.iter().any(|word| {
            bare.strip_prefix(word)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() && c < '\u{2e80}'))
        })
}
