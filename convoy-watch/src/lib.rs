//! `convoy-watch`: sees agents end, launches what became ready, enforces
//! limits, finishes the convoy.
//!
//! Holds nothing that is lost with it: kill it at any moment and run another.
//! Any number may watch one convoy; one works, the others stand by on
//! `watch.lock` without waking up (P6).

mod cli;
mod told;
mod watch;

use std::process::ExitCode;

use base::program::{self, Failure};

const NAME: &str = "convoy-watch";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request::<cli::Arguments>(std::env::args_os()), Ok(true)) {
        return ExitCode::SUCCESS;
    }
    let result = command_line::parse::<cli::Arguments>(NAME)
        .and_then(|arguments| watch::run(&arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}
