//! The commit under review, checked out in the state directory for as long as its
//! convoy runs: `checkouts/<id>`, a worktree of the project's repository.
//!
//! Whoever ends the convoy removes it, and so does every later round for what a
//! killed program has left. It is made and removed under `checkouts/<id>.lock`,
//! which git inherits: while anything still writes there, nobody removes it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use base::encoded_path::EncodedPath;
use base::error::{Doing, Error, IoContext, Result};
use base::files::{self, Sync};
use base::ids::ConvoyId;
use base::lock::{self, Lock};
use serde::{Deserialize, Serialize};

use crate::layout::Home;
use crate::store::read_state;

/// Whose worktree a checkout is; written before git is asked for it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    /// What all work trees of the repository share; absolute.
    repository: EncodedPath,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keeper: Option<EncodedPath>,
}

/// Makes a free place for a checkout, and notes whose worktree it will be. As long
/// as the lock is held, nobody removes it.
pub fn prepare(home: &Home, id: &ConvoyId, repository: PathBuf, keeper: Option<EncodedPath>) -> Result<Lock> {
    files::create_private_dir(&home.checkouts())?;
    let lock = lock::lock(&home.checkout_lock(id))?;
    match read_state(&home.convoy(id)) {
        Ok(state) if !state.ended() => {
            return Err(Error::Busy { id: id.to_string(), doing: Doing::Running });
        }
        // Of a convoy whose state cannot be read nobody knows whether it runs.
        Err(error) if !matches!(error, Error::NoConvoy(_)) => return Err(error),
        Ok(_) | Err(_) => {}
    }
    clear(home, id)?;
    note(home, id, &Record { repository: repository.into(), keeper })?;
    Ok(lock)
}

fn note(home: &Home, id: &ConvoyId, record: &Record) -> Result<()> {
    let path = home.checkout_record(id);
    let bytes = serde_json::to_vec(record).map_err(io::Error::from).context("encode", &path)?;
    files::replace(&path, &home.checkouts(), &bytes, Sync::Later).map(drop)
}

/// Removes a checkout that nobody needs any more; waits for whoever is at it.
/// True if there was one, and it is gone.
pub fn release(home: &Home, id: &ConvoyId) -> Result<bool> {
    if !is_there(home, id)? {
        return Ok(false);
    }
    let lock = lock::lock(&home.checkout_lock(id))?;
    if is_in_use(home, id)? {
        return Ok(false);
    }
    remove(home, id, &lock)?;
    Ok(true)
}

/// Removes whatever checkouts nobody needs any more, and says which. The first
/// error is told when all have been tried.
pub fn sweep(home: &Home) -> Result<Vec<ConvoyId>> {
    let (mut removed, mut wrong) = (Vec::new(), None);
    for id in left(home)? {
        let one = || -> Result<bool> {
            let Some(lock) = lock::try_lock(&home.checkout_lock(&id))? else { return Ok(false) };
            if is_in_use(home, &id)? {
                return Ok(false);
            }
            remove(home, &id, &lock)?;
            Ok(true)
        };
        match one() {
            Ok(true) => removed.push(id),
            Ok(false) => {}
            Err(error) => wrong = wrong.or(Some(error)),
        }
    }
    for name in files::names(&home.checkouts())? {
        let path = home.checkouts().join(&name);
        if name.to_str().is_some_and(Home::is_checkout_keeper)
            && let Some(_held) = lock::try_lock(&path)?
        {
            files::remove_if_there(&path)?;
        }
    }
    wrong.map_or(Ok(removed), Err)
}

/// Checkouts that nobody needs any more and that are still there.
pub fn left(home: &Home) -> Result<Vec<ConvoyId>> {
    let names = files::names(&home.checkouts())?;
    let mut ids: Vec<ConvoyId> =
        names.iter().filter_map(|name| Home::id_of_checkout(name.to_str()?)).collect();
    ids.sort();
    ids.dedup();
    let mut out = Vec::new();
    for id in ids {
        if !lock::is_locked(&home.checkout_lock(&id))? && !is_in_use(home, &id)? {
            out.push(id);
        }
    }
    Ok(out)
}

fn is_there(home: &Home, id: &ConvoyId) -> Result<bool> {
    Ok(files::find(&home.checkout(id)).context("look at", &home.checkout(id))?.is_some()
        || files::find(&home.checkout_record(id)).context("look at", &home.checkout_record(id))?.is_some())
}

/// Does its convoy run, or somebody read it? What cannot be told is in use.
fn is_in_use(home: &Home, id: &ConvoyId) -> Result<bool> {
    match read_state(&home.convoy(id)) {
        Ok(state) if state.ended() => {}
        Err(Error::NoConvoy(_)) => {}
        Ok(_) | Err(_) => return Ok(true),
    }
    match read_record(home, id)?.and_then(|record| record.keeper) {
        Some(keeper) => lock::is_locked(keeper.as_path()),
        None => Ok(false),
    }
}

/// `None`: there is none, or none that can be read; then only the files are known.
fn read_record(home: &Home, id: &ConvoyId) -> Result<Option<Record>> {
    let bytes = files::read_if_there(&home.checkout_record(id))?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Removes a checkout and all that was noted of it.
pub fn remove(home: &Home, id: &ConvoyId, _held: &Lock) -> Result<()> {
    clear(home, id)?;
    files::remove_if_there(&home.checkout_record(id))?;
    // Those who wait for this lock see that its file is another one now.
    files::remove_if_there(&home.checkout_lock(id))
}

/// Removes the files, and what the repository knows of them: what `git worktree
/// remove -f -f` does, and it does so too for a worktree that git was killed in
/// the middle of making, and where the repository or git itself is gone.
fn clear(home: &Home, id: &ConvoyId) -> Result<()> {
    let tree = home.checkout(id);
    if let Some(record) = read_record(home, id)? {
        let worktrees = record.repository.as_path().join("worktrees");
        let entry = worktrees.join(id.as_str());
        if is_ours(&entry, &tree)? {
            remove_all(&entry)?;
            // As git does; it stays while there are others.
            let _ = fs::remove_dir(&worktrees);
        }
    }
    remove_all(&tree)
}

/// `worktrees/<name>/gitdir` names the `.git` file of the worktree. Git writes it
/// after it has made the directory; ids are never used again.
fn is_ours(entry: &Path, tree: &Path) -> Result<bool> {
    let path = entry.join("gitdir");
    let Some(bytes) = files::read_if_there(&path)? else { return Ok(true) };
    let named = Path::new(OsStr::from_bytes(bytes.trim_ascii_end()));
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let dir = named.parent().unwrap_or(named);
    Ok(bytes.is_empty() || real(dir) == real(tree))
}

fn remove_all(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).context("remove", path),
        _ => Ok(()),
    }
}

/// How many this process has made.
static KEEPERS: AtomicU32 = AtomicU32::new(0);

/// Keeps the checkout of a convoy beyond its end, for as long as this is held.
#[derive(Debug)]
pub struct Keeper {
    path: PathBuf,
    lock: Option<Lock>,
    /// Directories that had to be made for it, the innermost first.
    made: Vec<PathBuf>,
}

impl Keeper {
    /// Keeps what this program reads, until it is dropped.
    pub fn new(home: &Home) -> Result<Self> {
        let checkouts = home.checkouts();
        let made = checkouts.ancestors().take_while(|dir| !dir.exists()).map(Path::to_path_buf).collect();
        files::create_private_dir(&checkouts)?;
        // A program may keep several: of one review while the next one runs.
        let number = KEEPERS.fetch_add(1, Ordering::Relaxed);
        let path = home.checkout_keeper(&format!("{}-{number}", std::process::id()));
        let lock = Some(lock::lock(&path)?);
        Ok(Keeper { path, lock, made })
    }

    /// There was nothing to start: nothing stays that was not there before.
    pub fn dismiss(mut self) {
        let made = std::mem::take(&mut self.made);
        drop(self);
        // What is not empty has become somebody else's as well.
        made.iter().take_while(|dir| fs::remove_dir(dir).is_ok()).for_each(drop);
    }

    /// To be noted in the plan.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // One that stays is held by nobody, and goes with the next round.
        let _ = files::remove_if_there(&self.path);
        drop(self.lock.take());
    }
}
