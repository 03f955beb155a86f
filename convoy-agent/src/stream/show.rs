//! Events as a person follows them in the pane and in the log. Control
//! sequences in what a model or a service says do not get through.

use std::fmt::Write as _;

use base::text::visible;

use super::event::Event;

/// Shows an event; `mid_line`: a piece of text stands there without its end.
pub(super) fn event(event: &Event, mid_line: bool, out: &mut String) {
    if let Event::Piece { words, .. } = event {
        for (n, line) in words.split('\n').enumerate() {
            out.push_str(if n > 0 { "\n" } else { "" });
            out.push_str(&visible(line));
        }
        return;
    }
    if let Event::Spent { .. } = event {
        return;
    }
    end_of_line(out, mid_line);
    let _ = match event {
        Event::Started { model: Some(model), .. } => writeln!(out, "[model {}]", visible(model)),
        Event::Text { words, .. } => {
            for line in words.lines() {
                let _ = writeln!(out, "{}", visible(line));
            }
            Ok(())
        }
        Event::ToolUse { tool, about, .. } => {
            writeln!(out, "{}", format!("> {} {}", visible(tool), visible(first_line(about))).trim_end())
        }
        Event::ToolFailed { said, .. } => writeln!(out, "! {}", visible(first_line(said))),
        Event::Denied { tool, about, .. } => {
            let words = format!("{} {}", visible(first_line(tool)), visible(first_line(about)));
            writeln!(out, "[denied: {}]", words.trim())
        }
        Event::Answering(_) => writeln!(out, "> the answer"),
        Event::Retry(fault) => {
            writeln!(out, "[the service said: {}; trying again]", visible(first_line(&fault.said)))
        }
        Event::Done { .. } => writeln!(out, "[done]"),
        Event::Failed(fault) => {
            let said = first_line(&fault.said);
            let words =
                fault.reason.map(|reason| protocol::reasons::reason(reason, None)).unwrap_or_default();
            let words = if said.is_empty() { words } else { said.to_owned() };
            writeln!(out, "[failed: {}]", visible(&words))
        }
        Event::Note(words) => writeln!(out, "[{}]", visible(first_line(words))),
        Event::Started { model: None, .. }
        | Event::ToolDone { .. }
        | Event::Piece { .. }
        | Event::Spent { .. } => Ok(()),
    };
}

pub(super) fn end_of_line(out: &mut String, mid_line: bool) {
    if (mid_line && out.is_empty()) || !(out.is_empty() || out.ends_with('\n')) {
        out.push('\n');
    }
}

/// A line that is no event.
pub(super) fn plain(line: &[u8], out: &mut String) {
    out.push_str(&visible(String::from_utf8_lossy(line).trim_end()));
    out.push('\n');
}

fn first_line(words: &str) -> &str {
    words.lines().next().unwrap_or_default()
}
