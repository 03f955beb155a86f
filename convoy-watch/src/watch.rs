//! Watching: which convoys, standing by, one round or until the end.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use shared::attend::{attend, chain};
use shared::catalog;
use shared::config::Config;
use shared::engine::{Engine, Programs, Purpose};
use shared::environment::{self, Environment};
use shared::exit::Exit;
use shared::frame::{self, Failure};
use shared::ids::ConvoyId;
use shared::launch::scrub;
use shared::lock::Lock;
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
        None => Err(Failure::new(Exit::NotFound, "no convoy is running").into()),
    }
}

/// Convoys whose scheduler is this process, their locks, and the others.
#[derive(Default)]
struct Taken {
    engines: Vec<Engine>,
    locks: Vec<Lock>,
    watched_elsewhere: Vec<ConvoyId>,
}

fn take(
    environment: &Environment,
    programs: &Programs,
    ids: &[ConvoyId],
    stay: Stay,
    wrong: &mut Vec<Error>,
) -> Taken {
    let mut taken = Taken::default();
    for id in ids {
        let lock = match watch_lock::try_take(&environment.home.convoy(id), stay) {
            Ok(Some(lock)) => lock,
            Ok(None) => {
                taken.watched_elsewhere.push(id.clone());
                continue;
            }
            Err(error) => {
                wrong.push(error);
                continue;
            }
        };
        match Engine::open(&environment.home, id, programs, Purpose::Run) {
            Ok(engine) => {
                taken.engines.push(engine);
                taken.locks.push(lock);
            }
            Err(error) => wrong.push(error),
        }
    }
    taken
}

/// One round over the convoys nobody else watches.
fn once(environment: &Environment, programs: &Programs, ids: &[ConvoyId], wrong: &mut Vec<Error>) {
    let mut taken = take(environment, programs, ids, Stay::Briefly, wrong);
    let round = Some(Instant::now() + ROUND);
    if let Err(error) = attend(&mut taken.engines, &|engine| engine.ended() || engine.is_quiet(), round, None)
    {
        wrong.push(error);
    }
}

/// Stays until every convoy has ended. Those another process watches are stood
/// by for in threads that sleep on the lock.
fn until_ended(environment: &Environment, programs: &Programs, ids: &[ConvoyId], wrong: &mut Vec<Error>) {
    let Taken { mut engines, locks, watched_elsewhere } =
        take(environment, programs, ids, Stay::UntilTheEnd, wrong);
    let failed: Vec<Error> = thread::scope(|scope| {
        let threads: Vec<_> =
            watched_elsewhere.iter().map(|id| scope.spawn(|| stand_by(environment, programs, id))).collect();
        let ours = attend(&mut engines, &Engine::ended, None, None);
        // Whoever stands by for one of ours goes on now.
        drop(locks);
        let theirs = threads.into_iter().filter_map(|thread| thread.join().ok()?.err());
        ours.err().into_iter().chain(theirs).collect()
    });
    wrong.extend(failed);
}

/// Waits until the convoy has no other watcher, then watches it to its end.
fn stand_by(environment: &Environment, programs: &Programs, id: &ConvoyId) -> shared::Result<()> {
    let dir = environment.home.convoy(id);
    let _lock = watch_lock::take(&dir, Stay::UntilTheEnd)?;
    if read_state(&dir)?.ended() {
        return Ok(());
    }
    let mut engines = [Engine::open(&environment.home, id, programs, Purpose::Run)?];
    attend(&mut engines, &Engine::ended, None, None)?;
    Ok(())
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
