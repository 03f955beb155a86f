//! Where a value comes from: a constant, unknown, or a request.
//!
//! A look backwards inside one file: assignments, loops, parameters and who calls with them, string
//! building, outer scopes. What is not understood is `Unknown`, which only rules with a dangerous sink report.

mod anchor;
mod assignments;
mod callers;
mod calls;
mod containers;
mod elements;
mod grammar;
mod guard;
mod known;
mod literal;
mod names;
mod parameters;
mod scopes;
mod sources;
mod value;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use crate::finding::Step;
use crate::language::{Family, Language};
use crate::rule::{About, Want};
use crate::tree::Node;
use crate::wording::quote;
use calls::{Frame, Functions};
use grammar::Role;
use known::Reach;
use parameters::Parameter;
use scopes::{Assignment, Via};
use sources::Origin;
use value::{UNKNOWN, Value};

/// Nodes looked at for one file; beyond, every value is unknown.
const BUDGET: usize = 400_000;
/// Weakness of what becomes a part of a page.
const MARKUP: u32 = 79;
/// Weakness of what becomes a part of a query that is no text.
const QUERY: u32 = 943;
/// How many steps back a value is followed.
const DEPTH: usize = 20;

/// What becomes of a hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Drop,
    Keep,
    FromSource(Vec<Step>),
}

/// Whether a rule hits nothing but what comes from a request or a page.
pub(crate) fn is_of_request(about: &About) -> bool {
    about.flow.as_ref().is_some_and(|flow| {
        matches!(
            flow.want,
            Want::Tainted | Want::Text | Want::Request | Want::Html | Want::Address | Want::Place
        )
    })
}

/// Whether a text has the words without which no value of it comes from a request or a page.
pub(crate) fn may_hold_request(language: Language, text: &str) -> bool {
    sources::words(language.family()).is_none_or(|words| words.iter().any(|word| text.contains(word)))
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
    /// What is followed now.
    origin: Origin,
    /// The value becomes a part of a page.
    is_markup: bool,
    /// The value becomes a part of a query that is an object: a text is none.
    is_query: bool,
    functions: Option<Rc<Functions<'t>>>,
    /// Where functions of the file are called, by their name.
    sites: Option<Rc<HashMap<String, Vec<Node<'t>>>>>,
    /// The functions whose callers are looked at now.
    climbed: Vec<usize>,
    /// The calls that are looked into now.
    frames: Vec<Frame>,
    /// Of a function: the parameters that it puts something into.
    fills: HashMap<usize, Rc<Vec<String>>>,
    /// Lists with a name as constants have, into which functions put something.
    grown: Option<Rc<HashSet<String>>>,
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
            origin: Origin::Request,
            is_markup: false,
            is_query: false,
            functions: None,
            sites: None,
            climbed: Vec::new(),
            frames: Vec::new(),
            fills: HashMap::new(),
            grown: None,
        }
    }

    /// Judges the argument a rule asks about; `causes`: the CWEs of the rule.
    pub(crate) fn check(&mut self, node: &Node<'t>, want: Want, causes: &[u32]) -> Verdict {
        self.origin = if want == Want::Predictable { Origin::Generator } else { Origin::Request };
        self.is_markup = causes.contains(&MARKUP);
        self.is_query = causes.contains(&QUERY) && matches!(want, Want::Request | Want::Tainted);
        if self.reach(node, None, 0) == Reach::Never {
            return Verdict::Drop;
        }
        if want == Want::Literal {
            return if self.is_literal(node, 0) { Verdict::Keep } else { Verdict::Drop };
        }
        self.constants.clear();
        let value = self.value(node, 0);
        if self.is_other_text(want, &value) {
            return Verdict::Drop;
        }
        if value == Value::Constant && want != Want::Const {
            return Verdict::Drop;
        }
        let names = self.names_behind(node);
        if self.is_listed(node, &names) || guard::is_quoted(node, &names) {
            return Verdict::Drop;
        }
        match (want, value) {
            (Want::Request | Want::Address, Value::Source { steps, .. }) if sources::is_of_page(&steps) => {
                Verdict::Drop
            }
            (Want::Address | Want::Place, Value::Source { .. }) if self.is_anchored(node, 0) => Verdict::Drop,
            (
                Want::Request | Want::Tainted | Want::Text | Want::Html | Want::Address | Want::Place,
                Value::Source { .. },
            ) if guard::is_checked(node, &names) => Verdict::Drop,
            // Nothing was put together.
            (Want::Built | Want::Sql | Want::Values | Want::Markup, Value::Source { built: false, .. })
                if guard::is_checked(node, &names) =>
            {
                Verdict::Drop
            }
            // The sink is dangerous by itself, checked or not.
            (
                Want::NonConst | Want::Built | Want::Sql | Want::Values | Want::Markup,
                Value::Source { .. },
            ) if guard::is_checked(node, &names) => Verdict::Keep,
            (Want::Const, Value::Source { .. })
            | (Want::Text | Want::Html, Value::Source { built: false, .. }) => Verdict::Drop,
            (want, Value::Source { steps, .. }) if want != Want::Predictable => Verdict::FromSource(steps),
            (Want::Predictable, Value::Source { .. })
            | (Want::NonConst, Value::Unknown { .. })
            | (Want::Built | Want::Sql | Want::Values | Want::Markup, Value::Unknown { built: true })
            | (Want::Const, Value::Constant) => Verdict::Keep,
            _ => Verdict::Drop,
        }
    }

    /// Whether the value is one of a list that is written in the code.
    fn is_listed(&mut self, node: &Node<'t>, names: &[String]) -> bool {
        if !guard::is_listed(node, names, &|_| true) {
            return false;
        }
        let (written, grown) = (self.written(node), self.grown(node));
        guard::is_listed(node, names, &|list| !written.contains_key(list) && !grown.contains(list))
    }

    /// Whether the text that was looked at is in another language than the rule is about.
    fn is_other_text(&self, want: Want, value: &Value) -> bool {
        match want {
            Want::Sql => !names::is_statement(&self.constants, value.is_source()),
            Want::Values => {
                !names::is_sql(&self.constants) || !value.is_source() && !names::takes_value(&self.constants)
            }
            Want::Html | Want::Markup => !names::is_markup(&self.constants),
            _ => false,
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
        if guard::chooses(node) {
            let value = self.any_of(&grammar::branches(node), depth);
            return if value.is_source() { UNKNOWN } else { value };
        }
        // What is worked out from a number can be worked out by others.
        if self.origin == Origin::Generator
            && matches!(node.kind().as_ref(), "binary_operator" | "binary_expression")
        {
            return self.any_of(&grammar::named(node), depth);
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
            Role::Element(object, _) if grammar::is_before_query(&object) => UNKNOWN,
            Role::Element(object, key) => match key.and_then(|key| self.element(&object, &key, depth)) {
                Some(value) => value,
                None => self.value(&object, depth),
            },
            Role::Call { callee, receiver, arguments } => {
                self.call(node, &callee, receiver.as_ref(), &arguments, depth)
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
        let is_source = self.origin == Origin::Request
            && (sources::is_request(self.family, &object.text(), name)
                || sources::is_message(node, &object.text(), name));
        if is_source {
            return Value::source(node.start_pos().line() + 1, quote(&node.text()));
        }
        if self.family == Family::JavaScript
            && let Some(value) = self.element(object, name, depth)
        {
            return value;
        }
        if names::is_constant_name(name) || names::is_number(name) {
            return Value::Constant;
        }
        match self.value(object, depth) {
            source @ Value::Source { .. } => source,
            _ => UNKNOWN,
        }
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
            let (reaching, is_certain) = self.reaching(&all, name, None, (user, at, is_own), depth);
            let parameter = self.parameter(&current, name, depth);
            if !reaching.is_empty() {
                let values = reaching.into_iter().map(|found| self.assigned(found, depth));
                let value = values.collect::<Vec<_>>().into_iter().fold(Value::Constant, Value::or);
                let before = parameter.filter(|_| !is_certain).unwrap_or(Value::Constant);
                return value.or(before).with_step(user.start_pos().line() + 1, name);
            }
            if let Some(value) = parameter {
                return value;
            }
            scope = scopes::scope(&current);
            is_own = false;
        }
        UNKNOWN
    }

    /// What a parameter of this name is given; `None`: the scope has none.
    fn parameter(&mut self, scope: &Node<'t>, name: &str, depth: usize) -> Option<Value> {
        if let Some(value) = self.argument(scope, name) {
            return Some(value);
        }
        Some(match parameters::parameter(self.family, scope, name)? {
            Parameter::Request if self.origin == Origin::Request => {
                Value::source(scope.start_pos().line() + 1, format!("request parameter {name}"))
            }
            Parameter::Plain => self.given(scope, name, depth),
            Parameter::Request => UNKNOWN,
            Parameter::Number => Value::Constant,
        })
    }

    fn assigned(&mut self, found: &Assignment<'t>, depth: usize) -> Value {
        let value = self.value(&found.value, depth);
        match found.via {
            // A part of a constant object may still have been changed.
            Via::Part if value == Value::Constant => UNKNOWN,
            // Of lists that are filled bit by bit most hold what the program made.
            Via::Put if value == UNKNOWN => Value::Constant,
            Via::Whole | Via::Element | Via::Part | Via::Put => value,
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

    /// In how many places the names of this scope may be given a value.
    fn writes(&mut self, scope: &Node<'t>) -> Rc<HashMap<String, usize>> {
        let budget = &mut self.budget;
        let writes = || Rc::new(assignments::writes(scope, budget));
        Rc::clone(self.writes.entry(scope.node_id()).or_insert_with(writes))
    }

    /// The names that the function around this may give a value itself; outside of one none:
    /// there lists are written.
    fn written(&mut self, node: &Node<'t>) -> Rc<HashMap<String, usize>> {
        let function = scopes::scope(node).filter(|scope| scope.parent().is_some());
        function.map(|scope| self.writes(&scope)).unwrap_or_default()
    }

    /// Lists of the file that are not only what is written there: a function adds to them.
    fn grown(&mut self, node: &Node<'t>) -> Rc<HashSet<String>> {
        if let Some(known) = &self.grown {
            return Rc::clone(known);
        }
        let root = node.ancestors().last().unwrap_or_else(|| node.clone());
        let grown = Rc::new(containers::grown(&root, &mut self.budget));
        self.grown = Some(Rc::clone(&grown));
        grown
    }
}
