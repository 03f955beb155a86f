//! By what a finding is known again when lines have moved: the code around it, as far as
//! it says the same.

use findings::comment::{Syntax, is_quiet};

use crate::finding::Spot;
use crate::tree::Node;

/// A finding is known again by its statement, but by none that is larger (bytes).
const STATEMENT: usize = 20_000;
/// … and by its lines, as far as these.
const LINES: usize = 400;

/// Of matched code; its lines come from the file ([`lines`]).
pub(crate) fn of(matched: &Node<'_>) -> Spot {
    Spot { item: item(matched), lines: String::new(), statement: statement(matched) }
}

/// The code of the lines from `first` to `last` (from 1) of a file, without layout.
pub(crate) fn lines(syntax: Option<Syntax>, lines: &[&str], first: usize, last: usize) -> String {
    let end = last.min(lines.len()).min(first + LINES);
    let own = lines.get(first - 1..end).unwrap_or_default();
    squeezed(&own.iter().map(|line| without_comment(syntax, line)).collect::<String>())
}

/// The names of the items around a node, the outermost first.
fn item(node: &Node<'_>) -> String {
    let name = |around: Node<'_>| {
        let field = if around.kind() == "impl_item" { "type" } else { "name" };
        around.field(field).map(|name| squeezed(&name.text()))
    };
    let mut names: Vec<String> = node.ancestors().filter_map(name).collect();
    names.reverse();
    names.join(".")
}

/// What holds one statement behind the other.
const BLOCKS: [&str; 9] = [
    "program",
    "module",
    "source_file",
    "block",
    "statement_block",
    "class_body",
    "declaration_list",
    "switch_case",
    "switch_default",
];

/// The code of the statement that a node is, or is in.
fn statement(node: &Node<'_>) -> String {
    let mut statement = node.clone();
    let is_part =
        |parent: &Node<'_>| !BLOCKS.contains(&parent.kind().as_ref()) && parent.range().len() <= STATEMENT;
    while let Some(parent) = statement.parent().filter(is_part) {
        statement = parent;
    }
    code(&statement)
}

/// The text of a node without the comments in it and without its layout.
fn code(node: &Node<'_>) -> String {
    let is_comment = |node: &Node<'_>| node.kind().contains("comment");
    let text = node.text();
    if is_comment(node) {
        return squeezed(&text);
    }
    let start = node.range().start;
    let (mut kept, mut at) = (String::new(), 0);
    for comment in node.dfs().filter(is_comment) {
        let range = comment.range();
        // One may be a part of another.
        if let Some(before) = text.get(at..range.start - start) {
            kept.push_str(before);
            at = range.end - start;
        }
    }
    kept.push_str(text.get(at..).unwrap_or_default());
    squeezed(&kept)
}

/// The code of a line. A comment that steers a program is a part of it.
fn without_comment(syntax: Option<Syntax>, line: &str) -> &str {
    let apart = syntax.map(|syntax| syntax.split(line, false));
    apart.filter(|apart| !apart.open && is_quiet(apart.comment)).map_or(line, |apart| apart.code)
}

/// Without blanks, and without the comma that formatters put behind the last of
/// several lines.
fn squeezed(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    for c in code.chars().filter(|c| !c.is_whitespace()) {
        if matches!(c, ')' | ']' | '}') && out.ends_with(',') {
            out.pop();
        }
        out.push(c);
    }
    out
}
