//! Variables in prompts: `{{project}}`, `{{files}}`, `{{issues}}`, `{{params.k}}`,
//! and `{{item}}` for an agent with `forEach`.
//!
//! A variable is `{{name}}` in lower case, without spaces. Other double braces
//! (`{{ user.name }}`, `{{#if}}`) are text of the prompt, so that a prompt may
//! speak of templates. An unknown variable is an error at the start, never
//! something an agent gets to read.

use crate::problem::Problem;
use crate::suggestion::nearest;

/// The variables every prompt has.
pub const NAMES: [&str; 3] = ["project", "files", "issues"];
/// The item of an agent with `forEach`.
pub const ITEM: &str = "item";

/// A piece of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    /// The name between the braces and where its `{{` is, in bytes.
    Variable(&'a str, usize),
}

/// Cuts a prompt into text and variables.
pub fn pieces(prompt: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut text_from = 0;
    let mut at = 0;
    while let Some(open) = prompt[at..].find("{{").map(|i| at + i) {
        let inside = &prompt[open + 2..];
        let name = inside.split("}}").next().unwrap_or_default();
        if name.len() < inside.len() && is_variable(name) {
            if text_from < open {
                out.push(Piece::Text(&prompt[text_from..open]));
            }
            out.push(Piece::Variable(name, open));
            at = open + name.len() + 4;
            text_from = at;
        } else {
            at = open + 1;
        }
    }
    if text_from < prompt.len() {
        out.push(Piece::Text(&prompt[text_from..]));
    }
    out
}

/// What a prompt may speak of besides [`NAMES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// An agent file: which params there are depends on the template that uses it.
    AgentFile,
    /// A prompt within a template.
    Template {
        params: Vec<String>,
        /// The agent has `forEach`: there is `{{item}}`.
        item: bool,
    },
}

impl Scope {
    fn knows(&self, name: &str) -> bool {
        let param = name.strip_prefix("params.");
        NAMES.contains(&name)
            || match self {
                Scope::AgentFile => name == ITEM || param.is_some(),
                Scope::Template { params, item } => {
                    (*item && name == ITEM)
                        || param.is_some_and(|param| params.iter().any(|known| known == param))
                }
            }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = NAMES.map(str::to_owned).into();
        if let Scope::Template { params, item } = self {
            names.extend(params.iter().map(|param| format!("params.{param}")));
            names.extend(item.then(|| ITEM.to_owned()));
        }
        names
    }
}

/// The variables that do not exist, with the place of each in the prompt.
pub fn check(prompt: &str, scope: &Scope) -> Vec<(usize, Problem)> {
    let unknown = pieces(prompt).into_iter().filter_map(|piece| match piece {
        Piece::Variable(name, at) if !scope.knows(name) => Some((name, at)),
        Piece::Variable(..) | Piece::Text(_) => None,
    });
    let names = scope.names();
    let problem = |(name, at): (&str, usize)| {
        let problem = Problem::new(format!("the prompt has an unknown variable '{{{{{name}}}}}'"));
        let hint = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean '{{{{{near}}}}}'?"),
            None if name.starts_with("params.") => "declare it in the template's 'params'".to_owned(),
            None if name == ITEM => "only an agent with 'forEach' has it".to_owned(),
            None => format!("if it is meant as text, write '{{{{ {name} }}}}'"),
        };
        (at, problem.hint(hint))
    };
    unknown.map(problem).collect()
}

fn is_variable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::Piece::{Text, Variable};
    use super::*;

    #[test]
    fn prompts_are_cut_at_variables() {
        let cases: [(&str, Vec<Piece<'_>>); 8] = [
            ("", vec![]),
            ("no variable", vec![Text("no variable")]),
            ("{{files}}", vec![Variable("files", 0)]),
            ("a {{params.k}} b", vec![Text("a "), Variable("params.k", 2), Text(" b")]),
            ("{{ user.name }}", vec![Text("{{ user.name }}")]),
            ("{{#if x}}", vec![Text("{{#if x}}")]),
            ("{{{files}}", vec![Text("{"), Variable("files", 1)]),
            ("{{files", vec![Text("{{files")]),
        ];
        for (prompt, want) in cases {
            assert_eq!(pieces(prompt), want, "{prompt}");
        }
    }
}
