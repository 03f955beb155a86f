//! The arguments.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use crate::domain::Domain;
use crate::joined::Which;
use crate::joined::handed::{Form, Handed};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The report for people
    Md,
    /// An array of all findings
    Json,
    /// All findings and what was read, as documented in findings.md
    Findings,
    /// SARIF 2.1.0
    Sarif,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Try rules of your own on their examples: of DIR/**.yml on DIR/tests/RULE/{bad,good,fixed}.EXT
    ///
    /// A directory that is called test is reviewed as ./test.
    Test {
        /// The directory of the rules, as of --rules
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

/// Review source files with static rules: no AI, no network
#[derive(Debug, Parser)]
#[command(
    name = "convoy-lint",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    after_help = "Rules: built in, then $PANOPTICON_HOME/rules/<domain>/*.yml, then --rules; a later rule with\n\
                  the same id replaces the earlier, `severity: off` switches it off. Never from the project.\n\n\
                  Exit codes:\n  0 done, with or without findings   1 test: an example fails   2 usage, no such path, bad rule,\n                               findings of others that cannot be read\n  \
                  3 written, but a linter of --join NAMES did not read all of its files\n  \
                  5 an output could not be written"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,

    /// Only this domain (default: all; repeatable); change: facts about what changed since the base, in any language
    #[arg(long, value_enum)]
    pub(crate) domain: Vec<Domain>,

    /// The project; paths are relative to it
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) project: PathBuf,

    /// Read paths from FILE (-: stdin): a line each, or each ended by NUL
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,

    /// Only what was changed since BASE (default: the default branch), uncommitted and untracked included; with an equals sign: --diff=main
    #[arg(long, value_name = "BASE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) diff: Option<String>,

    /// Say of every finding whether what has changed since COMMIT made it (empty: do not)
    #[arg(long, value_name = "COMMIT", conflicts_with = "diff")]
    pub(crate) base: Option<String>,

    /// Files or directories below the project (default: all of it)
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value = "md")]
    pub(crate) format: Format,

    /// Write to OUT (whole or not at all) instead of stdout
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,

    /// Write another format as well
    #[arg(long, value_name = "FORMAT=FILE", value_parser = also)]
    pub(crate) also: Vec<(Format, PathBuf)>,

    /// More rules: *.yml in DIR and in DIR/<domain>; at least one (repeatable)
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Vec<PathBuf>,

    /// Write what rules with a `fix` make of the code they find, into the files of the project; what is left is reported
    #[arg(long, conflicts_with = "list_rules")]
    pub(crate) fix: bool,

    /// Which other linters are run where they are installed: auto, none, or names (ruff, shellcheck), which have to read all of their files (default: auto, or what config.toml says)
    #[arg(long, value_name = "auto|none|NAMES", value_parser = Which::parse, help_heading = "Other linters")]
    pub(crate) join: Option<Which>,

    /// How long one of them may take
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = base::duration::parse, help_heading = "Other linters")]
    pub(crate) join_timeout: u64,

    /// Findings of another linter, as SARIF 2.1.0 (repeatable)
    #[arg(long, value_name = "FILE", help_heading = "Other linters")]
    pub(crate) with_sarif: Vec<PathBuf>,

    /// Findings of another linter, as it writes JSON itself: bandit, clippy, eslint, golangci-lint, mypy, ruff, semgrep, shellcheck, or the lines of tsc (repeatable)
    #[arg(long, value_names = ["TOOL", "FILE"], num_args = 2, help_heading = "Other linters")]
    pub(crate) with_json: Vec<OsString>,

    /// What a convoy was told of them (empty: nothing)
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) joined_from: Option<OsString>,

    /// Print the rules and end
    #[arg(long)]
    pub(crate) list_rules: bool,
}

impl Cli {
    /// The files of findings that were named.
    pub(crate) fn handed(&self) -> Result<Vec<Handed>, String> {
        let sarif = self.with_sarif.iter().map(|file| Ok(Handed::file(Form::Sarif, file)));
        let json = self.with_json.chunks(2).filter_map(|pair| match pair {
            [tool, file] => Some((tool, file)),
            _ => None,
        });
        let json = json
            .map(|(tool, file)| Ok(Handed::file(Form::of_tool(&tool.to_string_lossy())?, Path::new(file))));
        sarif.chain(json).collect()
    }

    pub(crate) fn domains(&self) -> Vec<Domain> {
        let named = |domain: &Domain| self.domain.is_empty() || self.domain.contains(domain);
        let mut domains: Vec<Domain> = Domain::ALL.into_iter().filter(named).collect();
        let is_of_change = self.diff.is_some() || self.base.as_ref().is_some_and(|base| !base.is_empty());
        if domains.len() > 1 && !is_of_change && !self.list_rules {
            domains.retain(|domain| *domain != Domain::Change);
        }
        domains
    }
}

fn also(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("expected FORMAT=FILE")?;
    let format = Format::from_str(format, true)
        .map_err(|_| format!("unknown format '{format}': md, json, findings or sarif"))?;
    if path.is_empty() {
        return Err("expected FORMAT=FILE".to_owned());
    }
    Ok((format, PathBuf::from(path)))
}
