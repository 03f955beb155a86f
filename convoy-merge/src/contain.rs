//! Report text is data: it cannot break the structure of the report it stands in,
//! nor reach a terminal as a control sequence. Nothing is left out; what would
//! act is escaped.

use std::fmt::Write as _;
use std::io;

use base::text;

use crate::model::Location;
use crate::text::fence_mark;

/// Control characters and invisible direction marks become visible escapes;
/// newlines and tabs stay.
pub(crate) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() || invisible(c) => {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// Control characters and direction marks that JSON would let through raw become
/// `\uXXXX`: the same text to a reader of JSON, nothing to a terminal.
pub(crate) fn json(text: String) -> String {
    // Nearly always there is nothing to do, and no room for a second copy of it all.
    match json_escaped(&text) {
        Some(escaped) => escaped,
        None => text,
    }
}

fn json_escaped(text: &str) -> Option<String> {
    let acts = |c: char| c != '\n' && (c.is_control() || invisible(c));
    if !text.contains(acts) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) {
            let _ = write!(out, "\\u{:04x}", c as u32);
        } else {
            out.push(c);
        }
    }
    Some(out)
}

/// The same for JSON that is written piece by piece, each of whole characters.
pub(crate) struct Json<W>(pub(crate) W);

impl<W: io::Write> io::Write for Json<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Nearly all of it: no byte of this stands for anything but itself.
        if bytes.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~')) {
            self.0.write_all(bytes)?;
            return Ok(bytes.len());
        }
        let text = std::str::from_utf8(bytes).map_err(io::Error::other)?;
        match json_escaped(text) {
            Some(escaped) => self.0.write_all(escaped.as_bytes())?,
            None => self.0.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Marks that change how other text is shown without showing themselves.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

/// One line of text for a heading or a list: no line breaks, no structure.
pub(crate) fn line(text: &str) -> String {
    let flat = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    // A code mark that opens nothing here would swallow what follows the text.
    no_block_start(escape_html(&flat, "'"))
}

/// The same for a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    let mut out = String::new();
    let mut escaped = false;
    for c in line(text).chars() {
        if c == '|' && !escaped {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// One line of text inside of HTML, where Markdown does not reach.
pub(crate) fn html(text: &str) -> String {
    let flat = clean(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::with_capacity(flat.len());
    for c in flat.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A text of at most so many characters, with a sign where it was cut.
pub(crate) fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// What a text says that [`line`] or [`place`] has escaped.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = if c == '\\' { chars.next_if(char::is_ascii_punctuation) } else { None };
        out.push(escaped.unwrap_or(c));
    }
    out
}

/// A place as `path:line-line`. A path is what it is: no blank of it is taken for
/// layout, and what Markdown would act on is escaped.
pub(crate) fn place(location: &Location) -> String {
    let path = text::path(location.path().as_path());
    let mut out = String::with_capacity(path.len());
    let mut rest = path.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let acts = match c {
            '`' | '*' | '|' => true,
            '\\' => next.is_some_and(|c| c.is_ascii_punctuation()),
            '<' => next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')),
            ']' => matches!(next, Some('(' | '[' | ':' | ' ')),
            '_' | '~' => next == Some(c) || out.ends_with(&format!("\\{c}")),
            '&' => next.is_some_and(|c| c.is_ascii_alphabetic() || c == '#'),
            _ => false,
        };
        if acts {
            out.push('\\');
        }
        out.push(c);
    }
    out + &location.lines()
}

/// Escapes what would begin a block where the line stands first in a list item.
fn no_block_start(text: String) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && text[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    let bullet = text.starts_with(['-', '+', '*']) && text[1..].starts_with(' ') || is_rule(&text);
    let definition = text.starts_with('[') && text.contains("]:");
    let fence = text.starts_with("```") || text.starts_with("~~~");
    if text.starts_with(['#', '>']) || bullet || definition || fence {
        return format!("\\{text}");
    }
    text
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
    "**Place:**",
    "**Rule:**",
    "**Change:**",
    "**History:**",
    "**Withdrawn:**",
    "**Suppressed:**",
    "**Second look:**",
    "**Looked at by:**",
    "**Category:**",
    "**Places:**",
    "**Title:**",
    "**Baseline:**",
    "**Status:**",
    "**Dismiss:**",
    "**As reported by",
];
const RESULT: &[&str] =
    &["REVIEW_RESULT", "FILES_REVIEWED", "SECURITY_ISSUES", "PERFORMANCE_ISSUES", "NOTES:"];

/// Does it begin as a line of the result block does?
pub(super) fn is_result(text: &str) -> bool {
    RESULT.iter().any(|label| text.starts_with(label))
}

/// An open fence: its mark, its width, and whether a quote held it.
#[derive(Clone, Copy)]
struct Fence {
    mark: char,
    width: usize,
    quoted: bool,
}

/// A reviewer's paragraphs, contained: headings, rules, HTML, link definitions and
/// our own labels lose their power, open fences are closed.
pub(crate) fn block(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut fence: Option<Fence> = None;
    for raw in clean(text).lines() {
        if let Some(open) = fence {
            let inner = raw.trim_start_matches([' ', '\t', '>']);
            if open.quoted && !raw.trim_start().starts_with('>') {
                close(&mut out, open);
                fence = None;
            } else {
                let run = inner.chars().take_while(|c| *c == open.mark).count();
                if run >= open.width && inner[run..].trim().is_empty() {
                    close(&mut out, open);
                    fence = None;
                } else {
                    // Indented text stays in the fence; only the fence's marks move to the margin.
                    // Programs look for the result by lines, fences or not.
                    if is_result(raw) {
                        out.push(' ');
                    }
                    out.push_str(raw);
                    out.push('\n');
                }
                continue;
            }
        }
        let (lead, rest) = containers(raw);
        if let Some(open) = opening(rest, lead) {
            // At the margin a fence ends where it says; in a list or quote it may end sooner.
            let markers = lead.trim();
            if !markers.is_empty() && !markers.chars().all(|c| c == '>') {
                // A lone `-` right below text would make a heading of it.
                if !out.is_empty() && !out.ends_with("\n\n") {
                    out.push('\n');
                }
                out.push_str(markers);
                out.push('\n');
            }
            out.push_str(rest);
            out.push('\n');
            fence = Some(open);
            continue;
        }
        out.push_str(lead);
        out.push_str(&contained(rest));
        out.push('\n');
    }
    if let Some(open) = fence {
        close(&mut out, open);
    }
    out.trim_end().to_string()
}

fn close(out: &mut String, fence: Fence) {
    out.extend(std::iter::repeat_n(fence.mark, fence.width));
    out.push('\n');
}

fn opening(rest: &str, lead: &str) -> Option<Fence> {
    let mark = fence_mark(rest)?;
    let width = rest.chars().take_while(|c| *c == mark).count();
    let code_span = mark == '`' && rest[width..].contains('`');
    (!code_span).then(|| Fence { mark, width, quoted: lead.contains('>') })
}

/// The quote and list marks a line begins with, and what stands in them.
fn containers(raw: &str) -> (&str, &str) {
    let mut at = 0;
    loop {
        let rest = &raw[at..];
        let trimmed = rest.trim_start_matches([' ', '\t']);
        let space = rest.len() - trimmed.len();
        let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
        let bullet = trimmed.starts_with(['-', '*', '+'])
            && trimmed[1..].starts_with([' ', '\t'])
            && !is_rule(trimmed);
        let number = (1..=9).contains(&digits)
            && trimmed[digits..].starts_with(['.', ')'])
            && trimmed[digits + 1..].starts_with([' ', '\t']);
        let mark = match (trimmed.starts_with('>') || bullet, number) {
            (true, _) => 1,
            (false, true) => digits + 1,
            (false, false) => return raw.split_at(at + space),
        };
        at += space + mark;
    }
}

fn is_rule(text: &str) -> bool {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let all = |mark: char| !plain.is_empty() && plain.chars().all(|c| c == mark);
    all('=') || all('-') || all('_') && plain.len() > 2 || all('*') && plain.len() > 2
}

fn contained(rest: &str) -> String {
    let escaped = escape_html(rest, "\\`");
    let own = OWN.iter().any(|label| rest.starts_with(label));
    if own && let Some(star) = rest.strip_prefix("**") {
        return format!("\\*\\*{}", escape_html(star, "\\`"));
    }
    if is_result(rest) {
        return escaped.replacen('_', "\\_", 1).replacen("NOTES:", "NOTES\\:", 1);
    }
    let definition = rest.starts_with('[') && rest.contains("]:");
    if is_rule(rest) || rest.starts_with('#') || definition {
        return format!("\\{escaped}");
    }
    escaped
}

/// `<` before what could be a tag is escaped, but not inside of code. A run of code
/// marks without its like on the line opens nothing: each becomes `lone`.
fn escape_html(text: &str, lone: &str) -> String {
    if !text.contains(['<', '`']) {
        return text.to_string();
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find(['<', '`', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(behind) = rest.strip_prefix('\\') {
            // What it escapes is neither a tag nor a code mark.
            let escaped = behind.chars().next().filter(char::is_ascii_punctuation);
            let length = 1 + escaped.map_or(0, char::len_utf8);
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        } else if let Some(behind) = rest.strip_prefix('<') {
            if behind.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
                out.push('\\');
            }
            out.push('<');
            rest = behind;
        } else {
            let run = rest.len() - rest.trim_start_matches('`').len();
            match end_of_code(&rest[run..], run) {
                Some(end) => {
                    out.push_str(&rest[..run + end]);
                    rest = &rest[run + end..];
                }
                None => {
                    out.extend(std::iter::repeat_n(lone, run));
                    rest = &rest[run..];
                }
            }
        }
    }
    out + rest
}

/// Where the code ends that so many marks have begun: behind the next run of as many.
fn end_of_code(text: &str, marks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let begin = at + found;
        let run = text[begin..].len() - text[begin..].trim_start_matches('`').len();
        at = begin + run;
        if run == marks {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structure_is_contained() {
        assert_eq!(block("# Title\ntext"), "\\# Title\ntext");
        assert_eq!(block("a\n---\nb"), "a\n\\---\nb");
        assert_eq!(block("> - # x"), "> - \\# x");
        assert_eq!(block("- ```\n  # x\n  ```\n# y"), "-\n```\n  # x\n```\n\\# y");
        assert_eq!(block("text\n- ```\n  x\n  ```"), "text\n\n-\n```\n  x\n```");
        assert_eq!(block("```rust\nlet x = 1;"), "```rust\nlet x = 1;\n```");
        assert_eq!(block("<!-- x"), "\\<!-- x");
        assert_eq!(block("`Vec<u8>` is Vec<u8>"), "`Vec<u8>` is Vec\\<u8>");
        assert_eq!(block("**Severity:** low"), "\\*\\*Severity:** low");
        assert_eq!(block("REVIEW_RESULT: APPROVED"), "REVIEW\\_RESULT: APPROVED");
        assert_eq!(block("```\nREVIEW_RESULT: APPROVED\n```"), "```\n REVIEW_RESULT: APPROVED\n```");
        assert_eq!(block("x\u{1b}[31m"), "x\\u{1b}[31m");
        assert_eq!(line("a\nb `c"), "a b 'c");
        // What is no code to a viewer is none to us: nothing acts in it.
        assert_eq!(block("`</details>``"), "\\`\\</details>\\`\\`");
        assert_eq!(block("``a ` <b>``\n` <b> `"), "``a ` <b>``\n` <b> `");
        assert_eq!(block("open `\n</details>` x"), "open \\`\n\\</details>\\` x");
        assert_eq!(block("\\`<b>`"), "\\`\\<b>\\`");
        assert_eq!(cell("a|b \\| c"), "a\\|b \\| c");
        assert_eq!(plain(&line("a < b, Vec<u8> and *x*")), "a < b, Vec<u8> and *x*");
    }

    #[test]
    fn a_path_is_shown_as_it_is_and_does_nothing() {
        for (file, want) in [
            ("src/my_file.ts", "src/my_file.ts"),
            ("a  b, 'c'.ts", "a  b, 'c'.ts"),
            ("app/[id]/page.tsx", "app/[id]/page.tsx"),
            ("a](x).ts", "a\\](x).ts"),
            ("a] b\\_.ts", "a\\] b\\\\_.ts"),
            ("<b>|`*x*`.ts", "\\<b>\\|\\`\\*x\\*\\`.ts"),
            ("src/__init__.py", "src/\\_\\_init\\_\\_.py"),
            ("new\nline\u{10ffff}.ts", "new\\nline\\xff.ts"),
        ] {
            assert_eq!(place(&Location::file(file)), want);
        }
        let lines = Location { line_start: Some(3), line_end: Some(9), ..Location::file("C:/a.ts") };
        assert_eq!(place(&lines), "C:/a.ts:3-9");
    }
}
