//! What an agent's program printed as JSON, a line for each event: the report is the last
//! that the agent said, as a string inside.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::recast::Recast;
use crate::extract::Extraction;
use crate::reading;
use crate::rules::Rules;

type Map<'a> = BTreeMap<String, &'a RawValue>;

/// Reads the report inside of events; `None` = there is none with findings in it. That
/// nothing was found is not taken from here: events do not prove that the run was whole.
pub(super) fn extract(text: &str, rules: Rules) -> Option<Extraction> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut said: Option<&RawValue> = None;
    let mut failed = false;
    for line in text.lines() {
        let Some(event) = map(line.trim()) else { continue };
        failed |= is(&event, "is_error", "true") || kind(&event).as_deref() == Some("error");
        said = spoken(&event).or(said);
    }
    let said = said.or_else(|| spoken(&map(text.trim())?))?;
    let recast = decoded(text, said);
    let mut out = reading::read(&recast.out, rules);
    if out.members.is_empty() {
        return None;
    }
    recast.back(text, &mut out);
    if failed {
        super::fault(&mut out, "an event tells an error");
    }
    Some(out)
}

fn map(text: &str) -> Option<Map<'_>> {
    text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
}

fn string(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

fn kind(event: &Map<'_>) -> Option<String> {
    event.get("type").and_then(|raw| string(raw))
}

fn is(event: &Map<'_>, key: &str, value: &str) -> bool {
    event.get(key).is_some_and(|raw| raw.get() == value)
}

/// A string that is more than a word.
fn text_at<'a>(event: &Map<'a>, key: &str) -> Option<&'a RawValue> {
    event.get(key).copied().filter(|raw| raw.get().starts_with('"') && raw.get().len() > 2)
}

/// What the agent says in an event: its result, or a message of its own.
fn spoken<'a>(event: &Map<'a>) -> Option<&'a RawValue> {
    let role = event.get("role").and_then(|raw| string(raw));
    let kind = kind(event);
    let kind = kind.as_deref().unwrap_or_default();
    if let Some(answer) = text_at(event, "response").or_else(|| text_at(event, "result")) {
        return Some(answer);
    }
    if matches!(kind, "agent_message" | "assistant_message" | "text" | "output_text")
        && let Some(said) = text_at(event, "text")
    {
        return Some(said);
    }
    let own = matches!(kind, "assistant" | "item.completed" | "text")
        || role.is_some_and(|role| matches!(role.as_str(), "assistant" | "model"));
    if !own {
        return None;
    }
    if let Some(said) = text_at(event, "content").or_else(|| text_at(event, "text")) {
        return Some(said);
    }
    if let Some(content) = event.get("content").filter(|raw| raw.get().starts_with('[')) {
        let parts: Vec<&RawValue> = serde_json::from_str(content.get()).ok()?;
        return parts.into_iter().rev().find_map(|part| {
            let part: Map<'_> = serde_json::from_str(part.get()).ok()?;
            text_at(&part, "text")
        });
    }
    ["message", "item", "part"]
        .iter()
        .find_map(|key| spoken(&serde_json::from_str(event.get(*key)?.get()).ok()?))
}

/// A string of JSON without its escapes, and where each stretch of it stands in the text.
fn decoded(text: &str, raw: &RawValue) -> Recast {
    let start = raw.get().as_ptr() as usize - text.as_ptr() as usize;
    let source = raw.get();
    let mut recast = Recast::default();
    let mut at = 1;
    recast.mark(start + at);
    while at + 1 < source.len() {
        let rest = &source[at..source.len() - 1];
        let Some(escape) = rest.find('\\') else {
            recast.out.push_str(rest);
            break;
        };
        recast.out.push_str(&rest[..escape]);
        at += escape;
        // A pair of surrogates is one sign.
        let unit = |from: usize| source.get(from..from + 6).filter(|unit| unit.starts_with("\\u"));
        let high = unit(at).is_some_and(|unit| unit[2..].starts_with(['d', 'D']));
        let len = match unit(at) {
            Some(_) if high && unit(at + 6).is_some() => 12,
            Some(_) => 6,
            None => 2,
        };
        let len = len.min(source.len() - 1 - at);
        let sign = serde_json::from_str::<String>(&format!("\"{}\"", &source[at..at + len]));
        recast.mark(start + at);
        recast.out.push_str(sign.as_deref().unwrap_or("\u{fffd}"));
        at += len;
        recast.mark(start + at);
    }
    recast.mark(start + source.len() - 1);
    recast
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
