//! `convoy-review`: the review pipeline. Starts `code-review`, waits for its
//! end, and gives a verdict that a pipeline can trust: APPROVED only if every
//! reviewer left a complete report and nothing stands at or above the gate.
//!
//! It runs the other programs as a person would (`convoy-start`, `convoy-ctl`,
//! `convoy-merge`) and reads the state directory through `protocol`.

mod cli;
mod history;
mod outcome;
mod output;
mod pipeline;
mod publish;
mod result;
mod review;
mod rounds;
mod run;
mod screen;
mod since;
mod summary;

use std::process::ExitCode;

use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use protocol::layout::Home;

use cli::{Arguments, Verb};

const NAME: &str = "convoy-review";

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
    match &arguments.verb {
        Some(Verb::History { all, limit, json }) => {
            history::show(&environment, if *all { None } else { Some(*limit) }, *json)
        }
        Some(Verb::RunFix { file }) => rounds::step::run(&environment, file),
        None => {
            protocol::owner::check(&Home::of(&environment))?;
            run::run(&environment, &arguments.review)
        }
    }
}
