//! Comments that silence a finding, ours and those of other linters.
//!
//! Obeyed on the line itself or alone on the line above; always counted and
//! listed in the report, so that silence is never invisible.

use crate::domain::Domain;
use crate::rule::About;

/// Whether a comment at this 1-based line, or alone on the one above, silences the rule.
pub(crate) fn is_suppressed(lines: &[&str], line: usize, about: &About) -> bool {
    let silenced = Silencer { rule: &about.id, domain: about.domain, noqa: &about.noqa };
    silenced.at(lines, line)
}

/// What a comment is compared with.
#[derive(Clone, Copy)]
struct Silencer<'a> {
    rule: &'a str,
    domain: Domain,
    noqa: &'a [String],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Here,
    Above,
}

impl Silencer<'_> {
    fn at(self, lines: &[&str], line: usize) -> bool {
        let on = |number: usize| number.checked_sub(1).and_then(|index| lines.get(index)).copied();
        let here = on(line).is_some_and(|text| self.applies(comment(text), Where::Here));
        let above = on(line.saturating_sub(1)).is_some_and(|text| {
            let trimmed = text.trim_start();
            let is_alone = ["#", "//", "/*", "*", "{/*"].iter().any(|opener| trimmed.starts_with(opener));
            is_alone && !trimmed.starts_with("#[") && self.applies(trimmed, Where::Above)
        });
        here || above
    }

    fn applies(self, comment: &str, place: Where) -> bool {
        let ours = ["convoy-ignore", "ast-grep-ignore", "nosemgrep"];
        if let Some(rest) = ours.iter().find_map(|marker| after(comment, marker)) {
            return self.is_named(rest);
        }
        if after(comment, "NOLINT").is_some() {
            return true;
        }
        if self.domain == Domain::Security && after(comment, "nosec").is_some() {
            return true;
        }
        if place == Where::Here && after(comment, "noqa").is_some_and(|rest| self.applies_noqa(rest)) {
            return true;
        }
        let marker = match place {
            Where::Here => "eslint-disable-line",
            Where::Above => "eslint-disable-next-line",
        };
        after(comment, marker).is_some_and(|rest| self.applies_eslint(rest))
    }

    /// `a, b` after a colon names rules; nothing after the marker means all.
    fn is_named(self, rest: &str) -> bool {
        let Some(list) = rest.strip_prefix(':') else {
            return true;
        };
        list.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_' || c == '.'))
            .any(|name| name == self.rule || name.rsplit('.').next() == Some(self.rule))
    }

    /// `noqa` alone means all; codes mean this rule if they are its own, or
    /// those of security (`S…`) for a security rule.
    fn applies_noqa(self, rest: &str) -> bool {
        let Some(codes) = rest.strip_prefix(':') else {
            return true;
        };
        codes.split([',', ' ']).any(|code| {
            let is_security = code
                .strip_prefix('S')
                .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
            (is_security && self.domain == Domain::Security) || self.noqa.iter().any(|known| known == code)
        })
    }

    /// A rule list of style alone is no judgement on this finding.
    fn applies_eslint(self, rest: &str) -> bool {
        let rest = rest.trim().trim_end_matches("*/").trim();
        rest.is_empty() || rest.contains(self.rule) || rest.contains("security/") || rest.contains("no-eval")
    }
}

/// The part of a line from its first comment opener on; a marker inside a
/// string before it does not count.
fn comment(line: &str) -> &str {
    ["#", "//", "/*"].iter().filter_map(|opener| line.find(opener)).min().map_or("", |start| &line[start..])
}

fn after<'a>(comment: &'a str, marker: &str) -> Option<&'a str> {
    comment.find(marker).map(|at| &comment[at + marker.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn silenced(lines: &[&str], line: usize, domain: Domain) -> bool {
        let noqa = ["E722".to_owned()];
        let rule = "py-x";
        Silencer { rule, domain, noqa: &noqa }.at(lines, line)
    }

    #[test]
    fn comments_silence_what_they_name() {
        let cases = [
            ("x = f()  # convoy-ignore", true),
            ("x = f()  # convoy-ignore: py-x", true),
            ("x = f()  # convoy-ignore: py-other", false),
            ("x = f()  # nosec", true),
            ("x = f()  # noqa", true),
            ("x = f()  # noqa: S301", true),
            ("x = f()  # noqa: E722", true),
            ("x = f()  # noqa: E501", false),
            ("x = 'convoy-ignore'", false),
            ("f(); // eslint-disable-line no-eval", true),
            ("f(); // eslint-disable-line max-len", false),
        ];
        for (line, expected) in cases {
            assert_eq!(silenced(&[line], 1, Domain::Security), expected, "{line}");
        }
    }

    #[test]
    fn only_a_comment_alone_reaches_the_next_line() {
        assert!(silenced(&["  # convoy-ignore: py-x", "f()"], 2, Domain::Correctness));
        assert!(!silenced(&["g()  # convoy-ignore: py-x", "f()"], 2, Domain::Correctness));
        assert!(!silenced(&["# nosec", "f()"], 2, Domain::Correctness));
    }
}
