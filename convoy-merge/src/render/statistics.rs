//! The end of the report: statistics per reviewer, what was not read, and the result block.

use std::fmt::Write as _;

use std::collections::BTreeMap;

use findings::verdict::{Decision, Verdict};
use findings::{Basis, Scope};

use super::lines::wrapped;
use super::summary::runner;
use crate::contain::{cell, html, line, place};
use findings::second_look::SecondLook;

use crate::merged::Merged;
use crate::meta::{Meta, Reviewer};
use crate::model::{Finding, Input, Location, ReadFrom, Recognised};
use crate::{requirement, scope, verdict};

/// Before the number of findings that stand.
pub(crate) const FOUND: &str = "Issues found: ";
/// So many files that were not read are told; the JSON has every one.
const MOST: usize = 500;

/// The section, without a blank line behind it: all of it folded.
pub(super) fn section(merged: &Merged, meta: &Meta) -> Vec<String> {
    let rows = rows(merged, meta);
    let mut inside = figures(merged, meta);
    inside.extend(notes(merged, meta));
    inside.extend(not_read(merged));
    inside.extend([
        String::new(),
        "| Reviewer | State | Runner | Read | Reported |".to_string(),
        "| --- | --- | --- | --- | --- |".to_string(),
    ]);
    inside.extend(rows.iter().map(|row| format!("| {} |", row.join(" | "))));
    let title = base::style::count(rows.len() as u64, "reviewer");
    let mut out = vec!["## Review Statistics".to_string()];
    out.extend(folded(&title, inside));
    out
}

fn figures(merged: &Merged, meta: &Meta) -> Vec<String> {
    let read = scope::all(&merged.inputs, meta);
    let read = match (read.read, read.given) {
        (Some(read), Some(given)) => format!("Files reviewed: {read} of {given} · "),
        (Some(read), None) => format!("Files reviewed: {read} · "),
        (None, Some(given)) => format!("Files given: {given} · "),
        (None, None) => String::new(),
    };
    let stated: usize = merged.findings.iter().map(|f| f.members.len()).sum();
    let count = |of: fn(&Finding) -> bool| merged.findings.iter().filter(|f| of(f)).count();
    let others = [
        (count(|f| f.status.is_settled()), "settled"),
        (count(|f| f.withdrawn), "withdrawn"),
        (count(|f| f.suppressed.is_some()), "suppressed"),
        (count(|f| f.second_look.as_ref().is_some_and(SecondLook::is_refuted)), "refuted"),
    ];
    let others = others.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("; {n} {what}"));
    let others: String = others.collect();
    let (found, duplicates) = (merged.counts().total(), merged.duplicates());
    let mut out = vec![format!(
        "- {read}{FOUND}{found} · Duplicates removed: {duplicates} (of {stated} reported){others}"
    )];
    if let Some(looked) = requirement::looked(merged, meta) {
        let sentence = looked.sentence();
        let mut letters = sentence.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        let _ = write!(out[0], " · {}", line(&first.chain(letters).collect::<String>()));
    }
    if let Some(data) = &meta.data {
        out.push(format!("- All of it as data: [{}](<{}>)", line(data), line(data)));
    }
    out
}

pub(super) fn rows(merged: &Merged, meta: &Meta) -> Vec<[String; 5]> {
    let mut rows = Vec::new();
    for reviewer in &meta.reviewers {
        let input = merged.inputs.iter().find(|i| reviewer.wrote(&i.path));
        let runner = runner(reviewer);
        let state = match (&reviewer.reason, input) {
            (Some(reason), _) => format!("{}, {}", reviewer.state, reason),
            (None, Some(input)) => format!("{}, {}", reviewer.state, input_state(input)),
            (None, None) => reviewer.state.clone(),
        };
        let count = input.map_or_else(|| "–".to_string(), |i| i.findings.to_string());
        rows.push([
            cell(reviewer.name()),
            cell(&state),
            if runner.is_empty() { "–".to_string() } else { cell(&runner) },
            input.map_or_else(|| "–".to_string(), read_of),
            count,
        ]);
    }
    for input in merged.inputs.iter().filter(|i| meta.reviewer_of(&i.path).is_none()) {
        rows.push([
            cell(&input.reviewer),
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

/// `4 of 10 (by its tool calls)`
fn read_of(input: &Input) -> String {
    let how = match input.scope.as_ref().map(|scope| scope.basis) {
        Some(Basis::Opened) => "",
        Some(Basis::ToolCalls) => " (by its tool calls)",
        Some(Basis::Claimed) | None => " (as it says)",
    };
    match (input.files_read, input.files_given) {
        (Some(read), Some(given)) => format!("{read} of {given}{how}"),
        (Some(read), None) => format!("{read}{how}"),
        (None, _) => "–".to_string(),
    }
}

/// What a reader has to know of the reports.
fn notes(merged: &Merged, meta: &Meta) -> Vec<String> {
    let told = merged.inputs.iter().filter(|input| !input.notes.is_empty()).map(|input| {
        // The files of a convoy are its own affair; who wrote them is not.
        let known = meta.reviewers.iter().find(|reviewer| reviewer.wrote(&input.path));
        let whose = known.map_or(input.path.as_str(), Reviewer::name);
        format!("{}: {}", line(whose), line(&input.notes.join("; ")))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { told } else { wrapped(&format!("- Notes: {}", told.join(". "))) }
}

/// The files that reviewers were given and have not read, and why.
fn not_read(merged: &Merged) -> Vec<String> {
    // Reviewers that were given the same files leave out the same ones.
    let mut by_scope: Vec<(&Scope, Vec<&str>)> = Vec::new();
    for input in &merged.inputs {
        let Some(scope) = input.scope.as_ref().filter(|scope| !scope.not_read.is_empty()) else { continue };
        match by_scope.iter_mut().find(|(known, _)| known.not_read == scope.not_read) {
            Some((_, names)) => names.push(&input.reviewer),
            None => by_scope.push((scope, vec![&input.reviewer])),
        }
    }
    let told = |(scope, names): (&Scope, Vec<&str>)| {
        let count = scope.not_read.len();
        let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in scope.not_read.iter().take(MOST) {
            let file = place(&Location::file(one.file.clone()));
            by_reason.entry(one.why.as_str()).or_default().push(file);
        }
        let reasons =
            by_reason.into_iter().map(|(why, files)| format!("{}: {}", line(why), files.join(", ")));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        let more =
            if count > MOST { format!(" and {} more, in the JSON", count - MOST) } else { String::new() };
        let files = base::style::count(count as u64, "file");
        wrapped(&format!("- Not read by {}: {files}: {reasons}{more}", line(&names.join(", "))))
    };
    by_scope.into_iter().flat_map(told).collect()
}

/// Lines behind a title that unfolds them.
pub(super) fn folded(title: &str, lines: Vec<String>) -> Vec<String> {
    let mut out = vec![format!("<details><summary>{}</summary>", html(title)), String::new()];
    out.extend(lines);
    if out.len() > 2 && out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out.push("</details>".to_string());
    out
}

/// What a pipeline reads, a line each.
pub(super) fn result(merged: &Merged, meta: &Meta, decision: &Decision) -> Vec<String> {
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
    let notes = match (decision.verdict, decision.obstacles.len()) {
        // The summary says which.
        (Verdict::Commented, 1) => "There is no verdict, for a reason.".to_string(),
        (Verdict::Commented, n) => format!("There is no verdict, for {n} reasons."),
        _ => verdict::sentence(decision, merged.gate),
    };
    vec![
        format!("REVIEW_RESULT: {}  ", decision.verdict.word()),
        format!("FILES_REVIEWED: {files}  "),
        format!("SECURITY_ISSUES: {}  ", about("security")),
        format!("PERFORMANCE_ISSUES: {}  ", about("performance")),
        format!("NOTES: {}", line(&notes)),
    ]
}
