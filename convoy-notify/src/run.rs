//! Which hooks are run, in what order, and what is noted of them.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use base::environment::{Environment, scrub};
use base::exit::Exit;
use base::program::{self, Failure};
use base::{Error, detached};
use jiff::Timestamp;
use planning::config::{Config, Hooks};
use protocol::hooks::{self, Hook, How, MOST_TRIES, Outcome, Told};
use protocol::layout::{ConvoyDir, Home};
use protocol::store::read_state;
use protocol::{convoys, owner};

use crate::cli::Arguments;
use crate::deliver::Delivery;
use crate::event;

pub(crate) fn run(arguments: &Arguments) -> Result<Exit> {
    let environment = Environment::read()?;
    let home = Home::of(&environment);
    owner::check(&home)?;
    let dir = home.convoy(&convoys::resolve(&home, &arguments.id)?);
    if arguments.detach {
        return leave_behind(&dir);
    }
    if arguments.detached {
        detached::leave_caller()?;
    }
    // One at a time; who waited finds it done, or another end to tell of.
    let _held = hooks::lock(&dir)?;
    let state = read_state(&dir)?;
    let Some(end) = state.completed_at.filter(|_| state.ended()) else {
        let failure = Failure::new(Exit::Busy, format!("{} has not ended", dir.id()));
        return Err(failure.hint("its hooks are run when it has").into());
    };
    let Some(told) = before(&dir, end, arguments.again)? else { return Ok(Exit::Done) };
    let config = Config::load(&home)?.hooks;
    let asked: Vec<Hook> = wanted(&config).collect();
    if asked.is_empty() {
        program::tell("config.toml has no [hooks] to run");
    }
    if told.tries >= MOST_TRIES {
        return give_up(&dir, told, &asked);
    }
    let told = Told { tries: told.tries + 1, ..told };
    hooks::write(&dir, &told)?;
    let event = event::of(&dir, &state, end, told.tries);
    let delivery = Delivery { environment: &environment, hooks: &config, dir: &dir, event: &event };
    deliver_all(&dir, told, &asked, |hook| delivery.of(hook))
}

/// What is known of this end before; `None`: nothing is to be run.
fn before(dir: &ConvoyDir, end: Timestamp, again: bool) -> Result<Option<Told>> {
    if again {
        return Ok(Some(Told::default().of(end)));
    }
    match hooks::read(dir)?.map(|told| told.of(end)) {
        Some(told) if !told.done => Ok(Some(told)),
        Some(_) => {
            program::tell(&format!("the hooks of {} were run already (--again runs them again)", dir.id()));
            Ok(None)
        }
        None => {
            program::tell(&format!("{} was started without hooks (--again runs them)", dir.id()));
            Ok(None)
        }
    }
}

fn wanted(hooks: &Hooks) -> impl Iterator<Item = Hook> + use<> {
    let asked = [
        (Hook::OnEnd, hooks.on_end.is_some()),
        (Hook::Notify, hooks.notify),
        (Hook::Webhook, hooks.webhook.is_some()),
    ];
    asked.into_iter().filter_map(|(hook, is_asked)| is_asked.then_some(hook))
}

fn deliver_all(
    dir: &ConvoyDir,
    mut told: Told,
    asked: &[Hook],
    deliver: impl Fn(Hook) -> Outcome,
) -> Result<Exit> {
    for hook in asked {
        if told.outcome(*hook).is_none() {
            told.outcomes.push(deliver(*hook));
            // Before the next one: should this program be killed there, this one stays done.
            hooks::write(dir, &told)?;
        }
    }
    told.done = true;
    hooks::write(dir, &told)?;
    Ok(report(dir, &told))
}

/// Whoever ran them was lost each time: one of them may be why.
fn give_up(dir: &ConvoyDir, mut told: Told, asked: &[Hook]) -> Result<Exit> {
    for hook in asked {
        if told.outcome(*hook).is_none() {
            let detail = format!("given up: what ran it was killed {MOST_TRIES} times");
            told.outcomes.push(Outcome { hook: *hook, how: How::Failed, detail });
        }
    }
    told.done = true;
    hooks::write(dir, &told)?;
    Ok(report(dir, &told))
}

fn report(dir: &ConvoyDir, told: &Told) -> Exit {
    let mut exit = Exit::Done;
    for outcome in told.outcomes.iter().filter(|outcome| outcome.how != How::Done) {
        let (hook, detail) = (outcome.hook.name(), &outcome.detail);
        let word = if outcome.how == How::Failed { "failed" } else { "was skipped" };
        program::tell(&format!("{}: {}: the hook {hook} {word}: {detail}", crate::NAME, dir.id()));
        if outcome.how == How::Failed {
            exit = Exit::No;
        }
    }
    exit
}

/// Starts this program again, as a process that is nobody's child.
fn leave_behind(dir: &ConvoyDir) -> Result<Exit> {
    let own = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(own);
    command.args(["--detached", dir.id().as_str()]).env("PANOPTICON_HOME", dir.home().root());
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
    scrub(&mut command);
    let started = command.spawn();
    started.map_err(|error| Error::Io { verb: "start", path: crate::NAME.into(), source: error })?;
    Ok(Exit::Done)
}
