//! Makes a member of a unit: reads its fields, decides which severity and which
//! places count, and cuts the body free of what is shown elsewhere.

use super::body::{body_of, title_from_body};
use super::places::places;
use super::unit::Unit;
use crate::model::{Member, Status};
use crate::rules::Shape;
use crate::severity::{self, Rated, cut};
use crate::signs::{spoken_severity, statement};
use crate::syntax::fields::{self, Field};
use crate::syntax::head;
use crate::syntax::lead;
use crate::syntax::table::Column;
use crate::titles;
use crate::vocabulary::{Label, PHRASES};

/// Text of a finding looked at for places and fields; the rest is only kept.
const LOOK: usize = 64 * 1024;

/// Text in which a severity is looked for that nothing before states.
const LATER: usize = 3000;

pub(crate) fn member(text: &str, unit: &Unit) -> Member {
    let source = &text[unit.range.clone()];
    let body = &text[unit.body.min(unit.range.end)..unit.range.end];
    let looked = cut(body, LOOK);
    let fields = if unit.shape == Shape::Row { Vec::new() } else { fields::read(looked, 0) };
    let value = |label: Label| value(looked, &fields, label);
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
    member.confidence = value(Label::Confidence)
        .or_else(|| cell(Column::Confidence))
        .and_then(head::percent)
        .or(unit.head.confidence);
    if let Some(names) = value(Label::Reviewer) {
        member.reviewer = names_in(names);
    }
    member.withdrawn =
        unit.head.struck && unit.status != Some(Status::Resolved) || statement::withdrawn(&fields, looked);
    // What is taken back says so already.
    member.status = unit.status.filter(|status| !(member.withdrawn && *status == Status::FalsePositive));
    member.body = body_of(text, unit, looked, body, &fields);
    title(&mut member, unit, looked, body, &fields);
    member
}

/// The title that says what is wrong: its own, that of a field, or the beginning of the body.
fn title(member: &mut Member, unit: &Unit, looked: &str, body: &str, fields: &[Field]) {
    let value = |label: Label| value(looked, fields, label);
    // A block of fields that begins with another one than its title.
    let begins = |label: Label| matches!(label, Label::Id | Label::Severity | Label::Location);
    let fielded =
        unit.shape != Shape::Heading && fields.first().is_some_and(|f| f.line.start == 0 && begins(f.label));
    if fielded && let Some(title) = value(Label::Title).or_else(|| value(Label::Problem)) {
        member.title = severity::plain(title);
    }
    // "Severity: high | File: a.rs:3", with what is wrong below it.
    let on_first = fields.iter().filter(|f| f.line.end <= looked.find('\n').map_or(0, |end| end + 1)).count();
    if fielded && on_first > 1 && value(Label::Title).or_else(|| value(Label::Problem)).is_none() {
        member.title.clear();
    }
    if let Some(title) = value(Label::Title)
        && (member.title.is_empty()
            || unit.shape == Shape::Heading && member.title.split_whitespace().count() <= 2)
    {
        member.title = severity::plain(title);
    }
    // "### 1" counts, and says nothing.
    if unit.shape == Shape::Heading && member.title.bytes().all(|byte| byte.is_ascii_digit()) {
        member.title.clear();
    }
    // "⚠️ Potential issue" is a bot's kind of comment.
    if PHRASES.kind_title.contains(&member.title.to_lowercase().as_str())
        && body.contains(char::is_alphabetic)
    {
        member.title.clear();
    }
    // "FINDING" names what it is, not what is wrong.
    let noun = PHRASES.numbered.contains(&member.title.to_lowercase().as_str());
    if noun && fields.iter().any(|f| matches!(f.label, Label::Problem | Label::Title)) {
        member.title.clear();
    }
    if !member.title.contains(char::is_alphanumeric) || titles::frames(&member.title) {
        member.title = title_from_body(unit, looked, fields);
        let told = head::parse(&member.title);
        if member.severity_raw.is_none()
            && told.severity_stated()
            && told.rated.as_ref().is_some_and(|(_, raw)| severity::is_strong(raw))
            && told.title.contains(char::is_alphanumeric)
            && let Some((level, raw)) = told.rated
        {
            member.title = told.title;
            member.severity = level;
            member.severity_raw = Some(raw);
            member.severity_from = Some("heading".to_string());
        }
    }
}

/// What the first field of this kind says that says anything.
fn value<'t>(looked: &'t str, fields: &[Field], label: Label) -> Option<&'t str> {
    let field = fields.iter().find(|f| f.label == label && f.value.end > f.value.start)?;
    Some(looked[field.value.clone()].trim())
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

/// A score does not take back what the section or title says in words: the higher counts.
fn raised(score: Rated, unit: &Unit) -> Rated {
    let words = unit.section_rated.iter().chain(unit.head.rated.iter().filter(|_| !unit.head.by_icon));
    words.cloned().chain([score.clone()]).max_by_key(|(level, _)| *level).unwrap_or(score)
}

/// Severity: field, then heading, then identifier, then section, then icon.
fn rate(text: &str, unit: &Unit, body: &str, fields: &[Field]) -> Option<(Rated, &'static str)> {
    // "Severity" says it before "Priority" does, and words before a score.
    let stated = fields
        .iter()
        .filter(|f| f.label == Label::Severity)
        .filter_map(|f| {
            let rated = severity::of_field(&body[f.value.clone()])?;
            let label = body[f.line.start..f.value.start].to_lowercase();
            Some((severity::rank_of_label(&label), rated))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(rank, rated)| if rank == severity::SCORE { raised(rated, unit) } else { rated });
    if let Some(rated) = stated {
        return Some((rated, "field"));
    }
    // "Severity: unrated" is an answer: what else looks like a severity is none.
    let declined = |f: &&Field| {
        let value = severity::plain(&body[f.value.clone()]).trim().to_lowercase();
        f.label == Label::Severity && matches!(value.as_str(), "unrated" | "not rated" | "tbd")
    };
    if fields.iter().any(|f| declined(&f)) {
        return None;
    }
    let cell = unit.cells.iter().find_map(|(c, r)| match c {
        Column::Severity => severity::of_field(&text[r.clone()]),
        Column::Priority => severity::of_priority(&text[r.clone()]),
        _ => None,
    });
    if let Some(rated) = cell {
        let score = !rated.1.contains(char::is_alphabetic) || rated.1.to_lowercase().contains("cvss");
        return Some((if score { raised(rated, unit) } else { rated }, "field"));
    }
    let first = body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    // Bots tell the severity in a comment that nobody sees.
    let comment = first.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
    let first = comment.unwrap_or(first);
    if unit.shape == Shape::Heading
        && let Some(rated) = fields::rated_alone(first).or_else(|| fields::rated_with_place(first))
    {
        return Some((rated, "field"));
    }
    let head = &unit.head;
    if let Some(rated) = head.rated.clone().filter(|_| !head.by_icon) {
        return Some((rated, "heading"));
    }
    // "`a.rs:3` · high · ana" below a title.
    let below = || body.lines().map(str::trim).filter(|line| !line.is_empty()).nth(1);
    if matches!(unit.shape, Shape::Para | Shape::Item)
        && let Some(rated) = below().and_then(fields::rated_with_place)
    {
        return Some((rated, "field"));
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
    head.rated.clone().or_else(|| said_later(body)).map(|rated| (rated, "icon"))
}

/// What the text says of itself further down: a tag by itself or at the end of a paragraph,
/// or a sentence ("I'd call that critical.").
fn said_later(body: &str) -> Option<Rated> {
    let body = cut(body, LATER);
    // "```suggestion" proposes code, and what stands in it is code.
    let mut fence = false;
    let line = body.lines().map(str::trim).find_map(|line| {
        let mark = fields::fence_mark(line).is_some();
        fence ^= mark;
        if fence || mark { None } else { fields::rated_alone(line) }
    });
    line.or_else(|| body.split("\n\n").find_map(lead::rated_at_end))
        .or_else(|| spoken_severity::severity(body))
        .or_else(|| spoken_severity::by_consequence(body))
}
