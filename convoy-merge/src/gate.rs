//! Does the gate pass? What was not recognised never passes.

use crate::merge::Merged;
use crate::meta::Meta;
use crate::model::{Recognised, Severity};

/// Why the gate does not pass, one line each; empty = it passes.
pub(crate) fn objections(merged: &Merged, meta: &Meta, level: Severity) -> Vec<String> {
    let mut out = Vec::new();
    let standing = merged.standing().filter(|f| f.severity.effective() >= level).count();
    if standing > 0 {
        let noun = if standing == 1 { "finding" } else { "findings" };
        out.push(format!("{standing} {noun} at or above {}", level.name()));
    }
    for input in &merged.inputs {
        let path = crate::render::line(&input.path);
        match input.recognised {
            Recognised::Unreadable => out.push(format!("'{path}' was not recognised as a review")),
            Recognised::Empty => out.push(format!("'{path}' is empty")),
            Recognised::Findings | Recognised::Clean if !input.complete => {
                out.push(format!("'{path}' is incomplete"));
            }
            Recognised::Findings | Recognised::Clean => {}
        }
    }
    for reviewer in meta.reviewers.iter().filter(|r| !r.completed()) {
        out.push(format!("the {} review is missing", crate::render::line(&reviewer.role)));
    }
    out
}
