//! Lines that are no remark: the file or the line that the next ones are about, code that is
//! quoted, and what tools print around it.

use super::context::{
    self, counts_kind, is_context, is_rule, marks_code, numbered_code, quotes_code, summed,
};
use super::line::{Remark, code_heading, file_heading, object, rule_heading};
use super::{Entry, Open, Reader, WRAPPED};

impl Reader {
    /// `None`: it is none of a tool's.
    pub(super) fn other(&mut self, bare: &str, indented: bool, start: usize, end: usize) -> Option<()> {
        if let Some((file, number)) = code_heading(bare) {
            (self.file, self.number) = (Some(file.to_string()), Some(number));
        } else if let Some((severity, rule)) = rule_heading(bare)
            && let Some(file) = &self.file
        {
            let found = Remark {
                file: Some(file),
                line: None,
                severity: Some(severity),
                rule: Some(rule),
                title: "",
            };
            let object = object(&found);
            self.open.clear();
            self.entries.push(Entry {
                object,
                start,
                end,
                waits: true,
                in_columns: false,
                quotes: false,
                rule: None,
            });
        } else if let Some(number) = numbered_code(bare).filter(|_| self.file.is_some()) {
            self.number = Some(number);
        } else if let Some(file) = file_heading(bare) {
            (self.file, self.number) = (Some(file.to_string()), None);
        } else if let Some(count) = bare.strip_prefix("Suppressed ").and_then(summed) {
            self.suppressed += count;
        } else if let Some(last) = self.entries.last_mut().filter(|_| marks_code(bare)) {
            last.end = end;
            last.quotes = true;
        } else if is_context(bare) || indented || is_rule(bare) || self.quotes_change(bare) {
            if let Some(last) = self.entries.last_mut().filter(|_| indented) {
                last.end = end;
                last.quotes |= quotes_code(bare) || !self.open.is_empty();
            }
        } else if self.stated.is_some() && counts_kind(bare) {
            // `* errcheck: 1` below the sum.
        } else if bare.starts_with(['#', '|', '>', '`']) || bare.starts_with("- ") {
            return None;
        } else if let Some(file) = crate::signs::file_line(bare) {
            // `[2/7] src/a.cpp ... 2 remarks`
            (self.file, self.number) = (Some(file), None);
        } else {
            self.unknown(bare);
        }
        Some(())
    }

    /// A line that may be the rest of a remark, or one that cannot be read.
    pub(super) fn unknown(&mut self, bare: &str) {
        let sums_up = context::sums_up(bare);
        let placed = !sums_up && crate::signs::has_line_place(bare);
        self.others += usize::from(!sums_up);
        self.placed_others += usize::from(placed);
        if self.open.len() <= WRAPPED {
            self.open.push(Open { text: bare.to_string(), placed });
        }
        self.stated = self.stated.max(summed(bare));
        self.suppressed += context::hidden(bare);
    }

    /// `help: Sort the imports`, `note: It may change what is run`, `Details: https://…`, below
    /// a remark and its code: a part of it.
    pub(super) fn advises(&mut self, bare: &str, end: usize) -> bool {
        let is_advice =
            ["help: ", "note: ", "info: ", "Details: http"].iter().any(|said| bare.starts_with(said));
        let last = self.entries.last_mut().filter(|last| last.quotes && is_advice);
        last.map(|last| last.end = end).is_some()
    }

    /// `3 + code`: how the code would be better, below a remark that quotes it.
    fn quotes_change(&self, bare: &str) -> bool {
        let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
        let changed = rest.len() < bare.len() && rest.trim_start().starts_with(['+', '-']);
        self.entries.last().is_some_and(|last| last.quotes) && changed
    }
}
