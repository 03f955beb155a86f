//! The command line. What the arguments mean is checked here; the verbs get
//! values that are valid.

mod definitions;
mod project;

use std::str::FromStr;
use std::time::Duration;

use base::duration;
use base::ids::Name;
use clap::{Parser, Subcommand};
use command_line::inspect::{Health, Inventory, Triage};
use protocol::watch_lock::Watch;

pub(crate) use definitions::{AgentsVerb, ExecutorsVerb, RunnersVerb, SkillsVerb, TemplatesVerb};
pub(crate) use project::{DecisionArguments, DecisionsVerb, InitArguments, ListArguments, Seen};

/// What `convoy-merge --format` writes.
const FORMATS: [&str; 11] =
    ["md", "json", "sarif", "rdjson", "rdjsonl", "gitlab", "checkstyle", "junit", "github", "csv", "html"];

/// Look at convoys and steer them.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-ctl",
    version,
    after_help = "ID: full, any unique beginning of its last part (k7q), or latest.\n    Left out: the running convoy of this project, else its newest.\n    latest: the newest of this project.\n\nExit codes:\n  0 yes or done   1 no or failed   2 invalid request   3 partial, or no verdict\n  4 no such convoy, role or template\n  5 state unreadable or newer, or an output that could not be written\n  75 busy   124 timed out   130/143 ended by a signal"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Show a convoy and its agents
    Status {
        id: Option<String>,
        /// Keep the picture live until the convoy has ended (then exit as wait)
        #[arg(long, short, conflicts_with = "json")]
        follow: bool,
        /// Whoever ends this ends the convoy as well: nothing is printed about it
        #[arg(long, hide = true)]
        caller_stops: bool,
        /// Print the state object
        #[arg(long)]
        json: bool,
    },
    /// List the convoys of this project, newest first
    List(ListArguments),
    /// Open an agent's terminal (ended: its log)
    Attach {
        id: String,
        role: String,
        /// Open the conversation of an agent that has ended, in its CLI
        #[arg(long, conflicts_with = "write")]
        chat: bool,
        /// What is typed reaches the agent's command: Ctrl-C ends it
        #[arg(long)]
        write: bool,
    },
    /// Print an agent's log
    Logs {
        id: String,
        role: String,
        /// Until the attempt has ended
        #[arg(long, short)]
        follow: bool,
        /// Of an earlier attempt
        #[arg(long, value_name = "N")]
        attempt: Option<u32>,
    },
    /// Print what happened, in order
    Events {
        id: Option<String>,
        /// Until the convoy has ended
        #[arg(long, short)]
        follow: bool,
        /// The journal's own lines
        #[arg(long)]
        json: bool,
    },
    /// Draw the plan
    Graph {
        id: Option<String>,
        #[arg(long, value_enum, default_value_t = GraphFormat::Text)]
        format: GraphFormat,
    },
    /// Print the final report, or one agent's
    Output {
        id: Option<String>,
        #[arg(value_name = "ROLE", conflicts_with = "role")]
        agent: Option<String>,
        /// The same as ROLE, for the convoy that is meant when none is named
        #[arg(long)]
        role: Option<String>,
    },
    /// Print the merged findings
    Findings {
        id: Option<String>,
        /// The report for people (md), or what another program reads: docs/convoy-merge.md has a table
        #[arg(long, default_value = "md", value_parser = FORMATS)]
        format: String,
    },
    /// Print one finding with its code
    Show {
        /// Its F-number
        #[arg(value_name = "F3")]
        finding: String,
        /// The review whose number it is (default: the newest of this project)
        #[arg(long, value_name = "ID")]
        run: Option<String>,
        /// Print the finding as JSON
        #[arg(long)]
        json: bool,
    },
    /// What is remembered of this project's findings: list it, decide, or draw a line under all there is
    Decisions {
        #[command(subcommand)]
        what: Option<DecisionsVerb>,
        /// Also what is decided, fixed or gone
        #[arg(long)]
        all: bool,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// Your settings of this project: who reviews, the gate, what is left out; without options show or create them
    Init(InitArguments),
    /// Delete ended convoys; reports in the project stay
    Rm {
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// Also one that runs: it is stopped first, as stop --force does
        #[arg(long)]
        force: bool,
    },
    /// Delete ended convoys and the reports they published, unless somebody changed or committed them
    Prune {
        /// Those that ended longer ago than this
        #[arg(long, value_name = "TIME", default_value = "30d")]
        older_than: Span,
        /// Leave all reports in the project
        #[arg(long)]
        keep_reports: bool,
        /// Only list what would go
        #[arg(long)]
        dry_run: bool,
        /// Do not list what goes
        #[arg(long)]
        quiet: bool,
    },
    /// Check this machine and say how to fix it
    Doctor {
        /// Let each AI CLI do one line of work, in a terminal of its own: asks their services, costs a little
        #[arg(long)]
        live: bool,
        /// Place one line of work by this executor, for real
        #[arg(long, value_name = "E")]
        executor: Option<Name>,
        /// Remove what programs that were killed left of commits under review
        #[arg(long)]
        fix: bool,
        #[arg(long)]
        json: bool,
    },
    /// List templates, show or check one, create a new one
    Templates {
        #[command(subcommand)]
        what: Option<TemplatesVerb>,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// List agent files and what each gives its agent; check those of others
    Agents {
        #[command(subcommand)]
        what: Option<AgentsVerb>,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// What a project is made of: languages, entry points, tests, hot spots
    Inventory(Inventory),
    /// Sort issues by rules: category, priority, complexity, duplicates, owner
    Triage(Triage),
    /// Look at all running convoys, their sessions and logs: what is stuck, looping, limited or dead
    Health(Health),
    /// List the Claude Code skills and agents of convoy, or install them
    Skills {
        #[command(subcommand)]
        what: Option<SkillsVerb>,
    },
    /// List the runners and which of them can work here; show, check or write one
    Runners {
        #[command(subcommand)]
        what: Option<RunnersVerb>,
        /// Instead: until when each login is limited, and what convoys spent with it today and this week
        #[arg(long)]
        usage: bool,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// List where agents can run, and which of these can be used from here; show or check one
    Executors {
        #[command(subcommand)]
        what: Option<ExecutorsVerb>,
        /// Print an array of objects
        #[arg(long)]
        json: bool,
    },
    /// Declare that nothing of a lost agent's task runs any more, where that cannot be checked: its node is dead
    Fence {
        #[arg(value_name = "ID")]
        id: String,
        #[arg(value_name = "ROLE")]
        role: String,
    },
    /// What was spent and how long agents ran, by day, project and runner; convoys that were removed are not counted
    Costs {
        /// Of attempts that ended within this time
        #[arg(long, value_name = "TIME", default_value = "30d", conflicts_with = "all")]
        since: Span,
        /// Of all there are
        #[arg(long)]
        all: bool,
        /// Print an object
        #[arg(long)]
        json: bool,
    },
    /// Wait until convoys have ended, and print the verdicts of reviews; exit 0 completed, 1 failed, 3 partial or no verdict
    Wait {
        /// Convoys; `-` reads ids from standard input
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// Whoever ends this ends the convoys as well: nothing is printed about them
        #[arg(long, hide = true)]
        caller_stops: bool,
        /// The id is on standard output, and nothing else is to be
        #[arg(long, hide = true)]
        started_here: bool,
        /// Give up after this long (exit 124); the convoy goes on
        #[arg(long, value_name = "TIME")]
        timeout: Option<Span>,
    },
    /// End every process of convoys
    Stop {
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
        /// How long processes may take to end by themselves before they are killed
        #[arg(long, value_name = "TIME", default_value = "5s")]
        grace: Span,
        /// What cannot be seen from here (another container, another machine) counts as gone
        #[arg(long)]
        force: bool,
    },
    /// Run what failed again, or one agent, and what depends on it
    Retry {
        id: String,
        role: Option<String>,
        /// How long each of their attempts may take from then on (default: as before)
        #[arg(long, value_name = "TIME")]
        timeout: Option<Span>,
        /// Who watches then: detach, systemd or none
        #[arg(long, value_name = "HOW", value_parser = watch)]
        watch: Option<Watch>,
    },
    /// Start a watcher for convoys that lost theirs; finish a stop that was interrupted
    Resume {
        id: Option<String>,
        /// Every convoy that runs
        #[arg(long, conflicts_with = "id")]
        all: bool,
        /// Who watches then: detach, systemd or none
        #[arg(long, value_name = "HOW", value_parser = watch)]
        watch: Option<Watch>,
    },
    /// Write the final report again from the reports that exist
    Synthesize {
        id: String,
        /// Who watches then: detach, systemd or none
        #[arg(long, value_name = "HOW", value_parser = watch)]
        watch: Option<Watch>,
    },
}

impl Verb {
    /// Does it write into the state directory? Then that must be the user's own.
    pub(crate) fn writes(&self) -> bool {
        match self {
            Verb::Stop { .. }
            | Verb::Retry { .. }
            | Verb::Resume { .. }
            | Verb::Synthesize { .. }
            | Verb::Rm { .. }
            | Verb::Fence { .. }
            | Verb::Prune { .. }
            | Verb::Decisions { .. }
            | Verb::Init(InitArguments { show: false, .. })
            | Verb::Doctor { live: true, .. }
            | Verb::Doctor { executor: Some(_), .. }
            | Verb::Doctor { fix: true, .. }
            | Verb::Templates { what: Some(TemplatesVerb::New { .. }), .. } => true,
            Verb::Status { .. }
            // Its index is written only where it may be.
            | Verb::List(_)
            | Verb::Attach { .. }
            | Verb::Logs { .. }
            | Verb::Events { .. }
            | Verb::Graph { .. }
            | Verb::Output { .. }
            | Verb::Findings { .. }
            | Verb::Show { .. }
            | Verb::Init(_)
            | Verb::Doctor { .. }
            | Verb::Templates { .. }
            | Verb::Agents { .. }
            | Verb::Inventory(_)
            | Verb::Triage(_)
            | Verb::Health(_)
            | Verb::Skills { .. }
            | Verb::Runners { .. }
            | Verb::Executors { .. }
            | Verb::Costs { .. }
            | Verb::Wait { .. } => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum GraphFormat {
    Text,
    Mermaid,
    Dot,
}

/// A span of time with its unit: `500ms`, `90s`, `20m`, `2h`, `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(u64);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        duration::parse(text).map(Span).map_err(|error| error.to_string())
    }
}

impl From<Span> for Duration {
    fn from(span: Span) -> Duration {
        Duration::from_millis(span.0)
    }
}

fn watch(text: &str) -> Result<Watch, String> {
    match text {
        "detach" => Ok(Watch::Detach),
        "systemd" => Ok(Watch::Systemd),
        "none" => Ok(Watch::None),
        _ => Err("use detach, systemd or none".to_owned()),
    }
}
