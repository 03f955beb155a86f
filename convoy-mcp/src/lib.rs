//! `convoy-mcp`: a server of the Model Context Protocol on standard input and output,
//! by which another agent starts convoys, waits for them and reads what they found.
//!
//! It keeps no state and does no work of its own: it runs `convoy-start` and
//! `convoy-ctl` as a user would and reads the state directory. A convoy that was
//! started runs on under its watcher, whatever becomes of the client or of this.
//!
//! Three parts: `serve` speaks the protocol and knows no convoy; `tools` are what is
//! offered, each a function from arguments to an answer; `install` writes the entry
//! into the settings of the agent CLIs.

mod cli;
mod install;
mod serve;
mod tools;

use std::process::ExitCode;

use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};

use cli::{Arguments, Verb};

const NAME: &str = "convoy-mcp";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request::<Arguments>(std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = command_line::parse::<Arguments>(NAME)
        .and_then(|arguments| run(arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}

fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let environment = Environment::read()?;
    let Arguments { verb, rights } = arguments;
    match verb {
        None => serve::run(environment, &rights),
        Some(Verb::Install { clis, rights, print }) => install::install(&environment, &clis, &rights, print),
        Some(Verb::Uninstall { clis, print }) => install::uninstall(&environment, &clis, print),
    }
}
