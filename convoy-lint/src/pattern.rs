//! Patterns that the engine takes and that can match nothing: it parses them as it can,
//! and compares what came of it.

use ast_grep_config::SerializableRuleConfig;
use ast_grep_core::AstGrep;
use ast_grep_core::language::Language as _;
use ast_grep_language::SupportLang;
use serde_json::Value;

use crate::language::Language;
use crate::scan::Doc;

/// A pattern of the rule that can match no code that parses, and why.
pub(crate) fn silent(
    config: &SerializableRuleConfig<SupportLang>,
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
                        patterns.push(text.clone())
                    }
                    other => collect(other, patterns),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, patterns)),
        _ => {}
    }
}

fn why_silent(text: &str, language: Language) -> Option<String> {
    let grammar = language.grammar();
    let written = grammar.pre_process_pattern(text);
    let tree = AstGrep::doc(Doc::try_new(&written, grammar).ok()?);
    let wrong = tree.root().dfs().find(|node| node.is_error() || node.is_missing())?;
    let at: String = wrong.text().chars().take(40).collect();
    // The grammar's own sign for a metavariable is not what was written.
    let at = at.replace(grammar.expando_char(), "$");
    let why = match lower_case(text) {
        Some(name) => format!("'${name}' is no metavariable: those are of capital letters"),
        None if at.trim().is_empty() => "something is missing in it".to_owned(),
        None => format!("at '{}'", at.trim()),
    };
    Some(format!("it is no {}: {why}", language.name()))
}

/// The first name behind a `$` that is written in small letters.
fn lower_case(text: &str) -> Option<&str> {
    text.split('$').skip(1).find_map(|rest| {
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        Some(&rest[..end]).filter(|name| name.starts_with(|c: char| c.is_lowercase()))
    })
}
