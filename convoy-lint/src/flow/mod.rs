//! Where a value comes from: a constant, unknown, or a request.
//!
//! A look backwards inside one file: assignments, loops, parameters, string
//! building, outer scopes. Deliberately small: no calls are entered, and what
//! is not understood is `Unknown`, which only rules with a dangerous sink report.

mod grammar;
mod guard;
mod names;
mod scopes;

use std::collections::HashMap;
use std::rc::Rc;

use crate::finding::Step;
use crate::language::{Family, Language};
use crate::rule::Want;
use crate::scan::{Node, quote};
use grammar::Role;
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
        }
    }

    /// Judges the argument a rule asks about.
    pub(crate) fn check(&mut self, node: &Node<'t>, want: Want) -> Verdict {
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
        match (want, value) {
            (Want::Request, Value::Source { steps, .. }) if is_of_page(&steps) => Verdict::Drop,
            (Want::Request | Want::Tainted, Value::Source { .. }) if guard::is_checked(node) => Verdict::Drop,
            // The sink is dangerous by itself, checked or not.
            (Want::NonConst | Want::Built | Want::Sql | Want::Values, Value::Source { .. })
                if guard::is_checked(node) =>
            {
                Verdict::Keep
            }
            (Want::Const, Value::Source { .. }) => Verdict::Drop,
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
            Role::Element(object) => self.value(&object, depth),
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
        if names::is_constant_name(name) || names::is_safe_name(name) {
            return Value::Constant;
        }
        let at = user.range().start;
        let mut scope = scopes::scope(user);
        let mut is_own = true;
        while let Some(current) = scope {
            let all = self.assignments(&current);
            let reaching = reaching(&all, name, at, user, is_own);
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

    fn assignments(&mut self, scope: &Node<'t>) -> Rc<Vec<Assignment<'t>>> {
        if let Some(known) = self.scopes.get(&scope.node_id()) {
            return Rc::clone(known);
        }
        let found = Rc::new(scopes::assignments(scope, &mut self.budget));
        self.scopes.insert(scope.node_id(), Rc::clone(&found));
        found
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

/// The assignments a use can see: those before it, from the last one on that is
/// certain to have happened. In an outer scope, all of them.
fn reaching<'a, 't>(
    all: &'a [Assignment<'t>],
    name: &str,
    at: usize,
    user: &Node<'t>,
    is_own: bool,
) -> Vec<&'a Assignment<'t>> {
    let mut seen: Vec<&Assignment<'t>> =
        all.iter().filter(|found| found.name == name && (!is_own || found.end <= at)).collect();
    if is_own {
        let around: Vec<usize> = user.ancestors().map(|node| node.node_id()).collect();
        let certain = seen.iter().rposition(|found| {
            found.via == Via::Whole && found.block.is_some_and(|block| around.contains(&block))
        });
        if let Some(first) = certain {
            seen.drain(..first);
        }
    }
    seen
}
