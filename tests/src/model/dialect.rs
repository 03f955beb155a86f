//! The dialects: what is read from a request, how an answer is spelt.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Asked, Tools, Want};

/// How a CLI speaks to its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Messages (claude).
    Anthropic,
    /// Responses (codex).
    Responses,
    /// Chat completions, with the tools of who asks: the address tells.
    Chat(Tools),
    Gemini,
}

/// Tokens every request is said to have had.
const INPUT: u64 = 1000;

impl Dialect {
    pub(super) fn of(path: &str) -> Option<Self> {
        let path = path.split('?').next().unwrap_or(path);
        match path {
            "/v1/messages" => Some(Dialect::Anthropic),
            "/v1/responses" => Some(Dialect::Responses),
            "/v1/chat/completions" => Some(Dialect::Chat(Tools::Opencode)),
            "/qwen/v1/chat/completions" => Some(Dialect::Chat(Tools::Qwen)),
            "/pi/v1/chat/completions" => Some(Dialect::Chat(Tools::Pi)),
            "/copilot/v1/chat/completions" => Some(Dialect::Chat(Tools::Copilot)),
            _ if path.ends_with(":streamGenerateContent") || path.ends_with(":generateContent") => {
                Some(Dialect::Gemini)
            }
            _ => None,
        }
    }

    pub(super) fn read(self, body: &Value, path: &str) -> Asked {
        let list = |key: &str| body.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut asked = Asked { attempt: 1, ..Asked::default() };
        body.get("model").and_then(Value::as_str).unwrap_or_default().clone_into(&mut asked.model);
        let messages = match self {
            Dialect::Anthropic | Dialect::Chat(_) => list("messages"),
            Dialect::Responses => list("input"),
            Dialect::Gemini => {
                let model = path.split("/models/").nth(1).and_then(|rest| rest.split(':').next());
                model.unwrap_or_default().clone_into(&mut asked.model);
                list("contents")
            }
        };
        for message in &messages {
            read_message(message, &mut asked);
        }
        let tools = list("tools");
        // What a service offers by itself has a type and no name.
        let name = |tool: &Value| {
            let name = tool.get("name").or_else(|| tool.pointer("/function/name"));
            name.or_else(|| tool.get("type")).cloned()
        };
        let named = |tool: &Value| name(tool).and_then(|name| name.as_str().map(str::to_owned));
        let offered: Vec<String> = match self {
            Dialect::Gemini => tools
                .iter()
                .filter_map(|tool| tool.get("functionDeclarations")?.as_array())
                .flatten()
                .filter_map(named)
                .collect(),
            _ => tools.iter().filter_map(named).collect(),
        };
        asked.tools.extend(offered);
        asked
    }

    /// A search for tools that are offered to who looks for them (codex).
    pub(super) fn search(number: u32, words: &str) -> Vec<String> {
        let call = json!({"type": "tool_search_call", "id": format!("ts_{number}"), "call_id": format!("call_{number}"),
            "execution": "client", "status": "completed", "arguments": {"query": words, "limit": 20}});
        responses(number, &call, 25)
    }

    /// A call of a tool, and nothing else.
    pub(super) fn call(self, number: u32, tool: &str, arguments: &Value) -> Vec<String> {
        let id = format!("call_{number}");
        if let (Dialect::Responses, Some((space, tool))) = (self, tool.split_once('.')) {
            let call = json!({"type": "function_call", "id": format!("fc_{number}"), "call_id": id, "name": tool,
                "namespace": space, "arguments": arguments.to_string(), "status": "completed"});
            return responses(number, &call, 25);
        }
        match self {
            Dialect::Anthropic => anthropic(
                number,
                &json!({"type": "tool_use", "id": id, "name": tool, "input": {}}),
                &json!({"type": "input_json_delta", "partial_json": arguments.to_string()}),
                ("tool_use", 25),
            ),
            Dialect::Responses => responses(
                number,
                &json!({"type": "function_call", "id": format!("fc_{number}"), "call_id": id, "name": tool,
                        "arguments": arguments.to_string(), "status": "completed"}),
                25,
            ),
            Dialect::Chat(_) => chat(
                number,
                &json!({"role": "assistant", "tool_calls": [{"index": 0, "id": id, "type": "function",
                        "function": {"name": tool, "arguments": arguments.to_string()}}]}),
                ("tool_calls", 25),
            ),
            Dialect::Gemini => {
                gemini(&json!({"functionCall": {"id": id, "name": tool, "args": arguments}}), ("STOP", 25))
            }
        }
    }

    /// Words, and the end of the turn.
    pub(super) fn say(self, number: u32, words: &str, tokens: u64) -> Vec<String> {
        self.words(number, words, tokens, ["end_turn", "stop", "STOP"])
    }

    pub(super) fn refuse(self, number: u32) -> Vec<String> {
        self.words(number, "I cannot help with that.", 5, ["refusal", "content_filter", "SAFETY"])
    }

    pub(super) fn output_limit(self, number: u32) -> Vec<String> {
        self.words(number, "# Review\n\nI begin and", 8000, ["max_tokens", "length", "MAX_TOKENS"])
    }

    fn words(self, number: u32, words: &str, tokens: u64, stops: [&str; 3]) -> Vec<String> {
        match self {
            Dialect::Anthropic => anthropic(
                number,
                &json!({"type": "text", "text": ""}),
                &json!({"type": "text_delta", "text": words}),
                (stops[0], tokens),
            ),
            Dialect::Responses if stops[1] == "length" => vec![event(
                "response.incomplete",
                &json!({"type": "response.incomplete", "response": {"id": format!("resp_{number}"),
                    "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}}),
            )],
            Dialect::Responses if stops[1] == "content_filter" => vec![event(
                "response.incomplete",
                &json!({"type": "response.incomplete", "response": {"id": format!("resp_{number}"),
                    "status": "incomplete", "incomplete_details": {"reason": "content_filter"}}}),
            )],
            Dialect::Responses => responses(
                number,
                &json!({"type": "message", "id": format!("msg_{number}"), "role": "assistant", "status": "completed",
                        "content": [{"type": "output_text", "text": words, "annotations": []}]}),
                tokens,
            ),
            Dialect::Chat(_) => {
                chat(number, &json!({"role": "assistant", "content": words}), (stops[1], tokens))
            }
            Dialect::Gemini => gemini(&json!({"text": words}), (stops[2], tokens)),
        }
    }

    /// Whose tools are offered.
    fn tools(self) -> Tools {
        match self {
            Dialect::Anthropic => Tools::Claude,
            Dialect::Responses => Tools::Codex,
            Dialect::Chat(tools) => tools,
            Dialect::Gemini => Tools::Gemini,
        }
    }

    /// The tool that writes a file, with its arguments, where it is offered.
    pub(super) fn writing(self, offered: &[String], path: &str, text: &str) -> Option<(String, Value)> {
        let (name, arguments) = self.tool(&Want::Write(path.into(), text.to_owned()));
        // A shell is no tool for a report.
        let writes = self != Dialect::Responses && offered.iter().any(|tool| tool == name);
        writes.then(|| (name.to_owned(), arguments))
    }

    /// A harmless look at a file of the project.
    pub(super) fn reading(self, asked: &Asked) -> Option<(&'static str, Value)> {
        let (name, arguments) = self.tool(&Want::Read(asked.project.join("src/app.ts")));
        asked.tools.iter().any(|tool| tool == name).then_some((name, arguments))
    }

    /// The tool for something, whether it is offered or not, with its arguments.
    pub(super) fn tool(self, want: &Want) -> (&'static str, Value) {
        self.tools().call(want)
    }

    /// The body of an error answer.
    pub(super) fn error(self, status: u16, kind: &str, message: &str) -> Value {
        match self {
            Dialect::Anthropic => {
                let kind = if kind == "context_length_exceeded" { "invalid_request_error" } else { kind };
                json!({"type": "error", "error": {"type": kind, "message": message}})
            }
            Dialect::Responses | Dialect::Chat(_) => {
                json!({"error": {"message": message, "type": kind, "code": kind, "param": null}})
            }
            Dialect::Gemini => {
                let name = match status {
                    401 => "UNAUTHENTICATED",
                    403 => "PERMISSION_DENIED",
                    429 => "RESOURCE_EXHAUSTED",
                    400 => "INVALID_ARGUMENT",
                    _ => "UNAVAILABLE",
                };
                json!({"error": {"code": status, "message": message, "status": name}})
            }
        }
    }
}

fn read_message(message: &Value, asked: &mut Asked) {
    let is_result = |part: &Value| {
        part.get("type").and_then(Value::as_str) == Some("tool_result")
            || part.get("functionResponse").is_some()
    };
    let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
    let role = message.get("role").and_then(Value::as_str).unwrap_or_default();
    if kind == "tool_search_output" {
        asked.has_searched = true;
        let found = message.get("tools").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        asked.tools.extend(found.iter().flat_map(in_namespace));
        return;
    }
    if role == "tool" || kind == "function_call_output" {
        asked.turn += 1;
        asked.results.push(message.to_string());
        return;
    }
    let parts = match message.get("content").or_else(|| message.get("parts")) {
        Some(Value::Array(parts)) => parts.clone(),
        Some(Value::String(text)) => vec![json!({ "text": text })],
        _ => return,
    };
    for part in parts.iter().filter(|part| is_result(part)) {
        asked.turn += 1;
        asked.results.push(part.to_string());
    }
    if role != "user" {
        return;
    }
    for text in parts.iter().filter_map(|part| part.get("text")?.as_str()) {
        if let Some((role, attempt, report)) = told(text) {
            (asked.role, asked.attempt, asked.report, asked.turn) = (role, attempt, report, 0);
            asked.is_to_mend = text.contains("Your answer cannot be used");
            if let Some(project) = project(text) {
                asked.project = project;
            }
        }
    }
}

/// The tools of a namespace, with its name and a dot before theirs.
fn in_namespace(space: &Value) -> Vec<String> {
    let name = |tool: &Value| tool.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let tools = space.get("tools").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    tools.iter().map(|tool| format!("{}.{}", name(space), name(tool))).collect()
}

/// Whose prompt it is: `…/<role>.<attempt>.out/report.md`.
fn told(text: &str) -> Option<(String, u32, PathBuf)> {
    let end = text.rfind(".out/report.md")?;
    let start = text[..end].rfind(['`', ' ', '\n', '"', '\'']).map_or(0, |at| at + 1);
    let stem = text[start..end].rsplit('/').next()?;
    let (role, attempt) = stem.rsplit_once('.')?;
    let report = PathBuf::from(format!("{}.out/report.md", &text[start..end]));
    Some((role.to_owned(), attempt.parse().ok()?, report))
}

/// `- Project: …`, or `- Project, and your working directory: …`.
fn project(text: &str) -> Option<PathBuf> {
    let line = text.lines().find(|line| line.starts_with("- Project"))?;
    Some(PathBuf::from(line.split_once(": ")?.1))
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}")
}

fn anthropic(number: u32, block: &Value, delta: &Value, (stop, tokens): (&str, u64)) -> Vec<String> {
    let named = |data: Value| event(data["type"].as_str().unwrap_or_default(), &data);
    vec![
        named(json!({"type": "message_start", "message": {"id": format!("msg_{number}"), "type": "message",
            "role": "assistant", "model": "claude-fake", "content": [], "stop_reason": null, "stop_sequence": null,
            "usage": {"input_tokens": INPUT, "output_tokens": 1, "cache_read_input_tokens": 0,
                      "cache_creation_input_tokens": 0}}})),
        named(json!({"type": "content_block_start", "index": 0, "content_block": block})),
        named(json!({"type": "content_block_delta", "index": 0, "delta": delta})),
        named(json!({"type": "content_block_stop", "index": 0})),
        named(json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null},
            "usage": {"output_tokens": tokens}})),
        named(json!({"type": "message_stop"})),
    ]
}

fn responses(number: u32, item: &Value, tokens: u64) -> Vec<String> {
    let id = format!("resp_{number}");
    vec![
        event("response.created", &json!({"type": "response.created", "response": {"id": id}})),
        event(
            "response.output_item.done",
            &json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
        ),
        event(
            "response.completed",
            &json!({"type": "response.completed", "response": {"id": id, "usage": {
                "input_tokens": INPUT, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": tokens,
                "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": INPUT + tokens}}}),
        ),
    ]
}

fn chat(number: u32, delta: &Value, (stop, tokens): (&str, u64)) -> Vec<String> {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({"id": format!("chat_{number}"), "object": "chat.completion.chunk", "created": 1,
            "model": "fake-model", "choices": choices, "usage": usage});
        format!("data: {chunk}")
    };
    vec![
        chunk(json!([{"index": 0, "delta": delta, "finish_reason": null}]), Value::Null),
        chunk(json!([{"index": 0, "delta": {}, "finish_reason": stop}]), Value::Null),
        chunk(
            json!([]),
            json!({"prompt_tokens": INPUT, "completion_tokens": tokens, "total_tokens": INPUT + tokens}),
        ),
        "data: [DONE]".to_owned(),
    ]
}

fn gemini(part: &Value, (stop, tokens): (&str, u64)) -> Vec<String> {
    let answer = |finish: Value| {
        let data = json!({"candidates": [{"index": 0, "content": {"role": "model", "parts": [part]},
                "finishReason": finish}],
            "usageMetadata": {"promptTokenCount": INPUT, "candidatesTokenCount": tokens,
                "totalTokenCount": INPUT + tokens}});
        format!("data: {data}")
    };
    vec![answer(json!(stop))]
}
