//! `convoy-ctl`: look at convoys and steer them.
//!
//! Reading verbs take no lock and never wait for one. The steering verbs are
//! schedulers of their own for as long as they run: `stop` needs no watcher.

mod choose;
mod cli;
mod steer;

use std::process::ExitCode;

use clap::Parser;
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame::{self, Failure};

use cli::{Arguments, Verb};

/// The whole program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    frame::end("convoy-ctl", run(arguments).map_err(|error| Failure::from_chain(error.chain())))
}

fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let environment = Environment::read()?;
    match arguments.verb {
        Verb::Stop { id, grace } => steer::stop(&environment, &choose::one(&environment, &id)?, grace.into()),
        Verb::Retry { id, role, watch } => {
            steer::retry(&environment, &choose::one(&environment, &id)?, role.as_deref(), watch)
        }
        Verb::Synthesize { id, watch } => {
            steer::synthesize(&environment, &choose::one(&environment, &id)?, watch)
        }
        Verb::Resume { id, all, watch } => {
            let ids = match (id, all) {
                (_, true) => steer::everything(&environment)?,
                (Some(id), false) => vec![choose::one(&environment, &id)?],
                (None, false) => vec![choose::current(&environment)?],
            };
            steer::resume(&environment, &ids, watch)
        }
        Verb::Wait { ids, timeout } => {
            let ids = choose::several(&environment, &ids)?;
            steer::wait(&environment, &ids, timeout.map(Into::into))
        }
    }
}
