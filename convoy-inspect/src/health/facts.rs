//! What can be seen of each convoy from outside.

use std::collections::BTreeSet;
use std::time::SystemTime;

use anyhow::Result;
use base::IoContext as _;
use base::environment::Environment;
use base::error::chain;
use base::ids::{ConvoyId, Name, Role};
use base::{files, text};
use jiff::{SignedDuration, Timestamp};
use protocol::agent::Agent;
use protocol::claim::{self, AttemptFact, Tree};
use protocol::layout::{ConvoyDir, Home};
use protocol::outcome::AgentStatus;
use protocol::plan::{Launcher, Plan};
use protocol::state::{ConvoyStatus, State};
use protocol::store::read_state;
use protocol::watch_lock::{self, Watcher};
use protocol::{convoys, reasons};
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
    /// What of it could not be looked at, and why: nothing is said of that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unseen: Vec<String>,
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
    /// As of a convoy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) unseen: Vec<String>,
}

/// Takes down why something could not be looked at.
fn seen<T>(found: base::Result<T>, unseen: &mut Vec<String>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(error) => {
            unseen.push(chain(&error));
            None
        }
    }
}

/// Every running convoy, what ended lately, and what cannot be read; the newest first.
pub(super) fn gather(
    environment: &Environment,
    except: Option<&ConvoyId>,
    now: Timestamp,
) -> Result<Vec<Convoy>> {
    let mut convoys = Vec::new();
    for id in convoys::all_ids(&Home::of(environment))? {
        if Some(&id) != except {
            convoys.extend(look(&Home::of(environment).convoy(&id), now));
        }
    }
    convoys.sort_by(|a, b| b.started_at.cmp(&a.started_at).then_with(|| a.id.cmp(&b.id)));
    Ok(convoys)
}

/// `None`: it ended long ago, belongs to the previous system, or was just removed.
fn look(dir: &ConvoyDir, now: Timestamp) -> Option<Convoy> {
    let state = match read_state(dir) {
        Ok(state) => state,
        Err(base::Error::State { source: base::StateProblem::Legacy, .. } | base::Error::NoConvoy(_)) => {
            return None;
        }
        Err(error) => return Some(unreadable(dir, chain(&error))),
    };
    if state.completed_at.is_some_and(|at| now.duration_since(at) > RECENT) {
        return None;
    }
    let mut unseen = Vec::new();
    let plan = seen(Plan::read(dir), &mut unseen);
    let running = !state.ended();
    let watcher = if running { seen(watch_lock::watcher(dir), &mut unseen) } else { None };
    Some(Convoy {
        id: state.id.clone(),
        status: Some(state.status),
        error: None,
        started_at: Some(state.started_at),
        completed_at: state.completed_at,
        reason: state.reason.map(|reason| reasons::reason(reason, None)),
        watched: watcher.map(Watcher::works),
        unseen,
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
        unseen: Vec::new(),
        agents: Vec::new(),
    }
}

fn watch(dir: &ConvoyDir, state: &State, plan: Option<&Plan>, agent: &Agent, now: Timestamp) -> Watched {
    let planned = plan.and_then(|plan| plan.agent(&agent.role));
    let at_work = agent.is_running();
    let attempt = dir.attempt(&agent.role, agent.attempt);
    let ended = |role: &Role| state.agent(role).is_none_or(Agent::ended);
    let mut unseen = Vec::new();
    let log =
        if at_work { seen(files::read_end(&attempt.log(), LOG_END), &mut unseen).flatten() } else { None };
    let lines = clean_lines(&String::from_utf8_lossy(&log.unwrap_or_default()));
    Watched {
        role: agent.role.clone(),
        status: agent.status(),
        attempt: agent.attempt,
        runner: agent.runner.clone(),
        reason: agent.why().map(|why| text::visible(&why)),
        ready: agent.is_pending()
            && agent.not_before().is_none()
            && agent.wait().is_none_or(|wait| wait.backoff_until.is_none())
            && planned
                .is_some_and(|planned| planned.fan_out.is_none() && planned.depends_on.iter().all(ended)),
        limited_until: agent.not_before(),
        spoilt: agent.losses + agent.voids + agent.failures,
        supervisor: if at_work { seen(supervisor(dir, agent), &mut unseen) } else { None },
        session: plan.filter(|_| at_work).and_then(|plan| session(dir, plan, agent, &mut unseen)),
        running_s: agent.started_at.filter(|_| at_work).map(|at| now.duration_since(at).as_secs()),
        limit_s: planned.map(|planned| (planned.timeout_ms / 1000) as i64),
        silent_s: if at_work {
            seen(silence(&[attempt.log(), attempt.stream()]), &mut unseen).flatten()
        } else {
            None
        },
        repeats: repeated(&lines),
        last_lines: lines.iter().rev().take(LAST_LINES).rev().cloned().collect(),
        unseen,
    }
}

fn supervisor(dir: &ConvoyDir, agent: &Agent) -> base::Result<Supervisor> {
    Ok(match claim::read_attempt(&dir.attempt(&agent.role, agent.attempt), Tree::Unknown)? {
        AttemptFact::Unclaimed => Supervisor::NotYet,
        AttemptFact::Held(_) => Supervisor::Alive,
        AttemptFact::Gone { .. } => Supervisor::Gone,
        AttemptFact::Void | AttemptFact::Ended(..) => Supervisor::Over,
    })
}

fn session(dir: &ConvoyDir, plan: &Plan, agent: &Agent, unseen: &mut Vec<String>) -> Option<Session> {
    let Launcher::Tmux { program, socket } = &plan.launcher else { return Some(Session::None) };
    let tmux = Tmux::new(program.as_path(), socket.as_path());
    match tmux.has_session(&dir.home(), &agent.tmux_session) {
        Err(base::Error::Silent { .. }) => Some(Session::Silent),
        found => seen(found, unseen).map(|there| if there { Session::There } else { Session::Gone }),
    }
}

/// Since the newest of these files was written; `None`: none of them is there.
fn silence(paths: &[std::path::PathBuf]) -> base::Result<Option<i64>> {
    let mut newest: Option<SystemTime> = None;
    for file in paths {
        let Some(found) = files::find(file).context("look at", file)? else { continue };
        newest = newest.max(Some(found.modified().context("look at", file)?));
    }
    // Written later than now: the clock was set back.
    let since = newest.map(|newest| SystemTime::now().duration_since(newest).unwrap_or_default());
    Ok(since.map(|since| since.as_secs() as i64))
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
