//! `convoy-comment`: findings on a pull request.
//!
//! `document` (what is published) and `service` (what is there: `github`, `gitlab`, by
//! `api`) → `plan` (what is to be done; pure) → `publish` (does it). `body`, `finding` and
//! `check` are the texts, `mark` is by what a comment is known again, `hunks` where one can be
//! put, `target` which pull request is meant.
//!
//! Never: a verdict of its own, a token, a connection of its own.

mod api;
mod body;
mod check;
mod cli;
mod document;
mod finding;
mod github;
mod gitlab;
mod hunks;
mod mark;
mod plan;
#[cfg(test)]
mod properties;
mod publish;
mod run;
mod service;
mod target;

use std::process::ExitCode;

use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};

const NAME: &str = "convoy-comment";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request::<cli::Arguments>(std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = command_line::parse::<cli::Arguments>(NAME).and_then(|arguments| {
        let environment = Environment::read()?;
        run::run(&environment, &arguments).map_err(|error| Failure::from_chain(error.chain()))
    });
    program::end(NAME, result)
}
