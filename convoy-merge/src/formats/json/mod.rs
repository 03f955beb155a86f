//! Findings in JSON, JSON lines and several JSON documents one after another, whatever
//! the keys are called. Raw values keep the byte ranges.

mod foreign;
mod holder;
mod walk;

use std::collections::{BTreeMap, HashMap};

use serde_json::value::RawValue;

use super::entry::{Given, Object, normal_key};
use super::roles::Roles;
use super::{own, sarif, wrapped};
use crate::model::Extraction;
use crate::model::{Member, Recognised};
use crate::vocabulary::KEYS;
use holder::is_finding;
use walk::Walk;

/// Reads a text as JSON findings; `None` = it is no JSON.
pub(super) fn extract(text: &str, name: &str) -> Option<Extraction> {
    let start = text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']);
    if !is_json_like(start) {
        return None;
    }
    if let Ok(raw) = serde_json::from_str::<&RawValue>(start.trim_end()) {
        return Some(of_value(text, raw));
    }
    let wanted = name.rsplit('.').next().is_some_and(|ext| {
        matches!(ext.to_ascii_lowercase().as_str(), "json" | "jsonl" | "ndjson" | "sarif")
    });
    many(text, start)
        .or_else(|| cut(text, start))
        .or_else(|| (wanted || is_surely_json(start)).then(|| super::unreadable("not valid JSON (cut off?)")))
}

/// `[x](…)`, `[HIGH] …` and `[1] …` begin a text, not JSON.
pub(super) fn is_json_like(text: &str) -> bool {
    match text.strip_prefix('[') {
        Some(rest) => {
            let rest = rest.trim_start();
            let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let number = behind.len() < rest.len()
                && match behind.strip_prefix(']') {
                    Some(behind) => behind.trim().is_empty(),
                    None => true,
                };
            rest.starts_with(['{', ']', '[', '"']) || number
        }
        None => text.starts_with('{'),
    }
}

/// What begins so is JSON even if its end is missing: no prose of its strings may be read
/// as if it were the report.
fn is_surely_json(text: &str) -> bool {
    let inner = text.trim_start_matches(['[', ' ', '\n', '\r', '\t']);
    inner.strip_prefix('{').is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty()
            || rest.starts_with('"')
                && rest[1..].split_once('"').is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
    })
}

fn of_value(text: &str, raw: &RawValue) -> Extraction {
    if let Some(own) = own::read(raw) {
        return own;
    }
    if let Some(results) = sarif::read(text, raw) {
        return results;
    }
    let mut walk = Walk::new(text);
    walk.collect(raw, &Given::default(), 0);
    let mut out = walk.finish(1);
    if out.recognised == Recognised::Unreadable
        && let Some(report) = wrapped::read(text, &[raw])
    {
        out = report;
    }
    out.reviewer = top_string(raw, &["reviewer", "agent", "role"]);
    out
}

fn top_string(raw: &RawValue, keys: &[&str]) -> Option<String> {
    let map: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
    let value = keys.iter().find_map(|key| map.get(*key))?;
    serde_json::from_str(value.get()).ok()
}

/// The documents of a text, one a line or one after another, and how many are none.
fn documents<'t>(text: &'t str, start: &'t str) -> (Vec<&'t RawValue>, usize) {
    let mut documents: Vec<&RawValue> = Vec::new();
    let mut bad = 0;
    for line in text.lines().map(|line| line.trim_matches(['\u{feff}', ' ', '\t', '\r', '\u{1e}'])) {
        match serde_json::from_str::<&RawValue>(line) {
            Ok(raw) if raw.get().starts_with(['{', '[']) => documents.push(raw),
            _ if line.is_empty() => {}
            _ => bad += 1,
        }
    }
    if documents.is_empty() || bad > documents.len() {
        documents.clear();
        bad = 0;
        let mut stream = serde_json::Deserializer::from_str(start).into_iter::<&RawValue>();
        for document in &mut stream {
            match document {
                Ok(raw) => documents.push(raw),
                Err(_) => {
                    bad = 1;
                    break;
                }
            }
        }
    }
    (documents, bad)
}

/// JSON lines, or documents one after another; bad ones among them make the report incomplete.
fn many(text: &str, start: &str) -> Option<Extraction> {
    let (documents, bad) = documents(text, start);
    if documents.is_empty() {
        return None;
    }
    if let [one] = documents[..] {
        let mut out = of_value(text, one);
        if bad > 0 {
            super::fault(&mut out, "a part of it is not valid JSON");
        }
        return Some(out);
    }
    let mut walk = Walk::new(text);
    // Records of a list that needs no brackets.
    let records = foreign::objects(&documents);
    let roles = Roles::of(&records.iter().collect::<Vec<_>>());
    if roles.are_others() {
        return Some(super::unreadable("these records are none of a review"));
    }
    let told = roles.tell_findings(&records.iter().collect::<Vec<_>>(), &Given::default());
    let kinds = if told { HashMap::new() } else { kinds(&records) };
    for raw in &documents {
        let record = foreign::object(raw);
        let kind = record.as_ref().and_then(|record| kinds.get(&keys_of(record)));
        if let Some(roles) = kind.or(Some(&roles).filter(|_| told && record.is_some())) {
            walk.object(raw, Some(roles), &Given::default(), 0);
        } else if let Some(log) = sarif::read(text, raw) {
            walk.take(log);
        } else {
            walk.collect(raw, &Given::default(), 0);
        }
    }
    if bad > 0 {
        walk.health.faults.push(format!("{bad} lines are not valid JSON"));
    }
    let empty = walk.members.is_empty() && !walk.ended;
    let mut out = walk.finish(documents.len());
    if empty && out.recognised == Recognised::Clean {
        out.recognised = Recognised::Unreadable;
    }
    if out.recognised == Recognised::Unreadable
        && let Some(mut report) = wrapped::read(text, &documents)
    {
        if bad > 0 {
            super::fault(&mut report, &format!("{bad} lines are not valid JSON"));
        }
        return Some(report);
    }
    Some(out)
}

fn keys_of(record: &Object) -> Vec<&str> {
    record.keys().map(String::as_str).collect()
}

/// Of lines of several kinds those that are findings by what they hold, by their keys.
fn kinds(records: &[Object]) -> HashMap<Vec<&str>, Roles> {
    let mut kinds: HashMap<Vec<&str>, Vec<&Object>> = HashMap::new();
    for record in records {
        kinds.entry(keys_of(record)).or_default().push(record);
    }
    let told = kinds.into_iter().filter_map(|(keys, records)| {
        let roles = Roles::of(&records);
        roles.tell_findings(&records, &Given::default()).then_some((keys, roles))
    });
    told.collect()
}

/// So many objects that never close are passed by.
const UNCLOSED: usize = 16;

/// The whole entries of a document that breaks off.
fn cut(text: &str, start: &str) -> Option<Extraction> {
    let mut walk = Walk::new(text);
    let (mut at, mut open) = (0, 0);
    while let Some(next) = start[at..].find('{').map(|next| at + next) {
        let mut stream = serde_json::Deserializer::from_str(&start[next..]).into_iter::<&RawValue>();
        if let Some(Ok(raw)) = stream.next() {
            let map = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get());
            if map.is_ok_and(|map| is_finding(&map)) {
                walk.collect(raw, &Given { proof: true, ..Given::default() }, 1);
            }
            at = next + stream.byte_offset();
        } else {
            open += 1;
            at = next + 1;
            if open > UNCLOSED {
                break;
            }
        }
    }
    if walk.members.is_empty() {
        return None;
    }
    walk.health.faults.push("not valid JSON (cut off?)".to_string());
    Some(walk.finish(1))
}

/// The findings of a document, whatever else it says.
pub(super) fn members(text: &str, raw: &RawValue) -> Vec<Member> {
    let mut walk = Walk::new(text);
    walk.collect(raw, &Given::default(), 0);
    walk.finish(1).members
}

/// Is it JSON at all, as a whole?
pub(crate) fn is_data(text: &str) -> bool {
    text.starts_with(['{', '[']) && serde_json::from_str::<&RawValue>(text).is_ok()
}

/// Is it JSON with a place for findings, and does it not prove that there are none?
pub(crate) fn doubtful(text: &str) -> bool {
    let Ok(raw) = serde_json::from_str::<&RawValue>(text) else { return false };
    let holds = |map: BTreeMap<String, &RawValue>| {
        map.iter()
            .any(|(key, value)| KEYS.is("proof", &normal_key(key)) && value.get().starts_with(['[', '{']))
    };
    serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get()).is_ok_and(holds)
        && of_value(text, raw).recognised != Recognised::Clean
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::model::Recognised;
    use findings::Severity;

    #[test]
    fn json_between_sentences_is_read_as_in_a_fence() {
        let finding = r#"{"issues": [{"path": "lib/pool.rb", "line": 12, "severity": "high", "message": "A connection is not given back"}]}"#;
        for text in [
            format!("I looked at the pool.\n\n{{\"files\": 2}}\n\n{finding}\n\nThat is all.\n"),
            format!("The result:\n\n```json\n{finding}\n```\n"),
        ] {
            let read = extract(&text, "r");
            assert_eq!((read.recognised, read.members.len()), (Recognised::Findings, 1), "{text}");
            assert_eq!(read.members[0].severity, Severity::High);
        }
        let none = extract("I looked at it.\n\n{\"files\": 2}\n\nThat is all.\n", "r");
        assert_eq!((none.recognised, none.members.len()), (Recognised::Unreadable, 0));
    }

    #[test]
    fn what_linters_write() {
        let read = |text: &str| {
            let found = extract(text, "report.json");
            let one = |m: &crate::model::Member| {
                let place = m.locations.first().map(crate::model::Location::display).unwrap_or_default();
                format!("{place} {}", m.title)
            };
            assert!(found.complete, "{text}: {:?}", found.notes);
            found.members.iter().map(one).collect::<Vec<_>>()
        };
        for (text, expected) in [
            (
                r#"[{"source":"/w/a.css","errored":true,"warnings":[{"line":3,"severity":"error","text":"Unknown property"}]}]"#,
                "/w/a.css:3 Unknown property",
            ),
            (
                r#"{"messages":[{"type":"error","path":"a.py","line":3,"message":"No such member"}],"statistics":{"messageTypeCount":{"fatal":0,"error":1,"warning":0}}}"#,
                "a.py:3 No such member",
            ),
            (
                r#"{"results":[{"filePath":"a.js","messages":[{"ruleId":"no-eval","severity":2,"message":"It is harmful","line":8}]}],"metadata":{"rulesMeta":{"pairs":{"messages":{"missingGetter":"Getter is not present."}}}}}"#,
                "a.js:8 It is harmful",
            ),
            (
                r#"{"diagnostics":[{"message":"Unreachable code.","severity":"warning","filename":"a.js","labels":[{"span":{"offset":206,"length":21,"line":10,"column":3}}]}]}"#,
                "a.js:10 Unreachable code.",
            ),
            (
                r#"[{"filePath":"a.ini","messages":[{"message":"A key is stored","severity":"error","range":[74,100],"loc":{"start":{"line":2,"column":5},"end":{"line":2,"column":31}}}]}]"#,
                "a.ini:2 A key is stored",
            ),
            (
                r#"[{"filepath":"q.sql","violations":[{"start_line_no":4,"end_line_no":4,"code":"LT09","description":"Select targets on a new line","warning":false}]}]"#,
                "q.sql:4 Select targets on a new line",
            ),
            (
                r#"[{"code":"no-slash","path":["paths","/a/"],"message":"Path must not end so","severity":1,"range":{"start":{"line":3,"character":6},"end":{"line":8,"character":19}},"source":"/w/api.yaml"}]"#,
                "/w/api.yaml:4-9 Path must not end so",
            ),
            (
                r#"[{"line":2,"severity":"Warning","message":"Deprecated call","ruleId":"no-call","filePath":"c.sol"},{"conclusion":"1 problem/s (0 error/s, 1 warning/s)"}]"#,
                "c.sol:2 Deprecated call",
            ),
            (
                r#"{"s.coffee":[{"level":"error","message":"Class name is not in camel case","lineNumber":2,"line":"class foo"}]}"#,
                "s.coffee:2 Class name is not in camel case",
            ),
        ] {
            assert_eq!(read(text), [expected], "{text}");
        }
        let more = r#"[{"line":2,"severity":"Warning","message":"Deprecated call","filePath":"c.sol"},{"conclusion":"3 problem/s"}]"#;
        assert!(!extract(more, "report.json").complete, "two are not there");
        let clean = r#"{"messages":[],"statistics":{"messageTypeCount":{"fatal":0,"error":0,"warning":0}}}"#;
        assert_eq!(extract(clean, "report.json").recognised, Recognised::Clean);
        for failed in [
            r#"{"errored":true,"warnings":[]}"#,
            r#"{"errored":true,"files":[{"path":"a.rs"}],"findings":[]}"#,
            r#"{"messages":[],"statistics":{"messageTypeCount":{"fatal":1,"error":0,"warning":0}}}"#,
            r#"{"results":[],"rulesMetadata":{"error":"rules could not be loaded"}}"#,
        ] {
            assert_ne!(extract(failed, "report.json").recognised, Recognised::Clean, "{failed}");
        }
    }

    #[test]
    fn a_title_that_names_the_tool_is_none() {
        let text = r#"[{"path":"q.sql","start_line":1,"title":"Loom","message":"LT01: No space is there.","annotation_level":"warning"},{"path":"q.sql","start_line":1,"title":"Loom","message":"CP01: Keywords must be upper case.","annotation_level":"warning"}]"#;
        let found = extract(text, "r.json");
        let titles: Vec<&str> = found.members.iter().map(|m| m.title.as_str()).collect();
        assert_eq!(titles, ["No space is there.", "Keywords must be upper case."]);
    }

    #[test]
    fn how_linters_rate() {
        let levels = |text: &str| {
            let found = extract(text, "r.json");
            assert!(found.complete, "{text}: {:?}", found.notes);
            found.members.iter().map(|m| m.severity.name()).collect::<Vec<_>>()
        };
        let parse = r#"[{"filePath":"a.js","messages":[{"ruleId":null,"fatal":true,"severity":2,"message":"Parsing error: no =","line":1}]}]"#;
        assert_eq!(levels(parse), ["high"]);
        let kinds = r#"[{"type":"convention","path":"a.py","line":1,"message":"No docstring here"},{"type":"error","path":"a.py","line":3,"message":"No such member"},{"type":"refactor","path":"a.py","line":4,"message":"Returns differ here"}]"#;
        assert_eq!(levels(kinds), ["low", "high", "low"]);
        let at = |n: u32, more: &str| {
            format!(
                r#"{{"code":"c","message":"No lid is there","severity":{n},"range":{{"start":{{"line":3,"character":6}},"end":{{"line":3,"character":9}}}},{more}}}"#
            )
        };
        let list = |of: [u32; 3], more: &str| format!("[{}]", of.map(|n| at(n, more)).join(","));
        assert_eq!(
            levels(&list([0, 1, 3], r#""path":["paths"],"source":"/w/api.yaml""#)),
            ["high", "medium", "low"]
        );
        assert_eq!(levels(&list([1, 2, 4], r#""file":"src/a.ts""#)), ["high", "medium", "low"]);
    }
}
