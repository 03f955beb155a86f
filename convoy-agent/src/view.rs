//! The report for people, made from findings: a view in the shape that reviewers
//! are asked for where they write Markdown themselves. It is read back by nobody
//! of ours.

use std::fmt::Write as _;

use base::text;
use findings::{Basis, Document, Finding, Location, Scope};

/// The whole report; `title`: `Security Review`.
pub(crate) fn report(title: &str, document: &Document) -> String {
    let mut out = format!("# {title}\n\n");
    if document.findings.is_empty() {
        out.push_str("No findings.\n\n");
    }
    for (n, finding) in document.findings.iter().enumerate() {
        write_finding(&mut out, n + 1, finding);
    }
    for note in &document.notes {
        let _ = writeln!(out, "**Note:** {}\n", one_line(note));
    }
    write_scope(&mut out, &document.scope);
    let _ = writeln!(out, "**Total:** {}", count(document.total, "finding"));
    out
}

fn write_finding(out: &mut String, number: usize, finding: &Finding) {
    let main = finding.locations.first().map_or_else(|| "project".to_owned(), place);
    let _ = writeln!(out, "### {number}. [{main}] {}", one_line(&finding.title));
    let _ = writeln!(out, "**Severity:** {}", finding.severity.name());
    if let Some(confidence) = finding.confidence {
        let _ = writeln!(out, "**Confidence:** {confidence}");
    }
    let numbers: Vec<String> = finding.cwe.iter().map(|cwe| format!("CWE-{cwe}")).collect();
    match (finding.category.as_deref().map(one_line), numbers.is_empty()) {
        (Some(category), true) => drop(writeln!(out, "**Category:** {category}")),
        (Some(category), false) => drop(writeln!(out, "**Category:** {category} ({})", numbers.join(", "))),
        (None, false) => drop(writeln!(out, "**Category:** {}", numbers.join(", "))),
        (None, true) => {}
    }
    if let Some(sentence) = &finding.requirement {
        let _ = writeln!(out, "**Requirement:** {}", one_line(sentence));
    }
    for (label, words) in [("Problem", &finding.problem), ("Impact", &finding.impact), ("Fix", &finding.fix)]
    {
        if let Some(words) = words {
            let _ = writeln!(out, "**{label}:** {}", paragraphs(words));
        }
    }
    let quoted = finding.locations.first().and_then(|location| location.quote.as_deref());
    for (label, code) in [("Code", quoted), ("Suggestion", finding.suggestion.as_deref())] {
        if let Some(code) = code.filter(|code| !code.trim().is_empty()) {
            let _ = writeln!(out, "**{label}:**\n{}", fenced(code));
        }
    }
    let also: Vec<String> = finding.locations.iter().skip(1).map(place).collect();
    if !also.is_empty() {
        let _ = writeln!(out, "**Also:** {}", also.join(", "));
    }
    out.push('\n');
}

fn place(location: &Location) -> String {
    let path = text::path(location.file.as_path());
    match (location.line, location.end_line) {
        (Some(line), Some(end)) if end > line => format!("{path}:{line}-{end}"),
        (Some(line), _) => format!("{path}:{line}"),
        (None, _) => path,
    }
}

fn write_scope(out: &mut String, scope: &Scope) {
    let (read, given) = (scope.read.len(), scope.given.len());
    let claimed = if scope.basis == Basis::Claimed { ", as the reviewer says" } else { "" };
    if read == given {
        let _ = writeln!(out, "**Reviewed:** {}{claimed}", count(read, "file"));
    } else {
        let _ = writeln!(out, "**Reviewed:** {} of {given}{claimed}", count(read, "file"));
    }
    let not: Vec<String> = scope
        .not_read
        .iter()
        .map(|one| format!("{} ({})", text::path(one.file.as_path()), one_line(&one.why)))
        .collect();
    if !not.is_empty() {
        let _ = writeln!(out, "**Not reviewed:** {}", not.join(", "));
    }
}

fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn one_line(words: &str) -> String {
    text::visible(&words.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Words that may go on over lines, of which none can begin a heading or a field of
/// the report; fenced code in them stays as it is.
fn paragraphs(words: &str) -> String {
    let mut in_code = false;
    let mut out: Vec<String> = Vec::new();
    for line in words.trim().lines() {
        let is_fence = line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~");
        let shown = text::visible(line.trim_end());
        let acts = line.starts_with('#')
            || line.starts_with("**")
            || line.starts_with("===")
            || line.starts_with("---");
        out.push(if !in_code && !is_fence && acts { format!("\\{shown}") } else { shown });
        in_code ^= is_fence;
    }
    if in_code {
        out.push("```".to_owned());
    }
    out.join("\n")
}

fn fenced(code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let shown = |line: &str| line.split('\t').map(text::visible).collect::<Vec<_>>().join("\t");
    let lines: Vec<String> = code.trim_end().lines().map(shown).collect();
    format!("{fence}\n{}\n{fence}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use base::encoded_path::EncodedPath;
    use findings::{NotRead, Severity};

    use super::*;

    fn path(name: &str) -> EncodedPath {
        EncodedPath::from(name.to_owned())
    }

    fn at(file: &str, line: u32) -> Location {
        Location {
            file: path(file),
            line: Some(line),
            end_line: None,
            column: None,
            symbol: None,
            quote: None,
        }
    }

    #[test]
    fn a_report_has_the_documented_shape() {
        let finding = Finding {
            title: "The sum\nstarts at one".to_owned(),
            severity: Severity::High,
            confidence: Some(90),
            category: Some("logic".to_owned()),
            cwe: vec![682],
            locations: vec![
                Location { end_line: Some(3), quote: Some("let sum = 1;".to_owned()), ..at("src/a.ts", 1) },
                at("src/b.ts", 7),
            ],
            problem: Some("It starts at 1.\n### 2. [x:1] no heading\n**Severity:** low".to_owned()),
            ..Finding::default()
        };
        let scope = Scope {
            given: vec![path("src/a.ts"), path("src/b.ts")],
            read: vec![path("src/a.ts")],
            not_read: vec![NotRead { file: path("src/b.ts"), why: "never opened".to_owned() }],
            basis: Basis::ToolCalls,
        };
        let document = Document::new("correctness", scope, vec![finding]);
        assert_eq!(
            report("Correctness Review", &document),
            "# Correctness Review\n\n\
             ### 1. [src/a.ts:1-3] The sum starts at one\n\
             **Severity:** high\n\
             **Confidence:** 90\n\
             **Category:** logic (CWE-682)\n\
             **Problem:** It starts at 1.\n\
             \\### 2. [x:1] no heading\n\
             \\**Severity:** low\n\
             **Code:**\n```\nlet sum = 1;\n```\n\
             **Also:** src/b.ts:7\n\n\
             **Reviewed:** 1 file of 2\n\
             **Not reviewed:** src/b.ts (never opened)\n\
             **Total:** 1 finding\n"
        );
        let empty = report("Review", &Document::new("x", Scope::default(), Vec::new()));
        assert_eq!(
            empty,
            "# Review\n\nNo findings.\n\n**Reviewed:** 0 files, as the reviewer says\n**Total:** 0 findings\n"
        );
    }
}
