//! The files: `projects/<id>.json` in the state directory, one a project, whole or
//! not at all, under one lock. Never anything of the checkout.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use base::files::{self, Sync};
use base::lock;
use findings::merged::Merged;
use protocol::convoys;
use protocol::layout::{ConvoyDir, Home};
use protocol::state::MergeStatus;
use protocol::store::read_state;
use serde::{Deserialize, Serialize};

use crate::book::{Book, Snapshot, VERSION};
use crate::entry::Author;
use crate::location::Location;
use crate::problem::Problem;

/// Who looks for reviews may take so long until what was found is written.
const MARGIN: Duration = Duration::from_secs(60);

/// A file of ours.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    version: u64,
    location: Location,
    #[serde(flatten)]
    book: Book,
}

/// What is remembered of a project. A book of a directory that was moved here goes along.
pub fn read(home: &Home, location: &Location) -> Result<Book, Problem> {
    Ok(find(home, location)?.map(|(_, book)| book).unwrap_or_default())
}

/// A project's directory and what is remembered of it; or the file that cannot be read, and why.
pub type Read = (PathBuf, Result<Book, Problem>);

/// What is remembered of every project.
pub fn read_all(home: &Home) -> Result<Vec<Read>, Problem> {
    let mut all = Vec::new();
    for name in files::names(&home.projects())? {
        let path = home.projects().join(&name);
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        match read_file(&path) {
            Ok(Some(stored)) => {
                all.push((stored.location.directory.as_path().to_path_buf(), Ok(stored.book)));
            }
            // It was moved meanwhile.
            Ok(None) => {}
            Err(problem) => all.push((path, Err(problem))),
        }
    }
    all.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(all)
}

/// Changes what is remembered, in one hold of the lock; whoever else writes waits.
pub fn change<T>(home: &Home, location: &Location, work: impl FnOnce(&mut Book) -> T) -> Result<T, Problem> {
    files::create_private_dir(&home.projects())?;
    let _lock = lock::lock(&home.projects_lock())?;
    let (from, mut book) = match find(home, location)? {
        Some((path, book)) => (Some(path), book),
        None => (None, Book::default()),
    };
    let before = book.clone();
    let answer = work(&mut book);
    let path = home.project(&location.id());
    if book == before && from.as_ref() == Some(&path) {
        return Ok(answer);
    }
    let stored = Stored { version: VERSION, location: location.clone(), book };
    let mut bytes = serde_json::to_vec(&stored).map_err(|error| {
        Problem::Other(base::Error::Io { verb: "encode", path: path.clone(), source: error.into() })
    })?;
    bytes.push(b'\n');
    files::replace(&path, &home.projects(), &bytes, Sync::Now)?;
    files::sync_dir(&home.projects())?;
    // Of a directory that was moved: only now, so that it is never in neither.
    if let Some(old) = from.filter(|old| *old != path) {
        files::remove_if_there(&old)?;
    }
    Ok(answer)
}

/// Its file and what it holds.
fn find(home: &Home, location: &Location) -> Result<Option<(PathBuf, Book)>, Problem> {
    let read = |path: &Path| Ok(read_file(path)?.map(|stored| (stored.location, stored.book)));
    location.find(home, |id| home.project(id), read)
}

fn read_file(path: &Path) -> Result<Option<Stored>, Problem> {
    #[derive(Deserialize)]
    struct Header {
        version: u64,
    }
    let Some(bytes) = files::read_if_there(path)? else { return Ok(None) };
    let torn = |error: serde_json::Error| Problem::Torn { path: path.to_path_buf(), why: error.to_string() };
    let header: Header = serde_json::from_slice(&bytes).map_err(torn)?;
    if header.version > VERSION {
        return Err(Problem::Newer { path: path.to_path_buf(), version: header.version });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(torn)
}

/// Takes up every review of this project that has ended and was not taken up yet, the
/// oldest first. So nothing is lost when whoever started one is gone.
pub fn take_up(home: &Home, location: &Location) -> Result<(), Problem> {
    let book = read(home, location)?;
    let since = changed_at(&home.project(&location.id())).and_then(|time| time.checked_sub(MARGIN));
    let mut found = Vec::new();
    for id in convoys::all_ids(home)? {
        let dir = home.convoy(&id);
        // A convoy's state is replaced for the last time when it ends.
        let was_looked_at =
            since.is_some_and(|since| changed_at(&dir.state()).is_some_and(|end| end < since));
        if was_looked_at || book.has_run(&id) {
            continue;
        }
        // What cannot be read is told where it is asked for; what is not taken up now can be later.
        let Ok(state) = read_state(&dir) else { continue };
        if !state.ended() || book.runs.first().is_some_and(|oldest| state.started_at < oldest.started_at) {
            continue;
        }
        if let Some((merged, runs)) = merged_of(&dir, &state, location)? {
            found.push((state.started_at, id, merged, runs));
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    found.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
    change(home, location, |book| {
        for (started_at, id, merged, runs) in &found {
            if !book.has_run(id) {
                book.take_up(id, *started_at, merged, runs);
            }
        }
    })
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// The merged findings of a review of this project, and what ran its reviewers; `None`: it
/// is another's, or has none.
fn merged_of(
    dir: &ConvoyDir,
    state: &protocol::state::State,
    location: &Location,
) -> Result<Option<(Merged, Vec<Author>)>, Problem> {
    let Some(merge) = state.merge.as_ref().filter(|merge| merge.status == MergeStatus::Done) else {
        return Ok(None);
    };
    let torn = |path: PathBuf, why: String| Problem::Torn { path, why };
    let Some(bytes) = files::read_if_there(&dir.known())? else { return Ok(None) };
    let known: Snapshot =
        serde_json::from_slice(&bytes).map_err(|error| torn(dir.known(), error.to_string()))?;
    if known.project != location.id() {
        return Ok(None);
    }
    let path = dir.merge_findings(merge.k);
    let Some(bytes) = files::read_if_there(&path)? else { return Ok(None) };
    let merged = Merged::read(&bytes).map_err(|why| torn(path, why))?;
    let path = dir.merge_meta(merge.k);
    let Some(bytes) = files::read_if_there(&path)? else { return Ok(Some((merged, Vec::new()))) };
    let told: Told = serde_json::from_slice(&bytes).map_err(|error| torn(path, error.to_string()))?;
    let author = |one: Reviewer| Author { reviewer: one.role, runner: one.runner, model: one.model };
    Ok(Some((merged, told.reviewers.into_iter().map(author).collect())))
}

/// Of what the merge was told: who reviewed, and what ran it.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    reviewers: Vec<Reviewer>,
}

#[derive(Deserialize)]
struct Reviewer {
    role: String,
    runner: Option<String>,
    model: Option<String>,
}

#[cfg(test)]
mod tests;
