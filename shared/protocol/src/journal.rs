//! The journal `events.jsonl`: one line per change, for people, and the wake-up
//! of whoever waits on `convoys/<id>/`. Nothing decides from it.

use std::io;
use std::mem::discriminant;
use std::path::Path;

use base::error::{IoContext, Result};
use base::files;
use base::ids::Role;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::agent::{Agent, Phase};
use crate::outcome::Reason;
use crate::state::{ConvoyStatus, Expanded, ExpandedStatus, MergeStatus, State};

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    pub at: Timestamp,
    pub event: What,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What happened to a convoy or an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    ConvoyStarted,
    ConvoyReopened,
    ConvoyStopping,
    ConvoyCompleted,
    ConvoyPartial,
    ConvoyFailed,
    AgentLaunched,
    AgentRunning,
    AgentReaping,
    AgentWaiting,
    AgentCompleted,
    AgentFailed,
    /// A person said that nothing of an attempt runs any more; who, in the detail.
    AgentFenced,
    MergeDue,
    MergeDone,
    MergeFailed,
    ExpansionDue,
    ExpansionDone,
    ExpansionFailed,
    /// Something else in the state changed.
    StateChanged,
    /// The state was lost and an older one taken up (`resume`).
    StateRestored,
    #[serde(other)]
    Unknown,
}

/// What changed between two states, in words. Never empty: each change of the
/// state is a line, because the line is what wakes those who wait.
pub fn changes(old: Option<&State>, new: &State, at: Timestamp) -> Vec<Event> {
    let mut events = Vec::new();
    let mut convoy = |event, reason, detail| {
        events.push(Event { at, event, role: None, attempt: None, reason, detail });
    };
    let Some(old) = old else {
        convoy(What::ConvoyStarted, None, Some(new.template.to_string()));
        return events;
    };
    if old.ended() && !new.ended() {
        convoy(What::ConvoyReopened, None, None);
    }
    if old.stopping.is_none() && new.stopping.is_some() {
        convoy(What::ConvoyStopping, None, None);
    }
    if let Some(merge) = &new.merge
        && old.merge.as_ref().is_none_or(|old| (old.k, old.status) != (merge.k, merge.status))
    {
        let event = match merge.status {
            MergeStatus::Due => What::MergeDue,
            MergeStatus::Done => What::MergeDone,
            MergeStatus::Failed => What::MergeFailed,
        };
        events.push(Event {
            at,
            event,
            role: None,
            attempt: None,
            reason: None,
            detail: merge.detail.clone(),
        });
    }
    for (index, expanded) in new.expansions.iter().enumerate() {
        events.extend(expansion_change(old.expansions.get(index), expanded, at));
    }
    for (index, agent) in new.agents.iter().enumerate() {
        let old = old.agents.get(index);
        // Of hundreds all but one or two are shared by both, and are told to be the same at once.
        if old != Some(agent) {
            events.extend(agent_change(old.map(AsRef::as_ref), agent, at));
        }
    }
    if old.status != new.status {
        let event = match new.status {
            ConvoyStatus::Running => None,
            ConvoyStatus::Completed => Some(What::ConvoyCompleted),
            ConvoyStatus::Partial => Some(What::ConvoyPartial),
            ConvoyStatus::Failed => Some(What::ConvoyFailed),
        };
        events.extend(event.map(|event| Event {
            at,
            event,
            role: None,
            attempt: None,
            reason: new.reason,
            detail: None,
        }));
    }
    if events.is_empty() {
        events.push(Event {
            at,
            event: What::StateChanged,
            role: None,
            attempt: None,
            reason: None,
            detail: None,
        });
    }
    events
}

fn expansion_change(old: Option<&Expanded>, new: &Expanded, at: Timestamp) -> Option<Event> {
    if old.is_some_and(|old| old.status == new.status) {
        return None;
    }
    let event = match new.status {
        ExpandedStatus::Due => What::ExpansionDue,
        ExpandedStatus::Done => What::ExpansionDone,
        ExpandedStatus::Failed => What::ExpansionFailed,
    };
    let (role, detail) = (Some(new.role.clone()), new.note.clone());
    Some(Event { at, event, role, attempt: None, reason: None, detail })
}

fn agent_change(old: Option<&Agent>, new: &Agent, at: Timestamp) -> Option<Event> {
    let was_fenced = old.is_some_and(|old| old.fenced == new.fenced);
    if let Some(fence) = new.fenced.as_ref().filter(|_| !was_fenced) {
        return Some(Event {
            at,
            event: What::AgentFenced,
            role: Some(new.role.clone()),
            attempt: Some(fence.attempt),
            reason: None,
            detail: Some(format!("by {}", fence.by)),
        });
    }
    let is_same =
        |old: &Agent| (discriminant(&old.phase), old.attempt) == (discriminant(&new.phase), new.attempt);
    if old.is_some_and(is_same) {
        return None;
    }
    let event = match new.phase {
        Phase::Pending(_) => What::AgentWaiting,
        Phase::Launched => What::AgentLaunched,
        Phase::Claimed => What::AgentRunning,
        Phase::Reaping => What::AgentReaping,
        Phase::Completed(_) => What::AgentCompleted,
        Phase::Failed(_) => What::AgentFailed,
    };
    Some(Event {
        at,
        event,
        role: Some(new.role.clone()),
        attempt: Some(new.attempt),
        reason: new.reason(),
        detail: new.detail().map(str::to_owned),
    })
}

/// Appends lines, under the state lock.
pub fn append(path: &Path, events: &[Event]) -> Result<()> {
    let mut text = Vec::new();
    for event in events {
        serde_json::to_writer(&mut text, event).map_err(io::Error::from).context("encode event for", path)?;
        text.push(b'\n');
    }
    files::append_lines(path, text)
}
