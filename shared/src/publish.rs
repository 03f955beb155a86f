//! Publishing reports into the project: a reader there sees a whole report or
//! none.

use std::fs;
use std::io;
use std::path::Path;

use crate::error::{IoContext, Result};
use crate::files;

/// Makes the output directory. One that is new inside a git checkout gets a
/// `.gitignore` of its own, so that reports do not show up as changes.
pub fn prepare_output_dir(path: &Path) -> Result<()> {
    // Empty counts as new: whoever made it may have been killed before the next line.
    let used = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        return Ok(());
    }
    fs::create_dir_all(path).context("create directory", path)?;
    if path.ancestors().any(|dir| dir.join(".git").exists()) {
        let ignore = path.join(".gitignore");
        fs::write(&ignore, "*\n").context("write", &ignore)?;
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

/// Brings a published file and its name to the disk. What is not there any more,
/// or is no file of ours to open, is its owner's affair; so is a file system that
/// cannot do it. An error that may pass is one.
pub fn sync(path: &Path) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    for (opened, path) in [(files::open_regular(path), path), (fs::File::open(dir), dir)] {
        match opened.and_then(|file| file.sync_all()) {
            Err(error) if files::may_pass(&error) => return Err(error).context("sync", path),
            _ => {}
        }
    }
    Ok(())
}
