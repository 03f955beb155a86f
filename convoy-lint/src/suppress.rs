//! Comments that silence a finding, ours and those of other linters.
//!
//! Obeyed on the line itself or alone on the line above; always counted and
//! listed in the report, so that silence is never invisible.

use crate::domain::Domain;

/// Whether a comment at this 1-based line, or alone on the one above, silences the rule.
pub(crate) fn is_suppressed(lines: &[&str], line: usize, rule: &str, domain: Domain) -> bool {
    let on = |number: usize| number.checked_sub(1).and_then(|index| lines.get(index)).copied();
    let here = on(line).is_some_and(|text| silences(comment(text), rule, domain, Where::Here));
    let above = on(line.saturating_sub(1)).is_some_and(|text| {
        let trimmed = text.trim_start();
        let is_alone = ["#", "//", "/*", "*", "{/*"].iter().any(|opener| trimmed.starts_with(opener));
        is_alone && !trimmed.starts_with("#[") && silences(trimmed, rule, domain, Where::Above)
    });
    here || above
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Here,
    Above,
}

/// The part of a line from its first comment opener on; a marker inside a
/// string before it does not count.
fn comment(line: &str) -> &str {
    ["#", "//", "/*"].iter().filter_map(|opener| line.find(opener)).min().map_or("", |start| &line[start..])
}

fn silences(comment: &str, rule: &str, domain: Domain, place: Where) -> bool {
    if let Some(rest) = after(comment, "convoy-ignore").or_else(|| after(comment, "ast-grep-ignore")) {
        return named(rest, rule);
    }
    if let Some(rest) = after(comment, "nosemgrep") {
        return named(rest, rule);
    }
    if domain == Domain::Security {
        let is_noqa_s = after(comment, "noqa:").is_some_and(|rest| {
            rest.split([',', ' ']).any(|code| {
                code.len() > 1 && code.starts_with('S') && code[1..].bytes().all(|b| b.is_ascii_digit())
            })
        });
        if is_noqa_s || after(comment, "nosec").is_some() {
            return true;
        }
    }
    if after(comment, "NOLINT").is_some() {
        return true;
    }
    // A bare eslint-disable is for style more often than not; only one that
    // names a rule of security or of ours is a judgement on this finding.
    let marker = match place {
        Where::Here => "eslint-disable-line",
        Where::Above => "eslint-disable-next-line",
    };
    after(comment, marker).is_some_and(|rest| {
        let rest = rest.trim().trim_end_matches("*/").trim();
        rest.is_empty() || rest.contains(rule) || rest.contains("security/") || rest.contains("no-eval")
    })
}

fn after<'a>(comment: &'a str, marker: &str) -> Option<&'a str> {
    comment.find(marker).map(|at| &comment[at + marker.len()..])
}

/// `: a, b` names rules; nothing after the marker means all.
fn named(rest: &str, rule: &str) -> bool {
    let Some(list) = rest.strip_prefix(':') else {
        return true;
    };
    list.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_' || c == '.'))
        .any(|name| name == rule || name.rsplit('.').next() == Some(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_silence_what_they_name() {
        let cases = [
            ("x = f()  # convoy-ignore", true),
            ("x = f()  # convoy-ignore: py-x", true),
            ("x = f()  # convoy-ignore: py-other", false),
            ("x = f()  # nosec", true),
            ("x = f()  # noqa: S301", true),
            ("x = f()  # noqa: E501", false),
            ("x = 'convoy-ignore'", false),
            ("f(); // eslint-disable-line no-eval", true),
            ("f(); // eslint-disable-line max-len", false),
        ];
        for (line, expected) in cases {
            assert_eq!(is_suppressed(&[line], 1, "py-x", Domain::Security), expected, "{line}");
        }
    }

    #[test]
    fn only_a_comment_alone_reaches_the_next_line() {
        assert!(is_suppressed(&["  # convoy-ignore: py-x", "f()"], 2, "py-x", Domain::Correctness));
        assert!(!is_suppressed(&["g()  # convoy-ignore: py-x", "f()"], 2, "py-x", Domain::Correctness));
        assert!(!is_suppressed(&["# nosec", "f()"], 2, "py-x", Domain::Correctness));
    }
}
