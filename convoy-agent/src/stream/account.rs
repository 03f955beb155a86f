//! What a stream has told so far, as far as the attempt is judged by it.

use std::collections::BTreeMap;

use protocol::state::Reason;

use super::event::{Event, Fault, Of, Tokens};

#[derive(Debug, Default)]
pub(crate) struct Account {
    session: Option<String>,
    /// The words since the last tool: a final message, if it ends here.
    words: String,
    /// A line was lost, which may have been one of them.
    torn: bool,
    /// Pieces of a line were shown, its end was not.
    mid_line: bool,
    done: bool,
    message: Option<String>,
    fault: Option<Fault>,
    retried: Option<Fault>,
    denied: Vec<String>,
    note: String,
    steps: BTreeMap<String, Tokens>,
    whole: Option<Tokens>,
}

impl Account {
    pub(super) fn take(&mut self, event: Event) {
        if !matches!(event, Event::Piece(_) | Event::Spent { .. }) {
            self.mid_line = false;
        }
        match event {
            Event::Started { session, .. } => self.session = session.or(self.session.take()),
            Event::Text(words) => {
                // Each text of these formats is a message of its own; the last one is final.
                self.words = words;
                self.torn = false;
            }
            Event::Piece(words) => {
                self.mid_line = if words.is_empty() { self.mid_line } else { !words.ends_with('\n') };
                self.words.push_str(&words);
            }
            Event::ToolUse { .. } => {
                self.words.clear();
                self.torn = false;
                // It went on after all.
                self.retried = None;
            }
            Event::ToolFailed { .. } => {}
            Event::Note(words) => self.note = words,
            Event::Denied { tool } => self.denied.push(tool),
            Event::Retry(fault) => {
                let known = self.retried.take().and_then(|fault| fault.resets_at);
                self.retried = Some(Fault { resets_at: fault.resets_at.or(known), ..fault });
            }
            Event::Spent { tokens, of: Of::Step(id) } => {
                self.steps.insert(id, tokens);
            }
            Event::Spent { tokens, of: Of::Session } => self.whole = Some(tokens),
            Event::Done { message } => {
                self.done = true;
                self.torn &= message.is_none();
                self.message = message.or_else(|| Some(self.words.clone()));
            }
            Event::Failed(fault) => self.fault = Some(fault),
        }
    }

    /// A line of the stream could not be kept.
    pub(super) fn lost_a_line(&mut self) {
        self.line_ended();
        self.torn = true;
    }

    pub(super) fn mid_line(&self) -> bool {
        self.mid_line
    }

    pub(super) fn line_ended(&mut self) {
        self.mid_line = false;
    }

    pub(crate) fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// It said itself that it ended well.
    pub(crate) fn is_done(&self) -> bool {
        self.done && self.fault.is_none()
    }

    /// The marked final message of a run that ended well.
    pub(crate) fn final_message(&self) -> Option<&str> {
        let message = self.message.as_deref().filter(|_| self.is_done())?;
        Some(message).filter(|message| !message.trim().is_empty())
    }

    /// Something of the final message may be lost.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn
    }

    /// What it told of its own bad end, or of the last request it tried again
    /// when it did not come to an end at all.
    pub(crate) fn fault(&self) -> Option<Fault> {
        let mut fault = match (&self.fault, &self.retried) {
            (Some(fault), _) => fault.clone(),
            (None, Some(retried)) if !self.done => retried.clone(),
            (None, _) => return None,
        };
        if let Some(retried) = &self.retried {
            fault.resets_at = fault.resets_at.or(retried.resets_at);
            fault.status = fault.status.or(retried.status);
            if fault.said.is_empty() {
                fault.said.clone_from(&retried.said);
            }
            if fault.code.is_empty() {
                fault.code.clone_from(&retried.code);
            }
            fault.reason = fault.reason.or(retried.reason.filter(|reason| *reason == Reason::Refusal));
        }
        Some(fault)
    }

    /// Tokens of the session so far; a resumed one counts from its first run on.
    pub(crate) fn spent(&self) -> Option<Tokens> {
        let steps = || self.steps.values().copied().reduce(Tokens::plus);
        self.whole.or_else(steps)
    }

    /// The last thing it remarked beside its work.
    pub(crate) fn note(&self) -> &str {
        &self.note
    }

    /// Was this tool not allowed?
    pub(crate) fn was_denied(&self, tool: &str) -> bool {
        self.denied.iter().any(|denied| denied == tool)
    }

    /// Tools that were not allowed.
    pub(crate) fn denied(&self) -> Option<String> {
        (!self.denied.is_empty()).then(|| {
            let mut tools = self.denied.clone();
            tools.dedup();
            format!("denied: {}", tools.join(", "))
        })
    }
}
