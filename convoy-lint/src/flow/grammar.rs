//! What a node means for the flow of values, in each grammar.

use crate::language::Family;
use crate::tree::Node;

/// A node, as far as values go.
pub(super) enum Role<'t> {
    Constant,
    Unknown,
    Name(String),
    /// The value of this inner node.
    Same(Node<'t>),
    AnyOf(Vec<Node<'t>>),
    /// Text with these parts put in.
    Text(Vec<Node<'t>>),
    Sum(Node<'t>, Node<'t>),
    Member(Node<'t>, String),
    /// An element of a container; of which key, where it is written there.
    Element(Node<'t>, Option<String>),
    Call {
        callee: String,
        receiver: Option<Node<'t>>,
        arguments: Vec<Node<'t>>,
    },
    /// Text with these variables put in.
    Format(Vec<String>),
}

/// Numbers, texts and what is one of few values.
const CONSTANTS: [&str; 29] = [
    "integer",
    "float",
    "true",
    "false",
    "none",
    "null",
    "undefined",
    "number",
    "string_literal",
    "raw_string_literal",
    "integer_literal",
    "float_literal",
    "boolean_literal",
    "char_literal",
    "regex",
    "int_literal",
    "imaginary_literal",
    "rune_literal",
    "nil",
    "interpreted_string_literal",
    "decimal_integer_literal",
    "hex_integer_literal",
    "decimal_floating_point_literal",
    "character_literal",
    "null_literal",
    "class_literal",
    "instanceof_expression",
    "comparison_operator",
    "not_operator",
];
/// What is as its parts are.
const WHOLES: [&str; 13] = [
    "concatenated_string",
    "list",
    "tuple",
    "set",
    "array",
    "array_expression",
    "tuple_expression",
    "expression_list",
    "array_initializer",
    "literal_value",
    "boolean_operator",
    "argument_list",
    "arguments",
];
/// What is as its value is, or what it holds.
const WRAPPERS: [&str; 12] = [
    "keyword_argument",
    "parenthesized_expression",
    "await",
    "await_expression",
    "non_null_expression",
    "try_expression",
    "spread_element",
    "list_splat",
    "return_expression",
    "literal_element",
    "keyed_element",
    "reference_expression",
];

pub(super) fn role<'t>(family: Family, node: &Node<'t>) -> Role<'t> {
    let kind = node.kind();
    match kind.as_ref() {
        "type_conversion" | "format_specifier" => Role::Constant,
        kind if CONSTANTS.contains(&kind) => Role::Constant,
        "identifier" | "shorthand_property_identifier" => Role::Name(node.text().into_owned()),
        "string" | "template_string" => text_parts(node),
        kind if WHOLES.contains(&kind) => Role::AnyOf(named(node)),
        "dictionary" | "object" => Role::AnyOf(named(node).iter().filter_map(of_pair).collect()),
        "conditional_expression" | "ternary_expression" => Role::AnyOf(branches(node)),
        "binary_operator" | "binary_expression" => binary(node),
        "attribute" => member(node.field("object"), node.field("attribute")),
        "member_expression" => member(node.field("object"), node.field("property")),
        "field_expression" => member(node.field("value"), node.field("field")),
        "selector_expression" => member(node.field("operand"), node.field("field")),
        "field_access" => member(node.field("object"), node.field("field")),
        "array_access" | "subscript" | "subscript_expression" | "index_expression" => {
            element(node).map_or(Role::Unknown, |(object, key)| Role::Element(object, key))
        }
        "call" | "call_expression" => call(family, node),
        "method_invocation" => invocation(node),
        "object_creation_expression" => created(node),
        "new_expression" => wrapped(node),
        "macro_invocation" if family == Family::Rust => format_macro(node),
        kind => inner(family, kind, node).map_or(Role::Unknown, Role::Same),
    }
}

/// What a conditional expression may be.
pub(super) fn branches<'t>(node: &Node<'t>) -> Vec<Node<'t>> {
    if node.kind() == "ternary_expression" {
        return ["consequence", "alternative"].iter().filter_map(|part| node.field(part)).collect();
    }
    named(node).into_iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, part)| part).collect()
}

/// The one node whose value a node has.
fn inner<'t>(family: Family, kind: &str, node: &Node<'t>) -> Option<Node<'t>> {
    let first = || named(node).into_iter().next();
    match kind {
        kind if WRAPPERS.contains(&kind) => node.field("value").or_else(|| named(node).pop()),
        "cast_expression" => node.field("value"),
        "type_conversion_expression" | "type_assertion_expression" | "slice_expression" => {
            node.field("operand")
        }
        // `&value`; of numbers and truth values it is one.
        "unary_expression" if family == Family::Go => node.field("operand"),
        "composite_literal" | "array_creation_expression" => {
            node.field("body").or_else(|| node.field("value"))
        }
        "as_expression" | "satisfies_expression" | "type_cast_expression" | "template_substitution" => {
            first()
        }
        "interpolation" => node.field("expression").or_else(first),
        "list_comprehension" | "generator_expression" | "set_comprehension" => node.field("body"),
        _ => None,
    }
}

/// The value of a part of a table: `key: value`, `name`, `...other`.
fn of_pair<'t>(part: &Node<'t>) -> Option<Node<'t>> {
    match part.kind().as_ref() {
        "shorthand_property_identifier" => Some(part.clone()),
        "spread_element" | "dictionary_splat" => named(part).into_iter().next(),
        _ => part.field("value"),
    }
}

/// A table whose keys are all written there.
pub(super) fn is_table(node: &Node<'_>) -> bool {
    matches!(node.kind().as_ref(), "dictionary" | "object")
        && named(node)
            .iter()
            .all(|part| matches!(part.kind().as_ref(), "pair" | "shorthand_property_identifier"))
}

/// What a table has under a key.
pub(super) fn entry<'t>(table: &Node<'t>, key: &str) -> Option<Node<'t>> {
    if !is_table(table) {
        return None;
    }
    let is_it = |part: &&Node<'t>| match part.field("key") {
        Some(name) => self::key(std::slice::from_ref(&name)).map_or(name.text() == key, |name| name == key),
        None => part.text() == key,
    };
    named(table).iter().find(is_it).and_then(of_pair)
}

pub(super) fn named<'t>(node: &Node<'t>) -> Vec<Node<'t>> {
    node.named_children().filter(|child| !child.kind().ends_with("comment")).collect()
}

/// The container and the key of one of its elements.
pub(super) fn element<'t>(node: &Node<'t>) -> Option<(Node<'t>, Option<String>)> {
    let (object, index) = match node.kind().as_ref() {
        "array_access" => (node.field("array")?, node.field("index")),
        "subscript" => (node.field("value")?, node.field("subscript")),
        "subscript_expression" => (node.field("object")?, node.field("index")),
        "index_expression" => {
            let mut parts = named(node).into_iter();
            (parts.next()?, parts.next())
        }
        _ => return None,
    };
    Some((object, index.and_then(|index| key(&[index]))))
}

/// `object.name` of JavaScript, as an element.
pub(super) fn property<'t>(node: &Node<'t>) -> Option<(Node<'t>, Option<String>)> {
    let is_it = node.kind() == "member_expression";
    let name = node.field("property").filter(|_| is_it)?.text().into_owned();
    Some((node.field("object")?, Some(name)))
}

/// Literal texts and numbers as one key.
pub(super) fn key(parts: &[Node<'_>]) -> Option<String> {
    let part = |node: &Node<'_>| match node.kind().as_ref() {
        "integer" | "number" | "int_literal" | "decimal_integer_literal" => Some(node.text().into_owned()),
        _ => literal(node),
    };
    let keys: Option<Vec<String>> = parts.iter().map(part).collect();
    keys.filter(|keys| !keys.is_empty()).map(|keys| keys.join("\0"))
}

/// `address.split("?")`: the part in front is what the page was asked for as.
pub(super) fn is_before_query(node: &Node<'_>) -> bool {
    method(node).is_some_and(|(name, _)| name == "split")
        && node.field("arguments").is_some_and(|list| {
            named(&list).first().and_then(literal).is_some_and(|text| matches!(text.as_str(), "?" | "#"))
        })
        && node
            .parent()
            .and_then(|around| element(&around))
            .is_some_and(|(_, key)| key.as_deref() == Some("0"))
}

/// The name and the object of a method that is called.
pub(super) fn method<'t>(node: &Node<'t>) -> Option<(String, Node<'t>)> {
    let (name, object) = match node.kind().as_ref() {
        "method_invocation" => (node.field("name")?, node.field("object")?),
        "call" | "call_expression" => {
            let function = node.field("function")?;
            let name = ["attribute", "property", "field"].iter().find_map(|name| function.field(name))?;
            (name, ["object", "operand", "value"].iter().find_map(|name| function.field(name))?)
        }
        _ => return None,
    };
    Some((name.text().into_owned(), object))
}

fn text_parts<'t>(node: &Node<'t>) -> Role<'t> {
    let parts: Vec<Node<'t>> = node
        .named_children()
        .filter(|child| matches!(child.kind().as_ref(), "interpolation" | "template_substitution"))
        .collect();
    if parts.is_empty() { Role::Constant } else { Role::Text(parts) }
}

fn binary<'t>(node: &Node<'t>) -> Role<'t> {
    let (Some(left), Some(right)) = (node.field("left"), node.field("right")) else {
        return Role::Unknown;
    };
    let operator = node.field("operator").map(|op| op.text().into_owned()).unwrap_or_default();
    match operator.as_str() {
        "+" => Role::Sum(left, right),
        // `"…" % values`; on numbers it is a number.
        "%" if left.kind().contains("string") => Role::Text(vec![right]),
        "%" if left.kind() == "identifier" => Role::Sum(left, right),
        "||" | "&&" | "??" => Role::AnyOf(vec![left, right]),
        // `Path(a) / b` in Python.
        "/" if node.kind() == "binary_operator" => Role::AnyOf(vec![left, right]),
        // Arithmetic and comparison give numbers and truth values.
        _ => Role::Constant,
    }
}

fn member<'t>(object: Option<Node<'t>>, name: Option<Node<'t>>) -> Role<'t> {
    match (object, name) {
        (Some(object), Some(name)) => Role::Member(object, name.text().into_owned()),
        _ => Role::Unknown,
    }
}

/// `object.name(…)` of Java.
fn invocation<'t>(node: &Node<'t>) -> Role<'t> {
    let (Some(name), Some(arguments)) = (node.field("name"), node.field("arguments")) else {
        return Role::Unknown;
    };
    let callee = name.text().into_owned();
    Role::Call { callee, receiver: node.field("object"), arguments: named(&arguments) }
}

/// `new File(text)` of Java carries what it was made from; other objects are unknown.
fn created<'t>(node: &Node<'t>) -> Role<'t> {
    const CARRIERS: [&str; 6] = ["String", "StringBuilder", "StringBuffer", "URL", "URI", "File"];
    let class = node.field("type").map(|class| class.text().into_owned()).unwrap_or_default();
    match node.field("arguments") {
        Some(arguments) if CARRIERS.contains(&class.as_str()) => Role::AnyOf(named(&arguments)),
        _ => Role::Unknown,
    }
}

fn call<'t>(family: Family, node: &Node<'t>) -> Role<'t> {
    let (Some(function), Some(arguments)) = (node.field("function"), node.field("arguments")) else {
        return Role::Unknown;
    };
    let arguments = match arguments.kind().as_ref() {
        // Python: `f(x for x in y)`, JavaScript: a tagged template.
        "generator_expression" | "template_string" => vec![arguments],
        _ => named(&arguments)
            .into_iter()
            .map(|argument| match argument.kind().as_ref() {
                "keyword_argument" => argument.field("value").unwrap_or(argument),
                _ => argument,
            })
            .collect(),
    };
    // `[]byte(text)` of Go.
    if matches!(function.kind().as_ref(), "slice_type" | "parenthesized_type") {
        return Role::AnyOf(arguments);
    }
    match role(family, &function) {
        Role::Name(callee) => Role::Call { callee, receiver: None, arguments },
        Role::Member(object, callee) => Role::Call { callee, receiver: Some(object), arguments },
        _ if function.kind() == "scoped_identifier" => {
            let callee = function.field("name").map(|name| name.text().into_owned()).unwrap_or_default();
            Role::Call { callee, receiver: None, arguments }
        }
        _ => Role::Unknown,
    }
}

/// `new URL(text)` carries what it was made from; other objects are unknown.
fn wrapped<'t>(node: &Node<'t>) -> Role<'t> {
    let class = node.field("constructor").map(|class| class.text().into_owned()).unwrap_or_default();
    match node.field("arguments") {
        Some(arguments) if matches!(class.as_str(), "URL" | "URLSearchParams" | "String" | "Array") => {
            Role::AnyOf(named(&arguments))
        }
        _ => Role::Unknown,
    }
}

/// `format!("… {name} {}", other)`: the names put in. Anything but plain names
/// makes it unknown text, so a name that nobody declares stands for it.
fn format_macro<'t>(node: &Node<'t>) -> Role<'t> {
    let name = node.field("macro").map(|name| name.text().into_owned()).unwrap_or_default();
    if name == "concat" || name == "include_str" || name == "stringify" {
        return Role::Constant;
    }
    if name != "format" {
        return Role::Unknown;
    }
    let Some(tokens) = named(node).into_iter().find(|child| child.kind() == "token_tree") else {
        return Role::Unknown;
    };
    let mut names = Vec::new();
    let children = named(&tokens);
    for (index, child) in children.iter().enumerate() {
        let text = child.text();
        match child.kind().as_ref() {
            "identifier" => names.push(text.into_owned()),
            "string_literal" | "raw_string_literal" if index == 0 => {
                inline_names(&text, &mut names);
            }
            "string_literal" | "integer_literal" | "raw_string_literal" => {}
            _ => names.push("?".to_owned()),
        }
    }
    Role::Format(names)
}

fn inline_names(text: &str, names: &mut Vec<String>) {
    let text = text.replace("{{", "");
    for part in text.split('{').skip(1) {
        let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit()) {
            names.push(name);
        }
    }
}

/// A container that is made with nothing in it: `{}`, `Settings()`, `new HashMap<>()`.
pub(super) fn is_empty(node: &Node<'_>) -> bool {
    match node.kind().as_ref() {
        "dictionary" | "object" | "list" | "array" => named(node).is_empty(),
        "call" | "call_expression" | "new_expression" | "object_creation_expression" => {
            node.field("arguments").is_none_or(|arguments| named(&arguments).is_empty())
        }
        _ => false,
    }
}

/// Whether a node is text for certain.
pub(super) fn is_text(node: &Node<'_>) -> bool {
    match node.kind().as_ref() {
        "string"
        | "concatenated_string"
        | "template_string"
        | "string_literal"
        | "raw_string_literal"
        | "interpreted_string_literal" => true,
        "parenthesized_expression" => named(node).first().is_some_and(|inner| is_text(inner)),
        "binary_operator" | "binary_expression" => {
            ["left", "right"].iter().any(|side| node.field(side).is_some_and(|side| is_text(&side)))
        }
        _ => false,
    }
}

/// What is between the quotes, where it is written as it is.
pub(super) fn literal(node: &Node<'_>) -> Option<String> {
    let text = node.text();
    let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(['\\', quote])).then(|| inner.to_owned())
}
