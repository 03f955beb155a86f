//! A report inside of JSON: what an agent answered, in its wrapper or in the log of a
//! conversation. The text is read as a report of its own, and every finding taken back to
//! the bytes of the string that it stands in.

use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::entry::{Object, normal_key};
use super::health::Health;
use super::recast::Recast;
use crate::extract::extract;
use crate::model::Extraction;
use crate::model::{Member, Recognised};
use crate::signs::statement;
use crate::titles::normal_title;
use crate::vocabulary::KEYS;

/// Deeper there are no answers.
const DEEPEST: usize = 10;
/// Shorter texts are values.
const SHORTEST: usize = 12;
/// Of a longer conversation the end counts.
const MOST: usize = 400;

/// Who wrote a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Agent,
    /// A person, a tool, thoughts.
    Other,
    Unknown,
}

/// A string that may be a report.
#[derive(Debug)]
struct Text<'a> {
    raw: &'a RawValue,
    role: Role,
    /// Its key says no more than that it is a message.
    weak: bool,
}

/// Reads the report that is wrapped in some documents; `None` = there is none.
pub(super) fn read(text: &str, documents: &[&RawValue]) -> Option<Extraction> {
    let mut texts = Vec::new();
    let mut health = Health::default();
    for document in documents {
        collect(document, Role::Unknown, "", &mut texts, 0);
        if let Ok(Value::Object(object)) = serde_json::from_str::<Value>(document.get()) {
            look(&object, &mut health, true);
        }
    }
    let conversation = texts.iter().any(|found| found.role == Role::Agent);
    texts.retain(|found| found.role == if conversation { Role::Agent } else { Role::Unknown });
    texts.dedup_by_key(|found| found.raw.get());
    let skip = texts.len().saturating_sub(MOST);
    let mut read: Vec<(Extraction, bool)> =
        texts[skip..].iter().map(|found| (of_string(text, found.raw), found.weak)).collect();
    let mut out = if conversation { last(read)? } else { all(&mut read)? };
    // Events do not prove that the run was whole.
    if documents.len() > 1 && out.recognised == Recognised::Clean {
        return None;
    }
    // A text beside a report may tell of more than the report.
    let unread = texts[skip..].iter().filter(|found| !conversation && tells_more(found.raw, &out)).count();
    if unread > 0 {
        super::fault(&mut out, &format!("{unread} texts beside the report could not be read as one"));
    }
    for why in health.faults.into_iter().take(8) {
        super::fault(&mut out, &why);
    }
    if out.recognised == Recognised::Clean {
        for why in health.doubts.into_iter().take(8) {
            super::fault(&mut out, &why);
        }
    }
    Some(out)
}

/// What a wrapper says of the run, beside the texts in it; `strict`: what nobody knows is a
/// doubt as well. In the lists of it only what is known to be bad counts.
fn look(object: &Object, health: &mut Health, strict: bool) {
    let is_text = |key: &str, value: &Value| value.is_string() && KEYS.is("answer", &normal_key(key));
    let rest: Object = object
        .iter()
        .filter(|(key, value)| !value.is_array() && !is_text(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    health.look_as(&rest, strict);
    if object.get("type").is_some_and(|kind| kind == "error") {
        health.faults.push("an event tells an error".to_string());
    }
    for inner in object.values().filter_map(Value::as_array).flatten().filter_map(Value::as_object) {
        look(inner, health, false);
    }
}

fn role_of(object: &BTreeMap<String, &RawValue>) -> Option<Role> {
    let text = |key: &str| -> Option<String> { serde_json::from_str(object.get(key)?.get()).ok() };
    let said = ["role", "type", "sender", "from"].iter().find_map(|key| {
        let said = text(key)?.to_lowercase();
        if KEYS.is("agent-role", &said) {
            Some(Role::Agent)
        } else if KEYS.is("other-role", &said) {
            Some(Role::Other)
        } else {
            None
        }
    });
    said.or_else(|| {
        let author: BTreeMap<String, &RawValue> = serde_json::from_str(object.get("author")?.get()).ok()?;
        role_of(&author)
    })
}

/// All strings below keys of answers, with who wrote them.
fn collect<'a>(raw: &'a RawValue, role: Role, key: &str, texts: &mut Vec<Text<'a>>, depth: usize) {
    let source = raw.get();
    if depth > DEEPEST {
        return;
    }
    if source.starts_with('"') {
        if KEYS.is("answer", key) && source.len() >= SHORTEST && source.contains([' ', '{', '\\']) {
            let weak = matches!(key, "message" | "body" | "summary" | "analysis" | "value" | "data" | "raw");
            texts.push(Text { raw, role, weak });
        }
    } else if source.starts_with('[') {
        for item in serde_json::from_str::<Vec<&RawValue>>(source).unwrap_or_default() {
            collect(item, role, key, texts, depth + 1);
        }
    } else if source.starts_with('{') {
        let Ok(map) = serde_json::from_str::<BTreeMap<String, &RawValue>>(source) else { return };
        let role = role_of(&map).unwrap_or(role);
        let mut members: Vec<(&String, &'a RawValue)> = map.iter().map(|(key, raw)| (key, *raw)).collect();
        members.sort_by_key(|(_, raw)| raw.get().as_ptr() as usize);
        for (key, inner) in members {
            collect(inner, role, &normal_key(key), texts, depth + 1);
        }
    }
}

/// Are some records the messages of a conversation with an agent?
pub(super) fn is_dialogue(records: &[Object]) -> bool {
    let role = |record: &Object| {
        record
            .get("role")
            .and_then(Value::as_str)
            .map(str::to_lowercase)
            .is_some_and(|role| KEYS.is("agent-role", &role) || KEYS.is("other-role", &role))
    };
    !records.is_empty() && records.iter().all(role)
}

/// What people say in a chat, if some records are its messages and tell findings.
pub(super) fn chat(text: &str, items: &[&RawValue], records: &[Object]) -> Option<Extraction> {
    if records.len() < 2 || records.len() != items.len() {
        return None;
    }
    let key_of = |record: &Object, row: &str| {
        record
            .iter()
            .find(|(key, value)| KEYS.is(row, &normal_key(key)) && !value.is_null())
            .map(|(key, _)| key.clone())
    };
    let known = [&KEYS.file, &KEYS.line, &KEYS.place, &KEYS.severity];
    let mut recast = Recast::default();
    for (item, record) in items.iter().zip(records) {
        let (author, said) = (key_of(record, "author")?, key_of(record, "said")?);
        let other = |key: &String| {
            let key = normal_key(key);
            known.iter().any(|keys| keys.contains(&key.as_str()))
                || KEYS.is("reply", &key)
                || matches!(key.as_str(), "title" | "state" | "status")
        };
        if record.keys().any(other) {
            return None;
        }
        let map: BTreeMap<String, &RawValue> = serde_json::from_str(item.get()).ok()?;
        let raw = map.get(&said).filter(|raw| raw.get().starts_with('"'))?;
        if raw.get().contains("\\n") {
            return None;
        }
        let name = super::comment::name_of_author(record.get(&author)?)?;
        recast.mark(item.get().as_ptr() as usize - text.as_ptr() as usize);
        let name: String = name.chars().filter(|c| c.is_alphanumeric() || *c == '-').take(16).collect();
        recast.out.extend(["[00:00] ", &name, ": "]);
        let start = recast.out.len();
        recast.join(unescaped(raw, raw.get().as_ptr() as usize - text.as_ptr() as usize));
        number_lines(&mut recast, start);
        recast.mark(item.get().as_ptr() as usize + item.get().len() - text.as_ptr() as usize);
        recast.out.push('\n');
    }
    let mut out = extract(&recast.out, "");
    recast.back(text, &mut out);
    (out.recognised == Recognised::Findings).then_some(out)
}

/// "… 1) this 2) that": what is numbered in a message stands on lines of its own.
fn number_lines(recast: &mut Recast, start: usize) {
    let marks: Vec<usize> = (1..=9)
        .flat_map(|number| [format!(" {number}) "), format!(" {number}. ")])
        .filter_map(|mark| recast.out[start..].find(&mark).map(|at| start + at))
        .collect();
    if marks.len() > 1 {
        for at in marks.into_iter().rev() {
            recast.insert(at, "\n");
        }
    }
}

/// A string as a report of its own.
fn of_string(text: &str, raw: &RawValue) -> Extraction {
    let recast = unescaped(raw, raw.get().as_ptr() as usize - text.as_ptr() as usize);
    let mut out = extract(&recast.out, "");
    recast.back(text, &mut out);
    out.appendix.clear();
    out
}

/// Does a text of which nothing was read say that something is wrong?
fn tells_more(raw: &RawValue, read: &Extraction) -> bool {
    let Ok(said) = serde_json::from_str::<String>(raw.get()) else { return true };
    let of_it = read.members.iter().any(|member| raw.get().contains(&member.text));
    !of_it && statement::sentences(&said).any(|range| statement::blames(&said[range]))
}

/// What a string of JSON stands for, and where each part of it comes from.
fn unescaped(raw: &RawValue, base: usize) -> Recast {
    let mut recast = Recast::default();
    let source = raw.get();
    let inner = &source[1..source.len() - 1];
    let mut at = 0;
    while at < inner.len() {
        let rest = &inner[at..];
        let plain = rest.find('\\').unwrap_or(rest.len());
        recast.mark(base + 1 + at);
        recast.out.push_str(&rest[..plain]);
        at += plain;
        if at >= inner.len() {
            break;
        }
        let escape = &inner[at..];
        let mut len = if escape.as_bytes().get(1) == Some(&b'u') { 6 } else { 2 };
        let mut said =
            serde_json::from_str::<String>(&format!("\"{}\"", escape.get(..len).unwrap_or(escape)));
        if said.is_err() {
            // Two halves of one character.
            len = 12;
            said = serde_json::from_str(&format!("\"{}\"", escape.get(..len).unwrap_or(escape)));
        }
        recast.mark(base + 1 + at);
        match said {
            Ok(said) => recast.out.push_str(&said),
            Err(_) => {
                recast.out.push('\u{fffd}');
                len = len.min(6).min(escape.len());
            }
        }
        at += len.min(escape.len());
    }
    recast.mark(base + 1 + inner.len());
    recast
}

/// Of a conversation the last report counts; what an earlier one told and it does not
/// makes it incomplete.
fn last(read: Vec<(Extraction, bool)>) -> Option<Extraction> {
    let told = |members: &[Member], of: &Member| {
        let title = normal_title(&of.title);
        let place =
            |member: &Member| member.locations.first().map(|place| (place.file.clone(), place.line_start));
        members.iter().any(|member| {
            normal_title(&member.title) == title || place(member).is_some() && place(member) == place(of)
        })
    };
    let at = read.iter().rposition(|(found, _)| found.recognised == Recognised::Findings);
    let Some(at) = at else {
        let (end, weak) = read.into_iter().next_back()?;
        return (end.recognised == Recognised::Clean && !weak).then_some(end);
    };
    let (earlier, later) = read.split_at(at);
    let mut out = later.first()?.0.clone();
    let lost: usize = earlier
        .iter()
        .flat_map(|(found, _)| &found.members)
        .filter(|member| member.severity != findings::Severity::Unrated && !told(&out.members, member))
        .count();
    if lost > 0 {
        super::fault(
            &mut out,
            &format!("earlier answers tell {lost} findings that the last report does not"),
        );
    }
    Some(out)
}

/// Several reports beside each other: all of them count.
fn all(read: &mut Vec<(Extraction, bool)>) -> Option<Extraction> {
    let some = read.iter().any(|(found, _)| found.recognised == Recognised::Findings);
    if !some {
        let clean = |(found, weak): &(Extraction, bool)| {
            found.recognised == Recognised::Clean && found.complete && !weak
        };
        return (!read.is_empty() && read.iter().all(clean)).then(|| read.remove(0).0);
    }
    let mut out = Extraction { complete: true, recognised: Recognised::Findings, ..Extraction::default() };
    for (found, _) in read.drain(..) {
        out.complete &= found.complete || found.recognised == Recognised::Unreadable;
        out.notes.extend(found.notes.into_iter().filter(|_| found.recognised == Recognised::Findings));
        out.members.extend(found.members);
    }
    out.members.sort_by_key(|member| member.byte_range);
    Some(out)
}

#[cfg(test)]
mod tests {
    use crate::extract::extract;
    use crate::model::Recognised;
    use findings::Severity;

    const REPORT: &str = "## Findings\\n\\n1. **Backups are never pruned \\u2013 disk \\ud83d\\ude31** (critical) \\u2014 `jobs/prune.py:26`\\n2. **Unit is wrong** (low) \\u2014 `jobs/unit.py:4`\\n";

    #[test]
    fn the_report_inside_of_events_is_read_and_taken_back_to_its_bytes() {
        for text in [
            format!(
                "{{\"type\":\"system\"}}\n{{\"type\":\"result\",\"is_error\":false,\"result\":\"{REPORT}\"}}\n"
            ),
            format!(
                "{{\"type\":\"thread.started\"}}\n{{\"type\":\"item.completed\",\"item\":{{\"type\":\"agent_message\",\"text\":\"{REPORT}\"}}}}\n{{\"type\":\"turn.completed\"}}\n"
            ),
            format!(
                "{{\"type\":\"assistant\",\"message\":{{\"role\":\"assistant\",\"content\":[{{\"type\":\"text\",\"text\":\"{REPORT}\"}}]}}}}\n{{\"type\":\"end\"}}\n"
            ),
            format!("{{\n \"response\": \"{REPORT}\",\n \"stats\": {{}}\n}}\n"),
        ] {
            let read = extract(&text, "stream.jsonl");
            let rated: Vec<Severity> = read.members.iter().map(|member| member.severity).collect();
            assert_eq!(rated, [Severity::Critical, Severity::Low], "{text}");
            assert!(read.members.iter().all(|m| text[m.byte_range[0]..m.byte_range[1]] == m.text));
            assert_eq!(read.members[1].locations[0].display(), "jobs/unit.py:4");
        }
    }

    #[test]
    fn an_error_among_the_events_makes_it_incomplete_and_no_finding_is_no_proof() {
        let broken = format!("{{\"type\":\"error\"}}\n{{\"type\":\"result\",\"result\":\"{REPORT}\"}}\n");
        assert!(!extract(&broken, "s.jsonl").complete);
        let none = "{\"type\":\"system\"}\n{\"type\":\"result\",\"result\":\"No issues found.\"}\n";
        assert_ne!(extract(none, "s.jsonl").recognised, Recognised::Clean);
    }
}
