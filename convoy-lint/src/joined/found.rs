//! What a tool said of a file, as findings.

use std::collections::BTreeSet;

use base::text;

use super::voice::{Remark, Voice};
use super::{column, tool};
use crate::domain::Domain;
use crate::finding::{Finding, Said, Spot};
use crate::rule::{About, Metadata};
use crate::source;
use crate::suppress::Silences;
use crate::wording;

/// Of one tool so many results are looked at.
pub(super) const MOST: usize = 20_000;

/// Findings of one tool.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Was it run here?
    pub(super) is_ran: bool,
    pub(super) told: Vec<Finding>,
    pub(super) suppressed: Vec<Finding>,
    pub(super) no_line: usize,
    pub(super) too_many: usize,
}

impl Found {
    /// What a tool said of one file.
    pub(super) fn add(&mut self, tool: &str, text: &str, remarks: Vec<Remark>) {
        let lines: Vec<&str> = text.lines().collect();
        let silences = Silences::of(text);
        // A link and what it leads to are one file, and some tools tell of both.
        let mut seen = BTreeSet::new();
        for remark in remarks {
            // As our own rules do; what a project ran itself is its own.
            if self.is_ran && remark.domain != Domain::Correctness && source::is_test_path(&remark.path) {
                continue;
            }
            if self.told.len() + self.suppressed.len() >= MOST {
                self.too_many += 1;
                continue;
            }
            let Some(finding) = finding(tool, &lines, &remark) else {
                self.no_line += 1;
                continue;
            };
            let metadata = Metadata { noqa: vec![remark.rule.clone()], ..Metadata::default() };
            let about = About::of(
                finding.rule.clone(),
                finding.severity,
                String::new(),
                "",
                metadata,
                finding.domain,
            );
            let list = if silences.hold(&(finding.line..=finding.end_line.min(finding.line + 20)), &about) {
                &mut self.suppressed
            } else {
                &mut self.told
            };
            if seen.insert((finding.rule.clone(), finding.line, finding.column, finding.problem.clone())) {
                list.push(finding);
            }
        }
    }

    pub(super) fn is_said_by(&mut self, voice: &Voice) {
        for finding in self.told.iter_mut().chain(&mut self.suppressed) {
            finding.said.iter_mut().for_each(|said| said.version.clone_from(&voice.version));
        }
    }
}

/// What a tool said as a finding; `None`: its file does not have this line.
fn finding(tool: &str, lines: &[&str], remark: &Remark) -> Option<Finding> {
    let line = usize::try_from(remark.line).ok().filter(|line| (1..=lines.len().max(1)).contains(line))?;
    let end_line = usize::try_from(remark.end_line).unwrap_or(line).clamp(line, lines.len().max(line));
    let code = lines.get(line - 1).copied().unwrap_or_default();
    let column = remark.column.and_then(|column| column::of(code, column, remark.unit));
    let exact = tool::exact_rules(tool).and_then(|rules| rules.get(&remark.rule));
    let id = tool::id(tool, &remark.rule);
    let message = remark.message.trim();
    let first: String = message.lines().next().unwrap_or_default().chars().take(100).collect();
    let first = text::visible(first.trim());
    let title = match exact {
        Some(about) => about.title.clone(),
        None if first.is_empty() => id.clone(),
        None => first,
    };
    let is_secret = remark.cwe.iter().any(|cwe| [259, 321, 798].contains(cwe));
    let own: String = lines[(line - 1).min(lines.len())..end_line.min(lines.len())]
        .iter()
        .flat_map(|line| line.split_whitespace())
        .collect();
    Some(Finding {
        rule: id.clone(),
        domain: remark.domain,
        severity: remark.severity,
        confidence: remark.confidence,
        title,
        category: remark.domain.name().to_owned(),
        cwe: remark.cwe.clone(),
        problem: sentence(if message.is_empty() { &id } else { message }),
        impact: String::new(),
        fix: remark.fix.clone(),
        path: remark.path.clone(),
        line,
        end_line,
        column: column.unwrap_or(1),
        snippet: if is_secret { String::new() } else { wording::quote(code) },
        trace: Vec::new(),
        spot: Spot { item: String::new(), lines: own.clone(), statement: own },
        said: vec![Said { tool: tool.to_owned(), version: None, rule: remark.rule.clone() }],
        edit: None,
        suggestion: None,
        new: None,
    })
}

/// Words that end as a sentence does.
fn sentence(words: &str) -> String {
    let is_ended = words.ends_with(['.', '!', '?', ':', ')', '`']);
    if is_ended { words.to_owned() } else { format!("{words}.") }
}
