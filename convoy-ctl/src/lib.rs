//! `convoy-ctl`: look at convoys and steer them.
//!
//! Reading verbs take no lock and never wait for one. The steering verbs are
//! schedulers of their own for as long as they run: `stop` needs no watcher.

mod agents;
mod attach;
mod chat;
mod choose;
mod cli;
mod clis;
mod complete;
mod decisions;
mod doctor;
mod events;
mod graph;
mod health;
mod init;
mod interrupted;
mod inventory;
mod list;
mod logs;
mod remove;
mod result;
mod runners;
mod screen;
mod show;
mod skills;
mod status;
mod steer;
mod templates;
mod triage;

use std::collections::BTreeSet;
use std::process::ExitCode;

use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::{self, Failure};
use protocol::layout::Home;
use protocol::owner;

use cli::{Arguments, SkillsVerb, Verb};

/// Convoys on the first page of `list`.
const PAGE: usize = 20;

const NAME: &str = "convoy-ctl";

/// The whole program.
pub fn main() -> ExitCode {
    if matches!(command_line::on_request_of(complete::command, std::env::args_os()), Ok(true)) {
        return Exit::Done.into();
    }
    let result = command_line::parse::<Arguments>(NAME)
        .and_then(|arguments| run(arguments).map_err(|error| Failure::from_chain(error.chain())));
    program::end(NAME, result)
}

fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let environment = Environment::read()?;
    if arguments.verb.writes() {
        owner::check(&Home::of(&environment))?;
    }
    let named = |id: &str| choose::one(&environment, id);
    let meant = |id: Option<String>| choose::one_or_current(&environment, id.as_deref());
    match arguments.verb {
        Verb::Status { id, json: true, .. } => status::as_json(&environment, &meant(id)?),
        Verb::Status { id, follow: true, caller_stops, .. } => {
            let id = meant(id)?;
            if !caller_stops {
                interrupted::say_what_goes_on(std::slice::from_ref(&id))?;
            }
            let tell = if caller_stops { steer::Tell::Nowhere } else { steer::Tell::Out };
            status::follow(&environment, &id, tell)
        }
        Verb::Status { id, .. } => status::once(&environment, &meant(id)?),
        Verb::List { all_projects, all, status, template, limit, json } => {
            let project = if all_projects { None } else { Some(choose::project(&environment)?) };
            let filter = list::Filter { project, statuses: status, template };
            if json {
                list::as_json(&environment, &filter, limit)
            } else {
                list::list(&environment, &filter, if all { None } else { Some(limit.unwrap_or(PAGE)) })
            }
        }
        Verb::Attach { id, role, chat: true, .. } => chat::open(&environment, &named(&id)?, &role),
        Verb::Attach { id, role, chat: false, write } => {
            attach::attach(&environment, &named(&id)?, &role, write)
        }
        Verb::Logs { id, role, follow, attempt } => {
            logs::logs(&environment, &named(&id)?, &role, attempt, follow)
        }
        Verb::Events { id, follow, json } => events::events(&environment, &meant(id)?, follow, json),
        Verb::Graph { id, format } => graph::graph(&environment, &meant(id)?, format),
        Verb::Output { id, agent, role } => {
            result::output(&environment, &meant(id)?, agent.or(role).as_deref())
        }
        Verb::Findings { id, format } => result::findings(&environment, &meant(id)?, &format),
        Verb::Show { finding, run, json } => {
            let run = run.map(|id| named(&id)).transpose()?;
            show::show(&environment, &finding, run, json)
        }
        Verb::Init(arguments) => init::run(&environment, &arguments),
        Verb::Decisions { what, all, json } => decisions::run(&environment, what, all, json),
        Verb::Rm { ids, force } => {
            each(&choose::several(&environment, &ids)?, |id| remove::rm(&environment, id, force))
        }
        Verb::Prune { older_than, keep_reports, dry_run, quiet } => {
            let reports = if keep_reports { remove::Reports::Stay } else { remove::Reports::Go };
            remove::prune(&environment, older_than.into(), reports, dry_run, quiet)
        }
        Verb::Doctor { live, fix, json } => doctor::doctor(&environment, json, live, fix),
        Verb::Agents { what, json } => agents::run(&environment, what, json),
        Verb::Templates { what, json } => templates::run(&environment, what, json),
        Verb::Inventory { project, convoy, output, json } => {
            inventory::run(&environment, &inventory::Order { project, convoy, output, json })
        }
        Verb::Triage { issues_file, project, convoy, role, output } => {
            triage::run(&environment, &triage::Order { convoy, role, issues_file, project, output })
        }
        Verb::Health { except, output, json } => {
            health::run(&environment, &health::Order { except, output, json })
        }
        Verb::Skills { what: None } => skills::list(),
        Verb::Skills { what: Some(SkillsVerb::Install { to, force, dry_run }) } => {
            skills::install(&environment, to.as_deref(), force, dry_run)
        }
        Verb::Runners { usage: true, what: None, json } => runners::usage(&environment, json),
        Verb::Runners { what, json, .. } => runners::run(&environment, what, json),
        Verb::Stop { ids, grace, force } => {
            let ids = choose::several(&environment, &ids)?;
            each(&ids, |id| steer::stop(&environment, id, grace.into(), force))
        }
        Verb::Retry { id, role, watch } => steer::retry(&environment, &named(&id)?, role.as_deref(), watch),
        Verb::Synthesize { id, watch } => steer::synthesize(&environment, &named(&id)?, watch),
        Verb::Resume { id, all, watch } => {
            let ids = match (id, all) {
                (_, true) => steer::everything(&environment)?,
                (Some(id), false) => vec![named(&id)?],
                (None, false) => vec![choose::current(&environment)?],
            };
            steer::resume(&environment, &ids, watch)
        }
        Verb::Wait { ids, caller_stops, started_here, timeout } => {
            let ids = choose::several(&environment, &ids)?;
            if !caller_stops {
                interrupted::say_what_goes_on(&ids)?;
            }
            let tell = match (caller_stops, started_here) {
                (true, _) => steer::Tell::Nowhere,
                (false, true) => steer::Tell::Err,
                (false, false) => steer::Tell::Out,
            };
            steer::wait(&environment, &ids, timeout.map(Into::into), tell)
        }
    }
}

/// Does the same for each convoy. One that fails does not keep the others from it;
/// the exit code is the first failure's.
fn each(ids: &[ConvoyId], act: impl Fn(&ConvoyId) -> anyhow::Result<Exit>) -> anyhow::Result<Exit> {
    if let [id] = ids {
        return act(id);
    }
    let mut exit = Exit::Done;
    let mut done = BTreeSet::new();
    for id in ids.iter().filter(|id| done.insert(*id)) {
        let ended = act(id).unwrap_or_else(|error| {
            let mut failure = Failure::from_chain(error.chain());
            failure.message = format!("{id}: {}", failure.message);
            program::report("convoy-ctl", &failure);
            failure.exit
        });
        if exit == Exit::Done {
            exit = ended;
        }
    }
    Ok(exit)
}
