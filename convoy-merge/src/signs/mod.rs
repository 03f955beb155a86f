//! What a candidate shows, as named signs. Pure looking: what follows from the signs
//! stands in the rules.

pub(crate) mod accounted;
mod assurance;
mod behind;
mod claims;
mod extent;
mod heading;
pub(crate) mod legend;
pub(crate) mod marks;
mod row;
mod sentence;
pub(crate) mod spoken_severity;
pub(crate) mod statement;
mod tally;
mod texts;
mod wide;

use std::ops::Range;
use std::rc::Rc;

use crate::locate;
use crate::model::Status;
use crate::rules::{Candidate, Mode, Shape};
use crate::severity::{self, Rated};
use crate::sign::{Sign, Signs};
use crate::status;
use crate::syntax::fields::{self, Field};
use crate::syntax::head::Head;
use crate::syntax::lead;
use crate::titles;
use crate::vocabulary::{Class, Label, PHRASES, SEVERITY};
use crate::words;
pub(crate) use heading::heading;
use legend::Legend;
use marks::{Mark, Marks};
pub(crate) use row::row;
pub(crate) use sentence::{announces, only_places, sentence, sentence_blames, sentence_faults};
pub(crate) use texts::{file_line, item, item_text, line, line_in_brackets, para};

/// What stands above a candidate and says something about it.
#[derive(Debug, Clone)]
pub(crate) struct Above {
    pub(crate) mode: Mode,
    pub(crate) rated: Option<Rated>,
    pub(crate) file: Option<String>,
    /// The file and lines that its heading is.
    pub(crate) lines: Option<(String, (u32, u32))>,
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

/// Text of a candidate in which signs are looked for.
const LOOK: usize = 4000;

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
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.contains(char::is_alphabetic))
        .filter(|word| places.is_empty() || !SEVERITY.beside.contains(word.to_lowercase().as_str()))
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
