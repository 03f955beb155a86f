//! What earlier reviews of the project have to do with what was found now: what is
//! new and what is known, what a person decided, and what is open though nobody told
//! of it this time. A reviewer that forgets a finding does not close it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use decisions::key::{self, Spot};
use decisions::{Entry, Life};
use findings::changed::Changed;
use findings::merged::Location as Place;
use findings::requirement::Asked;

use crate::merged::Merged;
use crate::model::{Facts, Finding, Input, Location};
use crate::tree::{Looked, Project, Tree};
use crate::{baseline, fresh};

mod missing;

/// Marks the findings and adds what is carried and what is closed.
pub(crate) fn apply(
    merged: &mut Merged,
    entries: &[Entry],
    project: Option<&Project>,
    changed: Option<&[Changed]>,
    asked: &[Asked],
) {
    for finding in &mut merged.findings {
        identify(finding, project);
        if finding.locations.is_empty() && finding.facts.requirement.is_some() {
            finding.code = missing::seen(&merged.inputs, &finding.reviewers, project);
        }
    }
    distinguish(&mut merged.findings);
    let seen = recognise(&mut merged.findings, entries);
    let mut next = merged.findings.len();
    for entry in entries.iter().enumerate().filter(|(n, _)| !seen.contains(n)).map(|(_, entry)| entry) {
        let Some((history, lines)) = fate(entry, project, &merged.inputs, asked) else { continue };
        next += 1;
        let mut finding = remembered(entry, format!("F{next}"), history);
        // Where its code is not found, no line is told: it would be another one.
        for (n, place) in finding.locations.iter_mut().enumerate() {
            let lines = lines.filter(|_| n == 0);
            (place.line_start, place.line_end) = (lines.map(|at| at.0), lines.map(|at| at.1));
        }
        if history == "carried" { merged.carried.push(finding) } else { merged.closed.push(finding) }
    }
    // What was said of it holds where nobody was given its file again.
    let given = |file: &Path| {
        let has = |input: &Input| {
            input.scope.as_ref().is_none_or(|scope| scope.given.iter().any(|one| one.as_path() == file))
        };
        merged.inputs.iter().any(has)
    };
    let (carried, closed) = (&mut merged.carried, &mut merged.closed);
    for finding in closed {
        finding.new = None;
    }
    for finding in carried {
        let is_asked = finding.locations.first().map(path).is_none_or(|file| given(&file));
        finding.new = finding.new.filter(|_| changed.is_some() && !is_asked);
    }
    if let Some(changed) = changed {
        fresh::mark(&mut merged.carried, changed, project.map(|project| project as &dyn Tree));
        // What another issue asks for is no matter of this change.
        for finding in merged.carried.iter_mut().filter(|finding| finding.locations.is_empty()) {
            if finding
                .facts
                .requirement
                .as_ref()
                .is_some_and(|one| one.is_proved() && !missing::is_asked(one, asked))
            {
                finding.new = Some(false);
            }
        }
    }
}

/// Item, code and key of what was found.
fn identify(finding: &mut Finding, project: Option<&Project>) {
    let place = finding.locations.first();
    let spot = place.and_then(|place| spot(place, project)).unwrap_or_default();
    let file = place.map(path).unwrap_or_default();
    let what = finding.facts.rule.as_deref().unwrap_or(&finding.title);
    finding.key = Some(key::of(what, &file, &spot));
    (finding.item, finding.code) = (Some(spot.item), Some(spot.code));
}

fn spot(place: &Location, project: Option<&Project>) -> Option<Spot> {
    let first = place.line_start.filter(|_| !place.is_unplaced())?;
    match look(project, &path(place)) {
        Now::Lines(lines) => key::spot(&path(place), &lines, first, place.line_end.unwrap_or(first)),
        Now::Gone | Now::Unknown => None,
    }
}

fn path(place: &Location) -> PathBuf {
    place.path().as_path().to_path_buf()
}

/// The same code twice in one item is two findings, counted from the top.
fn distinguish(findings: &mut [Finding]) {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|n| findings[*n].locations.first().and_then(|place| place.line_start));
    let mut seen: HashMap<String, usize> = HashMap::new();
    for n in order {
        let Some(key) = findings[n].key.clone() else { continue };
        let count = seen.entry(key.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            findings[n].key = Some(format!("{key}_{count}"));
        }
    }
}

/// Finds what is known again: by its key, else by what it is like. The entries that
/// were seen, by their positions.
fn recognise(findings: &mut [Finding], entries: &[Entry]) -> HashSet<usize> {
    let by_key: HashMap<&str, usize> = entries.iter().enumerate().map(|(n, e)| (e.key.as_str(), n)).collect();
    let mut seen = HashSet::new();
    let mut rest = Vec::new();
    for (n, finding) in findings.iter_mut().enumerate() {
        match finding.key.as_deref().and_then(|key| by_key.get(key)) {
            Some(at) if seen.insert(*at) => know(finding, &entries[*at]),
            _ => rest.push(n),
        }
    }
    // A rule says the same of the same code; only people and models word it otherwise.
    rest.retain(|n| findings[*n].facts.rule.is_none());
    let old: Vec<Finding> = entries.iter().map(|entry| remembered(entry, String::new(), "known")).collect();
    let old: Vec<&Finding> = old.iter().collect();
    let unseen: Vec<usize> = (0..old.len()).filter(|n| !seen.contains(n)).collect();
    for (n, at) in baseline::alike(findings, &rest, &old, &unseen) {
        // Only within the file, and what was decided holds for that code alone.
        let (new, entry) = (&findings[n], &entries[at]);
        let same_file = new.locations.first().map(path) == old[at].locations.first().map(path);
        let same_code = (new.item.as_ref(), new.code.as_ref()) == (Some(&entry.item), Some(&entry.code));
        if same_file && (same_code || entry.decision.is_none()) {
            seen.insert(at);
            know(&mut findings[n], &entries[at]);
        }
    }
    for finding in findings.iter_mut().filter(|finding| finding.history.is_none()) {
        finding.history = Some("new".to_string());
    }
    seen
}

fn know(finding: &mut Finding, entry: &Entry) {
    finding.key = Some(entry.key.clone());
    finding.history = Some("known".to_string());
    finding.since = Some(entry.first_seen.to_string());
    if let Some(decision) = &entry.decision {
        finding.suppressed = Some(decision.shown());
    }
}

/// What has become of a finding that nobody told of, and where its code stands now;
/// `None`: it is not open anyway.
fn fate(
    entry: &Entry,
    project: Option<&Project>,
    inputs: &[Input],
    asked: &[Asked],
) -> Option<(&'static str, Option<(u32, u32)>)> {
    if entry.life != Life::Open {
        return None;
    }
    let Some(file) = entry.locations.first().map(|place| place.file.as_path()) else {
        let is_met = missing::is_met(entry, inputs, project, asked);
        return Some((if is_met { "fixed" } else { "carried" }, None));
    };
    let lines = match look(project, file) {
        // What cannot be looked at is not gone.
        Now::Unknown => return Some(("carried", None)),
        Now::Gone => return Some(("gone", None)),
        Now::Lines(lines) => lines,
    };
    let there = key::find(file, &lines, &entry.code);
    Some(if entry.code.is_empty() || there.is_some() {
        ("carried", there)
    } else if have_read(inputs, &entry.reviewers, file) {
        ("fixed", None)
    } else if !entry.item.is_empty() && key::find(file, &lines, &entry.item).is_none() {
        ("gone", None)
    } else {
        // Its code has changed, and nobody has looked at it since.
        ("carried", None)
    })
}

fn remembered(entry: &Entry, id: String, history: &str) -> Finding {
    let place = |place: &Place| Location {
        line_start: place.line_start,
        line_end: place.line_end,
        symbol: place.symbol.clone(),
        ..Location::file(String::from(place.file.clone()))
    };
    Finding {
        id,
        fingerprint: entry.key.clone(),
        key: Some(entry.key.clone()),
        title: entry.title.clone(),
        severity: entry.severity,
        category: entry.category.clone(),
        locations: entry.locations.iter().map(place).collect(),
        reviewers: entry.reviewers.clone(),
        facts: Facts { rule: entry.rule.clone(), requirement: entry.requirement.clone(), ..Facts::default() },
        item: Some(entry.item.clone()),
        code: Some(entry.code.clone()),
        history: Some(history.to_string()),
        since: Some(entry.first_seen.to_string()),
        new: entry.new,
        suppressed: entry.decision.as_ref().map(decisions::Decision::shown),
        ..Finding::default()
    }
}

/// Has every one of these reviewers read the file this time? What is not known is no yes.
fn have_read(inputs: &[Input], names: &[String], file: &Path) -> bool {
    let has_read = |input: &Input| {
        input.complete
            && input.scope.as_ref().is_some_and(|scope| scope.read.iter().any(|one| one.as_path() == file))
    };
    !names.is_empty()
        && names.iter().all(|name| inputs.iter().any(|one| one.reviewer == *name && has_read(one)))
}

/// What is at a path of the project now.
enum Now {
    Lines(Rc<Vec<String>>),
    Gone,
    /// Nothing can be said of it.
    Unknown,
}

fn look(project: Option<&Project>, file: &Path) -> Now {
    let Some(project) = project else { return Now::Unknown };
    match project.look(file) {
        Looked::File(lines) => Now::Lines(lines),
        Looked::No(_) if project.is_missing(file) => Now::Gone,
        Looked::No(_) => Now::Unknown,
    }
}
