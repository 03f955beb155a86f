//! What may have changed since the last turn of a scheduler, and reading just that.

use std::collections::HashSet;
use std::time::Instant;

use base::error::Result;
use base::ids::Role;
use base::process::ProcessId;
use protocol::claim::{self, AttemptFact, Tree};
use protocol::layout::Home;
use protocol::plan::Plan;
use protocol::state::State;

use super::{Attempt, Scheduler};

/// What is known of the attempts since the last turn.
#[derive(Debug)]
pub(super) enum News {
    /// Look at every running attempt.
    All,
    Of(HashSet<Attempt>),
}

impl Scheduler {
    /// A supervisor ended, or another process that this scheduler has started.
    pub(crate) fn note_end(&mut self, process: ProcessId) {
        if self.parked.note_end(process) {
            return;
        }
        let ended = self.supervisors.iter().find(|(_, one)| one.process == process).map(|(key, _)| *key);
        if let Some(attempt) = ended {
            self.supervisors.remove(&attempt);
            self.note(attempt);
        }
        self.due = true;
    }

    /// A claim or record of an attempt appeared.
    pub(crate) fn note_file(&mut self, role: &Role, attempt: u32) {
        if let Some(index) = self.plan.agents.iter().position(|agent| agent.role == *role) {
            self.note((index, attempt));
        }
    }

    /// The journal grew: somebody changed the state, maybe this scheduler itself.
    pub(crate) fn note_change(&mut self) {
        self.due |= !self.store.is_current();
    }

    /// Something of a merge appeared: the program of somebody else may have ended.
    pub(crate) fn note_merge(&mut self) {
        self.due |= self.merge.as_ref().is_some_and(|run| run.handle().is_none());
    }

    /// Look at everything: a sweep, a lost notification.
    pub(crate) fn note_all(&mut self) {
        self.news = News::All;
        self.due = true;
    }

    /// Time has passed.
    pub(crate) fn note_time(&mut self, now: Instant) {
        if self.wake.is_some_and(|wake| wake <= now) {
            self.wake = None;
            // What could not be proved before is looked at again.
            self.note_all();
        }
    }

    pub(super) fn note(&mut self, attempt: Attempt) {
        if let News::Of(attempts) = &mut self.news {
            attempts.insert(attempt);
        }
        self.due = true;
    }
}

/// Reads what is known of the running attempts there is news of (P2).
pub(super) fn gather(
    news: &News,
    state: &State,
    plan: &Plan,
    home: &Home,
    emptied: &HashSet<Attempt>,
) -> Result<Vec<(usize, u32, AttemptFact)>> {
    let dir = home.convoy(&plan.id);
    let read = |index: usize| -> Result<Option<(usize, u32, AttemptFact)>> {
        let Some(agent) = state.agents.get(index).filter(|agent| agent.is_running()) else {
            return Ok(None);
        };
        let tree = if emptied.contains(&(index, agent.attempt)) { Tree::Empty } else { Tree::Unknown };
        let fact = claim::read_attempt(&dir.attempt(&agent.role, agent.attempt), tree)?;
        Ok(Some((index, agent.attempt, fact)))
    };
    let mut facts = Vec::new();
    match news {
        News::All => {
            for index in 0..state.agents.len() {
                facts.extend(read(index)?);
            }
        }
        News::Of(attempts) => {
            for (index, _) in attempts {
                facts.extend(read(*index)?);
            }
        }
    }
    Ok(facts)
}
