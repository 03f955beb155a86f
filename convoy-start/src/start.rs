//! The verb: request → plan → (dry run, or a running convoy).

use std::fmt::Write as _;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};
use shared::config::Watch;
use shared::environment::{self, Environment};
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::launch::scrub;
use shared::now::Clock;
use shared::planner::{self, Machine, Start};
use shared::problem::{Problem, ProblemKind};
use shared::time_text;

use crate::begin::{begin, random_short};
use crate::cli::{Arguments, WatchArgument};
use crate::{dry_run, request, screen};

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let environment = Environment::read()?;
    let request = request::read(arguments)?;
    let start = Start { at: Clock::open()?.now()?.wall, short: random_short()? };
    let machine = Machine::new(&environment);
    let mut prepared =
        planner::prepare(&environment, &machine, &request, &start).map_err(|problems| failure(&problems))?;
    let view = screen::View::new(&environment, &prepared);
    if arguments.dry_run {
        let text =
            if arguments.json { dry_run::json(&prepared)? } else { dry_run::text(&environment, &view) };
        frame::print(&text)?;
        return Ok(Exit::Done);
    }
    frame::tell(&view.head());
    let watch = watch(arguments.watch, prepared.config.watch);
    let begun = begin(&environment, &mut prepared, watch)?;
    let view = screen::View::new(&environment, &prepared);
    if let Some(warning) = &begun.warning {
        frame::tell(&format!("note: {warning}\n"));
    }
    frame::tell(&view.next_steps(watch));
    frame::print(&format!("{}\n", begun.id))?;
    if arguments.wait {
        return Err(wait(&environment, &begun.id.to_string(), arguments.timeout));
    }
    Ok(Exit::Done)
}

fn watch(asked: Option<WatchArgument>, config: Option<Watch>) -> Watch {
    match asked {
        Some(WatchArgument::Detach) => Watch::Detach,
        Some(WatchArgument::Systemd) => Watch::Systemd,
        Some(WatchArgument::None) => Watch::None,
        None => config.unwrap_or(Watch::Detach),
    }
}

/// All problems as one failure: a single one is the message, several are lines
/// below it.
fn failure(problems: &[Problem]) -> Failure {
    let missing = problems.iter().all(|problem| problem.kind == ProblemKind::NotFound);
    let exit = if missing { Exit::NotFound } else { Exit::Usage };
    if let [problem] = problems {
        let failure = Failure::new(exit, problem.to_string());
        return match &problem.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        };
    }
    let mut message = format!("{} problems, nothing was started", problems.len());
    for problem in problems {
        let _ = write!(message, "\n  {problem}");
        if let Some(hint) = &problem.hint {
            let _ = write!(message, "\n    hint: {hint}");
        }
    }
    Failure::new(exit, message)
}

/// Becomes `convoy-ctl wait`; returns only if that cannot be.
fn wait(environment: &Environment, id: &str, timeout: Option<u64>) -> anyhow::Error {
    let become_wait = || -> Result<std::convert::Infallible> {
        let program = environment::sibling(environment, "convoy-ctl")?;
        let mut command = Command::new(&program);
        command.args(["wait", id]).env("PANOPTICON_HOME", environment.home.root());
        if let Some(ms) = timeout {
            command.args(["--timeout", &time_text::shown(ms)]);
        }
        scrub(&mut command);
        Err(command.exec()).context("cannot start convoy-ctl")
    };
    match become_wait() {
        Err(error) => error,
        Ok(never) => match never {},
    }
}
