//! `convoy-merge`: review files in, one deduplicated, ranked set of findings out.
//!
//! The core is pure: `extract` reads one report, `matching` scores pairs,
//! `cluster` groups them, `merge` makes findings of the groups, `rank` orders
//! them, `render` writes them. Only `run` and `input` touch files.

pub mod cli;
pub mod explain;
pub mod extract;
pub mod merge;
pub mod meta;
pub mod model;
pub mod render;

mod baseline;
mod fingerprint;
mod formats;
mod gate;
pub mod input;
mod known;
mod locate;
mod novelty;
mod paths;
mod rank;
mod reading;
mod rules;
mod run;
mod same;
mod severity;
mod signs;
mod status;
mod suppress;
mod syntax;
mod synthesis;
mod titles;
mod vocabulary;
mod words;

use std::process::ExitCode;

use clap::Parser;
use shared::environment::Environment;
use shared::frame::{self, Failure};

/// The whole program: arguments in, exit code out.
pub fn main() -> ExitCode {
    if matches!(generate::on_request::<cli::Cli>(std::env::args_os()), Ok(true)) {
        return ExitCode::SUCCESS;
    }
    let cli = cli::Cli::parse();
    // Only --convoy needs it, and says why it cannot be had.
    let home = Environment::read().map(|environment| environment.home);
    let result = run::run(&cli, home);
    frame::end("convoy-merge", result.map_err(|error| Failure::from_chain(error.chain())))
}
