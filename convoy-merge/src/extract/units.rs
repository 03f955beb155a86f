//! Decides which stretches of a report are findings. Walks the sections; in each,
//! what stands there is scored by the signs of a finding it bears: a severity, a
//! place, an identifier, known fields, and whether its section holds findings.

use std::ops::Range;

use super::classify;
use super::fields::{self, Field};
use super::head::{self, Head};
use super::outline::Section;
use super::table;
use super::tree::{Block, Kind};
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
struct Context {
    in_finding: bool,
    rated: Option<Rated>,
    file: Option<String>,
    section: String,
    mode: Mode,
    depth: usize,
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
    rated: Option<Rated>,
    fields: Vec<Field>,
    /// Points for being a finding.
    points: u32,
}

fn facts(text: &str, section: &Section<'_>, context: &Context) -> Facts {
    let head = head::parse(section.title);
    let normal = classify::normal_title(section.title);
    let class = classify::section(section.title);
    let exact = normal.split_whitespace().count() <= 3;
    let rated = severity::of_section(section.title);
    let own = section.body_start().min(section.own_end())..section.own_end();
    // What is indented belongs to an item of a list, not to the section.
    let fields: Vec<Field> = fields::read(&text[own.clone()], own.start)
        .into_iter()
        .filter(|field| {
            !text[field.line.start..].starts_with("  ") && !text[field.line.start..].starts_with('\t')
        })
        .collect();
    let has = |label: Label| fields.iter().any(|f| f.label == label);
    let mut points = 0;
    points += 2 * u32::from(
        head.severity_stated() && !head.title.is_empty() && rated_is_title_part(&head, rated.as_ref()),
    );
    points += u32::from(head.by_icon && !head.title.is_empty() && rated.is_none());
    points += 2 * u32::from(!head.places.is_empty() && !head.title.is_empty());
    points += 2 * u32::from(head.id.is_some() || head.named_number);
    points += u32::from(head.number.is_some() && !head.named_number);
    points += 2 * u32::from(has(Label::Severity));
    points += u32::from(has(Label::Location))
        + u32::from(has(Label::Problem))
        + u32::from(has(Label::Fix))
        + u32::from(has(Label::Impact));
    points += u32::from(context.in_finding);
    Facts { head, class, exact, rated, fields, points }
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
    let document =
        section.level == 1 && (siblings == 1 || !section.children.is_empty() && section.children.len() >= 2);
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
            }
            return;
        }
        if facts.head.title.is_empty()
            && facts.head.places.is_empty()
            && facts.rated.is_none()
            && facts.head.rated.is_none()
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
        && items >= 1 + usize::from(facts.points >= 3)
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
    if facts.class == Some(Class::Subject) && facts.points < 4 && !own_fields {
        return false;
    }
    let content = text[section.body_start().min(section.range.end)..section.range.end].trim();
    if classify::says_none(content) && content.len() < 200 || classify::says_none(section.title) {
        return false;
    }
    if facts.points >= 2 + u32::from(context.in_finding && facts.points == 2 && head.number.is_none()) {
        return true;
    }
    // A heading without any sign, in a section of findings where its siblings are like it.
    if context.in_finding
        && !mixed
        && !content.is_empty()
        && facts.class.is_none()
        && facts.rated.is_none()
        && items == 0
        && !has_table_findings(text, section, context)
    {
        return true;
    }
    context.mode == Mode::Lenient
        && section.children.is_empty()
        && content.len() > 40
        && facts.class.is_none()
        && has_line_place(content)
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

fn own_blocks(text: &str, section: &Section<'_>, context: &Context, out: &mut Vec<Unit>) {
    let starts: Vec<Option<Head>> = section
        .blocks
        .iter()
        .map(|block| (block.kind == Kind::Para).then(|| para_start(text, block, context)).flatten())
        .collect();
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
                text,
                block.range.start..end.max(block.range.end),
                head.clone(),
                Shape::Para,
                context,
            ));
            at = next;
            continue;
        }
        match &block.kind {
            Kind::List { ordered } => list_units(text, block, *ordered, context, out),
            Kind::Table(rows) => {
                for (range, cells) in table::findings(text, rows, context.in_finding, context.mode) {
                    out.push(row_unit(text, range, cells, context));
                }
            }
            Kind::Para => line_units(text, block, context, out),
            _ => {}
        }
        at += 1;
    }
}

fn text_unit(_text: &str, range: Range<usize>, head: Head, shape: Shape, context: &Context) -> Unit {
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
    let mut unit = text_unit(text, range, head, Shape::Row, context);
    unit.cells = cells;
    unit
}

/// The beginning of a list item or paragraph.
struct Lead {
    head: Head,
    bold: bool,
    line_place: bool,
    has_fields: bool,
    is_field: bool,
}

/// The title and tags of running text: a bold start is the title, else the first
/// clause is.
fn lead_of(text: &str) -> Lead {
    let first = first_line(text);
    let full = head::parse(&first);
    let trimmed = first
        .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '*' && c != '`' && c != '[' && c != '"');
    let mut bold = false;
    let mut head = full.clone();
    head.title = clause(&full.title);
    let marked = trimmed.strip_prefix("**").or_else(|| {
        let at = trimmed.find("**").filter(|n| *n <= 60)?;
        let front = &trimmed[..at];
        (head::parse(front).title.is_empty()
            || front
                .trim()
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | ')' | '`' | ':' | '-' | '–')))
        .then(|| &trimmed[at + 2..])
    });
    if let Some(inner) = marked
        && let Some(end) = inner.find("**")
    {
        bold = true;
        let own = head::parse(&inner[..end]);
        let line_only = line_reference(&own.title);
        let label = inner[..end].trim_end().ends_with(':') && fields::label_of(&own.title).is_some() || fields::label_of(&own.title) == Some(Label::Other);
        if !own.title.is_empty() && own.title.chars().any(char::is_alphabetic) && !label && line_only.is_none() {
            head.title.clone_from(&own.title);
        } else {
            let rest = head::parse(inner[end + 2..].trim_start_matches([' ', ':', '-', '–', '—']));
            head.title = clause(&rest.title);
            head.lines = line_only.or(head.lines);
            if rest.severity_stated() && !own.severity_stated() {
                head.rated = rest.rated;
                head.by_icon = false;
            }
        }
        if own.severity_stated() || head.rated.is_none() {
            head.by_icon = own.by_icon;
            head.rated = own.rated.or(head.rated);
        }
        head.number = own.number.or(head.number);
        head.id = own.id.or(head.id);
        head.named_number |= own.named_number;
        head.lines = own.lines.or(head.lines);
        head.tags = own.tags;
    }
    if !head.severity_stated()
        && let Some(rated) = stated_in_line(&first)
    {
        head.rated = Some(rated);
        head.by_icon = false;
    }
    let line_place = head.places.iter().any(|p| p.place.line_start.is_some()) || head.lines.is_some();
    Lead { head, bold, line_place, has_fields: false, is_field: false }
}

/// `Line 12`, `Lines 40-44` as a title is where, not what.
fn line_reference(title: &str) -> Option<(u32, u32)> {
    let lower = title.to_lowercase();
    let word = ["lines", "line", "zeile", "línea", "linha", "ligne", "l"].iter().find(|w| lower.starts_with(**w))?;
    let rest = lower[word.len()..].trim();
    let numeric = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '–' | ',' | ' ' | '~'));
    numeric.then(|| locate::bare_lines(rest).first().copied()).flatten()
}

/// `… — Severity: high` in the middle of a line.
fn stated_in_line(line: &str) -> Option<Rated> {
    line.split(['—', '–', '|', ';', '(', ')', '[', ']', '·', ','])
        .flat_map(|part| part.split(" - "))
        .filter_map(|part| part.split_once([':', '：']))
        .filter(|(label, _)| fields::label_of(label.trim().trim_matches(['*', '_'])) == Some(Label::Severity))
        .find_map(|(_, value)| severity::of_field(value))
}

/// The first line, with a soft-wrapped second one if the first is no sentence yet.
fn first_line(text: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    let Some(first) = lines.next() else { return String::new() };
    let mut line = first.to_string();
    for next in lines.take(2) {
        let goes_on = !line.ends_with(['.', ':', '`', '*', ')', '!', '?'])
            && line.len() > 50
            && !next.is_empty()
            && !next.starts_with(['-', '*', '#', '>', '|', '`', '+'])
            && fields::first_in_line(next).is_none();
        if !goes_on {
            break;
        }
        line.push(' ');
        line.push_str(next);
    }
    line
}

/// The first clause of a sentence, for a title.
pub(crate) fn clause(text: &str) -> String {
    let text = text.trim();
    let mut end = text.len();
    for separator in [" — ", " -- ", " – ", " - ", ". ", ": ", "; ", "。", "："] {
        let mut from = 0;
        while let Some(at) = text[from..].find(separator).map(|n| n + from) {
            let enough = text[..at].split_whitespace().count()
                >= if separator.starts_with(':') { 3 } else { 2 }
                || !text.is_ascii() && at >= 12;
            let ticks = text[..at].matches('`').count() % 2 == 0;
            let abbreviation = text[..at].ends_with("e.g")
                || text[..at].ends_with("i.e")
                || text[..at].ends_with("etc")
                || text[..at].ends_with("vs");
            if enough && ticks && !abbreviation {
                end = end.min(at);
                break;
            }
            from = at + separator.len();
        }
    }
    let cut = text[..end].trim().trim_end_matches('.');
    if cut.chars().count() <= 160 {
        return cut.to_string();
    }
    let limit = cut.char_indices().nth(157).map_or(cut.len(), |(at, _)| at);
    let space = cut[..limit].rfind(' ').unwrap_or(limit);
    format!("{}…", &cut[..space])
}

/// Is this paragraph the beginning of a finding written as running text?
fn para_start(text: &str, block: &Block, context: &Context) -> Option<Head> {
    let source = &text[block.range.clone()];
    let first = source.lines().next()?.trim();
    let label = fields::first_in_line(first).map(|f| f.label);
    if label.is_some_and(|l| !matches!(l, Label::Severity | Label::Id | Label::Title | Label::Problem)) || is_line_list(source) {
        return None;
    }
    let lead = lead_of(source);
    if matches!(label, Some(Label::Title | Label::Problem | Label::Id)) {
        // `**Finding:** …` begins one if a severity or a place follows it.
        let all = fields::read(source, 0);
        let more = all.iter().filter(|f| f.line.start > 0 && matches!(f.label, Label::Severity | Label::Location)).count();
        return (more > 0 && !refuses(&lead.head, source)).then_some(lead.head);
    }
    if lead.head.title.is_empty() && lead.head.places.is_empty() || refuses(&lead.head, source) {
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
    classify::says_none(source) && source.len() < 200
        || classify::praises(&head.title)
        || classify::praises(
            source.trim_start_matches([
                '-', '*', ' ', '1', '2', '3', '4', '5', '6', '7', '8', '9', '0', '.', ')',
            ]),
        )
        || matches!(
            classify::section(&head.title),
            Some(Class::Positive | Class::Repeat | Class::Context | Class::Prompt)
        ) && head.title.split_whitespace().count() <= 4
            && !head.severity_stated()
            && head.places.is_empty()
        || head.tick_box && head.ticked
        || is_placeholder(&head.title)
}

/// `[Title]`, `<description>`, `{title}`: a form to fill in, not a finding.
pub(crate) fn is_placeholder(title: &str) -> bool {
    let trimmed = title.trim_matches(['`', '*', ' ', '"']);
    let wrapped = |open: char, close: char| trimmed.starts_with(open) && trimmed.ends_with(close);
    wrapped('[', ']')
        || wrapped('<', '>')
        || wrapped('{', '}')
        || matches!(
            trimmed,
            "..."
                | "…"
                | "Title"
                | "Issue title"
                | "Finding title"
                | "Short title"
                | "Description"
                | "Issue Title"
                | "Finding Title"
        )
}

fn item_points(text: &str, item: &Block, ordered: bool, context: &Context) -> (Lead, u32) {
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
        let mut unit = text_unit(text, item.range.clone(), lead.head, Shape::Item, context);
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
    if !(rated.is_some() && title_words <= 2 && lead.head.places.is_empty()
        || only_place && context.in_finding)
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
    lines.len() >= 2 && lines.iter().all(|line| starts_a_line_finding(line))
}

fn starts_a_line_finding(line: &str) -> bool {
    let head = head::parse(line);
    let place_first = head.places.first().is_some_and(|p| p.start <= 2 && p.place.line_start.is_some());
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
            out.push(text_unit(text, at..at + line.len(), lead.head, Shape::Para, context));
        }
        at += line.len();
    }
}
