//! What the callers of a function of the same file hand to it.

use std::collections::HashMap;
use std::rc::Rc;

use crate::flow::calls::NESTED;
use crate::flow::grammar::named;
use crate::flow::sources::Origin;
use crate::flow::value::{UNKNOWN, Value};
use crate::flow::{DataFlow, guard, parameters};
use crate::language::Family;
use crate::tree::Node;
use crate::wording::quote;

/// How many callers of a function are looked at.
const SITES: usize = 8;

impl<'t> DataFlow<'t> {
    /// What the callers of this file give a parameter: data of a request if one of them does,
    /// else it is not known.
    pub(super) fn given(&mut self, function: &Node<'t>, parameter: &str, depth: usize) -> Value {
        let id = function.node_id();
        let is_entered = self.origin == Origin::Request
            && self.climbed.len() < NESTED
            && !self.climbed.contains(&id)
            && matches!(self.family, Family::Python | Family::JavaScript);
        let position = || parameters::parameter_names(function)?.iter().position(|known| known == parameter);
        let Some(at) = is_entered.then(position).flatten() else { return UNKNOWN };
        let Some(name) = own_name(function) else { return UNKNOWN };
        let is_it = |known: &Option<Node<'t>>| known.as_ref().is_some_and(|known| known.node_id() == id);
        if !self.functions(function).get(&name).is_some_and(is_it) {
            return UNKNOWN;
        }
        let sites = self.sites(function).get(&name).cloned().unwrap_or_default();
        self.climbed.push(id);
        let mut found = UNKNOWN;
        for site in sites.iter().take(SITES) {
            let Some(argument) = argument_at(site, at, parameter) else { continue };
            let value = self.value(&argument, depth);
            let is_checked = value.is_source() && guard::is_checked(site, &self.names_behind(&argument));
            if value.is_source() && !is_checked {
                found = value.with_step(site.start_pos().line() + 1, &quote(&site.text()));
                break;
            }
        }
        self.climbed.pop();
        found
    }

    /// The calls of plain names, and of methods of the same object, by name.
    fn sites(&mut self, node: &Node<'t>) -> Rc<HashMap<String, Vec<Node<'t>>>> {
        if let Some(known) = &self.sites {
            return Rc::clone(known);
        }
        let functions = self.functions(node);
        let root = node.ancestors().last().unwrap_or_else(|| node.clone());
        let mut sites: HashMap<String, Vec<Node<'t>>> = HashMap::new();
        for node in root.dfs().take(self.budget) {
            self.budget -= 1;
            if let Some(name) = called(&node).filter(|name| functions.contains_key(name)) {
                sites.entry(name).or_default().push(node);
            }
        }
        let sites = Rc::new(sites);
        self.sites = Some(Rc::clone(&sites));
        sites
    }
}

/// The name of a function, or of what it is assigned to.
fn own_name(function: &Node<'_>) -> Option<String> {
    let name = function.field("name").or_else(|| {
        function.parent().filter(|around| around.kind() == "variable_declarator")?.field("name")
    })?;
    Some(name.text().into_owned())
}

/// `name(…)`, `self.name(…)`, `this.name(…)`.
fn called(node: &Node<'_>) -> Option<String> {
    if !matches!(node.kind().as_ref(), "call" | "call_expression") {
        return None;
    }
    let function = node.field("function")?;
    if function.kind() == "identifier" {
        return Some(function.text().into_owned());
    }
    let object = function.field("object").filter(|object| matches!(object.text().as_ref(), "self" | "this"));
    let name = function.field("attribute").or_else(|| function.field("property"));
    object.and(name).map(|name| name.text().into_owned())
}

/// What a call gives the parameter of this place and name.
fn argument_at<'t>(site: &Node<'t>, at: usize, name: &str) -> Option<Node<'t>> {
    let arguments = named(&site.field("arguments")?);
    let is_keyword = |argument: &Node<'_>| argument.kind() == "keyword_argument";
    let by_name = arguments.iter().find(|argument| {
        is_keyword(argument) && argument.field("name").is_some_and(|own| own.text() == name)
    });
    match by_name {
        Some(argument) => argument.field("value"),
        None => arguments.get(at).filter(|argument| !is_keyword(argument)).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use ast_grep_core::AstGrep;

    use super::*;
    use crate::flow::Verdict;
    use crate::language::Language;
    use crate::rule::Want;
    use crate::tree::Doc;

    /// Whether what `sink` is handed comes from a request.
    fn is_of_request(language: Language, text: &str) -> bool {
        let tree = AstGrep::doc(Doc::try_new(text, language).unwrap());
        let root = tree.root();
        let is_sink = |node: &Node<'_>| {
            node.field("function").is_some_and(|function| function.text().ends_with("sink"))
        };
        let sink = root.dfs().find(is_sink).unwrap();
        let argument = named(&sink.field("arguments").unwrap()).remove(0);
        let verdict = DataFlow::new(language).check(&argument, Want::Tainted, &[]);
        matches!(verdict, Verdict::FromSource(_))
    }

    #[test]
    fn a_parameter_is_what_a_caller_hands_over() {
        for (text, expected) in [
            ("def f(a):\n    sink(a)\n\ndef v(request):\n    f(request.GET['x'])\n", true),
            ("def f(a):\n    sink(a)\n\ndef v(request):\n    f('x')\n", false),
            // By its place and by its name.
            ("def f(a, b):\n    sink(b)\n\ndef v(request):\n    f(1, request.GET['x'])\n", true),
            ("def f(a, b):\n    sink(a)\n\ndef v(request):\n    f(1, request.GET['x'])\n", false),
            ("def f(a, b):\n    sink(b)\n\ndef v(request):\n    f(b=request.GET['x'], a=1)\n", true),
            // A method of the same object; of another it is not known.
            (
                "class C:\n    def f(self, a):\n        sink(a)\n\n    def v(self, request):\n        self.f(request.GET['x'])\n",
                true,
            ),
            (
                "class C:\n    def f(self, a):\n        sink(a)\n\n    def v(self, request):\n        other.f(request.GET['x'])\n",
                false,
            ),
            // Two of that name: it is not known which is called.
            (
                "def f(a):\n    sink(a)\n\ndef f(a):\n    pass\n\ndef v(request):\n    f(request.GET['x'])\n",
                false,
            ),
            // Through two functions.
            (
                "def f(a):\n    sink(a)\n\ndef g(b):\n    f(b)\n\ndef v(request):\n    g(request.GET['x'])\n",
                true,
            ),
        ] {
            assert_eq!(is_of_request(Language::Python, text), expected, "{text}");
        }
    }

    #[test]
    fn a_function_under_a_name_has_callers_too() {
        for (text, expected) in [
            ("const f = (a) => sink(a);\napp.get('/', (req, res) => f(req.query.x));\n", true),
            ("function f(a) { sink(a); }\napp.get('/', (req, res) => f(req.query.x));\n", true),
            ("function f(a) { sink(a); }\napp.get('/', (req, res) => g(req.query.x));\n", false),
        ] {
            assert_eq!(is_of_request(Language::JavaScript, text), expected, "{text}");
        }
    }

    #[test]
    fn what_calls_itself_ends() {
        assert!(!is_of_request(Language::Python, "def f(a):\n    sink(a)\n    f(a)\n"));
    }
}
