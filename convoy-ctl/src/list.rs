//! `list`: all convoys, newest first.

mod index;

use anyhow::Result;
use jiff::Timestamp;
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame;
use shared::state::State;
use shared::store::read_state;

use crate::screen::list::{Entry, What, render, status};
use crate::screen::look::Look;

/// Which convoys are wanted.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) statuses: Vec<String>,
    pub(crate) template: Option<String>,
}

impl Filter {
    fn wants(&self, entry: &Entry) -> bool {
        let What::Convoy(summary) = &entry.what else {
            // What cannot be read is never hidden.
            return self.template.is_none();
        };
        let status = status(summary.status);
        (self.statuses.is_empty() || self.statuses.iter().any(|wanted| wanted == status))
            && self.template.as_ref().is_none_or(|wanted| *wanted == summary.template)
    }

    fn is_open(&self) -> bool {
        self.statuses.is_empty() && self.template.is_none()
    }
}

pub(crate) fn list(environment: &Environment, filter: &Filter, limit: Option<usize>) -> Result<Exit> {
    let home = &environment.home;
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
        frame::tell(if filter.is_open() { "no convoys yet" } else { "no such convoys" });
        if filter.is_open() {
            frame::tell("hint: pan convoy start code-review --files 'src/**/*.ts'");
        }
        return Ok(Exit::Done);
    }
    frame::print(&render(&entries, total, Timestamp::now(), &Look::of_stdout(environment)))?;
    Ok(Exit::Done)
}

/// The states themselves, as an array; those that cannot be read are told of.
pub(crate) fn as_json(environment: &Environment, filter: &Filter, limit: Option<usize>) -> Result<Exit> {
    let home = &environment.home;
    let mut states: Vec<State> = Vec::new();
    for id in shared::catalog::all_ids(home)? {
        match read_state(&home.convoy(&id)) {
            Ok(state) => states.push(state),
            Err(shared::Error::NoConvoy(_)) => {}
            Err(error) => frame::tell(&format!("convoy-ctl: {}", shared::error::chain(&error))),
        }
    }
    states.retain(|state| filter.wants(&Entry::of(state)));
    states.sort_by(|a, b| (b.started_at, &b.id).cmp(&(a.started_at, &a.id)));
    states.truncate(limit.unwrap_or(usize::MAX));
    frame::print(&format!("{}\n", serde_json::to_string(&states)?))?;
    Ok(Exit::Done)
}
