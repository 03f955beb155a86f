//! Comments that silence a finding, ours and those of other linters: on a line, above
//! one, around a block, for a file. One that names rules silences only those it means:
//! by our name, or by the names other linters have for the same (`metadata.noqa`).
//! Always counted and listed in the report, so that silence is never invisible.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use crate::domain::Domain;
use crate::language::Language;
use crate::rule::About;
use crate::tree::Node;

/// What the comments of a file silence.
#[derive(Debug, Default)]
pub(crate) struct Silences<'t> {
    /// Of single lines …
    lines: HashMap<usize, Vec<What<'t>>>,
    /// … and of several.
    spans: Vec<Span<'t>>,
}

/// Lines, counted from 1, and what is silent in them.
#[derive(Debug)]
struct Span<'t> {
    lines: RangeInclusive<usize>,
    what: What<'t>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What<'t> {
    All,
    /// All rules of security.
    Security,
    /// Rules by their names, ours or another linter's.
    Named(Vec<&'t str>),
}

/// A comment that holds until another one, or the end of the file.
#[derive(Debug)]
struct Open<'t> {
    tool: &'static str,
    from: usize,
    what: What<'t>,
    /// It ends where a line is indented less: that of `pylint`.
    indent: Option<usize>,
}

impl What<'_> {
    fn means(&self, about: &About) -> bool {
        match self {
            What::All => true,
            What::Security => about.domain == Domain::Security,
            What::Named(names) => names.iter().any(|name| is_named(name, about)),
        }
    }
}

/// Is this a name of the rule?
fn is_named(name: &str, about: &About) -> bool {
    if name == about.id || name.rsplit('.').next() == Some(about.id.as_str()) {
        return true;
    }
    // A group of Biome's.
    if let Some(group) = name.strip_prefix("lint/").filter(|group| !group.contains('/')) {
        return group == about.domain.name();
    }
    let own = last(name);
    about.noqa.iter().map(|code| last(code)).any(|code| {
        code.eq_ignore_ascii_case(own)
            // Bandit's numbers are those of the codes S…; a code may be only begun.
            || is_code(own) && (code.starts_with(own) || own.strip_prefix('B').is_some_and(|number| code.strip_prefix('S') == Some(number)))
    })
}

/// `@typescript-eslint/no-implied-eval`, `lint/security/noGlobalEval`, `clippy::eq_op`
fn last(name: &str) -> &str {
    name.rsplit(['/', ':']).next().unwrap_or(name)
}

/// `S307`, `PLR0124`
fn is_code(name: &str) -> bool {
    let number = name.trim_start_matches(|c: char| c.is_ascii_uppercase());
    number.len() < name.len() && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

impl<'t> Silences<'t> {
    pub(crate) fn of(source: &'t str) -> Self {
        let mut silences = Silences::default();
        let mut open: Vec<Open<'t>> = Vec::new();
        for (line, number) in source.lines().zip(1..) {
            silences.leave_blocks(line, number, &mut open);
            let comment = comment(line);
            if !comment.is_empty() {
                silences.line(line, comment, number);
                silences.block(line, comment, number, &mut open);
            }
        }
        for begun in open {
            silences.add(begun.from..=usize::MAX, begun.what);
        }
        silences
    }

    /// Does a comment silence the rule on one of these lines?
    pub(crate) fn hold(&self, lines: &RangeInclusive<usize>, about: &About) -> bool {
        let of_lines = lines.clone().filter_map(|line| self.lines.get(&line)).flatten();
        let around = self
            .spans
            .iter()
            .filter(|span| span.lines.start() <= lines.end() && lines.start() <= span.lines.end())
            .map(|span| &span.what);
        of_lines.chain(around).any(|what| what.means(about))
    }

    fn add(&mut self, lines: RangeInclusive<usize>, what: What<'t>) {
        // A comment and the line below it.
        if *lines.end() <= lines.start() + 1 {
            for line in lines {
                self.lines.entry(line).or_default().push(what.clone());
            }
        } else {
            self.spans.push(Span { lines, what });
        }
    }

    /// Comments about one line, or the file.
    fn line(&mut self, line: &'t str, comment: &'t str, number: usize) {
        let here = number..=number;
        let with_next = number..=number + usize::from(is_alone(line));
        let next = number + 1..=number + 1;
        let file = 1..=usize::MAX;
        for marker in ["convoy-ignore", "ast-grep-ignore", "nosemgrep"] {
            if let Some(rest) = after(comment, marker) {
                self.add(with_next.clone(), rest.strip_prefix(':').map_or(What::All, named));
            }
        }
        if let Some(rest) = after(comment, "NOLINT") {
            let rest = rest.strip_prefix("NEXTLINE").unwrap_or(rest);
            let list = rest.strip_prefix('(').and_then(|rest| rest.split(')').next());
            self.add(with_next.clone(), list.map_or(What::All, named));
        }
        // golangci-lint: its linters, of which one is about security.
        let nolint =
            comment.strip_prefix("//").map(str::trim_start).and_then(|text| text.strip_prefix("nolint"));
        if let Some(rest) = nolint {
            let list = rest
                .strip_prefix(':')
                .map_or("all", |list| list.trim_start().split([' ', '/']).next().unwrap_or(list));
            for name in list.split(',') {
                let what = match name {
                    "all" => What::All,
                    "gosec" => What::Security,
                    other => named(other),
                };
                self.add(with_next.clone(), what);
            }
        }
        if after(comment, "NOSONAR").is_some() {
            self.add(here.clone(), What::All);
        }
        if let Some(rest) = after(comment, "nosec") {
            let rest = rest.trim_start_matches([':', ' ']);
            let codes: Vec<&str> = rest.split([',', ' ']).filter(|word| !word.is_empty()).collect();
            let codes: Vec<&str> = codes.into_iter().take_while(|word| is_code(word)).collect();
            self.add(with_next, if codes.is_empty() { What::Security } else { What::Named(codes) });
        }
        for (rest, is_of_file) in noqa(comment) {
            let what = rest.strip_prefix(':').map_or(What::All, codes);
            self.add(if is_of_file { file.clone() } else { here.clone() }, what);
        }
        for tool in ["eslint", "oxlint"] {
            if let Some(rest) = after(comment, &format!("{tool}-disable-line")) {
                self.add(here.clone(), listed(rest));
            }
            if let Some(rest) = after(comment, &format!("{tool}-disable-next-line")) {
                self.add(next.clone(), listed(rest));
            }
        }
        if let Some(rest) = after(comment, "biome-ignore-all ") {
            self.add(file.clone(), of_biome(rest));
        } else if let Some(rest) = after(comment, "biome-ignore ") {
            self.add(next.clone(), of_biome(rest));
        }
        if let Some(rest) = after(comment, "pylint:").map(str::trim_start) {
            if rest.starts_with("skip-file") {
                self.add(file, What::All);
            } else if let Some(list) = rest.strip_prefix("disable-next=") {
                self.add(next, of_pylint(list));
            } else if let Some(list) = rest.strip_prefix("disable=").filter(|_| !is_alone(line)) {
                self.add(here, of_pylint(list));
            }
        }
    }

    /// Comments that begin or end a block.
    fn block(&mut self, line: &'t str, comment: &'t str, number: usize, open: &mut Vec<Open<'t>>) {
        let mut begin = |tool, what, indent| open.push(Open { tool, from: number, what, indent });
        // Other comments than these are nothing to them.
        if let Some(rest) = after(comment, "eslint-disable").filter(|_| comment.starts_with("/*"))
            && !rest.starts_with('-')
        {
            begin("eslint", listed(rest), None);
        }
        if let Some(rest) = after(comment, "oxlint-disable").filter(|rest| !rest.starts_with('-')) {
            begin("oxlint", listed(rest), None);
        }
        if let Some(rest) = after(comment, "biome-ignore-start ") {
            begin("biome", of_biome(rest), None);
        }
        let of_pylint_here = after(comment, "pylint:").map(str::trim_start).filter(|_| is_alone(line));
        if let Some(list) = of_pylint_here.and_then(|rest| rest.strip_prefix("disable=")) {
            begin("pylint", of_pylint(list), Some(indent(line)));
        }
        let ends = [
            ("eslint", after(comment, "eslint-enable").map(listed)),
            ("oxlint", after(comment, "oxlint-enable").map(listed)),
            ("biome", after(comment, "biome-ignore-end ").map(of_biome)),
            ("pylint", of_pylint_here.and_then(|rest| rest.strip_prefix("enable=")).map(of_pylint)),
        ];
        for (tool, end) in ends {
            let Some(end) = end else { continue };
            for begun in std::mem::take(open) {
                match left(&begun, tool, &end) {
                    None => self.add(begun.from..=number, begun.what),
                    Some(what) if what != begun.what => {
                        self.add(begun.from..=number, begun.what);
                        open.push(Open { from: number, what, ..begun });
                    }
                    Some(what) => open.push(Open { what, ..begun }),
                }
            }
        }
    }

    fn leave_blocks(&mut self, line: &str, number: usize, open: &mut Vec<Open<'t>>) {
        if line.trim().is_empty() || open.iter().all(|begun| begun.indent.is_none()) {
            return;
        }
        for begun in std::mem::take(open) {
            if begun.indent.is_some_and(|around| indent(line) < around) {
                self.add(begun.from..=number - 1, begun.what);
            } else {
                open.push(begun);
            }
        }
    }
}

/// What stays silent behind this end; `None`: nothing.
fn left<'t>(begun: &Open<'t>, tool: &str, end: &What<'t>) -> Option<What<'t>> {
    if begun.tool != tool {
        return Some(begun.what.clone());
    }
    // All but one cannot be said here: nothing is silent then.
    let (What::Named(names), What::Named(ended)) = (&begun.what, end) else { return None };
    let names: Vec<&str> = names.iter().copied().filter(|name| !ended.contains(name)).collect();
    (!names.is_empty()).then_some(What::Named(names))
}

/// Rules of a list: whatever separates them is none of a name.
fn named(list: &str) -> What<'_> {
    let names = list.split(|c: char| !(c.is_alphanumeric() || "-_./@:".contains(c)));
    What::Named(names.filter(|name| !name.is_empty()).collect())
}

/// `noqa`, with what follows, and whether it is one of the whole file.
fn noqa(comment: &str) -> impl Iterator<Item = (&str, bool)> {
    let lower = comment.to_ascii_lowercase();
    let found: Vec<usize> = lower.match_indices("noqa").map(|(at, _)| at).collect();
    found.into_iter().map(move |at| {
        let before = lower[..at].trim_end();
        (&comment[at + 4..], before.ends_with("ruff:") || before.ends_with("flake8:"))
    })
}

/// Codes: `S307, E722`; the words behind them are a reason.
fn codes(rest: &str) -> What<'_> {
    let words = rest.split([',', ' ']).filter(|word| !word.is_empty());
    What::Named(words.take_while(|word| is_code(word)).collect())
}

/// `no-eval, security/detect-x -- why */`; nothing: all.
fn listed(rest: &str) -> What<'_> {
    let rest = rest.split("--").next().unwrap_or_default().split("*/").next().unwrap_or_default();
    let names: Vec<&str> = rest.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() { What::All } else { What::Named(names) }
}

/// `lint/security/noGlobalEval lint/style: why`
fn of_biome(rest: &str) -> What<'_> {
    let rules = rest.split(':').next().unwrap_or_default().split_whitespace();
    let rules: Vec<&str> = rules.map(|rule| rule.split('(').next().unwrap_or(rule)).collect();
    if rules.contains(&"lint") { What::All } else { What::Named(rules) }
}

/// `eval-used, W0123`
fn of_pylint(list: &str) -> What<'_> {
    let names = list.split(',').map(|name| name.trim().split(' ').next().unwrap_or_default());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    if names.contains(&"all") { What::All } else { What::Named(names) }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Is there nothing but a comment on this line?
fn is_alone(line: &str) -> bool {
    let line = line.trim_start();
    let begins = ["#", "//", "/*", "*", "{/*"].iter().any(|opener| line.starts_with(opener));
    begins && !line.starts_with("#[") && !line.starts_with("#![")
}

/// The part of a line from its first comment opener on; a marker inside a
/// string before it does not count.
fn comment(line: &str) -> &str {
    let alone = line.trim_start();
    if is_alone(line) {
        return alone.strip_prefix('{').unwrap_or(alone);
    }
    ["#", "//", "/*"].iter().filter_map(|opener| line.find(opener)).min().map_or("", |start| &line[start..])
}

fn after<'a>(comment: &'a str, marker: &str) -> Option<&'a str> {
    comment.find(marker).map(|at| &comment[at + marker.len()..])
}

/// Is the rule allowed here by an attribute of Rust, `#[allow(clippy::eq_op)]`, of
/// something around the node?
pub(crate) fn is_allowed(node: &Node<'_>, about: &About) -> bool {
    if about.noqa.is_empty() || *node.lang() != Language::Rust {
        return false;
    }
    let allows = |attribute: &Node<'_>| {
        let text = attribute.text();
        let inside = text.trim_start_matches(['#', '!', '[']);
        let list = ["allow", "expect"]
            .iter()
            .find_map(|word| inside.strip_prefix(word)?.trim_start().strip_prefix('('));
        list.and_then(|list| list.split(')').next()).is_some_and(|list| {
            list.split(',').map(str::trim).any(|name| name != about.id && is_named(name, about))
        })
    };
    std::iter::once(node.clone()).chain(node.ancestors()).any(|around| {
        let before = around
            .prev_all()
            .take_while(|before| {
                matches!(before.kind().as_ref(), "attribute_item" | "line_comment" | "block_comment")
            })
            .filter(|before| before.kind() == "attribute_item");
        let inner = around.children().filter(|child| child.kind() == "inner_attribute_item");
        before.chain(inner).any(|attribute| allows(&attribute))
    })
}

#[cfg(test)]
mod tests;
