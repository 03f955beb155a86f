//! Parameters of functions, and which of them a framework fills from a request.

use crate::flow::grammar::named;
use crate::language::Family;
use crate::tree::Node;

/// A parameter of a function.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    Plain,
    Number,
    /// The framework puts data of the request here.
    Request,
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
                || name == "event" && is_cloud_handler(scope)
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

/// `(event, context) => …`, `exports.handler = async (event) => …`: the cloud hands it what it was
/// called with.
fn is_cloud_handler(scope: &Node<'_>) -> bool {
    let names = parameter_names(scope).unwrap_or_default();
    let is_first = names.first().is_some_and(|first| first == "event");
    let is_assigned = || {
        scope.parent().is_some_and(|around| {
            let name = around.field("left").or_else(|| around.field("name"));
            name.is_some_and(|name| {
                matches!(name.text().as_ref(), "exports.handler" | "module.exports.handler" | "handler")
            })
        })
    };
    is_first && (names.get(1).is_some_and(|second| second == "context") || names.len() == 1 && is_assigned())
}

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
        [
            ".route(", ".get(", ".post(", ".put(", ".patch(", ".delete(", "@route(", "@get(", "@post(",
            "@put(", "@delete(",
        ]
        .iter()
        .any(|part| {
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

#[cfg(test)]
mod tests {
    use ast_grep_core::AstGrep;

    use super::*;
    use crate::language::Language;
    use crate::tree::Doc;

    /// What the first function of a text that has parameters takes for this one.
    fn of(language: Language, text: &str, name: &str) -> Option<Parameter> {
        let tree = AstGrep::doc(Doc::try_new(text, language).unwrap());
        let root = tree.root();
        let scope = root.dfs().find(|node| node.field("parameters").is_some()).unwrap();
        parameter(language.family(), &scope, name)
    }

    #[test]
    fn a_handler_is_handed_parts_of_the_request_and_objects_of_the_program() {
        let route = |parameters: &str| format!("@app.get('/a')\ndef f({parameters}):\n    pass\n");
        for (parameters, name, expected) in [
            ("name", "name", Some(Parameter::Request)),
            ("name: str = 'a'", "name", Some(Parameter::Request)),
            ("n: int", "n", Some(Parameter::Number)),
            // What the program makes for it: a session of the database, what is asked for by name.
            ("session: Session", "session", Some(Parameter::Plain)),
            ("db: Session, name: str", "db", Some(Parameter::Plain)),
            ("db: Session, name: str", "name", Some(Parameter::Request)),
            ("own: Session = Depends(get_session)", "own", Some(Parameter::Plain)),
            ("request, name", "request", Some(Parameter::Plain)),
            ("name", "other", None),
        ] {
            let found = of(Language::Python, &route(parameters), name);
            assert_eq!(found, expected, "{parameters}: {name}");
        }
        let plain = "def f(session, name):\n    pass\n";
        assert_eq!(of(Language::Python, plain, "name"), Some(Parameter::Plain));
    }
}
