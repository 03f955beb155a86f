//! Where values come from: what clients send, and generators that can be predicted.

use crate::finding::Step;
use crate::language::Family;
use crate::tree::Node;

/// Which values are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Data of a request.
    Request,
    /// What `random` and `Math.random` make.
    Generator,
}

/// What holds data of the client in a Python request object.
const PYTHON_REQUEST: &[&str] = &[
    "args",
    "form",
    "values",
    "json",
    "data",
    "GET",
    "POST",
    "COOKIES",
    "cookies",
    "headers",
    "files",
    "FILES",
    "query_params",
    "path_params",
    "get_json",
    "get_data",
    "params",
    "query_string",
    "body",
    "query",
    "match_info",
    "forms",
    "view_args",
    "matchdict",
    "json_body",
];

/// Methods of handlers and of what wraps a request: what they give is data of the client,
/// whatever the object is called.
const READERS: &[&str] = &[
    "get_argument",
    "get_arguments",
    "get_query_argument",
    "get_query_arguments",
    "get_body_argument",
    "get_body_arguments",
    "get_query_parameter",
    "get_query_param",
    "get_form_parameter",
    "get_form_param",
    "get_request_parameter",
    "get_request_param",
];

/// What holds data of the client in a JavaScript request object.
const JAVASCRIPT_REQUEST: &[&str] = &[
    "body",
    "query",
    "params",
    "headers",
    "cookies",
    "url",
    "originalUrl",
    "hostname",
    "rawBody",
    "param",
    "querystring",
    "json",
    "formData",
    "nextUrl",
];

/// What gives data of the client of a request in Java.
const JAVA_REQUEST: &[&str] = &[
    "getParameter",
    "getParameterValues",
    "getParameterMap",
    "getHeader",
    "getHeaders",
    "getQueryString",
    "getCookies",
    "getPathInfo",
    "getRequestURI",
    "getReader",
    "getInputStream",
];

/// Of these a file has one if anything in it is data of a request, or of a page; `None`: it
/// is not known.
pub(super) fn words(family: Family) -> Option<&'static [&'static str]> {
    match family {
        // The last two: paths of routes, whose functions are handed parts of them.
        Family::Python => Some(&["request", "req.", "get_", "event", "(\"/", "('/"]),
        Family::JavaScript => Some(&[
            "req.",
            "req?.",
            "request",
            "ctx",
            "event",
            "location",
            "document",
            "window",
            "$route",
            "args",
            "@Query(",
            "@Body(",
            "@Param(",
            "@Headers(",
            ".data",
        ]),
        Family::Go | Family::Java | Family::Rust | Family::Other => None,
    }
}

/// Whether `object.name` is data of a request.
pub(super) fn is_request(family: Family, object: &str, name: &str) -> bool {
    match family {
        Family::Python => {
            let is_request =
                matches!(object, "request" | "self.request" | "flask.request" | "req" | "bottle.request");
            is_request && PYTHON_REQUEST.contains(&name)
                || object == "self.request" && name == "get"
                || READERS.contains(&name)
        }
        Family::JavaScript => match object {
            "req" | "request" | "ctx" | "ctx.request" | "ctx.req" | "this.req" | "this.request"
            | "this.ctx" | "c.req" => JAVASCRIPT_REQUEST.contains(&name),
            "event" => matches!(
                name,
                "body" | "queryStringParameters" | "pathParameters" | "multiValueQueryStringParameters"
            ),
            "location" | "window.location" | "document.location" | "self.location" => {
                matches!(name, "hash" | "search" | "href")
            }
            "document" => matches!(name, "URL" | "documentURI" | "referrer" | "cookie"),
            "window" => name == "name",
            "this.$route" => matches!(name, "query" | "params" | "hash"),
            _ => false,
        },
        Family::Go => is_go_request(object, name),
        Family::Java => {
            let object = object.strip_prefix("this.").unwrap_or(object);
            matches!(object, "request" | "req" | "httpRequest" | "servletRequest" | "httpServletRequest")
                && JAVA_REQUEST.contains(&name)
        }
        Family::Rust | Family::Other => false,
    }
}

/// `net/http`, gin, echo, chi and gorilla.
fn is_go_request(object: &str, name: &str) -> bool {
    match object {
        "r" | "req" | "request" => {
            matches!(name, "FormValue" | "PostFormValue" | "PathValue" | "Form" | "PostForm" | "RequestURI")
        }
        "r.URL" | "req.URL" | "request.URL" | "c.Request.URL" => {
            matches!(name, "Query" | "RawQuery" | "Path" | "RawPath")
        }
        "r.Header" | "req.Header" | "request.Header" | "c.Request.Header" => matches!(name, "Get" | "Values"),
        "c" | "ctx" => matches!(
            name,
            "Query"
                | "DefaultQuery"
                | "PostForm"
                | "DefaultPostForm"
                | "QueryParam"
                | "FormValue"
                | "GetHeader"
        ),
        "mux" => name == "Vars",
        "chi" => name == "URLParam",
        _ => false,
    }
}

/// `event.data` where the page listens for messages: other pages send it.
pub(super) fn is_message(node: &Node<'_>, object: &str, name: &str) -> bool {
    name == "data"
        && matches!(object, "event" | "e" | "evt" | "message" | "msg")
        && node.ancestors().any(|around| {
            around.kind() == "call_expression"
                && around.field("function").is_some_and(|f| f.text().ends_with("addEventListener"))
                && around.field("arguments").is_some_and(|arguments| {
                    arguments
                        .text()
                        .trim_start_matches(['(', ' ', '\n', '\t', '\'', '"'])
                        .starts_with("message")
                })
        })
}

/// Whether `object.name` makes values that can be predicted.
pub(super) fn is_generator(family: Family, object: &str, name: &str) -> bool {
    match family {
        Family::Python => {
            matches!(object, "random" | "np.random" | "numpy.random")
                && matches!(
                    name,
                    "choice"
                        | "choices"
                        | "randint"
                        | "random"
                        | "randrange"
                        | "sample"
                        | "getrandbits"
                        | "uniform"
                        | "randbytes"
                        | "normalvariate"
                        | "gauss"
                        | "triangular"
                        | "betavariate"
                        | "expovariate"
                )
        }
        Family::JavaScript => object == "Math" && name == "random",
        _ => false,
    }
}

/// Modules whose values cannot be predicted, whatever they are given.
pub(super) fn is_strong(object: &str) -> bool {
    matches!(object, "secrets" | "crypto" | "uuid" | "os" | "bcrypt" | "nacl")
}

/// Data of the page in the browser: nothing a server is asked for. Nor is it what led to
/// the handler, or what a link cannot set.
pub(super) fn is_of_page(steps: &[Step]) -> bool {
    const ORIGINS: [&str; 5] = ["location", "window", "document", "self.", "this.$route"];
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
        // A server has handlers called `self`.
        let is_server = step.text.starts_with("self.request") || step.text.starts_with("self.get_");
        !is_server && ORIGINS.iter().any(|origin| step.text.starts_with(origin))
            || LED_HERE.iter().any(|part| step.text.contains(part))
    })
}
