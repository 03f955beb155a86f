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
use protocol::plan::PrText;
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
    /// What it says of itself.
    pub text: PrText,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct View {
    head_ref_oid: String,
    #[serde(default)]
    title: String,
    /// Null where it has none.
    body: Option<String>,
}

/// A file of the paged list of the REST API.
#[derive(Debug, Deserialize)]
struct Listed {
    filename: String,
    previous_filename: Option<String>,
    status: Option<String>,
    /// Not there for what is binary or too large to show.
    patch: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Counted {
    changed_files: usize,
}

/// Why `gh` gave nothing.
enum Refused {
    /// The diff has more files or lines than the service shows in one (HTTP 406).
    TooLarge,
    Other(Diagnostic),
}

impl From<Diagnostic> for Refused {
    fn from(problem: Diagnostic) -> Self {
        Refused::Other(problem)
    }
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
    let gh = Gh { environment, program: gh, url };
    let view: View =
        understood("pr view", &gh.ask(&["pr", "view", url, "--json", "headRefOid,title,body"])?)?;
    let commit = commit_of(git, &view.head_ref_oid, url)?;
    let tree = git.tree(&commit)?;
    let (files, diff) = match gh.whole_diff() {
        Ok(found) => found,
        Err(Refused::TooLarge) => gh.paged_diff()?,
        Err(Refused::Other(problem)) => return Err(problem),
    };
    let text = PrText { title: view.title, body: view.body.unwrap_or_default() };
    Ok(PullRequest { files, diff, commit, tree, text })
}

fn understood<T: serde::de::DeserializeOwned>(what: &str, json: &[u8]) -> Result<T, Diagnostic> {
    serde_json::from_slice(json).map_err(|error| not_understood(what, &error))
}

fn not_understood(what: &str, error: &serde_json::Error) -> Diagnostic {
    Diagnostic::new(format!("gh {what}: {error}")).hint("update gh: what it printed is not understood")
}

/// A file of the list as a diff shows it.
fn as_diff(file: &Listed) -> String {
    use std::fmt::Write as _;
    let before = file.previous_filename.as_deref().unwrap_or(&file.filename);
    let name = |side: char, name: &str| base::c_quoted::quoted(&format!("{side}/{name}"));
    let (old, new) = (name('a', before), name('b', &file.filename));
    let mut out = format!("diff --git {old} {new}\n");
    let status = file.status.as_deref().unwrap_or_default();
    match status {
        "added" => out.push_str("new file mode 100644\n"),
        "removed" => out.push_str("deleted file mode 100644\n"),
        _ => {}
    }
    if let Some(patch) = &file.patch {
        let old = if status == "added" { "/dev/null" } else { &old };
        let new = if status == "removed" { "/dev/null" } else { &new };
        let _ = writeln!(out, "--- {old}\n+++ {new}\n{}", patch.trim_end_matches('\n'));
    }
    out
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

/// The user's `gh`, asked about one pull request.
struct Gh<'a> {
    environment: &'a Environment,
    program: PathBuf,
    url: &'a str,
}

impl Gh<'_> {
    /// All of it at once; the service has limits for that.
    fn whole_diff(&self) -> Result<(Vec<PathBuf>, String), Refused> {
        let names = self.run(&["pr", "diff", self.url, "--name-only"])?;
        let files = names.split(|&b| b == b'\n').filter(|name| !name.is_empty());
        let files = files.map(|name| PathBuf::from(OsString::from_vec(name.to_vec()))).collect();
        let diff = self.run(&["pr", "diff", self.url, "--color", "never"])?;
        Ok((files, String::from_utf8_lossy(&diff).into_owned()))
    }

    /// File by file. The service lists so many files and no more: what is left out is
    /// not taken for unchanged.
    fn paged_diff(&self) -> Result<(Vec<PathBuf>, String), Diagnostic> {
        let parts: Vec<&str> = self.url.split('/').collect();
        let (Some(host), Some(owner), Some(repository), Some(number)) =
            (parts.get(2), parts.get(3), parts.get(4), parts.get(6))
        else {
            return Err(Diagnostic::new(format!("--pr-url {}: no pull request", visible(self.url))));
        };
        let place = format!("repos/{owner}/{repository}/pulls/{number}");
        let Counted { changed_files } = understood("api", &self.ask(&["api", &place, "--hostname", host])?)?;
        let list = format!("{place}/files?per_page=100");
        let pages = self.ask(&["api", &list, "--hostname", host, "--paginate"])?;
        // A list a page, one after the other, or one of all.
        let pages = serde_json::Deserializer::from_slice(&pages).into_iter::<Vec<Listed>>();
        let files: Result<Vec<Vec<Listed>>, _> = pages.collect();
        let files = files.map_err(|error| not_understood("api", &error))?;
        let files: Vec<Listed> = files.into_iter().flatten().collect();
        if files.len() < changed_files {
            let message = format!(
                "--pr-url {}: it changes {changed_files} files, and GitHub lists only {} of them",
                visible(self.url),
                files.len()
            );
            return Err(Diagnostic::new(message).hint("check the branch out and use --diff instead"));
        }
        let diff = files.iter().map(as_diff).collect();
        Ok((files.into_iter().map(|file| file.filename.into()).collect(), diff))
    }

    fn ask(&self, words: &[&str]) -> Result<Vec<u8>, Diagnostic> {
        self.run(words).map_err(|refused| match refused {
            Refused::Other(problem) => problem,
            Refused::TooLarge => {
                let message = format!("{} failed: its answer would be too large", self.what(words));
                Diagnostic::new(message).hint("check the branch out and use --diff instead")
            }
        })
    }

    fn what(&self, words: &[&str]) -> String {
        format!("--pr-url {}: gh {}", visible(self.url), visible(&words[..2].join(" ")))
    }

    fn run(&self, words: &[&str]) -> Result<Vec<u8>, Refused> {
        // In a hook git's own variables speak of another index or repository.
        let of_git = |name: &OsString| name.as_bytes().starts_with(b"GIT_");
        let variables = self.environment.variables.iter();
        let variables = variables.filter(|(name, _)| !is_convoy_marker(name) && !of_git(name));
        let mut command = Command::new(&self.program);
        command.args(words).current_dir("/").stdin(Stdio::null()).env_clear().envs(variables);
        command.env("GH_PROMPT_DISABLED", "1").env("NO_COLOR", "1").env("GH_PAGER", "cat");
        let what = self.what(words);
        let ended = subprocess::capture(command, LIMIT, subprocess::LONG)
            .map_err(|error| Diagnostic::of_io("cannot run gh", &error))?;
        match ended.status {
            Some(status) if status.success() => ended.stdout.whole().map_err(|error| {
                let message = format!("{what}: {error}", error = base::error::reason(&error));
                Diagnostic::new(message).hint("check the branch out and use --diff with --files").into()
            }),
            Some(_) => {
                let said = String::from_utf8_lossy(&ended.stderr).into_owned();
                if said.contains("HTTP 406") {
                    return Err(Refused::TooLarge);
                }
                let said = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given");
                let message = format!("{what} failed: {}", visible(said.trim()));
                Err(Diagnostic::new(message).hint("check the branch out and use --diff instead").into())
            }
            None => Err(Diagnostic::new(format!("{what} did not end in {} s", LIMIT.as_secs()))
                .hint("try again, or check the branch out and use --diff instead")
                .into()),
        }
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
