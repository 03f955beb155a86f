//! The command line. What the arguments mean is checked here; the verbs get
//! values that are valid.

use std::str::FromStr;
use std::time::Duration;

use clap::{Parser, Subcommand};
use shared::config::Watch;
use shared::time_text;

/// Look at convoys and steer them.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-ctl",
    version,
    after_help = "ID: full, any unique beginning of its last part (k7q), or latest.\n    Left out: the running convoy, else the newest.\n\nExit codes:\n  0 yes or done   1 no or failed   2 what was asked cannot be   3 partial\n  4 no such convoy, role or template   5 state unreadable or newer\n  75 busy   124 timed out   130/143 ended by a signal"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Wait until convoys have ended; exit 0 completed, 1 failed, 3 partial
    Wait {
        /// Convoys; `-` reads ids from standard input
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// Give up after this long (exit 124); the convoy goes on
        #[arg(long, value_name = "TIME")]
        timeout: Option<Span>,
    },
    /// End every process of a convoy
    Stop {
        id: String,
        /// How long processes may take to end by themselves before they are killed
        #[arg(long, value_name = "TIME", default_value = "5s")]
        grace: Span,
    },
    /// Run what failed again, or one agent, and what depends on it
    Retry {
        id: String,
        role: Option<String>,
        /// Who watches then: detach, systemd or none
        #[arg(long, value_name = "HOW", value_parser = watch)]
        watch: Option<Watch>,
    },
    /// Take up what lost its watcher, also a stop that was begun
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

/// A span of time with its unit: `500ms`, `90s`, `20m`, `2h`, `30d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(u64);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        time_text::parse(text).map(Span).map_err(|error| error.to_string())
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
