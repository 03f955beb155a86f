//! Which convoy is meant, and how it stands. Only those of the project this server was
//! started in: another one's are not its client's.

use base::error::chain;
use base::exit::Exit;
use base::program::Failure;
use planning::diagnostic;
use planning::project::Project;
use protocol::agent::Agent;
use protocol::layout::{ConvoyDir, Home};
use protocol::outcome::{AgentStatus, Reason};
use protocol::plan::Plan;
use protocol::state::{ConvoyStatus, State};
use protocol::{reasons, watch_lock};
use serde_json::{Map, Value, json};
use verdict::{Judgement, reviewer};

use super::Desk;
use super::answer::{Answer, line};

/// Agents of one answer.
const MOST_AGENTS: usize = 80;
/// Details of agents in one answer.
const MOST_DETAILS: usize = 10;
/// Obstacles to a verdict in one answer; the first is in the sentence as well.
const MOST_OBSTACLES: usize = 10;
/// Running agents that are named in a line of progress.
const MOST_NAMED: usize = 5;

impl Desk {
    /// The convoy that is meant, and its directory: as `pan convoy status` finds it.
    pub(crate) fn convoy(&self, id: Option<&str>) -> Result<(ConvoyDir, State), Failure> {
        let mut words = vec!["status".to_owned(), "--json".to_owned()];
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            words.extend(["--".to_owned(), id.to_owned()]);
        }
        let said = self.run("convoy-ctl", &words)?;
        let state: State = serde_json::from_slice(&said.stdout)
            .map_err(|error| Failure::new(Exit::State, format!("convoy-ctl printed no state: {error}")))?;
        let project =
            Project::current(&self.environment).map_err(|problem| diagnostic::failure(&[problem], ""))?;
        if !project.holds(state.context.project_path.as_path()) {
            return Err(Failure::new(Exit::NotFound, format!("{} is of another project", state.id))
                .hint("call list for the convoys of this one"));
        }
        Ok((Home::of(&self.environment).convoy(&state.id), state))
    }
}

/// What a review came to: the same judgement as every other program's.
pub(crate) type Judged = base::Result<Option<Judgement>>;

/// `None` where there is nothing to judge: it runs, or it is no review.
pub(crate) fn judged(dir: &ConvoyDir, state: &State) -> Judged {
    if !state.ended() {
        return Ok(None);
    }
    Ok(verdict::of_convoy(dir, &Plan::read(dir)?, state))
}

/// In a sentence: that it runs, or how it ended and what it came to.
pub(crate) fn sentence(state: &State, judged: &Judged) -> String {
    let ended = state.agents.iter().filter(|agent| agent.ended()).count();
    let total = state.agents.len();
    let stands = match (state.status, state.reason) {
        (ConvoyStatus::Running, _) if state.stopping.is_some() => "is being stopped".to_owned(),
        (ConvoyStatus::Running, _) => format!("is still running: {ended} of {total} agents have ended"),
        (ConvoyStatus::Completed, _) => "has ended: completed".to_owned(),
        (ConvoyStatus::Partial, _) => "has ended in part: not every agent did its work".to_owned(),
        (ConvoyStatus::Failed, Some(Reason::Stopped)) => "was stopped".to_owned(),
        (ConvoyStatus::Failed, _) => "has failed".to_owned(),
    };
    let verdict = match judged {
        Ok(None) => String::new(),
        Ok(Some(judged)) => format!(". {}", judged.line()),
        Err(error) => format!(". no verdict: {}", chain(error)),
    };
    format!("{} {stands}{verdict}", state.id)
}

/// How it stands, whole.
pub(crate) fn picture(dir: &ConvoyDir, state: &State) -> Answer {
    let judged = judged(dir, state);
    let mut answer = Answer::new(&sentence(state, &judged))
        .with("convoy", json!(state.id))
        .with("ended", json!(state.ended()))
        .with("status", json!(state.status))
        .with("template", json!(state.template))
        .with("startedAt", json!(state.started_at))
        .with("endedAt", json!(state.completed_at))
        .with("agents", agents(state))
        .with("agentsNotShown", json!(state.agents.len().saturating_sub(MOST_AGENTS)));
    if let Ok(Some(judged)) = &judged {
        answer = answer.with("verdict", of_review(judged));
    }
    let details: Map<String, Value> = told(state)
        .filter_map(|agent| Some((agent.role.to_string(), json!(line(agent.detail()?)))))
        .take(MOST_DETAILS)
        .collect();
    if !details.is_empty() {
        answer = answer.data("details", Value::Object(details));
    }
    match trouble(dir, state) {
        Some(trouble) => answer.with("trouble", json!(trouble)),
        None => answer,
    }
}

/// Why nothing goes on with one that runs.
fn trouble(dir: &ConvoyDir, state: &State) -> Option<String> {
    let watcher = watch_lock::deserted(dir, state.status, state.started_at, jiff::Timestamp::now())?;
    let why = watcher.trouble(dir.id())?;
    Some(format!("{why}; whoever has a terminal can help: pan convoy resume {}", dir.id().short()))
}

/// The agents, those first that somebody may want to look into; a convoy can have
/// hundreds.
fn told(state: &State) -> impl Iterator<Item = &Agent> {
    let (completed, others): (Vec<&Agent>, Vec<&Agent>) =
        state.agents.iter().map(AsRef::as_ref).partition(|agent| agent.is_completed());
    others.into_iter().chain(completed).take(MOST_AGENTS)
}

fn agents(state: &State) -> Value {
    let agents = told(state).map(|agent| {
        let words = agent.reason().map(|reason| (reason, reasons::reason(reason, None)));
        json!({
            "role": agent.role,
            "runner": agent.runner,
            "status": agent.status(),
            "attempt": agent.attempt,
            // Its detail is the agent's own words.
            "why": words.map(|(reason, words)| if words.is_empty() { json!(reason) } else { json!(words) }),
        })
    });
    agents.collect()
}

/// `1 of 4 agents have ended; running: security`
pub(crate) fn progress(state: &State) -> String {
    let ended = state.agents.iter().filter(|agent| agent.ended()).count();
    let running: Vec<&str> = state
        .agents
        .iter()
        .filter(|agent| agent.status() == AgentStatus::Running)
        .map(|agent| agent.role.as_str())
        .take(MOST_NAMED)
        .collect();
    let running =
        if running.is_empty() { String::new() } else { format!("; running: {}", running.join(", ")) };
    format!("{ended} of {} agents have ended{running}", state.agents.len())
}

/// The verdict and what it rests on.
fn of_review(judged: &Judgement) -> Value {
    let evidence = &judged.evidence;
    json!({
        "verdict": judged.verdict,
        "line": line(&judged.line()),
        "gate": evidence.gate,
        "gateOn": evidence.gate_on,
        "blocking": judged.blocking,
        "old": judged.old,
        "obstaclesNotShown": judged.obstacles.len().saturating_sub(MOST_OBSTACLES),
        "obstacles": judged.obstacles.iter().take(MOST_OBSTACLES).map(|why| line(why)).collect::<Vec<_>>(),
        "filesGiven": evidence.files,
        "filesRead": reviewer::count_read(&evidence.reviewers).map(|read| read.min(evidence.files)),
    })
}
