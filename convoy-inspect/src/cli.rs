//! The command line.

use clap::{Parser, Subcommand};
use command_line::inspect::{Health, Inventory, Triage};

/// Look at a project, at issues or at all convoys, by rules: no AI, no network
#[derive(Debug, Parser)]
#[command(
    name = "convoy-inspect",
    version,
    after_help = "By hand:\n  pan convoy inventory\n  pan convoy triage --issues-file issues.json\n  pan convoy health\n\nExit codes:\n  0 done; of health: nothing to look at   1 something to look at, or failed\n  2 invalid request   4 no such convoy or role   5 state unreadable, or an output that could not be written"
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// What a project is made of: languages, entry points, tests, hot spots
    Inventory(Inventory),
    /// Sort issues by rules: category, priority, complexity, duplicates, owner
    Triage(Triage),
    /// Look at all running convoys, their sessions and logs: what is stuck, looping, limited or dead
    Health(Health),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
