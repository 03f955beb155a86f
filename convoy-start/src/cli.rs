//! The command line, as typed.

use std::ffi::OsString;
use std::path::PathBuf;

use base::ids::ConvoyId;
use base::program::Failure;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, ValueEnum};
use findings::changed::GateOn;
use planning::settings::Verify;

/// Start a convoy and print its id.
///
/// TEMPLATE is the name of a template (your own in ~/.panopticon/convoy-templates,
/// or built in: code-review, planning, triage, health-monitor), or the path of
/// one. The id is all that is printed on stdout; the convoy runs on by itself.
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line are what they are")]
#[derive(Debug, Parser)]
#[command(
    name = "convoy-start",
    version,
    after_help = "\
Examples:
  pan convoy start code-review --files 'src/**/*.ts'
  pan convoy start code-review --diff --runner security=builtin
  pan convoy start planning --issue 42 --dry-run
  gh issue list --json number,title,body,labels | pan convoy start triage --issues-file -
  pan convoy start code-review --diff | pan convoy wait -

Exit codes:
  0 started   2 invalid request: template, agent file, runner, files
  3 what has changed cannot be read by those who were asked   4 no such template or role
  6 nothing has changed   with --wait: 1 failed   3 partial   124 timed out"
)]
pub(crate) struct Arguments {
    /// Name of a template, or path of one (with a / or ending in .json)
    #[arg(value_name = "TEMPLATE")]
    pub(crate) template: OsString,

    /// Files to work on, relative to the current directory: a file, a directory, or a pattern (** * ? [] {a,b}); !PATTERN leaves out; repeatable
    #[arg(long, value_name = "PATTERN", help_heading = "What to work on")]
    pub(crate) files: Vec<OsString>,

    /// Files to leave out; the same as --files '!PATTERN'; repeatable
    #[arg(long, value_name = "PATTERN", help_heading = "What to work on")]
    pub(crate) exclude: Vec<OsString>,

    /// Files changed since BASE (default: the default branch), uncommitted and untracked included; with an equals sign: --diff=main. A..B is --commit A..B
    #[arg(
        long,
        value_name = "BASE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        help_heading = "What to work on"
    )]
    pub(crate) diff: Option<String>,

    /// This commit instead of the files as they are here: what it changes since BASE (default: the commit before it); A..B: what the commits of B changed since it left A
    #[arg(long, value_name = "COMMIT", conflicts_with = "branch", help_heading = "What to work on")]
    pub(crate) commit: Option<String>,

    /// The same for the last commit of a branch (default BASE: the default branch)
    #[arg(long, value_name = "B", help_heading = "What to work on")]
    pub(crate) branch: Option<String>,

    /// What the change of --commit or --branch is counted from
    #[arg(long, value_name = "BASE", help_heading = "What to work on")]
    pub(crate) base: Option<String>,

    /// Only what has changed since the last look; with nothing, says so as data
    #[arg(long, value_name = "last|CONVOY", value_parser = since, hide = true)]
    pub(crate) since: Option<Since>,

    /// What may be spent at most, where the template allows more
    #[arg(long, value_name = "USD", hide = true)]
    pub(crate) budget_usd: Option<f64>,

    #[arg(long, value_name = "N", hide = true)]
    pub(crate) budget_tokens: Option<u64>,

    /// Locked by a program that reads the checkout after the end
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) kept_by: Option<PathBuf>,

    /// An issue to work on; repeatable
    #[arg(long, visible_alias = "issue-id", value_name = "ID", help_heading = "What to work on")]
    pub(crate) issue: Vec<String>,

    /// Issues to work on, JSON (as gh issue list --json prints) or Markdown; - is standard input
    #[arg(long, value_name = "FILE", help_heading = "What to work on")]
    pub(crate) issues_file: Option<PathBuf>,

    /// The pull request this is about; without --files, --diff and --commit its commit and files, by gh
    #[arg(long, value_name = "URL", help_heading = "What to work on")]
    pub(crate) pr_url: Option<String>,

    /// An input the template declares; repeatable
    #[arg(long, value_name = "K=V", help_heading = "What to work on")]
    pub(crate) param: Vec<String>,

    /// Run as if started in this directory (default: the current one); the project is the top of its git work tree
    #[arg(long, value_name = "DIR", help_heading = "What to work on")]
    pub(crate) project_path: Option<PathBuf>,

    /// Who does the work: claude, codex, gemini, opencode, command, builtin or one of your own; R,R,… one after the other, when a login is used up for long; ROLE=R for one agent; repeatable
    #[arg(long, value_name = "[ROLE=]R[,R]", help_heading = "How")]
    pub(crate) runner: Vec<String>,

    /// The model; ROLE=M for one agent; repeatable
    #[arg(long, value_name = "[ROLE=]M", help_heading = "How")]
    pub(crate) model: Vec<String>,

    /// Where agents run: local, bwrap (a sandbox), slurm, ssh or one of your own; ROLE=E for one agent; repeatable
    #[arg(long, value_name = "[ROLE=]E", help_heading = "How")]
    pub(crate) executor: Vec<String>,

    /// How long each agent may take, in place of what the template says (90s, 20m, 2h); its convoy's own limit stays
    #[arg(long, value_name = "TIME", value_parser = base::duration::parse, help_heading = "How")]
    pub(crate) agent_timeout: Option<u64>,

    /// Which other linters the static reviewers run, where they are installed: auto, none, or names (ruff, shellcheck); as of pan lint
    #[arg(long, value_name = "auto|none|NAMES", help_heading = "How")]
    pub(crate) join: Option<String>,

    /// Findings of another linter for the static reviewers, as SARIF 2.1.0; repeatable
    #[arg(long, value_name = "FILE", help_heading = "How")]
    pub(crate) with_sarif: Vec<PathBuf>,

    /// The same as TOOL writes JSON itself (pan lint --help names them); repeatable
    #[arg(long, value_names = ["TOOL", "FILE"], num_args = 2, help_heading = "How")]
    pub(crate) with_json: Vec<OsString>,

    /// Of a review: which findings prevent an approval: blocker, critical, high, medium or low and above (default: high, or what the settings of the project say)
    #[arg(long, value_name = "LEVEL", value_parser = ["blocker", "critical", "high", "medium", "low"], hide_possible_values = true, help_heading = "How")]
    pub(crate) gate: Option<String>,

    /// Only findings of the change, or all of them (default: new where there is a base)
    #[arg(long, value_enum, value_name = "new|all", hide_possible_values = true, help_heading = "How")]
    pub(crate) gate_on: Option<GateOnArgument>,

    /// Of a review: whether an AI looks again at the findings that the gate looks at: where an AI reviews (auto), always, or never (default: auto, or what the settings say)
    #[arg(long, value_name = "auto|always|never", value_parser = verify, help_heading = "How")]
    pub(crate) verify: Option<Verify>,

    /// Let AI agents use every tool on everything without asking; shown in status
    #[arg(long, help_heading = "How")]
    pub(crate) dangerously_skip_permissions: bool,

    /// Who watches it: a process of its own, a systemd user unit, or nobody (cron does)
    #[arg(long, value_enum, value_name = "detach|systemd|none", help_heading = "How")]
    pub(crate) watch: Option<WatchArgument>,

    /// Stay until the convoy has ended, and end with its exit code
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) wait: bool,

    /// With --wait: how long at most (90s, 20m, 2h)
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = base::duration::parse)]
    pub(crate) timeout: Option<u64>,

    /// Show phases, commands and prompts, and create nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// With --dry-run: the whole plan as JSON
    #[arg(long, requires = "dry_run")]
    pub(crate) json: bool,
}

impl Arguments {
    /// Reads the command line. A word after `--diff` is taken for the template, or
    /// for one too many: then the error says how a base is written.
    pub(crate) fn read() -> Result<Self, Failure> {
        let words: Vec<OsString> = std::env::args_os().collect();
        Self::of(&words)
    }

    fn of(words: &[OsString]) -> Result<Self, Failure> {
        command_line::parse_from(crate::NAME, words.iter().cloned(), |error| {
            if error.kind() == ErrorKind::UnknownArgument
                && let Some(base) = word_after_diff(words)
            {
                let tip = format!("the base of --diff is written with an equals sign: --diff={base}");
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
            }
        })
    }
}

/// What may have been meant as the base.
pub(crate) fn word_after_diff(words: &[OsString]) -> Option<String> {
    let after = words.windows(2).find(|pair| pair[0] == "--diff").map(|pair| pair[1].to_string_lossy())?;
    (!after.starts_with('-')).then(|| base::text::visible(&after))
}

fn verify(text: &str) -> Result<Verify, String> {
    Verify::from_name(text).ok_or_else(|| "use auto, always or never".to_owned())
}

/// Which look a review goes on from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Since {
    /// The last one here.
    Last,
    /// That of this convoy, wherever it looked.
    Of(ConvoyId),
}

fn since(text: &str) -> Result<Since, String> {
    if text == "last" {
        return Ok(Since::Last);
    }
    text.parse().map(Since::Of).map_err(|_| "use last".to_owned())
}

/// The values of `--gate-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GateOnArgument {
    New,
    All,
}

impl From<GateOnArgument> for GateOn {
    fn from(argument: GateOnArgument) -> Self {
        match argument {
            GateOnArgument::New => GateOn::New,
            GateOnArgument::All => GateOn::All,
        }
    }
}

/// The values of `--watch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WatchArgument {
    /// A process of its own
    Detach,
    /// A systemd user unit
    Systemd,
    /// Nobody: cron runs convoy-watch --all --once
    None,
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
    fn diff_takes_its_base_only_with_an_equals_sign() {
        let parse = |words: &[&str]| Arguments::try_parse_from([&["convoy-start"], words].concat()).unwrap();
        assert_eq!(parse(&["--diff", "t"]).diff.as_deref(), Some(""));
        assert_eq!(parse(&["--diff=main", "t"]).diff.as_deref(), Some("main"));
        assert_eq!(parse(&["t"]).diff, None);
        let told = |words: &[&str]| {
            let words: Vec<OsString> = ["convoy-start"].iter().chain(words).map(OsString::from).collect();
            Arguments::of(&words).unwrap_err().hints.join("\n")
        };
        for words in [&["t", "--diff", "main"][..], &["--diff", "main", "t"]] {
            assert!(told(words).contains("--diff=main"), "{}", told(words));
        }
        assert!(!told(&["t", "--diff", "--nope"]).contains("--diff=--nope"));
        assert_eq!(parse(&["t", "--issue", "1", "--issue-id", "2"]).issue, ["1", "2"]);
    }
}
