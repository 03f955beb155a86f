//! Patterns that the engine takes and that can match nothing: it parses them as it can,
//! and compares what came of it.

use ast_grep_config::SerializableRuleConfig;
use ast_grep_core::AstGrep;
use ast_grep_core::language::Language as _;
use ast_grep_core::matcher::{Matcher as _, Pattern};
use serde_json::Value;

use crate::language::{Family, Language};
use crate::tree::{Doc, Node};

/// A pattern of the rule that can match no code that parses, and why.
pub(crate) fn silent(
    config: &SerializableRuleConfig<Language>,
    language: Language,
) -> Option<(String, String)> {
    let core = serde_json::to_value(&config.core).ok()?;
    let mut patterns = Vec::new();
    collect(&core, &mut patterns);
    patterns.into_iter().find_map(|text| {
        let why = why_silent(&text, language)?;
        Some((text, why))
    })
}

/// Every pattern of a rule, whatever is around it.
fn collect(value: &Value, patterns: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "pattern" || key == "context" => {
                        patterns.push(text.clone());
                    }
                    other => collect(other, patterns),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, patterns)),
        _ => {}
    }
}

/// What may be around a pattern that is no whole file: a statement, an expression, a part of
/// a class.
const AROUND: [(Language, &str, &str); 16] = [
    (Language::Rust, "", ";"),
    (Language::Rust, "fn f() { ", " }"),
    (Language::Rust, "fn f() { let a = ", "; }"),
    (Language::Rust, "impl A { ", " }"),
    (Language::JavaScript, "class A { ", " }"),
    (Language::JavaScript, "(", ")"),
    (Language::Go, "package a\nfunc f() { ", " }"),
    (Language::Go, "package a\nfunc f() { a(", ") }"),
    (Language::Java, "class A { void f() { ", " } }"),
    (Language::Java, "class A { void f() { a(", "); } }"),
    (Language::Java, "class A { ", " }"),
    (Language::C, "void f() { ", " }"),
    (Language::C, "void f() { a(", "); }"),
    (Language::Php, "", ";"),
    (Language::CSharp, "class A { void F() { ", " } }"),
    (Language::CSharp, "class A { void F() { a(", "); } }"),
];

/// What a call that stands alone is taken for, where a call in a function is none.
const MISREAD: [(Language, &str); 2] =
    [(Language::C, "macro_type_specifier"), (Language::Go, "type_conversion_expression")];

fn why_silent(text: &str, language: Language) -> Option<String> {
    if let Some(kind) = misread(text, language) {
        return Some(format!("alone it is a {kind}: name a `context` and in it a `selector`"));
    }
    let wrong = error(text, language)?;
    let is_there = |(of, before, behind): &(Language, &str, &str)| {
        (of.family() == language.family() && language.family() != Family::Other || *of == language)
            && error(&format!("{before}{text}{behind}"), language).is_none()
    };
    if AROUND.iter().any(is_there) {
        return None;
    }
    let why = match lower_case(text) {
        Some(name) => format!("'${name}' is no metavariable: those are of capital letters"),
        None if wrong.is_empty() => "something is missing in it".to_owned(),
        None => format!("at '{wrong}'"),
    };
    Some(format!("it is no {}: {why}", language.name()))
}

/// The kind of node that a pattern stands for and no call in a function is of.
fn misread(text: &str, language: Language) -> Option<&'static str> {
    let pattern = Pattern::try_new(text, language).ok()?;
    let kinds = pattern.potential_kinds()?;
    let is_it = |kind: &str| kinds.contains(usize::from(language.kind_to_id(kind)));
    MISREAD.iter().find(|(of, kind)| *of == language && is_it(kind)).map(|(_, kind)| *kind)
}

/// The first part of a text that does not parse.
fn error(text: &str, language: Language) -> Option<String> {
    let written = language.pre_process_pattern(text);
    let tree = AstGrep::doc(Doc::try_new(&written, language).ok()?);
    // A metavariable alone stands for anything; what ends a statement is not compared.
    let sign = language.expando_char();
    let is_variable =
        |text: &str| text.chars().all(|c| c == sign || c == '_' || c.is_uppercase() || c.is_ascii_digit());
    let is_wrong = |node: &Node<'_>| {
        node.is_error() && !is_variable(&node.text()) || node.is_missing() && node.kind() != ";"
    };
    let wrong = tree.root().dfs().find(is_wrong)?;
    let at: String = wrong.text().chars().take(40).collect();
    // The grammar's own sign for a metavariable is not what was written.
    Some(at.replace(sign, "$").trim().to_owned())
}

/// The first name behind a `$` that is written in small letters.
fn lower_case(text: &str) -> Option<&str> {
    text.split('$').skip(1).find_map(|rest| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| name.starts_with(|c: char| c.is_lowercase()))
    })
}
