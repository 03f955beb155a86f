//! A stream of JSON lines that a runner file describes: which of its events is what,
//! and where in them the parts are (`[[events]]`).

use std::str::FromStr as _;

use protocol::plan::{EventKind, EventRule};
use serde_json::Value;

use super::event::{Event, Fault, Of, Tokens, about, status_in};
use super::look::Look;

/// What the rules make of one event; each that fits counts, in their order.
pub(super) fn read(rules: &[EventRule], event: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    for rule in rules {
        match rule.each.as_deref().map(|list| event.pointer(list)) {
            None => out.extend(one(rule, event, event)),
            Some(Some(Value::Array(items))) => {
                out.extend(items.iter().filter_map(|item| one(rule, event, item)));
            }
            Some(_) => {}
        }
    }
    out
}

/// `place` is the event, or the item of its list that the rule is about.
fn one(rule: &EventRule, event: &Value, place: &Value) -> Option<Event> {
    if rule.event.as_deref().is_some_and(|name| event.get("type").and_then(Value::as_str) != Some(name)) {
        return None;
    }
    if rule.when.iter().any(|(at, wanted)| place.pointer(at).unwrap_or(&Value::Null) != wanted) {
        return None;
    }
    let at = |part: &str| place.pointer(rule.at.get(part)?).filter(|value| !value.is_null());
    let text = |part: &str| at(part).map(words).unwrap_or_default();
    let filled = |part: &str| Some(text(part)).filter(|text| !text.is_empty());
    let number = |part: &str| at(part).and_then(Value::as_u64).unwrap_or(0);
    let look = || Look::of(&text("tool"), at("input"));
    Some(match rule.is {
        EventKind::Started => Event::Started { session: filled("session"), model: filled("model") },
        EventKind::Text => Event::Text { words: filled("text")?, message: filled("message") },
        EventKind::Piece => Event::Piece { words: filled("text")?, message: filled("message") },
        EventKind::Tool => {
            Event::ToolUse { call: text("call"), tool: text("tool"), about: about(at("input")), look: look() }
        }
        EventKind::ToolDone => Event::ToolDone {
            call: text("call"),
            look: at("tool").and_then(|_| look()),
            output: text("output"),
        },
        EventKind::ToolFailed => Event::ToolFailed { call: text("call"), said: text("said") },
        EventKind::Denied => Event::Denied {
            call: text("call"),
            tool: text("tool"),
            about: about(at("input")),
            look: at("tool").and_then(|_| look()),
        },
        EventKind::Retry => Event::Retry(fault(rule, &text, &at)),
        EventKind::Failed => Event::Failed(fault(rule, &text, &at)),
        EventKind::Note => Event::Note(filled("text")?),
        EventKind::Done => Event::Done { message: filled("text"), answer: at("answer").cloned() },
        EventKind::Spent => {
            let cached = number("cached");
            let input = match at("input").and_then(Value::as_u64) {
                Some(input) => input,
                None => number("fresh") + cached + number("written"),
            };
            // A provider whose prices it does not know costs nothing in its books.
            let cost = at("cost").and_then(Value::as_f64).filter(|cost| *cost > 0.0);
            let tokens = Tokens { input, cached, output: number("output"), cost };
            let of = filled("step").map_or(Of::Session, Of::Step);
            Event::Spent { tokens, of }
        }
    })
}

fn fault<'v>(
    rule: &EventRule,
    text: &impl Fn(&str) -> String,
    at: &impl Fn(&str) -> Option<&'v Value>,
) -> Fault {
    let said = text("said");
    let status = at("status").and_then(|status| match status {
        Value::String(status) => u16::from_str(status).ok(),
        status => status.as_u64().and_then(|status| u16::try_from(status).ok()),
    });
    Fault {
        reason: rule.reason,
        status: status.filter(|status| (100..600).contains(status)).or_else(|| status_in(&said)),
        code: text("code"),
        resets_at: at("resets").and_then(Value::as_i64),
        said,
    }
}

/// A text; the texts of a list of blocks, a line each; anything else as it is written.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let text = |block: &Value| match block {
                Value::String(text) => Some(text.clone()),
                block => block.get("text").and_then(Value::as_str).map(str::to_owned),
            };
            blocks.iter().filter_map(text).collect::<Vec<_>>().join("\n")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use protocol::state::Reason;
    use serde_json::json;

    use super::*;

    fn rules(text: &str) -> Vec<EventRule> {
        serde_json::from_str(text).expect("rules")
    }

    #[test]
    fn parts_are_where_the_rules_say() {
        let rules = rules(
            r#"[
            {"is": "started", "event": "session", "at": {"session": "/id"}},
            {"is": "text", "event": "end", "each": "/parts", "when": {"/kind": "text"}, "at": {"text": "/text"}},
            {"is": "tool", "event": "end", "each": "/parts", "when": {"/kind": "call"},
             "at": {"tool": "/name", "call": "/id", "input": "/args"}},
            {"is": "spent", "event": "end", "at": {"fresh": "/n/in", "cached": "/n/hit", "output": "/n/out", "step": "/at"}},
            {"is": "done", "event": "end", "when": {"/why": "stop"}},
            {"is": "failed", "event": "end", "when": {"/why": "length"}, "reason": "output-limit"}]"#,
        );
        let session = read(&rules, &json!({"type": "session", "id": "s"}));
        assert_eq!(session, [Event::Started { session: Some("s".to_owned()), model: None }]);
        let event = json!({"type": "end", "why": "stop", "at": 7, "n": {"in": 5, "hit": 3, "out": 2}, "parts": [
            {"kind": "text", "text": "a"}, {"kind": "call", "id": 1, "name": "read", "args": {"path": "x"}}]});
        let look = Some(Look::Files(vec!["x".to_owned()]));
        let tokens = Tokens { input: 8, cached: 3, output: 2, cost: None };
        assert_eq!(
            read(&rules, &event),
            [
                Event::Text { words: "a".to_owned(), message: None },
                Event::ToolUse { call: "1".to_owned(), tool: "read".to_owned(), about: "x".to_owned(), look },
                Event::Spent { tokens, of: Of::Step("7".to_owned()) },
                Event::Done { message: None, answer: None },
            ]
        );
        let cut = read(&rules, &json!({"type": "end", "why": "length", "parts": 3}));
        let fault = Fault { reason: Some(Reason::OutputLimit), ..Fault::default() };
        assert_eq!(cut.last(), Some(&Event::Failed(fault)));
        assert_eq!(read(&rules, &json!({"type": "other"})), []);
        assert_eq!(read(&rules, &json!([])), []);
    }

    #[test]
    fn an_error_has_its_status_in_a_field_or_in_its_words() {
        let rules = rules(
            r#"[{"is": "failed", "at": {"said": "/error", "status": "/code", "code": "/kind", "resets": "/at"}}]"#,
        );
        let of = |event: &Value| match read(&rules, event).pop() {
            Some(Event::Failed(fault)) => fault,
            other => panic!("{other:?}"),
        };
        assert_eq!(of(&json!({"code": 429, "error": "no"})).status, Some(429));
        assert_eq!(of(&json!({"code": "401"})).status, Some(401));
        assert_eq!(of(&json!({"error": "[API Error: 503 gone]"})).status, Some(503));
        assert_eq!(of(&json!({"code": 7, "error": "x"})).status, None);
        let fault = of(&json!({"error": {"message": "m"}, "kind": "k", "at": 90}));
        assert_eq!(
            (fault.said.as_str(), fault.code.as_str(), fault.resets_at),
            (r#"{"message":"m"}"#, "k", Some(90))
        );
    }
}
