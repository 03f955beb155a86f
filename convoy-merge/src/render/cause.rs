//! Findings of one cause: the same rule, or the same words, at several places.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::model::{Finding, Status};

/// Findings that are told once, the first in their order.
#[derive(Debug)]
pub(super) struct Cause<'a> {
    findings: Vec<&'a Finding>,
}

impl<'a> Cause<'a> {
    /// Of one finding alone.
    pub(super) fn of(finding: &'a Finding) -> Self {
        Cause { findings: vec![finding] }
    }

    /// The one that speaks for all.
    pub(super) fn main(&self) -> &'a Finding {
        self.findings[0]
    }

    pub(super) fn findings(&self) -> &[&'a Finding] {
        &self.findings
    }

    /// `F3, F7`
    pub(super) fn ids(&self) -> String {
        self.findings.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Findings by cause, in the order of the first of each.
pub(super) fn group<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Cause<'a>> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut causes: Vec<Cause<'a>> = Vec::new();
    for finding in findings {
        let next = causes.len();
        let at = *known.entry(key(finding)).or_insert(next);
        match causes.get_mut(at) {
            Some(cause) => cause.findings.push(finding),
            None => causes.push(Cause { findings: vec![finding] }),
        }
    }
    causes
}

/// All that is told of a finding beside its places, its code and its number; names of
/// code are left out, as a rule puts those of the place into its words.
fn key(finding: &Finding) -> String {
    let mut key = format!(
        "{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{:?}|{}|{}",
        finding.second_look,
        finding.facts.requirement,
        finding.facts.rule,
        finding.severity,
        finding.category,
        finding.new,
        finding.history,
        finding.baseline,
        finding.suppressed,
        finding.since,
        finding.status.name(),
        unnamed(&finding.title),
    );
    for member in &finding.members {
        let status = member.status.map(Status::name);
        let _ = write!(
            key,
            "|{}|{:?}|{:?}|{status:?}|{:?}|{}|{}",
            member.reviewer,
            member.severity,
            member.confidence,
            member.thread,
            unnamed(&member.title),
            unnamed(&without_code(&member.body)),
        );
    }
    key
}

/// Without what stands in code marks.
fn unnamed(text: &str) -> String {
    text.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Without the code that data quotes and proposes, which is shown beside the place.
pub(super) fn without_code(body: &str) -> String {
    let mut out = String::with_capacity(body.len());
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        let labelled = matches!(line, "**Code:**" | "**Suggestion:**");
        let fence = lines.clone().next().filter(|next| labelled && next.starts_with("```"));
        match fence {
            Some(open) => {
                let mark = &open[..open.len() - open.trim_start_matches('`').len()];
                let _ = lines.next();
                let _ = lines.by_ref().find(|line| line.trim_end() == mark);
            }
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out.trim_end().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Location, Member};

    fn finding(id: &str, title: &str, body: &str) -> Finding {
        let member = Member { body: body.to_string(), ..Member::default() };
        Finding {
            id: id.to_string(),
            title: title.to_string(),
            locations: vec![Location::file(format!("{id}.ts"))],
            members: vec![member],
            ..Finding::default()
        }
    }

    #[test]
    fn one_cause_is_told_once() {
        let list = [
            finding("F1", "A promise floats", "**Problem:** `a()` is not awaited."),
            finding("F2", "A promise floats", "**Problem:** `b()` is not awaited.\n**Code:**\n```\nb()\n```"),
            finding("F3", "A promise floats", "**Problem:** Nobody waits."),
            finding("F4", "Another", "**Problem:** `a()` is not awaited."),
        ];
        let causes = group(&list);
        assert_eq!(causes.iter().map(Cause::ids).collect::<Vec<_>>(), ["F1, F2", "F3", "F4"]);
    }

    #[test]
    fn quoted_code_is_left_out_and_nothing_else() {
        let body = "**Problem:** x\n**Code:**\n````\n```\n**Fix:** no\n````\n**Fix:** y\n```\nkept\n```";
        assert_eq!(without_code(body), "**Problem:** x\n**Fix:** y\n```\nkept\n```");
    }
}
