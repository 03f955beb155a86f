//! `inventory`, `triage` and `health`: the convoy that is meant is found here, and
//! the rest is `convoy-inspect`, which this program becomes.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::Result;
use base::environment::{self, Environment};
use base::exit::Exit;
use command_line::inspect::{Health, Inventory, Triage};

use crate::choose;

pub(crate) fn inventory(environment: &Environment, asked: Inventory) -> Result<Exit> {
    let convoy = whole_id(environment, asked.convoy)?;
    become_it(environment, Inventory { convoy, ..asked }.words())
}

pub(crate) fn triage(environment: &Environment, asked: Triage) -> Result<Exit> {
    let convoy = whole_id(environment, asked.convoy)?;
    become_it(environment, Triage { convoy, ..asked }.words())
}

pub(crate) fn health(environment: &Environment, asked: Health) -> Result<Exit> {
    let except = whole_id(environment, asked.except)?;
    become_it(environment, Health { except, ..asked }.words())
}

fn whole_id(environment: &Environment, typed: Option<String>) -> Result<Option<String>> {
    typed.map(|typed| Ok(choose::one(environment, &typed)?.to_string())).transpose()
}

fn become_it(environment: &Environment, words: Vec<OsString>) -> Result<Exit> {
    let program = environment::sibling(environment, "convoy-inspect")?;
    Err(anyhow::Error::new(Command::new(program).args(words).exec()).context("cannot run convoy-inspect"))
}
