//! Whether a value was checked before it is used: an `if` around the use, or
//! one before it that leaves, whose condition names the value and looks like a
//! check. Crude on purpose: a doubtful finding is worse than a missing one.

use crate::flow::{grammar, names};
use crate::tree::Node;

/// A guard is looked for so many levels and statements away: nobody sees one that is further.
const LEVELS: usize = 100;
const STATEMENTS: usize = 1_000;
/// Of an argument so many parts are looked at.
const PARTS: usize = 8;

/// Words that make a condition a check of a value.
const CHECKS: [&str; 18] = [
    "safe",
    "valid",
    "allow",
    "whitelist",
    "permitted",
    "startswith",
    "includes",
    "match",
    "test(",
    ".has(",
    " in ",
    "contains",
    "hasprefix",
    "islocal",
    "equals(",
    "commonpath",
    "is_relative_to",
    "starts_with",
];

/// A condition on one of these says nothing about the value taken from it.
const CARRIERS: [&str; 10] = ["request", "req", "ctx", "event", "self", "flask", "os", "path", "r", "c"];

/// The variables among these that say something about a value.
pub(super) fn variables<'t>(nodes: impl Iterator<Item = Node<'t>>) -> Vec<String> {
    let names = nodes.filter(is_variable).map(|node| node.text().into_owned());
    names.filter(|name| !CARRIERS.contains(&name.as_str())).collect()
}

/// Whether one of these names was checked on the way to the argument.
pub(super) fn is_checked(argument: &Node<'_>, names: &[String]) -> bool {
    // A part of a request has no name of its own: the code that takes it is as good.
    let parts: Vec<String> = argument
        .dfs()
        .filter(|node| matches!(node.kind().as_ref(), "member_expression" | "attribute" | "subscript"))
        .map(|node| node.text().into_owned())
        .take(PARTS)
        .collect();
    is_guarded(argument, |branch, _| checks(branch, names, &parts)) || is_replaced(argument, names)
}

/// Whether an `if` before the argument checks a name, and gives it another value where the
/// check fails.
fn is_replaced(argument: &Node<'_>, names: &[String]) -> bool {
    let replaces = |before: &Node<'_>| {
        let otherwise = before.field("alternative").filter(|_| checks(before, names, &[]));
        otherwise.is_some_and(|otherwise| {
            otherwise.dfs().any(|node| {
                matches!(node.kind().as_ref(), "assignment" | "assignment_expression")
                    && node.field("left").is_some_and(|left| names.iter().any(|name| left.text() == *name))
            })
        })
    };
    std::iter::once(argument.clone())
        .chain(argument.ancestors())
        .take(LEVELS)
        .any(|node| node.prev_all().take(STATEMENTS).any(|before| is_if(&before.kind()) && replaces(&before)))
}

/// Whether an expression takes a value where it is checked, and another where it is not.
pub(super) fn chooses(expression: &Node<'_>) -> bool {
    let is_it = matches!(expression.kind().as_ref(), "ternary_expression" | "conditional_expression");
    is_it
        && grammar::branches(expression).iter().any(|branch| {
            let names: Vec<String> = std::iter::once(branch.clone())
                .filter(|branch| {
                    matches!(branch.kind().as_ref(), "identifier" | "member_expression" | "attribute")
                })
                .map(|branch| branch.text().into_owned())
                .collect();
            checks(expression, &names, &names)
        })
}

/// Whether one of these names can only be what is written in the code: it is compared
/// with a literal, or looked up in a list. `is_fixed`: whether a list of this name is
/// written in the code.
pub(super) fn is_listed(argument: &Node<'_>, names: &[String], is_fixed: &dyn Fn(&str) -> bool) -> bool {
    is_guarded(argument, |branch, part| {
        let Some(condition) = condition_of(branch) else { return false };
        let Some(consequence) = branch.field("consequence") else { return false };
        let is_not = part.is_none_or(|part| part.node_id() != consequence.node_id());
        let text = condition.text();
        // Of several conditions one is not enough, or not needed.
        let is_one =
            if is_not { [" and ", "&&"] } else { [" or ", "||"] }.iter().all(|word| !text.contains(word));
        is_one && names.iter().any(|name| lists(&text, name, is_not, is_fixed))
    })
}

/// Whether one of these names was checked to be one text in quotes, from its first to its
/// last character.
pub(super) fn is_quoted(argument: &Node<'_>, names: &[String]) -> bool {
    is_guarded(argument, |branch, part| {
        let text = condition_of(branch).map(|condition| condition.text().into_owned()).unwrap_or_default();
        let holds = |method: &str| {
            names.iter().any(|name| {
                ["'\\''", "\"'\"", "'\"'"]
                    .iter()
                    .any(|quote| text.contains(&format!("not {name}.{method}({quote})")))
            })
        };
        part.is_none() && !text.contains(" and ") && holds("startswith") && holds("endswith")
    })
}

/// A condition `NAME in (…)`, `NAME == "…"`, `LIST.includes(NAME)`; `is_not`: that it is not.
fn lists(condition: &str, name: &str, is_not: bool, is_fixed: &dyn Fn(&str) -> bool) -> bool {
    let text =
        condition.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(condition).trim();
    let (text, is_turned) = match text.strip_prefix("not ").or_else(|| text.strip_prefix('!')) {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let is_literal = |text: &str| text.starts_with(['"', '\'']);
    let is_list = |text: &str| {
        let word = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        text.starts_with(['(', '[', '{']) || names::is_constant_name(word) && is_fixed(word)
    };
    let behind = text.strip_prefix(name).map(str::trim_start).unwrap_or_default();
    let found = [
        (behind.strip_prefix("in ").is_some_and(is_list), false),
        (behind.strip_prefix("not in ").is_some_and(is_list), true),
        (
            behind
                .strip_prefix("===")
                .or_else(|| behind.strip_prefix("=="))
                .is_some_and(|rest| is_literal(rest.trim())),
            false,
        ),
        (
            behind
                .strip_prefix("!==")
                .or_else(|| behind.strip_prefix("!="))
                .is_some_and(|rest| is_literal(rest.trim())),
            true,
        ),
        (
            ["includes", "has", "contains"].iter().any(|method| {
                text.split_once(&format!(".{method}({name})")).is_some_and(|(list, _)| is_list(list))
            }),
            false,
        ),
    ];
    found.iter().any(|(is_it, is_other)| *is_it && (*is_other != is_turned) == is_not)
}

/// Whether an `if` around the argument guards it, by the part of it that this is in, or
/// one before it that leaves (also one in a `try` before it).
fn is_guarded<'t>(argument: &Node<'t>, guards: impl Fn(&Node<'t>, Option<&Node<'t>>) -> bool) -> bool {
    let leaves_before = |before: &Node<'t>| is_if(&before.kind()) && guards(before, None) && leaves(before);
    let mut current = argument.clone();
    for parent in argument.ancestors().take(LEVELS) {
        if is_if(&parent.kind()) && guards(&parent, Some(&current)) {
            return true;
        }
        for before in current.prev_all().take(STATEMENTS) {
            let tried = before.field("body").filter(|_| before.kind() == "try_statement");
            if leaves_before(&before)
                || tried.is_some_and(|body| body.children().any(|one| leaves_before(&one)))
            {
                return true;
            }
        }
        current = parent;
    }
    false
}

/// Python calls the name behind the dot an identifier too.
fn is_variable(node: &Node<'_>) -> bool {
    let is_behind_dot = node
        .parent()
        .and_then(|parent| parent.field("attribute"))
        .is_some_and(|attribute| attribute.node_id() == node.node_id());
    node.kind() == "identifier" && !is_behind_dot
}

fn is_if(kind: &str) -> bool {
    matches!(kind, "if_statement" | "if_expression" | "ternary_expression" | "conditional_expression")
}

/// Python's `a if condition else b` has no names for its parts.
fn condition_of<'t>(branch: &Node<'t>) -> Option<Node<'t>> {
    branch.field("condition").or_else(|| {
        let is_it = branch.kind() == "conditional_expression";
        branch.named_children().filter(|_| is_it).nth(1)
    })
}

fn checks(branch: &Node<'_>, names: &[String], parts: &[String]) -> bool {
    let Some(condition) = condition_of(branch) else {
        return false;
    };
    let mentions =
        condition.dfs().any(|node| is_variable(&node) && names.iter().any(|name| node.text() == *name));
    let text = condition.text();
    let mentions =
        mentions || parts.iter().any(|part| part.matches('.').count() > 1 && text.contains(part.as_str()));
    let text = text.to_ascii_lowercase();
    mentions && CHECKS.iter().any(|word| text.contains(word))
}

/// Whether the branch ends this way through the code.
fn leaves(branch: &Node<'_>) -> bool {
    branch.field("consequence").is_some_and(|body| {
        body.dfs().any(|node| {
            matches!(
                node.kind().as_ref(),
                "return_statement"
                    | "raise_statement"
                    | "throw_statement"
                    | "return_expression"
                    | "continue_statement"
            ) || (node.kind() == "identifier" && node.text() == "abort")
        })
    })
}
