//! What differs from a base: paths, lines, the change itself.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use findings::changed::Changed;

use super::{CHANGES, DiffBase, ProjectGit, TELLS_MORE, paths};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::patch;

impl ProjectGit<'_> {
    /// The change of these paths since the base as a unified diff, untracked files
    /// not included; of all paths, if none are given.
    pub(crate) fn diff(&self, base: &DiffBase, only: Option<&[PathBuf]>) -> Result<String, Diagnostic> {
        let Some(commit) = &base.commit else { return Ok(String::new()) };
        let mut arguments = vec!["diff", "--no-color"];
        arguments.extend(CHANGES);
        arguments.extend([commit, "--"]);
        self.in_parts(&arguments, only)
    }

    /// The lines that differ from the base; untracked files are new from end to end.
    /// A file that was renamed has only the lines that differ from its old name.
    pub fn changed_lines(&self, base: &DiffBase) -> Result<Vec<Changed>, Diagnostic> {
        let Some(since) = &base.commit else { return Ok(whole(self.files()?).collect()) };
        let mut changed = self.lines_between(&["diff"], &[since])?;
        changed.extend(whole(paths(&self.must(&["ls-files", "-z", "--others", "--exclude-standard"])?)));
        Ok(changed)
    }

    /// The changed lines that a command of git shows of these commits.
    pub(super) fn lines_between(
        &self,
        command: &[&str],
        commits: &[&str],
    ) -> Result<Vec<Changed>, Diagnostic> {
        let run = |what: &[&str]| {
            let mut arguments = command.to_vec();
            arguments.extend(["--no-color", "--find-renames"]);
            arguments.extend(CHANGES);
            arguments.extend(what);
            arguments.extend(commits);
            arguments.push("--");
            self.must(&arguments)
        };
        // The user's own settings may name other prefixes, or join hunks that are near.
        let plain =
            ["--patch", "--unified=0", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/"];
        let patch = run(&plain)?;
        let mut changed = patch::of_patch(&patch).map_err(|why| {
            Diagnostic::new(format!("git diff: {why}")).kind(DiagnosticKind::Machine).hint(TELLS_MORE)
        })?;
        // Of what git takes for binary it tells no lines.
        changed.extend(whole(binary_files(&run(&["--numstat", "-z"])?)));
        Ok(changed)
    }

    /// Every path that differs from the base: files, what was deleted, links,
    /// submodules; uncommitted and untracked ones included.
    pub fn changed(&self, base: &DiffBase) -> Result<Vec<PathBuf>, Diagnostic> {
        let Some(commit) = &base.commit else {
            return self.files();
        };
        let mut arguments = vec!["diff", "--name-only", "-z", "--no-renames"];
        arguments.extend(CHANGES);
        arguments.extend([commit, "--"]);
        let mut out = paths(&self.must(&arguments)?);
        out.extend(paths(&self.must(&["ls-files", "-z", "--others", "--exclude-standard"])?));
        Ok(out)
    }
}

pub(super) fn whole(paths: Vec<PathBuf>) -> impl Iterator<Item = Changed> {
    paths.into_iter().map(|path| Changed::whole(&path))
}

/// Of `--numstat -z`, the files as they are called now that have no lines:
/// `- TAB - TAB PATH NUL`, or of one that was renamed `- TAB - TAB NUL OLD NUL NEW NUL`.
fn binary_files(numstat: &[u8]) -> Vec<PathBuf> {
    let mut words = numstat.split(|&b| b == 0);
    let mut found = Vec::new();
    while let Some(entry) = words.next() {
        let mut columns = entry.splitn(3, |&b| b == b'\t');
        let (Some(added), Some(_), Some(name)) = (columns.next(), columns.next(), columns.next()) else {
            continue;
        };
        let name = if name.is_empty() { words.nth(1).unwrap_or_default() } else { name };
        if added == b"-" {
            found.push(PathBuf::from(OsString::from_vec(name.to_vec())));
        }
    }
    found
}
