//! The real `step`, with its states numbered and its answers remembered; and
//! deliberately broken variants of it, to see that the search finds them.

use std::collections::HashMap;

use crate::step::{Effect, ExpansionFact, LAUNCH_DEADLINE_MS, MergeFact, Observations, RELAUNCH_MS, Stepped};
use base::clock::Now;
use protocol::agent::{Completion, Phase};
use protocol::claim::{AttemptFact, Tree};
use protocol::outcome::Reason;
use protocol::plan::Plan;
use protocol::record::Outcome;
use protocol::state::{Expanded, ExpandedStatus, State};

use super::digest::Digests;
use crate::step::tests::common::{first_state, moment, owner, record, step, wall};

/// One turn of the abstract clock. Longer than the launch deadline, a backoff,
/// and an agent's time limit with its backstop.
pub(crate) const TICK_MS: u64 = 60_000;

/// A rule taken away: the line of `protocol-notes.md` it stands for is beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutant {
    None,
    /// "grace over: lost, launch again", without winning the claim.
    RelaunchUnclaimed,
    /// The exit record is read before the claim's lock.
    RecordBeforeLock,
    /// n+1 begins while the tree of a dead supervisor may live.
    GoneIsEmpty,
    /// A scheduler that does not know of stops.
    ForgetStopping,
    /// Lost counts as failed.
    ChargeLost,
    /// A held claim is superseded when its deadline is over.
    NextOnDeadline,
    /// Read and store in two holds of the lock.
    StoreLater,
    /// Who loses the claim runs all the same.
    ClaimIgnored,
    /// An unclaimed intent of another boot is launched again.
    RelaunchOtherBoot,
    /// Nobody voids: launch until it is claimed.
    NeverVoid,
    /// A dead supervisor's tree is not reaped.
    NeverReap,
    /// A claim that power loss took away is waited for.
    AwaitLostClaim,
    /// The backstop is left to the supervisors.
    NeverKill,
    /// What was refused by the machine counts as failed.
    ChargeRefused,
    /// What could not be stored is launched all the same.
    BeginUnstored,
    /// What cannot be seen is taken for gone.
    HiddenIsEmpty,
    /// Who waits for an agent's turn and is woken takes the next attempt, without a
    /// look whether it is intended.
    TakeNext,
    /// Who waits takes an attempt that was intended in another boot.
    TakeOtherBoot,
    /// An agent is handed to its next runner while an attempt of the first one runs.
    HandOverRunning,
    /// A stage has ended when its agents have come into being.
    StageWaitsForNobody,
    /// Agents that came into being join the state each time somebody says so.
    JoinAgain,
    /// What runs elsewhere is over with what runs here.
    FarIsEmpty,
    /// It is placed elsewhere before its claim is on the disk.
    PlaceUnsynced,
    /// Nobody can tell whether it runs: so it does not.
    UnknownIsGone,
}

/// What is known of an attempt, small enough to be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fact {
    /// And whether the scheduler that looked has launched it.
    Unclaimed(bool),
    Void,
    Held(Time),
    Ended(End),
    Gone(Time, bool),
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Ok,
    Fail,
    Limited,
    Stopped,
    /// The machine refused its command.
    Refused,
    /// The credit of its login is used up.
    UsedUp,
}

/// Ticks since the boot, and which boot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Time {
    pub(crate) boot: u8,
    pub(crate) ticks: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Input {
    pub(crate) state: u32,
    pub(crate) facts: Vec<(usize, u32, Fact)>,
    /// The merge that ended, and whether it did well.
    pub(crate) merge: Option<(u32, bool)>,
    /// The expansion that was made, or cannot be.
    pub(crate) expansion: Option<(usize, bool)>,
    /// Agents that the plan has by now.
    pub(crate) agents: usize,
    pub(crate) time: Time,
    pub(crate) wall: u16,
}

#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) state: u32,
    pub(crate) effects: Vec<Effect>,
}

#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) plan: Plan,
    pub(crate) mutant: Mutant,
    states: Vec<State>,
    numbers: HashMap<String, u32, Digests>,
    answers: HashMap<Input, Output, Digests>,
}

impl Rules {
    /// The first state is number 0.
    pub(crate) fn new(plan: Plan, mutant: Mutant) -> Self {
        // Those of a stage come into being later.
        let agents = plan.agents.iter().filter(|agent| agent.group.is_none()).cloned().collect();
        let first = first_state(&Plan { agents, ..plan.clone() });
        let mut rules = Rules {
            plan,
            mutant,
            states: Vec::new(),
            numbers: HashMap::default(),
            answers: HashMap::default(),
        };
        rules.number(first);
        rules
    }

    pub(crate) fn state(&self, number: u32) -> &State {
        &self.states[number as usize]
    }

    /// How many different states of the convoy were seen, and inputs of `step`.
    pub(crate) fn seen(&self) -> (usize, usize) {
        (self.states.len(), self.answers.len())
    }

    pub(crate) fn number(&mut self, state: State) -> u32 {
        let next = self.states.len() as u32;
        let number = *self.numbers.entry(format!("{state:?}")).or_insert(next);
        if number == next {
            self.states.push(state);
        }
        number
    }

    pub(crate) fn step(&mut self, input: Input) -> Output {
        if let Some(output) = self.answers.get(&input) {
            return output.clone();
        }
        let tried = input.facts.iter().filter(|(_, _, fact)| *fact == Fact::Unclaimed(true));
        let facts = Observations {
            attempts: input.facts.iter().map(|&(agent, n, fact)| (agent, n, real(fact))).collect(),
            merge: input.merge.map(|(k, well)| (k, merge_fact(well))),
            expansion: input.expansion.map(|(index, well)| (index, expansion_fact(well))),
            // Long enough ago to have been answered.
            tries: tried.map(|&(agent, n, _)| (agent, n, RELAUNCH_MS)).collect(),
        };
        let agents = self.plan.agents[..input.agents].to_vec();
        let plan = Plan { agents, ..self.plan.clone() };
        let stepped = self.broken_step(&plan, self.state(input.state), facts, &now(input.time, input.wall));
        let output = Output { state: self.number(stepped.state), effects: stepped.effects };
        self.answers.insert(input, output.clone());
        output
    }

    fn broken_step(&self, plan: &Plan, state: &State, mut facts: Observations, now: &Now) -> Stepped {
        let mut state = state.clone();
        for (index, _, fact) in &mut facts.attempts {
            self.break_fact(&mut state, *index, fact, now);
        }
        if self.mutant == Mutant::AwaitLostClaim {
            facts.attempts.retain(|(index, _, fact)| {
                *fact != AttemptFact::Unclaimed || state.agents[*index].phase == Phase::Launched
            });
        }
        if self.mutant == Mutant::ForgetStopping {
            state.stopping = None;
        }
        let mut stepped = step(&state, plan, &facts, now);
        stepped.effects.retain(|effect| match effect {
            Effect::CancelLaunch { .. } => self.mutant != Mutant::NeverVoid,
            Effect::Reap { .. } => self.mutant != Mutant::NeverReap,
            Effect::Kill { .. } => self.mutant != Mutant::NeverKill,
            _ => true,
        });
        self.break_stages(&mut stepped, &facts);
        if self.mutant == Mutant::ChargeRefused {
            for (before, after) in state.agents.iter().zip(&mut stepped.state.agents) {
                let refused = after.voids > before.voids && after.reason() == Some(Reason::Spawn);
                after.failures += u32::from(refused);
            }
        }
        if self.mutant == Mutant::HandOverRunning {
            for (planned, after) in self.plan.agents.iter().zip(&mut stepped.state.agents) {
                if after.is_running() && after.place() == 0 {
                    after.hand_over(planned, 1, Some(Reason::RateLimit), None, None);
                }
            }
        }
        if self.mutant == Mutant::ChargeLost {
            for (before, after) in state.agents.iter().zip(&mut stepped.state.agents) {
                after.failures += u32::from(after.losses > before.losses);
            }
        }
        stepped
    }

    fn break_stages(&self, stepped: &mut Stepped, facts: &Observations) {
        let is_made = |one: &Expanded| one.status == ExpandedStatus::Done && one.agents > 0;
        let new = &mut stepped.state;
        if self.mutant == Mutant::StageWaitsForNobody && new.expansions.iter().any(is_made) {
            let stages =
                self.plan.agents.iter().zip(&mut new.agents).filter(|(plan, _)| plan.fan_out.is_some());
            stages.for_each(|(_, agent)| agent.phase = Phase::Completed(Completion::default()));
        }
        if self.mutant == Mutant::JoinAgain && facts.expansion.is_some() && new.expansions.iter().any(is_made)
        {
            let again = new.agents.last().cloned();
            new.agents.extend(again);
        }
    }

    fn break_fact(&self, state: &mut State, index: usize, fact: &mut AttemptFact, now: &Now) {
        let agent = &mut state.agents[index];
        let waited = agent.intent.as_ref().and_then(|intent| intent.elapsed_ms(&now.moment));
        let late = waited.is_none_or(|ms| ms >= LAUNCH_DEADLINE_MS);
        match (self.mutant, &fact) {
            (Mutant::RelaunchUnclaimed, AttemptFact::Unclaimed) if late => *fact = AttemptFact::Void,
            (Mutant::RelaunchOtherBoot, AttemptFact::Unclaimed) if waited.is_none() => {
                agent.intent = Some(now.moment.clone());
                agent.phase = Phase::Launched;
            }
            (Mutant::GoneIsEmpty, AttemptFact::Gone { owner, .. }) => {
                *fact = AttemptFact::Gone { owner: owner.clone(), tree: Tree::Empty };
            }
            (Mutant::NextOnDeadline, AttemptFact::Held(owner)) if late => {
                let owner = protocol::claim::Owner { at: now.moment.clone(), ..owner.clone() };
                *fact = AttemptFact::Gone { owner, tree: Tree::Empty };
            }
            _ => {}
        }
    }
}

pub(crate) fn now(time: Time, wall_ticks: u16) -> Now {
    let boot = format!("boot{}", time.boot);
    let seconds = u64::from(wall_ticks) * TICK_MS / 1000;
    Now { wall: wall(seconds as i64), moment: moment(&boot, u64::from(time.ticks) * TICK_MS) }
}

fn merge_fact(well: bool) -> MergeFact {
    if well { MergeFact::Done { counts: [].into() } } else { MergeFact::Failed { detail: String::new() } }
}

fn expansion_fact(well: bool) -> ExpansionFact {
    if well { ExpansionFact::Made { note: None } } else { ExpansionFact::Failed { detail: String::new() } }
}

fn real(fact: Fact) -> AttemptFact {
    let owned = |time: Time| owner(now(time, 0).moment);
    match fact {
        Fact::Unclaimed(_) => AttemptFact::Unclaimed,
        Fact::Void => AttemptFact::Void,
        Fact::Held(since) => AttemptFact::Held(owned(since)),
        Fact::Ended(end) => {
            let outcome = match end {
                End::Ok => Outcome::Completed,
                End::Fail => Outcome::Failed { reason: Reason::ExitCode },
                End::Stopped => Outcome::Failed { reason: Reason::Stopped },
                End::Limited => Outcome::RateLimited { until: None },
                End::Refused => Outcome::NeverRan,
                End::UsedUp => Outcome::Failed { reason: Reason::Credit },
            };
            AttemptFact::Ended(Box::new(record(outcome)), owned(Time::default()))
        }
        Fact::Gone(since, empty) => {
            let tree = if empty { Tree::Empty } else { Tree::Unknown };
            AttemptFact::Gone { owner: owned(since), tree }
        }
    }
}
