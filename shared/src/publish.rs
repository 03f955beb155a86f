//! Publishing reports into the project: a reader there sees a whole report or
//! none.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::{Error, IoContext, Result};
use crate::files;
use crate::now::Clock;
use crate::plan::Plan;

/// Makes the output directory of a convoy. One that is new inside a git checkout
/// gets a `.gitignore` of its own, so that reports do not show up as changes.
/// A project that is gone, or what an output directory elsewhere was in, does not
/// come back by this.
pub fn prepare_output_dir(plan: &Plan) -> Result<()> {
    let path = plan.output_dir.as_path();
    // Empty counts as new: whoever made it may have been killed before the next line.
    let used = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        return Ok(());
    }
    match &plan.site {
        Some(site) => create_below(site.output_base(), path)?,
        None => fs::create_dir_all(path).context("create directory", path)?,
    }
    if path.ancestors().any(|dir| dir.join(".git").exists()) {
        let ignore = path.join(".gitignore");
        fs::write(&ignore, "*\n").context("write", &ignore)?;
    }
    Ok(())
}

/// Is the project of a convoy still the one it was started on?
pub fn check_project(plan: &Plan) -> Result<()> {
    let Some(site) = &plan.site else { return Ok(()) };
    match site.missing(plan.project.as_path(), Clock::open()?.boot())? {
        None => Ok(()),
        Some(words) => Err(Error::Invalid(words)),
    }
}

/// Makes `path` and what it is in, as far as that is below `base`.
fn create_below(base: &Path, path: &Path) -> Result<()> {
    let mut missing: Vec<&Path> = path.ancestors().take_while(|dir| *dir != base).collect();
    missing.reverse();
    for dir in missing {
        match fs::create_dir(dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).context("create directory", dir);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Copies a finished file to its published name: temporary, then rename. Not
/// synced: that must not stand between an end and the launch that follows it
/// (P1); see [`sync`].
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    let dir = to.parent().unwrap_or(Path::new("/"));
    let temporary = files::temporary_in(dir, "report");
    let done = (|| {
        let mut source = files::open_regular(from).context("open", from)?;
        // The user's own umask decides who may read it.
        let mut target = fs::File::create_new(&temporary).context("create", &temporary)?;
        io::copy(&mut source, &mut target).context("write", &temporary)?;
        fs::rename(&temporary, to).context("replace", to)
    })();
    if done.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    done
}

/// Brings a published file and its name to the disk.
pub fn sync(path: &Path) -> Result<()> {
    fs::File::open(path).and_then(|file| file.sync_all()).context("sync", path)?;
    files::sync_dir(path.parent().unwrap_or(Path::new("/")))
}
