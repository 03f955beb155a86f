//! The event streams of agent CLIs: one model for all of them.
//!
//! Bytes are cut into lines, each line is parsed (never matched as text) and read by the
//! rules of its format into [`Event`]s, and the [`StreamSummary`] keeps what the
//! attempt is judged by. Secrets are taken out in between, so that none gets any
//! further. Lines that are no events, and events nobody knows, pass through.
//! Pure: nothing here reads a clock or a file.

mod clean;
mod data;
mod event;
mod formats;
mod line;
mod look;
mod output;
mod reset;
mod shell;
mod show;
mod summary;

use protocol::plan::{EventRule, Invocation, Stream};
use protocol::redact::Secrets;

pub(crate) use event::{Fault, Tokens, status_in};
pub(crate) use formats::rules;
pub(crate) use reset::{reset_in, zone_named};
pub(crate) use summary::StreamSummary;

use clean::{Clean, Released};

/// A line longer than this is not kept.
const MAX_LINE: usize = 64 << 20;
/// What stands in its place.
const TOO_LONG: &str = "a line of more than 64 MB is not kept";

/// What came of a piece of the stream.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Lines of the stream, as they may be kept.
    pub(crate) raw: Vec<u8>,
    /// What a person following wants to see.
    pub(crate) shown: String,
}

/// A stream as it arrives.
#[derive(Debug)]
pub(crate) struct EventStream {
    rules: Vec<EventRule>,
    partial: Vec<u8>,
    skipping: bool,
    clean: Clean,
    summary: StreamSummary,
}

impl EventStream {
    /// The stream of a runner; `None` for one without events.
    pub(crate) fn of(invocation: &Invocation, secrets: Secrets) -> Option<Self> {
        Self::by(invocation.stream, &invocation.events, secrets)
    }

    /// `rules` are those of [`Stream::Jsonl`].
    pub(crate) fn by(format: Stream, rules: &[EventRule], secrets: Secrets) -> Option<Self> {
        if format == Stream::Plain {
            return None;
        }
        Some(EventStream {
            rules: formats::rules(format, rules),
            partial: Vec::new(),
            skipping: false,
            clean: Clean::new(secrets),
            summary: StreamSummary::default(),
        })
    }

    pub(crate) fn summary(&self) -> &StreamSummary {
        &self.summary
    }

    /// What it told, when nothing more comes.
    pub(crate) fn into_summary(self) -> StreamSummary {
        self.summary
    }

    /// Takes a piece of the stream.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Told {
        let mut told = Told::default();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            if !self.skipping {
                self.partial.extend_from_slice(piece);
                self.skipping = self.partial.len() > MAX_LINE;
            }
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.partial);
                if std::mem::take(&mut self.skipping) {
                    self.too_long(&mut told);
                } else {
                    let released = self.clean.take(line);
                    self.read(released, &mut told);
                }
            }
        }
        told
    }

    /// The stream ended; a last line may lack its newline.
    pub(crate) fn finish(&mut self) -> Told {
        let mut told = if self.partial.is_empty() { Told::default() } else { self.feed(b"\n") };
        let released = self.clean.finish();
        self.read(released, &mut told);
        show::end_of_line(&mut told.shown, self.summary.mid_line());
        told
    }

    fn read(&mut self, lines: Vec<Released>, told: &mut Told) {
        for line in lines {
            told.raw.extend_from_slice(&line.raw);
            match line.event {
                Some(value) => {
                    for event in data::read(&self.rules, &value) {
                        let event = self.summary.named(event);
                        if !self.summary.knows(&event) {
                            show::event(&event, self.summary.mid_line(), &mut told.shown);
                        }
                        self.summary.take(event);
                    }
                }
                None if line.raw.trim_ascii().is_empty() => {}
                // Not an event: a warning printed by the CLI or its runtime.
                None => {
                    show::end_of_line(&mut told.shown, self.summary.mid_line());
                    show::plain(&line.raw, &mut told.shown);
                    self.summary.line_ended();
                }
            }
        }
    }

    fn too_long(&mut self, told: &mut Told) {
        let note = serde_json::json!({ "type": "convoy", "lost": TOO_LONG });
        let released = self.clean.take(format!("{note}\n").into_bytes());
        self.read(released, told);
        show::end_of_line(&mut told.shown, self.summary.mid_line());
        show::plain(format!("[convoy: {TOO_LONG}]").as_bytes(), &mut told.shown);
        self.summary.lost_a_line();
    }
}

#[cfg(test)]
mod tests;
