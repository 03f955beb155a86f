//! Whether an address goes where the program says, whatever is put in behind.

use crate::flow::DataFlow;
use crate::flow::grammar::{self, Role, literal, named};
use crate::flow::scopes::{self, Via};
use crate::tree::Node;

/// How far the beginning of a text is followed.
const DEPTH: usize = 8;

impl<'t> DataFlow<'t> {
    /// The host of an address, or that it is a path of this site, is decided by its beginning:
    /// does the request write it?
    pub(super) fn is_anchored(&mut self, node: &Node<'t>, depth: usize) -> bool {
        if depth > DEPTH || self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        let depth = depth + 1;
        if let Some(text) = literal(node) {
            return names_host(&text);
        }
        match node.kind().as_ref() {
            "string" | "template_string" => self.is_anchored_text(node, depth),
            "binary_operator" | "binary_expression" => match (node.field("left"), node.field("operator")) {
                (Some(left), Some(operator)) if operator.text() == "+" => self.is_anchored(&left, depth),
                (Some(left), Some(operator)) if operator.text() == "%" => {
                    let text = literal(&left).unwrap_or_default();
                    names_host(text.split('%').next().unwrap_or_default())
                }
                _ => !self.value(node, depth).is_source(),
            },
            // `new URL("/path", base)`
            "new_expression" => {
                let arguments = node.field("arguments").map(|list| named(&list)).unwrap_or_default();
                match arguments.as_slice() {
                    [path] | [path, _] => self.is_anchored(path, depth),
                    _ => false,
                }
            }
            "identifier" => match self.first_value(node) {
                Some(value) => self.is_anchored(&value, depth),
                None => !self.value(node, depth).is_source(),
            },
            _ => match grammar::role(self.family, node) {
                Role::Same(inner) => self.is_anchored(&inner, depth),
                Role::Call { callee, receiver: Some(receiver), .. } if callee == "format" => {
                    let text = literal(&receiver).unwrap_or_default();
                    names_host(text.split('{').next().unwrap_or_default())
                }
                Role::Call { callee, arguments, .. } if callee == "join" => {
                    let first = arguments.first().and_then(|list| named(list).into_iter().next());
                    first.is_some_and(|first| self.is_anchored(&first, depth))
                }
                _ => !self.value(node, depth).is_source(),
            },
        }
    }

    /// A text that values are put into.
    fn is_anchored_text(&mut self, node: &Node<'t>, depth: usize) -> bool {
        let is_part =
            |part: &Node<'t>| matches!(part.kind().as_ref(), "interpolation" | "template_substitution");
        let Some(part) = named(node).into_iter().find(is_part) else { return true };
        let text = node.text();
        let before = text.get(..part.range().start - node.range().start).unwrap_or_default();
        let before = before.trim_start_matches(['f', 'F', 'r', 'R', '"', '\'', '`']);
        if !before.is_empty() {
            return names_host(before);
        }
        named(&part).into_iter().next().is_some_and(|inner| self.is_anchored(&inner, depth))
    }

    /// What a name is given before anything is added to it.
    fn first_value(&mut self, name: &Node<'t>) -> Option<Node<'t>> {
        let text = name.text().into_owned();
        let all = self.assignments(&scopes::scope(name)?);
        let mut own = all.iter().filter(|found| found.name == text && found.via == Via::Whole);
        let only = own.next().filter(|_| own.next().is_none())?;
        Some(only.value.clone())
    }
}

/// `https://host/…`, or a path of this site.
fn names_host(text: &str) -> bool {
    let behind = match text.split_once("//") {
        Some((scheme, behind)) if scheme.is_empty() || scheme.ends_with(':') => behind,
        Some(_) | None => {
            return text.len() > 1 && text.starts_with(['/', '?', '#']) && !text.starts_with("/\\");
        }
    };
    behind.split_once(['/', '?', '#']).is_some_and(|(host, _)| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_address_names_its_host_or_not() {
        for (text, expected) in [
            ("https://example.org/", true),
            ("https://example.org/users/", true),
            ("//example.org/", true),
            ("/users/", true),
            ("?page=", true),
            ("https://example.org?to=", true),
            ("https://example.org", false),
            ("https://", false),
            ("/", false),
            ("//", false),
            ("/\\", false),
            ("", false),
        ] {
            assert_eq!(names_host(text), expected, "{text}");
        }
    }
}
