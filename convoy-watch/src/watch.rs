//! Watching: which convoys, standing by, one round or until the end.

use std::io::IsTerminal;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;
use base::called::as_typed;
use base::environment::{self, Environment, scrub};
use base::error::chain;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use base::{Error, StateProblem, detached, duration, subprocess};
use planning::config::Config;
use protocol::checkout;
use protocol::layout::Home;
use protocol::store::read_state;
use protocol::watch_lock::{self, Stay};
use protocol::{convoys, hooks, owner};
use scheduler::event_loop::{self, Task};
use scheduler::{Programs, Purpose, Scheduler};

use crate::cli::Arguments;
use crate::told;

/// One round waits at most this long for what it launched to be claimed.
const ROUND: Duration = Duration::from_secs(10);
/// Removing what is old may take a while.
const PRUNING: Duration = Duration::from_secs(3600);

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    if arguments.detached {
        detached::leave_caller()?;
    }
    let environment = Environment::read()?;
    owner::check(&Home::of(&environment))?;
    // A person at a terminal is told each time; cron mails whatever is said.
    if arguments.all && arguments.once && !std::io::stderr().is_terminal() {
        let Round { exit, wrong } = watch(&environment, arguments).unwrap_or_else(|error| {
            let failure = Failure::from_chain(error.chain());
            Round { exit: failure.exit, wrong: vec![words(&failure.message, failure.hints)] }
        });
        for text in told::news(&Home::of(&environment), wrong) {
            program::tell(&text);
        }
        return Ok(exit);
    }
    let Round { exit, wrong } = watch(&environment, arguments)?;
    for text in wrong {
        program::tell(&text);
    }
    Ok(exit)
}

/// How it went, and what to tell of that.
struct Round {
    exit: Exit,
    wrong: Vec<String>,
}

fn words(message: &str, hints: impl IntoIterator<Item = String>) -> String {
    let hints = hints.into_iter().map(|hint| format!("\nhint: {}", as_typed(&hint)));
    format!("convoy-watch: {message}{}", hints.collect::<String>())
}

fn watch(environment: &Environment, arguments: &Arguments) -> Result<Round> {
    let programs = Programs::find(environment)?;
    let mut wrong = Vec::new();
    let ids = chosen(environment, arguments, &mut wrong)?;
    let mut troubles = Vec::new();
    if arguments.once {
        troubles = once(environment, &programs, &ids, &mut wrong);
    } else {
        until_ended(environment, &programs, &ids, &mut wrong);
    }
    let mut exit = wrong.first().map_or(Exit::Done, Error::exit);
    let mut wrong: Vec<String> = wrong.iter().map(|error| words(&chain(error), error.hint())).collect();
    wrong.extend(troubles.iter().map(|trouble| words(trouble, None)));
    if arguments.all && arguments.once {
        if let Err(error) = checkout::sweep(&Home::of(environment)) {
            wrong.push(words(&chain(&error), error.hint()));
        }
        wrong.extend(prune(environment)?);
    }
    if exit == Exit::Done && !wrong.is_empty() {
        exit = Exit::No;
    }
    Ok(Round { exit, wrong })
}

/// The convoys to watch. One that cannot be read is told of and does not keep
/// the others from being watched.
fn chosen(environment: &Environment, arguments: &Arguments, wrong: &mut Vec<Error>) -> Result<Vec<ConvoyId>> {
    let home = &Home::of(environment);
    if !arguments.ids.is_empty() {
        let ids: base::Result<Vec<_>> = arguments.ids.iter().map(|id| convoys::resolve(home, id)).collect();
        return Ok(ids?);
    }
    let mut running = Vec::new();
    for id in convoys::all_ids(home)? {
        match read_state(&home.convoy(&id)) {
            // Its hooks are run by whoever looks next, should who was to run them be gone.
            Ok(state) if state.ended() && !(arguments.all && hooks::are_due(&home.convoy(&id), &state)) => {}
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
        None => Err(Failure::new(Exit::NotFound, "no convoy is running")
            .hint("those that have ended: pan convoy list --all-projects")
            .into()),
    }
}

/// The convoys for this process to see to. What cannot be opened is told of.
fn schedulers(
    environment: &Environment,
    programs: &Programs,
    ids: &[ConvoyId],
    wrong: &mut Vec<Error>,
    begin: impl Fn(Scheduler) -> base::Result<Option<Task>>,
) -> Vec<Task> {
    let mut tasks = Vec::new();
    for id in ids {
        match Scheduler::open(&Home::of(environment), id, programs, Purpose::Run).and_then(&begin) {
            Ok(one) => tasks.extend(one),
            Err(error) => wrong.push(error),
        }
    }
    tasks
}

/// One round over the convoys nobody else watches. Returns what keeps some of them
/// from going on, in words.
fn once(
    environment: &Environment,
    programs: &Programs,
    ids: &[ConvoyId],
    wrong: &mut Vec<Error>,
) -> Vec<String> {
    let mut tasks = schedulers(environment, programs, ids, wrong, |scheduler| {
        let lock = watch_lock::try_take(scheduler.dir(), Stay::Briefly)?;
        Ok(lock.map(|lock| Task::holding(scheduler, lock, Stay::Briefly).silent()))
    });
    let round = Some(Instant::now() + ROUND);
    wrong.extend(
        event_loop::run(&mut tasks, &|scheduler| scheduler.ended() || scheduler.is_quiet(), round).err(),
    );
    tasks.iter().filter_map(Task::trouble).map(str::to_owned).collect()
}

/// Stays until every convoy has ended. By those another process watches it
/// stands, asleep, and takes them up when that one leaves.
fn until_ended(environment: &Environment, programs: &Programs, ids: &[ConvoyId], wrong: &mut Vec<Error>) {
    let mut tasks = schedulers(environment, programs, ids, wrong, |scheduler| {
        Ok(Some(match watch_lock::try_take(scheduler.dir(), Stay::UntilTheEnd)? {
            Some(lock) => Task::holding(scheduler, lock, Stay::UntilTheEnd),
            None => Task::standing_by(scheduler),
        }))
    });
    wrong.extend(event_loop::run(&mut tasks, &Scheduler::ended, None).err());
}

/// `keep` in the configuration lets the cron line tidy up. Returns what that says.
fn prune(environment: &Environment) -> Result<Option<String>> {
    let Some(keep) = Config::load(&Home::of(environment))?.keep_ms else { return Ok(None) };
    let mut command = Command::new(environment::sibling(environment, "convoy-ctl")?);
    let keep = duration::shown(keep);
    command
        .args(["prune", "--older-than", &keep, "--quiet"])
        .env("PANOPTICON_HOME", environment.home.as_path());
    command.stdin(Stdio::null());
    scrub(&mut command);
    let ended = subprocess::output(command, PRUNING)?;
    if ended.status.is_none() {
        return Ok(Some(words(
            "pruning takes longer than an hour: it was ended, and goes on in the next round",
            None,
        )));
    }
    let said = String::from_utf8_lossy(&ended.stderr).trim_end().to_owned();
    Ok(Some(said).filter(|said| !said.is_empty()))
}
