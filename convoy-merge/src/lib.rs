//! `convoy-merge`: review files in, one deduplicated, ranked set of findings out.
//!
//! `gather` reads the inputs (`document` those that are data, `extract` the others),
//! `merge` makes findings of their members: `places` holds them against the reviewed
//! tree, `same` groups them, `rank` orders them, `fresh` says which are of the change.
//! `verdict` says what follows, `render` writes it all. Only `run`, `input` and
//! `tree` touch files.

pub mod cli;
pub mod excerpt;
pub mod explain;
pub mod extract;
pub mod merge;
pub mod merged;
pub mod meta;
pub mod model;
pub mod render;
pub mod tree;
pub mod verdict;

mod baseline;
mod contain;
mod document;
mod documented;
mod fingerprint;
mod formats;
mod fresh;
mod gather;
pub mod input;
mod known;
mod locate;
mod own_report;
mod paths;
mod phrases;
mod places;
mod quick;
mod rank;
mod reading;
pub mod requirement;
mod rules;
mod run;
mod same;
mod scope;
pub mod second_look;
mod severity;
mod sign;
mod signs;
mod status;
mod stem;
mod suppress;
mod syntax;
mod synthesis;
mod text;
mod titles;
mod vocabulary;
mod words;

use std::process::ExitCode;

use base::environment::Environment;
use base::program::{self, Failure};
use protocol::layout::Home;

const NAME: &str = "convoy-merge";

/// The whole program: arguments in, exit code out.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request::<cli::Cli>(std::env::args_os()), Ok(true)) {
        return ExitCode::SUCCESS;
    }
    let result = command_line::parse::<cli::Cli>(NAME).and_then(|cli| {
        // Only --convoy needs it, and says why it cannot be had.
        let home = Environment::read().map(|environment| Home::of(&environment));
        run::run(&cli, home).map_err(|error| Failure::from_chain(error.chain()))
    });
    program::end(NAME, result)
}
