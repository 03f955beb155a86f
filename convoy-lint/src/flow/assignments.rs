//! What is assigned in a scope, and which names are only read there.

use std::collections::HashMap;

use crate::flow::containers;
use crate::flow::grammar::{self, named};
use crate::flow::scopes::{Assignment, Via, block_of, is_scope};
use crate::tree::Node;

/// How often each name stands, in a scope and in the functions inside it, where it may be
/// given a value: everywhere but where it is only read. Its own declaration is one of them,
/// `n++`, `&n`, `nonlocal n` and an assignment in a callback are others.
pub(super) fn writes(scope: &Node<'_>, budget: &mut usize) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    for node in scope.dfs().take(*budget) {
        *budget -= 1;
        let is_name = matches!(
            node.kind().as_ref(),
            "identifier" | "shorthand_property_identifier_pattern" | "pattern_identifier"
        );
        if is_name && !is_read(&node) {
            *found.entry(node.text().into_owned()).or_default() += 1;
        }
    }
    found
}

/// Is a name surely only read here? What is not known to read may write.
fn is_read(name: &Node<'_>) -> bool {
    const READS: [&str; 23] = [
        "argument_list",
        "arguments",
        "attribute",
        "binary_expression",
        "binary_operator",
        "boolean_operator",
        "comparison_operator",
        "conditional_expression",
        "field_access",
        "interpolation",
        "keyword_argument",
        "literal_element",
        "match_statement",
        "member_expression",
        "method_invocation",
        "not_operator",
        "parenthesized_expression",
        "return_statement",
        "selector_expression",
        "subscript",
        "subscript_expression",
        "template_substitution",
        "ternary_expression",
    ];
    let mut place = name.clone();
    while let Some(list) = place.parent().filter(|list| list.kind() == "expression_list") {
        place = list;
    }
    let Some(around) = place.parent() else { return false };
    let kind = around.kind();
    let is = |field: &str| around.field(field).is_some_and(|at| at.node_id() == place.node_id());
    READS.contains(&kind.as_ref())
        || is("condition")
        || is("right")
        || is("value")
        || kind == "unary_expression" && around.text().starts_with(['!', '-'])
}

/// Every assignment in a scope, not in the functions inside it.
pub(super) fn of<'t>(scope: &Node<'t>, budget: &mut usize) -> Vec<Assignment<'t>> {
    let mut found = Vec::new();
    let mut pending: Vec<Node<'t>> = scope.named_children().collect();
    pending.reverse();
    while let Some(node) = pending.pop() {
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        note_assignment(&node, &mut found);
        if !is_scope(&node.kind()) {
            let mut children: Vec<Node<'t>> = node.named_children().collect();
            children.reverse();
            pending.extend(children);
        }
    }
    found
}

fn note_assignment<'t>(node: &Node<'t>, found: &mut Vec<Assignment<'t>>) {
    found.extend(containers::put_by(node));
    let (left, right, via) = match node.kind().as_ref() {
        "assignment" | "assignment_expression" | "short_var_declaration" | "assignment_statement" => {
            // Java and Go have `+=` as one of these.
            let operator =
                node.field("operator").map_or(String::new(), |operator| operator.text().into_owned());
            let via = if operator.len() > 1 && operator != ":=" { Via::Added } else { Via::Whole };
            (node.field("left").map(only), node.field("right").map(only), via)
        }
        "augmented_assignment" | "augmented_assignment_expression" | "compound_assignment_expr" => {
            (node.field("left"), node.field("right"), Via::Added)
        }
        "let_declaration" | "let_condition" => (node.field("pattern"), node.field("value"), Via::Whole),
        "named_expression"
        | "variable_declarator"
        | "const_item"
        | "static_item"
        | "var_spec"
        | "const_spec"
        | "resource" => (node.field("name"), node.field("value").map(only), Via::Whole),
        "range_clause" => (node.field("left"), node.field("right"), Via::Element),
        "enhanced_for_statement" => (node.field("name"), node.field("value"), Via::Element),
        "for_statement" | "for_in_statement" | "for_in_clause" => {
            (node.field("left"), node.field("right"), Via::Element)
        }
        "for_expression" => (node.field("pattern"), node.field("value"), Via::Element),
        "as_pattern" => (node.field("alias"), named(node).into_iter().next(), Via::Whole),
        _ => return,
    };
    let (Some(left), Some(value)) = (left, right) else {
        return;
    };
    let block = block_of(node);
    let end = node.range().end.min(if via == Via::Element { value.range().end } else { usize::MAX });
    let plain = matches!(left.kind().as_ref(), "identifier" | "as_pattern_target");
    if plain {
        let name = left.text().into_owned();
        found.push(Assignment { name, value, via, end, block, key: None });
        return;
    }
    // One element of it.
    if let Some((object, key)) = grammar::element(&left).or_else(|| grammar::property(&left))
        && object.kind() == "identifier"
    {
        let name = object.text().into_owned();
        let via = if via == Via::Whole { Via::Part } else { via };
        found.push(Assignment { name, value, via, end, block, key });
        return;
    }
    for target in left.dfs().filter(|child| {
        matches!(child.kind().as_ref(), "identifier" | "shorthand_property_identifier_pattern")
    }) {
        let via = if via == Via::Whole { Via::Part } else { via };
        let name = target.text().into_owned();
        found.push(Assignment { name, value: value.clone(), via, end, block, key: None });
    }
}

/// The only one of several values.
fn only(list: Node<'_>) -> Node<'_> {
    match list.kind().as_ref() {
        "expression_list" if named(&list).len() == 1 => named(&list).pop().unwrap_or(list),
        _ => list,
    }
}
