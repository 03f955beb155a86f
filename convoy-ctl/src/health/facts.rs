//! What can be seen of each convoy from outside.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::time::SystemTime;

use anyhow::Result;
use base::environment::Environment;
use base::ids::{ConvoyId, Name, Role};
use base::text;
use jiff::{SignedDuration, Timestamp};
use protocol::claim::{self, AttemptFact, Tree};
use protocol::layout::{ConvoyDir, Home};
use protocol::plan::{Launcher, Plan};
use protocol::state::{Agent, AgentStatus, ConvoyStatus, State};
use protocol::store::read_state;
use protocol::watch_lock::{self, Watcher};
use protocol::{catalog, words};
use scheduler::tmux::Tmux;
use serde::Serialize;

/// What ended longer ago is history.
const RECENT: SignedDuration = SignedDuration::from_hours(24);
/// So much of a log's end is read.
const LOG_END: u64 = 64 * 1024;
const LAST_LINES: usize = 5;
/// Lines in which a loop is looked for.
const LOOP_LINES: usize = 200;

/// One convoy.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Convoy {
    pub(super) id: ConvoyId,
    /// `None`: its state cannot be read, for this reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<ConvoyStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completed_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// Of a running one: does anybody see to its end?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) watched: Option<bool>,
    pub(super) agents: Vec<Watched>,
}

/// Is an agent's supervisor at work?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Supervisor {
    Alive,
    /// It ended without a record.
    Gone,
    /// It was launched and has not begun.
    NotYet,
    /// The attempt has ended.
    Over,
}

/// The terminal of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Session {
    There,
    Gone,
    /// The tmux server does not answer.
    Silent,
    /// It runs without one.
    None,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Watched {
    pub(super) role: Role,
    pub(super) status: AgentStatus,
    pub(super) attempt: u32,
    pub(super) runner: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// Its dependencies have ended, yet it does not run.
    pub(super) ready: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limited_until: Option<Timestamp>,
    /// Attempts that were lost, that never began, or that failed.
    pub(super) spoilt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supervisor: Option<Supervisor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Session>,
    /// Since it began, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) running_s: Option<i64>,
    /// Its time limit, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit_s: Option<i64>,
    /// Since its log or event stream was written last, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) silent_s: Option<i64>,
    /// The one line or two that fill the end of its log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) repeats: Option<String>,
    pub(super) last_lines: Vec<String>,
}

/// Every running convoy, what ended lately, and what cannot be read; the newest first.
pub(super) fn gather(
    environment: &Environment,
    except: Option<&ConvoyId>,
    now: Timestamp,
) -> Result<Vec<Convoy>> {
    let mut convoys = Vec::new();
    for id in catalog::all_ids(&Home::of(environment))? {
        if Some(&id) != except {
            convoys.extend(look(&Home::of(environment).convoy(&id), now));
        }
    }
    convoys.sort_by(|a, b| b.started_at.cmp(&a.started_at).then_with(|| a.id.cmp(&b.id)));
    Ok(convoys)
}

/// `None`: it ended long ago, or belongs to the previous system.
fn look(dir: &ConvoyDir, now: Timestamp) -> Option<Convoy> {
    let state = match read_state(dir) {
        Ok(state) => state,
        Err(base::Error::State { source: base::StateProblem::Legacy, .. }) => return None,
        Err(error) => return Some(unreadable(dir, base::error::chain(&error))),
    };
    if state.completed_at.is_some_and(|at| now.duration_since(at) > RECENT) {
        return None;
    }
    let plan = Plan::read(dir).ok();
    let running = !state.ended();
    Some(Convoy {
        id: state.id.clone(),
        status: Some(state.status),
        error: None,
        started_at: Some(state.started_at),
        completed_at: state.completed_at,
        reason: state.reason.map(|reason| words::reason(reason, None)),
        watched: running.then(|| watch_lock::watcher(dir).is_ok_and(Watcher::works)),
        agents: state.agents.iter().map(|agent| watch(dir, &state, plan.as_ref(), agent, now)).collect(),
    })
}

fn unreadable(dir: &ConvoyDir, error: String) -> Convoy {
    Convoy {
        id: dir.id().clone(),
        status: None,
        error: Some(error),
        started_at: None,
        completed_at: None,
        reason: None,
        watched: None,
        agents: Vec::new(),
    }
}

fn watch(dir: &ConvoyDir, state: &State, plan: Option<&Plan>, agent: &Agent, now: Timestamp) -> Watched {
    let planned = plan.and_then(|plan| plan.agent(&agent.role));
    let at_work = agent.status == AgentStatus::Running;
    let files = dir.attempt(&agent.role, agent.attempt);
    let ended = |role: &Role| state.agent(role).is_none_or(Agent::ended);
    let log = if at_work { end_of(&files.log()) } else { String::new() };
    let lines = clean_lines(&log);
    Watched {
        role: agent.role.clone(),
        status: agent.status,
        attempt: agent.attempt,
        runner: agent.runner.clone(),
        reason: agent.reason.map(|reason| text::visible(&words::reason(reason, agent.detail.as_deref()))),
        ready: agent.status == AgentStatus::Pending
            && agent.not_before.is_none()
            && agent.backoff_until.is_none()
            && planned.is_some_and(|planned| planned.depends_on.iter().all(ended)),
        limited_until: agent.not_before.filter(|_| agent.status == AgentStatus::Pending),
        spoilt: agent.losses + agent.voids + agent.failures,
        supervisor: at_work.then(|| supervisor(dir, agent)).flatten(),
        session: at_work.then(|| session(dir, plan, agent)),
        running_s: agent.started_at.filter(|_| at_work).map(|at| now.duration_since(at).as_secs()),
        limit_s: planned.map(|planned| (planned.timeout_ms / 1000) as i64),
        silent_s: if at_work { silence(&[files.log(), files.stream()]) } else { None },
        repeats: repeated(&lines),
        last_lines: lines.iter().rev().take(LAST_LINES).rev().cloned().collect(),
    }
}

fn supervisor(dir: &ConvoyDir, agent: &Agent) -> Option<Supervisor> {
    match claim::read_attempt(&dir.attempt(&agent.role, agent.attempt), Tree::Unknown).ok()? {
        AttemptFact::Unclaimed => Some(Supervisor::NotYet),
        AttemptFact::Held(_) => Some(Supervisor::Alive),
        AttemptFact::Gone { .. } => Some(Supervisor::Gone),
        AttemptFact::Void | AttemptFact::Ended(..) => Some(Supervisor::Over),
    }
}

fn session(dir: &ConvoyDir, plan: Option<&Plan>, agent: &Agent) -> Session {
    match plan.map(|plan| &plan.launcher) {
        Some(Launcher::Tmux { program, socket }) => {
            let tmux = Tmux::new(program.as_path(), socket.as_path());
            match tmux.has_session(&dir.home(), &agent.tmux_session) {
                Ok(true) => Session::There,
                Ok(false) => Session::Gone,
                Err(_) => Session::Silent,
            }
        }
        Some(Launcher::Process) | None => Session::None,
    }
}

/// Since the newest of these files was written.
fn silence(files: &[std::path::PathBuf]) -> Option<i64> {
    let written = files.iter().filter_map(|file| std::fs::metadata(file).ok()?.modified().ok()).max()?;
    let since = SystemTime::now().duration_since(written).unwrap_or_default();
    i64::try_from(since.as_secs()).ok()
}

fn end_of(log: &std::path::Path) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(LOG_END)))?;
        let mut bytes = Vec::new();
        file.take(LOG_END).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

/// The last lines of a log that hold anything, without control sequences.
fn clean_lines(log: &str) -> Vec<String> {
    let clean = |line: &str| text::visible(text::without_sequences(line).trim());
    let mut lines: Vec<String> =
        log.lines().rev().map(clean).filter(|line| !line.is_empty()).take(LOOP_LINES).collect();
    lines.reverse();
    lines
}

/// A log that says the same few lines over and over, but for numbers.
fn repeated(lines: &[String]) -> Option<String> {
    const ENOUGH: usize = 40;
    if lines.len() < ENOUGH {
        return None;
    }
    let shape = |line: &String| -> String { line.chars().filter(|c| !c.is_ascii_digit()).collect() };
    let shapes: BTreeSet<String> = lines.iter().map(shape).collect();
    (shapes.len() <= 3).then(|| lines.last().cloned().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_repeats_itself_is_a_loop() {
        let lines = |n: usize, f: fn(usize) -> String| -> Vec<String> { (0..n).map(f).collect() };
        assert!(repeated(&lines(60, |n| format!("retry {n} of 1000"))).is_some());
        assert!(repeated(&lines(10, |n| format!("retry {n}"))).is_none(), "too few to tell");
        assert!(repeated(&lines(60, |n| format!("file {}", char::from(b'a' + (n % 26) as u8)))).is_none());
    }
}
