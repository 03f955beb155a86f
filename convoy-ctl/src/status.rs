//! `status`: one convoy, once or live.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Result;
use base::environment::Environment;
use base::error::chain;
use base::exit::Exit;
use base::ids::{ConvoyId, Role};
use base::inotify::ConvoyWatch;
use base::style::Style;
use base::{files, program, text};
use jiff::Timestamp;
use protocol::agent::{Agent, Shared};
use protocol::budget;
use protocol::far::{self, Shown};
use protocol::hooks::{self, How};
use protocol::layout::{ConvoyDir, Home};
use protocol::plan::Plan;
use protocol::state::State;
use protocol::store::{Store, read_state};
use protocol::watch_lock;

use crate::screen::status::{Picture, render};
use crate::steer::{Tell, how_it_ended, judgement, told};

/// Elapsed times tick on a live picture.
const TICK: Duration = Duration::from_secs(1);
/// The end of a log that is looked at for its last line.
const LOG_END: u64 = 4096;

/// Prints the convoy's state for a program.
pub(crate) fn as_json(environment: &Environment, id: &ConvoyId) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let mut state = read_state(&dir)?;
    for (role, shown) in places(&dir, &state) {
        if let Some(agent) = state.agents.iter_mut().find(|agent| agent.role == role) {
            agent.extra.insert("place".to_owned(), serde_json::to_value(shown)?);
        }
    }
    program::print(&format!("{}\n", serde_json::to_string_pretty(&state)?))?;
    Ok(Exit::Done)
}

/// Prints the picture once.
pub(crate) fn once(environment: &Environment, id: &ConvoyId) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let state = read_state(&dir)?;
    let plan = Plan::read(&dir);
    let mut text = picture(&dir, &state, &plan, &Style::of_stdout(environment));
    if state.ended()
        && let Some(line) = told(&judgement(environment, &state))
    {
        let _ = write!(text, "\n{line}\n");
    }
    program::print(&text)?;
    Ok(Exit::Done)
}

/// Keeps the picture live on a terminal; else a line for each change. Ends with
/// the convoy, and with its verdict.
pub(crate) fn follow(environment: &Environment, id: &ConvoyId, tell: Tell) -> Result<Exit> {
    let dir = Home::of(environment).convoy(id);
    let mut store = Store::new(dir.clone());
    store.read()?;
    let mut watch = ConvoyWatch::new(dir.dir());
    let plan = Plan::read(&dir);
    let terminal = std::io::stdout().is_terminal();
    let mut drawn = 0;
    let mut said = String::new();
    loop {
        let state = store.read()?.clone();
        if terminal {
            let text = picture(&dir, &state, &plan, &Style::of_stdout(environment));
            // Up over the last picture, each line cleared behind its text: no flicker.
            let up = if drawn > 0 { format!("\x1b[{drawn}A") } else { String::new() };
            program::print(&format!("{up}{}\x1b[J", text.replace('\n', "\x1b[K\n")))?;
            drawn = text.lines().count();
        } else {
            let line = summary(&state);
            if line != said {
                program::print(&line)?;
                said = line;
            }
        }
        if state.ended() {
            let judged = judgement(environment, &state);
            if let Some(line) = told(&judged).filter(|_| tell != Tell::Nowhere) {
                program::print(&format!("\n{line}\n"))?;
            }
            return Ok(how_it_ended(&state, &judged));
        }
        watch.wait(TICK);
    }
}

fn summary(state: &State) -> String {
    let agents: Vec<String> = state
        .agents
        .iter()
        .map(|agent| format!("{} {}", agent.role, crate::screen::status::word(agent.status())))
        .collect();
    format!("{}: {}\n", state.id, agents.join(", "))
}

fn picture(dir: &ConvoyDir, state: &State, plan: &base::Result<Plan>, style: &Style) -> String {
    let now = Timestamp::now();
    let running = state.agents.iter().filter(|agent| agent.is_running());
    let last_lines = running.filter_map(|agent| Some((agent.role.clone(), last_line(dir, agent)?))).collect();
    let places = places(dir, state);
    let unwatched = watch_lock::deserted(dir, state.status, state.started_at, now);
    let mut troubles = troubles(dir, state, plan, style);
    let mut used = budget::total(state);
    match budget::live(dir, state, None) {
        Ok(live) => used = used.plus(live),
        Err(error) => troubles.push(format!("what is spent now is not known: {}", chain(&error))),
    }
    let picture =
        Picture { state, plan: plan.as_ref().ok(), now, last_lines, places, unwatched, used, troubles };
    render(&picture, style)
}

/// Where running agents are that were placed elsewhere. For people: what cannot be
/// read is not shown.
fn places(dir: &ConvoyDir, state: &State) -> BTreeMap<Role, Shown> {
    let running = state.agents.iter().filter(|agent| agent.is_running());
    let place = |agent: &Shared| {
        let shown = far::shown(&dir.attempt(&agent.role, agent.attempt).far()).ok()??;
        Some((agent.role.clone(), shown))
    };
    running.filter_map(place).collect()
}

/// What keeps a convoy from going on here, and what to do about it.
fn troubles(dir: &ConvoyDir, state: &State, plan: &base::Result<Plan>, style: &Style) -> Vec<String> {
    let told = |error: &base::Error| {
        let hint = error.hint().map(|hint| style.command(&hint));
        [Some(chain(error)), hint].into_iter().flatten().collect()
    };
    match plan {
        Err(error) => told(error),
        Ok(_) if state.ended() => hook_troubles(dir, state, style),
        Ok(_) => scheduler::check(dir, state).err().as_ref().map_or(Vec::new(), told),
    }
}

/// What the user's hooks came to, where that is not well.
fn hook_troubles(dir: &ConvoyDir, state: &State, style: &Style) -> Vec<String> {
    let told = match hooks::read(dir) {
        Ok(told) => told.unwrap_or_default(),
        Err(error) => return vec![format!("what became of its hooks is not known: {}", chain(&error))],
    };
    if hooks::are_due(dir, state) {
        // What cannot be asked is not said to be missing.
        let is_left = matches!(hooks::are_running(dir), Ok(false));
        let words = format!("its hooks are not run yet: pan convoy resume {}", state.id.short());
        return is_left.then(|| style.command(&words)).into_iter().collect();
    }
    let failed = told.outcomes.iter().filter(|outcome| outcome.how == How::Failed);
    failed.map(|outcome| format!("the hook {} failed: {}", outcome.hook.name(), outcome.detail)).collect()
}

/// The last line an agent printed, without control sequences, or why it is not known.
fn last_line(dir: &ConvoyDir, agent: &Agent) -> Option<String> {
    let log = match files::read_end(&dir.attempt(&agent.role, agent.attempt).log(), LOG_END) {
        Ok(log) => log?,
        Err(error) => return Some(format!("({})", chain(&error))),
    };
    let log = String::from_utf8_lossy(&log);
    log.lines()
        .rev()
        .map(|line| text::visible(text::without_sequences(line).trim()))
        .find(|line| !line.is_empty())
}
