//! Codex, `codex exec --json`.

use serde_json::Value;

use super::event::{Event, Fault, Of, Tokens, number, owned, status_in, text};
use super::look::Look;

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
            vec![Event::Spent { tokens, of: Of::Session }, Event::Done { message: None, answer: None }]
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
    Some(Event::ToolUse {
        call: text(item, "id").to_owned(),
        tool: tool.to_owned(),
        about: about.to_owned(),
        look: None,
    })
}

fn completed(item: &Value) -> Vec<Event> {
    match text(item, "type") {
        "agent_message" => vec![Event::Text { words: text(item, "text").to_owned(), message: None }],
        "command_execution" => command(item),
        "file_change" => {
            let failed = text(item, "status") == "failed";
            let call = text(item, "id").to_owned();
            let tool = "edit".to_owned();
            let about =
                item.pointer("/changes/0/path").and_then(Value::as_str).unwrap_or_default().to_owned();
            vec![if failed {
                Event::Denied { call, tool, about, look: None }
            } else {
                Event::ToolUse { call, tool, about, look: None }
            }]
        }
        // Warnings, for example that a model is not known: never the end.
        "error" => vec![Event::Note(text(item, "message").to_owned())],
        _ => Vec::new(),
    }
}

/// A command that has run, or was not allowed to.
fn command(item: &Value) -> Vec<Event> {
    let exit = item.get("exit_code").and_then(Value::as_i64);
    let output = text(item, "aggregated_output").to_owned();
    let words = text(item, "command").to_owned();
    let call = text(item, "id").to_owned();
    let look = Some(Look::Command(
        words.clone(),
        exit.or(Some(NOT_RUN).filter(|_| text(item, "status") == "failed")),
    ));
    if is_refused(item, exit, &output) {
        return vec![Event::Denied { call, tool: "shell".to_owned(), about: words, look }];
    }
    let said = output.trim().lines().last().unwrap_or("it failed").to_owned();
    // It counts as a look all the same: what stood before the part that failed was shown.
    let done = Event::ToolDone { call: call.clone(), look, output };
    if exit.is_some_and(|code| code != 0) { vec![done, Event::ToolFailed { call, said }] } else { vec![done] }
}

/// Stands for the exit code of a command that was not run.
const NOT_RUN: i64 = -1;

/// Words of what keeps a command from something.
const SANDBOX: [&str; 6] =
    ["bwrap:", "sandbox", "operation not permitted", "permission denied", "rejected by user", "landlock"];

/// Did the sandbox, or a rule, keep it from running or from reading?
fn is_refused(item: &Value, exit: Option<i64>, output: &str) -> bool {
    let status = text(item, "status");
    if status == "declined" {
        return true;
    }
    let failed = status == "failed" || exit.is_some_and(|code| code != 0);
    let output = output.to_ascii_lowercase();
    failed && SANDBOX.iter().any(|words| output.contains(words))
}

/// An `error` is told for each try ("Reconnecting... 2/5 (…)") and once more
/// before `turn.failed`, which alone is the end.
fn said(message: &str) -> Event {
    Event::Retry(fault(message))
}

fn fault(message: &str) -> Fault {
    Fault { status: status_in(message), said: message.to_owned(), ..Fault::default() }
}
