//! Gemini CLI, `--output-format stream-json`.

use serde_json::Value;

use super::event::{Event, Fault, Of, Tokens, about, number, owned, status, text};
use super::look::Look;

pub(super) fn read(event: &Value) -> Vec<Event> {
    match text(event, "type") {
        "init" => vec![Event::Started { session: owned(event, "session_id"), model: owned(event, "model") }],
        "message" if text(event, "role") == "assistant" => {
            let words = text(event, "content").to_owned();
            let is_piece = event.get("delta").and_then(Value::as_bool) == Some(true);
            vec![if is_piece {
                Event::Piece { words, message: None }
            } else {
                Event::Text { words, message: None }
            }]
        }
        "tool_use" => vec![Event::ToolUse {
            call: text(event, "tool_id").to_owned(),
            tool: text(event, "tool_name").to_owned(),
            about: about(event.get("parameters")),
            look: Look::of(text(event, "tool_name"), event.get("parameters")),
        }],
        "tool_result" if text(event, "status") == "error" => vec![tool_error(event)],
        "tool_result" => vec![Event::ToolDone {
            call: text(event, "tool_id").to_owned(),
            look: None,
            output: text(event, "output").to_owned(),
        }],
        "error" => vec![note(event)],
        "result" => result(event),
        _ => Vec::new(),
    }
}

fn tool_error(event: &Value) -> Event {
    let error = event.get("error").unwrap_or(&Value::Null);
    let said = match text(error, "message") {
        "" => text(event, "output"),
        said => said,
    };
    let call = text(event, "tool_id").to_owned();
    match text(error, "type") {
        "policy_violation" | "tool_not_registered" | "path_not_in_workspace" | "permission_denied" => {
            Event::Denied { call, tool: first_words(said), about: String::new(), look: None }
        }
        _ => Event::ToolFailed { call, said: said.to_owned() },
    }
}

fn first_words(said: &str) -> String {
    said.lines().next().unwrap_or_default().to_owned()
}

/// Warnings and errors on the way; the end is told by `result` alone.
fn note(event: &Value) -> Event {
    let said = text(event, "message").to_owned();
    if text(event, "severity") == "error" { Event::Retry(fault(&said, "")) } else { Event::Note(said) }
}

fn result(event: &Value) -> Vec<Event> {
    let mut out = Vec::new();
    if let Some(stats) = event.get("stats") {
        let tokens = Tokens {
            input: number(stats, "input_tokens"),
            cached: number(stats, "cached"),
            // What was thought is paid as output and told in the total alone.
            output: number(stats, "total_tokens").saturating_sub(number(stats, "input_tokens")),
            cost: None,
        };
        out.push(Event::Spent { tokens, of: Of::Session });
    }
    if text(event, "status") == "success" {
        out.push(Event::Done { message: None, answer: None });
    } else {
        let error = event.get("error").unwrap_or(&Value::Null);
        out.push(Event::Failed(fault(text(error, "message"), text(error, "type"))));
    }
    out
}

/// The service's own error is JSON inside of the words: "[API Error: {…}]".
fn fault(said: &str, kind: &str) -> Fault {
    let inside = said.find('{').and_then(|from| Some(&said[from..=said.rfind('}')?]));
    let error = inside.and_then(|json| serde_json::from_str::<Value>(json).ok());
    let error = error.as_ref().and_then(|value| value.get("error"));
    match error {
        Some(error) => Fault {
            status: status(error, "code"),
            code: text(error, "status").to_owned(),
            said: text(error, "message").to_owned(),
            ..Fault::default()
        },
        None => Fault { code: kind.to_owned(), said: said.to_owned(), ..Fault::default() },
    }
}
