//! The command line.

use clap::Parser;

/// Watch convoys until they have ended.
///
/// Launches what becomes ready, enforces limits, finishes what ended. Needs
/// nothing from the process that started the convoy: run it again after a
/// crash or a reboot and it goes on from the files. Without ID and --all it
/// watches the running convoy that was started last.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-watch",
    version,
    after_help = "From cron, silent when nothing is wrong:\n  * * * * * convoy-watch --all --once\n\nExit codes: 0 all have ended (with --once: one round is done)   1 something is in the way\n  2 usage   4 no such convoy   5 state unreadable or newer"
)]
pub(crate) struct Arguments {
    /// Full ids, or a unique beginning of the last part
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// All convoys that are running now
    #[arg(long, conflicts_with = "ids")]
    pub(crate) all: bool,
    /// One round instead of staying until the end; leaves alone what another watches
    #[arg(long)]
    pub(crate) once: bool,
    /// In the background: keep nothing of the caller
    #[arg(long, hide = true)]
    pub(crate) detached: bool,
}
