//! `convoy-dashboard`: watch and steer convoys on a web page.
//!
//! It reads the state directory and runs `convoy-start` and `convoy-ctl` as a
//! user would; it is no part of the runtime. Ending it harms no convoy.
//!
//! Three rooms: `http` carries requests and answers and knows no convoy; `live` knows
//! what changes and tells it to whoever looks; `api` answers, out of `live` and the
//! files, and runs commands. `http` and `live` know nothing of `api`.

mod api;
mod cli;
mod http;
mod live;
mod run;

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
