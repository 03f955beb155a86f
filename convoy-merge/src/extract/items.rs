//! Findings that are no headings: list items, paragraphs, table rows, lines.

use std::ops::Range;

use super::classify;
use super::clean;
use super::fields;
use super::head::{self, Head};
use super::lead::{Lead, alert_of, is_placeholder, lead_of};
use super::outline::Section;
use super::table;
use super::tree::{Block, Kind};
use super::units::{Context, Mode, Shape, Unit};
use crate::locate::{self, Trust};
use crate::severity;
use crate::vocabulary::{Class, Label};

pub(super) fn own_blocks(text: &str, section: &Section<'_>, context: &Context, out: &mut Vec<Unit>) {
    let mut starts: Vec<Option<Head>> = section
        .blocks
        .iter()
        .map(|block| (block.kind == Kind::Para).then(|| para_start(text, block, context)).flatten())
        .collect();
    rated_above(text, section, &mut starts);
    let group = |at: usize| {
        let above = section.blocks[..at].last().filter(|block| block.kind == Kind::Para)?;
        fields::rated_alone(&text[above.range.clone()])
    };
    let mut at = 0;
    while at < section.blocks.len() {
        let block = section.blocks[at];
        if let Some(head) = &starts[at] {
            let next = (at + 1..section.blocks.len())
                .find(|n| {
                    starts[*n].is_some() || matches!(section.blocks[*n].kind, Kind::Table(_) | Kind::Rule)
                })
                .unwrap_or(section.blocks.len());
            let end = section.blocks.get(next).map_or(section.own_end(), |b| b.range.start);
            out.push(text_unit(
                block.range.start..end.max(block.range.end),
                head.clone(),
                Shape::Para,
                context,
            ));
            at = next;
            continue;
        }
        match &block.kind {
            // "Critical:" in a line of its own rates the list below it.
            Kind::List { ordered } => match group(at) {
                Some(rated) => {
                    let rated = Context { in_finding: true, rated: Some(rated), ..context.clone() };
                    list_units(text, block, *ordered, &rated, out);
                }
                None => list_units(text, block, *ordered, context, out),
            },
            Kind::Table(rows) => {
                for (range, cells) in table::findings(text, rows, context.in_finding, context.mode) {
                    out.push(row_unit(text, range, cells, context));
                }
            }
            Kind::Para if place_below(text, block, at, section, out) => {}
            Kind::Para => line_units(text, block, context, out),
            _ => {}
        }
        at += 1;
    }
}

/// A paragraph that is only a place, right behind a finding, tells where that is.
fn place_below(text: &str, block: &Block, at: usize, section: &Section<'_>, out: &mut [Unit]) -> bool {
    let Some(above) = at.checked_sub(1).map(|n| section.blocks[n]) else { return false };
    let below = out.last_mut().filter(|unit| {
        unit.shape != Shape::Row
            && above.range.contains(&unit.range.start)
            && unit.range.end >= above.range.end
    });
    match below {
        Some(unit) if super::places::is_place(&text[block.range.clone()]) => {
            unit.range.end = block.range.end;
            true
        }
        _ => false,
    }
}

/// A severity in a paragraph of its own rates the paragraph below it.
fn rated_above(text: &str, section: &Section<'_>, starts: &mut [Option<Head>]) {
    for at in 1..section.blocks.len() {
        let (above, block) = (section.blocks[at - 1], section.blocks[at]);
        if above.kind != Kind::Para || block.kind != Kind::Para || starts[at - 1].is_some() {
            continue;
        }
        let Some(rated) = fields::rated_alone(&text[above.range.clone()]) else { continue };
        let mut head = lead_of(&text[block.range.clone()]).head;
        if !head.severity_stated() {
            head.rated = Some(rated);
            head.by_icon = false;
        }
        starts[at] = None;
        starts[at - 1] = Some(head);
    }
}

fn text_unit(range: Range<usize>, head: Head, shape: Shape, context: &Context) -> Unit {
    Unit {
        body: range.start,
        range,
        head,
        shape,
        section: context.section.clone(),
        section_rated: context.rated.clone(),
        file: context.file.clone(),
        cells: Vec::new(),
    }
}

fn row_unit(
    text: &str,
    range: Range<usize>,
    cells: Vec<(table::Column, Range<usize>)>,
    context: &Context,
) -> Unit {
    let title = cells
        .iter()
        .find(|(column, _)| *column == table::Column::Title)
        .map_or("", |(_, cell)| text[cell.clone()].trim());
    let mut head = head::parse(&title.replace("\\|", "|"));
    if let Some(id) =
        cells.iter().find(|(c, _)| *c == table::Column::Id).map(|(_, cell)| text[cell.clone()].trim())
    {
        let id = id.trim_matches(['*', '`', '#', '.', ' ']);
        if head::is_id(id) {
            head.id = Some(id.to_string());
        } else if !id.is_empty() && id.len() < 6 {
            head.number = Some(id.to_string());
        }
    }
    let mut unit = text_unit(range, head, Shape::Row, context);
    unit.cells = cells;
    unit
}

/// Is this paragraph the beginning of a finding written as running text?
fn para_start(text: &str, block: &Block, context: &Context) -> Option<Head> {
    let source = &text[block.range.clone()];
    let first = alert_of(source).1.lines().next()?.trim();
    let label = fields::first_in_line(first).map(|f| f.label);
    if label.is_some_and(|l| !matches!(l, Label::Severity | Label::Id | Label::Title | Label::Problem))
        || is_line_list(source)
    {
        return None;
    }
    let lead = lead_of(source);
    if matches!(label, Some(Label::Title | Label::Problem | Label::Id)) {
        // `**Finding:** …` begins one if a severity or a place follows it.
        let all = fields::read(source, 0);
        let more = all
            .iter()
            .filter(|f| f.line.start > 0 && matches!(f.label, Label::Severity | Label::Location))
            .count();
        return (more > 0 && !refuses(&lead.head, source)).then_some(lead.head);
    }
    // "Finding 3" needs no title where fields follow.
    let numbered = lead.head.named_number
        && fields::read(source, 0).iter().any(|f| matches!(f.label, Label::Severity | Label::Location));
    if lead.head.title.is_empty() && lead.head.places.is_empty() && !numbered || refuses(&lead.head, source) {
        return None;
    }
    // `**Date:** …` is a field that findings do not have.
    let inner = first.trim_start_matches("**");
    let unknown_field = lead.bold
        && label.is_none()
        && inner.split("**").next().is_some_and(|bold| bold.trim_end().ends_with(':'))
        && !fields_of_findings_alone(&lead);
    if unknown_field {
        return None;
    }
    if !lead.bold
        && !lead.head.severity_stated()
        && lead.head.id.is_none()
        && !lead.head.named_number
        && lead.head.lines.is_none()
    {
        return None;
    }
    if let Some(field) = fields::first_in_line(first)
        && field.label != Label::Severity
        && !lead.head.severity_stated()
        && lead.head.id.is_none()
        && !lead.head.named_number
    {
        return None;
    }
    let all = fields::read(source, 0);
    let mut points = lead_points(&lead, context);
    points += 2 * u32::from(all.iter().any(|f| f.label == Label::Severity && f.line.start > 0));
    points += u32::from(all.iter().any(|f| {
        matches!(f.label, Label::Problem | Label::Fix | Label::Impact | Label::Location) && f.line.start > 0
    }));
    (points >= threshold(context)).then_some(lead.head)
}

/// Does the lead by itself bear a sign of a finding?
fn fields_of_findings_alone(lead: &Lead) -> bool {
    lead.head.severity_stated() || lead.line_place || lead.head.id.is_some() || lead.head.number.is_some()
}

fn threshold(context: &Context) -> u32 {
    match context.mode {
        Mode::Strict => 3,
        Mode::Lenient => 2,
    }
}

fn lead_points(lead: &Lead, context: &Context) -> u32 {
    let head = &lead.head;
    2 * u32::from(head.severity_stated())
        + u32::from(head.by_icon)
        + u32::from(lead.bold)
        + u32::from(head.id.is_some() || head.number.is_some())
        + u32::from(head.named_number)
        + u32::from(!head.places.is_empty() || head.lines.is_some())
        + u32::from(lead.line_place)
        + u32::from(context.in_finding)
        + u32::from(context.rated.is_some())
}

/// Statements that are no finding whatever they look like.
fn refuses(head: &Head, source: &str) -> bool {
    clean::says_none(source) && source.len() < 200
        || classify::praises(&head.title)
        || classify::praises_first(
            source
                .trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '*' | ' ' | '.' | ')')),
        )
        || matches!(
            classify::section(&head.title),
            Some(Class::Positive | Class::Repeat | Class::Context | Class::Prompt)
        ) && head.title.split_whitespace().count() <= 4
            && !head.severity_stated()
            && head.places.is_empty()
        || matches!(classify::section(&head.title), Some(Class::Repeat | Class::Context | Class::Prompt))
            && head.title.split_whitespace().count() <= 2
            && head.places.is_empty()
        || head.tick_box && head.ticked
        || is_placeholder(&head.title)
}

pub(super) fn item_points(text: &str, item: &Block, ordered: bool, context: &Context) -> (Lead, u32) {
    let range = item_text(text, item);
    let source = &text[range.clone()];
    let mut lead = lead_of(source);
    let all = fields::read(source, 0);
    lead.is_field = all.first().is_some_and(|f| {
        f.line.start == 0
            && (f.label != Label::Severity && f.label != Label::Other || f.label == Label::Other && lead.bold)
    });
    lead.has_fields =
        all.iter().any(|f| f.line.start > 0 && matches!(f.label, Label::Severity | Label::Location))
            || all.first().is_some_and(|f| f.label == Label::Severity);
    let rich = all
        .iter()
        .any(|f| f.line.start > 0 && matches!(f.label, Label::Problem | Label::Fix | Label::Impact));
    if ordered && lead.head.number.is_none() {
        lead.head.number = Some(marker(text, item));
    }
    let points = lead_points(&lead, context) + 2 * u32::from(lead.has_fields) + u32::from(rich);
    (lead, points)
}

fn marker(text: &str, item: &Block) -> String {
    text[item.range.clone()].trim_start().chars().take_while(char::is_ascii_digit).collect()
}

/// An item's text without its bullet or number.
fn item_text(text: &str, item: &Block) -> Range<usize> {
    let source = &text[item.range.clone()];
    let lead = source.len() - source.trim_start().len();
    let rest = &source[lead..];
    let skip = if rest.starts_with(['-', '*', '+']) {
        1
    } else {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 && rest[digits..].starts_with(['.', ')']) { digits + 1 } else { 0 }
    };
    let at = lead + skip;
    let space = source[at..].len() - source[at..].trim_start_matches([' ', '\t']).len();
    item.range.start + at + space..item.range.end
}

fn list_units(text: &str, list: &Block, ordered: bool, context: &Context, out: &mut Vec<Unit>) {
    for item in &list.children {
        let (lead, points) = item_points(text, item, ordered, context);
        let range = item_text(text, item);
        let source = &text[range.clone()];
        if source.trim().is_empty()
            || refuses(&lead.head, source)
            || lead.is_field && !lead.head.severity_stated()
        {
            continue;
        }
        if group_item(text, item, &lead, context, out) {
            continue;
        }
        let needed =
            if context.in_finding { if context.rated.is_some() { 2 } else { 1 } } else { threshold(context) };
        let plain_bullet = !ordered
            && !lead.bold
            && lead.head.places.is_empty()
            && !lead.head.severity_stated()
            && lead.head.id.is_none();
        let weak = plain_bullet
            && context.in_finding
            && context.rated.is_none()
            && context.mode == Mode::Strict
            && source.split_whitespace().count() < 4;
        if points < needed
            || weak
            || lead.head.title.is_empty()
                && lead.head.places.is_empty()
                && source.split_whitespace().count() < 3
        {
            continue;
        }
        let mut unit = text_unit(item.range.clone(), lead.head, Shape::Item, context);
        unit.body = range.start;
        out.push(unit);
    }
}

/// `- **High**` with the findings as a list below it.
fn group_item(text: &str, item: &Block, lead: &Lead, context: &Context, out: &mut Vec<Unit>) -> bool {
    if context.depth > 12 {
        return false;
    }
    let lists: Vec<&Block> = item.children.iter().filter(|b| matches!(b.kind, Kind::List { .. })).collect();
    if lists.is_empty() {
        return false;
    }
    let source = &text[item_text(text, item)];
    let first = source.lines().next().unwrap_or_default();
    let rated = severity::of_section(first);
    let title_words = lead.head.title.split_whitespace().count();
    let only_place = title_words <= 1 && lead.head.places.len() == 1 && !lead.head.severity_stated();
    let rated_inside = || {
        lists
            .iter()
            .flat_map(|list| &list.children)
            .any(|inner| lead_of(&text[item_text(text, inner)]).head.severity_stated())
    };
    if !(rated.is_some() && title_words <= 2 && lead.head.places.is_empty()
        || only_place && (context.in_finding || rated_inside()))
    {
        return false;
    }
    let next = Context {
        in_finding: true,
        rated: rated.or_else(|| context.rated.clone()),
        file: lead.head.places.first().map(|p| p.place.file.clone()).or_else(|| context.file.clone()),
        section: context.section.clone(),
        mode: context.mode,
        depth: context.depth + 1,
    };
    let before = out.len();
    for list in lists {
        if let Kind::List { ordered } = list.kind {
            list_units(text, list, ordered, &next, out);
        }
    }
    out.len() > before
}

/// A paragraph whose lines are findings: `HIGH: a.ts:3 - …`, `a.ts:3: error: …`.
fn is_line_list(source: &str) -> bool {
    let lines: Vec<&str> = source.lines().collect();
    let Some(first) = lines.first().map(|line| head::parse(line)) else { return false };
    // A list is alike from line to line; a title above its place is no list.
    let alike = |line: &&str| head::parse(line).rated.is_some() == first.rated.is_some();
    lines.len() >= 2 && lines.iter().all(|line| starts_a_line_finding(line)) && lines.iter().all(alike)
}

fn starts_a_line_finding(line: &str) -> bool {
    let head = head::parse(line);
    let places = locate::find(crate::extract::cut(line, 400), Trust::Prose);
    let place_first = places
        .first()
        .is_some_and(|p| p.place.line_start.is_some() && !line[..p.start].chars().any(char::is_alphanumeric));
    (head.severity_stated() && !head.title.is_empty() || place_first) && fields::first_in_line(line).is_none()
}

fn line_units(text: &str, block: &Block, context: &Context, out: &mut Vec<Unit>) {
    let source = &text[block.range.clone()];
    let single = context.in_finding || context.mode == Mode::Lenient;
    if !(is_line_list(source) || single && source.lines().count() == 1 && starts_a_line_finding(source)) {
        return;
    }
    let mut at = block.range.start;
    for line in source.split_inclusive('\n') {
        let lead = lead_of(line);
        if !line.trim().is_empty() && !refuses(&lead.head, line) {
            out.push(text_unit(at..at + line.len(), lead.head, Shape::Para, context));
        }
        at += line.len();
    }
}
