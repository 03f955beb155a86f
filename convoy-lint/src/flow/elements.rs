//! Elements of containers: by keys that are written in the code, and by their place in
//! lists that are filled in a straight line.

use std::rc::Rc;

use crate::flow::DataFlow;
use crate::flow::assignments;
use crate::flow::containers;
use crate::flow::grammar::{self, named};
use crate::flow::known::Reach;
use crate::flow::parameters;
use crate::flow::scopes::{self, Assignment, Via};
use crate::flow::value::Value;
use crate::tree::Node;

impl<'t> DataFlow<'t> {
    /// The value of one element of a container that this function fills; `None`: it is
    /// not known how it is filled.
    pub(super) fn element(&mut self, object: &Node<'t>, key: &str, depth: usize) -> Option<Value> {
        if object.kind() != "identifier" {
            return None;
        }
        let scope = scopes::scope(object)?;
        let all = self.assignments(&scope);
        let name = object.text().into_owned();
        let line = object.start_pos().line() + 1;
        if let Some(slot) = key.parse().ok().and_then(|at| self.slot(&scope, object, at)) {
            return Some(self.value(&slot, depth).with_step(line, &name));
        }
        // Elsewhere it is filled with what is not seen here.
        let is_apart = |found: &&Assignment<'t>| {
            found.key.is_some() || found.via == Via::Whole && grammar::is_table(&found.value)
        };
        if !all.iter().filter(|found| found.name == name).any(|found| is_apart(&found)) {
            return None;
        }
        let place = (object, object.range().start, true);
        let mut value = Value::Constant;
        for found in self.reaching(&all, &name, Some(key), place, depth).0 {
            if found.key.is_some() || found.via != Via::Whole {
                value = value.or(self.value(&found.value, depth));
            } else if let Some(entry) = grammar::entry(&found.value, key) {
                value = value.or(self.value(&entry, depth));
            } else if !grammar::is_empty(&found.value) && !grammar::is_table(&found.value) {
                value = value.or(self.value(&found.value, depth));
            }
        }
        Some(value.with_step(line, &name))
    }

    /// What is at a place of a list; `None`: not all that is done to it stands in one straight
    /// line with this.
    fn slot(&mut self, scope: &Node<'t>, list: &Node<'t>, at: isize) -> Option<Node<'t>> {
        let name = list.text().into_owned();
        let is_list =
            |one: &Assignment<'t>| one.name == name && matches!(one.value.kind().as_ref(), "list" | "array");
        if !self.assignments(scope).iter().any(is_list) {
            return None;
        }
        let around: Vec<usize> = list.ancestors().map(|node| node.node_id()).collect();
        let (mut slots, mut block) = (None, None);
        for node in scope.dfs().take(self.budget) {
            self.budget -= 1;
            if node.range().start >= list.range().start {
                break;
            }
            if node.kind() != "identifier" || node.text() != name {
                continue;
            }
            match step(&node)? {
                Step::Read => {}
                Step::Made(items, statement) => {
                    block = Some(statement).filter(|block| around.contains(block));
                    slots = Some(items);
                }
                Step::Done(method, arguments, statement) if Some(statement) == block => {
                    apply(slots.as_mut()?, &method, arguments)?;
                }
                Step::Done(..) => return None,
            }
        }
        block?;
        let slots = slots?;
        let at = if at < 0 { slots.len().checked_add_signed(at)? } else { usize::try_from(at).ok()? };
        slots.get(at).cloned()
    }

    /// The assignments a use can see: those before it that ever happen, from the last one
    /// on that is certain to have happened; and whether there is such a one. In an outer
    /// scope, all of them.
    pub(super) fn reaching<'a>(
        &mut self,
        all: &'a [Assignment<'t>],
        name: &str,
        key: Option<&str>,
        (user, at, is_own): (&Node<'t>, usize, bool),
        depth: usize,
    ) -> (Vec<&'a Assignment<'t>>, bool) {
        let is_seen = |found: &&Assignment<'t>| {
            found.name == name
                && (!is_own || found.end <= at)
                && (key.is_none() || found.key.is_none() || found.key.as_deref() == key)
        };
        let mut seen: Vec<(&Assignment<'t>, Option<usize>)> = Vec::new();
        for found in all.iter().filter(is_seen) {
            if let Reach::In(line) = self.reach_of(found, depth) {
                seen.push((found, line));
            }
        }
        let mut is_certain = false;
        if is_own {
            let around: Vec<usize> = user.ancestors().map(|node| node.node_id()).collect();
            let is_whole = |found: &Assignment<'_>| {
                found.via == Via::Whole
                    || key.is_some() && found.via == Via::Part && found.key.as_deref() == key
            };
            let certain = seen.iter().rposition(|(found, line)| {
                is_whole(found) && line.is_some_and(|block| around.contains(&block))
            });
            if let Some(first) = certain {
                is_certain = true;
                seen.drain(..first);
            }
        }
        (seen.into_iter().map(|(found, _)| found).collect(), is_certain)
    }

    pub(super) fn assignments(&mut self, scope: &Node<'t>) -> Rc<Vec<Assignment<'t>>> {
        if let Some(known) = self.scopes.get(&scope.node_id()) {
            return Rc::clone(known);
        }
        let mut found = assignments::of(scope, &mut self.budget);
        let is_made = |one: &Assignment<'_>| {
            matches!(one.value.kind().as_ref(), "dictionary" | "object" | "list" | "array")
        };
        if found.iter().any(is_made) {
            let filled = self.filled(scope);
            found.extend(filled);
        }
        containers::share(&mut found);
        found.sort_by_key(|one| one.end);
        let found = Rc::new(found);
        self.scopes.insert(scope.node_id(), Rc::clone(&found));
        found
    }

    /// What functions of this file put into the containers that they are handed here: it may
    /// be anything else that they are handed.
    fn filled(&mut self, scope: &Node<'t>) -> Vec<Assignment<'t>> {
        let mut found = Vec::new();
        for site in containers::calls(scope, &mut self.budget) {
            let Some(callee) = site.field("function").filter(|callee| callee.kind() == "identifier") else {
                continue;
            };
            let Some(arguments) = site.field("arguments").map(|arguments| named(&arguments)) else {
                continue;
            };
            let containers = arguments.iter().enumerate().filter(|(_, one)| one.kind() == "identifier");
            let containers: Vec<(usize, String)> =
                containers.map(|(at, one)| (at, one.text().into_owned())).collect();
            if containers.is_empty() || arguments.len() < 2 {
                continue;
            }
            let functions = self.functions(&site);
            let Some(Some(function)) = functions.get(callee.text().as_ref()) else { continue };
            let Some(parameters) = parameters::parameter_names(function) else { continue };
            let inside = self.fills(function);
            for (at, name) in containers {
                let is_filled = parameters.get(at).is_some_and(|parameter| inside.contains(parameter));
                let others = arguments.iter().enumerate().filter(|(other, _)| is_filled && *other != at);
                found.extend(others.map(|(_, value)| Assignment {
                    name: name.clone(),
                    value: value.clone(),
                    via: Via::Put,
                    end: site.range().end,
                    block: None,
                    key: None,
                }));
            }
        }
        found
    }

    /// The names that a function puts something into.
    fn fills(&mut self, function: &Node<'t>) -> Rc<Vec<String>> {
        if let Some(known) = self.fills.get(&function.node_id()) {
            return Rc::clone(known);
        }
        let inside = assignments::of(function, &mut self.budget);
        let put = inside.into_iter().filter(|one| matches!(one.via, Via::Put | Via::Part));
        let names = Rc::new(put.map(|one| one.name).collect());
        self.fills.insert(function.node_id(), Rc::clone(&names));
        names
    }
}

/// What is done to a list where its name stands.
enum Step<'t> {
    Read,
    /// It is made, of these; the block of the statement.
    Made(Vec<Node<'t>>, usize),
    /// A method of it is called; the block of the statement.
    Done(String, Vec<Node<'t>>, usize),
}

/// `None`: something else than is followed.
fn step<'t>(name: &Node<'t>) -> Option<Step<'t>> {
    let around = name.parent()?;
    let is = |field: &str| around.field(field).is_some_and(|at| at.node_id() == name.node_id());
    match around.kind().as_ref() {
        "assignment" | "variable_declarator" | "assignment_expression" if is("left") || is("name") => {
            let list = around.field("right").or_else(|| around.field("value"))?;
            matches!(list.kind().as_ref(), "list" | "array")
                .then_some(Step::Made(named(&list), scopes::block_of(&around)?))
        }
        "attribute" | "member_expression" if is("object") => {
            let call =
                around.parent().filter(|call| matches!(call.kind().as_ref(), "call" | "call_expression"));
            let Some(call) = call else { return Some(Step::Read) };
            let (method, _) = grammar::method(&call)?;
            let mut statement = call.parent()?;
            while matches!(
                statement.kind().as_ref(),
                "assignment" | "variable_declarator" | "lexical_declaration" | "assignment_expression"
            ) {
                statement = statement.parent()?;
            }
            let block = match statement.kind().as_ref() {
                "expression_statement" => statement.parent()?,
                "block" | "statement_block" | "module" | "program" => statement,
                _ => return None,
            };
            Some(Step::Done(method, named(&call.field("arguments")?), block.node_id()))
        }
        // Written by an index, handed on, or known by another name.
        "subscript" | "subscript_expression" => {
            let is_written = around.parent().is_some_and(|parent| {
                parent.field("left").is_some_and(|left| left.node_id() == around.node_id())
            });
            (!is_written).then_some(Step::Read)
        }
        "return_statement" | "comparison_operator" | "binary_expression" => Some(Step::Read),
        _ => None,
    }
}

fn apply<'t>(slots: &mut Vec<Node<'t>>, method: &str, arguments: Vec<Node<'t>>) -> Option<()> {
    let place = arguments.first().and_then(|at| at.text().parse::<usize>().ok());
    match (method, arguments.len()) {
        ("append", 1) | ("push", _) => slots.extend(arguments),
        ("unshift", 1) => slots.insert(0, arguments.into_iter().next()?),
        ("insert", 2) => {
            let place = place?.min(slots.len());
            slots.insert(place, arguments.into_iter().nth(1)?);
        }
        ("pop", 0) => {
            slots.pop()?;
        }
        ("pop", 1) => {
            let place = place.filter(|place| *place < slots.len())?;
            slots.remove(place);
        }
        ("shift", 0) if !slots.is_empty() => {
            slots.remove(0);
        }
        ("reverse", 0) => slots.reverse(),
        ("clear", 0) => slots.clear(),
        ("copy" | "index" | "count" | "slice" | "indexOf" | "includes" | "join" | "map" | "filter", _) => {}
        _ => return None,
    }
    Some(())
}
