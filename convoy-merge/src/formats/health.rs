//! What an object that holds findings says of the run they are from: that it failed, was
//! cut short, looked at a part, or found more than is here.

use serde_json::Value;

use super::entry::{Object, normal_key};
use crate::signs::statement::{self, Says};
use crate::vocabulary::KEYS;

/// What was said, by all objects of a document.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Why the report is not whole.
    pub(super) faults: Vec<String>,
    /// Why it is not clean, if it holds no finding.
    pub(super) doubts: Vec<String>,
}

/// A value as short as a note may show it.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let cut: String = first.chars().take(80).collect();
    if cut.len() < first.len() { format!("{cut}…") } else { cut }
}

/// Is there anything in it: not null, false, 0, nor empty?
fn holds(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Bool(true) => true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            !matches!(text.trim().to_lowercase().as_str(), "" | "none" | "null" | "no" | "n/a" | "-")
        }
        Value::Array(items) => !items.is_empty(),
        Value::Object(inner) => inner.values().any(holds),
    }
}

fn word(value: &Value) -> Option<String> {
    value.as_str().map(normal_key).map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect())
}

/// A text of more words is no name or value.
const NAME: usize = 4;

/// Does a key tell of trouble, and its value that there is some?
fn troubles(key: &str, value: &Value) -> bool {
    let told = matches!(value, Value::Bool(true) | Value::String(_) | Value::Array(_)) && holds(value);
    told && KEYS.words("trouble").any(|stem| key.contains(stem)) && !KEYS.holder.contains(key)
}

/// A text of several words.
fn is_prose(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.split_whitespace().count() > NAME)
}

/// Does a key with its value contradict that nothing was found?
fn speaks_against(key: &str, value: &Value) -> bool {
    let stem = |row: &str| KEYS.words(row).any(|stem| key.contains(stem));
    match value {
        Value::Bool(told) => *told && stem("against-true") || !*told && stem("against-false"),
        Value::Number(_) => KEYS.is("against-number", key) && holds(value),
        Value::String(text) => {
            let said = word(value).unwrap_or_default();
            let short = |stem: &str| if stem.len() <= 3 { said == stem } else { said.starts_with(stem) };
            let several = text.split_whitespace().any(|w| {
                let w = w.to_lowercase();
                KEYS.words("against-value").any(|stem| stem.len() > 3 && w.starts_with(stem))
            });
            !KEYS.is("named", key) && (KEYS.words("against-value").any(short) || several)
        }
        _ => false,
    }
}

impl Health {
    /// Reads what an object says beside its findings. `errors` beside another list of
    /// findings are those of the tool.
    pub(super) fn look(&mut self, object: &Object, depth: usize) {
        let (mut reviewed, mut wanted) = (None, None);
        for (name, value) in object {
            let key = normal_key(name);
            let is = |row: &str| KEYS.is(row, &key);
            if is("failure") && holds(value) {
                self.faults.push(format!("it says {name}: {}", shown(value)));
            } else if is("status") && word(value).is_some_and(|word| KEYS.is("failed-status", &word)) {
                self.faults.push(format!("its {name} is {}", shown(value)));
            } else if is("must") && *value == Value::Bool(false)
                || is("mustnot") && *value == Value::Bool(true)
            {
                self.faults.push(format!("it says {name}: {value}"));
            } else if is("must-if-none") && *value == Value::Bool(false) {
                self.doubts.push(format!("it says {name}: false"));
            } else if (is("skipped") || is("more")) && holds(value) || troubles(&key, value) {
                self.faults.push(format!("it says {name}: {}", shown(value)));
            } else if is("verdict") && word(value).is_some_and(|word| KEYS.is("against", &word)) {
                self.doubts.push(format!("its {name} is {}", shown(value)));
            } else if is("prose") || is_prose(value) {
                self.read(name, value);
            } else if speaks_against(&key, value) {
                self.doubts.push(format!("it says {name}: {}", shown(value)));
            } else if let Value::Array(items) = value
                && items.iter().all(Value::is_string)
            {
                items.iter().filter(|item| is_prose(item)).for_each(|item| self.read(name, item));
            }
            if let Some(number) = value.as_u64() {
                let of = |row: &str, slot: Option<u64>| if KEYS.is(row, &key) { Some(number) } else { slot };
                reviewed = of("reviewed", reviewed);
                wanted = of("wanted", wanted);
            }
            if let Value::Object(inner) = value
                && depth < 3
                && !KEYS.holder.contains(key.as_str())
            {
                self.look(inner, depth + 1);
            } else if let Value::Object(inner) = value
                && matches!(key.as_str(), "files" | "review" | "report" | "data" | "message")
            {
                self.look_at_numbers(inner);
            }
        }
        // "total" is of what was reviewed only beside it.
        let total =
            || object.iter().find(|(name, _)| normal_key(name) == "total").and_then(|(_, v)| v.as_u64());
        self.compare(reviewed, wanted.or_else(|| reviewed.and_then(|_| total())));
        if reviewed == Some(0) {
            self.doubts.push("it looked at nothing".to_string());
        }
    }

    fn look_at_numbers(&mut self, object: &Object) {
        let number = |row: &str| {
            object.iter().find(|(key, _)| KEYS.is(row, &normal_key(key))).and_then(|(_, v)| v.as_u64())
        };
        self.compare(number("reviewed"), number("wanted"));
    }

    fn compare(&mut self, reviewed: Option<u64>, wanted: Option<u64>) {
        if let (Some(reviewed), Some(wanted)) = (reviewed, wanted)
            && reviewed < wanted
        {
            self.faults.push(format!("it looked at {reviewed} of {wanted}"));
        }
    }

    /// Text beside a list of findings may tell of some that the list lacks.
    fn read(&mut self, name: &str, value: &Value) {
        let Some(text) = value.as_str() else { return };
        if statement::failed(text) {
            self.faults.push(format!("its {name} says: {}", shown(value)));
            return;
        }
        for range in statement::sentences(text) {
            let sentence = &text[range];
            if statement::read_a_part(&sentence.to_lowercase()) || statement::refuses(sentence) {
                self.faults.push(format!("its {name} says: {}", shown(&Value::String(sentence.to_string()))));
            } else if statement::says(sentence) == Says::Fault {
                self.doubts.push(format!("its {name} says: {}", shown(&Value::String(sentence.to_string()))));
            }
        }
    }
}

/// How many findings an object says there are, in its own keys and in its summary.
pub(super) fn stated(object: &Object, in_summary: bool) -> Option<u64> {
    let mut most: Option<u64> = None;
    let (mut levels, mut eslint) = (None::<u64>, None::<u64>);
    for (name, value) in object {
        let key = normal_key(name);
        if let Some(number) = value.as_u64() {
            let list = KEYS.texts.contains(key.as_str()) && crate::severity::exact(name).is_none();
            if KEYS.is("count", &key) || KEYS.is("total", &key) && in_summary || list && in_summary {
                most = most.max(Some(number));
            } else if in_summary && crate::severity::exact(name).is_some() {
                levels = Some(levels.unwrap_or(0) + number);
            } else if matches!(key.as_str(), "errorcount" | "warningcount") {
                eslint = Some(eslint.unwrap_or(0) + number);
            }
        } else if let Value::Object(inner) = value
            && KEYS.is("summary", &key)
        {
            most = most.max(stated(inner, true));
        }
    }
    most.max(levels).max(eslint)
}
