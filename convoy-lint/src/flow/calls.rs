//! What calls make of values. Functions of the same file are entered, where there is one of
//! that name and it is plain.

use std::collections::HashMap;
use std::rc::Rc;

use crate::flow::grammar::{self, named};
use crate::flow::sources::{self, Origin};
use crate::flow::value::{UNKNOWN, Value};
use crate::flow::{DataFlow, guard, names, parameters, scopes};
use crate::language::Family;
use crate::tree::Node;
use crate::wording::quote;

/// How deep calls are entered.
pub(super) const NESTED: usize = 2;

/// The functions of a file; `None`: there are several of this name.
pub(super) type Functions<'t> = HashMap<String, Option<Node<'t>>>;

/// A function that is looked into, and what it was called with.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    function: usize,
    values: Vec<(String, Value)>,
}

impl<'t> DataFlow<'t> {
    pub(super) fn call(
        &mut self,
        site: &Node<'t>,
        callee: &str,
        receiver: Option<&Node<'t>>,
        arguments: &[Node<'t>],
        depth: usize,
    ) -> Value {
        if self.origin == Origin::Generator {
            return self.generated(site, callee, receiver, arguments, depth);
        }
        let module = receiver.map(|receiver| receiver.text().into_owned());
        let module = module.as_deref();
        if module.is_some_and(|module| names::reads_in(module, callee)) {
            return self.any_of(arguments, depth);
        }
        if !self.is_markup && names::escapes_markup(module, callee) {
            return self.any_of(arguments, depth);
        }
        if self.is_query && matches!(callee, "toString" | "String" | "str") {
            return Value::Constant;
        }
        // Django's address of a route; of lists it is a method.
        let is_route = self.family == Family::Python && receiver.is_none() && callee == "reverse";
        if is_route || names::is_sanitizer(callee) {
            return Value::Constant;
        }
        if module.is_some_and(|module| names::formats(module, callee)) {
            return self.formatted(arguments, depth);
        }
        let Some(receiver) = receiver else {
            if names::converts(callee) {
                return self.any_of(arguments, depth);
            }
            return self.returned(site, callee, depth).unwrap_or(UNKNOWN);
        };
        self.method(receiver, callee, arguments, depth)
    }

    /// What a method makes of its object and of what it is handed.
    fn method(&mut self, receiver: &Node<'t>, callee: &str, arguments: &[Node<'t>], depth: usize) -> Value {
        if let Some(value) = self.read(receiver, callee, arguments, depth) {
            return value;
        }
        if sources::is_request(self.family, &receiver.text(), callee) {
            return Value::source(
                receiver.start_pos().line() + 1,
                quote(&receiver.text()) + "." + callee + "()",
            );
        }
        if callee == "format" && grammar::is_text(receiver) {
            self.note_constant(&receiver.text());
            return self.any_of(arguments, depth).into_text();
        }
        // Another text that values are put into; of dates only the form is constant.
        if callee == "format" && self.family == Family::Python {
            let value = self.any_of(arguments, depth);
            return if value.is_source() { value.into_text() } else { UNKNOWN };
        }
        if callee == "join" {
            let items = self.any_of(arguments, depth).or(self.value(receiver, depth));
            return items.into_text();
        }
        if names::is_concat(callee) {
            return self.value(receiver, depth).or(self.any_of(arguments, depth)).into_text();
        }
        if matches!(callee, "replace" | "replaceAll") {
            return self.replaced(receiver, arguments, depth);
        }
        if names::hands_on(callee) {
            return self.value(receiver, depth);
        }
        UNKNOWN
    }

    /// A text with something else put in.
    fn replaced(&mut self, receiver: &Node<'t>, arguments: &[Node<'t>], depth: usize) -> Value {
        if arguments.first().is_some_and(takes_out) {
            return UNKNOWN;
        }
        // What is put in is a part of the text from then on.
        if let Some(put_in) = arguments.get(1) {
            let put_in = self.value(put_in, depth);
            if put_in.is_source() || self.family == Family::Python && put_in != Value::Constant {
                return put_in.or(self.value(receiver, depth)).into_text();
            }
        }
        self.value(receiver, depth)
    }

    /// An element of a container, by a method.
    fn read(
        &mut self,
        container: &Node<'t>,
        callee: &str,
        arguments: &[Node<'t>],
        depth: usize,
    ) -> Option<Value> {
        if callee != "get" {
            return None;
        }
        let key = grammar::key(arguments)?;
        self.element(container, &key, depth)
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

    /// Whatever is made of a value that can be predicted can be, too.
    fn generated(
        &mut self,
        site: &Node<'t>,
        callee: &str,
        receiver: Option<&Node<'t>>,
        arguments: &[Node<'t>],
        depth: usize,
    ) -> Value {
        let module = receiver.map(|receiver| receiver.text().into_owned()).unwrap_or_default();
        if sources::is_generator(self.family, &module, callee) {
            return Value::source(site.start_pos().line() + 1, quote(&site.text()));
        }
        if sources::is_strong(&module) {
            return Value::Constant;
        }
        // What a method of the object makes of it is not known.
        let is_own = module.starts_with("this") || module.starts_with("self");
        let value = if is_own { UNKNOWN } else { self.any_of(arguments, depth) };
        match receiver {
            Some(receiver) => value.or(self.value(receiver, depth)),
            None => value,
        }
    }

    /// What a function of this file gives back; `None`: it is not known, or none of this file.
    fn returned(&mut self, site: &Node<'t>, callee: &str, depth: usize) -> Option<Value> {
        if self.frames.len() >= NESTED || !matches!(self.family, Family::Python | Family::JavaScript) {
            return None;
        }
        let function = self.functions(site).get(callee)?.clone()?;
        let id = function.node_id();
        if self.frames.iter().any(|frame| frame.function == id) {
            return None;
        }
        let values = self.handed(site, &function, depth)?;
        let results = self.results(&function)?;
        self.frames.push(Frame { function: id, values });
        let mut value = Value::Constant;
        for result in results {
            let one = self.value(&result, depth);
            let is_checked = one.is_source() && guard::is_checked(&result, &self.names_behind(&result));
            value = value.or(if is_checked { UNKNOWN } else { one });
        }
        self.frames.pop();
        Some(value.with_step(site.start_pos().line() + 1, &quote(&site.text())))
    }

    /// What the parameters of a function are, in this call.
    fn handed(&mut self, site: &Node<'t>, function: &Node<'t>, depth: usize) -> Option<Vec<(String, Value)>> {
        let parameters = parameters::parameter_names(function)?;
        let mut values: Vec<(String, Value)> =
            parameters.iter().map(|name| (name.clone(), Value::Constant)).collect();
        for (at, argument) in named(&site.field("arguments")?).into_iter().enumerate() {
            let (at, given) = match argument.kind().as_ref() {
                "keyword_argument" => {
                    let name = argument.field("name")?.text().into_owned();
                    (parameters.iter().position(|known| *known == name)?, argument.field("value")?)
                }
                "list_splat" | "dictionary_splat" | "spread_element" | "generator_expression" => return None,
                _ => (at, argument),
            };
            let value = self.value(&given, depth);
            if let Some(parameter) = values.get_mut(at) {
                parameter.1 = value;
            }
        }
        Some(values)
    }

    /// What the function that is looked into was called with.
    pub(super) fn argument(&self, function: &Node<'t>, name: &str) -> Option<Value> {
        let frame = self.frames.iter().rev().find(|frame| frame.function == function.node_id())?;
        frame.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    /// Everything that a function gives back; `None`: nothing, or not at once.
    fn results(&mut self, function: &Node<'t>) -> Option<Vec<Node<'t>>> {
        let body = function.field("body")?;
        if !matches!(body.kind().as_ref(), "block" | "statement_block") {
            return Some(vec![body]);
        }
        let (mut found, mut pending) = (Vec::new(), vec![body]);
        while let Some(node) = pending.pop() {
            self.budget = self.budget.checked_sub(1)?;
            match node.kind().as_ref() {
                "yield" | "yield_expression" => return None,
                "return_statement" => found.extend(named(&node).into_iter().next()),
                kind if scopes::is_scope(kind) => {}
                _ => pending.extend(node.named_children()),
            }
        }
        (!found.is_empty()).then_some(found)
    }

    /// The functions of the file around a node, by name.
    pub(super) fn functions(&mut self, node: &Node<'t>) -> Rc<Functions<'t>> {
        if let Some(known) = &self.functions {
            return Rc::clone(known);
        }
        let root = node.ancestors().last().unwrap_or_else(|| node.clone());
        let mut functions: Functions<'t> = HashMap::new();
        for node in root.dfs().take(self.budget) {
            self.budget -= 1;
            let Some((name, function)) = function(&node) else { continue };
            functions.entry(name).and_modify(|known| *known = None).or_insert(Some(function));
        }
        let functions = Rc::new(functions);
        self.functions = Some(Rc::clone(&functions));
        functions
    }
}

/// A function that has a name. What a decorator makes of one is not known.
fn function<'t>(node: &Node<'t>) -> Option<(String, Node<'t>)> {
    let function = match node.kind().as_ref() {
        "function_definition" | "function_declaration" | "method_definition" => node.clone(),
        "variable_declarator" => node
            .field("value")
            .filter(|value| matches!(value.kind().as_ref(), "arrow_function" | "function_expression"))?,
        _ => return None,
    };
    let is_plain = node.parent().is_none_or(|around| around.kind() != "decorated_definition");
    let name = node.field("name")?.text().into_owned();
    is_plain.then_some((name, function))
}

/// A text or a pattern with what breaks out of a text, or out of a directory.
fn takes_out(what: &Node<'_>) -> bool {
    let is_text = matches!(what.kind().as_ref(), "string" | "string_literal" | "regex");
    let text = what.text();
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    is_text && ["'", "\"", "<", "..", "(", "*"].iter().any(|part| inner.contains(part))
}
