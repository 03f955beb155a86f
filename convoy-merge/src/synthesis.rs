//! Compares an AI's synthesis with the findings it was made from. It may order and
//! explain, never lose, lower or add unseen: what it states as findings (their numbers,
//! severities and places) is held against the data, and the difference is appended.
//! That a number is named in passing states nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use findings::Severity;

use crate::contain::{clean, line, place};
use crate::extract;
use crate::merged::Merged;
use crate::model::{Finding, Location, Member};

/// The headings that an appendix of ours may begin with; a second check replaces the first.
const HEADINGS: [&str; 4] = [MISSING, LOWERED, MOVED, ADDED];
const MISSING: &str = "## Not in this synthesis";
const LOWERED: &str = "## Rated lower in this synthesis";
const MOVED: &str = "## At another place in this synthesis";
const ADDED: &str = "## In this synthesis alone";

/// So far down a finding its numbers may stand in a field.
const HEAD: usize = 8;

/// How a synthesis differs from the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Difference {
    /// Open findings that it does not state.
    pub(crate) missing: usize,
    pub(crate) lowered: usize,
    /// Findings for which it names only places that they do not have.
    pub(crate) moved: usize,
    /// What it states and no reviewer has found.
    pub(crate) added: usize,
}

/// The report with the differences appended.
pub(crate) fn check(report: &str, merged: &Merged) -> (String, Difference) {
    let own = own_part(report);
    let stated = extract::extract(own, "synthesis.md").members;
    let open: Vec<&Finding> = merged.open().collect();
    let known: Vec<&Finding> = merged.findings.iter().chain(&merged.carried).collect();
    let numbers: Vec<BTreeSet<u32>> = stated.iter().map(|member| numbers(&head(&member.text))).collect();
    let (mut missing, mut lowered, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for finding in &open {
        let id = number(&finding.id);
        let names_it = |numbers: &BTreeSet<u32>| id.is_some_and(|id| numbers.contains(&id));
        let stating: Vec<(&Member, &BTreeSet<u32>)> =
            stated.iter().zip(&numbers).filter(|(_, numbers)| names_it(numbers)).collect();
        if stating.is_empty() {
            missing.push(told(finding));
        }
        lowered.extend(rated_lower(finding, &stating));
        moved.extend(elsewhere(finding, &stating));
    }
    let is_known = |numbers: &BTreeSet<u32>| {
        known.iter().any(|finding| number(&finding.id).is_some_and(|id| numbers.contains(&id)))
    };
    let same_place =
        |member: &Member| known.iter().any(|finding| member.locations.iter().any(|at| is_of(at, finding)));
    let added: Vec<String> = stated
        .iter()
        .zip(&numbers)
        .filter(|(member, numbers)| !is_known(numbers) && !member.withdrawn && !same_place(member))
        .map(|(member, _)| {
            let at = member.locations.first().map_or_else(|| "project".to_string(), place);
            format!(
                "- {} in {at} ({}): no reviewer has found it",
                line(&member.title),
                member.severity.name()
            )
        })
        .collect();
    let difference =
        Difference { missing: missing.len(), lowered: lowered.len(), moved: moved.len(), added: added.len() };
    if difference == Difference::default() {
        return (report.to_string(), difference);
    }
    let mut out = own.trim_end().to_string();
    out.push('\n');
    for (heading, lines) in HEADINGS.into_iter().zip([missing, lowered, moved, added]) {
        if !lines.is_empty() {
            let _ = write!(out, "\n{heading}\n\n{}\n", lines.join("\n"));
        }
    }
    // Only the bytes that were there already may be other than clean.
    (clean(&out), difference)
}

/// The line for a finding that no statement of it rates as high as its reviewers do.
fn rated_lower(finding: &Finding, stating: &[(&Member, &BTreeSet<u32>)]) -> Option<String> {
    let rated = stating.iter().map(|(member, _)| member.severity).filter(|level| *level != Severity::Unrated);
    let severity = rated.max().filter(|severity| *severity < finding.severity)?;
    let (here, by) = (severity.name(), finding.severity.name());
    Some(format!("- {}: {here} here, {by} by its reviewers: {}", finding.id, line(&finding.title)))
}

/// The line for a finding whose statements name only places that it does not have.
fn elsewhere(finding: &Finding, stating: &[(&Member, &BTreeSet<u32>)]) -> Option<String> {
    // One that joins several has the place of one of them.
    let alone = stating.iter().all(|(_, numbers)| numbers.len() == 1);
    let places: Vec<&Location> = stating.iter().flat_map(|(member, _)| &member.locations).collect();
    let nothing_to_compare = places.is_empty() || finding.locations.is_empty();
    if !alone || nothing_to_compare || places.iter().any(|at| is_of(at, finding)) {
        return None;
    }
    let here: Vec<String> = places.iter().take(3).map(|at| place(at)).collect();
    Some(format!("- {}: {} here; {}", finding.id, here.join(", "), told(finding).trim_start_matches("- ")))
}

fn told(finding: &Finding) -> String {
    let place = finding.locations.first().map_or_else(|| "project".to_string(), place);
    let (id, level, title) = (&finding.id, finding.severity.name(), line(&finding.title));
    format!("- {id} ({level}): {title} in {place}, found by {}", line(&finding.reviewers.join(", ")))
}

/// The synthesis without what an earlier check appended.
fn own_part(report: &str) -> &str {
    let begins = HEADINGS.iter().filter_map(|heading| report.find(&format!("\n{heading}\n")));
    begins.min().map_or(report, |at| &report[..at])
}

/// The heading, and the field that names the findings it states.
fn head(text: &str) -> String {
    let is_field = |line: &&str| {
        let words = line.trim_start_matches([' ', '-', '*', '_', '|']);
        words.get(..7).is_some_and(|label| label.eq_ignore_ascii_case("finding"))
    };
    let mut lines = text.lines();
    let heading = lines.next().unwrap_or_default().to_string();
    lines.take(HEAD).filter(is_field).fold(heading, |head, line| head + " " + line)
}

fn number(id: &str) -> Option<u32> {
    id.strip_prefix('F')?.parse().ok()
}

/// `F3`, `F7–F9`, as words of their own.
fn numbers(text: &str) -> BTreeSet<u32> {
    let mut out = BTreeSet::new();
    let mut last: Option<(u32, usize)> = None;
    for (at, _) in text.match_indices('F') {
        let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
        let end = at + 1 + digits.len();
        let inside = text[..at].chars().next_back().is_some_and(char::is_alphanumeric)
            || text[end..].chars().next().is_some_and(char::is_alphanumeric);
        let Some(found) = digits.parse::<u32>().ok().filter(|_| !inside) else { continue };
        let range = last.filter(|(first, behind)| {
            matches!(text[*behind..at].trim(), "-" | "–" | "—" | "to")
                && *first < found
                && found - first < 1_000
        });
        out.extend(range.map_or(found, |(first, _)| first)..=found);
        last = Some((found, end));
    }
    out
}

/// Does the finding have this place, or one beside it?
fn is_of(at: &Location, finding: &Finding) -> bool {
    const BESIDE: u32 = 10;
    finding.locations.iter().any(|own| {
        let same_file = own.file == at.file || own.file.ends_with(&format!("/{}", at.file));
        let near = match (own.line_start, at.line_start) {
            (Some(own_start), Some(start)) => {
                let (own_end, end) = (own.line_end.unwrap_or(own_start), at.line_end.unwrap_or(start));
                start <= own_end.saturating_add(BESIDE) && own_start <= end.saturating_add(BESIDE)
            }
            _ => true,
        };
        same_file && near
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(id: &str, severity: Severity, file: &str, line: u32) -> Finding {
        Finding {
            id: id.to_string(),
            title: format!("{id} is wrong"),
            severity,
            locations: vec![Location {
                line_start: Some(line),
                line_end: Some(line),
                ..Location::file(file)
            }],
            reviewers: vec!["security".to_string()],
            ..Finding::default()
        }
    }

    fn merged() -> Merged {
        let findings = vec![
            finding("F1", Severity::Critical, "src/a.ts", 4),
            finding("F2", Severity::High, "src/b.ts", 90),
            finding("F3", Severity::Low, "src/c.ts", 7),
        ];
        let carried = vec![finding("F4", Severity::High, "src/d.ts", 1)];
        Merged { findings, carried, ..Merged::default() }
    }

    fn report(findings: &str) -> String {
        format!("# Code Review\n\nF2 and F3 are minor.\n\n## Findings\n\n{findings}")
    }

    #[test]
    fn what_is_named_in_passing_is_not_stated() {
        let one = "### 1. [src/a.ts:4] It is wrong\n**Severity:** critical\n**Finding:** F1\n**Problem:** As F4 says.\n";
        let (after, found) = check(&report(one), &merged());
        assert_eq!(found, Difference { missing: 3, ..Difference::default() }, "{after}");
        for id in ["F2 (high)", "F3 (low)", "F4 (high)"] {
            assert!(after.contains(&format!("\n- {id}: ")), "{after}");
        }
        let (again, found) = check(&after, &merged());
        assert_eq!((again, found.missing), (after, 3), "a second check says the same once");
    }

    #[test]
    fn severity_place_and_number_are_held_against_the_data() {
        let text = "### 1. [src/a.ts:6] It is wrong\n**Severity:** medium\n**Finding:** F1, F2–F4\n\n\
                    ### 2. [src/x.ts:1] Nobody found this\n**Severity:** high\n**Problem:** Words.\n";
        let (after, found) = check(&report(text), &merged());
        assert_eq!(found, Difference { lowered: 3, added: 1, ..Difference::default() }, "{after}");
        assert!(after.contains("- F1: medium here, critical by its reviewers"), "{after}");
        let text = "### 1. [src/z.ts:6] It is wrong\n**Severity:** critical\n**Finding:** F1\n\n\
                    ### 2. [src/b.ts:84] It is wrong too\n**Severity:** high\n**Finding:** F2, F3, F4\n";
        let (after, found) = check(&report(text), &merged());
        assert_eq!(found, Difference { moved: 1, ..Difference::default() }, "{after}");
        assert!(after.contains("- F1: src/z.ts:6 here; F1 (critical)"), "{after}");
    }

    #[test]
    fn one_that_states_all_stays_as_it_is() {
        let text = "### 1. [src/a.ts:4] It is wrong\n**Severity:** critical\n**Finding:** F1–F4\n";
        let report = report(text);
        assert_eq!(check(&report, &merged()), (report.clone(), Difference::default()));
    }
}
