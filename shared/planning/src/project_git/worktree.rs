//! A commit's files in a directory of their own, by `git worktree add`: the
//! user's index and files have no part in it.
//!
//! A filter that is written down relative to the work tree would be looked for in
//! the commit, and so run a file of it. One like that is not run, nor is one of the
//! repository's own configuration; where the files cannot do without, the commit
//! cannot be checked out, and that is said.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use base::environment::Environment;
use base::lock::Lock;
use base::text::{self, visible};
use protocol::checkout;
use protocol::layout::Home;
use protocol::plan::Plan;

use super::{CommitUnderReview, ProjectGit, Revision, failed, paths};

use crate::diagnostic::{Diagnostic, DiagnosticKind};

/// What else a checkout must not heed: the whole commit is wanted, and the
/// repository's own format is not to change by it.
pub(super) const WHOLE: [(&str, &str); 4] = [
    ("core.sparseCheckout", "false"),
    ("core.sparseCheckoutCone", "false"),
    ("submodule.recurse", "false"),
    ("worktree.useRelativePaths", "false"),
];

/// A checkout that its convoy does not stand for yet: as long as this is held,
/// nobody removes it.
#[derive(Debug)]
#[must_use]
pub struct Made(#[expect(dead_code, reason = "it is held, not looked at")] Option<Lock>);

/// Checks out what the plan is about, instead of what is left of an earlier time;
/// nothing, if that is the project as it lies there. What fails leaves nothing.
pub fn check_out(environment: &Environment, plan: &Plan) -> std::result::Result<Made, Diagnostic> {
    let Some(wanted) = &plan.checkout else { return Ok(Made(None)) };
    let home = &Home::of(environment);
    let project = plan.project.as_path();
    let no_git = || {
        Diagnostic::new(format!("{} is not a git project any more", text::path(project)))
            .hint("put its repository back; the commit under review is in there")
    };
    let git = ProjectGit::open(environment, project)?.ok_or_else(no_git)?;
    let commit = git.find_commit(&Revision::Commit(wanted.commit.clone())).map_err(|problem| Diagnostic {
        message: format!("cannot check out {}: {}", wanted.shown, problem.message),
        ..problem
    })?;
    let lock = checkout::prepare(home, &plan.id, git.common_dir()?, wanted.keeper.clone());
    let lock = lock.map_err(|error| refused(Diagnostic::from(error)))?;
    let hold = lock.to_hand_on();
    let hold = hold
        .map_err(|error| Diagnostic::of_io("cannot make a checkout", &error).kind(DiagnosticKind::Machine))?;
    if let Err(problem) = git.add_worktree(wanted.tree.as_path(), &commit, hold) {
        // What cannot be removed now is removed by a later round.
        let _ = checkout::remove(home, &plan.id, &lock);
        return Err(problem);
    }
    Ok(Made(Some(lock)))
}

/// The machine refused it; what was asked may be right.
fn refused(problem: Diagnostic) -> Diagnostic {
    let message = format!("cannot make a checkout: {}", problem.message);
    Diagnostic { message, ..problem }.kind(DiagnosticKind::Machine)
}

impl ProjectGit<'_> {
    /// Where the repository keeps what all of its work trees share; absolute.
    pub fn common_dir(&self) -> Result<PathBuf, Diagnostic> {
        let out = self.must(&["rev-parse", "--git-common-dir"])?;
        let path = Path::new(OsStr::from_bytes(out.strip_suffix(b"\n").unwrap_or(&out)));
        let path = self.root().join(path);
        path.canonicalize().map_err(|error| {
            Diagnostic::of_io(format_args!("cannot open the repository {}", text::path(&path)), &error)
        })
    }

    /// Checks the commit out at `path`, which must not be there. `hold` is handed to
    /// git and to all it starts. What fails may leave a part of it.
    pub(crate) fn add_worktree(
        &self,
        path: &Path,
        commit: &CommitUnderReview,
        hold: Stdio,
    ) -> Result<(), Diagnostic> {
        let mut git = self.clone();
        git.overrules.extend(WHOLE.map(|(key, value)| (key.into(), value.into())));
        let files: BTreeSet<PathBuf> = self.tree(commit)?.files.into_iter().collect();
        git.overrule_filters_of(|command| names_a_file_of(command, &files))?;
        let words = ["worktree", "add", "--quiet", "--detach"].map(OsStr::new);
        let words = words.into_iter().chain([OsStr::new("--"), path.as_os_str(), OsStr::new(&commit.id)]);
        let words: Vec<&OsStr> = words.collect();
        let output = git.command(&words).stdin(hold).output();
        let output = output
            .map_err(|error| Diagnostic::of_io("cannot run git", &error).kind(DiagnosticKind::Machine))?;
        if !output.status.success() {
            return Err(git.not_checked_out(commit, &output));
        }
        git.check_filters(path, commit, &files)
    }

    pub(super) fn not_checked_out(&self, commit: &CommitUnderReview, output: &Output) -> Diagnostic {
        let mut problem = failed("worktree add", output);
        problem.message = format!("cannot check out {}: {}", commit.shown, problem.message);
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("filter") || said.contains("mudge") {
            return problem.hint(
                "its files need that filter and what it reads: install it, or fetch what is missing (git lfs fetch --all), and try again",
            );
        }
        self.explained(problem)
    }

    /// Fails if a file needs a filter that was not run: it would not be what its
    /// author sees.
    pub(super) fn check_filters(
        &self,
        path: &Path,
        commit: &CommitUnderReview,
        files: &BTreeSet<PathBuf>,
    ) -> Result<(), Diagnostic> {
        if self.required.is_empty() {
            return Ok(());
        }
        let mut names = Vec::new();
        for file in files {
            names.extend_from_slice(file.as_os_str().as_bytes());
            names.push(0);
        }
        let mut child = self
            .command(&["check-attr", "-z", "--stdin", "filter"])
            .current_dir(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| Diagnostic::of_io("cannot run git", &error).kind(DiagnosticKind::Machine))?;
        let stdin = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // Its answers are read while it is asked: both pipes may be full. That it
            // ends early shows in its exit code.
            scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(&names)));
            child.wait_with_output()
        });
        let output = output.map_err(|error| Diagnostic::of_io("cannot read from git", &error))?;
        if !output.status.success() {
            return Err(failed("check-attr", &output));
        }
        // `PATH NUL filter NUL VALUE NUL …`
        let words: Vec<&[u8]> = output.stdout.split(|&b| b == 0).collect();
        for [file, _, value] in words.as_chunks::<3>().0 {
            let Some(name) = self.required.iter().find(|name| name.as_bytes() == *value) else { continue };
            let shown = visible(&name.to_string_lossy());
            let message = format!(
                "cannot check out {}: {} needs the filter '{}', which is not run: it is of the repository's own configuration, or a file of the commit",
                commit.shown,
                text::path(Path::new(OsStr::from_bytes(file))),
                shown,
            );
            let hint = format!(
                "put it into your own configuration, with the whole path of its program: git config --global filter.{shown}.smudge …"
            );
            return Err(Diagnostic::new(message).hint(hint));
        }
        Ok(())
    }
}

/// Would a shell that starts in the work tree find one of these files in this command?
pub(super) fn names_a_file_of(command: &[u8], files: &BTreeSet<PathBuf>) -> bool {
    words(command).any(|word| {
        paths(word).first().is_some_and(|path| {
            let plain = path.strip_prefix(".").unwrap_or(path);
            files.contains(plain)
        })
    })
}

/// Does this command name something relative to where it starts?
pub(super) fn is_relative(command: &[u8]) -> bool {
    words(command).any(|word| word.starts_with(b"./") || word.starts_with(b"../"))
        || words(command)
            .next()
            .is_some_and(|word| word.contains(&b'/') && !word.starts_with(b"/") && !word.starts_with(b"~"))
}

/// What a shell takes for words, roughly: more of them than it would.
fn words(command: &[u8]) -> impl Iterator<Item = &[u8]> {
    command
        .split(|b| b.is_ascii_whitespace() || b"'\"`;|&()<>{}$=".contains(b))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_would_run_a_file_of_the_commit() {
        let files: BTreeSet<PathBuf> = ["tools/clean.py", "evil.sh"].map(PathBuf::from).into();
        for (command, relative, of_the_commit) in [
            ("git-lfs smudge -- %f", false, false),
            ("/usr/bin/sed s/a/b/", false, false),
            ("sed 's/a/b/'", false, false),
            ("~/bin/clean", false, false),
            ("./evil.sh %f", true, true),
            ("tools/other.sh", true, false),
            ("sh ../x", true, false),
            ("python3 tools/clean.py", false, true),
            ("sh -c 'exec sh evil.sh'", false, true),
            ("X=1;evil.sh", false, true),
        ] {
            assert_eq!(is_relative(command.as_bytes()), relative, "{command}");
            assert_eq!(names_a_file_of(command.as_bytes(), &files), of_the_commit, "{command}");
        }
    }
}
