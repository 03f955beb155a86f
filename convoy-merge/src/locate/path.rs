//! What is a path, and what only looks like one.

use std::borrow::Cow;

use super::Trust;
use crate::vocabulary::PATHS;

pub(super) fn normal_path(path: &str) -> String {
    let mut path = slashed(path).into_owned();
    if path.contains('%') {
        path = super::decoded(&path);
    }
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.to_string();
    }
    path
}

/// With `/` between its parts; `\/` is an escaped one.
fn slashed(path: &str) -> Cow<'_, str> {
    if path.contains('\\') {
        Cow::Owned(path.replace("\\/", "/").replace('\\', "/"))
    } else {
        Cow::Borrowed(path)
    }
}

/// What speaks for a path beside its letters.
#[derive(Clone, Copy)]
struct Around {
    /// It stands in quotes or code marks.
    quoted: bool,
    has_line: bool,
    trust: Trust,
}

impl Around {
    fn field(self) -> bool {
        self.trust != Trust::Prose
    }
}

/// A path with `/` between its parts, and what its last part consists of.
struct Parts<'a> {
    unix: &'a str,
    name: &'a str,
    stem: &'a str,
    ext: &'a str,
    slash: bool,
}

impl<'a> Parts<'a> {
    fn of(unix: &'a str) -> Self {
        let name = unix.rsplit('/').next().unwrap_or(unix);
        let (stem, ext) = name.rsplit_once('.').unwrap_or((name, ""));
        Parts { unix, name, stem, ext, slash: unix.contains('/') }
    }
}

pub(super) fn is_path(path: &str, quoted: bool, has_line: bool, trust: Trust) -> bool {
    // Without a line it is a name of the table, or has folders or an ending.
    if !has_line && !path.contains(['.', '/', '\\']) && !PATHS.names.contains(path) {
        return false;
    }
    if is_impossible(path) || !has_line && PATHS.products.contains(path.to_lowercase().as_str()) {
        return false;
    }
    let unix = slashed(path);
    let parts = Parts::of(&unix);
    let around = Around { quoted, has_line, trust };
    by_name(&parts, around).or_else(|| by_slash(&parts, around)).unwrap_or_else(|| by_line(&parts, around))
}

/// Signs that no path has, or that belong to code, addresses and switches.
fn is_impossible(path: &str) -> bool {
    let foreign = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '"' | '\'' | '<' | '>' | '|' | '=' | ';' | ',' | '`' | '?' | '!')
    };
    if path.is_empty() || path.chars().any(foreign) {
        return true;
    }
    let drive = path.len() > 2 && path.as_bytes()[1] == b':';
    path[if drive { 2 } else { 0 }..].contains(':')
        || path.contains('/') && ["//", "path/to/"].iter().any(|part| path.contains(part))
        || path.starts_with(['-', '+', '#', '$', '&']) && !path.starts_with("$lib")
        || path.contains("...") && !path.contains('/')
}

/// By a known name or ending; `None` = it has none.
fn by_name(parts: &Parts<'_>, around: Around) -> Option<bool> {
    let Parts { name, stem, ext, slash, .. } = *parts;
    let tables = &*PATHS;
    if tables.names.contains(name) || name.starts_with("Dockerfile.") {
        return Some(slash || around.quoted || around.has_line || around.field() || name.contains('.'));
    }
    // Calls and indexing (`foo(x).rs`) are code; route folders (`[id]`, `(group)`) are not.
    let code =
        name.contains(['(', ')', '[', ']', '*', '@']) && !name.starts_with('*') && !name.contains(".*");
    if !slash && code {
        return Some(false);
    }
    let lower = ext.to_ascii_lowercase();
    if tables.extensions.contains(lower.as_str()) && (!stem.is_empty() || slash) {
        let named = slash || stem.chars().any(char::is_alphanumeric) || stem.contains('*');
        return Some(ext.len() > 1 && named);
    }
    (tables.weak.contains(lower.as_str()) && !stem.is_empty()).then(|| {
        let letter = ext.len() == 1 && !matches!(ext, "v" | "d" | "s" | "m" | "t");
        slash || around.has_line || around.quoted && stem.len() > 1 && letter
    })
}

/// By its folders; `None` = they decide nothing.
fn by_slash(parts: &Parts<'_>, around: Around) -> Option<bool> {
    let Parts { unix, name, ext, slash, .. } = *parts;
    let number = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if slash && around.has_line {
        return Some(!unix.split('/').all(number));
    }
    if !(slash && around.field()) {
        return None;
    }
    // `handle_event/3` is a function and its arity.
    let arity = number(name) && !name.is_empty();
    let deep = unix.ends_with('/') || unix.matches('/').count() >= 2 || unix.starts_with('.');
    let folder = ext.is_empty() && !unix.starts_with("/api") && !unix.contains('(') && deep;
    Some(!arity && (around.quoted || folder))
}

/// By the line behind it.
fn by_line(parts: &Parts<'_>, around: Around) -> bool {
    let Parts { name, stem, ext, .. } = *parts;
    if !around.has_line {
        return false;
    }
    let stated = around.trust == Trust::Stated && ext.is_empty() && is_bare_name(name);
    let told = (around.field() || around.quoted)
        && name.chars().next().is_some_and(char::is_alphabetic)
        && !name.eq_ignore_ascii_case("localhost")
        && !ext.chars().all(|c| c.is_ascii_digit());
    let ending = !ext.is_empty()
        && ext.chars().all(char::is_alphanumeric)
        && ext.chars().any(char::is_alphabetic)
        && ext.len() <= 8
        && !stem.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !is_host(name);
    stated || told || ending
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
