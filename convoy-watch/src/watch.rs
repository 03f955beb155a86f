//! Watching: which convoys, standing by, one round or until the end.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Result;
use shared::attend::{Attended, attend};
use shared::catalog;
use shared::checkout;
use shared::config::Config;
use shared::engine::{Engine, Programs, Purpose};
use shared::environment::{self, Environment};
use shared::error::chain;
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::ids::ConvoyId;
use shared::launch::scrub;
use shared::owner;
use shared::store::read_state;
use shared::time_text;
use shared::watch_lock::{self, Stay};
use shared::{Error, StateProblem};

use crate::cli::Arguments;
use crate::detached;

/// One round waits at most this long for what it launched to be claimed.
const ROUND: Duration = Duration::from_secs(10);

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    if arguments.detached {
        detached::leave_caller()?;
    }
    let environment = Environment::read()?;
    owner::check(&environment.home)?;
    let programs = Programs::find(&environment)?;
    let mut wrong = Vec::new();
    let ids = chosen(&environment, arguments, &mut wrong)?;
    if arguments.once {
        once(&environment, &programs, &ids, &mut wrong);
    } else {
        until_ended(&environment, &programs, &ids, &mut wrong);
    }
    if arguments.all && arguments.once {
        wrong.extend(checkout::sweep(&environment.home).err());
        prune(&environment)?;
    }
    match wrong.first() {
        None => Ok(Exit::Done),
        Some(first) => {
            let exit = first.exit();
            for error in &wrong {
                frame::tell(&format!("convoy-watch: {}", chain(error)));
                error.hint().iter().for_each(|hint| frame::tell(&format!("hint: {hint}")));
            }
            Ok(exit)
        }
    }
}

/// The convoys to watch. One that cannot be read is told of and does not keep
/// the others from being watched.
fn chosen(environment: &Environment, arguments: &Arguments, wrong: &mut Vec<Error>) -> Result<Vec<ConvoyId>> {
    let home = &environment.home;
    if !arguments.ids.is_empty() {
        let ids: shared::Result<Vec<_>> = arguments.ids.iter().map(|id| catalog::resolve(home, id)).collect();
        return Ok(ids?);
    }
    let mut running = Vec::new();
    for id in catalog::all_ids(home)? {
        match read_state(&home.convoy(&id)) {
            Ok(state) if state.ended() => {}
            Ok(state) => running.push((state.started_at, id)),
            // Written by the previous system, or removed meanwhile: not ours.
            Err(Error::State { source: StateProblem::Legacy, .. } | Error::NoConvoy(_)) => {}
            Err(error) => wrong.push(error),
        }
    }
    running.sort();
    if arguments.all {
        return Ok(running.into_iter().map(|(_, id)| id).collect());
    }
    match running.pop() {
        Some((_, id)) => Ok(vec![id]),
        // Then the one that cannot be read may be the one that runs.
        None if !wrong.is_empty() => Ok(Vec::new()),
        None => Err(Failure::new(Exit::NotFound, "no convoy is running").into()),
    }
}

/// The convoys for this process to see to. What cannot be opened is told of.
fn engines(
    environment: &Environment,
    programs: &Programs,
    ids: &[ConvoyId],
    wrong: &mut Vec<Error>,
    begin: impl Fn(Engine) -> shared::Result<Option<Attended>>,
) -> Vec<Attended> {
    let mut attended = Vec::new();
    for id in ids {
        match Engine::open(&environment.home, id, programs, Purpose::Run).and_then(&begin) {
            Ok(one) => attended.extend(one),
            Err(error) => wrong.push(error),
        }
    }
    attended
}

/// One round over the convoys nobody else watches.
fn once(environment: &Environment, programs: &Programs, ids: &[ConvoyId], wrong: &mut Vec<Error>) {
    let mut attended = engines(environment, programs, ids, wrong, |engine| {
        let lock = watch_lock::try_take(engine.dir(), Stay::Briefly)?;
        Ok(lock.map(|lock| Attended::holding(engine, lock, Stay::Briefly)))
    });
    let round = Some(Instant::now() + ROUND);
    wrong.extend(attend(&mut attended, &|engine| engine.ended() || engine.is_quiet(), round).err());
}

/// Stays until every convoy has ended. By those another process watches it
/// stands, asleep, and takes them up when that one leaves.
fn until_ended(environment: &Environment, programs: &Programs, ids: &[ConvoyId], wrong: &mut Vec<Error>) {
    let mut attended = engines(environment, programs, ids, wrong, |engine| {
        Ok(Some(match watch_lock::try_take(engine.dir(), Stay::UntilTheEnd)? {
            Some(lock) => Attended::holding(engine, lock, Stay::UntilTheEnd),
            None => Attended::standing_by(engine),
        }))
    });
    wrong.extend(attend(&mut attended, &Engine::ended, None).err());
}

/// `keep` in the configuration lets the cron line tidy up.
fn prune(environment: &Environment) -> Result<()> {
    let Some(keep) = Config::load(&environment.home)?.keep_ms else { return Ok(()) };
    let mut command = Command::new(environment::sibling(environment, "convoy-ctl")?);
    let keep = time_text::shown(keep);
    command.args(["prune", "--older-than", &keep, "--quiet"]).env("PANOPTICON_HOME", environment.home.root());
    scrub(&mut command);
    command.status()?;
    Ok(())
}
