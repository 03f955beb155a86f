//! The event stream of Claude Code (`--output-format stream-json`): parsed,
//! never matched as text. Events this does not know are kept and not shown.

use std::fmt::Write as _;

use serde_json::Value;
use shared::record::Outcome;
use shared::state::{Reason, Usage};
use shared::text::visible;

/// A line longer than this is not an event of any use here.
const MAX_LINE: usize = 64 << 20;

/// What the stream told so far.
#[derive(Debug, Default)]
pub(crate) struct ClaudeStream {
    partial: Vec<u8>,
    skipping: bool,
    /// The last `result` event.
    result: Option<Value>,
    /// The last error status of a retried request.
    last_retry: Option<String>,
    denied: Vec<String>,
}

impl ClaudeStream {
    /// Takes a piece of the stream; returns what a person following wants to see.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> String {
        let mut shown = String::new();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let ends = piece.ends_with(b"\n");
            if !self.skipping {
                self.partial.extend_from_slice(piece);
                self.skipping = self.partial.len() > MAX_LINE;
            }
            if ends {
                let line = std::mem::take(&mut self.partial);
                if !std::mem::take(&mut self.skipping) {
                    self.line(&line, &mut shown);
                }
            }
        }
        shown
    }

    /// The stream ended; a last line may lack its newline.
    pub(crate) fn finish(&mut self) -> String {
        self.feed(b"\n")
    }

    fn line(&mut self, line: &[u8], shown: &mut String) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let Ok(event) = serde_json::from_slice::<Value>(line) else {
            // Not an event: a warning printed by the CLI or its runtime.
            shown.push_str(&visible(String::from_utf8_lossy(line).trim_end()));
            shown.push('\n');
            return;
        };
        match text(&event, "type") {
            "system" => self.system(&event, shown),
            "assistant" => assistant(&event, shown),
            "user" => tool_errors(&event, shown),
            "result" => {
                let _ = writeln!(shown, "[{}]", text(&event, "subtype"));
                self.result = Some(event);
            }
            _ => {}
        }
    }

    fn system(&mut self, event: &Value, shown: &mut String) {
        match text(event, "subtype") {
            "init" => {
                let _ = writeln!(shown, "[model {}]", visible(text(event, "model")));
            }
            "api_retry" => {
                let error = text(event, "error");
                let _ = writeln!(shown, "[the service said: {}; trying again]", visible(error));
                self.last_retry = Some(error.to_owned());
            }
            "permission_denied" => {
                let tool = visible(text(event, "tool_name"));
                let _ = writeln!(shown, "[denied: {tool}]");
                self.denied.push(tool);
            }
            "model_fallback" => shown.push_str("[fell back to another model]\n"),
            _ => {}
        }
    }

    /// The marked final message of a run that ended well.
    pub(crate) fn final_message(&self) -> Option<&str> {
        let result = self.result.as_ref().filter(|result| !is_error(result))?;
        result.get("result")?.as_str().filter(|message| !message.trim().is_empty())
    }

    pub(crate) fn usage(&self) -> Option<Usage> {
        let result = self.result.as_ref()?;
        let usage = result.get("usage")?;
        let tokens = |name: &str| usage.get(name).and_then(Value::as_u64).unwrap_or(0);
        let cached = tokens("cache_creation_input_tokens") + tokens("cache_read_input_tokens");
        Some(Usage {
            input_tokens: tokens("input_tokens") + cached,
            output_tokens: tokens("output_tokens"),
            cost_usd: result.get("total_cost_usd").and_then(Value::as_f64),
        })
    }

    /// What the stream says against the attempt. Exit code 0 alone proves nothing.
    pub(crate) fn verdict(&self) -> Option<(Outcome, Option<String>)> {
        let failed = |reason, detail| Some((Outcome::Failed { reason }, detail));
        let Some(result) = self.result.as_ref() else {
            let retry = self.last_retry.as_deref()?;
            let detail = Some(format!("the stream ended while the service said: {}", visible(retry)));
            return match retry {
                "authentication_failed" => failed(Reason::Auth, detail),
                "rate_limit" => Some((Outcome::RateLimited { until: None }, detail)),
                _ => failed(Reason::ApiError, detail),
            };
        };
        if !is_error(result) {
            return None;
        }
        let message = text(result, "result");
        let said = (!message.is_empty()).then(|| visible(first_line(message)));
        let status = result.get("api_error_status").and_then(Value::as_u64);
        match (text(result, "subtype"), text(result, "terminal_reason"), status) {
            ("error_max_turns", ..) => failed(Reason::TurnLimit, said),
            ("error_max_budget_usd", ..) => failed(Reason::Budget, said),
            (_, "prompt_too_long", _) => failed(Reason::ContextOverflow, said),
            (_, _, Some(401 | 403)) => failed(Reason::Auth, said),
            (_, _, Some(429)) => Some((Outcome::RateLimited { until: None }, said)),
            _ if message.contains("/login") => failed(Reason::Auth, said),
            _ => failed(Reason::ApiError, said),
        }
    }

    /// Tools the CLI refused, for the words about a missing report.
    pub(crate) fn denied(&self) -> Option<String> {
        (!self.denied.is_empty()).then(|| format!("denied: {}", self.denied.join(", ")))
    }
}

/// `subtype: success` is also used for API errors; only `is_error` tells.
fn is_error(result: &Value) -> bool {
    result.get("is_error").and_then(Value::as_bool).unwrap_or(true)
}

fn text<'a>(event: &'a Value, key: &str) -> &'a str {
    event.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

fn content(event: &Value) -> &[Value] {
    event.pointer("/message/content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn assistant(event: &Value, shown: &mut String) {
    for part in content(event) {
        match text(part, "type") {
            "text" => {
                for line in text(part, "text").lines() {
                    shown.push_str(&visible(line));
                    shown.push('\n');
                }
            }
            "tool_use" => {
                let input = part.get("input");
                let about = ["file_path", "path", "pattern", "command"]
                    .iter()
                    .find_map(|key| input?.get(key)?.as_str())
                    .unwrap_or_default();
                let _ = writeln!(shown, "> {} {}", visible(text(part, "name")), visible(about));
            }
            _ => {}
        }
    }
}

fn tool_errors(event: &Value, shown: &mut String) {
    for part in content(event) {
        if part.get("is_error").and_then(Value::as_bool) == Some(true) {
            let said = part.get("content").map(|content| match content {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            });
            let _ = writeln!(shown, "! {}", visible(first_line(&said.unwrap_or_default())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(lines: &[&str]) -> ClaudeStream {
        let mut stream = ClaudeStream::default();
        let text = lines.join("\n");
        // In odd pieces, as a pipe delivers them.
        for piece in text.as_bytes().chunks(7) {
            stream.feed(piece);
        }
        stream.finish();
        stream
    }

    #[test]
    fn success_is_what_is_not_an_error() {
        let good = stream(&[
            r#"{"duration_ms":1,"type":"result","subtype":"success","is_error":false,"result":"done","total_cost_usd":0.5,"usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":2}}"#,
        ]);
        assert_eq!(good.verdict(), None);
        assert_eq!(good.final_message(), Some("done"));
        let usage = good.usage().unwrap();
        assert_eq!((usage.input_tokens, usage.output_tokens, usage.cost_usd), (7, 2, Some(0.5)));
    }

    #[test]
    fn errors_are_told_apart() {
        let cases = [
            (r#""subtype":"success","api_error_status":401"#, Reason::Auth),
            (r#""subtype":"success","api_error_status":529"#, Reason::ApiError),
            (r#""subtype":"success","terminal_reason":"prompt_too_long""#, Reason::ContextOverflow),
            (r#""subtype":"error_max_turns""#, Reason::TurnLimit),
            (r#""subtype":"error_max_budget_usd""#, Reason::Budget),
            (r#""subtype":"success","result":"Not logged in - Please run /login""#, Reason::Auth),
        ];
        for (fields, reason) in cases {
            let line = format!(r#"{{"type":"result","is_error":true,{fields}}}"#);
            let (outcome, _) = stream(&[&line]).verdict().unwrap();
            assert_eq!(outcome, Outcome::Failed { reason }, "{fields}");
            assert_eq!(stream(&[&line]).final_message(), None);
        }
        let limited = stream(&[r#"{"type":"result","is_error":true,"api_error_status":429}"#]);
        assert_eq!(limited.verdict().unwrap().0, Outcome::RateLimited { until: None });
    }

    #[test]
    fn control_sequences_do_not_reach_the_pane() {
        let mut stream = ClaudeStream::default();
        let shown = stream.feed(b"{\"type\":\"assistant\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a\\u001b]0;x\\u0007b\"}]}}\n");
        assert!(!shown.contains('\u{1b}') && shown.contains('a'), "{shown:?}");
    }
}
