//! Which verb does what; the convoys that are meant are found before it.

use std::collections::BTreeSet;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};

use crate::choose::{one, one_or_current, several};
use crate::cli::{SkillsVerb, Verb};
use crate::steer::Tell;
use crate::{
    NAME, agents, attach, chat, costs, decisions, doctor, events, executors, graph, init, inspect,
    interrupted, list, logs, remove, result, runners, show, skills, status, steer, templates,
};

pub(crate) fn dispatch(environment: &Environment, verb: Verb) -> Result<Exit> {
    let named = |id: &str| one(environment, id);
    let meant = |id: Option<String>| one_or_current(environment, id.as_deref());
    match verb {
        Verb::Status { id, follow, caller_stops, json } => {
            show(environment, &meant(id)?, follow, caller_stops, json)
        }
        Verb::List(asked) => list::run(environment, asked),
        Verb::Attach { id, role, chat: true, .. } => chat::open(environment, &named(&id)?, &role),
        Verb::Attach { id, role, chat: false, write } => {
            attach::attach(environment, &named(&id)?, &role, write)
        }
        Verb::Logs { id, role, follow, attempt } => {
            logs::logs(environment, &named(&id)?, &role, attempt, follow)
        }
        Verb::Events { id, follow, json } => events::events(environment, &meant(id)?, follow, json),
        Verb::Graph { id, format } => graph::graph(environment, &meant(id)?, format),
        Verb::Output { id, agent, role } => {
            result::output(environment, &meant(id)?, agent.or(role).as_deref())
        }
        Verb::Findings { id, format } => result::findings(environment, &meant(id)?, &format),
        Verb::Show { finding, run, json } => {
            let run = run.map(|id| named(&id)).transpose()?;
            show::show(environment, &finding, run, json)
        }
        Verb::Init(arguments) => init::run(environment, &arguments),
        Verb::Decisions { what, all, json } => decisions::run(environment, what, all, json),
        Verb::Rm { ids, force } => each(environment, &ids, |id| remove::rm(environment, id, force)),
        Verb::Prune { older_than, keep_reports, dry_run, quiet } => {
            let reports = if keep_reports { remove::Reports::Stay } else { remove::Reports::Go };
            remove::prune(environment, older_than.into(), reports, dry_run, quiet)
        }
        Verb::Doctor { live, executor, fix, json } => {
            doctor::doctor(environment, json, live, executor.as_ref(), fix)
        }
        Verb::Agents { what, json } => agents::run(environment, what, json),
        Verb::Templates { what, json } => templates::run(environment, what, json),
        Verb::Inventory(asked) => inspect::inventory(environment, asked),
        Verb::Triage(asked) => inspect::triage(environment, asked),
        Verb::Health(asked) => inspect::health(environment, asked),
        Verb::Skills { what: None } => skills::list(),
        Verb::Skills { what: Some(SkillsVerb::Install { to, force, dry_run }) } => {
            skills::install(environment, to.as_deref(), force, dry_run)
        }
        Verb::Runners { usage: true, what: None, json } => runners::usage(environment, json),
        Verb::Runners { what, json, .. } => runners::run(environment, what, json),
        Verb::Executors { what, json } => executors::run(environment, what, json),
        Verb::Fence { id, role } => steer::fence(environment, &named(&id)?, &role),
        Verb::Stop { ids, grace, force } => {
            each(environment, &ids, |id| steer::stop(environment, id, grace.into(), force))
        }
        Verb::Retry { id, role, timeout, watch } => {
            steer::retry(environment, &named(&id)?, role.as_deref(), timeout.map(Into::into), watch)
        }
        Verb::Synthesize { id, watch } => steer::synthesize(environment, &named(&id)?, watch),
        Verb::Resume { id, all: false, watch } => steer::resume(environment, &[meant(id)?], watch),
        Verb::Resume { all: true, watch, .. } => {
            steer::resume(environment, &steer::everything(environment)?, watch)
        }
        Verb::Costs { since, all, json } => costs::run(environment, (!all).then(|| since.into()), json),
        Verb::Wait { ids, caller_stops, started_here, timeout } => {
            let ids = several(environment, &ids)?;
            let tell = how_to_tell(&ids, caller_stops, if started_here { Tell::Err } else { Tell::Out })?;
            steer::wait(environment, &ids, timeout.map(Into::into), tell)
        }
    }
}

fn show(
    environment: &Environment,
    id: &ConvoyId,
    follow: bool,
    caller_stops: bool,
    json: bool,
) -> Result<Exit> {
    if json {
        return status::as_json(environment, id);
    }
    if !follow {
        return status::once(environment, id);
    }
    let tell = how_to_tell(std::slice::from_ref(id), caller_stops, Tell::Out)?;
    status::follow(environment, id, tell)
}

/// Whoever ends this may end the convoys as well: then there is nothing to tell.
fn how_to_tell(ids: &[ConvoyId], caller_stops: bool, otherwise: Tell) -> Result<Tell> {
    if caller_stops {
        return Ok(Tell::Nowhere);
    }
    interrupted::say_what_goes_on(ids)?;
    Ok(otherwise)
}

/// Does the same for each convoy. One that fails does not keep the others from it;
/// the exit code is the first failure's.
fn each(
    environment: &Environment,
    typed: &[String],
    act: impl Fn(&ConvoyId) -> Result<Exit>,
) -> Result<Exit> {
    let ids = several(environment, typed)?;
    if let [id] = ids.as_slice() {
        return act(id);
    }
    let mut exit = Exit::Done;
    let mut done = BTreeSet::new();
    for id in ids.iter().filter(|id| done.insert(*id)) {
        let ended = act(id).unwrap_or_else(|error| {
            let mut failure = Failure::from_chain(error.chain());
            failure.message = format!("{id}: {}", failure.message);
            program::report(NAME, &failure);
            failure.exit
        });
        if exit == Exit::Done {
            exit = ended;
        }
    }
    Ok(exit)
}
