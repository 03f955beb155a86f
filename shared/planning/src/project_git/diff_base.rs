//! The point that changes are counted from.

use base::text::visible;

use super::{DEEPEN, ProjectGit};
use crate::diagnostic::Diagnostic;

/// Branches a project may begin from, in the order they are looked for.
const DEFAULT_BRANCHES: [&str; 5] = ["origin/HEAD", "origin/main", "origin/master", "main", "master"];
/// The point changes are counted from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffBase {
    /// For people: "main (1a2b3c4)".
    pub shown: String,
    /// `None`: there is no commit yet, everything is new.
    pub(super) commit: Option<String>,
}

impl DiffBase {
    /// There is nothing before it: all is new.
    pub(super) fn beginning() -> Self {
        DiffBase { shown: "the beginning".to_owned(), commit: None }
    }

    pub(super) fn at(name: &str, commit: String) -> Self {
        let short: String = commit.chars().take(7).collect();
        let shown = if commit.starts_with(name) { short } else { format!("{} ({short})", visible(name)) };
        DiffBase { shown, commit: Some(commit) }
    }

    /// The whole name of its commit; `None`: there is none yet.
    pub fn commit(&self) -> Option<&str> {
        self.commit.as_deref()
    }
}

impl ProjectGit<'_> {
    /// Where changes are counted from: the merge base with `base`, or with the
    /// default branch. That there is none is an error: the tip of the other branch
    /// would show its changes as ours.
    pub fn diff_base(&self, base: Option<&str>) -> Result<DiffBase, Diagnostic> {
        let unborn = self.is_unborn()?;
        let (name, commit) = match base {
            Some(base) => (base.to_owned(), self.named_commit(base)?),
            None if unborn => return Ok(DiffBase::beginning()),
            None => self.default_branch()?,
        };
        if unborn {
            let message =
                format!("this branch has no commit yet, so none in common with '{}'", visible(&name));
            return Err(Diagnostic::new(message).hint("--diff without a base takes everything as new"));
        }
        self.fork_point(&name, &commit, "HEAD", "what is checked out")
    }

    /// This very commit as a base, whatever it has in common with what is checked out.
    pub fn base_at(&self, commit: &str) -> Result<DiffBase, Diagnostic> {
        let found = self.named_commit(commit)?;
        Ok(DiffBase { shown: found.chars().take(7).collect(), commit: Some(found) })
    }

    /// The last commit that `base` and `head` have in common.
    pub(super) fn fork_point(
        &self,
        name: &str,
        base: &str,
        head: &str,
        head_shown: &str,
    ) -> Result<DiffBase, Diagnostic> {
        if let Some(found) = self.ask(&["merge-base", head, base])? {
            return Ok(DiffBase::at(name, String::from_utf8_lossy(&found).trim().to_owned()));
        }
        let message = format!("'{}' and {head_shown} have no commit in common here", visible(name));
        let hint = if self.is_shallow()? {
            DEEPEN
        } else {
            "name a commit that this branch began from: --diff=COMMIT"
        };
        Err(Diagnostic::new(message).hint(hint))
    }

    /// Has the branch that is checked out no commit yet?
    fn is_unborn(&self) -> Result<bool, Diagnostic> {
        if self.commit("HEAD")?.is_some() {
            return Ok(false);
        }
        let unreadable =
            || Diagnostic::new("git cannot read the commit that is checked out").hint("git fsck");
        let branch = self.ask(&["symbolic-ref", "--quiet", "HEAD"])?.ok_or_else(unreadable)?;
        let branch = String::from_utf8_lossy(&branch).trim().to_owned();
        let exists = self.run(&["rev-parse", "--verify", "--quiet", &branch])?.is_some();
        if exists { Err(unreadable()) } else { Ok(true) }
    }

    /// The commit that a person named.
    pub(super) fn named_commit(&self, name: &str) -> Result<String, Diagnostic> {
        if let Some(commit) = self.commit(name)? {
            return Ok(commit);
        }
        let problem = Diagnostic::new(format!("no commit '{}' in this project", visible(name)));
        let remote = format!("origin/{name}");
        Err(if self.commit(&remote)?.is_some() {
            problem.suggest(Some(visible(&remote)))
        } else if self.is_shallow()? {
            problem.hint(DEEPEN)
        } else {
            problem.hint("git branch --all lists the branches; one of a remote must be fetched first")
        })
    }

    pub(super) fn default_branch(&self) -> Result<(String, String), Diagnostic> {
        for name in DEFAULT_BRANCHES {
            if let Some(commit) = self.commit(name)? {
                return Ok((name.to_owned(), commit));
            }
        }
        // A project with a single branch and no remote has no other default. In a clone
        // the only branch may be the one under review.
        let heads = self.must(&["for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes"])?;
        let heads = String::from_utf8_lossy(&heads).into_owned();
        let mut heads = heads.lines();
        if let (Some(only), None) = (heads.next(), heads.next())
            && let Some(name) = only.strip_prefix("refs/heads/")
            && self.must(&["remote"])?.is_empty()
            && let Some(commit) = self.commit(only)?
        {
            return Ok((name.to_owned(), commit));
        }
        let problem = Diagnostic::new("cannot tell the default branch of this project");
        Err(problem.hint(if self.is_shallow()? {
            DEEPEN
        } else {
            "name what to compare with: --diff=BRANCH"
        }))
    }
}
