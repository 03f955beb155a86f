//! `convoy-dashboard`: watch and steer convoys on a web page.
//!
//! It reads the state directory and runs `convoy-start` and `convoy-ctl` as a
//! user would; it is no part of the runtime. Ending it harms no convoy.

mod access;
mod app;
mod assets;
mod body;
mod changes;
mod cli;
mod findings;
mod guard;
mod hub;
mod lines;
mod list;
mod patience;
mod problem;
mod programs;
mod read;
mod report;
mod request;
mod run;
mod serve;
mod steer;
mod stream;
mod summary;
mod tail;

use std::process::ExitCode;

use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use protocol::layout::Home;

use cli::{Arguments, Verb};

const NAME: &str = "convoy-dashboard";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request::<Arguments>(std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = command_line::parse::<Arguments>(NAME)
        .and_then(|arguments| run(&arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}

fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let environment = Environment::read()?;
    match arguments.verb {
        Some(Verb::Url) => run::url(&environment, arguments),
        None => {
            protocol::owner::check(&Home::of(&environment))?;
            run::run(environment, arguments)
        }
    }
}
