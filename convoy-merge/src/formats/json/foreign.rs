//! Where findings stand in JSON of which nobody knows the keys: lists of records that are findings
//! by what they hold, maps of places to texts, tables as lists of lists.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::formats::entry::{Given, Object, normal_key, places, unfolded};
use crate::formats::roles::{Roles, is_prose, place_of};
use crate::vocabulary::KEYS;

/// Deeper there are no findings.
const DEEPEST: usize = 8;
/// A table has at least so many columns.
const COLUMNS: usize = 3;

pub(super) type Map<'a> = BTreeMap<String, &'a RawValue>;

/// A value that is an object, with what only wraps its members unfolded.
pub(super) fn object(raw: &RawValue) -> Option<Object> {
    match serde_json::from_str::<Value>(raw.get()) {
        Ok(Value::Object(object)) => Some(unfolded(object)),
        _ => None,
    }
}

/// The objects among some values.
pub(super) fn objects(items: &[&RawValue]) -> Vec<Object> {
    items.iter().filter(|item| item.get().starts_with('{')).filter_map(|item| object(item)).collect()
}

fn text(raw: &RawValue) -> Option<String> {
    raw.get().starts_with('"').then(|| serde_json::from_str(raw.get()).ok()).flatten()
}

/// The messages of a thread, if an object holds a place and them, but no text of its own.
pub(super) fn notes<'a>(map: &Map<'a>, object: &Object) -> Option<Vec<&'a RawValue>> {
    if places(object, &Given::default()).iter().all(|place| place.file.is_empty())
        || object.values().any(is_prose)
    {
        return None;
    }
    map.values().filter(|value| value.get().starts_with('[')).find_map(|value| {
        let items: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
        let records = objects(&items);
        let has = |record: &Object, row: &str| {
            record.iter().any(|(key, value)| KEYS.is(row, &normal_key(key)) && !value.is_null())
        };
        let said = |record: &Object| has(record, "author") && has(record, "said");
        (!records.is_empty() && records.len() == items.len() && records.iter().all(said)).then_some(items)
    })
}

/// Does a value hold findings, whatever it is called?
pub(super) fn holds(raw: &RawValue, given: &Given, depth: usize) -> bool {
    let source = raw.get();
    if depth > DEEPEST {
        return false;
    }
    if source.starts_with('[') {
        let items = serde_json::from_str::<Vec<&RawValue>>(source).unwrap_or_default();
        if let Some(names) = header(&items) {
            return tell(&items[1..].iter().filter_map(|row| row_of(&names, row)).collect::<Vec<_>>(), given);
        }
        let records = objects(&items);
        return !records.is_empty() && (tell(&records, given) || are_threads(&items, &records))
            || are_texts(&items)
            || items.iter().any(|item| nested(item) && holds(item, given, depth + 1));
    }
    if !source.starts_with('{') {
        return false;
    }
    let Ok(map) = serde_json::from_str::<Map<'_>>(source) else { return false };
    let values: Vec<&RawValue> = map.values().copied().collect();
    let records = objects(&values);
    let given = object(raw).map_or_else(|| given.clone(), |object| given.inside(&object));
    records.len() > 1 && records.len() == values.len() && tell(&records, &given)
        || !by_place(&map, &given).is_empty()
        || table_of(&map).is_some_and(|(names, rows)| {
            tell(&rows.iter().filter_map(|row| row_of(&names, row)).collect::<Vec<_>>(), &given)
        })
        || map.iter().any(|(key, value)| {
            nested(value) && !KEYS.is("aside", &normal_key(key)) && holds(value, &given.below(key), depth + 1)
        })
}

fn are_threads(items: &[&RawValue], records: &[Object]) -> bool {
    let roles = Roles::of(&records.iter().collect::<Vec<_>>());
    items.len() == records.len()
        && items.iter().zip(records).all(|(item, record)| {
            serde_json::from_str::<Map<'_>>(item.get())
                .is_ok_and(|map| notes(&map, &roles.apply(record)).is_some())
        })
}

fn nested(raw: &RawValue) -> bool {
    raw.get().starts_with(['[', '{'])
}

fn tell(records: &[Object], given: &Given) -> bool {
    let records: Vec<&Object> = records.iter().collect();
    Roles::of(&records).tell_findings(&records, given)
}

/// Are these texts that tell places with their lines?
fn are_texts(items: &[&RawValue]) -> bool {
    let texts: Vec<String> = items.iter().filter_map(|item| text(item)).collect();
    let placed =
        |said: &&String| crate::signs::has_line_place(said) && is_prose(&Value::String((*said).clone()));
    let told = texts.iter().filter(placed).count();
    told > 0 && told * 10 >= items.len() * 6
}

/// The members of a map of places to texts, each with its place: `{"src/a.rs:12": "…"}`, and
/// below a file `{"12": "…"}`; empty = it is none.
pub(super) fn by_place<'a>(map: &Map<'a>, given: &Given) -> Vec<(&'a RawValue, Given)> {
    let mut out = Vec::new();
    for (key, value) in map {
        let line = key.trim_start_matches(['L', 'l']).parse::<u32>().ok().filter(|line| *line > 0);
        let place = match (line, &given.file) {
            (Some(line), Some(file)) => Some((file.clone(), Some((line, line)))),
            _ => place_of(key).map(|place| (place.file, place.lines)).filter(|(_, lines)| lines.is_some()),
        };
        let told = nested(value) || text(value).is_some_and(|said| is_prose(&Value::String(said)));
        if let Some((file, lines)) = place.filter(|_| told) {
            out.push((*value, Given { file: Some(file), lines, texts: true, ..given.clone() }));
        }
    }
    if out.len() * 10 < map.len() * 6 {
        out.clear();
    }
    out
}

/// The names of the columns, if the first of some lists holds those of the others.
pub(super) fn header(items: &[&RawValue]) -> Option<Vec<String>> {
    if items.len() < 2 || !items.iter().all(|item| item.get().starts_with('[')) {
        return None;
    }
    let names: Vec<String> = serde_json::from_str(items[0].get()).ok()?;
    let short = |name: &String| !name.is_empty() && name.len() <= 32 && place_of(name).is_none();
    (names.len() >= COLUMNS && names.iter().all(short)).then_some(names)
}

/// The names of the columns and the rows of a table whose names stand beside them.
pub(super) fn table_of<'a>(map: &Map<'a>) -> Option<(Vec<String>, Vec<&'a RawValue>)> {
    let names = map.iter().find(|(key, _)| KEYS.is("table-header", &normal_key(key)))?.1;
    let names: Vec<String> = serde_json::from_str(names.get()).ok()?;
    let rows = map.values().filter(|value| value.get().starts_with('[')).find_map(|value| {
        let rows: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
        (!rows.is_empty() && rows.iter().all(|row| row_of(&names, row).is_some())).then_some(rows)
    })?;
    (names.len() >= COLUMNS).then_some((names, rows))
}

/// A row of a table as an object.
pub(super) fn row_of(names: &[String], row: &RawValue) -> Option<Object> {
    let cells: Vec<Value> =
        row.get().starts_with('[').then(|| serde_json::from_str(row.get()).ok()).flatten()?;
    (cells.len() == names.len()).then(|| names.iter().cloned().zip(cells).collect())
}
