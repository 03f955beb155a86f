//! Publishing reports into the project: a reader there sees a whole report or
//! none.

use std::fs::{self, DirBuilder};
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use base::clock::Clock;
use base::error::{self, Error, IoContext, Result};
use base::files::{self, Temporary};
use base::outputs;
use rustix::fs::{Mode, OFlags, RawDir};

use crate::layout;
use crate::plan::Plan;
use crate::redact::Secrets;

/// Makes the output directory of a convoy. One that is new inside a git checkout
/// gets a `.gitignore` of its own, so that reports do not show up as changes.
/// A project that is gone, or what an output directory elsewhere was in, does not
/// come back by this.
pub fn prepare_output_dir(plan: &Plan) -> Result<()> {
    let path = plan.output_dir.as_path();
    // Empty counts as new: whoever made it may have been killed before the next line.
    let used = match is_empty(path) {
        Ok(empty) => !empty,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        // Somebody made it so that it cannot be listed.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => true,
        Err(error) => return Err(error).context("list", path),
    };
    if used {
        return Ok(());
    }
    match &plan.site {
        Some(site) => create_below(site.output_base(), path)?,
        None => builder().recursive(true).create(path).context("create directory", path)?,
    }
    if path.ancestors().any(|dir| dir.join(".git").exists()) {
        let mut ignore = Temporary::open(path, ".gitignore", PUBLISHED)?;
        ignore.write(b"*\n")?;
        ignore.rename(&path.join(".gitignore"))?;
    }
    Ok(())
}

/// Is nothing in a directory? Where there are thousands of reports they are not listed for it.
fn is_empty(path: &Path) -> io::Result<bool> {
    let dir = rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let mut room = [MaybeUninit::uninit(); FEW_NAMES];
    let mut entries = RawDir::new(dir, &mut room);
    while let Some(entry) = entries.next() {
        if ![&b"."[..], b".."].contains(&entry?.file_name().to_bytes()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Room for a few names, however long they are.
const FEW_NAMES: usize = 1024;

/// What a first report may take, to be sure that there is room for one.
const PROBE: usize = 64 * 1024;

/// Can reports be put there? A file is written where the directory is, or is to be
/// made, and is gone again: rights, a file in the way, a file system that can only be
/// read, a full one or a quota all refuse that.
pub fn check_output_dir(path: &Path) -> Result<()> {
    let is_there = |dir: &&Path| fs::symlink_metadata(dir).is_ok();
    let nearest = path.ancestors().find(is_there).unwrap_or(Path::new("/"));
    let found = fs::metadata(nearest).context("put reports below", nearest)?;
    if !found.is_dir() {
        let error = io::Error::from(io::ErrorKind::NotADirectory);
        return Err(error).context("put reports below", nearest);
    }
    let mut file = Temporary::private(nearest, "convoy")?;
    file.write(&[0; PROBE])
}

/// Is the project of a convoy still the one it was started on?
pub fn check_project(plan: &Plan) -> Result<()> {
    let Some(site) = &plan.site else { return Ok(()) };
    match site.missing(plan.project.as_path(), Clock::open()?.boot())? {
        None => Ok(()),
        Some(words) => Err(Error::invalid(
            words,
            "put it back where it was; or start again where it is: pan convoy start",
        )),
    }
}

/// Makes `path` and what it is in, as far as that is below `base`.
fn create_below(base: &Path, path: &Path) -> Result<()> {
    let mut missing: Vec<&Path> = path.ancestors().take_while(|dir| *dir != base).collect();
    missing.reverse();
    for dir in missing {
        match builder().create(dir) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(error).context("create directory", dir);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whatever the umask, reports are not for everybody to change.
fn builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o755);
    builder
}

/// More than this is no report, whatever it is.
pub const MAX_REPORT: u64 = 256 << 20;

/// A published report as far as the umask allows it.
const PUBLISHED: u32 = 0o644;

/// Gives what a file holds its published name, without secrets: through a
/// temporary beside it. Not synced: that must not stand between an end and the
/// launch that follows it (P1); see [`sync`].
pub fn publish(from: impl Read, to: &Path, secrets: &Secrets) -> Result<()> {
    let (dir, name) = (outputs::directory(to), to.file_name().unwrap_or_default().to_string_lossy());
    let mut temporary = Temporary::open(dir, &name, PUBLISHED)?;
    secrets.copy(from, temporary.file()).context("write", to)?;
    temporary.rename(to)
}

/// Removes what earlier publishers of this file that were killed left beside it. All
/// of the directory is looked through: for who may have had one.
pub fn tidy_beside(to: &Path) {
    files::tidy(outputs::directory(to), &to.file_name().unwrap_or_default().to_string_lossy());
}

/// Removes what publishers of a convoy that were killed left beside its reports.
pub fn tidy(plan: &Plan) {
    let dir = plan.output_dir.as_path();
    if let Some(name) = layout::published(dir, &plan.stamp, &plan.id, "").file_name() {
        files::tidy(dir, &name.to_string_lossy());
    }
}

/// Brings a published file and its name to the disk. What is not there any more,
/// or is no file of ours to open, is its owner's affair; so is a file system that
/// cannot do it. An error that may pass is one.
pub fn sync(path: &Path) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    for (opened, path) in [(files::open_regular(path), path), (fs::File::open(dir), dir)] {
        match opened.and_then(|file| file.sync_all()) {
            Err(error) if error::may_pass(&error) => return Err(error).context("sync", path),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_empty_until_something_is_in_it() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("reports");
        assert_eq!(is_empty(&dir).unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::create_dir(&dir).unwrap();
        assert!(is_empty(&dir).unwrap());
        // The longest name there is.
        fs::write(dir.join("x".repeat(255)), "").unwrap();
        assert!(!is_empty(&dir).unwrap());
        for n in 0..100 {
            fs::write(dir.join(format!("{n}-{}", "y".repeat(100))), "").unwrap();
        }
        assert!(!is_empty(&dir).unwrap());
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(is_empty(&file).unwrap_err().kind(), io::ErrorKind::NotADirectory);
    }
}
