//! Whether what the command left may be reviewed, and whether a review of it says what the
//! one before would have: no pass is earned by deleting what was found, by changing what
//! stands beside the branch, or by being reviewed by others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use base::encoded_path::EncodedPath;
use base::environment::Environment;
use base::{files, text};
use decisions::look::UnderReview;
use decisions::{Location, settings, store};
use planning::project::Project;
use planning::project_git::{self, Seen};
use protocol::layout::Home;

use super::record::Fix;
use super::{Driver, Rounds, at_the_gate, refused as problem};
use crate::review::Concluded;

/// All beside the branch that the command is not to change, as far as it can be seen.
pub(super) struct Before {
    seen: Seen,
    kept: Kept,
}

/// What is kept of the project in the state directory and steers a review.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    /// What a person decided, by the key of the finding.
    decisions: BTreeMap<String, String>,
    settings: Option<Vec<u8>>,
    config: Option<Vec<u8>>,
}

impl Before {
    pub(super) fn look(environment: &Environment, project: &Project) -> Result<Self> {
        Ok(Before {
            seen: project_git::look(environment, &project.root).map_err(problem)?,
            kept: Kept::read(environment, project)?,
        })
    }
}

impl Kept {
    fn read(environment: &Environment, project: &Project) -> Result<Self> {
        let home = Home::of(environment);
        let location = Location::of(environment, &project.root).map_err(base::program::Failure::from)?;
        let book = store::read(&home, &location).map_err(base::program::Failure::from)?;
        let decided = book.entries.into_iter().filter_map(|entry| {
            let decision = serde_json::to_string(&entry.decision?).ok()?;
            Some((entry.key, decision))
        });
        Ok(Kept {
            decisions: decided.collect(),
            settings: files::read_if_there(&settings::path(&home, &location))?,
            config: files::read_if_there(&home.config())?,
        })
    }
}

/// Why what the command left and what was committed of it is not to be reviewed.
pub(super) fn refused(
    driver: &Driver<'_>,
    rounds: &Rounds<'_>,
    before: &Before,
    fix: &Fix,
    last: &Concluded,
) -> Result<Option<String>> {
    let now = Before::look(driver.environment, driver.project)?;
    let (refs, changed) = before.seen.differs(&now.seen);
    if let Some(first) = changed.first() {
        let more = more(changed.len());
        return Ok(Some(format!(
            "outside of the command's work tree {}{more} changed while it ran, in {}: by it, or by you",
            text::path(first),
            text::path(&driver.project.root)
        )));
    }
    if let Some(first) = refs.first() {
        return Ok(Some(format!(
            "{}{} changed in the repository while the command ran: by it, or by you",
            text::visible(first),
            more(refs.len())
        )));
    }
    if before.kept != now.kept {
        let what = if before.kept.decisions != now.kept.decisions {
            "decisions of this project were"
        } else if before.kept.settings != now.kept.settings {
            "settings of this project were"
        } else {
            "config.toml was"
        };
        return Ok(Some(format!("{what} changed while the command ran: by it, or by you")));
    }
    if fix.commit.as_deref() == Some(rounds.record.reviewed.as_str()) {
        return Ok(Some("no progress: the command changed nothing".to_owned()));
    }
    emptied(driver, rounds, fix, last)
}

fn more(count: usize) -> String {
    if count > 1 { format!(" and {} more", count - 1) } else { String::new() }
}

/// A file that is gone, or has nothing in it any more, has no findings: that is no fix.
fn emptied(driver: &Driver<'_>, rounds: &Rounds<'_>, fix: &Fix, last: &Concluded) -> Result<Option<String>> {
    let Some(commit) = &fix.commit else { return Ok(None) };
    let found = at_the_gate(last);
    let places: BTreeSet<&Path> =
        found.iter().flat_map(|one| &one.locations).map(|place| place.file.as_path()).collect();
    for (path, gone) in driver.git.differing(&rounds.record.reviewed, commit).map_err(problem)? {
        if !places.contains(path.as_path()) {
            continue;
        }
        if gone {
            let path = text::path(&path);
            return Ok(Some(format!(
                "the command deleted {path}, in which findings are open: that is no fix"
            )));
        }
        if driver.git.is_blank(commit, &path).map_err(problem)? {
            let path = text::path(&path);
            return Ok(Some(format!(
                "the command emptied {path}, in which findings are open: that is no fix"
            )));
        }
    }
    Ok(None)
}

/// What a review of the branch does not say, a clause each.
pub(super) fn of_the_review(
    driver: &Driver<'_>,
    rounds: &Rounds<'_>,
    last: &Concluded,
    now: &Concluded,
    commit: &str,
) -> Result<Vec<String>> {
    let mut out = Vec::new();
    let (then, again) = (reviewers(driver.environment, last)?, reviewers(driver.environment, now)?);
    if then != again {
        out.push("the reviewers, or what they are told, are not those of the review before".to_owned());
    }
    let before = silenced(driver.environment, last)?;
    for (what, count) in silenced(driver.environment, now)? {
        if before.get(&what).is_none_or(|before| *before < count) {
            let (file, rule) = &what;
            let file = text::path(file.as_path());
            out.push(format!("comments in {file} silence {} now: that is no fix", text::visible(rule)));
        }
    }
    let dir = Home::of(driver.environment).convoy(&now.id);
    let given = files::read_if_there(&dir.files())?.unwrap_or_default();
    let inputs = &now.plan.inputs;
    let seen = inputs.last_look.iter().flat_map(|look| &look.files);
    let named = inputs.not_files.iter().chain(seen).map(|path| path.as_path().to_path_buf());
    let given: BTreeSet<PathBuf> = split(&given).chain(named).collect();
    let changed = driver.git.differing(&rounds.record.from, commit).map_err(problem)?;
    let has_base = inputs.diff_base.is_some();
    // What is as it was in the base again is no part of the change.
    let base = inputs.base_commit.as_deref().filter(|_| has_base);
    let of_change: Option<BTreeSet<PathBuf>> = match base {
        Some(base) => {
            let differing = driver.git.differing(base, commit).map_err(problem)?;
            Some(differing.into_iter().map(|(path, _)| path).collect())
        }
        None => None,
    };
    let is_left = |path: &PathBuf| {
        !given.contains(path) && of_change.as_ref().is_none_or(|change| change.contains(path))
    };
    let left: Vec<PathBuf> = changed.into_iter().map(|(path, _)| path).filter(is_left).collect();
    if let Some(first) = left.first() {
        out.push(format!(
            "the command changed {}{}, and that is not under review",
            text::path(first),
            more(left.len())
        ));
    }
    Ok(out)
}

/// What comments in the code silence, as far as programs tell it: how often, by file and rule.
fn silenced(
    environment: &Environment,
    concluded: &Concluded,
) -> Result<BTreeMap<(EncodedPath, String), u64>> {
    let dir = Home::of(environment).convoy(&concluded.id);
    let mut found = BTreeMap::new();
    for agent in concluded.state.agents.iter().filter(|agent| agent.is_completed()) {
        let attempt = dir.attempt(&agent.role, agent.attempt);
        for path in [attempt.findings(), attempt.answer()] {
            let Some(bytes) = files::read_if_there(&path)? else { continue };
            // What is no such document tells of no such comments.
            let Ok(document) = findings::read(&bytes) else { continue };
            for one in document.silenced {
                *found.entry((one.file, one.rule)).or_insert(0) += 1;
            }
            break;
        }
    }
    Ok(found)
}

fn split(list: &[u8]) -> impl Iterator<Item = PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    let names = list.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    names.map(|name| PathBuf::from(std::ffi::OsStr::from_bytes(name)))
}

/// Who reviewed, and told what, as hashes.
fn reviewers(environment: &Environment, concluded: &Concluded) -> Result<BTreeSet<String>> {
    let path = Home::of(environment).convoy(&concluded.id).contents();
    let Some(bytes) = files::read_if_there(&path)? else { return Ok(BTreeSet::new()) };
    let under: UnderReview = serde_json::from_slice(&bytes)?;
    Ok(under.reviewers)
}
