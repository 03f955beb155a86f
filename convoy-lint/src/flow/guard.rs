//! Whether a value was checked before it is used: an `if` around the use, or
//! one before it that leaves, whose condition names the value and looks like a
//! check. Crude on purpose: a doubtful finding is worse than a missing one.

use crate::scan::Node;

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

/// Whether one of the names in this argument was checked on the way to it.
pub(super) fn is_checked(argument: &Node<'_>) -> bool {
    let names: Vec<String> = argument
        .dfs()
        .filter(is_variable)
        .map(|node| node.text().into_owned())
        .filter(|name| !CARRIERS.contains(&name.as_str()))
        .collect();
    let mut current = argument.clone();
    while let Some(parent) = current.parent() {
        if is_if(&parent.kind()) && checks(&parent, &names) {
            return true;
        }
        let leaves_before = current
            .prev_all()
            .any(|before| is_if(&before.kind()) && leaves(&before) && checks(&before, &names));
        if leaves_before {
            return true;
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

fn checks(branch: &Node<'_>, names: &[String]) -> bool {
    let Some(condition) = branch.field("condition") else {
        return false;
    };
    let mentions =
        condition.dfs().any(|node| is_variable(&node) && names.iter().any(|name| node.text() == *name));
    let text = condition.text().to_ascii_lowercase();
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
