//! A pull request on GitHub, by the user's own `gh`: its files and its diff.
//!
//! `gh` is run far from the project, whose configuration is hostile input, and
//! is told the whole address. What is reviewed is the commit of the pull request,
//! which must be in the repository; it need not be checked out.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use base::environment::{Environment, is_convoy_marker};
use base::subprocess;
use base::text::visible;
use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::project_git::{CommitUnderReview, ProjectGit, Revision, Tree};

/// The service may be slow, but a start is not to hang on it.
const LIMIT: Duration = Duration::from_secs(60);

/// What is known of a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PullRequest {
    /// Relative to the project.
    pub files: Vec<PathBuf>,
    /// The change as a unified diff.
    pub diff: String,
    pub commit: CommitUnderReview,
    /// All that the commit holds.
    pub tree: Tree,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    head_ref_oid: String,
}

/// Is this the address of a pull request as GitHub has them?
pub(crate) fn is_address(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else { return false };
    let parts: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    let [host, owner, repository, "pull", number, ..] = parts.as_slice() else { return false };
    let plain = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
    };
    [host, owner, repository].iter().all(|part| plain(part))
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

/// Asks `gh` for files and diff, and git for the commit itself.
pub(crate) fn fetch(
    environment: &Environment,
    git: Option<&ProjectGit<'_>>,
    url: &str,
) -> Result<PullRequest, Diagnostic> {
    let shown = visible(url);
    if !is_address(url) {
        let message = format!("--pr-url {shown}: only pull requests on GitHub can be fetched");
        return Err(Diagnostic::new(message).hint("check the branch out and add --diff"));
    }
    let Some(gh) = environment.find_program("gh")? else {
        let message = format!("--pr-url {shown}: the change cannot be fetched, gh is not installed");
        return Err(
            Diagnostic::new(message).hint("install gh and log in, or check the branch out and add --diff")
        );
    };
    let Some(git) = git else {
        return Err(Diagnostic::new("--pr-url: the project is not a git project")
            .hint("clone the repository, then: gh pr checkout URL"));
    };
    let run = |words: &[&str]| run(environment, &gh, url, words);
    let view: View =
        serde_json::from_slice(&run(&["pr", "view", url, "--json", "headRefOid"])?).map_err(|error| {
            Diagnostic::new(format!("gh pr view: {error}"))
                .hint("update gh: what it printed is not understood")
        })?;
    let commit = commit_of(git, &view.head_ref_oid, url)?;
    let tree = git.tree(&commit)?;
    let names = run(&["pr", "diff", url, "--name-only"])?;
    let files = names.split(|&b| b == b'\n').filter(|name| !name.is_empty());
    let files = files.map(|name| PathBuf::from(OsString::from_vec(name.to_vec()))).collect();
    let diff = String::from_utf8_lossy(&run(&["pr", "diff", url, "--color", "never"])?).into_owned();
    Ok(PullRequest { files, diff, commit, tree })
}

/// The commit to review: the head of the pull request, or what a pipeline has
/// checked out of it, a merge into its base.
fn commit_of(git: &ProjectGit<'_>, head: &str, url: &str) -> Result<CommitUnderReview, Diagnostic> {
    let named = |name: &str| git.find_commit(&Revision::Commit(name.to_owned()));
    if git.has(head)? {
        return named(head);
    }
    if git.holds(head)? {
        return named("HEAD");
    }
    let message = format!("--pr-url {}: its commit is not in this repository", visible(url));
    let number = url.split('/').nth(6).unwrap_or_default();
    Err(Diagnostic::new(message).hint(format!("git fetch origin pull/{}/head", visible(number))))
}

fn run(
    environment: &Environment,
    gh: &std::path::Path,
    url: &str,
    words: &[&str],
) -> Result<Vec<u8>, Diagnostic> {
    // In a hook git's own variables speak of another index or repository.
    let of_git = |name: &OsString| name.as_bytes().starts_with(b"GIT_");
    let variables = environment.variables.iter();
    let variables = variables.filter(|(name, _)| !is_convoy_marker(name) && !of_git(name));
    let mut command = Command::new(gh);
    command.args(words).current_dir("/").stdin(Stdio::null()).env_clear().envs(variables);
    command.env("GH_PROMPT_DISABLED", "1").env("NO_COLOR", "1").env("GH_PAGER", "cat");
    let what = format!("--pr-url {}: gh {}", visible(url), words[..2].join(" "));
    let ended = subprocess::capture(command, LIMIT, subprocess::LONG)
        .map_err(|error| Diagnostic::of_io("cannot run gh", &error))?;
    match ended.status {
        Some(status) if status.success() => ended.stdout.whole().map_err(|error| {
            Diagnostic::new(format!("{what}: {error}", error = base::error::reason(&error)))
                .hint("check the branch out and use --diff with --files")
        }),
        Some(_) => {
            let said = String::from_utf8_lossy(&ended.stderr).into_owned();
            let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
            Err(Diagnostic::new(format!("{what} failed: {}", visible(said.trim())))
                .hint("check the branch out and use --diff instead"))
        }
        None => Err(Diagnostic::new(format!("{what} did not end in {} s", LIMIT.as_secs()))
            .hint("try again, or check the branch out and use --diff instead")),
    }
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn addresses_of_pull_requests() {
        for (url, want) in [
            ("https://github.com/o/r/pull/7", true),
            ("https://github.com/o/r/pull/7/files", true),
            ("https://git.example.com:8443/o/r.x/pull/12/", true),
            ("http://github.com/o/r/pull/7", false),
            ("https://github.com/o/r/issues/7", false),
            ("https://github.com/o/r/pull/x", false),
            ("https://github.com/o/--repo/pull", false),
            ("--help", false),
        ] {
            assert_eq!(is_address(url), want, "{url}");
        }
    }
}
