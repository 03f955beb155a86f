//! What compilers and linters print: `src/a.c:3:9: warning: message [rule]`,
//! `src/a.ts(3,9): error TS2322: message`, a file's name above `3:9  error  message  rule`,
//! `error[E0502]: message` above `--> src/a.rs:3:9`, a message below its place or its rule,
//! or below the code it is about.
//!
//! `line` reads one line, `columns` rows of a table, `above` a message and the place below it, `placed` what stands below its
//! place, `framed` what is drawn in a frame, `lined` rows below a file, `around` what is no remark, `context` knows what stands
//! between them, `whole` what all comes to.

mod above;
mod around;
mod columns;
mod context;
mod framed;
mod level;
mod line;
mod lined;
mod placed;
mod whole;

use serde_json::Value;

use super::annotation;
use super::entry::Object;
use crate::model::Extraction;

use columns::{counted_place, failed_file, generated_by, in_columns};
use context::{points_at_code, quotes_code, stopped_early};
use line::code_first;
use line::set_place;
use line::{Remark, below_code, below_file, heading};
use line::{line_of_tool, message_below_code, object, of_pairs, of_tool, own_rule, place_first, remark};

pub(super) use context::summed;
pub(super) use line::{after_place, rule_behind};

/// Of a longer line only the beginning is read.
const LONGEST: usize = 4000;

/// Reads a text of nothing but such lines, with the code they quote and a summary;
/// `None` = it is none.
pub(super) fn extract(text: &str) -> Option<Extraction> {
    below(text, None)
}

/// The same of remarks on one file, which is named outside.
pub(super) fn below(text: &str, file: Option<&str>) -> Option<Extraction> {
    let mut reader = Reader { file: file.map(str::to_string), ..Reader::default() };
    let mut at = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        if let Some(place) = lines.next_if(|next| reader.above(line, next, at)) {
            at += place.len();
        } else {
            reader.line(line, at)?;
        }
        at += line.len();
    }
    reader.end(text)
}

/// A remark as it is read, and where it stands.
struct Entry {
    object: Object,
    start: usize,
    end: usize,
    /// Its message stands in the lines below.
    waits: bool,
    /// Its message goes on in the last column of the lines below.
    in_columns: bool,
    /// Code stands below it, as compilers quote it.
    quotes: bool,
    /// The rule that it names behind its message.
    rule: Option<String>,
}

#[derive(Default)]
struct Reader {
    entries: Vec<Entry>,
    /// What the lines below are about, where it is named by itself.
    file: Option<String>,
    number: Option<u32>,
    /// Lines that are no remark and not what tools print around them.
    others: usize,
    /// Those of them that name a place.
    placed_others: usize,
    /// The lines behind the last remark that are none of these kinds, until code is pointed at.
    open: Vec<Open>,
    /// Whose place stands in the frame below, and where it begins.
    framed: Option<(Object, usize)>,
    /// That file heads a table of lines and messages.
    lined: bool,
    /// A place on a line of its own, and what is said below it.
    placed: placed::Placed,
    /// How many framed or placed remarks lacked the place or the message.
    unplaced: usize,
    /// Is it a log of a CI, with marked lines among others?
    log: bool,
    /// How many remarks it says there are.
    stated: Option<usize>,
    /// How many of these it says it does not show.
    suppressed: usize,
    /// The line that says that not all is here.
    stopped: Option<String>,
}

/// A line that may be the rest of the message above it, or the code that it is about.
struct Open {
    text: String,
    placed: bool,
}

/// What stands in front of the place below a message, as compilers draw it.
const ARROWS: [&str; 3] = ["--> ", "╭▸ ", "┌─ "];

/// A wrapped message and the code below it have no more lines.
const WRAPPED: usize = 6;

impl Reader {
    /// `None`: this line is none of a tool's.
    fn line(&mut self, line: &str, start: usize) -> Option<()> {
        let end = start + line.len();
        let bare = context::untagged(crate::severity::cut(line.trim(), LONGEST));
        let indented = line.starts_with([' ', '\t']);
        if bare.is_empty() {
            return Some(());
        }
        match annotation::of_line(bare) {
            Some(annotation::Line::Remark(object)) => {
                self.log = true;
                self.push(object, start, end);
                return Some(());
            }
            Some(annotation::Line::Command) => return Some(()),
            None => {}
        }
        if let Some(place) = ARROWS.iter().find_map(|arrow| bare.strip_prefix(arrow)) {
            return self.placed_below(place, end);
        }
        if self.lined(bare, indented, start, end) || self.placed(bare, indented, start, end) {
            return Some(());
        }
        if context::of_run(bare) {
            self.stated = self.stated.max(summed(bare));
            return Some(());
        }
        if let Some(object) = of_pairs(bare) {
            self.push(object, start, end);
            return Some(());
        }
        if stopped_early(bare) {
            // The number in front of a message is that of a line.
            self.stated = self.stated.max(remark(bare).map_or_else(|| summed(bare), |_| None));
            self.stopped = Some(bare.chars().take(120).collect());
            return Some(());
        }
        if self.advises(bare, end) {
            return Some(());
        }
        let under = self.open.last().is_some_and(|line| context::underlines(bare, &line.text));
        if (points_at_code(bare) || under) && self.pointed_at(under, end)
            || self.in_frame(bare, indented, start, end)
        {
            return Some(());
        }
        if self.below_line(bare, indented, start, end)
            || self.in_columns(bare, start, end)
            || self.counted(bare, indented, start, end)
        {
            return Some(());
        }
        if self.message_below(bare, indented, end) {
            return Some(());
        }
        let of_file = || code_first(bare).or_else(|| below_file(bare)).is_some();
        let below = indented || bare.starts_with('^') || self.file.is_some() && of_file();
        let found = if below { self.below(bare) } else { remark(bare).or_else(|| heading(bare)) };
        match found.map(|found| scoped(bare, found)).map(|found| (object(&found), found.title.is_empty())) {
            Some((object, waits)) => {
                let rule = own_rule(bare).map(str::to_string);
                self.remark(
                    bare,
                    Entry { object, start, end, waits, in_columns: false, quotes: false, rule },
                );
            }
            None => self.other(bare, indented, start, end)?,
        }
        Some(())
    }

    /// A remark below the file, the line or the rule that a line above names.
    fn below<'a>(&'a self, bare: &'a str) -> Option<Remark<'a>> {
        let file = self.file.as_deref()?;
        if let Some(found) = below_file(bare) {
            return Some(Remark { file: Some(file), ..found });
        }
        if let Some(found) = code_first(bare) {
            return Some(Remark { file: Some(file), ..found });
        }
        let found = below_code(bare).or_else(|| message_below_code(bare))?;
        self.number.map(|_| Remark { file: Some(file), line: self.number, ..found })
    }

    /// `Line: 3` below a file's name, and `tool: rule / message` below that.
    fn below_line(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> bool {
        if !indented {
            return false;
        }
        if let Some(count) = bare.strip_prefix("Messages Found: ").and_then(|count| count.parse().ok()) {
            self.stated = self.stated.max(Some(count));
            return true;
        }
        let Some(file) = &self.file else { return false };
        if let Some(number) = bare.strip_prefix("Line: ") {
            self.number = number.parse().ok();
            return true;
        }
        let found = of_tool(bare).map(|found| Remark { line: self.number, ..found });
        let Some(found) = found.or_else(|| line_of_tool(bare)) else { return false };
        let object = object(&Remark { file: Some(file), ..found });
        self.push(object, start, end);
        if let Some(last) = self.entries.last_mut() {
            last.waits = found.title.is_empty();
        }
        true
    }

    fn push(&mut self, object: Object, start: usize, end: usize) {
        self.open.clear();
        self.entries.push(Entry {
            object,
            start,
            end,
            waits: false,
            in_columns: false,
            quotes: false,
            rule: None,
        });
    }

    /// Remarks below the file they are on, in columns.
    fn in_columns(&mut self, bare: &str, start: usize, end: usize) -> bool {
        if let Some(file) = failed_file(bare) {
            (self.file, self.number) = (Some(file.to_string()), None);
            return true;
        }
        if let (Some(file), Some(found)) = (&self.file, in_columns(bare)) {
            let object = object(&Remark { file: Some(file), ..found });
            self.push(object, start, end);
        } else if let (Some(more), Some(last)) =
            (bare.strip_prefix("| "), self.entries.last_mut().filter(|last| last.in_columns))
            && let Some(Value::String(said)) = last.object.get_mut("message")
        {
            said.push(' ');
            said.push_str(more.trim());
            last.end = end;
        } else {
            return false;
        }
        if let Some(last) = self.entries.last_mut() {
            last.in_columns = true;
        }
        true
    }

    /// Remarks that are counted: a place, a message behind a blank line, code, the rule.
    fn counted(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> bool {
        if let Some(found) = counted_place(bare) {
            self.push(object(&found), start, end);
            return true;
        }
        let Some(last) = self.entries.last_mut() else { return false };
        let is_open = last.object.get("message").and_then(Value::as_str) == Some("") && !last.waits;
        if is_open && !indented {
            last.object.insert("message".to_string(), Value::from(bare));
        } else if let Some((severity, rule)) = generated_by(bare) {
            last.object.insert("severity".to_string(), Value::from(severity));
            last.object.insert("rule".to_string(), Value::from(rule));
        } else {
            return false;
        }
        last.end = end;
        true
    }

    /// Signs that point at code: what stands between the remark above and them is that code,
    /// and the rest of the remark's message.
    fn pointed_at(&mut self, under: bool, end: usize) -> bool {
        let open = std::mem::take(&mut self.open);
        let Some(last) = self.entries.last_mut().filter(|_| open.len() <= WRAPPED) else { return false };
        self.others -= open.len();
        self.placed_others -= open.iter().filter(|line| line.placed).count();
        // Code that is not indented stands in the last of these lines, or is numbered.
        let message = if last.quotes { &open[..] } else { &open[..open.len().saturating_sub(1)] };
        let message = message.iter().filter(|line| !under || !context::numbers_code(&line.text));
        if let Some(Value::String(said)) = last.object.get_mut("message") {
            for line in message {
                said.push(' ');
                said.push_str(&line.text);
            }
        }
        last.quotes = true;
        last.end = end;
        true
    }

    fn remark(&mut self, bare: &str, entry: Entry) {
        self.open.clear();
        match self.entries.last_mut().filter(|last| explains(bare, &entry, last)) {
            Some(last) => last.end = entry.end,
            None => self.entries.push(entry),
        }
    }

    /// `--> src/a.rs:3:9` below `error[E0502]: message`.
    fn placed_below(&mut self, place: &str, end: usize) -> Option<()> {
        let (path, number, _) = place_first(place)?;
        let last = self.entries.last_mut()?;
        if !last.object.contains_key("file") {
            set_place(&mut last.object, Some(path), number);
        } else if !last.quotes {
            return None;
        }
        last.end = end;
        Some(())
    }

    /// A message below its place (`a.hs:3:9: error: [GHC-1]`) or its rule: it ends where
    /// the code begins that it is about.
    fn message_below(&mut self, bare: &str, indented: bool, end: usize) -> bool {
        let Some(last) = self.entries.last_mut().filter(|last| last.waits) else { return false };
        if !indented || quotes_code(bare) {
            if let Some(number) = line_of_code(bare).filter(|_| !last.object.contains_key("line")) {
                last.object.insert("line".to_string(), Value::from(number));
            }
            last.waits = false;
            last.end = if indented { end } else { last.end };
            return indented;
        }
        let words = bare.trim_start_matches(['•', '·', '-', '*', ' ']);
        let key = match last.object.get("message").and_then(Value::as_str) {
            Some("") | None => "message",
            Some(message) if !message.ends_with(['.', ':', '!', '?']) && !bare.starts_with(['•', '·']) => {
                let whole = format!("{message} {words}");
                last.object.insert("message".to_string(), Value::from(whole));
                last.end = end;
                return true;
            }
            Some(_) => "",
        };
        if !key.is_empty() {
            last.object.insert(key.to_string(), Value::from(words));
        }
        last.end = end;
        true
    }
}

/// `a.py:8 in public function `long`:` has its message below.
fn scoped<'a>(bare: &str, mut found: Remark<'a>) -> Remark<'a> {
    if found.title.starts_with("in ") && bare.ends_with(':') {
        found.title = "";
    }
    found
}

/// `41┆ code`, `41 | code`: the number of a line of code that is quoted.
fn line_of_code(bare: &str) -> Option<u32> {
    let end = bare.find(|c: char| !c.is_ascii_digit())?;
    quotes_code(bare).then(|| bare[..end].parse().ok())?
}

/// `a.c:3: note: …` behind an error or a warning explains it: at its place, or wherever it
/// points if it is a compiler's that quotes the code. Of others, and with a rule of its own,
/// a note is a remark.
fn explains(line: &str, note: &Entry, last: &Entry) -> bool {
    let same = |key: &str| note.object.get(key) == last.object.get(key);
    line.contains(": note: ")
        && (note.rule.is_none() || note.rule == last.rule)
        && (last.quotes || same("file") && same("line"))
        && last.object.get("severity").is_some_and(|level| level != "info")
}

#[cfg(test)]
mod tests;
