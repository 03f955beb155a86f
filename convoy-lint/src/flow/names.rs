//! Names that mean something: sanitizers, constants by custom, what hands values on.

use std::sync::LazyLock;

use regex::Regex;

/// Functions whose result is a number, a name the program made, or checked text.
const HARMLESS: &[&str] = &[
    "int",
    "float",
    "len",
    "bool",
    "ord",
    "hash",
    "id",
    "round",
    "abs",
    "sum",
    "range",
    "Number",
    "parseInt",
    "parseFloat",
    "Boolean",
    "BigInt",
    "encodeURIComponent",
    "encodeURI",
    "basename",
    "secure_filename",
    "uuid4",
    "UUID",
    "hexdigest",
    "isoformat",
    "strftime",
    "toISOString",
    "toFixed",
    "now",
    "time",
    "floor",
    "ceil",
    "random",
    "len_utf8",
    "count",
    "index",
    "indexOf",
    "ident",
    "Identifier",
    "Literal",
    "parse",
    "type",
    "isinstance",
    "createTextNode",
    "literal_eval",
    "list2cmdline",
    "toString36",
    "min",
    "max",
    "Atoi",
    "Itoa",
    "ParseInt",
    "ParseUint",
    "ParseFloat",
    "ParseBool",
    "FormatInt",
    "Base",
    "parseLong",
    "randomUUID",
    "ordinal",
    "intValue",
    "longValue",
    "doubleValue",
    "getSimpleName",
    // Addresses that the program makes of its own routes.
    "url_for",
    "get_absolute_url",
    // Texts of the program in the reader's language.
    "gettext",
    "gettext_lazy",
    "ugettext",
    "ugettext_lazy",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "$T",
    "_",
    "__",
];

/// Methods that give back their receiver's text.
const HANDS_ON: &[&str] = &[
    "get",
    "getlist",
    "get_all",
    "pop",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "title",
    "replace",
    "replaceAll",
    "decode",
    "encode",
    "split",
    "rsplit",
    "splitlines",
    "trim",
    "trimStart",
    "trimEnd",
    "toLowerCase",
    "toUpperCase",
    "slice",
    "substring",
    "substr",
    "toString",
    "to_string",
    "to_owned",
    "as_str",
    "as_ref",
    "clone",
    "into",
    "into_inner",
    "unwrap",
    "unwrap_or_default",
    "expect",
    "copy",
    "values",
    "keys",
    "items",
    "at",
    "map",
    "filter",
    "text",
    "json",
    "as_bytes",
    "into_boxed_str",
    "valueOf",
    "param",
    "header",
    "Get",
    "String",
    "Bytes",
    "getBytes",
    "toCharArray",
    "getValue",
    "orElse",
    "getvalue",
    "dict",
    "to_dict",
    "shift",
    "removeprefix",
    "removesuffix",
    "partition",
    "rpartition",
    "casefold",
    "trimLeft",
    "trimRight",
    "normalize",
    "entries",
    "read",
];

/// A variable whose name says that it was made safe.
pub(super) fn is_safe_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["sanitized", "sanitised", "escaped", "quoted", "placeholder", "validated"]
        .iter()
        .any(|part| lower.contains(part))
        && !lower.contains("unescaped")
        && !lower.contains("unquoted")
}

/// Whether some text is SQL, by the words a statement cannot do without.
pub(super) fn is_sql(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let has = |word: &str| upper.contains(word);
    (has("SELECT ") && (has("FROM") || has("SELECT *")))
        || has("INSERT INTO")
        || (has("UPDATE ") && has("SET "))
        || has("DELETE FROM")
        || has("WHERE ")
        || has("ORDER BY")
        || has("PRAGMA ")
        || ["DROP ", "CREATE ", "ALTER ", "TRUNCATE "].iter().any(|verb| {
            has(verb) && ["TABLE", "DATABASE", "INDEX", "SCHEMA", "USER", "VIEW"].iter().any(|what| has(what))
        })
}

/// Whether one of these texts (a line each, in its quotes) goes on inside the quotes of a
/// value: `name = '`, or with a place of a format there.
pub(super) fn takes_value(texts: &str) -> bool {
    static VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?im)(=|<|>|\bLIKE|\bIN|\bVALUES|,)\s*\(?\s*(\\?['"]%{0,2}(["`]$|%[-+#]*[0-9.]*[svq]|\{\d*\})|%q)"#,
        )
        .ok()
    });
    VALUE.as_ref().is_some_and(|value| value.is_match(texts))
}

/// Whether some text is SQL, with a value in it; `is_source`: of a request, whatever it names.
pub(super) fn is_statement(text: &str, is_source: bool) -> bool {
    is_sql(text) && (is_source || !takes_names_only(text))
}

/// Whether all that is put into these texts (a line each, in its quotes) stands where the
/// name of a table or a database does. No driver binds those.
fn takes_names_only(texts: &str) -> bool {
    static PLACES: LazyLock<Option<(Regex, Regex)>> = LazyLock::new(|| {
        let place = Regex::new(r#"(?m)\$?\{|%s|["'`]$"#).ok()?;
        let word =
            r#"(?i)(\b(FROM|JOIN|INTO|UPDATE|TABLE|DATABASE|SCHEMA|INDEX|VIEW|EXISTS)\s+|\.)\\?["`]?$"#;
        Some((place, Regex::new(word).ok()?))
    });
    let Some((place, word)) = PLACES.as_ref() else { return false };
    let mut is_some = false;
    for found in place.find_iter(texts) {
        let before = &texts[..found.start()];
        // Where a text ends behind a word or in the quotes of a longer text, nothing is put in.
        let is_end = matches!(found.as_str(), "\"" | "'" | "`");
        let is_close = before.ends_with("}\"") || before.ends_with("}`");
        let goes_on = !is_close && before.ends_with([' ', '"', '`', '\'', '=', '(']);
        let is_triple = before.ends_with("\"\"") || before.ends_with("''");
        if is_end && (!goes_on || is_triple) {
            continue;
        }
        if !word.is_match(before) {
            return false;
        }
        is_some = true;
    }
    is_some
}

/// `TABLE_NAME`: a constant by custom.
pub(super) fn is_constant_name(name: &str) -> bool {
    name.len() > 1
        && name.bytes().any(|b| b.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

/// Properties that are numbers.
pub(super) fn is_number(name: &str) -> bool {
    matches!(
        name,
        "length" | "size" | "byteLength" | "__name__" | "__class__" | "__tablename__" | "lineno" | "pid"
    )
}

/// Calls whose result cannot carry an attack, whatever they were given.
pub(super) fn is_sanitizer(callee: &str) -> bool {
    let lower = callee.to_ascii_lowercase();
    HARMLESS.contains(&callee)
        || [
            "escape",
            "sanitiz",
            "sanitis",
            "quote",
            "purify",
            "bleach",
            "clean",
            "validate",
            "placeholder",
            "whitelist",
            "allowlist",
        ]
        .iter()
        .any(|part| lower.contains(part) && !lower.contains("unescape") && !lower.contains("unquote"))
}

/// Whether this makes text safe in a page, and nowhere else.
pub(super) fn escapes_markup(module: Option<&str>, callee: &str) -> bool {
    let lower = callee.to_ascii_lowercase();
    callee == "escape" && module.is_some_and(|module| matches!(module, "html" | "markupsafe" | "cgi" | "_"))
        || lower.contains("escape") && lower.contains("html")
}

/// Whether some text is HTML: it begins or ends an element.
pub(super) fn is_markup(text: &str) -> bool {
    text.match_indices('<')
        .any(|(at, _)| text[at + 1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!'))
}

/// Functions of a module that hand on their arguments in another form.
pub(super) fn reads_in(module: &str, function: &str) -> bool {
    matches!(
        (module, function),
        // Of an address the parts, and what is asked for in them.
        ("JSON" | "url" | "URL" | "Url" | "qs" | "querystring", "parse")
            | ("json", "loads")
            | ("filepath" | "path", "Join")
            | ("Paths" | "Path", "get" | "of")
            | (
                "strings",
                "TrimSpace" | "ToLower" | "ToUpper" | "Trim" | "TrimPrefix" | "TrimSuffix" | "Join"
            )
            | ("base64", "b64decode" | "urlsafe_b64decode" | "b64encode")
            | ("URLDecoder", "decode")
            | ("URI", "create")
            | ("String", "valueOf")
            | ("path", "resolve" | "normalize")
            | ("os.path", "join" | "abspath" | "realpath" | "normpath" | "expanduser")
            | (
                "urllib.parse" | "parse",
                "unquote" | "unquote_plus" | "urlparse" | "urlsplit" | "parse_qs" | "parse_qsl" | "urljoin"
            )
            | ("Buffer", "from")
            | ("pathlib", "Path" | "PurePath")
            | ("textwrap", "dedent" | "indent" | "fill")
    )
}

/// Functions that put values into a text.
pub(super) fn formats(module: &str, function: &str) -> bool {
    matches!(
        (module, function),
        ("fmt", "Sprintf" | "Sprint" | "Sprintln") | ("String" | "MessageFormat" | "util", "format")
    )
}

/// Methods whose result is their receiver's text, or a part of it.
pub(super) fn hands_on(method: &str) -> bool {
    HANDS_ON.contains(&method)
}

/// Methods that put their receiver and arguments together.
pub(super) fn is_concat(method: &str) -> bool {
    matches!(method, "concat" | "format_map" | "formatted" | "append" | "padStart" | "padEnd")
}

/// Functions that hand on their argument as text.
pub(super) fn converts(callee: &str) -> bool {
    matches!(
        callee,
        "str"
            | "String"
            | "bytes"
            | "unicode"
            | "text"
            | "list"
            | "tuple"
            | "sorted"
            | "reversed"
            | "set"
            | "decodeURIComponent"
            | "decodeURI"
            | "unescape"
            | "unquote"
            | "from"
            | "dict"
            | "sql_text"
            | "Path"
            | "Some"
            | "dedent"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_into_a_statement_is_a_name_or_a_value() {
        for (texts, expected) in [
            ("`CREATE DATABASE \"${name}\"`\n", true),
            ("\"DELETE FROM \"\n\" WHERE a = '\"\n\"'\"\n", false),
            ("f\"DELETE FROM {table}\"\n", true),
            ("\"SELECT * FROM \"\n", true),
            ("\"SELECT * FROM \"\n\" WHERE a = 1\"\n", true),
            ("\"SELECT * FROM %s\"\n", true),
            ("`SELECT a FROM ${schema}.${table}`\n", true),
            ("`SELECT a FROM t WHERE b = '${b}'`\n", false),
            ("`SELECT a FROM ${t} WHERE b = ${b}`\n", false),
            ("\"SELECT a FROM t WHERE b = \"\n", false),
            ("\"SELECT a FROM t WHERE b = '\"\n\"'\"\n", false),
            ("f\"SELECT a FROM t ORDER BY {by}\"\n", false),
            // It is not seen what is put in.
            ("\"SELECT a FROM t\"\n", false),
            ("", false),
        ] {
            assert_eq!(takes_names_only(texts), expected, "{texts}");
        }
    }
}
