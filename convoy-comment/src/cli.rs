//! The command line, as typed.

use std::path::PathBuf;

use clap::Parser;

/// Put findings on a pull request: one comment, the lines, a check.
///
/// Reads what `pan merge --format json` and `pan convoy findings --format json` write.
/// One comment has all of them and is updated in place; what is new and in the diff has a
/// comment on its lines as well, once, which is resolved when it is gone; a check has the
/// verdict. GitHub is reached by gh, GitLab by glab, with their own logins.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-comment",
    version,
    after_help = "\
Examples:
  pan lint --diff=main --format findings | pan merge - --format json | pan comment
  pan convoy findings --format json | pan comment --pr-url https://github.com/o/r/pull/7
  pan comment findings.json --dry-run

Exit codes:
  0 published; in GitHub Actions without the right to write: shown as annotations instead
  2 invalid request: no findings to read, no pull request, gh or glab missing
  5 something could not be published"
)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct Arguments {
    /// The findings as JSON; -: standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,

    /// The pull request (GitLab: merge request); default: the one this pipeline runs for, or the open one of the branch here
    #[arg(long, value_name = "URL")]
    pub(crate) pr_url: Option<String>,

    /// The commit that was reviewed: where the pull request has moved on, nothing is written on lines
    #[arg(long, value_name = "COMMIT", value_parser = commit)]
    pub(crate) commit: Option<String>,

    /// The name of the check, and what keeps the comments of several reviews of one pull request apart
    #[arg(long, value_name = "NAME", default_value = "convoy")]
    pub(crate) name: String,

    /// Comments on lines that one run makes, at most; the others are in the one comment
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub(crate) lines: usize,

    /// Make no check
    #[arg(long)]
    pub(crate) no_check: bool,

    /// How long limits of the service are waited for, all together
    #[arg(long, value_name = "TIME", default_value = "3m", value_parser = base::duration::parse)]
    pub(crate) wait: u64,

    /// Read the pull request and print what would be done; write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Only see whether the pull request can be read; no findings are needed
    #[arg(long, conflicts_with_all = ["dry_run", "commit"])]
    pub(crate) ready: bool,

    /// Print what was done as a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

/// The beginning of an object name, or all of it.
fn commit(text: &str) -> Result<String, String> {
    let hex = text.bytes().all(|b| b.is_ascii_hexdigit());
    if hex && (7..=64).contains(&text.len()) {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("use the hash of a commit, at least 7 digits of it".to_owned())
    }
}
