//! What is put into containers: by methods, under other names, by functions that are handed
//! one.

use std::collections::HashSet;

use crate::flow::grammar::{self, named};
use crate::flow::scopes::{Assignment, Via, block_of, is_scope, scope};
use crate::tree::Node;

/// What a call puts into an object.
pub(super) fn put_by<'t>(node: &Node<'t>) -> Vec<Assignment<'t>> {
    match appended(node).or_else(|| put(node)) {
        Some(one) => vec![one],
        None => filled(node),
    }
}

/// `text.append(value)` and `text.WriteString(value)`: the name of the text, and the value.
fn appended<'t>(node: &Node<'t>) -> Option<Assignment<'t>> {
    let (method, mut object) = match node.kind().as_ref() {
        "method_invocation" => (node.field("name")?, node.field("object")?),
        "call_expression" => {
            let function = node.field("function")?;
            (function.field("field")?, function.field("operand")?)
        }
        _ => return None,
    };
    if !matches!(method.text().as_ref(), "append" | "WriteString") {
        return None;
    }
    while object.kind() == "method_invocation" {
        object = object.field("object")?;
    }
    let value = named(&node.field("arguments")?).into_iter().next()?;
    let name = (object.kind() == "identifier").then(|| object.text().into_owned())?;
    Some(Assignment { name, value, via: Via::Added, end: node.range().end, block: None, key: None })
}

/// `map.put("key", value)`, `settings.set("part", "key", value)`.
fn put<'t>(node: &Node<'t>) -> Option<Assignment<'t>> {
    let (method, object) = grammar::method(node)?;
    let name = (object.kind() == "identifier").then(|| object.text().into_owned())?;
    let mut arguments = named(&node.field("arguments")?);
    if !matches!(method.as_str(), "put" | "set") {
        return None;
    }
    let value = arguments.pop()?;
    let key = grammar::key(&arguments)?;
    let block = node.parent().and_then(|statement| block_of(&statement));
    Some(Assignment { name, value, via: Via::Part, end: node.range().end, block, key: Some(key) })
}

/// `list.append(value)`, `set.add(value)`, `table.update(other)`, `Object.assign(table, other)`.
fn filled<'t>(node: &Node<'t>) -> Vec<Assignment<'t>> {
    let Some((method, object)) = grammar::method(node) else { return Vec::new() };
    let mut values = node.field("arguments").map(|list| named(&list)).unwrap_or_default();
    let container = match method.as_str() {
        "append" | "appendleft" | "add" | "extend" | "push" | "unshift" | "update" | "write" => object,
        "insert" | "setdefault" if values.len() == 2 => {
            values.remove(0);
            object
        }
        "assign" if object.text() == "Object" && values.len() > 1 => values.remove(0),
        _ => return Vec::new(),
    };
    if container.kind() != "identifier" {
        return Vec::new();
    }
    let put = |value: Node<'t>, key: Option<String>| Assignment {
        name: container.text().into_owned(),
        value,
        via: Via::Put,
        end: node.range().end,
        block: None,
        key,
    };
    let is_table = matches!(method.as_str(), "update" | "assign");
    let mut found = Vec::new();
    for value in values {
        if value.kind() == "keyword_argument" {
            let key = value.field("name").map(|name| name.text().into_owned());
            found.extend(value.field("value").map(|value| put(value, key)));
        } else if is_table && grammar::is_table(&value) {
            found.extend(named(&value).into_iter().filter_map(|pair| {
                let key = pair.field("key")?;
                let name =
                    grammar::key(std::slice::from_ref(&key)).unwrap_or_else(|| key.text().into_owned());
                Some(put(pair.field("value")?, Some(name)))
            }));
        } else {
            found.push(put(value, None));
        }
    }
    found
}

/// What is put into a container by one of its names is in it by the others.
pub(super) fn share(found: &mut Vec<Assignment<'_>>) {
    let names: Vec<(String, String, usize)> = found
        .iter()
        .filter(|one| one.via == Via::Whole && one.value.kind() == "identifier")
        .map(|one| (one.name.clone(), one.value.text().into_owned(), one.end))
        .collect();
    for (alias, name, since) in names {
        let is_put = |one: &&Assignment<'_>| {
            one.end > since && (one.via == Via::Put || one.via == Via::Part && one.key.is_some())
        };
        let mut more: Vec<Assignment<'_>> = Vec::new();
        for one in found.iter().filter(is_put) {
            for (this, other) in [(&alias, &name), (&name, &alias)] {
                if one.name == *this {
                    more.push(Assignment { name: other.clone(), ..one.clone() });
                }
            }
        }
        found.extend(more);
    }
}

/// The calls in a scope, not in the functions inside it.
pub(super) fn calls<'t>(scope: &Node<'t>, budget: &mut usize) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut pending: Vec<Node<'t>> = scope.named_children().collect();
    while let Some(node) = pending.pop() {
        if *budget == 0 {
            break;
        }
        *budget -= 1;
        if !is_scope(&node.kind()) {
            pending.extend(node.named_children());
        }
        if matches!(node.kind().as_ref(), "call" | "call_expression") {
            found.push(node);
        }
    }
    found
}

/// Names as constants have, of lists that a function of the file adds to.
pub(super) fn grown(root: &Node<'_>, budget: &mut usize) -> HashSet<String> {
    let mut found = HashSet::new();
    for node in root.dfs().take(*budget) {
        *budget -= 1;
        let list = match node.kind().as_ref() {
            "call" | "call_expression" | "method_invocation" => grammar::method(&node)
                .filter(|(method, _)| {
                    matches!(
                        method.as_str(),
                        "append"
                            | "add"
                            | "extend"
                            | "insert"
                            | "update"
                            | "push"
                            | "unshift"
                            | "put"
                            | "set"
                    )
                })
                .map(|(_, list)| list),
            "augmented_assignment" | "augmented_assignment_expression" => node.field("left"),
            "assignment" | "assignment_expression" => {
                node.field("left").and_then(|left| grammar::element(&left)).map(|(list, _)| list)
            }
            _ => None,
        };
        let is_inside = scope(&node).is_some_and(|scope| scope.parent().is_some());
        found.extend(
            list.filter(|list| is_inside && list.kind() == "identifier").map(|list| list.text().into_owned()),
        );
    }
    found
}
