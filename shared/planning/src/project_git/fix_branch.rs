//! A branch of ours and its work tree, in which a command of the user's changes what was
//! reviewed. The user's own work tree, index, stash and branches have no part in it, and
//! no hook runs: commits are made by plumbing, and git is told of no directory of hooks.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base::environment::Environment;
use base::text;

use super::worktree::WHOLE;
use super::{ProjectGit, Revision, failed, paths};
use crate::diagnostic::{Diagnostic, DiagnosticKind};
use crate::own_files::{self, OwnFiles};
use protocol::layout::Home;

/// What git leaves where something that it was to do is not done yet.
const UNFINISHED: [(&str, &str); 5] = [
    ("MERGE_HEAD", "a merge"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
];

/// Where branches of rounds are.
const OURS: &str = "refs/heads/convoy/";

/// All that can be seen of a work tree and its repository without looking into every file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Branches, tags, the stash, and what is checked out, by their names.
    refs: BTreeMap<String, String>,
    /// What differs from what is checked out: how, and by what a change of it shows.
    files: BTreeMap<PathBuf, String>,
}

impl Seen {
    /// The refs and files that are not as they were.
    pub fn differs(&self, now: &Seen) -> (Vec<String>, Vec<PathBuf>) {
        fn differ<K: Ord + Clone, V: PartialEq>(a: &BTreeMap<K, V>, b: &BTreeMap<K, V>) -> Vec<K> {
            let keys: BTreeSet<&K> = a.keys().chain(b.keys()).collect();
            keys.into_iter().filter(|key| a.get(*key) != b.get(*key)).cloned().collect()
        }
        (differ(&self.refs, &now.refs), differ(&self.files, &now.files))
    }
}

/// Looks at a project's work tree and at the refs of its repository, but for what is ours.
pub fn look(environment: &Environment, root: &Path) -> Result<Seen, Diagnostic> {
    let Some(git) = ProjectGit::open(environment, root)? else { return Ok(Seen::default()) };
    let own = own_files_of(environment, root)?;
    let mut seen = git.look()?;
    seen.files.retain(|path, _| !own.holds(&root.join(path)));
    Ok(seen)
}

fn own_files_of(environment: &Environment, root: &Path) -> Result<OwnFiles, Diagnostic> {
    let own = OwnFiles::read(&Home::of(environment))?;
    Ok(own.and_directory(&root.join(own_files::DIRECTORY)))
}

/// Files of a work tree that are not as the commit that is checked out has them, but for
/// what convoy itself wrote.
pub fn uncommitted(environment: &Environment, root: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let Some(git) = ProjectGit::open(environment, root)? else { return Ok(Vec::new()) };
    let own = own_files_of(environment, root)?;
    let all = git.status()?;
    Ok(all.into_keys().filter(|path| !own.holds(&root.join(path))).collect())
}

impl ProjectGit<'_> {
    /// Why no branch of this name can be made; `None`: it can.
    pub fn why_no_branch(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        let exists = |name: &str| {
            let name = format!("refs/heads/{name}");
            Ok::<bool, Diagnostic>(self.ask(&["rev-parse", "--verify", "--quiet", &name])?.is_some())
        };
        if exists(name)? {
            return Ok(Some(format!("there is a branch '{name}' already")));
        }
        // A branch is a file: where one is called as a directory of it would be, there is no room.
        for (at, _) in name.match_indices('/') {
            if exists(&name[..at])? {
                return Ok(Some(format!("a branch '{}' is in the way of '{name}'", &name[..at])));
            }
        }
        Ok(None)
    }

    /// Makes a branch at a commit, and its work tree at `path`, which must not be there.
    /// What fails may leave a part of it.
    pub fn add_branch(&self, name: &str, path: &Path, commit: &str) -> Result<(), Diagnostic> {
        let mut git = self.clone();
        git.overrules.extend(WHOLE.map(|(key, value)| (key.into(), value.into())));
        let found = git.find_commit(&Revision::Commit(commit.to_owned()))?;
        let files: BTreeSet<PathBuf> = git.tree(&found)?.files.into_iter().collect();
        git.overrule_filters_of(|command| super::worktree::names_a_file_of(command, &files))?;
        let words = ["worktree", "add", "--quiet", "--no-track", "-b", name, "--"].map(OsStr::new);
        let words: Vec<&OsStr> = words.into_iter().chain([path.as_os_str(), OsStr::new(&found.id)]).collect();
        let output = git.output(&words)?;
        if !output.status.success() {
            return Err(git.not_checked_out(&found, &output));
        }
        git.check_filters(path, &found, &files)
    }

    /// Takes a work tree of ours away, with what is in it.
    pub fn remove_worktree(&self, path: &Path) -> Result<(), Diagnostic> {
        let words = ["worktree", "remove", "--force", "--force", "--"].map(OsStr::new);
        let words: Vec<&OsStr> = words.into_iter().chain([path.as_os_str()]).collect();
        self.must(&words).map(drop)
    }

    /// Takes a branch away that is at this commit.
    pub fn delete_branch(&self, name: &str, at: &str) -> Result<(), Diagnostic> {
        self.must(&["update-ref", "-d", &format!("refs/heads/{name}"), at]).map(drop)
    }

    /// The commit that a branch is at; `None`: there is no such branch.
    pub fn tip(&self, branch: &str) -> Result<Option<String>, Diagnostic> {
        self.commit(&format!("refs/heads/{branch}"))
    }

    /// Does nothing in this work tree differ from what is checked out?
    pub fn is_clean(&self) -> Result<bool, Diagnostic> {
        Ok(self.status()?.is_empty())
    }

    /// What differs from what is checked out, untracked files among it: how it does, and by
    /// what a change of it shows.
    fn status(&self) -> Result<BTreeMap<PathBuf, String>, Diagnostic> {
        let out = self.must(&[
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--no-renames",
            "--ignore-submodules=dirty",
        ])?;
        let entries = out.split(|&b| b == 0).filter(|entry| entry.len() > 3);
        let one = |entry: &[u8]| {
            let path = PathBuf::from(OsStr::from_bytes(&entry[3..]));
            let found = self.root.join(&path).symlink_metadata();
            let found = found.map_or_else(
                |error| base::error::reason(&error),
                |at| format!("{} {} {}.{}", at.ino(), at.len(), at.ctime(), at.ctime_nsec()),
            );
            (path, format!("{} {found}", String::from_utf8_lossy(&entry[..2])))
        };
        Ok(entries.map(one).collect())
    }

    /// Looks at this work tree and at all refs of the repository, but for branches of ours.
    fn look(&self) -> Result<Seen, Diagnostic> {
        let out = self.must(&["for-each-ref", "--format=%(refname) %(objectname)"])?;
        let out = String::from_utf8_lossy(&out).into_owned();
        let named = out.lines().filter_map(|line| line.split_once(' '));
        let mut refs: BTreeMap<String, String> = named
            .filter(|(name, _)| !name.starts_with(OURS))
            .map(|(name, at)| (name.to_owned(), at.to_owned()))
            .collect();
        let head = self.ask(&["symbolic-ref", "--quiet", "HEAD"])?.unwrap_or_default();
        let head = String::from_utf8_lossy(&head).trim().to_owned();
        let at = self.head()?.unwrap_or_default();
        refs.insert("HEAD".to_owned(), format!("{head} {at}"));
        Ok(Seen { refs, files: self.status()? })
    }

    /// What stands in the way of taking what this work tree holds for a change of `branch`,
    /// which was at `from`; `None`: nothing.
    pub fn why_unfit(&self, branch: &str, from: &str) -> Result<Option<String>, Diagnostic> {
        let own = format!("refs/heads/{branch}");
        let head = self.ask(&["symbolic-ref", "--quiet", "HEAD"])?;
        let head = head.map(|head| String::from_utf8_lossy(&head).trim().to_owned());
        match head {
            None => {
                return Ok(Some(format!(
                    "it left no branch checked out (HEAD is detached, not at {branch})"
                )));
            }
            Some(head) if head != own => {
                let head = text::visible(head.strip_prefix("refs/heads/").unwrap_or(&head));
                return Ok(Some(format!("it left the branch {head} checked out, not {branch}")));
            }
            Some(_) => {}
        }
        let Some(tip) = self.tip(branch)? else {
            return Ok(Some(format!("it left {branch} without a commit")));
        };
        if self.ask(&["merge-base", "--is-ancestor", from, &tip])?.is_none() {
            return Ok(Some(format!(
                "it left {branch} at commits that do not go on from the one it was given"
            )));
        }
        let mut unmerged = BTreeSet::new();
        for entry in self.must(&["ls-files", "-z", "--unmerged"])?.split(|&b| b == 0) {
            // `100644 HASH STAGE<TAB>PATH`
            let Some(tab) = entry.iter().position(|&b| b == b'\t') else { continue };
            unmerged.extend(paths(&entry[tab + 1..]));
        }
        if let Some(first) = unmerged.first() {
            let more =
                if unmerged.len() > 1 { format!(" and {} more", unmerged.len() - 1) } else { String::new() };
            return Ok(Some(format!("it left conflicts in {}{more}", text::path(first))));
        }
        for (name, what) in UNFINISHED {
            let out = self.must(&["rev-parse", "--git-path", name])?;
            let path = Path::new(OsStr::from_bytes(out.trim_ascii_end()));
            if self.root.join(path).symlink_metadata().is_ok() {
                return Ok(Some(format!("it left {what} unfinished")));
            }
        }
        Ok(None)
    }

    /// Commits all that this work tree holds to its branch, which is checked out; the
    /// branch's commit, a new one or not.
    pub fn commit_all(&self, branch: &str, message: &str) -> Result<String, Diagnostic> {
        self.must(&["add", "--all", "--", "."])?;
        let tree = self.word(&["write-tree"])?;
        let unborn = || Diagnostic::new(format!("the branch '{branch}' has no commit"));
        let tip = self.tip(branch)?.ok_or_else(unborn)?;
        if self.word(&["rev-parse", &format!("{tip}^{{tree}}")])? == tree {
            return Ok(tip);
        }
        let mut command = self.command(&["commit-tree", &tree, "-p", &tip, "-m", message]);
        if self.ask(&["config", "--get", "user.email"])?.is_none() {
            for who in ["AUTHOR", "COMMITTER"] {
                command
                    .env(format!("GIT_{who}_NAME"), "convoy")
                    .env(format!("GIT_{who}_EMAIL"), "convoy@localhost");
            }
        }
        let output = command.stdin(Stdio::null()).output();
        let output = output
            .map_err(|error| Diagnostic::of_io("cannot run git", &error).kind(DiagnosticKind::Machine))?;
        if !output.status.success() {
            return Err(failed("commit-tree", &output));
        }
        let commit = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        self.must(&["update-ref", &format!("refs/heads/{branch}"), &commit, &tip])?;
        Ok(commit)
    }

    /// Paths in which two commits differ, and whether each is gone in the later one.
    pub fn differing(&self, from: &str, to: &str) -> Result<Vec<(PathBuf, bool)>, Diagnostic> {
        let out = self.must(&["diff-tree", "-r", "-z", "--name-status", "--no-renames", from, to, "--"])?;
        let mut words = out.split(|&b| b == 0);
        let mut found = Vec::new();
        while let (Some(status), Some(path)) = (words.next(), words.next()) {
            found.extend(paths(path).into_iter().map(|path| (path, status == b"D")));
        }
        Ok(found)
    }

    /// Is there nothing but blanks in this file of a commit?
    pub fn is_blank(&self, commit: &str, path: &Path) -> Result<bool, Diagnostic> {
        let mut name = std::ffi::OsString::from(format!("{commit}:"));
        name.push(path);
        let words: [&OsStr; 3] = [OsStr::new("cat-file"), OsStr::new("blob"), &name];
        Ok(self.must(&words)?.iter().all(u8::is_ascii_whitespace))
    }

    /// How many commits a commit has that another one has not.
    pub fn commits_between(&self, from: &str, to: &str) -> Result<u64, Diagnostic> {
        let count = self.word(&["rev-list", "--count", &format!("{from}..{to}"), "--"])?;
        count
            .parse()
            .map_err(|_| Diagnostic::new(format!("git rev-list: '{}' is no number", text::visible(&count))))
    }

    fn word(&self, arguments: &[&str]) -> Result<String, Diagnostic> {
        Ok(String::from_utf8_lossy(&self.must(arguments)?).trim().to_owned())
    }
}
