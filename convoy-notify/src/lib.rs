//! `convoy-notify`: tells the user's hooks that a convoy has ended.
//!
//! `event` (what they are told) → `deliver` (a program, a notification of the desktop,
//! a webhook), each at least once: `run` notes what became of each before the next.
//!
//! The one program that speaks HTTP and TLS to others. Never: a change of the state, a
//! hook that is not in the user's own `config.toml`, a shell.

mod cli;
mod deliver;
mod event;
mod run;

use std::process::ExitCode;

use base::exit::Exit;
use base::program::{self, Failure};

const NAME: &str = "convoy-notify";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request::<cli::Arguments>(std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = command_line::parse::<cli::Arguments>(NAME)
        .and_then(|arguments| run::run(&arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}
