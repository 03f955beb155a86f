//! The reviewer's words, free of what the report shows in fields of its own.

use std::fmt::Write as _;

use super::unit::Unit;
use crate::locate::{self, Trust};
use crate::rules::Shape;
use crate::severity;
use crate::syntax::fields::{self, Field};
use crate::syntax::head;
use crate::syntax::lead::clause;
use crate::syntax::table::Column;
use crate::vocabulary::Label;

pub(super) fn title_from_body(unit: &Unit, body: &str, fields: &[Field]) -> String {
    let said = fields
        .iter()
        .find(|f| matches!(f.label, Label::Problem | Label::Title) && f.value.end > f.value.start)
        .map(|f| &body[f.value.clone()]);
    let text = said.unwrap_or_else(|| {
        // The line of severity and place is not the title.
        let skip = usize::from(unit.shape != Shape::Heading);
        let mut fence = None;
        let mut context = false;
        let changed = |line: &str| line.starts_with("+ ") && line.ends_with([';', '{', '}', ')']);
        body.lines()
            .skip(skip)
            .map(str::trim)
            .filter(|line| !changed(line))
            .find(|line| {
                // Quoted code and tags say nothing of what is wrong.
                let mark = fields::fence_mark(line);
                let tag = line.starts_with('<') && line.ends_with('>');
                context = line.starts_with("<code") || context && !line.starts_with("</code");
                let quoted = fence.is_some() || mark.is_some() || tag || context;
                if let Some(mark) = mark {
                    fence = if fence.is_none() { Some(mark) } else { None };
                }
                !quoted
                    && !line.is_empty()
                    && fields::first_in_line(line).is_none_or(|f| f.label == Label::Problem)
                    && fields::rated_alone(line).is_none()
                    && !super::places::is_place(line)
            })
            .or_else(|| {
                let fix = fields.iter().find(|f| f.label == Label::Fix && f.value.end > f.value.start)?;
                Some(&body[fix.value.clone()])
            })
            .or_else(|| body.lines().next())
            .unwrap_or_default()
    });
    let untagged = if text.starts_with('<') { head::untag(text) } else { text.to_string() };
    let title = clause(&severity::plain(untagged.trim()).replace(['#', '>'], ""));
    if title.contains(char::is_alphanumeric) { title } else { "(untitled)".to_string() }
}

/// The reviewer's words without the lines that the report states in its own fields.
pub(super) fn body_of(text: &str, unit: &Unit, looked: &str, body: &str, fields: &[Field]) -> String {
    if unit.shape == Shape::Row {
        return row_body(text, unit);
    }
    let drop = |f: &Field| {
        let value = &looked[f.value.clone()];
        match f.label {
            Label::Severity => {
                (severity::of_field(value).is_some() || value.eq_ignore_ascii_case("unrated"))
                    && value.len() < 60
            }
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
            Column::Title | Column::Asked | Column::Other => "",
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
            let _ = write!(out, "**{label}:** {cell}");
        }
    }
    out
}
