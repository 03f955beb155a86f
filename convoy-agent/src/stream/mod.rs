//! The event streams of agent CLIs: one model for all of them.
//!
//! Bytes are cut into lines, each line is parsed (never matched as text) by the
//! reader of its format into [`Event`]s, and the [`Account`] keeps what the
//! attempt is judged by. Lines that are no events, and events nobody knows, pass
//! through: the raw stream is kept whole beside the log. Pure: nothing here
//! reads a clock or a file.

mod account;
mod claude;
mod codex;
mod event;
mod gemini;
mod opencode;
mod reset;
mod show;

use shared::plan::Stream;

pub(crate) use account::Account;
pub(crate) use event::{Event, Fault, Tokens};
pub(crate) use reset::reset_in;

/// A line longer than this is not an event of any use here.
const MAX_LINE: usize = 64 << 20;

/// What one format makes of one event.
type Reader = fn(&serde_json::Value) -> Vec<Event>;

/// A stream as it arrives.
#[derive(Debug)]
pub(crate) struct EventStream {
    reader: Reader,
    partial: Vec<u8>,
    skipping: bool,
    account: Account,
}

impl EventStream {
    /// `None` for a stream without events.
    pub(crate) fn of(format: Stream) -> Option<Self> {
        let reader: Reader = match format {
            Stream::Plain => return None,
            Stream::ClaudeStreamJson => claude::read,
            Stream::CodexJsonl => codex::read,
            Stream::GeminiStreamJson => gemini::read,
            Stream::OpencodeJsonl => opencode::read,
        };
        Some(EventStream { reader, partial: Vec::new(), skipping: false, account: Account::default() })
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// Takes a piece of the stream; returns what a person following wants to see.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> String {
        let mut shown = String::new();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            if !self.skipping {
                self.partial.extend_from_slice(piece);
                self.skipping = self.partial.len() > MAX_LINE;
            }
            if piece.ends_with(b"\n") {
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
        let mut shown = self.feed(b"\n");
        show::end_of_line(&mut shown, self.account.mid_line());
        shown
    }

    fn line(&mut self, line: &[u8], shown: &mut String) {
        if line.trim_ascii().is_empty() {
            return;
        }
        match serde_json::from_slice(line) {
            Ok(value @ serde_json::Value::Object(_)) => {
                for event in (self.reader)(&value) {
                    show::event(&event, self.account.mid_line(), shown);
                    self.account.take(event);
                }
            }
            // Not an event: a warning printed by the CLI or its runtime.
            _ => {
                show::end_of_line(shown, self.account.mid_line());
                show::plain(line, shown);
                self.account.line_ended();
            }
        }
    }
}

#[cfg(test)]
mod tests;
