//! Asking git about the project under review, which is hostile input: its own
//! `.git/config` must not run code. So git runs with a clean environment and
//! with everything in the project's configuration that names a command
//! (fsmonitor, hooks, content filters, fetching of missing objects) overruled.
//! `ProjectGit::command` is the one place where git is run.

mod blobs;
mod changes;
mod commits;
mod diff_base;
mod filters;
mod fix_branch;
mod worktree;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base::environment::Environment;
use base::text::{self, visible};

use crate::diagnostic::{Diagnostic, DiagnosticKind};

pub use blobs::Contents;
pub use commits::{CommitUnderReview, Revision, Since, Tree};
pub use diff_base::DiffBase;
pub use fix_branch::{Seen, look, uncommitted};
pub use worktree::{Made, check_out};

/// What to do about a clone without the history that is asked for.
const DEEPEN: &str =
    "this clone is shallow: git fetch --unshallow (in a GitHub action, fetch-depth: 0 of actions/checkout)";

/// What to do where git says no.
const TELLS_MORE: &str = "git status and git fsck, run in the project, tell more";

/// Runs no program of the project's, and looks at the commit of a submodule, not
/// into it: it is a project of its own.
const CHANGES: [&str; 4] =
    ["--no-ext-diff", "--no-textconv", "--submodule=short", "--ignore-submodules=dirty"];
/// Paths on one command line of git; each has at most 4096 bytes.
const PATHS_AT_ONCE: usize = 200;

/// The project's git.
#[derive(Debug, Clone)]
pub struct ProjectGit<'e> {
    program: PathBuf,
    /// The top of the work tree.
    root: PathBuf,
    environment: &'e Environment,
    /// Settings of the command line, which win over the project's.
    overrules: BTreeMap<OsString, OsString>,
    /// Filters that are not run, and that their files cannot do without.
    required: BTreeSet<OsString>,
}

/// One commit of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Since 1970, UTC.
    pub seconds: i64,
    /// The author's name, through the project's mailmap.
    pub author: String,
    pub files: Vec<PathBuf>,
}

/// Is there no `.git` and no bare repository in this directory or above it? Then git
/// need not be asked, which takes as long as everything else at a start. What cannot be
/// looked at is left to git.
fn is_surely_in_none(directory: &Path) -> bool {
    let lacks = |dir: &Path, name: &str| {
        let found = dir.join(name).symlink_metadata();
        found.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    };
    // Above a link is not above what it leads to.
    let really = directory.canonicalize();
    really.is_ok_and(|dir| dir.ancestors().all(|dir| lacks(dir, ".git") && lacks(dir, "HEAD")))
}

impl<'e> ProjectGit<'e> {
    /// The work tree that `directory` is in; `None` if it is in none. That git is
    /// missing, or cannot read its own data, is an error and no "none".
    pub fn open(environment: &'e Environment, directory: &Path) -> Result<Option<Self>, Diagnostic> {
        let Some(program) = environment.find_program("git")? else {
            // What cannot be looked at is no project either: git itself would say more.
            let Some(top) = directory.ancestors().find(|dir| dir.join(".git").exists()) else {
                return Ok(None);
            };
            let message = format!("{} is a git project, and git is not installed", text::path(top));
            return Err(Diagnostic::new(message).hint("install git: it knows which files are the project's"));
        };
        if is_surely_in_none(directory) {
            return Ok(None);
        }
        let fixed = [
            ("core.fsmonitor", "false"),
            ("core.hooksPath", "/dev/null"),
            ("core.quotePath", "false"),
            ("core.alternateRefsCommand", ""),
            // Of interest where the project belongs to somebody else (root looking at
            // a user's): what git warns of is overruled here.
            ("safe.directory", "*"),
        ];
        let mut git = ProjectGit {
            program,
            root: directory.to_path_buf(),
            environment,
            overrules: fixed.map(|(key, value)| (key.into(), value.into())).into(),
            required: BTreeSet::new(),
        };
        let output = git.output(&["rev-parse", "--show-toplevel"])?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            if said.contains("not a git repository (or any") {
                return Ok(None);
            }
            let problem = failed("rev-parse", &output);
            return Err(if said.contains("must be run in a work tree") {
                problem.hint("review in a checkout: git worktree add DIR BRANCH")
            } else {
                problem
            });
        }
        git.root = PathBuf::from(OsStr::from_bytes(output.stdout.strip_suffix(b"\n").unwrap_or_default()));
        // A home directory under git is no project of what happens to be in it: its
        // reviewers would be given all of it to read.
        let holds_home = environment.user_home.as_ref().is_some_and(|home| home.starts_with(&git.root));
        if holds_home && git.root != directory {
            return Ok(None);
        }
        git.overrule_filters_of(worktree::is_relative)?;
        Ok(Some(git))
    }

    /// The top of the work tree: absolute, without symbolic links. Everything else
    /// is relative to it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The same git without any content filter: in a commit's checkout what a user's filter
    /// names may be a file of that commit. What only a filter makes the same differs then.
    pub fn without_filters(mut self) -> Result<Self, Diagnostic> {
        self.overrule_filters_of(|_| true)?;
        Ok(self)
    }

    /// Nothing of our environment that git would heed is handed on: in a hook it
    /// names another index, or another repository.
    fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.root).stdin(Stdio::null()).env_clear();
        for name in ["HOME", "XDG_CONFIG_HOME"] {
            if let Some(value) = self.environment.var(name) {
                command.env(name, value);
            }
        }
        if let Some(path) = self.environment.var("PATH") {
            command.env("PATH", absolute_only(path));
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_CONFIG_COUNT", self.overrules.len().to_string());
        for (i, (key, value)) in self.overrules.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{i}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{i}"), value);
        }
        command
    }

    fn output<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Output, Diagnostic> {
        self.command(arguments)
            .output()
            .map_err(|error| Diagnostic::of_io("cannot run git", &error).kind(DiagnosticKind::Machine))
    }

    /// What git printed; `None` if it said no.
    fn run(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>, Diagnostic> {
        let output = self.output(arguments)?;
        Ok(output.status.success().then_some(output.stdout))
    }

    /// The same for a question that git answers with 0 or 1; anything else is a problem.
    fn ask(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>, Diagnostic> {
        let output = self.output(arguments)?;
        match output.status.code() {
            Some(0) => Ok(Some(output.stdout)),
            Some(1) => Ok(None),
            _ => Err(self.explained(failed(arguments.first().copied().unwrap_or_default(), &output))),
        }
    }

    /// What git printed; a no is a problem with git's own words.
    fn must<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Vec<u8>, Diagnostic> {
        let output = self.output(arguments)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let verb = arguments.first().map(|verb| verb.as_ref().to_string_lossy()).unwrap_or_default();
        Err(self.explained(failed(&verb, &output)))
    }

    /// With what to do, where the clone is one that has not everything.
    fn explained(&self, problem: Diagnostic) -> Diagnostic {
        let promisor = ["config", "--get-regexp", r"^remote\..*\.promisor$"];
        match (self.run(&promisor), self.is_shallow()) {
            (Ok(Some(_)), _) => problem.hint(
                "this clone has not the contents of every file: git fetch --refetch --no-filter (needs the network)",
            ),
            (_, Ok(true)) => problem.hint(DEEPEN),
            _ => problem,
        }
    }

    fn is_shallow(&self) -> Result<bool, Diagnostic> {
        let out = self.must_plainly(&["rev-parse", "--is-shallow-repository"])?;
        Ok(out.trim_ascii() == b"true")
    }

    fn must_plainly(&self, arguments: &[&str]) -> Result<Vec<u8>, Diagnostic> {
        let output = self.output(arguments)?;
        let verb = arguments.first().copied().unwrap_or_default();
        if output.status.success() { Ok(output.stdout) } else { Err(failed(verb, &output)) }
    }

    /// Tracked and untracked files that are not ignored, relative to the project.
    /// Some may be gone from the disk.
    pub fn files(&self) -> Result<Vec<PathBuf>, Diagnostic> {
        self.must(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).map(|out| paths(&out))
    }

    fn commit(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        let name = format!("{name}^{{commit}}");
        let out = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
        Ok(out.map(|out| String::from_utf8_lossy(&out).trim().to_owned()))
    }

    /// The newest commits, newest first: who changed what. Merges are left out.
    pub fn history(&self, limit: usize) -> Result<Vec<Commit>, Diagnostic> {
        if self.commit("HEAD")?.is_none() {
            return Ok(Vec::new());
        }
        let limit = format!("--max-count={limit}");
        let arguments =
            ["log", &limit, "--no-merges", "--no-renames", "--name-only", "-z", "--format=%x01%ct%x02%aN"];
        let out = self.must(&arguments)?;
        Ok(out.split(|&b| b == 1).filter_map(read_commit).collect())
    }

    /// The whole name of the commit that is checked out; `None`: there is none yet.
    pub fn head(&self) -> Result<Option<String>, Diagnostic> {
        self.commit("HEAD")
    }

    /// The address of a remote, as the project's configuration has it: hostile text.
    pub fn remote(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        let out = self.ask(&["config", "--get", &format!("remote.{name}.url")])?;
        Ok(out.map(|out| String::from_utf8_lossy(&out).trim_end().to_owned()))
    }

    /// Is this commit in the repository? A name that is no whole hash is not.
    pub(crate) fn has(&self, commit: &str) -> Result<bool, Diagnostic> {
        Ok(is_hash(commit) && self.commit(commit)?.is_some())
    }

    /// Does the checked-out commit contain this one? A merge that a pipeline has
    /// made of it counts, also in a shallow clone, where only the commit's own
    /// text still names its parents.
    pub(crate) fn holds(&self, commit: &str) -> Result<bool, Diagnostic> {
        if !is_hash(commit) {
            return Ok(false);
        }
        let Some(head) = self.commit("HEAD")? else { return Ok(false) };
        if head == commit {
            return Ok(true);
        }
        let text = self.run(&["cat-file", "commit", &head])?.unwrap_or_default();
        let parent = format!("parent {commit}");
        if text
            .split(|&b| b == b'\n')
            .take_while(|line| !line.is_empty())
            .any(|line| line == parent.as_bytes())
        {
            return Ok(true);
        }
        Ok(self.run(&["merge-base", "--is-ancestor", commit, &head])?.is_some())
    }
}

/// What git said, whole but short.
fn failed(verb: &str, output: &Output) -> Diagnostic {
    let said = String::from_utf8_lossy(&output.stderr);
    let mut lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.iter().any(|line| line.starts_with("fatal:")) {
        lines.retain(|line| !line.starts_with("warning:") && !line.starts_with("hint:"));
    }
    let said = if lines.is_empty() { "no reason given".to_owned() } else { lines.join("; ") };
    Diagnostic::new(format!("git {verb} failed: {}", visible(&said))).hint(TELLS_MORE)
}

fn is_hash(name: &str) -> bool {
    name.len() >= 40 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A relative directory on PATH would be looked for in the work tree.
fn absolute_only(path: &OsStr) -> OsString {
    let kept = std::env::split_paths(path).filter(|dir| dir.is_absolute());
    // Only a name that holds the separator cannot be joined, and none of these does.
    std::env::join_paths(kept).unwrap_or_default()
}

/// `TIME 02 AUTHOR NUL NEWLINE PATH NUL PATH NUL …`
fn read_commit(entry: &[u8]) -> Option<Commit> {
    let mut words = entry.split(|&b| b == 0);
    let head = String::from_utf8_lossy(words.next()?).into_owned();
    let (time, author) = head.split_once('\u{2}')?;
    let path = |word: &[u8]| {
        let word = word.strip_prefix(b"\n").unwrap_or(word);
        (!word.is_empty()).then(|| PathBuf::from(OsString::from_vec(word.to_vec())))
    };
    Some(Commit {
        seconds: time.trim().parse().ok()?,
        author: author.trim().to_owned(),
        files: words.filter_map(path).collect(),
    })
}

fn paths(nul_separated: &[u8]) -> Vec<PathBuf> {
    nul_separated
        .split(|&b| b == 0)
        .filter(|path| !path.is_empty())
        .map(|path| PathBuf::from(OsString::from_vec(path.to_vec())))
        .collect()
}
