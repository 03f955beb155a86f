//! The verb: request → plan → (dry run, or a running convoy).

use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use base::called::as_typed;
use base::clock::Clock;
use base::duration;
use base::environment::{self, Environment, scrub};
use base::exit::Exit;
use base::program::{self, Failure};
use decisions::{Location, settings};
use planning::diagnostic;
use planning::planner::{self, Machine, Start};
use planning::settings::Own;
use protocol::layout::Home;
use protocol::owner;
use protocol::watch_lock::Watch;

use crate::begin::{begin, random_short};
use crate::cli::{Arguments, WatchArgument, word_after_diff};
use crate::since::{self, Since};
use crate::{dry_run, request, screen};

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let environment = Environment::read()?;
    if !arguments.dry_run {
        owner::check(&Home::of(&environment))?;
    }
    let mut request = request::read(arguments)?;
    if arguments.since.is_some() {
        since::check(&request)?;
    }
    request.settings = own_settings(&environment, &request.project)?;
    let start = Start { at: Clock::open()?.now()?.wall, short: random_short()? };
    let machine = Machine::new(&environment);
    let mut prepared = planner::prepare(&environment, &machine, &request, &start).map_err(|problems| {
        let failure = diagnostic::failure(&problems, "nothing was started");
        // The word after `--diff` may have been meant as its base.
        let base = arguments.template.to_string_lossy();
        match word_after_diff(&std::env::args_os().collect::<Vec<_>>()) {
            Some(word) if failure.exit == Exit::NotFound && word == base => failure
                .hint(format!("the base of --diff is written with an equals sign: --diff={word} TEMPLATE")),
            _ => failure,
        }
    })?;
    if let Some(asked) = &arguments.since {
        prepared = match since::narrow(&environment, &machine, &mut request, &start, prepared, asked)? {
            Since::Start(prepared) => *prepared,
            Since::Unchanged(unchanged) => {
                program::print(&format!("{}\n", serde_json::to_string(&unchanged)?))?;
                return Ok(Exit::NothingToReview);
            }
        };
    }
    let view = screen::View::new(&environment, &prepared);
    if arguments.dry_run {
        let text =
            if arguments.json { dry_run::json(&prepared)? } else { dry_run::text(&environment, &view) };
        program::print(&text)?;
        return Ok(Exit::Done);
    }
    program::tell(&as_typed(&view.head()));
    let watch = watch(arguments.watch, prepared.config.watch);
    let begun = begin(&environment, &mut prepared, watch)?;
    let view = screen::View::new(&environment, &prepared);
    let id = format!("{}\n", begun.id);
    match begun.launched {
        Ok(warning) => {
            if let Some(warning) = warning {
                program::tell(&format!("note: {warning}\n"));
            }
            program::tell(&as_typed(&view.next_steps(watch)));
        }
        Err(error) => {
            program::print(&id)?;
            let why = base::error::chain(&error);
            let failure = Failure::new(
                Exit::No,
                format!("{} is there, but not all of its start was done: {why}", begun.id),
            );
            return Err(failure
                .hint(format!("go on with it: pan convoy resume {}", begun.id.short()))
                .into());
        }
    }
    program::print(&id)?;
    if arguments.wait {
        return Err(wait(&environment, &begun.id.to_string(), arguments.timeout));
    }
    Ok(Exit::Done)
}

/// The user's settings of the project; those that cannot be read are not "none".
fn own_settings(environment: &Environment, project: &Path) -> Result<Option<Own>, Failure> {
    let location = match Location::of(environment, project) {
        Ok(location) => location,
        // There is no project here: the planner says so, and what else is wrong.
        Err(decisions::Problem::Project(_)) => return Ok(None),
        Err(problem) => return Err(problem.into()),
    };
    settings::read(&Home::of(environment), &location)
        .map_err(|problems| diagnostic::failure(&problems, "nothing was started"))
}

fn watch(asked: Option<WatchArgument>, config: Option<Watch>) -> Watch {
    match asked {
        Some(WatchArgument::Detach) => Watch::Detach,
        Some(WatchArgument::Systemd) => Watch::Systemd,
        Some(WatchArgument::None) => Watch::None,
        None => config.unwrap_or(Watch::Detach),
    }
}

/// Becomes `convoy-ctl wait`, or on a terminal the live picture, which ends with
/// the same exit code; returns only if that cannot be.
fn wait(environment: &Environment, id: &str, timeout: Option<u64>) -> anyhow::Error {
    let become_wait = || -> Result<std::convert::Infallible> {
        let program = environment::sibling(environment, "convoy-ctl")?;
        let mut command = Command::new(&program);
        command.env("PANOPTICON_HOME", environment.home.as_path());
        match timeout {
            Some(ms) => command.args(["wait", id, "--started-here", "--timeout", &duration::shown(ms)]),
            None if std::io::stdout().is_terminal() => command.args(["status", id, "--follow"]),
            None => command.args(["wait", id, "--started-here"]),
        };
        scrub(&mut command);
        Err(command.exec()).context("cannot start convoy-ctl")
    };
    match become_wait() {
        Err(error) => error,
        Ok(never) => match never {},
    }
}
