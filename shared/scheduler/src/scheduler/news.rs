//! What may have changed since the last turn of a scheduler, and reading just that.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::time::{Duration, Instant};

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

/// A claim is looked at so long after it appeared, or with what is looked at before: nobody
/// waits for it, and who has just made it is about to start a command.
const CLAIM: Duration = Duration::from_millis(5);

/// Attempts whose claims appeared and were not looked at yet.
#[derive(Debug, Default)]
pub(super) struct Claims {
    attempts: HashSet<Attempt>,
    due: Option<Instant>,
}

impl Claims {
    fn add(&mut self, attempt: Attempt) {
        self.attempts.insert(attempt);
        self.due.get_or_insert_with(|| Instant::now() + CLAIM);
    }

    /// When they are looked at, if nothing else happens before.
    pub(super) fn due(&self) -> Option<Instant> {
        self.due
    }
}

impl Scheduler {
    /// What there is to look at by now. After that there is nothing new.
    pub(super) fn take_news(&mut self) -> News {
        let claims = std::mem::take(&mut self.claims);
        match std::mem::replace(&mut self.news, News::Of(HashSet::new())) {
            News::All => News::All,
            News::Of(mut attempts) => {
                attempts.extend(claims.attempts);
                News::Of(attempts)
            }
        }
    }

    /// A supervisor ended, or another process that this scheduler has started.
    pub(crate) fn note_end(&mut self, process: ProcessId) {
        if self.parked.note_end(process) {
            return;
        }
        let ended = self.supervisors.iter().find(|(_, one)| one.process == process).map(|(key, _)| *key);
        let Some((agent, attempt)) = ended else {
            self.due = true;
            return;
        };
        self.supervisors.remove(&(agent, attempt));
        // Mostly its record was read before it had gone.
        let known = self.state().and_then(|state| state.agents.get(agent));
        if known.is_none_or(|known| known.is_running() && known.attempt == attempt) {
            self.note((agent, attempt));
        }
    }

    /// A claim or record of an attempt appeared.
    pub(crate) fn note_file(&mut self, role: &Role, attempt: u32, name: &str) {
        let Some(index) = self.plan.index_of(role) else { return };
        let claim = self.dir().attempt(role, attempt).started();
        if claim.file_name() == Some(OsStr::new(name)) {
            self.claims.add((index, attempt));
        } else {
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
        self.due |= self.claims.due().is_some_and(|due| due <= now);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_due_a_moment_after_the_first_one() {
        let mut claims = Claims::default();
        assert_eq!(claims.due(), None);
        let before = Instant::now();
        claims.add((0, 1));
        let due = claims.due().unwrap();
        assert!(due >= before + CLAIM && due <= Instant::now() + CLAIM);
        claims.add((1, 2));
        assert_eq!(claims.due(), Some(due), "those that follow do not put it off");
        let taken = std::mem::take(&mut claims);
        assert_eq!(taken.attempts, HashSet::from([(0, 1), (1, 2)]));
        assert_eq!(claims.due(), None);
    }
}
