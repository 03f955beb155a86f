//! Whether a value is a text that is written in the code.

use crate::flow::DataFlow;
use crate::flow::grammar::{self, Role, named};
use crate::flow::parameters;
use crate::flow::scopes::{self, Via};
use crate::tree::Node;

/// How far a name is followed.
const DEPTH: usize = 6;
/// Shorter ones are no secrets.
const LEAST: usize = 3;

impl<'t> DataFlow<'t> {
    /// Also by a name that is given one text and nothing else, as an element of a table that
    /// is written in the code, and as bytes.
    pub(super) fn is_literal(&mut self, node: &Node<'t>, depth: usize) -> bool {
        if depth > DEPTH || self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        let depth = depth + 1;
        match node.kind().as_ref() {
            "string" | "template_string" => {
                let text = node.text();
                let inner = text.trim_start_matches(['b', 'B', 'r', 'R']).trim_matches(['"', '\'', '`']);
                let is_whole = !node
                    .children()
                    .any(|part| matches!(part.kind().as_ref(), "interpolation" | "template_substitution"));
                is_whole && inner.len() >= LEAST
            }
            "identifier" => self.only_value(node).is_some_and(|value| self.is_literal(&value, depth)),
            "new_expression" => node.field("arguments").is_some_and(|arguments| {
                named(&arguments).first().is_some_and(|first| self.is_literal(first, depth))
            }),
            _ => match grammar::role(self.family, node) {
                Role::Same(inner) => self.is_literal(&inner, depth),
                Role::Member(object, name) => self.is_literal_entry(&object, &name, depth),
                Role::Element(object, Some(key)) => self.is_literal_entry(&object, &key, depth),
                Role::Call { callee, receiver, arguments } => match (callee.as_str(), receiver) {
                    // `new TextEncoder().encode(text)`, and what it is of Python.
                    ("encode", Some(receiver)) if receiver.text().contains("Encoder") => {
                        arguments.first().is_some_and(|first| self.is_literal(first, depth))
                    }
                    ("encode", Some(receiver)) => self.is_literal(&receiver, depth),
                    ("from", Some(_)) | ("bytes" | "bytearray" | "str", None) => {
                        arguments.first().is_some_and(|first| self.is_literal(first, depth))
                    }
                    _ => false,
                },
                _ => false,
            },
        }
    }

    fn is_literal_entry(&mut self, object: &Node<'t>, key: &str, depth: usize) -> bool {
        let entry = self.only_value(object).and_then(|table| grammar::entry(&table, key));
        entry.is_some_and(|value| self.is_literal(&value, depth))
    }

    /// The one value that a name is ever given, in this scope or in one around it.
    pub(super) fn only_value(&mut self, name: &Node<'t>) -> Option<Node<'t>> {
        let text = (name.kind() == "identifier").then(|| name.text().into_owned())?;
        let mut scope = scopes::scope(name);
        while let Some(current) = scope {
            let all = self.assignments(&current);
            let mut own = all.iter().filter(|found| found.name == text);
            if let Some(only) = own.next() {
                let is_only = own.next().is_none() && only.via == Via::Whole;
                return is_only.then(|| only.value.clone());
            }
            if parameters::parameter(self.family, &current, &text).is_some() {
                return None;
            }
            scope = scopes::scope(&current);
        }
        None
    }
}
