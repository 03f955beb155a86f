//! Which convoy a person means.

use std::io::BufRead;

use anyhow::{Context, Result};
use shared::catalog;
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame::Failure;
use shared::ids::ConvoyId;
use shared::state::State;
use shared::store::read_state;
use shared::{Error, StateProblem};

/// One convoy, by what was typed.
pub(crate) fn one(environment: &Environment, text: &str) -> Result<ConvoyId> {
    match text {
        "latest" => newest(environment, |_| true)?.ok_or_else(|| no_convoys().into()),
        "-" => several(environment, &["-".to_owned()])?.pop().ok_or_else(|| no_convoys().into()),
        text => Ok(catalog::resolve(&environment.home, text)?),
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
                ids.push(catalog::resolve(&environment.home, line.trim())?);
            }
        }
    }
    if ids.is_empty() {
        return Err(Failure::new(Exit::Usage, "no convoy id on standard input").into());
    }
    Ok(ids)
}

/// The running convoy that was started last, else the newest.
pub(crate) fn current(environment: &Environment) -> Result<ConvoyId> {
    // One that cannot be read is in question again among all of them.
    if let Ok(Some(id)) = newest(environment, |running| running) {
        return Ok(id);
    }
    newest(environment, |_| true)?.ok_or_else(|| no_convoys().into())
}

/// The newest of those that can be read. If none is meant, the trouble with one
/// that cannot be read is the answer, not that there is none.
fn newest(environment: &Environment, wanted: impl Fn(bool) -> bool) -> Result<Option<ConvoyId>> {
    let mut newest: Option<State> = None;
    let mut unreadable = None;
    for id in catalog::all_ids(&environment.home)? {
        match read_state(&environment.home.convoy(&id)) {
            Ok(state) if !wanted(!state.ended()) => {}
            Ok(state) if newest.as_ref().is_some_and(|known| known.started_at >= state.started_at) => {}
            Ok(state) => newest = Some(state),
            // Removed meanwhile, or of the previous system.
            Err(Error::NoConvoy(_) | Error::State { source: StateProblem::Legacy, .. }) => {}
            Err(error) => unreadable = Some(error),
        }
    }
    Ok(newest.map(|state| state.id).map_or_else(|| unreadable.map_or(Ok(None), Err), |id| Ok(Some(id)))?)
}

fn no_convoys() -> Failure {
    Failure::new(Exit::NotFound, "there are no convoys yet")
        .hint("start one: pan convoy start code-review --files 'src/**/*.ts'")
}
