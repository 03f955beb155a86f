//! opencode, `opencode run --format json`.

use serde_json::Value;
use shared::state::Reason;

use super::event::{Event, Fault, Of, Tokens, about, number, owned, status, text};
use super::look::Look;

pub(super) fn read(event: &Value) -> Vec<Event> {
    let none = Value::Null;
    let part = event.get("part").unwrap_or(&none);
    match text(event, "type") {
        "step_start" => vec![Event::Started { session: owned(event, "sessionID"), model: None }],
        "text" => {
            vec![Event::Text { words: text(part, "text").to_owned(), message: owned(part, "messageID") }]
        }
        "tool_use" => tool(part),
        "step_finish" => step(part),
        "error" => vec![Event::Failed(fault(event.get("error").unwrap_or(&none)))],
        _ => Vec::new(),
    }
}

fn tool(part: &Value) -> Vec<Event> {
    let none = Value::Null;
    let state = part.get("state").unwrap_or(&none);
    let input = state.get("input");
    let tool = text(part, "tool").to_owned();
    let call = text(part, "callID").to_owned();
    let look = Look::of(&tool, input);
    let used =
        Event::ToolUse { call: call.clone(), tool: tool.clone(), about: about(input), look: look.clone() };
    let then = match text(state, "status") {
        "error" => {
            let said = text(state, "error");
            // Its words for what its permissions do not allow.
            if said.contains("rejected permission") || said.contains("prevents you from using") {
                Event::Denied { call, tool, about: about(input), look }
            } else {
                Event::ToolFailed { call, said: said.to_owned() }
            }
        }
        "completed" => Event::ToolDone { call, look: None, output: text(state, "output").to_owned() },
        _ => return vec![used],
    };
    vec![used, then]
}

fn step(part: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    if let Some(tokens) = part.get("tokens") {
        let none = Value::Null;
        let cache = tokens.get("cache").unwrap_or(&none);
        let cached = number(cache, "read");
        let tokens = Tokens {
            input: number(tokens, "input") + cached + number(cache, "write"),
            cached,
            output: number(tokens, "output") + number(tokens, "reasoning"),
            // A provider whose prices it does not know costs nothing in its books.
            cost: part.get("cost").and_then(Value::as_f64).filter(|cost| *cost > 0.0),
        };
        out.push(Event::Spent { tokens, of: Of::Step(text(part, "id").to_owned()) });
    }
    match text(part, "reason") {
        "stop" => out.push(Event::Done { message: None, answer: None }),
        "length" => out.push(ended(Reason::OutputLimit)),
        "content-filter" => out.push(ended(Reason::Refusal)),
        _ => {}
    }
    out
}

fn ended(reason: Reason) -> Event {
    Event::Failed(Fault { reason: Some(reason), ..Fault::default() })
}

fn fault(error: &Value) -> Fault {
    let none = Value::Null;
    let data = error.get("data").unwrap_or(&none);
    let code = text(error, "name").to_owned();
    Fault {
        reason: match code.as_str() {
            "ContextOverflowError" => Some(Reason::ContextOverflow),
            "MessageOutputLengthError" => Some(Reason::OutputLimit),
            "ProviderAuthError" => Some(Reason::Auth),
            _ => None,
        },
        status: status(data, "statusCode"),
        said: text(data, "message").to_owned(),
        code,
        resets_at: None,
    }
}
