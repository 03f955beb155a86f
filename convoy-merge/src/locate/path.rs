//! What is a path, and what only looks like one.

use super::Trust;
use crate::vocabulary::PATHS;

pub(super) fn normal_path(path: &str) -> String {
    let mut path = path.replace('\\', "/");
    if path.contains('%') {
        path = percent_decode(&path);
    }
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.to_string();
    }
    path
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten()
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = hex {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_string())
}

pub(super) fn is_path(path: &str, quoted: bool, has_line: bool, trust: Trust) -> bool {
    let field = trust != Trust::Prose;
    if path.is_empty()
        || path.chars().any(|c| {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '"' | '\'' | '<' | '>' | '|' | '=' | ';' | ',' | '`' | '?' | '!')
        })
    {
        return false;
    }
    let drive = path.len() > 2 && path.as_bytes()[1] == b':';
    if path[if drive { 2 } else { 0 }..].contains(':')
        || path.contains("//")
        || path.contains("->")
        || path.contains("=>")
    {
        return false;
    }
    if path.starts_with(['-', '+', '#', '$', '&']) && !path.starts_with("$lib")
        || path.contains("path/to/")
        || path.contains("...") && !path.contains('/')
    {
        return false;
    }
    let unix = path.replace('\\', "/");
    let name = unix.rsplit('/').next().unwrap_or(&unix);
    let slash = unix.contains('/');
    let tables = &*PATHS;
    if tables.products.contains(path.to_lowercase().as_str()) && !has_line {
        return false;
    }
    if tables.names.contains(name) || name.starts_with("Dockerfile.") {
        return slash || quoted || has_line || field || name.contains('.');
    }
    let (stem, ext) = match name.rsplit_once('.') {
        Some((stem, ext)) => (stem, ext),
        None => (name, ""),
    };
    // Calls and indexing (`foo(x).rs`) are code; route folders (`[id]`, `(group)`) are not.
    if !slash
        && name.contains(['(', ')', '[', ']', '*', '@'])
        && !(name.starts_with('*') || name.contains(".*"))
    {
        return false;
    }
    let ext_low = ext.to_ascii_lowercase();
    if tables.extensions.contains(ext_low.as_str()) && (!stem.is_empty() || slash) {
        return ext.len() > 1 && (slash || stem.chars().any(char::is_alphanumeric) || stem.contains('*'));
    }
    if tables.weak.contains(ext_low.as_str()) && !stem.is_empty() {
        return slash
            || has_line
            || quoted
                && stem.len() > 1
                && ext.len() == 1
                && ext != "v"
                && ext != "d"
                && ext != "s"
                && ext != "m"
                && ext != "t";
    }
    if slash && has_line {
        return !unix.split('/').all(|part| part.chars().all(|c| c.is_ascii_digit()));
    }
    if slash && field {
        // `handle_event/3` is a function and its arity.
        if name.chars().all(|c| c.is_ascii_digit()) && !name.is_empty() {
            return false;
        }
        return quoted
            || ext.is_empty()
                && !unix.starts_with("/api")
                && unix.matches('/').count() >= 1
                && !unix.contains('(')
                && unix.chars().any(|c| c == '/')
                && (unix.ends_with('/') || unix.matches('/').count() >= 2 || path.starts_with('.'));
    }
    if trust == Trust::Stated && has_line && ext.is_empty() && is_bare_name(name) {
        return true;
    }
    has_line
        && (field || quoted)
        && name.chars().next().is_some_and(char::is_alphabetic)
        && !name.eq_ignore_ascii_case("localhost")
        && !ext.chars().all(|c| c.is_ascii_digit())
        || has_line
            && !ext.is_empty()
            && ext.chars().all(char::is_alphanumeric)
            && ext.chars().any(char::is_alphabetic)
            && ext.len() <= 8
            && !stem.chars().all(|c| c.is_ascii_digit() || c == '.')
            && !is_host(name)
}

/// `index-conversations` of `index-conversations:12`; not `line:12`.
fn is_bare_name(name: &str) -> bool {
    name.chars().any(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !PATHS.no_names.contains(name.to_lowercase().as_str())
}

fn is_host(name: &str) -> bool {
    matches!(
        name.rsplit('.').next(),
        Some("com" | "org" | "net" | "io" | "local" | "internal" | "test" | "localhost")
    )
}
