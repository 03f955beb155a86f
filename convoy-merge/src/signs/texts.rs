//! What items, paragraphs and lines show, by their first line and fields.

use std::ops::Range;

use super::accounted;
use super::behind::{behind_criterion, behind_failure, behind_intro};
use super::marks::{Mark, Marks};
use super::sentence::blames;
use super::{
    Above, LOOK, Seen, field_status, has_line_place, of_fields, of_head, own_words, set_class, statement,
    tally,
};
use crate::locate;
use crate::model::Status;
use crate::rules::{Candidate, Shape};
use crate::severity;
use crate::sign::{Sign, Signs};
use crate::status;
use crate::syntax::fields::{self, Field};
use crate::syntax::head::{self, Head};
use crate::syntax::lead::{self, Lead};
use crate::syntax::tree::{Block, Kind};
use crate::titles;
use crate::vocabulary::Label;

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
    lead.bold |= source.trim_start().starts_with("**");
    lead
}

/// A line that is nothing but a place has its title below it.
fn below_place(lead: Lead, source: &str) -> Lead {
    let Some((first, rest)) = source.trim().split_once('\n') else { return lead };
    let says = rest.trim_start();
    let may = !lead.head.severity_stated() && locate::may_begin(first);
    let found = if may { locate::find(first, locate::Trust::Prose) } else { Vec::new() };
    let alone = matches!(&found[..], [place] if place.place.line_start.is_some()
        && !first[..place.start].contains(char::is_alphanumeric)
        && (!first[place.end..].contains(char::is_alphanumeric) || names_author(&first[place.end..])));
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

/// `— Reviewer: Ann`, `— @ann`: who speaks, behind a place.
fn names_author(text: &str) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@');
    let bare = ["行目", "行", "줄", "행"]
        .iter()
        .find_map(|unit| bare.strip_prefix(unit))
        .unwrap_or(bare)
        .trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@');
    let label = bare.split_once([':', '：']).map(|(label, _)| label.trim());
    let labelled = label.is_some_and(|label| fields::label_of(label) == Some(Label::Reviewer));
    (labelled || bare.starts_with('@')) && bare.split_whitespace().count() <= 4
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

/// Items, paragraphs and lines by their first line and fields.
fn of_lead(marks: &Marks, lead: &Lead, source: &str, at: usize, shape: Shape, above: &Above) -> Seen {
    let mut signs = Signs::default();
    let mut told = lead.head.clone();
    if !lead.bold
        && let Some(title) = behind_intro(source, &lead.head.title).or_else(|| behind_criterion(source, lead))
    {
        told.title = title;
    }
    if lead.bold
        && let Some(said) = behind_failure(source)
    {
        told.title = format!("{}: {said}", told.title);
    }
    let head = &told;
    let words = own_words(&head.title);
    let looked = severity::cut(source, LOOK);
    let all = fields::read(looked, 0);
    of_head(&mut signs, head, words, above);
    of_place(&mut signs, lead, source, looked);
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
    let line = source.lines().next().unwrap_or_default();
    let ticked = titles::ticked_last(line)
        || lead.bold
            && !signs.has(Sign::SaysNone)
            && titles::passes(&line.to_lowercase())
            && locate::find(line, locate::Trust::Prose).is_empty();
    // Below a line that is only a place stands what is said of it.
    let said = Some(begins).filter(|_| signs.has(Sign::PlaceFirst)).and_then(|text| text.split_once('\n'));
    let praised = titles::praises_first(begins) || said.is_some_and(|(_, said)| titles::praises_first(said));
    // "✅ Resolved – the lock": a tick says what became of it.
    let settled = head.status.is_some() && (signs.has(Sign::RatedTitle) || signs.has(Sign::PlaceLine));
    let praise = (titles::praises(&head.title) || praised || ticked) && !settled;
    signs.set(Sign::Praise, praise || accounted::is_template(&source.trim().to_lowercase()));
    if head.places.is_empty() || words > 0 {
        set_class(&mut signs, titles::section(&head.title));
    }
    signs.set(Sign::Sum, tally::is_tally(source));
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

/// A title in bold above a place has as many words, at least.
const TITLE: usize = 3;

/// Is its title bold, and where is its place?
fn of_place(signs: &mut Signs, lead: &Lead, source: &str, looked: &str) {
    signs.set(Sign::Bold, lead.bold);
    signs.set(Sign::PlaceBelow, lead.bold && place_below(source));
    signs.set(Sign::PlaceFirst, place_first(lead, looked));
}

/// Does the second line begin with a place and its line?
fn place_below(source: &str) -> bool {
    let mut lines = source.trim_start().lines();
    // A tool's or a bot's name is no title.
    let bold = lines.next().and_then(|first| first.strip_prefix("**")?.split_once("**"));
    let (Some((title, _)), Some(line)) = (bold, lines.next()) else { return false };
    if title.split_whitespace().count() < TITLE {
        return false;
    }
    let bare = line.trim_start_matches([' ', '`', '(', '[', '-', '→', '📍']);
    let first = locate::find(severity::cut(bare, 300), locate::Trust::Prose).into_iter().next();
    first.is_some_and(|found| found.start == 0 && found.place.line_start.is_some())
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
    let line = head::unstamped(line).unwrap_or(line);
    let line = severity::cut(line, 400);
    lead.head.lines.is_some()
        || locate::may_begin(line)
            && locate::find(line, locate::Trust::Prose).first().is_some_and(|p| {
                p.place.line_start.is_some() && !line[..p.start].chars().any(char::is_alphanumeric)
            })
}

/// `Strings translated — FAIL: …`: a check and its result in capitals, or as a sign.
fn tells_failure(source: &str) -> bool {
    let line = source.lines().next().unwrap_or_default();
    if !line.contains([':', '-', '—', '–']) {
        return false;
    }
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
        // … or a line that is nothing but a place.
        Some(Label::Title | Label::Problem | Label::Id | Label::Fix)
            if shape == Shape::Para && source.lines().skip(1).any(is_place) =>
        {
            false
        }
        Some(Label::Title | Label::Problem | Label::Id) if shape == Shape::Para => {
            !later.iter().any(|f| matches!(f.label, Label::Severity | Label::Location))
        }
        // "SUGGESTION: … a.rb:80": in capitals it rates, and names a line of its own.
        Some(Label::Fix) if shape == Shape::Para && lead.line_place && shouts_level(line) => false,
        Some(Label::Other) => lead.bold || shape != Shape::Item,
        Some(_) => true,
        None => shape == Shape::Para && bold_label && !evident,
    }
}

/// Does a line begin with a level in capitals and a colon?
fn shouts_level(line: &str) -> bool {
    let label = line.trim_start_matches(['*', '[', '_']).split([':', '*', ']']).next().unwrap_or_default();
    label.len() > 1 && label.bytes().all(|byte| byte.is_ascii_uppercase()) && severity::exact(label).is_some()
}

/// Is a line nothing but a place with its line?
fn is_place(line: &str) -> bool {
    let found = locate::find(severity::cut(line, 200), locate::Trust::Prose);
    matches!(&found[..], [only] if only.place.line_start.is_some()
        && !line[..only.start].contains(char::is_alphanumeric)
        && !line[only.end..].contains(char::is_alphanumeric))
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

/// `(210) Title`: a number in brackets, in a list below a file that counts nothing.
pub(crate) fn line_in_brackets(source: &str) -> Option<u32> {
    source.trim_start().strip_prefix('(')?.split_once(") ")?.0.parse().ok()
}

/// `L14: Title` is an identifier, below a file it is a line.
fn lines_of_id(head: &mut Head, signs: &mut Signs, source: &str, above: &Above) {
    // `31: title`, `31-40: title` below a file's name.
    if above.file.is_some()
        && let Some((number, said)) = source.trim_start().split_once(": ")
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '–'))
        && head.lines.is_none()
        && head.places.is_empty()
        && let Some(span) = locate::bare_lines(number).first()
    {
        head.lines = Some(*span);
        head.number = None;
        if head.title.starts_with(number) {
            head.title = lead::clause(said.lines().next().unwrap_or_default());
        }
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
