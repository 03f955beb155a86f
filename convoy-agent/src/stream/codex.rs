//! Codex, `codex exec --json`.

use serde_json::Value;

use super::event::{Event, Fault, Of, Tokens, number, owned, status_in, text};

pub(super) fn read(event: &Value) -> Vec<Event> {
    match text(event, "type") {
        "thread.started" => vec![Event::Started { session: owned(event, "thread_id"), model: None }],
        "item.started" => event.get("item").and_then(begun).into_iter().collect(),
        "item.completed" => event.get("item").map(completed).unwrap_or_default(),
        "error" => vec![said(text(event, "message"))],
        "turn.completed" => {
            let usage = event.get("usage");
            let count = |key| usage.map_or(0, |usage| number(usage, key));
            let tokens = Tokens {
                input: count("input_tokens"),
                cached: count("cached_input_tokens"),
                output: count("output_tokens"),
                cost: None,
            };
            vec![Event::Spent { tokens, of: Of::Session }, Event::Done { message: None }]
        }
        "turn.failed" => {
            let error = event.get("error").unwrap_or(event);
            vec![Event::Failed(fault(text(error, "message")))]
        }
        _ => Vec::new(),
    }
}

fn begun(item: &Value) -> Option<Event> {
    let (tool, about) = match text(item, "type") {
        "command_execution" => ("shell", text(item, "command")),
        "mcp_tool_call" => ("mcp", text(item, "tool")),
        "web_search" => ("web search", text(item, "query")),
        _ => return None,
    };
    Some(Event::ToolUse { tool: tool.to_owned(), about: about.to_owned() })
}

fn completed(item: &Value) -> Vec<Event> {
    match text(item, "type") {
        "agent_message" => vec![Event::Text(text(item, "text").to_owned())],
        "command_execution"
            if item.get("exit_code").and_then(Value::as_i64).is_some_and(|code| code != 0) =>
        {
            let output = text(item, "aggregated_output").trim();
            vec![Event::ToolFailed { said: output.lines().last().unwrap_or("it failed").to_owned() }]
        }
        "file_change" => {
            let failed = text(item, "status") == "failed";
            let path = item.pointer("/changes/0/path").and_then(Value::as_str).unwrap_or_default();
            let tool = "edit".to_owned();
            vec![if failed {
                Event::Denied { tool }
            } else {
                Event::ToolUse { tool, about: path.to_owned() }
            }]
        }
        // Warnings, for example that a model is not known: never the end.
        "error" => vec![Event::Note(text(item, "message").to_owned())],
        _ => Vec::new(),
    }
}

/// An `error` is told for each try ("Reconnecting... 2/5 (…)") and once more
/// before `turn.failed`, which alone is the end.
fn said(message: &str) -> Event {
    Event::Retry(fault(message))
}

fn fault(message: &str) -> Fault {
    Fault { status: status_in(message), said: message.to_owned(), ..Fault::default() }
}
