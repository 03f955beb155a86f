//! What was read and what was not, in the report for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use findings::{Basis, Scope};

use super::contain::{line, place};
use crate::merge::Merged;
use crate::model::{Input, Location, ReadFrom};
use crate::scope;

/// So many files that were not read are told at once; more are folded.
const OPEN: usize = 5;
/// So many are told at all; the JSON has every one.
const MOST: usize = 500;

/// A section, if anything is known.
pub(super) fn section(out: &mut String, merged: &Merged) {
    let known = |input: &&Input| input.files_read.is_some() || input.read_from == Some(ReadFrom::Prose);
    let inputs: Vec<&Input> = merged.inputs.iter().filter(known).collect();
    if !inputs.iter().any(|input| input.files_read.is_some()) {
        return;
    }
    out.push_str("## What Was Read\n\n");
    for input in &inputs {
        let coverage = scope::of(input).words();
        let what = if coverage.is_empty() { "does not say what was read".to_string() } else { coverage };
        let _ = writeln!(out, "- {}: {what}{}", line(&input.reviewer), how(input));
    }
    out.push('\n');
    // Reviewers that were given the same files leave out the same ones.
    let mut by_scope: Vec<(&Scope, Vec<&str>)> = Vec::new();
    for input in &inputs {
        let Some(scope) = input.scope.as_ref().filter(|scope| !scope.not_read.is_empty()) else { continue };
        match by_scope.iter_mut().find(|(known, _)| known.not_read == scope.not_read) {
            Some((_, names)) => names.push(&input.reviewer),
            None => by_scope.push((scope, vec![&input.reviewer])),
        }
    }
    for (scope, names) in by_scope {
        not_read(out, scope, &names.join(", "));
    }
}

/// How that is known.
fn how(input: &Input) -> &'static str {
    match (input.scope.as_ref().map(|scope| scope.basis), input.read_from) {
        (Some(Basis::Opened), _) => "",
        (Some(Basis::ToolCalls), Some(ReadFrom::Prose)) => " (by its tool calls; findings read from prose)",
        (Some(Basis::ToolCalls), _) => " (by its tool calls)",
        (_, Some(ReadFrom::Prose)) => " (as it says itself; read from prose)",
        (_, _) => " (as it says itself)",
    }
}

fn not_read(out: &mut String, scope: &Scope, names: &str) {
    let mut by_reason: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for one in scope.not_read.iter().take(MOST) {
        let file = place(&Location::file(one.file.clone()));
        by_reason.entry(one.why.as_str()).or_default().push(file);
    }
    let count = scope.not_read.len();
    let noun = if count == 1 { "file" } else { "files" };
    let title = format!("Not read by {}: {count} {noun}", line(names));
    let folded = count > OPEN;
    let _ = if folded {
        writeln!(out, "<details>\n<summary>{title}</summary>\n")
    } else {
        writeln!(out, "{title}\n")
    };
    for (why, files) in by_reason {
        let _ = writeln!(out, "- {}: {}", line(why), files.join(", "));
    }
    if count > MOST {
        let _ = writeln!(out, "- and {} more", count - MOST);
    }
    out.push_str(if folded { "\n</details>\n\n" } else { "\n" });
}
