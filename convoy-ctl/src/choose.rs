//! Which convoy a person means.

use std::io::BufRead;

use anyhow::{Context, Result};
use shared::catalog;
use shared::environment::Environment;
use shared::exit::Exit;
use shared::frame::Failure;
use shared::ids::ConvoyId;
use shared::store::read_state;

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
    if let Some(id) = newest(environment, |running| running)? {
        return Ok(id);
    }
    newest(environment, |_| true)?.ok_or_else(|| no_convoys().into())
}

fn newest(environment: &Environment, wanted: impl Fn(bool) -> bool) -> Result<Option<ConvoyId>> {
    let ids = catalog::all_ids(&environment.home)?;
    let states = ids.into_iter().filter_map(|id| read_state(&environment.home.convoy(&id)).ok());
    let newest = states.filter(|state| wanted(!state.ended())).max_by_key(|state| state.started_at);
    Ok(newest.map(|state| state.id))
}

fn no_convoys() -> Failure {
    Failure::new(Exit::NotFound, "there are no convoys yet")
        .hint("start one: pan convoy start code-review --files 'src/**/*.ts'")
}
