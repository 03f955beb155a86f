//! `list`: the convoys of this project, or of all, newest first.

mod index;

use anyhow::Result;
use base::environment::Environment;
use base::exit::Exit;
use base::style::Style;
use base::{program, text};
use jiff::Timestamp;
use planning::project::Project;
use protocol::layout::Home;
use protocol::state::State;
use protocol::store::read_state;

use crate::choose;
use crate::cli::ListArguments;
use crate::screen::list::{Entry, What, render, status};

/// Convoys on the first page.
const PAGE: usize = 20;

/// Which convoys are wanted.
#[derive(Debug)]
struct Filter {
    /// Only those of this one.
    project: Option<Project>,
    statuses: Vec<String>,
    template: Option<String>,
}

impl Filter {
    fn wants(&self, entry: &Entry) -> bool {
        let What::Convoy(summary) = &entry.what else {
            // What cannot be read is never hidden.
            return self.template.is_none();
        };
        let status = status(summary.status);
        let here = |project: &Project| project.holds(summary.project.as_path());
        self.project.as_ref().is_none_or(here)
            && (self.statuses.is_empty() || self.statuses.iter().any(|wanted| wanted == status))
            && self.template.as_ref().is_none_or(|wanted| *wanted == summary.template)
    }

    fn is_open(&self) -> bool {
        self.project.is_none() && self.asks_for_all()
    }

    fn asks_for_all(&self) -> bool {
        self.statuses.is_empty() && self.template.is_none()
    }
}

pub(crate) fn run(environment: &Environment, asked: ListArguments) -> Result<Exit> {
    let project = if asked.all_projects { None } else { Some(choose::project(environment)?) };
    let filter = Filter { project, statuses: asked.status, template: asked.template };
    if asked.json {
        return as_json(environment, &filter, asked.limit);
    }
    list(environment, &filter, (!asked.all).then(|| asked.limit.unwrap_or(PAGE)))
}

fn list(environment: &Environment, filter: &Filter, limit: Option<usize>) -> Result<Exit> {
    let home = &Home::of(environment);
    let (entries, total) = match limit {
        // The first page of everything need not look at the rest.
        Some(limit) if filter.is_open() => index::first(home, limit)?,
        _ => {
            let (all, _) = index::first(home, usize::MAX)?;
            let mut wanted: Vec<Entry> = all.into_iter().filter(|entry| filter.wants(entry)).collect();
            let total = wanted.len();
            wanted.truncate(limit.unwrap_or(usize::MAX));
            (wanted, total)
        }
    };
    if entries.is_empty() {
        let text = match &filter.project {
            Some(project) if filter.asks_for_all() => {
                format!("no convoys in {} yet", text::path(&project.root))
            }
            None if filter.asks_for_all() => "no convoys yet".to_owned(),
            Some(project) => format!("no such convoys in {}", text::path(&project.root)),
            None => "no such convoys".to_owned(),
        };
        program::tell(&text);
        if filter.project.is_some() {
            program::hint("those of other projects: pan convoy list --all-projects");
        }
        if filter.asks_for_all() {
            program::hint("pan convoy start code-review --files 'src/**/*.ts'");
        }
        return Ok(Exit::Done);
    }
    let style = Style::of_stdout(environment);
    let text = render(&entries, total, filter.project.is_none(), Timestamp::now(), &style);
    program::print(&text)?;
    Ok(Exit::Done)
}

/// The states themselves, as an array; those that cannot be read are told of.
fn as_json(environment: &Environment, filter: &Filter, limit: Option<usize>) -> Result<Exit> {
    let home = &Home::of(environment);
    let mut states: Vec<State> = Vec::new();
    for id in protocol::convoys::all_ids(home)? {
        match read_state(&home.convoy(&id)) {
            Ok(state) => states.push(state),
            Err(base::Error::NoConvoy(_)) => {}
            Err(error) => program::report(crate::NAME, &error.into()),
        }
    }
    states.retain(|state| filter.wants(&Entry::of(state)));
    states.sort_by(|a, b| (b.started_at, &b.id).cmp(&(a.started_at, &a.id)));
    states.truncate(limit.unwrap_or(usize::MAX));
    program::print(&format!("{}\n", serde_json::to_string(&states)?))?;
    Ok(Exit::Done)
}
