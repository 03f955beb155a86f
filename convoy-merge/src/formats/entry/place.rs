//! Where an entry says that its finding is.

use super::{Given, Object, get, string};
use crate::locate::{self, Trust};
use crate::model::Location;
use crate::severity;
use crate::vocabulary::KEYS;
use serde_json::Value;

/// The place that the longer text begins with, or the first with a line that it names.
pub(super) fn place_in_text(object: &Object) -> Option<Location> {
    let text = string(object, &["description", "details", "body"])?;
    let found = locate::find(severity::cut(&text, 2000), Trust::Prose);
    let first = found.first().filter(|place| place.start <= 1);
    let lined = || found.iter().find(|place| place.place.line_start.is_some());
    first.or_else(lined).map(|found| found.place.clone())
}

/// A file without a line takes the line that the entry's text gives to the same file.
pub(in crate::formats) fn line_told(locations: &mut [Location], object: &Object) {
    let [first] = locations else { return };
    if first.line_start.is_some() {
        return;
    }
    let told = object.values().filter_map(Value::as_str).find_map(|text| {
        locate::find(severity::cut(text, 2000), Trust::Prose)
            .into_iter()
            .find(|found| found.place.line_start.is_some() && found.place.file == first.file)
    });
    if let Some(found) = told {
        (first.line_start, first.line_end) = (found.place.line_start, found.place.line_end);
    }
}

pub(in crate::formats) fn places(object: &Object, given: &Given) -> Vec<Location> {
    let raised;
    let object = if marks_zero(object) {
        raised = raise_lines(object);
        &raised
    } else {
        object
    };
    let file = string(object, &KEYS.file).or_else(|| given.file.clone()).or_else(|| source(object));
    let mut list = Vec::new();
    for key in &KEYS.place {
        let is_path = KEYS.file.contains(key);
        match get(object, &[key]) {
            // The keys that lead to a value of a document, not to a file.
            Some(Value::Array(_)) if *key == "path" => {}
            Some(Value::Array(items)) => {
                for item in items {
                    place_of(item, object, file.as_deref(), is_path, &mut list);
                }
            }
            Some(value) => place_of(value, object, file.as_deref(), is_path, &mut list),
            None => {}
        }
        if !list.is_empty() {
            break;
        }
    }
    if list.is_empty()
        && let Some(file) = &file
    {
        let mut place = with_span(path(file), object);
        if let (None, Some((start, end))) = (place.line_start, given.lines) {
            (place.line_start, place.line_end) = (Some(start), Some(end));
        }
        list.push(place);
    }
    evidence_lines(object, &mut list);
    for key in ["also", "related", "relatedlocations"] {
        if let Some(Value::Array(items)) = get(object, &[key]) {
            for item in items {
                place_of(item, &Object::new(), None, false, &mut list);
            }
        }
    }
    list
}

/// Is it of a tool that writes lines from 0 where the format has them from 1? It names its
/// finding by file, place in the document and rule.
fn marks_zero(object: &Object) -> bool {
    let text = |key: &str| object.get(key).and_then(Value::as_str);
    let (Some(mark), Some(rule)) = (text("fingerprint"), text("check_name")) else { return false };
    let file = object.get("location").and_then(|place| place.get("path")).and_then(Value::as_str);
    let inner = file.and_then(|file| mark.strip_prefix(file)?.strip_prefix(':'));
    inner.is_some_and(|inner| inner.strip_suffix(rule).is_some_and(|path| path.ends_with(':')))
}

/// The same with every line one more.
fn raise_lines(object: &Object) -> Object {
    let raise = |(key, value): (&String, &Value)| {
        let value = match value {
            Value::Object(inner) => Value::Object(raise_lines(inner)),
            Value::Number(line) if matches!(key.as_str(), "line" | "begin" | "end") => {
                line.as_u64().and_then(|line| line.checked_add(1)).map_or_else(|| value.clone(), Value::from)
            }
            other => other.clone(),
        };
        (key.clone(), value)
    };
    object.iter().map(raise).collect()
}

/// `source`, where it is a file: it may as well name a tool or a rule, or hold code.
pub(super) fn source(object: &Object) -> Option<String> {
    let has_ending = |path: &str| path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    string(object, &["source"]).filter(|source| has_ending(source) && names_file(source))
}

/// A file without lines takes those that the evidence gives to it.
fn evidence_lines(object: &Object, list: &mut [Location]) {
    let Some(first) = list.first_mut().filter(|place| place.line_start.is_none()) else { return };
    let Some(Value::Array(items)) = get(object, &["evidence"]) else { return };
    let about = items
        .iter()
        .filter_map(Value::as_object)
        .find(|item| string(item, &KEYS.file).is_some_and(|file| file == first.file));
    if let Some(item) = about {
        *first = with_span(first.clone(), item);
    }
}

/// `around` is the finding, `file` the one it names apart from this value; `is_path` says
/// that the value is a path and no prose about one.
fn place_of(value: &Value, around: &Object, file: Option<&str>, is_path: bool, list: &mut Vec<Location>) {
    match value {
        Value::String(text) if text.trim().is_empty() => {}
        Value::String(text) if is_path => list.push(with_span(path(text), around)),
        Value::String(text) => {
            let found = locate::find(text, Trust::Stated);
            match &found[..] {
                [] if !text.trim().is_empty() && !text.contains(' ') => {
                    list.push(with_span(Location::file(text.trim()), around));
                }
                [one] if one.place.line_start.is_none() => {
                    list.push(with_span(one.place.clone(), around));
                }
                _ => list.extend(found.into_iter().map(|f| f.place)),
            }
        }
        Value::Object(object) => {
            if let Some(file) = string(object, &KEYS.file).as_deref().or(file) {
                list.push(with_span(path(file), object));
            }
        }
        _ => {}
    }
}

/// A path that a field states: whatever signs are in it are part of its name, but for
/// the lines behind it.
fn path(text: &str) -> Location {
    let text = text.trim();
    if let Some(found) = locate::find(text, Trust::Stated).into_iter().next()
        && (found.start == 0 && found.end == text.len() || text.contains('\n'))
    {
        return found.place;
    }
    // `project:src/a.rs`
    let text = match text.split_once(':') {
        Some((project, inner)) if project.len() > 1 && !project.contains(['/', '.', ' ']) => {
            if inner.contains('/') && !inner.starts_with('/') { inner } else { text }
        }
        _ => text,
    };
    let digits = |text: &str| text.parse::<u32>().ok().filter(|n| *n > 0);
    if let Some((name, lines)) = text.rsplit_once(':') {
        let (from, to) = lines.split_once('-').unwrap_or((lines, lines));
        if let (Some(from), Some(to)) = (digits(from), digits(to)) {
            return Location { line_start: Some(from), line_end: Some(to.max(from)), ..Location::file(name) };
        }
    }
    Location::file(text)
}

fn with_span(mut place: Location, object: &Object) -> Location {
    if place.line_start.is_none()
        && let Some((start, end)) = lines(object, 0)
    {
        place.line_start = Some(start);
        place.line_end = Some(end.max(start));
    }
    place
}

/// The lines an object states, however deep: `line`, `range.start.line`, `lines.begin`.
pub(in crate::formats) fn lines(object: &Object, depth: usize) -> Option<(u32, u32)> {
    if depth > 4 {
        return None;
    }
    if let Some(found) = from_zero(object) {
        return Some(found);
    }
    // `start_line` beside `line` is the first of several.
    let first = get(object, &["startline", "linestart"]).and_then(|v| span(v, depth + 1));
    // "line" may hold the text of the line, beside another key with its number.
    let told = |keys: &[&str]| keys.iter().find_map(|key| span(get(object, &[key])?, depth + 1));
    let (start, end) = first.or_else(|| told(&KEYS.line)).or_else(|| told(&KEYS.nested))?;
    let last = get(object, &KEYS.line_end).and_then(|v| span(v, depth + 1)).map(|(_, end)| end);
    let line =
        first.and_then(|_| get(object, &["line"])).and_then(|v| span(v, depth + 1)).map(|(_, end)| end);
    Some((start, last.or(line).unwrap_or(end).max(start)))
}

/// Does its range count lines from 0?
pub(super) fn counts_from_zero(object: &Object) -> bool {
    from_zero(object).is_some()
}

/// A range whose lines count from 0: with characters as the language server protocol has
/// them, or with offsets in bytes.
fn from_zero(object: &Object) -> Option<(u32, u32)> {
    let range = get(object, &["range"])?.as_object()?;
    let (start, end) = (range.get("start")?, range.get("end"));
    if start.get("character").is_none() && range.get("byteOffset").is_none() {
        return None;
    }
    let line = |value: &Value| value.get("line")?.as_u64().and_then(|n| u32::try_from(n + 1).ok());
    let first = line(start)?;
    Some((first, end.and_then(line).unwrap_or(first).max(first)))
}

fn span(value: &Value, depth: usize) -> Option<(u32, u32)> {
    let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    match value {
        Value::Number(_) => number(value).map(|n| (n, n)),
        Value::String(text) => locate::bare_lines(text).first().copied(),
        Value::Array(items) => match number(items.first()?) {
            Some(first) => Some((first, items.last().and_then(number).unwrap_or(first).max(first))),
            None => span(items.first()?, depth + 1),
        },
        Value::Object(inner) => lines(inner, depth),
        _ => None,
    }
}

/// Is a word the name of a file, and nothing else?
pub(in crate::formats) fn names_file(word: &str) -> bool {
    !word.contains(char::is_whitespace)
        && locate::find(word, locate::Trust::Field).first().is_some_and(|found| {
            found.start == 0 && found.end == word.len() && found.place.line_start.is_none()
        })
        && severity::exact(word).is_none()
}

#[cfg(test)]
mod tests {
    use crate::formats::told;

    #[test]
    fn a_tool_that_writes_lines_from_0_shows_it_by_its_fingerprints() {
        let one = |mark: &str| {
            format!(
                r#"[{{"type":"issue","check_name":"no-slash","description":"Paths end without one.","severity":"major","fingerprint":"{mark}","location":{{"path":"api.yaml","positions":{{"begin":{{"line":5,"column":6}},"end":{{"line":9,"column":2}}}}}}}}]"#
            )
        };
        let title = "high Paths end without one.";
        assert_eq!(told(&one("api.yaml:paths./a/:no-slash"), "r.json").0, [format!("api.yaml:6-10 {title}")]);
        assert_eq!(told(&one("93836a3669144d18"), "r.json").0, [format!("api.yaml:5-9 {title}")]);
    }
}
