//! The command line, as typed.

use std::ffi::OsString;
use std::path::PathBuf;

use base::ids::ConvoyId;
use clap::{Args, Parser, Subcommand, ValueEnum};

use findings::Severity;
use findings::changed::GateOn;
use planning::settings::Verify;
use protocol::budget::Ceiling;

/// What `convoy-merge --format` writes, but its own JSON: `--json` prints the result.
const FORMATS: [&str; 10] =
    ["md", "sarif", "gitlab", "checkstyle", "junit", "github", "csv", "html", "rdjson", "rdjsonl"];

/// Review a change and say whether it may be merged.
///
/// Without anything to review named, it is what changed since the default
/// branch. The result is on standard output; people read standard error.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-review",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  pan review --diff
  pan review --diff=main --gate medium --json
  pan review --commit HEAD --base main
  pan review --files src --runner builtin --sarif review.sarif
  pan review --diff=origin/main --comment
  pan review --diff=main --rounds 3 --fix-with ./fix.sh
  pan review --pr-url https://github.com/o/r/pull/7 --summary \"$GITHUB_STEP_SUMMARY\"

Exit codes:
  0 approved   1 changes requested   3 no verdict: a review is missing, incomplete or unreadable
  2 invalid request   5 a result could not be written   6 nothing to review: git shows no change
  124 timed out; the convoy was stopped
  130/143 ended by a signal; the convoy was stopped"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,

    #[command(flatten)]
    pub(crate) review: Review,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// List earlier reviews, newest first
    History {
        /// Show all reviews
        #[arg(long)]
        all: bool,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "all")]
        limit: usize,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// Run the command of rounds, as the agent that does
    #[command(hide = true)]
    RunFix {
        /// What is to be run
        file: PathBuf,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Review {
    /// Files changed since BASE (default: the default branch), uncommitted and untracked included; A..B is --commit A..B
    #[arg(
        long,
        value_name = "BASE",
        num_args = 0..=1,
        default_missing_value = "",
        help_heading = "What to review"
    )]
    pub(crate) diff: Option<String>,

    /// This commit, in a temporary worktree: what it changes since BASE (default: the commit before it); A..B: what the commits of B changed since it left A
    #[arg(long, value_name = "COMMIT", conflicts_with = "branch", help_heading = "What to review")]
    pub(crate) commit: Option<String>,

    /// The last commit of a branch, the same way (default BASE: the default branch; with --files all of those)
    #[arg(long, value_name = "B", help_heading = "What to review")]
    pub(crate) branch: Option<String>,

    /// What the change of --commit or --branch is counted from
    #[arg(long, value_name = "BASE", help_heading = "What to review")]
    pub(crate) base: Option<String>,

    /// Files to review, relative to the current directory: a file, a directory, or a pattern; !PATTERN leaves out; repeatable
    #[arg(long, value_name = "PATTERN", help_heading = "What to review")]
    pub(crate) files: Vec<OsString>,

    /// last: only what has changed since the last review here that came to a verdict
    #[arg(long, value_name = "last", value_parser = ["last"], hide_possible_values = true, help_heading = "What to review")]
    pub(crate) since: Option<String>,

    /// Files to leave out; repeatable
    #[arg(long, value_name = "PATTERN", help_heading = "What to review")]
    pub(crate) exclude: Vec<OsString>,

    /// A pull request: its commit, which must be fetched, its files and diff, by gh; with --diff, --files or --commit only shown to reviewers
    #[arg(long, value_name = "URL", help_heading = "What to review")]
    pub(crate) pr_url: Option<String>,

    /// The issue the change is for, by its name alone; its text: --issues-file; repeatable
    #[arg(long, visible_alias = "issue-id", value_name = "ID", help_heading = "What to review")]
    pub(crate) issue: Vec<String>,

    /// What the change is to do: issues as JSON (gh issue view 7 --json number,title,body) or Markdown, which a reviewer holds it against; - is standard input
    #[arg(long, value_name = "FILE", help_heading = "What to review")]
    pub(crate) issues_file: Option<PathBuf>,

    /// Run as if started in this directory (default: the current one); the project is the top of its git work tree
    #[arg(long, value_name = "DIR", help_heading = "What to review")]
    pub(crate) project_path: Option<PathBuf>,

    /// Who reviews: a runner, ROLE=R for one reviewer; repeatable. An AI that was asked for never falls back; R,R names who comes next
    #[arg(long, value_name = "[ROLE=]R", help_heading = "How")]
    pub(crate) runner: Vec<String>,

    /// The model; ROLE=M for one reviewer; repeatable
    #[arg(long, value_name = "[ROLE=]M", help_heading = "How")]
    pub(crate) model: Vec<String>,

    /// An input of your own code-review template; repeatable
    #[arg(long, value_name = "K=V", help_heading = "How")]
    pub(crate) param: Vec<String>,

    /// Which other linters the static reviewers run, where they are installed: auto, none, or names (ruff, shellcheck); as of pan lint
    #[arg(long, value_name = "auto|none|NAMES", help_heading = "How")]
    pub(crate) join: Option<String>,

    /// Findings of another linter for the static reviewers, as SARIF 2.1.0; repeatable
    #[arg(long, value_name = "FILE", help_heading = "How")]
    pub(crate) with_sarif: Vec<PathBuf>,

    /// The same as TOOL writes JSON itself (pan lint --help names them); repeatable
    #[arg(long, value_names = ["TOOL", "FILE"], num_args = 2, help_heading = "How")]
    pub(crate) with_json: Vec<OsString>,

    /// How long at most; then the convoy is stopped (exit 124)
    #[arg(long, value_name = "TIME", default_value = "20m", value_parser = base::duration::parse, help_heading = "How")]
    pub(crate) timeout: u64,

    /// Changes are requested if a finding of this level or above is open: blocker, critical, high, medium, low (default: high, or what the settings of the project say)
    #[arg(long, value_name = "LEVEL", value_parser = gate, help_heading = "How")]
    pub(crate) gate: Option<Severity>,

    /// What the gate looks at: findings of the change, or all of them (default: new where there is a base)
    #[arg(long, value_name = "new|all", value_parser = gate_on, help_heading = "How")]
    pub(crate) gate_on: Option<GateOn>,

    /// Whether an AI looks again at the findings that the gate looks at: where an AI reviews (auto), always, or never (default: auto, or what the settings say)
    #[arg(long, value_name = "auto|always|never", value_parser = verify, help_heading = "How")]
    pub(crate) verify: Option<Verify>,

    /// Review, have --fix-with change what was found, review what that changed, and so on: at most so many reviews
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with_all = ["since", "comment"], help_heading = "Rounds")]
    pub(crate) rounds: Option<u32>,

    /// When to stop before that: clean (the gate passes), or no-new (a review finds nothing at the gate that the ones before had not) (default: clean)
    #[arg(
        long,
        value_enum,
        value_name = "clean|no-new",
        hide_possible_values = true,
        requires = "rounds",
        help_heading = "Rounds"
    )]
    pub(crate) until: Option<Until>,

    /// The command that fixes, run without a shell in a work tree of its own on a branch of its own; its words go up to the end of the line or a ;
    #[arg(long, value_names = ["PROGRAM", "WORD"], num_args = 1.., allow_hyphen_values = true, value_terminator = ";", requires = "rounds", help_heading = "Rounds")]
    pub(crate) fix_with: Vec<OsString>,

    /// How long that command may take each time (default: 20m)
    #[arg(long, value_name = "TIME", value_parser = base::duration::parse, requires = "rounds", help_heading = "Rounds")]
    pub(crate) fix_timeout: Option<u64>,

    /// Of a later round: what has changed since the look of this convoy
    #[arg(skip)]
    pub(crate) since_convoy: Option<ConvoyId>,

    /// Of a later round: what is left to be spent
    #[arg(skip)]
    pub(crate) budget: Ceiling,

    /// End with 0 instead of 6 where git shows no change
    #[arg(long, help_heading = "How")]
    pub(crate) allow_empty: bool,

    /// Print the result as a JSON object
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,

    /// Print the findings for another program in place of the page: md, sarif, gitlab, checkstyle, junit, github, csv, html, rdjson, rdjsonl
    #[arg(long, value_name = "FORMAT", conflicts_with = "json", value_parser = FORMATS, hide_possible_values = true, help_heading = "Output")]
    pub(crate) format: Option<String>,

    /// Write the findings as SARIF 2.1.0
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) sarif: Option<PathBuf>,

    /// Append the result as Markdown, as the step summary of a GitHub action wants it
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) summary: Option<PathBuf>,

    /// Put the result on the pull request, as pan comment does: of --pr-url, of the pipeline, or the open one of the branch here
    #[arg(long, help_heading = "Output")]
    pub(crate) comment: bool,
}

impl Review {
    /// Is it a commit that is reviewed, and not the files as they lie here? (Of a
    /// pull request perhaps: other options may say what of it.)
    pub(crate) fn is_of_a_commit(&self) -> bool {
        let range = self.diff.as_ref().is_some_and(|diff| diff.contains(".."));
        range || self.commit.is_some() || self.branch.is_some() || self.pr_url.is_some()
    }
}

/// When rounds stop before their number is up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Until {
    /// The gate passes
    #[default]
    Clean,
    /// A review finds nothing at the gate that was not known
    NoNew,
}

fn gate(text: &str) -> Result<Severity, String> {
    Severity::from_name(text)
        .filter(|level| *level != Severity::Unrated)
        .ok_or_else(|| "use blocker, critical, high, medium or low".to_owned())
}

fn verify(text: &str) -> Result<Verify, String> {
    Verify::from_name(text).ok_or_else(|| "use auto, always or never".to_owned())
}

fn gate_on(text: &str) -> Result<GateOn, String> {
    match text {
        "new" => Ok(GateOn::New),
        "all" => Ok(GateOn::All),
        _ => Err("use new or all".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn defaults_are_those_of_a_pipeline() {
        let review = Arguments::try_parse_from(["convoy-review"]).unwrap().review;
        assert_eq!((review.gate, review.timeout, review.diff), (None, 1_200_000, None));
        let diff = |words: &[&str]| {
            let words = [&["convoy-review"], words].concat();
            Arguments::try_parse_from(words).unwrap().review.diff.unwrap()
        };
        assert_eq!(diff(&["--diff", "HEAD~1", "--json"]), "HEAD~1");
        assert_eq!(diff(&["--diff=HEAD~1"]), "HEAD~1");
        assert_eq!(diff(&["--diff", "--json"]), "");
        assert_eq!(diff(&["--diff"]), "");
        assert!(Arguments::try_parse_from(["convoy-review", "--diff", "a", "b"]).is_err());
        assert!(Arguments::try_parse_from(["convoy-review", "--gate", "unrated"]).is_err());
        assert!(Arguments::try_parse_from(["convoy-review", "--timeout", "20"]).is_err());
    }
}
