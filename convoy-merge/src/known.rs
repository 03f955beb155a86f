//! What earlier reviews of the project have to do with what was found now: what is
//! new and what is known, what a person decided, and what is open though nobody told
//! of it this time. A reviewer that forgets a finding does not close it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use decisions::key::{self, Spot};
use decisions::{Entry, Life, Snapshot};
use findings::Scope;
use findings::merged::Location as Place;
use shared::path_text::PathText;

use crate::baseline;
use crate::merge::Merged;
use crate::meta::Meta;
use crate::model::{Finding, Location};

/// More than this is no source file.
const LARGEST: u64 = 8 << 20;

/// Marks the findings and adds what is carried and what is closed.
pub(crate) fn apply(merged: &mut Merged, snapshot: &Snapshot, meta: &Meta) {
    let mut tree = Tree::new(meta.project.as_deref());
    for finding in &mut merged.findings {
        identify(finding, &mut tree);
    }
    distinguish(&mut merged.findings);
    let seen = recognise(&mut merged.findings, &snapshot.entries);
    let mut next = merged.findings.len();
    let reviewers = Reviewers::new(meta);
    for (n, entry) in snapshot.entries.iter().enumerate().filter(|(n, _)| !seen.contains(n)) {
        let _ = n;
        let Some(history) = fate(entry, &mut tree, &reviewers) else { continue };
        next += 1;
        let finding = remembered(entry, format!("F{next}"), history);
        if history == "carried" { merged.carried.push(finding) } else { merged.closed.push(finding) }
    }
}

/// Item, code and key of what was found.
fn identify(finding: &mut Finding, tree: &mut Tree) {
    let place = finding.locations.first();
    let spot = place.and_then(|place| tree.spot(place)).unwrap_or_default();
    let file = place.map(path).unwrap_or_default();
    let what = rule(finding).unwrap_or(&finding.title);
    finding.key = Some(key::of(what, &file, &spot));
    (finding.item, finding.code) = (Some(spot.item), Some(spot.code));
}

fn rule(_: &Finding) -> Option<&str> {
    None
}

fn path(place: &Location) -> PathBuf {
    PathText::from(place.file.clone()).as_path().to_path_buf()
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
    // Only within the file: what is alike in another one is another finding.
    let old: Vec<Finding> = entries.iter().map(|entry| remembered(entry, String::new(), "known")).collect();
    let old: Vec<&Finding> = old.iter().collect();
    let unseen: Vec<usize> = (0..old.len()).filter(|n| !seen.contains(n)).collect();
    for (n, at) in baseline::alike(findings, &rest, &old, &unseen) {
        if findings[n].locations.first().map(path) == old[at].locations.first().map(path) {
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

/// What has become of a finding that nobody told of; `None`: it is not open anyway.
fn fate(entry: &Entry, tree: &mut Tree, reviewers: &Reviewers) -> Option<&'static str> {
    if entry.life != Life::Open {
        return None;
    }
    let Some(place) = entry.locations.first() else { return Some("carried") };
    let file = place.file.as_path();
    match tree.text(file) {
        // What cannot be looked at is not gone.
        Text::Unreadable => Some("carried"),
        Text::Gone => Some("gone"),
        Text::There(text) => {
            if entry.code.is_empty() || key::has_code(text, &entry.code) {
                Some("carried")
            } else if reviewers.have_read(&entry.reviewers, file) {
                Some("fixed")
            } else if !entry.item.is_empty() && !key::has_code(text, &entry.item) {
                Some("gone")
            } else {
                Some("carried")
            }
        }
    }
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
        key: Some(entry.key.clone()),
        title: entry.title.clone(),
        severity: entry.severity,
        category: entry.category.clone(),
        locations: entry.locations.iter().map(place).collect(),
        reviewers: entry.reviewers.clone(),
        item: Some(entry.item.clone()),
        code: Some(entry.code.clone()),
        history: Some(history.to_string()),
        since: Some(entry.first_seen.to_string()),
        suppressed: entry.decision.as_ref().map(decisions::Decision::shown),
        ..Finding::default()
    }
}

/// Who looked this time, and at what.
struct Reviewers(HashMap<String, Option<Scope>>);

impl Reviewers {
    fn new(meta: &Meta) -> Self {
        let completed = meta.reviewers.iter().filter(|one| one.completed());
        let scope = |one: &crate::meta::Reviewer| -> Option<Scope> {
            serde_json::from_slice(&std::fs::read(one.scope.as_deref()?).ok()?).ok()
        };
        Reviewers(completed.map(|one| (one.name().to_string(), scope(one))).collect())
    }

    /// Has every one of these read the file? What is not known is no yes.
    fn have_read(&self, names: &[String], file: &Path) -> bool {
        let read = |name: &String| {
            let scope = self.0.get(name).and_then(Option::as_ref);
            scope.is_some_and(|scope| scope.read.iter().any(|one| one.as_path() == file))
        };
        !names.is_empty() && names.iter().all(read)
    }
}

/// The project as it lies there, each file read once.
struct Tree<'a> {
    root: Option<&'a str>,
    texts: HashMap<PathBuf, Text>,
}

enum Text {
    There(String),
    Gone,
    /// Nothing can be said of it.
    Unreadable,
}

impl<'a> Tree<'a> {
    fn new(root: Option<&'a str>) -> Self {
        Tree { root, texts: HashMap::new() }
    }

    fn text(&mut self, file: &Path) -> &Text {
        let root = self.root.map(|root| PathText::from(root.to_string()));
        self.texts.entry(file.to_path_buf()).or_insert_with(|| match &root {
            Some(root) => Text::read(root.as_path(), file),
            None => Text::Unreadable,
        })
    }

    fn spot(&mut self, place: &Location) -> Option<Spot> {
        let first = place.line_start?;
        match self.text(&path(place)) {
            Text::There(text) => key::spot(text, first, place.line_end.unwrap_or(first)),
            Text::Gone | Text::Unreadable => None,
        }
    }
}

impl Text {
    fn read(root: &Path, file: &Path) -> Self {
        let inside = file.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !inside || !root.is_dir() {
            return Text::Unreadable;
        }
        let path = root.join(file);
        match std::fs::symlink_metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Text::Gone,
            Ok(found) if found.is_file() && found.len() <= LARGEST => match std::fs::read(&path) {
                Ok(bytes) => Text::There(String::from_utf8_lossy(&bytes).into_owned()),
                Err(_) => Text::Unreadable,
            },
            Ok(_) | Err(_) => Text::Unreadable,
        }
    }
}
