//! `convoy-start`: turns a template and inputs into a plan and a new convoy,
//! launches what is ready, leaves a watcher, prints the id.
//!
//! `--dry-run` takes the same way up to the last step and shows what that would do.

mod begin;
mod cli;
mod complete;
mod dry_run;
mod request;
mod revision;
mod screen;
mod since;
mod start;

use std::process::ExitCode;

use base::exit::Exit;
use base::program::{self, Failure};

const NAME: &str = "convoy-start";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request_of(complete::command, std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = cli::Arguments::read()
        .and_then(|arguments| start::run(&arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}
