//! Claude Code, `--output-format stream-json`.

use serde_json::Value;
use shared::state::Reason;

use super::event::{Event, Fault, Of, Tokens, about, number, owned, status, text};
use super::look::Look;

/// The tool that takes the answer where a schema was asked of it.
const ANSWER: &str = "StructuredOutput";

pub(super) fn read(event: &Value) -> Vec<Event> {
    match text(event, "type") {
        "system" => system(event).into_iter().collect(),
        "assistant" => assistant(event),
        "user" => tool_results(event),
        "rate_limit_event" => limit(event).into_iter().collect(),
        "result" => result(event),
        _ => Vec::new(),
    }
}

fn system(event: &Value) -> Option<Event> {
    Some(match text(event, "subtype") {
        "init" => Event::Started { session: owned(event, "session_id"), model: owned(event, "model") },
        "api_retry" => Event::Retry(Fault {
            status: status(event, "error_status"),
            code: text(event, "error").to_owned(),
            said: text(event, "error").replace('_', " "),
            ..Fault::default()
        }),
        "permission_denied" => Event::Denied {
            call: text(event, "tool_use_id").to_owned(),
            tool: text(event, "tool_name").to_owned(),
            about: String::new(),
            look: None,
        },
        "model_fallback" => Event::Note("fell back to another model".to_owned()),
        "model_refusal_no_fallback" => Event::Retry(Fault {
            reason: Some(Reason::Refusal),
            said: "refused".to_owned(),
            ..Fault::default()
        }),
        _ => return None,
    })
}

/// What a subscription tells of its limits, beside the requests.
fn limit(event: &Value) -> Option<Event> {
    let info = event.get("rate_limit_info")?;
    if text(info, "status") != "rejected" {
        return None;
    }
    Some(Event::Retry(Fault {
        reason: Some(Reason::RateLimit),
        status: Some(429),
        code: text(info, "rateLimitType").to_owned(),
        said: "usage limit reached".to_owned(),
        resets_at: info.get("resetsAt").and_then(Value::as_i64),
    }))
}

fn content(event: &Value) -> &[Value] {
    event.pointer("/message/content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn assistant(event: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    for part in content(event) {
        match text(part, "type") {
            "text" => out.push(Event::Text {
                words: text(part, "text").to_owned(),
                message: event.pointer("/message/id").and_then(Value::as_str).map(str::to_owned),
            }),
            "tool_use" if text(part, "name") == ANSWER => {
                out.push(Event::Answering(part.get("input").cloned().unwrap_or_default()));
            }
            "tool_use" => out.push(Event::ToolUse {
                call: text(part, "id").to_owned(),
                tool: text(part, "name").to_owned(),
                about: about(part.get("input")),
                look: Look::of(text(part, "name"), part.get("input")),
            }),
            _ => {}
        }
    }
    if let (Some(usage), Some(id)) = (event.pointer("/message/usage"), event.pointer("/message/id")) {
        // Told with each block of a message; the same message counts once.
        let of = Of::Step(id.as_str().unwrap_or_default().to_owned());
        out.push(Event::Spent { tokens: tokens(usage), of });
    }
    out
}

fn tokens(usage: &Value) -> Tokens {
    let cached = number(usage, "cache_read_input_tokens");
    let written = number(usage, "cache_creation_input_tokens");
    Tokens {
        input: number(usage, "input_tokens") + cached + written,
        cached,
        output: number(usage, "output_tokens"),
        cost: None,
    }
}

fn tool_results(event: &Value) -> Vec<Event> {
    let results = content(event).iter().filter(|part| text(part, "type") == "tool_result");
    results.map(tool_result).collect()
}

fn tool_result(part: &Value) -> Event {
    let call = text(part, "tool_use_id").to_owned();
    let said = match part.get("content") {
        Some(Value::String(words)) => words.clone(),
        Some(Value::Array(blocks)) => {
            let words: Vec<&str> = blocks
                .iter()
                .filter(|block| text(block, "type") == "text")
                .map(|block| text(block, "text"))
                .collect();
            words.join("\n")
        }
        Some(other) => other.to_string(),
        None => String::new(),
    };
    if part.get("is_error").and_then(Value::as_bool) != Some(true) {
        return Event::ToolDone { call, look: None, output: said };
    }
    // The words of releases that have no event for it.
    let is_denied =
        ["Claude requested permissions", "Permission to use"].iter().any(|words| said.starts_with(words));
    if is_denied {
        return Event::Denied { call, tool: String::new(), about: String::new(), look: None };
    }
    Event::ToolFailed { call, said }
}

/// What was denied, told once more at the end, with what it was for.
fn denials(event: &Value) -> impl Iterator<Item = Event> {
    let list = event.get("permission_denials").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter().map(|denial| Event::Denied {
        call: text(denial, "tool_use_id").to_owned(),
        tool: text(denial, "tool_name").to_owned(),
        about: about(denial.get("tool_input")),
        look: Look::of(text(denial, "tool_name"), denial.get("tool_input")),
    })
}

fn result(event: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    if let Some(usage) = event.get("usage") {
        let cost = event.get("total_cost_usd").and_then(Value::as_f64);
        out.push(Event::Spent { tokens: Tokens { cost, ..tokens(usage) }, of: Of::Session });
    }
    out.extend(denials(event));
    let subtype = text(event, "subtype");
    // Its work is done, and its answer fitted in none of its tries.
    if subtype == "error_max_structured_output_retries" {
        out.push(Event::Done { message: owned(event, "result"), answer: None });
        return out;
    }
    // `subtype: success` is also used for API errors, and some say of an error that it is none.
    if event.get("is_error").and_then(Value::as_bool) == Some(false) && !subtype.starts_with("error") {
        let answer = event.get("structured_output").filter(|answer| !answer.is_null()).cloned();
        out.push(Event::Done { message: owned(event, "result"), answer });
        return out;
    }
    let reason = match (subtype, text(event, "terminal_reason"), text(event, "stop_reason")) {
        ("error_max_turns", ..) => Some(Reason::TurnLimit),
        ("error_max_budget_usd", ..) => Some(Reason::Budget),
        (_, "prompt_too_long", _) => Some(Reason::ContextOverflow),
        (.., "refusal") => Some(Reason::Refusal),
        (.., "max_tokens") => Some(Reason::OutputLimit),
        _ => None,
    };
    let said = match text(event, "result") {
        "" => event.pointer("/errors/0").and_then(Value::as_str).unwrap_or_default(),
        said => said,
    };
    out.push(Event::Failed(Fault {
        reason,
        status: status(event, "api_error_status"),
        code: text(event, "terminal_reason").to_owned(),
        said: said.to_owned(),
        resets_at: None,
    }));
    out
}
