//! Variables in prompts: `{{project}}`, `{{files}}`, `{{issues}}`, `{{params.k}}`,
//! and `{{item}}` for an agent with `forEach`.
//!
//! A variable is `{{name}}` in lower case, without spaces. Other double braces
//! (`{{ user.name }}`, `{{#if}}`) are text of the prompt, so that a prompt may
//! speak of templates. An unknown variable in a template's prompt is an error at the
//! start. In an agent file, which may have been written for another program, it is
//! text; one that looks like a slip is told.

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

/// May this stand between the braces of a variable?
pub fn is_variable(name: &str) -> bool {
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
