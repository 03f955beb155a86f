//! Values that name a place.

use super::DEEPEST;
use crate::formats::entry::{Object, lines, normal_key};
use crate::locate::{self, Trust};
use crate::vocabulary::KEYS;
use serde_json::{Value, json};

/// A place that a value is.
pub(in crate::formats) struct Placed {
    pub(in crate::formats) file: String,
    pub(in crate::formats) lines: Option<(u32, u32)>,
}

/// Is a value a place: a text that is nothing else, an object that holds one, a list of them?
pub(super) fn placed_in(value: &Value, depth: usize) -> Option<Placed> {
    match value {
        Value::String(text) => place_of(text.trim()),
        Value::Array(items) if depth == 0 => placed_in(items.first()?, depth + 1),
        Value::Object(object) if depth < DEEPEST => {
            let mut place = object.values().find_map(|inner| placed_in(inner, depth + 1))?;
            if place.lines.is_none() {
                place.lines = lines(object, 0).or_else(|| lines_beside(object));
            }
            Some(place)
        }
        _ => None,
    }
}

/// The lines of an object that names a file: the numbers below usual names for them.
fn lines_beside(object: &Object) -> Option<(u32, u32)> {
    let named = |row: &str| {
        object.iter().find(|(key, _)| KEYS.is(row, &normal_key(key))).and_then(|(_, value)| span_of(value))
    };
    let (from, to) = named("line-beside").or_else(|| {
        object
            .values()
            .filter_map(Value::as_object)
            .find_map(|inner| lines(inner, 0).or_else(|| lines_beside(inner)))
    })?;
    Some((from, named("end-beside").map_or(to, |(_, end)| end).max(from)))
}

/// Is it a word with an ending, as files have them?
pub(super) fn has_ending(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    !text.contains("://")
        && !text.contains(char::is_whitespace)
        && (1..=8).contains(&ending.len())
        && ending.chars().all(char::is_alphanumeric)
        && ending.chars().any(char::is_alphabetic)
}

/// A text that is nothing but a place.
pub(in crate::formats) fn place_of(text: &str) -> Option<Placed> {
    if text.len() > 300 {
        return None;
    }
    let of_word = || {
        let path = text.contains('/') && has_ending(text);
        path.then(|| Placed { file: text.to_string(), lines: None })
    };
    let found = locate::find(text, Trust::Prose).into_iter().next().filter(|found| {
        let around = [&text[..found.start.min(text.len())], &text[found.end.min(text.len())..]];
        around.iter().all(|part| !part.contains(char::is_alphanumeric))
    });
    match found {
        Some(found) => {
            let place = found.place;
            let lines = place.line_start.map(|from| (from, place.line_end.unwrap_or(from)));
            Some(Placed { file: place.file, lines })
        }
        None => of_word(),
    }
}

/// Line numbers that a value is: `12`, `"12-14"`, `"L12"`, `[12, 14]`.
pub(super) fn span_of(value: &Value) -> Option<(u32, u32)> {
    let number = |value: &Value| value.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0);
    match value {
        Value::Number(_) => number(value).map(|n| (n, n)),
        Value::String(text) => {
            let text = text.trim();
            let short = text.len() <= 24 && text.contains(|c: char| c.is_ascii_digit());
            locate::bare_lines(text).first().copied().filter(|_| short)
        }
        Value::Array(items) if items.len() <= 2 => {
            let first = number(items.first()?)?;
            Some((first, items.last().and_then(number).unwrap_or(first).max(first)))
        }
        _ => None,
    }
}

impl Placed {
    pub(super) fn to_value(&self, beside: Option<(u32, u32)>) -> Value {
        match self.lines.or(beside) {
            Some((from, to)) => json!({"file": self.file, "line": from, "endline": to}),
            None => json!({"file": self.file}),
        }
    }
}
