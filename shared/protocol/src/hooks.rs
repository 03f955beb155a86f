//! What the user has run when a convoy ends (`[hooks]` of config.toml), and what became
//! of it. `hooks.json` is made with the convoy where there is something to run; it is
//! due from the end on until its outcomes are in that file (at least once).
//!
//! Nothing of it is in the state: a hook changes no status.

use std::io;

use base::error::{IoContext, Result};
use base::files::{self, Sync};
use base::lock::{self, Lock};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::layout::ConvoyDir;
use crate::state::State;

/// One whose runner was lost so often is given up.
pub const MOST_TRIES: u32 = 3;

/// What became of the hooks of the last end that they were run for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Told {
    /// That end: `completedAt` of the state. `None`: there was none yet.
    pub end: Option<Timestamp>,
    /// Times their running was started for that end.
    pub tries: u32,
    /// Nothing is left to run for that end.
    pub done: bool,
    pub outcomes: Vec<Outcome>,
}

/// One hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hook {
    #[serde(rename = "on_end")]
    OnEnd,
    #[serde(rename = "notify")]
    Notify,
    #[serde(rename = "webhook")]
    Webhook,
}

impl Hook {
    /// Its key in config.toml.
    pub fn name(self) -> &'static str {
        match self {
            Hook::OnEnd => "on_end",
            Hook::Notify => "notify",
            Hook::Webhook => "webhook",
        }
    }
}

/// What became of a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum How {
    Done,
    Failed,
    /// There is nothing here that it could be done with.
    Skipped,
}

/// How a hook ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub hook: Hook,
    pub how: How,
    /// Why, unless it was done; for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Told {
    /// What is known of this end: of another one nothing.
    #[must_use]
    pub fn of(self, end: Timestamp) -> Told {
        if self.end == Some(end) { self } else { Told { end: Some(end), ..Told::default() } }
    }

    pub fn outcome(&self, hook: Hook) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.hook == hook)
    }
}

/// `None`: nothing is to be run at this convoy's end.
pub fn read(dir: &ConvoyDir) -> Result<Option<Told>> {
    let path = dir.hooks();
    let Some(bytes) = files::read_if_there(&path)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(io::Error::from).context("understand", &path)
}

/// On the disk when this returns: what was run is not run again for want of it.
pub fn write(dir: &ConvoyDir, told: &Told) -> Result<()> {
    let path = dir.hooks();
    let bytes = serde_json::to_vec(told).map_err(io::Error::from).context("encode", &path)?;
    files::replace(&path, &dir.dir(), &bytes, Sync::Now).map(drop)
}

/// Are hooks to be run now: has the convoy ended, and was not all of it told? What
/// cannot be read is due: whoever runs them says what is wrong.
pub fn are_due(dir: &ConvoyDir, state: &State) -> bool {
    let Some(end) = state.completed_at.filter(|_| state.ended()) else { return false };
    match read(dir) {
        Ok(told) => told.is_some_and(|told| !told.of(end).done),
        Err(_) => true,
    }
}

/// Held by whoever runs them; waits for the one before.
pub fn lock(dir: &ConvoyDir) -> Result<Lock> {
    lock::lock(&dir.hooks_lock())
}

/// Does somebody run them now?
pub fn are_running(dir: &ConvoyDir) -> Result<bool> {
    lock::is_locked(&dir.hooks_lock())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_end_is_due_again() {
        let (one, two) = (Timestamp::UNIX_EPOCH, Timestamp::MAX);
        let told = Told { end: Some(one), tries: 2, done: true, outcomes: Vec::new() };
        assert!(told.clone().of(one).done);
        assert_eq!(told.of(two), Told { end: Some(two), ..Told::default() });
    }
}
