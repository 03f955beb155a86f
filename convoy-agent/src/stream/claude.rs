//! Claude Code, `--output-format stream-json`.

use protocol::state::Reason;
use serde_json::Value;

use super::event::{Event, Fault, Of, Tokens, about, number, owned, status, text};

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
        "permission_denied" => Event::Denied { tool: text(event, "tool_name").to_owned() },
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
            "text" => out.push(Event::Text(text(part, "text").to_owned())),
            "tool_use" => out.push(Event::ToolUse {
                tool: text(part, "name").to_owned(),
                about: about(part.get("input")),
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
    let failed = |part: &&Value| part.get("is_error").and_then(Value::as_bool) == Some(true);
    let said = |part: &Value| match part.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    content(event).iter().filter(failed).map(|part| Event::ToolFailed { said: said(part) }).collect()
}

fn result(event: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    if let Some(usage) = event.get("usage") {
        let cost = event.get("total_cost_usd").and_then(Value::as_f64);
        out.push(Event::Spent { tokens: Tokens { cost, ..tokens(usage) }, of: Of::Session });
    }
    // `subtype: success` is also used for API errors; only `is_error` tells.
    if event.get("is_error").and_then(Value::as_bool) == Some(false) {
        out.push(Event::Done { message: owned(event, "result") });
        return out;
    }
    let reason = match (text(event, "subtype"), text(event, "terminal_reason"), text(event, "stop_reason")) {
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
