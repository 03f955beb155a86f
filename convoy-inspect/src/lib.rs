//! `convoy-inspect`: what the agents of the templates `planning`, `triage` and
//! `health-monitor` do where there is no AI: look at a project, at issues, at all
//! convoys, and report. It changes nothing but the file it is told to write.
//!
//! By hand it is used as `convoy-ctl inventory`, `triage` and `health`, which become it.

mod cli;
mod health;
mod inventory;
mod triage;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::outputs;
use base::program::{self, Failure};

use cli::{Arguments, Verb};

const NAME: &str = "convoy-inspect";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request::<Arguments>(std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = command_line::parse::<Arguments>(NAME)
        .and_then(|arguments| run(&arguments.verb).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}

fn run(verb: &Verb) -> Result<Exit> {
    let environment = Environment::read()?;
    match verb {
        Verb::Inventory(asked) => inventory::run(&environment, asked),
        Verb::Triage(asked) => triage::run(&environment, asked),
        Verb::Health(asked) => health::run(&environment, asked),
    }
}

/// To standard output, or into a file.
fn hand_over(output: Option<&Path>, out: &str) -> Result<()> {
    match output {
        None => program::print(out)?,
        Some(path) => outputs::write(path, out.as_bytes())?,
    }
    Ok(())
}
