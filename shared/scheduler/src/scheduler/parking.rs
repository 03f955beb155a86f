//! Which agents have a supervisor that waits for their turn (`protocol::parked`).
//!
//! All of it saves time and nothing else: what cannot be parked, was closed, or does
//! not answer is launched when its turn comes, as if there were no parking.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use base::ids::Role;
use base::process::{Handle, ProcessId};
use protocol::agent::Wait;
use protocol::parked;
use protocol::plan::Plan;
use protocol::state::State;

use super::{Attempt, Scheduler};
use crate::graph::Graph;
use crate::launch::Parking;

/// What could not be parked is not tried again for so long.
const PAUSE: Duration = Duration::from_secs(10);
/// Who waits in a convoy that has ended has this long to leave by itself.
const LEAVE: Duration = Duration::from_secs(1);
/// Of what an agent waits for, so many are named.
const NAMED: usize = 8;

/// What one scheduler knows of them.
#[derive(Debug, Default)]
pub(super) struct Parked {
    /// Agents that have one, as far as is known: one that a person has closed is
    /// missed only when its turn comes, and is not replaced.
    waiting: HashSet<usize>,
    /// There are fewer than there should be, and more are on their way.
    filling: bool,
    beginning: Option<Parking>,
    not_before: Option<Instant>,
    /// The state may be another one since the last look.
    due: bool,
}

impl Parked {
    pub(super) fn look_again(&mut self) {
        self.due = true;
    }

    pub(super) fn handle(&self) -> Option<&Handle> {
        self.beginning.as_ref().map(Parking::handle)
    }

    /// Was it the program that parks supervisors that ended?
    pub(super) fn note_end(&mut self, process: ProcessId) -> bool {
        if self.handle().is_none_or(|handle| handle.id() != process) {
            return false;
        }
        if !self.beginning.take().is_some_and(Parking::went_well) {
            self.not_before = Some(Instant::now() + PAUSE);
        }
        self.due = true;
        true
    }
}

impl Scheduler {
    /// Wakes who waits for this attempt's agent. False: nobody does.
    pub(super) fn unpark(&mut self, (agent, _): Attempt) -> bool {
        self.parked.waiting.remove(&agent);
        self.plan.agents.get(agent).is_some_and(|agent| parked::wake(self.dir(), &agent.role))
    }

    /// Parks supervisors of the agents whose turn comes next: half of them, or more, in
    /// one go. Never waited for: it must not stand between an end and a launch.
    pub(crate) fn park(&mut self) {
        if self.parked.beginning.as_ref().is_some_and(Parking::is_overdue) {
            self.parked.beginning = None;
            self.parked.not_before = Some(Instant::now() + PAUSE);
        }
        let most = self.plan.parked as usize;
        let is_pausing = self.parked.not_before.is_some_and(|at| Instant::now() < at);
        if most == 0 || is_pausing || self.parked.beginning.is_some() || !std::mem::take(&mut self.parked.due)
        {
            return;
        }
        let Some(state) = self.store.last() else { return };
        let is_running = state.agents.iter().any(|agent| agent.is_running());
        if state.ended() || state.stopping.is_some() || !is_running {
            return;
        }
        let dir = self.store.dir();
        // Whose agent failed for what it depends on waits for nothing any more.
        self.parked.waiting.retain(|&index| {
            let agent = &state.agents[index];
            if agent.ended() {
                parked::wake(dir, &agent.role);
            }
            agent.is_pending()
        });
        let waiting = self.parked.waiting.len();
        self.parked.filling |= waiting <= most / 2;
        if !self.parked.filling {
            return;
        }
        let mut next = next(state, &self.plan, most);
        next.retain(|index| !self.parked.waiting.contains(index));
        // Another scheduler, which is gone, may have parked some.
        let (there, missing): (Vec<usize>, Vec<usize>) =
            next.into_iter().partition(|index| parked::is_waiting(dir, &state.agents[*index].role));
        self.parked.waiting.extend(there);
        let orders: Vec<_> = missing
            .iter()
            .take(most.saturating_sub(self.parked.waiting.len()))
            .filter_map(|&index| {
                let attempt = state.agents[index].attempt + 1;
                self.order((index, attempt), Some(words(&self.plan, index)))
            })
            .collect();
        if orders.is_empty() {
            self.parked.filling = false;
            return;
        }
        match Parking::begin(&self.plan.launcher, &orders) {
            Ok((count, parking)) => {
                self.parked.waiting.extend(missing.into_iter().take(count));
                self.parked.beginning = Some(parking);
                base::crash::at(base::crash::Point::Parking);
            }
            // No process, no tmux: what is not parked is launched in its time.
            Err(_) => self.parked.not_before = Some(Instant::now() + PAUSE),
        }
    }

    /// The convoy has ended: nobody waits any more, also of those whom another
    /// scheduler parked.
    pub(super) fn end_parked(&mut self) {
        self.parked = Parked::default();
        if let Err(error) = parked::end_all(self.dir(), LEAVE) {
            base::program::tell(&format!("convoy: {}: {}", self.dir().id(), base::error::chain(&error)));
        }
    }
}

/// The pending agents whose turn comes next, at most so many: those that wait for
/// nothing but what runs or for a free place, then those that wait for these, and so
/// on. Who waits for a time is started by it, in no hurry.
fn next(state: &State, plan: &Graph, most: usize) -> Vec<usize> {
    let mut is_near: Vec<bool> = state.agents.iter().map(|agent| !agent.is_pending()).collect();
    let mut found = Vec::new();
    while found.len() < most {
        let waits_for = |index| plan.depends_on(index).iter().flatten();
        let is_next = |&index: &usize| !is_near[index] && waits_for(index).all(|&on| is_near[on]);
        let level: Vec<usize> = (0..is_near.len()).filter(is_next).collect();
        if level.is_empty() {
            break;
        }
        for index in level {
            is_near[index] = true;
            if plan.agents.get(index).is_some_and(|agent| agent.fan_out.is_none())
                && state.agents[index].wait().is_some_and(|wait| *wait == Wait::default())
            {
                found.push(index);
            }
        }
    }
    found.truncate(most);
    found
}

/// What an agent waits for, for who looks at its session.
fn words(plan: &Plan, index: usize) -> String {
    let on = plan.agents.get(index).map(|agent| agent.depends_on.as_slice()).unwrap_or_default();
    let named = on.iter().take(NAMED).map(Role::as_str).collect::<Vec<_>>().join(", ");
    match on.len().saturating_sub(NAMED) {
        _ if on.is_empty() => "a free place".to_owned(),
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
