//! The command line.

use std::path::PathBuf;

use base::ids::{ConvoyId, Role};
use clap::Parser;

/// Supervise one attempt of one agent of a convoy.
///
/// Run by convoy-start and convoy-watch, normally as the only process of a tmux
/// session. Whoever claims the attempt first runs it; any other convoy-agent
/// for the same attempt ends at once, quietly. With --wait-for it waits until a
/// watcher wakes it for an attempt, and has no part in anything until then.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-agent",
    version,
    after_help = "Exit codes: 0 the end is recorded, or the attempt was somebody else's; 1 it could not be recorded; 2 usage"
)]
pub(crate) struct Arguments {
    /// State directory
    #[arg(long, value_name = "DIR")]
    pub(crate) home: PathBuf,
    /// Full id of the convoy
    #[arg(long, value_name = "ID")]
    pub(crate) convoy: ConvoyId,
    /// Role of the agent
    #[arg(long)]
    pub(crate) role: Role,
    /// Number of the attempt
    #[arg(long, value_name = "N", required_unless_present = "wait_for", conflicts_with = "wait_for")]
    pub(crate) attempt: Option<u32>,
    /// Wait for the agent's turn; what that depends on, in words
    #[arg(long, value_name = "WORDS")]
    pub(crate) wait_for: Option<String>,
    /// Name of the tmux session this is the pane of
    #[arg(long, value_name = "NAME")]
    pub(crate) session: Option<String>,
    /// Go on in the background, without a terminal
    #[arg(long)]
    pub(crate) detach: bool,
    /// The detached process itself
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}
