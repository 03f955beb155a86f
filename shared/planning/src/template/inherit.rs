//! `extends`: a template that begins as another one. Keys of the child replace
//! those of the parent; `config` and `params` are joined key by key, agents by
//! role. `{"role": "x", "remove": true}` leaves an agent of the parent out, and
//! the dependencies of the parent's agents on it with it.

use std::collections::BTreeSet;

use base::ids::Name;

use crate::document::{Entry, Node, Source, Value, parse_json};
use crate::fields::Reader;

use super::Surroundings;

/// Longest line of ancestors.
const MAX_PARENTS: usize = 8;

/// The whole template, its ancestors included. Their files become known to the
/// reader, so that problems are told where they are.
pub(super) fn resolve(
    reader: &mut Reader<'_>,
    node: Node,
    surroundings: &dyn Surroundings,
    children: &mut Vec<String>,
) -> Node {
    let Value::Table(entries) = &node.value else { return node };
    let Some(extends) = entries.iter().find(|entry| entry.key == "extends") else { return node };
    let at = extends.node.at;
    let own = entries.iter().find(|entry| entry.key == "name").map(|entry| entry.node.value.clone());
    let parent = match &extends.node.value {
        Value::Text(name) => name.parse::<Name>().map_err(|error| error.to_string()),
        other => Err(format!("expected a text, found {}", other.kind())),
    };
    let parent = match parent {
        Ok(parent) => parent,
        Err(why) => {
            reader.problem(at, format!("'extends': {why}"));
            return node;
        }
    };
    // A template of the user's may extend the built-in one that it replaces.
    let replaces = own == Some(Value::Text(parent.to_string()));
    let key = format!("{parent}{}", if replaces { " (built in)" } else { "" });
    if children.contains(&key) || children.len() == MAX_PARENTS {
        let message = format!("'extends' goes in a circle, or too far: {} → {key}", children.join(" → "));
        reader.problem(at, message);
        return node;
    }
    children.push(key);
    let found = surroundings.find_template(&parent, replaces);
    match found.and_then(|source| parse_parent(reader, source)) {
        Ok(parent) => {
            let parent = resolve(reader, parent, surroundings, children);
            merge(parent, node)
        }
        Err(problem) => {
            reader.problem_from(at, &problem);
            node
        }
    }
}

fn parse_parent(reader: &mut Reader<'_>, source: Source) -> Result<Node, crate::diagnostic::Diagnostic> {
    let mut node = parse_json(&source)?;
    let base = reader.add_source(source);
    node.shift(base);
    Ok(node)
}

/// The child's keys over the parent's.
fn merge(parent: Node, child: Node) -> Node {
    let (Value::Table(parent_entries), Value::Table(child_entries)) = (parent.value, child.value) else {
        // Not a table: the child's own problem is told by who reads it.
        return Node { at: child.at, value: Value::Table(Vec::new()) };
    };
    let mut entries: Vec<Entry> = parent_entries
        .into_iter()
        .filter(|entry| !matches!(entry.key.as_str(), "name" | "extends"))
        .collect();
    for mut entry in child_entries {
        let Some(i) = entries.iter().position(|old| old.key == entry.key) else {
            entries.push(entry);
            continue;
        };
        let old = entries[i].node.clone();
        entry.node = match entry.key.as_str() {
            "config" | "params" => merge_tables(old, entry.node),
            "agents" => merge_agents(old, entry.node),
            _ => entry.node,
        };
        entries[i] = entry;
    }
    Node { at: child.at, value: Value::Table(entries) }
}

fn merge_tables(parent: Node, child: Node) -> Node {
    match (parent.value, child.value) {
        (Value::Table(mut entries), Value::Table(more)) => {
            entries.retain(|old| !more.iter().any(|new| new.key == old.key));
            entries.extend(more);
            Node { at: child.at, value: Value::Table(entries) }
        }
        (_, value) => Node { at: child.at, value },
    }
}

fn merge_agents(parent: Node, child: Node) -> Node {
    let (Value::List(mut agents), Value::List(changes)) = (parent.value, child.value.clone()) else {
        return child;
    };
    let mut removed = BTreeSet::new();
    for change in changes {
        let Some(i) = role_of(&change).and_then(|role| agents.iter().position(|a| role_of(a) == Some(role)))
        else {
            agents.push(change);
            continue;
        };
        if is_removal(&change) {
            removed.extend(role_of(&agents.remove(i)).map(str::to_owned));
        } else {
            agents[i] = merge_tables(agents[i].clone(), change);
        }
    }
    for agent in &mut agents {
        forget(agent, parent.at, &removed);
    }
    Node { at: child.at, value: Value::List(agents) }
}

fn role_of(agent: &Node) -> Option<&str> {
    let Value::Table(entries) = &agent.value else { return None };
    match &entries.iter().find(|entry| entry.key == "role")?.node.value {
        Value::Text(role) => Some(role),
        _ => None,
    }
}

fn is_removal(agent: &Node) -> bool {
    let Value::Table(entries) = &agent.value else { return false };
    entries.iter().any(|entry| entry.key == "remove" && entry.node.value == Value::Bool(true))
}

/// Leaves removed roles out of an inherited agent's dependencies. A list the
/// child wrote itself has places before the parent's text and is left alone.
fn forget(agent: &mut Node, parent_at: usize, removed: &BTreeSet<String>) {
    let Value::Table(entries) = &mut agent.value else { return };
    for entry in entries.iter_mut().filter(|entry| entry.key == "dependsOn" && entry.node.at > parent_at) {
        if let Value::List(items) = &mut entry.node.value {
            items.retain(|item| !matches!(&item.value, Value::Text(role) if removed.contains(role)));
        }
    }
}
