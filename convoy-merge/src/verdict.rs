//! The verdict of a merge: what `findings::verdict::decide` says of its reviewers
//! and findings, for the gate, the report and the JSON alike.

pub use crate::merged::Gate;
use findings::Scope;
use findings::changed::GateOn;
use findings::verdict::{Case, Decision, Open, Reviewer, Verdict, decide};

use crate::merged::Merged;
use crate::meta::{self, Meta};
use crate::model::{Input, Recognised};

/// What follows from a merge.
pub fn of(merged: &Merged, meta: &Meta) -> Decision {
    let nothing = Scope::default();
    let open = merged
        .open()
        .map(|finding| Open { severity: finding.severity, gates: merged.gate.looks_at(finding) })
        .collect();
    decide(&Case {
        gate: merged.gate.level,
        reviewers: reviewers(merged, meta, &nothing),
        open,
        stated: None,
        obstacles: Vec::new(),
    })
}

/// The reviewers that the runtime knows of, and those of inputs that it does not name.
fn reviewers<'a>(merged: &'a Merged, meta: &'a Meta, nothing: &'a Scope) -> Vec<Reviewer<'a>> {
    // Where no file was to be read, none need be.
    let reads = meta.files_reviewed != Some(0);
    let planned = meta.reviewers.iter().map(move |reviewer| {
        let input = merged.inputs.iter().find(|input| reviewer.wrote(&input.path));
        let missing = match input {
            _ if !reviewer.completed() => Some(why_none(reviewer)),
            None => Some("its report was not merged".to_string()),
            Some(input) => fault(input),
        };
        Reviewer {
            name: reviewer.name(),
            missing,
            scope: input.filter(|_| reads).and_then(|input| read_of(input, nothing)),
            denied: reviewer.denied.clone(),
        }
    });
    let others = merged.inputs.iter().filter(|input| meta.reviewer_of(&input.path).is_none());
    let others = others.map(|input| Reviewer {
        name: &input.reviewer,
        missing: fault(input),
        scope: read_of(input, nothing),
        denied: Vec::new(),
    });
    planned.chain(others).collect()
}

fn why_none(reviewer: &meta::Reviewer) -> String {
    let state = if reviewer.state.is_empty() { "it did not complete" } else { &reviewer.state };
    reviewer.reason.clone().unwrap_or_else(|| state.to_string())
}

/// Why an input is not to be relied on.
fn fault(input: &Input) -> Option<String> {
    let path = crate::contain::line(&input.path);
    let note =
        || input.notes.last().map_or_else(String::new, |note| format!(": {}", crate::contain::line(note)));
    match input.recognised {
        Recognised::Empty => Some(format!("'{path}' is empty")),
        Recognised::Unreadable => Some(format!("'{path}' was not recognised as a review{}", note())),
        Recognised::Findings | Recognised::Clean if !input.complete => {
            Some(format!("'{path}' is incomplete{}", note()))
        }
        Recognised::Findings | Recognised::Clean => None,
    }
}

/// What its reviewer read; where it says no more than that it was nothing, nothing.
fn read_of<'a>(input: &'a Input, nothing: &'a Scope) -> Option<&'a Scope> {
    input.scope.as_ref().or((input.files_read == Some(0)).then_some(nothing))
}

/// The verdict in a sentence for people.
pub(crate) fn sentence(decision: &Decision, gate: Gate) -> String {
    let level = gate.level.name();
    let new = if gate.on == GateOn::New { "new " } else { "" };
    let blocking = match decision.blocking {
        0 => String::new(),
        1 => format!("1 {new}finding is open at or above the gate ({level})"),
        n => format!("{n} {new}findings are open at or above the gate ({level})"),
    };
    match decision.verdict {
        Verdict::Approved => format!("No {new}finding is open at or above the gate ({level})."),
        Verdict::ChangesRequested => format!("This should not be merged yet: {blocking}."),
        Verdict::Commented => {
            let why = decision.obstacles.join("; ");
            let found = if blocking.is_empty() { blocking } else { format!(" {blocking}.") };
            format!("No verdict: {why}.{found}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_that_nothing_was_read_has_read_nothing() {
        let input = |read| Input {
            recognised: Recognised::Clean,
            complete: true,
            files_read: read,
            ..Input::default()
        };
        for (read, want) in
            [(None, Verdict::Approved), (Some(2), Verdict::Approved), (Some(0), Verdict::Commented)]
        {
            let merged = Merged { inputs: vec![input(read)], ..Merged::default() };
            assert_eq!(of(&merged, &Meta::default()).verdict, want, "{read:?}");
        }
    }
}
