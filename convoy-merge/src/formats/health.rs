//! What an object that holds findings says of the run they are from: that it failed, was
//! cut short, looked at a part, or found more than is here.

mod told;

use serde_json::Value;

use super::entry::{Object, normal_key};
use crate::signs::statement::{self, Says};
use crate::vocabulary::KEYS;
use told::{Told, is_prose, tells_of_findings, told};

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

/// What stands deeper says nothing of the whole.
const DEEPEST: usize = 3;

/// What a tool's rule is for, below a key that holds nothing else.
fn describes_rule(value: &Value) -> bool {
    let described = |rule: &Object| ["docs", "messages", "schema"].iter().any(|key| rule.contains_key(*key));
    value.as_object().is_some_and(described)
}

/// Is it a key below which findings are looked for?
fn holds_findings(name: &str) -> bool {
    KEYS.holder.contains(normal_key(name).as_str())
}

impl Health {
    /// Reads what an object says beside its findings. `errors` beside another list of
    /// findings are those of the tool.
    pub(super) fn look(&mut self, object: &Object) {
        self.look_as(object, true);
    }

    /// The same; not `strict`: only what is known to be bad counts.
    pub(super) fn look_as(&mut self, object: &Object, strict: bool) {
        self.look_in(object, "", strict);
    }

    /// `path`: the keys that lead to the object. `strict`: what is not known to be harmless
    /// is a doubt, else only what is known to be none.
    fn look_in(&mut self, object: &Object, path: &str, strict: bool) {
        let (mut reviewed, mut wanted) = (None, None);
        for (name, value) in object {
            let key = normal_key(name);
            let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if tells_of_findings(&key, value, object) {
                self.doubts.push(format!("it says {at}: {}", shown(value)));
                continue;
            }
            if let Value::Object(rules) = value
                && KEYS.is("manual", &key)
            {
                let others = rules.iter().filter(|(_, rule)| !describes_rule(rule));
                let others = others.map(|(name, value)| (name.clone(), value.clone())).collect();
                self.look_in(&others, &at, strict);
                continue;
            }
            self.look_at(&key, value, &at, strict);
            if let Some(number) = value.as_u64() {
                let of = |row: &str, slot: Option<u64>| if KEYS.is(row, &key) { Some(number) } else { slot };
                reviewed = of("reviewed", reviewed);
                wanted = of("wanted", wanted);
            }
        }
        // "total" is of what was reviewed only beside it.
        let total = || {
            let all = |name: &str| {
                matches!(normal_key(name).as_str(), "total" | "files" | "allfiles" | "changedfiles")
            };
            object.iter().find(|(name, _)| all(name)).and_then(|(_, value)| value.as_u64())
        };
        self.compare(reviewed, wanted.or_else(|| reviewed.and_then(|_| total())));
    }

    fn look_at(&mut self, key: &str, value: &Value, at: &str, strict: bool) {
        let is = |row: &str| KEYS.is(row, key);
        let looked = is("reviewed") || is("read");
        let nothing = value.as_u64() == Some(0) || value.as_array().is_some_and(Vec::is_empty);
        if looked && nothing {
            self.doubts.push(format!("it looked at nothing ({at})"));
            return;
        }
        match value {
            // These are looked into for findings; the numbers stand beside those.
            Value::Object(inner) if matches!(key, "files" | "review" | "report" | "data" | "message") => {
                self.look_at_numbers(inner);
                if !matches!(key, "files" | "data") && !inner.keys().any(|name| holds_findings(name)) {
                    self.look_in(inner, at, strict);
                }
            }
            Value::Object(inner) if told(key, value) != Told::Fault => {
                let deep = at.matches('.').count() >= DEEPEST;
                self.look_in(inner, at, strict && !is("free") && !deep);
            }
            Value::Array(items) if told(key, value) != Told::Fault => {
                if !KEYS.holder.contains(key) {
                    self.look_at_items(key, items, at, strict);
                }
                // Where findings are looked for in objects, texts tell of none only by what they say.
                for item in items.iter().filter(|item| KEYS.holder.contains(key) && is_prose(item)) {
                    self.read(at, item);
                }
                // Nobody looks for findings in what is said of a run.
                let unseen = at.contains('.') && KEYS.texts.contains(key);
                for item in items.iter().filter(|item| unseen && item.is_string()) {
                    self.doubts.push(format!("it says {at}: {}", shown(item)));
                }
            }
            // A pattern of paths is what was asked for.
            Value::String(text) if is("scope") && (text.contains(' ') || !text.contains('/')) => {
                self.tell_part(at, &format!("Scope: {text}"));
            }
            _ => match told(key, value) {
                Told::Fault => self.faults.push(format!("it says {at}: {}", shown(value))),
                Told::Against => self.doubts.push(format!("it says {at}: {}", shown(value))),
                Told::Prose => self.read(at, value),
                Told::Unknown if strict => {
                    self.doubts.push(format!("what {at}: {} says is not known", shown(value)));
                }
                Told::Unknown | Told::Harmless => {}
            },
        }
    }

    /// A list that is no place for findings: of names, of texts, of objects.
    fn look_at_items(&mut self, key: &str, items: &[Value], at: &str, strict: bool) {
        let is = |row: &str| KEYS.is(row, key);
        let listed = ["reviewed", "read", "named", "kinds", "measure", "free"].iter().any(|row| is(row));
        for item in items {
            match item {
                Value::Object(inner) => self.look_in(inner, at, strict && !is("free")),
                Value::String(_) if is_prose(item) => self.read(at, item),
                _ if listed || !strict => {}
                _ => self.doubts.push(format!("what {at}: {} says is not known", shown(item))),
            }
        }
    }

    /// Is an object one that says nothing of how a run went: a file that was read?
    pub(super) fn is_harmless(object: &Object) -> bool {
        let mut health = Health::default();
        health.look(object);
        health.faults.is_empty() && health.doubts.is_empty()
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
    fn read(&mut self, at: &str, value: &Value) {
        let Some(text) = value.as_str() else { return };
        if statement::failed(text) {
            self.faults.push(format!("its {at} says: {}", shown(value)));
            return;
        }
        for range in statement::sentences(text) {
            let sentence = &text[range];
            if statement::read_a_part(&sentence.to_lowercase()) || statement::refuses(sentence) {
                self.faults.push(format!("its {at} says: {}", shown(&Value::String(sentence.to_string()))));
            } else if statement::says(sentence) == Says::Fault {
                self.doubts.push(format!("its {at} says: {}", shown(&Value::String(sentence.to_string()))));
            }
        }
        self.tell_part(at, text);
    }

    /// A text that tells of a part alone was not written of the whole.
    fn tell_part(&mut self, at: &str, text: &str) {
        if let Some(range) = statement::part_read(text, statement::sentences(text)) {
            let sentence = text[range].trim().to_string();
            self.doubts.push(format!("its {at} tells of a part: {}", shown(&Value::String(sentence))));
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

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::model::Recognised;

    fn is_clean(text: &str) -> bool {
        let read = extract(text, "r.json");
        assert!(read.complete || read.recognised != Recognised::Clean, "{text}");
        read.recognised == Recognised::Clean
    }

    /// What stands beside an empty list, and whether it is harmless.
    #[test]
    fn only_what_is_known_to_be_harmless_is_clean() {
        for (beside, clean) in [
            (r#""model": "m", "sha": "0f1e2d3c", "duration_ms": 812"#, true),
            (r#""summary": {"high": 0, "low": 0}, "status": "completed""#, true),
            (r#""files": ["src/a.c"], "coverage": 1.0, "success": true"#, true),
            (r#""usage": {"input_tokens": 7}, "at": "2031-02-03T04:05:06Z""#, true),
            (r#""progress": "4/4", "confidence": 0.9, "errors": []"#, true),
            (r#""coverage": 0.4"#, false),
            (r#""score": 35"#, false),
            (r#""code": 503"#, false),
            (r#""mode": "dry-run""#, false),
            (r#""depth": "shallow""#, false),
            (r#""files": []"#, false),
            (r#""files_reviewed": 0"#, false),
            (r#""progress": "3/10""#, false),
            (r#""confidence": "low""#, false),
            (r#""reviewers": [{"name": "a", "status": "failed"}]"#, false),
            (r#""meta": {"sampled": true}"#, false),
            (r#""scope": "the whole change""#, true),
            (r#""scope": "src/**/*.ts""#, true),
            (r#""scope": "repo""#, true),
            (r#""scope": "headers only""#, false),
            (r#""notes": "Scope: backend""#, false),
            (r#""notes": ["could not open src/b.rs"]"#, false),
            (r#""review": {"text": "Half of the files would not open."}"#, false),
            (r#""review": {"text": "No issues found."}"#, true),
            (r#""meta": {"warnings": ["b.rs is too large"]}"#, false),
            (r#""errors": 1"#, false),
            (r#""errors": 0, "warnings": 0"#, true),
            (r#""nobody": "knows""#, false),
            (r#""nobody": 7"#, false),
            (r#""nobody": true"#, false),
        ] {
            assert_eq!(is_clean(&format!(r#"{{"findings": [], {beside}}}"#)), clean, "{beside}");
        }
    }

    #[test]
    fn only_an_empty_place_for_findings_proves_anything() {
        for (text, clean) in [
            ("[]", true),
            (r#"{"vulnerabilities": {}}"#, true),
            (r#"{"findings": {"items": []}}"#, true),
            (r#"{"files": []}"#, false),
            (r#"{"data": []}"#, false),
            (r#"{"findings": null}"#, false),
        ] {
            assert_eq!(is_clean(text), clean, "{text}");
        }
    }

    #[test]
    fn the_key_that_nobody_knows_is_told() {
        let read = extract(r#"{"findings": [], "run": {"depth": 3}}"#, "r.json");
        assert!(read.notes.iter().any(|note| note.contains("run.depth: 3")), "{:?}", read.notes);
    }
}
