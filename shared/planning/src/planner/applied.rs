//! Which settings of a project count for a plan, and who set them. Pure.

use std::path::Path;

use protocol::plan::ReportKind;

use crate::file_selection::Selected;
use crate::settings::trusted::Trusted;
use crate::settings::{self, Asked, PROJECT_FILE, Resolved, SetBy};

use super::agents::Planned;
use super::{Request, Why};

/// The gate: command line, the user's settings, the project's, defaults.
pub(super) fn resolve(request: &Request, selected: &Selected, trusted: &Trusted) -> Resolved {
    let asked = Asked { gate: request.gate, gate_on: request.gate_on, has_base: selected.changed.is_some() };
    settings::resolve(asked, request.settings.as_ref(), trusted.project.as_ref())
}

/// One line: `settings: runner builtin, gate medium (yours: pan init --show); …`. `None`:
/// nobody has set anything that counts here. `resolved` is of a review only.
pub(super) fn line(
    request: &Request,
    resolved: Option<&Resolved>,
    selected: &Selected,
    trusted: &Trusted,
    planned: &Planned,
) -> Option<String> {
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    if let Some(runner) = planned.runners.iter().find(|runner| runner.why == Why::Settings) {
        own.push(format!("runner {}", runner.name));
    }
    for (text, by) in resolved.map(gates).into_iter().flatten() {
        match by {
            SetBy::Own => own.push(text),
            SetBy::Project => theirs.push(text),
            SetBy::CommandLine | SetBy::Default => {}
        }
    }
    if selected.left_out > 0 {
        own.push(format!("exclude leaves out {}", base::style::count(selected.left_out as u64, "file")));
    }
    if let Some(guidelines) = trusted.guidelines.as_ref().filter(|_| has_ai(planned)) {
        let list = if trusted.own_guidelines { &mut own } else { &mut theirs };
        list.push(format!("guidelines {}", guidelines.source));
    }
    let off = request.settings.as_ref().is_some_and(|own| own.settings.project_file == Some(false));
    if off && resolved.is_some() {
        own.push("project-file false".to_owned());
    }
    let own = (!own.is_empty()).then(|| format!("{} (yours: pan init --show)", own.join(", ")));
    let theirs = trusted
        .project
        .as_ref()
        .filter(|_| !theirs.is_empty())
        .map(|project| format!("{} ({})", theirs.join(", "), project.shown()));
    let parts: Vec<String> = own.into_iter().chain(theirs).collect();
    (!parts.is_empty()).then(|| format!("settings: {}", parts.join("; ")))
}

/// Does an AI review, who could read guidelines?
pub(super) fn has_ai(planned: &Planned) -> bool {
    let mut reviewers = planned.agents.iter().filter(|agent| agent.report == ReportKind::Findings);
    reviewers.any(|agent| !agent.invocation.static_only)
}

/// What else there is to know of the project's settings, one line each.
pub(super) fn notes(
    request: &Request,
    selected: &Selected,
    trusted: &Trusted,
    planned: &Planned,
) -> Vec<String> {
    let mut notes = trusted.notes.clone();
    if let Some(guidelines) = trusted.guidelines.as_ref().filter(|_| !has_ai(planned)) {
        notes.push(format!("guidelines {} are for AI reviewers: no rule reads them", guidelines.source));
    }
    let heeds = request.settings.as_ref().and_then(|own| own.settings.project_file) != Some(false);
    let mut changed = selected.files.iter().chain(&selected.not_files);
    if heeds && selected.base.is_some() && changed.any(|path| path == Path::new(PROJECT_FILE)) {
        notes.push(format!("{PROJECT_FILE} is changed here: it counts as it is in the base"));
    }
    notes
}

fn gates(resolved: &Resolved) -> [(String, SetBy); 2] {
    [
        (format!("gate {}", resolved.gate.0.name()), resolved.gate.1),
        (format!("gate-on {}", resolved.gate_on.0.name()), resolved.gate_on.1),
    ]
}
