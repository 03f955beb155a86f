//! Text from outside as Markdown of GitHub and GitLab: it reads as it was written,
//! and nothing in it acts. No markup, no HTML, no link, nobody is mentioned, no issue
//! is referred to, no bot or quick action is given an order.

use crate::text::visible;

/// Breaks `@name` and `#1` apart without being seen. An entity would not do: mentions
/// are looked for after entities are read.
const NOTHING: &str = "&#8203;";

/// One line in which nothing is markup; it fits into a cell of a table.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_escaped(&mut out, &visible(text));
    guarded(out)
}

/// Paragraphs as a reviewer wrote them. What stays of their layout: line breaks, fenced
/// code, code within a line, and a label in bold (`**Impact:**`) that begins a line.
pub fn block(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut open: Option<Code> = None;
    for raw in text.lines() {
        let rest = raw.trim_start();
        match open.take() {
            Some(code) if code.ends_with(rest) => out.push_str(&fenced("", &code.lines)),
            Some(mut code) => {
                code.lines.push_str(raw);
                code.lines.push('\n');
                open = Some(code);
            }
            None => match Code::opened_by(rest) {
                Some(code) => open = Some(code),
                None => {
                    out.push_str(&prose(rest));
                    out.push('\n');
                }
            },
        }
    }
    if let Some(code) = open {
        out.push_str(&fenced("", &code.lines));
    }
    out.trim_end().to_owned()
}

/// Code in a fence that it cannot end, with its last line ended. A line of it that a bot
/// could take for an order is moved to the right by a blank; what is not to be seen is
/// shown. So it is to be read, not to be applied: [`is_plain_code`] tells when the text
/// is kept to the byte.
pub fn fenced(info: &str, code: &str) -> String {
    let mark = "`".repeat(longest_run(code, '`').max(2) + 1);
    let mut out = format!("{mark}{info}\n");
    for line in code.lines() {
        if is_order(line) {
            out.push(' ');
        }
        let shown: Vec<String> = line.split('\t').map(visible).collect();
        out.push_str(&shown.join("\t"));
        out.push('\n');
    }
    out + &mark + "\n"
}

/// Does [`fenced`] keep this code as it is?
pub fn is_plain_code(code: &str) -> bool {
    let kept = |line: &str| !is_order(line) && line.split('\t').all(|piece| visible(piece) == piece);
    !code.contains('\r') && code.lines().all(kept)
}

/// `/merge`, `/lgtm`: what bots and GitLab's quick actions look for at the beginning of
/// a line.
fn is_order(line: &str) -> bool {
    line.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Fenced code that is being read.
struct Code {
    mark: char,
    width: usize,
    lines: String,
}

impl Code {
    fn opened_by(line: &str) -> Option<Self> {
        let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let width = line.chars().take_while(|c| *c == mark).count();
        let opens = width >= 3 && !(mark == '`' && line[width..].contains('`'));
        opens.then(|| Code { mark, width, lines: String::new() })
    }

    fn ends_with(&self, line: &str) -> bool {
        let width = line.chars().take_while(|c| *c == self.mark).count();
        width >= self.width && line[width..].trim().is_empty()
    }
}

fn longest_run(text: &str, mark: char) -> usize {
    text.split(|c| c != mark).map(str::len).max().unwrap_or(0)
}

fn prose(line: &str) -> String {
    let label = line.strip_prefix("**").and_then(|rest| rest.split_once(":**"));
    let plain = |c: char| c.is_ascii_alphabetic() || c == ' ';
    if let Some((label, rest)) =
        label.filter(|(label, _)| label.starts_with(plain) && label.chars().all(plain))
    {
        return format!("**{}:**{}", label.trim(), spans(rest));
    }
    guarded(spans(line))
}

/// A line with its code in code spans, all else escaped.
fn spans(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        push_escaped(&mut out, &visible(before));
        let single = !from[1..].starts_with('`');
        let end = from[1..].find('`').filter(|end| single && !from[end + 2..].starts_with('`'));
        let code = end.map(|end| &from[1..=end]).filter(|code| !code.trim().is_empty());
        if let Some(code) = code {
            out.push('`');
            out.push_str(&visible(code));
            out.push('`');
            rest = &from[code.len() + 2..];
        } else {
            let run = from.len() - from.trim_start_matches('`').len();
            out.push_str(&"\\`".repeat(run));
            rest = &from[run..];
        }
    }
    push_escaped(&mut out, &visible(rest));
    out
}

fn push_escaped(out: &mut String, text: &str) {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' | '#' => {
                out.push(c);
                out.push_str(NOTHING);
            }
            // GitLab's own: labels, milestones, snippets and the rest.
            '%' if text[at + 1..].starts_with(|c: char| c.is_alphanumeric() || c == '"') => {
                out.push(c);
                out.push_str(NOTHING);
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' | '^' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            // GH-12 is an issue as well.
            '-' if text[..at].to_ascii_lowercase().ends_with("gh") => {
                out.push(c);
                out.push_str(NOTHING);
            }
            // A bare address would become a link.
            ':' if text[at + 1..].starts_with("//") => out.push_str("&#58;"),
            '.' if before.eq_ignore_ascii_case(&'w') => out.push_str("&#46;"),
            c => out.push(c),
        }
        before = c;
    }
}

/// What would begin a block, or an order to a bot, where a line begins with it.
fn guarded(line: String) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && line[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &line[..digits], &line[digits..]);
    }
    if line.starts_with(['-', '+', '=', '/']) { format!("\\{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_line_acts() {
        assert_eq!(line("a|b <b>x</b>"), "a\\|b &lt;b&gt;x&lt;/b&gt;");
        assert_eq!(line("![i](http://x) @me #1"), "\\!\\[i\\](http&#58;//x) @&#8203;me #&#8203;1");
        assert_eq!(line("a\n## b"), "a\\\\n#&#8203;#&#8203; b");
        assert_eq!(line("see GH-1, www.x.org"), "see GH-&#8203;1, www&#46;x.org");
        assert_eq!(line("/merge"), "\\/merge");
        assert_eq!(line("1. one"), "1\\. one");
    }

    #[test]
    fn code_stays_code_and_labels_stay_bold() {
        let text =
            "**Problem:** it runs `a @b <c>` and `` x\n/close\n```suggestion\n<!-- x\n/close\n```\n- last";
        let want =
            "**Problem:** it runs `a @b <c>` and \\`\\` x\n\\/close\n```\n<!-- x\n /close\n```\n\\- last";
        assert_eq!(block(text), want);
        assert_eq!(block("~~~\nopen ``` ````"), "`````\nopen ``` ````\n`````");
        assert_eq!(block("**@me:** x"), "\\*\\*@&#8203;me:\\*\\* x");
    }

    #[test]
    fn a_fence_is_wider_than_all_in_it_and_shows_what_hides() {
        assert_eq!(fenced("suggestion", "a\n```\nb"), "````suggestion\na\n```\nb\n````\n");
        assert_eq!(fenced("", "a\u{202e}b\tc"), "```\na\\u{202e}b\tc\n```\n");
        assert!(is_plain_code("\tif a {\n}\n"));
        assert!(!is_plain_code("a\u{202e}b") && !is_plain_code("/close") && !is_plain_code("a\r\nb"));
    }
}
