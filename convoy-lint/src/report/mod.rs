//! The report in its formats, and the list of rules.

pub mod document;
pub mod json;
pub mod md;
pub mod sarif;

use std::fmt::Write as _;
use std::path::PathBuf;

use base::exit::Exit;
use base::program::Failure;
use base::text;
use serde_json::json;

use crate::domain::Domain;
use crate::finding::Finding;
use crate::joined::Voice;
use crate::language::Language;
use crate::pack::PackFiles;
use crate::review::Review;

/// How much of what was read is code of tests, in words.
fn test_code(review: &Review) -> Option<String> {
    let (files, rules) = review.test_code()?;
    let (files, rules) = (count(files, "file"), count(rules, "rule"));
    Some(format!("Test code by its place or name: {files}, left alone by {rules}"))
}

/// One line for people when the data goes elsewhere.
pub(crate) fn summary(review: &Review) -> String {
    format!(
        "static rules only: read {} of {}, {}, {} suppressed by comments",
        review.read.len(),
        count(review.given(), "file"),
        count(review.findings.len(), "finding"),
        review.suppressed.len()
    )
}

/// Where it cannot be told from the base what is new, and why facts are missing, in words.
pub(crate) fn not_compared(review: &Review) -> Vec<String> {
    let told = |(path, why): &(Option<PathBuf>, String)| {
        let what = path
            .as_ref()
            .map_or_else(|| "the base".to_owned(), |path| format!("{} as of the base", text::path(path)));
        format!(
            "{what} was not looked at ({}): the changed lines decide what is new there",
            text::visible(why)
        )
    };
    review.not_compared.iter().map(told).chain(review.no_facts.clone()).collect()
}

/// What other linters said of the run, a sentence each.
pub(crate) fn voices(review: &Review) -> Vec<String> {
    review.voices.iter().map(Voice::told).collect()
}

/// Who else says so, in words: `ruff 0.17.6 (S307), bandit (B307)`.
pub(crate) fn said_by(finding: &Finding) -> String {
    let words = finding.said.iter().map(|said| {
        let version = said.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let rule = if said.rule.is_empty() { String::new() } else { format!(" ({})", said.rule) };
        text::visible(&format!("{}{version}{rule}", said.tool))
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The rules that would run, one a line or as an array.
pub fn rule_list(packs: &PackFiles, domains: &[Domain], as_json: bool) -> Result<String, Failure> {
    let pack = packs.compile(domains, &Language::ALL.iter().copied().collect())?;
    let mut list: Vec<_> = pack.rules().into_values().collect();
    list.sort_by_key(|(about, _)| (about.domain, about.id.clone()));
    if as_json {
        let rules: Vec<_> = list
            .iter()
            .map(|(about, languages)| {
                json!({
                    "id": about.id,
                    "domain": about.domain,
                    "languages": languages.iter().map(|l| l.name()).collect::<Vec<_>>(),
                    "severity": about.severity,
                    "confidence": about.confidence.percent(),
                    "category": about.category,
                    "cwe": about.cwe,
                    "title": about.title,
                })
            })
            .collect();
        return to_json(&rules);
    }
    let mut out = format!("{:<12} {:<9} {:<5} {:<28} WHAT\n", "DOMAIN", "SEVERITY", "SURE", "RULE");
    for (about, _) in list {
        let _ = writeln!(
            out,
            "{:<12} {:<9} {:<5} {:<28} {}",
            about.domain.name(),
            about.severity.name(),
            format!("{} %", about.confidence.percent()),
            about.id,
            text::visible(&about.title)
        );
    }
    Ok(out)
}

pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| no_json(&error))
}

pub(crate) fn no_json(error: &serde_json::Error) -> Failure {
    Failure::new(Exit::State, format!("cannot write JSON: {error}"))
}

/// `3 files`, `1 file`.
pub(crate) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A code span that its own backticks cannot end.
pub(crate) fn code(words: &str) -> String {
    let words = text::visible(words.trim());
    let longest = words.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {words} {fence}") } else { format!("{fence}{words}{fence}") }
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn code_cannot_leave_its_span() {
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("a `b` c"), "`` a `b` c ``");
        assert_eq!(code("x\n### 9. [a:1] no"), "`x\\n### 9. [a:1] no`");
    }
}
