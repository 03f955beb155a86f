//! Its convoys, and what is remembered and set for a project.

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Subcommand;
use jiff::Timestamp;
use jiff::civil::Date;
use planning::runner::Choice;

use super::Span;

#[derive(Debug, clap::Args)]
pub(crate) struct ListArguments {
    /// Those of every project, and which it is
    #[arg(long)]
    pub(crate) all_projects: bool,
    /// Show all convoys, not the newest 20
    #[arg(long)]
    pub(crate) all: bool,
    /// Only convoys with this status: running, completed, partial or failed
    #[arg(long, value_name = "S", value_parser = ["running", "completed", "partial", "failed"])]
    pub(crate) status: Vec<String>,
    /// Only convoys of this template
    #[arg(long, value_name = "NAME")]
    pub(crate) template: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub(crate) limit: Option<usize>,
    /// Print an array of the state objects
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DecisionsVerb {
    /// List what is open
    List {
        /// Also what is decided, fixed or gone
        #[arg(long)]
        all: bool,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// It is a defect and is left as it is: it no longer counts at the gate
    Accept(DecisionArguments),
    /// It is none: it no longer counts at the gate
    Dismiss(DecisionArguments),
    /// Take a decision back
    Reopen {
        /// F-numbers of the newest review, or the beginning of a key
        #[arg(value_name = "FINDING", required = true)]
        findings: Vec<String>,
        /// Why; it is shown beside the finding
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// The review whose F-numbers these are; it must be the newest of this project
        #[arg(long, value_name = "ID")]
        run: Option<String>,
        /// Only if the last decision about it is of this time, or there is none: one for each finding, in their order
        #[arg(long, value_name = "none|TIME")]
        seen: Vec<Seen>,
    },
    /// What became of findings, by reviewer, runner, model and rule: who is often dismissed
    Stats {
        /// Those of every project
        #[arg(long)]
        all_projects: bool,
        /// What was found or decided within this time
        #[arg(long, value_name = "TIME")]
        since: Option<Span>,
        /// Print an object
        #[arg(long)]
        json: bool,
    },
    /// Everything that is open now no longer counts at the gate
    Baseline {
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "there when the line was drawn")]
        reason: String,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct InitArguments {
    /// Who reviews where nobody says otherwise: a runner; R,R one after the other, when a login is used up for long
    #[arg(long, value_name = "R[,R]")]
    pub(crate) runner: Option<Choice>,
    /// Changes are requested from this level on: blocker, critical, high, medium, low
    #[arg(long, value_name = "LEVEL", value_parser = ["blocker", "critical", "high", "medium", "low"], hide_possible_values = true)]
    pub(crate) gate: Option<String>,
    /// What the gate looks at: findings of the change, or all
    #[arg(long, value_name = "new|all", value_parser = ["new", "all"], hide_possible_values = true)]
    pub(crate) gate_on: Option<String>,
    /// Whether an AI looks again at what was found: where an AI reviews, always, or never
    #[arg(long, value_name = "auto|always|never", value_parser = ["auto", "always", "never"], hide_possible_values = true)]
    pub(crate) verify: Option<String>,
    /// Files that nobody reviews, relative to the current directory; repeatable; in place of those set before
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<OsString>,
    /// A text for AI reviewers; a file of the project counts as of the base of the change
    #[arg(long, value_name = "FILE")]
    pub(crate) guidelines: Option<PathBuf>,
    /// Does .convoy.toml of the project count, as far as it is stricter?
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    pub(crate) project_file: Option<bool>,
    /// Take a setting back: runner, gate, gate-on, exclude, guidelines, project-file; repeatable
    #[arg(long, value_name = "KEY", value_parser = planning::settings::KEYS, hide_possible_values = true)]
    pub(crate) unset: Vec<String>,
    /// Change nothing: print what counts, and where it is from
    #[arg(long, conflicts_with_all = ["runner", "gate", "gate_on", "verify", "exclude", "guidelines", "project_file", "unset"])]
    pub(crate) show: bool,
    /// Print what counts as a JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DecisionArguments {
    /// F-numbers of the newest review, or the beginning of a key
    #[arg(value_name = "FINDING", required = true)]
    pub(crate) findings: Vec<String>,
    /// Why; it is shown beside the finding
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The last day it holds (UTC); without it, until it is taken back
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) until: Option<Date>,
    /// The review whose F-numbers these are; it must be the newest of this project
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<String>,
    /// Only if the last decision about it is of this time, or there is none: one for each finding, in their order
    #[arg(long, value_name = "none|TIME")]
    pub(crate) seen: Vec<Seen>,
}

/// The time of the decision that somebody knew of when deciding anew; `None`: they knew of none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen(pub(crate) Option<Timestamp>);

impl FromStr for Seen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Seen(None));
        }
        text.parse().map(|at| Seen(Some(at))).map_err(|_| "it is 'none' or a time (RFC 3339)".to_owned())
    }
}
