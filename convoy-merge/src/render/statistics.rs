//! The end of the report: statistics per reviewer and the result block.

use std::fmt::Write as _;

use findings::verdict::Decision;

use super::contain::line;
use crate::merge::Merged;
use crate::meta::{Meta, Reviewer};
use crate::model::{Input, ReadFrom, Recognised};
use crate::{scope, verdict};

pub(super) fn statistics(out: &mut String, merged: &Merged, meta: &Meta) {
    out.push_str("## Review Statistics\n\n");
    let read = scope::all(&merged.inputs, meta);
    match (read.read, read.given) {
        (Some(read), Some(given)) => {
            let _ = writeln!(out, "- Files reviewed: {read} of {given}");
        }
        (Some(read), None) => {
            let _ = writeln!(out, "- Files reviewed: {read}");
        }
        (None, Some(given)) => {
            let _ = writeln!(out, "- Files given: {given}");
        }
        (None, None) => {}
    }
    let stated: usize = merged.findings.iter().map(|f| f.members.len()).sum();
    let _ = writeln!(out, "- Issues found: {}", merged.counts().total());
    let _ = writeln!(out, "- Duplicates removed: {} (of {stated} reported)", merged.duplicates());
    let settled = merged.findings.iter().filter(|f| f.status.is_settled()).count();
    if settled > 0 {
        let _ = writeln!(out, "- Settled: {settled}");
    }
    let withdrawn = merged.findings.iter().filter(|f| f.withdrawn).count();
    if withdrawn > 0 {
        let _ = writeln!(out, "- Withdrawn: {withdrawn}");
    }
    let suppressed = merged.findings.iter().filter(|f| f.suppressed.is_some()).count();
    if suppressed > 0 {
        let _ = writeln!(out, "- Suppressed: {suppressed}");
    }
    out.push_str("\n| Reviewer | State | Runner | Read | Reported |\n| --- | --- | --- | --- | --- |\n");
    for row in rows(merged, meta) {
        let _ = writeln!(
            out,
            "| {} |",
            row.iter().map(|c| c.replace('|', "\\|")).collect::<Vec<_>>().join(" | ")
        );
    }
    let notes: Vec<String> = merged
        .inputs
        .iter()
        .flat_map(|i| {
            // The files of a convoy are its own affair; who wrote them is not.
            let known = meta.reviewers.iter().find(|reviewer| reviewer.wrote(&i.path));
            let whose = known.map_or(i.path.as_str(), Reviewer::name);
            i.notes.iter().map(move |n| format!("- {}: {}", line(whose), line(n)))
        })
        .collect();
    if !notes.is_empty() {
        let _ = writeln!(out, "\nNotes on the reports:\n\n{}", notes.join("\n"));
    }
    out.push('\n');
}

fn rows(merged: &Merged, meta: &Meta) -> Vec<[String; 5]> {
    let mut rows = Vec::new();
    for reviewer in &meta.reviewers {
        let input = merged.inputs.iter().find(|i| reviewer.wrote(&i.path));
        let runner = [reviewer.runner.as_deref(), reviewer.model.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ");
        let state = match (&reviewer.reason, input) {
            (Some(reason), _) => format!("{}, {}", reviewer.state, reason),
            (None, Some(input)) => format!("{}, {}", reviewer.state, input_state(input)),
            (None, None) => reviewer.state.clone(),
        };
        let count = input.map_or_else(|| "–".to_string(), |i| i.findings.to_string());
        rows.push([
            line(reviewer.name()),
            line(&state),
            if runner.is_empty() { "–".to_string() } else { line(&runner) },
            input.map_or_else(|| "–".to_string(), read_of),
            count,
        ]);
    }
    for input in merged.inputs.iter().filter(|i| meta.reviewer_of(&i.path).is_none()) {
        rows.push([
            line(&input.reviewer),
            input_state(input),
            "–".to_string(),
            read_of(input),
            input.findings.to_string(),
        ]);
    }
    rows
}

fn input_state(input: &Input) -> String {
    let state = match input.recognised {
        _ if !input.complete => "incomplete",
        Recognised::Findings => "findings",
        Recognised::Clean => "nothing found",
        Recognised::Unreadable => "not recognised",
        Recognised::Empty => "empty",
    };
    let prose = if input.read_from == Some(ReadFrom::Prose) { ", read from prose" } else { "" };
    format!("{state}{prose}")
}

/// `4 of 10`
fn read_of(input: &Input) -> String {
    match (input.files_read, input.files_given) {
        (Some(read), Some(given)) => format!("{read} of {given}"),
        (Some(read), None) => read.to_string(),
        (None, _) => "–".to_string(),
    }
}

pub(super) fn result(out: &mut String, merged: &Merged, meta: &Meta, decision: &Decision) {
    let about = |kind: &str| {
        merged
            .standing()
            .filter(|f| {
                f.reviewers.iter().any(|r| r == kind)
                    || f.category.as_deref().is_some_and(|c| c.to_lowercase().contains(kind))
            })
            .count()
    };
    let read = scope::all(&merged.inputs, meta).read;
    let files = read.map_or_else(|| "unknown".to_string(), |read| read.to_string());
    let _ = writeln!(out, "REVIEW_RESULT: {}  ", decision.verdict.word());
    let _ = writeln!(out, "FILES_REVIEWED: {files}  ");
    let _ = writeln!(out, "SECURITY_ISSUES: {}  ", about("security"));
    let _ = writeln!(out, "PERFORMANCE_ISSUES: {}  ", about("performance"));
    let _ = writeln!(out, "NOTES: {}", line(&verdict::sentence(decision, merged.gate)));
}
