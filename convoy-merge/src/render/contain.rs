//! Report text is data: it cannot break the structure of the report it stands in,
//! nor reach a terminal as a control sequence. Nothing is left out; what would
//! act is escaped.

use crate::extract::fence_mark;

/// Control characters and invisible direction marks become visible escapes;
/// newlines and tabs stay.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() || invisible(c) => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// Control characters and direction marks that JSON would let through raw become
/// `\uXXXX`: the same text to a reader of JSON, nothing to a terminal.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && (c.is_control() || invisible(c)) {
            out.push_str(&format!("\\u{:04x}", c as u32));
        } else {
            out.push(c);
        }
    }
    out
}

/// Marks that change how other text is shown without showing themselves.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// One line of text for a heading or a list: no line breaks, no structure.
pub(crate) fn line(text: &str) -> String {
    let flat = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let flat = escape_html(&flat);
    // An odd code mark would swallow what follows it.
    if flat.matches('`').count() % 2 == 1 { flat.replace('`', "'") } else { flat }
}

/// Labels that our own report and its readers understand.
const OWN: &[&str] = &[
    "**Severity:**",
    "**Finding:**",
    "**Found by:**",
    "**Confidence:**",
    "**Total:**",
    "**Reviewed:**",
    "**Missing:**",
    "**Not reviewed:**",
    "**Also:**",
    "**Withdrawn:**",
    "**Suppressed:**",
    "**Category:**",
    "**As reported by",
];
const RESULT: &[&str] =
    &["REVIEW_RESULT", "FILES_REVIEWED", "SECURITY_ISSUES", "PERFORMANCE_ISSUES", "NOTES:"];

/// A reviewer's paragraphs, contained: headings, rules, HTML, link definitions and
/// our own labels lose their power, open fences are closed.
pub(crate) fn block(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut fence: Option<(char, usize)> = None;
    for raw in clean(text).lines() {
        let trimmed = raw.trim_start();
        let mark = fence_mark(trimmed);
        if let Some((open, width)) = fence {
            let run = trimmed.chars().take_while(|c| *c == open).count();
            if mark == Some(open) && run >= width && trimmed[run..].trim().is_empty() {
                fence = None;
            }
            out.push_str(raw);
            out.push('\n');
            continue;
        }
        if let Some(mark) = mark {
            let run = trimmed.chars().take_while(|c| *c == mark).count();
            if !(mark == '`' && trimmed[run..].contains('`')) {
                fence = Some((mark, run));
                // At the margin a fence holds everything; deeper it might end with its list.
                out.push_str(raw.trim_start());
                out.push('\n');
                continue;
            }
        }
        out.push_str(&contained_line(raw));
        out.push('\n');
    }
    if let Some((mark, width)) = fence {
        out.extend(std::iter::repeat_n(mark, width));
        out.push('\n');
    }
    out.trim_end().to_string()
}

fn contained_line(raw: &str) -> String {
    let indent = raw.len() - raw.trim_start().len();
    let (space, rest) = raw.split_at(indent);
    let escaped = escape_html(rest);
    let plain = rest.trim_end();
    let underline = !plain.is_empty()
        && (plain.chars().all(|c| c == '=')
            || plain.chars().all(|c| matches!(c, '-' | ' ')) && plain.contains('-')
            || plain.chars().all(|c| matches!(c, '_' | ' ')) && plain.len() > 2
            || plain.chars().all(|c| matches!(c, '*' | ' ')) && plain.matches('*').count() > 2);
    let heading = rest.starts_with('#');
    let definition = rest.starts_with('[') && rest.contains("]:");
    let own =
        OWN.iter().any(|label| rest.starts_with(label)) || RESULT.iter().any(|label| rest.starts_with(label));
    if own && let Some(star) = rest.strip_prefix("**") {
        return format!("{space}\\*\\*{}", escape_html(star));
    }
    if own {
        return format!("{space}{}", escaped.replacen('_', "\\_", 1).replacen("NOTES:", "NOTES\\:", 1));
    }
    if underline || heading || definition {
        return format!("{space}\\{escaped}");
    }
    format!("{space}{escaped}")
}

/// `<` before what could be a tag is escaped, but not inside code marks.
fn escape_html(text: &str) -> String {
    if !text.contains('<') {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let ticks = text.matches('`').count();
    let mut seen = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '`' {
            seen += 1;
        }
        // Inside a pair of marks; an odd last mark opens nothing.
        let code = seen % 2 == 1 && !(ticks % 2 == 1 && seen == ticks);
        if c == '<'
            && !code
            && chars.peek().is_some_and(|n| n.is_ascii_alphabetic() || matches!(n, '/' | '!' | '?'))
            && !out.ends_with('\\')
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_is_contained() {
        assert_eq!(block("# Title\ntext"), "\\# Title\ntext");
        assert_eq!(block("a\n---\nb"), "a\n\\---\nb");
        assert_eq!(block("```rust\nlet x = 1;"), "```rust\nlet x = 1;\n```");
        assert_eq!(block("<!-- x"), "\\<!-- x");
        assert_eq!(block("`Vec<u8>` is Vec<u8>"), "`Vec<u8>` is Vec\\<u8>");
        assert_eq!(block("**Severity:** low"), "\\*\\*Severity:** low");
        assert_eq!(block("REVIEW_RESULT: APPROVED"), "REVIEW\\_RESULT: APPROVED");
        assert_eq!(block("x\u{1b}[31m"), "x\\u{1b}[31m");
        assert_eq!(line("a\nb `c"), "a b 'c");
    }
}
