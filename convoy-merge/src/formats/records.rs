//! Records of keys and values in plain text: the sections of an INI file, blocks of
//! `Key: value` kept apart by blank lines.

use serde_json::Value;

use super::delimited::column;
use super::entry::{Given, Object, Source, of_object};
use super::roles::{Roles, place_of, tells_finding};
use crate::model::Extraction;
use crate::model::Recognised;

/// A key is no longer, in words.
const KEY: usize = 3;
/// So many lines may stand above the first record: a title, who wrote it.
const ABOVE: usize = 6;
/// A record has at least so many values.
const VALUES: usize = 3;

/// A record and its bytes.
#[derive(Debug, Default)]
struct Record {
    object: Object,
    start: usize,
    end: usize,
    /// Its first key, and the last so far.
    first: Option<String>,
    last: Option<String>,
}

/// Reads a text of nothing but records; `None` = it is none, or they are no findings.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    let mut records: Vec<Record> = Vec::new();
    let mut open = false;
    let mut above = 0;
    let mut at = 0;
    let is_section = |line: &str| line.starts_with('[') && line.trim_end().ends_with(']');
    let sections = text.lines().any(is_section);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let bare = line.trim();
        let words = bare.contains(char::is_alphanumeric);
        if !words {
            // A blank line ends a block, a line of signs is none of it.
            open &= !bare.is_empty()
                || records.last().is_some_and(|record| record.object.contains_key("section"));
            continue;
        }
        if sections && line.starts_with([';', '#']) {
            continue;
        }
        let end = start + line.trim_end().len();
        if is_section(line) {
            let name = bare.trim_matches(['[', ']', '"']);
            let mut record = Record { start, end, ..Record::default() };
            record.object.insert("section".to_string(), Value::from(name));
            if let Some(place) = place_of(name.trim()) {
                record.object.insert("file".to_string(), Value::from(place.file));
                if let Some((from, to)) = place.lines {
                    record.object.insert("line".to_string(), Value::from(from));
                    record.object.insert("endline".to_string(), Value::from(to));
                }
            }
            records.push(record);
            open = true;
        } else if let Some((key, value)) = pair(line).or_else(|| pair_below(line, records.last(), open)) {
            // A key that begins a record begins the next one.
            let again = |record: &Record| record.first.is_some() && column(key) == record.first;
            if !open || records.last().is_some_and(again) {
                records.push(Record { start, end, ..Record::default() });
                open = true;
            }
            let record = records.last_mut()?;
            let key = column(key)?;
            if record.object.contains_key(&key) {
                return None;
            }
            record.first.get_or_insert_with(|| key.clone());
            if !value.is_empty() {
                record.object.insert(key.clone(), Value::from(value.trim_matches('"')));
            }
            record.last = Some(key);
            record.end = end;
        } else if let Some(record) = records.last_mut().filter(|_| open && line.starts_with([' ', '\t'])) {
            let key = record.last.clone()?;
            let more = record
                .object
                .get(&key)
                .and_then(Value::as_str)
                .map_or_else(String::new, |said| format!("{said} "));
            record.object.insert(key, Value::from(more + bare));
            record.end = end;
        } else if records.is_empty() && above < ABOVE {
            above += 1;
        } else {
            return None;
        }
    }
    read(text, records)
}

/// `    File: src/a.rs:3`, set in below the first pair of a record.
fn pair_below<'a>(line: &'a str, record: Option<&Record>, open: bool) -> Option<(&'a str, &'a str)> {
    record.filter(|_| open && line.starts_with([' ', '\t']))?;
    let (key, value) = pair(line.trim_start())?;
    place_of(value).filter(|_| column(key).as_deref() == Some("file")).map(|_| (key, value))
}

/// `key = value`, `Key : value`
fn pair(line: &str) -> Option<(&str, &str)> {
    if !line.starts_with(char::is_alphabetic) {
        return None;
    }
    let at = line.char_indices().find(|(at, c)| {
        *c == '=' || matches!(c, ':' | '：') && line[at + c.len_utf8()..].starts_with([' ', '\t', '\n', '\r'])
    })?;
    let key = line[..at.0].trim();
    let plain = key.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.'));
    let named = plain && key.contains(char::is_alphabetic) && key.split_whitespace().count() <= KEY;
    named.then(|| (key, line[at.0 + at.1.len_utf8()..].trim()))
}

fn read(text: &str, mut records: Vec<Record>) -> Option<Extraction> {
    // What stands above them tells of the review.
    let placed = |record: &Record| {
        let file = record.object.get("file").and_then(Value::as_str);
        record.object.len() > 1 && file.and_then(place_of).is_some_and(|place| place.lines.is_some())
    };
    let small = |record: &Record| record.object.len() < VALUES && !placed(record);
    let heads = records.iter().take_while(|record| small(record)).count();
    records.drain(..heads);
    let objects: Vec<&Object> = records.iter().map(|record| &record.object).collect();
    let roles = Roles::of(&objects);
    if !roles.tell_findings(&objects, &Given::default()) {
        return None;
    }
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    let mut unread = 0;
    for record in &records {
        let source = Source { text: &text[record.start..record.end], start: record.start };
        let told = roles.apply(&record.object);
        let finding = tells_finding(&told, &Given::default()) || !small(record);
        match of_object(source, &told, &Given::default()).filter(|_| finding) {
            Some(member) => out.members.push(member),
            None => unread += 1,
        }
    }
    if unread > 0 {
        super::fault(&mut out, &format!("{unread} records could not be read as findings"));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_sections() {
        let blocks = "=====\n THE SHEETS\n=====\n\nFinding no.  : A-7\nHeading      : The command is taken without a login\nRating       : Critical\nSource       : net/port.c, line 240\nStatus: open\nDescription  : The port is for service. The\n      parser is shared.\n\nFinding no.  : A-8\nHeading      : The signature covers the header only\nRating       : Low\nSource       : boot/verify.c, lines 71-102\n";
        let sections = "[a.c:3]\ngrade = major\nplea = The lock is taken two times\n";
        for (text, count) in [(blocks, 2), (sections, 1)] {
            assert_eq!(extract(text).map(|read| read.members.len()), Some(count), "{text}");
        }
        for text in [
            "key = value\n",
            "Dear all: this is it\n\nBest\n",
            "[core]\nrepositoryformat = 0\nbare = false\n",
            "## The lock leaks in here\n\n- File: a/b.c\n- Line: 3\n- Severity: high\n",
        ] {
            assert!(extract(text).is_none(), "{text}");
        }
    }
}
