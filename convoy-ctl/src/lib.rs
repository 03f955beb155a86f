//! `convoy-ctl`: look at convoys and steer them.
//!
//! Reading verbs take no lock and never wait for one. The steering verbs are
//! schedulers of their own for as long as they run: `stop` needs no watcher.

mod agents;
mod attach;
mod chat;
mod choose;
mod cli;
mod complete;
mod costs;
mod decisions;
mod definitions;
mod dispatch;
mod doctor;
mod events;
mod executors;
mod graph;
mod init;
mod inspect;
mod interrupted;
mod list;
mod logs;
mod remove;
mod result;
mod runners;
mod screen;
mod show;
mod skills;
mod spent;
mod status;
mod steer;
mod templates;

use std::process::ExitCode;

use base::environment::Environment;
use base::exit::Exit;
use base::program::{self, Failure};
use protocol::layout::Home;
use protocol::owner;

use cli::Arguments;

const NAME: &str = "convoy-ctl";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request_of(complete::command, std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = command_line::parse::<Arguments>(NAME)
        .and_then(|arguments| run(arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}

fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let environment = Environment::read()?;
    if arguments.verb.writes() {
        owner::check(&Home::of(&environment))?;
    }
    dispatch::dispatch(&environment, arguments.verb)
}
