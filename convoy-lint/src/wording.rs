//! Words about code: what a rule says with the names of the code in it, and code as one line.

use base::text;

/// Code quoted in a report is cut here (characters).
const QUOTE: usize = 120;

/// Puts texts into the words of a rule: `$NAME` becomes the text of that name.
pub(crate) fn fill(template: &str, text_of: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let name_len = rest[at + 1..]
            .bytes()
            .take_while(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
            .count();
        let name = &rest[at + 1..at + 1 + name_len];
        match text_of(name) {
            Some(text) if name_len > 0 => out.push_str(&text),
            _ => out.push_str(&rest[at..=at + name_len]),
        }
        rest = &rest[at + 1 + name_len..];
    }
    out.push_str(rest);
    out
}

/// Code as one short line, safe to print.
pub(crate) fn quote(code: &str) -> String {
    let first_line = code.lines().next().unwrap_or("").trim();
    let is_cut = code.trim().lines().count() > 1 || first_line.chars().count() > QUOTE;
    let mut out: String = first_line.chars().take(QUOTE).collect();
    if is_cut {
        out.push('…');
    }
    text::visible(&out)
}
