//! Where a value comes from: a constant, unknown, or a request.
//!
//! A look backwards inside one file: assignments, loops, parameters, string
//! building, outer scopes. Deliberately small: no calls are entered, and what
//! is not understood is `Unknown`, which only rules with a dangerous sink report.

mod grammar;
mod guard;
mod known;
mod names;
mod scopes;

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use crate::finding::Step;
use crate::language::{Family, Language};
use crate::rule::Want;
use crate::scan::{Node, quote};
use grammar::Role;
use known::Reach;
use scopes::{Assignment, Parameter, Via};

/// Nodes looked at for one file; beyond, every value is unknown.
const BUDGET: usize = 300_000;
/// How many steps back a value is followed.
const DEPTH: usize = 12;

/// What becomes of a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Drop,
    Keep,
    FromSource(Vec<Step>),
}

/// What is known of a value. `built`: text put together with a part that is not constant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Constant,
    Unknown { built: bool },
    Source { built: bool, steps: Vec<Step> },
}

const UNKNOWN: Value = Value::Unknown { built: false };

impl Value {
    /// Either of the two: the worse one, and built if one is.
    fn or(self, other: Value) -> Value {
        let built = self.is_built() || other.is_built();
        match (self, other) {
            (Value::Source { steps, .. }, _) | (_, Value::Source { steps, .. }) => {
                Value::Source { built, steps }
            }
            (Value::Unknown { .. }, _) | (_, Value::Unknown { .. }) => Value::Unknown { built },
            (Value::Constant, Value::Constant) => Value::Constant,
        }
    }

    fn is_built(&self) -> bool {
        matches!(self, Value::Unknown { built: true } | Value::Source { built: true, .. })
    }

    /// The value of text this is a part of.
    fn into_text(self) -> Value {
        match self {
            Value::Constant => Value::Constant,
            Value::Unknown { .. } => Value::Unknown { built: true },
            Value::Source { steps, .. } => Value::Source { built: true, steps },
        }
    }

    fn with_step(mut self, line: usize, text: &str) -> Value {
        if let Value::Source { steps, .. } = &mut self
            && steps.len() < 6
        {
            steps.push(Step { line, text: text.to_owned() });
        }
        self
    }
}

/// Follows values through one file.
pub struct DataFlow<'t> {
    family: Family,
    budget: usize,
    /// The constant texts met on the way of the value being checked.
    constants: String,
    /// Assignments by the scope they are in.
    scopes: HashMap<usize, Rc<Vec<Assignment<'t>>>>,
    /// Of a scope: in how many places each name may be given a value.
    writes: HashMap<usize, Rc<HashMap<String, usize>>>,
}

impl std::fmt::Debug for DataFlow<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataFlow({:?}, budget {})", self.family, self.budget)
    }
}

impl<'t> DataFlow<'t> {
    pub(crate) fn new(language: Language) -> DataFlow<'t> {
        DataFlow {
            family: language.family(),
            budget: BUDGET,
            constants: String::new(),
            scopes: HashMap::new(),
            writes: HashMap::new(),
        }
    }

    /// Judges the argument a rule asks about.
    pub(crate) fn check(&mut self, node: &Node<'t>, want: Want) -> Verdict {
        if self.reach(node, None, 0) == Reach::Never {
            return Verdict::Drop;
        }
        self.constants.clear();
        let value = self.value(node, 0);
        let is_other = match want {
            Want::Sql => !names::is_sql(&self.constants),
            Want::Values => {
                let is_known = matches!(value, Value::Source { .. });
                !names::is_sql(&self.constants) || !is_known && !names::takes_value(&self.constants)
            }
            _ => false,
        };
        if is_other {
            return Verdict::Drop;
        }
        if value == Value::Constant && want != Want::Const {
            return Verdict::Drop;
        }
        let names = self.names_behind(node);
        let written = self.written(node);
        if guard::is_listed(node, &names, &|list| !written.contains_key(list)) {
            return Verdict::Drop;
        }
        match (want, value) {
            (Want::Request, Value::Source { steps, .. }) if is_of_page(&steps) => Verdict::Drop,
            (Want::Request | Want::Tainted | Want::Text, Value::Source { .. })
                if guard::is_checked(node, &names) =>
            {
                Verdict::Drop
            }
            // The sink is dangerous by itself, checked or not.
            (Want::NonConst | Want::Built | Want::Sql | Want::Values, Value::Source { .. })
                if guard::is_checked(node, &names) =>
            {
                Verdict::Keep
            }
            (Want::Const, Value::Source { .. }) | (Want::Text, Value::Source { built: false, .. }) => {
                Verdict::Drop
            }
            (_, Value::Source { steps, .. }) => Verdict::FromSource(steps),
            (Want::NonConst, Value::Unknown { .. })
            | (Want::Built | Want::Sql | Want::Values, Value::Unknown { built: true })
            | (Want::Const, Value::Constant) => Verdict::Keep,
            _ => Verdict::Drop,
        }
    }

    fn value(&mut self, node: &Node<'t>, depth: usize) -> Value {
        if depth > DEPTH || self.budget == 0 {
            return UNKNOWN;
        }
        self.budget -= 1;
        let depth = depth + 1;
        if grammar::is_text(node) || node.kind() == "macro_invocation" {
            self.note_constant(&node.text());
        }
        if let Some(chosen) = self.chosen(node, depth) {
            return self.value(&chosen, depth);
        }
        match grammar::role(self.family, node) {
            Role::Constant => Value::Constant,
            Role::Unknown => UNKNOWN,
            Role::Name(name) => self.name(node, &name, depth),
            Role::Same(inner) => self.value(&inner, depth),
            Role::AnyOf(parts) => self.any_of(&parts, depth),
            Role::Text(parts) => self.any_of(&parts, depth).into_text(),
            Role::Sum(left, right) => {
                let (is_text, sum) = (
                    grammar::is_text(&left) || grammar::is_text(&right),
                    self.value(&left, depth).or(self.value(&right, depth)),
                );
                if is_text || sum.is_built() { sum.into_text() } else { sum }
            }
            Role::Member(object, name) => self.member(node, &object, &name, depth),
            Role::Element(object, key) => match key.and_then(|key| self.element(&object, &key, depth)) {
                Some(value) => value,
                None => self.value(&object, depth),
            },
            Role::Call { callee, receiver, arguments } => {
                self.call(&callee, receiver.as_ref(), &arguments, depth)
            }
            Role::Format(names) => {
                let value =
                    names.iter().map(|name| self.name(node, name, depth)).fold(Value::Constant, Value::or);
                value.into_text()
            }
        }
    }

    /// Keeps the beginnings and the ends of the texts, enough to know what language they
    /// are in and what they ask for next.
    fn note_constant(&mut self, text: &str) {
        if self.constants.len() < 4_000 {
            let count = text.chars().count();
            self.constants.extend(text.chars().take(300));
            self.constants.extend(text.chars().skip(count.saturating_sub(100).max(300)));
            self.constants.push('\n');
        }
    }

    fn any_of(&mut self, parts: &[Node<'t>], depth: usize) -> Value {
        parts.iter().fold(Value::Constant, |sum, part| sum.or(self.value(part, depth)))
    }

    fn member(&mut self, node: &Node<'t>, object: &Node<'t>, name: &str, depth: usize) -> Value {
        if names::is_source(self.family, &object.text(), name) {
            let step = Step { line: node.start_pos().line() + 1, text: quote(&node.text()) };
            return Value::Source { built: false, steps: vec![step] };
        }
        if names::is_constant_name(name) || names::is_number(name) {
            return Value::Constant;
        }
        match self.value(object, depth) {
            source @ Value::Source { .. } => source,
            _ => UNKNOWN,
        }
    }

    fn call(
        &mut self,
        callee: &str,
        receiver: Option<&Node<'t>>,
        arguments: &[Node<'t>],
        depth: usize,
    ) -> Value {
        if receiver.is_some_and(|receiver| names::reads_in(&receiver.text(), callee)) {
            return self.any_of(arguments, depth);
        }
        if names::is_sanitizer(callee) {
            return Value::Constant;
        }
        if receiver.is_some_and(|receiver| names::formats(&receiver.text(), callee)) {
            return self.formatted(arguments, depth);
        }
        if let Some(receiver) = receiver
            && callee == "get"
            && let Some(value) = grammar::key(arguments).and_then(|key| self.element(receiver, &key, depth))
        {
            return value;
        }
        match receiver {
            Some(receiver) => {
                if names::is_source(self.family, &receiver.text(), callee) {
                    let step = Step {
                        line: receiver.start_pos().line() + 1,
                        text: quote(&receiver.text()) + "." + callee + "()",
                    };
                    return Value::Source { built: false, steps: vec![step] };
                }
                if callee == "format" && grammar::is_text(receiver) {
                    self.note_constant(&receiver.text());
                    return self.any_of(arguments, depth).into_text();
                }
                if callee == "join" {
                    let items = self.any_of(arguments, depth).or(self.value(receiver, depth));
                    return items.into_text();
                }
                if names::is_concat(callee) {
                    return self.value(receiver, depth).or(self.any_of(arguments, depth)).into_text();
                }
                if names::hands_on(callee) {
                    return self.value(receiver, depth);
                }
                UNKNOWN
            }
            None if names::converts(callee) => self.any_of(arguments, depth),
            None => UNKNOWN,
        }
    }

    /// Text that a format makes of values: numbers stay harmless.
    fn formatted(&mut self, arguments: &[Node<'t>], depth: usize) -> Value {
        if let Some(format) = arguments.first().filter(|format| grammar::is_text(format)) {
            self.note_constant(&format.text());
            if !["%s", "%v", "%q", "%+v", "{"].iter().any(|verb| format.text().contains(verb)) {
                return Value::Constant;
            }
        }
        self.any_of(arguments, depth).into_text()
    }

    /// The value of a variable where it is used.
    fn name(&mut self, user: &Node<'t>, name: &str, depth: usize) -> Value {
        let mut scope = scopes::scope(user);
        // By custom; what a function itself assigns is none for that.
        let is_constant = names::is_constant_name(name)
            && !scope.clone().is_some_and(|scope| {
                scope.parent().is_some() && self.assignments(&scope).iter().any(|found| found.name == name)
            });
        if is_constant || names::is_safe_name(name) {
            return Value::Constant;
        }
        let at = user.range().start;
        let mut is_own = true;
        while let Some(current) = scope {
            let all = self.assignments(&current);
            let reaching = self.reaching(&all, name, None, (user, at, is_own), depth);
            if !reaching.is_empty() {
                let values = reaching.into_iter().map(|found| self.assigned(found, depth));
                let value = values.collect::<Vec<_>>().into_iter().fold(Value::Constant, Value::or);
                return value.with_step(user.start_pos().line() + 1, name);
            }
            if let Some(parameter) = scopes::parameter(self.family, &current, name) {
                let line = current.start_pos().line() + 1;
                return match parameter {
                    Parameter::Plain => UNKNOWN,
                    Parameter::Number => Value::Constant,
                    Parameter::Request => Value::Source {
                        built: false,
                        steps: vec![Step { line, text: format!("request parameter {name}") }],
                    },
                };
            }
            scope = scopes::scope(&current);
            is_own = false;
        }
        UNKNOWN
    }

    fn assigned(&mut self, found: &Assignment<'t>, depth: usize) -> Value {
        let value = self.value(&found.value, depth);
        match found.via {
            // A part of a constant object may still have been changed.
            Via::Part if value == Value::Constant => UNKNOWN,
            Via::Whole | Via::Element | Via::Part => value,
            Via::Added => value.into_text(),
        }
    }

    /// The variables of an argument, those that they are made of, and what else is made
    /// of them, such as the parts of an address: what is checked of one is of all.
    fn names_behind(&mut self, node: &Node<'t>) -> Vec<String> {
        const MOST: usize = 24;
        let mut names = self.variables(node);
        let Some(scope) = scopes::scope(node) else { return names };
        let all = self.assignments(&scope);
        let before: Vec<_> = all.iter().filter(|found| found.end <= node.range().start).collect();
        let mut at = 0;
        while at < names.len().min(MOST) {
            let made_of: Vec<_> = before.iter().filter(|found| found.name == names[at]).collect();
            let more: Vec<String> = made_of.iter().flat_map(|found| self.variables(&found.value)).collect();
            names.extend(more.into_iter().filter(|name| !names.contains(name)).collect::<BTreeSet<_>>());
            at += 1;
        }
        let mut made = BTreeSet::new();
        for found in before.iter().filter(|found| !names.contains(&found.name)).collect::<Vec<_>>() {
            if self.variables(&found.value).iter().any(|name| names.contains(name)) {
                made.insert(found.name.clone());
            }
        }
        names.extend(made);
        names
    }

    /// The variables in a piece of code, as far as there is work left for this file.
    fn variables(&mut self, node: &Node<'t>) -> Vec<String> {
        let nodes: Vec<Node<'t>> = node.dfs().take(self.budget).collect();
        self.budget -= nodes.len();
        guard::variables(nodes.into_iter())
    }

    /// The part of a conditional expression that is always taken.
    fn chosen(&mut self, node: &Node<'t>, depth: usize) -> Option<Node<'t>> {
        let (condition, yes, no) = match node.kind().as_ref() {
            "ternary_expression" => {
                (node.field("condition")?, node.field("consequence")?, node.field("alternative")?)
            }
            "conditional_expression" => {
                let mut parts = grammar::named(node).into_iter();
                let (yes, condition, no) = (parts.next()?, parts.next()?, parts.next()?);
                (condition, yes, no)
            }
            _ => return None,
        };
        Some(if self.truth(&condition, depth)? { yes } else { no })
    }

    /// The value of one element of a container that this function fills; `None`: it is
    /// not known how it is filled.
    fn element(&mut self, object: &Node<'t>, key: &str, depth: usize) -> Option<Value> {
        if object.kind() != "identifier" {
            return None;
        }
        let all = self.assignments(&scopes::scope(object)?);
        let name = object.text().into_owned();
        // Elsewhere it is filled with what is not seen here.
        if !all.iter().any(|found| found.name == name && found.key.is_some()) {
            return None;
        }
        let place = (object, object.range().start, true);
        let mut value = Value::Constant;
        for found in self.reaching(&all, &name, Some(key), place, depth) {
            let is_empty = found.key.is_none() && grammar::is_empty(&found.value);
            if !is_empty {
                value = value.or(self.value(&found.value, depth));
            }
        }
        Some(value.with_step(object.start_pos().line() + 1, &name))
    }

    /// The assignments a use can see: those before it that ever happen, from the last one
    /// on that is certain to have happened. In an outer scope, all of them.
    fn reaching<'a>(
        &mut self,
        all: &'a [Assignment<'t>],
        name: &str,
        key: Option<&str>,
        (user, at, is_own): (&Node<'t>, usize, bool),
        depth: usize,
    ) -> Vec<&'a Assignment<'t>> {
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
                seen.drain(..first);
            }
        }
        seen.into_iter().map(|(found, _)| found).collect()
    }

    fn assignments(&mut self, scope: &Node<'t>) -> Rc<Vec<Assignment<'t>>> {
        if let Some(known) = self.scopes.get(&scope.node_id()) {
            return Rc::clone(known);
        }
        let found = Rc::new(scopes::assignments(scope, &mut self.budget));
        self.scopes.insert(scope.node_id(), Rc::clone(&found));
        found
    }

    /// In how many places the names of this scope may be given a value.
    fn writes(&mut self, scope: &Node<'t>) -> Rc<HashMap<String, usize>> {
        let budget = &mut self.budget;
        let writes = || Rc::new(scopes::writes(scope, budget));
        Rc::clone(self.writes.entry(scope.node_id()).or_insert_with(writes))
    }

    /// The names that the function around this may give a value itself; outside of one none:
    /// there lists are written.
    fn written(&mut self, node: &Node<'t>) -> Rc<HashMap<String, usize>> {
        let function = scopes::scope(node).filter(|scope| scope.parent().is_some());
        function.map(|scope| self.writes(&scope)).unwrap_or_default()
    }
}

/// Data of the page in the browser: nothing a server is asked for. Nor is it what led to
/// the handler, or what a link cannot set.
fn is_of_page(steps: &[Step]) -> bool {
    const ORIGINS: [&str; 4] = ["location", "window", "document", "self."];
    const LED_HERE: [&str; 9] = [
        ".URL.Path",
        ".URL.RawPath",
        ".URL.RawQuery",
        ".RequestURI",
        ".Header.",
        ".getHeader",
        ".getRequestURI",
        ".getPathInfo",
        ".getQueryString",
    ];
    steps.first().is_some_and(|step| {
        ORIGINS.iter().any(|origin| step.text.starts_with(origin))
            || LED_HERE.iter().any(|part| step.text.contains(part))
    })
}
