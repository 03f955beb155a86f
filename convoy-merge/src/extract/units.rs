//! Decides which stretches of a report are findings. Walks the sections; in each,
//! what stands there is scored by the signs of a finding it bears: a severity, a
//! place, an identifier, known fields, and whether its section holds findings.

use std::ops::Range;

use super::classify;
use super::clean;
use super::documented;
use super::fields::{self, Field};
use super::head::{self, Head};
use super::items::{item_points, own_blocks};
use super::kind;
pub(crate) use super::lead::{clause, is_placeholder};
use super::outline::Section;
use super::table;
use super::tree::Kind;
use crate::locate::{self, Trust};
use crate::severity::{self, Rated};
use crate::vocabulary::{Class, Label};

/// How a finding is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Heading,
    Item,
    Para,
    Row,
}

/// A stretch that is a finding, and what was read from its head.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    pub(crate) range: Range<usize>,
    /// Where the text behind the heading begins.
    pub(crate) body: usize,
    pub(crate) head: Head,
    pub(crate) shape: Shape,
    pub(crate) section: String,
    pub(crate) section_rated: Option<Rated>,
    pub(crate) file: Option<String>,
    /// A table row: header and cell, in order.
    pub(crate) cells: Vec<(table::Column, Range<usize>)>,
}

/// How much is asked of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Strict,
    /// The strict reading found nothing: summaries and weaker signs count too.
    Lenient,
}

#[derive(Debug, Clone)]
pub(super) struct Context {
    pub(super) in_finding: bool,
    pub(super) rated: Option<Rated>,
    pub(super) file: Option<String>,
    pub(super) section: String,
    pub(super) mode: Mode,
    pub(super) depth: usize,
}

/// All findings of a document, in order.
pub(crate) fn find(text: &str, root: &Section<'_>, mode: Mode) -> Vec<Unit> {
    let context =
        Context { in_finding: false, rated: None, file: None, section: String::new(), mode, depth: 0 };
    let mut out = Vec::new();
    walk(text, root, &context, &mut out);
    out
}

fn walk(text: &str, section: &Section<'_>, context: &Context, out: &mut Vec<Unit>) {
    own_blocks(text, section, context, out);
    // A group of headings where some hold findings holds them in those only.
    let mixed = section.children.iter().any(|child| {
        severity::of_section(child.title).is_some()
            && head::parse(child.title).title.split_whitespace().count() <= 3
    });
    for child in &section.children {
        visit(text, child, context, mixed, section.children.len(), out);
    }
}

/// What the heading and the fields below it say about a section.
struct Facts {
    head: Head,
    class: Option<Class>,
    exact: bool,
    pub(super) rated: Option<Rated>,
    fields: Vec<Field>,
    /// Points for being a finding.
    points: u32,
}

fn facts(text: &str, section: &Section<'_>, context: &Context) -> Facts {
    let mut head = head::parse(section.title);
    if let Some(rated) = section.rated.clone().filter(|_| !head.severity_stated()) {
        head.rated = Some(rated);
        head.by_icon = false;
    }
    // "[overview.md:10] Wrong link" is no overview: the place is not of the title.
    let named = if head.places.is_empty() || head.title.is_empty() { section.title } else { &head.title };
    let listed = classify::is_listed(named);
    // Below "High" stands what is high, whatever word its title begins with.
    let class = classify::section(named).filter(|class| {
        !(context.rated.is_some()
            && !listed
            && head.title.split_whitespace().count() >= 3
            && matches!(class, Class::Repeat | Class::Context | Class::Prompt))
    });
    let exact = listed || class == Some(Class::Repeat) && head.title.split_whitespace().count() <= 2;
    let rated = severity::of_section(section.title);
    let own = section.body_start().min(section.own_end())..section.own_end();
    // What is indented belongs to an item of a list, not to the section.
    let fields: Vec<Field> = fields::read(&text[own.clone()], own.start)
        .into_iter()
        .filter(|field| {
            !text[field.line.start..].starts_with("  ") && !text[field.line.start..].starts_with('\t')
        })
        .collect();
    // A label says something only with a value that can be one.
    let says_level = |f: &Field| severity::of_field(&text[f.value.clone()]).is_some();
    let below =
        |label: Label| section.children.iter().any(|child| fields::label_of(child.title) == Some(label));
    let has = |label: Label| {
        fields.iter().any(|f| f.label == label && (label != Label::Severity || says_level(f))) || below(label)
    };
    let mut points = 0;
    points += 2 * u32::from(
        head.severity_stated() && !head.title.is_empty() && rated_is_title_part(&head, rated.as_ref()),
    );
    points += u32::from(head.by_icon && !head.title.is_empty() && rated.is_none());
    points += 2 * u32::from(!head.places.is_empty() && !head.title.is_empty());
    points += 2 * u32::from(head.id.is_some() || head.named_number);
    points += u32::from(head.number.is_some() && !head.named_number);
    points += 2 * u32::from(has(Label::Severity) || rated_below(text, section).is_some());
    points += u32::from(has(Label::Location))
        + u32::from(has(Label::Problem))
        + u32::from(has(Label::Fix))
        + u32::from(has(Label::Impact));
    points += u32::from(context.in_finding);
    Facts { head, class, exact, rated, fields, points }
}

/// `**High Severity**` as the first line below a heading rates what it names.
fn rated_below(text: &str, section: &Section<'_>) -> Option<Rated> {
    let first = section.blocks.first().filter(|block| block.kind == Kind::Para)?;
    fields::rated_alone(&text[first.range.clone()])
}

/// "Critical Issues" is a section, "Critical: lost update" a finding.
fn rated_is_title_part(head: &Head, section: Option<&Rated>) -> bool {
    section.is_none()
        || head.title.split_whitespace().count() >= 2 && classify::section(&head.title).is_none()
}

fn visit(
    text: &str,
    section: &Section<'_>,
    context: &Context,
    mixed: bool,
    siblings: usize,
    out: &mut Vec<Unit>,
) {
    if context.depth > 12 {
        return;
    }
    let facts = facts(text, section, context);
    if documented::is_heading(section.title)
        && facts.fields.first().is_some_and(|f| f.label == Label::Severity)
    {
        // The documented format needs no guessing, whatever the title says.
        out.push(heading_unit(section, context, facts));
        return;
    }
    let has = |label: Label| facts.fields.iter().any(|f| f.label == label);
    // A report about one finding: the title is the finding's, the fields are below it.
    let itself = facts.class.is_none()
        && facts.fields.iter().filter(|f| f.label == Label::Severity).count() == 1
        && has(Label::Location)
        && section.children.iter().all(|child| fields::label_of(child.title).is_some());
    let document = section.level == 1
        && facts.rated.is_none()
        && !itself
        && (siblings == 1 || !section.children.is_empty() && section.children.len() >= 2);
    let strong = facts.points >= 2 + u32::from(context.in_finding);
    let severe = facts.head.severity_stated() && facts.points >= 3
        || facts.fields.iter().any(|f| f.label == Label::Severity);
    if !document {
        if (facts.class == Some(Class::Positive)
            || classify::praises(&facts.head.title)
            || classify::praises(section.title))
            && !severe
        {
            return;
        }
        if matches!(facts.class, Some(Class::Repeat | Class::Context | Class::Prompt))
            && (facts.exact || !strong)
        {
            if context.mode == Mode::Lenient && facts.class == Some(Class::Repeat) {
                descend(text, section, context, &facts, false, out);
            } else {
                folded(text, section, context, out);
            }
            return;
        }
        if facts.head.title.is_empty()
            && facts.head.places.is_empty()
            && facts.rated.is_none()
            && (facts.head.rated.is_none() || facts.head.by_icon)
            && !(facts.head.named_number && facts.points >= 4)
        {
            return descend(text, section, context, &facts, false, out);
        }
        if is_finding(text, section, context, &facts, mixed) {
            out.push(heading_unit(section, context, facts));
            return;
        }
        if fields::label_of(section.title).is_some() && facts.class.is_none() && facts.rated.is_none() {
            return;
        }
    }
    descend(text, section, context, &facts, document, out);
}

/// A folded part that says it holds findings holds them wherever it was put.
fn folded(text: &str, section: &Section<'_>, context: &Context, out: &mut Vec<Unit>) {
    for child in section.children.iter().filter(|child| child.is_folded()) {
        if severity::of_section(child.title).is_some()
            || classify::section(child.title) == Some(Class::Finding)
        {
            visit(text, child, context, false, 1, out);
        }
    }
}

fn descend(
    text: &str,
    section: &Section<'_>,
    context: &Context,
    facts: &Facts,
    document: bool,
    out: &mut Vec<Unit>,
) {
    let holds = matches!(facts.class, Some(Class::Finding)) && !document;
    let only_place = facts.head.title.split_whitespace().count() <= 1 && !facts.head.places.is_empty();
    let rated = if document { None } else { facts.rated.clone() };
    let next = Context {
        in_finding: context.in_finding || holds || rated.is_some(),
        rated: rated.or_else(|| context.rated.clone()),
        file: facts
            .head
            .places
            .first()
            .filter(|_| only_place || facts.head.places.len() == 1 && facts.class.is_none())
            .map(|found| found.place.file.clone())
            .or_else(|| context.file.clone()),
        section: if document { String::new() } else { below(&context.section, section.title.trim()) },
        mode: context.mode,
        depth: context.depth + 1,
    };
    walk(text, section, &next, out);
}

/// The path of section titles.
fn below(outer: &str, title: &str) -> String {
    if outer.is_empty() { title.to_string() } else { format!("{outer} > {title}") }
}

fn is_finding(text: &str, section: &Section<'_>, context: &Context, facts: &Facts, mixed: bool) -> bool {
    let head = &facts.head;
    if head.title.is_empty()
        && head.places.is_empty()
        && !facts.fields.iter().any(|f| matches!(f.label, Label::Title | Label::Problem))
    {
        return false;
    }
    // A title of severity words alone names a group.
    if facts.rated.is_some()
        && (head.title.split_whitespace().count() <= 3
            && classify::section(section.title) == Some(Class::Finding)
            || head.title.is_empty())
        && head.places.is_empty()
        && facts.fields.is_empty()
    {
        return false;
    }
    let own_fields = facts.fields.iter().any(|f| matches!(f.label, Label::Severity | Label::Location));
    if !own_fields && section.children.iter().any(|child| is_strong_child(text, child, context)) {
        return false;
    }
    let items = strong_items(text, section, context, facts);
    if facts.rated.is_some() && !own_fields && (items > 0 || has_table_findings(text, section, context)) {
        return false;
    }
    if !own_fields
        && (head.places.is_empty() || head.title.split_whitespace().count() <= 1)
        && items > usize::from(facts.points >= 3)
    {
        return false;
    }
    if head.title.split_whitespace().count() <= 1
        && !head.places.is_empty()
        && !own_fields
        && context.mode == Mode::Strict
        && head.id.is_none()
    {
        // Only a file name: a group, unless the text says what is wrong.
        return facts.points >= 4;
    }
    if facts.class == Some(Class::Finding)
        && facts.points < 3 + u32::from(context.in_finding)
        && head.places.is_empty()
        && !own_fields
        && head.id.is_none()
        && !head.named_number
        && !head.severity_stated()
        && !context.in_finding
    {
        return false;
    }
    // "Findings" holds them, even if the fields of the first stand right below it.
    if facts.class == Some(Class::Finding) && facts.exact && head.places.is_empty() && head.id.is_none() {
        return false;
    }
    if facts.class == Some(Class::Subject) && facts.points < 4 && !own_fields {
        return false;
    }
    let below = text[section.body_start().min(section.range.end)..section.range.end].trim();
    if clean::says_none(below) && below.len() < 200 || clean::says_none(section.title) {
        return false;
    }
    if facts.points >= 2 + u32::from(context.in_finding && facts.points == 2 && head.number.is_none()) {
        return true;
    }
    // A heading without any sign, in a section of findings where its siblings are like it.
    let group = facts.class.is_some_and(|class| class != Class::Finding)
        || facts.class == Some(Class::Finding) && head.title.split_whitespace().count() < 5;
    if context.in_finding
        && !mixed
        && !below.is_empty()
        && !group
        && facts.rated.is_none()
        && items == 0
        && !has_table_findings(text, section, context)
    {
        return true;
    }
    context.mode == Mode::Lenient
        && !kind::is_step(section.title)
        && section.children.is_empty()
        && below.len() > 40
        && facts.class.is_none()
        && has_line_place(below)
}

fn has_line_place(content: &str) -> bool {
    let cut = content.char_indices().nth(1500).map_or(content.len(), |(at, _)| at);
    locate::find(&content[..cut], Trust::Prose).iter().any(|found| found.place.line_start.is_some())
}

fn has_table_findings(text: &str, section: &Section<'_>, context: &Context) -> bool {
    section.blocks.iter().any(|block| match &block.kind {
        Kind::Table(rows) => !table::findings(text, rows, true, context.mode).is_empty() && rows.len() > 2,
        _ => false,
    })
}

fn is_strong_child(text: &str, child: &Section<'_>, context: &Context) -> bool {
    if fields::label_of(child.title).is_some() {
        return false;
    }
    let loose = Context { in_finding: false, ..context.clone() };
    let facts = facts(text, child, &loose);
    facts.points >= 2 && !matches!(facts.class, Some(Class::Positive | Class::Repeat | Class::Context))
        || facts.rated.is_some() && facts.head.title.split_whitespace().count() <= 3
}

/// How many list items (or paragraphs) directly in a section are findings by themselves.
fn strong_items(text: &str, section: &Section<'_>, context: &Context, facts: &Facts) -> usize {
    let body_fields =
        facts.fields.iter().any(|f| matches!(f.label, Label::Problem | Label::Fix | Label::Impact));
    let mut count = 0;
    for block in &section.blocks {
        if let Kind::List { ordered } = block.kind {
            for item in &block.children {
                let (lead, points) = item_points(text, item, ordered, context);
                let own = lead.head.severity_stated()
                    || lead.has_fields
                    || lead.bold && (lead.line_place || ordered && !body_fields && context.in_finding);
                count += usize::from(own && points >= 2 && !lead.is_field);
            }
        }
    }
    count
}

fn heading_unit(section: &Section<'_>, context: &Context, facts: Facts) -> Unit {
    Unit {
        range: section.range.clone(),
        body: section.body_start(),
        head: facts.head,
        shape: Shape::Heading,
        section: context.section.clone(),
        section_rated: context.rated.clone(),
        file: context.file.clone(),
        cells: Vec::new(),
    }
}

// --- what stands in a section beside subsections ---
