//! What a candidate shows, as named signs. Pure looking: what follows from the signs
//! stands in the rules.

pub(crate) mod accounted;
mod assurance;
mod claims;
pub(crate) mod legend;
pub(crate) mod marks;
mod row;
pub(crate) mod sign;
pub(crate) mod statement;
mod wide;

use std::ops::Range;
use std::rc::Rc;

use crate::locate;
use crate::model::Status;
use crate::rules::{Candidate, Mode, Shape};
use crate::severity::{self, Rated};
use crate::status;
use crate::syntax::fields::{self, Field};
use crate::syntax::head::{self, Head};
use crate::syntax::lead::{self, Lead};
use crate::syntax::outline::Section;
use crate::syntax::tree::{Block, Kind};
use crate::titles;
use crate::vocabulary::{Class, Label, PHRASES, SEVERITY};
use crate::words;
use legend::Legend;
use marks::{Mark, Marks};
pub(crate) use row::row;
use sign::{Sign, Signs};

/// What stands above a candidate and says something about it.
#[derive(Debug, Clone)]
pub(crate) struct Above {
    pub(crate) mode: Mode,
    pub(crate) rated: Option<Rated>,
    pub(crate) file: Option<String>,
    pub(crate) status: Option<Status>,
    /// It stands among what is good.
    pub(crate) praise: bool,
    /// It stands right below a severity: "Critical".
    pub(crate) level: bool,
    /// The path of section titles.
    pub(crate) section: String,
    pub(crate) depth: usize,
    /// The report's own scale.
    pub(crate) legend: Rc<Legend>,
}

/// A candidate, and what was read on the way.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) candidate: Candidate,
    pub(crate) head: Head,
    /// The severity that it gives to what it holds.
    pub(crate) rated: Option<Rated>,
    pub(crate) status: Option<Status>,
}

/// A title of more words is a sentence, whatever word of it rates.
const SHORT: usize = 4;
/// So many sentences of an item are asked whether they blame.
const SENTENCES: usize = 4;
/// Text of a candidate in which signs are looked for.
const LOOK: usize = 4000;

/// A section's heading, with the fields that stand right below it.
pub(crate) fn heading(
    text: &str,
    marks: &Marks,
    section: &Section<'_>,
    siblings: usize,
    mixed: bool,
    above: &Above,
) -> Seen {
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
    let own = section.body_start().min(section.own_end())..section.own_end();
    let body = severity::cut(&text[own.clone()], 64 * 1024);
    // What is indented belongs to an item of a list, not to the section.
    let fields: Vec<Field> = fields::read(body, 0)
        .into_iter()
        .filter(|field| {
            !body[field.line.start..].starts_with("  ") && !body[field.line.start..].starts_with('\t')
        })
        .collect();
    let mut signs = Signs::default();
    let words = own_words(&head.title);
    let place_only = words == 0 && !head.places.is_empty();
    let named = if head.places.is_empty() || head.title.is_empty() { section.title } else { &head.title };
    let listed = !place_only && titles::is_listed(named);
    // Below "High" stands what is high, whatever word its title begins with; and a file is no section.
    let class = titles::section(named).filter(|class| {
        let aside = matches!(class, Class::Repeat | Class::Context | Class::Prompt);
        !(place_only || above.rated.is_some() && !listed && words >= 3 && aside)
    });
    set_class(&mut signs, class);
    signs.set(Sign::Listed, listed || class == Some(Class::Repeat) && words <= 2);
    let rated = severity::of_section(section.title);
    let only = rated.is_some()
        && head.places.is_empty()
        && (words == 0
            || titles::section(&head.title).is_some()
            || words <= SHORT && severity::of_section(&head.title).is_some());
    signs.set(Sign::SeverityOnly, only);
    of_head(&mut signs, &head, words, above);
    signs.set(Sign::RatedTitle, head.severity_stated() && !only);
    of_fields(&mut signs, body, &fields);
    // "Severity: high" above each of several lists rates these, not the section.
    signs.unset(Sign::RatedField, rated_lists(text, section) > 1);
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

/// Subsections that are fields: "Severity", "Location", "Impact".
fn of_children(signs: &mut Signs, section: &Section<'_>) {
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
    let first = section.blocks.first()?;
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

/// `1. [src/a.ts:3] Title`, as the documented format heads its findings.
fn is_documented(title: &str) -> bool {
    let rest = title.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < title.len() && rest.strip_prefix(". [").is_some_and(|rest| rest.contains("] "))
}

fn set_class(signs: &mut Signs, class: Option<Class>) {
    let sign = match class {
        Some(Class::Finding) => Sign::ClassFinding,
        Some(Class::Positive) => Sign::ClassPositive,
        Some(Class::Repeat) => Sign::ClassRepeat,
        Some(Class::Context) => Sign::ClassContext,
        Some(Class::Prompt) => Sign::ClassPrompt,
        Some(Class::Subject) => Sign::ClassSubject,
        None => return,
    };
    signs.set(sign, true);
}

/// Words of a title that are neither a place nor said beside severities ("issues").
fn own_words(title: &str) -> usize {
    let places = locate::find(title, locate::Trust::Prose);
    let mut rest = String::new();
    let mut at = 0;
    for place in &places {
        rest.push_str(title.get(at..place.start).unwrap_or_default());
        at = place.end.max(at);
    }
    rest.push_str(title.get(at..).unwrap_or_default());
    rest.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| word.contains(char::is_alphabetic))
        .filter(|word| places.is_empty() || !SEVERITY.beside.contains(word.as_str()))
        .map(|word| word.chars().filter(|c| words::is_cjk(*c)).count().div_ceil(WIDE_WORD).max(1))
        .sum()
}

/// About so many characters of a script without blanks are a word.
const WIDE_WORD: usize = 3;

/// What the parts of a first line show.
fn of_head(signs: &mut Signs, head: &Head, words: usize, above: &Above) {
    let place = !head.places.is_empty() || head.lines.is_some();
    let lined = head.lines.is_some() || head.places.iter().any(|p| p.place.line_start.is_some());
    signs.set(Sign::RatedTitle, head.severity_stated());
    signs.set(Sign::RatedIcon, head.by_icon);
    signs.set(Sign::RatedAbove, above.rated.is_some());
    signs.set(Sign::FileAbove, above.file.is_some());
    signs.set(Sign::InPraise, above.praise);
    signs.set(Sign::BelowLevel, above.level);
    signs.set(Sign::PlaceTitle, place);
    signs.set(Sign::PlaceLine, lined);
    signs.set(Sign::PlaceOnly, place && words == 0);
    // "**Warnings**: 7" counts.
    let counts = head.severity_stated() && !head.title.contains(char::is_alphabetic);
    signs.set(Sign::Titled, words > 0 || !place && !counts && head.title.contains(char::is_alphanumeric));
    signs.set(Sign::Id, head.id.is_some());
    signs.set(Sign::Number, head.number.is_some());
    signs.set(Sign::NamedNumber, head.named_number);
    signs.set(Sign::TickBox, head.tick_box);
    signs.set(Sign::Closed, head.struck || head.ticked || head.status == Some(Status::Resolved));
    signs.set(Sign::Placeholder, lead::is_placeholder(&head.title));
}

/// What its fields show. A label says something only with a value that can be one.
fn of_fields(signs: &mut Signs, body: &str, fields: &[Field]) {
    for field in fields {
        let value = &body[field.value.clone()];
        match field.label {
            Label::Severity => signs.set(Sign::RatedField, severity::of_field(value).is_some()),
            Label::Location => {
                signs.set(Sign::PlaceField, true);
                signs.set(Sign::PlaceLine, has_line_place(value));
            }
            Label::Problem | Label::Title => signs.set(Sign::Problem, true),
            Label::Fix => signs.set(Sign::Remedy, true),
            Label::Impact => signs.set(Sign::Impact, true),
            _ => {}
        }
    }
}

/// The status that a field states.
fn field_status(body: &str, fields: &[Field]) -> Option<Status> {
    fields.iter().filter(|f| f.label == Label::Status).find_map(|f| status::of_field(&body[f.value.clone()]))
}

/// Is there anything in running text that could be a finding?
pub(crate) fn says_something(source: &str, marks: &Marks, range: &Range<usize>) -> bool {
    marks.any(Mark::Demand, range) || has_line_place(source)
}

/// Does a text name a place with its line? The cheap question comes first.
pub(crate) fn has_line_place(text: &str) -> bool {
    let bytes = text.as_bytes();
    let hint = bytes.windows(2).any(|pair| {
        matches!(pair[0], b':' | b'L' | b'(' | b'l' | b'@') && pair[1].is_ascii_digit()
            || pair[1] == b' ' && matches!(pair[0], b'e' | b's' | b'l')
            || pair[0] >= 0x80 && pair[1].is_ascii_digit()
    });
    hint && text.contains(|c: char| c.is_ascii_digit())
        && text.contains(['.', '/'])
        && text
            .lines()
            .filter(|line| line.contains(|c: char| c.is_ascii_digit()))
            .any(|line| locate::find(line, locate::Trust::Prose).iter().any(|f| f.place.line_start.is_some()))
}

/// A list's item, without its bullet.
pub(crate) fn item(text: &str, marks: &Marks, item: &Block, ordered: bool, above: &Above) -> Seen {
    let range = item_text(text, item);
    let source = &text[range.clone()];
    let mut lead = lead_by(source, above);
    if ordered && lead.head.number.is_none() {
        lead.head.number = Some(marker(text, item));
    }
    let nested = item.children.iter().any(|block| matches!(block.kind, Kind::List { .. }));
    let mut seen = of_lead(marks, &lead, source, range.start, Shape::Item, above);
    seen.candidate.signs.set(Sign::Parent, nested);
    let first = source.lines().next().unwrap_or_default();
    seen.rated = if nested { severity::of_section(first) } else { None };
    let only = seen.rated.is_some() && seen.candidate.words <= 2 && lead.head.places.is_empty();
    seen.candidate.signs.set(Sign::SeverityOnly, only);
    seen
}

fn marker(text: &str, item: &Block) -> String {
    text[item.range.clone()].trim_start().chars().take_while(char::is_ascii_digit).collect()
}

/// An item's text without its bullet or number.
pub(crate) fn item_text(text: &str, item: &Block) -> Range<usize> {
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

/// The beginning of a text; a mark of the report's own scale rates it.
fn lead_by(source: &str, above: &Above) -> Lead {
    let Some((rated, rest)) = above.legend.lead(source) else {
        return below_place(lead::lead_of(source), source);
    };
    let mut lead = lead::lead_of(rest);
    lead.head.rated = Some(rated);
    lead.head.by_icon = false;
    lead
}

/// A line that is nothing but a place has its title below it.
fn below_place(lead: Lead, source: &str) -> Lead {
    let Some((first, rest)) = source.trim().split_once('\n') else { return lead };
    let says = rest.trim_start();
    let alone = !lead.head.severity_stated() && locate::find(first, locate::Trust::Prose).len() == 1 && {
        let place = &locate::find(first, locate::Trust::Prose)[0];
        place.place.line_start.is_some()
            && !first[..place.start].contains(char::is_alphanumeric)
            && !first[place.end..].contains(char::is_alphanumeric)
    };
    let apart = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
    if !alone
        || apart
        || says.starts_with(['-', '+', '|', '`', '#', '>'])
        || says.starts_with('*') && !says.starts_with("**")
        || fields::first_in_line(says).is_some()
    {
        return lead;
    }
    let below = lead::lead_of(says);
    Lead {
        head: Head { places: lead.head.places, lines: lead.head.lines, ..below.head },
        line_place: true,
        ..below
    }
}

/// A paragraph as the beginning of a finding.
pub(crate) fn para(text: &str, marks: &Marks, range: &Range<usize>, above: &Above) -> Seen {
    let source = &text[range.clone()];
    let lead = lead_by(source, above);
    of_lead(marks, &lead, source, range.start, Shape::Para, above)
}

/// A line of a paragraph.
pub(crate) fn line(text: &str, marks: &Marks, range: &Range<usize>, above: &Above) -> Seen {
    let source = &text[range.clone()];
    let lead = lead_by(source.trim(), above);
    of_lead(marks, &lead, source, range.start, Shape::Line, above)
}

/// A sentence of a paragraph. One that names a line and is not understood may blame it.
pub(crate) fn sentence(text: &str, marks: &Marks, range: &Range<usize>, above: &Above) -> Seen {
    let mut seen = line(text, marks, range, above);
    let source = &text[range.clone()];
    // "One more thing: `a.rs:3` waits": what leads to the place is no title.
    let behind = source.split_once([':', '：']).map(|(front, rest)| (front, rest.trim_start()));
    if let Some((front, rest)) = behind.filter(|(front, rest)| {
        rest.len() + front.len() < source.len()
            && !has_line_place(front)
            && has_line_place(rest)
            && front.len() < 100
    }) {
        let told = front.split_whitespace().count() >= 2 && seen.head.title.starts_with(front.trim());
        if told {
            seen.head.title = lead::lead_of(rest).head.title;
        }
    }
    if !seen.candidate.signs.has(Sign::PlaceLine)
        && let Some(span) = locate::lines_in_prose(source)
    {
        seen.head.lines = Some(span);
        seen.candidate.signs.set(Sign::PlaceLine, true);
    }
    seen
}

/// Does a sentence blame what it names? The question is dear.
pub(crate) fn sentence_blames(source: &str) -> bool {
    // The log of an agent tells what it does, not what is wrong.
    let logged = source.lines().any(|line| line.trim_start().starts_with(['●', '⏺', '⎿', '$', '>']));
    !logged && blames(source)
}

/// Does a text tell that something is wrong, or something that is not understood?
fn blames(source: &str) -> bool {
    let last = source
        .trim_end()
        .trim_end_matches(['.', '!'])
        .rsplit([',', '–', '—', ';'])
        .next()
        .unwrap_or_default();
    if last.len() < source.trim_end().len() && statement::praises(last) {
        return false;
    }
    statement::blames(source)
        || statement::sentences(source)
            .take(SENTENCES)
            .any(|range| statement::says(&source[range]) == statement::Says::Fault)
}

/// Items, paragraphs and lines by their first line and fields.
fn of_lead(marks: &Marks, lead: &Lead, source: &str, at: usize, shape: Shape, above: &Above) -> Seen {
    let mut signs = Signs::default();
    let head = &lead.head;
    let words = own_words(&head.title);
    let looked = severity::cut(source, LOOK);
    let all = fields::read(looked, 0);
    of_head(&mut signs, head, words, above);
    signs.set(Sign::Bold, lead.bold);
    signs.set(Sign::PlaceFirst, place_first(lead, looked));
    let first = all.first().filter(|f| f.line.start == 0);
    let later: Vec<Field> =
        all.iter().filter(|f| f.line.start > 0 || f.label == Label::Severity).cloned().collect();
    of_fields(&mut signs, looked, &later);
    signs.set(Sign::FieldLine, is_field(lead, first, &later, looked, shape));
    signs.set(Sign::Problem, first.is_some_and(|f| matches!(f.label, Label::Problem | Label::Title)));
    signs.set(Sign::PlaceLine, has_line_place(looked));
    let none = || statement::says_none(source) || statement::says_none(&head.title);
    signs.set(Sign::SaysNone, source.len() < 200 && none());
    let begins =
        source.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '-' | '*' | ' ' | '.' | ')'));
    let ticked = titles::ticked_last(source.lines().next().unwrap_or_default());
    // Below a line that is only a place stands what is said of it.
    let said = Some(begins).filter(|_| signs.has(Sign::PlaceFirst)).and_then(|text| text.split_once('\n'));
    let praised = titles::praises_first(begins) || said.is_some_and(|(_, said)| titles::praises_first(said));
    // "✅ Resolved – the lock": a tick says what became of it.
    let settled = head.status.is_some() && (signs.has(Sign::RatedTitle) || signs.has(Sign::PlaceLine));
    signs.set(Sign::Praise, (titles::praises(&head.title) || praised || ticked) && !settled);
    if head.places.is_empty() || words > 0 {
        set_class(&mut signs, titles::section(&head.title));
    }
    signs.set(Sign::Wordy, source.split_whitespace().take(4).count() >= 4);
    signs.set(Sign::Body, source.trim().contains('\n'));
    signs.set(Sign::MustFix, marks.any(Mark::Demand, &(at..at + source.len())));
    signs.set(Sign::Fails, tells_failure(severity::cut(source.trim(), 200)));
    // Only what names a line and says something is asked: the question is dear.
    let asked = [Sign::PlaceLine, Sign::Titled].iter().all(|sign| signs.has(*sign))
        && (shape == Shape::Item || lead.bold);
    signs.set(Sign::Blames, asked && blames(looked));
    let ticked = (head.ticked && head.tick_box).then_some(Status::Resolved);
    let mut head = head.clone();
    if !head.severity_stated()
        && let Some(rated) = lead::rated_at_end(own_text(looked))
    {
        head.rated = Some(rated);
        head.by_icon = false;
        signs.set(Sign::RatedTitle, true);
    }
    lines_of_id(&mut head, &mut signs, source, above);
    let told = || status_told(looked).filter(|_| shape != Shape::Line);
    let status = head.status.or_else(|| field_status(looked, &all)).or_else(told).or(ticked).or(above.status);
    Seen { candidate: Candidate { shape, mode: above.mode, words, signs }, head, rated: None, status }
}

/// An item's text without the items inside of it.
fn own_text(source: &str) -> &str {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let bare = line.trim_start();
        let digits = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let marked = bare.starts_with(['-', '*', '+']) && bare[1..].starts_with(' ')
            || digits.len() < bare.len() && digits.starts_with([')', '.']) && digits[1..].starts_with(' ');
        if at > 0 && marked {
            break;
        }
        at += line.len();
    }
    &source[..at]
}

/// What became of it, told behind its bold title (`**Title**: fixed, …`) or as a last
/// sentence by itself (`… Fixed.`).
fn status_told(source: &str) -> Option<Status> {
    let behind = source
        .rsplit_once("**")
        .and_then(|(_, rest)| rest.trim_start().strip_prefix([':', '—', '–', '→']))
        .and_then(status::of_field);
    let last = || {
        let whole = source.trim_end().trim_end_matches(['.', '*', '_']);
        whole.rsplit_once(['.', '→', '✅']).and_then(|(_, last)| status::exact(last))
    };
    // `✅ resolved: the header is read`, in a line of its own below it
    let below = || {
        source
            .lines()
            .skip(1)
            .map(str::trim)
            .filter(|line| line.starts_with(|c: char| !c.is_ascii()))
            .find_map(status::of_field)
    };
    behind.or_else(last).or_else(below)
}

/// Does the line begin with a place that has a line, behind nothing but signs?
fn place_first(lead: &Lead, source: &str) -> bool {
    let line = source.lines().next().unwrap_or_default();
    lead.head.lines.is_some()
        || locate::find(severity::cut(line, 400), locate::Trust::Prose).first().is_some_and(|p| {
            p.place.line_start.is_some() && !line[..p.start].chars().any(char::is_alphanumeric)
        })
}

/// `Strings translated — FAIL: …`: a check and its result in capitals, or as a sign.
fn tells_failure(source: &str) -> bool {
    let line = source.lines().next().unwrap_or_default();
    let result = |part: &str| {
        let word = part.trim_start_matches(['*', '_', ' ', '[', '(']);
        ["FAIL", "FAILED", "NOT MET", "NOK"]
            .iter()
            .any(|told| word.strip_prefix(told).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
            || word.starts_with(['❌', '✗', '✘'])
    };
    [" — ", " – ", " - ", ": "].iter().any(|dash| line.split(dash).skip(1).any(result))
}

/// Is it a field of what stands above: `**Fix:** …`, `**Date:** …`?
fn is_field(lead: &Lead, first: Option<&Field>, later: &[Field], source: &str, shape: Shape) -> bool {
    let line = source.lines().next().unwrap_or_default().trim();
    let bold_label = lead.bold
        && line
            .trim_start_matches("**")
            .split("**")
            .next()
            .is_some_and(|bold| bold.trim_end().ends_with(':'));
    // `**Problema 1:**` numbers a finding, whatever the word is.
    let numbered = line.split("**").nth(1).is_some_and(|bold| {
        bold.trim_end_matches([':', ' ']).ends_with(|c: char| c.is_ascii_digit()) && bold.contains(' ')
    });
    let evident = lead.head.severity_stated()
        || numbered
        || lead.line_place
        || lead.head.id.is_some()
        || lead.head.number.is_some();
    match first.map(|f| f.label) {
        // An item that is a severity and nothing else is a field.
        Some(Label::Severity) => {
            shape == Shape::Item
                && later.len() == 1
                && lead.head.places.is_empty()
                && source.lines().count() == 1
        }
        // `**Finding:** …` begins one if a severity or a place follows it.
        Some(Label::Title | Label::Problem | Label::Id) if shape == Shape::Para => {
            !later.iter().any(|f| matches!(f.label, Label::Severity | Label::Location))
        }
        Some(Label::Other) => lead.bold || shape != Shape::Item,
        Some(_) => true,
        None => shape == Shape::Para && bold_label && !evident,
    }
}

/// The file that a line names and says nothing else of: `[2/7] src/a.cpp ... 2 remarks`.
pub(crate) fn file_line(line: &str) -> Option<String> {
    let line = severity::cut(line.trim(), 300);
    let found = locate::find(line, locate::Trust::Prose);
    let [only] = &found[..] else { return None };
    let before = line[..only.start].trim_matches(|c: char| !c.is_alphanumeric());
    let after = line[only.end..].split_whitespace().filter(|w| w.contains(char::is_alphabetic)).count();
    let label = before.split_whitespace().count() <= 1 && !line.starts_with(['-', '*', '+']);
    (only.place.line_start.is_none() && label && after <= 2).then(|| only.place.file.clone())
}

/// `L14: Title` is an identifier, below a file it is a line.
fn lines_of_id(head: &mut Head, signs: &mut Signs, source: &str, above: &Above) {
    // `31: title` below a file's name.
    if above.file.is_some()
        && let Some(number) =
            head.number.as_deref().filter(|number| number.bytes().all(|b| b.is_ascii_digit()))
        && source.trim_start().strip_prefix(number).is_some_and(|rest| rest.starts_with(": "))
        && head.lines.is_none()
        && head.places.is_empty()
        && let Some(span) = locate::bare_lines(number).first()
    {
        head.lines = Some(*span);
        head.number = None;
        signs.set(Sign::PlaceTitle, true);
        signs.set(Sign::PlaceLine, true);
        signs.set(Sign::PlaceFirst, true);
        return;
    }
    // `:18 title`
    if above.file.is_some()
        && head.places.is_empty()
        && head.lines.is_none()
        && let Some(behind) = source.trim_start().strip_prefix(':')
        && let Some((number, rest)) = behind.split_once([' ', '\u{a0}'])
        && number.starts_with(|c: char| c.is_ascii_digit())
        && let Some(span) = locate::bare_lines(number).first()
    {
        head.lines = Some(*span);
        let from = rest.lines().next().unwrap_or_default().trim();
        if head.title.starts_with(':') {
            head.title = from.to_string();
        }
        for sign in [Sign::PlaceTitle, Sign::PlaceLine, Sign::PlaceFirst] {
            signs.set(sign, true);
        }
        return;
    }
    let Some(id) = head.id.as_deref().filter(|id| above.file.is_some() && id.starts_with('L')) else {
        return;
    };
    if let Some(span) = locate::bare_lines(id).first().filter(|_| head.lines.is_none()) {
        head.lines = Some(*span);
        head.id = None;
        signs.set(Sign::PlaceTitle, true);
        signs.set(Sign::PlaceLine, true);
        signs.set(Sign::PlaceFirst, true);
    }
}

/// A table of two columns that is one finding.
pub(crate) fn field_table(text: &str, range: &Range<usize>, above: &Above) -> Seen {
    let source = &text[range.clone()];
    let all = fields::read(source, 0);
    let mut signs = Signs::default();
    of_fields(&mut signs, source, &all);
    signs.set(Sign::Titled, true);
    signs.set(Sign::RatedAbove, above.rated.is_some());
    let status = field_status(source, &all).or(above.status);
    let candidate = Candidate { shape: Shape::Para, mode: above.mode, words: 1, signs };
    Seen { candidate, head: Head::default(), rated: None, status }
}

/// Does a status say that all is well (not: that it was mended)?
fn passes(value: &str) -> bool {
    let lower = value.to_lowercase();
    let bare = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
    status::of_field(value).is_none()
        && (titles::ticked(value)
            || value.contains('🟢')
            || PHRASES.status_pass.iter().any(|w| bare.starts_with(w)))
}
