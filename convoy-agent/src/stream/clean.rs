//! Events without secrets. What counts is what their texts say after the JSON
//! is read, and a text may come in pieces: all texts at the same place of events
//! of the same kind are one, wherever it is cut.
//!
//! A line waits while one of its texts may still turn out to end in a part of a
//! secret, and all after it wait with it, so that their order stays. It does not
//! wait for ever, since what is spent is counted from these lines: the end of a
//! text that nothing goes on with is left out.

use std::collections::{HashMap, VecDeque};

use protocol::redact::{Run, Scanner, Secrets};
use serde_json::{Map, Value};

use super::line;

/// So few bytes at a text's end are let go before it is known whether they begin
/// a secret: they tell nothing, and most texts end in them by chance. The rest
/// of one is still found.
const SHORT: usize = 3;
/// For more than this nothing waits.
const MOST_WAITING: usize = 1 << 20;
/// The next piece of a text comes sooner than after so many lines.
const MOST_LINES: usize = 16;
/// In place of an end that may be the beginning of a secret.
const LEFT_OUT: &[u8] = "[…]".as_bytes();
/// More texts than this at once are not followed.
const MOST_TEXTS: usize = 1024;

/// A line as it may be kept: its bytes, and the event if it is one.
#[derive(Debug)]
pub(super) struct Released {
    pub(super) raw: Vec<u8>,
    pub(super) event: Option<Value>,
}

#[derive(Debug, Default)]
pub(super) struct Clean {
    secrets: Secrets,
    texts: HashMap<String, Text>,
    waiting: VecDeque<Line>,
    /// Bytes of the lines that wait.
    bytes: usize,
    /// Number of the first line that waits.
    first: usize,
}

/// The texts at one place, as one.
#[derive(Debug)]
struct Text {
    scanner: Scanner,
    /// Whose bytes are to be decided next.
    of: VecDeque<Piece>,
}

#[derive(Debug)]
struct Piece {
    line: usize,
    index: usize,
    left: usize,
}

#[derive(Debug)]
struct Line {
    raw: Vec<u8>,
    event: Option<Value>,
    /// Its texts in the order of [`texts_of`].
    texts: Vec<Decided>,
    changed: bool,
}

#[derive(Debug)]
struct Decided {
    text: Vec<u8>,
    /// So many bytes of it are decided …
    up_to: usize,
    /// … and are this without secrets.
    clean: Vec<u8>,
}

impl Decided {
    fn undecided(&self) -> usize {
        self.text.len() - self.up_to
    }

    /// What may be kept of it by now.
    fn known(self) -> Vec<u8> {
        let rest = if self.undecided() > SHORT { LEFT_OUT } else { &self.text[self.up_to..] };
        [&self.clean, rest].concat()
    }
}

impl Clean {
    pub(super) fn new(secrets: Secrets) -> Self {
        Clean { secrets, ..Clean::default() }
    }

    /// Takes a line with its end; gives those that may be kept by now.
    pub(super) fn take(&mut self, raw: Vec<u8>) -> Vec<Released> {
        let event = line::event(&raw);
        if self.secrets.is_empty() {
            return vec![Released { raw, event }];
        }
        let number = self.first + self.waiting.len();
        let mut places = Vec::new();
        let mut changed = false;
        match &event {
            Some(event) => {
                texts_of(event, &mut kind_of(event), &mut |place, text| {
                    places.push((place.to_owned(), text.as_bytes().to_vec()));
                });
                changed = self.is_elsewhere_in(event);
            }
            None => places.push((String::new(), raw.clone())),
        }
        self.bytes += raw.len();
        let texts = places
            .iter()
            .map(|(_, text)| Decided { text: text.clone(), up_to: 0, clean: Vec::new() })
            .collect();
        self.waiting.push_back(Line { raw, event, texts, changed });
        for (index, (place, text)) in places.into_iter().enumerate() {
            self.look(place, Piece { line: number, index, left: text.len() }, &text);
        }
        self.release()
    }

    /// The stream ended.
    pub(super) fn finish(&mut self) -> Vec<Released> {
        for text in self.texts.values_mut() {
            let runs = text.scanner.scan(&[], true);
            settle(&mut text.of, runs, &mut self.waiting, self.first);
        }
        self.release()
    }

    fn look(&mut self, place: String, piece: Piece, bytes: &[u8]) {
        if self.texts.len() >= MOST_TEXTS && !self.texts.contains_key(&place) {
            self.texts.retain(|_, text| text.scanner.undecided() > 0);
        }
        let secrets = &self.secrets;
        let new = || Text { scanner: Scanner::new(secrets.clone()), of: VecDeque::new() };
        let text = self.texts.entry(place).or_insert_with(new);
        if piece.left > 0 {
            text.of.push_back(piece);
        }
        let runs = text.scanner.scan(bytes, false);
        settle(&mut text.of, runs, &mut self.waiting, self.first);
    }

    fn release(&mut self) -> Vec<Released> {
        let mut out = Vec::new();
        while let Some(line) = self.waiting.front() {
            let may_wait = self.bytes <= MOST_WAITING && self.waiting.len() <= MOST_LINES;
            if may_wait && line.texts.iter().any(|text| text.undecided() > SHORT) {
                break;
            }
            let Some(line) = self.waiting.pop_front() else { break };
            self.bytes -= line.raw.len();
            self.first += 1;
            out.push(self.released(line));
        }
        out
    }

    fn released(&self, line: Line) -> Released {
        if !line.changed && line.texts.iter().all(|text| text.undecided() <= SHORT) {
            return Released { raw: line.raw, event: line.event };
        }
        let mut texts = line.texts.into_iter().map(Decided::known);
        match line.event {
            Some(event) => {
                let event = self.rebuilt(event, &mut texts);
                let mut raw = event.to_string().into_bytes();
                raw.push(b'\n');
                Released { raw, event: Some(event) }
            }
            None => Released { raw: texts.next().unwrap_or_default(), event: None },
        }
    }

    /// In a name or a number, which come in no pieces?
    fn is_elsewhere_in(&self, value: &Value) -> bool {
        let is_in = |text: &str| self.secrets.clean(text) != text;
        match value {
            Value::Object(entries) => {
                entries.iter().any(|(name, value)| is_in(name) || self.is_elsewhere_in(value))
            }
            Value::Array(items) => items.iter().any(|value| self.is_elsewhere_in(value)),
            Value::Number(number) => is_in(&number.to_string()),
            Value::Null | Value::Bool(_) | Value::String(_) => false,
        }
    }

    fn rebuilt(&self, value: Value, texts: &mut impl Iterator<Item = Vec<u8>>) -> Value {
        match value {
            Value::String(_) => {
                Value::String(String::from_utf8_lossy(&texts.next().unwrap_or_default()).into_owned())
            }
            Value::Array(items) => items.into_iter().map(|item| self.rebuilt(item, texts)).collect(),
            Value::Object(entries) => {
                let mut clean = Map::new();
                for (name, value) in entries {
                    clean.insert(self.secrets.clean(&name).into_owned(), self.rebuilt(value, texts));
                }
                Value::Object(clean)
            }
            Value::Number(number) => {
                let written = number.to_string();
                match self.secrets.clean(&written) {
                    clean if clean == written => Value::Number(number),
                    clean => Value::String(clean.into_owned()),
                }
            }
            other => other,
        }
    }
}

/// Gives decided bytes to the pieces they are of.
fn settle(of: &mut VecDeque<Piece>, runs: Vec<Run>, lines: &mut VecDeque<Line>, first: usize) {
    for run in runs {
        let (mut length, is_hidden, mut name) = match run {
            Run::Keep(length) => (length, false, None),
            Run::Hide(length, name) => (length, true, name),
        };
        while length > 0 {
            let Some(piece) = of.front_mut() else { break };
            let part = length.min(piece.left);
            // A line that was let go keeps what it had.
            if let Some(line) = piece.line.checked_sub(first).and_then(|at| lines.get_mut(at)) {
                let text = &mut line.texts[piece.index];
                if is_hidden {
                    line.changed = true;
                    text.clean.extend_from_slice(name.take().unwrap_or_default().as_bytes());
                } else {
                    text.clean.extend_from_slice(&text.text[text.up_to..text.up_to + part]);
                }
                text.up_to += part;
            }
            length -= part;
            piece.left -= part;
            if piece.left == 0 {
                of.pop_front();
            }
        }
    }
}

/// What tells events apart whose texts belong to different people.
fn kind_of(event: &Value) -> String {
    let word = |key| event.get(key).and_then(Value::as_str).unwrap_or_default();
    format!("{} {}", word("type"), word("role"))
}

/// Every text of an event with its place: its path without the numbers of items.
fn texts_of(value: &Value, place: &mut String, take: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => take(place, text),
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, place, take)),
        Value::Object(entries) => {
            for (name, value) in entries {
                let length = place.len();
                place.push('/');
                place.push_str(name);
                texts_of(value, place, take);
                place.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests;
