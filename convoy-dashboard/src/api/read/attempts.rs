//! The attempts of an agent: who made each, where, with what, and how it ended.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::{Path as Segments, State};
use axum::http::Uri;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use base::error::IoContext;
use base::text;
use protocol::agent::Agent;
use protocol::far::{self, Shown};
use protocol::layout::{AttemptFiles, ConvoyDir, Home};
use protocol::placeholder;
use protocol::plan::{AgentPlan, Invocation, Launcher, Plan};
use protocol::reasons;
use protocol::record::{ExitRecord, Outcome};
use protocol::state::State as ConvoyState;
use protocol::store::read_state;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, id, json_of, open_of, query, role};
use crate::api::context::App;
use crate::http::body;
use crate::http::problem::Problem;
use crate::live::summary::place_json;

/// Of one agent, the newest first.
const MOST: u32 = 100;

/// Every attempt of an agent, the newest first.
pub(crate) async fn attempts(
    State(app): State<Arc<App>>,
    Segments((text, name)): Segments<(String, String)>,
) -> Answer {
    let dir = Home::of(&app.environment).convoy(&id(&text)?);
    let state = read_state(&dir)?;
    let agent = state.agent(&role(&name)?).ok_or_else(|| Problem::not_found("there is no such agent"))?;
    // Without its plan who made an attempt is not known, and that is told; how it ended is known.
    let (plan, problem) = match Plan::read(&dir) {
        Ok(plan) => (Some(plan), None),
        Err(error) => (None, Some(base::error::chain(&error))),
    };
    let numbers = (1..=agent.attempt).rev().take(MOST as usize);
    let made = numbers.map(|number| attempt(&dir, &state, plan.as_ref(), agent, number));
    let made = made.collect::<Result<Vec<Value>, Problem>>()?;
    Ok(json_of(&json!({ "attempts": made, "problem": problem })))
}

fn attempt(
    dir: &ConvoyDir,
    state: &ConvoyState,
    plan: Option<&Plan>,
    agent: &Agent,
    number: u32,
) -> Result<Value, Problem> {
    let files = dir.attempt(&agent.role, number);
    let record = ExitRecord::read(&files)?;
    let planned = plan.and_then(|plan| plan.agent(&agent.role));
    let place = agent.handover_of(number).map_or(0, |handover| handover.place);
    let invocation = planned.and_then(|planned| planned.chain().nth(place));
    let shown = far::shown(&files.far())?;
    let fenced = agent.fenced.as_ref().filter(|fence| fence.attempt == number);
    let size = |path: PathBuf| {
        let found = base::files::find(&path).context("look at", &path)?;
        Ok::<_, Problem>(found.map(|found| found.len()))
    };
    Ok(json!({
        "attempt": number,
        "runner": invocation.map(|one| &one.runner),
        "model": invocation.and_then(|one| one.model.as_ref()),
        "command": invocation.map(command),
        "executor": planned.map(executor),
        "place": where_it_ran(state, plan, agent, &files, shown.as_ref(), record.is_some() || fenced.is_some())?,
        "placed": shown.as_ref().map(place_json),
        "fenced": fenced.map(|fence| json!({ "by": text::visible(&fence.by), "at": fence.at })),
        "startedAt": record.as_ref().map(|record| record.started_at),
        "endedAt": record.as_ref().map(|record| record.ended_at),
        "ending": record.as_ref().map(ending),
        "exitCode": record.as_ref().and_then(|record| record.exit_code),
        "signal": record.as_ref().and_then(|record| record.signal),
        "usage": record.as_ref().and_then(|record| record.usage),
        "logBytes": size(files.log())?,
        "promptBytes": size(files.prompt())?,
    }))
}

/// What places its command; `local`: nothing, it runs beside its supervisor.
fn executor(planned: &AgentPlan) -> String {
    planned.placement.as_ref().map_or_else(|| "local".to_owned(), |one| one.executor.to_string())
}

/// As the plan has it: what is put in its braces is made when it runs.
fn command(invocation: &Invocation) -> String {
    let program = text::path(invocation.program.as_path());
    let words = invocation.argv.iter().map(|word| placeholder::shown(word.as_ref()).clone());
    std::iter::once(program).chain(words).collect::<Vec<String>>().join(" ")
}

/// `completed`, or why it did not come to that, in words.
fn ending(record: &ExitRecord) -> String {
    match &record.outcome {
        Outcome::Completed => "completed".to_owned(),
        Outcome::NeverRan => "its command could not be started".to_owned(),
        Outcome::Failed { reason } => reasons::reason(*reason, record.detail.as_deref()),
        Outcome::RateLimited { until: Some(until) } => format!("rate limited until {until}"),
        Outcome::RateLimited { until: None } => "rate limited".to_owned(),
    }
}

/// The machine, the session or the process, and who claimed it; of one that was placed
/// elsewhere, the node, and where its supervisor is.
fn where_it_ran(
    state: &ConvoyState,
    plan: Option<&Plan>,
    agent: &Agent,
    files: &AttemptFiles,
    shown: Option<&Shown>,
    is_over: bool,
) -> Result<String, Problem> {
    let host = text::visible(&state.host);
    let by = match plan.map(|plan| &plan.launcher) {
        Some(Launcher::Tmux { .. }) => {
            format!("in tmux, session {}", text::visible(&agent.tmux_session))
        }
        Some(Launcher::Process) => "as a process without a terminal".to_owned(),
        None => "by an unknown launcher".to_owned(),
    };
    let claims = base::files::read_if_there(&files.started())?.unwrap_or_default();
    let lines =
        claims.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let pid = lines.filter_map(|line| line["command"]["pid"].as_u64()).next_back();
    let pid = pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
    let here = format!("on {host} {by}{pid}");
    let run = far::last_run(&files.far())?;
    let node = run.map(|run| far::owner(&files.far(), run)).transpose()?.flatten().map(|owner| owner.node);
    let there = match (shown, node) {
        // Of what is over nothing runs any more.
        (Some(Shown::Lost { why }), _) if is_over => format!("lost: {why}"),
        (Some(lost @ Shown::Lost { .. }), _) => lost.words(),
        (_, Some(node)) => format!("on {node}"),
        (Some(_), None) if is_over => "nowhere: it never left the queue".to_owned(),
        (Some(shown), None) => shown.words(),
        (None, None) => return Ok(here),
    };
    Ok(format!("{}; its supervisor {here}", text::visible(&there)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PromptQuery {
    attempt: Option<u32>,
}

/// What an attempt was asked, byte for byte.
pub(crate) async fn prompt(
    State(app): State<Arc<App>>,
    Segments((text, name)): Segments<(String, String)>,
    uri: Uri,
) -> Answer {
    let asked: PromptQuery = query(&uri)?;
    let dir = Home::of(&app.environment).convoy(&id(&text)?);
    let state = read_state(&dir)?;
    let agent = state.agent(&role(&name)?).ok_or_else(|| Problem::not_found("there is no such agent"))?;
    let attempt = asked.attempt.unwrap_or(agent.attempt);
    let path = dir.attempt(&agent.role, attempt).prompt();
    let mut file = open_of(&path, agent, "prompt", attempt)?;
    let body = body::written(move |out| Ok(io::copy(&mut file, out).map(drop)?));
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], body.await?).into_response())
}
