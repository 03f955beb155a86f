//! Takes the first line of a finding apart: number, identifier, tags, severity,
//! places, and what remains, the title.

use super::back::strip_back;
use super::front::strip_front;
pub(crate) use super::front::unstamped;
pub(crate) use super::parts::{Head, is_id, percent};
use crate::locate::{self, Trust};
use crate::severity;
use crate::status;
use crate::text::find;

/// No first line says more about a finding than this many bytes do.
const LONGEST: usize = 1500;

pub(crate) fn parse(line: &str) -> Head {
    let mut head = Head::default();
    let line = severity::cut(line.trim(), LONGEST);
    // A heading's marks; `#1` is a number.
    let marks = line.len() - line.trim_start_matches('#').len();
    let line = if line[marks..].starts_with([' ', '\t']) { line[marks..].trim() } else { line };
    let line = line.trim_end_matches('#').trim();
    head.places = locate::find(line, Trust::Prose);
    let mut rest = line.to_string();
    if let Some(inner) =
        rest.strip_prefix("[ ]").or_else(|| rest.strip_prefix("[x]")).or_else(|| rest.strip_prefix("[X]"))
    {
        head.tick_box = true;
        head.ticked = !rest.starts_with("[ ]");
        rest = inner.trim_start().to_string();
    }
    if rest.starts_with("~~") {
        head.struck = true;
        rest = rest.replace("~~", "");
    }
    let mut text = unbold(&untag(&unlink(&rest)));
    while let Some(next) = strip_front(&text, &mut head) {
        let next = next.trim_start_matches([' ', ':', '—', '–', '|', '·', '：']);
        text = next.strip_prefix(". ").unwrap_or(next).to_string();
    }
    while let Some(next) = strip_back(&text, &mut head) {
        text = next;
    }
    if let Some(status) = status::exact(&text) {
        head.status = Some(status);
        text.clear();
    }
    head.title = tidy(&text);
    // "`a.tf:3` (`aws_db_instance.main`)": what the place is called is no title.
    if head
        .title
        .strip_prefix("(`")
        .and_then(|rest| rest.strip_suffix("`)"))
        .is_some_and(|name| !name.contains('`'))
    {
        head.title.clear();
    }
    let whole = locate::find(&head.title, Trust::Prose);
    if whole.first().is_some_and(|p| p.start <= 1 && p.end + 1 >= head.title.len()) {
        head.title.clear();
    }
    head
}

/// Links become their words: the target says where, not what. A link that stands
/// in brackets of its own is an aside; the picture of a severity is the severity.
pub(crate) fn unlink(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(middle) = find(rest, "](") {
        let close = rest[middle..].find(')').map(|n| middle + n);
        let open = rest[..middle].rfind('[');
        let (Some(open), Some(close)) = (open, close) else { break };
        let label = &rest[open + 1..middle];
        let (before, after) = (&rest[..open], &rest[close + 1..]);
        let code = before.matches('`').count() % 2 == 1;
        if code {
            out.push_str(&rest[..=close]);
        } else if let Some(before) = before.strip_suffix('!') {
            out.push_str(before);
            if severity::exact(label).is_some() {
                out.extend(["[", label, "]"]);
            }
        } else if let (Some(before), Some(after)) = (before.strip_suffix('('), after.strip_prefix(')')) {
            out.push_str(before.trim_end());
            rest = after;
            continue;
        } else {
            out.push_str(before);
            out.push_str(label);
        }
        rest = after;
    }
    out + rest
}

/// Tags of HTML that only say how words look.
pub(crate) fn untag(text: &str) -> String {
    if !text.contains('<') {
        return text.to_string();
    }
    // What stands in code marks is shown as it is.
    if text.matches('`').count() >= 2 {
        let pieces: Vec<String> = text
            .split('`')
            .enumerate()
            .map(|(n, piece)| if n % 2 == 0 { untag_plain(piece) } else { piece.to_string() })
            .collect();
        return pieces.join("`").trim().to_string();
    }
    untag_plain(text).trim().to_string()
}

/// `img alt="P1" …`: the severity that a picture stands for.
fn pictured(tag: &str) -> Option<&str> {
    let alt = tag.strip_prefix("img ")?.split_once("alt=\"")?.1.split('"').next()?;
    severity::exact(alt).map(|_| alt)
}

fn untag_plain(text: &str) -> String {
    const LOOKS: [&str; 19] = [
        "sub", "sup", "b", "i", "em", "strong", "kbd", "span", "font", "u", "small", "mark", "big", "br",
        "a", "img", "picture", "source", "code",
    ];
    let mut out = String::new();
    for (n, piece) in text.split('<').enumerate() {
        let name = piece.trim_start_matches('/');
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        match piece.split_once('>').filter(|_| n > 0 && LOOKS.contains(&name[..end].to_lowercase().as_str()))
        {
            Some((_, rest)) => {
                if name[..end].eq_ignore_ascii_case("br") {
                    out.push(' ');
                }
                // The picture of a severity is the severity.
                if let Some(level) = pictured(piece) {
                    out.extend(["[", level, "]"]);
                }
                out.push_str(rest);
            }
            None if n > 0 => out.extend(["<", piece]),
            None => out.push_str(piece),
        }
    }
    out
}

/// Emphasis marks make no difference to what the parts are; code keeps its stars.
fn unbold(text: &str) -> String {
    if !["**", "__"].iter().any(|mark| find(text, mark).is_some()) {
        return text.trim().trim_matches(['*', ' ']).to_string();
    }
    let out: String = text
        .split('`')
        .enumerate()
        .map(
            |(n, piece)| {
                if n % 2 == 0 { piece.replace("**", "").replace("__", "") } else { piece.to_string() }
            },
        )
        .collect::<Vec<_>>()
        .join("`");
    out.trim().trim_matches(['*', ' ']).to_string()
}

fn tidy(text: &str) -> String {
    let text = text.trim().trim_matches(['-', '–', '—', '|', ' ']).trim_end_matches([':', '：']).trim();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use findings::Severity;

    #[test]
    fn first_lines() {
        let cases: &[(&str, &str, Option<Severity>, Option<&str>)] = &[
            (
                "### 1. [src/auth.ts:42-44] SQL is built from the request",
                "SQL is built from the request",
                None,
                Some("src/auth.ts:42-44"),
            ),
            (
                "### ! Remote-only agents — `src/p.ts:501`",
                "Remote-only agents",
                Some(Severity::Blocker),
                Some("src/p.ts:501"),
            ),
            (
                "## Note 1 (severity: medium): `last` — misleading comment",
                "`last` — misleading comment",
                Some(Severity::Medium),
                None,
            ),
            ("## Blocker: operator-precedence bug", "operator-precedence bug", Some(Severity::Blocker), None),
            (
                "### [HIGH] Race in `cache.go:10`",
                "Race in `cache.go:10`",
                Some(Severity::High),
                Some("cache.go:10"),
            ),
            ("**SEC-01: Missing check** (`a.py:3`)", "Missing check", None, Some("a.py:3")),
            ("🔴 **Critical** — SQL injection", "SQL injection", Some(Severity::Critical), None),
            (
                "High — `apps/web/lib/template.ts:1`",
                "",
                Some(Severity::High),
                Some("apps/web/lib/template.ts:1"),
            ),
            (
                "[P1] Guard the empty list — /w/src/a.rs:10-12",
                "Guard the empty list",
                Some(Severity::High),
                Some("/w/src/a.rs:10-12"),
            ),
            (
                "### [correctness] [demoted: previously reviewed] Remote only — `src/p.ts:501`",
                "Remote only",
                None,
                Some("src/p.ts:501"),
            ),
            ("29.96 becomes 29 in `total`", "29.96 becomes 29 in `total`", None, None),
            ("1.2 Guard the empty list", "Guard the empty list", None, None),
            ("High memory usage in loop", "High memory usage in loop", None, None),
            ("### Finding 3: Token leak (High)", "Token leak", Some(Severity::High), None),
            ("`src/a.ts:12`: missing null check", "missing null check", None, Some("src/a.ts:12")),
        ];
        for (line, title, severity, place) in cases {
            let head = parse(line);
            assert_eq!(head.title, *title, "{line}");
            assert_eq!(head.rated.map(|r| r.0), *severity, "{line}");
            assert_eq!(head.places.first().map(|p| p.place.display()).as_deref(), *place, "{line}");
        }
    }
}
