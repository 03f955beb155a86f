//! Reading typed values out of a [`Node`], collecting every problem on the way:
//! nothing stops at the first one.

use std::collections::BTreeSet;

use base::suggestion::nearest;
use base::text::visible;

use crate::diagnostic::Diagnostic;
use crate::document::{Entry, Node, Source, Value};

mod convert;

pub(crate) use convert::*;

/// A value and its place in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found<T> {
    pub at: usize,
    pub value: T,
}

/// A value that was read, without its place.
pub(crate) fn value<T>(found: Option<Found<T>>) -> Option<T> {
    found.map(|found| found.value)
}

/// The entries of one table, and what people call it.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    pub at: usize,
    pub what: String,
    pub entries: &'a [Entry],
}

/// Collects the problems of a file, and of those it takes over from. Places of
/// later files follow those of the first, as if they were one text.
#[derive(Debug)]
pub(crate) struct Reader<'s> {
    source: &'s Source,
    more: Vec<(usize, Source)>,
    problems: Vec<(usize, Diagnostic)>,
    /// What to do where nothing more precise is known: where to see how it is written.
    help: Option<&'static str>,
}

impl<'s> Reader<'s> {
    pub(crate) fn new(source: &'s Source) -> Self {
        Reader { source, more: Vec::new(), problems: Vec::new(), help: None }
    }

    /// The hint for problems that have none of their own.
    #[must_use]
    pub(crate) fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }

    /// Adds another file; what its places are to be shifted by.
    pub(crate) fn add_source(&mut self, source: Source) -> usize {
        let end = self.more.last().map_or(self.source.text.len(), |(base, last)| base + last.text.len());
        let base = end + 1;
        self.more.push((base, source));
        base
    }

    fn make(&self, at: usize, message: impl Into<String>) -> Diagnostic {
        let problem = match self.more.iter().rev().find(|(base, _)| *base <= at) {
            Some((base, source)) => source.problem(at - base, message),
            None => self.source.problem(at, message),
        };
        Diagnostic { hint: self.help.map(str::to_owned), ..problem }
    }

    /// Records a problem at a place of the file.
    pub(crate) fn problem(&mut self, at: usize, message: impl Into<String>) {
        let problem = self.make(at, message);
        self.problems.push((at, problem));
    }

    /// The same with the nearest of the known names as a hint.
    pub(crate) fn problem_near<'c>(
        &mut self,
        at: usize,
        message: impl Into<String>,
        wrong: &str,
        known: impl IntoIterator<Item = &'c str>,
    ) {
        let problem = self.make(at, message).suggest(nearest(wrong, known).map(visible));
        self.problems.push((at, problem));
    }

    /// Records a problem found elsewhere, at a place of this file.
    pub(crate) fn problem_from(&mut self, at: usize, problem: &Diagnostic) {
        let mut here = self.make(at, problem.to_string());
        here.hint = problem.hint.clone().or(here.hint);
        self.problems.push((at, here));
    }

    pub(crate) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// All problems, in the order of the file.
    pub(crate) fn into_problems(mut self) -> Vec<Diagnostic> {
        self.problems.sort_by_key(|(at, _)| *at);
        self.problems.into_iter().map(|(_, problem)| problem).collect()
    }

    /// The value as a table.
    pub(crate) fn table<'a>(&mut self, node: &'a Node, what: impl Into<String>) -> Option<Fields<'a>> {
        let what = what.into();
        if let Value::Table(entries) = &node.value {
            return Some(Fields { at: node.at, what, entries });
        }
        self.problem(node.at, format!("{what}: expected a table, found {}", node.value.kind()));
        None
    }

    /// Checks that every key is a known one and given once.
    pub(crate) fn known(&mut self, fields: &Fields<'_>, keys: &[&str]) {
        let mut seen = BTreeSet::new();
        for entry in fields.entries {
            let key = visible(&entry.key);
            if !keys.contains(&entry.key.as_str()) {
                let message = format!("unknown key '{key}' in {}", fields.what);
                self.problem_near(entry.key_at, message, &entry.key, keys.iter().copied());
            } else if !seen.insert(entry.key.as_str()) {
                self.problem(entry.key_at, format!("key '{key}' is given twice in {}", fields.what));
            }
        }
    }

    /// The value of a key, converted.
    pub(crate) fn optional<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<Found<T>> {
        let node = fields.node(key)?;
        match convert(&node.value) {
            Ok(value) => Some(Found { at: node.at, value }),
            Err(why) => {
                self.problem(node.at, format!("'{key}' in {}: {why}", fields.what));
                None
            }
        }
    }

    /// The same; it is a problem if the key is missing.
    pub(crate) fn required<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<Found<T>> {
        if fields.node(key).is_none() {
            self.problem(fields.at, format!("{} has no '{key}'", fields.what));
            return None;
        }
        self.optional(fields, key, convert)
    }

    /// Each value of a list, with its place.
    pub(crate) fn list<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        convert: impl Fn(&Value) -> Result<T, String>,
    ) -> Option<Vec<Found<T>>> {
        let node = fields.node(key)?;
        let Value::List(items) = &node.value else {
            let found = node.value.kind();
            self.problem(node.at, format!("'{key}' in {}: expected a list, found {found}", fields.what));
            return None;
        };
        let mut out = Vec::with_capacity(items.len());
        for item in items {
            match convert(&item.value) {
                Ok(value) => out.push(Found { at: item.at, value }),
                Err(why) => self.problem(item.at, format!("'{key}' in {}: {why}", fields.what)),
            }
        }
        Some(out)
    }
}

impl<'a> Fields<'a> {
    pub(crate) fn node(&self, key: &str) -> Option<&'a Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse_json;

    #[test]
    fn unknown_and_double_keys_are_problems_with_places() {
        let source =
            Source { name: "f".into(), text: "{\"report\": 1,\n \"reprot\": 2, \"report\": 3}".into() };
        let node = parse_json(&source).unwrap();
        let mut reader = Reader::new(&source);
        let fields = reader.table(&node, "the template").unwrap();
        reader.known(&fields, &["report", "role"]);
        let problems = reader.into_problems();
        assert_eq!(problems.len(), 2);
        assert_eq!(problems[0].hint.as_deref(), Some("did you mean 'report'?"));
        assert_eq!(problems[0].place, Some((2, 2)));
        assert!(problems[1].message.contains("twice"));
    }
}
