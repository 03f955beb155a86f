//! Which convoy a person means.

use std::io::BufRead;

use anyhow::{Context, Result};
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame::Failure;
use shared::ids::ConvoyId;
use shared::store::read_state;
use shared::{Error, StateProblem, catalog};

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

fn newest(environment: &Environment, wanted: impl Fn(bool) -> bool) -> Result<Option<ConvoyId>> {
    let mut states = Vec::new();
    for id in catalog::all_ids(&environment.home)? {
        match read_state(&environment.home.convoy(&id)) {
            Ok(state) if wanted(!state.ended()) => states.push(state),
            // Removed meanwhile, or of the previous system: it is not meant.
            Ok(_) | Err(Error::NoConvoy(_) | Error::State { source: StateProblem::Legacy, .. }) => {}
            // It may be the one that is meant.
            Err(error) => {
                let failure = Failure::new(error.exit(), shared::error::chain(&error));
                return Err(failure.hint("name the convoy that is meant").into());
            }
        }
    }
    Ok(states.into_iter().max_by_key(|state| state.started_at).map(|state| state.id))
}

fn no_convoys() -> Failure {
    Failure::new(Exit::NotFound, "there are no convoys yet")
        .hint("start one: pan convoy start code-review --files 'src/**/*.ts'")
}
