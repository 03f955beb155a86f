//! What a stream has told so far, as far as the attempt is judged by it.

use std::collections::{BTreeMap, BTreeSet};

use protocol::outcome::Reason;
use serde_json::Value;

use super::event::{Event, Fault, Of, Tokens};
use super::look::Look;

/// A tool that was not allowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    call: String,
    pub(crate) tool: String,
    /// What it was to be used on, in words.
    pub(crate) about: String,
    /// What it was to read, as the agent named it; `None`: it is no tool for reading.
    pub(crate) targets: Option<Vec<String>>,
}

/// A tool whose result is not known yet.
#[derive(Debug, Clone, Default)]
struct Pending {
    tool: String,
    about: String,
    look: Option<Look>,
}

#[derive(Debug, Default)]
pub(crate) struct StreamSummary {
    session: Option<String>,
    /// The words since the last tool: a final message, if it ends here.
    words: String,
    /// Which message they are of, where that is told.
    words_of: Option<String>,
    /// The message of the last piece, and where in the words it begins.
    piece_of: Option<(String, usize)>,
    /// The messages before it since the last tool.
    earlier: Vec<String>,
    /// A line was lost, which may have been one of them.
    torn: bool,
    /// Pieces of a line were shown, its end was not.
    mid_line: bool,
    done: bool,
    message: Option<String>,
    answer: Option<Value>,
    /// The last answer it handed in, fitting or not.
    tried: Option<Value>,
    fault: Option<Fault>,
    retried: Option<Fault>,
    pending: BTreeMap<String, Pending>,
    /// Files of which something was shown to it, as it named them.
    opened: BTreeSet<String>,
    /// Files that it could not open.
    unopened: BTreeSet<String>,
    refused: Vec<Refused>,
    /// How many it used.
    tools: usize,
    note: String,
    steps: BTreeMap<String, Tokens>,
    whole: Option<Tokens>,
}

impl StreamSummary {
    pub(super) fn take(&mut self, event: Event) {
        if !matches!(event, Event::Piece { .. } | Event::Spent { .. }) {
            self.mid_line = false;
        }
        match event {
            Event::Started { session, .. } => self.session = session.or(self.session.take()),
            Event::Text { words, message } => self.say(&words, message),
            Event::Piece { words, message } => {
                if let Some(message) = message
                    && self.piece_of.as_ref().is_none_or(|(known, _)| *known != message)
                {
                    self.piece_of = Some((message, self.words.len()));
                }
                self.mid_line = if words.is_empty() { self.mid_line } else { !words.ends_with('\n') };
                self.words.push_str(&words);
            }
            Event::ToolUse { call, tool, about, look } => {
                self.words.clear();
                self.piece_of = None;
                self.earlier.clear();
                self.torn = false;
                self.tools += 1;
                // It went on after all.
                self.retried = None;
                self.pending.insert(call, Pending { tool, about, look });
            }
            Event::ToolDone { call, look, output } => {
                let known = self.pending.remove(&call).and_then(|pending| pending.look);
                if let Some(look) = look.or(known) {
                    self.opened.extend(look.shown(&output));
                }
            }
            Event::ToolFailed { call, .. } => {
                let look = self.pending.remove(&call).and_then(|pending| pending.look);
                self.unopened.extend(look.and_then(|look| look.targets()).unwrap_or_default());
            }
            Event::Denied { call, tool, about, look } => self.refuse(call, tool, about, look.as_ref()),
            Event::Answering(answer) => {
                self.retried = None;
                self.tried = Some(answer);
            }
            Event::Note(words) => self.note = words,
            Event::Retry(fault) => {
                // What came of that request comes again.
                if let Some((_, from)) = self.piece_of.take() {
                    self.words.truncate(from);
                }
                let known = self.retried.take().and_then(|fault| fault.resets_at);
                self.retried = Some(Fault { resets_at: fault.resets_at.or(known), ..fault });
            }
            Event::Spent { tokens, of: Of::Step(id) } => {
                self.steps.insert(id, tokens);
            }
            Event::Spent { tokens, of: Of::Session } => self.whole = Some(tokens),
            Event::Done { message, answer } => {
                self.done = true;
                // A message that is marked is whole, but it may hold nothing.
                self.torn &= message.as_deref().is_none_or(|message| message.trim().is_empty());
                self.answer = answer;
                self.message = message;
            }
            Event::Failed(fault) => self.fault = Some(fault),
        }
    }

    fn say(&mut self, words: &str, message: Option<String>) {
        // One message may be told in several events.
        if message.is_some() && message == self.words_of {
            if !(self.words.is_empty() || self.words.ends_with('\n')) {
                self.words.push('\n');
            }
            self.words.push_str(words);
            return;
        }
        self.torn = false;
        if !self.words.trim().is_empty() {
            self.earlier.push(std::mem::take(&mut self.words));
        }
        words.clone_into(&mut self.words);
        self.piece_of = None;
        self.words_of = message;
    }

    fn refuse(&mut self, call: String, tool: String, about: String, look: Option<&Look>) {
        let used = self.pending.get(&call).cloned().unwrap_or_default();
        // Where the use was told, it names the tool; a result may only have words for it.
        let tool = if used.tool.is_empty() { tool } else { used.tool };
        let about = if about.is_empty() { used.about } else { about };
        let look = look.cloned().or(used.look).or_else(|| Look::of(&tool, None));
        let refused = Refused { targets: look.and_then(|look| look.targets()), call, tool, about };
        match self.refused.iter_mut().find(|known| !known.call.is_empty() && known.call == refused.call) {
            Some(known) if known.about.is_empty() => *known = refused,
            Some(_) => {}
            None => self.refused.push(refused),
        }
    }

    /// With the tool's name and what it was used on, where only its call was told.
    pub(super) fn named(&self, event: Event) -> Event {
        match event {
            Event::Denied { call, tool, about, look } if tool.is_empty() => {
                let used = self.pending.get(&call).cloned().unwrap_or_default();
                let about = if about.is_empty() { used.about } else { about };
                Event::Denied { call, tool: used.tool, about, look }
            }
            event => event,
        }
    }

    /// Was this told before?
    pub(super) fn knows(&self, event: &Event) -> bool {
        let Event::Denied { call, .. } = event else { return false };
        !call.is_empty() && self.refused.iter().any(|known| known.call == *call)
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

    /// The final message of a run that ended well: what it said last, with all that
    /// was told of it. The event that marks it may hold a part, or nothing.
    pub(crate) fn final_message(&self) -> Option<String> {
        if !self.is_done() {
            return None;
        }
        let marked = self.message.as_deref().unwrap_or_default();
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        let (said, end) = (squeezed(&self.words), squeezed(marked));
        let message = if said.contains(&end) {
            self.words.clone()
        } else if end.contains(&said) {
            marked.to_owned()
        } else {
            format!("{}\n\n{marked}", self.words.trim_end())
        };
        Some(message).filter(|message| !message.trim().is_empty())
    }

    /// The answer that fitted the schema it was asked for.
    pub(crate) fn answer(&self) -> Option<&Value> {
        self.answer.as_ref().filter(|_| self.is_done())
    }

    /// The last answer it handed in, whether it fitted or not.
    pub(crate) fn tried(&self) -> Option<&Value> {
        self.tried.as_ref()
    }

    /// What it said since its last tool: its messages, the last one at the end.
    pub(crate) fn said(&self) -> impl DoubleEndedIterator<Item = &str> {
        let last = Some(self.words.as_str()).filter(|words| !words.trim().is_empty());
        self.earlier.iter().map(String::as_str).chain(last)
    }

    /// Files of which something was shown to it, and those it tried in vain, as it named them.
    pub(crate) fn opened(&self) -> &BTreeSet<String> {
        &self.opened
    }

    pub(crate) fn unopened(&self) -> &BTreeSet<String> {
        &self.unopened
    }

    pub(crate) fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Has it done any work: said something, used a tool, spent a token?
    pub(crate) fn has_worked(&self) -> bool {
        let spent = self.spent().is_some_and(|tokens| tokens.input + tokens.output > 0);
        spent || self.tools > 0 || !self.words.is_empty() || !self.earlier.is_empty()
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
        self.refused.iter().any(|refused| refused.tool == tool)
    }

    /// Tools that were not allowed.
    pub(crate) fn denied(&self) -> Option<String> {
        (!self.refused.is_empty()).then(|| {
            let mut tools: Vec<&str> = self.refused.iter().map(|refused| refused.tool.as_str()).collect();
            tools.dedup();
            format!("denied: {}", tools.join(", "))
        })
    }
}
