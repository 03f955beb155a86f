//! Asking git about the project under review, which is hostile input: its own
//! `.git/config` must not run code. So git runs with a clean environment and
//! with everything in the project's configuration that names a command
//! (fsmonitor, hooks, content filters, fetching of missing objects) overruled.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::environment::Environment;
use crate::problem::Problem;
use crate::text::visible;

/// Branches a project may begin from, in the order they are looked for.
const DEFAULT_BRANCHES: [&str; 5] = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];

/// The project's git.
#[derive(Debug)]
pub struct ProjectGit<'e> {
    program: PathBuf,
    project: PathBuf,
    environment: &'e Environment,
    /// Settings of the command line, which win over the project's.
    overrules: BTreeMap<OsString, OsString>,
}

/// The point changes are counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffBase {
    /// For people: "main (1a2b3c4)".
    pub shown: String,
    /// `None`: there is no commit yet, everything is new.
    commit: Option<String>,
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

impl<'e> ProjectGit<'e> {
    /// `None` if git is not installed or the project is not in a work tree.
    pub fn open(environment: &'e Environment, project: &Path) -> Result<Option<Self>, Problem> {
        let Some(program) = environment.find_program("git")? else {
            return Ok(None);
        };
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
            project: project.to_path_buf(),
            environment,
            overrules: fixed.map(|(key, value)| (key.into(), value.into())).into(),
        };
        let inside = git.run(&["rev-parse", "--is-inside-work-tree"])?;
        if inside.as_deref().map(<[u8]>::trim_ascii) != Some(b"true".as_slice()) {
            return Ok(None);
        }
        git.overrule_filters()?;
        Ok(Some(git))
    }

    /// Clean and smudge filters of the project's own configuration run commands
    /// when contents are compared; the user's own (git-lfs) stay.
    fn overrule_filters(&mut self) -> Result<(), Problem> {
        let list = self.run(&["config", "--list", "-z", "--show-scope", "--name-only"])?;
        let list = list.unwrap_or_default();
        let mut words = list.split(|&b| b == 0);
        while let (Some(scope), Some(key)) = (words.next(), words.next()) {
            let ours = matches!(scope, b"local" | b"worktree");
            if !ours || !key.starts_with(b"filter.") {
                continue;
            }
            let value = if key.ends_with(b".required") { "false" } else { "" };
            self.overrules.insert(OsStr::from_bytes(key).to_owned(), value.into());
        }
        Ok(())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.project).stdin(Stdio::null()).env_clear();
        for name in ["PATH", "HOME", "XDG_CONFIG_HOME"] {
            if let Some(value) = self.environment.var(name) {
                command.env(name, value);
            }
        }
        command
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_ALLOW_PROTOCOL", "none")
            .env("GIT_CONFIG_COUNT", self.overrules.len().to_string());
        for (i, (key, value)) in self.overrules.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{i}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{i}"), value);
        }
        command
    }

    /// What git printed; `None` if it said no.
    fn run(&self, arguments: &[&str]) -> Result<Option<Vec<u8>>, Problem> {
        let failed = |error: io::Error| Problem::new(format!("cannot run git: {error}"));
        let output = self.command(arguments).output().map_err(failed)?;
        Ok(output.status.success().then_some(output.stdout))
    }

    /// The same; a no is a problem with git's own words.
    fn must(&self, arguments: &[&str]) -> Result<Vec<u8>, Problem> {
        let failed = |error: io::Error| Problem::new(format!("cannot run git: {error}"));
        let output = self.command(arguments).output().map_err(failed)?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next().unwrap_or("no reason given");
        let verb = arguments.first().copied().unwrap_or_default();
        Err(Problem::new(format!("git {verb} failed: {}", visible(said))))
    }

    /// Tracked and untracked files that are not ignored, relative to the project.
    /// Some may be gone from the disk.
    pub fn files(&self) -> Result<Vec<PathBuf>, Problem> {
        self.must(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).map(|out| paths(&out))
    }

    /// Where changes are counted from: the merge base with `base`, or with the
    /// default branch.
    pub fn diff_base(&self, base: Option<&str>) -> Result<DiffBase, Problem> {
        if self.commit("HEAD")?.is_none() {
            return Ok(DiffBase { shown: "the beginning".to_owned(), commit: None });
        }
        let (name, commit) = match base {
            Some(base) => {
                let commit = self
                    .commit(base)?
                    .ok_or_else(|| Problem::new(format!("no commit '{}' in this project", visible(base))))?;
                (base.to_owned(), commit)
            }
            None => self.default_branch()?,
        };
        let merge_base = self.run(&["merge-base", "HEAD", &commit])?;
        let commit = merge_base.map_or(commit, |out| String::from_utf8_lossy(&out).trim().to_owned());
        let short: String = commit.chars().take(7).collect();
        Ok(DiffBase { shown: format!("{} ({short})", visible(&name)), commit: Some(commit) })
    }

    fn commit(&self, name: &str) -> Result<Option<String>, Problem> {
        let name = format!("{name}^{{commit}}");
        let out = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
        Ok(out.map(|out| String::from_utf8_lossy(&out).trim().to_owned()))
    }

    /// The newest commits, newest first: who changed what. Merges are left out.
    pub fn history(&self, limit: usize) -> Result<Vec<Commit>, Problem> {
        if self.commit("HEAD")?.is_none() {
            return Ok(Vec::new());
        }
        let limit = format!("--max-count={limit}");
        let arguments = [
            "log",
            &limit,
            "--no-merges",
            "--no-renames",
            "--relative",
            "--name-only",
            "-z",
            "--format=%x01%ct%x02%aN",
        ];
        let out = self.must(&arguments)?;
        Ok(out.split(|&b| b == 1).filter_map(read_commit).collect())
    }

    /// Does the checked-out commit contain this one? A merge that a pipeline has
    /// made of it counts, also in a shallow clone, where only the commit's own
    /// text still names its parents.
    pub fn holds(&self, commit: &str) -> Result<bool, Problem> {
        if commit.len() < 40 || !commit.bytes().all(|b| b.is_ascii_hexdigit()) {
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

    /// The change since the base as a unified diff, untracked files not included.
    pub fn diff(&self, base: &DiffBase) -> Result<String, Problem> {
        let Some(commit) = &base.commit else { return Ok(String::new()) };
        let arguments = [
            "diff",
            "--no-color",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=all",
            "--relative",
            commit,
            "--",
        ];
        Ok(String::from_utf8_lossy(&self.must(&arguments)?).into_owned())
    }

    /// Is this branch checked out? A detached HEAD at its commit counts, as
    /// pipelines have it.
    pub fn is_checked_out(&self, branch: &str) -> Result<bool, Problem> {
        let head = self.run(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        if let Some(head) = head {
            return Ok(head.trim_ascii() == branch.as_bytes());
        }
        let Some(head) = self.commit("HEAD")? else { return Ok(false) };
        for name in [format!("refs/heads/{branch}"), format!("refs/remotes/origin/{branch}")] {
            if self.commit(&name)?.is_some_and(|commit| commit == head) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn default_branch(&self) -> Result<(String, String), Problem> {
        for name in DEFAULT_BRANCHES {
            if let Some(commit) = self.commit(name)? {
                return Ok((name.to_owned(), commit));
            }
        }
        // A project with a single branch has no other default.
        let heads = self.must(&["for-each-ref", "--format=%(refname:short)", "refs/heads"])?;
        let heads = String::from_utf8_lossy(&heads).into_owned();
        let mut heads = heads.lines();
        if let (Some(only), None) = (heads.next(), heads.next())
            && let Some(commit) = self.commit(only)?
        {
            return Ok((only.to_owned(), commit));
        }
        Err(Problem::new("cannot tell the default branch of this project")
            .hint("name what to compare with: --diff=BRANCH"))
    }

    /// Files changed since the base, uncommitted and untracked ones included,
    /// deleted ones not.
    pub fn changed(&self, base: &DiffBase) -> Result<Vec<PathBuf>, Problem> {
        let Some(commit) = &base.commit else {
            return self.files();
        };
        let mut arguments = vec!["diff", "--name-only", "-z", "--no-renames", "--diff-filter=d"];
        arguments.extend(["--no-ext-diff", "--no-textconv", "--ignore-submodules=all"]);
        arguments.extend(["--relative", commit, "--"]);
        let mut out = paths(&self.must(&arguments)?);
        out.extend(paths(&self.must(&["ls-files", "-z", "--others", "--exclude-standard"])?));
        Ok(out)
    }
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
