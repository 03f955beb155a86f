//! Breadth first through everything that can happen, and from each world on to
//! the end: once with the world's help, once with nobody answering.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write;

use protocol::plan::Plan;

use super::digest::{Digests, digest};
use super::invariants::check;
use super::rules::{End, Mutant, Rules};
use super::world::{Action, Attempt, Budget, Far, Sight, Supervisor, World};

/// Longer than any way to the end.
const FAIR_STEPS: usize = 500;

/// How a continuation without faults goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// Launches arrive, commands end well.
    Help,
    /// Nothing but one scheduler and the clock moves.
    Silent,
}

#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) worlds: usize,
    pub(crate) states: usize,
    pub(crate) inputs: usize,
    /// What is wrong, and the shortest way there.
    pub(crate) violation: Option<String>,
}

struct Search {
    rules: Rules,
    first: World,
    seen: HashSet<u64, Digests>,
    /// How each world was reached: from which, by what.
    ways: Vec<(usize, Action)>,
    /// Worlds from which the end is known to be reached.
    ending: [HashSet<u64, Digests>; 2],
}

/// Searches everything this plan and budget allow.
pub(crate) fn search(plan: Plan, budget: Budget, mutant: Mutant) -> Found {
    let first = World::new(plan.agents.len(), budget);
    let rules = Rules::new(plan, mutant);
    let mut search = Search {
        rules,
        first,
        seen: HashSet::default(),
        ways: Vec::new(),
        ending: [HashSet::default(), HashSet::default()],
    };
    let violation = search.run();
    let (states, inputs) = search.rules.seen();
    Found { worlds: search.seen.len(), states, inputs, violation }
}

impl Search {
    fn run(&mut self) -> Option<String> {
        let mut queue = VecDeque::from([(0, self.first.clone())]);
        self.seen.insert(digest(&self.first));
        self.ways.push((0, Action::Tick));
        while let Some((number, world)) = queue.pop_front() {
            for others in [Others::Help, Others::Silent] {
                if let Err(what) = self.ends(&world, others) {
                    return Some(self.explain(number, None, &what));
                }
            }
            assert!(self.seen.len() < 2_000_000, "too large to search");
            for action in world.actions(&self.rules) {
                let mut next = world.after(action, &mut self.rules);
                if let Err(what) = check(&world, action, &next, &self.rules) {
                    return Some(self.explain(number, Some(action), &what));
                }
                next.normalise(&self.rules);
                if self.seen.insert(digest(&next)) {
                    self.ways.push((number, action));
                    queue.push_back((self.ways.len() - 1, next));
                }
            }
        }
        None
    }

    /// P10: does it come to an end when faults stop?
    fn ends(&mut self, from: &World, others: Others) -> Result<(), String> {
        let mut path = Vec::new();
        let mut world = from.clone();
        world.budget = Budget::default();
        for _ in 0..FAIR_STEPS {
            let key = digest(&world);
            let known = self.ending[others as usize].contains(&key);
            if known || self.rules.state(world.state).ended() {
                self.ending[others as usize].extend(path);
                return Ok(());
            }
            path.push(key);
            let (action, next) = self.fair(&world, others);
            check(&world, action, &next, &self.rules).map_err(|what| format!("then {action:?}: {what}"))?;
            world = next;
            world.normalise(&self.rules);
        }
        Err(format!("it does not end ({others:?}), but stays at\n{}", self.describe(&world)))
    }

    fn fair(&mut self, world: &World, others: Others) -> (Action, World) {
        let helpful = world.each_attempt().find_map(|(agent, n, one)| match one.supervisor {
            Supervisor::Claimed => Some(Action::Start(agent, n)),
            _ if one.far == Far::Runs => Some(Action::FarEnds(agent, n)),
            _ if one.far == Far::Ended => Some(Action::FarAnswers(agent, n)),
            Supervisor::Running => Some(Action::Record(agent, n, End::Ok)),
            Supervisor::Recorded => Some(Action::Exit(agent, n)),
            _ if one.queued > 0 => Some(Action::Launch(agent, n)),
            _ => None,
        });
        let action = match helpful.filter(|_| others == Others::Help).or_else(|| self.beyond(world)) {
            Some(action) => action,
            None if !world.idle(0) => Action::Perform(0),
            None => Action::Turn(0),
        };
        let next = world.after(action, &mut self.rules);
        // A turn that changes nothing: only time can.
        let still = matches!(action, Action::Turn(_)) && next == *world;
        if still { (Action::Tick, world.after(Action::Tick, &mut self.rules)) } else { (action, next) }
    }

    /// What no scheduler can do of what it cannot see: the place where it runs
    /// ends, and then a person says so.
    fn beyond(&self, world: &World) -> Option<Action> {
        let is_lost = |one: &Attempt| one.supervisor == Supervisor::Dead && one.far.is_open();
        if let Some((agent, n, _)) = world.each_attempt().find(|(_, _, one)| world.idle(0) && is_lost(one)) {
            return Some(Action::Fence(agent, n));
        }
        let living = |one: &Attempt| {
            one.sight == Sight::Hidden && matches!(one.supervisor, Supervisor::Claimed | Supervisor::Running)
        };
        let (agent, n, one) = world
            .each_attempt()
            .find(|(_, _, one)| world.idle(0) && (living(one) || one.is_lost_out_of_sight()))?;
        Some(match self.rules.state(world.state).stopping {
            _ if living(one) => Action::KillSupervisor(agent, n),
            None => Action::Stop,
            Some(_) => Action::Force,
        })
    }

    fn explain(&mut self, number: usize, last: Option<Action>, what: &str) -> String {
        let mut actions: Vec<Action> = last.into_iter().collect();
        let mut at = number;
        while at > 0 {
            let (before, action) = self.ways[at];
            actions.push(action);
            at = before;
        }
        let mut text = String::new();
        let mut world = self.first.clone();
        for action in actions.into_iter().rev() {
            world = world.after(action, &mut self.rules);
            let _ = write!(text, "{action:?}\n{}", self.describe(&world));
            world.normalise(&self.rules);
        }
        format!("{what}\nafter\n{text}")
    }

    fn describe(&self, world: &World) -> String {
        let state = self.rules.state(world.state);
        let mut text = format!(
            "    {:?} {:?}{} at {:?}\n",
            state.status,
            state.reason,
            if state.stopping.is_some() { " stopping" } else { "" },
            world.time
        );
        for (agent, all) in state.agents.iter().zip(&world.attempts) {
            let at = (agent.status(), std::mem::discriminant(&agent.phase), agent.reason());
            let _ = writeln!(text, "    {}.{}: {at:?} {:?}", agent.role, agent.attempt, all.last());
        }
        text
    }
}
