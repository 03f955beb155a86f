//! Code and emphasis inside of a line.

/// Rewrites what stands between two marks, if they stand at the edges of words.
pub(super) fn between(text: &str, open: &str, close: &str, new: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(open) {
        let inner = &rest[at + open.len()..];
        let end = inner.find(close).filter(|end| {
            let said = &inner[..*end];
            let before = rest[..at].chars().next_back();
            let after = inner[end + close.len()..].chars().next();
            *end > 0
                && said.trim() == said
                && !before.is_some_and(char::is_alphanumeric)
                && !after.is_some_and(char::is_alphanumeric)
        });
        match end {
            Some(end) => {
                out.push_str(&rest[..at]);
                out.push_str(new);
                out.push_str(&inner[..end]);
                out.push_str(new);
                rest = &inner[end + close.len()..];
            }
            None => {
                out.push_str(&rest[..at + open.len()]);
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Takes marks with braces out: `{color:red}`.
pub(super) fn without_braces(text: &str, names: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let inner = &rest[at + 1..];
        let end = inner.find('}');
        let is_mark = names
            .iter()
            .any(|name| inner.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', '}'])));
        match end.filter(|_| is_mark) {
            Some(end) => {
                out.push_str(&rest[..at]);
                rest = &inner[end + 1..];
            }
            None => {
                out.push_str(&rest[..=at]);
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}
