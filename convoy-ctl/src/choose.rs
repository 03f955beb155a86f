//! Which convoy a person means. Without an id it is one of the project they stand
//! in: the report of another one is never the answer.

use std::io::BufRead;

use anyhow::{Context, Result};
use base::environment::Environment;
use base::exit::Exit;
use base::ids::ConvoyId;
use base::program::Failure;
use base::{Error, StateProblem, text};
use planning::diagnostic;
use planning::project::Project;
use protocol::convoys;
use protocol::layout::Home;
use protocol::store::read_state;

/// One convoy, by what was typed.
pub(crate) fn one(environment: &Environment, text: &str) -> Result<ConvoyId> {
    match text {
        "latest" => {
            let project = project(environment)?;
            newest(environment, &project, |_| true)?.ok_or_else(|| no_convoys(&project).into())
        }
        "-" => several(environment, &["-".to_owned()])?.pop().ok_or_else(|| no_id().into()),
        text => Ok(convoys::resolve(&Home::of(environment), text)?),
    }
}

/// One convoy, maybe left out.
pub(crate) fn one_or_current(environment: &Environment, text: Option<&str>) -> Result<ConvoyId> {
    text.map_or_else(|| current(environment), |text| one(environment, text))
}

/// Several; none is the current one; `-` is one a line from standard input.
pub(crate) fn several(environment: &Environment, texts: &[String]) -> Result<Vec<ConvoyId>> {
    if texts.is_empty() {
        return Ok(vec![current(environment)?]);
    }
    let mut ids = Vec::new();
    for text in texts {
        if text != "-" {
            ids.push(one(environment, text)?);
            continue;
        }
        for line in std::io::stdin().lock().lines() {
            let line = line.context("cannot read standard input")?;
            if !line.trim().is_empty() {
                ids.push(convoys::resolve(&Home::of(environment), line.trim())?);
            }
        }
    }
    if ids.is_empty() {
        return Err(no_id().into());
    }
    Ok(ids)
}

fn no_id() -> Failure {
    Failure::new(Exit::Usage, "no convoy id on standard input")
        .hint("an id a line: pan convoy start TEMPLATE | pan convoy wait -")
}

/// Of this project the running convoy that was started last, else the newest.
pub(crate) fn current(environment: &Environment) -> Result<ConvoyId> {
    let project = project(environment)?;
    // One that cannot be read is in question again among all of them.
    if let Ok(Some(id)) = newest(environment, &project, |running| running) {
        return Ok(id);
    }
    newest(environment, &project, |_| true)?.ok_or_else(|| no_convoys(&project).into())
}

/// The project of the current directory.
pub(crate) fn project(environment: &Environment) -> Result<Project> {
    Ok(Project::current(environment).map_err(|problem| diagnostic::failure(&[problem], ""))?)
}

fn newest(
    environment: &Environment,
    project: &Project,
    wanted: impl Fn(bool) -> bool,
) -> Result<Option<ConvoyId>> {
    let mut states = Vec::new();
    for id in convoys::all_ids(&Home::of(environment))? {
        match read_state(&Home::of(environment).convoy(&id)) {
            Ok(state) if wanted(!state.ended()) && project.holds(state.context.project_path.as_path()) => {
                states.push(state);
            }
            // Removed meanwhile, or of the previous system: it is not meant.
            Ok(_) | Err(Error::NoConvoy(_) | Error::State { source: StateProblem::Legacy, .. }) => {}
            // It may be the one that is meant.
            Err(error) => {
                return Err(Failure::from(error).hint("name the convoy that is meant").into());
            }
        }
    }
    Ok(states.into_iter().max_by_key(|state| state.started_at).map(|state| state.id))
}

fn no_convoys(project: &Project) -> Failure {
    Failure::new(Exit::NotFound, format!("no convoys in {} yet", text::path(&project.root)))
        .hint("those of other projects: pan convoy list --all-projects")
        .hint("start one: pan convoy start code-review --files 'src/**/*.ts'")
}
