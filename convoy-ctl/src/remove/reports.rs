//! The reports that a convoy published into its project, which go with it when it is
//! pruned: those that nobody has changed since, and that git does not track. Whoever
//! edited or committed one keeps it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use base::environment::scrub;
use base::{files, subprocess};
use protocol::layout::{self, ConvoyDir};
use protocol::plan::Plan;
use protocol::store::read_state;

/// Git answers at once, or the disk is gone.
const GIT: Duration = Duration::from_secs(10);

/// Removes them. What cannot be told is kept; what cannot be removed is an error.
pub(super) fn remove(dir: &ConvoyDir) -> base::Result<()> {
    // Of a convoy whose plan or state cannot be read it is not known what it published.
    let (Ok(plan), Ok(state)) = (Plan::read(dir), read_state(dir)) else { return Ok(()) };
    let mut list: Vec<(PathBuf, PathBuf)> = Vec::new();
    for agent in &state.agents {
        if let Some(published) = agent.output_file() {
            let own = dir.attempt(&agent.role, agent.attempt).report();
            list.push((published.as_path().to_path_buf(), own));
        }
    }
    if let Some(merge) = &state.merge {
        let published =
            |what: &str| layout::published(plan.output_dir.as_path(), &plan.stamp, dir.id(), what);
        list.push((published("merged.md"), dir.merge_report(merge.k)));
        list.push((published("findings.json"), dir.merge_findings(merge.k)));
    }
    list.retain(|(published, own)| {
        published.parent() == Some(plan.output_dir.as_path()) && is_as_published(published, own)
    });
    let Some(tracked) = tracked(plan.output_dir.as_path(), &list) else { return Ok(()) };
    for (published, _) in list.iter().filter(|(published, _)| !tracked.contains(published)) {
        files::remove_if_there(published)?;
    }
    Ok(())
}

fn is_as_published(published: &Path, own: &Path) -> bool {
    let read = |path: &Path| files::open_regular(path).and_then(|_| files::read(path));
    matches!((read(published), read(own)), (Ok(a), Ok(b)) if a == b)
}

/// Those that git tracks; `None`: it cannot be told.
fn tracked(dir: &Path, list: &[(PathBuf, PathBuf)]) -> Option<BTreeSet<PathBuf>> {
    if list.is_empty() || !dir.ancestors().any(|dir| dir.join(".git").exists()) {
        return Some(BTreeSet::new());
    }
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(["ls-files", "-z", "--"]).stdin(Stdio::null());
    command.args(list.iter().filter_map(|(published, _)| published.file_name()));
    scrub(&mut command);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"] {
        command.env_remove(name);
    }
    command.env("GIT_LITERAL_PATHSPECS", "1").env("GIT_OPTIONAL_LOCKS", "0");
    let ended = subprocess::output(command, GIT).ok()?;
    if !ended.status?.success() {
        return None;
    }
    let names = ended.stdout.whole().ok()?;
    let names = names.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Some(names.map(|name| dir.join(OsStr::from_bytes(name))).collect())
}
