//! Publishing reports into the project: a reader there sees a whole report or
//! none.

use std::fs::{self, DirBuilder};
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use crate::error::{IoContext, Result};
use crate::files::{self, Temporary};
use crate::layout;
use crate::outputs;
use crate::plan::Plan;
use crate::redact::Secrets;

/// Makes the output directory. One that is new inside a git checkout gets a
/// `.gitignore` of its own, so that reports do not show up as changes.
pub fn prepare_output_dir(path: &Path) -> Result<()> {
    // Empty counts as new: whoever made it may have been killed before the next line.
    let used = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if used {
        return Ok(());
    }
    // Whatever the umask, reports are not for everybody to change.
    DirBuilder::new().recursive(true).mode(0o755).create(path).context("create directory", path)?;
    if path.ancestors().any(|dir| dir.join(".git").exists()) {
        let mut ignore = Temporary::open(path, ".gitignore", PUBLISHED)?;
        ignore.write(b"*\n")?;
        ignore.rename(&path.join(".gitignore"))?;
    }
    Ok(())
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
    files::tidy(dir, &name);
    let mut temporary = Temporary::open(dir, &name, PUBLISHED)?;
    secrets.copy(from, temporary.file()).context("write", to)?;
    temporary.rename(to)
}

/// Removes what publishers of a convoy that were killed left beside its reports.
pub fn tidy(plan: &Plan) {
    let dir = plan.output_dir.as_path();
    if let Some(name) = layout::published(dir, &plan.stamp, &plan.id, "").file_name() {
        files::tidy(dir, &name.to_string_lossy());
    }
}

/// Brings a published file and its name to the disk.
pub fn sync(path: &Path) -> Result<()> {
    fs::File::open(path).and_then(|file| file.sync_all()).context("sync", path)?;
    files::sync_dir(path.parent().unwrap_or(Path::new("/")))
}
