//! What the members of foreign records are for: which of them holds the text, the place, the
//! severity, the status. Keys that are known count first; where they say nothing, the
//! values of all records of a list decide.

mod placed;

pub(super) use placed::{Placed, place_of};
use placed::{has_ending, placed_in, span_of};
use std::collections::HashMap;

use serde_json::{Value, json};

use super::entry::{Given, Object, is_key, lines, normal_key, places, rate, string};
use crate::severity;
use crate::vocabulary::KEYS;

/// A title has as many words; fewer are a name or a value.
const PROSE: usize = 3;
/// The same in scripts that put no blanks between words.
const WIDE: usize = 6;
/// A status has no more words in front of what explains it.
const STATUS: usize = 3;
/// Deeper in a record there is no place.
const DEEPEST: usize = 3;

/// The values that the records of a list have for one key.
struct Column<'a> {
    key: &'a str,
    /// The key in the object that the first names; empty: the value itself.
    inner: &'a str,
    /// The key as the tables have it.
    name: String,
    values: Vec<&'a Value>,
}

impl Column<'_> {
    /// Do most of the values fit?
    fn mostly(&self, fits: impl Fn(&Value) -> bool) -> bool {
        let fitting = self.values.iter().filter(|value| fits(value)).count();
        fitting > 0 && fitting * 10 >= self.values.len() * 6
    }

    fn is_any_of(&self, keys: &[&str]) -> bool {
        self.inner.is_empty() && keys.iter().any(|wanted| is_key(self.key, wanted))
    }
}

/// What the keys of a list's records turned out to be for.
#[derive(Debug, Default)]
pub(super) struct Roles {
    title: Option<(String, String)>,
    severity: Option<String>,
    status: Option<String>,
    place: Option<String>,
    line: Option<String>,
    line_end: Option<String>,
    /// Text of other keys that nobody knows.
    prose: Vec<String>,
    /// They are records of something else: of a log, of translations, of documentation.
    others: bool,
    /// They are results of tests.
    tests: bool,
}

impl Roles {
    pub(super) fn of(records: &[&Object]) -> Self {
        let columns = columns(records);
        let mut roles = Roles {
            others: are_others(&columns, records.len()),
            tests: are_tests(&columns),
            ..Roles::default()
        };
        let most = |column: &&Column<'_>| column.values.len() * 2 >= records.len();
        roles.title = title(&columns, records.len());
        let is_title = |column: &Column<'_>| {
            roles.title.as_ref().is_some_and(|(key, inner)| key == column.key && inner == column.inner)
        };
        let outer = |column: &Column<'_>| column.inner.is_empty();
        if !records.iter().any(|record| rate(record).is_some()) {
            let rated = |value: &Value| value.as_str().and_then(rated_in).is_some();
            let level = |value: &Value| rated(value) || value.as_str().is_some_and(is_mild);
            let is_level =
                |column: &&Column<'_>| column.mostly(level) && column.values.iter().any(|value| rated(value));
            let found = columns.iter().find(|column| outer(column) && is_level(column) && !is_title(column));
            roles.severity = found.map(|column| column.key.to_string());
        }
        if !records.iter().any(|record| super::entry::status(record).is_some()) {
            let found = columns.iter().find(|column| outer(column) && is_status(column) && !is_title(column));
            roles.status = found.map(|column| column.key.to_string());
        }
        let given = Given::default();
        let has_place = |record: &&&Object| places(record, &given).iter().any(|place| !place.file.is_empty());
        if records.iter().filter(has_place).count() * 2 < records.len() {
            let candidates = || {
                let holds = |column: &&Column<'_>| column.mostly(|value| placed_in(value, 0).is_some());
                columns
                    .iter()
                    .filter(|column| outer(column))
                    .filter(most)
                    .filter(holds)
                    .filter(|column| !is_title(column))
            };
            let with_line = |column: &&Column<'_>| {
                column.mostly(|value| placed_in(value, 0).is_some_and(|place| place.lines.is_some()))
            };
            let found = candidates().find(with_line).or_else(|| candidates().next());
            roles.place = found.map(|column| column.key.to_string());
        }
        roles.lines(&columns);
        let title = roles.title.as_ref().map(|(key, _)| key.clone());
        let known = [&title, &roles.severity, &roles.status, &roles.place];
        roles.prose = columns
            .iter()
            .filter(|column| outer(column) && column.mostly(is_prose) && !is_known(column))
            .map(|column| column.key.to_string())
            .filter(|key| known.iter().all(|known| known.as_ref() != Some(key)))
            .collect();
        roles
    }

    /// The columns of line numbers, where the names of the keys are unusual: by a name that is
    /// one beside a file, else by the number that stands behind the file.
    fn lines(&mut self, columns: &[Column<'_>]) {
        if columns.iter().any(|column| column.is_any_of(&KEYS.line)) {
            return;
        }
        let columns: Vec<&Column<'_>> = columns.iter().filter(|column| column.inner.is_empty()).collect();
        let numbers = |column: &&&Column<'_>| column.mostly(|value| span_of(value).is_some());
        let named =
            |row: &'static str| columns.iter().filter(numbers).find(move |column| KEYS.is(row, &column.name));
        let behind = || {
            let is_file = |column: &&Column<'_>| {
                self.place.as_deref() == Some(column.key)
                    || column.is_any_of(&KEYS.file) && column.mostly(|value| placed_in(value, 0).is_some())
            };
            let at = columns.iter().position(is_file)? + 1;
            columns.get(at).filter(numbers).filter(|column| !KEYS.is("no-line", &column.name))
        };
        let Some(line) = named("line-beside").or_else(behind) else { return };
        self.line = Some(line.key.to_string());
        let at = columns.iter().position(|column| column.key == line.key).unwrap_or_default() + 1;
        let ends = |column: &&&Column<'_>| {
            let pairs = column.values.iter().zip(&line.values);
            pairs.clone().count() == line.values.len()
                && pairs.into_iter().all(|(end, start)| span_of(start) <= span_of(end))
        };
        let end = named("end-beside").or_else(|| {
            columns.get(at).filter(numbers).filter(|c| !KEYS.is("no-line", &c.name)).filter(ends)
        });
        self.line_end = end.filter(|end| end.key != line.key).map(|end| end.key.to_string());
    }

    /// A record with its members below the keys that they are for.
    pub(super) fn apply(&self, record: &Object) -> Object {
        let mut out = record.clone();
        let value = |key: &Option<String>| key.as_ref().and_then(|key| record.get(key));
        if let Some((key, inner)) = &self.title {
            let value = record
                .get(key)
                .and_then(|value| if inner.is_empty() { Some(value) } else { value.get(inner) });
            if let Some(value) = value.filter(|value| !value.is_null()) {
                out.insert("title".to_string(), value.clone());
            }
        }
        let level = |value: &Value| {
            let text = value.as_str()?;
            rated_in(text)
                .map(|(_, raw)| Value::from(raw))
                .or_else(|| is_mild(text).then(|| Value::from("info")))
        };
        if let Some(level) = value(&self.severity).and_then(level) {
            out.insert("severity".to_string(), level);
        }
        let mut put = |name: &str, key: &Option<String>| {
            if let Some(value) = value(key).filter(|value| !value.is_null()) {
                out.insert(name.to_string(), value.clone());
            }
        };
        put("status", &self.status);
        let all: Vec<Placed> = match value(&self.place) {
            Some(Value::Array(items)) => items.iter().filter_map(|item| placed_in(item, 0)).collect(),
            Some(value) => placed_in(value, 0).into_iter().collect(),
            None => Vec::new(),
        };
        let start = value(&self.line).and_then(span_of);
        let end = value(&self.line_end).and_then(span_of);
        let beside = start.map(|(from, to)| (from, end.map_or(to, |(_, to)| to).max(from)));
        let beside = beside.or_else(|| lines(record, 0));
        if all.is_empty() {
            if let Some((from, to)) = beside.filter(|_| lines(record, 0).is_none()) {
                out.insert("line".to_string(), json!(from));
                out.insert("endline".to_string(), json!(to));
            }
        } else {
            let located: Vec<Value> = all.iter().map(|place| place.to_value(beside)).collect();
            out.insert("location".to_string(), Value::Array(located));
        }
        let told: Vec<&str> =
            self.prose.iter().filter_map(|key| record.get(key)?.as_str()).map(str::trim).collect();
        if !told.is_empty() && !out.contains_key("details") {
            out.insert("details".to_string(), Value::String(told.join("\n")));
        }
        out
    }

    /// Are these records findings by what they hold, whatever the list is called? They
    /// need a text and a line, or a text, a file and a severity.
    pub(super) fn tell_findings(&self, records: &[&Object], given: &Given) -> bool {
        let applied: Vec<Object> = records.iter().map(|record| self.apply(record)).collect();
        let found = applied.iter().filter(|record| tells_finding(record, given)).count();
        !self.others && !self.tests && found > 0 && found * 10 >= records.len() * 6
    }

    /// Are these records of something else than findings?
    pub(super) fn are_others(&self) -> bool {
        self.others
    }
}

/// Is a record, with its members where they belong, a finding by what it holds?
pub(super) fn tells_finding(record: &Object, given: &Given) -> bool {
    let titled = string(record, &KEYS.title).is_some_and(|title| is_prose(&Value::String(title)));
    let places = places(record, given);
    let file = places.iter().any(|place| has_ending(&place.file) || place_of(&place.file).is_some());
    let line = places.iter().any(|place| place.line_start.is_some());
    titled && file && (line || rate(record).is_some() || given.severity.is_some())
}

fn columns<'a>(records: &[&'a Object]) -> Vec<Column<'a>> {
    let mut all: Vec<Column<'a>> = Vec::new();
    let mut at: HashMap<(&str, &str), usize> = HashMap::new();
    for record in records {
        // `content.raw`: the values of an inner object are columns as well.
        let flat = record.iter().flat_map(|(key, value)| {
            let inner = value.as_object().into_iter().flatten();
            let inner = inner.filter(|(_, value)| value.is_string());
            std::iter::once((key.as_str(), "", value))
                .chain(inner.map(move |(name, value)| (key.as_str(), name.as_str(), value)))
        });
        for (key, inner, value) in flat.filter(|(_, _, value)| !value.is_null()) {
            let n = *at.entry((key, inner)).or_insert_with(|| {
                let name = normal_key(if inner.is_empty() { key } else { inner });
                all.push(Column { key, inner, name, values: Vec::new() });
                all.len() - 1
            });
            all[n].values.push(value);
        }
    }
    all
}

/// Is a key one of those that findings are known to have?
fn is_known(column: &Column<'_>) -> bool {
    [&KEYS.title, &KEYS.severity, &KEYS.file, &KEYS.line, &KEYS.line_end, &KEYS.place]
        .iter()
        .any(|keys| column.is_any_of(keys))
        || KEYS.is("beside-title", &column.name)
}

/// The key of the titles, if it is not the one that is known: where that holds names only, or
/// where there is none.
fn title(columns: &[Column<'_>], records: usize) -> Option<(String, String)> {
    let common = |column: &&Column<'_>| column.values.len() * 2 >= records;
    let known =
        KEYS.title.iter().find_map(|wanted| columns.iter().find(|column| column.is_any_of(&[wanted])));
    let names_only = |column: &Column<'_>| {
        matches!(column.name.as_str(), "name" | "issue" | "problem" | "what" | "subject" | "finding" | "text")
            && column.values.iter().all(|value| {
                value.is_number()
                    || value.as_str().is_some_and(|text| !text.trim().contains(char::is_whitespace))
            })
    };
    // Each is called after the tool that says it.
    let same = |column: &Column<'_>| {
        column.values.len() > 1
            && column.values.windows(2).all(|pair| pair[0] == pair[1] && !is_prose(pair[0]))
    };
    let known = known.filter(|column| !same(column));
    if let Some(known) = known
        && known.values.iter().any(|value| value.is_string())
        && !(names_only(known) && known.values.iter().all(|value| !is_prose(value)))
    {
        return None;
    }
    let prose = |column: &&Column<'_>| {
        column.mostly(is_prose)
            && !KEYS.is("beside-title", &column.name)
            && !column.mostly(|value| placed_in(value, 0).is_some())
            && !is_status(column)
    };
    let any = |column: &&Column<'_>| column.mostly(is_prose) && !is_status(column);
    let found = columns.iter().filter(common).find(prose).or_else(|| columns.iter().filter(common).find(any));
    found.map(|column| (column.key.to_string(), column.inner.to_string()))
}

/// Is a column one of statuses: does a value say that a finding is settled, and is each
/// nothing but a word or two, and what explains them?
fn is_status(column: &Column<'_>) -> bool {
    let head = |text: &str| {
        let end = text.find(['(', ':', ',', ';', '.', '—', '–']).unwrap_or(text.len());
        text[..end].split_whitespace().count()
    };
    let short = |value: &Value| value.as_str().is_some_and(|text| head(text) <= STATUS);
    let says = |value: &&Value| value.as_str().and_then(super::entry::status_of_text).is_some();
    let told = column.values.iter().filter(|value| says(value)).count();
    told * 3 >= column.values.len() && told > 0 && column.values.iter().all(|value| short(value))
}

fn text_is(value: &Value, row: &str) -> bool {
    value.as_str().is_some_and(|text| KEYS.is(row, &normal_key(text.trim())))
}

/// Results of tests have texts and places, and passed or failed.
fn are_tests(columns: &[Column<'_>]) -> bool {
    columns.iter().any(|column| column.mostly(|value| text_is(value, "outcome")))
}

/// Lines of logs, translations, documentation: texts with places that nobody rates.
fn are_others(columns: &[Column<'_>], records: usize) -> bool {
    let is = |row: &str| {
        let common = |column: &&Column<'_>| column.values.len() * 2 >= records;
        columns.iter().filter(common).any(|column| KEYS.is(row, &column.name))
    };
    let level = |column: &Column<'_>| {
        column.name == "level" && column.values.iter().any(|value| text_is(value, "log-level"))
    };
    let placed = columns.iter().any(|column| column.is_any_of(&KEYS.file));
    let rated = columns.iter().any(|column| column.is_any_of(&KEYS.severity));
    is("clock") && columns.iter().any(level) && !placed || is("other-record") && !rated
}

/// A text that is nothing but a severity, or that names one in brackets behind a word: `A (severe)`.
fn rated_in(text: &str) -> Option<severity::Rated> {
    let inside = || text.trim().strip_suffix(')')?.rsplit_once('(').filter(|(front, _)| front.len() <= 16);
    severity::exact(text).or_else(|| severity::exact(inside()?.1))
}

/// What linters call the mildest of their messages, among errors and warnings.
fn is_mild(text: &str) -> bool {
    matches!(text, "convention" | "refactor")
}

/// A text of words: no name, no code.
pub(super) fn is_prose(value: &Value) -> bool {
    let Some(text) = value.as_str().map(str::trim) else { return false };
    let wide = text.chars().filter(|c| *c >= '\u{2e80}' && c.is_alphabetic()).count();
    let words: Vec<&str> = text.split_whitespace().collect();
    let letters = |word: &&&str| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        !bare.is_empty() && bare.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-'))
    };
    let plain = words.iter().filter(letters).count();
    let code = text.ends_with(['{', '}', ';']) || text.starts_with("//") || text.starts_with("#!");
    wide >= WIDE || plain >= PROSE && plain * 10 >= words.len() * 6 && !code
}
