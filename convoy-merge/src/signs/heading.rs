//! What a heading shows, by its title, what stands right below it, and what it holds.

use super::marks::{Mark, Marks};
use super::{
    Above, LOOK, Seen, field_status, has_line_place, of_fields, of_head, own_words, passes, set_class,
    statement,
};
use crate::locate;
use crate::rules::{Candidate, Shape};
use crate::severity::{self, Rated};
use crate::sign::{Sign, Signs};
use crate::syntax::fields::{self, Field};
use crate::syntax::head::{self, Head};
use crate::syntax::lead;
use crate::syntax::outline::Section;
use crate::syntax::tree::{Block, Kind};
use crate::titles;
use crate::vocabulary::{Class, Label};

/// A title of more words is a sentence, whatever word of it rates.
const SHORT: usize = 4;

/// A section's heading, with the fields that stand right below it.
pub(crate) fn heading(
    text: &str,
    marks: &Marks,
    section: &Section<'_>,
    siblings: usize,
    mixed: bool,
    above: &Above,
) -> Seen {
    let head = head_of(text, section);
    let own = section.body_start().min(section.own_end())..section.own_end();
    let body = severity::cut(&text[own.clone()], 64 * 1024);
    let fields = own_fields(body);
    let mut signs = Signs::default();
    let words = own_words(&head.title);
    let place_only = words == 0 && !head.places.is_empty();
    let named = if head.places.is_empty() || head.title.is_empty() { section.title } else { &head.title };
    let listed = !place_only && titles::is_listed(named);
    // Below "High" stands what is high, whatever word its title begins with; and a file is no section.
    let class = titles::section(named).filter(|class| {
        let aside = matches!(class, Class::Repeat | Class::Context | Class::Prompt | Class::Positive);
        !(place_only || above.rated.is_some() && !listed && words >= 3 && aside)
    });
    set_class(&mut signs, class);
    signs.set(Sign::Listed, listed || class == Some(Class::Repeat) && words <= 2);
    let rated = severity::of_section(section.title);
    let only = rated.is_some()
        && head.places.is_empty()
        && (words == 0
            || severity::exact(section.title).is_some()
            || titles::section(&head.title).is_some() && (listed || words <= SHORT)
            || words <= SHORT && severity::of_section(&head.title).is_some());
    signs.set(Sign::SeverityOnly, only);
    of_head(&mut signs, &head, words, above);
    signs.set(Sign::RatedTitle, head.severity_stated() && !only);
    of_fields(&mut signs, body, &fields);
    // "Severity: high" above each of several lists rates these, not the section; nor does what
    // stands below paragraphs that begin with places of their own.
    let apart = rated_lists(text, section) > 1 || placed_paragraphs(text, section) > 1;
    signs.unset(Sign::RatedField, apart);
    signs.unset(Sign::PlaceField, apart);
    of_children(&mut signs, section);
    signs.set(Sign::RatedLine, rated_below(text, section).is_some());
    let itself = class.is_none() && is_one_finding(section, &fields);
    signs.set(Sign::Document, whole_document(section, siblings, rated.is_some(), itself));
    signs.set(
        Sign::Documented,
        is_documented(section.title) && fields.first().is_some_and(|f| f.label == Label::Severity),
    );
    signs.set(Sign::LabelTitle, fields::label_of(section.title).is_some() && !only);
    signs.set(Sign::Praise, titles::praises(&head.title) || titles::praises(section.title));
    let whole = text[own.start..section.range.end].trim();
    let none_below = whole.len() < 200 && statement::says_none(whole)
        || fields.iter().any(|f| f.label == Label::Status && passes(&body[f.value.clone()]));
    signs.set(Sign::SaysNone, none_below || statement::says_none(section.title));
    signs.set(Sign::Body, !whole.is_empty());
    signs.set(Sign::Parent, !section.children.is_empty());
    signs.set(Sign::Folded, section.is_folded());
    signs.set(Sign::Mixed, mixed);
    signs.set(Sign::Step, lead::is_step(section.title));
    signs.set(Sign::PlaceLine, has_line_place(severity::cut(body, LOOK)));
    signs.set(Sign::MustFix, marks.any(Mark::Demand, &section.heading));
    signs.set(Sign::RatedAbove, above.rated.is_some());
    let status = head.status.or_else(|| field_status(body, &fields)).or(above.status);
    Seen {
        candidate: Candidate { shape: Shape::Heading, mode: above.mode, words, signs },
        head,
        rated,
        status,
    }
}

/// Its title, with the severity and the place that the section has been given by what is around it.
fn head_of(text: &str, section: &Section<'_>) -> Head {
    let mut head = head::parse(section.title);
    if let Some(rated) = section.rated.clone().filter(|_| !head.severity_stated()) {
        head.rated = Some(rated);
        head.by_icon = false;
    }
    if let Some(place) = section.place.clone().filter(|_| head.places.is_empty()) {
        let told = head::parse(&text[place.clone()]);
        head.lines = head.lines.or(told.lines);
        head.places = locate::find(&text[place.clone()], locate::Trust::Prose);
        if !head.severity_stated()
            && let Some(rated) = text[place].split(['|', ':']).find_map(severity::exact)
        {
            head.rated = Some(rated);
            head.by_icon = false;
        }
    }
    head
}

/// The fields that are the section's own. What is indented belongs to an item of a list.
fn own_fields(body: &str) -> Vec<Field> {
    let mut fields = fields::read(body, 0);
    fields.retain(|field| {
        !body[field.line.start..].starts_with("  ") && !body[field.line.start..].starts_with('\t')
    });
    fields
}

/// Subsections that are fields: "Severity", "Location", "Impact".
fn of_children(signs: &mut Signs, section: &Section<'_>) {
    // What has a part for praise is a report, and its other parts are no fields.
    if section.children.iter().any(|child| titles::section(child.title) == Some(Class::Positive)) {
        return;
    }
    for (label, sign) in [
        (Label::Severity, Sign::RatedField),
        (Label::Location, Sign::PlaceField),
        (Label::Problem, Sign::Problem),
        (Label::Fix, Sign::Remedy),
        (Label::Impact, Sign::Impact),
    ] {
        let below = section.children.iter().any(|child| fields::label_of(child.title) == Some(label));
        signs.set(sign, below);
    }
}

/// A report about one finding: the title is the finding's, the fields are below it.
fn is_one_finding(section: &Section<'_>, fields: &[Field]) -> bool {
    fields.iter().filter(|f| f.label == Label::Severity).count() == 1
        && fields.iter().any(|f| f.label == Label::Location)
        && section.children.iter().all(|child| fields::label_of(child.title).is_some())
}

/// Is it the title of the whole document, and not of its only finding?
fn whole_document(section: &Section<'_>, siblings: usize, rated: bool, one_finding: bool) -> bool {
    section.level == 1 && !rated && !one_finding && (siblings == 1 || section.children.len() >= 2)
}

/// Is `**High Severity**` the first line below a heading?
fn rated_below(text: &str, section: &Section<'_>) -> Option<Rated> {
    // Bots put their own marks between: `<!-- BUG_ID: 4 -->`.
    let marks = section.blocks.iter().take_while(|block| {
        block.kind == Kind::Html && {
            let source = text[block.range.clone()].trim();
            let inner = source.strip_prefix("<!--").and_then(|rest| rest.split("-->").next());
            inner.is_some_and(|inner| fields::rated_alone(inner).is_none())
        }
    });
    let first = section.blocks.get(marks.count())?;
    // Where several paragraphs say how bad and where, each is one.
    let rates = |block: &&&Block| {
        let line = text[block.range.clone()].lines().next().unwrap_or_default();
        block.kind == Kind::Para && fields::rated_with_place(line).is_some()
    };
    if section.blocks.iter().filter(rates).count() > 1 {
        return None;
    }
    let source = text[first.range.clone()].trim();
    match first.kind {
        // `a.rs` L3 • annoying • **S2**, and more lines below it.
        Kind::Para => fields::rated_alone(source).or_else(|| {
            let line = source.lines().next()?;
            let alone = || fields::rated_alone(line).filter(|_| line.contains(['•', '·', '|']));
            fields::rated_with_place(line).or_else(alone)
        }),
        // Bots tell it their own kind.
        Kind::Html => fields::rated_alone(source.strip_prefix("<!--")?.split("-->").next()?),
        _ => None,
    }
}

/// How many of a section's lists have a severity in a paragraph of its own above them.
fn rated_lists(text: &str, section: &Section<'_>) -> usize {
    let rates =
        |block: &Block| block.kind == Kind::Para && fields::rated_alone(&text[block.range.clone()]).is_some();
    let list = |block: &Block| matches!(block.kind, Kind::List { .. });
    section.blocks.windows(2).filter(|pair| rates(pair[0]) && list(pair[1])).count()
}

/// How many of a section's paragraphs begin with a place and have a severity in a field.
fn placed_paragraphs(text: &str, section: &Section<'_>) -> usize {
    let placed = |source: &str| {
        let first = source.lines().next().unwrap_or_default();
        locate::find(severity::cut(first, 200), locate::Trust::Prose)
            .first()
            .is_some_and(|found| !first[..found.start].contains(char::is_alphanumeric))
    };
    section
        .blocks
        .iter()
        .filter(|block| block.kind == Kind::Para)
        .map(|block| &text[block.range.clone()])
        .filter(|source| placed(source) && fields::read(source, 0).iter().any(|f| f.label == Label::Severity))
        .count()
}

/// `1. [src/a.ts:3] Title`, as the documented format heads its findings.
fn is_documented(title: &str) -> bool {
    let rest = title.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < title.len() && rest.strip_prefix(". [").is_some_and(|rest| rest.contains("] "))
}
