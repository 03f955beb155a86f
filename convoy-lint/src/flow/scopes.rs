//! Scopes, what is assigned in them, and their parameters.

use std::collections::{HashMap, HashSet};

use crate::flow::grammar::{self, named};
use crate::language::Family;
use crate::tree::Node;

/// How an assignment gives its value on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Via {
    Whole,
    /// An element of it: `for name in value`.
    Element,
    /// A part of it: `const { name } = value`.
    Part,
    /// Added to what was there: `name += value`.
    Added,
    /// Put into it: `name.append(value)`.
    Put,
}

#[derive(Clone)]
pub(super) struct Assignment<'t> {
    pub(super) name: String,
    pub(super) value: Node<'t>,
    pub(super) via: Via,
    pub(super) end: usize,
    /// The block whose straight line it stands in.
    pub(super) block: Option<usize>,
    /// The element of it that is given the value, by a key that is written there.
    pub(super) key: Option<String>,
}

/// A parameter of a function.
pub(super) enum Parameter {
    Plain,
    Number,
    /// The framework puts data of the request here.
    Request,
}

pub(super) fn is_scope(kind: &str) -> bool {
    matches!(
        kind,
        "function_definition"
            | "lambda"
            | "function_declaration"
            | "function_expression"
            | "arrow_function"
            | "method_definition"
            | "generator_function_declaration"
            | "generator_function"
            | "function_item"
            | "closure_expression"
            | "method_declaration"
            | "constructor_declaration"
            | "func_literal"
            | "lambda_expression"
            | "class_body"
            | "module"
            | "program"
            | "source_file"
    )
}

/// The function (or file) around a node.
pub(super) fn scope<'t>(node: &Node<'t>) -> Option<Node<'t>> {
    node.ancestors().find(|around| is_scope(&around.kind()))
}

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
pub(super) fn assignments<'t>(scope: &Node<'t>, budget: &mut usize) -> Vec<Assignment<'t>> {
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
                let name = grammar::key(&[key.clone()]).unwrap_or_else(|| key.text().into_owned());
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

/// What the parameters of a function are called, in order, without the object of a method.
pub(super) fn parameter_names(function: &Node<'_>) -> Option<Vec<String>> {
    let list = function.field("parameters").or_else(|| function.field("parameter"))?;
    if list.kind() == "identifier" {
        return Some(vec![list.text().into_owned()]);
    }
    let mut names = Vec::new();
    for parameter in named(&list) {
        let name = match parameter.kind().as_ref() {
            "identifier" => Some(parameter),
            "typed_parameter" => named(&parameter).into_iter().next(),
            "assignment_pattern" => parameter.field("left"),
            _ => parameter.field("name").or_else(|| parameter.field("pattern")),
        };
        // One that is taken apart has no name.
        let name = name.filter(|name| name.kind() == "identifier");
        names.push(name.map(|name| name.text().into_owned()).unwrap_or_default());
    }
    if names.first().is_some_and(|first| matches!(first.as_str(), "self" | "cls")) {
        names.remove(0);
    }
    Some(names)
}

fn note_assignment<'t>(node: &Node<'t>, found: &mut Vec<Assignment<'t>>) {
    match appended(node).or_else(|| put(node)) {
        Some(one) => found.push(one),
        None => found.extend(filled(node)),
    }
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

/// The statement list a statement stands in, if it stands there plainly.
pub(super) fn block_of(node: &Node<'_>) -> Option<usize> {
    let mut current = node.parent()?;
    for _ in 0..3 {
        match current.kind().as_ref() {
            "block" | "statement_block" | "statement_list" | "module" | "program" | "source_file" => {
                return Some(current.node_id());
            }
            "expression_statement"
            | "lexical_declaration"
            | "variable_declaration"
            | "local_variable_declaration"
            | "var_declaration"
            | "const_declaration"
            | "export_statement" => {
                current = current.parent()?;
            }
            _ => return None,
        }
    }
    None
}

/// The parameter of this name, if the scope has one.
pub(super) fn parameter(family: Family, scope: &Node<'_>, name: &str) -> Option<Parameter> {
    let list = scope.field("parameters").or_else(|| scope.field("parameter"))?;
    if list.kind() == "identifier" {
        return (list.text() == name).then_some(Parameter::Plain);
    }
    let own = list
        .named_children()
        .find(|child| child.dfs().any(|part| part.is_named_leaf() && part.text() == name))?;
    let type_text =
        own.field("type").map(|t| t.text().trim_start_matches(':').trim().to_owned()).unwrap_or_default();
    if NUMBERS.contains(&type_text.as_str()) {
        return Some(Parameter::Number);
    }
    let is_request = match family {
        Family::Python => {
            is_python_route(scope)
                && !own.text().contains("Depends(")
                && !matches!(name, "self" | "cls" | "request" | "db" | "session")
                // What calls a function in the cloud hands it.
                || name == "event" && parameter_names(scope).is_some_and(|names| names.get(1).is_some_and(|next| next == "context"))
        }
        Family::Rust => is_extractor(&type_text),
        Family::Java => own
            .named_children()
            .filter(|child| child.kind() == "modifiers")
            .any(|modifiers| FROM_REQUEST.iter().any(|mark| modifiers.text().contains(mark))),
        // Decorators of Nest; arguments of a resolver of GraphQL.
        Family::JavaScript => {
            let text = own.text();
            ["@Query(", "@Body(", "@Param(", "@Headers("].iter().any(|mark| text.starts_with(mark))
                || name == "args" && is_resolver(scope)
        }
        Family::Go | Family::Other => false,
    };
    Some(if is_request { Parameter::Request } else { Parameter::Plain })
}

/// Types whose values carry no text.
const NUMBERS: [&str; 42] = [
    "number",
    "bigint",
    "boolean",
    "int",
    "float",
    "bool",
    "UUID",
    "uuid.UUID",
    "usize",
    "u8",
    "u16",
    "u32",
    "u64",
    "i32",
    "i64",
    "isize",
    "f64",
    "Uuid",
    "datetime",
    "date",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
    "time.Duration",
    "long",
    "short",
    "double",
    "Integer",
    "Long",
    "Double",
    "Boolean",
    "Optional[int]",
    "int | None",
    "Date",
];

/// `resolve(parent, args)`.
fn is_resolver(scope: &Node<'_>) -> bool {
    let names = parameter_names(scope).unwrap_or_default();
    let first = names.first().map(|name| name.trim_start_matches('_'));
    names.get(1).is_some_and(|second| second == "args")
        && first.is_some_and(|first| matches!(first, "parent" | "root" | "source" | "obj" | ""))
}

/// What frameworks of Java fill from a request.
const FROM_REQUEST: [&str; 8] = [
    "@RequestParam",
    "@PathVariable",
    "@RequestBody",
    "@RequestHeader",
    "@CookieValue",
    "@QueryParam",
    "@PathParam",
    "@FormParam",
];

/// `@app.route(…)`, `@router.get(…)`: the framework calls it with parts of the request.
fn is_python_route(scope: &Node<'_>) -> bool {
    let Some(parent) = scope.parent().filter(|parent| parent.kind() == "decorated_definition") else {
        return false;
    };
    parent.named_children().filter(|child| child.kind() == "decorator").any(|decorator| {
        let text = decorator.text();
        [".route(", ".get(", ".post(", ".put(", ".patch(", ".delete("].iter().any(|part| {
            text.find(part).is_some_and(|at| {
                let rest = &text[at + part.len()..];
                rest.starts_with("\"/") || rest.starts_with("'/")
            })
        })
    })
}

/// axum and actix: `Path<String>`, `web::Query<Search>`.
fn is_extractor(type_text: &str) -> bool {
    let bare = type_text.rsplit("::").next().unwrap_or(type_text);
    let bare = if type_text.contains('<') {
        type_text.split('<').next().unwrap_or("").rsplit("::").next().unwrap_or("")
    } else {
        bare
    };
    let is_extractor = matches!(bare, "Path" | "Query" | "Form" | "Json") && type_text.contains('<');
    let holds_number = ["<u", "<i", "<Uuid", "<usize"].iter().any(|n| type_text.contains(n));
    is_extractor && !holds_number
}
