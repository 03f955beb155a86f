//! What is in a commit, and what it changes: asked of the object database alone,
//! so neither the user's files nor their index matter, and no filter runs.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{CHANGES, DEEPEN, DiffBase, PATHS_AT_ONCE, ProjectGit, paths};
use base::suggestion::nearest;
use base::text::visible;
use findings::changed::Changed;

use crate::diagnostic::Diagnostic;

/// Of so many commits it is asked what they say.
const SUBJECTS: usize = 200;

/// A commit as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revision {
    /// Whatever git takes for one: a hash, a tag, `HEAD~2`.
    Commit(String),
    /// A branch of this repository, else of its remote.
    Branch(String),
}

/// What a commit's change is counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// The commit before it: its own change.
    Parent,
    /// Where it left the default branch.
    DefaultBranch,
    /// Where it left this commit.
    Named(String),
}

/// One commit of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitUnderReview {
    /// The full object name.
    pub id: String,
    /// For people: "work (1a2b3c4)".
    pub shown: String,
}

impl CommitUnderReview {
    fn new(name: &str, id: String) -> Self {
        let short: String = id.chars().take(7).collect();
        let shown = if id.starts_with(name) { short } else { format!("{} ({short})", visible(name)) };
        CommitUnderReview { id, shown }
    }
}

/// Everything a commit holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    pub files: Vec<PathBuf>,
    /// Links and submodules.
    pub not_files: Vec<PathBuf>,
}

impl ProjectGit<'_> {
    /// The first lines of what the commits since the base say, the oldest first. Merges
    /// are left out; of very many commits only the newest are asked.
    pub fn subjects(&self, base: &DiffBase) -> Result<Vec<String>, Diagnostic> {
        let Some(since) = &base.commit else { return Ok(Vec::new()) };
        let most = format!("--max-count={SUBJECTS}");
        let range = format!("{since}..HEAD");
        let out =
            self.must(&["log", "-z", "--reverse", "--no-merges", "--format=%s", &most, &range, "--"])?;
        let subjects = out.split(|&b| b == 0).map(|line| String::from_utf8_lossy(line).trim().to_owned());
        Ok(subjects.filter(|line| !line.is_empty()).collect())
    }

    /// The commit that a person means.
    pub(crate) fn find_commit(&self, revision: &Revision) -> Result<CommitUnderReview, Diagnostic> {
        match revision {
            Revision::Commit(name) => Ok(CommitUnderReview::new(name, self.named_commit(name)?)),
            Revision::Branch(name) => {
                for full in [
                    format!("refs/heads/{name}"),
                    format!("refs/remotes/origin/{name}"),
                    format!("refs/remotes/{name}"),
                ] {
                    if let Some(id) = self.commit(&full)? {
                        return Ok(CommitUnderReview::new(name, id));
                    }
                }
                Err(self.no_branch(name)?)
            }
        }
    }

    fn no_branch(&self, name: &str) -> Result<Diagnostic, Diagnostic> {
        let out = self.must(&["for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes"])?;
        let known = String::from_utf8_lossy(&out).into_owned();
        let problem = Diagnostic::new(format!("--branch: no branch '{}' in this project", visible(name)));
        Ok(match nearest(name, known.lines()) {
            Some(near) => problem.suggest(Some(visible(near))),
            None => {
                problem.hint("git branch --all lists the branches; any other commit is named with --commit")
            }
        })
    }

    /// Where the change of a commit is counted from.
    pub(crate) fn base_of(&self, commit: &CommitUnderReview, since: &Since) -> Result<DiffBase, Diagnostic> {
        let (name, base) = match since {
            Since::Parent => return self.parent(commit),
            Since::Named(name) if self.is_empty_tree(name)? => return Ok(DiffBase::beginning()),
            Since::Named(name) => (name.clone(), self.named_commit(name)?),
            Since::DefaultBranch => self.default_branch()?,
        };
        self.fork_point(&name, &base, &commit.id, &format!("'{}'", commit.shown))
    }

    /// The base of what has none of its own: where the commit, or what is checked out,
    /// left the default branch.
    pub(crate) fn trusted_base(&self, commit: Option<&CommitUnderReview>) -> Result<DiffBase, Diagnostic> {
        match commit {
            Some(commit) => self.base_of(commit, &Since::DefaultBranch),
            None => self.diff_base(None),
        }
    }

    /// Mode and object of everything a commit holds.
    pub(crate) fn objects(&self, commit: &str) -> Result<BTreeMap<PathBuf, String>, Diagnostic> {
        let out = self.must(&["ls-tree", "-r", "-z", "--full-tree", commit])?;
        let mut objects = BTreeMap::new();
        for entry in out.split(|&b| b == 0).filter(|entry| !entry.is_empty()) {
            // `100644 blob HASH<TAB>PATH`
            let Some(tab) = entry.iter().position(|&b| b == b'\t') else { continue };
            let what = String::from_utf8_lossy(&entry[..tab]).into_owned();
            objects.extend(paths(&entry[tab + 1..]).into_iter().map(|path| (path, what.clone())));
        }
        Ok(objects)
    }

    /// The same of a base; nothing is before the first commit.
    pub(crate) fn objects_of_base(&self, base: &DiffBase) -> Result<BTreeMap<PathBuf, String>, Diagnostic> {
        base.commit.as_ref().map_or_else(|| Ok(BTreeMap::new()), |commit| self.objects(commit))
    }

    /// The branch that is checked out; `None`: none is.
    pub fn branch(&self) -> Result<Option<String>, Diagnostic> {
        let out = self.ask(&["symbolic-ref", "--quiet", "--short", "HEAD"])?;
        Ok(out.map(|out| String::from_utf8_lossy(&out).trim().to_owned()))
    }

    /// What a regular file of the base holds; `None`: there is none of that name.
    pub(crate) fn file_at(
        &self,
        base: &DiffBase,
        path: &Path,
        longest: u64,
    ) -> Result<Option<Vec<u8>>, Diagnostic> {
        let Some(commit) = &base.commit else { return Ok(None) };
        let words = ["ls-tree", "-z", "--long", "--full-tree", commit.as_str(), "--"];
        let words: Vec<&OsStr> = words.iter().map(OsStr::new).chain([path.as_os_str()]).collect();
        let out = self.must(&words)?;
        // `100644 blob HASH    SIZE<TAB>PATH`
        let entry = String::from_utf8_lossy(&out).into_owned();
        let mut columns = entry.split('\t').next().unwrap_or_default().split_whitespace();
        let (mode, kind, id) = (columns.next(), columns.next(), columns.next());
        let (Some(mode), Some("blob"), Some(id)) = (mode, kind, id) else { return Ok(None) };
        if !mode.starts_with("100") {
            return Ok(None);
        }
        if columns.next().and_then(|size| size.parse::<u64>().ok()).is_none_or(|size| size > longest) {
            let message = format!("it has more than {} KB", longest >> 10);
            let file = format!("{} as of {}", base::text::path(path), base.shown);
            return Err(Diagnostic::new(message).in_file(file).hint("make it shorter"));
        }
        self.must(&["cat-file", "blob", id]).map(Some)
    }

    /// The first parent. A commit whose parents are only not here (the clone is
    /// shallow) is no first one.
    fn parent(&self, commit: &CommitUnderReview) -> Result<DiffBase, Diagnostic> {
        if let Some(parent) = self.commit(&format!("{}^", commit.id))? {
            return Ok(DiffBase::at("the commit before it", parent));
        }
        let text = self.must(&["cat-file", "commit", &commit.id])?;
        let mut head = text.split(|&b| b == b'\n').take_while(|line| !line.is_empty());
        if head.any(|line| line.starts_with(b"parent ")) {
            let message = format!("the commit before {} is not in this clone", commit.shown);
            return Err(Diagnostic::new(message).hint(DEEPEN));
        }
        Ok(DiffBase::beginning())
    }

    /// Git's own name for "nothing yet".
    fn is_empty_tree(&self, name: &str) -> Result<bool, Diagnostic> {
        let out = self.must(&["hash-object", "-t", "tree", "/dev/null"])?;
        Ok(out.trim_ascii() == name.as_bytes())
    }

    /// Everything a commit holds.
    pub(crate) fn tree(&self, commit: &CommitUnderReview) -> Result<Tree, Diagnostic> {
        let out = self.must(&["ls-tree", "-r", "-z", "--full-tree", &commit.id])?;
        let mut tree = Tree::default();
        for entry in out.split(|&b| b == 0).filter(|entry| !entry.is_empty()) {
            // `100644 blob HASH<TAB>PATH`
            let Some(tab) = entry.iter().position(|&b| b == b'\t') else { continue };
            let list = if entry.starts_with(b"100") { &mut tree.files } else { &mut tree.not_files };
            list.extend(paths(&entry[tab + 1..]));
        }
        Ok(tree)
    }

    /// Every path that differs between the base and the commit, what was deleted
    /// and what is no file included.
    pub(crate) fn changed_in(
        &self,
        commit: &CommitUnderReview,
        base: &DiffBase,
    ) -> Result<Vec<PathBuf>, Diagnostic> {
        let Some(since) = &base.commit else {
            let tree = self.tree(commit)?;
            return Ok([tree.files, tree.not_files].concat());
        };
        let mut arguments = vec!["diff-tree", "-r", "-z", "--name-only", "--no-renames"];
        arguments.extend(CHANGES);
        arguments.extend([since.as_str(), &commit.id, "--"]);
        self.must(&arguments).map(|out| paths(&out))
    }

    /// The change of these paths as a unified diff; of all, if none are given.
    pub(crate) fn diff_of(
        &self,
        commit: &CommitUnderReview,
        base: &DiffBase,
        only: Option<&[PathBuf]>,
    ) -> Result<String, Diagnostic> {
        let Some(since) = &base.commit else { return Ok(String::new()) };
        let mut arguments = vec!["diff-tree", "-r", "-p", "--no-color"];
        arguments.extend(CHANGES);
        arguments.extend([since.as_str(), &commit.id, "--"]);
        self.in_parts(&arguments, only)
    }

    /// The lines of the commit that differ from the base; `None`: all of its lines do.
    pub(crate) fn changed_lines_of(
        &self,
        commit: &CommitUnderReview,
        base: &DiffBase,
    ) -> Result<Option<Vec<Changed>>, Diagnostic> {
        let Some(since) = &base.commit else { return Ok(None) };
        self.lines_between(&["diff-tree", "-r"], &[since, &commit.id]).map(Some)
    }

    /// Runs a command for a list of paths, as many at once as a command line has
    /// room for; once, if there is no list.
    pub(super) fn in_parts(
        &self,
        arguments: &[&str],
        only: Option<&[PathBuf]>,
    ) -> Result<String, Diagnostic> {
        let run = |paths: &[PathBuf]| -> Result<Vec<u8>, Diagnostic> {
            let fixed = arguments.iter().map(std::ffi::OsStr::new);
            let words: Vec<_> = fixed.chain(paths.iter().map(|path| path.as_os_str())).collect();
            self.must(&words)
        };
        let bytes = match only {
            None => run(&[])?,
            Some(paths) => paths.chunks(PATHS_AT_ONCE).map(run).collect::<Result<Vec<_>, _>>()?.concat(),
        };
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
