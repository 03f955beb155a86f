//! A stream of JSON lines as rules describe it: which of its events is what, and where
//! in them the parts are (`[[events]]`).

use std::str::FromStr as _;

use protocol::outcome::Reason;
use protocol::plan::{EventKind, EventRule};
use serde_json::Value;

use super::event::{Event, Fault, Of, Tokens, about, status_in};
use super::look::Look;

/// What the rules make of one event. An event, or an item of a list in it, is one thing
/// of each [`Matter`]: of the rules about that the first one that fits counts.
pub(super) fn read(rules: &[EventRule], event: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    let mut told: Vec<(Matter, *const Value)> = Vec::new();
    for rule in rules {
        let places = match rule.each.as_deref().map(|list| event.pointer(list)) {
            None => std::slice::from_ref(event),
            Some(Some(Value::Array(items))) => items,
            Some(_) => &[],
        };
        for place in places {
            let part = Part { rule, event, place };
            let about = (Matter::of(rule.is), std::ptr::from_ref(place));
            if told.contains(&about) || !part.fits() {
                continue;
            }
            told.push(about);
            out.extend(part.read());
        }
    }
    out
}

/// What an event can tell of only once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matter {
    Conversation,
    Words,
    Use,
    Result,
    End,
    Tokens,
}

impl Matter {
    fn of(kind: EventKind) -> Self {
        match kind {
            EventKind::Started => Matter::Conversation,
            EventKind::Text | EventKind::Piece => Matter::Words,
            EventKind::Tool | EventKind::Answer => Matter::Use,
            EventKind::ToolDone | EventKind::ToolFailed | EventKind::Denied => Matter::Result,
            EventKind::Retry | EventKind::Done | EventKind::Failed | EventKind::Note => Matter::End,
            EventKind::Spent => Matter::Tokens,
        }
    }
}

/// A rule, and the event, or the item of its list, that it is about.
struct Part<'a> {
    rule: &'a EventRule,
    event: &'a Value,
    place: &'a Value,
}

/// What stands for a part.
enum Found<'a> {
    Value(&'a Value),
    Words(&'a str),
}

impl<'a> Part<'a> {
    fn fits(&self) -> bool {
        let kind = self.event.get("type").and_then(Value::as_str);
        self.rule.event.as_deref().is_none_or(|name| kind == Some(name))
            && self.rule.when.iter().all(|(at, wanted)| stands(self.place.pointer(at), wanted))
            // A command's exit code tells it from one that was not run.
            && (!self.rule.at.contains_key("exit") || self.exit().is_some())
    }

    fn exit(&self) -> Option<i64> {
        self.at("exit")?.as_i64()
    }

    /// The first place of a part that has something.
    fn found(&self, part: &str) -> Option<Found<'a>> {
        self.rule.at.get(part)?.split(" | ").find_map(|place| {
            if let Some(words) = place.strip_prefix('=') {
                return Some(Found::Words(words));
            }
            let value = match place.strip_prefix('^') {
                Some(place) => self.event.pointer(place),
                None => self.place.pointer(place),
            };
            value.filter(|value| !value.is_null() && value.as_str() != Some("")).map(Found::Value)
        })
    }

    fn at(&self, part: &str) -> Option<&'a Value> {
        match self.found(part)? {
            Found::Value(value) => Some(value),
            Found::Words(_) => None,
        }
    }

    fn filled(&self, part: &str) -> Option<String> {
        let text = match self.found(part)? {
            Found::Value(value) => words(value),
            Found::Words(text) => text.to_owned(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    fn text(&self, part: &str) -> String {
        self.filled(part).unwrap_or_default()
    }

    fn about(&self) -> String {
        self.filled("about").unwrap_or_else(|| about(self.at("input")))
    }

    /// What a tool was used to look at, where that is told here.
    fn look(&self) -> Option<Look> {
        let look = Look::of(&self.text("tool"), Some(self.at("input")?))?;
        Some(match look {
            Look::Command(command, _) => Look::Command(command, self.exit()),
            look => look,
        })
    }

    fn read(&self) -> Vec<Event> {
        let event = match self.rule.is {
            EventKind::Started => {
                Some(Event::Started { session: self.filled("session"), model: self.filled("model") })
            }
            EventKind::Text => {
                self.filled("text").map(|words| Event::Text { words, message: self.filled("message") })
            }
            EventKind::Piece => {
                self.filled("text").map(|words| Event::Piece { words, message: self.filled("message") })
            }
            EventKind::Tool => Some(Event::ToolUse {
                call: self.text("call"),
                tool: self.text("tool"),
                about: self.about(),
                look: self.look(),
            }),
            EventKind::ToolDone | EventKind::ToolFailed => return self.result(),
            EventKind::Denied => Some(self.denied()),
            EventKind::Answer => Some(Event::Answering(self.at("input").cloned().unwrap_or_default())),
            EventKind::Retry => Some(Event::Retry(self.fault())),
            EventKind::Failed => Some(Event::Failed(self.fault())),
            EventKind::Note => self.filled("text").map(Event::Note),
            EventKind::Done => {
                Some(Event::Done { message: self.filled("text"), answer: self.at("answer").cloned() })
            }
            EventKind::Spent => self.spent(),
        };
        event.into_iter().collect()
    }

    fn denied(&self) -> Event {
        Event::Denied {
            call: self.text("call"),
            tool: self.text("tool"),
            about: self.about(),
            look: self.look(),
        }
    }

    /// What came of a tool. A command that failed was a look all the same: what stood
    /// before the part that failed was shown.
    fn result(&self) -> Vec<Event> {
        let (call, output) = (self.text("call"), self.text("output"));
        let is_failure = match self.rule.is {
            EventKind::ToolFailed => true,
            _ => self.exit().is_some_and(|code| code != 0),
        };
        if is_failure && self.says_denied(&output) {
            return vec![self.denied()];
        }
        if self.rule.is == EventKind::ToolFailed {
            return vec![Event::ToolFailed { call, said: self.text("said") }];
        }
        let said = output.trim().lines().last().unwrap_or("it failed").to_owned();
        let mut out = vec![Event::ToolDone { call: call.clone(), look: self.look(), output }];
        if is_failure {
            out.push(Event::ToolFailed { call, said });
        }
        out
    }

    fn says_denied(&self, output: &str) -> bool {
        let told = [&self.text("said"), &self.text("code"), output].map(str::to_ascii_lowercase);
        let denied = self.rule.denied.iter().map(|words| words.to_ascii_lowercase());
        denied.into_iter().any(|words| told.iter().any(|told| told.contains(&words)))
    }

    fn spent(&self) -> Option<Event> {
        let figure = |part: &str| self.at(part).and_then(Value::as_u64);
        let number = |part: &str| figure(part).unwrap_or(0);
        // A provider whose prices it does not know costs nothing in its books.
        let cost = self.at("cost").and_then(Value::as_f64).filter(|cost| *cost > 0.0);
        let told = ["input", "fresh", "cached", "written", "output", "thought", "total"];
        if cost.is_none() && told.iter().all(|part| figure(part).is_none()) {
            return None;
        }
        let cached = number("cached");
        let input = figure("input").unwrap_or_else(|| number("fresh") + cached + number("written"));
        let output = match figure("total") {
            Some(total) => total.saturating_sub(input),
            None => number("output") + number("thought"),
        };
        let of = if self.rule.at.contains_key("step") {
            // Of a step without its name nobody could tell whether it was counted.
            Of::Step(self.filled("step")?)
        } else {
            Of::Session
        };
        Some(Event::Spent { tokens: Tokens { input, cached, output, cost }, of })
    }

    fn fault(&self) -> Fault {
        let said = self.text("said");
        let status = self.at("status").and_then(|status| match status {
            Value::String(status) => u16::from_str(status).ok(),
            status => status.as_u64().and_then(|status| u16::try_from(status).ok()),
        });
        let status = status.filter(|status| (100..600).contains(status)).or_else(|| status_in(&said));
        let fault = Fault {
            reason: self.rule.reason,
            // What a limit is in HTTP's words, where the end tells less than the way there.
            status: status.or_else(|| (self.rule.reason == Some(Reason::RateLimit)).then_some(429)),
            code: self.text("code"),
            resets_at: self.at("resets").and_then(Value::as_i64),
            said,
        };
        inner(&fault.said).map_or(fault.clone(), |inner| Fault {
            reason: fault.reason,
            status: inner.status.or(fault.status),
            resets_at: fault.resets_at,
            ..inner
        })
    }
}

/// Does a value stand there: this one, one of these, or a text that begins so?
fn stands(value: Option<&Value>, wanted: &Value) -> bool {
    let value = value.unwrap_or(&Value::Null);
    match wanted {
        Value::Array(any) => any.iter().any(|wanted| stands(Some(value), wanted)),
        Value::String(text) if text.ends_with('*') => {
            value.as_str().is_some_and(|value| value.starts_with(text.trim_end_matches('*')))
        }
        wanted => value == wanted,
    }
}

/// The service's own error, which CLIs hand on as JSON inside of their words:
/// `[API Error: {"error": {…}}]`, `429: {"error": {…}}`.
fn inner(said: &str) -> Option<Fault> {
    let json = said.find('{').and_then(|from| said.get(from..=said.rfind('}')?))?;
    let error = serde_json::from_str::<Value>(json).ok()?;
    let error = error.get("error")?;
    let message = error.get("message").and_then(Value::as_str)?;
    let codes = ["status", "type", "code"].map(|key| error.get(key).and_then(Value::as_str));
    let mut codes: Vec<&str> = codes.into_iter().flatten().collect();
    codes.dedup();
    let status = error.get("code").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    Some(Fault {
        status: status.filter(|status| (100..600).contains(status)),
        code: codes.join(" "),
        said: message.to_owned(),
        ..Fault::default()
    })
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
    use protocol::outcome::Reason;
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

    #[test]
    fn of_the_rules_about_one_matter_the_first_that_fits_counts() {
        let rules = rules(
            r#"[
            {"is": "done", "event": "end", "when": {"/kind": ["good", "fair"]}},
            {"is": "failed", "event": "end", "when": {"/kind": "error*"}, "reason": "turn-limit"},
            {"is": "failed", "event": "end"},
            {"is": "text", "event": "end", "each": "/parts", "when": {"/hot": true}, "at": {"text": "=hot", "message": "^/id"}},
            {"is": "text", "event": "end", "each": "/parts", "at": {"text": "/cold | /warm | =none"}}]"#,
        );
        let ends = |kind: &str| match read(&rules, &json!({"type": "end", "kind": kind})).as_slice() {
            [Event::Done { .. }] => None,
            [Event::Failed(fault)] => Some(fault.reason),
            other => panic!("{kind}: {other:?}"),
        };
        assert_eq!((ends("good"), ends("fair")), (None, None));
        assert_eq!((ends("error_max"), ends("other")), (Some(Some(Reason::TurnLimit)), Some(None)));
        let parts = json!([{"hot": true}, {"cold": "", "warm": "w"}, {}]);
        let event = json!({"type": "end", "kind": "good", "id": "m", "parts": parts});
        let said: Vec<_> = read(&rules, &event)
            .into_iter()
            .filter_map(|event| match event {
                Event::Text { words, message } => Some((words, message)),
                _ => None,
            })
            .collect();
        let text = |words: &str, message: Option<&str>| (words.to_owned(), message.map(str::to_owned));
        assert_eq!(said, [text("hot", Some("m")), text("w", None), text("none", None)]);
    }

    #[test]
    fn a_command_is_told_by_its_exit_code() {
        let rules = rules(
            r#"[
            {"is": "tool-done", "denied": ["No Way"],
             "at": {"call": "/id", "tool": "=shell", "input": "/in", "exit": "/exit", "output": "/out"}},
            {"is": "tool-failed", "at": {"call": "/id", "said": "=not run"}}]"#,
        );
        let of = |exit: &Value, out: &str| {
            read(&rules, &json!({"id": "i", "in": {"command": "cat a"}, "exit": exit, "out": out}))
        };
        let look = |exit| Some(Look::Command("cat a".to_owned(), Some(exit)));
        let done = |exit, out: &str| Event::ToolDone {
            call: "i".to_owned(),
            look: look(exit),
            output: out.to_owned(),
        };
        let failed = |said: &str| Event::ToolFailed { call: "i".to_owned(), said: said.to_owned() };
        assert_eq!(of(&json!(0), "no way"), [done(0, "no way")], "it worked, whatever it printed");
        assert_eq!(of(&json!(1), "x\nlast"), [done(1, "x\nlast"), failed("last")]);
        assert_eq!(of(&json!(null), ""), [failed("not run")]);
        assert!(matches!(of(&json!(1), "no way").as_slice(), [Event::Denied { look: Some(_), .. }]));
    }

    #[test]
    fn figures_are_added_up_as_each_service_tells_them() {
        let spent = |at: &str, event: &Value| match read(
            &rules(&format!(r#"[{{"is": "spent", "at": {at}}}]"#)),
            event,
        )
        .as_slice()
        {
            [Event::Spent { tokens, .. }] => Some((tokens.input, tokens.output)),
            [] => None,
            other => panic!("{other:?}"),
        };
        let event = json!({"in": 10, "out": 3, "thought": 4, "all": 30});
        assert_eq!(
            spent(r#"{"input": "/in", "output": "/out", "thought": "/thought"}"#, &event),
            Some((10, 7))
        );
        assert_eq!(spent(r#"{"input": "/in", "total": "/all"}"#, &event), Some((10, 20)));
        assert_eq!(spent(r#"{"input": "/nothing"}"#, &event), None, "nothing told is not nothing spent");
        let unnamed = r#"{"input": "/in", "step": "/nothing"}"#;
        assert_eq!(spent(unnamed, &event), None, "a step nobody can tell from another");
    }

    #[test]
    fn a_services_own_error_inside_of_the_words_is_the_error() {
        let of = |said: &str| {
            let rules = rules(r#"[{"is": "failed", "at": {"said": "/said", "code": "=outer"}}]"#);
            match read(&rules, &json!({ "said": said })).pop() {
                Some(Event::Failed(fault)) => (fault.status, fault.code, fault.said),
                other => panic!("{other:?}"),
            }
        };
        let told = |status, code: &str, said: &str| (status, code.to_owned(), said.to_owned());
        assert_eq!(
            of(
                r#"429: {"error": {"message": "Pay first.", "type": "insufficient_quota", "code": "insufficient_quota"}}"#
            ),
            told(Some(429), "insufficient_quota", "Pay first.")
        );
        assert_eq!(
            of(r#"[API Error: {"error": {"code": 503, "status": "UNAVAILABLE", "message": "Later."}}]"#),
            told(Some(503), "UNAVAILABLE", "Later.")
        );
        for other in ["no {json}", r#"{"message": "m"}"#, "} {", r#"{"error": "text"}"#] {
            assert_eq!(of(other), told(None, "outer", other));
        }
    }
}
