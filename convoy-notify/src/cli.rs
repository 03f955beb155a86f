//! The command line.

use clap::Parser;

/// Run the hooks of a convoy that has ended.
///
/// They are configured in [hooks] of config.toml in the state directory. A scheduler starts
/// this program when a convoy has ended; by hand it runs what is still due.
#[derive(Debug, Parser)]
#[command(
    name = "convoy-notify",
    version,
    after_help = "To try your hooks: convoy-notify ID --again\n\nExit codes: 0 all of them are done, or nothing is to be done   1 one of them failed\n  2 usage, config.toml   4 no such convoy   5 state unreadable or newer   75 the convoy runs"
)]
pub(crate) struct Arguments {
    /// Full id, or a unique beginning of its last part
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// All of them, also where they were run before or the convoy is older than [hooks]
    #[arg(long)]
    pub(crate) again: bool,
    /// Leave a process behind that does it
    #[arg(long, hide = true)]
    pub(crate) detach: bool,
    /// Be that process
    #[arg(long, hide = true, conflicts_with = "detach")]
    pub(crate) detached: bool,
}
