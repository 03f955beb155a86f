//! The report for people, in the shape of the code-review synthesis.

use std::fmt::Write as _;

use findings::verdict::Decision;

use super::contain::{line, place};
use super::finding::one;
use super::scope;
use super::statistics::{result, statistics};
use crate::merge::Merged;
use crate::meta::Meta;
use crate::model::{Counts, Finding, Recognised};
use crate::verdict;
use findings::Severity;

/// At most so many lines under "Top Priority".
const TOP: usize = 5;

pub(super) fn report(merged: &Merged, meta: &Meta) -> String {
    let decision = verdict::of(merged, meta);
    let mut out = String::new();
    let title = meta.title.as_deref().map_or_else(|| "Code Review - Complete Analysis".to_string(), line);
    let _ = writeln!(out, "# {title}\n");
    if meta.static_only {
        out.push_str("Static rules only: no AI has reviewed this.\n\n");
    }
    summary(&mut out, merged, meta, &decision);
    top(&mut out, merged);
    sections(&mut out, merged);
    known_before(&mut out, merged);
    remembered(&mut out, merged);
    withdrawn(&mut out, merged);
    gone(&mut out, merged);
    related(&mut out, merged);
    actions(&mut out, merged);
    scope::section(&mut out, merged);
    statistics(&mut out, merged, meta);
    result(&mut out, merged, meta, &decision);
    out.push_str(OWN_MARK);
    out
}

/// The last line of our own report; a report that ends so is a merge already.
const OWN_MARK: &str = "\n<!-- convoy-merge report, version 1 -->\n";

/// Is this text a report of ours, whole and unchanged in what matters here?
pub(crate) fn is_own(text: &str) -> bool {
    text.starts_with("# ")
        && text.ends_with(OWN_MARK)
        && text.contains("\n## Review Statistics\n")
        && super::clean(text) == text
}

fn summary(out: &mut String, merged: &Merged, meta: &Meta, decision: &Decision) {
    let counts = merged.counts();
    out.push_str("## Executive Summary\n\n");
    for text in count_lines(counts) {
        let _ = writeln!(out, "- {text}");
    }
    let _ = writeln!(out, "\n{}", line(&verdict::sentence(decision, merged.gate)));
    let read = crate::scope::all(&merged.inputs, meta).words();
    if !read.is_empty() {
        let _ =
            writeln!(out, "\nThe reviewers {}{read}.", if read.starts_with("given") { "were " } else { "" });
    }
    for reviewer in meta.reviewers.iter().filter(|r| !r.completed()) {
        let reason = reviewer.reason.as_deref().map_or_else(String::new, |r| format!(" ({})", line(r)));
        let _ = writeln!(out, "\n**Missing:** {} review{reason}", line(&reviewer.role));
    }
    for input in merged.inputs.iter().filter(|i| {
        i.recognised == Recognised::Unreadable || i.recognised == Recognised::Empty || !i.complete
    }) {
        let what = match input.recognised {
            Recognised::Empty => "is empty".to_string(),
            Recognised::Unreadable => {
                "holds nothing that was recognised as findings, and does not say that there are none"
                    .to_string()
            }
            Recognised::Findings | Recognised::Clean => "is incomplete".to_string(),
        };
        let notes = if input.notes.is_empty() {
            String::new()
        } else {
            format!(": {}", line(&input.notes.join("; ")))
        };
        let _ =
            writeln!(out, "\n**Missing:** {} ({}) {what}{notes}", line(&input.reviewer), line(&input.path));
    }
    out.push('\n');
}

fn plural(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

fn count_lines(counts: Counts) -> Vec<String> {
    let mut list = Vec::new();
    if counts.blocker > 0 {
        list.push(format!("{} (MUST FIX)", plural(counts.blocker, "blocker", "blockers")));
    }
    if counts.critical > 0 {
        list.push(plural(counts.critical, "critical issue", "critical issues"));
    }
    if counts.high > 0 {
        list.push(plural(counts.high, "high-priority item", "high-priority items"));
    }
    let rest: Vec<String> = [(counts.medium, "medium"), (counts.low, "low"), (counts.unrated, "unrated")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, name)| format!("{n} {name}"))
        .collect();
    if !rest.is_empty() {
        list.push(rest.join(", "));
    }
    if list.is_empty() {
        list.push("no findings".to_string());
    }
    list
}

/// The main place, and that it is none if so.
fn place_of(finding: &Finding) -> String {
    finding.locations.first().map_or_else(
        || "project".to_string(),
        |location| place(location) + if location.is_unplaced() { " (unplaced)" } else { "" },
    )
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_uppercase().chain(chars).collect())
}

fn top(out: &mut String, merged: &Merged) {
    let is_urgent = |f: &&Finding| f.severity >= Severity::High && merged.gate.looks_at(f);
    let urgent: Vec<&Finding> = merged.standing().filter(is_urgent).take(TOP).collect();
    if urgent.is_empty() {
        return;
    }
    out.push_str("## Top Priority\n\n");
    for (n, finding) in urgent.iter().enumerate() {
        let who: Vec<String> = finding.reviewers.iter().map(|r| capital(&line(r))).collect();
        let _ = writeln!(
            out,
            "{}. {} in {} ({}, {}) {}",
            n + 1,
            line(&finding.title),
            place_of(finding),
            who.join(", "),
            capital(finding.severity.name()),
            finding.id
        );
    }
    out.push('\n');
}

fn sections(out: &mut String, merged: &Merged) {
    for (severity, title) in [
        (Severity::Blocker, "Blocker Issues"),
        (Severity::Critical, "Critical Issues"),
        (Severity::High, "High-Priority Issues"),
        (Severity::Medium, "Medium Issues"),
        (Severity::Unrated, "Unrated Issues"),
        (Severity::Low, "Low Issues"),
    ] {
        let of_it = |f: &&Finding| f.severity == severity && merged.gate.looks_at(f);
        let list: Vec<&Finding> = merged.standing().filter(of_it).collect();
        if list.is_empty() {
            continue;
        }
        let _ = writeln!(out, "## {title}\n");
        for (n, finding) in list.iter().enumerate() {
            one(out, n + 1, finding);
        }
    }
}

/// What stands and is not of the change, where the gate looks at that alone.
fn known_before(out: &mut String, merged: &Merged) {
    let list: Vec<&Finding> = merged.standing().filter(|f| !merged.gate.looks_at(f)).collect();
    if list.is_empty() {
        return;
    }
    let noun = if list.len() == 1 { "finding" } else { "findings" };
    let _ = writeln!(out, "## Not of This Change\n\n<details>\n<summary>{} {noun}</summary>\n", list.len());
    for (n, finding) in list.iter().enumerate() {
        one(out, n + 1, finding);
    }
    out.push_str("</details>\n\n");
}

/// What earlier reviews found: still open though nobody told of it now, and what is not.
fn remembered(out: &mut String, merged: &Merged) {
    let mut section = |title: &str, list: &[&Finding]| {
        if list.is_empty() {
            return;
        }
        let _ = writeln!(out, "## {title}\n");
        for finding in list {
            let since = finding.since.as_deref().map_or_else(String::new, |since| format!(", since {since}"));
            let what =
                finding.suppressed.as_deref().map_or_else(String::new, |why| format!(": {}", line(why)));
            let _ = writeln!(
                out,
                "- {} {} in {} ({}{since}){what}",
                finding.id,
                line(&finding.title),
                place_of(finding),
                finding.severity.name()
            );
        }
        out.push('\n');
    };
    let carried: Vec<&Finding> = merged.carried.iter().collect();
    let of = |history: &str| -> Vec<&Finding> {
        merged.closed.iter().filter(|one| one.history.as_deref() == Some(history)).collect()
    };
    section("Carried Forward From Earlier Reviews", &carried);
    section("Fixed Since", &of("fixed"));
    section("Gone Since", &of("gone"));
}

/// What does not stand, by why: settled, withdrawn, suppressed.
fn withdrawn(out: &mut String, merged: &Merged) {
    let mut section = |title: &str, belongs: &dyn Fn(&Finding) -> bool| {
        let list: Vec<&Finding> = merged.findings.iter().filter(|f| belongs(f)).collect();
        if !list.is_empty() {
            let _ = writeln!(out, "## {title}\n");
            for (n, finding) in list.iter().enumerate() {
                one(out, n + 1, finding);
            }
        }
    };
    section("Settled", &|f| f.status.is_settled() && !f.withdrawn);
    section("Withdrawn by Their Reviewers", &|f| f.withdrawn);
    section("Suppressed", &|f| f.suppressed.is_some() && !f.withdrawn && !f.status.is_settled());
}

fn gone(out: &mut String, merged: &Merged) {
    let list: Vec<&Finding> =
        merged.findings.iter().filter(|f| f.baseline.as_deref() == Some("gone")).collect();
    if list.is_empty() {
        return;
    }
    out.push_str("## Gone Since the Baseline\n\n");
    for finding in list {
        let _ = writeln!(
            out,
            "- {} in {} ({})",
            line(&finding.title),
            place_of(finding),
            finding.severity.name()
        );
    }
    out.push('\n');
}

fn related(out: &mut String, merged: &Merged) {
    let mut lines = Vec::new();
    for finding in merged.standing() {
        for other in &finding.related {
            if number(&finding.id) < number(&other.id) {
                lines.push(format!("- {} and {}: {}", finding.id, other.id, line(&other.reason)));
            }
        }
    }
    if !lines.is_empty() {
        let _ = writeln!(out, "## Related Findings\n\n{}\n", lines.join("\n"));
    }
}

fn number(id: &str) -> usize {
    id.trim_start_matches('F').parse().unwrap_or(usize::MAX)
}

fn actions(out: &mut String, merged: &Merged) {
    let list: Vec<&Finding> = merged.standing().filter(|f| merged.gate.looks_at(f)).collect();
    if list.is_empty() {
        return;
    }
    out.push_str("## Action Items\n\n");
    for finding in list {
        let _ = writeln!(
            out,
            "- [ ] {} ({}): {} in {}",
            finding.id,
            finding.severity.name(),
            line(&finding.title),
            place_of(finding)
        );
    }
    out.push('\n');
}
