//! The end of the report: statistics per reviewer and the result block.

use std::fmt::Write as _;

use super::contain::line;
use super::markdown::{sentence, verdict};
use crate::merge::Merged;
use crate::meta::Meta;
use crate::model::Recognised;

pub(super) fn statistics(out: &mut String, merged: &Merged, meta: &Meta) {
    out.push_str("## Review Statistics\n\n");
    if let Some(files) = meta.files_reviewed {
        let _ = writeln!(out, "- Files reviewed: {files}");
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
    out.push_str("\n| Reviewer | State | Runner | Reported |\n| --- | --- | --- | --- |\n");
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
        .flat_map(|i| i.notes.iter().map(move |n| format!("- {}: {}", line(&i.path), line(n))))
        .collect();
    if !notes.is_empty() {
        let _ = writeln!(out, "\nNotes on the reports:\n\n{}", notes.join("\n"));
    }
    out.push('\n');
}

fn rows(merged: &Merged, meta: &Meta) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    for reviewer in &meta.reviewers {
        let input = merged.inputs.iter().find(|i| reviewer.path.as_deref() == Some(&i.path));
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
            count,
        ]);
    }
    for input in merged.inputs.iter().filter(|i| meta.reviewer_of(&i.path).is_none()) {
        rows.push([
            line(&input.reviewer),
            input_state(input).to_string(),
            "–".to_string(),
            input.findings.to_string(),
        ]);
    }
    rows
}

fn input_state(input: &crate::model::Input) -> &'static str {
    match input.recognised {
        _ if !input.complete => "incomplete",
        Recognised::Findings => "findings",
        Recognised::Clean => "nothing found",
        Recognised::Unreadable => "not recognised",
        Recognised::Empty => "empty",
    }
}

pub(super) fn result(out: &mut String, merged: &Merged, meta: &Meta) {
    let about = |kind: &str| {
        merged
            .standing()
            .filter(|f| {
                f.reviewers.iter().any(|r| r == kind)
                    || f.category.as_deref().is_some_and(|c| c.to_lowercase().contains(kind))
            })
            .count()
    };
    let files = meta.files_reviewed.map_or_else(|| "unknown".to_string(), |n| n.to_string());
    let counts = merged.counts();
    let _ = writeln!(out, "REVIEW_RESULT: {}  ", verdict(merged, meta));
    let _ = writeln!(out, "FILES_REVIEWED: {files}  ");
    let _ = writeln!(out, "SECURITY_ISSUES: {}  ", about("security"));
    let _ = writeln!(out, "PERFORMANCE_ISSUES: {}  ", about("performance"));
    let _ = writeln!(out, "NOTES: {}", sentence(merged, meta, counts));
}
