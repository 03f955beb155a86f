//! `convoy-agent`: supervises one attempt of one agent.
//!
//! It claims the attempt, runs the agent's command, keeps its output, enforces
//! its limits, ends its whole process tree, judges its report, publishes it and
//! records the end. In a tmux session it is the pane's own process; the command
//! runs on pipes, so that neither log nor limits depend on the pane.
//!
//! Started by the schedulers; who starts it by hand for an attempt that was not
//! intended gets nothing but a claim nobody looks at.

mod answer;
mod assignment;
mod attempt;
mod begin;
mod callers;
mod claimed;
mod cli;
mod cli_config;
mod command;
mod conclude;
mod ended_run;
mod ending;
mod facts;
mod far;
mod judge;
mod lifecycle;
mod output;
mod parked;
mod report;
mod resume;
mod review;
mod runs;
mod scope;
mod shape;
mod signals;
mod spending;
mod stream;
mod supervise;
mod tree;
mod verify;
mod view;

use std::process::ExitCode;

use base::program::{self, Failure};

const NAME: &str = "convoy-agent";

/// The whole program.
pub fn main() -> ExitCode {
    if let Some(words) = far::words() {
        return far::main(&words);
    }
    if matches!(command_line::on_request::<cli::Arguments>(std::env::args_os()), Ok(true)) {
        return ExitCode::SUCCESS;
    }
    let result = command_line::parse::<cli::Arguments>(NAME)
        .and_then(|arguments| begin::run(&arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}

/// What an attempt would keep of these bytes and show of them, were they the events
/// of a CLI of this format and arrived in pieces of `size` bytes. For those who read
/// streams at random; nothing is known to be a secret.
pub fn read_stream(format: protocol::plan::Stream, bytes: &[u8], size: usize) -> (Vec<u8>, String) {
    let Some(mut events) = stream::EventStream::by(format, &[], protocol::redact::Secrets::default()) else {
        return (bytes.to_vec(), String::new());
    };
    let (mut raw, mut shown) = (Vec::new(), String::new());
    let mut take = |told: stream::Told| {
        raw.extend(told.raw);
        shown.push_str(&told.shown);
    };
    for piece in bytes.chunks(size.max(1)) {
        take(events.feed(piece));
    }
    take(events.finish());
    (raw, shown)
}
