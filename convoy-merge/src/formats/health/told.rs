//! What a key with its value says of a run: that it failed, that it found something, nothing.

use serde_json::Value;

use crate::formats::entry::{Object, normal_key};
use crate::vocabulary::KEYS;

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

/// What a key with its value says of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// That it failed or is not whole.
    Fault,
    /// Something that a clean report does not say.
    Against,
    /// Text that may tell of findings.
    Prose,
    /// What is known to say nothing of the kind.
    Harmless,
    /// Nobody knows: it may be any of these.
    Unknown,
}

/// A text of several words.
pub(super) fn is_prose(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.split_whitespace().count() > NAME)
}

fn stems(row: &str, key: &str) -> bool {
    KEYS.words(row).any(|stem| key.contains(stem))
}

pub(super) fn told(key: &str, value: &Value) -> Told {
    let is = |row: &str| KEYS.is(row, key);
    let said = word(value);
    let said_is = |row: &str| said.as_deref().is_some_and(|said| KEYS.is(row, said));
    let flag = value.as_bool();
    let trouble = stems("trouble", key) && !KEYS.holder.contains(key) && holds(value);
    let fault = is("failure") && holds(value)
        || is("status") && said_is("failed-status")
        || is("must") && flag == Some(false)
        || is("mustnot") && flag == Some(true)
        || (is("skipped") || is("more")) && holds(value)
        || trouble && !value.is_number();
    let against = is("must-if-none") && flag == Some(false) || is("verdict") && said_is("against");
    if fault {
        Told::Fault
    } else if against {
        Told::Against
    } else if said_is("good-value") {
        Told::Harmless
    } else if is("prose") && value.is_string() || is_prose(value) {
        Told::Prose
    } else if trouble || speaks_against(key, value) {
        Told::Against
    } else if harmless(key, value) {
        Told::Harmless
    } else {
        Told::Unknown
    }
}

/// Does a key with its value contradict that nothing was found?
fn speaks_against(key: &str, value: &Value) -> bool {
    match value {
        Value::Bool(told) => *told && stems("against-true", key) || !*told && stems("against-false", key),
        // So many of what is listed nowhere.
        Value::Number(_) => {
            let counts = KEYS.is("against-number", key) || KEYS.is("proof", key) || stems("trouble", key);
            counts && holds(value)
        }
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

/// Is a key with its value known to say nothing of how the run went or what it found?
fn harmless(key: &str, value: &Value) -> bool {
    let is = |row: &str| KEYS.is(row, key);
    let counts = is("count")
        || is("total")
        || KEYS.holder.contains(key)
        || stems("counted", key)
        || crate::severity::exact(key).is_some();
    match value {
        Value::Bool(true) => stems("against-false", key) || is("must") || is("must-if-none") || is("flag"),
        Value::Bool(false) => {
            let bad = ["against-true", "trouble", "mustnot", "more"].iter().any(|row| stems(row, key));
            bad || counts || is("flag")
        }
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            let equals = |wanted: f64| (number - wanted).abs() < f64::EPSILON;
            let zero = equals(0.0);
            if is("whole") {
                equals(1.0) || equals(100.0)
            } else if is("sure") {
                (0.5..=1.0).contains(&number) || (50.0..=100.0).contains(&number)
            } else if is("httpcode") {
                zero || equals(200.0)
            } else {
                let looked = is("reviewed") || is("wanted") || is("read");
                counts
                    || zero && (is("against-number") || stems("trouble", key))
                    || !zero && looked
                    || is("measure")
                    || is("named")
            }
        }
        Value::String(text) => {
            let named = is("named") || is("kinds") || is("measure");
            let low = is("risk") && KEYS.is("low-risk", &word(value).unwrap_or_default());
            named || low || text.trim().is_empty() || is_mark(key, text)
        }
        Value::Null => true,
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// A time, a hash, an address, a version, all of a whole: they say the same below any key.
fn is_mark(key: &str, text: &str) -> bool {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let only = |of: &str| text.chars().all(|c| c.is_ascii_digit() || of.contains(c));
    let time = digits >= 6 && only("-:.TZ+ ") && text.contains(['-', ':']);
    let hash =
        text.len() >= 7 && digits > 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let address = text.starts_with("https://") || text.starts_with("http://");
    let version = digits >= 2
        && text.contains('.')
        && text.strip_prefix('v').unwrap_or(text).bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let sure = KEYS.is("sure", key) && matches!(text.to_lowercase().as_str(), "high" | "medium" | "certain");
    let whole = text.split_once('/').is_some_and(|(part, of)| part.trim() == of.trim() && digits > 0)
        || text == "100%"
        || text == "100.0%";
    time || hash || address && !KEYS.is("more", key) || version || sure || whole
}

/// Is it said of what was found, not of the run: how many errors beside how many warnings,
/// or that there are errors beside a list of them? Then it speaks against a clean report.
pub(super) fn tells_of_findings(key: &str, value: &Value, object: &Object) -> bool {
    let levels = || {
        let counts = |(name, value): &(&String, &Value)| {
            value.is_u64() && crate::severity::exact(name).is_some() && **name != key
        };
        object.iter().filter(counts).count() >= 2
    };
    let listed = || {
        let is_list = |(name, value): (&String, &Value)| {
            let name = normal_key(name);
            KEYS.holder.contains(name.as_str())
                && name != "files"
                && value.as_array().is_some_and(|list| list.iter().any(Value::is_object))
        };
        object.iter().any(is_list)
    };
    value.is_u64() && holds(value) && KEYS.is("failure", key) && levels()
        || value.as_bool() == Some(true) && KEYS.is("has-errors", key) && listed()
}
